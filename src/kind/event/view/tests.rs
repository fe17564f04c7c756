use super::*;
use serde_json::json;

fn map(value: Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap_or_default()
}

#[test]
fn a_live_event_is_read_on_the_clock_that_it_was_made_in() {
    let start = json!({"dateTime": "2026-12-01T09:00:00.0000000", "timeZone": "UTC"});
    for (own, expect) in [
        (json!({"start": start, "originalStartTimeZone": "W. Europe Standard Time"}), "W. Europe Standard Time"),
        (json!({"start": start}), "UTC"),
        (json!({"start": start, "originalStartTimeZone": "tzone://Nowhere"}), "UTC"),
        (json!({}), "UTC"),
    ] {
        assert_eq!(View::of(&map(own.clone())).clock().1, expect, "{own}");
    }
}

#[test]
fn a_changed_occurrence_is_called_by_the_date_of_its_series() {
    let (night, day, days) = ("2026-06-01T22:30:00", "2026-06-01T09:00:00", "2026-06-01T00:00:00");
    for (zone, start, at, expect) in [
        ("Europe/Berlin", day, "2026-12-01T10:00:00Z", Some("2026-12-01")),
        ("Europe/Berlin", night, "2026-12-01T23:30:00Z", Some("2026-12-02")),
        // Zone tables that differ by an hour, and a zone that only Graph knows.
        ("Europe/Berlin", night, "2026-12-02T00:30:00Z", Some("2026-12-02")),
        ("Europe/Berlin", night, "2026-12-01T22:30:00Z", Some("2026-12-02")),
        ("tzone://Microsoft/Custom", night, "2026-12-01T23:30:00Z", Some("2026-12-02")),
        ("Europe/Berlin", days, "2026-07-01T00:00:00Z", Some("2026-07-01")),
        ("Europe/Berlin", days, "2026-06-30T22:00:00Z", Some("2026-07-01")),
        ("Europe/Berlin", days, "2026-06-30T23:00:00Z", Some("2026-07-01")),
        ("Europe/Berlin", days, "2026-06-30T21:00:00Z", Some("2026-07-01")),
        ("Pacific/Auckland", days, "2026-12-09T11:00:00Z", Some("2026-12-10")),
        ("tzone://Microsoft/Custom", days, "2026-12-10T07:00:00Z", Some("2026-12-10")),
        ("Europe/Berlin", day, "soon", None),
    ] {
        let first = if start == night { "2026-06-02" } else { "2026-06-01" };
        let series = map(json!({
            "start": {"dateTime": start, "timeZone": "UTC"}, "isAllDay": start == days,
            "recurrence": {"range": {"startDate": first, "recurrenceTimeZone": zone}},
        }));
        let own = map(json!({"originalStart": at}));
        let date = View::of(&own).series_date(View::of(&series)).map(|date| date.to_string());
        assert_eq!(date.as_deref(), expect, "{zone} {start} {at}");
    }
}

#[test]
fn whole_days_are_those_of_the_calendar_whatever_zone_they_were_asked_for_in() {
    for (start, zone, expect) in [
        ("2027-03-02T00:00:00.0000000", "UTC", "2027-03-01T15:00:00Z"),
        ("2027-03-01T15:00:00.0000000", "UTC", "2027-03-01T15:00:00Z"),
        ("2027-03-02T00:00:00.0000000", "Tokyo Standard Time", "2027-03-01T15:00:00Z"),
    ] {
        let at = json!({"dateTime": start, "timeZone": zone});
        let own = map(json!({
            "start": at, "end": at, "isAllDay": true, "originalStartTimeZone": "Tokyo Standard Time",
        }));
        let event = View::of(&own);
        assert_eq!(event.start().map(when::utc).as_deref(), Some(expect), "{start} {zone}");
        let days = event.days("Asia/Tokyo").expect("it has days");
        assert_eq!(days["start"], json!({"dateTime": "2027-03-02T00:00:00", "timeZone": "Asia/Tokyo"}), "{start}");
    }
}

#[test]
fn what_is_of_another_shape_is_nothing() {
    let own = map(json!({
        "start": "now", "recurrence": null, "attendees": {}, "location": [], "onlineMeeting": null,
        "isOnlineMeeting": "true", "cancelledOccurrences": ["OID.x.2026-12-22", "OID.x", 5],
    }));
    let event = View::of(&own);
    assert!(event.start().is_none() && !event.is_series() && !event.is_online() && event.join_url().is_none());
    assert!(event.people().is_empty() && event.room().is_none());
    assert_eq!(event.skipped().map(|date| date.to_string()).collect::<Vec<_>>(), ["2026-12-22"]);
}
