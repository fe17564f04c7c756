//! The weeks that a plan changes, as people see them in a calendar: what is new, moved, changed and cancelled, day by day.

use crate::model::{Desired, Live};
use crate::plan::Plan;
use crate::plan::future::{Becomes, Dated, Future, future};
use crate::plural::count;
use crate::when;
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan, Zoned};
use std::collections::BTreeMap;

/// Dates of one series that are shown at most.
const MOST_OF_SERIES: usize = 12;

/// Dates of all events together that are shown at most.
const MOST: usize = 6000;

/// The weeks that hold something.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Calendar {
    /// In order of time.
    pub weeks: Vec<Week>,
    /// Series that go on after the dates that are shown, each with its step.
    pub goes_on: Vec<(usize, String)>,
    /// What is not shown at all, in a sentence.
    pub left_out: Option<String>,
}

/// One week.
#[derive(Debug, Clone, PartialEq)]
pub struct Week {
    /// Its Monday.
    pub monday: Date,
    /// From Monday to Sunday.
    pub days: [Vec<Entry>; 7],
}

/// One event on one day.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The place of its step.
    pub step: usize,
    /// Its key.
    pub key: String,
    /// Its subject, or else its name.
    pub title: String,
    /// What becomes of it.
    pub fate: Fate,
    /// When it takes place.
    pub time: Time,
    /// Where it was before, or is now.
    pub other: Option<Time>,
    /// The zone whose clock it is read on, by its IANA name.
    pub zone: String,
    /// Somebody or a room is taken already.
    pub clashes: bool,
}

/// A stretch of time, as instants and in words.
#[derive(Debug, Clone, PartialEq)]
pub struct Time {
    /// When it begins, in UTC.
    pub start: String,
    /// When it ends, in UTC; that instant does not belong to it.
    pub end: String,
    /// It lasts whole days, which float: no zone moves them.
    pub all_day: bool,
    /// `Tue 1 Dec`.
    pub day: String,
    /// `10:00–10:45`.
    pub clock: String,
}

/// What becomes of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    /// It comes.
    New,
    /// It stays where it is, and something else of it changes.
    Changed,
    /// It comes from another time.
    MovedHere,
    /// It goes to another time.
    MovedAway,
    /// It goes.
    Cancelled,
}

impl Fate {
    /// The fate as one sign.
    pub fn sign(self) -> char {
        match self {
            Fate::New => '+',
            Fate::Changed => '~',
            Fate::MovedHere => '→',
            Fate::MovedAway => '←',
            Fate::Cancelled => '−',
        }
    }

    /// The fate in words.
    pub fn words(self) -> &'static str {
        match self {
            Fate::New => "new",
            Fate::Changed => "changed",
            Fate::MovedHere => "moved here",
            Fate::MovedAway => "moved away",
            Fate::Cancelled => "cancelled",
        }
    }
}

/// Makes the calendar of a plan from what it was made from.
pub fn calendar(plan: &Plan, desired: &[Desired], live: &Live) -> Calendar {
    let changed = plan.steps.iter().filter(|step| !step.requests.is_empty()).count();
    let futures = future(plan, desired, live, (MOST / changed.max(1)).clamp(1, MOST_OF_SERIES));
    let mut entries: Vec<(Date, Timestamp, Entry)> = futures.iter().flat_map(entries).collect();
    entries.sort_by(|one, other| (one.0, one.1, &one.2.key).cmp(&(other.0, other.1, &other.2.key)));
    let left_out = entries.get(MOST).map(|(from, _, _)| {
        format!("{} from {from} on are not shown: there are too many", count(entries.len() - MOST, "more date"))
    });
    entries.truncate(MOST);
    let mut weeks: BTreeMap<Date, [Vec<Entry>; 7]> = BTreeMap::new();
    for (date, _, entry) in entries {
        let day = date.weekday().to_monday_zero_offset();
        let monday = date.saturating_sub(i64::from(day).days());
        weeks.entry(monday).or_default()[day as usize].push(entry);
    }
    Calendar {
        weeks: weeks.into_iter().map(|(monday, days)| Week { monday, days }).collect(),
        goes_on: futures.iter().filter_map(|it| Some((it.step, goes_on(it)?))).collect(),
        left_out,
    }
}

fn goes_on(future: &Future) -> Option<String> {
    Some(match future.goes_on? {
        Some(last) => format!("goes on until {last}"),
        None => "goes on without end".into(),
    })
}

fn entries(future: &Future) -> impl Iterator<Item = (Date, Timestamp, Entry)> {
    let zone = future.zone.iana_name().unwrap_or("UTC");
    let entry = move |at: (Timestamp, Timestamp), fate, other: Option<(Timestamp, Timestamp)>, clashes| {
        let (date, time) = of_slot(future, at);
        let entry = Entry {
            step: future.step,
            key: future.key.to_string(),
            title: future.subject.clone().unwrap_or_else(|| future.key.name().into()),
            fate,
            time,
            other: other.map(|it| of_slot(future, it).1),
            zone: zone.to_owned(),
            clashes,
        };
        (date, at.0, entry)
    };
    future.dates.iter().flat_map(move |Dated { at, becomes, clashes }| {
        let entries = match *becomes {
            Becomes::Added => [Some(entry(*at, Fate::New, None, *clashes)), None],
            Becomes::Changed => [Some(entry(*at, Fate::Changed, None, *clashes)), None],
            Becomes::Cancelled => [Some(entry(*at, Fate::Cancelled, None, false)), None],
            Becomes::Moved(was) => {
                let [here, away] = [Fate::MovedHere, Fate::MovedAway];
                [Some(entry(*at, here, Some(was), *clashes)), Some(entry(was, away, Some(*at), false))]
            }
        };
        entries.into_iter().flatten()
    })
}

/// The day that it begins on, and its time.
fn of_slot(future: &Future, (start, end): (Timestamp, Timestamp)) -> (Date, Time) {
    let [from, until] = [start, end].map(|at| at.to_zoned(future.zone.clone()));
    let time = Time {
        start: when::utc(start),
        end: when::utc(end),
        all_day: future.all_day,
        day: day(from.date()),
        clock: if future.all_day { days(&from, &until) } else { clock(&from, &until) },
    };
    (from.date(), time)
}

/// `Tue 1 Dec`.
pub fn day(date: Date) -> String {
    date.strftime("%a %-d %b").to_string()
}

fn clock(from: &Zoned, until: &Zoned) -> String {
    let until = match until.date() == from.date() {
        true => until.strftime("%H:%M").to_string(),
        false => format!("{} {}", day(until.date()), until.strftime("%H:%M")),
    };
    format!("{}–{until}", from.strftime("%H:%M"))
}

fn days(from: &Zoned, until: &Zoned) -> String {
    match until.date().yesterday() {
        Ok(last) if last > from.date() => format!("all day, until {}", day(last)),
        Ok(_) | Err(_) => "all day".into(),
    }
}

impl Week {
    /// `30 November to 6 December 2026`.
    pub fn title(&self) -> String {
        let sunday = self.monday.saturating_add(6.days());
        let monday = match (self.monday.year() == sunday.year(), self.monday.month() == sunday.month()) {
            (true, true) => "%-d",
            (true, false) => "%-d %B",
            (false, _) => "%-d %B %Y",
        };
        format!("{} to {}", self.monday.strftime(monday), sunday.strftime("%-d %B %Y"))
    }

    /// The dates from Monday to Sunday.
    pub fn dates(&self) -> impl Iterator<Item = Date> {
        (0..7).map(|day| self.monday.saturating_add(i64::from(day).days()))
    }
}
