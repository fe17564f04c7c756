//! `$batch` (json-batching.md, known-issues.md).

use serde_json::{Value, json};

use crate::sandbox::support::{Reply, Twin, event, twin};

fn batch(twin: &Twin, requests: Value) -> Reply {
    twin.json("POST", "/$batch", &json!({ "requests": requests }))
}

fn by_id(reply: &Reply, id: &str) -> Value {
    let all = reply.at("/responses").as_array().cloned().unwrap_or_default();
    all.into_iter().find(|it| it["id"] == id).unwrap_or(Value::Null)
}

#[test]
fn the_outer_status_is_200_and_each_request_has_its_own() {
    let twin = twin();
    let reply = batch(
        &twin,
        json!([
            {"id": "1", "method": "GET", "url": "/me/calendar"},
            {"id": "2", "method": "GET", "url": "me/events/AAMkAGI1AAAt9AHjAAA=", "headers": {"Prefer": "IdType=\"ImmutableId\""}},
            {"id": "3", "method": "POST", "url": "/me/events", "headers": {"content-type": "application/json"}, "body": event(json!({}))},
            {"id": "4", "method": "POST", "url": "/me/events", "body": event(json!({}))},
            {"id": "5", "method": "POST", "url": "/$batch", "headers": {"content-type": "application/json"}, "body": {"requests": []}},
        ]),
    );
    let reply = reply.expect(200);
    let statuses: Vec<Value> = ["1", "2", "3", "4", "5"].iter().map(|it| by_id(&reply, it)["status"].clone()).collect();
    assert_eq!(statuses, [json!(200), json!(404), json!(201), json!(400), json!(400)]);
    assert_eq!(by_id(&reply, "2")["body"]["error"]["code"], "ErrorItemNotFound");
}

#[test]
fn a_batch_takes_what_real_clients_send() {
    let reply = batch(
        &twin(),
        json!([
            {"id": 1, "method": "GET", "url": "https://graph.microsoft.com/v1.0/me/calendar"},
            {"id": 2, "method": "GET", "url": "me/calendars"},
            {"id": "3", "method": "GET", "url": "https://graph.microsoft.com/v1.0/$batch"},
        ]),
    );
    let statuses: Vec<Value> = ["1", "2", "3"].iter().map(|it| by_id(&reply, it)["status"].clone()).collect();
    assert_eq!(statuses, [json!(200), json!(200), json!(400)]);
}

#[test]
fn what_depends_on_a_failed_request_fails_with_424() {
    let reply = batch(
        &twin(),
        json!([
            {"id": "c", "method": "GET", "url": "/me/calendar", "dependsOn": ["b"]},
            {"id": "b", "method": "GET", "url": "/me/calendars", "dependsOn": ["a"]},
            {"id": "a", "method": "GET", "url": "/me/nothing"},
            {"id": "d", "method": "GET", "url": "/me/calendar"},
        ]),
    );
    let statuses: Vec<Value> = ["a", "b", "c", "d"].iter().map(|it| by_id(&reply, it)["status"].clone()).collect();
    assert_eq!(statuses, [json!(400), json!(424), json!(424), json!(200)]);
}

#[test]
fn a_batch_that_is_not_one_is_refused() {
    let twin = twin();
    let get = |id: &str| json!({"id": id, "method": "GET", "url": "/me"});
    let many: Vec<Value> = (0..21).map(|it| get(&it.to_string())).collect();
    let circle = json!([{"id": "1", "method": "GET", "url": "/me", "dependsOn": ["2"]}, {"id": "2", "method": "GET", "url": "/me", "dependsOn": ["1"]}]);
    for (requests, words) in [
        (json!(many), "1 to 20"),
        (json!([]), "1 to 20"),
        (json!([get("1"), get("1")]), "not unique"),
        (circle, "circle"),
        (json!([{"id": "1", "url": "/me"}]), "'method'"),
        (Value::Null, "'requests'"),
    ] {
        batch(&twin, requests).refused(400, "BadRequest", words);
    }
}
