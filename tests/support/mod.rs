//! A workspace in a temporary folder, a Graph twin beside it, and the real program between them.

#![allow(dead_code, reason = "each test file uses a part of it")]

pub mod inside;
pub mod interrupted;
pub mod lab;
pub mod meddle;
pub mod random;
#[cfg(unix)]
pub mod serving;
pub mod story;

use convoke::face::graph::{Settings, Token};
use convoke::face::sandbox::{Options, Sandbox, serve};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use tempfile::TempDir;
use tokio::runtime::Runtime;

pub const ORGANIZER: &str = "alex@contoso.example";

/// A second organizer, to whom an event may be moved.
pub const DEPUTY: &str = "megan@contoso.example";

pub const WORKSPACE: &str = "apiVersion: convoke.dev/v1
kind: Workspace
metadata: {name: contoso}
spec:
  prune: cancel
  defaults: {organizer: alex@contoso.example, timeZone: Europe/Berlin, onlineMeetingProvider: teamsForBusiness}
";

/// A number from the environment, or the usual one: of runs, of seeds.
pub fn number(name: &str, usual: u64) -> u64 {
    std::env::var(name).map_or(usual, |text| text.parse().unwrap_or_else(|_| panic!("{name} must be a number")))
}

pub struct House {
    pub folder: TempDir,
    pub sandbox: Option<Sandbox>,
    /// Each plan is saved too, and held against what is planned a moment later: not among faults, where a read may show what was
    /// before a write.
    pub saves: bool,
    runtime: Runtime,
    /// Somebody else's way to the twin.
    other: std::sync::OnceLock<reqwest::Client>,
}

/// How a test's own client reaches the twin: where the program waits a second before it asks again, it waits a moment.
pub fn settings(house: &House) -> Settings {
    let settings = Settings::new(&house.sandbox().url, Token::ready(house.sandbox().token.clone()));
    Settings { back_off: Duration::from_millis(5), ..settings }
}

/// Waits until something is so.
pub fn until(what: &str, enough: impl Fn() -> bool) {
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(30);
    while !enough() {
        assert!(std::time::Instant::now() < deadline, "never {what}");
        std::thread::yield_now();
    }
}

/// What one run of the program said.
#[derive(Debug)]
pub struct Run {
    pub code: i32,
    pub out: String,
    pub err: String,
    /// What its plans hold and must not, where they were made in this process.
    pub leaks: Vec<String>,
}

impl House {
    pub fn new(options: Options) -> House {
        let runtime = Runtime::new().unwrap();
        let saves = options.faults.is_none();
        let (folder, sandbox) = (tempfile::tempdir().unwrap(), Some(runtime.block_on(serve(options)).unwrap()));
        let house = House { folder, sandbox, saves, runtime, other: Default::default() };
        house.write("convoke.yaml", WORKSPACE);
        house
    }

    pub fn sandbox(&self) -> &Sandbox {
        self.sandbox.as_ref().expect("the twin runs as long as the house stands")
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// Runs the program in the folder, connected to the twin.
    pub fn run(&self, args: &[&str]) -> Run {
        run(self.program().args(args))
    }

    /// The program, on its way to the twin.
    pub fn program(&self) -> Command {
        let mut command = program(self.folder.path());
        command.env("CONVOKE_GRAPH_URL", &self.sandbox().url).env("CONVOKE_ACCESS_TOKEN", &self.sandbox().token);
        command
    }

    pub fn json(&self, args: &[&str]) -> Value {
        let run = self.run(&[args, &["--format", "json"]].concat());
        serde_json::from_str(&run.out).unwrap_or_else(|error| panic!("{error}: {run:?}"))
    }

    /// How many requests that write the twin has seen.
    pub fn writes(&self) -> u64 {
        self.sandbox().counts().writes.values().sum()
    }

    /// Waits for something of the library, on the runtime of the twin.
    pub fn wait<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.block_on(work)
    }

    /// Sends one request to the twin as somebody else would; the path begins after the host.
    pub fn call(&self, method: &str, path: &str, body: Option<&Value>) -> (u16, Value) {
        let client = self.other.get_or_init(|| {
            let _ = rustls::crypto::ring::default_provider().install_default();
            // One connection a request, so that it can be waited until the others have closed theirs; and none is HTTPS, so that nobody
            // reads the machine's certificates.
            let client = reqwest::Client::builder().no_proxy().tls_certs_only([]).pool_max_idle_per_host(0);
            client.build().unwrap()
        });
        let url = self.sandbox().url.replace("/v1.0", "") + path;
        self.runtime.block_on(async {
            let ask = || {
                let request = client.request(method.parse().unwrap(), &url).bearer_auth("somebody-else");
                body.map_or(request.try_clone().unwrap(), |body| request.json(body)).send()
            };
            // The twin's faults are meant for the program: somebody else simply tries again.
            loop {
                match ask().await {
                    Ok(answer)
                        if [401, 429].contains(&answer.status().as_u16()) || answer.status().is_server_error() => {}
                    Ok(answer) => {
                        let status = answer.status().as_u16();
                        let Ok(text) = answer.text().await else { continue };
                        return (status, serde_json::from_str(&text).unwrap_or(json!(text)));
                    }
                    Err(_) => {}
                }
            }
        })
    }

    /// The live events of a mailbox that carry the workspace's mark, by name.
    pub fn events(&self, organizer: &str) -> Vec<(String, Value)> {
        const MARK: &str = "String {6d1c8a52-5f0e-4b7b-9c43-1f6f2a7f0e11} Name convoke";
        let query =
            format!("$top=500&$expand=singleValueExtendedProperties($filter=id%20eq%20'{}')", MARK.replace(' ', "%20"));
        let (status, answer) = self.call("GET", &format!("/v1.0/users/{organizer}/events?{query}"), None);
        assert_eq!(status, 200, "{answer}");
        let all = answer["value"].as_array().unwrap().iter();
        all.filter_map(|event| {
            let mark = event["singleValueExtendedProperties"][0]["value"].as_str()?;
            Some((mark.split_once('/')?.1.to_owned(), event.clone()))
        })
        .collect()
    }

    /// The one live event of that name.
    pub fn event(&self, name: &str) -> Value {
        let all = self.events(ORGANIZER);
        let found: Vec<_> = all.iter().filter(|(it, _)| it == name).collect();
        assert_eq!(found.len(), 1, "live events called `{name}`");
        found[0].1.clone()
    }

    /// All online meetings of the organizer, as Teams shows them to a person.
    pub fn meetings(&self) -> Vec<Value> {
        let (status, answer) = self.call("GET", &format!("/sandbox/users/{ORGANIZER}/onlineMeetings"), None);
        assert_eq!(status, 200, "{answer}");
        answer["value"].as_array().unwrap().clone()
    }

    /// What a person answers who is asked whether meetings were made: looks for one of that subject.
    pub fn answers(&self) -> Vec<String> {
        let Ok(text) = std::fs::read_to_string(self.path(".convoke/state.json")) else { return vec![] };
        let state: Value = serde_json::from_str(&text).unwrap();
        let open =
            state["resources"].as_object().unwrap().iter().filter(|(_, record)| record["unanswered"].is_object());
        let meetings = self.meetings();
        let answer = |(key, record): (&String, &Value)| {
            let there = meetings.iter().find(|it| it["subject"] == record["unanswered"]["subject"]);
            let id = there.map(|it| it["joinMeetingIdSettings"]["joinMeetingId"].as_str().unwrap());
            id.map_or_else(|| format!("--absent={key}"), |id| format!("--adopt={key}={id}"))
        };
        open.map(answer).collect()
    }

    /// The record of a resource in the state.
    pub fn record(&self, key: &str) -> Value {
        let text = std::fs::read_to_string(self.path(".convoke/state.json")).unwrap();
        serde_json::from_str::<Value>(&text).unwrap()["resources"][key].clone()
    }
}

/// The program as a new user has it: no variables of ours, no colour.
pub fn program(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_convoke"));
    command.current_dir(folder).env("NO_COLOR", "1");
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("CONVOKE_")) {
        command.env_remove(name);
    }
    // Nor those of the pipeline that runs the tests.
    for name in ["CI", "GITHUB_ACTIONS", "GITLAB_CI", "TF_BUILD"] {
        command.env_remove(name);
    }
    command
}

pub fn run(command: &mut Command) -> Run {
    let output = command.stdin(std::process::Stdio::null()).output().unwrap();
    Run {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
        leaks: vec![],
    }
}
