//! What the steps of online meetings share, in a channel or not.

use crate::kind::Home;
use crate::kind::online_meeting::{self, View, expiry};
use crate::model::{Applied, Desired, Have, Key, Record};
use crate::plan::diff::{self, Compared, Live};
use crate::plan::last::Last;
use crate::plan::{One, live_texts, rosters};
use crate::reason::{Reason, Why};
use crate::when;
use serde_json::{Map, Value};

/// Why nothing can be done about somebody's meetings.
pub(super) fn no_object_id() -> Why {
    Reason::NoObjectId.why("the organizer's object id could not be found, and online meetings need it")
}

/// Why a meeting is made that the state knows.
pub(super) fn gone(one: &One) -> Option<String> {
    let record = one.record.filter(|record| !record.id.is_empty())?;
    Some(match record.expiry_date_time {
        Some(expires) => expiry::gone(expires, one.input.now),
        None => format!(
            "the meeting that was applied before is gone, deleted or expired 60 days after its end: {}",
            expiry::NEW_LINK
        ),
    })
}

/// Compares a meeting and its options, which live on the meeting itself.
pub(super) fn differences(want: &Desired, have: &Map<String, Value>, last: Option<&Last>) -> Compared {
    let kind = want.key.kind();
    let mut own = diff::between(kind, Home::Own, &want.spec.own, Live::of(have), last);
    let options = diff::between(kind, Home::Meeting, &want.spec.meeting, Live::of(have), last);
    own.landed.add(options.landed);
    own.differences.extend(options.differences);
    own.notes.extend(options.notes);
    own
}

/// All properties that a manifest declares.
pub(super) fn all(want: &Desired) -> Map<String, Value> {
    want.spec.own.iter().chain(want.spec.meeting.iter()).map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// What the state is to remember. The join link is a secret: a plan holds none, only the hole that an answer fills.
pub(super) fn record(one: &One, want: &Desired, id: &str, applied: Applied) -> Record {
    let external = external_id(one, want);
    Record {
        organizer: want.spec.organizer.clone(),
        external_id: (external != name(one, &want.key)).then_some(external),
        id: id.into(),
        join_web_url: Some("{join}".into()),
        applied,
        rosters: rosters::digests(want),
        ..Record::default()
    }
}

/// The `externalId` that a meeting has or is to get: what the state says it was made with, else its name, the oldest it had in the
/// oldest name that the workspace had, so that it is found again without a state (onlinemeeting-createorget.md). A new one gets
/// that too: nothing but the state could tell before and after a rename of the workspace apart.
pub(super) fn external_id(one: &One, want: &Desired) -> String {
    match one.record {
        Some(record) => record.external_id.clone().unwrap_or_else(|| name(one, one.was.unwrap_or(one.key))),
        None => {
            let policy = one.input.policy;
            let first = policy.previously.last().unwrap_or(&policy.workspace);
            online_meeting::external_id(first, want.previously.last().unwrap_or(&want.key).name())
        }
    }
}

pub(super) fn name(one: &One, key: &Key) -> String {
    online_meeting::external_id(&one.input.policy.workspace, key.name())
}

/// Subject and start of a meeting, so that a person knows which it is. Its id holds what its link does, and is not shown.
pub(super) fn named(one: &One, have: &Have) -> Option<String> {
    let meeting = View::of(&have.own);
    let start = meeting.start().and_then(when::instant).map(|at| at.strftime(", %Y-%m-%d %H:%M UTC").to_string());
    let start = start.unwrap_or_default();
    Some(format!("it is `{}`{start}", live_texts::subject(one, have, meeting.subject()?)))
}
