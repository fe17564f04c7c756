//! Free and busy times (calendar-getschedule.md), and the zones a mailbox knows (outlookuser-supportedtimezones.md).

use serde_json::{Value, json};

use crate::sandbox::support::{Reply, Twin, people, twin};

fn schedule(twin: &Twin, more: Value) -> Reply {
    let mut body = json!({
        "schedules": ["alex@contoso.example", "adele@contoso.example"],
        "startTime": {"dateTime": "2026-12-01T09:00:00", "timeZone": "Europe/Berlin"},
        "endTime": {"dateTime": "2026-12-01T13:00:00", "timeZone": "Europe/Berlin"},
        "availabilityViewInterval": 60,
    });
    more.as_object().into_iter().flatten().for_each(|(name, value)| body[name] = value.clone());
    twin.json("POST", "/users/alex@contoso.example/calendar/getSchedule", &body)
}

#[test]
fn a_view_has_a_digit_for_each_slot() {
    let twin = twin();
    twin.event(json!({"attendees": people(&["adele@contoso.example"]), "location": {"displayName": "Room 4"}}));
    let reply = schedule(&twin, json!({})).expect(200);
    let views: Vec<String> = (0..2).map(|it| reply.text(&format!("/value/{it}/availabilityView"))).collect();
    assert_eq!(views, ["0200", "0100"], "the organizer is busy, who has not answered tentatively so");
    assert_eq!(reply.text("/value/0/scheduleItems/0/start/dateTime"), "2026-12-01T09:00:00.0000000");
    assert_eq!(reply.text("/value/0/scheduleItems/0/location"), "Room 4");
}

#[test]
fn private_events_hide_what_they_are_about() {
    let twin = twin();
    twin.event(json!({"sensitivity": "private", "showAs": "oof"}));
    let reply = schedule(&twin, json!({}));
    assert_eq!(reply.text("/value/0/availabilityView"), "0300");
    assert_eq!(
        (reply.at("/value/0/scheduleItems/0/isPrivate"), reply.at("/value/0/scheduleItems/0/subject")),
        (json!(true), Value::Null)
    );
}

#[test]
fn limits_of_a_call_are_kept_and_an_unknown_address_is_an_entry() {
    let twin = twin();
    let many: Vec<String> = (0..21).map(|it| format!("p{it}@contoso.example")).collect();
    let cases = [
        (json!({"schedules": many}), "'schedules'"),
        (json!({"endTime": {"dateTime": "2027-02-01T09:00:00", "timeZone": "Europe/Berlin"}}), "62 days"),
        (json!({"endTime": {"dateTime": "2026-11-01T09:00:00", "timeZone": "UTC"}}), "62 days"),
        (json!({"availabilityViewInterval": 4}), "'availabilityViewInterval'"),
        (json!({"interval": 4}), "'interval'"),
    ];
    for (body, words) in cases {
        schedule(&twin, body).refused(400, "ErrorInvalidRequest", words);
    }
    let reply = schedule(&twin, json!({"schedules": ["eve@outside.example"]})).expect(200);
    assert_eq!(reply.text("/value/0/error/responseCode"), "ErrorMailRecipientNotFound");
}

#[test]
fn zones_are_listed_in_both_styles() {
    let twin = twin();
    let has = |target: &str, name: &str| {
        twin.get(target).at("/value").as_array().into_iter().flatten().any(|it| it["alias"] == name)
    };
    assert!(has("/me/outlook/supportedTimeZones", "W. Europe Standard Time"));
    assert!(has(
        "/me/outlook/supportedTimeZones(TimeZoneStandard=microsoft.graph.timeZoneStandard'Iana')",
        "Europe/Berlin"
    ));
}
