//! The objects of a cluster as they were last seen, and the way to write their status.

use crate::finalizer::HOLD;
use crate::{Tell, Terms};
use anyhow::Result;
use convoke::face::kind::crd::{GRANTS, LISTS, MailboxGrant};
use convoke::face::kind::schema::{API_VERSION, Declared};
use convoke::face::kind::workspace::Patterns;
use futures::StreamExt;
use futures::future::join_all;
use jiff::Timestamp;
use k8s_openapi::api::core::v1::{Event as Told, Namespace};
use kube::api::{ApiResource, DynamicObject, GroupVersionKind, Patch, PatchParams, PostParams};
use kube::runtime::reflector::Store;
use kube::runtime::reflector::store::Writer;
use kube::runtime::watcher::Event;
use kube::runtime::{WatchStreamExt, watcher};
use kube::{Api, Client, ResourceExt};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use tokio::sync::watch;

/// An object, and what it declares.
#[derive(Clone)]
pub struct Seen {
    pub declared: Declared,
    pub object: Arc<DynamicObject>,
}

impl Seen {
    /// As an API server answers it.
    pub fn value(&self) -> Value {
        serde_json::to_value(&*self.object).expect("it came as JSON")
    }

    /// As a plan has it: `Event/weekly`.
    pub fn key(&self) -> String {
        format!("{}/{}", self.declared.name(), self.object.name_any())
    }

    /// Somebody deletes it, so that it is no manifest any more.
    pub fn is_leaving(&self) -> bool {
        self.object.metadata.deletion_timestamp.is_some()
    }

    /// Namespace and name.
    pub fn place(&self) -> (String, String) {
        (self.object.namespace().unwrap_or_default(), self.object.name_any())
    }
}

/// What is watched of a cluster.
pub struct Cluster {
    client: Client,
    stores: Vec<(Declared, Store<DynamicObject>)>,
    /// The MailboxGrants; nothing where every namespace may use every mailbox.
    grants: Option<Store<DynamicObject>>,
}

impl Cluster {
    /// Begins to watch, in these namespaces or in all, and what is granted where not everything is.
    pub fn watch(client: Client, terms: &Terms) -> Cluster {
        let scopes: Vec<Option<&str>> = match &*terms.namespaces {
            [] => vec![None],
            some => some.iter().map(|it| Some(it.as_str())).collect(),
        };
        let mut stores = vec![];
        for scope in scopes {
            for (declared, plural) in LISTS {
                let resource = resource(declared.name(), plural);
                let api: Api<DynamicObject> = match scope {
                    Some(namespace) => Api::namespaced_with(client.clone(), namespace, &resource),
                    None => Api::all_with(client.clone(), &resource),
                };
                let writer = Writer::new(resource);
                stores.push((declared, writer.as_reader()));
                tokio::spawn(follow(api, writer, declared.name(), terms.tell.clone()));
            }
        }
        let grants = (!terms.single_tenant).then(|| {
            let (kind, plural) = GRANTS;
            let resource = resource(kind, plural);
            let api: Api<DynamicObject> = Api::all_with(client.clone(), &resource);
            let writer = Writer::new(resource);
            let grants = writer.as_reader();
            tokio::spawn(follow(api, writer, kind, terms.tell.clone()));
            grants
        });
        Cluster { client, stores, grants }
    }

    /// The way to its API server.
    pub fn client(&self) -> Client {
        self.client.clone()
    }

    /// The mailboxes that are granted to a namespace; nothing where all are.
    pub fn granted(&self, namespace: &str) -> Option<Patterns> {
        let grants = self.grants.as_ref()?.state();
        let read = grants.iter().filter_map(|it| MailboxGrant::deserialize(it.data.get("spec")?).ok());
        let ours: Vec<MailboxGrant> = read.filter(|it| it.namespaces.iter().any(|name| name == namespace)).collect();
        Some(Patterns::of(ours.iter().flat_map(|it| it.organizers.iter().map(String::as_str))))
    }

    /// Waits until all there is was seen once; false where it is to stop before that.
    pub async fn synced(&self, mut stop: watch::Receiver<bool>) -> bool {
        let stores = self.stores.iter().map(|(_, store)| store).chain(&self.grants);
        tokio::select! {
            all = join_all(stores.map(|store| store.wait_until_ready())) => all.iter().all(Result::is_ok),
            _ = stop.wait_for(|stop| *stop) => false,
        }
    }

    /// All Workspaces that do not go.
    pub fn workspaces(&self) -> Vec<Seen> {
        self.objects(|it| it.declared == Declared::Workspace && !it.is_leaving())
    }

    /// What a namespace holds, and what of it goes.
    pub fn of(&self, namespace: &str) -> Vec<Seen> {
        self.objects(|it| it.object.namespace().as_deref() == Some(namespace))
    }

    /// The namespaces that hold anything.
    pub fn namespaces(&self) -> BTreeSet<String> {
        self.objects(|_| true).iter().map(|it| it.place().0).collect()
    }

    fn objects(&self, wanted: impl Fn(&Seen) -> bool) -> Vec<Seen> {
        let seen = |(declared, store): &(Declared, Store<DynamicObject>)| {
            let declared = *declared;
            store.state().into_iter().map(move |object| Seen { declared, object }).collect::<Vec<_>>()
        };
        let mut all: Vec<Seen> = self.stores.iter().flat_map(seen).filter(wanted).collect();
        all.sort_by_key(|it| (it.declared.name(), it.place()));
        all
    }

    /// What stands for all that a plan of a namespace is made from: status does not count.
    pub fn stamp(&self, namespace: &str) -> u64 {
        let mut hash = DefaultHasher::new();
        for it in self.of(namespace) {
            let metadata = &it.object.metadata;
            (it.declared.name(), &metadata.name, &metadata.uid, metadata.generation, &metadata.labels).hash(&mut hash);
            (it.is_leaving(), it.wants_cancel()).hash(&mut hash);
        }
        self.workspaces().iter().for_each(|it| it.place().hash(&mut hash));
        format!("{:?}", self.granted(namespace)).hash(&mut hash);
        hash.finish()
    }

    /// Reads an object anew. Fails where the API server does not answer, and where it is gone.
    pub async fn fresh(&self, seen: &Seen) -> Result<DynamicObject> {
        Ok(self.api(seen).get(&seen.place().1).await?)
    }

    /// Puts our finalizer on an object or takes it off; nothing where it is gone. Fails where somebody wrote the object meanwhile.
    pub async fn hold(&self, seen: &Seen, holds: bool) -> Result<()> {
        let (api, name) = (self.api(seen), seen.place().1);
        let Some(mut object) = api.get_opt(&name).await? else { return Ok(()) };
        let finalizers = object.finalizers_mut();
        finalizers.retain(|it| it != HOLD);
        finalizers.extend(holds.then(|| HOLD.to_owned()));
        let metadata = json!({"resourceVersion": object.metadata.resource_version, "finalizers": object.finalizers()});
        api.patch(&name, &PatchParams::default(), &Patch::Merge(json!({"metadata": metadata}))).await?;
        Ok(())
    }

    /// Tells something of an object as an Event of Kubernetes. Fails where the API server does not take it.
    pub async fn tell(&self, seen: &Seen, good: bool, reason: &str, message: &str) -> Result<()> {
        let ((namespace, name), now) = (seen.place(), Timestamp::now().round(jiff::Unit::Second)?.to_string());
        let event: Told = serde_json::from_value(json!({
            "metadata": {"generateName": format!("{name}."), "namespace": namespace},
            "involvedObject": {
                "apiVersion": API_VERSION, "kind": seen.declared.name(), "name": name, "namespace": namespace,
                "uid": seen.object.metadata.uid,
            },
            "type": if good { "Normal" } else { "Warning" }, "reason": reason, "message": message, "count": 1,
            "firstTimestamp": now, "lastTimestamp": now, "source": {"component": "convoke-operator"},
            "reportingComponent": "convoke-operator", "reportingInstance": "",
        }))?;
        Api::namespaced(self.client.clone(), &namespace).create(&PostParams::default(), &event).await?;
        Ok(())
    }

    /// Whether a namespace goes; one that cannot be read does not.
    pub async fn is_terminating(&self, namespace: &str) -> bool {
        let read = Api::<Namespace>::all(self.client.clone()).get(namespace).await;
        read.is_ok_and(|it| it.metadata.deletion_timestamp.is_some())
    }

    /// Writes a status over the one that was read with the object. Fails where somebody wrote the object meanwhile.
    pub async fn replace_status(&self, seen: &Seen, object: &DynamicObject) -> Result<()> {
        self.api(seen).replace_status(&seen.place().1, &PostParams::default(), object).await?;
        Ok(())
    }

    /// Writes a status; members that are `null` go.
    pub async fn write_status(&self, seen: &Seen, status: &Value) -> Result<()> {
        let patch = Patch::Merge(json!({"status": status}));
        self.api(seen).patch_status(&seen.place().1, &PatchParams::default(), &patch).await?;
        Ok(())
    }

    fn api(&self, seen: &Seen) -> Api<DynamicObject> {
        Api::namespaced_with(
            self.client.clone(),
            &seen.place().0,
            &resource(seen.declared.name(), plural(seen.declared)),
        )
    }
}

/// Follows a list without end. What was seen stays where the API server is away.
async fn follow(api: Api<DynamicObject>, writer: Writer<DynamicObject>, kind: &'static str, tell: Tell) {
    let stream = watcher(api, watcher::Config::default()).default_backoff().reflect(writer);
    let mut stream = std::pin::pin!(stream);
    let mut told = String::new();
    while let Some(event) = stream.next().await {
        match event {
            Err(error) if error.to_string() != told => {
                told = error.to_string();
                tell(&format!("warning: objects of the kind {kind} cannot be watched: {told}"));
            }
            // A list that is begun once more may fail again.
            Err(_) | Ok(Event::Init | Event::InitApply(_)) => {}
            Ok(Event::InitDone | Event::Apply(_) | Event::Delete(_)) => told.clear(),
        }
    }
}

fn plural(declared: Declared) -> &'static str {
    LISTS.iter().find(|(it, _)| *it == declared).map(|(_, plural)| plural).expect("it is watched")
}

fn resource(kind: &str, plural: &str) -> ApiResource {
    let (group, version) = API_VERSION.split_once('/').expect("a group and a version");
    ApiResource::from_gvk_with_plural(&GroupVersionKind::gvk(group, version, kind), plural)
}
