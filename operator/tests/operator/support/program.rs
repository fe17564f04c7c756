//! The program itself.

use super::House;
use super::api::Api;
use super::log::Log;
use serde_json::json;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::thread::JoinHandle;

/// One that runs; dropped, it is killed.
pub struct Program {
    child: Child,
    pub log: Log,
    reader: Option<JoinHandle<()>>,
}

impl Program {
    /// Starts it on a cluster.
    pub fn start(house: &House, api: &Api, args: &[&str]) -> Program {
        let config = house.folder.path().join("kubeconfig");
        let server = json!({
            "apiVersion": "v1", "kind": "Config", "current-context": "it",
            "clusters": [{"name": "it", "cluster": {"server": api.url}}],
            "contexts": [{"name": "it", "context": {"cluster": "it", "user": "it"}}],
            "users": [{"name": "it", "user": {}}],
        });
        std::fs::write(&config, server.to_string()).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_convoke-operator"));
        command.env_clear().env("KUBECONFIG", config).env("CONVOKE_GRAPH_URL", &house.twin.url);
        command.env("CONVOKE_ACCESS_TOKEN", &house.twin.token).args(args);
        let mut child = command.stdin(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let (log, lines) = (Log::default(), BufReader::new(child.stderr.take().unwrap()).lines());
        let kept = log.clone();
        let reader = std::thread::spawn(move || lines.map_while(Result::ok).for_each(|line| kept.add(&line)));
        Program { child, log, reader: Some(reader) }
    }

    /// Where it answers.
    pub fn address(&self) -> String {
        let log = self.log.text();
        let told = log.lines().find_map(|line| line.strip_prefix("answers on "));
        told.unwrap_or_else(|| panic!("{log}")).to_owned()
    }

    /// Asks it to stop, and holds that it does so well.
    pub fn stop(mut self) -> String {
        assert!(Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap().success());
        let ended = self.child.wait().unwrap();
        self.reader.take().unwrap().join().unwrap();
        assert!(ended.success(), "{}", self.log.text());
        self.log.text()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
