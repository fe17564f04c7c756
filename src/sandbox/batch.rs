//! `$batch`: up to 20 requests in one, in parallel, or in the order of their dependsOn (json-batching.md).
//!
//! At most four of them run at once, so one batch fits the limit of a mailbox (throttling-limits.md); each is throttled and meets
//! faults on its own. A connection that is cut takes all the answers with it.

use std::collections::HashMap;

use futures::{StreamExt, stream};
use serde_json::{Map, Value, json};

use crate::sandbox::{
    answer::{Answer, Outcome, Refusal, refusal, refuse},
    ask::Ask,
    line::Knife,
    twin::{self, Twin},
};

struct Inner {
    id: String,
    depends: Vec<String>,
    ask: Outcome<Ask>,
}

/// Answers a batch. The outer status is 200 even if all inner ones fail; `knife` cuts its connection.
pub async fn run(twin: &Twin, ask: &Ask, origin: &str, knife: &Knife) -> Outcome {
    if ask.method != "POST" {
        return refuse(405, "Request_BadRequest", "A batch is sent with POST.");
    }
    let mut waiting = read(ask, origin)?;
    let keys: Vec<String> = waiting.iter().filter_map(|it| it.ask.as_ref().ok()).map(twin::key).collect();
    let fate = twin.faults.as_ref().map(|faults| twin.dice.draw_batch(faults, &keys)).unwrap_or_default();
    if fate.drop_before {
        knife.cut();
        return Ok(Answer::empty(204));
    }
    let mut done: HashMap<String, u16> = HashMap::new();
    let mut responses = Vec::new();
    // Each round takes what waits for nothing that is still to come; a circle was refused before.
    while !waiting.is_empty() {
        let (ready, later): (Vec<Inner>, Vec<Inner>) =
            waiting.into_iter().partition(|it| it.depends.iter().all(|id| done.contains_key(id)));
        waiting = later;
        let round = stream::iter(ready).map(|it| {
            let failed = it.depends.iter().any(|id| done.get(id).is_some_and(|status| *status >= 400));
            async move { (it.id.clone(), one(twin, it, failed).await) }
        });
        let answers: Vec<(String, Answer)> = round.buffer_unordered(4).collect().await;
        for (id, answer) in answers {
            done.insert(id.clone(), answer.status);
            responses.push(show(id, answer));
        }
    }
    if fate.drop_after {
        knife.cut();
    }
    // Moved in: `json!` would copy megabytes.
    Ok(Answer::json(200, Map::from_iter([("responses".to_owned(), responses.into())]).into()))
}

/// What its requests are about, for the dice.
async fn one(twin: &Twin, inner: Inner, failed: bool) -> Answer {
    if failed {
        let message = "Dependency request failed.";
        return twin.refused(refusal(424, "FailedDependency", message), "");
    }
    match inner.ask {
        Ok(ask) => twin.one(&ask, None).await,
        Err(refusal) => twin.refused(refusal, ""),
    }
}

fn show(id: String, answer: Answer) -> Value {
    let mut headers = Map::new();
    if answer.body.is_some() {
        headers.insert("Content-Type".into(), "application/json".into());
    }
    headers.extend(answer.headers.into_iter().map(|(name, value)| (name.to_string(), value.into())));
    let mut out = json!({"id": id, "status": answer.status, "headers": headers});
    if let Some(body) = answer.body {
        out["body"] = body;
    }
    out
}

fn read(ask: &Ask, origin: &str) -> Outcome<Vec<Inner>> {
    let Some(requests) = ask.object()?.get("requests").and_then(Value::as_array) else {
        return refuse(400, "BadRequest", "Invalid batch payload format: 'requests' is required.");
    };
    if requests.is_empty() || requests.len() > 20 {
        return refuse(400, "BadRequest", "The number of batch requests must be 1 to 20.");
    }
    let mut all: Vec<Inner> = Vec::new();
    for request in requests {
        let text = |name: &str| request[name].as_str().unwrap_or_default();
        // Some clients count with numbers.
        let id = request["id"].as_u64().map_or_else(|| text("id").to_string(), |it| it.to_string());
        let (url, method) = (text("url"), text("method").to_uppercase());
        if id.is_empty() || url.is_empty() || method.is_empty() {
            return refuse(400, "BadRequest", "Each batch request needs 'id', 'method' and 'url'.");
        }
        if all.iter().any(|it| it.id == id) {
            return refuse(400, "BadRequest", format!("The batch request id '{id}' is not unique."));
        }
        let depends = request["dependsOn"].as_array().into_iter().flatten().filter_map(Value::as_str);
        let depends: Vec<String> = depends.map(str::to_string).collect();
        all.push(Inner { depends, ask: inner_ask(ask, origin, &method, url, request), id });
    }
    // Ids must be known, and there may be no circle.
    let mut open: Vec<&Inner> = all.iter().collect();
    let mut known: Vec<&str> = Vec::new();
    while !open.is_empty() {
        let (ready, rest): (Vec<&Inner>, Vec<&Inner>) =
            open.iter().partition(|it| it.depends.iter().all(|id| known.contains(&id.as_str())));
        if ready.is_empty() {
            return refuse(400, "BadRequest", "The 'dependsOn' of a batch request is unknown or goes in a circle.");
        }
        known.extend(ready.iter().map(|it| it.id.as_str()));
        open = rest;
    }
    Ok(all)
}

fn inner_ask(ask: &Ask, origin: &str, method: &str, url: &str, request: &Value) -> Outcome<Ask> {
    if url.to_ascii_lowercase().contains("$batch") {
        return refuse(400, "BadRequest", "Batches are not nested.");
    }
    let version = if ask.beta { "beta" } else { "v1.0" };
    // The official Python client sends whole addresses.
    let whole = url.split_once("://").and_then(|(_, rest)| rest.split_once('/')).map(|(_, path)| path);
    let url = whole.map_or(url, |path| path.strip_prefix(version).filter(|it| it.starts_with('/')).unwrap_or(path));
    let body = request.get("body").filter(|it| !it.is_null()).cloned();
    let headers = request["headers"].as_object().cloned().unwrap_or_default();
    let typed = headers.keys().any(|it| it.eq_ignore_ascii_case("content-type"));
    if body.is_some() && !typed {
        let refusal: Refusal = refusal(400, "BadRequest", "A batch request with a body needs a Content-Type header.");
        return Err(refusal);
    }
    let mut inner = Ask::new(method, origin, &format!("/{version}/{}", url.trim_start_matches('/')), body)?;
    for (name, value) in &headers {
        inner.header(name, value.as_str().unwrap_or_default());
    }
    Ok(inner)
}
