//! A twin on its own runtime, and a client that sends what a test spells out.

use std::{
    io::{Read, Write},
    net::TcpStream,
};

use convoke::face::sandbox::{Options, Quirks, Sandbox, serve};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use tokio::runtime::Runtime;

/// A running twin.
pub struct Twin {
    pub sandbox: Sandbox,
    runtime: Runtime,
}

/// One answer.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub head: String,
    pub body: Value,
}

impl Reply {
    /// Returns the value at a JSON pointer, null where there is none.
    pub fn at(&self, pointer: &str) -> Value {
        self.body.pointer(pointer).cloned().unwrap_or(Value::Null)
    }

    /// Returns the text at a JSON pointer.
    pub fn text(&self, pointer: &str) -> String {
        self.at(pointer).as_str().unwrap_or_default().to_string()
    }

    /// Returns this answer when it has the status, else fails with all of it.
    #[track_caller]
    pub fn expect(self, status: u16) -> Reply {
        assert_eq!(self.status, status, "{:#}", self.body);
        self
    }

    /// Demands an error in Graph's shape whose message holds these words.
    #[track_caller]
    pub fn refused(self, status: u16, code: &str, words: &str) -> Reply {
        let reply = self.expect(status);
        assert_eq!(reply.text("/error/code"), code, "{:#}", reply.body);
        assert!(reply.text("/error/message").contains(words), "{:#}", reply.body);
        assert!(reply.at("/error/innerError/request-id").is_string(), "{:#}", reply.body);
        reply
    }

    /// Returns a response header.
    pub fn header(&self, name: &str) -> Option<String> {
        let mut lines = self.head.lines().filter_map(|it| it.split_once(':'));
        lines.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim().to_string())
    }
}

/// Starts a twin with a stopped clock, 21 November 2026, and default options.
pub fn twin() -> Twin {
    twin_with(Options::default())
}

/// Starts a twin with these quirks.
pub fn twin_quirks(quirks: Quirks) -> Twin {
    twin_with(Options { quirks, ..Options::default() })
}

/// Starts a twin with these options.
pub fn twin_with(options: Options) -> Twin {
    let runtime = Runtime::new().expect("a runtime starts");
    let now = options.now.or("2026-11-21T08:00:00Z".parse().ok());
    let sandbox = runtime.block_on(serve(Options { now, ..options })).expect("the twin starts");
    Twin { sandbox, runtime }
}

impl Twin {
    /// Sends a request as it is written: `METHOD target`, headers, an empty line, a body.
    ///
    /// The target may be whole (`https://graph.microsoft.com/beta/…`), or begin at the root or after the version. A token is
    /// added.
    pub fn send(&self, literal: &str) -> Reply {
        let literal = literal.trim_start();
        let (head, body) = literal.split_once("\n\n").unwrap_or((literal, ""));
        let mut lines = head.lines().map(str::trim);
        let (method, target) = lines.next().and_then(|it| it.split_once(' ')).expect("a request line");
        let target = target.strip_prefix("https://graph.microsoft.com").unwrap_or(target);
        let rooted = ["/v1.0", "/beta", "/sandbox", "/other"].iter().any(|it| target.starts_with(it));
        let target = if rooted { target.to_string() } else { format!("/v1.0{target}") };
        let headers: Vec<&str> = lines.filter(|it| !it.is_empty()).collect();
        let token = if head.contains("Authorization:") { "" } else { "Authorization: Bearer test\r\n" };
        let headers: String = headers.iter().map(|it| format!("{it}\r\n")).collect();
        let body = body.trim();
        let length = if body.is_empty() { String::new() } else { format!("Content-Length: {}\r\n", body.len()) };
        let host = if head.contains("Host:") { String::new() } else { format!("Host: {}\r\n", self.address()) };
        let wire =
            format!("{method} {target} HTTP/1.1\r\n{host}Connection: close\r\n{token}{headers}{length}\r\n{body}");
        self.raw(wire.as_bytes())
    }

    /// Returns where it listens: `127.0.0.1:PORT`.
    pub fn address(&self) -> &str {
        self.sandbox.url.trim_start_matches("http://").trim_end_matches("/v1.0")
    }

    /// Sends bytes and reads the answer to the end of the connection; an empty head means that it was cut.
    pub fn raw(&self, bytes: &[u8]) -> Reply {
        let mut stream = TcpStream::connect(self.address()).expect("the twin listens");
        // A refused body may be answered before it is read whole.
        let _ = stream.write_all(bytes);
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
        let status = head.split(' ').nth(1).and_then(|it| it.parse().ok()).unwrap_or(0);
        Reply { status, head: head.to_string(), body: serde_json::from_str(body).unwrap_or(Value::Null) }
    }

    /// Sends a request with a JSON body.
    pub fn json(&self, method: &str, target: &str, body: &Value) -> Reply {
        self.send(&format!("{method} {target}\nContent-Type: application/json\n\n{body}"))
    }

    /// Sends a GET.
    pub fn get(&self, target: &str) -> Reply {
        self.send(&format!("GET {target}"))
    }

    /// Creates an event of alex with what is given beside subject and times; returns its encoded id.
    pub fn event(&self, more: Value) -> String {
        let reply = self.json("POST", "/users/alex@contoso.example/events", &event(more)).expect(201);
        encode(&reply.text("/id"))
    }

    /// Returns the object id of a user.
    pub fn oid(&self, upn: &str) -> String {
        self.get(&format!("/users/{upn}?$select=id")).expect(200).text("/id")
    }

    /// Returns the ledger as `kind to` lines, and empties it.
    pub fn mails(&self) -> Vec<String> {
        let mails = self.sandbox.mails().iter().map(|it| format!("{} {}", it.kind, it.to)).collect();
        self.send("DELETE /sandbox/mails").expect(204);
        mails
    }

    /// Stops the twin and waits for it.
    pub fn stop(self) {
        self.runtime.block_on(self.sandbox.stop()).expect("the twin stops");
    }
}

/// Returns the body of a create: an event of an hour on Tuesday 1 December 2026, 10:00 in Berlin, and what is given.
pub fn event(more: Value) -> Value {
    let mut body = serde_json::json!({
        "subject": "Weekly",
        "start": {"dateTime": "2026-12-01T10:00:00", "timeZone": "Europe/Berlin"},
        "end": {"dateTime": "2026-12-01T11:00:00", "timeZone": "Europe/Berlin"},
    });
    for (name, value) in more.as_object().into_iter().flatten() {
        body[name] = value.clone();
    }
    body
}

/// Returns an attendee list.
pub fn people(addresses: &[&str]) -> Value {
    addresses.iter().map(|it| serde_json::json!({"emailAddress": {"address": it}})).collect::<Vec<_>>().into()
}

/// Percent-encodes all that is not a letter or digit.
pub fn encode(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}
