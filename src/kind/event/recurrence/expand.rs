//! Graph's form of a recurrence, with what an author may leave out, and what is wrong with it.
//!
//! Which dates a pattern has, the module `recurrence` of the ground floor knows.

use crate::kind::Fault;
use crate::kind::times::{self, Moment};
use crate::recurrence::{self, Refused};
use crate::when;
use jiff::Unit;
use jiff::civil::{Date, DateTime, date};
use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};

const ANY: DateTime = date(2027, 1, 1).at(0, 0, 0, 0);

/// The last day of Exchange's calendar (observed).
const LAST: Date = date(4500, 9, 1);

/// Dates of a series that are looked at for the shortest time between two of them: five years of months.
const LOOKED_AT: usize = 60;

/// Turns the recurrence of a spec into Graph's: interval, start date and zone are filled in.
///
/// A rule of iCalendar becomes Graph's own form. `start` is the start of the event, if it could be read; the series must begin on its
/// date (recurrencerange.md).
pub fn expand(value: &Value, start: Option<&Moment>, faults: &mut Vec<Fault>) -> Value {
    let mut whole = match value {
        Value::String(rule) => {
            // Without a start that can be read, a rule is still held against what Graph can say.
            let utc = TimeZone::UTC;
            let (local, clock) = start.map_or((ANY, &utc), |start| (start.local, start.clock()));
            match recurrence::from_rrule(rule, local, clock) {
                Ok(read) => read,
                Err(Refused { message, part, nearest }) => {
                    let hint = match nearest.filter(|_| start.is_some()) {
                        Some(nearest) => format!("write the nearest that Graph has: `{nearest}`"),
                        None => {
                            "write a rule such as `FREQ=WEEKLY;COUNT=10`, or see `convoke explain Event.recurrence`"
                                .into()
                        }
                    };
                    faults.push(Fault::new("/recurrence", message, hint).within(part));
                    return Value::Null;
                }
            }
        }
        value => value.clone(),
    };
    fill(&mut whole, "/pattern", "interval", || 1.into());
    if let Some(name) = value.pointer("/range/recurrenceTimeZone").and_then(Value::as_str) {
        let zone = times::zone(name, "/recurrence/range/recurrenceTimeZone", faults);
        if let (Some(zone), Some(range)) = (zone, whole.get_mut("range")) {
            range["recurrenceTimeZone"] = zone.graph.into();
        }
    }
    let Some(start) = start else { return whole };
    let first = start.local.date();
    fill(&mut whole, "/range", "startDate", || first.to_string().into());
    fill(&mut whole, "/range", "recurrenceTimeZone", || start.zone.graph.clone().into());
    check(&whole, first, value.is_string(), faults);
    whole
}

/// Adds a fault when an occurrence lasts longer than until the next one begins, which Exchange refuses.
pub fn in_turn(spec: &Map<String, Value>, recurrence: &Value, start: &Moment, end: &Moment, faults: &mut Vec<Fault>) {
    let minutes = match start.zone == end.zone {
        // A day on the clock is a day, however long.
        true => start.local.until((Unit::Minute, end.local)).map_or(0, |it| it.get_minutes()),
        false => end.instant.duration_since(start.instant).as_mins(),
    };
    // Two dates lie a day apart at least.
    let days = (minutes - 1) / (24 * 60);
    if days < 1 {
        return;
    }
    let Ok(dates) = recurrence::dates(recurrence) else { return };
    let dates: Vec<Date> = dates.take(LOOKED_AT).collect();
    let gap = |pair: &[Date]| pair[0].until(pair[1]).map(|it| it.get_days()).unwrap_or(i32::MAX);
    let Some(shortest) = dates.windows(2).map(gap).min().filter(|gap| i64::from(*gap) <= days) else { return };
    let name = ["duration", "end", "endDateTime"].into_iter().find(|name| spec.contains_key(*name)).unwrap_or("end");
    let next = if shortest == 1 { "a day".to_owned() } else { format!("{shortest} days") };
    let message = format!("an occurrence lasts longer than until the next begins, {next} later");
    let fault = Fault::new(&format!("/{name}"), message, format!("write `duration: {shortest}d` or less"));
    faults.push(fault.and("/recurrence"));
}

fn fill(recurrence: &mut Value, part: &str, name: &str, value: impl FnOnce() -> Value) {
    if let Some(part) = recurrence.pointer_mut(part).and_then(Value::as_object_mut) {
        part.entry(name).or_insert_with(value);
    }
}

/// Says what is wrong with a filled recurrence whose event starts on the date `first`; whether it was written as a rule.
fn check(recurrence: &Value, first: Date, rule: bool, faults: &mut Vec<Fault>) {
    let range = |name: &str| recurrence.pointer("/range").and_then(|range| range.get(name)).and_then(Value::as_str);
    if let Some(text) = range("startDate").filter(|text| when::date(text) != Ok(first)) {
        let message = format!("the series starts on another date than `start`: `{text}`");
        let hint = format!("write `{first}`, or leave `startDate` out");
        faults.push(Fault::new("/recurrence/range/startDate", message, hint).and("/start"));
        return;
    }
    if let Some(Ok(last)) = range("endDate").map(when::date)
        && last < first
    {
        let message = format!("the series ends before it starts: `{last}`");
        let hint = format!("write a date from `{first}` on");
        faults.push(Fault::new("/recurrence/range/endDate", message, hint).and("/start"));
        return;
    }
    if let Some(text) = range("endDate").filter(|text| when::date(text).is_ok_and(|last| last > LAST)) {
        let message = format!("calendars end on {LAST}: `{text}`");
        let hint = if rule { "leave `UNTIL` out" } else { "write `range: {type: noEnd}`" };
        faults.push(Fault::new("/recurrence/range/endDate", message, hint));
        return;
    }
    let mut dates = match recurrence::dates(recurrence) {
        Ok(dates) => dates,
        Err(message) => {
            let hint = "see `convoke explain Event.recurrence`";
            faults.push(Fault::new("/recurrence", message, hint));
            return;
        }
    };
    let fits = dates.next();
    if fits == Some(first) {
        return;
    }
    let day = first.strftime("%A").to_string().to_lowercase();
    let message = match recurrence.pointer("/pattern/daysOfWeek") {
        Some(days) if !days.as_array().is_some_and(|days| days.contains(&json!(day))) => {
            format!("`start` is a {day}, which is not in `daysOfWeek`")
        }
        Some(_) | None => format!("`start` is not on a date of the pattern: `{first}`"),
    };
    let hint = match fits {
        Some(date) => format!("the first date that fits is `{date}`"),
        None => "no date of the range fits the pattern".into(),
    };
    let place = match recurrence.pointer("/pattern/daysOfWeek") {
        Some(_) => "/recurrence/pattern/daysOfWeek",
        None => "/recurrence/pattern",
    };
    faults.push(Fault::new("/start", message, hint).and(place));
}
