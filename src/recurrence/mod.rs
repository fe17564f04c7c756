//! Which dates a Graph recurrence has, and when two recurrences mean the same.
//!
//! A recurrence is Graph's `patternedRecurrence` as plain JSON: a pattern of one of six types, repeated over a range of
//! one of three. Here it becomes calendar dates by Exchange's rules (recurrencepattern.md, recurrencerange.md). It
//! knows neither times of day, which are `when`'s business, nor the dates that an exception skips or moves.

mod expand;
mod ical;
mod normal;
#[cfg(test)]
mod properties;
mod rrule;
mod rule;

use jiff::civil::Date;
use serde_json::Value;

pub use ical::{Until, to_rrule};
pub use normal::normal;
pub use rrule::{Refused, from_rrule};
pub use rule::{End, Index, Pattern, Rule};

/// Lists the dates of a recurrence, in order and lazily; without an end they go on to the end of the calendar.
///
/// The range's start date is among them only if the pattern matches it. The error says which property is wrong, as
/// `pattern.interval`, and why; properties that the pattern's type does not use are not looked at.
pub fn dates(recurrence: &Value) -> Result<impl Iterator<Item = Date> + use<>, String> {
    Rule::read(recurrence).map(expand::dates)
}

/// Lists the dates of a recurrence around one date and all that follow, as [`dates`] does: the one before it is among them, if
/// there is one, and however many come earlier, they cost nothing.
///
/// The error is that of [`dates`].
pub fn dates_around(recurrence: &Value, at: Date) -> Result<impl Iterator<Item = Date> + use<>, String> {
    Rule::read(recurrence).map(|rule| expand::dates_around(rule, at))
}

/// Returns the last date of a recurrence: the last of the calendar for one without end, none for one that is not valid.
pub fn last(recurrence: &Value) -> Option<Date> {
    expand::count_and_last(Rule::read(recurrence).ok()?).1
}

/// Returns the zone whose dates they are, as it was written; `None` where none is.
pub fn zone(recurrence: &Value) -> Option<&str> {
    recurrence["range"]["recurrenceTimeZone"].as_str().filter(|zone| !zone.is_empty())
}

/// Counts the dates of a recurrence: `None` when it is endless, 0 when it is not valid.
pub fn count(recurrence: &Value) -> Option<u64> {
    match Rule::read(recurrence) {
        Ok(rule) if rule.is_endless() => None,
        Ok(rule) => Some(expand::count_and_last(rule).0),
        Err(_) => Some(0),
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::{Date, date};
    use serde_json::{Value, json};

    use super::{count, dates, dates_around, last};

    /// The first dates of a pattern from a start date on, one string; the interval is 1 where the pattern has none.
    fn first(most: usize, start: &str, mut pattern: Value) -> String {
        if pattern["interval"].is_null() {
            pattern["interval"] = json!(1);
        }
        let recurrence = json!({"pattern": pattern, "range": {"type": "noEnd", "startDate": start}});
        let dates = dates(&recurrence).expect("the pattern is valid").take(most);
        dates.map(|date| date.to_string()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_day_that_the_month_does_not_have_is_its_last_day() {
        for (day, expect) in [
            (31, "2027-12-31 2028-01-31 2028-02-29 2028-03-31 2028-04-30"),
            (30, "2027-12-30 2028-01-30 2028-02-29 2028-03-30 2028-04-30"),
            (28, "2027-12-28 2028-01-28 2028-02-28 2028-03-28 2028-04-28"),
            (1, "2028-01-01 2028-02-01 2028-03-01 2028-04-01 2028-05-01"),
        ] {
            let pattern = json!({"type": "absoluteMonthly", "dayOfMonth": day});
            assert_eq!(first(5, "2027-12-15", pattern), expect);
        }
        let leap_day = json!({"type": "absoluteYearly", "dayOfMonth": 29, "month": 2});
        let expect = "2027-02-28 2028-02-29 2029-02-28 2030-02-28";
        assert_eq!(first(4, "2026-03-01", leap_day), expect);
        let quarterly = json!({"type": "absoluteMonthly", "interval": 3, "dayOfMonth": 31});
        let expect = "2026-08-31 2026-11-30 2027-02-28 2027-05-31";
        assert_eq!(first(4, "2026-08-31", quarterly), expect);
    }

    #[test]
    fn a_relative_pattern_happens_once_in_its_period() {
        let workdays = json!(["monday", "tuesday", "wednesday", "thursday", "friday"]);
        for (days, index, expect) in [
            (workdays.clone(), "first", "2026-12-01 2027-01-01 2027-02-01"),
            (workdays.clone(), "second", "2026-12-02 2027-01-04 2027-02-02"),
            (workdays, "last", "2026-12-31 2027-01-29 2027-02-26"),
            (json!(["sunday", "saturday"]), "first", "2026-12-05 2027-01-02 2027-02-06"),
            (json!(["sunday", "saturday"]), "last", "2026-12-27 2027-01-31 2027-02-28"),
            (json!(["tuesday"]), "fourth", "2026-12-22 2027-01-26 2027-02-23"),
            (json!(["thursday"]), "last", "2026-12-31 2027-01-28 2027-02-25"),
        ] {
            let pattern = json!({"type": "relativeMonthly", "daysOfWeek": days, "index": index});
            assert_eq!(first(3, "2026-12-01", pattern), expect, "{days} {index}");
        }
        let thanksgiving = json!({
            "type": "relativeYearly", "daysOfWeek": ["thursday"], "index": "fourth", "month": 11,
        });
        assert_eq!(first(3, "2026-11-27", thanksgiving), "2027-11-25 2028-11-23 2029-11-22");
        let default = json!({"type": "relativeYearly", "daysOfWeek": ["monday"], "month": 5, "interval": 2});
        assert_eq!(first(2, "2026-12-01", default), "2028-05-01 2030-05-06");
    }

    #[test]
    fn skipped_weeks_depend_on_where_the_week_begins() {
        // 2026-12-01 is a Tuesday.
        for (start, first_day, expect) in [
            ("2026-12-01", "sunday", "2026-12-01 2026-12-13 2026-12-15 2026-12-27"),
            ("2026-12-01", "monday", "2026-12-01 2026-12-06 2026-12-15 2026-12-20"),
            ("2026-12-01", "tuesday", "2026-12-01 2026-12-06 2026-12-15 2026-12-20"),
            ("2026-12-01", "wednesday", "2026-12-01 2026-12-13 2026-12-15 2026-12-27"),
            ("2026-12-01", "thursday", "2026-12-01 2026-12-13 2026-12-15 2026-12-27"),
            ("2026-12-01", "friday", "2026-12-01 2026-12-13 2026-12-15 2026-12-27"),
            ("2026-12-01", "saturday", "2026-12-01 2026-12-13 2026-12-15 2026-12-27"),
            ("2026-11-29", "sunday", "2026-11-29 2026-12-01 2026-12-13 2026-12-15"),
            ("2026-11-29", "monday", "2026-11-29 2026-12-08 2026-12-13 2026-12-22"),
        ] {
            let pattern = json!({
                "type": "weekly", "interval": 2, "daysOfWeek": ["tuesday", "sunday"], "firstDayOfWeek": first_day,
            });
            assert_eq!(first(4, start, pattern), expect, "{start} {first_day}");
        }
    }

    #[test]
    fn the_range_ends_the_series() {
        let weekly = json!({"type": "weekly", "interval": 1, "daysOfWeek": ["tuesday"]});
        for (range, expect, last) in [
            (json!({"type": "endDate", "endDate": "2026-12-22"}), Some(4), "2026-12-22"),
            (json!({"type": "endDate", "endDate": "2026-12-21"}), Some(3), "2026-12-15"),
            (json!({"type": "endDate", "endDate": "2026-12-01"}), Some(1), "2026-12-01"),
            (json!({"type": "numbered", "numberOfOccurrences": 5}), Some(5), "2026-12-29"),
            (json!({"type": "noEnd"}), None, "9999-12-28"),
        ] {
            let mut recurrence = json!({"pattern": weekly, "range": range});
            recurrence["range"]["startDate"] = json!("2026-12-01");
            assert_eq!(count(&recurrence), expect, "{range}");
            let found = dates(&recurrence).expect("the recurrence is valid").last();
            assert_eq!(found.map(|it| it.to_string()).as_deref(), Some(last), "{range}");
        }
    }

    #[test]
    fn a_date_is_one_of_the_series_or_not() {
        let recurrence = json!({
            "pattern": {"type": "weekly", "interval": 1, "daysOfWeek": ["tuesday"]},
            "range": {"type": "endDate", "startDate": "2026-12-01", "endDate": "2027-03-30"},
        });
        for (date, expect) in [
            (date(2026, 12, 22), true),
            (date(2026, 12, 23), false),
            (date(2027, 3, 30), true),
            (date(2027, 4, 6), false),
            (date(2026, 11, 24), false),
            (Date::MIN, false),
            (Date::MAX, false),
        ] {
            assert_eq!(dates(&recurrence).unwrap().find(|it| *it >= date) == Some(date), expect, "{date}");
        }
        assert!(dates(&json!({})).is_err());
        assert_eq!(count(&json!({})), Some(0));
    }

    /// Whatever is found without a walk is what a walk finds.
    #[test]
    fn dates_far_away_are_found_at_once() {
        let days = ["monday", "wednesday", "sunday"];
        for (kind, interval) in [("daily", 1), ("daily", 17), ("weekly", 1), ("weekly", 3), ("absoluteMonthly", 5)]
            .into_iter()
            .chain([("relativeMonthly", 1), ("absoluteYearly", 4), ("relativeYearly", 1)])
        {
            for range in [
                json!({"type": "noEnd"}),
                json!({"type": "numbered", "numberOfOccurrences": 20}),
                json!({"type": "numbered", "numberOfOccurrences": 1}),
                json!({"type": "numbered", "numberOfOccurrences": i32::MAX}),
                json!({"type": "endDate", "endDate": "2029-05-17"}),
                json!({"type": "endDate", "endDate": "2026-12-02"}),
            ] {
                let mut series = json!({
                    "pattern": {
                        "type": kind, "interval": interval, "daysOfWeek": days, "dayOfMonth": 31, "month": 12,
                        "firstDayOfWeek": "monday", "index": "last",
                    },
                    "range": range,
                });
                series["range"]["startDate"] = json!("2026-12-01");
                let all: Vec<Date> = dates(&series).expect("it is valid").collect();
                assert_eq!(last(&series), all.last().copied(), "{series}");
                if range["type"] != "noEnd" {
                    assert_eq!(count(&series), Some(all.len() as u64), "{series}");
                }
                for at in [date(1, 1, 1), date(2026, 12, 1), date(2026, 12, 27), date(2027, 1, 3), date(2028, 2, 29)]
                    .into_iter()
                    .chain([date(2029, 5, 17), date(9999, 12, 1), Date::MAX])
                {
                    let around: Vec<Date> = dates_around(&series, at).expect("it is valid").take(50).collect();
                    let place = all.iter().position(|it| it >= around.first().unwrap_or(&Date::MAX));
                    let rest = place.map_or(&[][..], |place| &all[place..]);
                    assert!(rest.iter().take(50).eq(&around), "{series} {at}: {around:?}");
                    let earlier = all.iter().rfind(|it| **it < at);
                    let found = around.iter().rfind(|it| **it < at);
                    assert_eq!(earlier, found, "{series} {at}");
                }
            }
        }
    }

    #[test]
    fn a_start_that_the_pattern_does_not_match_is_no_date() {
        let weekly = json!({"type": "weekly", "daysOfWeek": ["friday"]});
        assert_eq!(first(2, "2026-12-01", weekly), "2026-12-04 2026-12-11");
    }

    #[test]
    fn the_calendar_has_an_end() {
        for kind in ["daily", "weekly", "absoluteMonthly", "relativeMonthly", "absoluteYearly", "relativeYearly"] {
            for (start, interval) in [("9998-12-01", 1), ("2026-12-01", i32::MAX), ("0000-01-01", 9000)] {
                let recurrence = json!({
                    "pattern": {
                        "type": kind, "interval": interval, "daysOfWeek": ["friday"], "dayOfMonth": 31,
                        "month": 12,
                    },
                    "range": {"type": "numbered", "startDate": start, "numberOfOccurrences": i32::MAX},
                });
                let number = count(&recurrence).expect("the series is numbered");
                assert!(number < 500, "{kind} {start} {number}");
            }
        }
    }
}
