//! The step of an online meeting that was about to be made, and of which no answer is known: the process died, or the answer was
//! lost, and its manifest went before anybody looked.
//!
//! While a manifest declares it, its create is simply sent again: createOrGet gives back what is there. Without one it would be
//! left behind, since Graph has no list of online meetings (onlinemeeting-createorget.md).

use crate::model::{Applied, Desired, Record};
use crate::plan::online_meeting::parts::{external_id, name, no_object_id};
use crate::plan::online_meeting::{create_or_get, delete_at};
use crate::plan::{Action, One, Step, requests};
use serde_json::Map;

/// What the state holds before a meeting is made: a key that had one keeps its id until it is certain that there is another.
pub(super) fn intent(one: &One, want: &Desired) -> Record {
    // The join link is a secret: the state keeps its own.
    let before = one.recorded().unwrap_or_else(|| new(one, want));
    Record { intended: Some(0), join_web_url: None, ..before }
}

/// The same for a key that had none, and for one that gets another organizer.
pub(super) fn new(one: &One, want: &Desired) -> Record {
    let external = external_id(one, want);
    Record {
        organizer: want.spec.organizer.clone(),
        external_id: (external != name(one, &want.key)).then_some(external),
        applied: Applied { protect: want.protect, ..Applied::default() },
        intended: Some(0),
        ..Record::default()
    }
}

/// Whether a meeting may have been made of which the state knows no id.
pub(super) fn is_open(record: &Record) -> bool {
    record.intended.is_some() && record.unanswered.is_none()
}

/// Finds the meeting by the name that it was to be made under, which makes one where there is none, and deletes it.
pub(super) fn step(one: &One, record: &Record) -> Step {
    let why = "its create was sent, no answer is known, and it stands in no manifest";
    let Some(path) = requests::meetings(one, &record.organizer) else {
        return one.blocked(&record.organizer, no_object_id());
    };
    if record.applied.protect {
        return one.blocked(&record.organizer, one.why_protected());
    }
    if let Some(note) = one.input.policy.keeps(one.key, why) {
        return Step { notes: vec![note], ..one.step(&record.organizer, Action::NoOp) };
    }
    let external = record.external_id.clone().unwrap_or_else(|| name(one, one.key));
    Step {
        reason: Some(format!("{why}: it is looked up by the name that it was to have, and deleted")),
        requests: vec![create_or_get(&path, &external, Map::new()), delete_at(format!("{path}/{{id}}"))],
        ..one.step(&record.organizer, Action::Cancel)
    }
}
