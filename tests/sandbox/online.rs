//! Events that are online: the frozen flags, the join block, and the options of the meeting behind
//! (outlook-calendar-online-meetings.md, event-update.md, onlinemeeting-get.md).

use serde_json::{Value, json};

use crate::sandbox::support::{Twin, encode, event, twin, twin_quirks};
use convoke::face::sandbox::{BodyQuirk, Quirks};

const ALEX: &str = "/users/alex@contoso.example";

fn online() -> Value {
    json!({"isOnlineMeeting": true, "onlineMeetingProvider": "teamsForBusiness", "body": {"contentType": "html", "content": "<p>Agenda</p>"}})
}

fn patch(twin: &Twin, id: &str, body: Value) -> crate::sandbox::support::Reply {
    twin.json("PATCH", &format!("{ALEX}/events/{id}"), &body)
}

#[test]
fn provider_and_flag_are_frozen_once_online() {
    let twin = twin();
    let id = twin.event(online());
    let before = twin.get(&format!("{ALEX}/events/{id}"));
    let after =
        patch(&twin, &id, json!({"isOnlineMeeting": false, "onlineMeetingProvider": "skypeForBusiness"})).expect(200);
    for pointer in ["/isOnlineMeeting", "/onlineMeetingProvider", "/onlineMeeting/joinUrl"] {
        assert_eq!(after.at(pointer), before.at(pointer), "{pointer}");
    }
}

#[test]
fn an_event_goes_online_later_with_the_calendars_provider() {
    let twin = twin();
    let id = twin.event(json!({}));
    let after = patch(&twin, &id, json!({"isOnlineMeeting": true})).expect(200);
    assert_eq!(after.text("/onlineMeetingProvider"), "teamsForBusiness");
    assert!(after.text("/body/content").contains("me-email-text"));
}

#[test]
fn a_provider_that_the_calendar_does_not_allow_is_refused() {
    let twin = twin();
    let body = event(json!({"isOnlineMeeting": true, "onlineMeetingProvider": "skypeForBusiness"}));
    twin.json("POST", &format!("{ALEX}/events"), &body).refused(400, "ErrorInvalidRequest", "'onlineMeetingProvider'");
    let silent = twin_quirks(Quirks { silent_provider: true, ..Quirks::default() });
    let made = silent.json("POST", &format!("{ALEX}/events"), &body).expect(201);
    assert_eq!(made.at("/onlineMeeting"), Value::Null);
}

#[test]
fn a_body_that_keeps_the_join_block_keeps_the_link() {
    let twin = twin();
    let id = twin.event(online());
    let before = twin.get(&format!("{ALEX}/events/{id}"));
    let spliced = before.text("/body/content").replace("<p>Agenda</p>", "<p>New agenda</p>");
    let after = patch(&twin, &id, json!({"body": {"contentType": "html", "content": spliced}})).expect(200);
    assert_eq!(after.at("/onlineMeeting"), before.at("/onlineMeeting"));
    assert_eq!(after.text("/body/content"), spliced);
}

#[test]
fn a_body_without_the_join_block_loses_the_link_even_with_both_flags() {
    let twin = twin();
    let id = twin.event(online());
    let body = json!({"body": {"contentType": "html", "content": "<p>New</p>"}, "isOnlineMeeting": true, "onlineMeetingProvider": "teamsForBusiness"});
    let after = patch(&twin, &id, body).expect(200);
    assert_eq!((after.at("/isOnlineMeeting"), after.at("/onlineMeeting")), (json!(false), Value::Null));
    assert!(!after.text("/body/content").contains("me-email-text"));
}

#[test]
fn where_the_link_flips_or_rotates_it_does_so() {
    let bare = json!({"body": {"contentType": "html", "content": "<p>New</p>"}});
    let flips = twin_quirks(Quirks { body: BodyQuirk::Flip, ..Quirks::default() });
    let id = flips.event(online());
    let states: Vec<Value> = (0..4).map(|_| patch(&flips, &id, bare.clone()).at("/isOnlineMeeting")).collect();
    assert_eq!(states, [json!(false), json!(true), json!(false), json!(true)]);
    let rotates = twin_quirks(Quirks { body: BodyQuirk::Rotate, ..Quirks::default() });
    let id = rotates.event(online());
    let before = rotates.get(&format!("{ALEX}/events/{id}")).text("/onlineMeeting/joinUrl");
    let after = patch(&rotates, &id, bare).expect(200);
    assert_eq!(after.at("/isOnlineMeeting"), json!(true));
    assert_ne!(after.text("/onlineMeeting/joinUrl"), before);
}

#[test]
fn the_options_of_an_events_meeting_are_found_by_its_join_url() {
    let twin = twin();
    let id = twin.event(online());
    let url = twin.get(&format!("{ALEX}/events/{id}")).text("/onlineMeeting/joinUrl");
    let (alex, ben) = (twin.oid("alex@contoso.example"), twin.oid("ben@contoso.example"));
    let look =
        |oid: &str, value: &str| twin.get(&format!("/users/{oid}/onlineMeetings?$filter=JoinWebUrl%20eq%20'{value}'"));
    // The value is encoded as a whole: `%3a` arrives as `%253a`.
    let found = look(&alex, &encode(&url)).expect(200);
    assert_eq!((found.text("/value/0/joinWebUrl"), found.text("/value/0/subject")), (url.clone(), "Weekly".into()));
    look(&alex, &url.replace("https://", "https%3A%2F%2F").replace('?', "%3F")).refused(400, "BadRequest", "1026");
    look(&ben, &encode(&url)).refused(403, "Forbidden", "organizer");
    assert_eq!(look(&alex, &encode(&url.replace("meeting_", "meeting_x"))).expect(200).at("/value"), json!([]));
    let path = format!("/users/{alex}/onlineMeetings/{}", encode(&found.text("/value/0/id")));
    let patched = twin.json("PATCH", &path, &json!({"recordAutomatically": true, "subject": "Elsewhere"})).expect(200);
    assert_eq!(patched.at("/recordAutomatically"), json!(true));
    // The calendar item does not follow (choose-online-meeting-api.md).
    assert_eq!(twin.get(&format!("{ALEX}/events/{id}")).text("/subject"), "Weekly");
    patch(&twin, &id, json!({"subject": "Renamed"})).expect(200);
    assert_eq!(twin.get(&path).text("/subject"), "Renamed");
    twin.send(&format!("DELETE {ALEX}/events/{id}")).expect(204);
    twin.get(&path).expect(200);
}
