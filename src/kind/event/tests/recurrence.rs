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
