//! The ledger of what a real tenant would have mailed.
//!
//! Calendar mail only: online meetings mail nobody (application-post-onlinemeetings.md). The organizer is never mailed. It
//! decides nothing about Graph's answers, and it is kept in memory: it tells of one run, not of the tenant's life.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value};

/// What attendees cannot see: a PATCH of only these is `possible` mail (event-update.md does not exempt it, so it is counted apart).
const UNSEEN: [&str; 7] = [
    "categories",
    "showAs",
    "isReminderOn",
    "reminderMinutesBeforeStart",
    "singleValueExtendedProperties",
    "multiValueExtendedProperties",
    "extensions",
];

/// One mail to one person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Mail {
    /// `invitation`, `update`, `cancellation` or `possible`.
    pub kind: &'static str,
    pub to: String,
    /// The organizer's address.
    pub from: String,
    pub subject: String,
    /// The regular id of the event, or of the changed occurrence.
    pub event: String,
    pub at: String,
    /// What the organizer said with `cancel` (event-cancel.md).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

/// Attendees by lower-case address, as spelled, without the organizer.
pub type People = BTreeMap<String, String>;

/// Returns the people on an attendee list.
pub fn people(attendees: &Value, organizer: &str) -> People {
    let list = attendees.as_array().map(Vec::as_slice).unwrap_or_default();
    let addresses = list.iter().filter_map(|it| it["emailAddress"]["address"].as_str());
    let all = addresses.filter(|it| !it.eq_ignore_ascii_case(organizer));
    all.map(|it| (it.to_lowercase(), it.to_string())).collect()
}

/// Returns who is mailed after a PATCH with this body: kind and address, in the order of the addresses.
pub fn after_patch(body: &Map<String, Value>, before: &People, after: &People) -> Vec<(&'static str, String)> {
    let keys: Vec<&str> = body.keys().map(String::as_str).filter(|it| !it.contains('@')).collect();
    // keys sent           | who stays | who is added | who is removed
    // --------------------+-----------+--------------+---------------
    // unseen ones only    | possible  | –            | –
    // attendees only      | nothing   | invitation   | cancellation
    // anything else       | update    | invitation   | cancellation
    let stays = match () {
        () if keys.iter().all(|it| UNSEEN.contains(it)) => Some("possible"),
        () if keys == ["attendees"] => None,
        () => Some("update"),
    };
    let mut out = Vec::new();
    for (key, address) in after {
        match (before.contains_key(key), stays) {
            (false, _) => out.push(("invitation", address.clone())),
            (true, Some(kind)) => out.push((kind, address.clone())),
            (true, None) => {}
        }
    }
    let gone = before.iter().filter(|(key, _)| !after.contains_key(*key));
    out.extend(gone.map(|(_, address)| ("cancellation", address.clone())));
    out
}

/// Returns who is mailed once more for each occurrence that stands apart: who is mailed of the series (event-update.md), and
/// where `joiners` says so who joins it, for whom the occurrence is an update (MeetingCleanup guide, observed).
pub fn of_exceptions(mails: &[(&'static str, String)], joiners: bool) -> Vec<(&'static str, String)> {
    let one = |(kind, to): &(&'static str, String)| match *kind {
        "update" | "possible" => Some((*kind, to.clone())),
        "invitation" if joiners => Some(("update", to.clone())),
        _ => None,
    };
    mails.iter().filter_map(one).collect()
}
