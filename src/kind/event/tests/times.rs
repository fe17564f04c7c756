use crate::kind::event::tests::{faults_of, own_of};
use serde_json::{Value, json};

const BERLIN: &str = "W. Europe Standard Time";

fn pair(at: &str, zone: &str) -> Value {
    json!({"dateTime": at, "timeZone": zone})
}

/// What a spec says over the base, and the start and end that Graph is given.
#[track_caller]
fn become_pairs<const N: usize>(cases: [(Value, Value, Value); N]) {
    for (over, start, end) in cases {
        let own = own_of(over.clone());
        assert_eq!((&own["start"], &own["end"]), (&start, &end), "{over}");
    }
}

#[test]
fn times_become_graphs_pairs() {
    become_pairs([
        (
            json!({"duration": null, "end": "2026-12-01T11:00"}),
            pair("2026-12-01T10:00:00", BERLIN),
            pair("2026-12-01T11:00:00", BERLIN),
        ),
        (
            json!({
                "start": {"dateTime": "2026-12-01T09:00:00.0000000", "timeZone": "UTC"},
                "duration": null,
                "end": {"dateTime": "2026-12-01T05:00", "timeZone": "America/New_York"},
            }),
            pair("2026-12-01T09:00:00", "UTC"),
            pair("2026-12-01T05:00:00", "Eastern Standard Time"),
        ),
        // A day of a duration is a day of the calendar, an hour is an hour.
        (
            json!({"start": "2026-10-24T10:00", "duration": "1d"}),
            pair("2026-10-24T10:00:00", BERLIN),
            pair("2026-10-25T10:00:00", BERLIN),
        ),
        (
            json!({"start": "2027-03-28T01:30", "duration": "1h"}),
            pair("2027-03-28T01:30:00", BERLIN),
            pair("2027-03-28T03:30:00", BERLIN),
        ),
        // Twice that night: the earlier is meant, and UTC leaves no doubt of it.
        (
            json!({"start": "2026-10-25T02:30", "duration": "15m"}),
            pair("2026-10-25T00:30:00", "UTC"),
            pair("2026-10-25T00:45:00", "UTC"),
        ),
        // An hour and three quarters later it is 02:15 for the second time.
        (
            json!({"start": "2026-10-25T01:30", "duration": "1h 45m"}),
            pair("2026-10-25T01:30:00", BERLIN),
            pair("2026-10-25T01:15:00", "UTC"),
        ),
    ]);
}

#[test]
fn whole_days_become_pairs_of_midnights() {
    become_pairs([
        (
            json!({"isAllDay": true, "start": "2026-12-01", "duration": "1d"}),
            pair("2026-12-01T00:00:00", BERLIN),
            pair("2026-12-02T00:00:00", BERLIN),
        ),
        (
            json!({"isAllDay": true, "start": "2026-12-01", "duration": null, "end": "2026-12-03T00:00"}),
            pair("2026-12-01T00:00:00", BERLIN),
            pair("2026-12-03T00:00:00", BERLIN),
        ),
        // Midnight does not exist on that day in Cairo, the day does.
        (
            json!({"isAllDay": true, "start": "2026-04-24", "duration": "1d", "timeZone": "Africa/Cairo"}),
            pair("2026-04-24T00:00:00", "Egypt Standard Time"),
            pair("2026-04-25T00:00:00", "Egypt Standard Time"),
        ),
    ]);
}

#[track_caller]
fn refused<const N: usize>(cases: [(Value, &str); N]) {
    for (over, expect) in cases {
        assert_eq!(faults_of(over.clone()), expect, "{over}");
    }
}

#[test]
fn times_that_cannot_be_are_refused_with_the_way_out() {
    refused([
        (
            json!({"timeZone": null}),
            "/start: `start` has no time zone; add `timeZone: Europe/Berlin`, or `defaults.timeZone` to the workspace",
        ),
        (
            json!({"timeZone": "Europe/Berln"}),
            "/timeZone: unknown time zone: `Europe/Berln`; did you mean `Europe/Berlin`?",
        ),
        (
            json!({"start": "2026-12-01T10:00+01:00"}),
            "/start: a time here has no offset, `timeZone` says its zone: `2026-12-01T10:00+01:00`; \
             write local time, such as `2026-12-01T10:00`",
        ),
        (
            json!({"start": "2026-12-01T10:00:30"}),
            "/start: an event's times are whole minutes: `2026-12-01T10:00:30`; write `2026-12-01T10:00`",
        ),
        (
            json!({"start": "2026-12-01"}),
            "/start: no time of day: `2026-12-01`; write `2026-12-01T10:00`, or add `isAllDay: true` to an event",
        ),
        (
            json!({"start": "2027-03-28T02:30"}),
            "/start: no such time in `Europe/Berlin`, where clocks go from 2027-03-28T02:00 to 2027-03-28T03:00: \
             `2027-03-28T02:30`; write a time before `2027-03-28T02:00`, or from `2027-03-28T03:00` on",
        ),
        (
            json!({"start": "2026-10-25T01:30", "duration": "1h 45m", "recurrence": "RRULE:FREQ=YEARLY;COUNT=2"}),
            "/duration: the end falls into the hour that `Europe/Berlin` has twice, in its second time: \
             `2026-10-25T02:15`; write `end: {dateTime: 2026-10-25T01:15, timeZone: UTC}`",
        ),
        (
            json!({"duration": null, "end": "2026-12-01T10:00"}),
            "/end /start: the end is not after the start; write an end after `2026-12-01T10:00`",
        ),
        (json!({"end": "2026-12-01T11:00"}), "/duration /end: both `end` and `duration`; leave one of them out"),
        (json!({"duration": null}), "/start: a start without `end` or `duration`; add `duration: 30m`"),
        (
            json!({"duration": "1h 30"}),
            "/duration: not a duration such as `1h 30m`: `1h 30`; write `45m`, `1h 30m` or `2d`",
        ),
    ]);
}

#[test]
fn whole_days_that_cannot_be_are_refused_with_the_way_out() {
    refused([
        (
            json!({"isAllDay": true, "start": "2026-12-01", "duration": null}),
            "/start: a start without `end` or `duration`; add `duration: 1d`",
        ),
        (
            json!({"isAllDay": true}),
            "/start: an all-day event starts and ends at midnight: `2026-12-01T10:00`; write the date alone: `2026-12-01`\n/duration: an all-day event lasts whole days: `45m`; write `1d`, or leave `isAllDay` out",
        ),
        (
            json!({"isAllDay": true, "start": "2026-12-01", "duration": "36h"}),
            "/duration: an all-day event lasts whole days: `36h`; write `1d`, or leave `isAllDay` out",
        ),
        (
            json!({"isAllDay": true, "start": "2026-12-01", "duration": null, "end": "2026-12-01"}),
            "/end /start: the end of an all-day event is the day after its last; write `2026-12-02` for one day",
        ),
        (
            json!({
                "isAllDay": true, "start": "2026-12-01", "duration": null,
                "end": {"dateTime": "2026-12-03T00:00", "timeZone": "UTC"},
            }),
            "/end /start: an all-day event starts and ends in one time zone (event.md); write the end in `Europe/Berlin`",
        ),
    ]);
}
