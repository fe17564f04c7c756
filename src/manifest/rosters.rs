//! Rosters: their documents put together, and their members put into what names them.

use crate::kind::roster::{self, Days, Filled, Groups, Roster, Rosters, Who};
use crate::kind::{Fault, KindId, mailbox};
use crate::manifest::yaml::Document;
use crate::manifest::{Given, Manifests, located, lock};
use crate::problem::Problem;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::path::Path;

/// The document of each roster, and whether its schema lets it through.
pub(super) type Documents = BTreeMap<String, (Document, bool)>;

impl Manifests {
    /// Puts the rosters together; `workspace` is the file that the lock file stands beside.
    pub(super) fn rosters(&mut self, documents: &Documents, workspace: Option<&str>) -> Rosters {
        let mut all: BTreeMap<String, Option<Roster>> = BTreeMap::new();
        for (name, (document, fit)) in documents {
            let spec = document.value["spec"].as_object().filter(|_| *fit);
            let (roster, faults) = spec.map(roster::read).unzip();
            let faults: Vec<Fault> = faults.unwrap_or_default();
            self.groups.extend(roster.iter().flat_map(groups_of).map(str::to_owned));
            all.insert(name.clone(), roster.filter(|_| faults.is_empty()));
            self.problems.extend(faults.into_iter().map(|it| located(document, it)));
        }
        let groups = match self.groups.is_empty() {
            true => Some(Groups::new()),
            false => self.locked(workspace),
        };
        if groups.is_none() {
            for roster in all.values_mut() {
                *roster = roster.take().filter(|it| groups_of(it).next().is_none());
            }
        }
        let (rosters, faults) = roster::resolve(&all, &groups.unwrap_or_default());
        self.problems.extend(faults.into_iter().map(|(name, fault)| located(&documents[&name].0, fault)));
        rosters
    }

    /// Returns what the lock file has, unless something is wrong with it.
    fn locked(&mut self, workspace: Option<&str>) -> Option<Groups> {
        let folder = workspace.and_then(|file| Path::new(file).parent()).filter(|it| !it.as_os_str().is_empty());
        let lock = lock::read(folder.unwrap_or(Path::new(".")));
        self.problems.extend(lock.problems);
        self.texts.extend(lock.text);
        lock.groups
    }
}

fn groups_of(roster: &Roster) -> impl Iterator<Item = &str> {
    roster.members.iter().filter_map(|it| match &it.who {
        Who::Group(address) => Some(address.as_str()),
        Who::Person(..) => None,
    })
}

/// Returns a spec with the members of its rosters in it, if it names any, and what is wrong with those names.
pub(super) fn filled(id: KindId, spec: &Map<String, Value>, given: &Given) -> Option<(Filled, Vec<Fault>)> {
    roster::names_any(spec).then(|| {
        let days = |spec: &Map<String, Value>| Days::of(id, &(id.kind().expand)(spec, given.defaults).0);
        let mut faults = vec![];
        // That there is none is told by the kind itself.
        let organizer = mailbox::organizer(spec, given.defaults.organizer.as_deref(), &mut vec![]);
        let filled = roster::fill(spec, given.rosters, &organizer, days, &mut faults);
        (filled, faults)
    })
}

/// Says that rosters make more of the manifests than is read.
pub(super) fn too_many(rosters: &Rosters, documents: &Documents) -> Option<Problem> {
    let (document, _) = documents.values().next()?;
    rosters.too_many().map(|fault| located(document, fault))
}

/// Puts a fault of a filled spec where it stands in the text.
pub(super) fn in_text(filled: Option<&Filled>, fault: Fault) -> Fault {
    match filled {
        Some(filled) => Fault { at: fault.at.iter().map(|at| filled.origin(at)).collect(), ..fault },
        None => fault,
    }
}
