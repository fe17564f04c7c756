//! What Graph does at times: switchable, and bearable for a correct client.

use convoke::face::sandbox::Quirks;
use serde_json::{Value, json};

use crate::sandbox::support::{Reply, Twin, encode, event, people, twin_quirks};

const ALEX: &str = "/users/alex@contoso.example";

#[test]
fn the_link_may_come_late_and_its_meeting_later() {
    let twin = twin_quirks(Quirks { late_join_url: 2, late_look_up: 1, ..Quirks::default() });
    let made = twin.json("POST", &format!("{ALEX}/events"), &event(json!({"isOnlineMeeting": true}))).expect(201);
    assert_eq!((made.at("/isOnlineMeeting"), made.at("/onlineMeeting")), (json!(true), Value::Null));
    let path = format!("{ALEX}/events/{}", encode(&made.text("/id")));
    let reads: Vec<bool> = (0..3).map(|_| twin.get(&path).at("/onlineMeeting").is_null()).collect();
    assert_eq!(reads, [true, true, false]);
    let url = encode(&twin.get(&path).text("/onlineMeeting/joinUrl"));
    let oid = twin.oid("alex@contoso.example");
    let found: Vec<usize> = (0..2)
        .map(|_| {
            twin.get(&format!("/users/{oid}/onlineMeetings?$filter=JoinWebUrl%20eq%20'{url}'"))
                .at("/value")
                .as_array()
                .map_or(9, Vec::len)
        })
        .collect();
    assert_eq!(found, [0, 1]);
}

#[test]
fn a_look_up_that_finds_nothing_may_be_404() {
    let twin = twin_quirks(Quirks { miss_is_404: true, ..Quirks::default() });
    let oid = twin.oid("alex@contoso.example");
    let url = encode("https://teams.microsoft.com/l/meetup-join/19%3ameeting_x%40thread.v2/0");
    twin.get(&format!("/users/{oid}/onlineMeetings?$filter=JoinWebUrl%20eq%20'{url}'")).refused(404, "NotFound", "");
}

#[test]
fn a_steady_change_key_stays_after_a_create() {
    let twin = twin_quirks(Quirks { moving_change_key: false, ..Quirks::default() });
    let made = twin.json("POST", &format!("{ALEX}/events"), &event(json!({}))).expect(201);
    let read = twin.get(&format!("{ALEX}/events/{}", encode(&made.text("/id"))));
    assert_eq!(read.text("/@odata.etag"), made.text("/@odata.etag"));
}

fn quirky(list: &str) -> Twin {
    twin_quirks(list.parse().expect("quirks"))
}

const TEAMS: &str = "Microsoft Teams Meeting";

#[test]
fn a_link_may_never_come_and_what_is_added_with_it_neither() {
    let twin = quirky("late-join-url=never,late-block,teams-place");
    let body = json!({"isOnlineMeeting": true, "location": {"displayName": "Room"}, "body": {"contentType": "html", "content": "<p>Agenda</p>"}});
    let path = format!("{ALEX}/events/{}", twin.event(body));
    for _ in 0..5 {
        let read = twin.get(&path);
        assert_eq!((read.at("/isOnlineMeeting"), read.at("/onlineMeeting")), (json!(true), Value::Null));
        assert_eq!(read.text("/location/displayName"), "Room");
        assert!(!read.text("/body/content").contains("me-email-text"));
    }
    assert_eq!(twin.get(&format!("{ALEX}/events")).at("/value/0/onlineMeeting"), Value::Null);
    twin.json("POST", "/sandbox/quirks", &json!({"list": "late-join-url=0"})).expect(204);
    let read = twin.get(&path);
    assert_eq!(read.text("/location/displayName"), format!("Room; {TEAMS}"));
    assert!(read.at("/onlineMeeting/joinUrl").is_string() && read.text("/body/content").contains("me-email-text"));
}

#[test]
fn an_online_event_may_have_a_place_of_its_own_that_no_write_takes_away() {
    let twin = quirky("teams-place");
    let path = format!("{ALEX}/events/{}", twin.event(json!({"isOnlineMeeting": true})));
    assert_eq!(twin.get(&path).text("/location/displayName"), TEAMS);
    let room = json!({"location": {"displayName": "Room 4", "locationEmailAddress": "room4@contoso.example"}});
    let after = twin.json("PATCH", &path, &room).expect(200);
    assert_eq!(after.text("/location/displayName"), format!("Room 4; {TEAMS}"));
    assert_eq!(after.text("/locations/0/locationEmailAddress"), "room4@contoso.example");
    let after = twin.json("PATCH", &path, &json!({"location": null})).expect(200);
    assert_eq!((after.text("/location/displayName"), after.at("/locations/1")), (TEAMS.into(), Value::Null));
}

#[test]
fn a_link_may_be_late_after_a_change_too() {
    let twin = quirky("late-join-url=1,late-after-patch");
    let path = format!("{ALEX}/events/{}", twin.event(json!({"isOnlineMeeting": true})));
    let shows = |_: u32| twin.get(&path).at("/onlineMeeting").is_object();
    assert_eq!((0..2).map(shows).collect::<Vec<_>>(), [false, true]);
    assert_eq!(twin.json("PATCH", &path, &json!({"subject": "x"})).expect(200).at("/onlineMeeting"), Value::Null);
    assert_eq!((0..2).map(shows).collect::<Vec<_>>(), [false, true]);
}

#[test]
fn a_body_may_lack_the_join_block() {
    let twin = quirky("no-block");
    let path = format!("{ALEX}/events/{}", twin.event(json!({"isOnlineMeeting": true})));
    let read = twin.get(&path);
    assert!(read.at("/onlineMeeting/joinUrl").is_string() && !read.text("/body/content").contains("me-email-text"));
}

#[test]
fn an_event_may_take_the_join_link_of_another_meeting_from_its_text() {
    let twin = quirky("borrowed-link");
    let link = "https://teams.microsoft.com/l/meetup-join/19%3ax%40thread.v2/0?a=1&b=2";
    let body = json!({"contentType": "html", "content": format!("<a href=\"{}\">x</a>", link.replace('&', "&amp;"))});
    let with = format!("{ALEX}/events/{}", twin.event(json!({"isOnlineMeeting": true, "body": body})));
    assert_eq!(twin.get(&with).text("/onlineMeeting/joinUrl"), link);
    let without = format!("{ALEX}/events/{}", twin.event(json!({"isOnlineMeeting": true})));
    assert!(twin.get(&without).text("/body/content").contains("me-email-text"));
}

#[test]
fn a_body_may_bring_a_new_link_though_it_keeps_the_block() {
    let twin = quirky("body=renew");
    let path = format!("{ALEX}/events/{}", twin.event(json!({"isOnlineMeeting": true})));
    let before = twin.get(&path);
    twin.json("PATCH", &path, &json!({"body": before.at("/body")})).expect(200);
    assert_ne!(twin.get(&path).text("/onlineMeeting/joinUrl"), before.text("/onlineMeeting/joinUrl"));
}

#[test]
fn an_all_day_event_may_float() {
    let twin = quirky("all-day=float");
    let day = |it: &str| json!({"dateTime": format!("{it}T00:00:00"), "timeZone": "Asia/Tokyo"});
    let range = json!({"type": "numbered", "startDate": "2027-03-02", "numberOfOccurrences": 3});
    let id = twin.event(json!({"isAllDay": true, "start": day("2027-03-02"), "end": day("2027-03-03"),
        "attendees": people(&["adele@contoso.example"]),
        "recurrence": {"pattern": {"type": "daily", "interval": 2}, "range": range}}));
    let path = format!("{ALEX}/events/{id}");
    for zone in ["UTC", "Pacific Standard Time", "Tokyo Standard Time"] {
        let read = twin.send(&format!("GET {path}\nPrefer: outlook.timezone=\"{zone}\""));
        assert_eq!(read.at("/start"), json!({"dateTime": "2027-03-02T00:00:00.0000000", "timeZone": zone}));
        assert_eq!(read.text("/originalStartTimeZone"), "Tokyo Standard Time");
    }
    let all = twin.get(&format!("{path}/instances?startDateTime=2027-03-01&endDateTime=2027-04-01"));
    assert_eq!(all.text("/value/1/start/dateTime"), "2027-03-04T00:00:00.0000000");
    // The original start is an instant all the same (docs #2804, observed).
    assert_eq!(all.text("/value/1/originalStart"), "2027-03-03T15:00:00.0000000Z");
    // The same days in another zone are no other time, so exceptions stay.
    let one = format!("{ALEX}/events/{}", encode(&all.text("/value/1/id")));
    twin.json("PATCH", &one, &json!({"subject": "Moved"})).expect(200);
    let utc = |it: &str| json!({"dateTime": format!("{it}T00:00:00"), "timeZone": "UTC"});
    twin.json("PATCH", &path, &json!({"start": utc("2027-03-02"), "end": utc("2027-03-03")})).expect(200);
    assert_eq!(twin.get(&one).expect(200).text("/subject"), "Moved");
}

#[test]
fn an_alias_may_read_back_as_the_persons_own_address() {
    let twin = quirky("aliases");
    twin.get("/users/adele.vance@contoso.example").expect(200);
    twin.json("PATCH", "/sandbox/users/adele.vance@contoso.example", &json!({"aliases": ["adele.v@contoso.example"]}));
    let both = people(&["Adele.V@contoso.example", "adele.vance@contoso.example", "ben@contoso.example"]);
    let read = twin.get(&format!("{ALEX}/events/{}", twin.event(json!({"attendees": both}))));
    assert_eq!(read.text("/attendees/0/emailAddress/address"), "adele.vance@contoso.example");
    assert_eq!(read.text("/attendees/1/emailAddress/address"), "ben@contoso.example");
    assert_eq!(read.at("/attendees/2"), Value::Null);
}

#[test]
fn an_attendee_whose_mailbox_is_gone_may_have_an_address_that_no_write_takes() {
    let twin = quirky("odd-addresses");
    let path = format!("{ALEX}/events/{}", twin.event(json!({"attendees": people(&["ben@contoso.example"])})));
    assert_eq!(twin.get(&path).text("/attendees/0/emailAddress/address"), "ben@contoso.example");
    let odd = |address: &str| json!({"attendees": [{"emailAddress": {"address": address, "name": "Cy"}}]});
    let put = format!("/sandbox{path}");
    for address in ["/o=ExchangeLabs/ou=x/cn=Recipients/cn=cy", "Cy"] {
        twin.json("PATCH", &put, &odd(address)).expect(204);
        let read = twin.get(&path);
        assert_eq!(read.text("/attendees/0/emailAddress/address"), address);
        let back = json!({"attendees": read.at("/attendees")});
        twin.json("PATCH", &path, &back).refused(400, "ErrorInvalidRecipients", "recipient");
        twin.json("PATCH", &path, &json!({"start": event(json!({}))["start"]})).expect(200);
    }
}

#[test]
fn the_zone_tables_may_be_a_year_old() {
    let at = |zone: &str| {
        let hour = |it: u8| json!({"dateTime": format!("2026-12-01T{it}:00:00"), "timeZone": zone});
        event(json!({"start": hour(10), "end": hour(11)}))
    };
    let (old, new) = (quirky("old-zones"), twin_quirks(Quirks::default()));
    let create = |twin: &Twin, zone: &str| twin.json("POST", &format!("{ALEX}/events"), &at(zone));
    for (zone, before, now) in [
        ("America/Vancouver", "18", "17"),
        ("America/Edmonton", "17", "16"),
        ("America/Inuvik", "17", "16"),
        ("America/Winnipeg", "16", "15"),
        ("Europe/Berlin", "09", "09"),
    ] {
        let starts =
            [&old, &new].map(|twin| create(twin, zone).expect(201).text("/start/dateTime")[11..13].to_string());
        assert_eq!(starts, [before, now], "{zone}");
    }
    for zone in ["British Columbia Standard Time", "Alberta Standard Time"] {
        create(&new, zone).expect(201);
        create(&old, zone).refused(400, "TimeZoneNotSupportedException", zone);
    }
}

#[test]
fn a_cancelled_event_may_stay() {
    let twin = quirky("cancelled-kept,cancelled-dates-kept");
    let range = json!({"type": "numbered", "startDate": "2026-12-01", "numberOfOccurrences": 3});
    let series = json!({"pattern": {"type": "weekly", "interval": 1, "daysOfWeek": ["tuesday"]}, "range": range});
    let id = twin.event(json!({"attendees": people(&["adele@contoso.example"]), "recurrence": series}));
    let path = format!("{ALEX}/events/{id}");
    let window = format!("{path}/instances?startDateTime=2026-11-01&endDateTime=2027-01-01");
    twin.mails();
    let second = encode(&twin.get(&window).text("/value/1/id"));
    twin.send(&format!("DELETE {ALEX}/events/{second}")).expect(204);
    let all = twin.get(&window);
    assert_eq!(
        (all.text("/value/1/subject"), all.at("/value/1/isCancelled")),
        ("Canceled: Weekly".into(), json!(true))
    );
    twin.json("POST", &format!("{path}/cancel"), &json!({"comment": "x"})).expect(202);
    let read = twin.get(&path).expect(200);
    assert_eq!((read.text("/subject"), read.at("/isCancelled")), ("Canceled: Weekly".into(), json!(true)));
    assert_eq!(twin.mails(), ["cancellation adele@contoso.example"; 2]);
    twin.send(&format!("DELETE {path}")).expect(204);
    twin.get(&path).refused(404, "ErrorItemNotFound", "");
    assert_eq!(twin.mails(), [""; 0], "they know already");
}

#[test]
fn exceptions_may_outlive_a_new_time() {
    for (quirks, left) in [("", 0), ("exceptions-kept", 1)] {
        let twin = quirky(quirks);
        let range = json!({"type": "numbered", "startDate": "2026-12-01", "numberOfOccurrences": 3});
        let series = json!({"pattern": {"type": "weekly", "interval": 1, "daysOfWeek": ["tuesday"]}, "range": range});
        let path = format!("{ALEX}/events/{}", twin.event(json!({"recurrence": series})));
        let window = format!("{path}/instances?startDateTime=2026-11-01&endDateTime=2027-01-01");
        let second = encode(&twin.get(&window).text("/value/1/id"));
        twin.json("PATCH", &format!("{ALEX}/events/{second}"), &json!({"subject": "Apart"})).expect(200);
        let later = |it: &str| json!({"dateTime": format!("2026-12-01T{it}:00:00"), "timeZone": "Europe/Berlin"});
        twin.json("PATCH", &path, &json!({"start": later("12"), "end": later("13")})).expect(200);
        let apart = twin.get(&window).at("/value").as_array().cloned().unwrap_or_default();
        assert_eq!(apart.iter().filter(|it| it["type"] == "exception").count(), left);
    }
}

#[test]
fn a_stale_tag_may_be_ignored() {
    for (quirks, status) in [("", 412), ("if-match=no", 200)] {
        let twin = quirky(quirks);
        let path = format!("{ALEX}/events/{}", twin.event(json!({})));
        twin.send(&format!("PATCH {path}\nIf-Match: W/\"stale\"\n\n{}", json!({"subject": "New"}))).expect(status);
    }
}

/// Creates twice under one id, the second time with what `again` says, after a delete if `gone`; returns the ids and the answer.
fn twice(quirks: &str, again: Value, gone: bool, elsewhere: bool) -> (String, Reply) {
    let twin = quirky(quirks);
    let body = |more: &Value| {
        let mut body = event(json!({"transactionId": "t"}));
        body.as_object_mut().expect("an object").extend(more.as_object().cloned().unwrap_or_default());
        body
    };
    let first = twin.json("POST", &format!("{ALEX}/events"), &body(&json!({}))).expect(201).text("/id");
    if gone {
        twin.send(&format!("DELETE {ALEX}/events/{}", encode(&first))).expect(204);
    }
    if quirks.contains("minutes") {
        twin.json("POST", "/sandbox/clock", &json!({"now": "2026-11-21T09:00:00Z"})).expect(200);
    }
    let path = match elsewhere {
        true => {
            let other = twin.json("POST", &format!("{ALEX}/calendars"), &json!({"name": "Training"})).expect(201);
            format!("{ALEX}/calendars/{}/events", encode(&other.text("/id")))
        }
        false => format!("{ALEX}/events"),
    };
    (first, twin.json("POST", &path, &body(&again)))
}

#[test]
fn each_reading_of_a_transaction_id_can_be_switched_on() {
    let (same, other) = (json!({}), json!({"subject": "Other"}));
    // quirks, the second body, the first is gone, in another calendar -> status, whether it is the first event
    for (quirks, again, gone, elsewhere, status, first) in [
        ("", &same, false, false, 201, true),
        ("", &other, false, false, 400, true),
        ("", &same, true, false, 400, true),
        ("", &same, false, true, 201, true),
        ("transaction-status=409", &other, false, false, 409, true),
        ("transaction-existing-id=no", &other, false, false, 400, false),
        ("transaction-after-delete=forgotten", &same, true, false, 201, false),
        ("transaction-after-delete=forgotten", &other, true, false, 201, false),
        ("transaction-after-delete=repeated", &same, true, false, 201, true),
        ("transaction-after-delete=repeated", &other, true, false, 400, true),
        ("transaction-per-calendar", &same, false, false, 201, true),
        ("transaction-per-calendar", &same, false, true, 201, false),
        ("transaction-minutes=60", &same, false, false, 201, false),
        ("transaction-minutes=61", &same, false, false, 201, true),
        ("transaction-minutes=0", &other, false, false, 201, false),
    ] {
        let (id, reply) = twice(quirks, again.clone(), gone, elsewhere);
        let named = if status == 201 { reply.text("/id") } else { reply.text("/error/@event.existingEventId") };
        assert_eq!(
            (reply.status, named == id),
            (status, first),
            "{quirks} {again} {gone} {elsewhere}: {:#}",
            reply.body
        );
    }
}
