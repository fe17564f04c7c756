//! The step of one event.
//!
//! Knows which live event is the true one, what may no longer change, what an attendee list becomes, and what a body
//! needs. Requests are put together in `requests`.

mod cancelled;
mod invite;
mod link;
mod merged;
mod occurrence;
mod past;
mod people;
mod refuse;
mod replace;
pub(super) mod series;
mod settle;
mod text;

pub(super) use crate::plan::event::invite::Order;

use crate::kind::compare::Compare;
use crate::kind::event::{self, View};
use crate::kind::workspace::Prune;
use crate::kind::{Home, body};
use crate::model::{Applied, Desired, Have, Record};
use crate::plan::diff;
use crate::plan::event::occurrence::Series;
use crate::plan::event::refuse::refused;
use crate::plan::event::replace::immutable;
use crate::plan::event::series::Exceptions;
use crate::plan::event::settle::settle;
use crate::plan::last::{Last, last};
use crate::plan::requests;
use crate::plan::seen::seen;
use crate::plan::{Action, Cause, Change, One, Step};
use crate::plan::{ahead, mail};
use crate::route;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

/// Returns the steps of one key: one for the resource, and one for each duplicate of it.
pub(super) fn steps(one: &One, mut haves: Vec<&Have>) -> Vec<Step> {
    cancelled::leave_out(one, &mut haves);
    // The true event is the one that already is what it may not become any more; of equals, the eldest: an interrupted
    // replacement leaves both behind.
    haves.sort_by_key(|have| {
        let misfit =
            one.want.is_some_and(|want| !immutable(one.input.live, want, have, &Last::of_record(None)).is_empty());
        (misfit, View::of(&have.own).created())
    });
    let mut haves = haves.into_iter();
    let first = haves.next();
    let step = match (one.want, first) {
        (Some(want), Some(have)) => {
            let open = one.unknown(&want.spec.organizer).or_else(|| cancelled::step(one, have));
            open.unwrap_or_else(|| settle(one, want, have))
        }
        (Some(want), None) => one.unknown(&want.spec.organizer).unwrap_or_else(|| create(one, want)),
        (None, Some(have)) => {
            let open = one.unknown(&have.organizer).or_else(|| cancelled::step(one, have));
            open.unwrap_or_else(|| prune(one, have))
        }
        // Known from the state only: it is gone, or its mailbox cannot be read.
        (None, None) => {
            let unknown = || one.unknown(&one.record?.organizer);
            return one.let_go().or_else(unknown).into_iter().collect();
        }
    };
    let step = Step { seen: first.map(|have| seen(step.action, one.want, have)), ..step };
    let duplicates = haves.map(|have| {
        let reason = "a second live event with this key: the one that was made first, or fits, stays".to_owned();
        let step = if one.want.is_some() { cancel(one, have) } else { prune(one, have) };
        Step { reason: Some(reason), record: None, duplicate: true, seen: Some(seen(step.action, None, have)), ..step }
    });
    std::iter::once(step).chain(duplicates).collect()
}

fn create(one: &One, want: &Desired) -> Step {
    make(one, want, diff::next(want, one.record.map(|record| &record.applied)))
}

/// The create; `applied` is what the marks and the state are to say of it.
fn make(one: &One, want: &Desired, applied: Applied) -> Step {
    if let Some(reason) = refused(one, want) {
        return one.blocked(&want.spec.organizer, reason);
    }
    let event = View::of(&want.spec.own);
    let people = people::people(one, event, None, want);
    let none = mail::People::new();
    let exceptions = |invited: &mail::People| {
        let id = "{id}".to_owned();
        let series = Series { want, have: None, id, before: &none, after: invited, fresh: true, last: None };
        series::exceptions(one, &series)
    };
    let mut step = one.step(&want.spec.organizer, Action::Create);
    step.changes = declared(want);
    step.mail = mail::of_create(&people::address(one, want, None), &people);
    step.record = Some(record(want, "{id}", applied.clone()));
    let first = exceptions(&people);
    if invite::is_last(want, &people, &first) {
        let last = exceptions(&none);
        let invitations = [step.mail.clone(), series::repeated(&step.mail, last.changed.len())].concat();
        step.notes.push(invite::note(&[&step.mail, &first.mail], &invitations));
        step.mail = invitations;
        if !last.changed.is_empty() {
            step.notes.push(series::once_more(last.changed.len()));
        }
        step.requests = requests::create_event(one, &invite::without_attendees(want), &applied);
        step.add(last);
        step.requests.extend(requests::invite(want, None, &step.requests));
    } else {
        step.requests = requests::create_event(one, want, &applied);
        step.add(first);
    }
    step.notes.extend(event.recurrence().and_then(ahead::extent));
    step.notes.extend(ahead::odd(event));
    let deleted = one.record.map(|_| "it was applied before and is gone: somebody deleted it".to_owned());
    step.notes.extend(one.orphaned().or(deleted));
    step.notes.extend(beyond_window(one, want));
    if past::ended(one, &want.spec.own) {
        step.notes.push("it lies in the past".into());
    }
    step
}

impl Step {
    /// Adds what becomes of the exceptions of its series; a blocked step sends nothing.
    fn add(&mut self, exceptions: Exceptions) {
        let Exceptions { changes, mail, requests, notes, landed: _, changed: _, skipped: _ } = exceptions;
        self.changes.extend(changes);
        self.notes.extend(notes);
        if self.action != Action::Blocked {
            self.mail.extend(mail);
            self.requests.extend(requests);
        }
    }

    fn with_record(self, record: Option<Record>) -> Step {
        Step { record, ..self }
    }
}

const UNREAD: &str = "its mark could not be read whole, so what was applied to it is not known";

fn prune(one: &One, have: &Have) -> Step {
    let policy = one.input.policy;
    if have.unread.is_some() {
        let reason = format!("{}, and {UNREAD}: it may be protected", one.why_removed());
        return one.blocked(&have.organizer, reason);
    }
    if protected(one, have) {
        return one.blocked(&have.organizer, one.why_protected());
    }
    let left = match &policy.prune {
        Prune::Keep => Some("it stands in no manifest; `prune: keep` leaves it"),
        Prune::Cancel if !policy.destroy && past::has_ended(one, have) => {
            Some("it stands in no manifest and has ended: left as it is")
        }
        Prune::Cancel => None,
    };
    match left.map(str::to_owned).or_else(|| policy.no_prune.clone()) {
        Some(note) => Step { notes: vec![note], ..one.step(&have.organizer, Action::NoOp) },
        None => Step { reason: Some(one.why_removed().into()), ..cancel(one, have) },
    }
}

fn cancel(one: &One, have: &Have) -> Step {
    let organizer = people::have_address(one, have);
    let mut people = View::of(&have.own).people();
    people.remove(&organizer);
    Step {
        mail: mail::of_cancel(&organizer, &people),
        requests: vec![requests::cancel_event(&have.organizer, &route::encoded(&have.id), !people.is_empty())],
        ..one.step(&have.organizer, Action::Cancel)
    }
}

fn declared(want: &Desired) -> Vec<Change> {
    let none = serde_json::Map::new();
    let kind = want.key.kind();
    let between = |home, want| diff::between(kind, home, want, diff::Live::of(&none), None).differences;
    let own = between(Home::Own, &want.spec.own);
    let text = kind.compared(Compare::Text).and_then(|field| {
        let text = want.spec.own.get(field.name)?;
        Some(Change {
            field: field.name.into(),
            current: Value::Null,
            desired: json!(body::text(text, None)),
            cause: Cause::Manifest,
        })
    });
    let meeting = between(Home::Meeting, &want.spec.meeting);
    own.into_iter().map(|it| it.change).chain(text).chain(meeting.into_iter().map(|it| it.change)).collect()
}

fn record(want: &Desired, id: &str, applied: Applied) -> Record {
    Record {
        organizer: want.spec.organizer.clone(),
        calendar: want.spec.calendar.clone(),
        id: id.into(),
        applied,
        ..Record::default()
    }
}

/// Whether it is protected: by its manifest, by what was last applied, or perhaps by a mark that was not read. That a manifest takes
/// protection off counts once an apply has written it.
fn protected(one: &One, have: &Have) -> bool {
    let marked = last(one, have).applied().is_some_and(|last| last.protect) || is_marked_protected(have);
    have.unread.is_some() || marked || one.want.is_some_and(|want| want.protect)
}

fn is_marked_protected(have: &Have) -> bool {
    have.applied.as_ref().is_some_and(|applied| applied.protect)
}

/// What rooms may decline for being too far ahead; what is so whenever it is booked, the manifest's own note says.
fn beyond_window(one: &One, want: &Desired) -> Option<String> {
    let event = View::of(&want.spec.own);
    let today = one.input.now.to_zoned(TimeZone::UTC).date();
    event::beyond_window(event, today).filter(|_| event::long_for_rooms(event).is_none())
}
