//! The JSON of a batch: the reads that go in, and what was heard of each.
//!
//! Answers come in any order and may be missing or odd; each read gets what was heard of it as if it had gone alone.
//! What to do then is not known here. Source: json-batching.md.

use crate::graph::Get;
use crate::graph::http::{Heard, Raw, Unread};
use crate::graph::json;
use crate::graph::redact::{not_json, scrub};
use crate::graph::retry;
use jiff::Timestamp;
use rayon::prelude::*;
use serde::Deserialize;
use serde::de::DeserializeSeed;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};
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
pub enum Answers<T> {
    /// By place: answers come in any order (json-batching.md).
    Each(usize, HashMap<usize, Answer<T>>),
    /// The batch as a whole failed.
    All(Heard),
}

/// What was heard of one read.
pub enum Answer<T> {
    /// It was answered, and this stands in it.
    Read(T),
    /// Anything else.
    Other(Heard),
}

impl<T: Default + Send> Answers<T> {
    /// Takes a batch's answer apart, on all cores. What one read is answered becomes what the seed for its place makes of it.
    pub fn of<S>(came: Result<Unread, Heard>, seed: impl Fn(usize) -> Option<S> + Sync) -> Answers<T>
    where
        S: for<'de> DeserializeSeed<'de, Value = T>,
    {
        let unread = match came {
            Ok(unread) => unread,
            Err(heard) => return Answers::All(heard),
        };
        let answers = |responses: Option<Vec<Response>>| {
            let answer = |response: Response| response.answer(&seed).transpose();
            responses.map(|all| all.into_par_iter().filter_map(answer).collect()).transpose()
        };
        let read = |bytes: &[u8]| match serde_json::from_slice(bytes) {
            Ok(Envelope { responses }) => answers(responses),
            // It is JSON, and something in it is odd: the rest counts.
            Err(error) if error.is_data() => {
                let Loose { responses } = serde_json::from_slice(bytes).unwrap_or_default();
                answers(responses.map(sound))
            }
            Err(error) => Err(error),
        };
        match unread.read(read) {
            Ok(Some(Some(answers))) => Answers::Each(0, answers),
            Ok(Some(None) | None) => {
                let why = "the answer to a batch holds no `responses`".into();
                Answers::All(Heard::Garbled { why, too_big: false })
            }
            Err(what) => Answers::All(Unread::garbled(&what)),
        }
    }
}

impl<T> Iterator for Answers<T> {
    type Item = Answer<T>;

    fn next(&mut self) -> Option<Answer<T>> {
        Some(match self {
            Answers::All(heard) => Answer::Other(heard.clone()),
            Answers::Each(place, answers) => {
                *place += 1;
                let lost = || Heard::Lost("the answer to a batch lacks this request".into());
                answers.remove(&(*place - 1)).unwrap_or_else(|| Answer::Other(lost()))
            }
        })
    }
}

/// What a batch is answered.
#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    responses: Option<Vec<Response<'a>>>,
}

/// The same where not each of them is as it should be.
#[derive(Default, Deserialize)]
struct Loose<'a> {
    #[serde(borrow)]
    responses: Option<Vec<&'a RawValue>>,
}

/// Those of them that can be read.
fn sound(responses: Vec<&RawValue>) -> Vec<Response<'_>> {
    responses.into_iter().filter_map(|one| serde_json::from_str(one.get()).ok()).collect()
}

/// What one read in it is answered. The body waits until it is known what it is to become.
#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
struct Response<'a> {
    id: Value,
    status: Value,
    headers: Map<String, Value>,
    #[serde(borrow)]
    body: Option<&'a RawValue>,
}

impl Response<'_> {
    /// What it says to which read; one without an id or a status is as good as absent. Fails on a body that is no JSON.
    fn answer<T: Default, S>(self, seed: impl Fn(usize) -> Option<S>) -> serde_json::Result<Option<(usize, Answer<T>)>>
    where
        S: for<'de> DeserializeSeed<'de, Value = T>,
    {
        let place = self.id.as_str().and_then(|it| it.parse().ok());
        let status = self.status.as_u64().and_then(|it| it.try_into().ok());
        let (Some(place), Some(status)) = (place, status) else { return Ok(None) };
        let text = self.body.map_or("null", RawValue::get);
        // A body that is not JSON comes as a string.
        let answer = match seed(place).filter(|_| (200..300).contains(&status) && text.starts_with('{')) {
            Some(seed) => {
                let mut from = serde_json::Deserializer::from_str(text);
                Answer::Read(seed.deserialize(&mut from)?)
            }
            None => Answer::Other(Heard::Answer(self.raw(status, json::read(text.as_bytes())?))),
        };
        Ok(Some((place, answer)))
    }

    fn raw(&self, status: u16, body: Value) -> Raw {
        let header = |name: &str| {
            let (_, value) = self.headers.iter().find(|(it, _)| it.eq_ignore_ascii_case(name))?;
            Some(value.as_str().map_or_else(|| value.to_string(), str::to_string))
        };
        let (kind, etag) = (header("content-type").unwrap_or_default(), header("etag"));
        let date = header("date").as_deref().and_then(retry::date);
        let after = |it: String| retry::retry_after(&it, date.unwrap_or_else(Timestamp::now));
        let retry_after = header("retry-after").and_then(after);
        let request_id = header("request-id").map(|it| scrub(&it));
        let body = match body {
            Value::String(text) => Err(not_json(&kind, text.as_bytes())),
            body => Ok(body),
        };
        Raw { status, retry_after, request_id, etag, date: None, body }
    }
}
