//! What is allowed and may still surprise its author: a zone without summer time, a series that rooms decline.

use crate::kind::event::{Attendee, View};
use crate::kind::times::Moment;
use crate::{recurrence, when};
use jiff::civil::{Date, Time};
use jiff::{Timestamp, ToSpan};
use serde_json::{Map, Value};

/// How far ahead a room can be booked unless it is set up otherwise: `BookingWindowInDays` (Set-CalendarProcessing).
const BOOKING_WINDOW: i64 = 180;

/// Says what a zone lacks that the author may expect of it, if the event repeats or is named after a place's winter time.
///
/// `spec` has the zone that the recurrence names itself, as its author wrote it.
pub fn zone(event: View, start: &Moment, spec: &Map<String, Value>) -> Option<String> {
    let name = spec.get("recurrence").and_then(recurrence::zone).unwrap_or(&start.zone.name);
    if event.is_all_day() {
        return None;
    }
    if let Some(place) = when::with_summer_time(name) {
        return Some(format!("`{name}` is winter time all year: `{place}` has summer time too"));
    }
    if !when::is_offset(name) {
        return None;
    }
    let last = recurrence::last(event.recurrence()?)?;
    let until = last.tomorrow().and_then(|day| start.clock().to_timestamp(day.to_datetime(Time::midnight())));
    let until = until.unwrap_or(Timestamp::MAX);
    let (date, place) = when::clocks_change(start.instant, until)?;
    Some(format!(
        "`{name}` has no summer time: where clocks change, as in {place} on {date}, the series moves by an hour; the zone of a \
         place keeps its hour there"
    ))
}

/// Says that rooms decline a series for its length alone, whenever it is booked.
pub fn rooms(event: View) -> Option<String> {
    let first = recurrence::dates(event.recurrence()?).ok()?.next()?;
    beyond_window(event, first)
}

/// Says that rooms, if any are invited, decline what ends more than their booking window after the date `from`.
///
/// With `EnforceSchedulingHorizon`, which is on by default, they decline such a series whole (Set-CalendarProcessing).
pub fn beyond_window(event: View, from: Date) -> Option<String> {
    let rooms: Vec<String> = event.attendees().filter(|it| it.is_resource()).filter_map(Attendee::address).collect();
    if rooms.is_empty() {
        return None;
    }
    let last = match event.recurrence() {
        Some(series) => recurrence::last(series)?,
        None => event.end()?.to_zoned(event.clock().0).date(),
    };
    if last <= from.checked_add(BOOKING_WINDOW.days()).ok()? {
        return None;
    }
    let what = match event.recurrence() {
        Some(series) if recurrence::count(series).is_none() => "the whole series, which has no end".to_owned(),
        Some(_) => format!("the whole series, which runs to {last}"),
        None => "it".to_owned(),
    };
    Some(format!(
        "{} may decline {what}: by default a room takes nothing that ends more than {BOOKING_WINDOW} days ahead",
        rooms.join(", ")
    ))
}
