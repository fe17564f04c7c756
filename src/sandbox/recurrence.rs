//! The dates of a series: six pattern types, three range types, expanded in the series' own zone.
//!
//! Wall times stay the same across DST because dates are expanded and then put into the zone (outlook-schedule-recurring-events.md).
//! Exceptions and cancelled dates are not known here.

use jiff::{
    Timestamp, ToSpan,
    civil::{Date, Time, Weekday},
};
use serde_json::{Map, Value};

use crate::sandbox::{
    when::{self, Moment},
    zones::{self, Zone},
};

/// What an end date is when there is none (recurrencerange.md).
pub const NO_DATE: &str = "0001-01-01";

/// Nobody asks further ahead than this many periods; it bounds patterns that never match.
const PERIODS: usize = 200_000;

/// A series, read from an event's kept properties.
#[derive(Clone, Debug)]
pub struct Series {
    kind: String,
    interval: i32,
    days: Vec<Weekday>,
    week_start: Weekday,
    index: i8,
    day: i8,
    month: i8,
    first: Date,
    last: Option<Date>,
    count: Option<usize>,
    time: Time,
    zone: &'static Zone,
    length: jiff::SignedDuration,
}

impl Series {
    /// Reads the series of an event; `None` when it does not recur.
    pub fn read(props: &Map<String, Value>) -> Option<Series> {
        let recurrence = props.get("recurrence").filter(|it| it.is_object())?;
        let (pattern, range) = (&recurrence["pattern"], &recurrence["range"]);
        let (start, end) = (when::stored(&props["start"]), when::stored(&props["end"]));
        // The range may name a zone of its own; its wall time is what stays the same (recurrencerange.md).
        let zone = range["recurrenceTimeZone"].as_str().and_then(|it| zones::find(it).ok()).unwrap_or(start.zone);
        let time = start.at.to_zoned(zone.rules.clone()).time();
        let number = |name: &str| pattern[name].as_i64().unwrap_or(0);
        let index =
            ["first", "second", "third", "fourth", "last"].iter().position(|it| pattern["index"] == *it).unwrap_or(0);
        let days = pattern["daysOfWeek"].as_array().into_iter().flatten().filter_map(|it| weekday(it.as_str()?));
        Some(Series {
            kind: pattern["type"].as_str()?.to_string(),
            interval: number("interval").max(1) as i32,
            days: days.collect(),
            week_start: pattern["firstDayOfWeek"].as_str().and_then(weekday).unwrap_or(Weekday::Sunday),
            index: index as i8,
            day: number("dayOfMonth") as i8,
            month: number("month") as i8,
            first: range["startDate"].as_str()?.parse().ok()?,
            last: (range["type"] == "endDate").then(|| range["endDate"].as_str()?.parse().ok()).flatten(),
            count: (range["type"] == "numbered").then(|| range["numberOfOccurrences"].as_u64().unwrap_or(1) as usize),
            time,
            zone,
            length: end.at.duration_since(start.at),
        })
    }

    /// Returns all dates in order; without end they go on until the calendar does.
    pub fn dates(&self) -> impl Iterator<Item = Date> + '_ {
        let all = (0..PERIODS as i32).map_while(|step| self.period(step)).flatten();
        let fits = move |it: &Date| self.last.is_none_or(|last| *it <= last);
        all.filter(|it| *it >= self.first).take_while(fits).take(self.count.unwrap_or(usize::MAX))
    }

    /// Returns the first date.
    pub fn first(&self) -> Option<Date> {
        self.dates().next()
    }

    /// Returns when the last occurrence ends; `None` for a series without end.
    pub fn end(&self) -> Option<Timestamp> {
        if self.last.is_none() && self.count.is_none() {
            return None;
        }
        self.dates().last().and_then(|it| self.start(it).at.checked_add(self.length).ok())
    }

    /// Tells whether the series has an occurrence on this date.
    pub fn has(&self, date: Date) -> bool {
        self.dates().take_while(|it| *it <= date).last() == Some(date)
    }

    /// Returns the dates whose occurrences touch a window.
    pub fn between(&self, from: Timestamp, to: Timestamp) -> Vec<Date> {
        let dates = self.dates().take_while(|it| self.start(*it).at < to);
        dates.filter(|it| self.start(*it).at.checked_add(self.length).is_ok_and(|end| end >= from)).collect()
    }

    /// Returns when the occurrence of a date starts.
    pub fn start(&self, date: Date) -> Moment {
        Moment::new(date.to_datetime(self.time), self.zone)
    }

    /// Returns the dates of one period, in order; `None` past the end of the calendar.
    fn period(&self, step: i32) -> Option<Vec<Date>> {
        let step = step.checked_mul(self.interval)?;
        let month = |months: i32, anchor: Date| anchor.first_of_month().checked_add(months.months()).ok();
        Some(match self.kind.as_str() {
            "daily" => vec![self.first.checked_add(step.days()).ok()?],
            "weekly" => {
                let back = i32::from(self.first.weekday().since(self.week_start));
                let week = self.first.checked_sub(back.days()).ok()?.checked_add(step.weeks()).ok()?;
                let days = (0..7).filter_map(|it: i32| week.checked_add(it.days()).ok());
                days.filter(|it| self.days.contains(&it.weekday())).collect()
            }
            "absoluteMonthly" => vec![clipped(month(step, self.first)?, self.day)],
            "relativeMonthly" => vec![self.relative(month(step, self.first)?)?],
            "absoluteYearly" => vec![clipped(self.in_year(step)?, self.day)],
            _ => vec![self.relative(self.in_year(step)?)?],
        })
    }

    fn in_year(&self, years: i32) -> Option<Date> {
        let year = i16::try_from(i32::from(self.first.year()) + years).ok()?;
        Date::new(year, self.month.clamp(1, 12), 1).ok()
    }

    /// The first to fourth, or the last, day of the month that is one of the weekdays: once a period, even with several
    /// (recurrencepattern.md).
    fn relative(&self, month: Date) -> Option<Date> {
        let days = (0..month.days_in_month()).filter_map(|it| month.checked_add(i32::from(it).days()).ok());
        let hits: Vec<Date> = days.filter(|it| self.days.contains(&it.weekday())).collect();
        if self.index == 4 { hits.last().copied() } else { hits.get(self.index as usize).copied() }
    }
}

/// A day that a month lacks falls on its last one, as Outlook does (observed).
fn clipped(month: Date, day: i8) -> Date {
    let day = day.clamp(1, month.days_in_month());
    Date::new(month.year(), month.month(), day).unwrap_or(month)
}

fn weekday(name: &str) -> Option<Weekday> {
    Some(match name {
        "sunday" => Weekday::Sunday,
        "monday" => Weekday::Monday,
        "tuesday" => Weekday::Tuesday,
        "wednesday" => Weekday::Wednesday,
        "thursday" => Weekday::Thursday,
        "friday" => Weekday::Friday,
        "saturday" => Weekday::Saturday,
        _ => return None,
    })
}
