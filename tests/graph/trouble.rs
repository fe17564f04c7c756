//! What is made of answers that are not good ones.

use crate::graph::server::{Call, client, error, get, json_reply, patch, reply, request, serve, serve_bytes};
use convoke::face::graph::{Client, Failure, Fresh, Settings, Token};
use convoke::face::model::{Again, Method, Request};
use futures::FutureExt;
use serde_json::json;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

const ANA: &str = "ana@contoso.example";

#[tokio::test]
async fn a_lost_answer_is_asked_for_again_only_where_that_does_no_harm() {
    let good = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}".to_vec();
    let torn = b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{\"id\"".to_vec();
    for lost in [vec![], torn] {
        let root = serve_bytes(vec![lost.clone(), good.clone()]).await;
        let client = client(&root, |_| {});
        client.send(ANA, &get("/me/events/x")).await.unwrap();
        assert_eq!(client.stats().retries, 1);

        let root = serve_bytes(vec![lost, good.clone()]).await;
        let client = self::client(&root, |_| {});
        let failure = client.send(ANA, &patch("/me/events/x")).await.unwrap_err();
        assert!(failure.is_lost() && failure.hint(None).is_some(), "{failure}");
        assert!(failure.to_string().starts_with("PATCH /me/events/x: no answer: "), "{failure}");
        assert_eq!(client.stats().requests, 1);
    }
}

#[tokio::test]
async fn a_silent_server_counts_as_a_lost_answer() {
    let server = serve(|_| async { std::future::pending().await }).await;
    let client = server.client_with(|it| it.patience = Duration::from_millis(30));
    let failure = client.send(ANA, &patch("/me/events/x")).await.unwrap_err();
    assert_eq!(failure.to_string(), "PATCH /me/events/x: no answer: nothing came in time");
}

#[tokio::test]
async fn troubles_of_graph_pass_or_are_handed_back() {
    for (status, code, request, expect, sent) in [
        (503, "", get("/me/events/x"), None, 3),
        (500, "ErrorInternalServerTransientError", get("/me/events/x"), None, 3),
        (500, "ErrorQuota", get("/me/events/x"), Some("500 ErrorQuota: m (request-id r-1)"), 1),
        (504, "UnknownError", patch("/me/events/x"), Some("no answer: Graph answered 504"), 1),
        (412, "ErrorIrresolvableConflict", patch("/me/events/x"), Some("412 ErrorIrr"), 1),
    ] {
        let server = serve(move |call: Call| async move {
            match call.nth {
                0 | 1 => error(status, code),
                _ => json_reply(200, json!({})),
            }
        })
        .await;
        let got = server.client().send(ANA, &request).await;
        match (got, expect) {
            (Ok(_), None) => {}
            (Err(failure), Some(expect)) => {
                assert!(failure.to_string().contains(expect), "{failure}");
                assert_eq!(failure.is_lost(), status == 504);
                assert_eq!(failure.is_stale(), status == 412);
            }
            (got, _) => panic!("{status} {code}: {got:?}"),
        }
        assert_eq!(server.seen().len(), sent, "{status} {code}");
    }
}

/// What became of the last attempt says nothing of the one before it.
#[tokio::test]
async fn a_write_that_was_sent_before_may_have_been_done_whatever_comes_after() {
    for (first, then, perhaps) in [
        (504, 403, true),
        (503, 429, true),
        (500, 412, true),
        (429, 403, false),
        (429, 412, false),
        (403, 200, false),
        (400, 200, false),
    ] {
        let server = serve(move |call: Call| async move {
            match if call.nth == 0 { first } else { then } {
                429 if call.nth > 0 => reply(429, &[("retry-after", "900")], ""),
                429 => reply(429, &[("retry-after", "0.01")], ""),
                status => error(status, ""),
            }
        })
        .await;
        let delete = request(Method::Delete, "/me/events/x", Again::Freely);
        let failure = server.client().send(ANA, &delete).await.unwrap_err();
        assert_eq!(failure.is_perhaps_done(), perhaps, "{first} {then}: {failure}");
        assert!(failure.to_string().starts_with("DELETE /me/events/x: "), "{failure}");
    }
    // Graph's own trouble, of which it says that it does not pass.
    let server = serve(|_| async { error(500, "ErrorQuota") }).await;
    let delete = request(Method::Delete, "/me/events/x", Again::Freely);
    assert!(server.client().send(ANA, &delete).await.unwrap_err().is_perhaps_done());
}

#[tokio::test]
async fn a_redirect_is_refused_and_its_target_never_sees_the_token() {
    let other = serve(|_| async { json_reply(200, json!({})) }).await;
    let location = other.root.clone() + "/secret-place";
    let server = serve(move |_| {
        let location = location.clone();
        async move { reply(307, &[("location", &location)], "") }
    })
    .await;
    let failure = server.client().send(ANA, &get("/me/events/x")).await.unwrap_err();
    assert!(matches!(failure, Failure::Refused { status: 307, .. }));
    let text = failure.to_string();
    assert!(text.contains("127.0.0.1") && !text.contains("secret-place"), "{text}");
    assert!(other.seen().is_empty());
}

#[tokio::test]
async fn a_refusal_is_told_apart_whatever_its_body() {
    let html = "<html><head><title>502 Bad Gateway</title></head></html>";
    for (status, kind, body, absent, expect) in [
        (
            404,
            "application/json",
            r#"{"error":{"code":"ErrorItemNotFound","message":"gone"}}"#,
            true,
            "404 ErrorItemNotFound: gone (request-id h-1)",
        ),
        (
            404,
            "application/json",
            r#"{"error":{"code":"Request_ResourceNotFound"}}"#,
            false,
            "404 Request_ResourceNotFound",
        ),
        (404, "", "", false, "404 (request-id h-1)"),
        (404, "text/html", "<p>no</p>", false, "404: 9 bytes of text/html"),
        (403, "text/html", html, false, "403: a page `502 Bad Gateway`"),
        (
            400,
            "application/json",
            r#"{"error":{"code":"x","message":"see https://teams.microsoft.com/l/meetup-join/19?p=1"}}"#,
            false,
            "400 x: see https://teams.microsoft.com/… (request-id",
        ),
    ] {
        let server =
            serve(move |_| async move { reply(status, &[("request-id", "h-1"), ("content-type", kind)], body) }).await;
        let path = "/users/ana%40contoso.example/events/AAMkAGI1AAAoZCfHAAA=?$filter=joinWebUrl";
        let failure = server.client().send(ANA, &get(path)).await.unwrap_err();
        let text = failure.to_string();
        let expect = format!("GET /users/ana@contoso.example/events/AAMkAGI1AAAo…: {expect}");
        assert!(text.starts_with(&expect), "{text}");
        assert_eq!(failure.is_absent(), absent, "{text}");
    }
}

#[tokio::test]
async fn a_page_that_says_200_is_not_taken_for_an_answer() {
    let page = "<title>Sign in to the guest network</title>";
    let server = serve(move |_| async move { reply(200, &[("content-type", "text/html")], page) }).await;
    let client = server.client();
    let read = client.send(ANA, &get("/me/events/x")).await.unwrap_err();
    assert!(matches!(&read, Failure::Local(_)) && read.to_string().contains("guest network"));
    let write = client.send(ANA, &patch("/me/events/x")).await.unwrap_err();
    assert!(write.is_lost());
    assert_eq!(server.seen().len(), 2);
}

#[tokio::test]
async fn a_refused_token_is_renewed_once_and_never_shown() {
    let server = serve(|call: Call| async move {
        match call.header("authorization") {
            "Bearer t2" => json_reply(200, json!({})),
            _ => error(401, "InvalidAuthenticationToken"),
        }
    })
    .await;
    for (start, expect, sent) in [(0, true, 2), (5, false, 2)] {
        let count = AtomicUsize::new(start);
        let token = Token::fetched(move || {
            let bearer = format!("t{}", count.fetch_add(1, Ordering::SeqCst) + 1);
            let expires = Instant::now() + Duration::from_secs(3600);
            async move { Ok(Fresh { bearer, expires }) }.boxed()
        });
        let before = server.seen().len();
        let got = server.client_with(|it| it.token = token).send(ANA, &get("/me")).await;
        assert_eq!(got.is_ok(), expect);
        assert_eq!(server.seen().len() - before, sent);
    }
    let client = server.client();
    let failure = client.send(ANA, &get("/me")).await.unwrap_err();
    assert!(failure.hint(None).unwrap().contains("expired"));
    let shown = format!("{failure} {failure:?} {client:?} {:?}", failure.hint(None));
    assert!(!shown.contains("geheim"), "{shown}");
}

#[tokio::test]
async fn an_unreachable_host_is_named() {
    // Bound and dropped: nobody listens there.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let root = format!("http://{}/v1.0", listener.local_addr().unwrap());
    drop(listener);
    let client = client(&root, |_| {});
    for request in [get("/me/events/x"), patch("/me/events/x")] {
        let failure = client.send(ANA, &request).await.unwrap_err();
        assert!(matches!(failure, Failure::Local(_)));
        let hint = failure.hint(None).unwrap();
        assert!(failure.to_string().starts_with("cannot reach `127.0.0.1:"), "{failure}");
        assert!(hint.contains("127.0.0.1"), "{hint}");
    }
    assert_eq!(client.stats().requests, 6);
}

#[tokio::test]
async fn an_endless_answer_is_cut_off() {
    let server = serve(|_| async { reply(200, &[], " ".repeat((64 << 20) + 1)) }).await;
    let failure = server.client().send(ANA, &get("/me/events/x")).await.unwrap_err();
    assert!(failure.to_string().contains("more than 64 MB"), "{failure}");
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn what_cannot_be_sent_is_not_sent() {
    let server = serve(|_| async { json_reply(200, json!({})) }).await;
    let client = server.client();
    let torn = Request { if_match: Some("a\r\nb: c".into()), ..patch("/me/events/x") };
    for request in [get("/../beta/me"), get("me"), torn] {
        let failure = client.send(ANA, &request).await.unwrap_err();
        assert!(matches!(failure, Failure::Local(_)), "{failure}");
    }
    assert!(server.seen().is_empty());
    let none = Settings { parallelism: 0, ..Settings::new(&server.root, Token::ready("t".into())) };
    assert!(Client::new(none).is_err());
}
