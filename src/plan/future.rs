//! What a plan makes of calendars: which dates it adds, moves, changes and cancels, series date by date.
//!
//! Pure, like all planning. Online meetings stand in no calendar, and what is blocked or stays as it is changes none.

use crate::kind::Exception;
use crate::kind::event::View;
use crate::model::{Desired, EXCEPTIONS, Have, Key, Live};
use crate::plan::clash::exceptions_of;
use crate::plan::times::{Slot, dates_near, usual};
use crate::plan::{Action, Plan, Step};
use crate::recurrence;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use std::collections::BTreeMap;

/// What becomes of one event.
#[derive(Debug, Clone, PartialEq)]
pub struct Future {
    /// The place of its step in the plan.
    pub step: usize,
    /// Which event.
    pub key: Key,
    /// The mailbox.
    pub organizer: String,
    /// What it is called, where that is known.
    pub subject: Option<String>,
    /// The zone whose clock it is read on.
    pub zone: TimeZone,
    /// It lasts whole days.
    pub all_day: bool,
    /// Date by date, in order of time.
    pub dates: Vec<Dated>,
    /// It goes on after the last of these, until this date; none in it for a series without end.
    pub goes_on: Option<Option<Date>>,
}

/// What becomes of one date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Dated {
    /// When it takes place, or would have.
    pub at: Slot,
    /// What becomes of it.
    pub becomes: Becomes,
    /// Somebody or a room is taken already.
    pub clashes: bool,
}

/// What becomes of a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Becomes {
    /// It was not there before.
    Added,
    /// It keeps its time, and something else of it changes.
    Changed,
    /// It was at another time.
    Moved(Slot),
    /// It is there no more.
    Cancelled,
}

/// Returns what becomes of each event of a plan that does something: `most` dates of each at most, from those on that have not
/// ended when the plan was made.
pub fn future(plan: &Plan, desired: &[Desired], live: &Live, most: usize) -> Vec<Future> {
    let wants: BTreeMap<&Key, &Desired> = desired.iter().map(|want| (&want.key, want)).collect();
    let haves: BTreeMap<&str, &Have> = live.objects.iter().map(|have| (have.id.as_str(), &**have)).collect();
    let of = |(place, step): (usize, &Step)| {
        let have = step.seen.as_ref().and_then(|seen| haves.get(seen.id.as_str()).copied());
        of_step(plan, (place, step), wants.get(&step.key).copied(), have, most)
    };
    plan.steps.iter().enumerate().filter_map(of).collect()
}

/// When a live event takes place next: the first of its dates that has not ended, as far as its exceptions were read.
pub fn next(have: &Have, now: Timestamp) -> Option<(Timestamp, Timestamp)> {
    let dates = Dates::of(have.event()?, &exceptions_of(have), now, 1);
    dates.slots.first().map(|(_, slot)| *slot)
}

fn of_step(
    plan: &Plan,
    (place, step): (usize, &Step),
    want: Option<&Desired>,
    have: Option<&Have>,
    most: usize,
) -> Option<Future> {
    // action         | before | after
    // ---------------+--------+------
    // Create         | –      | yes
    // Update, Adopt  | yes    | yes
    // Replace        | yes    | yes, and all of it is new
    // Cancel         | yes    | –
    // NoOp, Blocked  | –      | –
    let (want, have) = match step.action {
        Action::Create => (want, None),
        Action::Update | Action::Adopt | Action::Replace => (want, have),
        Action::Cancel => (None, have),
        Action::NoOp | Action::Blocked => return None,
    };
    let after = want.and_then(|want| Some((want.event()?, want.spec.exceptions.clone())));
    let before = have.and_then(|have| Some((have.event()?, exceptions_of(have))));
    let event = after.as_ref().or(before.as_ref())?.0;
    let zone = want.and_then(|_| event.series_zone()).unwrap_or_else(|| event.clock().0);
    let [before, after] = [before, after].map(|it| it.map(|(event, own)| Dates::of(event, &own, plan.made, most)));
    let (mut before, mut after) = (before.unwrap_or_default(), after.unwrap_or_default());
    // Both are told up to the same date.
    let until = [&before, &after].into_iter().filter(|it| it.goes_on.is_some()).filter_map(Dates::last).min();
    until.into_iter().for_each(|until| [&mut before, &mut after].into_iter().for_each(|it| it.cut(until)));
    let goes_on = after.goes_on.or(before.goes_on);
    let mut dates = match step.action {
        Action::Replace => before.all(Becomes::Cancelled).chain(after.all(Becomes::Added)).collect(),
        _ => compared(before, after, |date| is_changed(step, date)),
    };
    dates.sort();
    for date in dates.iter_mut().filter(|date| date.becomes != Becomes::Cancelled) {
        date.clashes = step.clash_at.range(date.at.0..date.at.1).next().is_some();
    }
    let mut subject = event.subject().map(str::to_owned);
    subject.iter_mut().for_each(|text| plan.secrets.hide_in(text));
    Some(Future {
        step: place,
        key: step.key.clone(),
        organizer: step.organizer.clone(),
        subject,
        zone,
        all_day: event.is_all_day(),
        dates,
        goes_on,
    })
}

/// One date, and when its event takes place on it.
type One = (Option<Date>, Slot);

/// The dates of one event, by the date that its series gives them; a single event has none.
#[derive(Default)]
struct Dates {
    slots: Vec<One>,
    goes_on: Option<Option<Date>>,
}

impl Dates {
    fn of(event: View, exceptions: &BTreeMap<Date, Exception>, now: Timestamp, most: usize) -> Dates {
        let Some(recurrence) = event.recurrence() else {
            let slot = event.start().zip(event.end()).filter(|slot| slot.1 > now);
            return Dates { slots: slot.map(|slot| (None, slot)).into_iter().collect(), goes_on: None };
        };
        let mut slots = vec![];
        for date in dates_near(recurrence, now).into_iter().flatten() {
            let Some((start, end)) = usual(event, date) else { break };
            let slot = match exceptions.get(&date) {
                Some(Exception::Skipped) => continue,
                Some(Exception::Changed(own)) => {
                    let own = View::of(own);
                    (own.start().unwrap_or(start.timestamp()), own.end().unwrap_or(end.timestamp()))
                }
                None => (start.timestamp(), end.timestamp()),
            };
            if slot.1 <= now {
                continue;
            }
            if slots.len() == most {
                let endless = recurrence::count(recurrence).is_none();
                return Dates { slots, goes_on: Some(recurrence::last(recurrence).filter(|_| !endless)) };
            }
            slots.push((Some(date), slot));
        }
        Dates { slots, goes_on: None }
    }

    fn last(&self) -> Option<Date> {
        self.slots.last().and_then(|(date, _)| *date)
    }

    fn cut(&mut self, until: Date) {
        self.slots.retain(|(date, _)| date.is_none_or(|date| date <= until));
    }

    fn all(self, becomes: Becomes) -> impl Iterator<Item = Dated> {
        self.slots.into_iter().map(move |(_, at)| Dated { at, becomes, clashes: false })
    }
}

/// Whether a step changes something of a date that keeps its time: something of the whole event, or of that very date.
fn is_changed(step: &Step, date: Option<Date>) -> bool {
    let of = |name: &str| match name.strip_prefix(EXCEPTIONS) {
        Some(one) => date.is_some_and(|date| one == date.to_string()),
        None => true,
    };
    step.changes.iter().any(|change| of(&change.field))
}

/// Finds what became of each date: those at the same time stay; of the others one is the same as one that its series gave the
/// same date, else as the next of the same week. What stays and `is_changed` in nothing is left out.
fn compared(mut before: Dates, mut after: Dates, is_changed: impl Fn(Option<Date>) -> bool) -> Vec<Dated> {
    let mut dates = vec![];
    let mut pair = |same: &dyn Fn(&One, &One) -> bool| {
        after.slots.retain(|new| {
            let Some(place) = before.slots.iter().position(|old| same(old, new)) else { return true };
            let (_, was) = before.slots.remove(place);
            let becomes = if was == new.1 { Becomes::Changed } else { Becomes::Moved(was) };
            if was != new.1 || is_changed(new.0) {
                dates.push(Dated { at: new.1, becomes, clashes: false });
            }
            false
        });
    };
    pair(&|old, new| old.1 == new.1);
    pair(&|old, new| old.0 == new.0);
    pair(&|old, new| week(old.1) == week(new.1));
    dates.extend(before.all(Becomes::Cancelled));
    dates.extend(after.all(Becomes::Added));
    dates
}

/// The Monday of the week that a time is in, whatever the zone: to pair what belongs together.
fn week((start, _): Slot) -> Option<Date> {
    let date = start.to_zoned(TimeZone::UTC).date();
    date.checked_sub(i64::from(date.weekday().to_monday_zero_offset()).days()).ok()
}
