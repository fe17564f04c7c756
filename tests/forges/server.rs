//! What the services have in common: JSON over HTTP, accounts by their tokens, pages of a list, and answers that are lost.

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Method, Request, Response, Uri};
use futures::stream;
use serde_json::Value;
use std::sync::{Arc, Mutex, MutexGuard};
use tokio::runtime::Runtime;

/// One request.
pub struct Ask {
    pub method: String,
    /// Without the query, decoded.
    pub path: Vec<String>,
    pub query: Vec<(String, String)>,
    pub headers: HeaderMap,
    pub body: Value,
}

/// One answer.
pub struct Answer {
    pub status: u16,
    pub body: Value,
    /// The list goes on.
    pub next: bool,
}

/// A service, as its documentation has it.
pub trait Service: Send + 'static {
    fn answer(&mut self, ask: &Ask) -> Answer;
}

/// A service that listens on loopback.
pub struct Server<S> {
    pub url: String,
    inner: Arc<Mutex<Inner<S>>>,
    _runtime: Runtime,
}

struct Inner<S> {
    service: S,
    /// What was asked, with what it was signed with.
    asked: Vec<String>,
    /// How many answers to a POST on a path with such a part are lost from now on, though what they ask for is done.
    lose: (usize, String),
}

impl Ask {
    pub fn get(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(it, _)| it == name).map(|(_, value)| value.as_str())
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|it| it.to_str().ok()).unwrap_or_default()
    }

    /// The part of a list that is asked for, 30 items unless it is said otherwise and 100 at most.
    pub fn page(&self, all: Vec<Value>) -> (Vec<Value>, bool) {
        let number = |name: &str, usual: usize| self.get(name).map_or(usual, |it| it.parse().unwrap());
        let (size, page) = (number("per_page", 30).min(100), number("page", 1));
        let rest: Vec<Value> = all.into_iter().skip((page - 1) * size).collect();
        let next = rest.len() > size;
        (rest.into_iter().take(size).collect(), next)
    }
}

impl Answer {
    pub fn new(status: u16, body: Value) -> Answer {
        Answer { status, body, next: false }
    }

    pub fn refused(status: u16, message: &str) -> Answer {
        Answer::new(status, serde_json::json!({"message": message}))
    }
}

impl<S: Service> Server<S> {
    pub fn new(service: S) -> Server<S> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let inner = Arc::new(Mutex::new(Inner { service, asked: vec![], lose: Default::default() }));
        let shared = inner.clone();
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().fallback(move |request: Request<Body>| {
            let shared = shared.clone();
            async move {
                let (parts, body) = request.into_parts();
                let body = axum::body::to_bytes(body, 16 << 20).await.unwrap();
                respond(&shared, parts.method, &parts.uri, parts.headers, &body)
            }
        });
        runtime.spawn(async move { axum::serve(listener, router).await.unwrap() });
        Server { url, inner, _runtime: runtime }
    }

    fn inner(&self) -> MutexGuard<'_, Inner<S>> {
        self.inner.lock().unwrap()
    }

    /// Does something with the service behind its back.
    pub fn with<T>(&self, work: impl FnOnce(&mut S) -> T) -> T {
        work(&mut self.inner().service)
    }

    /// Loses the next so many answers to a POST on a path with such a part.
    pub fn lose(&self, count: usize, part: &str) {
        self.inner().lose = (count, part.into());
    }

    /// What was asked so far, and forgets it.
    pub fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.inner().asked)
    }
}

fn respond<S: Service>(
    shared: &Mutex<Inner<S>>,
    method: Method,
    uri: &Uri,
    headers: HeaderMap,
    body: &Bytes,
) -> Response<Body> {
    let plain = |text: &str| percent_encoding::percent_decode_str(text).decode_utf8().unwrap().into_owned();
    let pair = |it: &str| it.split_once('=').map(|(name, value)| (plain(name), plain(value)));
    let ask = Ask {
        method: method.to_string(),
        path: uri.path().split('/').skip(1).map(plain).collect(),
        query: uri.query().unwrap_or_default().split('&').filter_map(pair).collect(),
        headers,
        body: serde_json::from_slice(body).unwrap_or_default(),
    };
    let mut inner = shared.lock().unwrap();
    inner.asked.push(format!("{method} {}", uri.path()));
    let answer = inner.service.answer(&ask);
    let lost = method == Method::POST && inner.lose.0 > 0 && uri.path().contains(&inner.lose.1);
    let text = answer.body.to_string();
    if lost {
        inner.lose.0 -= 1;
        let cut = stream::iter([Ok(Bytes::from_static(b"{")), Err(std::io::Error::other("cut"))]);
        return Response::builder().status(201).body(Body::from_stream(cut)).unwrap();
    }
    let mut response = Response::builder().status(answer.status).header("content-type", "application/json");
    if answer.next {
        // An address elsewhere, to which a token must not go.
        response = response.header("link", "<http://127.0.0.1:9/?page=2>; rel=\"next\"");
    }
    response.body(Body::from(text)).unwrap()
}
