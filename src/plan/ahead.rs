//! The next occurrences of the declared series: on the clock of their zone and in UTC, with their exceptions and every
//! change of the clock.
//!
//! Pure, like all planning. It tells what the manifests say, not what is live.

use crate::kind::Exception;
use crate::kind::event::View;
use crate::model::Desired;
use crate::plan::times::{dates_near, usual};
use crate::recurrence;
use crate::when::{self, Fit};
use jiff::civil::{Date, Time};
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp, Zoned};
use serde::Serialize;
use serde_json::Value;

/// What lies ahead of one series.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Ahead {
    /// The series.
    pub key: String,
    /// The zone of its clock, as the author wrote it.
    pub time_zone: String,
    /// How many dates the series has, skipped ones included; none for a series without end.
    pub dates: Option<u64>,
    /// In the order of time.
    pub next: Vec<Coming>,
}

/// One date of a series that lies ahead.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Coming {
    /// The date that the series gives it.
    pub date: String,
    /// Local time, `2031-02-04 10:00`; none if it is skipped.
    pub start: Option<String>,
    /// The same in UTC.
    pub utc: Option<String>,
    /// What is out of the ordinary: moved, skipped, a clock that has changed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub remarks: Vec<String>,
}

/// Lists what is to come of each series: `most` occurrences at most, from those that have not ended at `now`.
pub fn ahead(desired: &[Desired], now: Timestamp, most: usize) -> Vec<Ahead> {
    desired.iter().filter_map(|want| of_series(want, now, most)).collect()
}

/// How many dates a series has, in words, and from when until when.
pub fn extent(recurrence: &Value) -> Option<String> {
    let first = recurrence::dates(recurrence).ok()?.next()?;
    Some(match recurrence::count(recurrence) {
        None => format!("a series without end, from {first} on"),
        Some(1) => format!("a series of one date, {first}"),
        Some(count) => {
            format!("a series of {count} dates, {first} to {}", recurrence::last(recurrence).unwrap_or(first))
        }
    })
}

/// What a series without times of its own should know of the clock: dates on which its time is left out or comes twice.
///
/// Looks at the changes of the clock in the two years after its first date.
pub fn odd(event: View) -> Vec<String> {
    let times = event.start().zip(event.series_zone());
    let (Some(recurrence), Some((start, zone))) = (event.recurrence(), times) else { return vec![] };
    let time = zone.to_datetime(start).time();
    let until = start.checked_add(TWO_YEARS).unwrap_or(Timestamp::MAX);
    let changes =
        zone.following(start).take_while(|it| it.timestamp() < until).take(if event.is_all_day() { 0 } else { 8 });
    let around = changes.flat_map(|it| {
        let day = zone.to_datetime(it.timestamp()).date();
        [day.yesterday().ok(), Some(day)].into_iter().flatten()
    });
    let word = |day: Date| match when::fit(day.to_datetime(time), &zone) {
        Fit::Once(_) => None,
        Fit::Gap { after, .. } => Some(format!(
            "{day}: {} is left out where clocks go forward; calendars move it past the gap, which ends at {}",
            clock(time),
            clock(after.time())
        )),
        Fit::Fold { .. } => {
            Some(format!("{day}: {} comes twice where clocks go back: the first is meant", clock(time)))
        }
    };
    let odd: Vec<(Date, String)> = around.filter_map(|day| Some((day, word(day)?))).collect();
    let Some((last, _)) = odd.last() else { return vec![] };
    let dates: Vec<Date> =
        recurrence::dates(recurrence).into_iter().flatten().take_while(|date| date <= last).collect();
    odd.into_iter().filter(|(day, _)| dates.contains(day)).map(|(_, text)| text).collect()
}

const A_YEAR: SignedDuration = SignedDuration::from_hours(366 * 24);
const TWO_YEARS: SignedDuration = SignedDuration::from_hours(2 * 366 * 24);

fn of_series(want: &Desired, now: Timestamp, most: usize) -> Option<Ahead> {
    let event = want.event()?;
    let (recurrence, zone) = (event.recurrence()?, event.series_zone_name()?);
    let mut next = vec![];
    let mut before: Option<Offset> = None;
    // A year back, to know on what clock the one before the next was.
    for date in dates_near(recurrence, now.checked_sub(A_YEAR).unwrap_or(now)).ok()? {
        if next.len() == most {
            break;
        }
        let Some((start, end)) = usual(event, date) else { continue };
        let exception = want.spec.exceptions.get(&date);
        let (start, end) = match exception {
            Some(Exception::Changed(own)) => {
                let own = View::of(own);
                (moved(own.start(), start), moved(own.end(), end))
            }
            Some(Exception::Skipped) | None => (start, end),
        };
        if end.timestamp() > now {
            next.push(occurrence(want, date, &start, exception, before));
        }
        if exception != Some(&Exception::Skipped) {
            before = Some(start.offset());
        }
    }
    let dates = recurrence::count(recurrence);
    Some(Ahead { key: want.key.to_string(), time_zone: when::told(zone, want.spec.clock.as_deref()), dates, next })
}

/// A time that an exception gives its occurrence, on the clock of the series.
fn moved(at: Option<Timestamp>, usual: Zoned) -> Zoned {
    at.map_or(usual.clone(), |at| at.to_zoned(usual.time_zone().clone()))
}

fn occurrence(
    want: &Desired,
    date: Date,
    start: &Zoned,
    exception: Option<&Exception>,
    before: Option<Offset>,
) -> Coming {
    let mut remarks = vec![];
    match exception {
        Some(Exception::Skipped) => {
            let off = want.spec.days_off.get(&date);
            let skipped = off.map_or_else(|| "skipped".to_owned(), |of| format!("skipped, a day off (DaysOff/{of})"));
            return Coming { date: date.to_string(), start: None, utc: None, remarks: vec![skipped] };
        }
        Some(Exception::Changed(own)) => {
            if View::of(own).start().is_some() {
                remarks.push("moved".into());
            }
            let rows = want.key.kind().fields().filter(|field| field.per_occurrence && !field.new_time);
            let others = rows.filter(|field| own.contains_key(field.name));
            remarks.extend(others.map(|field| format!("its own {}", field.name)));
        }
        None => {
            let meant = want.event().and_then(View::start);
            let time = meant.map(|at| at.to_zoned(start.time_zone().clone()).time());
            if let Some(time) = time {
                match when::fit(date.to_datetime(time), start.time_zone()) {
                    Fit::Once(_) => {}
                    Fit::Gap { .. } => remarks.push(format!("{} does not exist on this day", clock(time))),
                    Fit::Fold { .. } => {
                        remarks.push(format!("{} comes twice on this day: the first is meant", clock(time)))
                    }
                }
            }
        }
    }
    if let Some(before) = before.filter(|before| *before != start.offset()) {
        remarks.push(format!("the clock has changed: UTC{before} to UTC{}", start.offset()));
    }
    Coming {
        date: date.to_string(),
        start: Some(start.strftime("%Y-%m-%d %H:%M").to_string()),
        utc: Some(start.timestamp().strftime("%Y-%m-%d %H:%MZ").to_string()),
        remarks,
    }
}

fn clock(time: Time) -> String {
    time.strftime("%H:%M").to_string()
}
