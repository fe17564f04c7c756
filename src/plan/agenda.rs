//! What stands in calendars once a plan is applied, and what it cancels: events as wholes, series with their rule.
//!
//! Pure, like all planning. Online meetings stand in no calendar. What is blocked stays as it is, live.

use crate::kind::Exception;
use crate::kind::event::View;
use crate::model::{Desired, Have, Key, Live};
use crate::plan::clash::exceptions_of;
use crate::plan::times::{dates_near, usual};
use crate::plan::{Action, Plan, Step};
use crate::recurrence::{self, to_rrule};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use serde_json::Value;
use std::collections::BTreeMap;

/// Dates that are listed one by one at most: days 29 or 30 of ten years.
const LISTED: usize = 120;

/// One event.
#[derive(Debug, Clone, PartialEq)]
pub struct Standing {
    /// Which event.
    pub key: Key,
    /// The mailbox.
    pub organizer: String,
    /// What is done with it.
    pub action: Action,
    /// Another live object with the key of another step.
    pub duplicate: bool,
    /// What it is called, where that is known.
    pub subject: Option<String>,
    /// It lasts whole days.
    pub all_day: bool,
    /// When it takes place for the first time, on the clock that it repeats on.
    pub first: (Zoned, Zoned),
    /// How it repeats.
    pub recurrence: Option<Value>,
    /// Each date of a series that no rule of iCalendar has the dates of; see `LISTED`.
    pub listed: Vec<Zoned>,
    /// What is out of the ordinary of a series.
    pub exceptions: Vec<Apart>,
}

/// A date of a series that is skipped or not like the others.
#[derive(Debug, Clone, PartialEq)]
pub struct Apart {
    /// When it would start.
    pub of: Zoned,
    /// How it is instead; nothing if it is skipped.
    pub instead: Option<Instead>,
}

/// How a date is that is not like the others.
#[derive(Debug, Clone, PartialEq)]
pub struct Instead {
    /// When it starts and ends.
    pub at: (Zoned, Zoned),
    /// What it is called, if it has a name of its own.
    pub subject: Option<String>,
}

/// Returns what stands in calendars once a plan is applied, in the order of its steps.
pub fn agenda(plan: &Plan, desired: &[Desired], live: &Live) -> Vec<Standing> {
    let wants: BTreeMap<&Key, &Desired> = desired.iter().map(|want| (&want.key, want)).collect();
    let haves: BTreeMap<&str, &Have> = live.objects.iter().map(|have| (have.id.as_str(), &**have)).collect();
    let of = |step: &Step| {
        let want = wants.get(&step.key).copied();
        let have = step.seen.as_ref().and_then(|seen| haves.get(seen.id.as_str()).copied());
        let mut standing = of_step(plan.made, step, want, have)?;
        let Standing { subject, exceptions, .. } = &mut standing;
        let own = exceptions.iter_mut().filter_map(|it| it.instead.as_mut()?.subject.as_mut());
        subject.iter_mut().chain(own).for_each(|text| plan.secrets.hide_in(text));
        Some(standing)
    };
    plan.steps.iter().filter_map(of).collect()
}

fn of_step(made: Timestamp, step: &Step, want: Option<&Desired>, have: Option<&Have>) -> Option<Standing> {
    let declared = match step.action {
        Action::NoOp | Action::Create | Action::Update | Action::Replace | Action::Adopt => want,
        Action::Cancel | Action::Blocked => None,
    };
    let (event, exceptions) = match (declared, have) {
        (Some(want), _) => (want.event()?, want.spec.exceptions.clone()),
        (None, Some(have)) => (have.event()?, exceptions_of(have)),
        (None, None) => return None,
    };
    let listed = event.recurrence().map(|it| listed(event, it, made)).unwrap_or_default();
    let first = match event.recurrence() {
        Some(_) if !listed.is_empty() => usual(event, listed[0].date())?,
        Some(recurrence) => usual(event, recurrence::dates(recurrence).ok()?.next()?)?,
        None => {
            let clock = event.clock().0;
            (event.start()?.to_zoned(clock.clone()), event.end()?.to_zoned(clock))
        }
    };
    let clock = first.0.time_zone().clone();
    Some(Standing {
        key: step.key.clone(),
        organizer: step.organizer.clone(),
        action: step.action,
        duplicate: step.duplicate,
        // What is declared may leave the subject to whoever wrote it live.
        subject: event.subject().or_else(|| have?.event()?.subject()).map(str::to_owned),
        all_day: event.is_all_day(),
        recurrence: event.recurrence().cloned(),
        listed,
        exceptions: exceptions.iter().filter_map(|one| apart(event, one, &clock)).collect(),
        first,
    })
}

/// The dates of a series that have no rule, from the first one on, or from one of late where that is long ago.
fn listed(event: View, recurrence: &Value, made: Timestamp) -> Vec<Zoned> {
    if to_rrule(recurrence).is_some() {
        return vec![];
    }
    let dates = dates_near(recurrence, made).into_iter().flatten().take(LISTED);
    dates.map_while(|date| Some(usual(event, date)?.0)).collect()
}

fn apart(event: View, (date, exception): (&Date, &Exception), clock: &TimeZone) -> Option<Apart> {
    let (start, end) = usual(event, *date)?;
    let instead = match exception {
        Exception::Skipped => None,
        Exception::Changed(own) => {
            let own = View::of(own);
            let on_clock =
                |at: Option<Timestamp>, usual: &Zoned| at.map_or(usual.clone(), |at| at.to_zoned(clock.clone()));
            let at = (on_clock(own.start(), &start), on_clock(own.end(), &end));
            Some(Instead { at, subject: own.subject().map(str::to_owned) })
        }
    };
    Some(Apart { of: start, instead })
}
