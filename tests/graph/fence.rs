//! Writes under a lock, which may be over before they are.

use crate::graph::server::{Call, Server, error, get, json_reply, patch, reply, request, serve};
use convoke::face::graph::{Client, Failure};
use convoke::face::model::{Again, Method};
use convoke::face::trouble::Trouble;
use futures::FutureExt;
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

const ANA: &str = "ana@contoso.example";

/// A client that may write for so many attempts, each time for no longer than that.
fn fenced(server: &Server, attempts: u64, left: Duration) -> Client {
    let asked = AtomicU64::new(0);
    server.client().fenced(Arc::new(move || {
        let over = asked.fetch_add(1, Ordering::SeqCst) >= attempts;
        let left = if over { Err(Trouble::new("the lock is over").hint("apply again")) } else { Ok(left) };
        std::future::ready(left).boxed()
    }))
}

const LONG: Duration = Duration::from_secs(60);

#[tokio::test]
async fn what_may_not_be_written_any_more_is_not_sent_and_reads_are() {
    let server = serve(|_| async { json_reply(200, json!({})) }).await;
    let client = fenced(&server, 0, LONG);
    let failure = client.send(ANA, &patch("/me/events/x")).await.unwrap_err();
    assert!(matches!(failure, Failure::Local(_)) && !failure.is_lost(), "{failure}");
    let told = client.trouble(&failure);
    assert!(told.what.contains("the lock is over") && told.hint.is_some_and(|hint| hint.contains("apply again")));
    client.send(ANA, &get("/me/events/x")).await.unwrap();
    let seen: Vec<_> = server.seen().into_iter().map(|call| call.method).collect();
    assert_eq!(seen, ["GET"]);
}

#[tokio::test]
async fn every_attempt_asks() {
    let server = serve(|call: Call| async move {
        match call.nth {
            0 => reply(429, &[("retry-after", "0.01")], ""),
            _ => json_reply(200, json!({})),
        }
    })
    .await;
    fenced(&server, 2, LONG).send(ANA, &patch("/me/events/x")).await.unwrap();
    let server = serve(|_| async { reply(429, &[("retry-after", "0.01")], "") }).await;
    let failure = fenced(&server, 1, LONG).send(ANA, &patch("/me/events/x")).await.unwrap_err();
    // It was turned away unread, so it was certainly not done.
    assert!(!failure.is_lost() && server.seen().len() == 1, "{failure}");
}

#[tokio::test]
async fn a_write_that_is_not_sent_again_may_have_been_done_the_first_time() {
    let server = serve(|_| async { error(503, "ServiceUnavailable") }).await;
    let delete = request(Method::Delete, "/me/events/x", Again::Freely);
    let failure = fenced(&server, 1, LONG).send(ANA, &delete).await.unwrap_err();
    assert!(failure.is_lost() && failure.to_string().contains("the lock is over"), "{failure}");
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn a_write_is_not_waited_for_longer_than_the_lock_holds() {
    let server = serve(|_| std::future::pending()).await;
    let from = Instant::now();
    let failure = fenced(&server, 1, Duration::from_millis(20)).send(ANA, &patch("/me/events/x")).await.unwrap_err();
    assert!(failure.is_lost() && from.elapsed() < Duration::from_secs(9), "{failure}");
}
