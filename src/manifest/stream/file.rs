//! What one file holds: its documents, each held against its schema, and the resources that can be made of them already.

use crate::kind::schema::Declared;
use crate::kind::{Expanded, event};
use crate::manifest::bounded;
use crate::manifest::files::Source;
use crate::manifest::foreign::{Foreign, Sieve};
use crate::manifest::names::{Declaration, Named};
use crate::manifest::shared::Part;
use crate::manifest::stream::{Keep, Kept, Made};
use crate::manifest::yaml::{self, Document};
use crate::manifest::{Given, Waiting, doorman_of};
use crate::manifest::{desired, kind_of, more_faults, not_utf8, workspace};
use crate::model::Key;
use crate::problem::{Problem, Rule};
use rayon::prelude::*;
use serde_json::Value;
use std::panic::resume_unwind;
use std::sync::mpsc;
use std::thread;

/// How documents are looked at.
#[derive(Clone, Copy)]
pub(super) struct How<'a> {
    /// None while the workspace is not known yet.
    pub given: Option<&'a Given<'a>>,
    pub keep: Keep,
    /// On all cores, since nothing else is looked at meanwhile.
    pub at_once: bool,
}

/// What one file holds.
#[derive(Default)]
pub(super) struct Found {
    pub documents: usize,
    pub problems: Vec<Problem>,
    pub waiting: Vec<Waiting>,
    pub made: Vec<Made>,
    /// What resources are made from or refer to.
    pub parts: Vec<Part>,
    /// Each workspace, and whether it is fit for use.
    pub workspaces: Vec<(Document, bool)>,
    /// What of it is another program's.
    pub foreign: Option<Foreign>,
}

/// The text of a file and what it holds, or that it is none.
pub(super) type Read = Result<(String, Found), Box<Problem>>;

/// Reads a file.
pub(super) fn of_file(Source { file, text, found: is_found }: Source, how: How) -> (String, Read) {
    let text = match String::from_utf8(text) {
        Ok(text) => text,
        Err(error) => {
            let problem = not_utf8(file.clone(), &error);
            return (file, Err(Box::new(problem)));
        }
    };
    let (mut found, mut sieve) = (Found::default(), Sieve::default());
    let take = |documents| found.add(if is_found { sieve.sift(documents) } else { documents }, how);
    let mut problems = match how.at_once {
        true => read_ahead(&file, &text, take),
        false => yaml::in_parts(&file, &text, take),
    };
    if is_found {
        let (documents, told, foreign) = sieve.end(&file, &text, problems);
        found.add(documents, how);
        (problems, found.foreign) = (told, foreign);
    }
    let others = std::mem::take(&mut found.problems);
    found.problems = problems.into_iter().map(|it| it.of(Rule::Syntax)).chain(others).collect();
    (file, Ok((text, found)))
}

/// Reads a text while what was read of it before is looked at: to read it takes one core about as long as that takes.
fn read_ahead(file: &str, text: &str, take: impl FnMut(Vec<Document>)) -> Vec<Problem> {
    let (send, parts) = mpsc::sync_channel(1);
    thread::scope(|scope| {
        // Who takes the parts is there until the last one.
        let reader = scope.spawn(|| yaml::in_parts(file, text, move |documents| _ = send.send(documents)));
        parts.into_iter().for_each(take);
        reader.join().unwrap_or_else(|panic| resume_unwind(panic))
    })
}

impl Found {
    /// Takes in some documents; beyond the bound for problems they are only counted.
    fn add(&mut self, documents: Vec<Document>, how: How) {
        self.documents += documents.len();
        if !bounded::goes_on(&self.problems) {
            return;
        }
        let parts: Vec<Found> = match how.at_once {
            true => documents.into_par_iter().map(|it| of_document(it, how)).collect(),
            false => documents.into_iter().map(|it| of_document(it, how)).collect(),
        };
        for part in parts {
            self.problems.extend(part.problems);
            self.waiting.extend(part.waiting);
            self.parts.extend(part.parts);
            self.made.extend(part.made);
            self.workspaces.extend(part.workspaces);
        }
    }
}

/// Holds a document against its schema and makes a resource of it, if it is one and the workspace is known.
fn of_document(mut document: Document, how: How) -> Found {
    let mut found = Found::default();
    let kind = match kind_of(&document) {
        Ok(kind) => kind,
        Err(problem) => {
            found.problems.push(problem.of(Rule::Schema));
            return found;
        }
    };
    if kind == Declared::Workspace {
        found.problems.extend(workspace::fill(&mut document));
    }
    let checked = doorman_of(kind).check(&document);
    let fit = checked.problems.is_empty() && !document.flawed;
    found.problems.extend(checked.problems.iter().cloned().map(|it| it.of(Rule::Schema)));
    match (kind, how.given) {
        (Declared::Workspace, _) => found.workspaces.push((document, fit)),
        (Declared::EventSet | Declared::Roster | Declared::DaysOff, _) => {
            found.parts.push(Part { declared: kind, document, fit })
        }
        (Declared::Resource(id), None) => found.waiting.push((id, document, (!fit).then_some(checked))),
        (Declared::Resource(id), Some(given)) => {
            let (made, problems) = made((id, document, (!fit).then_some(checked)), given, how.keep);
            found.made.extend(made);
            found.problems.extend(problems);
        }
    }
    found
}

/// Makes a resource of its document, or says why it is none.
pub(in crate::manifest) fn made(
    (id, document, checked): Waiting,
    given: &Given,
    keep: Keep,
) -> (Option<Made>, Vec<Problem>) {
    let read = match checked {
        Some(checked) => Err(more_faults(&checked, id, &document, given)),
        None => desired(id, &document, given),
    };
    let place = |pointer: &str| document.place(pointer);
    match read {
        Ok((mut want, filled)) => {
            want.spec = match keep {
                Keep::Names => Expanded { notes: want.spec.notes, ..Expanded::default() },
                Keep::Resources | Keep::Documents => want.spec.closed(),
            };
            let key = want.key.clone();
            let (name, previously) = (place("/metadata/name"), place("/lifecycle/previously"));
            let kept = (keep == Keep::Documents).then(|| {
                let (mut document, names_rosters) = (document.value, filled.is_some());
                if let Some(spec) = filled {
                    document["spec"] = spec.into();
                }
                let spec = document["spec"].as_object_mut();
                let names_days_off = spec.is_some_and(|spec| event::written_out(spec, &want.spec.days_off));
                Kept { key, document, written_out: names_rosters || names_days_off }
            });
            let declaration = Declaration::Sound(Named { want, name, previously, row: None }.into());
            (Some((declaration, kept)), vec![])
        }
        Err(problems) => {
            let name = document.value.pointer("/metadata/name").and_then(Value::as_str);
            let flawed = |name| (Declaration::Flawed(Key::new(id, name), place("/metadata/name"), None), None);
            (name.map(flawed), problems)
        }
    }
}
