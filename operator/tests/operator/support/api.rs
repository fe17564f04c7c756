//! As much of an API server as an operator meets: lists, watches that a compaction ends, and status with resource versions.

use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, put};
use axum::{Json, Router};
use futures::stream::unfold;
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard};
use tokio::net::TcpListener;
use tokio::sync::watch;

/// Its objects, what became of them, and whoever waits for that.
pub struct Api {
    pub url: String,
    shared: Arc<Shared>,
}

struct Shared {
    now: Mutex<Now>,
    changed: watch::Sender<u64>,
}

#[derive(Default)]
struct Now {
    version: u64,
    /// By list and name.
    objects: BTreeMap<(String, String), Value>,
    /// What happened: version, list, event.
    events: Vec<(u64, String, Value)>,
    /// What happened until then is forgotten.
    compacted: u64,
    status_writes: u64,
    /// A list that is not answered.
    held: Option<String>,
}

type Answer = Result<Json<Value>, Refused>;

type Refused = (StatusCode, Json<Value>);

impl Api {
    pub async fn serve() -> Api {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let shared = Arc::new(Shared { now: Mutex::default(), changed: watch::Sender::new(0) });
        let one = "/apis/convoke.dev/v1/namespaces/{namespace}/{list}/{name}";
        let routes = Router::new()
            .route("/apis/convoke.dev/v1/{list}", get(list))
            .route(one, get(read))
            .route(&format!("{one}/status"), put(replace).patch(merge))
            .with_state(shared.clone());
        tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
        Api { url, shared }
    }

    /// Writes an object as a user does: its generation goes on, its status stays.
    pub fn write(&self, list: &str, object: Value) {
        let name = object["metadata"]["name"].as_str().unwrap().to_owned();
        self.write_as(list, &name, object);
    }

    /// The same under another name of its own, as one of another namespace has it.
    pub fn write_as(&self, list: &str, name: &str, object: Value) {
        self.shared.now().store(list, name, |before| {
            let generation = before.map_or(1, |it| it["metadata"]["generation"].as_u64().unwrap() + 1);
            let mut object = object;
            object["metadata"]["generation"] = generation.into();
            object["metadata"]["uid"] = name.into();
            if let Some(status) = before.and_then(|it| it.get("status")) {
                object["status"] = status.clone();
            }
            object
        });
        self.shared.tell();
    }

    pub fn delete(&self, list: &str, name: &str) {
        self.shared.now().remove(list, name);
        self.shared.tell();
    }

    /// An object; `null` where there is none.
    pub fn object(&self, list: &str, name: &str) -> Value {
        self.shared.now().objects.get(&(list.into(), name.into())).cloned().unwrap_or_default()
    }

    pub fn objects(&self) -> Vec<Value> {
        self.shared.now().objects.values().cloned().collect()
    }

    pub fn status_writes(&self) -> u64 {
        self.shared.now().status_writes
    }

    /// Answers a list with an error, until another one is held.
    pub fn hold(&self, list: Option<&str>) {
        self.shared.now().held = list.map(str::to_owned);
    }

    /// Forgets what happened: all watches end with 410.
    pub fn compact(&self) {
        let mut now = self.shared.now();
        now.version += 1;
        (now.compacted, now.events) = (now.version, vec![]);
        drop(now);
        self.shared.tell();
    }
}

impl Shared {
    fn now(&self) -> MutexGuard<'_, Now> {
        self.now.lock().unwrap()
    }

    fn tell(&self) {
        self.changed.send_modify(|number| *number += 1);
    }
}

impl Now {
    fn store(&mut self, list: &str, name: &str, change: impl FnOnce(Option<&Value>) -> Value) -> Value {
        let key = (list.to_owned(), name.to_owned());
        let before = self.objects.get(&key);
        let kind = if before.is_some() { "MODIFIED" } else { "ADDED" };
        let mut object = change(before);
        self.version += 1;
        object["metadata"]["resourceVersion"] = self.version.to_string().into();
        object["apiVersion"] = "convoke.dev/v1".into();
        object["kind"] = match list {
            "workspaces" => "Workspace".into(),
            "outlookevents" => "Event".into(),
            _ => "OnlineMeeting".into(),
        };
        self.objects.insert(key, object.clone());
        self.events.push((self.version, list.into(), json!({"type": kind, "object": object})));
        object
    }

    fn remove(&mut self, list: &str, name: &str) {
        let object = self.objects.remove(&(list.to_owned(), name.to_owned())).expect("it is there");
        self.version += 1;
        self.events.push((self.version, list.into(), json!({"type": "DELETED", "object": object})));
    }

    /// What a watch is told that has seen all until then.
    fn since(&self, list: &str, seen: u64) -> Vec<Value> {
        if seen < self.compacted {
            return vec![json!({"type": "ERROR", "object": {
                "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "code": 410, "reason": "Expired",
                "message": "too old resource version",
            }})];
        }
        let new = self.events.iter().filter(|(version, of, _)| *version > seen && of == list);
        new.map(|(_, _, event)| event.clone()).collect()
    }
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
    let now = shared.now();
    if now.held.as_ref() == Some(&list) {
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
