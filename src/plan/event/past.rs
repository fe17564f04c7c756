//! What has been: an event that has ended is left as it is, and a series that has begun says what new times rewrite.

use crate::kind::event::View;
use crate::model::{Desired, Have};
use crate::plan::times::{dates_near, usual};
use crate::plan::{Action, Change, One, Step};
use crate::plural::count;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// Whether an event, and each date of a series, has ended.
pub(super) fn ended(one: &One, own: &Map<String, Value>) -> bool {
    let event = View::of(own);
    let now = one.input.now;
    match event.recurrence() {
        None => event.end().is_some_and(|end| end < now),
        // The first date that is not over yet is enough.
        Some(series) => dates_near(series, now)
            .is_ok_and(|mut dates| dates.all(|date| usual(event, date).is_some_and(|it| it.1.timestamp() < now))),
    }
}

/// Whether a live event has ended, dates that were moved included.
pub(super) fn has_ended(one: &One, have: &Have) -> bool {
    let moved = have.occurrences.iter().flat_map(|it| it.changed.values());
    ended(one, &have.own) && moved.into_iter().all(|it| View::of(&it.own).end().is_none_or(|end| end < one.input.now))
}

/// The step of an event that has ended and differs: a note.
pub(super) fn left<'a>(one: &One, have: &Have, changes: impl Iterator<Item = &'a Change>) -> Step {
    let names: Vec<_> = changes.map(|it| format!("`{}`", it.field)).collect();
    let note = format!(
        "it has ended and is left as it is, although its manifest says otherwise: {}; what is to come is a document of another \
         name",
        names.join(", ")
    );
    Step { notes: vec![note], ..one.step(&have.organizer, Action::NoOp) }
}

/// What new times do to the dates of a series that lie behind, and how they are kept.
pub(super) fn rewritten(one: &One, want: &Desired, have: &Have) -> Option<String> {
    let now = one.input.now;
    let (old, new) = (dates(View::of(&have.own), now), dates(View::of(&want.spec.own), now));
    let lost = old.past.difference(&new.past).count();
    if lost == 0 {
        return None;
    }
    let note = format!("the series has begun, and {} would be rewritten", count(lost, "past date"));
    let next = new.next.into_iter().chain(old.next).min();
    let Some((from, last)) = new.next.zip(next.and_then(|next| next.yesterday().ok())) else { return Some(note) };
    Some(format!(
        "{note}: to keep what was, end it on {last}, and write a document of another name that starts on {from}"
    ))
}

/// How far back dates are counted: longer ago, nobody looks a date up.
const BACK: SignedDuration = SignedDuration::from_hours(30 * 366 * 24);

/// The dates of a series that have begun, with their times, and the first that has not.
struct Dates {
    past: BTreeSet<(Date, Option<(Timestamp, Timestamp)>)>,
    next: Option<Date>,
}

fn dates(event: View, now: Timestamp) -> Dates {
    let mut found = Dates { past: BTreeSet::new(), next: None };
    let all = event
        .recurrence()
        .and_then(|it| dates_near(it, now.checked_sub(BACK).unwrap_or(now)).ok())
        .into_iter()
        .flatten();
    for date in all {
        let Some((start, end)) = usual(event, date) else { break };
        if start.timestamp() > now {
            found.next = Some(date);
            break;
        }
        // Whole days float: their dates are all there is to them.
        let times = (!event.is_all_day()).then(|| (start.timestamp(), end.timestamp()));
        found.past.insert((date, times));
    }
    found
}
