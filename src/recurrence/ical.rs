//! A recurrence as a rule of iCalendar (RFC 5545) that has the very same dates.
//!
//! Only in parts that every reader knows (ical.js, for one, takes `BYSETPOS` for weekdays alone). Of a day that a month may lack
//! Exchange takes the last one that it has, which is a rule for day 31 and for February, and none for days 29 and 30.

use crate::recurrence::rule::{End, Index, Pattern, Rule};
use jiff::civil::{Date, Weekday};
use serde_json::Value;

/// Where a rule ends.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Until {
    /// Nowhere.
    Never,
    /// With this date, at any time of it.
    Date(Date),
    /// After so many dates.
    Count(usize),
}

/// Gives the rule without its end, and the end, whose form depends on the times that it is used with. None for a recurrence that no
/// rule has the dates of, and for one that is not valid.
pub fn to_rrule(recurrence: &Value) -> Option<(String, Until)> {
    let Rule { pattern, interval, start: _, end } = Rule::read(recurrence).ok()?;
    let (frequency, parts) = match &pattern {
        Pattern::Daily => ("DAILY", String::new()),
        Pattern::Weekly { days, first } => ("WEEKLY", format!(";BYDAY={};WKST={}", by(days), name(*first))),
        Pattern::AbsoluteMonthly { day: 29 | 30 } => return None,
        Pattern::AbsoluteMonthly { day } => ("MONTHLY", month_day(*day, 31)),
        Pattern::AbsoluteYearly { month, day } => {
            ("YEARLY", format!(";BYMONTH={month}{}", month_day(*day, longest(*month))))
        }
        Pattern::RelativeMonthly { days, index } => ("MONTHLY", relative(days, *index)),
        Pattern::RelativeYearly { month, days, index } => {
            ("YEARLY", format!(";BYMONTH={month}{}", relative(days, *index)))
        }
    };
    let until = match end {
        End::Never => Until::Never,
        End::On(last) => Until::Date(last),
        End::After(number) => Until::Count(number),
    };
    Some((format!("FREQ={frequency};INTERVAL={interval}{parts}"), until))
}

/// How many days a month has at most.
fn longest(month: i8) -> i8 {
    match month {
        2 => 29,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// The day, or the last one of a month that has no later one.
fn month_day(day: i8, last: i8) -> String {
    let day = if day >= last { -1 } else { day };
    format!(";BYMONTHDAY={day}")
}

/// One day of its period, by its place among all that match.
fn relative(days: &[Weekday], index: Index) -> String {
    let place = match index {
        Index::Nth(place) => place as i8 + 1,
        Index::Last => -1,
    };
    match days {
        [day] => format!(";BYDAY={place}{}", name(*day)),
        days => format!(";BYDAY={};BYSETPOS={place}", by(days)),
    }
}

fn by(days: &[Weekday]) -> String {
    days.iter().map(|day| name(*day)).collect::<Vec<_>>().join(",")
}

fn name(day: Weekday) -> &'static str {
    match day {
        Weekday::Monday => "MO",
        Weekday::Tuesday => "TU",
        Weekday::Wednesday => "WE",
        Weekday::Thursday => "TH",
        Weekday::Friday => "FR",
        Weekday::Saturday => "SA",
        Weekday::Sunday => "SU",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recurrence::dates;
    use rrule::RRuleSet;
    use serde_json::json;

    /// Another library finds the same dates.
    #[test]
    fn a_rule_has_the_same_dates() {
        let some = ["monday", "wednesday", "sunday"];
        for (kind, interval, day, index, first) in [
            ("daily", 1, 1, "first", "sunday"),
            ("daily", 17, 1, "first", "sunday"),
            ("weekly", 1, 1, "first", "sunday"),
            ("weekly", 2, 1, "first", "sunday"),
            ("weekly", 2, 1, "first", "monday"),
            ("weekly", 3, 1, "first", "wednesday"),
            ("absoluteMonthly", 1, 31, "first", "sunday"),
            ("absoluteMonthly", 2, 28, "first", "sunday"),
            ("absoluteMonthly", 5, 12, "first", "sunday"),
            ("relativeMonthly", 1, 1, "second", "sunday"),
            ("relativeMonthly", 2, 1, "last", "sunday"),
            ("absoluteYearly", 1, 28, "first", "sunday"),
            ("absoluteYearly", 1, 29, "first", "sunday"),
            ("absoluteYearly", 3, 31, "first", "sunday"),
            ("relativeYearly", 1, 1, "fourth", "sunday"),
        ] {
            let month = if kind == "absoluteYearly" { 2 } else { 11 };
            let recurrence = json!({
                "pattern": {
                    "type": kind, "interval": interval, "daysOfWeek": some, "dayOfMonth": day, "month": month,
                    "firstDayOfWeek": first, "index": index,
                },
                "range": {"type": "noEnd", "startDate": "2026-12-01"},
            });
            let ours: Vec<String> = dates(&recurrence).unwrap().take(40).map(|it| it.to_string()).collect();
            let (rule, until) = to_rrule(&recurrence).unwrap();
            assert_eq!(until, Until::Never);
            let text = format!("DTSTART:{}T100000Z\nRRULE:{rule}", ours[0].replace('-', ""));
            let theirs: RRuleSet = text.parse().unwrap_or_else(|error| panic!("{text}: {error}"));
            let theirs: Vec<String> = theirs.all(40).dates.iter().map(|it| it.format("%Y-%m-%d").to_string()).collect();
            assert_eq!(theirs, ours, "{rule}");
        }
    }

    #[test]
    fn days_that_a_month_may_lack_have_no_rule_but_the_last_one() {
        let monthly = |day: i8| {
            let recurrence = json!({
                "pattern": {"type": "absoluteMonthly", "interval": 1, "dayOfMonth": day},
                "range": {"type": "noEnd", "startDate": "2026-12-01"},
            });
            to_rrule(&recurrence).map(|(rule, _)| rule)
        };
        assert_eq!((monthly(29), monthly(30)), (None, None));
        assert_eq!(monthly(31).as_deref(), Some("FREQ=MONTHLY;INTERVAL=1;BYMONTHDAY=-1"));
    }

    #[test]
    fn a_rule_ends_where_the_series_does() {
        let of = |range: Value| {
            let recurrence = json!({"pattern": {"type": "daily", "interval": 1}, "range": range});
            to_rrule(&recurrence).map(|(_, until)| until)
        };
        let start = "2026-12-01";
        let last = jiff::civil::date(2026, 12, 24);
        for (range, expect) in [
            (json!({"type": "endDate", "startDate": start, "endDate": "2026-12-24"}), Some(Until::Date(last))),
            (json!({"type": "numbered", "startDate": start, "numberOfOccurrences": 3}), Some(Until::Count(3))),
            (json!({"type": "numbered", "startDate": start}), None),
        ] {
            assert_eq!(of(range.clone()), expect, "{range}");
        }
    }
}
