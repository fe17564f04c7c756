//! What was live when a step was planned, so that it can be told before a write whether it still is.
//!
//! A change key moves by itself (event-update.md; observed), so it is the digest that counts: of what the manifest declares, of
//! who would be mailed, and of the dates that differ from their series. What others may write without a word stays out of it.

use crate::kind::compare::{self, Compare};
use crate::kind::{Field, Home, Read, Writable};
use crate::model::{Desired, Have};
use crate::plan::Action;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// What a live object was like when its step was planned.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Seen {
    /// The object's id in Graph.
    pub id: String,
    /// Its etag, where Graph gives one; online meetings have none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
    /// A short hash of what the step is about; none where nothing is done, since nothing can be too late then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
}

/// Returns what was live when a step was planned.
pub(super) fn seen(action: Action, want: Option<&Desired>, have: &Have) -> Seen {
    let digest = (action != Action::NoOp).then(|| digest(want, have));
    Seen { id: have.id.clone(), etag: have.etag.clone(), digest }
}

/// A hash of what is live, seen where the manifest says something; where there is none, of all that may be declared of such
/// an object and may change, but its text, which is read only where one is declared.
fn digest(want: Option<&Desired>, have: &Have) -> String {
    let kind = have.key.kind();
    let part = |home: Home, live: &Map<String, Value>| -> Map<String, Value> {
        let rows = kind.fields().filter(|field| field.home == home && field.is_declared());
        rows.filter_map(|field| Some((field.name.to_owned(), value(field, want, live)?))).collect()
    };
    let occurrences = have.occurrences.as_ref().map(|it| {
        let changed = it.changed.iter().map(|(date, it)| (date.to_string(), json!(part(Home::Own, &it.own))));
        json!([it.skipped, changed.collect::<Map<_, _>>()])
    });
    let options = part(Home::Meeting, have.teams_meeting().unwrap_or(&Map::new()));
    compare::hash(&json!([part(Home::Own, &have.own), options, occurrences]).to_string())
}

/// What one property means, if the step is about it. What is not declared of it, a passcode among others, is left out.
fn value(field: &Field, want: Option<&Desired>, live: &Map<String, Value>) -> Option<Value> {
    let live = live.get(field.name).unwrap_or(&Value::Null);
    let Some(want) = want else {
        let about = field.read != Read::WhereDeclared && field.writable != Writable::OnCreate;
        return about.then(|| compare::canonical(field.compare, live).into_owned());
    };
    let values = if field.home == Home::Meeting { &want.spec.meeting } else { &want.spec.own };
    match values.get(field.name) {
        Some(want) => Some(compare::canonical(field.compare, &compare::reduced(want, live)).into_owned()),
        // Whoever is invited is mailed, declared or not.
        None if field.compare == Compare::People => Some(compare::canonical(field.compare, live).into_owned()),
        None => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::KindId;
    use crate::model::Key;

    fn digest_of(own: Value, meeting: Value) -> String {
        let map = |value: Value| value.as_object().cloned().unwrap_or_default();
        let key = Key::new(KindId::Event, "weekly");
        let mut want = Desired {
            key: key.clone(),
            labels: Default::default(),
            protect: false,
            replace: false,
            on_drift: None,
            invite_first: false,
            previously: vec![],
            cancel_comment: None,
            adopt: None,
            spec: Default::default(),
        };
        want.spec.own = map(json!({"subject": "Weekly"})).into();
        want.spec.meeting = map(json!({"lobbyBypassSettings": {"scope": "organizer"}})).into();
        let have = Have { own: map(own), meeting: Some(map(meeting).into()), ..Have::new(key, "A") };
        let nothing = seen(Action::NoOp, Some(&want), &have);
        assert_eq!((nothing.id.as_str(), nothing.digest), ("A", None));
        seen(Action::Update, Some(&want), &have).digest.unwrap()
    }

    #[test]
    fn what_others_write_counts_where_the_step_is_about_it() {
        let guest = |answer: &str| json!([{"emailAddress": {"address": "adele@contoso.example"}, "status": answer}]);
        let (own, lobby) = (json!({"subject": "Weekly", "attendees": guest("none")}), json!({"scope": "organizer"}));
        let meeting = json!({"lobbyBypassSettings": lobby, "joinMeetingIdSettings": {"passcode": "a"}});
        let before = digest_of(own.clone(), meeting.clone());
        for (own, meeting, same) in [
            (json!({"subject": "Weekly", "attendees": guest("accepted"), "showAs": "free"}), meeting.clone(), true),
            (own.clone(), json!({"lobbyBypassSettings": lobby, "joinMeetingIdSettings": {"passcode": "b"}}), true),
            (json!({"subject": "Monthly", "attendees": guest("none")}), meeting.clone(), false),
            (json!({"subject": "Weekly", "attendees": []}), meeting.clone(), false),
            (own.clone(), json!({"lobbyBypassSettings": {"scope": "everyone"}}), false),
        ] {
            assert_eq!(digest_of(own.clone(), meeting.clone()) == before, same, "{own} {meeting}");
        }
    }
}
