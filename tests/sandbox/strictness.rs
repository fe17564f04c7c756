//! Bodies are checked against types, enums and writability; the refusal names the property (CSDL, event-update.md).

use serde_json::{Value, json};

use crate::sandbox::support::{event, people, twin};

const ALEX: &str = "/users/alex@contoso.example";

/// What a create says over an ordinary one, the codes that Graph may refuse it with, and a word of the message.
#[track_caller]
fn refused<const N: usize>(cases: [(Value, &str, &str); N]) {
    let twin = twin();
    for (body, codes, words) in cases {
        let reply = twin.json("POST", &format!("{ALEX}/events"), &event(body)).expect(400);
        let code = reply.text("/error/code");
        assert!(codes.split('|').any(|it| it == code), "{code}");
        reply.refused(400, &code, words);
    }
    assert_eq!(twin.get(&format!("{ALEX}/events")).at("/value"), json!([]), "nothing came of a refused create");
}

#[test]
fn creates_that_graph_would_not_take_are_refused_by_name() {
    let many: Vec<String> = (0..501).map(|it| format!("p{it}@outside.example")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    refused([
        (json!({"start": null}), "RequestBodyRead|ErrorPropertyValidationFailure", "'start'"),
        (json!({"startt": {}}), "RequestBodyRead", "'startt'"),
        (json!({"start": {"dateTime": "tomorrow", "timeZone": "UTC"}}), "ErrorInvalidRequest", "'start/dateTime'"),
        (
            json!({"start": {"dateTime": "2026-12-01T10:00:00", "timeZone": "Mars"}}),
            "TimeZoneNotSupportedException",
            "'Mars'",
        ),
        (
            json!({"start": {"dateTime": "2026-12-01T10:00:00+02:00", "timeZone": "Europe/Berlin"}}),
            "ErrorInvalidRequest",
            "'start/dateTime'",
        ),
        (
            json!({"end": {"dateTime": "2026-11-01T10:00:00", "timeZone": "UTC"}}),
            "ErrorCalendarEndDateIsEarlierThanStartDate",
            "'end'",
        ),
        (json!({"showAs": "away"}), "RequestBodyRead", "'showAs'"),
        (json!({"isReminderOn": "yes"}), "RequestBodyRead", "'isReminderOn'"),
        (
            json!({"organizer": {"emailAddress": {"address": "ben@contoso.example"}}}),
            "ErrorInvalidProperty",
            "'organizer'",
        ),
        (json!({"attendees": people(&many)}), "ErrorInvalidRequest", "'attendees'"),
        (
            json!({"attendees": [{"emailAddress": {"name": "Nobody"}}]}),
            "ErrorInvalidRecipients",
            "'attendees/emailAddress/address'",
        ),
        (
            json!({"singleValueExtendedProperties": [{"id": "Text Name x", "value": "y"}]}),
            "ErrorInvalidExtendedProperty",
            "'Text Name x'",
        ),
    ]);
}

#[test]
fn series_that_graph_would_not_take_are_refused_by_name() {
    let weekly =
        |range: Value| json!({"pattern": {"type": "weekly", "interval": 1, "daysOfWeek": ["tuesday"]}, "range": range});
    refused([
        (json!({"recurrence": {"pattern": {"type": "daily", "interval": 1}}}), "ErrorInvalidRequest", "'recurrence'"),
        (
            json!({"recurrence": weekly(json!({"type": "noEnd", "startDate": "2026-12-02"}))}),
            "ErrorInvalidRequest",
            "'recurrence/range/startDate'",
        ),
        (
            json!({"recurrence": weekly(json!({"type": "endDate", "startDate": "2026-12-01"}))}),
            "ErrorInvalidRequest",
            "'recurrence/range/endDate'",
        ),
        (
            json!({"recurrence": weekly(json!({"type": "numbered", "startDate": "2026-12-01"}))}),
            "ErrorInvalidRequest",
            "numberOfOccurrences",
        ),
        (
            json!({"recurrence": {"pattern": {"type": "relativeMonthly", "interval": 1}, "range": {"type": "noEnd", "startDate": "2026-12-01"}}}),
            "ErrorInvalidRequest",
            "'recurrence/pattern/daysOfWeek'",
        ),
    ]);
}

#[test]
fn what_a_client_read_it_may_write_back_as_far_as_it_may_be_written() {
    let twin = twin();
    let id =
        twin.event(json!({"attendees": people(&["adele@contoso.example"]), "location": {"displayName": "Room 4"}}));
    let read = twin.get(&format!("{ALEX}/events/{id}")).body;
    let back = json!({"attendees": read["attendees"], "location": read["location"], "start": read["start"], "end": read["end"], "body": read["body"]});
    let after = twin.json("PATCH", &format!("{ALEX}/events/{id}"), &back).expect(200).body;
    for name in ["attendees", "location", "locations", "start", "end", "body"] {
        assert_eq!(after[name], read[name], "{name}");
    }
    twin.json("PATCH", &format!("{ALEX}/events/{id}"), &read).refused(400, "ErrorInvalidProperty", "read-only");
}

#[test]
fn provider_fields_of_a_calendar_are_read_only() {
    let twin = twin();
    let reply =
        twin.json("PATCH", &format!("{ALEX}/calendar"), &json!({"defaultOnlineMeetingProvider": "teamsForBusiness"}));
    reply.refused(400, "BadRequest", "'defaultOnlineMeetingProvider'");
    assert_eq!(
        twin.json("PATCH", &format!("{ALEX}/calendar"), &json!({"name": "Mine"})).expect(200).text("/name"),
        "Mine"
    );
}
