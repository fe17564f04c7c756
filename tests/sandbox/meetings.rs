//! Standalone online meetings (application-post-onlinemeetings.md, onlinemeeting-createorget.md, onlinemeeting-get.md,
//! onlinemeeting-update.md, onlinemeeting-delete.md, onlinemeeting.md).

use serde_json::{Value, json};

use crate::sandbox::support::{Twin, encode, twin};

fn meetings(twin: &Twin) -> String {
    format!("/users/{}/onlineMeetings", twin.oid("alex@contoso.example"))
}

fn made(twin: &Twin, body: Value) -> String {
    let base = meetings(twin);
    let reply = twin.json("POST", &base, &body).expect(201);
    format!("{base}/{}", encode(&reply.text("/id")))
}

#[test]
fn the_path_takes_an_object_id_and_no_user_principal_name() {
    let reply = twin().json("POST", "/users/alex@contoso.example/onlineMeetings", &json!({"subject": "x"}));
    reply.refused(400, "BadRequest", "object id");
}

#[test]
fn meetings_cannot_be_listed() {
    let twin = twin();
    let base = meetings(&twin);
    for query in ["", "?$top=5", "?$filter=subject%20eq%20'x'"] {
        twin.get(&format!("{base}{query}")).refused(400, "BadRequest", "");
    }
}

#[test]
fn create_or_get_makes_one_meeting_for_each_user_and_external_id() {
    let twin = twin();
    let base = meetings(&twin);
    let call = |body: Value| twin.json("POST", &format!("{base}/createOrGet"), &body);
    // Everything but the documented parameters is ignored (observed).
    let first = call(json!({"externalId": "ws/room", "subject": "Room", "startDateTime": "2026-12-01T10:00:00+01:00",
        "endDateTime": "2026-12-01T11:00:00+01:00", "recordAutomatically": true, "nonsense": 1}))
    .expect(201);
    assert_eq!(first.text("/externalId"), "ws/room");
    assert_eq!(first.text("/startDateTime"), "2026-12-01T09:00:00.0000000Z");
    assert_eq!(first.at("/recordAutomatically"), json!(false));
    let again = call(json!({"externalId": "ws/room", "subject": "Other"})).expect(200);
    assert_eq!((again.text("/id"), again.text("/subject")), (first.text("/id"), "Room".into()));
    let ben = format!("/users/{}/onlineMeetings/createOrGet", twin.oid("ben@contoso.example"));
    assert_ne!(twin.json("POST", &ben, &json!({"externalId": "ws/room"})).expect(201).text("/id"), first.text("/id"));
    call(json!({"subject": "x"})).refused(400, "BadRequest", "'externalId'");
}

#[test]
fn create_or_get_fills_in_times() {
    let twin = twin();
    let base = meetings(&twin);
    let call = |id: &str, more: Value| {
        let mut body = json!({"externalId": id});
        more.as_object().into_iter().flatten().for_each(|(name, value)| body[name] = value.clone());
        twin.json("POST", &format!("{base}/createOrGet"), &body)
    };
    let none = call("a", json!({})).expect(201);
    assert_eq!(
        (none.text("/startDateTime"), none.text("/endDateTime")),
        ("2026-11-21T08:00:00.0000000Z".into(), "2026-11-21T09:00:00.0000000Z".into())
    );
    let start = call("b", json!({"startDateTime": "2026-12-01T10:00:00Z"})).expect(201);
    assert_eq!(start.text("/endDateTime"), "2026-12-01T11:00:00.0000000Z");
    call("c", json!({"endDateTime": "2026-12-01T10:00:00Z"})).refused(400, "BadRequest", "'startDateTime'");
    call("d", json!({"startDateTime": "2026-12-01T10:00:00Z", "endDateTime": "2026-12-01T09:00:00Z"})).refused(
        400,
        "BadRequest",
        "'endDateTime'",
    );
}

#[test]
fn a_passcode_is_generated_unless_it_is_not_wanted_and_never_changes() {
    let twin = twin();
    let path = made(&twin, json!({"subject": "x"}));
    let settings = twin.get(&path).at("/joinMeetingIdSettings");
    assert_eq!(
        (settings["isPasscodeRequired"].clone(), settings["passcode"].as_str().map(str::len)),
        (json!(true), Some(6))
    );
    let id = settings["joinMeetingId"].as_str().unwrap_or_default();
    let found = twin.get(&format!("{}?$filter=joinMeetingIdSettings/joinMeetingId%20eq%20'{id}'", meetings(&twin)));
    assert_eq!(found.at("/value").as_array().map(Vec::len), Some(1));
    let open = made(&twin, json!({"subject": "x", "joinMeetingIdSettings": {"isPasscodeRequired": false}}));
    assert_eq!(twin.get(&open).at("/joinMeetingIdSettings/passcode"), Value::Null);
    let settings = json!({"joinMeetingIdSettings": {"isPasscodeRequired": false}});
    twin.json("PATCH", &path, &settings).refused(400, "BadRequest", "'joinMeetingIdSettings'");
}

#[test]
fn an_update_merges_objects_replaces_lists_and_wants_both_times() {
    let twin = twin();
    let path = made(
        &twin,
        json!({"subject": "x", "participants": {"attendees": [{"upn": "adele@contoso.example"}, {"upn": "ben@contoso.example"}]}}),
    );
    let patch = |body: Value| twin.json("PATCH", &path, &body);
    let reply = patch(json!({"lobbyBypassSettings": {"isDialInBypassEnabled": true}, "participants": {"attendees": [{"upn": "ben@contoso.example", "role": "attendee"}]}})).expect(200);
    assert_eq!(reply.at("/lobbyBypassSettings"), json!({"scope": "organization", "isDialInBypassEnabled": true}));
    assert_eq!(reply.at("/participants/attendees").as_array().map(Vec::len), Some(1));
    assert_eq!(reply.text("/participants/attendees/0/identity/user/id"), twin.oid("ben@contoso.example"));
    patch(json!({"startDateTime": "2026-12-01T10:00:00Z"})).refused(400, "BadRequest", "together");
    patch(json!({"startDateTime": "2026-12-01T10:00:00Z", "endDateTime": "2026-12-01T12:00:00Z"})).expect(200);
}

#[test]
fn writes_that_the_pages_forbid_are_refused_by_name() {
    let twin = twin();
    let base = meetings(&twin);
    let path = made(&twin, json!({"subject": "x"}));
    let patches = [
        (json!({"meetingType": "scheduled"}), "Updating meeting type is not supported."),
        (json!({"joinWebUrl": "https://x"}), "'joinWebUrl' is read-only"),
        (json!({"externalId": "x"}), "'externalId'"),
        (json!({"participants": {"organizer": {"upn": "ben@contoso.example"}}}), "'participants/organizer'"),
        (json!({"allowedPresenters": "roleIsPresenter"}), "'participants/attendees'"),
        (
            json!({"participants": {"attendees": [{"upn": "ben@contoso.example", "role": "presenter"}]}}),
            "'allowedPresenters'",
        ),
        (json!({"allowedPresenters": "nobody"}), "'allowedPresenters'"),
        (json!({"isCanceled": true}), "'isCanceled' does not exist"),
    ];
    for (body, words) in patches {
        twin.json("PATCH", &path, &body).refused(400, "BadRequest", words);
    }
    twin.json("POST", &base, &json!({"subject": "x", "externalId": "y"})).refused(400, "BadRequest", "createOrGet");
    let presenters = json!({"allowedPresenters": "roleIsPresenter", "participants": {"attendees": [{"upn": "ben@contoso.example", "role": "presenter"}]}});
    twin.json("PATCH", &path, &presenters).expect(200);
}

#[test]
fn hidden_members_show_only_when_asked_for() {
    let twin = twin();
    let path = made(
        &twin,
        json!({"subject": "x", "lobbyBypassSettings": {"scope": "invited"},
        "participants": {"attendees": [{"upn": "ben@contoso.example", "role": "coorganizer"}]}}),
    );
    let plain = twin.get(&path);
    assert_eq!(
        (plain.text("/lobbyBypassSettings/scope"), plain.text("/participants/attendees/0/role")),
        ("unknownFutureValue".into(), "unknownFutureValue".into())
    );
    let full = twin.send(&format!("GET {path}\nPrefer: include-unknown-enum-members"));
    assert_eq!(
        (full.text("/lobbyBypassSettings/scope"), full.text("/participants/attendees/0/role")),
        ("invited".into(), "coorganizer".into())
    );
    let back = json!({"lobbyBypassSettings": {"scope": "unknownFutureValue"}});
    twin.json("PATCH", &path, &back).refused(400, "BadRequest", "'lobbyBypassSettings/scope'");
}

#[test]
fn an_attendee_reads_by_id_and_a_stranger_does_not() {
    let twin = twin();
    let path = made(&twin, json!({"subject": "x", "participants": {"attendees": [{"upn": "ben@contoso.example"}]}}));
    let id = path.rsplit('/').next().unwrap_or_default();
    let other = |upn: &str| twin.get(&format!("/users/{}/onlineMeetings/{id}", twin.oid(upn)));
    other("ben@contoso.example").expect(200);
    other("eve@contoso.example").refused(404, "NotFound", "not found");
}

#[test]
fn join_information_comes_in_the_language_of_the_request() {
    let twin = twin();
    let path = made(&twin, json!({"subject": "x"}));
    let german = twin.send(&format!("GET {path}\nAccept-Language: de-DE")).text("/joinInformation/content");
    assert!(german.starts_with("data:text/html,%3Cdiv") && german.contains("beitreten"), "{german}");
    assert!(twin.get(&path).text("/joinInformation/content").contains("Join%20Microsoft"));
}

#[test]
fn a_meeting_expires_sixty_days_after_its_end_or_its_last_update() {
    let twin = twin();
    let body = json!({"subject": "x", "startDateTime": "2026-12-01T10:00:00Z", "endDateTime": "2026-12-01T11:00:00Z"});
    let (kept, lost) = (made(&twin, body.clone()), made(&twin, body));
    let clock = |now: &str| twin.json("POST", "/sandbox/clock", &json!({"now": now})).expect(200);
    assert_eq!(twin.get(&kept).text("/expiryDateTime"), "2027-01-30T11:00:00.0000000Z");
    clock("2027-01-30T10:00:00Z");
    twin.json("PATCH", &kept, &json!({"subject": "y"})).expect(200);
    clock("2027-01-30T12:00:00Z");
    twin.get(&lost).refused(404, "NotFound", "not found");
    assert_eq!(twin.get(&kept).expect(200).text("/expiryDateTime"), "2027-03-31T10:00:00.0000000Z");
}

#[test]
fn a_delete_is_final() {
    let twin = twin();
    let path = made(&twin, json!({"subject": "x"}));
    twin.send(&format!("DELETE {path}")).expect(204);
    twin.send(&format!("DELETE {path}")).refused(404, "NotFound", "not found");
    assert_eq!(twin.mails(), Vec::<String>::new());
}

#[test]
fn a_video_teleconference_id_is_looked_up_without_a_user() {
    let twin = twin();
    let path = made(&twin, json!({"subject": "x"}));
    let id = twin.get(&path).text("/videoTeleconferenceId");
    let found =
        twin.get(&format!("/communications/onlineMeetings/?$filter=VideoTeleconferenceId%20eq%20'{id}'")).expect(200);
    assert_eq!(found.text("/value/0/subject"), "x");
    twin.get("/communications/onlineMeetings").refused(400, "BadRequest", "VideoTeleconferenceId");
}
