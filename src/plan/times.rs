//! When events take place: the occurrences of a series, and the time that an event takes up in a window.

use crate::kind::Exception;
use crate::recurrence;
use crate::when;
use jiff::civil::Date;
use jiff::{Timestamp, Zoned};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// A stretch of time: its start, and the end, which does not belong to it.
pub(super) type Slot = (Timestamp, Timestamp);

/// When a series with these properties has the occurrence of a date: start and end on the clock of its zone.
pub(super) fn usual(own: &Map<String, Value>, date: Date) -> Option<(Zoned, Zoned)> {
    let zone = when::zone(own.get("recurrence")?.pointer("/range/recurrenceTimeZone")?.as_str()?)?;
    let at = |name: &str| Some(when::instant_in_zone(own.get(name)?)?.to_zoned(zone.clone()).datetime());
    let (start, end) = (at("start")?, at("end")?);
    let first = date.to_datetime(start.time());
    let last = first.checked_add(end.duration_since(start)).ok()?;
    // A time that the zone leaves out on this date is moved past the gap, as calendars do.
    let zoned = |at| zone.to_ambiguous_zoned(at).compatible().ok();
    Some((zoned(first)?, zoned(last)?))
}

/// Returns the time that an event takes up between `from` and `until`, in order.
pub(super) fn slots(
    own: &Map<String, Value>,
    exceptions: &BTreeMap<Date, Exception>,
    (from, until): Slot,
) -> Vec<Slot> {
    let at = |own: &Map<String, Value>, name: &str| own.get(name).and_then(when::instant_in_zone);
    let inside = |(start, end): &Slot| *start < until && *end > from;
    let Some(recurrence) = own.get("recurrence").filter(|it| it.is_object()) else {
        return at(own, "start").zip(at(own, "end")).filter(inside).into_iter().collect();
    };
    let Ok(dates) = recurrence::dates(recurrence) else { return vec![] };
    let usual = dates.filter_map(|date| Some((date, usual(own, date)?)));
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
                Some((at(own, "start").unwrap_or(start.timestamp()), at(own, "end").unwrap_or(end.timestamp())))
            }
            None => Some((start.timestamp(), end.timestamp())),
        })
        .filter(inside)
        .collect();
    slots.sort();
    slots
}
