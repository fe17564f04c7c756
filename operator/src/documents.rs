//! The objects of a namespace as documents, the same as files would hold.

use crate::Terms;
use crate::cluster::Seen;
use crate::namespace::There;
use crate::outcome::Outcome;
use anyhow::Result;
use convoke::face::kind::crd::{self, OfGraph, OfWorkspace};
use convoke::face::kind::workspace::{Patterns, Pins};
use convoke::face::manifest::files::Source;
use convoke::face::reason::Reason;
use convoke::face::reconcile::{Given, Project};
use kube::ResourceExt;
use serde_json::Value;
use std::collections::BTreeMap;

/// What is read of a Workspace and its objects.
pub struct Read {
    pub project: Project,
    pub asked: OfWorkspace,
    pub graph: OfGraph,
}

/// Makes documents of the objects. Nothing where the Workspace is not one; what is wrong stands in `outcome`.
///
/// Without a Workspace the one that was there governs what goes, and nothing else counts.
pub fn read(there: &There, terms: &Terms, granted: Option<Patterns>, outcome: &mut Outcome) -> Result<Option<Read>> {
    let objects: Vec<&Seen> = match there.is_governed {
        true => there.declared.iter().collect(),
        false => there.workspace.iter().collect(),
    };
    let mut sources = vec![];
    let mut asks = None;
    let mut places = BTreeMap::new();
    for it in objects {
        let file = file(it, there, terms);
        places.insert(file.clone(), it.key());
        match crd::read(it.declared, &it.value()) {
            Ok(object) => {
                if let crd::Asked::Workspace(asked, graph) = object.asked {
                    asks = Some((asked, graph));
                }
                sources.push(Source { file, text: object.document.to_string().into_bytes(), found: false });
            }
            Err(faults) => faults.iter().for_each(|fault| outcome.refuse(it.key(), &fault.message, fault.reason())),
        }
    }
    let mut pins = Pins { granted, ..terms.pins.clone() };
    pins.state.in_cluster = true;
    let given = Given { pins, ..Given::default() };
    let mut project = Project::of_sources(sources, given);
    look_for_held(&mut project, &there.held);
    for problem in &project.manifests.problems {
        let key = places.get(&*problem.at.file).cloned().unwrap_or_default();
        outcome.refuse(key, &problem.message, problem.reason);
    }
    for want in project.desired().iter().filter(|want| want.spec.organizer == "me") {
        let what = "`organizer: me` needs a person who signs in, so that the mailbox has to be named";
        outcome.refuse(want.key.to_string(), what, Reason::Cloud);
    }
    leave_out(&mut project, outcome);
    Ok(asks.map(|(asked, graph)| Read { project, asked, graph }))
}

/// Leaves out what is refused, and what would take over the event of such a one; nothing is cancelled because it is absent.
fn leave_out(project: &mut Project, outcome: &mut Outcome) {
    loop {
        let desired = &mut project.manifests.desired;
        desired.retain(|want| !outcome.invalid.contains_key(&want.key.to_string()));
        let heir = desired.iter().find_map(|want| {
            let reason = want.previously.iter().find_map(|key| outcome.invalid.get(&key.to_string()))?;
            Some((want.key.to_string(), *reason))
        });
        let Some((key, reason)) = heir else { return };
        outcome.refuse(key, "the object whose name it had before is refused", reason);
    }
}

/// Has the mailboxes of what goes looked at, too: no document names them, and a state that was lost does not either. What is pinned holds.
fn look_for_held(project: &mut Project, held: &[Seen]) {
    let Some(owner) = &mut project.workspace else { return };
    let default = owner.spec.defaults.organizer.clone();
    let organizer = |it: &Seen| {
        let own = it.object.data.pointer("/spec/organizer").and_then(Value::as_str).map(str::to_lowercase);
        own.or_else(|| default.clone())
            .filter(|name| name != "me" && project.given.pins.refused_mailbox(name).is_none())
    };
    owner.spec.mailboxes.extend(held.iter().filter_map(organizer));
}

/// The name of an object in messages; the folder of the Workspace's is where a state is kept that has no address.
fn file(seen: &Seen, there: &There, terms: &Terms) -> String {
    let (namespace, name) = there.workspace.as_ref().map(Seen::place).unwrap_or_default();
    let folder = terms.states.clone().unwrap_or_default().join(namespace).join(name);
    folder.join(format!("{}-{}", seen.declared.name(), seen.object.name_any())).display().to_string()
}
