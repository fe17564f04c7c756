//! Carries out a plan: sends its requests, fills their holes, keeps the state.
//!
//! It decides nothing. A step stops at its first failure and the other steps go on. The one thing it may find out by
//! itself is whether a write took whose answer was lost, or whose etag had moved: it reads the properties that were
//! sent and holds them against the plan.

mod keep;

use crate::graph::{Answer, Client, Failure};
use crate::kind::{Field, Home, Kind, body, compare};
use crate::model::{Again, Method, Request};
use crate::plan::{Action, Plan, Step, partly};
use crate::route;
use crate::state::State;
use crate::when;
use futures::{StreamExt, stream};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::sync::watch;

/// What became of one step.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    pub fate: Fate,
    /// The error, or what else there is to say of it.
    pub note: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// There was nothing to do.
    Nothing,
    Applied,
    Failed,
    Blocked,
    /// It was applied, and a second look found a difference all the same.
    Unsettled,
    /// It was not begun, or not finished: somebody asked to stop.
    Skipped,
}

impl Outcome {
    pub fn new(fate: Fate) -> Outcome {
        Outcome { fate, note: None }
    }

    fn noted(fate: Fate, note: impl Into<String>) -> Outcome {
        Outcome { fate, note: Some(note.into()) }
    }
}

/// Sends the requests of every step, `parallelism` steps side by side; one outcome per step, in the plan's order.
///
/// When `stop` turns true the requests in flight are finished and no other is sent. `done` is told of each step.
pub async fn apply(
    client: &Client,
    plan: &Plan,
    state: &State,
    parallelism: usize,
    stop: &watch::Receiver<bool>,
    mut done: impl FnMut(&Step, &Outcome),
) -> Vec<Outcome> {
    let steps = plan.steps.iter().enumerate().map(|(place, step)| {
        let (client, stop) = (client.clone(), stop.clone());
        async move { (place, carry_out(&client, step, state, &stop).await) }
    });
    let mut outcomes = vec![Outcome::new(Fate::Nothing); plan.steps.len()];
    let mut running = stream::iter(steps).buffer_unordered(parallelism.max(1));
    while let Some((place, outcome)) = running.next().await {
        done(&plan.steps[place], &outcome);
        outcomes[place] = outcome;
    }
    outcomes
}

async fn carry_out(client: &Client, step: &Step, state: &State, stop: &watch::Receiver<bool>) -> Outcome {
    match step.action {
        Action::Blocked => return Outcome::new(Fate::Blocked),
        Action::NoOp => return keep::kept(step, state, &BTreeMap::new(), Outcome::new(Fate::Nothing)),
        Action::Create | Action::Update | Action::Replace | Action::Cancel | Action::Adopt => {}
    }
    if *stop.borrow() {
        return Outcome::noted(Fate::Skipped, "stopped before it was begun");
    }
    let before = step.intent.as_ref().and_then(|_| state.record(&step.key));
    if let Some(intent) = &step.intent
        && let Err(error) = state.keep(&step.key, intent.clone()).and_then(|()| state.save())
    {
        return Outcome::noted(Fate::Failed, format!("nothing was sent: {error:#}"));
    }
    let mut holes = BTreeMap::new();
    let mut note = None;
    for (place, request) in step.requests.iter().enumerate() {
        if *stop.borrow() {
            keep::partly(step, state, &holes);
            if place == 0 {
                keep::withdraw(step, state, before);
            }
            return Outcome::noted(Fate::Skipped, partly::told(step, place, "stopped before it was finished"));
        }
        match send(client, step, request, &mut holes, stop).await {
            Ok(answer) => note = note.or(adopted(request, answer.as_ref())),
            Err(Broken { words, perhaps }) => {
                keep::partly(step, state, &holes);
                if place == 0 && !perhaps {
                    keep::withdraw(step, state, before);
                }
                return Outcome::noted(Fate::Failed, partly::told(step, place, &words));
            }
        }
        // The id of a meeting that is not found again without it is worth a write of its own.
        if place == 0 && keep::is_unanswered(step) {
            keep::partly(step, state, &holes);
            if let Err(error) = state.save() {
                return Outcome::noted(Fate::Failed, format!("it was made, but {error:#}"));
            }
        }
    }
    keep::kept(step, state, &holes, Outcome { fate: Fate::Applied, note })
}

/// Why a request did not go through.
struct Broken {
    words: String,
    /// Whether it may have been done all the same.
    perhaps: bool,
}

impl From<String> for Broken {
    fn from(words: String) -> Broken {
        Broken { words, perhaps: true }
    }
}

/// createOrGet answers 200 where the key already had a meeting (onlinemeeting-createorget.md).
fn adopted(request: &Request, answer: Option<&Answer>) -> Option<String> {
    let got = request.path.ends_with("/createOrGet") && answer.is_some_and(|answer| answer.status == 200);
    got.then(|| "the key already had a meeting, which was adopted".into())
}

/// Sends one request, with its holes filled, until it has what the later ones need.
async fn send(
    client: &Client,
    step: &Step,
    request: &Request,
    holes: &mut BTreeMap<String, String>,
    stop: &watch::Receiver<bool>,
) -> Result<Option<Answer>, Broken> {
    let ready = ready(request, holes).map_err(|words| Broken { words, perhaps: false })?;
    // What a read before it has not found is gone already.
    if request.gone && ready.path.contains('{') {
        return Ok(None);
    }
    let mut wait = Duration::from_millis(250);
    loop {
        let answer = match exchange(client, step, &ready).await {
            Ok(answer) => answer,
            // A new meeting may not be found yet: a miss is an empty list or a 404 (onlinemeeting-get.md).
            Err(failure) if request.until && failure.is_absent() => Answer::default(),
            Err(failure) if request.gone && failure.is_absent() => return Ok(None),
            Err(failure) => {
                return Err(Broken { words: client.worded(&failure), perhaps: failure.is_lost() });
            }
        };
        let nothing = Value::Null;
        let within = request.pick.as_ref().map_or(&answer.body, |at| picked(&answer.body, at).unwrap_or(&nothing));
        let found = |pointer: &String| within.pointer(pointer).filter(|value| !value.is_null()).map(text);
        let got: BTreeMap<String, String> =
            request.fills.iter().filter_map(|(hole, pointer)| Some((hole.clone(), found(pointer)?))).collect();
        let missing = request.fills.keys().find(|hole| !got.contains_key(*hole));
        match missing {
            Some(_) if request.until && wait < Duration::from_secs(16) && !*stop.borrow() => {
                tokio::time::sleep(wait).await;
                wait *= 2;
                continue;
            }
            Some(_) if request.gone => {}
            Some(hole) if request.until && !request.keeps.contains(hole) => return Err(waiting(&request.path).into()),
            Some(_) if request.pick.is_some() => {
                return Err("an occurrence of the series is not there any more\n  hint: plan again".to_owned().into());
            }
            Some(hole) if !request.keeps.contains(hole) => {
                return Err(format!(
                    "{} {}: the answer has no {}",
                    request.method,
                    short(&request.path),
                    request.fills[hole]
                )
                .into());
            }
            Some(_) | None => {}
        }
        if let Some(lost) = request.keeps.iter().find(|hole| got.get(*hole) != holes.get(*hole)) {
            let what = if lost == "join" { "the join link" } else { "the online flag" };
            return Err(format!(
                "{what} of the event is not what it was before the write: look at the event in Outlook now"
            )
            .into());
        }
        holes.extend(got);
        if request.tells_text && answer.body["body"]["content"].is_string() {
            holes.insert("text".into(), compare::fingerprint(compare::Compare::Text, &answer.body["body"]));
        }
        return Ok(Some(answer));
    }
}

/// The occurrence in a list that the series meant to start at an instant.
fn picked<'a>(list: &'a Value, at: &str) -> Option<&'a Value> {
    let meant = |it: &&Value| {
        let start =
            it["originalStart"].as_str().and_then(when::instant).or_else(|| when::instant_in_zone(&it["start"]));
        start.is_some_and(|start| when::utc(start) == at)
    };
    list["value"].as_array()?.iter().find(meant)
}

/// Says what did not appear in time, without the link that the path may hold.
fn waiting(path: &str) -> String {
    let what = match path {
        _ if path.contains("$filter=") => "the Teams meeting behind the event",
        _ if path.contains("/instances?") => "an occurrence of the series",
        _ if path.contains("/onlineMeetings/") => "the meeting that was made",
        _ => "the event's join link",
    };
    format!("{what} did not appear in time; everything before it is applied\n  hint: apply again in a minute")
}

/// Sends a request; an event PATCH whose answer was lost or whose etag had moved is looked after by reading.
async fn exchange(client: &Client, step: &Step, request: &Request) -> Result<Answer, Failure> {
    let mut request = request.clone();
    let mut tries = 3;
    loop {
        let failure = match client.send(&step.organizer, &request).await {
            Ok(answer) => return Ok(answer),
            Err(failure) => failure,
        };
        let look = request.again == Again::AfterRead && (failure.is_lost() || failure.is_stale()) && tries > 0;
        let (Some(before), true) = (&request.before, look) else { return Err(failure) };
        tries -= 1;
        let kind = step.key.kind();
        let sent = request.body.as_ref().and_then(Value::as_object).cloned().unwrap_or_default();
        let names: Vec<&str> = sent
            .keys()
            .map(String::as_str)
            .filter(|name| kind.field(Home::Own, name).is_some_and(Field::is_declared))
            .collect();
        let read = client.send(&step.organizer, &look_at(&request, &names)).await?;
        let live = read.body.as_object().cloned().unwrap_or_default();
        if took(kind, &sent, &live) {
            return Ok(read);
        }
        if kind.digest(&names, &live) != *before {
            return Err(failure);
        }
        // It did not take, and nobody changed what the plan is about: the change key moved by itself.
        request.if_match = read.etag.or_else(|| live.get("@odata.etag").and_then(Value::as_str).map(str::to_owned));
    }
}

fn look_at(request: &Request, names: &[&str]) -> Request {
    Request {
        method: Method::Get,
        path: format!("{}?$select={}", request.path, names.join(",")),
        if_match: None,
        body: None,
        again: Again::Freely,
        before: None,
        ..request.clone()
    }
}

/// Whether the live object already is what a PATCH made of it.
fn took(kind: &Kind, sent: &Map<String, Value>, live: &Map<String, Value>) -> bool {
    sent.iter().all(|(name, want)| {
        // Our marks are not read back.
        let Some(field) = kind.field(Home::Own, name).filter(|field| field.is_declared()) else { return true };
        let have = live.get(name).unwrap_or(&Value::Null);
        match field.compare {
            compare::Compare::Text => body::same_text(want, have, None),
            other => compare::same(other, want, have),
        }
    })
}

/// Returns the request with its holes filled and its body spliced.
fn ready(request: &Request, holes: &BTreeMap<String, String>) -> Result<Request, String> {
    let mut ready = request.clone();
    // A join link stands in quotes, which are doubled, and is encoded once more as a whole (onlinemeeting-get.md).
    ready.path = filled(&request.path, holes, |value| route::encoded(&value.replace('\'', "''")));
    if let (Some(hole), Some(body)) = (&request.splice, &mut ready.body) {
        let (live, join) = (holes.get(hole), holes.get("join"));
        let (Some(live), Some(join)) = (live, join) else {
            return Err("the live body was not read before the write".into());
        };
        let spliced = body::splice(live, join, &body["body"]);
        body["body"] = spliced.map_err(|why| format!("nothing was written: {why}"))?;
    }
    Ok(ready)
}

fn filled(text: &str, holes: &BTreeMap<String, String>, shape: impl Fn(&str) -> String) -> String {
    holes.iter().fold(text.to_owned(), |text, (hole, value)| text.replace(&format!("{{{hole}}}"), &shape(value)))
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// A path as it may be shown: without its query, which can hold a join link.
fn short(path: &str) -> &str {
    path.split('?').next().unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::event;
    use serde_json::json;

    /// The marks of an event are sent with each change and not read back with it.
    #[test]
    fn whether_a_write_took_is_told_by_what_a_manifest_declares() {
        let map = |value: Value| value.as_object().cloned().unwrap_or_default();
        let sent = map(json!({"subject": "New", "singleValueExtendedProperties": [{"id": "x", "value": "y"}]}));
        assert!(took(&event::KIND, &sent, &map(json!({"subject": "New"}))));
        assert!(!took(&event::KIND, &sent, &map(json!({"subject": "Old"}))));
        let names = ["subject", "singleValueExtendedProperties"];
        let marked = map(json!({"subject": "Old", "singleValueExtendedProperties": [{"id": "x", "value": "before"}]}));
        assert_eq!(event::KIND.digest(&names, &marked), event::KIND.digest(&names, &map(json!({"subject": "Old"}))));
    }
}
