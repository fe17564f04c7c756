//! The JSON of a batch: the reads that go in, and what was heard of each.
//!
//! Answers come in any order and may be missing or odd; each read gets what was heard of it as if it had gone alone.
//! What to do then is not known here. Source: json-batching.md.

use crate::graph::Get;
use crate::graph::http::{Heard, Raw};
use crate::graph::redact::{not_json, scrub};
use crate::graph::retry;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::collections::HashMap;

/// The body of a batch; a read's id is its place. The headers of the batch itself do not reach the reads in it.
pub fn question<'a>(gets: impl Iterator<Item = &'a Get>, language: Option<&str>) -> String {
    let requests = gets.enumerate().map(|(place, get)| {
        let mut request = json!({"id": place.to_string(), "method": "GET", "url": get.path});
        if let Some(prefer) = &get.prefer {
            request["headers"]["Prefer"] = json!(prefer);
        }
        if let Some(language) = language {
            request["headers"]["Accept-Language"] = json!(language);
        }
        request
    });
    json!({"requests": requests.collect::<Vec<_>>()}).to_string()
}

/// What was heard of each read in a batch, in the order of the question. Never ends: what is not there was lost.
pub enum Answers {
    /// By place: answers come in any order (json-batching.md).
    Each(usize, HashMap<usize, Raw>),
    /// The batch as a whole failed.
    All(Heard),
}

impl Answers {
    /// Takes a batch's answer apart.
    pub fn of(heard: Heard) -> Answers {
        let mut raw = match heard {
            Heard::Answer(raw) if (200..300).contains(&raw.status) => raw,
            heard => return Answers::All(heard),
        };
        let Ok(Value::Array(responses)) = raw.body.as_mut().map(|it| taken(it, "responses")) else {
            let why = "the answer to a batch holds no `responses`".into();
            return Answers::All(Heard::Garbled { why, too_big: false });
        };
        Answers::Each(0, responses.into_iter().filter_map(inner_answer).collect())
    }
}

impl Iterator for Answers {
    type Item = Heard;

    fn next(&mut self) -> Option<Heard> {
        Some(match self {
            Answers::All(heard) => heard.clone(),
            Answers::Each(place, answers) => {
                *place += 1;
                match answers.remove(&(*place - 1)) {
                    Some(raw) => Heard::Answer(raw),
                    None => Heard::Lost("the answer to a batch lacks this request".into()),
                }
            }
        })
    }
}

/// Reads one entry of `responses`; one without an id or a status is as good as absent.
fn inner_answer(mut response: Value) -> Option<(usize, Raw)> {
    let place = response["id"].as_str()?.parse().ok()?;
    let status = response["status"].as_u64().and_then(|it| it.try_into().ok())?;
    let header = |name: &str| {
        let headers = response["headers"].as_object()?;
        let (_, value) = headers.iter().find(|(it, _)| it.eq_ignore_ascii_case(name))?;
        Some(value.as_str().map_or_else(|| value.to_string(), str::to_string))
    };
    let (kind, etag) = (header("content-type").unwrap_or_default(), header("etag"));
    let date = header("date").as_deref().and_then(retry::date);
    let after = |it: String| retry::retry_after(&it, date.unwrap_or_else(Timestamp::now));
    let retry_after = header("retry-after").and_then(after);
    let request_id = header("request-id").map(|it| scrub(&it));
    // A body that is not JSON comes as a string.
    let body = match response["body"].take() {
        Value::String(text) => Err(not_json(&kind, text.as_bytes())),
        body => Ok(body),
    };
    Some((place, Raw { status, retry_after, request_id, etag, date: None, body }))
}

/// Takes a member out of what should be an object; null if it is none.
pub fn taken(of: &mut Value, name: &str) -> Value {
    of.get_mut(name).map(Value::take).unwrap_or_default()
}
