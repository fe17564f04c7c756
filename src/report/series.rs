//! A series as a sentence: `every week on Tuesday, from 2027-01-12 until 2027-05-25 (W. Europe Standard Time)`.

use crate::plural::either;
use crate::recurrence::{End, Index, Pattern, Rule, zone};
use jiff::civil::Weekday;
use serde_json::Value;

/// Words a `patternedRecurrence`; `None` for one that is not valid.
pub fn sentence(recurrence: &Value) -> Option<String> {
    let Rule { pattern, interval, start, end } = Rule::read(recurrence).ok()?;
    let range = match end {
        End::Never => format!("from {start} on, without end"),
        End::On(last) => format!("from {start} until {last}"),
        End::After(number) => format!("{number} {} from {start} on", either(number, "time", "times")),
    };
    let zone = zone(recurrence).map(|zone| format!(" ({zone})")).unwrap_or_default();
    Some(format!("{}, {range}{zone}", pattern_words(&pattern, interval)))
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
            (json!({"type": "daily", "interval": 1}), no_end.clone(), "every day, from 2031-02-04 on, without end"),
            (
                json!({"type": "weekly", "interval": 1, "daysOfWeek": ["tuesday"], "firstDayOfWeek": "monday"}),
                json!({"type": "endDate", "endDate": "2031-06-24", "recurrenceTimeZone": "UTC"}),
                "every week on Tuesday, from 2031-02-04 until 2031-06-24 (UTC)",
            ),
            (
                json!({"type": "weekly", "interval": 2, "daysOfWeek": ["monday", "sunday", "friday"]}),
                json!({"type": "numbered", "numberOfOccurrences": 4}),
                "every 2 weeks on Sunday, Monday and Friday, weeks beginning on Sunday, 4 times from 2031-02-04 on",
            ),
            (
                json!({"type": "absoluteMonthly", "interval": 3, "dayOfMonth": 31}),
                json!({"type": "numbered", "numberOfOccurrences": 1}),
                "every 3 months on day 31, 1 time from 2031-02-04 on",
            ),
            (
                json!({"type": "relativeMonthly", "interval": 1, "daysOfWeek": ["monday", "friday"], "index": "last"}),
                no_end.clone(),
                "every month on the last Monday or Friday, from 2031-02-04 on, without end",
            ),
            (
                json!({"type": "absoluteYearly", "interval": 1, "dayOfMonth": 29, "month": 2}),
                no_end.clone(),
                "every year on February 29, from 2031-02-04 on, without end",
            ),
            (
                json!({"type": "relativeYearly", "interval": 2, "daysOfWeek": ["thursday"], "month": 11}),
                no_end,
                "every 2 years on the first Thursday of November, from 2031-02-04 on, without end",
            ),
        ] {
            let mut recurrence = json!({"pattern": pattern, "range": range});
            recurrence["range"]["startDate"] = json!("2031-02-04");
            assert_eq!(sentence(&recurrence).as_deref(), Some(expect));
        }
        assert_eq!(sentence(&json!({"pattern": {"type": "hourly"}})), None);
    }
}
