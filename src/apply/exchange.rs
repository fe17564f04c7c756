//! One request and its answer, found out by reading where the answer was lost.
//!
//! The one thing that applying may find out by itself is whether a write took whose answer was lost, or whose etag had moved:
//! it reads the properties that were sent, or that a removal would take away, and holds them against the plan.

use crate::graph::{Answer, Client, Failure};
use crate::kind::event::{View, read};
use crate::kind::{Field, Home, Kind, body, compare, mark};
use crate::model::{Again, Method, Purpose, Request};
use crate::plan::Step;
use crate::route;
use serde_json::{Map, Value};

/// Sends a request; an event PATCH whose answer was lost, and any write whose etag had moved, is looked after by reading.
pub(super) async fn exchange(client: &Client, step: &Step, request: &Request) -> Result<Answer, Failure> {
    let mut request = request.clone();
    let mut tries = 3;
    loop {
        let failure = match client.send(&step.organizer, &request).await {
            Ok(answer) => return Ok(answer),
            Err(failure) => failure,
        };
        let look = failure.is_stale() || (failure.is_lost() && request.again == Again::AfterRead);
        let (Some(before), true) = (&request.before, look && tries > 0) else { return Err(failure) };
        tries -= 1;
        let kind = step.key.kind();
        let sent = request.body.as_ref().and_then(Value::as_object).cloned().unwrap_or_default();
        let named = sent.keys().chain(&request.guards).map(String::as_str);
        let names: Vec<&str> =
            named.filter(|name| kind.field(Home::Own, name).is_some_and(Field::is_declared)).collect();
        let look = look_at(&request, &names);
        let read = client.send(&step.organizer, &look).await?;
        let live = read.body.as_object().cloned().unwrap_or_default();
        // Exchange may keep what is cancelled as that.
        if !request.guards.is_empty() && View::of(&live).is_cancelled() {
            return Ok(read);
        }
        if sent.contains_key(mark::PROPERTY) && mark::is_written(&sent, &live) {
            return Ok(proven(kind, &sent, &live, read));
        }
        let mut shown = live.clone();
        // Whole days float, and the server has zone tables of its own: times are held against those that were sent in their zone.
        if let Some(zone) = View::of(&sent).zone_name() {
            let in_zone = Request { prefer: Some(route::event_prefer(zone)), ..look };
            let again = client.send(&step.organizer, &in_zone).await?;
            shown = again.body.as_object().cloned().unwrap_or_default();
            read::in_zone(&mut shown, zone);
        }
        // What was planned from was read in UTC or in the zone of what is sent.
        let untouched = [&live, &shown].iter().any(|live| kind.digest(&names, live) == *before);
        // A new text may read like the old one while its links lead elsewhere: where nothing changed it was not written.
        let text = kind.compared(compare::Compare::Text).is_some_and(|field| sent.contains_key(field.name));
        let shows = request.guards.is_empty() && !names.is_empty() && !(untouched && text);
        if shows && took(kind, &sent, &shown) {
            return Ok(proven(kind, &sent, &live, read));
        }
        if !untouched {
            return Err(failure);
        }
        // It did not take, and nobody changed what the plan is about: the change key moved by itself.
        request.if_match = read.etag.or_else(|| live.get("@odata.etag").and_then(Value::as_str).map(str::to_owned));
    }
}

/// The read that shows what was sent, our marks with it.
fn look_at(request: &Request, names: &[&str]) -> Request {
    let removal = if request.guards.is_empty() { &[][..] } else { &[read::CANCELLED] };
    let select = [&["id"], removal, names].concat();
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

/// The answer of a write that took: what it shows as it was sent. How the rest landed is not known, since the read may be of what
/// somebody else wrote in between.
fn proven(kind: &Kind, sent: &Map<String, Value>, live: &Map<String, Value>, read: Answer) -> Answer {
    let shown = live
        .iter()
        .filter(|(name, _)| sent.get(*name).is_none_or(|want| is_as_sent(kind, name, want, live).unwrap_or(true)));
    let body = Value::Object(shown.map(|(name, value)| (name.clone(), value.clone())).collect());
    Answer { body, ..read }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::event;
    use serde_json::json;

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
