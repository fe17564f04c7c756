//! A small API server, a twin of Graph, and the real operator between them.

pub mod api;
pub mod bucket;
pub mod entra;
pub mod gate;
pub mod inside;
mod log;
pub mod program;
mod roles;
mod routes;

use api::Api;
use convoke::face::kind::workspace::Pins;
use convoke::face::sandbox::{Options, Sandbox, serve};
use convoke_operator::Terms;
use entra::Entra;
use inside::{Operator, Swift};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;
use tokio::runtime::Runtime;

pub struct House {
    pub folder: TempDir,
    pub twin: Sandbox,
    pub runtime: Runtime,
}

impl House {
    pub fn new() -> House {
        House::with(Options::default())
    }

    /// With a twin of its own kind.
    pub fn with(options: Options) -> House {
        let _ = rustls::crypto::ring::default_provider().install_default(); // Or another story has.
        let runtime = Runtime::new().unwrap();
        let twin = runtime.block_on(serve(options)).unwrap();
        House { folder: tempfile::tempdir().unwrap(), twin, runtime }
    }

    /// A cluster that has the kinds, and no objects.
    pub fn cluster(&self) -> Api {
        self.runtime.block_on(Api::serve())
    }

    /// Who signs apps in.
    pub fn entra(&self) -> Entra {
        self.runtime.block_on(Entra::serve(self.twin.token.clone()))
    }

    /// Starts the operator on a cluster, for one tenant; its states last as long as the house.
    pub fn operator(&self, api: &Api, with: impl FnOnce(&mut Terms)) -> Operator {
        let mut terms = self.terms();
        with(&mut terms);
        Operator::start(&api.url, terms)
    }

    pub fn terms(&self) -> Terms {
        let own = BTreeMap::from([("CONVOKE_GRAPH_URL", &self.twin.url), ("CONVOKE_ACCESS_TOKEN", &self.twin.token)]);
        let own: BTreeMap<String, String> = own.into_iter().map(|(name, it)| (name.to_owned(), it.clone())).collect();
        Terms {
            namespaces: vec![],
            interval: Duration::from_secs(1800),
            states: Some(self.folder.path().join("states")),
            orphan_after: Duration::from_secs(3600),
            single_tenant: true,
            env: Arc::new(move |name| own.get(name).cloned()),
            pins: Pins::default(),
            clock: Swift::new(),
            now: Arc::new(Timestamp::now),
            boards: Arc::default(),
            tell: Arc::new(|_| {}),
        }
    }

    /// The volume with the states is lost.
    pub fn lose_state(&self) {
        std::fs::remove_dir_all(self.folder.path().join("states")).unwrap();
    }

    /// Somebody else changes a mailbox: `denied` closes it.
    pub fn edit_user(&self, with: &Value) {
        self.edit("", with);
    }

    /// Somebody else changes what is below a mailbox.
    pub fn edit(&self, path: &str, with: &Value) {
        let url = self.twin.url.replace("/v1.0", &format!("/sandbox/users/alex@contoso.example{path}"));
        let answer = self.runtime.block_on(client().patch(url).json(with).send()).unwrap();
        assert!(answer.status().is_success(), "{answer:?}");
    }

    /// What is answered: status and text.
    pub fn get(&self, address: &str, path: &str) -> (u16, String) {
        let get = client().get(format!("{address}{path}")).send();
        self.runtime.block_on(async {
            let answer = get.await.unwrap();
            (answer.status().as_u16(), answer.text().await.unwrap())
        })
    }

    /// The subjects of the events of a mailbox, in order.
    pub fn subjects(&self) -> Vec<String> {
        let url = format!("{}/users/alex@contoso.example/events?$select=subject&$top=100", self.twin.url);
        let get = client().get(url).bearer_auth(&self.twin.token).send();
        let events: Value = self.runtime.block_on(async { get.await.unwrap().json().await.unwrap() });
        let events = events["value"].as_array().unwrap().iter();
        let mut all: Vec<String> = events.map(|it| it["subject"].as_str().unwrap().to_owned()).collect();
        all.sort();
        all
    }

    /// How many requests that write the twin has seen.
    pub fn writes(&self) -> u64 {
        self.twin.counts().writes.values().sum()
    }

    /// How many mails of a kind.
    pub fn mails(&self, kind: &str) -> usize {
        self.twin.mails().iter().filter(|mail| mail.kind == kind).count()
    }
}

/// Looks at it once a minute.
pub fn often(terms: &mut Terms) {
    terms.interval = Duration::from_secs(60);
}

/// Sets more variables; an empty one is none.
pub fn set(terms: &mut Terms, more: &[(&str, &str)]) {
    let more: BTreeMap<String, String> = more.iter().map(|(name, it)| ((*name).to_owned(), (*it).to_owned())).collect();
    let own = terms.env.clone();
    terms.env = Arc::new(move |name| more.get(name).cloned().or_else(|| own(name)).filter(|it| !it.is_empty()));
}

pub fn workspace(more: Value) -> Value {
    let mut spec = json!({
        "prune": "cancel", "defaults": {"organizer": "alex@contoso.example", "timeZone": "Europe/Berlin"},
    });
    spec.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    json!({"metadata": {"name": "contoso", "namespace": "meetings"}, "spec": spec})
}

pub fn event(name: &str, subject: &str) -> Value {
    json!({
        "metadata": {"name": name, "namespace": "meetings"},
        "spec": {
            "subject": subject, "start": "2038-02-02T10:00", "duration": "45m", "attendees": ["adele@contoso.example"],
            "isOnlineMeeting": true,
        },
    })
}

/// An event that is cancelled when its object is deleted.
pub fn cancelled(name: &str, lifecycle: Value) -> Value {
    let mut object = event(name, "First");
    object["lifecycle"] = json!({"onDelete": "cancel"});
    object["lifecycle"].as_object_mut().unwrap().extend(lifecycle.as_object().unwrap().clone());
    object
}

/// Speaks to the servers of a house, none of which is HTTPS: nobody reads the machine's certificates for them.
pub fn client() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().tls_certs_only([]).build().unwrap()
}

/// The status of a condition, and its reason.
pub fn condition(object: &Value, name: &str) -> Option<(String, String)> {
    let conditions = object["status"]["conditions"].as_array()?;
    let it = conditions.iter().find(|it| it["type"] == name)?;
    Some((it["status"].as_str()?.to_owned(), it["reason"].as_str()?.to_owned()))
}

/// Whether there is no such event as an object any more.
pub fn is_gone(api: &Api, name: &str) -> bool {
    api.object("outlookevents", name).is_null()
}

pub fn is_ready(object: &Value) -> bool {
    condition(object, "Ready").is_some_and(|(status, _)| status == "True")
}
