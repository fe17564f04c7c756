//! On which days an event of a calendar file begins that repeats: by a rule, on further dates (`RDATE`), but for some (`EXDATE`).
//!
//! A rule is taken if a series of Graph's could have the same one, so that its dates are those of every other reader. One without an
//! end is followed for some years: nobody cancels dates for ever.

use crate::manifest::ics::{Wrong, day};
use crate::problem::cut;
use crate::recurrence;
use icalendar::parser::{Component, Property};
use jiff::civil::{Date, Time, date};
use jiff::tz::TimeZone;
use std::collections::BTreeSet;

/// Until when rules are followed.
pub const FOLLOWED: Date = date(2040, 12, 31);

/// What else repeats, and is not read: a rule of what is left out, and a single date that is moved.
const UNREAD: [&str; 2] = ["EXRULE", "RECURRENCE-ID"];

const WRITE_OUT: &str = "write each of its days out, in the file or under `dates`";

/// Lists the days on which an event begins, `first` among them; `most` is how many are worth listing.
pub fn starts(event: &Component, first: Date, most: usize) -> Result<BTreeSet<Date>, Wrong> {
    let all =
        |name: &'static str| event.properties.iter().filter(move |it| it.name.as_str().eq_ignore_ascii_case(name));
    if let Some(name) = UNREAD.into_iter().find(|it| all(it).next().is_some()) {
        return Err((format!("this event repeats in a way that is not read (`{name}`)"), WRITE_OUT));
    }
    let mut starts = BTreeSet::from([first]);
    let mut rules = all("RRULE");
    if let Some(rule) = rules.next() {
        if rules.next().is_some() {
            return Err(("this event has two rules (`RRULE`)".into(), WRITE_OUT));
        }
        starts.extend(by_rule(rule.val.as_str().trim(), first)?.take(most + 1));
    }
    for further in all("RDATE") {
        starts.extend(listed(further)?);
    }
    for without in all("EXDATE") {
        listed(without)?.iter().for_each(|day| _ = starts.remove(day));
    }
    Ok(starts)
}

/// The dates of a rule, as far as they are followed.
fn by_rule(rule: &str, first: Date) -> Result<impl Iterator<Item = Date> + use<>, Wrong> {
    let upper = rule.to_ascii_uppercase();
    let until = upper.split(';').find_map(|part| part.strip_prefix("UNTIL="));
    if until.is_some_and(|it| it.contains('T')) {
        // Whole days have no zone that this time could be of.
        return Err((format!("the rule of whole days ends at a time of day: `{}`", cut(rule)), WRITE_OUT));
    }
    let read = recurrence::from_rrule(rule, first.to_datetime(Time::midnight()), &TimeZone::UTC);
    let mut read =
        read.map_err(|it| (format!("this event repeats in a way that no series can: {}", it.message), WRITE_OUT))?;
    read["range"]["startDate"] = first.to_string().into();
    let dates =
        recurrence::dates(&read).map_err(|message| (format!("this rule has no dates: {message}"), WRITE_OUT))?;
    let mut dates = dates.peekable();
    match dates.peek() == Some(&first) {
        true => Ok(dates.take_while(|it| *it <= FOLLOWED)),
        false => Err((format!("this event begins on a day that its rule does not have: `{}`", cut(rule)), WRITE_OUT)),
    }
}

/// The dates of a list of them.
fn listed(property: &Property) -> Result<Vec<Date>, Wrong> {
    property.val.as_str().split(',').map(|text| day(property.name.as_str(), text)).collect()
}
