//! A small API server, a twin of Graph, and the real operator between them.

pub mod api;
pub mod entra;
mod roles;
mod routes;

use api::Api;
use convoke::face::sandbox::{Options, Sandbox, serve};
use entra::Entra;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::runtime::Runtime;

pub struct House {
    folder: TempDir,
    pub twin: Sandbox,
    runtime: Runtime,
}

/// An operator that runs; dropped, it is killed.
pub struct Operator {
    child: Child,
    log: Arc<Mutex<String>>,
    reader: Option<JoinHandle<()>>,
}

impl House {
    pub fn new() -> House {
        House::with(Options::default())
    }

    /// With a twin of its own kind.
    pub fn with(options: Options) -> House {
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
    pub fn operator(&self, api: &Api, args: &[&str]) -> Operator {
        self.operator_with(api, &[args, &["--single-tenant"]].concat(), &[])
    }

    /// The same for several tenants, with more variables.
    pub fn operator_with(&self, api: &Api, args: &[&str], env: &[(&str, &str)]) -> Operator {
        let config = self.folder.path().join("kubeconfig");
        let server = json!({
            "apiVersion": "v1", "kind": "Config", "current-context": "it",
            "clusters": [{"name": "it", "cluster": {"server": api.url}}],
            "contexts": [{"name": "it", "context": {"cluster": "it", "user": "it"}}],
            "users": [{"name": "it", "user": {}}],
        });
        std::fs::write(&config, server.to_string()).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_convoke-operator"));
        command.env_clear().env("KUBECONFIG", config).env("CONVOKE_GRAPH_URL", &self.twin.url);
        command.env("CONVOKE_ACCESS_TOKEN", &self.twin.token).args(args);
        command.envs(env.iter().copied()).arg("--state-folder").arg(self.folder.path().join("states"));
        let mut child = command.stdin(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let (log, lines) = (Arc::new(Mutex::new(String::new())), BufReader::new(child.stderr.take().unwrap()).lines());
        let kept = log.clone();
        let reader = std::thread::spawn(move || {
            lines.map_while(Result::ok).for_each(|line| *kept.lock().unwrap() += &(line + "\n"))
        });
        Operator { child, log, reader: Some(reader) }
    }

    /// The volume with the states is lost.
    pub fn lose_state(&self) {
        std::fs::remove_dir_all(self.folder.path().join("states")).unwrap();
    }

    /// Somebody else changes a mailbox: `denied` closes it.
    pub fn edit_user(&self, with: &Value) {
        let _ = rustls::crypto::ring::default_provider().install_default(); // Or another story has.
        let url = self.twin.url.replace("/v1.0", "/sandbox/users/alex@contoso.example");
        let answer = self.runtime.block_on(reqwest::Client::new().patch(url).json(with).send()).unwrap();
        assert!(answer.status().is_success(), "{answer:?}");
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

impl Operator {
    pub fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    /// Waits until it tells something.
    pub fn until_told(&self, what: &str) {
        self.until(what, || self.log().contains(what));
    }

    /// Waits until something is so.
    pub fn until(&self, what: &str, enough: impl Fn() -> bool) {
        let deadline = Instant::now() + Duration::from_secs(90);
        while !enough() {
            assert!(Instant::now() < deadline, "never {what}: {}", self.log());
            // Others need the processor meanwhile.
            std::thread::park_timeout(Duration::from_millis(20));
        }
    }

    /// Asks it to stop, and holds that it does so well.
    pub fn stop(mut self) -> String {
        assert!(Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap().success());
        let ended = self.child.wait().unwrap();
        self.reader.take().unwrap().join().unwrap();
        assert!(ended.success(), "{}", self.log());
        self.log()
    }
}

impl Drop for Operator {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
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

/// The status of a condition, and its reason.
pub fn condition(object: &Value, name: &str) -> Option<(String, String)> {
    let conditions = object["status"]["conditions"].as_array()?;
    let it = conditions.iter().find(|it| it["type"] == name)?;
    Some((it["status"].as_str()?.to_owned(), it["reason"].as_str()?.to_owned()))
}

pub fn is_ready(object: &Value) -> bool {
    condition(object, "Ready").is_some_and(|(status, _)| status == "True")
}
