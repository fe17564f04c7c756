//! Servers that answer as a test says, and clients for them.

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Method, Uri};
use axum::response::Response;
use convoke::face::graph::{Client, Get, Note, Settings, Token};
use convoke::face::model::{self, Again, Purpose, Request};
use serde_json::{Value, json};
use std::future::Future;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

pub const SECRET: &str = "eyJhbGciOiJub25lIn0.geheim";

/// One request as the server saw it.
#[derive(Clone)]
pub struct Call {
    /// How many came before it.
    pub nth: usize,
    pub method: Method,
    pub path: String,
    pub headers: HeaderMap,
    pub body: Value,
}

impl Call {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|it| it.to_str().ok()).unwrap_or_default()
    }

    /// The requests inside a batch.
    pub fn inner(&self) -> Vec<Value> {
        assert_eq!(self.path, "/v1.0/$batch");
        self.body["requests"].as_array().expect("a batch has requests").clone()
    }
}

pub struct Server {
    pub root: String,
    seen: Arc<Mutex<Vec<Call>>>,
}

impl Server {
    pub fn seen(&self) -> Vec<Call> {
        self.seen.lock().unwrap().clone()
    }

    pub fn client(&self) -> Client {
        self.client_with(|_| {})
    }

    pub fn client_with(&self, change: impl FnOnce(&mut Settings)) -> Client {
        client(&self.root, change)
    }
}

/// A client whose own back-off is too short to be felt.
pub fn client(root: &str, change: impl FnOnce(&mut Settings)) -> Client {
    let mut settings = Settings::new(root, Token::ready(SECRET.into()));
    settings.back_off = Duration::from_millis(2);
    settings.patience = Duration::from_secs(10);
    change(&mut settings);
    Client::new(settings).unwrap()
}

/// Collects what the client tells.
pub fn notes(settings: &mut Settings) -> tokio::sync::mpsc::UnboundedReceiver<Note> {
    let (sender, receiver) = tokio::sync::mpsc::unbounded_channel();
    settings.watch = Some(Arc::new(move |note| drop(sender.send(note))));
    receiver
}

/// Serves until the test ends.
pub async fn serve<F, A>(answer: F) -> Server
where
    F: Fn(Call) -> A + Clone + Send + Sync + 'static,
    A: Future<Output = Response> + Send + 'static,
{
    let seen: Arc<Mutex<Vec<Call>>> = Arc::default();
    let kept = seen.clone();
    let router = Router::new().fallback(move |method: Method, uri: Uri, headers: HeaderMap, body: Bytes| {
        let call = {
            let mut seen = kept.lock().unwrap();
            let nth = seen.len();
            let body = serde_json::from_slice(&body).unwrap_or_default();
            let path = uri.to_string();
            seen.push(Call { nth, method, path, headers, body });
            seen[nth].clone()
        };
        answer(call)
    });
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let root = format!("http://{}/v1.0", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    Server { root, seen }
}

/// Serves one connection for each of `answers`, in turn: reads a request, writes these bytes, hangs up.
pub async fn serve_bytes(answers: Vec<Vec<u8>>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let root = format!("http://{}/v1.0", listener.local_addr().unwrap());
    tokio::spawn(async move {
        for answer in answers {
            let (mut socket, _) = listener.accept().await.unwrap();
            let mut request = vec![];
            while !request.windows(4).any(|it| it == b"\r\n\r\n") {
                let mut some = [0; 4096];
                let read = socket.read(&mut some).await.unwrap();
                request.extend_from_slice(&some[..read]);
            }
            socket.write_all(&answer).await.unwrap();
        }
    });
    root
}

pub fn reply(status: u16, headers: &[(&str, &str)], body: impl Into<Body>) -> Response {
    let mut response = Response::builder().status(status);
    for (name, value) in headers {
        response = response.header(*name, *value);
    }
    response.body(body.into()).unwrap()
}

pub fn json_reply(status: u16, body: Value) -> Response {
    reply(status, &[("content-type", "application/json")], body.to_string())
}

/// An error as Graph words it.
pub fn error(status: u16, code: &str) -> Response {
    json_reply(status, error_body(code))
}

pub fn error_body(code: &str) -> Value {
    json!({"error": {"code": code, "message": "m", "innerError": {"request-id": "r-1"}}})
}

/// The answer to a batch: `answer` gives status, headers and body for each inner url. In reverse, since order means
/// nothing.
pub fn batch_reply(call: &Call, answer: impl Fn(&str) -> (u16, Value, Value)) -> Response {
    let mut responses = vec![];
    for inner in call.inner().iter().rev() {
        let (status, headers, body) = answer(inner["url"].as_str().unwrap());
        responses.push(json!({"id": inner["id"], "status": status, "headers": headers, "body": body}));
    }
    json_reply(200, json!({"responses": responses}))
}

pub fn get(path: &str) -> Request {
    request(model::Method::Get, path, Again::Freely)
}

pub fn patch(path: &str) -> Request {
    let body = Some(model::Body::of(&json!({"subject": "s"})));
    Request { body, ..request(model::Method::Patch, path, Again::AfterRead) }
}

pub fn request(method: model::Method, path: &str, again: Again) -> Request {
    let purpose = if method == model::Method::Get { Purpose::Observe } else { Purpose::UpdateEvent };
    Request { purpose, method, path: path.into(), again, ..Request::default() }
}

pub fn read(mailbox: &str, path: &str) -> Get {
    Get { mailbox: mailbox.into(), path: path.into(), prefer: None }
}
