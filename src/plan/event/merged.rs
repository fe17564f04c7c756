//! What becomes of a list of attendees: the declared people, under the addresses that they read back as, and those whom the
//! policy keeps.

use crate::kind::compare::{self, Compare};
use crate::kind::event::{Attendee, View};
use crate::kind::fingerprint;
use crate::model::{Desired, Have};
use crate::plan::last::Last;
use crate::reason::{Reason, Why};
use serde_json::Value;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// What becomes of a list.
#[derive(Default)]
pub(super) struct Merged {
    /// Where it is not the declared one: the list as it is held against the live one, in which whoever reads back otherwise
    /// stands as they read back, and the list as it is sent.
    pub list: Option<(Value, Value)>,
    /// How many stay whom nobody declared.
    pub kept: usize,
    /// Whom Graph gives no e-mail address for, among those who are kept: they cannot be sent again.
    pub odd: Vec<String>,
    pub notes: Vec<String>,
    /// Somebody who was declared may stand on the list under another address.
    pub guess: bool,
    /// Which attendees read back otherwise, as before.
    pub read_back: BTreeMap<String, BTreeSet<String>>,
}

/// A list in the making.
struct List<'a> {
    last: &'a Last<'a>,
    /// Only the mark tells whom we added, and the list was written after it: somebody declared is on it whom the mark does not name.
    old: bool,
    /// Everybody on the live list who is not declared by the same address, by hash.
    others: BTreeMap<String, Attendee<'a>>,
    /// Those of them who were declared by another address.
    taken: BTreeSet<String>,
    /// Entries as they are held against the live list, with what is declared where that is another one.
    entries: Vec<(Cow<'a, Value>, Option<&'a Value>)>,
}

/// Returns the attendees to send.
///
/// Additive: those we added and no longer declare go, those that others added stay. Nobody goes on the strength of a mark that is
/// older than the list: a change of attendees alone writes no mark, and who was let go since stands in the record alone.
pub(super) fn merged<'a>(declared: &'a Value, have: &'a Have, want: &Desired, last: &'a Last) -> Merged {
    let (event, named) = (View::of(&have.own), View::of(&want.spec.own).people());
    let (live, organizer) = (event.people(), event.organizer());
    let (mut there, unnamed) = (live.intersection(&named), |it: &String| !last.is_ours(&compare::hash(it)));
    let old = !last.is_recorded() && there.any(|it| unnamed(it) && organizer.as_ref() != Some(it));
    let others = event.attendees().filter_map(|it| Some((it.address()?, it)));
    let others = others.filter(|(address, _)| !named.contains(address) && organizer.as_ref() != Some(address));
    let others = others.map(|(address, it)| (compare::hash(&address), it)).collect();
    let mut list = List { last, old, others, taken: BTreeSet::new(), entries: vec![] };
    let (mut merged, mut missing) = (Merged::default(), vec![]);
    for entry in declared.as_array().into_iter().flatten() {
        let own = compare::address(entry).unwrap_or_default();
        match last.reads_back(&compare::hash(&own)).filter(|hashes| list.has(hashes)) {
            _ if live.contains(&own) => list.entries.push((Cow::Borrowed(entry), None)),
            Some(hashes) => {
                if hashes.is_empty() {
                    merged.notes.push(format!("{own} is declared, and Graph dropped it when it was sent"));
                }
                merged.read_back.insert(compare::hash(&own), hashes.clone());
                list.take(entry, hashes);
            }
            None => missing.push((own, entry)),
        }
    }
    merged.guess = list.may_have(declared, want, &missing);
    if merged.guess {
        let names: Vec<&str> = missing.iter().map(|(own, _)| own.as_str()).collect();
        merged.notes.push(format!(
            "not on the list as declared: {}; whether somebody there is meant is not known, so nobody is invited until the \
             attendees in the manifest change",
            names.join(", ")
        ));
    } else {
        list.entries.extend(missing.into_iter().map(|(_, entry)| (Cow::Borrowed(entry), None)));
    }
    // Nobody is removed on the strength of a mark that was not read.
    if have.unread.is_some() || !want.spec.exclusive || merged.guess {
        let kept: Vec<Attendee> = list.strangers().map(|(_, it)| *it).collect();
        merged.kept = kept.len();
        merged.odd = kept.iter().filter_map(|it| it.address()).filter(|address| is_odd(address)).collect();
        list.entries.extend(kept.into_iter().map(|it| (Cow::Owned(it.entry()), None)));
    }
    if !list.entries.iter().map(|(entry, _)| &**entry).eq(declared.as_array().into_iter().flatten()) {
        let compared = list.entries.iter().map(|(entry, _)| Value::clone(entry)).collect();
        let sent = list.entries.into_iter().map(|(entry, declared)| sendable(entry.into_owned(), declared)).collect();
        merged.list = Some((compared, sent));
    }
    merged
}

impl<'a> List<'a> {
    /// Whether somebody of these is on the live list, or nobody was when it was sent.
    fn has(&self, hashes: &BTreeSet<String>) -> bool {
        hashes.is_empty() || hashes.iter().any(|it| self.others.contains_key(it))
    }

    /// Puts those on the list as whom a declared entry reads back.
    fn take(&mut self, entry: &'a Value, hashes: &BTreeSet<String>) {
        let role = (hashes.len() == 1).then_some(entry);
        let List { taken, others, entries, .. } = self;
        let new = hashes.iter().filter(|it| taken.insert((*it).clone())).filter_map(|it| others.get(it));
        entries.extend(new.map(|it| (Cow::Owned(it.with_role(role)), Some(entry))));
    }

    /// Those on the live list of whom nothing is known.
    fn strangers(&self) -> impl Iterator<Item = (&String, &Attendee<'a>)> {
        self.others.iter().filter(|(hash, _)| !self.taken.contains(*hash) && (self.old || !self.last.is_ours(hash)))
    }

    /// Whether those who are missing may stand on the live list under other addresses: they were declared and sent before, and
    /// there are as many strangers whose other addresses are not known, or who have got none that is an e-mail address.
    fn may_have(&self, declared: &Value, want: &Desired, missing: &[(String, &Value)]) -> bool {
        let Some(field) = want.key.kind().compared(Compare::People).filter(|_| !missing.is_empty()) else {
            return false;
        };
        let sent =
            |own: &String| self.last.applied().is_some_and(|applied| applied.attendees.contains(&compare::hash(own)));
        let odd = self.strangers().filter_map(|(_, it)| it.address()).filter(|address| is_odd(address)).count();
        let unknown = if self.last.landed(field.name).is_none() { self.strangers().count() } else { odd };
        let now = fingerprint::of(field.compare, declared);
        unknown >= missing.len() && self.last.is_unchanged(field.name, &now) && missing.iter().all(|(own, _)| sent(own))
    }
}

/// Whether an address is none that Graph takes: it gives old entries as `/o=ExchangeLabs/…` or as a bare name (docs #13898).
fn is_odd(address: &str) -> bool {
    address.starts_with('/') || !address.contains('@')
}

/// The entry to send: the declared one, where Graph gives an address that it does not take.
fn sendable(entry: Value, declared: Option<&Value>) -> Value {
    match (compare::address(&entry).is_some_and(|it| is_odd(&it)), declared) {
        (true, Some(declared)) => declared.clone(),
        (true, None) | (false, _) => entry,
    }
}

/// Why a list cannot be sent: somebody on it has no e-mail address, and whoever is left out is removed.
pub(super) fn unsendable(odd: &[String]) -> Option<Why> {
    let first = odd.first()?;
    let more = if odd.len() > 1 { format!(" and {} more", odd.len() - 1) } else { String::new() };
    Some(Reason::Unsendable.why(format!(
        "Graph gives no e-mail address for {first}{more}, whom others added: it takes the list neither with such an entry nor \
         without mailing them a cancellation; replace them in Outlook, or write `attendeePolicy: exclusive` to remove them"
    )))
}
