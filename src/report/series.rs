//! A series as a sentence: `every week on Tuesday, from 2027-01-12 until 2027-05-25 (20 dates)`.

use crate::plural::count;
use crate::recurrence::{self, End, Index, Pattern, Rule};
use crate::when;
use jiff::civil::Weekday;
use serde_json::Value;

/// Words a `patternedRecurrence`; `None` for one that is not valid.
pub fn sentence(recurrence: &Value) -> Option<String> {
    let rule = Rule::read(recurrence).ok()?;
    let dates = match recurrence::count(recurrence) {
        Some(dates) if !matches!(rule.end, End::After(_)) => {
            format!(" ({})", count(dates as usize, "date"))
        }
        Some(_) | None => String::new(),
    };
    Some(format!("{}, from {} {}{dates}", pattern(&rule), rule.start, range(&rule.end)))
}

/// Words a recurrence that changes: what both have in common is said once, and how many dates either has.
pub fn change(current: &Value, desired: &Value) -> Option<(String, String)> {
    let (from, to) = (Rule::read(current).ok()?, Rule::read(desired).ok()?);
    let zones = [current, desired].map(|it| recurrence::zone(it).map(when::place).unwrap_or_default());
    let told = |rule: &Rule, zone: &str| {
        let start = if from.start == to.start { String::new() } else { format!("from {} ", rule.start) };
        let zone =
            if zones[0] == zones[1] || zones.contains(&String::new()) { String::new() } else { format!(", in {zone}") };
        format!("{start}{}{zone}", range(&rule.end))
    };
    let (old, new) = (told(&from, &zones[0]), told(&to, &zones[1]));
    let old = if old == new { pattern(&from) } else { format!("{}, {old}", pattern(&from)) };
    let dates =
        [current, desired].map(|it| recurrence::count(it).map_or("endless".to_owned(), |dates| dates.to_string()));
    Some((old, format!("{}, {new} ({} -> {} dates)", pattern(&to), dates[0], dates[1])))
}

fn range(end: &End) -> String {
    match end {
        End::Never => "without end".into(),
        End::On(last) => format!("until {last}"),
        End::After(number) => count(*number, "time"),
    }
}

fn pattern(rule: &Rule) -> String {
    pattern_words(&rule.pattern, rule.interval)
}

fn pattern_words(pattern: &Pattern, interval: i64) -> String {
    let every = |unit: &str| match interval {
        1 => format!("every {unit}"),
        number => format!("every {number} {unit}s"),
    };
    match pattern {
        Pattern::Daily => every("day"),
        Pattern::Weekly { days, first } => {
            // Where a week begins matters only if weeks are skipped, and hardly ever for a single day (recurrencepattern.md).
            let matters = interval > 1 && (days.len() > 1 || *first != Weekday::Sunday);
            let begins = if matters { format!(", weeks beginning on {}", day_name(*first)) } else { String::new() };
            format!("{} on {}{begins}", every("week"), listed(days, "and"))
        }
        Pattern::AbsoluteMonthly { day } => format!("{} on day {day}", every("month")),
        Pattern::RelativeMonthly { days, index } => {
            format!("{} on the {} {}", every("month"), place(*index), listed(days, "or"))
        }
        Pattern::AbsoluteYearly { month, day } => format!("{} on {} {day}", every("year"), month_name(*month)),
        Pattern::RelativeYearly { month, days, index } => {
            let (place, days, month) = (place(*index), listed(days, "or"), month_name(*month));
            format!("{} on the {place} {days} of {month}", every("year"))
        }
    }
}

fn listed(days: &[Weekday], last: &str) -> String {
    let names: Vec<&str> = days.iter().map(|day| day_name(*day)).collect();
    match names.split_last() {
        Some((end, before)) if !before.is_empty() => format!("{} {last} {end}", before.join(", ")),
        Some(_) | None => names.concat(),
    }
}

fn day_name(day: Weekday) -> &'static str {
    match day {
        Weekday::Monday => "Monday",
        Weekday::Tuesday => "Tuesday",
        Weekday::Wednesday => "Wednesday",
        Weekday::Thursday => "Thursday",
        Weekday::Friday => "Friday",
        Weekday::Saturday => "Saturday",
        Weekday::Sunday => "Sunday",
    }
}

fn month_name(month: i8) -> &'static str {
    const MONTHS: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    let place = usize::try_from(month - 1).ok();
    place.and_then(|place| MONTHS.get(place)).expect("a rule that was read has a month from 1 to 12")
}

fn place(index: Index) -> &'static str {
    match index {
        Index::Nth(0) => "first",
        Index::Nth(1) => "second",
        Index::Nth(2) => "third",
        Index::Nth(_) => "fourth",
        Index::Last => "last",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_sort_of_series_is_a_sentence() {
        let no_end = json!({"type": "noEnd"});
        for (pattern, range, expect) in [
            (json!({"type": "daily", "interval": 1}), no_end.clone(), "every day, from 2031-02-04 without end"),
            (
                json!({"type": "weekly", "interval": 1, "daysOfWeek": ["tuesday"], "firstDayOfWeek": "monday"}),
                json!({"type": "endDate", "endDate": "2031-06-24", "recurrenceTimeZone": "UTC"}),
                "every week on Tuesday, from 2031-02-04 until 2031-06-24 (21 dates)",
            ),
            (
                json!({"type": "weekly", "interval": 2, "daysOfWeek": ["monday", "sunday", "friday"]}),
                json!({"type": "numbered", "numberOfOccurrences": 4}),
                "every 2 weeks on Sunday, Monday and Friday, weeks beginning on Sunday, from 2031-02-04 4 times",
            ),
            (
                json!({"type": "absoluteMonthly", "interval": 3, "dayOfMonth": 31}),
                json!({"type": "numbered", "numberOfOccurrences": 1}),
                "every 3 months on day 31, from 2031-02-04 1 time",
            ),
            (
                json!({"type": "relativeMonthly", "interval": 1, "daysOfWeek": ["monday", "friday"], "index": "last"}),
                no_end.clone(),
                "every month on the last Monday or Friday, from 2031-02-04 without end",
            ),
            (
                json!({"type": "absoluteYearly", "interval": 1, "dayOfMonth": 29, "month": 2}),
                no_end.clone(),
                "every year on February 29, from 2031-02-04 without end",
            ),
            (
                json!({"type": "relativeYearly", "interval": 2, "daysOfWeek": ["thursday"], "month": 11}),
                no_end,
                "every 2 years on the first Thursday of November, from 2031-02-04 without end",
            ),
        ] {
            let mut recurrence = json!({"pattern": pattern, "range": range});
            recurrence["range"]["startDate"] = json!("2031-02-04");
            assert_eq!(sentence(&recurrence).as_deref(), Some(expect));
        }
        assert_eq!(sentence(&json!({"pattern": {"type": "hourly"}})), None);
    }

    #[test]
    fn what_two_series_have_in_common_is_said_once() {
        let of = |interval, last: &str, start: &str, zone: &str| {
            json!({
                "pattern": {"type": "weekly", "interval": interval, "daysOfWeek": ["tuesday"]},
                "range": {"type": "endDate", "startDate": start, "endDate": last, "recurrenceTimeZone": zone},
            })
        };
        let now = of(1, "2027-06-29", "2027-01-12", "UTC");
        let endless = json!({
            "pattern": {"type": "daily", "interval": 1}, "range": {"type": "noEnd", "startDate": "2027-01-12"},
        });
        for (then, expect) in [
            (
                of(2, "2027-06-29", "2027-01-12", "UTC"),
                "every week on Tuesday -> every 2 weeks on Tuesday, until 2027-06-29 (25 -> 13 dates)",
            ),
            (
                of(1, "2027-07-06", "2027-01-12", "UTC"),
                "every week on Tuesday, until 2027-06-29 -> every week on Tuesday, until 2027-07-06 (25 -> 26 dates)",
            ),
            (
                of(1, "2027-06-29", "2027-01-19", "W. Europe Standard Time"),
                "every week on Tuesday, from 2027-01-12 until 2027-06-29, in UTC -> every week on Tuesday, from 2027-01-19 \
                 until 2027-06-29, in Europe/Berlin (25 -> 24 dates)",
            ),
            (endless, "every week on Tuesday, until 2027-06-29 -> every day, without end (25 -> endless dates)"),
        ] {
            let (from, to) = change(&now, &then).expect("both are series");
            assert_eq!(format!("{from} -> {to}"), expect);
        }
    }
}
