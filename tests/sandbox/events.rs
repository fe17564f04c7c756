//! Events: what a read gives back, ids, conflicts, retries, deletion (event.md, event-update.md, event-delete.md, event-cancel.md).

use serde_json::{Value, json};

use crate::sandbox::support::{encode, event, people, twin};

const ALEX: &str = "/users/alex@contoso.example";

#[test]
fn times_read_back_in_utc_with_seven_digits_or_in_the_preferred_zone() {
    let twin = twin();
    let id = twin.event(json!({}));
    let cases = [
        ("", json!({"dateTime": "2026-12-01T09:00:00.0000000", "timeZone": "UTC"})),
        (
            "Prefer: outlook.timezone=\"W. Europe Standard Time\"",
            json!({"dateTime": "2026-12-01T10:00:00.0000000", "timeZone": "W. Europe Standard Time"}),
        ),
        (
            "Prefer: IdType=\"ImmutableId\", outlook.timezone=\"Asia/Kolkata\"",
            json!({"dateTime": "2026-12-01T14:30:00.0000000", "timeZone": "India Standard Time"}),
        ),
    ];
    for (header, start) in cases {
        let reply = twin.send(&format!("GET {ALEX}/events/{id}?$select=start\n{header}")).expect(200);
        assert_eq!(reply.at("/start"), start);
    }
    let unknown = twin.send(&format!("GET {ALEX}/events/{id}\nPrefer: outlook.timezone=\"Mars\""));
    unknown.refused(400, "TimeZoneNotSupportedException", "'Mars'");
}

#[test]
fn a_body_reads_back_as_wrapped_html_or_as_text() {
    let twin = twin();
    let id = twin.event(json!({"body": {"contentType": "text", "content": "one\ntwo"}}));
    let html = twin.get(&format!("{ALEX}/events/{id}")).text("/body/content");
    assert!(html.starts_with("<html>\r\n<head>\r\n<meta") && html.contains("one<br>\r\ntwo"), "{html}");
    let text = twin.send(&format!("GET {ALEX}/events/{id}\nPrefer: outlook.body-content-type=\"text\""));
    assert_eq!(text.at("/body"), json!({"contentType": "text", "content": "one\r\ntwo"}));
}

#[test]
fn an_immutable_id_differs_and_both_kinds_name_the_event() {
    let twin = twin();
    let id = twin.event(json!({}));
    let immutable =
        twin.send(&format!("GET {ALEX}/events/{id}?$select=subject\nPrefer: IdType=\"ImmutableId\"")).text("/id");
    assert_ne!(encode(&immutable), id);
    twin.get(&format!("{ALEX}/events/{}", encode(&immutable))).expect(200);
    twin.get(&format!("{ALEX}/events/{}", encode(&immutable.to_lowercase()))).refused(
        400,
        "ErrorInvalidIdMalformed",
        "malformed",
    );
    twin.get(&format!("{ALEX}/events/{}", encode("AAMkAGI1AAAt9AHjAAA="))).refused(
        404,
        "ErrorItemNotFound",
        "not found",
    );
}

#[test]
fn attendees_get_names_from_the_directory_a_type_and_a_status() {
    let reply = twin().json(
        "POST",
        "/me/events",
        &event(json!({"attendees": [
            {"emailAddress": {"address": "Adele.Vance@contoso.example", "name": "Addy"}},
            {"emailAddress": {"address": "eve@outside.example", "name": "Eve"}, "type": "Optional"},
            {"emailAddress": {"address": "adele.vance@contoso.example"}},
        ]})),
    );
    let none = json!({"response": "none", "time": "0001-01-01T00:00:00Z"});
    let expected = json!([
        {"type": "required", "status": none, "emailAddress": {"name": "Adele Vance", "address": "Adele.Vance@contoso.example"}},
        {"type": "optional", "status": none, "emailAddress": {"name": "Eve", "address": "eve@outside.example"}},
    ]);
    assert_eq!(reply.expect(201).at("/attendees"), expected);
}

#[test]
fn location_and_locations_mirror_each_other() {
    let twin = twin();
    let id = twin.event(json!({"location": {"displayName": "Room 4"}}));
    let reply = twin.json(
        "PATCH",
        &format!("{ALEX}/events/{id}"),
        &json!({"locations": [{"displayName": "A"}, {"displayName": "B"}]}),
    );
    assert_eq!(reply.text("/location/displayName"), "A; B");
    assert_eq!(reply.text("/locations/1/displayName"), "B");
    let reply = twin.json("PATCH", &format!("{ALEX}/events/{id}"), &json!({"location": {"displayName": "C"}}));
    assert_eq!(reply.at("/locations").as_array().map(Vec::len), Some(1));
    let reply = twin.json("PATCH", &format!("{ALEX}/events/{id}"), &json!({"location": null}));
    assert_eq!((reply.text("/location/displayName"), reply.at("/locations")), (String::new(), json!([])));
}

#[test]
fn a_stale_if_match_conflicts_and_a_fresh_one_does_not() {
    let twin = twin();
    let created = twin.json("POST", &format!("{ALEX}/events"), &event(json!({}))).expect(201);
    let path = format!("{ALEX}/events/{}", encode(&created.text("/id")));
    let patch = |tag: &str, subject: &str| {
        twin.send(&format!("PATCH {path}\nIf-Match: {tag}\n\n{}", json!({"subject": subject})))
    };
    // The change key moves by itself after a create (observed).
    patch(&created.text("/@odata.etag"), "a").refused(412, "ErrorIrresolvableConflict", "change key");
    let tag = twin.get(&path).text("/@odata.etag");
    patch(&tag, "b").expect(200);
    patch(&tag, "c").expect(412);
    patch("*", "d").expect(200);
    twin.send(&format!("DELETE {path}\nIf-Match: {tag}")).expect(412);
    twin.send(&format!("DELETE {path}")).expect(204);
}

#[test]
fn a_transaction_id_makes_no_second_event_and_serves_no_other() {
    let twin = twin();
    let body = event(json!({"transactionId": "t-1"}));
    let first = twin.json("POST", &format!("{ALEX}/events"), &body).expect(201);
    assert_eq!(first.text("/transactionId"), "t-1");
    let again = twin.json("POST", &format!("{ALEX}/events"), &body).expect(201);
    assert_eq!(again.text("/id"), first.text("/id"));
    let other =
        twin.json("POST", &format!("{ALEX}/events"), &event(json!({"transactionId": "t-1", "subject": "Other"})));
    let other = other.refused(400, "ErrorDuplicateTransactionId", "already been used");
    assert_eq!(other.text("/error/@event.existingEventId"), first.text("/id"));
    let path = format!("{ALEX}/events/{}", encode(&first.text("/id")));
    twin.json("PATCH", &path, &json!({"transactionId": "t-2"})).refused(400, "ErrorInvalidProperty", "'transactionId'");
    assert_eq!(twin.get(&format!("{ALEX}/events")).at("/value").as_array().map(Vec::len), Some(1));
    let plain = twin.event(json!({}));
    assert_eq!(twin.get(&format!("{ALEX}/events/{plain}")).at("/transactionId"), Value::Null);
}

#[test]
fn deleted_and_cancelled_events_are_gone_and_only_that_is_an_absent_item() {
    let twin = twin();
    let (deleted, cancelled) = (twin.event(json!({})), twin.event(json!({})));
    twin.send(&format!("DELETE {ALEX}/events/{deleted}")).expect(204);
    twin.send(&format!("DELETE {ALEX}/events/{deleted}")).refused(404, "ErrorItemNotFound", "not found");
    twin.json("POST", &format!("{ALEX}/events/{cancelled}/cancel"), &json!({"Comment": "Moved."})).expect(202);
    twin.get(&format!("{ALEX}/events/{cancelled}")).refused(404, "ErrorItemNotFound", "not found");
    twin.get(&format!("/users/ben@contoso.example/events/{cancelled}")).refused(404, "ErrorItemNotFound", "not found");
}

#[test]
fn an_event_of_another_calendar_is_listed_only_there() {
    let twin = twin();
    let calendar = twin.json("POST", &format!("{ALEX}/calendars"), &json!({"name": "Training"})).expect(201);
    let path = format!("{ALEX}/calendars/{}/events", encode(&calendar.text("/id")));
    let made = twin.json("POST", &path, &event(json!({}))).expect(201);
    let count = |path: &str| twin.get(path).at("/value").as_array().map(Vec::len);
    assert_eq!(
        (count(&path), count(&format!("{ALEX}/events")), count(&format!("{ALEX}/calendar/events"))),
        (Some(1), Some(0), Some(0))
    );
    twin.get(&format!("{ALEX}/events/{}", encode(&made.text("/id")))).expect(200);
    assert_eq!(twin.get(&format!("{ALEX}/calendars?$filter=name%20eq%20'Training'")).text("/value/0/name"), "Training");
}

#[test]
fn return_minimal_on_a_patch_gives_no_body() {
    let twin = twin();
    let id = twin.event(json!({}));
    let reply = twin.send(&format!("PATCH {ALEX}/events/{id}\nPrefer: return=minimal\n\n{{\"subject\": \"New\"}}"));
    assert_eq!((reply.status, reply.body), (204, Value::Null));
}

#[test]
fn a_new_time_takes_the_answers_away_and_a_new_subject_does_not() {
    let twin = twin();
    let created = twin
        .json("POST", &format!("{ALEX}/events"), &event(json!({"attendees": people(&["adele@contoso.example"])})))
        .expect(201);
    let path = format!("{ALEX}/events/{}", encode(&created.text("/id")));
    let answer = json!({"event": created.text("/id"), "attendee": "Adele@contoso.example", "response": "accepted"});
    twin.json("POST", "/sandbox/users/alex@contoso.example/responses", &answer).expect(204);
    let reply = twin.json("PATCH", &path, &json!({"subject": "New"})).expect(200);
    assert_eq!(reply.text("/attendees/0/status/response"), "accepted");
    let later = json!({"start": {"dateTime": "2026-12-01T12:00:00"}, "end": {"dateTime": "2026-12-01T13:00:00"}});
    assert_eq!(twin.json("PATCH", &path, &later).text("/attendees/0/status/response"), "none");
}

#[test]
fn all_day_events_need_midnights_of_one_zone() {
    let twin = twin();
    let day = |start: &str, end: &str, zone: &str| {
        let body = json!({"isAllDay": true, "start": {"dateTime": start, "timeZone": "Europe/Berlin"}, "end": {"dateTime": end, "timeZone": zone}});
        twin.json("POST", &format!("{ALEX}/events"), &event(body))
    };
    let made = day("2026-12-01T00:00:00", "2026-12-02T00:00:00", "Europe/Berlin").expect(201);
    assert_eq!(made.text("/start/dateTime"), "2026-12-01T00:00:00.0000000", "in UTC it is midnight too");
    for (start, end, zone) in [
        ("2026-12-01T08:00:00", "2026-12-02T00:00:00", "Europe/Berlin"),
        ("2026-12-01T00:00:00", "2026-12-01T00:00:00", "Europe/Berlin"),
        ("2026-12-01T00:00:00", "2026-12-02T00:00:00", "Asia/Tokyo"),
    ] {
        day(start, end, zone).refused(400, "ErrorInvalidRequest", "isAllDay");
    }
}

#[test]
fn an_id_takes_a_path_as_it_is_and_a_slash_in_one_is_no_id() {
    let twin = twin();
    for _ in 0..20 {
        let id = twin.json("POST", &format!("{ALEX}/events"), &event(json!({}))).expect(201).text("/id");
        assert!(!id.contains(['/', '+']), "{id}");
        twin.get(&format!("{ALEX}/events/{id}")).expect(200);
    }
    let put = twin.json("PUT", "/sandbox/users/alex@contoso.example/events/AAMk%2Fa%2Bb%3D", &event(json!({})));
    put.expect(201);
    twin.get(&format!("{ALEX}/events/AAMk%2Fa%2Bb=")).refused(400, "RequestBroker--ParseUri", "segment 'a+b='");
    assert_eq!(twin.get(&format!("{ALEX}/events/AAMk-a_b=")).expect(200).text("/id"), "AAMk-a_b=");
}

#[test]
fn booleans_may_come_as_text() {
    let twin = twin();
    let id = twin.event(json!({"isReminderOn": "false", "responseRequested": "true"}));
    let read = twin.get(&format!("{ALEX}/events/{id}"));
    assert_eq!((read.at("/isReminderOn"), read.at("/responseRequested")), (json!(false), json!(true)));
}

#[test]
fn an_open_extension_is_kept_with_its_event() {
    let twin = twin();
    let open =
        |name: &str| json!({"@odata.type": "microsoft.graph.openTypeExtension", "extensionName": name, "room": 4});
    let path = format!("{ALEX}/events/{}", twin.event(json!({"extensions": [open("com.contoso.a")]})));
    let made = twin.json("POST", &format!("{path}/extensions"), &open("com.contoso.b")).expect(201);
    assert_eq!(made.text("/id"), "Microsoft.OutlookServices.OpenTypeExtension.com.contoso.b");
    let read = twin.get(&format!("{path}?$expand=extensions($filter=id%20eq%20'com.contoso.a')"));
    assert_eq!((read.at("/extensions/0/room"), read.at("/extensions/1")), (json!(4), json!(null)));
    let one = format!("{path}/extensions/com.contoso.b");
    assert_eq!(twin.json("PATCH", &one, &json!({"room": 5})).expect(200).at("/room"), json!(5));
    twin.send(&format!("DELETE {one}")).expect(204);
    twin.get(&one).refused(404, "ErrorItemNotFound", "");
    twin.json("POST", &format!("{path}/extensions"), &json!({})).refused(400, "BadRequest", "'extensionName'");
}
