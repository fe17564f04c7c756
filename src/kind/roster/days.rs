//! On which days an event or meeting takes place, as far as the days of people in a roster are concerned.
//!
//! A person is in the list if one of these days is theirs. So it follows from the manifests alone: nobody comes or goes because a
//! day has passed.

use crate::kind::event::View;
use crate::kind::{Expanded, KindId, online_meeting};
use crate::recurrence;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde_json::Value;

/// The days of one event or meeting, on its own clock.
#[derive(Debug, Clone, PartialEq)]
pub enum Days {
    /// It has no time: every day.
    Every,
    /// From the first to the last.
    Between(Date, Date),
    /// The dates of a series, each of which lasts so many days more.
    Series(Value, i64),
}

impl Days {
    /// Returns the days of an expanded spec.
    pub fn of(kind: KindId, spec: &Expanded) -> Days {
        let zone = spec.clock.as_deref().and_then(crate::when::zone).unwrap_or(TimeZone::UTC);
        let (start, end, series) = match kind {
            KindId::Event => {
                let event = View::of(&spec.own);
                (event.start(), event.end(), event.recurrence())
            }
            KindId::OnlineMeeting => {
                let meeting = online_meeting::View::of(&spec.own);
                let (start, end) = meeting.slot().unzip();
                (start, end, None)
            }
        };
        let Some(start) = start else { return Days::Every };
        // What ends at midnight does not take place on the day that begins then.
        let end = end.filter(|end| *end > start).map_or(start, |end| end - 1.nanosecond());
        let day = |at: Timestamp| at.to_zoned(zone.clone()).date();
        let (first, last) = (day(start), day(end));
        match series {
            None => Days::Between(first, last),
            Some(series) => Days::Series(series.clone(), i64::from((last - first).get_days())),
        }
    }

    /// Whether one of them is from a first to a last day, both included.
    pub fn meet(&self, from: Option<Date>, until: Option<Date>) -> bool {
        let (from, until) = (from.unwrap_or(Date::MIN), until.unwrap_or(Date::MAX));
        match self {
            Days::Every => true,
            Days::Between(first, last) => *first <= until && from <= *last,
            Days::Series(series, more) => {
                let from = from.saturating_sub(more.days());
                let dates = recurrence::dates_around(series, from);
                dates.into_iter().flatten().find(|date| *date >= from).is_some_and(|date| date <= until)
            }
        }
    }
}
