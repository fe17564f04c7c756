//! Series: six patterns, three ranges, DST, occurrences, exceptions, skipped dates (recurrencepattern.md, recurrencerange.md,
//! event-list-instances.md, calendar-list-calendarview.md, outlook-schedule-recurring-events.md).

use serde_json::{Value, json};

use crate::sandbox::support::{Reply, Twin, encode, twin};

const ALEX: &str = "/users/alex@contoso.example";

fn series(twin: &Twin, start: &str, pattern: Value, range: Value) -> String {
    let mut range = range;
    range["startDate"] = start[..10].into();
    let hour: u8 = start[11..13].parse().expect("an hour");
    let end = format!("{}{:02}:00:00", &start[..11], hour + 1);
    let at = |it: &str| json!({"dateTime": it, "timeZone": "Europe/Berlin"});
    twin.event(json!({"start": at(start), "end": at(&end), "recurrence": {"pattern": pattern, "range": range}}))
}

fn instances(twin: &Twin, id: &str, from: &str, to: &str) -> Reply {
    let reply = twin.send(&format!(
        "GET {ALEX}/events/{id}/instances?startDateTime={from}&endDateTime={to}&$top=100\nPrefer: outlook.timezone=\"Europe/Berlin\""
    ));
    reply.expect(200)
}

fn days(reply: &Reply) -> Vec<String> {
    let list = reply.at("/value").as_array().cloned().unwrap_or_default();
    list.iter().map(|it| it["start"]["dateTime"].as_str().unwrap_or_default()[..10].to_string()).collect()
}

/// Starts, patterns, ranges and the days that come of them.
#[track_caller]
fn fall_on<const N: usize>(cases: [(&str, Value, Value, &str); N]) {
    let twin = twin();
    for (start, pattern, range, expected) in cases {
        let id = series(&twin, start, pattern.clone(), range);
        let all = instances(&twin, &id, "2026-01-01", "2030-01-01");
        assert_eq!(days(&all).join(" "), expected, "{pattern}");
    }
}

fn until(end: &str) -> Value {
    json!({"type": "endDate", "endDate": end})
}

fn count(number: u32) -> Value {
    json!({"type": "numbered", "numberOfOccurrences": number})
}

#[test]
fn every_pattern_of_days_and_weeks_falls_on_its_days() {
    fall_on([
        (
            "2026-12-01T10:00:00",
            json!({"type": "daily", "interval": 3}),
            until("2026-12-10"),
            "2026-12-01 2026-12-04 2026-12-07 2026-12-10",
        ),
        (
            "2026-12-03T10:00:00",
            json!({"type": "weekly", "interval": 2, "daysOfWeek": ["monday", "thursday"], "firstDayOfWeek": "monday"}),
            count(4),
            "2026-12-03 2026-12-14 2026-12-17 2026-12-28",
        ),
        (
            "2026-12-06T10:00:00",
            json!({"type": "weekly", "interval": 2, "daysOfWeek": ["sunday", "tuesday"], "firstDayOfWeek": "sunday"}),
            count(3),
            "2026-12-06 2026-12-08 2026-12-20",
        ),
        (
            "2026-12-06T10:00:00",
            json!({"type": "weekly", "interval": 2, "daysOfWeek": ["sunday", "tuesday"], "firstDayOfWeek": "monday"}),
            count(3),
            "2026-12-06 2026-12-15 2026-12-20",
        ),
    ]);
}

#[test]
fn every_pattern_of_months_and_years_falls_on_its_days() {
    fall_on([
        (
            "2026-12-31T10:00:00",
            json!({"type": "absoluteMonthly", "interval": 1, "dayOfMonth": 31}),
            count(3),
            "2026-12-31 2027-01-31 2027-02-28",
        ),
        (
            "2026-12-11T10:00:00",
            json!({"type": "relativeMonthly", "interval": 1, "daysOfWeek": ["friday"], "index": "second"}),
            count(3),
            "2026-12-11 2027-01-08 2027-02-12",
        ),
        (
            "2026-12-01T10:00:00",
            json!({"type": "relativeMonthly", "interval": 1, "daysOfWeek": ["monday", "tuesday"]}),
            count(3),
            "2026-12-01 2027-01-04 2027-02-01",
        ),
        (
            "2027-02-28T10:00:00",
            json!({"type": "absoluteYearly", "interval": 1, "dayOfMonth": 28, "month": 2}),
            count(2),
            "2027-02-28 2028-02-28",
        ),
        (
            "2027-03-28T10:00:00",
            json!({"type": "relativeYearly", "interval": 1, "daysOfWeek": ["sunday"], "month": 3, "index": "last"}),
            count(2),
            "2027-03-28 2028-03-26",
        ),
    ]);
}

#[test]
fn a_series_without_end_goes_on_and_stays_at_its_wall_time_across_dst() {
    let twin = twin();
    let id = series(
        &twin,
        "2027-03-22T10:00:00",
        json!({"type": "weekly", "interval": 1, "daysOfWeek": ["monday"]}),
        json!({"type": "noEnd"}),
    );
    let all = twin.get(&format!("{ALEX}/events/{id}/instances?startDateTime=2027-03-22&endDateTime=2027-03-30"));
    assert_eq!(
        (all.text("/value/0/start/dateTime"), all.text("/value/1/start/dateTime")),
        ("2027-03-22T09:00:00.0000000".into(), "2027-03-29T08:00:00.0000000".into())
    );
    assert_eq!(days(&instances(&twin, &id, "2050-01-01", "2050-01-08")), ["2050-01-03"]);
}

#[test]
fn a_recurrence_reads_back_padded() {
    let twin = twin();
    let id = series(&twin, "2026-12-01T10:00:00", json!({"type": "daily", "interval": 1}), json!({"type": "noEnd"}));
    let read = twin.get(&format!("{ALEX}/events/{id}?$select=recurrence,type"));
    assert_eq!(read.text("/type"), "seriesMaster");
    assert_eq!(
        read.at("/recurrence/pattern"),
        json!({"type": "daily", "interval": 1, "month": 0, "dayOfMonth": 0, "firstDayOfWeek": "sunday", "index": "first"})
    );
    let range = json!({"type": "noEnd", "startDate": "2026-12-01", "endDate": "0001-01-01", "recurrenceTimeZone": "W. Europe Standard Time", "numberOfOccurrences": 0});
    assert_eq!(read.at("/recurrence/range"), range);
}

#[test]
fn a_list_shows_masters_and_a_view_shows_occurrences() {
    let twin = twin();
    series(
        &twin,
        "2026-12-01T10:00:00",
        json!({"type": "daily", "interval": 1}),
        json!({"type": "numbered", "numberOfOccurrences": 3}),
    );
    twin.event(json!({"subject": "Single"}));
    let kinds = |reply: &Reply| -> Vec<Value> {
        reply.at("/value").as_array().into_iter().flatten().map(|it| it["type"].clone()).collect()
    };
    assert_eq!(kinds(&twin.get(&format!("{ALEX}/events"))), ["seriesMaster", "singleInstance"]);
    let view =
        twin.get(&format!("{ALEX}/calendarView?startDateTime=2026-12-01T00:00:00Z&endDateTime=2026-12-03T00:00:00Z"));
    assert_eq!(kinds(&view), ["occurrence", "singleInstance", "occurrence"]);
    assert_eq!(view.text("/value/0/originalStart"), "2026-12-01T09:00:00.0000000Z");
    twin.get(&format!("{ALEX}/calendarView")).refused(400, "ErrorInvalidRequest", "startDateTime");
}

#[test]
fn an_occurrence_is_changed_skipped_and_may_not_cross_its_neighbours() {
    let twin = twin();
    let id = series(
        &twin,
        "2026-12-01T10:00:00",
        json!({"type": "weekly", "interval": 1, "daysOfWeek": ["tuesday"]}),
        json!({"type": "numbered", "numberOfOccurrences": 4}),
    );
    let all = instances(&twin, &id, "2026-12-01", "2027-01-01");
    let path = |place: usize| format!("{ALEX}/events/{}", encode(&all.text(&format!("/value/{place}/id"))));
    let to = |day: &str| json!({"start": {"dateTime": format!("{day}T14:00:00"), "timeZone": "Europe/Berlin"}, "end": {"dateTime": format!("{day}T15:00:00"), "timeZone": "Europe/Berlin"}});
    let moved = twin.json("PATCH", &path(1), &to("2026-12-09")).expect(200);
    assert_eq!(
        (moved.text("/type"), moved.text("/originalStart")),
        ("exception".into(), "2026-12-08T09:00:00.0000000Z".into())
    );
    assert_eq!(encode(&moved.text("/seriesMasterId")), id);
    for day in ["2026-12-01", "2026-12-15", "2026-12-22"] {
        twin.json("PATCH", &path(1), &to(day)).refused(400, "ErrorOccurrenceCrossingBoundary", "adjacent");
    }
    twin.json("PATCH", &path(2), &json!({"recurrence": {"pattern": {}, "range": {}}})).refused(
        400,
        "ErrorInvalidRequest",
        "'recurrence'",
    );
    twin.send(&format!("POST {}/cancel", path(2))).expect(202);
    twin.get(&path(2)).refused(404, "ErrorItemNotFound", "not found");
    assert_eq!(days(&instances(&twin, &id, "2026-12-01", "2027-01-01")), ["2026-12-01", "2026-12-09", "2026-12-22"]);
    let master =
        twin.get(&format!("{ALEX}/events/{id}?$select=subject,cancelledOccurrences&$expand=exceptionOccurrences"));
    assert_eq!(master.at("/cancelledOccurrences").as_array().map(Vec::len), Some(1));
    assert!(master.text("/cancelledOccurrences/0").ends_with(".2026-12-15"));
    assert_eq!(master.text("/exceptionOccurrences/0/type"), "exception");
    assert_eq!(twin.get(&format!("{ALEX}/events/{id}")).at("/cancelledOccurrences"), Value::Null);
}

#[test]
fn a_subject_of_the_series_reaches_occurrences_but_not_those_with_their_own() {
    let twin = twin();
    let id = series(
        &twin,
        "2026-12-01T10:00:00",
        json!({"type": "daily", "interval": 1}),
        json!({"type": "numbered", "numberOfOccurrences": 3}),
    );
    let all = instances(&twin, &id, "2026-12-01", "2027-01-01");
    let second = format!("{ALEX}/events/{}", encode(&all.text("/value/1/id")));
    twin.json("PATCH", &second, &json!({"subject": "Own"})).expect(200);
    twin.json(
        "PATCH",
        &format!("{ALEX}/events/{id}"),
        &json!({"subject": "Series", "location": {"displayName": "Room 4"}}),
    )
    .expect(200);
    let after = instances(&twin, &id, "2026-12-01", "2027-01-01");
    let subjects: Vec<String> = (0..3).map(|it| after.text(&format!("/value/{it}/subject"))).collect();
    assert_eq!(subjects, ["Series", "Own", "Series"]);
    assert_eq!(after.text("/value/1/location/displayName"), "Room 4");
}

#[test]
fn a_series_is_kept_at_whole_minutes() {
    let twin = twin();
    let id = twin.event(json!({
        "start": {"dateTime": "2026-12-01T02:36:12.865", "timeZone": "UTC"}, "end": {"dateTime": "2026-12-01T03:36:12.865", "timeZone": "UTC"},
        "recurrence": {"pattern": {"type": "daily", "interval": 1}, "range": {"type": "noEnd", "startDate": "2026-12-01"}}}));
    assert_eq!(twin.get(&format!("{ALEX}/events/{id}")).text("/start/dateTime"), "2026-12-01T02:36:00.0000000");
}

#[test]
fn a_series_keeps_the_wall_time_of_its_recurrence_zone() {
    let twin = twin();
    let pattern = json!({"type": "weekly", "interval": 1, "daysOfWeek": ["monday"]});
    let range = json!({"type": "noEnd", "startDate": "2027-03-22", "recurrenceTimeZone": "Europe/Berlin"});
    let at = |hour: &str| json!({"dateTime": format!("2027-03-22T{hour}:00:00"), "timeZone": "UTC"});
    let id =
        twin.event(json!({"start": at("09"), "end": at("10"), "recurrence": {"pattern": pattern, "range": range}}));
    let all = twin.get(&format!("{ALEX}/events/{id}/instances?startDateTime=2027-03-22&endDateTime=2027-03-30"));
    assert_eq!(all.text("/value/1/start/dateTime"), "2027-03-29T08:00:00.0000000");
}

#[test]
fn exceptions_last_as_long_as_the_times_of_the_series() {
    let twin = twin();
    let id = series(
        &twin,
        "2026-12-01T10:00:00",
        json!({"type": "daily", "interval": 1}),
        json!({"type": "numbered", "numberOfOccurrences": 3}),
    );
    let all = instances(&twin, &id, "2026-12-01", "2027-01-01");
    let second = format!("{ALEX}/events/{}", encode(&all.text("/value/1/id")));
    twin.json("PATCH", &second, &json!({"subject": "Own"})).expect(200);
    let second_subject = || instances(&twin, &id, "2026-12-01", "2027-01-01").text("/value/1/subject");
    let path = format!("{ALEX}/events/{id}");
    let read = twin.send(&format!("GET {path}\nPrefer: outlook.timezone=\"Europe/Berlin\"")).body;
    let same = json!({"start": read["start"], "end": read["end"], "recurrence": read["recurrence"]});
    twin.json("PATCH", &path, &same).expect(200);
    assert_eq!(second_subject(), "Own");
    let later = json!({"end": {"dateTime": "2026-12-01T11:30:00", "timeZone": "Europe/Berlin"}});
    twin.json("PATCH", &path, &later).expect(200);
    assert_eq!(second_subject(), "Weekly");
}
