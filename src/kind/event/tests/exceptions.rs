use crate::kind::Exception;
use crate::kind::event::tests::base;
use crate::kind::testing::{self, no_defaults};
use serde_json::{Value, json};

fn weekly(exceptions: Value) -> Value {
    json!({
        "recurrence": {
            "pattern": {"type": "weekly", "daysOfWeek": ["tuesday"]},
            "range": {"type": "endDate", "endDate": "2027-03-30"},
        },
        "exceptions": exceptions,
    })
}

/// Each exception on a line: its date and what it becomes.
fn exceptions_of(over: Value) -> String {
    let (expanded, faults) = testing::expand("Event", &base(), &over, &no_defaults());
    assert_eq!(faults, "", "{over}");
    let short = |value: &Value| value["dateTime"].as_str().map_or_else(|| value.to_string(), str::to_owned);
    let lines = expanded.exceptions.iter().map(|(date, exception)| match exception {
        Exception::Skipped => format!("{date} skipped"),
        Exception::Changed(own) => {
            let own: Vec<_> = own.iter().map(|(name, value)| format!("{name} {}", short(value))).collect();
            format!("{date} {}", own.join(" "))
        }
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn an_exception_becomes_graphs_properties_of_its_occurrence() {
    for (exception, expect) in [
        (json!({"date": "2026-12-22", "cancel": true}), "2026-12-22 skipped"),
        (
            json!({"date": "2027-01-05", "start": "2027-01-06T14:00"}),
            "2027-01-05 start 2027-01-06T14:00:00 end 2027-01-06T14:45:00",
        ),
        (
            json!({"date": "2027-01-05", "duration": "2h"}),
            "2027-01-05 start 2027-01-05T10:00:00 end 2027-01-05T12:00:00",
        ),
        (
            json!({"date": "2027-01-05", "end": "2027-01-05T11:00", "subject": "Long"}),
            "2027-01-05 start 2027-01-05T10:00:00 end 2027-01-05T11:00:00 subject \"Long\"",
        ),
        (
            json!({"date": "2027-01-05", "start": {"dateTime": "2027-01-05T15:00", "timeZone": "UTC"}}),
            "2027-01-05 start 2027-01-05T15:00:00 end 2027-01-05T15:45:00",
        ),
        (json!({"date": "2027-01-05", "location": "Room 4"}), "2027-01-05 location {\"displayName\":\"Room 4\"}"),
    ] {
        assert_eq!(exceptions_of(weekly(json!([exception.clone()]))), expect, "{exception}");
    }
    let mut holidays = weekly(json!([{"date": "2026-12-22", "start": "2026-12-23"}]));
    for (name, value) in [("start", json!("2026-12-01")), ("duration", json!("2d")), ("isAllDay", json!(true))] {
        holidays[name] = value;
    }
    assert_eq!(exceptions_of(holidays), "2026-12-22 start 2026-12-23T00:00:00 end 2026-12-25T00:00:00");
}

#[test]
fn a_series_keeps_the_clock_of_its_own_zone_when_an_exception_only_gets_longer() {
    let mut over = weekly(json!([{"date": "2027-03-30", "duration": "1h"}]));
    over["start"] = json!({"dateTime": "2026-12-01T09:00", "timeZone": "UTC"});
    over["recurrence"]["range"]["recurrenceTimeZone"] = json!("Europe/Berlin");
    assert_eq!(exceptions_of(over), "2027-03-30 start 2027-03-30T10:00:00 end 2027-03-30T11:00:00");
}

#[track_caller]
fn refused<const N: usize>(cases: [(Value, &str); N]) {
    for (exceptions, expect) in cases {
        let (_, faults) = testing::expand("Event", &base(), &weekly(exceptions.clone()), &no_defaults());
        assert_eq!(faults, expect, "{exceptions}");
    }
}

#[test]
fn an_exception_that_cannot_be_is_refused_with_the_way_out() {
    refused([
        (
            json!([{"date": "2026-12-23", "cancel": true}]),
            "/exceptions/0/date /recurrence: the series has no occurrence on `2026-12-23`; \
             the nearest are `2026-12-22` and `2026-12-29`",
        ),
        (
            json!([{"date": "2027-04-06", "cancel": true}]),
            "/exceptions/0/date /recurrence: the series has no occurrence on `2027-04-06`; the nearest is `2027-03-30`",
        ),
        (
            json!([{"date": "2026-12-22", "cancel": true}, {"date": "2026-12-22", "subject": "x"}]),
            "/exceptions/1/date /exceptions/0/date: a second exception for the same date: `2026-12-22`; \
             write one for both",
        ),
        (
            json!([{"date": "2026-12-22", "cancel": true, "subject": "x"}]),
            "/exceptions/0/subject /exceptions/0/cancel: `subject` of an occurrence that is skipped; \
             leave it out, or leave `cancel` out",
        ),
        (
            json!([{"date": "2026-12-22", "cancel": false}]),
            "/exceptions/0: an exception that says nothing of `2026-12-22`; add `cancel: true`, or what is different: \
             `start`, `end`, `duration`, `subject`, `location`, `attendees`, `body`",
        ),
    ]);
    let alone = json!({"exceptions": [{"date": "2026-12-22", "cancel": true}]});
    let (_, faults) = testing::expand("Event", &base(), &alone, &no_defaults());
    assert_eq!(
        faults,
        "/exceptions: exceptions of an event that does not repeat; add `recurrence`, or leave `exceptions` out"
    );
}

#[test]
fn an_exception_at_a_time_or_place_that_cannot_be_is_refused_with_the_way_out() {
    refused([
        (
            json!([{"date": "2026-12-22", "start": "2026-12-29T08:00"}]),
            "/exceptions/0/start: moved to 2026-12-29, which is not before the day of the occurrence of 2026-12-29: \
             2026-12-29; Graph lets no occurrence move to or past the day of its neighbour",
        ),
        (
            json!([{"date": "2026-12-22", "start": "2026-12-15T20:00"}]),
            "/exceptions/0/start: moved to 2026-12-15, which is not after the day of the occurrence of 2026-12-15: \
             2026-12-15; Graph lets no occurrence move to or past the day of its neighbour",
        ),
        (
            json!([{"date": "2027-03-23", "start": "2027-03-28T02:30"}]),
            "/exceptions/0/start: no such time in `Europe/Berlin`, where clocks go from 2027-03-28T02:00 to \
             2027-03-28T03:00: `2027-03-28T02:30`; write a time before `2027-03-28T02:00`, or from `2027-03-28T03:00` on",
        ),
        (
            json!([{"date": "2026-12-22", "start": "2026-12-23T10:00", "end": "2026-12-23T09:00"}]),
            "/exceptions/0/end /exceptions/0/start: the end is not after the start; write an end after \
             `2026-12-23T10:00`",
        ),
        (
            json!([{"date": "2026-12-22", "location": "room-baker@contoso.example"}]),
            "/exceptions/0/location: no room is booked for a single date of a series; write the room's name, and book it \
             for that date in Outlook",
        ),
        (
            json!([{"date": "2026-12-22", "end": "2026-12-22T09:00"}]),
            "/exceptions/0/end /exceptions/0: the end is not after the start; write an end after `2026-12-22T10:00`",
        ),
    ]);
}

#[test]
fn an_occurrence_may_pass_a_neighbour_that_is_skipped_or_goes_out_of_its_way() {
    for exceptions in [
        json!([{"date": "2026-12-22", "start": "2026-12-30T10:00"}, {"date": "2026-12-29", "cancel": true}]),
        json!([
            {"date": "2026-12-22", "start": "2026-12-30T10:00"}, {"date": "2026-12-29", "start": "2026-12-31T10:00"}
        ]),
    ] {
        exceptions_of(weekly(exceptions));
    }
}
