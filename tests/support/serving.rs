//! `convoke serve` as a process: what it tells, and what it answers.

use super::House;
use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

/// One that runs; dropped, it is killed.
pub struct Serving {
    child: Child,
    /// Where it answers: `127.0.0.1:PORT`.
    pub at: String,
    log: Arc<Mutex<Vec<String>>>,
    reader: Option<JoinHandle<()>>,
}

impl Serving {
    /// Starts it in the folder, and returns once it answers.
    pub fn start(house: &House, args: &[&str]) -> Serving {
        Serving::start_with(house, args, &[])
    }

    /// The same with variables.
    pub fn start_with(house: &House, args: &[&str], variables: &[(&str, &str)]) -> Serving {
        let mut command = house.program();
        command.envs(variables.iter().copied()).args(["serve", "--listen", "127.0.0.1:0"]).args(args);
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let first = lines.next().expect("it says where it answers").unwrap();
        let at = first.rsplit("http://").next().unwrap().to_owned();
        let log = Arc::new(Mutex::new(vec![first]));
        let kept = log.clone();
        let reader = std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                kept.lock().unwrap().push(line);
            }
        });
        Serving { child, at, log, reader: Some(reader) }
    }

    /// What it has told so far.
    pub fn log(&self) -> String {
        self.log.lock().unwrap().join("\n")
    }

    /// Waits until it tells something.
    pub fn until_told(&self, what: &str) {
        super::until(what, || self.log().contains(what));
    }

    pub fn signal(&self, name: &str) {
        assert!(Command::new("kill").args([name, &self.child.id().to_string()]).status().unwrap().success());
    }

    /// Waits for its end; its exit code, and all that it told.
    pub fn ended(mut self) -> (Option<i32>, String) {
        let code = self.child.wait().unwrap().code();
        self.reader.take().unwrap().join().unwrap();
        (code, self.log())
    }

    /// Asks it to stop, and holds that it does so well.
    pub fn stop(self) -> String {
        self.signal("-TERM");
        let (code, log) = self.ended();
        assert_eq!(code, Some(0), "{log}");
        log
    }

    /// Calls for a round and waits for its end; how it ended.
    pub fn reconcile(&self) -> String {
        let (status, body) = self.post("/reconcile", "");
        assert_eq!(status, 200, "{body}");
        body["ended"].as_str().unwrap().to_owned()
    }

    pub fn approve(&self, plan: &str) -> (u16, Value) {
        self.post("/approve", &format!("{{\"planId\": \"{plan}\"}}"))
    }

    /// The plan that waits.
    pub fn pending(&self) -> Value {
        let (status, text) = self.get("/plan");
        assert_eq!(status, 200, "{text}");
        serde_json::from_str::<Value>(&text).unwrap()["pending"].clone()
    }

    pub fn get(&self, path: &str) -> (u16, String) {
        self.ask(&format!("GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.at))
    }

    pub fn post(&self, path: &str, body: &str) -> (u16, Value) {
        let (status, text) = self.ask(&format!(
            "POST {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            self.at,
            body.len()
        ));
        (status, serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {status} {text}")))
    }

    /// Sends a request as it stands; status and body. 0 where the connection ends without an answer.
    pub fn ask(&self, request: &str) -> (u16, String) {
        ask(&self.at, request)
    }
}

pub fn ask(at: &str, request: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(at).unwrap();
    let mut text = String::new();
    let sent = stream.write_all(request.as_bytes()).and_then(|()| stream.read_to_string(&mut text));
    let Some((head, body)) = text.split_once("\r\n\r\n").filter(|_| sent.is_ok()) else { return (0, text) };
    (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
