//! When two values of a property mean the same, though Graph writes one of them differently.
//!
//! One rule per way that Graph rewrites what it is given. Every rule is a canonical form, so that equality and
//! fingerprint cannot disagree. Whether a difference matters is not decided here.

use crate::{recurrence, when};
use jiff::Timestamp;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use std::borrow::Cow;

/// How the live value of a property is held against the desired one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compare {
    /// As JSON, but an object only in the members that are declared.
    Exact,
    /// Text that Graph spells in its own case: e-mail addresses, language tags.
    CaseFolded,
    /// DateTimeOffset texts, as instants.
    Instant,
    /// dateTimeTimeZone objects, as instants.
    Zoned,
    /// Lists whose order means nothing.
    Set,
    /// Attendees, as a set by lower-case address, on `type` only.
    People,
    /// Meeting participants, as a set by lower-case upn or object id, on `role` only.
    Participants,
    /// A location or a list of them, without what Graph finds out about it by itself.
    Place,
    /// patternedRecurrence without what its type does not use.
    Recurrence,
    /// A body: the text above the join block.
    Text,
    /// A chat, whose thread id is percent-encoded or not.
    Thread,
}

impl Compare {
    /// Returns the role of a member that says none, where members have roles.
    pub fn usual_role(self) -> Option<&'static str> {
        match self {
            Compare::People => Some(REQUIRED),
            Compare::Participants => Some(ATTENDEE),
            Compare::Exact
            | Compare::CaseFolded
            | Compare::Instant
            | Compare::Zoned
            | Compare::Set
            | Compare::Place
            | Compare::Recurrence
            | Compare::Text
            | Compare::Thread => None,
        }
    }
}

/// Who is invited without more is required (attendee.md).
const REQUIRED: &str = "required";

/// Reads may give a null role (createorget sample); it means an attendee.
const ATTENDEE: &str = "attendee";

/// Tells whether the live value `have` means what the desired value `want` says.
pub fn same(compare: Compare, want: &Value, have: &Value) -> bool {
    want == have
        || is_same_instant(compare, want, have)
        || canonical(compare, want) == canonical(compare, &reduced(want, have))
}

/// Whether two times mean the same to the second, which is all that a canonical form holds of them.
fn is_same_instant(compare: Compare, want: &Value, have: &Value) -> bool {
    let at = |value: &Value| when::instant_in_zone(value).map(Timestamp::as_second);
    compare == Compare::Zoned && at(want).is_some_and(|want| at(have) == Some(want))
}

/// Tells whether two values of a property may be one that Graph wrote otherwise: places get words of the service, and a series
/// the zone that the server knows its zone by.
pub fn may_be_rewritten(compare: Compare, want: &Value, have: &Value) -> bool {
    let without_zone = |value: &Value| {
        let mut value = canonical(compare, value).into_owned();
        value.pointer_mut("/range").and_then(Value::as_object_mut).map(|range| range.remove("recurrenceTimeZone"));
        value
    };
    match compare {
        Compare::Place => true,
        Compare::Recurrence => without_zone(want) == without_zone(have),
        Compare::Exact
        | Compare::CaseFolded
        | Compare::Instant
        | Compare::Zoned
        | Compare::Set
        | Compare::People
        | Compare::Participants
        | Compare::Text
        | Compare::Thread => false,
    }
}

/// Returns the first 12 hexadecimal digits of the text's SHA-256.
pub fn hash(text: &str) -> String {
    let digit = |half: u8| char::from(b"0123456789abcdef"[usize::from(half)]);
    let mut digits = String::with_capacity(12);
    for byte in &Sha256::digest(text.as_bytes())[..6] {
        digits.push(digit(byte >> 4));
        digits.push(digit(byte & 15));
    }
    digits
}

/// Returns the first 12 hexadecimal digits of the SHA-256 of the JSON text of a value's canonical form.
pub fn hash_of(compare: Compare, value: &Value) -> String {
    hash(&serde_json::to_string(&*canonical(compare, value)).expect("a value has members of text"))
}

/// Brings a value into the one form that all values of the same meaning share.
///
/// A value of an unexpected shape is its own form: it then equals nothing but itself.
pub fn canonical(compare: Compare, value: &Value) -> Cow<'_, Value> {
    let instant = |at| json!(when::utc(at));
    let own = match compare {
        Compare::Exact => return sorted(value),
        Compare::CaseFolded => value.as_str().map(|text| json!(text.to_lowercase())),
        Compare::Instant => value.as_str().and_then(when::instant).map(instant),
        Compare::Zoned => match when::instant_in_zone(value) {
            Some(at) => Some(instant(at)),
            None => return sorted(value),
        },
        Compare::Set => {
            let mut items = value.as_array().cloned().unwrap_or_default();
            items.sort_by_key(|item| item.to_string());
            items.dedup();
            Some(Value::Array(items))
        }
        Compare::People => Some(people(value)),
        Compare::Participants => Some(participants(value)),
        Compare::Place => return place(value),
        Compare::Recurrence => Some(recurrence::normal(value)),
        Compare::Text => Some(json!(value["content"].as_str().unwrap_or_default())),
        Compare::Thread => {
            let thread = value["threadId"].as_str().map(|id| percent_decode_str(id).decode_utf8_lossy());
            match thread {
                Some(thread) => Some(json!({"threadId": thread})),
                None => return sorted(value),
            }
        }
    };
    own.map_or(Cow::Borrowed(value), Cow::Owned)
}

/// Returns the address of an attendee in lower case.
pub fn address(attendee: &Value) -> Option<String> {
    attendee["emailAddress"]["address"].as_str().map(str::to_lowercase)
}

/// Reduces a live object to the members that the desired one names; anything else passes whole.
pub fn reduced(want: &Value, have: &Value) -> Value {
    match (want, have) {
        (Value::Object(want), Value::Object(have)) => want
            .iter()
            .map(|(name, want)| (name.clone(), reduced(want, have.get(name).unwrap_or(&Value::Null))))
            .collect::<Map<_, _>>()
            .into(),
        (Value::Array(want), Value::Array(have)) if want.len() == have.len() => {
            want.iter().zip(have).map(|(want, have)| reduced(want, have)).collect()
        }
        (_, have) => have.clone(),
    }
}

/// Sorts the members of objects and drops those that say nothing: Graph returns `null` and `""` for what is not set.
fn sorted(value: &Value) -> Cow<'_, Value> {
    match value {
        Value::Object(members) => {
            let own = |(name, value): (&String, &Value)| (name.clone(), sorted(value).into_owned());
            let mut members: Vec<_> = members.iter().map(own).collect();
            members.retain(|(_, value)| !value.is_null() && value != "");
            members.sort_by(|one, other| one.0.cmp(&other.0));
            let members: Map<_, _> = members.into_iter().collect();
            Cow::Owned(if members.is_empty() { Value::Null } else { members.into() })
        }
        Value::Array(items) => Cow::Owned(items.iter().map(|item| sorted(item).into_owned()).collect()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Cow::Borrowed(value),
    }
}

/// Graph adds `locationType` and the `uniqueId…` pair to each location (location.md).
fn place(value: &Value) -> Cow<'_, Value> {
    match value {
        Value::Array(places) => Cow::Owned(places.iter().map(|it| place(it).into_owned()).collect()),
        Value::Object(members) => {
            let own = |name: &str| name != "locationType" && !name.starts_with("uniqueId");
            let members = members.iter().filter(|(name, _)| own(name));
            let members: Map<_, _> = members.map(|(name, value)| (name.clone(), value.clone())).collect();
            Cow::Owned(sorted(&members.into()).into_owned())
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Cow::Borrowed(value),
    }
}

fn people(value: &Value) -> Value {
    let people = value.as_array().into_iter().flatten();
    set(people.filter_map(|attendee| address(attendee).map(|address| (address, role(attendee).to_owned()))))
}

fn role(attendee: &Value) -> &str {
    attendee["type"].as_str().unwrap_or(REQUIRED)
}

/// Whether two lists of attendees mean the same: mostly they name the same people in the same order.
pub fn same_people(want: &Value, have: &Value) -> bool {
    fn plain(attendee: &Value) -> Option<&str> {
        attendee["emailAddress"]["address"].as_str().filter(|address| address.is_ascii())
    }
    let are_equal = |(one, other): (&Value, &Value)| {
        let named = plain(one).zip(plain(other)).is_some_and(|(one, other)| one.eq_ignore_ascii_case(other));
        named && role(one) == role(other)
    };
    let in_order = want
        .as_array()
        .zip(have.as_array())
        .is_some_and(|(want, have)| want.len() == have.len() && want.iter().zip(have).all(are_equal));
    in_order || people(want) == people(have)
}

fn participants(value: &Value) -> Value {
    let people = value["attendees"].as_array().into_iter().flatten().filter_map(|person| {
        let name = person["upn"].as_str().or(person["identity"]["user"]["id"].as_str())?;
        Some((name.to_lowercase(), person["role"].as_str().unwrap_or(ATTENDEE).to_owned()))
    });
    set(people)
}

/// Makes an object whose members stand in the order of their names, so that equal sets have equal texts.
fn set(people: impl Iterator<Item = (String, String)>) -> Value {
    let sorted: std::collections::BTreeMap<_, _> = people.collect();
    sorted.into_iter().map(|(name, role)| (name, Value::String(role))).collect::<Map<_, _>>().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::fingerprint;

    #[test]
    fn what_graph_writes_differently_still_means_the_same() {
        let cases = [
            (
                Compare::Exact,
                json!({"displayName": "Room 4"}),
                json!({"displayName": "Room 4", "locationType": "default"}),
            ),
            (Compare::Exact, json!({"street": null}), json!({})),
            (
                Compare::Place,
                json!(null),
                json!({"displayName": "", "locationType": "default", "uniqueIdType": "unknown"}),
            ),
            (Compare::CaseFolded, json!("en-us"), json!("en-US")),
            (Compare::Instant, json!("2026-12-01T08:00:00Z"), json!("2026-12-01T09:00:00.0000000+01:00")),
            (
                Compare::Zoned,
                json!({"dateTime": "2026-12-01T10:00:00", "timeZone": "W. Europe Standard Time"}),
                json!({"dateTime": "2026-12-01T09:00:00.0000000", "timeZone": "UTC"}),
            ),
            (Compare::Set, json!(["b", "a"]), json!(["a", "b"])),
            (
                Compare::People,
                json!([{"emailAddress": {"address": "adele@contoso.example"}, "type": "required"}]),
                json!([{"emailAddress": {"address": "Adele@contoso.example", "name": "Adele"}, "status": {}}]),
            ),
            (
                Compare::Thread,
                json!({"threadId": "19:a@thread.tacv2"}),
                json!({"threadId": "19%3Aa%40thread.tacv2", "messageId": "1", "replyChainMessageId": null}),
            ),
            (
                Compare::Participants,
                json!({"attendees": [{"upn": "adele@contoso.example", "role": "attendee"}]}),
                json!({"attendees": [{"upn": "Adele@contoso.example", "role": null}], "organizer": {}}),
            ),
        ];
        for (compare, want, have) in cases {
            assert!(same(compare, &want, &have), "{compare:?}: {want} and {have}");
            assert!(fingerprint::still(&fingerprint::of(compare, &want), compare, &want, &have), "{compare:?}");
        }
    }

    #[test]
    fn what_means_something_else_differs() {
        let cases = [
            (Compare::Exact, json!("Weekly"), json!("weekly")),
            (Compare::Exact, json!(true), json!(null)),
            (Compare::Instant, json!("2026-12-01T08:00:00Z"), json!("2026-12-01T08:01:00Z")),
            (Compare::Set, json!(["a"]), json!(["a", "b"])),
            (
                Compare::People,
                json!([{"emailAddress": {"address": "adele@contoso.example"}, "type": "required"}]),
                json!([{"emailAddress": {"address": "adele@contoso.example"}, "type": "optional"}]),
            ),
        ];
        for (compare, want, have) in cases {
            assert!(!same(compare, &want, &have), "{compare:?}: {want} and {have}");
        }
    }
}
