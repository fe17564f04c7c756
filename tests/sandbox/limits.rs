//! Limits, faults and tokens (throttling.md, throttling-limits.md, errors.md).

use std::{thread, time::Duration};

use convoke::face::sandbox::{Limits, Options};
use serde_json::{Value, json};

use crate::sandbox::support::{Reply, Twin, event, twin, twin_with};

fn with_faults(faults: &str) -> Twin {
    twin_with(Options { faults: faults.parse().ok(), ..Options::default() })
}

#[test]
fn a_fifth_request_at_once_is_throttled_and_counted() {
    let twin = twin_with(Options { latency: Some(Duration::from_millis(200)), ..Options::default() });
    let statuses: Vec<Reply> = thread::scope(|scope| {
        let all: Vec<_> = (0..6).map(|_| scope.spawn(|| twin.get("/users/alex@contoso.example/calendar"))).collect();
        all.into_iter().map(|it| it.join().expect("no request panics")).collect()
    });
    let refused: Vec<&Reply> = statuses.iter().filter(|it| it.status == 429).collect();
    assert_eq!(refused.len(), 2);
    assert_eq!(refused[0].text("/error/code"), "ApplicationThrottled");
    assert!(refused[0].text("/error/message").contains("MailboxConcurrency"));
    assert_eq!(refused[0].header("Retry-After").as_deref(), Some("1"));
    let counts = twin.sandbox.counts();
    assert_eq!((counts.requests, counts.throttled, counts.peak["alex@contoso.example"]), (6, 2, 4));
}

#[test]
fn four_of_a_batch_run_at_once() {
    let twin = twin_with(Options { latency: Some(Duration::from_millis(20)), ..Options::default() });
    let requests: Vec<Value> =
        (0..20).map(|it| json!({"id": it.to_string(), "method": "GET", "url": "/me/calendar"})).collect();
    let reply = twin.json("POST", "/$batch", &json!({ "requests": requests }));
    assert!(reply.at("/responses").as_array().into_iter().flatten().all(|it| it["status"] == 200), "{:#}", reply.body);
    assert_eq!(twin.sandbox.counts().peak["alex@contoso.example"], 4);
    assert!(twin.sandbox.counts().writes.is_empty());
}

#[test]
fn too_many_requests_in_ten_minutes_are_throttled_per_mailbox() {
    let twin = twin_with(Options { limits: Limits { requests: 3, ..Limits::default() }, ..Options::default() });
    let get = |upn: &str| twin.get(&format!("/users/{upn}/calendar"));
    let statuses: Vec<u16> = (0..4).map(|_| get("alex@contoso.example").status).collect();
    assert_eq!(statuses, [200, 200, 200, 429]);
    get("ben@contoso.example").expect(200);
    // The object id names the same mailbox.
    let id = twin.oid("alex@contoso.example");
    let reply = get(&id).refused(429, "TooManyRequests", "limit");
    let wait: u64 = reply.header("Retry-After").and_then(|it| it.parse().ok()).expect("seconds");
    assert!((1..=600).contains(&wait), "{wait}");
}

#[test]
fn a_status_fault_answers_instead_of_acting() {
    let twin = with_faults("503=100%");
    let reply = twin.json("POST", "/me/events", &event(json!({}))).refused(503, "serviceNotAvailable", "");
    assert_eq!(reply.header("Retry-After").as_deref(), Some("0.05"));
    assert_eq!(twin.json("POST", "/me/events", &event(json!({}))).status, 503);
    assert_eq!(twin.json("POST", "/me/events", &event(json!({}))).status, 201, "two in a row at most");
}

#[test]
fn a_dropped_request_was_not_done_and_a_dropped_answer_was() {
    for (faults, expected) in [("drop-before=100%", 0), ("drop-after=100%", 1)] {
        let twin = with_faults(faults);
        let cut = twin.json("POST", "/me/events", &event(json!({})));
        assert_eq!((cut.status, cut.head.as_str()), (0, ""), "{faults}");
        let listed =
            (0..3).map(|_| twin.get("/me/events")).find(|it| it.status == 200).expect("the third comes through");
        assert_eq!(listed.at("/value").as_array().map(Vec::len), Some(expected), "{faults}");
    }
}

#[test]
fn a_batch_is_cut_off_as_a_whole_and_what_was_in_it_was_done_or_not() {
    for (faults, expected) in [("drop-before=100%,only=$batch", 0), ("drop-after=100%,only=$batch", 1)] {
        let twin = with_faults(faults);
        let typed = json!({"Content-Type": "application/json"});
        let create =
            json!({"id": "1", "method": "POST", "url": "/me/events", "headers": typed, "body": event(json!({}))});
        let list = json!({"id": "2", "method": "GET", "url": "/me/events"});
        let cut = twin.json("POST", "/$batch", &json!({"requests": [create]}));
        assert_eq!((cut.status, cut.head.as_str()), (0, ""), "{faults}");
        let listed = || twin.json("POST", "/$batch", &json!({"requests": [list]}));
        let listed = (0..3).map(|_| listed()).find(|it| it.status == 200).expect("the third comes through");
        assert_eq!(listed.at("/responses/0/body/value").as_array().map(Vec::len), Some(expected), "{faults}");
    }
}

#[test]
fn a_stale_read_shows_the_event_before_its_last_change_once() {
    let twin = with_faults("stale=100%");
    let id = twin.event(json!({}));
    let path = format!("/users/alex@contoso.example/events/{id}");
    twin.json("PATCH", &path, &json!({"subject": "New"})).expect(200);
    let seen: Vec<String> = (0..2).map(|_| twin.get(&path).text("/subject")).collect();
    assert_eq!(seen, ["Weekly", "New"]);
    twin.json("PATCH", &path, &json!({"subject": "Newer"})).expect(200);
    let stale = twin.get(&path);
    let write = |tag: &str| twin.send(&format!("PATCH {path}\nIf-Match: {tag}\n\n{{\"subject\": \"Mine\"}}"));
    assert_eq!(stale.text("/subject"), "New");
    write(&stale.text("/@odata.etag")).refused(412, "ErrorIrresolvableConflict", "change key");
    write(&twin.get(&path).text("/@odata.etag")).expect(200);
}

#[test]
fn a_stale_list_shows_what_the_last_one_did_and_twice_at_most() {
    let twin = with_faults("stale-lists=100%");
    let path = "/users/alex@contoso.example/events";
    let subjects = || {
        let all = twin.get(path).at("/value").as_array().cloned().unwrap_or_default();
        all.iter().map(|it| it["subject"].as_str().unwrap_or_default().to_string()).collect::<Vec<_>>()
    };
    let (kept, gone) = (twin.event(json!({})), twin.event(json!({"subject": "Gone"})));
    assert_eq!([subjects(), subjects()], [[""; 0]; 2]);
    assert_eq!(subjects(), ["Weekly", "Gone"]);
    twin.send(&format!("DELETE {path}/{gone}")).expect(204);
    twin.json("PATCH", &format!("{path}/{kept}"), &json!({"subject": "New"})).expect(200);
    twin.event(json!({"subject": "Fresh"}));
    assert_eq!([subjects(), subjects()], [["Weekly", "Gone"]; 2]);
    assert_eq!(subjects(), ["New", "Fresh"]);
}

#[test]
fn a_token_expires_once_in_a_run() {
    let twin = with_faults("expire-token");
    let statuses: Vec<u16> = (0..20).map(|_| twin.get("/me").status).collect();
    assert_eq!(statuses.iter().filter(|it| **it == 401).count(), 1);
}

#[test]
fn a_missing_token_is_refused_and_a_wrong_one_where_tokens_are_strict() {
    let twin = twin();
    twin.send("GET /me\nAuthorization: Basic eDp5").refused(401, "InvalidAuthenticationToken", "empty");
    twin.send("GET /me\nAuthorization: bearer anything").expect(200);
    let strict = twin_with(Options { strict_tokens: true, ..Options::default() });
    strict.get("/me").refused(401, "InvalidAuthenticationToken", "validation");
    let token = strict.sandbox.token.clone();
    strict.send(&format!("GET /me\nAuthorization: Bearer {token}")).expect(200);
}
