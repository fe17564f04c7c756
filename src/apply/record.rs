//! What the state learns of a step: when it is through, when it stopped halfway, when its create certainly came to nothing.
//!
//! Only records; what is sent, and what becomes of the step, is decided by the caller.

use crate::apply::send::filled;
use crate::apply::{Fate, Outcome};
use crate::model::Record;
use crate::plan::{Action, Step};
use crate::state::Locked;
use crate::trouble::Trouble;
use std::collections::BTreeMap;

/// Writes down what a finished step leaves in the state.
pub async fn finished(step: &Step, state: &Locked, holes: &BTreeMap<String, String>, outcome: Outcome) -> Outcome {
    write_down(step, state, holes);
    match state.soon().await {
        Ok(()) => outcome,
        Err(error) => Outcome::noted(Fate::Failed, Trouble::of(&error).after("it was applied, but ")),
    }
}

/// Writes down the id of an online meeting that an unfinished step made, without claiming that anything was applied.
/// An event needs no such help: it carries its mark.
pub fn unfinished(step: &Step, state: &Locked, holes: &BTreeMap<String, String>) {
    let Some(record) = step.record.as_ref().filter(|record| record.join_web_url.is_some()) else { return };
    if holes.contains_key("id") {
        // A meeting that a read has not found yet must not be taken for one that is gone, and made again.
        let unanswered = step.intent.as_ref().and_then(|intent| intent.unanswered.clone());
        let record = Record { applied: Default::default(), unanswered, ..filled_record(record, holes) };
        state.keep(&step.key, record);
    }
}

/// Whether the state counts the step's create as unanswered until it knows better.
pub fn is_unanswered(step: &Step) -> bool {
    step.intent.as_ref().is_some_and(|intent| intent.unanswered.is_some())
}

/// Takes back the intent of a create that certainly was not carried out; `before` is what the state held before it.
pub fn withdraw(step: &Step, state: &Locked, before: Option<Record>) {
    if is_unanswered(step) {
        match before {
            Some(record) => state.keep(&step.key, record),
            None => state.forget(&step.key),
        }
    }
}

/// Writes down what a step that needed no request shows to be so: a second plan's, after an apply.
pub fn remember(step: &Step, state: &Locked) {
    write_down(step, state, &BTreeMap::new());
}

fn write_down(step: &Step, state: &Locked, holes: &BTreeMap<String, String>) {
    match &step.record {
        Some(record) => {
            // What gets another name stands under the one of before.
            let before = state.record(&step.key).or_else(|| state.record(step.forgets.as_ref()?));
            state.keep(&step.key, known(before, filled_record(record, holes)));
        }
        None if step.action == Action::Cancel && !step.duplicate => state.forget(&step.key),
        None => {}
    }
    if let Some(key) = &step.forgets {
        state.forget(key);
    }
}

/// A record whose join link no answer told keeps the one that the state has, as long as it is of the same meeting.
fn known(before: Option<Record>, record: Record) -> Record {
    let link = before.filter(|before| before.id == record.id).and_then(|before| before.join_web_url);
    Record { join_web_url: record.join_web_url.or(link), ..record }
}

fn filled_record(record: &Record, holes: &BTreeMap<String, String>) -> Record {
    // Where no answer told it, nothing is claimed about it.
    let kept = |text: &Option<String>| {
        text.as_ref().map(|text| filled(text, holes, str::to_owned)).filter(|text| !text.contains('{'))
    };
    let (join_web_url, body) = (kept(&record.join_web_url), kept(&record.body));
    Record { id: filled(&record.id, holes, str::to_owned), join_web_url, body, ..record.clone() }
}
