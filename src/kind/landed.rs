//! How properties stood in the answers to the requests that sent them.
//!
//! What Graph makes of a value is its own: an alias reads back as another address, the place of an online event gets words of
//! the service, markup is rewritten. Once it is known how a value landed, what still stands so is as it was sent, whatever the
//! two look like side by side. Kept in the state alone, as fingerprints.

use crate::kind::compare::{self, Compare, reduced};
use crate::kind::event::View;
use crate::kind::prints::Prints;
use crate::kind::{Home, Kind, body, fingerprint};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// How what was sent stood in the answers.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Landed {
    /// Fingerprints, by the names that `Applied` has for what was declared.
    #[serde(skip_serializing_if = "Prints::is_empty")]
    pub fields: Prints,
    /// Attendees that read back otherwise than they were sent, by their hashes: as one other address, as the members of a list,
    /// or as nobody. Several that read back as several name all of these, since nothing says which is whose.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub people: BTreeMap<String, BTreeSet<String>>,
    /// Properties of an online event that the service had yet to complete.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub open: BTreeSet<String>,
}

impl Landed {
    /// Reads from an answer how the properties of these homes stand that were sent.
    pub fn of(kind: &Kind, homes: &[Home], sent: &Map<String, Value>, answer: &Map<String, Value>) -> Landed {
        let mut landed = Landed::default();
        let event = View::of(answer);
        let unready = event.join_url().is_none() && (event.is_online() || View::of(sent).is_online());
        for field in kind.fields().filter(|field| field.is_declared() && homes.contains(&field.home)) {
            let (Some(want), Some(live)) = (sent.get(field.name), answer.get(field.name)) else { continue };
            let name = field.label().into_owned();
            landed.fields.insert(name.clone(), stands(field.compare, want, live, event.join_url()));
            if field.compare == Compare::People {
                landed.people = people(want, event);
            }
            if unready && field.completed {
                landed.open.insert(name);
            }
        }
        landed
    }

    /// Takes in what a later answer shows.
    pub fn add(&mut self, later: Landed) {
        self.open.retain(|name| !later.fields.contains_key(name));
        self.fields.add(later.fields);
        self.people.extend(later.people);
        self.open.extend(later.open);
    }

    /// Forgets how a property stood.
    pub fn forget(&mut self, name: &str) {
        self.fields.remove(name);
        self.open.remove(name);
    }
}

/// Returns the fingerprint of how a value stands that is declared as `want`. Of a text it has two: of all of it, and of its words
/// above the join block, which may come later; a third part says that the words are not the declared ones.
pub fn stands(how: Compare, want: &Value, live: &Value, join_url: Option<&str>) -> String {
    if how != Compare::Text {
        return fingerprint::of(how, &reduced(want, live));
    }
    let (words, whole) = (body::text(live, join_url), whole(live));
    let other = if body::text(want, None) == words { "" } else { " other" };
    format!("{whole} {}{other}", compare::hash(&words))
}

/// Returns the hash of all of a text.
pub fn whole(text: &Value) -> String {
    compare::hash(text["content"].as_str().unwrap_or_default())
}

/// How a text stands whose write lost the join link: whatever it is, it is not what was meant.
pub const LOST: &str = "lost lost";

/// How a text stands, as `stands` wrote it.
pub struct Text<'a> {
    /// All of it.
    pub whole: &'a str,
    /// Its words above the join block.
    pub words: &'a str,
    /// The words are not the declared ones.
    pub is_other: bool,
}

impl Text<'_> {
    /// Reads the fingerprint of a text.
    pub fn read(fingerprint: &str) -> Option<Text<'_>> {
        let mut parts = fingerprint.split(' ');
        Some(Text { whole: parts.next()?, words: parts.next()?, is_other: parts.next().is_some() })
    }
}

/// Tells whether a live place is how another one stood before the service added its own: words after it, or a place to a list.
pub fn is_completed(fingerprint: &str, how: Compare, want: &Value, live: &Value) -> bool {
    const NAME: &str = "displayName";
    let mut before = vec![Value::Null];
    match live {
        Value::Array(places) => before.extend(places.split_last().map(|(_, rest)| json!(rest))),
        live => before.extend(live[NAME].as_str().and_then(|name| name.rsplit_once("; ")).map(|(name, _)| {
            let mut place = live.clone();
            place[NAME] = name.into();
            place
        })),
    }
    before.iter().any(|before| fingerprint::still(fingerprint, how, want, before))
}

/// Which attendees of a list read back otherwise.
fn people(sent: &Value, event: View) -> BTreeMap<String, BTreeSet<String>> {
    let sent: BTreeSet<String> = sent.as_array().into_iter().flatten().filter_map(compare::address).collect();
    let mut live = event.people();
    let organizer = event.organizer();
    let lost: Vec<&String> = sent.iter().filter(|it| !live.contains(*it) && organizer.as_ref() != Some(*it)).collect();
    live.retain(|it| !sent.contains(it) && organizer.as_ref() != Some(it));
    let others: BTreeSet<String> = live.iter().map(|it| compare::hash(it)).collect();
    lost.into_iter().map(|it| (compare::hash(it), others.clone())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::event::KIND;

    fn map(value: Value) -> Map<String, Value> {
        value.as_object().cloned().unwrap_or_default()
    }

    fn list(addresses: &[&str]) -> Value {
        addresses.iter().map(|it| json!({"emailAddress": {"address": it}})).collect()
    }

    #[test]
    fn whoever_reads_back_otherwise_is_known_by_the_other_address() {
        let hash = |addresses: &[&str]| addresses.iter().map(|it| compare::hash(it)).collect::<BTreeSet<_>>();
        for (sent, answer, expect) in [
            (&["a@x", "b@x"][..], &["b@x", "A@X"][..], vec![]),
            (&["a.b@x", "c@x"], &["c@x", "anna@x"], vec![("a.b@x", &["anna@x"][..])]),
            (&["all@x"], &["a@x", "b@x"], vec![("all@x", &["a@x", "b@x"])]),
            (&["a.b@x", "c.d@x"], &["1@x", "2@x"], vec![("a.b@x", &["1@x", "2@x"]), ("c.d@x", &["1@x", "2@x"])]),
            (&["a@x", "alex@x"], &["a@x"], vec![]),
            (&["gone@x"], &[], vec![("gone@x", &[])]),
        ] {
            let organizer = json!({"emailAddress": {"address": "alex@x"}});
            let (sent, answer) =
                (json!({"attendees": list(sent)}), json!({"attendees": list(answer), "organizer": organizer}));
            let landed = Landed::of(&KIND, &[Home::Own], &map(sent.clone()), &map(answer));
            let expect: BTreeMap<_, _> = expect.into_iter().map(|(it, as_)| (compare::hash(it), hash(as_))).collect();
            assert_eq!(landed.people, expect, "{sent}");
        }
    }

    #[test]
    fn a_place_is_completed_once_the_join_link_is_there() {
        let sent = map(json!({"location": {"displayName": "Baker"}, "isOnlineMeeting": true, "subject": "Weekly"}));
        let place = |name: &str| json!({"displayName": name, "locationType": "default", "uniqueId": name});
        let answer = |link: Value| {
            map(json!({"location": place("Baker"), "isOnlineMeeting": true, "onlineMeeting": {"joinUrl": link}}))
        };
        let early = Landed::of(&KIND, &[Home::Own], &sent, &answer(json!(null)));
        assert_eq!(early.open, ["location".to_owned()].into());
        assert!(Landed::of(&KIND, &[Home::Own], &sent, &answer(json!("https://t"))).open.is_empty());
        for (live, expect) in [
            (place("Baker; Microsoft Teams Meeting"), true),
            (place("Microsoft Teams Meeting"), false),
            (place("Nebula"), false),
        ] {
            assert_eq!(
                is_completed(&early.fields["location"], Compare::Place, &sent["location"], &live),
                expect,
                "{live}"
            );
        }
        let none = stands(Compare::Place, &json!(null), &json!({"displayName": ""}), None);
        assert!(is_completed(&none, Compare::Place, &json!(null), &place("Microsoft Teams Meeting")));
        let several = stands(Compare::Place, &json!([place("A")]), &json!([place("A")]), None);
        assert!(is_completed(&several, Compare::Place, &json!([place("A")]), &json!([place("A"), place("Teams")])));
    }

    #[test]
    fn a_later_answer_counts() {
        let landed = |text: &str, open: bool| Landed {
            fields: [("location".to_owned(), text.to_owned())].into(),
            open: open.then(|| "location".to_owned()).into_iter().collect(),
            ..Landed::default()
        };
        let mut all = landed("a", true);
        all.add(landed("b", false));
        assert_eq!(all, landed("b", false));
        all.forget("location");
        assert_eq!(all, Landed::default());
    }
}
