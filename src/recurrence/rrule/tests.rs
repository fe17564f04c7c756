use crate::recurrence::from_rrule;
use crate::when;
use serde_json::{Value, json};

fn read(rule: &str, start: &str) -> Result<Value, String> {
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

#[test]
fn what_graph_cannot_say_is_refused_with_the_reason() {
    for (rule, expect) in [
        ("", "`FREQ` is missing"),
        ("every tuesday", "not a part such as `FREQ=WEEKLY`: `EVERY TUESDAY`"),
        ("FREQ=HOURLY", "Graph's series happen once a day at most: `FREQ=HOURLY`"),
        ("FREQ=FORTNIGHTLY", "`FREQ` is DAILY, WEEKLY, MONTHLY or YEARLY: `FORTNIGHTLY`"),
        ("FREQ=WEEKLY;FREQ=DAILY", "`FREQ` stands twice in the rule"),
        ("FREQ=WEEKLY;BYEASTER=0", "no such part of a rule: `BYEASTER`"),
        ("FREQ=DAILY;BYHOUR=9,10", "a series starts at the time of `start`: `BYHOUR`"),
        ("FREQ=DAILY;INTERVAL=2;BYDAY=MO", "Graph cannot pass over days of an interval: `BYDAY` with `INTERVAL`"),
        ("FREQ=DAILY;INTERVAL=0", "`INTERVAL` is a whole number from 1 to 999: `0`"),
        ("FREQ=WEEKLY;BYDAY=2TU", "a weekday's place in the month needs `FREQ=MONTHLY` or YEARLY: `2TU`"),
        ("FREQ=WEEKLY;BYDAY=XX", "not a weekday such as `TU` or `-1FR`: `XX`"),
        ("FREQ=WEEKLY;BYSETPOS=1", "Graph has no such pattern: `BYSETPOS` with `FREQ=WEEKLY`"),
        ("FREQ=MONTHLY;BYDAY=5TU", "Graph knows the first to fourth weekday of a month and the last, not: `5`"),
        ("FREQ=MONTHLY;BYDAY=1TU,3TU", "Graph has one date a month: `BYDAY=1TU,3TU`"),
        (
            "FREQ=MONTHLY;BYDAY=TU",
            "on these weekdays in every week: write `FREQ=WEEKLY`, or their place in the month, as in `1TU`",
        ),
        (
            "FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13",
            "Graph takes a weekday or a day of the month, not both: `BYDAY` with `BYMONTHDAY`",
        ),
        (
            "FREQ=MONTHLY;BYMONTHDAY=30",
            "iCalendar passes over a month without this day, Graph takes its last day; for that write \
             `BYMONTHDAY=28,29,30;BYSETPOS=-1`: `30`",
        ),
        ("FREQ=MONTHLY;BYMONTHDAY=1,15", "Graph has one date a month, counted from its beginning: `BYMONTHDAY=1,15`"),
        ("FREQ=MONTHLY;BYMONTHDAY=99", "`BYMONTHDAY` is a day from 1 to 31, or -1: `99`"),
        ("FREQ=YEARLY;BYMONTH=3,9", "Graph has one month a year: `BYMONTH=3,9`"),
        ("FREQ=YEARLY;BYDAY=20MO", "Graph counts weekdays in a month, not in a year: add `BYMONTH`"),
        ("FREQ=YEARLY;BYMONTHDAY=1", "on a day of every month: write `FREQ=MONTHLY`, or add `BYMONTH`"),
        ("FREQ=YEARLY;BYWEEKNO=20", "Graph does not count the weeks of a year: `BYWEEKNO`"),
        ("FREQ=DAILY;COUNT=3;UNTIL=20270101", "`COUNT` and `UNTIL` in one rule"),
        (
            "FREQ=DAILY;UNTIL=tomorrow",
            "`UNTIL` is a date such as `20270330` or a time such as `20270330T090000Z`: `TOMORROW`",
        ),
        ("FREQ=DAILY\nEXDATE:20270101", "a rule is one line; write dates that are left out under `exceptions`"),
    ] {
        assert_eq!(read(rule, "2027-01-12T10:00").err().as_deref(), Some(expect), "{rule}");
    }
}
