//! What the state learns of a step: when it is through, when it stopped halfway, when its create certainly came to nothing.
//!
//! Only records; what is sent, and what becomes of the step, is decided by the caller.

use crate::apply::send::filled;
use crate::apply::{Fate, Outcome};
use crate::graph::Answer;
use crate::kind::compare::Compare;
use crate::kind::{Home, Kind, fingerprint, landed};
use crate::model::{Applied, Body, Landed, Purpose, Record, Request};
use crate::plan::{Action, Plan, Step};
use crate::state::Locked;
use crate::trouble::Trouble;
use serde_json::Map;
use std::collections::{BTreeMap, BTreeSet};

/// What the requests of a step have brought about so far.
#[derive(Default)]
pub struct Sent {
    /// What was sent, by its names in fingerprints.
    names: BTreeSet<String>,
    /// How it stood in the answers.
    landed: Landed,
}

impl Sent {
    /// Takes in a request that went through.
    pub fn add(&mut self, step: &Step, request: &Request, answer: Option<&Answer>) {
        let (kind, nothing) = (step.key.kind(), Map::new());
        let sent = request.body.as_ref().map(Body::members).unwrap_or_default();
        let answer = answer.and_then(|answer| answer.body.as_object()).unwrap_or(&nothing);
        let homes = homes(request.purpose);
        let rows = kind.fields().filter(|field| field.is_declared() && homes.contains(&field.home));
        self.names.extend(rows.filter(|field| sent.contains_key(field.name)).map(|field| field.label().into_owned()));
        self.landed.add(Landed::of(kind, homes, &sent, answer));
        let declared = step.record.as_ref().map(|record| &record.applied.fields);
        let exception = request.exception.as_ref().and_then(|name| Some((name, declared?.get(name)?)));
        if let Some((name, declared)) = exception {
            let gone = request.purpose == Purpose::SkipOccurrence;
            let stands = (gone || !answer.is_empty()).then(|| match gone {
                true => declared.to_owned(),
                false => fingerprint::of_occurrence(declared, kind, answer),
            });
            self.names.insert(name.clone());
            self.landed.fields.extend(stands.map(|stands| (name.clone(), stands)));
        }
    }

    /// Takes in that a request failed: where the join link is not what it was before, the text did not land as it was meant.
    pub fn fail(&mut self, step: &Step, request: &Request) {
        let text = step.key.kind().compared(Compare::Text).map(|field| field.label().into_owned());
        let lost = text.filter(|name| request.purpose == Purpose::CheckJoinLink && self.names.contains(name));
        self.landed.fields.extend(lost.map(|name| (name, landed::LOST)));
    }
}

/// Which properties a request sends that are as its answer shows them from then on. createOrGet may answer with a meeting that
/// was there before, and a PATCH of everything follows it.
fn homes(purpose: Purpose) -> &'static [Home] {
    match purpose {
        Purpose::CreateEvent | Purpose::UpdateEvent => &[Home::Own],
        Purpose::ChangeAttendees | Purpose::InviteAttendees => &[Home::Own],
        Purpose::SetOptions => &[Home::Meeting],
        Purpose::CreateMeeting | Purpose::UpdateMeeting => &[Home::Own, Home::Meeting],
        Purpose::Observe | Purpose::ReadSchedules | Purpose::ReadJoinLink | Purpose::CheckJoinLink => &[],
        Purpose::FindMeeting | Purpose::FindOccurrence | Purpose::ReadMeeting => &[],
        Purpose::ChangeOccurrence | Purpose::SkipOccurrence | Purpose::CancelEvent => &[],
        Purpose::CreateOrGetMeeting | Purpose::DeleteMeeting => &[],
    }
}

/// Writes down what a finished step leaves in the state.
pub async fn finished(
    step: &Step,
    state: &Locked,
    holes: &BTreeMap<String, String>,
    sent: &Sent,
    outcome: Outcome,
) -> Outcome {
    write_down(step, state, holes, sent);
    saved(state, outcome).await
}

async fn saved(state: &Locked, outcome: Outcome) -> Outcome {
    match state.soon().await {
        Ok(()) => outcome,
        Err(error) => Outcome::noted(Fate::Failed, Trouble::of(&error).after("it was applied, but ")),
    }
}

/// Puts into the state what all steps of a plan are about to make, replace or remove; returns what it held of each before, by
/// the step's place.
pub fn intend(plan: &Plan, state: &Locked) -> BTreeMap<usize, Option<Record>> {
    let steps = plan.steps.iter().enumerate().filter(|(_, step)| step.action != Action::Blocked && !step.elsewhere);
    let intents = steps.filter_map(|(place, step)| Some((place, &step.key, step.intent.clone()?)));
    let kept = intents.map(|(place, key, intent)| {
        let before = state.record(key);
        state.keep(key, known(before.clone(), *intent));
        (place, before)
    });
    let kept = kept.collect();
    state.tight();
    kept
}

/// Writes down an event that was there already, as it is: what was applied to it, its mark says.
pub async fn found(step: &Step, state: &Locked, holes: &BTreeMap<String, String>) -> Outcome {
    if let Some(record) = &step.record {
        let record = filled_record(record, holes);
        let applied = Applied { incarnation: record.applied.incarnation, ..Applied::default() };
        state.keep(&step.key, Record { applied, landed: Landed::default(), ..record });
    }
    let there =
        "somebody else who applies this workspace made it a moment ago, or an apply before this one: it is taken over";
    let outcome = Outcome::noted(Fate::Applied, Trouble::new(there));
    saved(state, outcome).await
}

/// Writes down what an unfinished step brought about: of an event what was sent and how it landed, of an online meeting that it
/// made the id, without claiming that anything was applied.
pub fn unfinished(step: &Step, state: &Locked, holes: &BTreeMap<String, String>, sent: &Sent) {
    let Some(record) = &step.record else { return };
    if step.key.kind().in_calendar {
        let record = filled_record(record, holes);
        if !sent.names.is_empty() && !record.id.contains('{') {
            state.keep(&step.key, partly(state.record(&step.key), record, sent, step.key.kind()));
        }
    } else if holes.contains_key("id") {
        // A meeting that a read has not found yet must not be taken for one that is gone, and made again.
        let unanswered = step.intent.as_ref().and_then(|intent| intent.unanswered.clone());
        let record = filled_record(record, holes);
        let applied = Applied { incarnation: record.applied.incarnation, ..Applied::default() };
        let record = Record { applied, unanswered, ..record };
        state.keep(&step.key, record);
    }
}

/// The record of an event to which only a part of what was planned was sent.
fn partly(before: Option<Record>, now: Record, sent: &Sent, kind: &Kind) -> Record {
    let Record { applied: was, mut landed, .. } = before.filter(|it| it.id == now.id).unwrap_or_default();
    let mut applied = Applied { fields: was.fields, ..now.applied.clone() };
    let people = kind.compared(Compare::People).is_some_and(|field| sent.names.contains(field.name));
    if !people {
        (applied.attendees, applied.released) = (was.attendees, was.released);
    }
    for name in &sent.names {
        landed.forget(name);
        applied.fields.extend(now.applied.fields.get(name).map(|declared| (name.clone(), declared)));
    }
    landed.add(sent.landed.clone());
    Record { applied, landed, ..now }
}

/// Whether the state counts the step's create as unanswered until it knows better.
pub fn is_unanswered(step: &Step) -> bool {
    step.intent.as_ref().is_some_and(|intent| intent.unanswered.is_some())
}

/// Takes back the intent of a step of which certainly nothing was carried out; `before` is what the state held before it.
pub fn withdraw(step: &Step, state: &Locked, before: Option<&Option<Record>>) {
    match before {
        Some(Some(record)) => state.keep(&step.key, record.clone()),
        Some(None) => state.forget(&step.key),
        None => {}
    }
}

/// Writes down what a step that needed no request shows to be so: a second plan's, after an apply.
pub fn remember(step: &Step, state: &Locked) {
    write_down(step, state, &BTreeMap::new(), &Sent::default());
}

fn write_down(step: &Step, state: &Locked, holes: &BTreeMap<String, String>, sent: &Sent) {
    match &step.record {
        Some(record) => {
            // What gets another name stands under the one of before.
            let before = state.record(&step.key).or_else(|| state.record(step.forgets.as_ref()?));
            let mut record = filled_record(record, holes);
            record.landed.add(sent.landed.clone());
            record.replaced.retain(|old| old.id != record.id);
            if step.action == Action::Replace {
                record.replaced.retain(|old| !is_seen(step, &old.id));
            }
            state.keep(&step.key, known(before, record));
        }
        None if step.action == Action::Cancel && step.duplicate => {
            if let Some(mut record) = state.record(&step.key) {
                record.replaced.retain(|old| !is_seen(step, &old.id));
                state.keep(&step.key, record);
            }
        }
        None if step.action == Action::Cancel => match step.intent.as_ref().and_then(|intent| intent.intended) {
            Some(next) => state.removed(&step.key, next),
            None => state.forget(&step.key),
        },
        None => {}
    }
    if let Some(key) = &step.forgets {
        state.count(|spent| spent.rename(key, &step.key));
        // Its `transactionId` stays with what got another name.
        match state.record(key).filter(|_| key.kind().is_listed) {
            Some(before) => state.removed(key, before.next_incarnation()),
            None => state.forget(key),
        }
    }
}

fn is_seen(step: &Step, id: &str) -> bool {
    step.seen.as_ref().is_some_and(|seen| seen.id == id)
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
    let join_web_url = kept(&record.join_web_url);
    let mut applied = record.applied.clone();
    applied.incarnation = holes.get("incarnation").and_then(|it| it.parse().ok()).unwrap_or(applied.incarnation);
    Record { id: filled(&record.id, holes, str::to_owned), join_web_url, applied, ..record.clone() }
}
