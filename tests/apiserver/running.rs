//! The operator with the account that `deploy` gives it, as its pod has it, between the server and a twin of Graph.

use super::{Namespace, variable};
use convoke::face::sandbox::Sandbox;
use serde_json::{Value, json};
use std::fs::{File, read_to_string, write};
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// Where `deploy` puts it.
pub const HOME: Namespace = Namespace("convoke-system");

pub struct Running {
    folder: TempDir,
    pub twin: Sandbox,
    child: Child,
    _runtime: Runtime,
}

impl Running {
    /// Starts it on all namespaces; `authority` gives tokens of Graph to those that sign in by their own.
    pub fn start(runtime: Runtime, twin: Sandbox, authority: &str) -> Running {
        let folder = tempfile::tempdir().unwrap();
        let token = HOME.kubectl(&["create", "token", "convoke-operator"], "").out();
        let mut config: Value = serde_json::from_str(&read_to_string(variable("KUBECONFIG")).unwrap()).unwrap();
        config["users"][0]["user"] = json!({"token": token.trim()});
        write(folder.path().join("kubeconfig"), config.to_string()).unwrap();
        let mut command = Command::new(variable("APISERVER_OPERATOR"));
        command.env_clear().env("KUBECONFIG", folder.path().join("kubeconfig")).args(["--interval", "1"]);
        let deployment = HOME.kubectl(&["get", "deployment", "convoke-operator", "--output", "json"], "").json();
        let args = deployment["spec"]["template"]["spec"]["containers"][0]["args"].as_array().unwrap();
        let volume = folder.path().join("volume");
        let here = [("/var/lib/convoke", volume.to_str().unwrap()), ("0.0.0.0:8484", "127.0.0.1:0")];
        let replaced = |arg: &str| here.iter().fold(arg.to_owned(), |arg, (of_pod, own)| arg.replace(of_pod, own));
        command.args(args.iter().map(|it| replaced(it.as_str().unwrap())));
        command.env("CONVOKE_GRAPH_URL", &twin.url).env("CONVOKE_ACCESS_TOKEN", &twin.token);
        command.env("AZURE_AUTHORITY_HOST", authority);
        let log = File::create(folder.path().join("log")).unwrap();
        let child = command.stdin(Stdio::null()).stderr(log).spawn().unwrap();
        Running { folder, twin, child, _runtime: runtime }
    }

    pub fn log(&self) -> String {
        read_to_string(self.folder.path().join("log")).unwrap()
    }

    /// How many mails of a kind were sent.
    pub fn mails(&self, kind: &str) -> usize {
        self.twin.mails().iter().filter(|mail| mail.kind == kind).count()
    }

    /// Waits, by kubectl, until something of objects is so.
    pub fn until(&self, namespace: &Namespace, what: &str, objects: &[&str]) {
        let args = [&["wait", "--timeout=60s", what], objects].concat();
        let said = namespace.kubectl(&args, "");
        assert!(said.took, "{}: {what}: {}\n{}", namespace.0, said.err, self.log());
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
