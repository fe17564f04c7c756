//! From files to resources, some files at a time: a document, which takes many times the room of its text, is let go of as soon as
//! its resource is made.
//!
//! Only what stands beside a workspace waits for it, since the defaults are there; and so those files are read first, and those
//! that hold what other documents are made from or refer to.

mod file;

pub(super) use file::made;

use crate::kind::workspace::{Defaults, Graph, Pins, Values};
use crate::manifest::bounded::{self, in_parts};
use crate::manifest::files::Source;
use crate::manifest::foreign::Foreign;
use crate::manifest::names::{self, Declaration};
use crate::manifest::shared::Part;
use crate::manifest::stream::file::{How, Read, of_file};
use crate::manifest::{Given, Manifests, Owner, Waiting};
use crate::manifest::{located, rosters, shared, workspace};
use crate::model::Key;
use rayon::prelude::*;
use serde_json::Value;

/// A file of more bytes has documents enough for all cores.
const LARGE: usize = 1 << 20;

/// Reads files into manifests.
pub(super) fn read(mut manifests: Manifests, sources: Vec<Source>, outside: Option<Owner>, pins: &Pins) -> Manifests {
    let numbered = sources.into_iter().enumerate();
    let (first, rest): (Vec<_>, Vec<_>) = numbered.partition(|(_, source)| shared::may_stand_in(&source.text));
    let mut all = All::default();
    manifests.look(first, None, pins, &mut all);
    let owner = manifests.workspace.as_ref().or(outside.as_ref());
    let (mut defaults, values, graph) = match owner {
        Some(Owner { spec, .. }) => (spec.defaults.clone(), spec.values.clone(), spec.graph.clone()),
        None => {
            let (defaults, values) = all.unfit.take().unwrap_or_default();
            (defaults, values, Graph::default())
        }
    };
    let workspace = owner.map(|it| it.file.clone());
    let shared = manifests.share(std::mem::take(&mut all.parts));
    defaults.days_off.extend(manifests.days_off.clone());
    let rosters = manifests.rosters(&shared.rosters, workspace.as_deref());
    let given = Given { defaults: &defaults, graph: &graph, pins, values: &values.0, rosters: &rosters };
    manifests.expand(&given, &mut all);
    manifests.make(&shared, &given, &mut all);
    let rest = rest.into_iter().filter(|(_, source)| !shared.is_rows(&source.file)).collect();
    manifests.look(rest, Some(&given), pins, &mut all);
    manifests.problems.extend(rosters::too_many(&rosters, &shared.rosters));
    manifests.finish(all);
    manifests
}

/// What was found in all files so far. Numbers are those of the files.
#[derive(Default)]
pub(super) struct All {
    waiting: Vec<(usize, Waiting)>,
    parts: Vec<(usize, Part)>,
    pub made: Vec<(usize, Vec<Made>)>,
    foreign: Vec<(usize, Foreign)>,
    /// The text of each file of rows.
    pub texts: Vec<(String, String)>,
    /// The defaults and values that can be read of a workspace with problems.
    unfit: Option<(Defaults, Values)>,
}

/// What a document declares, and what stands in it if that is kept.
pub(super) type Made = (Declaration, Option<Kept>);

/// What stands in the document of a resource, and in place of the rosters and days off that it names.
pub(super) struct Kept {
    pub key: Key,
    pub document: Value,
    /// Whether it stands so in no file: it names any, or a set has made it.
    pub written_out: bool,
}

/// What is kept of a document.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Keep {
    /// Names and notes of its resource.
    Names,
    Resources,
    /// The resource, and the document itself.
    Documents,
}

impl Manifests {
    /// Reads files. Large ones have all cores, one after the other; of the others each core has one.
    fn look(&mut self, sources: Vec<(usize, Source)>, given: Option<&Given>, pins: &Pins, all: &mut All) {
        let how = How { given, keep: self.keep(), at_once: false };
        let (large, small): (Vec<_>, Vec<_>) = sources.into_iter().partition(|(_, it)| it.text.len() > LARGE);
        for (number, source) in large {
            if !self.goes_on() {
                return;
            }
            let (file, read) = of_file(source, How { at_once: true, ..how });
            self.take_in(number, file, read, pins, all);
        }
        let read = |(number, source)| (number, of_file(source, how));
        in_parts(small, read, |(number, (file, read))| {
            self.take_in(number, file, read, pins, all);
            self.goes_on()
        });
    }

    /// Takes in what one file holds.
    fn take_in(&mut self, number: usize, file: String, read: Read, pins: &Pins, all: &mut All) {
        let (text, found) = match read {
            Ok(read) => read,
            Err(problem) => return self.problems.push(*problem),
        };
        let nothing = found.documents == 0 && found.problems.is_empty();
        let passed_over = found.foreign.is_some() && nothing;
        all.foreign.extend(found.foreign.map(|it| (number, it)));
        if passed_over {
            return;
        }
        self.documents += found.documents + usize::from(found.documents == 0 && !nothing);
        self.problems.extend(found.problems);
        self.texts.insert(file, text);
        for (document, fit) in found.workspaces {
            if fit {
                self.take(&document, pins);
            } else {
                let defaults = workspace::readable_defaults(&document);
                self.problems.extend(defaults.check().into_iter().map(|it| located(&document, it)));
                all.unfit = all.unfit.take().or(Some((defaults, workspace::readable_values(&document))));
            }
        }
        all.waiting.extend(found.waiting.into_iter().map(|it| (number, it)));
        all.parts.extend(found.parts.into_iter().map(|it| (number, it)));
        all.made.push((number, found.made));
    }

    /// Makes resources of what waited for the workspace.
    fn expand(&mut self, given: &Given, all: &mut All) {
        if !self.goes_on() {
            return;
        }
        let keep = self.keep();
        let waiting = std::mem::take(&mut all.waiting);
        in_parts(
            waiting,
            |(number, it)| (number, made(it, given, keep)),
            |(number, made)| {
                let (made, problems) = made;
                all.made.push((number, made.into_iter().collect()));
                self.problems.extend(problems);
                self.goes_on()
            },
        );
    }

    /// Takes in the resources, each key once.
    fn finish(&mut self, All { mut made, mut foreign, texts, .. }: All) {
        made.sort_by_key(|(number, _)| *number);
        foreign.sort_by_key(|(number, _)| *number);
        self.foreign.extend(foreign.into_iter().map(|(_, it)| it));
        let mut all = Vec::with_capacity(made.iter().map(|(_, made)| made.len()).sum());
        for (declaration, document) in made.into_iter().flat_map(|(_, made)| made) {
            if let (Some(kept), Some(Kept { key, document, written_out })) = (&mut self.kept, document) {
                self.written_out.extend(written_out.then(|| key.clone()));
                kept.insert(key, document);
            }
            all.push(declaration);
        }
        let (desired, problems) = names::checked(all);
        self.desired = desired;
        self.desired.par_sort_by(|one, other| one.key.cmp(&other.key));
        self.problems.extend(problems);
        let speaks_of = |file: &str| {
            self.problems.iter().any(|it| *it.at.file == *file || it.also.iter().any(|(at, _)| *at.file == *file))
        };
        let mut all = std::mem::take(&mut self.texts);
        all.extend(texts.into_iter().filter(|(file, _)| speaks_of(file)));
        let files = all.len();
        // What else may be found wrong is in the workspace.
        let is_owner = |file: &str| self.workspace.as_ref().is_some_and(|it| it.file == file);
        all.retain(|file, _| speaks_of(file) || is_owner(file));
        (self.files, self.texts) = (files, all);
        self.problems = bounded::told(std::mem::take(&mut self.problems));
    }

    pub(super) fn keep(&self) -> Keep {
        match (&self.kept, self.bare) {
            (Some(_), _) => Keep::Documents,
            (None, true) => Keep::Names,
            (None, false) => Keep::Resources,
        }
    }

    /// Whether more may be looked at: what is found beyond the bound is not told.
    pub(super) fn goes_on(&self) -> bool {
        bounded::goes_on(&self.problems)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest;

    fn source(file: &str, text: &str) -> Source {
        Source { file: file.into(), text: text.into(), found: true }
    }

    fn event(name: &str, subject: &str) -> String {
        format!(
            "apiVersion: convoke.dev/v1\nkind: Event\nmetadata: {{name: {name}}}\nspec: {{subject: {subject}, start: 2031-02-11T10:00, duration: 30m}}\n"
        )
    }

    const WORKSPACE: &str = "apiVersion: convoke.dev/v1\nkind: Workspace\nmetadata: {name: w}\nspec: {prune: keep, defaults: {organizer: a@x.example, timeZone: UTC}}\n";

    /// Which file is read first is of no account: neither for the defaults, nor for which of two is the first.
    #[test]
    fn a_workspace_holds_for_the_files_before_it_as_for_those_behind() {
        let beside = format!("{WORKSPACE}---\n{}", event("third", "x"));
        let sources = vec![
            source("a.yaml", &event("first", "x")),
            source("b.yaml", &beside),
            source("c.yaml", &event("second", "Workspace")),
        ];
        let read = manifest::read(sources, None);
        assert!(read.problems.is_empty(), "{:?}", read.problems);
        let names: Vec<_> = read.desired.iter().map(|it| (it.key.name(), it.spec.organizer.as_str())).collect();
        assert_eq!(names, [("first", "a@x.example"), ("second", "a@x.example"), ("third", "a@x.example")]);
        assert_eq!((read.documents, read.texts.into_keys().collect::<Vec<_>>()), (4, vec!["b.yaml".to_owned()]));
    }

    #[test]
    fn the_first_of_two_is_the_one_in_the_first_file() {
        let beside = format!("{WORKSPACE}---\n{}", event("twice", "x"));
        let sources = vec![source("a.yaml", &event("twice", "x")), source("b.yaml", &beside)];
        let read = manifest::read(sources, None);
        let told: Vec<_> = read.problems.iter().map(|it| (&*it.at.file, &*it.also[0].0.file)).collect();
        assert_eq!(told, [("b.yaml", "a.yaml")]);
    }

    /// A text of many documents is read in parts, and as a whole it is what its parts are.
    #[test]
    fn many_documents_of_one_text_are_all_there() {
        let text: String = (0..700).map(|it| format!("---\n{}", event(&format!("e{it}"), "x"))).collect();
        let large = format!("{text}# {}\n", "x".repeat(LARGE));
        for text in [text, large] {
            let read = manifest::read(vec![source("all.yaml", &text), source("w.yaml", WORKSPACE)], None);
            assert_eq!((read.problems.len(), read.documents, read.desired.len()), (0, 701, 700));
        }
    }
}
