//! Who exists, and what lasts: the tenant description and the durable file.

use std::{fs, time::Instant};

use convoke::face::sandbox::{Options, serve};
use serde_json::{Value, json};

use crate::sandbox::support::{Twin, encode, event, people, twin, twin_with};

fn described(text: &str) -> Twin {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("tenant.yaml");
    fs::write(&path, text).expect("the file is written");
    twin_with(Options { tenant: Some(path), ..Options::default() })
}

const TENANT: &str = "
users:
  - upn: megan@fabrikam.example
    name: Megan Bowen
    aliases: [mb@fabrikam.example]
    calendars:
      - {name: Calendar, default: true, allowedOnlineMeetingProviders: [skypeForBusiness, teamsForBusiness], defaultOnlineMeetingProvider: teamsForBusiness}
      - {name: Frozen, canEdit: false}
      - {name: Offline, allowedOnlineMeetingProviders: []}
  - {upn: ben@fabrikam.example, id: 11111111-2222-4333-8444-555555555555, accessPolicy: false}
  - {upn: cy@fabrikam.example, licensed: false}
  - {upn: dee@fabrikam.example, mailbox: false}
  - {upn: flo@fabrikam.example, audioConferencing: false}
rooms:
  - {address: baker@fabrikam.example, name: Conf Room Baker}
  - {address: full@fabrikam.example, answers: declines}
";

#[test]
fn a_described_tenant_has_whom_it_names_and_nobody_else() {
    let twin = described(TENANT);
    let me = twin.get("/me").expect(200);
    assert_eq!((me.text("/displayName"), me.text("/givenName")), ("Megan Bowen".into(), "Megan".into()));
    assert_eq!(twin.get("/users/MB@fabrikam.example").text("/id"), me.text("/id"));
    assert_eq!(twin.get("/users/ben@fabrikam.example").text("/id"), "11111111-2222-4333-8444-555555555555");
    twin.get("/users/eve@fabrikam.example").refused(404, "Request_ResourceNotFound", "does not exist");
    twin.get("/users/eve@fabrikam.example/events").refused(404, "ErrorInvalidUser", "eve@fabrikam.example");
    twin.get("/users/dee@fabrikam.example/events").refused(404, "MailboxNotEnabledForRESTAPI", "mailbox");
}

#[test]
fn policy_and_licence_decide_about_online_meetings_but_not_about_events() {
    let twin = described(TENANT);
    for (upn, words) in [("ben@fabrikam.example", "application access policy"), ("cy@fabrikam.example", "licence")] {
        let path = format!("/users/{}/onlineMeetings", twin.oid(upn));
        twin.json("POST", &path, &json!({"subject": "x"})).refused(403, "Forbidden", words);
        twin.get(&format!("/users/{upn}/events")).expect(200);
    }
    let flo = format!("/users/{}/onlineMeetings", twin.oid("flo@fabrikam.example"));
    assert_eq!(twin.json("POST", &flo, &json!({"subject": "x"})).expect(201).at("/audioConferencing"), Value::Null);
}

#[test]
fn calendars_allow_what_the_description_says() {
    let twin = described(TENANT);
    let calendars = twin.get("/me/calendars").expect(200);
    let names: Vec<String> = (0..3).map(|it| calendars.text(&format!("/value/{it}/name"))).collect();
    assert_eq!(names, ["Calendar", "Frozen", "Offline"]);
    assert_eq!(calendars.at("/value/0/allowedOnlineMeetingProviders"), json!(["skypeForBusiness", "teamsForBusiness"]));
    let path =
        |place: usize| format!("/me/calendars/{}/events", encode(&calendars.text(&format!("/value/{place}/id"))));
    twin.json("POST", &path(1), &event(json!({}))).refused(403, "ErrorAccessDenied", "edited");
    twin.json("POST", &path(2), &event(json!({"isOnlineMeeting": true}))).refused(
        400,
        "ErrorInvalidRequest",
        "'onlineMeetingProvider'",
    );
}

#[test]
fn rooms_answer_later_by_their_own_policy() {
    let twin = described(TENANT);
    let rooms = json!({"attendees": people(&["baker@fabrikam.example", "full@fabrikam.example"])});
    let made = twin.json("POST", "/me/events", &event(rooms)).expect(201);
    assert_eq!(made.text("/attendees/0/emailAddress/name"), "Conf Room Baker");
    let path = format!("/me/events/{}", encode(&made.text("/id")));
    let answers = || -> Vec<String> {
        let reply = twin.get(&path);
        (0..2).map(|it| reply.text(&format!("/attendees/{it}/status/response"))).collect()
    };
    assert_eq!(answers(), ["none", "none"]);
    answers();
    assert_eq!(answers(), ["accepted", "declined"]);
}

const ROOMS: &str = "
users: [{upn: megan@fabrikam.example}]
rooms:
  - {address: baker@fabrikam.example}
  - {address: year@fabrikam.example, booking: {bookingWindowInDays: 365}}
  - {address: loose@fabrikam.example, booking: {enforceSchedulingHorizon: false}}
  - {address: some@fabrikam.example, booking: {conflictPercentageAllowed: 50, maximumConflictInstances: 1}}
";

/// What the rooms of `ROOMS` answer in their order, to an event that begins on a day and repeats every week so many times.
fn answers_to(twin: &Twin, day: &str, hour: u8, times: u32) -> String {
    let at = |hour: u8| json!({"dateTime": format!("{day}T{hour:02}:00:00"), "timeZone": "UTC"});
    let all = ["baker", "year", "loose", "some"].map(|it| format!("{it}@fabrikam.example"));
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    let mut body = json!({"start": at(hour), "end": at(hour + 1), "attendees": people(&all)});
    if times > 1 {
        let range = json!({"type": "numbered", "startDate": day, "numberOfOccurrences": times});
        let pattern = json!({"type": "weekly", "interval": 1, "daysOfWeek": ["tuesday"]});
        body["recurrence"] = json!({"pattern": pattern, "range": range});
    }
    let made = twin.json("POST", "/me/events", &event(body)).expect(201);
    let path = format!("/me/events/{}", encode(&made.text("/id")));
    let read = (0..3).map(|_| twin.get(&path)).last().expect("three reads");
    (0..4).map(|it| read.text(&format!("/attendees/{it}/status/response"))[..1].to_string()).collect()
}

#[test]
fn rooms_decline_what_their_booking_policy_does_not_allow() {
    let twin = described(ROOMS);
    // The clock stands at 2026-11-21, so 180 days end on 2027-05-20.
    assert_eq!(answers_to(&twin, "2026-12-01", 8, 20), "aaaa");
    assert_eq!(answers_to(&twin, "2026-12-01", 9, 26), "daad", "it ends in June");
    assert_eq!(answers_to(&twin, "2027-06-01", 9, 1), "dadd", "one date beyond the window");
    assert_eq!(answers_to(&twin, "2026-12-08", 10, 1), "aaaa");
    assert_eq!(answers_to(&twin, "2026-12-01", 10, 4), "ddda", "one clash of four");
    assert_eq!(answers_to(&twin, "2026-12-08", 8, 2), "dddd", "two clashes of two");
    assert_eq!(answers_to(&twin, "2026-12-08", 7, 1), "aaaa", "it ends as another begins");
}

#[test]
fn a_room_answers_again_after_a_new_time() {
    let twin = described(ROOMS);
    let made = twin.json("POST", "/me/events", &event(json!({"attendees": people(&["baker@fabrikam.example"])})));
    let path = format!("/me/events/{}", encode(&made.expect(201).text("/id")));
    let answer = || (0..3).map(|_| twin.get(&path).text("/attendees/0/status/response")).last();
    assert_eq!(answer().as_deref(), Some("accepted"));
    let at = |it: &str| json!({"dateTime": format!("2028-01-11T{it}:00:00"), "timeZone": "UTC"});
    let moved = twin.json("PATCH", &path, &json!({"start": at("10"), "end": at("11")})).expect(200);
    assert_eq!(moved.text("/attendees/0/status/response"), "none");
    assert_eq!(answer().as_deref(), Some("declined"));
}

#[test]
fn an_undescribed_tenant_provides_whom_it_is_asked_for_always_with_the_same_id() {
    let ids: Vec<String> = (0..2).map(|_| twin().oid("grace@contoso.example")).collect();
    assert_eq!(ids[0], ids[1]);
    let twin = twin();
    assert_eq!(
        twin.get("/users/550fae72-d251-43ec-868c-373732c2704f").expect(200).text("/id"),
        "550fae72-d251-43ec-868c-373732c2704f"
    );
    twin.get("/users/nobody").refused(404, "Request_ResourceNotFound", "nobody");
}

#[test]
fn a_description_that_cannot_be_read_says_why() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("tenant.yaml");
    for (text, words) in [
        ("users: []", "names no user"),
        ("users: [{name: x}]", "upn"),
        ("user: []", "user"),
        ("users: [{upn: a@b.example}]\nfaults: often", "often"),
    ] {
        fs::write(&path, text).expect("the file is written");
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let error = runtime
            .block_on(serve(Options { tenant: Some(path.clone()), ..Options::default() }))
            .err()
            .map(|it| format!("{it:#}"));
        assert!(error.as_ref().is_some_and(|it| it.contains(words)), "{text}: {error:?}");
    }
}

#[test]
fn a_durable_tenant_is_there_again_after_a_kill_even_with_a_torn_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("deep/sandbox.json");
    let options = || Options { file: Some(path.clone()), ..Options::default() };
    let first = twin_with(options());
    let kept =
        first.json("POST", "/me/events", &event(json!({"isOnlineMeeting": true, "transactionId": "t"}))).expect(201);
    let gone = first.json("POST", "/me/events", &event(json!({}))).expect(201);
    first.send(&format!("DELETE /me/events/{}", encode(&gone.text("/id")))).expect(204);
    let oid = first.oid("alex@contoso.example");
    let meeting = first
        .json("POST", &format!("/users/{oid}/onlineMeetings/createOrGet"), &json!({"externalId": "ws/a"}))
        .expect(201);
    // Nothing is done at the end: what is on disk now is what a killed process leaves.
    let mut text = fs::read(&path).expect("the file is there");
    text.extend_from_slice(b"{\"event\":{\"key\":99,\"us");
    fs::write(&path, text).expect("the file is written");
    let second = twin_with(options());
    let again = second.get(&format!("/me/events/{}", encode(&kept.text("/id")))).expect(200);
    assert_eq!(again.at("/onlineMeeting"), kept.at("/onlineMeeting"));
    second.get(&format!("/me/events/{}", encode(&gone.text("/id")))).refused(404, "ErrorItemNotFound", "");
    let same = second
        .json("POST", &format!("/users/{oid}/onlineMeetings/createOrGet"), &json!({"externalId": "ws/a"}))
        .expect(200);
    assert_eq!(same.text("/id"), meeting.text("/id"));
    let retried =
        second.json("POST", "/me/events", &event(json!({"isOnlineMeeting": true, "transactionId": "t"}))).expect(201);
    assert_eq!(retried.text("/id"), kept.text("/id"));
    assert_ne!(
        second.json("POST", "/me/events", &event(json!({}))).text("/id"),
        gone.text("/id"),
        "no id is given twice"
    );
    second.stop();
}

#[test]
fn a_damaged_tenant_file_is_named_with_its_line_and_the_way_out() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("sandbox.json");
    for (text, line) in [
        ("{\"formatVersion\":1,\"serial\":1}\n{\"event\":\n{}\n", ":2:"),
        ("{\"formatVersion\":9,\"serial\":1}\n", ":1:"),
        ("nonsense\n", ":1:"),
    ] {
        fs::write(&path, text).expect("the file is written");
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let error = runtime
            .block_on(serve(Options { file: Some(path.clone()), ..Options::default() }))
            .err()
            .map(|it| it.to_string());
        let error = error.unwrap_or_default();
        assert!(
            error.contains("sandbox.json") && error.contains(line) && error.contains("hint: delete the file"),
            "{error}"
        );
    }
}

#[test]
fn thousands_of_records_open_quickly() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("sandbox.json");
    let first = twin_with(Options { file: Some(path.clone()), ..Options::default() });
    first.json("POST", "/me/events", &event(json!({"isOnlineMeeting": true}))).expect(201);
    first.stop();
    let text = fs::read_to_string(&path).expect("the file is there");
    let line = text.lines().find(|it| it.starts_with("{\"event\"")).expect("an event").to_string();
    let mut all = text.clone();
    for key in 100..3100 {
        all.push_str(&line.replacen("\"key\":2", &format!("\"key\":{key}"), 1));
        all.push('\n');
    }
    fs::write(&path, all).expect("the file is written");
    let began = Instant::now();
    let second = twin_with(Options { file: Some(path), ..Options::default() });
    let took = began.elapsed();
    assert!(second.get("/me/events?$count=true&$top=1").at("/@odata.count").as_u64() >= Some(3000));
    // Generous, for a build without optimisation on a busy machine; optimised it is a tenth.
    assert!(took.as_secs() < 5, "{took:?}");
}

#[test]
fn a_file_that_was_mostly_overwritten_shrinks_when_it_is_opened() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("sandbox.json");
    let options = || Options { file: Some(path.clone()), ..Options::default() };
    let first = twin_with(options());
    let id = first.event(json!({}));
    for place in 0..110 {
        let body = json!({"subject": place.to_string()});
        first.json("PATCH", &format!("/users/alex@contoso.example/events/{id}"), &body).expect(200);
    }
    first.stop();
    let lines = || fs::read_to_string(&path).expect("the file is there").lines().count();
    assert!(lines() > 110);
    let second = twin_with(options());
    assert_eq!(lines(), 4, "header, user, calendar, event");
    assert_eq!(second.get(&format!("/users/alex@contoso.example/events/{id}")).text("/subject"), "109");
}
