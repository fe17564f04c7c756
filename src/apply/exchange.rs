//! One request and its answer, found out by reading where the answer was lost.
//!
//! The one thing that applying may find out by itself is whether a write took whose answer was lost, or whose etag had moved:
//! it reads the properties that were sent, or that a removal would take away, and holds them against the plan.

use crate::graph::{Answer, Client, Failure};
use crate::kind::event::{View, read};
use crate::kind::{Field, Home, Kind, body, compare, mark};
use crate::model::{Again, Body, Method, Purpose, Request};
use crate::plan::Step;
use crate::route;
use serde_json::{Map, Value};
use std::sync::atomic::{AtomicBool, Ordering};

/// Sends a request; an event PATCH whose answer was lost, and any write whose etag had moved, is looked after by reading.
///
/// A date of a series is read before it is written: its etag is that of a moment ago, which says nothing of who wrote it since the
/// plan, and writing the same again mails everybody again. `shared` turns true where somebody else has written the very same of
/// the event itself, or may have: they may be about the rest of the step too, so from then on every write is read before.
pub(super) async fn exchange(
    client: &Client,
    step: &Step,
    request: &Request,
    shared: &AtomicBool,
) -> Result<Answer, Failure> {
    let mut request = request.clone();
    let reads = request.purpose == Purpose::ChangeOccurrence || shared.load(Ordering::Relaxed);
    if reads && request.method == Method::Patch && request.before.is_some() {
        let look = look(client, step, &request).await?;
        if look.took(&request) {
            return Ok(look.proven());
        }
    }
    let mut tries = 3;
    loop {
        let failure = match client.send(&step.organizer, &request).await {
            Ok(answer) => return Ok(answer),
            Err(failure) => failure,
        };
        let looks = failure.is_stale() || (failure.is_lost() && request.again == Again::AfterRead);
        if request.before.is_none() || !looks || tries == 0 {
            return Err(failure);
        }
        tries -= 1;
        let look = match look(client, step, &request).await {
            Ok(look) => look,
            Err(gone) if gone.is_absent() => return Err(gone),
            // What cannot be read tells nothing of the write.
            Err(_) => return Err(failure),
        };
        if look.took(&request) {
            shared.fetch_or(look.may_be_anothers(&failure), Ordering::Relaxed);
            return Ok(look.proven());
        }
        if !look.is_untouched(&request) {
            return Err(failure);
        }
        // It did not take, and nobody changed what the plan is about: the change key moved by itself.
        request.if_match = look.etag();
    }
}

/// What a read shows of what was sent, or was to be removed.
struct Look {
    kind: &'static Kind,
    sent: Map<String, Value>,
    names: Vec<String>,
    live: Map<String, Value>,
    /// The same, with its times in the zone of those that were sent.
    shown: Map<String, Value>,
    read: Answer,
}

async fn look(client: &Client, step: &Step, request: &Request) -> Result<Look, Failure> {
    let kind = step.key.kind();
    let sent = request.body.as_ref().map(Body::members).unwrap_or_default();
    let named = sent.keys().chain(&request.guards);
    let names: Vec<String> =
        named.filter(|name| kind.field(Home::Own, name).is_some_and(Field::is_declared)).cloned().collect();
    let get = look_at(request, &names);
    let read = client.send(&step.organizer, &get).await?;
    let live = read.body.as_object().cloned().unwrap_or_default();
    let mut shown = live.clone();
    // Whole days float, and the server has zone tables of its own: times are held against those that were sent in their zone.
    if let Some(zone) = View::of(&sent).zone_name().filter(|_| !mark::is_written(&sent, &live)) {
        let in_zone = Request { prefer: Some(route::event_prefer(zone).into()), ..get };
        let again = client.send(&step.organizer, &in_zone).await?;
        shown = again.body.as_object().cloned().unwrap_or_default();
        read::in_zone(&mut shown, zone);
    }
    Ok(Look { kind, sent, names, live, shown, read })
}

impl Look {
    /// Whether what was sent is there.
    fn took(&self, request: &Request) -> bool {
        let Look { kind, sent, names, live, shown, .. } = self;
        if !request.guards.is_empty() {
            // Exchange may keep what is cancelled as that.
            return View::of(live).is_cancelled();
        }
        if sent.contains_key(mark::PROPERTY) && mark::is_written(sent, live) {
            return true;
        }
        // A new text may read like the old one while its links lead elsewhere: where nothing changed it was not written.
        let text = kind.compared(compare::Compare::Text).is_some_and(|field| sent.contains_key(field.name));
        let unwritten = text && self.is_untouched(request);
        !names.is_empty() && !unwritten && took(kind, sent, shown)
    }

    /// Whether nobody changed what the plan is about. What it was made from was read in UTC or in the zone of what is sent; of a
    /// date of a series it was not read at all where the server's zone tables are others, and its etag alone tells.
    fn is_untouched(&self, request: &Request) -> bool {
        if request.if_match.is_some() && request.if_match == self.etag() {
            return true;
        }
        let names: Vec<&str> = self.names.iter().map(String::as_str).collect();
        let digest = |live| Some(self.kind.digest(&names, live));
        [&self.live, &self.shown].into_iter().any(|live| digest(live) == request.before)
    }

    /// Whether somebody else may have written what was sent: certainly where it was there before ours came, and unless our own mark
    /// came with it. Attendees go alone, so that nothing tells whose they are.
    fn may_be_anothers(&self, failure: &Failure) -> bool {
        let ours = self.sent.contains_key(mark::PROPERTY) && mark::is_written(&self.sent, &self.live);
        failure.is_stale() || !ours
    }

    fn etag(&self) -> Option<String> {
        let own = || self.live.get("@odata.etag").and_then(Value::as_str).map(str::to_owned);
        self.read.etag.clone().or_else(own)
    }

    /// The answer of a write that took: what it shows as it was sent. How the rest landed is not known, since the read may be of
    /// what somebody else wrote in between.
    fn proven(self) -> Answer {
        let Look { kind, sent, live, read, .. } = self;
        let as_sent =
            |name: &String| sent.get(name).is_none_or(|want| is_as_sent(kind, name, want, &live).unwrap_or(true));
        let shown = live.iter().filter(|(name, _)| as_sent(name));
        let body = Value::Object(shown.map(|(name, value)| (name.clone(), value.clone())).collect());
        Answer { body, ..read }
    }
}

/// The read that shows what was sent, our marks with it.
fn look_at(request: &Request, names: &[String]) -> Request {
    let removal = Some(read::CANCELLED).filter(|_| !request.guards.is_empty());
    let select: Vec<&str> = ["id"].into_iter().chain(removal).chain(names.iter().map(String::as_str)).collect();
    let path = request.path.strip_suffix("/cancel").unwrap_or(&request.path);
    Request {
        purpose: Purpose::Observe,
        method: Method::Get,
        path: format!("{path}?$select={}&$expand={}", select.join(","), route::encoded(&mark::expand())),
        if_match: None,
        body: None,
        again: Again::Freely,
        before: None,
        guards: vec![],
        ..request.clone()
    }
}

/// Whether the live object already is what a PATCH made of it, so far as that shows without our marks.
fn took(kind: &Kind, sent: &Map<String, Value>, live: &Map<String, Value>) -> bool {
    sent.iter().all(|(name, want)| is_as_sent(kind, name, want, live).unwrap_or(true))
}

/// Whether a property reads as it was sent; nothing for what no manifest declares.
fn is_as_sent(kind: &Kind, name: &str, want: &Value, live: &Map<String, Value>) -> Option<bool> {
    let field = kind.field(Home::Own, name).filter(|field| field.is_declared())?;
    let have = live.get(name).unwrap_or(&Value::Null);
    Some(match field.compare {
        compare::Compare::Text => body::same_text(want, have, None),
        other => compare::same(other, want, have),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::{Settings, Token};
    use crate::kind::{KindId, event};
    use crate::model::Key;
    use crate::plan::Action;
    use axum::{Router, http::StatusCode, routing};
    use serde_json::json;

    /// Graph takes a write, or not, and answers with nothing; a read of it afterwards is refused with that status and code.
    async fn lost_and_unread(status: StatusCode, code: &'static str) -> Failure {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let read = move || async move { (status, axum::Json(json!({"error": {"code": code}}))) };
        let write = || async { StatusCode::GATEWAY_TIMEOUT };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let root = format!("http://{}/v1.0", listener.local_addr().unwrap());
        let routes = Router::new().route("/v1.0/me/events/x", routing::patch(write).get(read));
        tokio::spawn(async { axum::serve(listener, routes).await });
        let client = Client::new(Settings::new(root, Token::ready("t".into()))).unwrap();
        let body = Some(Body::of(&json!({"subject": "New"})));
        let request = Request { purpose: Purpose::UpdateEvent, method: Method::Patch, body, ..Request::default() };
        let request = Request { path: "/me/events/x".into(), again: Again::AfterRead, ..request };
        let request = Request { before: Some("planned".into()), ..request };
        let step = Step::new(Key::new(KindId::Event, "weekly"), "me", Action::Update);
        exchange(&client, &step, &request, &AtomicBool::new(false)).await.unwrap_err()
    }

    #[tokio::test]
    async fn a_write_whose_answer_was_lost_and_that_cannot_be_read_may_have_been_done() {
        let failure = lost_and_unread(StatusCode::FORBIDDEN, "ErrorAccessDenied").await;
        assert!(failure.is_perhaps_done() && failure.to_string().contains("PATCH"), "{failure}");
        let failure = lost_and_unread(StatusCode::NOT_FOUND, "ErrorItemNotFound").await;
        assert!(failure.is_absent(), "{failure}");
    }

    /// Two send the same attendees at once, and one's request is lost on its way: what a read shows then is the other one's, who goes on
    /// to the rest.
    #[tokio::test]
    async fn attendees_that_a_read_shows_after_a_lost_answer_may_be_somebody_elses() {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let guests = || json!([{"emailAddress": {"address": "adele@contoso.example"}, "type": "required"}]);
        let read = move || async move { axum::Json(json!({"id": "x", "@odata.etag": "e2", "attendees": guests()})) };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let root = format!("http://{}/v1.0", listener.local_addr().unwrap());
        let write = || async { StatusCode::GATEWAY_TIMEOUT };
        let routes = Router::new().route("/v1.0/me/events/x", routing::patch(write).get(read));
        tokio::spawn(async { axum::serve(listener, routes).await });
        let client = Client::new(Settings::new(root, Token::ready("t".into()))).unwrap();
        let (purpose, body) = (Purpose::ChangeAttendees, Some(Body::of(&json!({"attendees": guests()}))));
        let request =
            Request { purpose, method: Method::Patch, path: "/me/events/x".into(), body, ..Request::default() };
        let request = Request { again: Again::AfterRead, before: Some("planned".into()), ..request };
        let step = Step::new(Key::new(KindId::Event, "weekly"), "me", Action::Update);
        let shared = AtomicBool::new(false);
        assert!(exchange(&client, &step, &request, &shared).await.is_ok() && shared.load(Ordering::Relaxed));
    }

    /// The marks of an event are sent with each change and not read back with it.
    #[test]
    fn whether_a_write_took_is_decided_by_what_a_manifest_declares() {
        let map = |value: Value| value.as_object().cloned().unwrap_or_default();
        let sent = map(json!({"subject": "New", "singleValueExtendedProperties": [{"id": "x", "value": "y"}]}));
        assert!(took(&event::KIND, &sent, &map(json!({"subject": "New"}))));
        assert!(!took(&event::KIND, &sent, &map(json!({"subject": "Old"}))));
        let names = ["subject", "singleValueExtendedProperties"];
        let marked = map(json!({"subject": "Old", "singleValueExtendedProperties": [{"id": "x", "value": "before"}]}));
        assert_eq!(event::KIND.digest(&names, &marked), event::KIND.digest(&names, &map(json!({"subject": "Old"}))));
    }
}
