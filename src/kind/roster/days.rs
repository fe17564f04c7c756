//! On which days an event or meeting takes place, as far as the days of people in a roster are concerned.
//!
//! A person is in the list if one of these days is theirs; a date that is skipped is none of them, and one that is moved is where it
//! is moved to. So it follows from the manifests alone: nobody comes or goes because a
//! day has passed.

use crate::kind::event::View;
use crate::kind::{Exception, Expanded, KindId, online_meeting};
use crate::recurrence;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde_json::Value;
use std::collections::BTreeSet;

/// The days of one event or meeting, on its own clock.
#[derive(Debug, Clone, PartialEq)]
pub enum Days {
    /// It has no time: every day.
    Every,
    /// From the first to the last.
    Between(Date, Date),
    /// The dates of a series.
    Series(Series),
}

/// The days of a series.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    recurrence: Value,
    /// How many days each date goes on after its own.
    more: i64,
    /// The dates that are skipped or moved.
    apart: BTreeSet<Date>,
    /// The first and the last day of each date that is moved.
    moved: Vec<(Date, Date)>,
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
        let day = |at: Timestamp| at.to_zoned(zone.clone()).date();
        // What ends at midnight does not take place on the day that begins then.
        let days = |start: Timestamp, end: Option<Timestamp>| {
            (day(start), day(end.filter(|end| *end > start).map_or(start, |end| end - 1.nanosecond())))
        };
        let Some((first, last)) = start.map(|start| days(start, end)) else { return Days::Every };
        let Some(recurrence) = series else { return Days::Between(first, last) };
        let mut series = Series {
            recurrence: recurrence.clone(),
            more: i64::from((last - first).get_days()),
            apart: BTreeSet::new(),
            moved: vec![],
        };
        for (date, exception) in &spec.exceptions {
            let to = match exception {
                Exception::Skipped => None,
                Exception::Changed(own) => {
                    let event = View::of(own);
                    let Some(start) = event.start() else { continue };
                    Some(days(start, event.end()))
                }
            };
            series.apart.insert(*date);
            series.moved.extend(to);
        }
        Days::Series(series)
    }

    /// Whether one of them is from a first to a last day, both included.
    pub fn meet(&self, from: Option<Date>, until: Option<Date>) -> bool {
        let (from, until) = (from.unwrap_or(Date::MIN), until.unwrap_or(Date::MAX));
        match self {
            Days::Every => true,
            Days::Between(first, last) => *first <= until && from <= *last,
            Days::Series(series) => {
                let moved = series.moved.iter().any(|(first, last)| *first <= until && from <= *last);
                let from = from.saturating_sub(series.more.days());
                let mut dates = recurrence::dates_around(&series.recurrence, from).into_iter().flatten();
                let next = dates.find(|date| *date >= from && !series.apart.contains(date));
                moved || next.is_some_and(|date| date <= until)
            }
        }
    }
}
