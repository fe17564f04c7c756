//! A request as the routes see it: decoded once, with the preferences read.
//!
//! `%2F` in a path is a slash before the path is split, so an id that holds one is not found (docs #10167, observed); everything
//! is percent-decoded exactly once, so a join URL that was encoded twice arrives encoded once, as in Graph (onlinemeeting-get.md).

use percent_encoding::percent_decode_str;
use serde_json::Value;

use crate::sandbox::answer::{Outcome, refusal, refuse};

/// One request, from a socket or from inside a batch.
#[derive(Clone, Debug)]
pub struct Ask {
    pub method: String,
    /// Root with version, for next links and contexts: `http://127.0.0.1:PORT/v1.0`.
    pub root: String,
    pub beta: bool,
    /// Decoded segments after the version.
    pub path: Vec<String>,
    /// The path as it came, for next links and the log.
    pub raw_path: String,
    pub query: Vec<(String, String)>,
    pub prefer: Prefer,
    pub if_match: Option<String>,
    pub language: Option<String>,
    pub body: Option<Value>,
}

/// The `Prefer` header, read (outlook-prefer headers of event-get.md, onlinemeeting-get.md).
#[derive(Clone, Debug, Default)]
pub struct Prefer {
    pub zone: Option<String>,
    pub text_body: bool,
    pub immutable_ids: bool,
    pub minimal: bool,
    pub hidden_members: bool,
    pub page: Option<usize>,
}

impl Ask {
    /// Reads method, target (path and query as sent, from the version on) and body; headers are put in by the caller.
    pub fn new(method: &str, origin: &str, target: &str, body: Option<Value>) -> Outcome<Ask> {
        let (raw_path, raw_query) = target.split_once('?').unwrap_or((target, ""));
        let mut path = segments(&raw_path.replace("%2F", "/").replace("%2f", "/"))?;
        let beta = match path.first().map(String::as_str) {
            Some("v1.0") => false,
            Some("beta") => true,
            _ => return refuse(404, "BadRequest", "Invalid version: use `v1.0` or `beta`"),
        };
        path.remove(0);
        let root = format!("{origin}/{}", if beta { "beta" } else { "v1.0" });
        let raw_path = raw_path.trim_start_matches('/');
        let raw_path = raw_path.split_once('/').map_or("", |(_, rest)| rest).to_string();
        let query = pairs(raw_query)?;
        let (prefer, if_match, language) = (Prefer::default(), None, None);
        Ok(Ask { method: method.to_string(), root, beta, path, raw_path, query, prefer, if_match, language, body })
    }

    /// Takes one header into account; names are compared without case.
    pub fn header(&mut self, name: &str, value: &str) {
        if name.eq_ignore_ascii_case("prefer") {
            self.prefer.read(value);
        } else if name.eq_ignore_ascii_case("if-match") {
            self.if_match = Some(value.to_string());
        } else if name.eq_ignore_ascii_case("accept-language") {
            self.language = Some(value.to_string());
        }
    }

    /// Returns a query option; OData names may leave out the `$`, and case does not matter.
    pub fn option(&self, name: &str) -> Option<&str> {
        let bare = name.trim_start_matches('$');
        let hit = |key: &str| key.trim_start_matches('$').eq_ignore_ascii_case(bare);
        self.query.iter().find(|(key, _)| hit(key)).map(|(_, value)| value.as_str())
    }

    /// Returns the body as an object, refusing everything else.
    pub fn object(&self) -> Outcome<&serde_json::Map<String, Value>> {
        match &self.body {
            Some(Value::Object(map)) => Ok(map),
            Some(_) => refuse(400, "BadRequest", "The request body must be a JSON object."),
            None => refuse(400, "BadRequest", "Empty Payload. JSON content expected."),
        }
    }
}

impl Prefer {
    fn read(&mut self, header: &str) {
        for part in quoted_split(header) {
            let (name, value) = part.split_once('=').unwrap_or((part.as_str(), ""));
            let value = value.trim().trim_matches('"');
            match name.trim().to_ascii_lowercase().as_str() {
                "outlook.timezone" => self.zone = Some(value.to_string()),
                "outlook.body-content-type" => self.text_body = value.eq_ignore_ascii_case("text"),
                "idtype" => self.immutable_ids = value.eq_ignore_ascii_case("ImmutableId"),
                "return" => self.minimal = value.eq_ignore_ascii_case("minimal"),
                "include-unknown-enum-members" => self.hidden_members = true,
                "odata.maxpagesize" => self.page = value.parse().ok(),
                _ => {}
            }
        }
    }
}

/// Splits at commas and semicolons that are not inside quotes: `outlook.timezone="a, b", IdType="ImmutableId"`.
fn quoted_split(header: &str) -> Vec<String> {
    let (mut parts, mut part, mut quoted) = (Vec::new(), String::new(), false);
    for c in header.chars() {
        match c {
            '"' => quoted = !quoted,
            ',' | ';' if !quoted => {
                parts.push(std::mem::take(&mut part));
                continue;
            }
            _ => {}
        }
        part.push(c);
    }
    parts.push(part);
    parts.into_iter().map(|it| it.trim().to_string()).filter(|it| !it.is_empty()).collect()
}

/// Splits a raw path at its slashes and decodes each segment; `{collection}('id')` becomes two segments.
pub fn segments(raw: &str) -> Outcome<Vec<String>> {
    let mut out = Vec::new();
    for part in raw.split('/').filter(|it| !it.is_empty()) {
        let part = decode(part)?;
        if part == ".." || part == "." {
            return refuse(400, "BadRequest", "The request path is not valid: `..` is not a segment.");
        }
        match part.strip_suffix("')").and_then(|it| it.split_once("('")) {
            Some((name, key)) => out.extend([name.to_string(), key.replace("''", "'")]),
            None => out.push(part),
        }
    }
    Ok(out)
}

fn pairs(raw: &str) -> Outcome<Vec<(String, String)>> {
    let mut out = Vec::new();
    for part in raw.split('&').filter(|it| !it.is_empty()) {
        let part = part.replace('+', " ");
        let (name, value) = part.split_once('=').unwrap_or((&part, ""));
        out.push((decode(name)?, decode(value)?));
    }
    Ok(out)
}

/// Percent-decodes once, refusing what is not an encoding or not UTF-8.
fn decode(raw: &str) -> Outcome<String> {
    let bytes = raw.as_bytes();
    let whole = |at: usize| bytes.get(at + 1..at + 3).is_some_and(|it| it.iter().all(u8::is_ascii_hexdigit));
    let broken = (0..bytes.len()).any(|at| bytes[at] == b'%' && !whole(at));
    let bad = || refusal(400, "BadRequest", "The request URI is not valid: bad percent-encoding.");
    if broken {
        return Err(bad());
    }
    percent_decode_str(raw).decode_utf8().map(|it| it.into_owned()).map_err(|_| bad())
}
