//! What holds for every rule: it is taken if a pattern of Graph has its dates, with just these dates, and else refused with
//! a rule that is taken.
//!
//! The second opinion is the `rrule` crate, which expands RFC 5545 rules. Nothing here is part of the program.

use crate::recurrence::rule::{INDEXES, name_of};
use crate::recurrence::{Refused, dates, from_rrule};
use jiff::civil::{Date, Weekday, date};
use jiff::tz::TimeZone;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::str::FromStr;

/// Reads a rule for a series from a date on, at ten o'clock.
fn read(rule: &str, start: Date) -> Result<Value, Refused> {
    let mut read = from_rrule(rule, start.at(10, 0, 0, 0), &TimeZone::UTC)?;
    read["range"]["startDate"] = json!(start.to_string());
    Ok(read)
}

fn ours(recurrence: &Value, most: usize) -> Vec<Date> {
    dates(recurrence).expect("what was taken is valid").take(most).collect()
}

/// The first dates of a rule in the other opinion; `None` where it refuses the rule.
fn theirs(rule: &str, start: Date, most: usize) -> Option<Vec<Date>> {
    // A date alone means its whole day; the other side takes times only.
    let rule = if rule.ends_with("UNTIL=20380301") { format!("{rule}T235959Z") } else { rule.to_owned() };
    let text = format!("DTSTART:{}T100000Z\nRRULE:{rule}", start.strftime("%Y%m%d"));
    let rules = rrule::RRuleSet::from_str(&text).ok()?;
    let all = rules.all(most as u16).dates;
    // Our calendar ends with the year 9999.
    Some(all.iter().map_while(|it| it.format("%Y-%m-%d").to_string().parse().ok()).collect())
}

/// Every pattern that Graph could have for a series with these dates, of which there are some.
fn patterns(dates: &[Date]) -> Vec<Value> {
    let start = dates[0];
    let mut days: Vec<_> = dates.iter().map(|it| it.weekday()).collect();
    days.sort_by_key(|day| day.to_monday_zero_offset());
    days.dedup();
    let names: Vec<_> = days.into_iter().map(name_of).collect();
    let mut all = vec![];
    for interval in 1..=12 {
        all.push(json!({"type": "daily", "interval": interval}));
        for first in [Weekday::Monday, Weekday::Sunday, start.weekday()] {
            let first = name_of(first);
            all.push(json!({"type": "weekly", "interval": interval, "daysOfWeek": names, "firstDayOfWeek": first}));
        }
        for (form, month) in [("Monthly", Value::Null), ("Yearly", json!(start.month()))] {
            for day in [start.day(), 28, 29, 30, 31] {
                let kind = format!("absolute{form}");
                all.push(json!({"type": kind, "interval": interval, "dayOfMonth": day, "month": month}));
            }
            for (index, _) in INDEXES {
                let kind = format!("relative{form}");
                all.push(
                    json!({"type": kind, "interval": interval, "daysOfWeek": names, "index": index, "month": month}),
                );
            }
        }
    }
    all
}

/// A rule of any frequency with any of the parts that choose days.
const RULE: &str = "FREQ=(DAILY|WEEKLY|MONTHLY|MONTHLY|YEARLY|YEARLY)(;INTERVAL=(1|2|3|7|12))?\
(;BYMONTH=(1|2|1,7|1,4,7,10|1,2|2,12|1,2,3,4,5,6,7,8,9,10,11,12))?\
(;BYMONTHDAY=(-1|1|12|12|30|31|-31|28,29|28,29,30,31|1,12|1,2,3,4,5,6,7|8,9,10,11,12,13,14|-7,-6,-5,-4,-3,-2,-1))?\
(;BYDAY=(TU|TU|MO,TU,FR|MO,TU,WE,TH,FR|1TU|2TU|5TU|-1FR|-1TU|SA,SU|MO,TU,WE,TH,FR,SA,SU|1MO,1TU))?\
(;BYSETPOS=(1|2|4|5|-1|-2|1,-1))?(;WKST=(MO|SU))?(;COUNT=[1-9]|;UNTIL=20380301T090000Z|;UNTIL=20380301)?";

/// Dates on which many of these rules start: a second Tuesday, a first of January that is a Tuesday, a last one, a 31st.
fn starts() -> impl Strategy<Value = Date> {
    prop::sample::select(vec![
        date(2027, 1, 12),
        date(2030, 1, 1),
        date(2027, 12, 28),
        date(2027, 8, 31),
        date(2028, 2, 29),
    ])
}

/// More dates than a year has days: what an interval passes over shows.
const MANY: usize = 400;

proptest! {
    // Each case tries hundreds of patterns.
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_rule_that_is_taken_has_the_dates_of_icalendar(rule in RULE, start in starts()) {
        if let Ok(read) = read(&rule, start) {
            let theirs = theirs(&rule, start, MANY).expect(&rule);
            // A rule whose first date is not the start's is refused with the event's start.
            if theirs.first() == Some(&start) {
                prop_assert_eq!(ours(&read, MANY), theirs, "{} {}", start, rule);
            } else {
                prop_assert_ne!(ours(&read, 1), [start], "{} {}", start, rule);
            }
        }
    }

    #[test]
    fn no_pattern_of_graph_has_the_dates_of_a_rule_that_is_refused(rule in RULE, start in starts()) {
        let Err(refused) = read(&rule, start) else { return Ok(()) };
        // RFC 5545 has neither days of months in weeks nor places in less than a month; the other side passes over both.
        let none = (rule.contains("WEEKLY") && rule.contains("BYMONTHDAY")) || refused.message.contains("place in the month");
        // Of few dates many patterns are true.
        let Some(theirs) = theirs(&rule, start, MANY).filter(|it| it.len() == MANY && !none && it[0] == start) else {
            return Ok(());
        };
        for pattern in patterns(&theirs) {
            let range = json!({"type": "noEnd", "startDate": start.to_string()});
            let graph = json!({"pattern": pattern, "range": range});
            let same = dates(&graph).expect("a pattern").take(MANY).eq(theirs.iter().copied());
            prop_assert!(!same, "{} {} {:?} {}", start, &rule, refused, pattern);
        }
    }

    #[test]
    fn the_nearest_rule_is_taken_and_has_the_start_among_its_dates(rule in RULE, start in starts()) {
        if let Err(Refused { message, nearest, .. }) = read(&rule, start) {
            let nearest = nearest.unwrap_or_else(|| panic!("{start} {rule}: {message}"));
            let read = read(&nearest, start).expect(&nearest);
            prop_assert_eq!(ours(&read, 1), [start], "{}", nearest);
        }
    }
}
