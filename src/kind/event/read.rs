//! What is asked of Graph about events, and where its answers hold it.
//!
//! Queries are not encoded yet; pointers lead into the answer for one event.

use crate::kind::event::KIND;
use crate::kind::{Expanded, Home, Read};
use crate::route;
use crate::when;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value};

/// Where the join link stands.
pub const JOIN_URL: &str = "/onlineMeeting/joinUrl";

/// Where it stands whether the event is online.
pub const IS_ONLINE: &str = "/isOnlineMeeting";

/// Where the text stands.
pub const CONTENT: &str = "/body/content";

/// The `$select` that `JOIN_URL` needs.
pub const LINK: &str = "onlineMeeting";

/// The `$select` that all three need.
pub const TEXT_AND_LINK: &str = "body,isOnlineMeeting,onlineMeeting";

/// The `$select` of a list of events: all that is compared, and what tells whose it is. What is large only with `large`.
pub fn select(large: bool) -> String {
    let rows = KIND.fields().filter(|field| match field.read {
        Read::Always => field.home != Home::Meeting,
        Read::WhereDeclared => large,
        Read::Never => false,
    });
    rows.map(|field| field.name).collect::<Vec<_>>().join(",")
}

/// What of a live event that is as it is declared is told by nothing but itself: what opens its meeting, who is invited and when it
/// is, where that is not declared. What is not so is left out. `live` returns a property, or a member of one.
pub fn beside(
    live: impl Fn(&str, Option<&str>) -> Option<Value>,
    is_declared: impl Fn(&str) -> bool,
) -> Map<String, Value> {
    const ASKED: [&str; 6] = ["subject", "start", "end", "isAllDay", "recurrence", "attendees"];
    const OPENS: [&str; 2] = ["joinUrl", "conferenceId"];
    let is_so = |it: &Value| !it.is_null() && *it != Value::Bool(false);
    let told =
        |name: &str, member: Option<&str>| Some((member.unwrap_or(name).to_owned(), live(name, member).filter(is_so)?));
    // Mostly the link is there, and the others are declared.
    let (mut beside, mut opens) = (Map::with_capacity(1), Map::with_capacity(1));
    beside.extend(ASKED.into_iter().filter(|name| !is_declared(name)).filter_map(|name| told(name, None)));
    opens.extend(OPENS.into_iter().filter_map(|word| told(LINK, Some(word))));
    if !opens.is_empty() {
        beside.insert(LINK.to_owned(), opens.into());
    }
    beside
}

/// Whether an expanded event may name a room, as far as that can be told without looking at its properties.
pub fn may_name_rooms(expanded: &Expanded) -> bool {
    ["resource", "locationEmailAddress"].iter().any(|word| expanded.own.may_say(word))
}

/// The `$select` of a series whose occurrences are read; not every cloud tells which are skipped (national cloud metadata).
pub fn series(skipped: bool) -> &'static str {
    if skipped { "id,cancelledOccurrences" } else { "id" }
}

/// The `$expand` for the occurrences of a series that were changed: which they are, what may differ of them, who is invited. What
/// is large only with `large`.
pub fn changed_occurrences(large: bool) -> String {
    let own = KIND.fields().filter(|field| field.per_occurrence && (large || field.read != Read::WhereDeclared));
    let own = own.map(|field| field.name);
    let names: Vec<_> = ["id", "originalStart", "isAllDay", "isCancelled"].into_iter().chain(own).collect();
    format!("exceptionOccurrences($select={})", names.join(","))
}

/// The query for the occurrences between two times (event-list-instances.md), with a day around them: the server has zone
/// tables of its own, and whole days float.
pub fn instances(from: Timestamp, until: Timestamp) -> String {
    let at = |at: Timestamp| route::encoded(&when::utc(at));
    let day = SignedDuration::from_hours(24);
    let (from, until) = (from.saturating_sub(day).unwrap_or(from), until.saturating_add(day).unwrap_or(until));
    format!("startDateTime={}&endDateTime={}&$select=id,originalStart,start&$top=100", at(from), at(until))
}

/// The query for what a calendar shows between two times (calendar-list-calendarview.md).
pub fn ahead(from: Timestamp, until: Timestamp, attendees: bool) -> String {
    let [from, until] = [from, until].map(|at| route::encoded(&when::utc(at)));
    let attendees = if attendees { ",attendees" } else { "" };
    let select = format!("id,{MASTER},{TIMES},isAllDay,{CANCELLED},originalStartTimeZone,location{attendees}");
    format!("startDateTime={from}&endDateTime={until}&$select={select}")
}

/// What tells that it is one date of a series.
pub const MASTER: &str = "seriesMasterId";

/// The `$select` that tells whether it was cancelled.
pub const CANCELLED: &str = "isCancelled";

/// The `$select` of the times of an event.
pub const TIMES: &str = "start,end";

/// Says of the times in an answer in which zone they were asked for, in the spelling of the question: the answer may name the
/// zone otherwise, by its Windows name or by the one that it had before.
pub fn in_zone(own: &mut Map<String, Value>, zone: &str) {
    for name in TIMES.split(',') {
        if let Some(value) = own.get_mut(name).filter(|value| value.is_object()) {
            value["timeZone"] = zone.into();
        }
    }
}
