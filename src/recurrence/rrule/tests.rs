use crate::recurrence::{Refused, dates, from_rrule};
use crate::when;
use serde_json::{Value, json};

fn read(rule: &str, start: &str) -> Result<Value, Refused> {
    let zone = when::zone("Europe/Berlin").expect("Berlin has a zone");
    from_rrule(rule, when::local(start).expect(start), &zone)
}

#[test]
fn a_rule_becomes_graphs_pattern_and_range() {
    for (rule, pattern, range) in [
        (
            "RRULE:FREQ=WEEKLY;BYDAY=TU,TH;COUNT=10",
            json!({"type": "weekly", "daysOfWeek": ["tuesday", "thursday"], "firstDayOfWeek": "monday", "interval": 1}),
            json!({"type": "numbered", "numberOfOccurrences": 10}),
        ),
        (
            "freq=weekly;interval=2;wkst=su",
            json!({"type": "weekly", "daysOfWeek": ["tuesday"], "firstDayOfWeek": "sunday", "interval": 2}),
            json!({"type": "noEnd"}),
        ),
        (
            "FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR",
            json!({"type": "weekly", "daysOfWeek": ["monday", "tuesday", "wednesday", "thursday", "friday"], "interval": 1}),
            json!({"type": "noEnd"}),
        ),
        (
            "FREQ=MONTHLY;BYDAY=-1FR;UNTIL=20270630",
            json!({"type": "relativeMonthly", "daysOfWeek": ["friday"], "index": "last", "interval": 1}),
            json!({"type": "endDate", "endDate": "2027-06-30"}),
        ),
        (
            "FREQ=MONTHLY;BYMONTHDAY=-1",
            json!({"type": "absoluteMonthly", "dayOfMonth": 31, "interval": 1}),
            json!({"type": "noEnd"}),
        ),
        (
            "FREQ=YEARLY;BYMONTH=11;BYDAY=TH;BYSETPOS=4",
            json!({"type": "relativeYearly", "daysOfWeek": ["thursday"], "index": "fourth", "month": 11, "interval": 1}),
            json!({"type": "noEnd"}),
        ),
        (
            "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-1",
            json!({"type": "absoluteYearly", "dayOfMonth": 29, "month": 2, "interval": 1}),
            json!({"type": "noEnd"}),
        ),
        (
            "FREQ=YEARLY",
            json!({"type": "absoluteYearly", "dayOfMonth": 12, "month": 1, "interval": 1}),
            json!({"type": "noEnd"}),
        ),
    ] {
        assert_eq!(read(rule, "2027-01-12T10:00"), Ok(json!({"pattern": pattern, "range": range})), "{rule}");
    }
}

#[test]
fn the_end_of_a_rule_is_the_date_of_the_last_occurrence_that_starts_by_then() {
    // 10:00 in Berlin is 09:00 in UTC in winter and 08:00 in summer.
    for (until, start, last) in [
        ("20270330", "2027-01-12T10:00", "2027-03-30"),
        ("20270323T090000Z", "2027-01-12T10:00", "2027-03-23"),
        ("20270323T085959Z", "2027-01-12T10:00", "2027-03-22"),
        ("20270330T080000Z", "2027-01-12T10:00", "2027-03-30"),
        ("20270330T075959Z", "2027-01-12T10:00", "2027-03-29"),
        ("20270330T235959", "2027-01-12T10:00", "2027-03-30"),
        ("20270330T230000Z", "2027-01-12T00:30", "2027-03-31"),
    ] {
        let read = read(&format!("FREQ=WEEKLY;UNTIL={until}"), start).expect(until);
        assert_eq!(read["range"]["endDate"], last, "{until} {start}");
    }
}

/// The first dates of a rule for a series from a date on at ten o'clock, one string.
fn first(most: usize, rule: &str, start: &str) -> String {
    let mut read = read(rule, &format!("{start}T10:00")).expect(rule);
    read["range"]["startDate"] = json!(start);
    let dates = dates(&read).expect("what was taken is valid").take(most);
    dates.map(|date| date.to_string()).collect::<Vec<_>>().join(" ")
}

#[test]
fn a_rule_is_taken_however_it_is_spelled() {
    for (rule, expect) in [
        // 2027-10-31 is the last Sunday of October, 2027-10-07 the first Thursday, 2027-10-01 a Friday.
        ("FREQ=MONTHLY;BYMONTH=10;BYDAY=-1SU", "2027-10-31 2028-10-29 2029-10-28"),
        ("FREQ=DAILY;BYMONTH=10;BYDAY=SU;BYMONTHDAY=-7,-6,-5,-4,-3,-2,-1", "2027-10-31 2028-10-29 2029-10-28"),
        ("FREQ=YEARLY;BYMONTH=10;BYMONTHDAY=31", "2027-10-31 2028-10-31 2029-10-31"),
        ("FREQ=MONTHLY;INTERVAL=12;BYMONTHDAY=31", "2027-10-31 2028-10-31 2029-10-31"),
        ("FREQ=MONTHLY;INTERVAL=2;BYMONTHDAY=-1", "2027-10-31 2027-12-31 2028-02-29"),
        ("FREQ=YEARLY;BYDAY=TH", "2027-10-07 2027-10-14 2027-10-21"),
        ("FREQ=MONTHLY;BYDAY=TH", "2027-10-07 2027-10-14 2027-10-21"),
        ("FREQ=YEARLY;BYDAY=TH;BYMONTH=1,2,3,4,5,6,7,8,9,10,11,12", "2027-10-07 2027-10-14 2027-10-21"),
        ("FREQ=MONTHLY;BYDAY=TH;BYMONTHDAY=1,2,3,4,5,6,7", "2027-10-07 2027-11-04 2027-12-02"),
        ("FREQ=MONTHLY;BYDAY=TH;BYSETPOS=1", "2027-10-07 2027-11-04 2027-12-02"),
        ("FREQ=MONTHLY;BYDAY=1TH;BYSETPOS=1", "2027-10-07 2027-11-04 2027-12-02"),
        ("FREQ=YEARLY;BYMONTH=4,10;BYDAY=1TH", "2027-10-07 2028-04-06 2028-10-05"),
        ("FREQ=DAILY;INTERVAL=7;BYDAY=TH", "2027-10-07 2027-10-14 2027-10-21"),
        ("FREQ=DAILY;INTERVAL=2;BYDAY=TH", "2027-10-07 2027-10-21 2027-11-04"),
        ("FREQ=WEEKLY;BYDAY=TH;BYSETPOS=1", "2027-10-07 2027-10-14 2027-10-21"),
        ("FREQ=WEEKLY;BYDAY=MO,TH;BYSETPOS=-1", "2027-10-07 2027-10-14 2027-10-21"),
        ("FREQ=WEEKLY;BYDAY=MO,TH,SU;BYSETPOS=-2", "2027-10-07 2027-10-14 2027-10-21"),
        ("FREQ=WEEKLY;BYDAY=MO,TH,SU;BYSETPOS=-1;WKST=SU", "2027-10-07 2027-10-14 2027-10-21"),
        ("FREQ=WEEKLY;BYHOUR=10;BYMINUTE=0;BYSECOND=00", "2027-10-01 2027-10-08 2027-10-15"),
        ("FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR,SA,SU", "2027-10-01 2027-10-02 2027-10-03"),
        ("FREQ=DAILY;BYMONTH=1,2,3,4,5,6,7,8,9,10,11,12", "2027-10-01 2027-10-02 2027-10-03"),
        ("FREQ=DAILY;BYMONTHDAY=1", "2027-10-01 2027-11-01 2027-12-01"),
        ("FREQ=YEARLY;BYMONTHDAY=1", "2027-10-01 2027-11-01 2027-12-01"),
        ("FREQ=MONTHLY;BYSETPOS=1;BYMONTHDAY=1", "2027-10-01 2027-11-01 2027-12-01"),
        ("FREQ=MONTHLY;BYMONTHDAY=1;BYMONTH=1,4,7,10", "2027-10-01 2028-01-01 2028-04-01"),
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=1,1", "2027-10-01 2027-11-01 2027-12-01"),
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYMONTHDAY=1,2,3;BYSETPOS=1", "2027-10-01 2027-11-01 2027-12-01"),
    ] {
        assert_eq!(first(3, rule, &expect[..10]), expect, "{rule}");
    }
    // Places in the year, which the months at its ends have too.
    for (rule, expect) in [
        ("FREQ=YEARLY;BYDAY=2TU", "2027-01-12 2028-01-11 2029-01-09"),
        ("FREQ=YEARLY;BYDAY=TU;BYSETPOS=-1", "2027-12-28 2028-12-26 2029-12-25"),
        ("FREQ=YEARLY;BYYEARDAY=12", "2027-01-12 2028-01-12 2029-01-12"),
        ("FREQ=YEARLY;BYYEARDAY=-1", "2027-12-31 2028-12-31 2029-12-31"),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=28,29;BYSETPOS=-1", "2027-02-28 2028-02-29 2029-02-28"),
    ] {
        assert_eq!(first(3, rule, &expect[..10]), expect, "{rule}");
    }
}

/// Holds reasons and nearest rules for a second Tuesday against what they are to be; the nearest must have that date.
#[track_caller]
fn refused<const N: usize>(cases: [(&str, &str, &str); N]) {
    for (rule, reason, nearest) in cases {
        let refused = read(rule, "2027-01-12T10:00").expect_err(rule);
        assert_eq!((&*refused.message, refused.nearest.as_deref()), (reason, Some(nearest)), "{rule}");
        assert_eq!(first(1, nearest, "2027-01-12"), "2027-01-12", "{nearest}");
    }
}

#[test]
fn what_goes_by_days_and_weeks_in_a_way_that_graph_cannot_express_is_refused_with_the_nearest() {
    refused([
        ("FREQ=HOURLY", "Graph's series happen once a day at most: `FREQ=HOURLY`", "FREQ=DAILY"),
        ("FREQ=DAILY;BYHOUR=9,10", "a series starts at the time of `start`: `BYHOUR=9,10`", "FREQ=DAILY"),
        ("FREQ=DAILY;BYHOUR=9", "a series starts at the time of `start`: `BYHOUR=9`", "FREQ=DAILY"),
        (
            "FREQ=DAILY;INTERVAL=2;BYDAY=TU,WE",
            "Graph cannot pass over dates of an interval: `BYDAY=TU,WE`",
            "FREQ=WEEKLY;BYDAY=TU,WE",
        ),
        ("FREQ=DAILY;INTERVAL=7;BYDAY=MO", "the rule has no dates: `BYDAY=MO`", "FREQ=WEEKLY;BYDAY=TU"),
        ("FREQ=DAILY;BYMONTH=1", "Graph has weekdays in every week or one date a month: `BYMONTH=1`", "FREQ=WEEKLY"),
        (
            "FREQ=WEEKLY;BYDAY=2TU;COUNT=5",
            "a weekday's place in the month needs `FREQ=MONTHLY` or `FREQ=YEARLY`: `BYDAY=2TU`",
            "FREQ=MONTHLY;BYDAY=2TU;COUNT=5",
        ),
        (
            "FREQ=WEEKLY;BYMONTH=1",
            "Graph has its weekdays in every week: `BYMONTH=1` with `FREQ=WEEKLY`",
            "FREQ=WEEKLY",
        ),
        (
            "FREQ=WEEKLY;BYDAY=MO,TU;BYSETPOS=3",
            "the rule has no dates: `BYDAY=MO,TU;BYSETPOS=3`",
            "FREQ=WEEKLY;BYDAY=TU",
        ),
    ]);
}

#[test]
fn what_goes_by_weekdays_of_a_month_in_a_way_that_graph_cannot_express_is_refused_with_the_nearest() {
    refused([
        (
            "FREQ=MONTHLY;BYDAY=5TU",
            "Graph knows the first to fourth weekday of a month and the last: `BYDAY=5TU`",
            "FREQ=MONTHLY;BYDAY=2TU",
        ),
        ("FREQ=MONTHLY;BYDAY=1TU,2TU", "Graph has one date a month: `BYDAY=1TU,2TU`", "FREQ=MONTHLY;BYDAY=2TU"),
        (
            "FREQ=MONTHLY;BYDAY=MO,2TU;BYSETPOS=1",
            "Graph knows no such day in a month: `BYDAY=MO,2TU;BYSETPOS=1`",
            "FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=4",
        ),
        (
            "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=1,-1",
            "Graph has one date a month: `BYDAY=MO,TU,WE,TH,FR;BYSETPOS=1,-1`",
            "FREQ=MONTHLY;BYMONTHDAY=12",
        ),
        (
            "FREQ=MONTHLY;INTERVAL=2;BYDAY=TU;UNTIL=20290101",
            "Graph has weekdays in every week or one date a month: `BYDAY=TU`",
            "FREQ=MONTHLY;INTERVAL=2;BYDAY=2TU;UNTIL=20290101",
        ),
        (
            "FREQ=YEARLY;BYMONTH=1;BYDAY=TU",
            "Graph has weekdays in every week or one date a month: `BYMONTH=1;BYDAY=TU`",
            "FREQ=YEARLY;BYMONTH=1;BYDAY=2TU",
        ),
        (
            "FREQ=MONTHLY;BYDAY=TU;BYMONTHDAY=12",
            "Graph takes a weekday or a day of the month, not both: `BYMONTHDAY=12;BYDAY=TU`",
            "FREQ=MONTHLY;BYDAY=2TU",
        ),
    ]);
}

#[test]
fn what_goes_by_days_of_a_month_or_year_in_a_way_that_graph_cannot_express_is_refused_with_the_nearest() {
    refused([
        (
            "FREQ=MONTHLY;BYMONTHDAY=30",
            "iCalendar passes over a month without this day, where Graph takes its last day: `BYMONTHDAY=30`",
            "FREQ=MONTHLY;BYMONTHDAY=12",
        ),
        (
            "FREQ=MONTHLY;BYMONTHDAY=-2",
            "Graph counts the days of a month from its beginning: `BYMONTHDAY=-2`",
            "FREQ=MONTHLY;BYMONTHDAY=12",
        ),
        (
            "FREQ=MONTHLY;BYMONTHDAY=12,15",
            "Graph has one date a month: `BYMONTHDAY=12,15`",
            "FREQ=MONTHLY;BYMONTHDAY=12",
        ),
        (
            "FREQ=YEARLY;BYMONTH=1,9",
            "Graph has one month a year, or every few months: `BYMONTH=1,9`",
            "FREQ=YEARLY;BYMONTH=1",
        ),
        ("FREQ=YEARLY;BYMONTH=3,9", "`start` is in none of the rule's months: `BYMONTH=3,9`", "FREQ=YEARLY;BYMONTH=1"),
        (
            "FREQ=YEARLY;BYDAY=20TU",
            "Graph counts weekdays in a month, not in a year: `BYDAY=20TU`",
            "FREQ=YEARLY;BYMONTH=1;BYDAY=2TU",
        ),
        ("FREQ=YEARLY;BYWEEKNO=20", "Graph does not count the weeks of a year: `BYWEEKNO=20`", "FREQ=YEARLY"),
        ("FREQ=YEARLY;BYYEARDAY=100", "Graph does not count the days of a year: `BYYEARDAY=100`", "FREQ=YEARLY"),
        ("FREQ=MONTHLY;BYYEARDAY=12", "`BYYEARDAY` needs `FREQ=YEARLY`: `FREQ=MONTHLY`", "FREQ=MONTHLY"),
        (
            "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
            "the rule has no dates: `BYMONTH=2;BYMONTHDAY=30`",
            "FREQ=YEARLY;BYMONTH=1;BYMONTHDAY=12",
        ),
        ("FREQ=DAILY;COUNT=3;UNTIL=20270101", "`COUNT` and `UNTIL` in one rule", "FREQ=DAILY;COUNT=3"),
    ]);
    // On the 30th of a month, the last of those days that each month has.
    let refused = read("FREQ=MONTHLY;BYMONTHDAY=30", "2027-01-30T10:00").expect_err("February lacks the day");
    assert_eq!(refused.nearest.as_deref(), Some("FREQ=MONTHLY;BYMONTHDAY=28,29,30;BYSETPOS=-1"));
}

#[test]
fn what_is_no_rule_is_refused_with_the_reason() {
    for (rule, expect) in [
        ("", "`FREQ` is missing"),
        ("every tuesday", "not a part such as `FREQ=WEEKLY`: `EVERY TUESDAY`"),
        ("FREQ=FORTNIGHTLY", "`FREQ` is DAILY, WEEKLY, MONTHLY or YEARLY: `FORTNIGHTLY`"),
        ("FREQ=WEEKLY;FREQ=DAILY", "`FREQ` stands twice in the rule"),
        ("FREQ=WEEKLY;BYEASTER=0", "no such part of a rule: `BYEASTER`"),
        ("FREQ=DAILY;INTERVAL=0", "`INTERVAL` is a whole number from 1 to 999: `0`"),
        ("FREQ=WEEKLY;BYDAY=XX", "not a weekday such as `TU` or `-1FR`: `XX`"),
        ("FREQ=WEEKLY;BYDAY=é", "not a weekday such as `TU` or `-1FR`: `É`"),
        ("FREQ=WEEKLY;WKST=1", "`WKST` is a weekday such as `MO`: `1`"),
        ("FREQ=MONTHLY;BYMONTHDAY=99", "`BYMONTHDAY` is a day from 1 to 31, or -1: `99`"),
        ("FREQ=MONTHLY;BYDAY=TU;BYSETPOS=1,x", "`BYSETPOS` is a place from 1 to 366, or -1: `X`"),
        ("FREQ=YEARLY;BYMONTH=13", "`BYMONTH` is a month from 1 to 12: `13`"),
        (
            "FREQ=DAILY;UNTIL=tomorrow",
            "`UNTIL` is a date such as `20270330` or a time such as `20270330T090000Z`: `TOMORROW`",
        ),
        ("FREQ=DAILY\nEXDATE:20270101", "a rule is one line; write dates that are left out under `exceptions`"),
    ] {
        let refused = read(rule, "2027-01-12T10:00").expect_err(rule);
        assert_eq!((&*refused.message, refused.nearest), (expect, None), "{rule}");
    }
}
