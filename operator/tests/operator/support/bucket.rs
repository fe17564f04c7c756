//! As much of an S3 as a state needs: objects that are written over what was read of them, or over nothing.

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

#[derive(Clone, Default)]
pub struct Bucket(Arc<Mutex<Objects>>);

#[derive(Default)]
struct Objects {
    writes: u64,
    /// Which write it was, and what was written.
    all: BTreeMap<String, (u64, Bytes)>,
}

impl Bucket {
    pub fn routes(&self) -> Router {
        Router::new().fallback(answer).with_state(self.clone())
    }
}

/// The variables that open it.
pub fn opened(url: &str) -> [(&str, &str); 4] {
    let region = ("AWS_REGION", "eu-central-1");
    [("AWS_ENDPOINT_URL", url), ("AWS_ACCESS_KEY_ID", "id"), ("AWS_SECRET_ACCESS_KEY", "key"), region]
}

async fn answer(State(bucket): State<Bucket>, method: Method, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let mut objects = bucket.0.lock().unwrap();
    let path = uri.path().to_owned();
    let tag = |write: u64| format!("\"{write}\"");
    let there = objects.all.get(&path).cloned();
    match method {
        Method::PUT => {
            let asked = |name: &str| headers.get(name).map(|it| it.to_str().unwrap().to_owned());
            let now = there.map(|(write, _)| tag(write));
            let refused = asked("if-none-match").is_some_and(|_| now.is_some())
                || asked("if-match").is_some_and(|it| now != Some(it));
            if refused {
                return StatusCode::PRECONDITION_FAILED.into_response();
            }
            objects.writes += 1;
            let write = objects.writes;
            objects.all.insert(path, (write, body));
            [("etag", tag(write))].into_response()
        }
        Method::DELETE => {
            objects.all.remove(&path);
            StatusCode::NO_CONTENT.into_response()
        }
        _ => match there {
            Some((write, bytes)) => {
                let headers = [("etag", tag(write)), ("last-modified", "Sat, 28 Nov 2026 09:00:00 GMT".into())];
                (headers, bytes).into_response()
            }
            None => {
                let code = "<?xml version=\"1.0\"?><Error><Code>NoSuchKey</Code><Message>none</Message></Error>";
                (StatusCode::NOT_FOUND, code).into_response()
            }
        },
    }
}
