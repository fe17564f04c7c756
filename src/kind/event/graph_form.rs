//! Short forms of single values in the form that Graph takes.

use crate::kind::times::Moment;
use crate::kind::{Fault, body};
use crate::tight;
use crate::when;
use jiff::civil::DateTime;
use serde_json::{Map, Value, json};

/// The times of an event on the clock of a zone.
pub fn times(start: DateTime, end: DateTime, zone: &str) -> Map<String, Value> {
    let at = |name: &str, at: DateTime| (name.to_owned(), when::pair(at, zone));
    Map::from_iter([at("start", start), at("end", end)])
}

/// Graph's pair for a moment. Which of two equal times on a clock Graph takes is not documented, so such a time goes out in UTC.
pub(super) fn zoned(at: &Moment) -> Value {
    match at.twice {
        true => when::pair_in_utc(at.instant),
        false => on_its_clock(at),
    }
}

/// The pair as the clock of the zone shows it.
pub(super) fn on_its_clock(at: &Moment) -> Value {
    when::pair(at.local, &at.zone.graph)
}

/// A place that may be no more than a name.
pub(super) fn place(value: &Value) -> Value {
    let mut place = match value {
        Value::String(name) => json!({ "displayName": name }),
        place => place.clone(),
    };
    if let Some(Value::String(address)) = place.get_mut("locationEmailAddress") {
        *address = address.to_lowercase();
    }
    place
}

/// A body that may be Markdown, closed at its end, so that the join block which the service appends stays visible.
pub(super) fn text(value: &Value, notes: &mut Vec<String>, faults: &mut Vec<Fault>) -> Value {
    let (place, text) = match value {
        Value::String(markdown) => (
            "/body",
            body::html(markdown).map(|html| tight::object([("contentType", "html".into()), ("content", html.into())])),
        ),
        text => ("/body/content", body::fits(text["content"].as_str().unwrap_or_default()).map(|()| text.clone())),
    };
    // What closes a text may be longer than the text.
    let closed = text.and_then(|mut text| {
        let said = body::close(&mut text);
        body::fits(text["content"].as_str().unwrap_or_default()).map(|()| (text, said))
    });
    match closed {
        Ok((text, said)) => {
            notes.extend(said);
            text
        }
        Err(body::Refused { message, hint }) => {
            faults.push(Fault::new(place, message, hint));
            Value::Null
        }
    }
}
