//! Many reads at once, and lists.

use crate::graph::server::{Call, batch_reply, error, error_body, json_reply, notes, read, reply, serve, serve_bytes};
use convoke::face::graph::{Client, Failure, Get, Note};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

fn reads(count: usize, mailboxes: usize) -> Vec<Get> {
    let of = |n: usize| read(&format!("m{}", n % mailboxes), &format!("/users/m{}/{n}", n % mailboxes));
    (0..count).map(of).collect()
}

fn echo(url: &str) -> (u16, Value, Value) {
    (200, json!({}), json!({"url": url}))
}

/// The urls of the results, or the words of the failures.
fn urls(results: Vec<Result<Value, Failure>>) -> Vec<String> {
    let word = |it: Result<Value, Failure>| match it {
        Ok(value) => value["url"].as_str().unwrap_or_default().to_string(),
        Err(failure) => failure.to_string(),
    };
    results.into_iter().map(word).collect()
}

#[tokio::test]
async fn many_reads_go_out_in_batches_of_twenty_and_come_back_in_order() {
    let server = serve(|call| async move { batch_reply(&call, echo) }).await;
    let client = server.client();
    let mut gets = reads(45, 9);
    gets[7].prefer = Some("IdType=\"ImmutableId\"".into());
    let expect: Vec<String> = gets.iter().map(|it| it.path.clone()).collect();
    assert_eq!(urls(client.read(gets).await), expect);

    let seen = server.seen();
    for call in &seen {
        let inner = call.inner();
        let ids: BTreeSet<_> = inner.iter().map(|it| it["id"].as_str().unwrap()).collect();
        assert!(inner.len() <= 20 && ids.len() == inner.len());
        assert!(inner.iter().all(|it| it["method"] == "GET" && it.get("dependsOn").is_none()));
        let prefer = inner.iter().find(|it| it["url"] == "/users/m7/7");
        assert!(prefer.is_none_or(|it| it["headers"]["Prefer"] == "IdType=\"ImmutableId\""));
    }
    let stats = client.stats();
    assert_eq!((stats.requests, stats.writes), (45, 0));
    assert_eq!(stats.round_trips as usize, seen.len());
    assert!(stats.peak_mailbox <= 4 && seen.len() < 10, "{stats:?}");
    assert!(client.read(vec![]).await.is_empty());
}

#[tokio::test]
async fn batches_that_touch_one_mailbox_never_have_more_than_four_of_it_between_them() {
    let flying: Arc<std::sync::Mutex<BTreeMap<String, usize>>> = Arc::default();
    let most = Arc::new(AtomicUsize::new(0));
    let peak = most.clone();
    let server = serve(move |call: Call| {
        let (flying, most) = (flying.clone(), peak.clone());
        async move {
            let mut here = BTreeMap::<String, usize>::new();
            for inner in call.inner() {
                let url = inner["url"].as_str().unwrap().to_string();
                *here.entry(url.split('/').nth(2).unwrap().to_string()).or_default() += 1;
            }
            // Graph runs at most four of one batch at once.
            for (mailbox, count) in &here {
                let mut flying = flying.lock().unwrap();
                let now = flying.entry(mailbox.clone()).or_default();
                *now += (*count).min(4);
                most.fetch_max(*now, Ordering::SeqCst);
            }
            for _ in 0..50 {
                tokio::task::yield_now().await;
            }
            for (mailbox, count) in &here {
                *flying.lock().unwrap().get_mut(mailbox).unwrap() -= (*count).min(4);
            }
            batch_reply(&call, echo)
        }
    })
    .await;
    let client = server.client();
    // Two callers, many mailboxes of very different size.
    let gets: Vec<Get> = reads(300, 37).into_iter().chain(reads(150, 2)).collect();
    let expect: Vec<String> = gets.iter().map(|it| it.path.clone()).collect();
    let (one, two) = tokio::join!(client.read(gets.clone()), client.read(gets));
    assert_eq!(urls(one), expect);
    assert_eq!(urls(two), expect);
    assert!(most.load(Ordering::SeqCst) <= 4, "{most:?}");
    assert_eq!(client.stats().peak_mailbox, 4);
}

#[tokio::test]
async fn only_the_reads_that_failed_are_sent_again_and_wait_what_each_was_told() {
    let server = serve(|call: Call| async move {
        let first = call.nth == 0;
        batch_reply(&call, |url| match url {
            "/users/a/1" if first => (429, json!({"retry-after": "0.06"}), error_body("TooManyRequests")),
            "/users/b/2" if first => (503, json!({}), Value::Null),
            "/users/c/3" => (404, json!({"Request-Id": "i-3"}), error_body("ErrorItemNotFound")),
            "/users/d/4" => (403, json!({}), json!("<p>denied</p>")),
            url => echo(url),
        })
    })
    .await;
    let client = server.client();
    let gets = [("a", 1), ("b", 2), ("c", 3), ("d", 4), ("e", 5)]
        .map(|(mailbox, n)| read(mailbox, &format!("/users/{mailbox}/{n}")));
    let start = Instant::now();
    let results = client.read(gets.to_vec()).await;
    assert!(start.elapsed() >= Duration::from_millis(60));
    assert!(results[2].as_ref().is_err_and(|it| it.is_absent()));
    assert_eq!(
        urls(results),
        [
            "/users/a/1",
            "/users/b/2",
            "GET /users/c/3: 404 ErrorItemNotFound: m (request-id i-3)",
            "GET /users/d/4: 403: 13 bytes that are not JSON",
            "/users/e/5",
        ]
    );
    let mut sent = BTreeMap::<String, usize>::new();
    for inner in server.seen().iter().flat_map(|call| call.inner()) {
        *sent.entry(inner["url"].as_str().unwrap().into()).or_default() += 1;
    }
    assert_eq!(sent.values().copied().collect::<Vec<_>>(), [2, 2, 1, 1, 1]);
    assert_eq!(client.stats().throttled, 1);
}

#[tokio::test]
async fn a_mailbox_that_rests_holds_up_no_other_and_fails_by_itself_past_the_deadline() {
    let server = serve(|call: Call| async move {
        batch_reply(&call, |url| match url.starts_with("/users/m0/") {
            true => (429, json!({"Retry-After": "900"}), Value::Null),
            false => echo(url),
        })
    })
    .await;
    let client = server.client_with(|it| it.parallelism = 1);
    let results = client.read(reads(60, 3)).await;
    for (n, result) in results.iter().enumerate() {
        match n % 3 {
            0 => assert!(matches!(result, Err(Failure::Throttled { .. })), "{n}"),
            _ => assert!(result.is_ok(), "{n}"),
        }
    }
}

#[tokio::test]
async fn a_batch_that_fails_as_a_whole_is_sent_again_as_a_whole() {
    for trouble in [503, 429] {
        let server = serve(move |call: Call| async move {
            match call.nth {
                0 => reply(trouble, &[("retry-after", "0.01")], ""),
                _ => batch_reply(&call, echo),
            }
        })
        .await;
        let results = server.client().read(reads(3, 2)).await;
        assert_eq!(urls(results), ["/users/m0/0", "/users/m1/1", "/users/m0/2"]);
        assert_eq!(server.seen().len(), 2);
    }
    let server = serve(|_| async { error(403, "Forbidden") }).await;
    let results = urls(server.client().read(reads(2, 2)).await);
    assert_eq!(results[1], "GET /users/m1/1: 403 Forbidden: m (request-id r-1)");
}

#[tokio::test]
async fn odd_answers_to_a_batch_neither_panic_nor_pass_for_results() {
    for (body, expect) in [
        (json!([]), "holds no `responses`"),
        (json!("x"), "holds no `responses`"),
        (json!({"responses": {}}), "holds no `responses`"),
        (json!({"responses": [1, {"id": 0, "status": 200}, {"id": "7", "status": 200}]}), "lacks"),
        (json!({"responses": [{"id": "0", "status": "200"}, {"id": "0", "status": 99999}]}), "lacks"),
    ] {
        let server = serve(move |_| {
            let body = body.clone();
            async move { json_reply(200, body) }
        })
        .await;
        // An answer that lacks ours was lost on the way, for all that is known: it is asked for again until there is no time left.
        let client = server.client_with(|it| it.deadline = Duration::from_millis(50));
        let results = urls(client.read(reads(1, 1)).await);
        assert!(results[0].contains(expect), "{results:?}");
    }
}

#[tokio::test]
async fn a_batch_whose_answers_are_too_big_together_is_taken_apart() {
    let server = serve(|call: Call| async move {
        match call.inner().len() {
            1 => batch_reply(&call, echo),
            _ => reply(200, &[], " ".repeat((64 << 20) + 1)),
        }
    })
    .await;
    let results = server.client().read(reads(3, 1)).await;
    assert_eq!(urls(results), ["/users/m0/0", "/users/m0/1", "/users/m0/2"]);
    assert_eq!(server.seen().len(), 4);
}

#[tokio::test]
async fn a_batch_whose_answer_is_lost_is_asked_again() {
    let body = json!({"responses": [{"id": "0", "status": 200, "body": {"url": "u"}}]}).to_string();
    let good = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len());
    let root = serve_bytes(vec![vec![], good.into_bytes()]).await;
    let client = crate::graph::server::client(&root, |_| {});
    assert_eq!(urls(client.read(reads(1, 1)).await), ["u"]);
}

/// Serves `pages`: the page at an url is its items and, maybe, where the next one is.
async fn listing(pages: Vec<(&'static str, Value, &'static str)>) -> (Client, Vec<String>) {
    let root = Arc::new(std::sync::OnceLock::<String>::new());
    let known = root.clone();
    let server = serve(move |call: Call| {
        let (pages, root) = (pages.clone(), known.get().unwrap().clone());
        async move {
            batch_reply(&call, |url| {
                let Some((_, items, next)) = pages.iter().find(|(it, ..)| *it == url) else {
                    return (404, json!({}), error_body("ErrorItemNotFound"));
                };
                let mut page = json!({"value": items});
                if !next.is_empty() {
                    page["@odata.nextLink"] = json!(next.replace("ROOT", &root));
                }
                (200, json!({}), page)
            })
        }
    })
    .await;
    root.set(server.root.clone()).unwrap();
    let client = server.client();
    let first = read("m", "/me/events?$top=2");
    let results = client.list(vec![Get { prefer: Some("p".into()), ..first }]).await;
    let [result] = <[_; 1]>::try_from(results).unwrap();
    let words = match result {
        Ok(items) => items.iter().map(|it| it.to_string()).collect(),
        Err(failure) => vec![failure.to_string()],
    };
    for inner in server.seen().iter().flat_map(|call| call.inner()) {
        assert_eq!(inner["headers"]["Prefer"], "p");
    }
    (client, words)
}

#[tokio::test]
async fn a_list_is_read_to_its_last_page_and_holds_each_item_once() {
    let (client, items) = listing(vec![
        ("/me/events?$top=2", json!([{"id": "a"}, {"id": "b"}]), "ROOT/me/events?$top=2&$skip=2"),
        ("/me/events?$top=2&$skip=2", json!([{"id": "b"}, {"id": "B"}, {}]), "ROOT/me/events?$skip=4"),
        ("/me/events?$skip=4", json!([{}]), ""),
    ])
    .await;
    let expect = [r#"{"id":"a"}"#, r#"{"id":"b"}"#, r#"{"id":"B"}"#, "{}", "{}"];
    assert_eq!(items, expect);
    assert_eq!(client.stats().requests, 3);
}

#[tokio::test]
async fn a_next_link_elsewhere_or_in_a_circle_is_refused() {
    let start = "/me/events?$top=2";
    for (next, expect) in [
        ("https://evil.example/v1.0/me?$skiptoken=geheim", "on another host: `evil.example`"),
        ("ROOT/../beta/me", "outside of `/v1.0`"),
        ("nonsense", "not an address"),
        ("ROOT/me/events?$top=2", "in a circle"),
    ] {
        let (client, words) = listing(vec![(start, json!([{"id": "a"}]), next)]).await;
        assert!(words[0].starts_with("GET /me/events: ") && words[0].contains(expect), "{words:?}");
        assert!(!words[0].contains("geheim"));
        assert_eq!(client.stats().requests, 1);
    }
    let (_, words) = listing(vec![(start, json!({"id": "a"}), "")]).await;
    assert_eq!(words, ["GET /me/events: the answer holds no list"]);
    let (_, words) = listing(vec![]).await;
    assert_eq!(words, ["GET /me/events: 404 ErrorItemNotFound: m (request-id r-1)"]);
}

#[tokio::test]
async fn a_list_with_a_next_link_that_always_changes_ends() {
    let root = Arc::new(std::sync::OnceLock::<String>::new());
    let known = root.clone();
    let server = serve(move |call: Call| {
        let next = format!("{}/me/events?$skip={}", known.get().unwrap(), call.nth);
        async move {
            batch_reply(&call, |_| (200, json!({}), json!({"value": [{"id": "a"}], "@odata.nextLink": next})))
        }
    })
    .await;
    root.set(server.root.clone()).unwrap();
    let results = server.client().list(vec![read("m", "/me/events?$top=2")]).await;
    let words = results[0].as_ref().unwrap_err().to_string();
    assert!(words.starts_with("GET /me/events: the list does not end"), "{words}");
    assert!(server.seen().len() < 20);
}

#[tokio::test]
async fn reads_and_single_requests_share_the_limits_of_a_mailbox() {
    let server = serve(|call: Call| async move {
        match call.path.ends_with("$batch") {
            true => batch_reply(&call, echo),
            false => reply(429, &[("retry-after", "0.1")], ""),
        }
    })
    .await;
    let mut told = None;
    let client = server.client_with(|it| {
        it.deadline = Duration::from_millis(150);
        told = Some(notes(it));
    });
    let mut told = told.unwrap();
    let single = crate::graph::server::get("/users/m0/x");
    let read = async {
        while !matches!(told.recv().await, Some(Note::Waiting { .. })) {}
        let start = Instant::now();
        let results = client.read(reads(1, 1)).await;
        (start.elapsed(), results)
    };
    let (single, (waited, results)) = tokio::join!(client.send("m0", &single), read);
    assert!(matches!(single, Err(Failure::Throttled { .. })));
    assert!(matches!(results[0], Ok(_) | Err(Failure::Throttled { .. })));
    assert!(waited >= Duration::from_millis(50), "{waited:?}");
}
