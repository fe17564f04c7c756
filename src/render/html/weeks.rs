//! What the template of the calendar is given.

use crate::plural::either;
use crate::report::Report;
use crate::report::calendar::{self, Calendar, Entry, Fate, Time};
use serde::Serialize;

/// The weeks.
#[derive(Serialize)]
pub struct Weeks<'a> {
    weeks: Vec<Week<'a>>,
    goes_on: Vec<GoesOn<'a>>,
    goes_on_words: String,
    left_out: Option<&'a str>,
}

#[derive(Serialize)]
struct Week<'a> {
    monday: String,
    title: String,
    days: Vec<Day<'a>>,
}

#[derive(Serialize)]
struct Day<'a> {
    date: String,
    name: String,
    entries: Vec<One<'a>>,
}

#[derive(Serialize)]
struct One<'a> {
    step: usize,
    key: &'a str,
    title: &'a str,
    sort: &'static str,
    sign: char,
    words: &'static str,
    time: Span<'a>,
    other: Option<Span<'a>>,
    zone: &'a str,
    clashes: bool,
}

#[derive(Serialize)]
struct Span<'a> {
    start: &'a str,
    end: &'a str,
    all_day: bool,
    day: &'a str,
    clock: &'a str,
}

#[derive(Serialize)]
struct GoesOn<'a> {
    step: usize,
    key: &'a str,
    text: &'a str,
}

/// Shapes the calendar of a report.
pub fn of<'a>(calendar: &'a Calendar, report: &'a Report) -> Weeks<'a> {
    let Calendar { weeks, goes_on, left_out } = calendar;
    let go = either(goes_on.len(), "series goes", "series go");
    Weeks {
        weeks: weeks.iter().map(Week::of).collect(),
        goes_on_words: format!("{} {go} on after the dates shown here", goes_on.len()),
        goes_on: goes_on
            .iter()
            .map(|(step, text)| GoesOn { step: *step, key: &report.steps[*step].key, text })
            .collect(),
        left_out: left_out.as_deref(),
    }
}

impl<'a> Week<'a> {
    fn of(week: &'a calendar::Week) -> Week<'a> {
        let day = |(date, entries): (jiff::civil::Date, &'a Vec<Entry>)| Day {
            date: date.to_string(),
            name: calendar::day(date),
            entries: entries.iter().map(One::of).collect(),
        };
        let days = week.dates().zip(&week.days).map(day).collect();
        Week { monday: week.monday.to_string(), title: week.title(), days }
    }
}

impl<'a> One<'a> {
    fn of(entry: &'a Entry) -> One<'a> {
        let Entry { step, key, title, fate, time, other, zone, clashes } = entry;
        One {
            step: *step,
            key,
            title,
            sort: class(*fate),
            sign: fate.sign(),
            words: fate.words(),
            time: Span::of(time),
            other: other.as_ref().map(Span::of),
            zone,
            clashes: *clashes,
        }
    }
}

fn class(fate: Fate) -> &'static str {
    match fate {
        Fate::New => "new",
        Fate::Changed => "changed",
        Fate::MovedHere => "here",
        Fate::MovedAway => "away",
        Fate::Cancelled => "gone",
    }
}

impl<'a> Span<'a> {
    fn of(time: &'a Time) -> Span<'a> {
        let Time { start, end, all_day, day, clock } = time;
        Span { start, end, all_day: *all_day, day, clock }
    }
}
