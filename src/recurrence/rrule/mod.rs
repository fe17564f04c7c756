//! From an iCalendar rule (RFC 5545) to Graph's recurrence, where Graph can express the same.
//!
//! A rule is taken only if it has the very same dates, however it is spelled. Two differences matter most: iCalendar
//! passes over a month that lacks the day, Graph takes its last one; and Graph knows neither a fifth weekday nor several
//! dates in one month. What cannot be expressed is refused with the reason and the nearest rule that can.

mod calendar;
mod nearest;
mod parts;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;

use crate::recurrence::rrule::parts::{Every, Parts};
use crate::recurrence::rule::name_of;
use jiff::civil::{Date, DateTime, Weekday};
use jiff::tz::TimeZone;
use serde_json::{Value, json};

/// Why a rule was not taken.
#[derive(Debug, PartialEq)]
pub struct Refused {
    /// What Graph cannot express, or what is wrong with the rule.
    pub message: String,
    /// The part of the rule that it is about, if it is about one.
    pub part: Option<String>,
    /// The nearest rule that is taken and has the start among its dates.
    pub nearest: Option<String>,
}

/// Reads `RRULE:FREQ=WEEKLY;BYDAY=TU;COUNT=10` (the name may be left out) for a series whose first occurrence is at `start`.
///
/// Returns Graph's pattern and range, the range without a start date. The error says what Graph cannot express, or what is
/// wrong with the rule.
pub fn from_rrule(text: &str, start: DateTime, zone: &TimeZone) -> Result<Value, Refused> {
    let refused = |message: String, nearest| Refused { part: part(text, &message), message, nearest };
    let parts = Parts::read(text, start).map_err(|message| refused(message, None))?;
    convert(&parts, start, zone)
        .map_err(|message| refused(message, nearest::nearest(&parts, start, zone).map(|it| it.to_string())))
}

/// The part of a rule that a message quotes last: with its name where it quotes the value alone.
fn part(text: &str, message: &str) -> Option<String> {
    let quoted = message.strip_suffix('`')?.rsplit('`').next()?;
    let whole = text.rsplit(':').next().unwrap_or(text).split(';').find(|part| {
        let value = part.split_once('=').map(|(_, value)| value);
        *part == quoted || value == Some(quoted) || value.is_some_and(|value| value.split(',').any(|it| it == quoted))
    })?;
    Some(whole.to_owned())
}

fn convert(parts: &Parts, start: DateTime, zone: &TimeZone) -> Result<Value, String> {
    if let Some(clock) = &parts.clock {
        return Err(format!("a series starts at the time of `start`: `{clock}`"));
    }
    if let Some(weeks) = &parts.weeks {
        return Err(format!("Graph does not count the weeks of a year: `BYWEEKNO={weeks}`"));
    }
    if [Every::Day, Every::Week].contains(&parts.every) && parts.days.iter().any(|(place, _)| place.is_some()) {
        let message = "a weekday's place in the month needs `FREQ=MONTHLY` or `FREQ=YEARLY`";
        return Err(format!("{message}: `{}`", parts.narrowing()));
    }
    let first = start.date();
    let narrowed = !(parts.months.is_empty() && parts.month_days.is_empty() && parts.year_days.is_empty());
    let pattern = match &parts.every {
        Every::PartOfDay(name) => Err(format!("Graph's series happen once a day at most: `FREQ={name}`")),
        every @ (Every::Day | Every::Week | Every::Month) if !parts.year_days.is_empty() => {
            Err(format!("`BYYEARDAY` needs `FREQ=YEARLY`: `FREQ={every}`"))
        }
        Every::Day if narrowed && parts.interval > 1 => {
            Err(format!("Graph cannot pass over dates of an interval: `{}`", parts.narrowing()))
        }
        Every::Day if narrowed => calendar::pattern(parts, first),
        Every::Day => daily(parts, first),
        Every::Week => weekly(parts, first),
        Every::Month | Every::Year => calendar::pattern(parts, first),
    }?;
    Ok(json!({"pattern": pattern, "range": range(parts, start, zone)?}))
}

/// Every few days, perhaps only those that fall on certain weekdays: these come round in as many weeks as the interval has
/// days, or each time where the interval is whole weeks.
fn daily(parts: &Parts, first: Date) -> Result<Value, String> {
    one_of_one(parts)?;
    let interval = parts.interval;
    let days = parts.weekdays();
    if days.is_empty() || days.len() == 7 {
        return Ok(json!({"type": "daily", "interval": interval}));
    }
    let round = if interval % 7 == 0 { 1 } else { 7 };
    // How many days after the start its dates lie, until it all comes round again.
    let weekday = |days: i64| first.weekday().wrapping_add(days % 7);
    let offsets: Vec<i64> = (0..round).map(|n| n * interval).filter(|it| days.contains(&weekday(*it))).collect();
    match &offsets[..] {
        [] => Err(format!("the rule has no dates: `{}`", parts.narrowing())),
        [.., last] if *last < 7 => {
            let hit = days.iter().filter(|day| offsets.iter().any(|it| weekday(*it) == **day));
            let names: Vec<_> = hit.map(|day| name_of(*day)).collect();
            let weeks = interval * round / 7;
            let mut pattern = json!({"type": "weekly", "interval": weeks, "daysOfWeek": names});
            if weeks > 1 && names.len() > 1 {
                pattern["firstDayOfWeek"] = json!(name_of(first.weekday()));
            }
            Ok(pattern)
        }
        [..] => Err(format!("Graph cannot pass over dates of an interval: `{}`", parts.narrowing())),
    }
}

fn weekly(parts: &Parts, first: Date) -> Result<Value, String> {
    if !parts.month_days.is_empty() || !parts.months.is_empty() {
        return Err(format!("Graph has its weekdays in every week: `{}` with `FREQ=WEEKLY`", parts.narrowing()));
    }
    let mut days = parts.weekdays();
    if days.is_empty() {
        days.push(first.weekday());
    }
    let week = parts.week.unwrap_or(Weekday::Monday);
    let mut sorted = days.clone();
    sorted.sort_by_key(|day| day.since(week));
    let later = |days: &[Weekday]| -> Vec<Weekday> {
        days.iter().copied().filter(|day| day.since(week) >= first.weekday().since(week)).collect()
    };
    let all = picked(&sorted, parts);
    // Whether the days before the start count in its week is read in two ways.
    if picked(&later(&sorted), parts) != later(&all) {
        return Err(format!("Graph has its weekdays in every week: `{}`", parts.narrowing()));
    }
    if all.is_empty() {
        return Err(format!("the rule has no dates: `{}`", parts.narrowing()));
    }
    days.retain(|day| all.contains(day));
    let names: Vec<_> = days.into_iter().map(name_of).collect();
    Ok(json!({"type": "weekly", "interval": parts.interval, "daysOfWeek": names, "firstDayOfWeek": name_of(week)}))
}

/// What `BYSETPOS` picks of the days of a week, which stand in their order: the same days in every week.
fn picked(days: &[Weekday], parts: &Parts) -> Vec<Weekday> {
    let count = days.len() as i64;
    let places = &parts.places;
    let is_picked = |at: i64| places.is_empty() || places.iter().any(|place| [at + 1, at - count].contains(place));
    (0..).zip(days).filter(|(at, _)| is_picked(*at)).map(|(_, day)| *day).collect()
}

/// Of a period with one date, `BYSETPOS` can pick only that.
fn one_of_one(parts: &Parts) -> Result<(), String> {
    match parts.places.is_empty() || parts.places.iter().any(|place| [1, -1].contains(place)) {
        true => Ok(()),
        false => Err(format!("the rule has no dates: `{}`", parts.narrowing())),
    }
}

fn range(parts: &Parts, start: DateTime, zone: &TimeZone) -> Result<Value, String> {
    match (parts.count, &parts.until) {
        (Some(_), Some(_)) => Err("`COUNT` and `UNTIL` in one rule".into()),
        (Some(count), None) => Ok(json!({"type": "numbered", "numberOfOccurrences": count})),
        (None, None) => Ok(json!({"type": "noEnd"})),
        (None, Some(text)) => Ok(json!({"type": "endDate", "endDate": last_date(text, start, zone)?.to_string()})),
    }
}

/// The last date whose occurrence starts no later than `UNTIL` says.
fn last_date(text: &str, start: DateTime, zone: &TimeZone) -> Result<Date, String> {
    let wrong = || format!("`UNTIL` is a date such as `20270330` or a time such as `20270330T090000Z`: `{text}`");
    let Some((day, time)) = text.split_once('T') else {
        return Date::strptime("%Y%m%d", text).map_err(|_| wrong());
    };
    let utc = time.strip_suffix('Z');
    let at = DateTime::strptime("%Y%m%dT%H%M%S", format!("{day}T{}", utc.unwrap_or(time))).map_err(|_| wrong())?;
    let local = match utc {
        Some(_) => TimeZone::UTC.to_timestamp(at).map_err(|_| wrong())?.to_zoned(zone.clone()).datetime(),
        None => at,
    };
    let whole = if start.time() <= local.time() { Ok(local.date()) } else { local.date().yesterday() };
    whole.map_err(|_| wrong())
}
