//! Short fingerprints of what was declared: enough to tell later whether a value still is what it was, and no more.
//!
//! A fingerprint is a hash of what the value means, and of an object also the members that it covers, with a blank before
//! each: `1f0c3a5b7d9e scope` or `1f0c3a5b7d9e address/city displayName`. So a live value is seen just where the manifest of
//! that time said something. The first draft's fingerprints named no members; they are held against what is declared now.

use crate::kind::compare::{Compare, canonical, hash, hash_of, reduced};
use crate::kind::event::seen;
use crate::kind::{Exception, Home, Kind};
use serde_json::{Map, Value};

/// What stands for a date that is skipped.
const SKIPPED: &str = "skipped";

/// Returns the fingerprint of a value.
pub fn of(compare: Compare, value: &Value) -> String {
    with_members(hash_of(compare, value), members(compare, value, ""))
}

/// Tells whether two fingerprints are of values that mean the same.
pub fn same(one: &str, other: &str) -> bool {
    hash_part(one) == hash_part(other)
}

/// Tells whether a live value still is what a fingerprint was made of; `want` is what is declared now.
pub fn still(fingerprint: &str, compare: Compare, want: &Value, live: &Value) -> bool {
    let live = match covered(fingerprint) {
        // A live recurrence of another type has members that the desired one lacks, and none of them can be left out.
        None if compare == Compare::Recurrence => live.clone(),
        None => reduced(want, live),
        Some(members) => picked(live, &members),
    };
    hash_part(fingerprint) == hash_of(compare, &live)
}

/// Returns a hash of a live value, seen just where a fingerprint was made of something.
pub fn of_live(fingerprint: &str, compare: Compare, live: &Value) -> String {
    match covered(fingerprint) {
        None => hash_of(compare, live),
        Some(members) => hash_of(compare, &picked(live, &members)),
    }
}

/// Returns the fingerprint of what an exception declares.
pub fn of_exception(kind: &Kind, exception: &Exception) -> String {
    let Exception::Changed(own) = exception else { return hash(SKIPPED) };
    let own = seen(own);
    let members = own.iter().flat_map(|(name, value)| members(compare(kind, name, value), value, name)).collect();
    with_members(meaning(kind, &own), members)
}

/// Tells whether a live occurrence still is what an exception's fingerprint was made of; `want` is what is declared now.
pub fn exception_still(fingerprint: &str, kind: &Kind, want: &Exception, live: &Map<String, Value>) -> bool {
    let members = match (covered(fingerprint), want) {
        (Some(members), _) => members,
        (None, Exception::Changed(own)) => own.keys().map(String::as_str).collect(),
        (None, Exception::Skipped) => return false,
    };
    let own = picked(&Value::Object(seen(live).into_owned()), &members);
    hash_part(fingerprint) == meaning(kind, own.as_object().expect("what is picked from an object is one"))
}

/// Tells whether the fingerprint of an exception is of a date that is skipped.
pub fn is_skip(fingerprint: &str) -> bool {
    fingerprint == hash(SKIPPED)
}

/// Tells whether the fingerprint of an exception is of one that names an attendee of this hash.
pub fn names(fingerprint: &str, attendee: &str) -> bool {
    fingerprint.split(' ').skip(1).any(|member| member.rsplit_once('/').is_some_and(|(_, it)| it == attendee))
}

/// Returns the fingerprint of how a live occurrence stands, in what its exception declares whose fingerprint is `declared`.
pub fn of_occurrence(declared: &str, kind: &Kind, live: &Map<String, Value>) -> String {
    let members = covered(declared).unwrap_or_default();
    let own = picked(&Value::Object(seen(live).into_owned()), &members);
    let own = own.as_object().expect("what is picked from an object is one");
    with_members(meaning(kind, own), members.into_iter().map(str::to_owned).collect())
}

/// A hash of what the properties of an occurrence mean.
fn meaning(kind: &Kind, own: &Map<String, Value>) -> String {
    let value =
        |(name, value): (&String, &Value)| (name.clone(), canonical(compare(kind, name, value), value).into_owned());
    hash(&Value::Object(own.iter().map(value).collect()).to_string())
}

fn compare(kind: &Kind, name: &str, value: &Value) -> Compare {
    match kind.field(Home::Own, name).map_or(Compare::Exact, |field| field.compare) {
        // The attendees of one date, member by member.
        Compare::People if value.is_object() => Compare::Exact,
        other => other,
    }
}

/// The members of an object that is compared member by member; a value of any other sort stands whole, under its own name.
fn members(compare: Compare, value: &Value, name: &str) -> Vec<String> {
    match (compare, value) {
        (Compare::Exact | Compare::Place, Value::Object(all)) if !all.is_empty() => {
            let below = |member: &String| if name.is_empty() { member.clone() } else { format!("{name}/{member}") };
            all.iter().flat_map(|(member, value)| members(compare, value, &below(member))).collect()
        }
        _ if name.is_empty() => vec![],
        _ => vec![name.into()],
    }
}

fn with_members(hash: String, members: Vec<String>) -> String {
    members.into_iter().fold(hash, |all, member| all + " " + &member)
}

fn hash_part(fingerprint: &str) -> &str {
    fingerprint.split(' ').next().unwrap_or_default()
}

/// The members that a fingerprint covers, if it names any.
fn covered(fingerprint: &str) -> Option<Vec<&str>> {
    let members: Vec<_> = fingerprint.split(' ').skip(1).collect();
    (!members.is_empty()).then_some(members)
}

/// An object with these members of another one alone; what the other one lacks is null.
fn picked(value: &Value, members: &[&str]) -> Value {
    let mut own = Map::new();
    for member in members {
        let Some((name, below)) = member.split_once('/') else {
            own.insert(member.to_string(), value[*member].clone());
            continue;
        };
        if !own.contains_key(name) {
            let prefix = format!("{name}/");
            let all: Vec<&str> = members.iter().filter_map(|it| it.strip_prefix(&prefix)).collect();
            debug_assert!(all.contains(&below), "the member itself has the prefix");
            own.insert(name.into(), picked(&value[name], &all));
        }
    }
    own.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::event;
    use serde_json::json;

    #[test]
    fn a_fingerprint_sees_a_live_value_where_it_was_declared() {
        let lobby = of(Compare::Exact, &json!({"scope": "organizer"}));
        let room = of(Compare::Place, &json!({"address": {"city": "Oslo"}, "displayName": "Baker"}));
        let live = json!({"displayName": "Baker", "address": {"city": "Oslo", "street": "Main"}, "uniqueId": "x"});
        for (fingerprint, compare, value, expect) in [
            (&lobby, Compare::Exact, json!({"scope": "organizer", "isDialInBypassEnabled": true}), true),
            (&lobby, Compare::Exact, json!({"scope": "everyone"}), false),
            (&lobby, Compare::Exact, json!(null), false),
            (&room, Compare::Place, live, true),
            (&room, Compare::Place, json!({"displayName": "Baker", "address": {"city": "Rome"}}), false),
            (&of(Compare::Exact, &json!("a")), Compare::Exact, json!("a"), true),
            (&of(Compare::Exact, &json!({"street": null})), Compare::Exact, json!({"street": "Main"}), false),
        ] {
            assert_eq!(still(fingerprint, compare, &json!({"other": 1}), &value), expect, "{fingerprint} {value}");
        }
        assert!(lobby.ends_with(" scope") && room.ends_with(" address/city displayName"), "{lobby}, {room}");
    }

    /// Marks of the first draft stand on events that people made.
    #[test]
    fn a_fingerprint_without_members_is_held_against_what_is_declared_now() {
        let (want, live) =
            (json!({"scope": "organizer"}), json!({"scope": "organizer", "isDialInBypassEnabled": true}));
        let old = hash_of(Compare::Exact, &want);
        assert!(still(&old, Compare::Exact, &want, &live) && same(&old, &of(Compare::Exact, &want)));
        assert!(!still(&old, Compare::Exact, &json!({"isDialInBypassEnabled": true}), &live));
    }

    #[test]
    fn an_exception_is_seen_in_the_properties_it_declared() {
        let map = |value: Value| value.as_object().cloned().unwrap_or_default();
        let at = |hour: &str| json!({"dateTime": format!("2031-02-11T{hour}:00:00.0000000"), "timeZone": "UTC"});
        let declared = map(json!({"start": at("10"), "location": {"displayName": "Baker"}}));
        let fingerprint = of_exception(&event::KIND, &Exception::Changed(declared.clone()));
        let (now, skipped) = (Exception::Changed(declared), Exception::Skipped);
        let live = |hour: &str| {
            map(
                json!({"start": at(hour), "subject": "x", "location": {"displayName": "Baker", "locationType": "default"}}),
            )
        };
        for (fingerprint, want, hour, expect) in [
            (fingerprint.as_str(), &skipped, "10", true),
            (&fingerprint, &now, "11", false),
            (hash_part(&fingerprint), &now, "10", true),
            (hash_part(&fingerprint), &now, "11", false),
            (&of_exception(&event::KIND, &skipped), &skipped, "10", false),
        ] {
            assert_eq!(exception_still(fingerprint, &event::KIND, want, &live(hour)), expect, "{fingerprint} {hour}");
        }
    }
}
