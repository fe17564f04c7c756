//! What holds for every recurrence: the dates are iCalendar's, the normal form keeps them, no input panics.
//!
//! The second opinion is the `rrule` crate, which expands RFC 5545 rules. Nothing here is part of the program.

use jiff::ToSpan;
use jiff::civil::date;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::recurrence::rule::{DAYS, INDEXES};
use crate::recurrence::{count, dates, normal};

/// A valid recurrence of any type and range.
fn recurrence() -> impl Strategy<Value = Value> {
    let kinds = ["daily", "weekly", "absoluteMonthly", "relativeMonthly", "absoluteYearly", "relativeYearly"];
    let names: Vec<&str> = DAYS.iter().map(|(name, _)| *name).collect();
    let indexes: Vec<&str> = INDEXES.iter().map(|(name, _)| *name).collect();
    let days = prop::sample::subsequence(names.clone(), 1..=7).prop_shuffle();
    let pattern = (
        prop::sample::select(kinds.to_vec()),
        1..=5,
        days,
        1..=31,
        1..=12,
        prop::sample::select(indexes),
        prop::sample::select(names),
    );
    let range =
        (prop::sample::select(vec!["noEnd", "endDate", "numbered"]), (2020..2030i16, 0..365i32), 0..9i16, 1..40);
    (pattern, range).prop_map(|(pattern, (end, (year, days_into_year), years, number))| {
        let (kind, interval, days, day_of_month, month_of_year, index, first) = pattern;
        json!({
            "pattern": {
                "type": kind, "interval": interval, "daysOfWeek": days, "dayOfMonth": day_of_month,
                "month": month_of_year, "index": index, "firstDayOfWeek": first,
            },
            "range": {
                "type": end,
                "startDate": date(year, 1, 1).saturating_add(days_into_year.days()).to_string(),
                "endDate": date(year + years, 12, 31).to_string(),
                "numberOfOccurrences": number,
            },
        })
    })
}

/// The same recurrence in iCalendar's words.
fn icalendar(recurrence: &Value) -> String {
    let (pattern, range) = (&recurrence["pattern"], &recurrence["range"]);
    let short = |day: &Value| day.as_str().expect("a day is a string")[..2].to_uppercase();
    let basic = |date: &Value| date.as_str().expect("a date is a string").replace('-', "") + "T000000Z";
    let days = pattern["daysOfWeek"].as_array().expect("days are a list");
    let by_day = format!("BYDAY={}", days.iter().map(short).collect::<Vec<_>>().join(","));
    let place = INDEXES.iter().position(|(name, _)| pattern["index"] == *name);
    let place = [1, 2, 3, 4, -1][place.expect("the index is one of Graph's")];
    let relative = format!("{by_day};BYSETPOS={place}");
    // iCalendar passes over a month that lacks the day, so Exchange's last day has to be spelled out.
    let day = pattern["dayOfMonth"].as_i64().expect("a day is a number");
    let up_to: Vec<_> = (day.min(28)..=day).map(|day| day.to_string()).collect();
    let absolute = format!("BYMONTHDAY={};BYSETPOS=-1", up_to.join(","));
    let by_month = format!("BYMONTH={}", pattern["month"]);
    let frequency = match pattern["type"].as_str().expect("a type is a string") {
        "daily" => "DAILY".to_string(),
        "weekly" => format!("WEEKLY;{by_day}"),
        "absoluteMonthly" => format!("MONTHLY;{absolute}"),
        "relativeMonthly" => format!("MONTHLY;{relative}"),
        "absoluteYearly" => format!("YEARLY;{by_month};{absolute}"),
        _ => format!("YEARLY;{by_month};{relative}"),
    };
    let end = match range["type"].as_str().expect("a type is a string") {
        "endDate" => format!(";UNTIL={}", basic(&range["endDate"])),
        "numbered" => format!(";COUNT={}", range["numberOfOccurrences"]),
        _ => String::new(),
    };
    let start = basic(&range["startDate"]);
    let (interval, week_start) = (&pattern["interval"], short(&pattern["firstDayOfWeek"]));
    format!("DTSTART:{start}\nRRULE:FREQ={frequency};INTERVAL={interval};WKST={week_start}{end}")
}

/// A recurrence with something of it, or all of it, replaced by any JSON.
fn hostile() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        (0..40).prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        "[0-9]{4}-[01][0-9]-[0-3][0-9]".prop_map(Value::from),
    ];
    let any_json = leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-z]{1,6}|pattern|range|type", inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    });
    let places = [
        "",
        "/pattern",
        "/range",
        "/pattern/type",
        "/pattern/interval",
        "/pattern/daysOfWeek",
        "/pattern/daysOfWeek/0",
        "/pattern/dayOfMonth",
        "/pattern/month",
        "/pattern/index",
        "/pattern/firstDayOfWeek",
        "/range/type",
        "/range/startDate",
        "/range/endDate",
        "/range/numberOfOccurrences",
    ];
    (recurrence(), prop::sample::select(places.to_vec()), any_json).prop_map(|(mut recurrence, place, value)| {
        *recurrence.pointer_mut(place).expect("the place exists") = value;
        recurrence
    })
}

proptest! {
    #[test]
    fn the_dates_are_those_of_icalendar(recurrence in recurrence()) {
        let text = icalendar(&recurrence);
        let rules: rrule::RRuleSet = text.parse().expect("the rule is valid");
        let theirs: Vec<_> = rules.all(100).dates.iter().map(|it| it.format("%Y-%m-%d").to_string()).collect();
        let ours: Vec<_> = dates(&recurrence).expect("valid").take(100).map(|it| it.to_string()).collect();
        prop_assert_eq!(ours, theirs, "{}", text);
    }

    #[test]
    fn a_rule_of_icalendar_that_has_the_same_dates_becomes_the_same_recurrence(recurrence in recurrence()) {
        let text = icalendar(&recurrence);
        let (_, rule) = text.split_once('\n').expect("two lines");
        let start: jiff::civil::Date = recurrence["range"]["startDate"].as_str().expect("a date").parse().expect("a date");
        let mut read = crate::recurrence::from_rrule(rule, start.at(10, 0, 0, 0), &jiff::tz::TimeZone::UTC).expect(rule);
        read["range"]["startDate"] = recurrence["range"]["startDate"].clone();
        let of = |it: &Value| dates(it).expect("valid").take(50).collect::<Vec<_>>();
        // The last day that `icalendar` writes is a midnight, before the occurrence of that day.
        let day_after = |it: &Value| it.as_str().and_then(|it| it.parse::<jiff::civil::Date>().ok()).map(|it| it.saturating_add(1.day()).to_string());
        if recurrence["range"]["type"] == "endDate" {
            read["range"]["endDate"] = json!(day_after(&read["range"]["endDate"]));
        }
        prop_assert_eq!(of(&read), of(&recurrence), "{}", rule);
    }

    #[test]
    fn any_rule_is_read_or_refused(
        text in ".{0,40}",
        near in "(RRULE:)?FREQ=(DAILY|WEEKLY|MONTHLY|YEARLY)(;(BYDAY|BYMONTHDAY|BYSETPOS|UNTIL|COUNT|INTERVAL|BYMONTH|WKST)=[-0-9A-Zé,]{0,9}){0,3}",
    ) {
        for text in [text, near] {
            let start = date(2027, 1, 12).at(10, 0, 0, 0);
            if let Ok(mut read) = crate::recurrence::from_rrule(&text, start, &jiff::tz::TimeZone::UTC) {
                read["range"]["startDate"] = json!("2027-01-12");
                let _ = dates(&read).map(|dates| dates.take(20).count());
            }
        }
    }

    #[test]
    fn the_normal_form_has_the_same_dates_and_is_its_own_normal_form(recurrence in recurrence()) {
        let normal_form = normal(&recurrence);
        prop_assert_eq!(normal(&normal_form), normal_form.clone());
        prop_assert_eq!(count(&normal_form), count(&recurrence));
        let of = |it: &Value| dates(it).expect("valid").take(50).collect::<Vec<_>>();
        prop_assert_eq!(of(&normal_form), of(&recurrence));
    }

    #[test]
    fn any_json_is_read_or_refused(recurrence in hostile()) {
        normal(&recurrence);
        if let Ok(dates) = dates(&recurrence) {
            let some: Vec<_> = dates.take(200).collect();
            prop_assert!(some.is_sorted_by(|one, next| one < next));
        }
    }
}
