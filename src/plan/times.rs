//! When events take place: the occurrences of a series, and the time that an event takes up in a window.

use crate::kind::compare::Compare;
use crate::kind::event::View;
use crate::kind::{Exception, Home, Kind};
use crate::model::{Desired, Have, Key, Live};
use crate::plan::{Action, Change, Plan, Step};
use crate::recurrence;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan, Zoned};
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// A stretch of time: its start, and the end, which does not belong to it.
pub(super) type Slot = (Timestamp, Timestamp);

/// Whether a change gives the event another time.
pub(super) fn is_new(kind: &Kind, change: &Change) -> bool {
    kind.field(Home::Own, &change.field).is_some_and(|field| field.new_time)
}

/// Returns what is live with times that can be held against the declared ones: whole days by their dates, which float (docs
/// #2804), and times as `clock`, those of the declared zone, shows them, if they were read so.
pub(super) fn comparable<'a>(
    want: &Map<String, Value>,
    live: &'a Map<String, Value>,
    clock: Option<&Map<String, Value>>,
) -> Cow<'a, Map<String, Value>> {
    let event = View::of(live);
    let days = event.is_all_day().then(|| event.days(View::of(want).zone_name()?)).flatten();
    match days.as_ref().or(clock) {
        Some(times) => {
            let mut live = live.clone();
            live.extend(
                times
                    .iter()
                    .filter(|(name, _)| live.contains_key(*name))
                    .map(|(name, it)| (name.clone(), it.clone()))
                    .collect::<Vec<_>>(),
            );
            Cow::Owned(live)
        }
        None => Cow::Borrowed(live),
    }
}

/// Returns the zones of events whose times seem to differ from the declared ones: the server may have other zone tables, and
/// only the clocks of these zones tell.
pub fn unsure_times(plan: &Plan, desired: &[Desired], live: &Live) -> BTreeMap<Key, String> {
    let differs = |step: &Step| {
        let fields = step.changes.iter().filter_map(|it| step.key.kind().field(Home::Own, &it.field));
        step.action == Action::Update && fields.into_iter().any(|field| field.compare == Compare::Zoned)
    };
    let changed: BTreeSet<&Key> = plan.steps.iter().filter(|step| differs(step)).map(|step| &step.key).collect();
    let sure = |have: &&Have| have.clock.is_some() || have.event().is_none_or(View::is_all_day);
    let sure: BTreeSet<&Key> = live.objects.iter().map(|have| &**have).filter(sure).map(|have| &have.key).collect();
    let unsure = desired.iter().filter(|want| changed.contains(&want.key) && !sure.contains(&want.key));
    unsure.filter_map(|want| Some((want.key.clone(), want.opened().event()?.zone_name()?.to_owned()))).collect()
}

/// When a series with these properties has the occurrence of a date: start and end on the clock of its zone.
pub(super) fn usual(event: View, date: Date) -> Option<(Zoned, Zoned)> {
    let zone = event.series_zone()?;
    let local = |at: Timestamp| at.to_zoned(zone.clone()).datetime();
    let (start, end) = (local(event.start()?), local(event.end()?));
    let first = date.to_datetime(start.time());
    // Graph takes no end before the start; where one is told all the same, each date would seem to be over.
    let last = first.checked_add(end.duration_since(start).max(SignedDuration::ZERO)).ok()?;
    // A time that the zone leaves out on this date is moved past the gap, as calendars do.
    let zoned = |at| zone.to_ambiguous_zoned(at).compatible().ok();
    Some((zoned(first)?, zoned(last)?))
}

/// Lists the dates of a series around a moment and all that follow: the one before it is among them, wherever the series is.
/// The error is that of the recurrence.
pub(super) fn dates_near(recurrence: &Value, at: Timestamp) -> Result<impl Iterator<Item = Date> + use<>, String> {
    // No zone is further than this from UTC.
    recurrence::dates_around(recurrence, at.to_zoned(TimeZone::UTC).date().saturating_sub(2.days()))
}

/// Returns the time that an event takes up between `from` and `until`, in order.
pub(super) fn slots(event: View, exceptions: &BTreeMap<Date, Exception>, (from, until): Slot) -> Vec<Slot> {
    let inside = |(start, end): &Slot| *start < until && *end > from;
    let Some(recurrence) = event.recurrence() else {
        return event.start().zip(event.end()).filter(inside).into_iter().collect();
    };
    let Ok(dates) = dates_near(recurrence, from) else { return vec![] };
    // What cannot be read of one date cannot be read of those that follow.
    let usual = dates.map_while(|date| Some((date, usual(event, date)?)));
    // An exception may come in from outside, but never past its neighbour: one date more is enough.
    let mut after = 0;
    let near = usual.take_while(|(_, (start, _))| {
        after += u8::from(start.timestamp() >= until);
        after < 2
    });
    let mut slots: Vec<Slot> = near
        .filter_map(|(date, (start, end))| match exceptions.get(&date) {
            Some(Exception::Skipped) => None,
            Some(Exception::Changed(own)) => {
                let own = View::of(own);
                Some((own.start().unwrap_or(start.timestamp()), own.end().unwrap_or(end.timestamp())))
            }
            None => Some((start.timestamp(), end.timestamp())),
        })
        .filter(inside)
        .collect();
    slots.sort();
    slots
}
