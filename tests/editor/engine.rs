//! The editor engine: yaml-language-server from the npm registry, spoken to as an editor does, over standard input and output.

use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Longer than any answer takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);
/// One test installs, the others wait.
static INSTALLING: Mutex<()> = Mutex::new(());

pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Installs the packages that `package-lock.json` pins, once, and returns their folder.
///
/// `None` where there is no npm or no registry; but where `CI` is set that is a failure, so that nothing is passed over there.
pub fn installed() -> Option<PathBuf> {
    let _one = INSTALLING.lock().unwrap_or_else(PoisonError::into_inner);
    let (from, folder) = (root().join("tests/editor"), Path::new(env!("CARGO_TARGET_TMPDIR")).join("editor"));
    let lock = fs::read_to_string(from.join("package-lock.json")).unwrap();
    let done = folder.join("installed");
    if fs::read_to_string(&done).ok().as_ref() != Some(&lock) {
        fs::create_dir_all(&folder).unwrap();
        for name in ["package.json", "package-lock.json"] {
            fs::copy(from.join(name), folder.join(name)).unwrap();
        }
        let npm = if cfg!(windows) { "npm.cmd" } else { "npm" };
        let mut install = Command::new(npm);
        let ended = install.args(["ci", "--no-audit", "--no-fund", "--prefix"]).arg(&folder).output();
        if !ended.as_ref().is_ok_and(|it| it.status.success()) {
            assert!(std::env::var_os("CI").is_none(), "npm could not install the editor engine: {ended:?}");
            eprintln!("NOT TRIED: npm could not install the editor engine: {ended:?}");
            return None;
        }
        fs::write(&done, &lock).unwrap();
    }
    fs::copy(from.join("ajv.mjs"), folder.join("ajv.mjs")).unwrap();
    Some(folder)
}

/// A running language server.
pub struct Engine {
    child: Child,
    input: ChildStdin,
    messages: Receiver<Value>,
    last: u64,
    folder: tempfile::TempDir,
    /// Whether it has asked for its settings.
    configured: bool,
    diagnostics: BTreeMap<String, Vec<Value>>,
}

impl Engine {
    /// Starts it with the published schema for every file.
    pub fn start(installed: &Path) -> Engine {
        let server = installed.join("node_modules/yaml-language-server/bin/yaml-language-server");
        let mut command = Command::new("node");
        command.arg(server).arg("--stdio").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let (send, messages) = channel();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        std::thread::spawn(move || {
            while let Some(message) = receive(&mut output) {
                if send.send(message).is_err() {
                    return;
                }
            }
        });
        let input = child.stdin.take().unwrap();
        // Patterns of settings pass over hidden folders.
        let folder = tempfile::Builder::new().prefix("editor-").tempdir().unwrap();
        // Where the first lines of the examples say it is.
        fs::create_dir(folder.path().join("schemas")).unwrap();
        let schema = "schemas/convoke.schema.json";
        fs::copy(root().join(schema), folder.path().join(schema)).unwrap();
        let mut engine =
            Engine { child, input, messages, last: 0, folder, configured: false, diagnostics: BTreeMap::new() };
        let completion = json!({"completionItem": {"snippetSupport": true, "documentationFormat": ["markdown"]}});
        let document = json!({"completion": completion, "hover": {}, "publishDiagnostics": {"versionSupport": true}});
        let root = engine.uri("");
        engine.ask(
            "initialize",
            json!({"processId": null, "rootUri": root, "capabilities": {"textDocument": document, "workspace": {}}}),
        );
        engine.tell("initialized", json!({}));
        engine.tell("workspace/didChangeConfiguration", json!({"settings": {"yaml": settings()}}));
        while !engine.configured {
            let message = engine.messages.recv_timeout(PATIENCE).expect("the engine asks for its settings");
            engine.take(message);
        }
        engine
    }

    fn uri(&self, name: &str) -> String {
        format!("file://{}/{name}", self.folder.path().display())
    }

    /// Opens a file and returns nothing: what is wrong with it comes with `diagnostics`.
    pub fn open(&mut self, name: &str, text: &str) {
        let document = json!({"uri": self.uri(name), "languageId": "yaml", "version": 1, "text": text});
        self.tell("textDocument/didOpen", json!({"textDocument": document}));
    }

    /// Waits for what is wrong with a file: lines from 1, and messages.
    pub fn diagnostics(&mut self, name: &str) -> Vec<(u64, String)> {
        let uri = self.uri(name);
        while !self.diagnostics.contains_key(&uri) {
            let message = self.messages.recv_timeout(PATIENCE).expect("the engine answers");
            self.take(message);
        }
        let all = self.diagnostics[&uri].iter();
        all.map(|it| {
            let line = it["range"]["start"]["line"].as_u64().unwrap() + 1;
            (line, it["message"].as_str().unwrap().to_owned())
        })
        .collect()
    }

    /// Asks for completions at a place of an open file; line and character count from 0.
    pub fn complete(&mut self, name: &str, line: usize, character: usize) -> Vec<String> {
        self.insertions(name, line, character).into_iter().map(|(label, _)| label).collect()
    }

    /// The same, each with the text that is put in.
    pub fn insertions(&mut self, name: &str, line: usize, character: usize) -> Vec<(String, String)> {
        let answer = self.at("textDocument/completion", name, line, character);
        let items = answer.get("items").unwrap_or(&answer).as_array().cloned().unwrap_or_default();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let put_in = |it: &Value| it.pointer("/textEdit/newText").map_or_else(|| text(&it["insertText"]), text);
        items.iter().map(|it| (text(&it["label"]), put_in(it))).collect()
    }

    /// Asks what is shown when the pointer rests on a place of an open file.
    pub fn hover(&mut self, name: &str, line: usize, character: usize) -> String {
        let answer = self.at("textDocument/hover", name, line, character);
        answer["contents"]["value"].as_str().unwrap_or_default().to_owned()
    }

    fn at(&mut self, method: &str, name: &str, line: usize, character: usize) -> Value {
        let document = json!({"uri": self.uri(name)});
        self.ask(method, json!({"textDocument": document, "position": {"line": line, "character": character}}))
    }

    fn ask(&mut self, method: &str, params: Value) -> Value {
        self.last += 1;
        let id = self.last;
        self.send(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}));
        loop {
            let message = self.messages.recv_timeout(PATIENCE).expect("the engine answers");
            if message["id"] == id && message.get("method").is_none() {
                assert!(message.get("error").is_none(), "{message}");
                return message["result"].clone();
            }
            self.take(message);
        }
    }

    /// Keeps diagnostics, and answers what the engine asks of an editor: its settings, and nothing else.
    fn take(&mut self, message: Value) {
        if message["method"] == "textDocument/publishDiagnostics" {
            let uri = message["params"]["uri"].as_str().unwrap().to_owned();
            self.diagnostics.insert(uri, message["params"]["diagnostics"].as_array().cloned().unwrap_or_default());
        } else if let (Some(id), Some(_)) = (message.get("id"), message.get("method")) {
            let sections = message["params"]["items"].as_array().cloned().unwrap_or_default();
            let of = |it: &Value| if it["section"] == "yaml" { settings() } else { json!({}) };
            self.configured |= message["method"] == "workspace/configuration";
            let result: Value = match message["method"] == "workspace/configuration" {
                true => sections.iter().map(of).collect(),
                false => Value::Null,
            };
            self.send(&json!({"jsonrpc": "2.0", "id": id, "result": result}));
        }
    }

    fn tell(&mut self, method: &str, params: Value) {
        self.send(&json!({"jsonrpc": "2.0", "method": method, "params": params}));
    }

    fn send(&mut self, message: &Value) {
        let text = message.to_string();
        write!(self.input, "Content-Length: {}\r\n\r\n{text}", text.len()).unwrap();
        self.input.flush().unwrap();
    }
}

/// What an editor of ours is set to: the published schema for every file, and nothing from the network.
fn settings() -> Value {
    let schema = format!("file://{}", root().join("schemas/convoke.schema.json").display());
    json!({
        "schemas": {schema: ["*.yaml"]}, "validate": true, "hover": true, "completion": true,
        "schemaStore": {"enable": false}, "kubernetesCRDStore": {"enable": false},
    })
}

impl Drop for Engine {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn receive(output: &mut impl BufRead) -> Option<Value> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        if output.read_line(&mut line).ok()? == 0 {
            return None;
        }
        match line.trim_end().split_once(": ") {
            Some((name, value)) if name.eq_ignore_ascii_case("content-length") => length = value.parse().ok()?,
            Some(_) => {}
            None => break,
        }
    }
    let mut body = vec![0; length];
    output.read_exact(&mut body).ok()?;
    serde_json::from_slice(&body).ok()
}
