//! A gate before the servers of one operator: it counts what passes, and stops all of it from one request on, until it is opened.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use reqwest::Client;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::net::TcpListener;
use tokio::sync::watch;

#[derive(Clone)]
pub struct Gate(Arc<Inner>);

struct Inner {
    passed: AtomicU64,
    stops_at: u64,
    /// What is stopped is done, and only its answer is not given.
    done: bool,
    now: watch::Sender<Now>,
}

#[derive(Clone, Copy, PartialEq)]
enum Now {
    Counting,
    Closed,
    Open,
}

impl Gate {
    /// Stops the request with this number, which counts from 1, and all that come later: before they are `done`, or their answers.
    pub fn at(stops_at: u64, done: bool) -> Gate {
        Gate(Arc::new(Inner { passed: AtomicU64::new(0), stops_at, done, now: watch::Sender::new(Now::Counting) }))
    }

    pub fn is_closed(&self) -> bool {
        *self.0.now.borrow() == Now::Closed
    }

    /// Lets all go on.
    pub fn open(&self) {
        self.0.now.send_replace(Now::Open);
    }

    /// How many requests came.
    pub fn passed(&self) -> u64 {
        self.0.passed.load(Ordering::SeqCst)
    }

    async fn pass(&self) {
        if self.0.passed.fetch_add(1, Ordering::SeqCst) + 1 < self.0.stops_at {
            return;
        }
        self.0.now.send_if_modified(|now| {
            let closes = *now == Now::Counting;
            *now = if closes { Now::Closed } else { *now };
            closes
        });
        let _ = self.0.now.subscribe().wait_for(|now| *now == Now::Open).await; // The sender is ours.
    }

    /// Serves routes behind it; a watch passes by. Returns the address.
    pub async fn before(&self, routes: Router) -> String {
        serve(routes.layer(from_fn_with_state(self.clone(), pass))).await
    }

    /// Serves what stands at another address behind it. Returns the address.
    pub async fn before_server(&self, url: &str) -> String {
        let to = (super::client(), url.to_owned());
        self.before(Router::new().fallback(forward).with_state(to)).await
    }
}

/// Serves routes on loopback, and returns the address.
pub async fn serve(routes: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
    url
}

async fn pass(State(gate): State<Gate>, request: Request, next: Next) -> Response {
    let watches = request.uri().query().unwrap_or_default().contains("watch=");
    match (watches, gate.0.done) {
        (true, _) => next.run(request).await,
        (false, false) => {
            gate.pass().await;
            next.run(request).await
        }
        (false, true) => {
            let answer = next.run(request).await;
            gate.pass().await;
            answer
        }
    }
}

async fn forward(
    State((client, url)): State<(Client, String)>,
    method: Method,
    uri: Uri,
    mut headers: HeaderMap,
    body: Bytes,
) -> Response {
    headers.remove("host");
    let Ok(answer) = client.request(method, format!("{url}{uri}")).headers(headers).body(body).send().await else {
        return StatusCode::BAD_GATEWAY.into_response();
    };
    let (status, mut headers) = (answer.status(), answer.headers().clone());
    headers.remove("transfer-encoding");
    (status, headers, answer.bytes().await.unwrap_or_default()).into_response()
}
