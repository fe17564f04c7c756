//! Single requests.

use crate::graph::server::{Call, SECRET, error, get, json_reply, notes, patch, reply, request, serve};
use convoke::face::graph::{Failure, Note};
use convoke::face::model::{Again, Method};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::Barrier;

const ANA: &str = "ana@contoso.example";

#[tokio::test]
async fn a_request_carries_its_headers_and_a_fresh_id_for_each_attempt() {
    let server = serve(|call: Call| async move {
        match call.nth {
            0 => reply(429, &[("retry-after", "0.01")], ""),
            _ => json_reply(200, json!({"@odata.etag": "W/\"2\"", "id": "x"})),
        }
    })
    .await;
    let mut request = patch("/users/ana%40contoso.example/events/x?$select=id");
    request.prefer = Some("IdType=\"ImmutableId\"".into());
    request.if_match = Some("W/\"1\"".into());
    let answer = server.client().send(ANA, &request).await.unwrap();
    assert_eq!((answer.status, answer.etag.as_deref()), (200, Some("W/\"2\"")));
    assert_eq!(answer.body["id"], "x");

    let seen = server.seen();
    for call in &seen {
        assert_eq!(call.method, "PATCH");
        assert_eq!(call.path, "/v1.0/users/ana%40contoso.example/events/x?$select=id");
        assert_eq!(call.header("authorization"), format!("Bearer {SECRET}"));
        assert_eq!(call.header("prefer"), "IdType=\"ImmutableId\"");
        assert_eq!(call.header("if-match"), "W/\"1\"");
        assert_eq!(call.header("content-type"), "application/json");
        assert_eq!(call.header("client-request-id").len(), 36);
        assert_eq!(call.body, json!({"subject": "s"}));
    }
    assert_eq!(seen.len(), 2);
    assert_ne!(seen[0].header("client-request-id"), seen[1].header("client-request-id"));
}

#[tokio::test]
async fn an_empty_answer_is_null_and_an_empty_post_says_that_it_is_empty() {
    let server = serve(|_| async { reply(202, &[], "") }).await;
    let cancel = request(Method::Post, "/me/events/x/cancel", Again::Freely);
    let answer = server.client().send("me", &cancel).await.unwrap();
    assert_eq!((answer.status, answer.body, answer.etag), (202, Value::Null, None));
    assert_eq!(server.seen()[0].header("content-length"), "0");
}

#[tokio::test]
async fn a_throttled_request_waits_what_graph_asks_to_the_fraction_and_counts() {
    for (request, writes) in [(get("/me/events/x"), 0), (patch("/me/events/x"), 3)] {
        let server = serve(|call: Call| async move {
            match call.nth {
                0 => reply(429, &[("retry-after", "0.08")], ""),
                1 => error(429, "ApplicationThrottled"),
                _ => json_reply(200, json!({})),
            }
        })
        .await;
        let client = server.client();
        let start = Instant::now();
        client.send(ANA, &request).await.unwrap();
        assert!(start.elapsed() >= Duration::from_millis(80));
        let stats = client.stats();
        assert_eq!((stats.requests, stats.retries, stats.throttled), (3, 2, 2));
        assert_eq!((stats.round_trips, stats.writes), (3, writes));
        assert!((0.08..0.2).contains(&stats.waited), "{}", stats.waited);
    }
}

#[tokio::test]
async fn a_wait_past_the_deadline_is_not_waited() {
    let server = serve(|_| async { reply(429, &[("retry-after", "3600")], "") }).await;
    let client = server.client();
    // The second one is not even sent: the mailbox rests.
    for _ in 0..2 {
        let failure = client.send(ANA, &get("/me/events/x")).await.unwrap_err();
        assert!(matches!(&failure, Failure::Throttled { wait, .. } if wait.as_secs() >= 3590));
        assert!(failure.to_string().starts_with("GET /me/events/x: Graph asks to wait"));
    }
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn while_a_mailbox_rests_others_go_on_and_its_own_requests_wait() {
    let server = serve(|call: Call| async move {
        match call.path.contains("/ana") {
            true => reply(429, &[("retry-after", "60")], ""),
            false => json_reply(200, json!({})),
        }
    })
    .await;
    let mut told = None;
    let client = server.client_with(|settings| {
        settings.parallelism = 1;
        told = Some(notes(settings));
    });
    let (ana, other) = (get("/users/ana/events/x"), get("/users/bob/events/x"));
    let waiting = [client.send("Ana", &ana), client.send("ana", &ana)];
    let mut waiting = futures::future::select_all(waiting.map(Box::pin));
    let mut told = told.unwrap();
    let rests = async {
        while !matches!(told.recv().await, Some(Note::Waiting { .. })) {}
        client.send("bob", &other).await
    };
    tokio::select! {
        _ = &mut waiting => panic!("a mailbox that rests was asked"),
        bob = rests => assert_eq!(bob.unwrap().status, 200),
    }
    let asked = |who: &str| server.seen().iter().filter(|it| it.path.contains(who)).count();
    assert_eq!((asked("/ana"), asked("/bob")), (1, 1));
}

#[tokio::test]
async fn a_mailbox_has_four_in_flight_and_never_more() {
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let gate = Arc::new(Barrier::new(4));
    let peak = most.clone();
    let server = serve(move |_| {
        let (now, most, gate) = (now.clone(), peak.clone(), gate.clone());
        async move {
            most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            gate.wait().await; // Opens only when four are there together.
            now.fetch_sub(1, Ordering::SeqCst);
            json_reply(200, json!({}))
        }
    })
    .await;
    let client = server.client();
    let request = get("/me/events/x");
    let all = (0..20).map(|_| client.send(ANA, &request));
    for answer in futures::future::join_all(all).await {
        answer.unwrap();
    }
    assert_eq!(most.load(Ordering::SeqCst), 4);
    let stats = client.stats();
    assert_eq!((stats.peak_mailbox, stats.peak, stats.requests), (4, 4, 20));
}

#[tokio::test]
async fn a_packed_answer_is_unpacked() {
    let packed = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xab\x56\xca\x4c\x51\xb2\x52\x2a\x48\
        \x4c\xce\x4e\x4d\x51\xaa\x05\x00\xc6\x08\x56\xa7\x0f\x00\x00\x00";
    let server = serve(move |call: Call| async move {
        assert!(call.header("accept-encoding").contains("gzip"));
        reply(200, &[("content-encoding", "gzip")], &packed[..])
    })
    .await;
    let answer = server.client().send(ANA, &get("/me/events/x")).await.unwrap();
    assert_eq!(answer.body, json!({"id": "packed"}));
}

#[tokio::test]
async fn what_happens_is_told_without_queries_ids_and_bodies() {
    let server = serve(|call: Call| async move {
        match call.nth {
            0 => reply(429, &[("retry-after", "0.01")], ""),
            _ => json_reply(200, json!({})),
        }
    })
    .await;
    let mut told = None;
    let client = server.client_with(|settings| told = Some(notes(settings)));
    let path = "/me/events/AAMkAGI1AAAoZCfHAAA=?x=geheim";
    client.send("me", &get(path)).await.unwrap();
    drop(client);
    let mut told = told.unwrap();
    let mut notes = vec![];
    while let Some(note) = told.recv().await {
        notes.push(note);
    }
    let (method, path) = (Method::Get, "/me/events/AAMkAGI1AAAo…".to_string());
    let sent = Note::Sent { method, path: path.clone() };
    let waiting = Note::Waiting { seconds: 0.01, mailbox: "me".into() };
    let retrying = Note::Retrying { method, path, seconds: 0.01, why: "429".into() };
    assert_eq!(notes, [sent.clone(), waiting, retrying, sent]);
}
