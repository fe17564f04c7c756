//! Puts the members of rosters into the lists of a spec that name them.
//!
//! What is written out in a list goes before what a roster says of the same person, and of two rosters the first. Where a fault is
//! found in a list that was filled, `origin` says where it stands in the text.

use crate::kind::roster::resolve::unknown;
use crate::kind::roster::{Days, Member, People, Rosters, Who};
use crate::kind::{Fault, mailbox};
use jiff::civil::Date;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// A spec with the members of its rosters in it.
#[derive(Debug, Default)]
pub struct Filled {
    /// The spec, without any entry that names a roster.
    pub spec: Map<String, Value>,
    /// Who is in it of each roster that it names.
    pub through: BTreeMap<String, BTreeSet<String>>,
    /// What its author should know.
    pub notes: Vec<String>,
    /// Of each list that was filled, by its pointer: the place in the text of each entry, and whether a roster gave it.
    lists: BTreeMap<String, Vec<(usize, bool)>>,
}

/// What the entries of a list are.
#[derive(Clone, Copy, PartialEq)]
enum Form {
    Attendees,
    /// Addresses of attendees who are left out on a date.
    LeftOut,
    Participants,
}

/// Tells whether a spec names a roster.
pub fn names_any(spec: &Map<String, Value>) -> bool {
    let named = |(pointer, _): &(String, Form)| {
        let list = at(spec, pointer).and_then(Value::as_array);
        list.into_iter().flatten().any(|entry| entry.get("roster").is_some())
    };
    lists(spec).iter().any(named)
}

/// Fills the lists of a spec. `organizer` takes part in a meeting without standing in its list. `days` tells the days of the event once it is known that they matter; it gets the spec without
/// rosters.
pub fn fill(
    spec: &Map<String, Value>,
    rosters: &Rosters,
    organizer: &str,
    days: impl FnOnce(&Map<String, Value>) -> Days,
    faults: &mut Vec<Fault>,
) -> Filled {
    let lists: Vec<_> =
        lists(spec).into_iter().filter(|(pointer, _)| entries(spec, pointer).any(|it| named(it).is_some())).collect();
    let of_roster = |name: &str| match rosters.people(name) {
        People::Known(all) => all.iter().any(|it| it.days != (None, None)),
        People::Unknown | People::InDoubt => false,
    };
    let dated = lists.iter().any(|(pointer, _)| entries(spec, pointer).filter_map(named).any(of_roster));
    let days = if dated { days(&without(spec, &lists)) } else { Days::Every };
    let mut filled = Filled { spec: spec.clone(), ..Filled::default() };
    for (pointer, form) in lists {
        let own = own_day(spec, &pointer).map(|date| match form {
            // Who is in it on other days only may be invited to the whole series.
            Form::LeftOut => Days::Every,
            Form::Attendees | Form::Participants => Days::Between(date, date),
        });
        let list = List { at: &pointer, form, organizer, days: own.as_ref().unwrap_or(&days) };
        filled.list(spec, &list, rosters, faults);
    }
    filled
}

/// One list on its way.
struct List<'a> {
    at: &'a str,
    form: Form,
    organizer: &'a str,
    days: &'a Days,
}

impl Filled {
    fn list(&mut self, spec: &Map<String, Value>, list: &List, rosters: &Rosters, faults: &mut Vec<Fault>) {
        let mut seen: HashSet<String> = entries(spec, list.at).filter_map(written).collect();
        let invited = HashSet::<String>::from_iter(entries(&self.spec, "/attendees").filter_map(written));
        // Whoever comes to every date, or is left out on this one, is not added to it by a roster; nor is left out who is added.
        if let Some((date, own)) = list.at.rsplit_once('/').filter(|_| list.at != "/attendees") {
            let other = if own == "add" { "remove" } else { "add" };
            seen.extend(entries(&self.spec, &format!("{date}/{other}")).filter_map(written));
        }
        if list.at.ends_with("/add") {
            seen.extend(invited.iter().cloned());
        }
        let (mut all, mut places) = (vec![], vec![]);
        for (index, entry) in entries(spec, list.at).enumerate() {
            let Some(name) = named(entry) else {
                if entry.get("roster").is_none() {
                    all.push(entry.clone());
                    places.push((index, false));
                }
                continue;
            };
            let people = match rosters.people(name) {
                People::Known(people) => people,
                People::InDoubt => continue,
                People::Unknown => {
                    let at = format!("{}/{index}/roster", list.at);
                    faults.push(unknown(name, &at, rosters.names()));
                    continue;
                }
            };
            let through = self.through.entry(name.to_owned()).or_default();
            if !rosters.take(people.len()) {
                continue;
            }
            let mut anybody = false;
            for member in people.into_iter().filter(|it| list.days.meet(it.days.0, it.days.1)) {
                let Some((address, made)) = list.form.entry(member, entry) else { continue };
                let comes = match list.form {
                    Form::Attendees => true,
                    Form::LeftOut => !self.spec.contains_key("attendees") || invited.contains(&address),
                    Form::Participants => address != list.organizer,
                };
                if !comes {
                    continue;
                }
                anybody = true;
                through.insert(address.clone());
                if seen.insert(address) {
                    all.push(made);
                    places.push((index, true));
                }
            }
            if !anybody {
                self.notes.push(format!("nobody of Roster/{name} is in it on these dates"));
            }
        }
        if let Some(value) = at_mut(&mut self.spec, list.at) {
            *value = Value::Array(all);
        }
        self.lists.insert(list.at.to_owned(), places);
    }

    /// Returns where in the text something stands that has this pointer in the filled spec.
    pub fn origin(&self, pointer: &str) -> String {
        let of = |(at, places): (&String, &Vec<(usize, bool)>)| {
            let rest = pointer.strip_prefix(at.as_str())?.strip_prefix('/')?;
            let (number, rest) = rest.split_once('/').map_or((rest, ""), |(number, rest)| (number, rest));
            let (index, through) = places.get(number.parse::<usize>().ok()?)?;
            let rest = if *through || rest.is_empty() { String::new() } else { format!("/{rest}") };
            Some(format!("{at}/{index}{rest}"))
        };
        self.lists.iter().find_map(of).unwrap_or_else(|| pointer.to_owned())
    }
}

impl Form {
    /// The address of a member, and the entry for them; a room takes part in no meeting.
    fn entry(self, member: &Member, named: &Value) -> Option<(String, Value)> {
        let Who::Person(address, name) = &member.who else { return None };
        let said = |name: &str, own: &Option<String>| {
            named.get(name).and_then(Value::as_str).map(str::to_owned).or_else(|| own.clone())
        };
        let mut entry = match self {
            Form::Attendees => json!({ "address": address }),
            Form::LeftOut => return Some((address.clone(), json!(address))),
            Form::Participants if member.kind.as_deref() == Some("resource") => return None,
            Form::Participants => json!({ "upn": address }),
        };
        let (own, value) = match self {
            Form::Attendees | Form::LeftOut => ("type", said("type", &member.kind)),
            Form::Participants => ("role", said("role", &member.role)),
        };
        if let Some(value) = value {
            entry[own] = value.into();
        }
        if let (Form::Attendees, Some(name)) = (self, name) {
            entry["name"] = name.clone().into();
        }
        Some((address.clone(), entry))
    }
}

/// The lists of a spec that may name rosters, by their pointers.
fn lists(spec: &Map<String, Value>) -> Vec<(String, Form)> {
    let mut all = vec![("/attendees".to_owned(), Form::Attendees)];
    for at in ["/participants", "/participants/attendees"] {
        all.push((at.to_owned(), Form::Participants));
        all.push((format!("/meetingOptions{at}"), Form::Participants));
    }
    let exceptions = spec.get("exceptions").and_then(Value::as_array).map_or(0, Vec::len);
    for index in 0..exceptions {
        // What is left out is not added, so that it comes first.
        all.push((format!("/exceptions/{index}/attendees/remove"), Form::LeftOut));
        all.push((format!("/exceptions/{index}/attendees/add"), Form::Attendees));
    }
    all.retain(|(pointer, _)| at(spec, pointer).is_some_and(Value::is_array));
    all
}

/// The date of the exception that a list belongs to.
fn own_day(spec: &Map<String, Value>, pointer: &str) -> Option<Date> {
    let index: usize = pointer.strip_prefix("/exceptions/")?.split('/').next()?.parse().ok()?;
    crate::when::date(spec.get("exceptions")?.get(index)?.get("date")?.as_str()?).ok()
}

/// The spec without what names a roster.
fn without(spec: &Map<String, Value>, lists: &[(String, Form)]) -> Map<String, Value> {
    let mut spec = spec.clone();
    for (pointer, _) in lists {
        if let Some(list) = at_mut(&mut spec, pointer).and_then(Value::as_array_mut) {
            list.retain(|entry| entry.get("roster").is_none());
        }
    }
    spec
}

fn entries<'a>(spec: &'a Map<String, Value>, pointer: &str) -> impl Iterator<Item = &'a Value> {
    at(spec, pointer).and_then(Value::as_array).into_iter().flatten()
}

fn at<'a>(spec: &'a Map<String, Value>, pointer: &str) -> Option<&'a Value> {
    let (first, rest) = split(pointer);
    spec.get(first)?.pointer(rest)
}

fn at_mut<'a>(spec: &'a mut Map<String, Value>, pointer: &str) -> Option<&'a mut Value> {
    let (first, rest) = split(pointer);
    spec.get_mut(first)?.pointer_mut(rest)
}

fn split(pointer: &str) -> (&str, &str) {
    let pointer = &pointer[1..];
    pointer.split_at(pointer.find('/').unwrap_or(pointer.len()))
}

/// The roster that an entry names.
fn named(entry: &Value) -> Option<&str> {
    entry.get("roster")?.as_str()
}

/// The address of an entry that is written out, in lower case.
fn written(entry: &Value) -> Option<String> {
    let entry = entry.get("emailAddress").unwrap_or(entry);
    let text = entry.as_str().or_else(|| entry.get("address")?.as_str()).or_else(|| entry.get("upn")?.as_str())?;
    Some(mailbox::named(text).map_or(text, |(_, address)| address).to_lowercase())
}
