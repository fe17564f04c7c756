//! From what rosters say to whom each of them means: what they include and what is known of groups put together.
//!
//! It grows no faster than what was written: how many people one roster has, and all together, is bounded.

use crate::kind::Fault;
use crate::kind::roster::{Member, Roster, Who};
use crate::near::{list, near};
use crate::reason::Reason;
use std::collections::{BTreeMap, BTreeSet, HashSet, VecDeque};
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;

/// More people than Graph takes in any list, with many turns each.
const MOST: usize = 5_000;

/// The same of all rosters together.
const MOST_IN_ALL: usize = 1_000_000;

/// How many people all lists together get from rosters: a line in each of many events would else stand for any number.
const MOST_TAKEN: usize = 1_000_000;

/// How many names of a circle are shown.
const MOST_SHOWN: usize = 8;

/// The members of each group, by address, as the lock file has them.
pub type Groups = BTreeMap<String, Vec<String>>;

/// Whom each roster means.
#[derive(Debug, Default)]
pub struct Rosters {
    /// Everybody of all rosters; the rosters point into it.
    people: Vec<Member>,
    of: BTreeMap<String, Option<Vec<u32>>>,
    /// How many people all lists got from rosters so far.
    taken: AtomicUsize,
}

/// What is known of a roster that is named.
pub enum People<'a> {
    /// There is none of this name.
    Unknown,
    /// It has faults of its own, which are told.
    InDoubt,
    /// Its members, in the order that they count in: the first entry whose days hold.
    Known(Vec<&'a Member>),
}

impl Rosters {
    /// Returns whom a roster means.
    pub fn people(&self, name: &str) -> People<'_> {
        match self.of.get(name) {
            None => People::Unknown,
            Some(None) => People::InDoubt,
            Some(Some(all)) => People::Known(all.iter().map(|it| &self.people[*it as usize]).collect()),
        }
    }

    /// Counts people that a list is to get; returns whether all lists together may have so many.
    pub fn take(&self, people: usize) -> bool {
        self.taken.fetch_add(people, Relaxed).saturating_add(people) <= MOST_TAKEN
    }

    /// Says that all lists together were to get more people than is read, if that is so: some have got none.
    pub fn too_many(&self) -> Option<Fault> {
        let message = || format!("more than {MOST_TAKEN} people through rosters in all events and meetings together");
        let hint = "invite a distribution list or a Microsoft 365 group, or plan some of the manifests at a time";
        (self.taken.load(Relaxed) > MOST_TAKEN).then(|| Fault::new("", message(), hint).coded(Reason::TooMuch))
    }

    /// Lists the names of all rosters.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.of.keys().map(String::as_str)
    }
}

/// Puts rosters together. A roster with faults of its own is `None`. Each fault stands in the roster that is named with it.
pub fn resolve(all: &BTreeMap<String, Option<Roster>>, groups: &Groups) -> (Rosters, Vec<(String, Fault)>) {
    let (mut rosters, mut faults, mut sum) = (Rosters::default(), vec![], 0);
    let (order, left) = in_order(all);
    for name in order {
        let mut found = vec![];
        let known = all[name].as_ref().filter(|_| sum <= MOST_IN_ALL);
        let people = known.map(|roster| rosters.put_together(roster, (all, groups), &mut found));
        sum += people.as_ref().map_or(0, Vec::len);
        if let Some(people) = people.as_ref().filter(|it| it.len() > MOST || sum > MOST_IN_ALL) {
            let message = match people.len() > MOST {
                true => format!("more than {MOST} people in one roster"),
                false => format!("more than {MOST_IN_ALL} people in all rosters together"),
            };
            found.push(Fault::new("", message, "invite a distribution list or a Microsoft 365 group"));
        }
        let doubtful = |it: &Roster| it.include.iter().any(|(name, _)| matches!(rosters.of.get(name), Some(None)));
        let people = people.filter(|_| found.is_empty() && !known.is_some_and(doubtful));
        rosters.of.insert(name.to_owned(), people);
        let coded = |it: Fault| if it.reason.is_some() { it } else { it.coded(Reason::Roster) };
        faults.extend(found.into_iter().map(|it| (name.to_owned(), coded(it))));
    }
    rosters.of.extend(left.iter().map(|name| ((*name).to_owned(), None)));
    faults.extend(circles(all, &left));
    (rosters, faults)
}

impl Rosters {
    /// The members of a roster whose includes are put together already.
    fn put_together(
        &mut self,
        roster: &Roster,
        (all, groups): (&BTreeMap<String, Option<Roster>>, &Groups),
        faults: &mut Vec<Fault>,
    ) -> Vec<u32> {
        let mut people = vec![];
        for member in &roster.members {
            let Who::Group(group) = &member.who else {
                people.push(self.add(member.clone()));
                continue;
            };
            let at = format!("/members/{}/group", member.index);
            match groups.get(group) {
                None => {
                    let message = format!("`convoke.lock` has no group `{group}`");
                    faults.push(Fault::new(&at, message, NOT_LOCKED).coded(Reason::Group));
                }
                Some(members) if members.is_empty() => {
                    faults.push(Fault::new(&at, format!("nobody is in the group `{group}`"), "leave it out"));
                }
                Some(members) => people.extend(
                    members
                        .iter()
                        .take(MOST + 1)
                        .map(|address| self.add(Member { who: Who::Person(address.clone(), None), ..member.clone() })),
                ),
            }
        }
        let mut seen: HashSet<u32> = people.iter().copied().collect();
        for (name, at) in &roster.include {
            match self.of.get(name) {
                Some(others) => people.extend(others.iter().flatten().filter(|it| seen.insert(**it)).take(MOST + 1)),
                None => faults.push(unknown(name, at, all.keys().map(String::as_str))),
            }
            people.truncate(2 * MOST);
        }
        people
    }

    fn add(&mut self, member: Member) -> u32 {
        self.people.push(member);
        u32::try_from(self.people.len() - 1).expect("what is added is bounded")
    }
}

const NOT_LOCKED: &str =
    "`convoke groups update` reads its members from the directory and writes them there; commit that file";

/// A fault where a roster is named that there is none of.
pub(super) fn unknown<'a>(name: &str, at: &str, known: impl Iterator<Item = &'a str>) -> Fault {
    let known: Vec<&str> = known.take(MOST).collect();
    let hint = match near(name, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if known.is_empty() => {
            format!("there is no roster: add a document of `kind: Roster` that is called `{name}`")
        }
        None => format!("the rosters are {}", list(known.iter().copied())),
    };
    Fault::new(at, format!("unknown roster: `{name}`"), hint).coded(Reason::Roster)
}

/// The rosters in an order in which each comes after those that it includes, and those that are in a circle or behind one.
fn in_order(all: &BTreeMap<String, Option<Roster>>) -> (Vec<&str>, BTreeSet<&str>) {
    let mut waits: BTreeMap<&str, usize> = all.keys().map(|name| (name.as_str(), 0)).collect();
    let mut wanted: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (name, roster) in all {
        for (other, _) in roster.iter().flat_map(|it| &it.include).filter(|(other, _)| all.contains_key(other)) {
            *waits.entry(name).or_default() += 1;
            wanted.entry(other).or_default().push(name);
        }
    }
    let mut ready: VecDeque<&str> = waits.iter().filter(|(_, number)| **number == 0).map(|(name, _)| *name).collect();
    let mut order = vec![];
    while let Some(name) = ready.pop_front() {
        order.push(name);
        waits.remove(name);
        for by in wanted.remove(name).into_iter().flatten() {
            if let Some(number) = waits.get_mut(by) {
                *number -= 1;
                if *number == 0 {
                    ready.push_back(by);
                }
            }
        }
    }
    (order, waits.into_keys().collect())
}

/// The circles among rosters none of which can be put together, each told once, where its first name includes the next.
fn circles(all: &BTreeMap<String, Option<Roster>>, left: &BTreeSet<&str>) -> Vec<(String, Fault)> {
    let next = |name: &str| {
        let include = all.get(name)?.as_ref()?.include.iter();
        include.map(|(other, at)| (other.as_str(), at)).find(|(other, _)| left.contains(other))
    };
    let (mut seen, mut faults) = (HashSet::new(), vec![]);
    for start in left {
        let (mut way, mut at) = (vec![], Some(*start));
        while let Some(name) = at.filter(|name| seen.insert(*name)) {
            way.push(name);
            at = next(name).map(|(other, _)| other);
        }
        let begin = way.iter().position(|name| Some(*name) == at);
        if let Some(circle) = begin.map(|begin| &way[begin..])
            && let Some((_, pointer)) = next(circle[0])
        {
            let more = if circle.len() > MOST_SHOWN { ["…"].as_slice() } else { &[] };
            let shown = circle.iter().take(MOST_SHOWN).chain(more).chain([&circle[0]]);
            let message = format!("the roster includes itself: {}", shown.copied().collect::<Vec<_>>().join(" → "));
            let fault = Fault::new(pointer, message, "take one of these includes out").coded(Reason::Roster);
            faults.push((circle[0].to_owned(), fault));
        }
    }
    faults
}
