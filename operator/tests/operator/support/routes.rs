//! What the small API server answers.

use super::api::{Shared, going};
use super::roles;
use axum::body::Body;
use axum::extract::{Path, Query, Request, State};
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use axum::{Json, Router};
use futures::stream::unfold;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::Arc;

/// Answers what the roles in `deploy` allow the operator, and nothing else.
async fn allowed(request: Request, next: Next) -> Response {
    match roles::allow(request.method(), request.uri()) {
        true => next.run(request).await,
        false => failure(StatusCode::FORBIDDEN, "Forbidden").into_response(),
    }
}

type Answer = Result<Json<Value>, Refused>;

type Refused = (StatusCode, Json<Value>);

pub fn of(shared: Arc<Shared>) -> Router {
    let one = "/apis/convoke.dev/v1/namespaces/{namespace}/{list}/{name}";
    Router::new()
        .route("/apis/convoke.dev/v1/{list}", get(list))
        .route(one, get(read).patch(edit))
        .route(&format!("{one}/status"), put(replace).patch(merge))
        .route("/api/v1/namespaces/{namespace}", get(namespace))
        .route("/api/v1/namespaces/{namespace}/events", post(told))
        .route("/api/v1/namespaces/{namespace}/secrets/{name}", get(secret).patch(change))
        .route("/api/v1/namespaces/{namespace}/serviceaccounts/{name}/token", post(token))
        .layer(from_fn(allowed))
        .with_state(shared)
}

async fn list(
    State(shared): State<Arc<Shared>>,
    Path(list): Path<String>,
    Query(query): Query<HashMap<String, String>>,
) -> Response {
    if query.get("watch").is_some_and(|it| it == "true") {
        let seen = query.get("resourceVersion").and_then(|it| it.parse().ok()).unwrap_or_default();
        return watched(shared, list, seen);
    }
    let mut now = shared.now();
    if now.held.as_ref() == Some(&list) {
        now.refused += 1;
        return failure(StatusCode::INTERNAL_SERVER_ERROR, "InternalError").into_response();
    }
    let items: Vec<&Value> = now.objects.iter().filter(|((of, _), _)| *of == list).map(|(_, it)| it).collect();
    let metadata = json!({"resourceVersion": now.version.to_string()});
    Json(json!({"kind": "List", "apiVersion": "convoke.dev/v1", "metadata": metadata, "items": items})).into_response()
}

fn watched(shared: Arc<Shared>, list: String, seen: u64) -> Response {
    let changed = shared.changed.subscribe();
    let stream = unfold((shared, list, Some(seen), changed), async |(shared, list, seen, mut changed)| {
        let mut seen = seen?;
        loop {
            changed.borrow_and_update();
            let (events, version) = {
                let now = shared.now();
                (now.since(&list, seen), now.version)
            };
            if !events.is_empty() {
                let ends = events.iter().any(|it| it["type"] == "ERROR");
                seen = version;
                let mark = json!({"type": "BOOKMARK", "object": {
                    "apiVersion": "convoke.dev/v1", "kind": "Any", "metadata": {"resourceVersion": version.to_string()},
                }});
                let told = events.iter().chain((!ends).then_some(&mark)).map(|it| it.to_string() + "\n").collect();
                return Some((Ok::<String, std::io::Error>(told), (shared, list, (!ends).then_some(seen), changed)));
            }
            changed.changed().await.ok()?;
        }
    });
    Body::from_stream(stream).into_response()
}

type One = Path<(String, String, String)>;

async fn read(State(shared): State<Arc<Shared>>, Path((_, list, name)): One) -> Answer {
    let object = shared.now().objects.get(&(list, name)).cloned();
    object.map(Json).ok_or_else(|| failure(StatusCode::NOT_FOUND, "NotFound"))
}

async fn replace(State(shared): State<Arc<Shared>>, Path((_, list, name)): One, Json(new): Json<Value>) -> Answer {
    shared.status(&list, &name, &new, |_| new["status"].clone())
}

async fn merge(State(shared): State<Arc<Shared>>, Path((_, list, name)): One, body: axum::body::Bytes) -> Answer {
    let patch: Value = serde_json::from_slice(&body).unwrap();
    shared.status(&list, &name, &patch, |before| {
        let mut status = before.as_object().cloned().unwrap_or_default();
        status.extend(patch["status"].as_object().unwrap().clone());
        status.retain(|_, it| !it.is_null());
        status.into()
    })
}

async fn edit(State(shared): State<Arc<Shared>>, Path((_, list, name)): One, body: axum::body::Bytes) -> Answer {
    let patch: Value = serde_json::from_slice(&body).unwrap();
    let mut now = shared.now();
    let Some(mut object) = now.objects.get(&(list.clone(), name.clone())).cloned() else {
        return Err(failure(StatusCode::NOT_FOUND, "NotFound"));
    };
    if patch["metadata"]["resourceVersion"] != object["metadata"]["resourceVersion"] {
        return Err(failure(StatusCode::CONFLICT, "Conflict"));
    }
    // Of what is not a status, an operator changes finalizers alone.
    let finalizers = &patch["metadata"]["finalizers"];
    assert!(patch.as_object().unwrap().len() == 1 && patch["metadata"].as_object().unwrap().len() == 2, "{patch}");
    object["metadata"]["finalizers"] = finalizers.clone();
    let goes = object["metadata"].get("deletionTimestamp").is_some() && finalizers == &json!([]);
    let stored = now.store(&list, &name, |_| object);
    if goes {
        now.remove(&list, &name);
    }
    drop(now);
    shared.tell();
    Ok(Json(stored))
}

async fn secret(State(shared): State<Arc<Shared>>, Path((_, name)): Path<(String, String)>) -> Answer {
    let secret = shared.now().secrets.get(&name).cloned();
    secret.map(Json).ok_or_else(|| failure(StatusCode::NOT_FOUND, "NotFound"))
}

async fn change(
    State(shared): State<Arc<Shared>>,
    Path((_, name)): Path<(String, String)>,
    body: axum::body::Bytes,
) -> Answer {
    let patch: Value = serde_json::from_slice(&body).unwrap();
    let mut now = shared.now();
    let Some(secret) = now.secrets.get(&name).cloned() else { return Err(failure(StatusCode::NOT_FOUND, "NotFound")) };
    let is_refused = now.conflicts > 0;
    now.conflicts -= u64::from(is_refused);
    if is_refused || patch["metadata"]["resourceVersion"] != secret["metadata"]["resourceVersion"] {
        return Err(failure(StatusCode::CONFLICT, "Conflict"));
    }
    let mut data = secret["data"].as_object().cloned().unwrap_or_default();
    data.extend(patch["data"].as_object().unwrap().clone());
    data.retain(|_, it| !it.is_null());
    let kept = now.keep(&name, data.into());
    match now.lost.pop() {
        Some(status) => Err(failure(StatusCode::from_u16(status).unwrap(), "Timeout")),
        None => Ok(Json(kept)),
    }
}

async fn token(
    State(shared): State<Arc<Shared>>,
    Path((_, name)): Path<(String, String)>,
    Json(mut asked): Json<Value>,
) -> Answer {
    shared.now().tokens.push(asked.clone());
    asked["status"] = json!({"token": format!("token-of-{name}"), "expirationTimestamp": "2038-01-01T00:00:00Z"});
    Ok(Json(asked))
}

async fn told(State(shared): State<Arc<Shared>>, Json(event): Json<Value>) -> Answer {
    shared.now().told.push(event.clone());
    Ok(Json(event))
}

async fn namespace(State(shared): State<Arc<Shared>>, Path(name): Path<String>) -> Answer {
    let mut metadata = json!({"name": name});
    if shared.now().terminating.contains(&name) {
        metadata = going(json!({"metadata": metadata}))["metadata"].clone();
    }
    Ok(Json(json!({"kind": "Namespace", "apiVersion": "v1", "metadata": metadata})))
}

impl Shared {
    fn status(&self, list: &str, name: &str, sent: &Value, change: impl FnOnce(&Value) -> Value) -> Answer {
        let mut now = self.now();
        let Some(object) = now.objects.get(&(list.into(), name.into())).cloned() else {
            return Err(failure(StatusCode::NOT_FOUND, "NotFound"));
        };
        let version = sent["metadata"].get("resourceVersion");
        if version.is_some_and(|it| *it != object["metadata"]["resourceVersion"]) {
            return Err(failure(StatusCode::CONFLICT, "Conflict"));
        }
        now.status_writes += 1;
        let status = change(&object["status"]);
        let stored = now.store(list, name, |_| {
            let mut object = object;
            object["status"] = status;
            object
        });
        drop(now);
        self.tell();
        Ok(Json(stored))
    }
}

fn failure(status: StatusCode, reason: &str) -> Refused {
    let code = status.as_u16();
    let body = json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "code": code,
        "reason": reason, "message": reason});
    (status, Json(body))
}
