//! As much of an API server as an operator meets: lists, watches that a compaction ends, and status with resource versions.

use super::gate::serve;
use super::routes;
use axum::Router;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};
use tokio::sync::watch;

/// Its objects, what became of them, and whoever waits for that.
pub struct Api {
    pub url: String,
    shared: Arc<Shared>,
}

pub struct Shared {
    now: Mutex<Now>,
    pub changed: watch::Sender<u64>,
}

#[derive(Default)]
pub struct Now {
    pub version: u64,
    /// By list and name.
    pub objects: BTreeMap<(String, String), Value>,
    /// What happened: version, list, event.
    events: Vec<(u64, String, Value)>,
    /// What happened until then is forgotten.
    compacted: u64,
    pub status_writes: u64,
    /// A list that is not answered, and how often it was asked for.
    pub held: Option<String>,
    pub refused: u64,
    /// Events of Kubernetes.
    pub told: Vec<Value>,
    /// Secrets by name; how many changes of one are refused as if somebody else had changed it meanwhile, how the last ones that are made
    /// are answered as if they were not; and the audiences that tokens were asked for.
    pub secrets: BTreeMap<String, Value>,
    pub conflicts: u64,
    pub lost: Vec<u16>,
    pub tokens: Vec<Value>,
    /// Namespaces that go.
    pub terminating: BTreeSet<String>,
}

impl Api {
    pub async fn serve() -> Api {
        let shared = Arc::new(Shared { now: Mutex::default(), changed: watch::Sender::new(0) });
        Api { url: serve(routes::of(shared.clone())).await, shared }
    }

    /// The same for somebody else who asks it.
    pub fn routes(&self) -> Router {
        routes::of(self.shared.clone())
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
            if let Some(before) = before {
                object["status"] = before["status"].clone();
                object["metadata"]["finalizers"] = before["metadata"]["finalizers"].clone();
            }
            object
        });
        self.shared.tell();
    }

    /// Deletes an object; one that has finalizers goes once the last of them is gone.
    pub fn delete(&self, list: &str, name: &str) {
        let mut now = self.shared.now();
        let object = &now.objects[&(list.to_owned(), name.to_owned())];
        match object["metadata"]["finalizers"].as_array().is_none_or(Vec::is_empty) {
            true => now.remove(list, name),
            false => _ = now.store(list, name, |before| going(before.unwrap().clone())),
        }
        drop(now);
        self.shared.tell();
    }

    /// Deletes a namespace with all that is in it.
    pub fn delete_namespace(&self, name: &str) {
        self.shared.now().terminating.insert(name.into());
        let keys: Vec<(String, String)> = self.shared.now().objects.keys().cloned().collect();
        keys.iter().for_each(|(list, name)| self.delete(list, name));
    }

    /// Writes an annotation, as `kubectl annotate` does.
    pub fn annotate(&self, list: &str, name: &str, annotation: (&str, &str)) {
        self.shared.now().store(list, name, |before| {
            let mut object = before.unwrap().clone();
            object["metadata"]["annotations"][annotation.0] = annotation.1.into();
            object
        });
        self.shared.tell();
    }

    /// Makes a Secret.
    pub fn secret(&self, name: &str, data: &[(&str, &str)]) {
        let data: serde_json::Map<String, Value> =
            data.iter().map(|(key, value)| ((*key).to_owned(), BASE64_STANDARD.encode(value).into())).collect();
        self.shared.now().keep(name, data.into());
    }

    /// What a Secret holds, as text.
    pub fn held_in(&self, name: &str) -> BTreeMap<String, String> {
        let now = self.shared.now();
        let data = now.secrets[name]["data"].as_object().into_iter().flatten();
        let text = |it: &Value| String::from_utf8(BASE64_STANDARD.decode(it.as_str().unwrap()).unwrap()).unwrap();
        data.map(|(key, value)| (key.clone(), text(value))).collect()
    }

    /// Refuses the next changes of Secrets, as if somebody else had changed them meanwhile.
    pub fn conflict(&self, times: u64) {
        self.shared.now().conflicts = times;
    }

    /// Makes the next change of a Secret, and answers it with that status.
    pub fn lose(&self, status: u16) {
        self.shared.now().lost.push(status);
    }

    pub fn delete_secret(&self, name: &str) {
        self.shared.now().secrets.remove(name);
    }

    /// What Events of Kubernetes tell of an object: type and reason.
    pub fn told(&self, name: &str) -> Vec<(String, String)> {
        let now = self.shared.now();
        let ours = now.told.iter().filter(|it| it["involvedObject"]["name"] == name);
        ours.map(|it| (it["type"].as_str().unwrap().into(), it["reason"].as_str().unwrap().into())).collect()
    }

    /// The requests for tokens of service accounts.
    pub fn tokens(&self) -> Vec<Value> {
        self.shared.now().tokens.clone()
    }

    /// An object; `null` where there is none.
    pub fn object(&self, list: &str, name: &str) -> Value {
        self.shared.now().objects.get(&(list.into(), name.into())).cloned().unwrap_or_default()
    }

    pub fn objects(&self) -> Vec<Value> {
        self.shared.now().objects.values().cloned().collect()
    }

    /// Whether something is so of all objects; none is copied, since who waits asks often.
    pub fn all(&self, is_so: impl Fn(&Value) -> bool) -> bool {
        self.shared.now().objects.values().all(is_so)
    }

    pub fn status_writes(&self) -> u64 {
        self.shared.now().status_writes
    }

    /// How often a list was asked for that is held.
    pub fn refused(&self) -> u64 {
        self.shared.now().refused
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
    pub fn now(&self) -> MutexGuard<'_, Now> {
        self.now.lock().unwrap()
    }

    pub fn tell(&self) {
        self.changed.send_modify(|number| *number += 1);
    }
}

impl Now {
    /// Keeps a Secret.
    pub fn keep(&mut self, name: &str, data: Value) -> Value {
        self.version += 1;
        let metadata = json!({"name": name, "namespace": "meetings", "resourceVersion": self.version.to_string()});
        let secret = json!({"kind": "Secret", "apiVersion": "v1", "metadata": metadata, "data": data});
        self.secrets.insert(name.into(), secret.clone());
        secret
    }

    pub fn store(&mut self, list: &str, name: &str, change: impl FnOnce(Option<&Value>) -> Value) -> Value {
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
            "mailboxgrants" => "MailboxGrant".into(),
            _ => "OnlineMeeting".into(),
        };
        self.objects.insert(key, object.clone());
        self.events.push((self.version, list.into(), json!({"type": kind, "object": object})));
        object
    }

    pub fn remove(&mut self, list: &str, name: &str) {
        let object = self.objects.remove(&(list.to_owned(), name.to_owned())).expect("it is there");
        self.version += 1;
        self.events.push((self.version, list.into(), json!({"type": "DELETED", "object": object})));
    }

    /// What a watch is told that has seen all until then.
    pub fn since(&self, list: &str, seen: u64) -> Vec<Value> {
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

/// As somebody has deleted it.
pub fn going(mut object: Value) -> Value {
    object["metadata"]["deletionTimestamp"] = "2026-11-28T09:00:00Z".into();
    object
}
