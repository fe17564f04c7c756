//! A Roster's `spec` as values, and every fault that it has on its own.
//!
//! The schema has let the spec through, so that a value of a wrong type is passed over.

use crate::kind::{Fault, mailbox};
use crate::reason::Reason;
use crate::when;
use jiff::civil::Date;
use serde_json::{Map, Value};
use std::collections::HashMap;

/// What one roster says.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Roster {
    /// In the order of the text.
    pub members: Vec<Member>,
    /// The rosters that it includes, each with the pointer where it is named.
    pub include: Vec<(String, String)>,
}

/// An entry of the list.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Member {
    /// Its place in the list.
    pub index: usize,
    /// Who is meant.
    pub who: Who,
    /// How they are invited to events.
    pub kind: Option<String>,
    /// Their role in Teams meetings.
    pub role: Option<String>,
    /// The first day, and the last.
    pub days: (Option<Date>, Option<Date>),
}

/// Whom an entry names; addresses in lower case.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Who {
    /// A person or a list, by address, perhaps with a name.
    Person(String, Option<String>),
    /// A group of the directory.
    Group(String),
}

/// Reads a spec; the faults point into it.
pub fn read(spec: &Map<String, Value>) -> (Roster, Vec<Fault>) {
    let mut faults = vec![];
    let list = spec.get("members").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let members: Vec<Member> =
        list.iter().enumerate().filter_map(|(index, entry)| member(index, entry, &mut faults)).collect();
    twice(&members, &mut faults);
    let include: Vec<(String, String)> = match spec.get("include") {
        Some(Value::String(name)) => vec![(name.clone(), "/include".to_owned())],
        Some(Value::Array(names)) => {
            let named = names.iter().enumerate().filter_map(|(at, name)| Some((at, name.as_str()?)));
            named.map(|(at, name)| (name.to_owned(), format!("/include/{at}"))).collect()
        }
        Some(_) | None => vec![],
    };
    if list.is_empty() && include.is_empty() {
        let hint = "add the addresses of its members, or remove it together with what names it";
        faults.push(Fault::new("/members", "a roster of nobody", hint).coded(Reason::Roster));
    }
    (Roster { members, include }, faults)
}

fn member(index: usize, entry: &Value, faults: &mut Vec<Fault>) -> Option<Member> {
    let at = format!("/members/{index}");
    let text = |name: &str| entry.get(name).and_then(Value::as_str);
    let found = faults.len();
    let who = match (entry, text("group")) {
        (Value::String(written), _) => {
            match mailbox::named(written).filter(|(_, address)| mailbox::is_address(address)) {
                Some((name, address)) => Some(Who::Person(address.to_lowercase(), named(name))),
                None => mailbox::address(written, &at, faults).map(|address| Who::Person(address, None)),
            }
        }
        (_, Some(group)) => mailbox::address(group, &format!("{at}/group"), faults).map(Who::Group),
        _ => mailbox::address(text("address")?, &format!("{at}/address"), faults)
            .map(|address| Who::Person(address, text("name").and_then(named))),
    };
    let mut day = |name: &str| match when::date(text(name)?) {
        Ok(date) => Some(date),
        Err(message) => {
            faults.push(Fault::new(&format!("{at}/{name}"), message, "write a date, such as `2026-12-01`"));
            None
        }
    };
    let days = (day("from"), day("until"));
    if let (Some(from), Some(until)) = days
        && until < from
    {
        let message = format!("the last day is before the first: `{until}`");
        faults.push(Fault::new(&format!("{at}/until"), message, "exchange them").and(&format!("{at}/from")));
    }
    for fault in &mut faults[found..] {
        fault.reason = Some(Reason::Roster);
    }
    let [kind, role] = ["type", "role"].map(|name| text(name).map(str::to_owned));
    Some(Member { index, who: who?, kind, role, days })
}

fn named(name: &str) -> Option<String> {
    Some(name.to_owned()).filter(|it| !it.is_empty())
}

/// Refuses an entry for somebody who is there on the same day already: two turns of one person are two entries.
fn twice(members: &[Member], faults: &mut Vec<Fault>) {
    let mut seen: HashMap<&str, Vec<&Member>> = HashMap::new();
    for member in members {
        let (Who::Person(address, _) | Who::Group(address)) = &member.who;
        let turns = seen.entry(address).or_default();
        if let Some(first) = turns.iter().find(|it| overlap(it.days, member.days)) {
            let message = format!("twice on the same day: `{address}`");
            let fault = Fault::new(&format!("/members/{}", member.index), message, "leave one of them out");
            faults.push(fault.and(&format!("/members/{}", first.index)).coded(Reason::Roster));
        }
        if turns.len() < MOST_TURNS {
            turns.push(member);
        }
    }
}

/// How many turns of one person are looked at for one that overlaps.
const MOST_TURNS: usize = 400;

fn overlap(one: (Option<Date>, Option<Date>), other: (Option<Date>, Option<Date>)) -> bool {
    let before = |end: Option<Date>, start: Option<Date>| end.zip(start).is_some_and(|(end, start)| end < start);
    !before(one.1, other.0) && !before(other.1, one.0)
}
