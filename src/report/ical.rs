//! What stands in calendars once a plan is applied, in the terms of iCalendar (RFC 5545): identifiers, stamps, rules and zones.

use crate::model::{Desired, Live};
use crate::plan::agenda::{Apart, Standing, agenda};
use crate::plan::{Action, Plan};
use crate::recurrence::{Until, to_rrule};
use crate::report::verb;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp, ToSpan, Zoned};
use std::collections::BTreeMap;

/// How long after its beginning, or after the plan, the clocks of a series without end are told.
const AHEAD: SignedDuration = SignedDuration::from_hours(10 * 366 * 24);

/// A calendar.
#[derive(Debug, Clone, PartialEq)]
pub struct Ical {
    /// What it is called.
    pub name: String,
    /// When it was made.
    pub stamp: Timestamp,
    /// The zones that its events name.
    pub zones: Vec<Zone>,
    /// Events, and dates of a series that are not like the others.
    pub events: Vec<Event>,
}

/// One event, or one date of a series that is not like the others.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// The same for the same key of the same workspace, whenever it is planned.
    pub uid: String,
    pub summary: String,
    /// What is done with it.
    pub description: String,
    pub category: &'static str,
    /// An address, where it is one.
    pub organizer: Option<String>,
    pub cancelled: bool,
    pub start: Stamp,
    pub end: Stamp,
    /// How it repeats.
    pub rule: Option<String>,
    /// Its dates, where no rule has them.
    pub dates: Vec<Stamp>,
    /// Dates that it would have and that do not take place.
    pub skipped: Vec<Stamp>,
    /// When it would start, if it is a date of a series.
    pub of: Option<Stamp>,
}

/// A moment as it is written.
#[derive(Debug, Clone, PartialEq)]
pub enum Stamp {
    Day(Date),
    /// On the clock of a zone.
    Local(DateTime, String),
    Utc(Timestamp),
}

/// A zone with the changes of its clock that matter.
#[derive(Debug, Clone, PartialEq)]
pub struct Zone {
    pub name: String,
    pub changes: Vec<Onset>,
}

/// A clock that begins to be kept.
#[derive(Debug, Clone, PartialEq)]
pub struct Onset {
    /// On the clock before.
    pub at: DateTime,
    pub from: Offset,
    pub to: Offset,
    pub summer: bool,
    pub name: String,
}

/// Makes the calendar of a plan from what it was made from.
pub fn ical(plan: &Plan, desired: &[Desired], live: &Live) -> Ical {
    let (mut zones, mut duplicates) = (Zones::default(), 0);
    let mut events = vec![];
    for standing in agenda(plan, desired, live) {
        let mut uid = format!("{}/{}", plan.workspace, standing.key);
        if standing.duplicate {
            duplicates += 1;
            uid += &format!("/duplicate-{duplicates}");
        }
        events.extend(of_standing(&standing, &format!("{uid}@convoke"), plan.made, &mut zones));
    }
    Ical { name: plan.workspace.clone(), stamp: plan.made, zones: zones.all(), events }
}

fn of_standing(it: &Standing, uid: &str, made: Timestamp, zones: &mut Zones) -> Vec<Event> {
    let rule = it.recurrence.as_ref().and_then(to_rrule);
    let repeats = it.recurrence.is_some();
    if repeats && !it.all_day {
        zones.add(&it.first.0, it.recurrence.as_ref(), made);
    }
    // A single event needs no zone to be the instant that it is.
    let stamp = |at: &Zoned| match (it.all_day, repeats, at.time_zone().iana_name()) {
        (true, _, _) => Stamp::Day(at.date()),
        (false, true, Some(zone)) if *at.time_zone() != TimeZone::UTC => Stamp::Local(at.datetime(), zone.to_owned()),
        (false, _, _) => Stamp::Utc(at.timestamp()),
    };
    let event = |(start, end): &(Zoned, Zoned), subject: Option<&String>| Event {
        uid: uid.to_owned(),
        summary: subject.cloned().unwrap_or_else(|| it.key.name().to_owned()),
        description: format!("{}: {}", it.key, verb(it.action)),
        category: verb(it.action),
        organizer: Some(it.organizer.clone()).filter(|it| it.contains('@')),
        cancelled: it.action == Action::Cancel,
        start: stamp(start),
        end: stamp(end),
        rule: None,
        dates: vec![],
        skipped: vec![],
        of: None,
    };
    let apart = it.exceptions.iter().filter_map(|Apart { of, instead }| {
        let instead = instead.as_ref()?;
        let own = event(&instead.at, instead.subject.as_ref().or(it.subject.as_ref()));
        Some(Event { of: Some(stamp(of)), ..own })
    });
    let skipped = it.exceptions.iter().filter(|it| it.instead.is_none()).map(|it| stamp(&it.of)).collect();
    let rule = rule.as_ref().map(|(rule, until)| rule.clone() + &end_of(*until, &it.first.0, it.all_day));
    // The first date among them: not every reader takes it from the start, where there is no rule.
    let dates = it.listed.iter().map(stamp).collect();
    let whole = Event { rule, dates, skipped, ..event(&it.first, it.subject.as_ref()) };
    std::iter::once(whole).chain(apart).collect()
}

/// The end of a rule: a date for whole days, else an instant in UTC (RFC 5545, 3.3.10).
fn end_of(until: Until, first: &Zoned, all_day: bool) -> String {
    match until {
        Until::Never => String::new(),
        Until::Count(number) => format!(";COUNT={number}"),
        Until::Date(last) if all_day => format!(";UNTIL={}", last.strftime("%Y%m%d")),
        Until::Date(last) => {
            let end =
                first.time_zone().to_ambiguous_zoned(last.to_datetime(Time::constant(23, 59, 59, 0))).compatible();
            let end = end.map_or(Timestamp::MAX, |it| it.timestamp());
            format!(";UNTIL={}", end.strftime("%Y%m%dT%H%M%SZ"))
        }
    }
}

/// From when until when the clock of each zone matters.
#[derive(Default)]
struct Zones(BTreeMap<String, (TimeZone, Timestamp, Timestamp)>);

impl Zones {
    fn add(&mut self, first: &Zoned, recurrence: Option<&serde_json::Value>, made: Timestamp) {
        let zone = first.time_zone();
        let Some(name) = zone.iana_name().filter(|_| *zone != TimeZone::UTC) else { return };
        let begins = first.timestamp();
        let most = begins.max(made).checked_add(AHEAD).unwrap_or(Timestamp::MAX);
        let last = recurrence.and_then(crate::recurrence::last).and_then(|date| date.checked_add(2.days()).ok());
        let ends = last.and_then(|date| date.to_zoned(zone.clone()).ok()).map_or(most, |it| it.timestamp().min(most));
        let known = self.0.entry(name.to_owned()).or_insert((zone.clone(), begins, ends));
        (known.1, known.2) = (known.1.min(begins), known.2.max(ends));
    }

    fn all(self) -> Vec<Zone> {
        self.0
            .into_iter()
            .map(|(name, (zone, from, until))| Zone { name, changes: changes(&zone, from, until) })
            .collect()
    }
}

/// The clock at a time, since the change before it, and each later one.
fn changes(zone: &TimeZone, from: Timestamp, until: Timestamp) -> Vec<Onset> {
    let onset = |at: Timestamp, before: Offset| {
        let info = zone.to_offset_info(at);
        Onset {
            at: before.to_datetime(at),
            from: before,
            to: info.offset(),
            summer: info.dst().is_dst(),
            name: info.abbreviation().to_owned(),
        }
    };
    let begins = zone.preceding(from).next().map(|it| it.timestamp());
    let first = begins.unwrap_or_else(|| from.checked_sub(SignedDuration::from_hours(24)).unwrap_or(from));
    let mut before =
        first.checked_sub(SignedDuration::from_secs(1)).map_or(zone.to_offset(first), |it| zone.to_offset(it));
    let times = std::iter::once(first).chain(zone.following(from).map(|it| it.timestamp()));
    let mut changes = vec![];
    for at in times.take_while(|at| *at == first || *at < until) {
        changes.push(onset(at, before));
        before = zone.to_offset(at);
    }
    changes
}
