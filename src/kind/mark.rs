//! The marks on a live event that say whose it is and what was last applied.
//!
//! Three single-value extended properties under one fixed GUID (singlevaluelegacyextendedproperty-get.md). `convoke` says whose
//! it is; it is matched without regard to case, so keys are lower case. `convoke-state` holds in at most 120 characters what
//! must survive a list that cuts strings at 255 (MS-OXCDATA 2.8.2; whether Graph's lists do is not known). `convoke-applied`
//! holds the fingerprints and may be longer: `convoke-state` has its hash, so one that was cut is known to be unread. The
//! first draft had no `convoke-state`, and its `convoke-applied` no version.

use crate::kind::compare::hash;
use crate::kind::hashes::Hashes;
use crate::kind::prints::Prints;
use crate::kind::workspace::OwnerNames;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The property that holds the marks.
pub const PROPERTY: &str = "singleValueExtendedProperties";

const KEY: &str = "String {6d1c8a52-5f0e-4b7b-9c43-1f6f2a7f0e11} Name convoke";
const STATE: &str = "String {6d1c8a52-5f0e-4b7b-9c43-1f6f2a7f0e11} Name convoke-state";
const APPLIED: &str = "String {6d1c8a52-5f0e-4b7b-9c43-1f6f2a7f0e11} Name convoke-applied";

/// Fingerprints of what was last applied: enough to tell who changed a property since, and no more.
///
/// Kept on the live event as marks and in the state. Every value is a fingerprint (`kind::fingerprint`).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Applied {
    /// By property name; options of the Teams meeting with `meetingOptions.` in front.
    #[serde(rename = "f")]
    pub fields: Prints,
    /// One for each attendee that we declared.
    #[serde(rename = "a", skip_serializing_if = "Hashes::is_empty")]
    pub attendees: Hashes,
    /// One for each attendee that we declared once and then no longer.
    #[serde(rename = "r", skip_serializing_if = "Hashes::is_empty")]
    pub released: Hashes,
    #[serde(rename = "p", skip_serializing_if = "std::ops::Not::not")]
    pub protect: bool,
    /// How often we have written the object.
    #[serde(rename = "n", skip_serializing_if = "is_zero")]
    pub counter: u64,
    /// How often the key got another object in place of one that we removed.
    #[serde(rename = "i", skip_serializing_if = "is_zero")]
    pub incarnation: u64,
}

fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// What the marks of one event say.
#[derive(Debug, Clone, PartialEq)]
pub struct Mark {
    /// The resource's name.
    pub name: String,
    /// What was last applied, as far as that could be read.
    pub applied: Option<Applied>,
    /// What is there was cut, or cannot be parsed: what was applied is then not known, which is not the same as nothing.
    pub unread: Option<Unread>,
}

/// What is known of a mark that could not be read whole.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Unread {
    counter: u64,
    hash: String,
    /// The object's incarnation, where that much could be read.
    pub incarnation: Option<u64>,
}

impl Unread {
    /// Tells whether a record of the same object makes the mark superfluous: it holds the same, or is newer.
    pub fn is_known_by(&self, record: &Applied) -> bool {
        record.counter > self.counter || (record.counter == self.counter && hash(&fingerprints(record)) == self.hash)
    }
}

/// Returns the marks of one event as the value of their property; `serial` is the state's.
///
/// `run` is the plan's: with it two creates under one `transactionId` are told apart by Graph, which answers the second of two
/// equal ones as if it had made the event.
pub fn write(workspace: &str, name: &str, applied: &Applied, serial: u64, run: &str) -> Value {
    let fingerprints = fingerprints(applied);
    let Applied { counter, incarnation, protect, .. } = applied;
    let (protect, hash) = (u8::from(*protect), hash(&fingerprints));
    let state = format!("v2 i{incarnation} n{counter} p{protect} s{serial} h{hash} r{run}");
    json!([
        {"id": KEY, "value": format!("{workspace}/{name}")},
        {"id": STATE, "value": state},
        {"id": APPLIED, "value": fingerprints},
    ])
}

fn fingerprints(applied: &Applied) -> String {
    let Applied { fields: f, attendees: a, released: r, .. } = applied.clone();
    serde_json::to_string(&Written { v: Some(2), f, a, r, p: false }).expect("its keys are text")
}

/// What `convoke-applied` holds; `v` is its version, which the first draft had not.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Written {
    v: Option<u64>,
    f: Prints,
    a: Hashes,
    #[serde(skip_serializing_if = "Hashes::is_empty")]
    r: Hashes,
    #[serde(skip_serializing)]
    p: bool,
}

/// Tells whether an event has the marks that were sent to it.
pub fn is_written(sent: &Map<String, Value>, live: &Map<String, Value>) -> bool {
    let marks = |of: &Map<String, Value>| -> BTreeMap<String, String> {
        let all = of.get(PROPERTY).and_then(Value::as_array).into_iter().flatten();
        all.filter_map(|it| Some((it["id"].as_str()?.to_owned(), it["value"].as_str()?.to_owned()))).collect()
    };
    let (sent, live) = (marks(sent), marks(live));
    sent.iter().all(|(id, value)| live.get(id) == Some(value))
}

/// Gives the marks of a create another incarnation.
pub fn reincarnate(body: &mut Value, incarnation: u64) {
    let state = body[PROPERTY].as_array_mut().and_then(|marks| marks.iter_mut().find(|mark| mark["id"] == STATE));
    if let Some(text) = state.map(|mark| &mut mark["value"]) {
        let parts = text.as_str().unwrap_or_default().split(' ');
        let parts = parts.map(|part| if part.starts_with('i') { format!("i{incarnation}") } else { part.to_owned() });
        *text = parts.collect::<Vec<_>>().join(" ").into();
    }
}

/// Whether a manifest may have this name. Anybody who writes to the mailbox may write a mark, and what is in it is printed.
pub fn is_name(name: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    name.len() <= 63 && !name.is_empty() && name.bytes().all(inner) && !name.starts_with('-') && !name.ends_with('-')
}

/// Returns whose the event is by its mark, `workspace/name`, if it has one that can be anybody's.
pub fn owner(event: &Value) -> Option<&str> {
    let marks = event[PROPERTY].as_array()?;
    let value = marks.iter().find(|mark| mark["id"] == KEY).and_then(|mark| mark["value"].as_str())?;
    value.split_once('/').filter(|(workspace, name)| is_name(workspace) && is_name(name)).map(|_| value)
}

/// Returns what the marks say, if the event is the workspace's by one of its names, and that name. `known` is what the state says of
/// the resource of a name: the mark mostly says the same, which then is kept once.
pub fn read_of<'a, 'k>(
    names: &'a OwnerNames,
    event: &Value,
    known: impl Fn(&str) -> Option<&'k Applied>,
) -> Option<(&'a str, Mark)> {
    names.all().find_map(|name| Some((name, read_beside(name, event, &known)?)))
}

/// Returns what the marks say, if the event is the workspace's. A mark whose name no manifest can have is no mark.
pub fn read(workspace: &str, event: &Value) -> Option<Mark> {
    read_beside(workspace, event, &|_| None)
}

fn read_beside<'k>(workspace: &str, event: &Value, known: &impl Fn(&str) -> Option<&'k Applied>) -> Option<Mark> {
    let marks = event[PROPERTY].as_array()?;
    let value = |id: &str| marks.iter().find(|mark| mark["id"] == id).and_then(|mark| mark["value"].as_str());
    let name = value(KEY)?.strip_prefix(workspace)?.strip_prefix('/').filter(|name| is_name(name))?.to_owned();
    let same = known(&name).filter(|applied| value(APPLIED).is_some_and(|text| fingerprints(applied) == text));
    let known = |applied: Option<Applied>| Some(Mark { name: name.clone(), applied, unread: None });
    let written = match same.cloned() {
        Some(Applied { fields: f, attendees: a, released: r, .. }) => Some(Written { v: Some(2), f, a, r, p: false }),
        // A struct would be read from a list as well.
        None => value(APPLIED).filter(|text| text.starts_with('{')).and_then(|text| serde_json::from_str(text).ok()),
    };
    // The first draft's: it holds everything, and what stands beside it is older.
    if let Some(Written { v: None, f: fields, a: attendees, p: protect, r: _ }) = written {
        return known(Some(Applied { fields, attendees, protect, ..Applied::default() }));
    }
    let unread = match (value(STATE).map(state), value(APPLIED)) {
        (None, None) => return known(None),
        (Some(Some((mut applied, hashed))), Some(text)) if hash(text) == hashed => {
            let Written { f, a, r, .. } = written.unwrap_or_default();
            (applied.fields, applied.attendees, applied.released) = (f, a, r);
            return known(Some(applied));
        }
        (Some(Some((applied, hash))), _) => {
            Unread { counter: applied.counter, hash, incarnation: Some(applied.incarnation) }
        }
        (Some(None) | None, _) => Unread { counter: u64::MAX, ..Unread::default() },
    };
    Some(Mark { name, applied: None, unread: Some(unread) })
}

/// Reads `convoke-state`: what it says, without fingerprints, and the hash of these.
fn state(text: &str) -> Option<(Applied, String)> {
    let mut parts = text.split(' ');
    let mut part = |sign: char| parts.next()?.strip_prefix(sign);
    let mut number = |sign: char| part(sign)?.parse::<u64>().ok();
    let (2, incarnation, counter, protect, _serial) =
        (number('v')?, number('i')?, number('n')?, number('p')?, number('s')?)
    else {
        return None;
    };
    let hash = part('h')?.to_owned();
    Some((Applied { counter, incarnation, protect: protect == 1, ..Applied::default() }, hash))
}

/// The `$filter` that finds the events of one key.
pub fn filter_of(workspace: &str, name: &str) -> String {
    format!("{PROPERTY}/any(ep: ep/id eq '{KEY}' and ep/value eq '{workspace}/{name}')")
}

/// The `$filter` that finds every event of a workspace.
pub fn filter(workspace: &str) -> String {
    format!("{PROPERTY}/any(ep: ep/id eq '{KEY}' and startswith(ep/value,'{workspace}/'))")
}

/// The `$expand` that returns the marks.
pub fn expand() -> String {
    format!("{PROPERTY}($filter=id eq '{KEY}' or id eq '{STATE}' or id eq '{APPLIED}')")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn applied() -> Applied {
        let fields = [("subject".to_owned(), "1f0c3a5b7d9e".to_owned())].into();
        let attendees = ["2f0c3a5b7d9e"].into_iter().collect();
        Applied { fields, attendees, protect: true, counter: 3, incarnation: 1, ..Applied::default() }
    }

    fn event(marks: Value) -> Value {
        json!({ "singleValueExtendedProperties": marks })
    }

    #[test]
    fn a_mark_is_read_back_by_its_workspace_only() {
        let event = event(write("contoso", "weekly", &applied(), 12, "0a1b"));
        let mark = Mark { name: "weekly".into(), applied: Some(applied()), unread: None };
        assert_eq!(read("contoso", &event), Some(mark));
        assert_eq!(read("con", &event), None);
        assert_eq!(read("contoso", &json!({})), None);
    }

    #[test]
    fn whoever_was_released_is_remembered_and_marks_that_were_sent_are_known_again() {
        let released = Applied { released: ["3f0c3a5b7d9e"].into_iter().collect(), ..applied() };
        let sent = write("contoso", "weekly", &released, 12, "0a1b");
        let event = event(sent.clone());
        assert_eq!(read("contoso", &event).unwrap().applied, Some(released));
        let map = |marks: Value| Map::from_iter([(PROPERTY.to_owned(), marks)]);
        assert!(is_written(&map(sent.clone()), event.as_object().unwrap()));
        assert!(!is_written(&map(write("contoso", "weekly", &applied(), 12, "0a1b")), event.as_object().unwrap()));
        assert!(!is_written(&map(sent), &Map::new()));
    }

    #[test]
    fn what_the_state_says_as_well_is_what_the_mark_says_and_nothing_else() {
        let names = OwnerNames::from("contoso");
        let event = event(write("contoso", "weekly", &applied(), 12, "0a1b"));
        let other = Applied { fields: [("subject".to_owned(), "0".to_owned())].into(), counter: 9, ..applied() };
        for known in [applied(), other, Applied::default()] {
            let read = read_of(&names, &event, |name| (name == "weekly").then_some(&known));
            assert_eq!(read.unwrap().1, super::read("contoso", &event).unwrap(), "{known:?}");
        }
    }

    #[test]
    fn what_was_cut_or_is_no_mark_is_unread_and_not_absent() {
        let whole = write("contoso", "weekly", &applied(), 12, "0a1b");
        for (place, value) in [
            (2, "{\"v\":2,\"f\":{\"subj"),
            (2, "{\"v\":2,\"f\":{}}"),
            (2, "[]"),
            (1, "v2 i0"),
            (1, "v3 i0 n1 p0 s1 h0"),
        ] {
            let mut marks = whole.clone();
            marks[place]["value"] = json!(value);
            let mark = read("contoso", &event(marks)).unwrap();
            assert!(mark.applied.is_none() && mark.unread.is_some(), "{value}: {mark:?}");
        }
        let unread = Unread { counter: 3, hash: hash(&fingerprints(&applied())), incarnation: Some(1) };
        for (record, expect) in [
            (applied(), true),
            (Applied { counter: 4, ..Applied::default() }, true),
            (Applied { counter: 3, ..Applied::default() }, false),
            (Applied { counter: 2, ..applied() }, false),
        ] {
            assert_eq!(unread.is_known_by(&record), expect, "{record:?}");
        }
    }

    #[test]
    fn a_name_that_no_manifest_can_have_makes_no_mark() {
        let long = "a".repeat(64);
        for name in ["", "UPPER", "a b", "-a", "a-", "a/b", "a\u{1b}[2J\n::add-mask::x", "ä", &long] {
            assert_eq!(read("contoso", &event(write("contoso", name, &applied(), 12, "0a1b"))), None, "{name}");
        }
        for name in ["a", "a-b", "7", &long[..63]] {
            assert!(read("contoso", &event(write("contoso", name, &applied(), 12, "0a1b"))).is_some(), "{name}");
        }
    }

    #[test]
    fn a_create_gets_another_incarnation_and_is_otherwise_the_same() {
        let next = Applied { incarnation: 2, ..applied() };
        let mut body = event(write("contoso", "weekly", &applied(), 12, "0a1b"));
        reincarnate(&mut body, 2);
        assert_eq!(body, event(write("contoso", "weekly", &next, 12, "0a1b")));
    }

    #[test]
    fn marks_of_the_first_draft_are_read() {
        let old = json!([
            {"id": KEY, "value": "contoso/weekly"},
            {"id": APPLIED, "value": r#"{"f":{"subject":"1f0c3a5b7d9e"},"a":["2f0c3a5b7d9e"],"p":true}"#},
        ]);
        let expect = Applied { counter: 0, incarnation: 0, ..applied() };
        assert_eq!(read("contoso", &event(old)).unwrap().applied, Some(expect));
        let bare = read("contoso", &event(json!([{"id": KEY, "value": "contoso/weekly"}]))).unwrap();
        assert_eq!((bare.applied, bare.unread), (None, None));
    }

    #[test]
    fn the_short_mark_is_never_cut() {
        let most = Applied { counter: u64::MAX, incarnation: u64::MAX, ..applied() };
        let marks = write("contoso", "weekly", &most, u64::MAX, "0a1b2c3d");
        assert!(marks[1]["value"].as_str().unwrap().len() <= 120, "{marks}");
    }
}
