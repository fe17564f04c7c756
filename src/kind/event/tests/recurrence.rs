use crate::kind::event::tests::{faults_of, own_of};
use serde_json::json;

#[test]
fn a_recurrence_is_filled_with_interval_date_and_zone() {
    let over = json!({"recurrence": {
        "pattern": {"type": "weekly", "daysOfWeek": ["tuesday"]},
        "range": {"type": "endDate", "endDate": "2027-03-30"},
    }});
    assert_eq!(
        own_of(over)["recurrence"],
        json!({
            "pattern": {"type": "weekly", "daysOfWeek": ["tuesday"], "interval": 1},
            "range": {
                "type": "endDate", "endDate": "2027-03-30",
                "startDate": "2026-12-01", "recurrenceTimeZone": "W. Europe Standard Time",
            },
        })
    );
    let over = json!({"recurrence": {
        "pattern": {"type": "absoluteMonthly", "interval": 2, "dayOfMonth": 1},
        "range": {"type": "noEnd", "startDate": "2026-12-01", "recurrenceTimeZone": "Asia/Tokyo"},
    }});
    let range = own_of(over)["recurrence"]["range"].clone();
    assert_eq!(range["recurrenceTimeZone"], "Tokyo Standard Time");
}

#[test]
fn a_start_that_is_no_date_of_the_series_is_refused_with_the_first_that_is() {
    let weekly = json!({"type": "weekly", "interval": 1, "daysOfWeek": ["wednesday", "friday"]});
    let endless = json!({"type": "noEnd"});
    for (pattern, range, expect) in [
        (
            weekly.clone(),
            endless.clone(),
            "/start /recurrence/pattern/daysOfWeek: `start` is a tuesday, which is not in `daysOfWeek`; \
             the first date that fits is `2026-12-02`",
        ),
        (
            weekly.clone(),
            json!({"type": "endDate", "endDate": "2026-12-01"}),
            "/start /recurrence/pattern/daysOfWeek: `start` is a tuesday, which is not in `daysOfWeek`; \
             no date of the range fits the pattern",
        ),
        (
            json!({"type": "relativeMonthly", "daysOfWeek": ["tuesday"], "index": "last"}),
            endless.clone(),
            "/start /recurrence/pattern/daysOfWeek: `start` is not on a date of the pattern: `2026-12-01`; \
             the first date that fits is `2026-12-29`",
        ),
        (
            json!({"type": "absoluteYearly", "dayOfMonth": 1, "month": 3}),
            endless.clone(),
            "/start /recurrence/pattern: `start` is not on a date of the pattern: `2026-12-01`; \
             the first date that fits is `2027-03-01`",
        ),
        (
            json!({"type": "daily"}),
            json!({"type": "numbered", "numberOfOccurrences": 5, "startDate": "2026-12-02"}),
            "/recurrence/range/startDate /start: the series starts on another date than `start`: `2026-12-02`; \
             write `2026-12-01`, or leave `startDate` out",
        ),
        (
            json!({"type": "daily"}),
            json!({"type": "endDate", "endDate": "2026-11-30"}),
            "/recurrence/range/endDate /start: the series ends before it starts: `2026-11-30`; \
             write a date from `2026-12-01` on",
        ),
        (
            json!({"type": "daily"}),
            json!({"type": "noEnd", "recurrenceTimeZone": "Mars"}),
            "/recurrence/range/recurrenceTimeZone: unknown time zone: `Mars`; \
             write an IANA name such as `Europe/Berlin`, or a Windows name",
        ),
    ] {
        let over = json!({"recurrence": {"pattern": pattern, "range": range}});
        assert_eq!(faults_of(over.clone()), expect, "{over}");
    }
}

/// What stands in backticks.
fn ticked(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

#[test]
fn the_way_out_of_a_rule_that_graph_cannot_express_is_itself_accepted() {
    for (start, rule) in [
        ("2026-12-08T10:00", "FREQ=MONTHLY;BYDAY=MO,2TU;BYSETPOS=1"),
        ("2026-12-08T10:00", "FREQ=MONTHLY;INTERVAL=2;BYDAY=TU"),
        ("2027-03-11T10:00", "FREQ=YEARLY;BYMONTH=3;BYDAY=TH"),
        ("2026-12-31T10:00", "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=1,-1"),
        ("2026-12-31T10:00", "FREQ=MONTHLY;BYMONTHDAY=31;UNTIL=20280101T090000Z"),
        ("2026-12-29T10:00", "FREQ=MONTHLY;BYDAY=5TU;COUNT=4"),
        ("2026-12-01T10:00", "FREQ=DAILY;BYHOUR=9,10"),
        ("2026-12-01T10:00", "FREQ=HOURLY;INTERVAL=4"),
        ("2026-12-01T10:00", "FREQ=DAILY;COUNT=3;UNTIL=20270101"),
        ("2026-12-01T10:00", "FREQ=WEEKLY;UNTIL=47000101"),
        ("2026-12-01T10:00", "every tuesday"),
    ] {
        let faults = faults_of(json!({"start": start, "recurrence": rule}));
        let (_, hint) = faults.rsplit_once("; ").expect("each has a way out");
        match ticked(hint).find(|it| it.starts_with("FREQ=")) {
            Some(nearest) => {
                assert_eq!(faults_of(json!({"start": start, "recurrence": nearest})), "", "{rule}: {hint}")
            }
            None => assert_eq!(hint, "leave `UNTIL` out", "{rule}"),
        }
    }
}

#[test]
fn a_start_that_a_message_proposes_is_accepted() {
    for recurrence in [
        json!("FREQ=WEEKLY;INTERVAL=2;BYDAY=WE,FR"),
        json!("FREQ=MONTHLY;INTERVAL=2;BYDAY=-1TU"),
        json!("FREQ=YEARLY;BYMONTH=3;BYDAY=2TU"),
        json!("FREQ=MONTHLY;BYMONTH=10;BYDAY=-1SU"),
        json!({"pattern": {"type": "absoluteMonthly", "interval": 3, "dayOfMonth": 31}, "range": {"type": "noEnd"}}),
    ] {
        let faults = faults_of(json!({"recurrence": recurrence}));
        let date = ticked(&faults).last().expect("the first date that fits");
        assert_eq!(faults_of(json!({"start": format!("{date}T10:00"), "recurrence": recurrence})), "", "{faults}");
    }
}

#[test]
fn a_series_that_calendars_cannot_hold_is_refused() {
    let daily = |interval: u32| json!({"pattern": {"type": "daily", "interval": interval}, "range": {"type": "noEnd"}});
    let monthly = json!({"pattern": {"type": "absoluteMonthly", "dayOfMonth": 1}, "range": {"type": "noEnd"}});
    let until = |date: &str| json!({"pattern": {"type": "daily"}, "range": {"type": "endDate", "endDate": date}});
    let long = |next: &str, most: &str| {
        format!(
            "/duration /recurrence: an occurrence lasts longer than until the next begins, {next} later; write \
             `duration: {most}` or less"
        )
    };
    for (over, expect) in [
        (json!({"duration": "1d", "recurrence": daily(1)}), String::new()),
        (json!({"duration": "25h", "recurrence": daily(1)}), long("a day", "1d")),
        (json!({"duration": "8d", "recurrence": "FREQ=WEEKLY"}), long("7 days", "7d")),
        (json!({"duration": "2d", "recurrence": "FREQ=WEEKLY;BYDAY=TU,WE"}), long("a day", "1d")),
        (json!({"duration": "28d", "recurrence": monthly.clone()}), String::new()),
        (json!({"duration": "29d", "recurrence": monthly}), long("28 days", "28d")),
        // A day that is put forward or back is a day all the same.
        (json!({"start": "2026-10-24", "duration": "1d", "isAllDay": true, "recurrence": daily(1)}), String::new()),
        (json!({"duration": "2d", "recurrence": "FREQ=DAILY;COUNT=1"}), String::new()),
        (
            json!({"recurrence": until("4500-09-02")}),
            "/recurrence/range/endDate: calendars end on 4500-09-01: `4500-09-02`; write `range: {type: noEnd}`".into(),
        ),
    ] {
        assert_eq!(faults_of(over.clone()), expect, "{over}");
    }
}

#[test]
fn exceptions_of_a_recurrence_that_is_refused_have_no_fault_of_their_own() {
    let over = json!({"recurrence": "FREQ=HOURLY", "exceptions": [{"date": "2026-12-01", "cancel": true}]});
    let faults = faults_of(over);
    assert!(faults.starts_with("/recurrence: ") && !faults.contains('\n'), "{faults}");
}

#[test]
fn a_series_in_a_zone_without_summer_time_says_what_becomes_of_it_elsewhere() {
    let notes = |zone: &str, over: serde_json::Value| {
        let mut spec = json!({"timeZone": zone, "start": "2027-01-12T10:00"});
        spec.as_object_mut().expect("an object").extend(over.as_object().expect("an object").clone());
        let (expanded, faults) = crate::kind::testing::expand("Event", &super::base(), &spec, &super::no_defaults());
        assert_eq!(faults, "");
        expanded.notes
    };
    let weeks = |count: u32| json!({"recurrence": format!("FREQ=WEEKLY;COUNT={count}")});
    let none: [&str; 0] = [];
    assert_eq!(notes("UTC", json!({})), none);
    assert_eq!(notes("UTC", weeks(8)), none);
    let moves = |name: &str| {
        format!(
            "`{name}` has no summer time: where clocks change, as in America/New_York on 2027-03-14, the series moves by an \
             hour; the zone of a place keeps its hour there"
        )
    };
    for zone in ["UTC", "Etc/GMT-1", "GMT"] {
        assert_eq!(notes(zone, weeks(10)), [moves(zone)]);
        assert_eq!(notes(zone, json!({"recurrence": "FREQ=WEEKLY"})), [moves(zone)]);
    }
    for zone in ["Europe/Berlin", "Asia/Tokyo", "Eastern Standard Time"] {
        assert_eq!(notes(zone, weeks(10)), none);
    }
    let winter = ["`EST` is winter time all year: `America/New_York` has summer time too"];
    assert_eq!(notes("EST", json!({})), winter);
    assert_eq!(notes("EST", weeks(10)), winter);
    let holidays = json!({"isAllDay": true, "start": "2027-01-12", "duration": "1d", "recurrence": "FREQ=WEEKLY"});
    assert_eq!(notes("UTC", holidays), none);
}

#[test]
fn a_series_that_is_longer_than_rooms_are_booked_for_says_so() {
    let notes = |recurrence: &str, kind: &str| {
        let over = json!({
            "recurrence": recurrence,
            "attendees": ["adele@contoso.example", {"address": "room-baker@contoso.example", "type": kind}],
        });
        crate::kind::testing::expand("Event", &super::base(), &over, &super::no_defaults()).0.notes
    };
    let none: [&str; 0] = [];
    let declines = |runs: &str| {
        format!(
            "room-baker@contoso.example may decline the whole series, which {runs}: by default a room takes nothing that ends \
             more than 180 days ahead"
        )
    };
    // 2027-05-30 is 180 days after 2026-12-01.
    assert_eq!(notes("FREQ=DAILY;UNTIL=20270530", "resource"), none);
    assert_eq!(notes("FREQ=DAILY;UNTIL=20270531", "resource"), [declines("runs to 2027-05-31")]);
    assert_eq!(notes("FREQ=DAILY", "resource"), [declines("has no end")]);
    assert_eq!(notes("FREQ=DAILY", "optional"), none);
}
