//! What Graph does at times: switchable, and bearable for a correct client.

use convoke::face::sandbox::Quirks;
use serde_json::{Value, json};

use crate::sandbox::support::{encode, event, twin_quirks};

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
