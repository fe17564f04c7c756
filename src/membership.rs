//! Who is in the groups that rosters name: what `convoke.lock` says, and what the directory says now.
//!
//! No plan comes through here: a change in the directory mails nobody until somebody has looked at it in the lock file.

use crate::graph::{Client, groups};
use crate::kind::roster::Groups;
use crate::manifest::lock;
use crate::manifest::lock::Lock;
use crate::trouble::Trouble;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// What is in the lock file, and what of it is another way in the directory.
pub struct Membership {
    /// One for each group that a roster names, or that the lock file has and no roster names any more.
    pub groups: Vec<Group>,
    /// What the lock file would hold.
    pub lock: Groups,
    /// Whether that is another text than there is.
    pub differs: bool,
}

/// One group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Group {
    /// Its address.
    pub address: String,
    /// How many are in it now, as far as that is known.
    pub members: usize,
    /// Who is in it and not in the lock file.
    pub joined: Vec<String>,
    /// Who is in the lock file and no longer in it.
    pub left: Vec<String>,
    /// Whether the lock file has it.
    pub locked: bool,
    /// No roster names it any more.
    pub unused: bool,
    /// Why it could not be read: then the lock file keeps what it has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trouble: Option<Trouble>,
}

/// Asks the directory about every group that rosters name, and compares that with the lock file. What the file has besides goes
/// where `whole` says that all manifests were read.
pub async fn membership(client: &Client, named: &BTreeSet<String>, lock: Lock, whole: bool) -> Membership {
    let now = groups::members(client, named).await;
    let readable = lock.groups.is_some();
    let before = lock.groups.unwrap_or_default();
    // Of some of the files nobody can tell what others still name.
    let unused = if whole { unused(&before, named) } else { BTreeSet::new() };
    let mut after: Groups = before.iter().filter(|(group, _)| !unused.contains(*group)).map(own).collect();
    let mut all = BTreeMap::new();
    for (address, answer) in now {
        let had = before.get(&address);
        let group = match answer {
            Ok(members) => {
                let group = compared(&address, had, &members);
                after.insert(address.clone(), members);
                group
            }
            Err(why) => {
                let members = had.map_or(0, Vec::len);
                Group { members, trouble: Some(why), ..compared(&address, had, had.map_or(&[][..], Vec::as_slice)) }
            }
        };
        all.insert(address, group);
    }
    for address in unused {
        let group = compared(&address, before.get(&address), &[]);
        all.insert(address, Group { left: vec![], unused: true, ..group });
    }
    let differs = !readable || lock::text(&before) != lock::text(&after);
    Membership { groups: all.into_values().collect(), lock: after, differs }
}

fn own((group, members): (&String, &Vec<String>)) -> (String, Vec<String>) {
    (group.clone(), members.clone())
}

fn unused(locked: &Groups, named: &BTreeSet<String>) -> BTreeSet<String> {
    locked.keys().filter(|group| !named.contains(*group)).cloned().collect()
}

fn compared(address: &str, had: Option<&Vec<String>>, now: &[String]) -> Group {
    let before: BTreeSet<&String> = had.into_iter().flatten().collect();
    let after: BTreeSet<&String> = now.iter().collect();
    let list = |one: &BTreeSet<&String>, other: &BTreeSet<&String>| {
        one.difference(other).map(|it| (*it).clone()).collect::<Vec<_>>()
    };
    Group {
        address: address.to_owned(),
        members: after.len(),
        joined: list(&after, &before),
        left: list(&before, &after),
        locked: had.is_some(),
        unused: false,
        trouble: None,
    }
}
