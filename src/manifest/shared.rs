//! Documents that are no resources: what resources are made from or refer to. All of them are known before the first resource is
//! made, whatever file they stand in.
//!
//! A kind comes in here by an arm of `share`, which keeps what it says in `Shared`; `Given` hands that to whatever makes resources.

use crate::kind::schema::Declared;
use crate::manifest::rosters::Documents;
use crate::manifest::set::Set;
use crate::manifest::yaml::Document;
use crate::manifest::{Manifests, days_off, rows};
use crate::problem::{Place, Problem};
use crate::reason::Reason;
use jiff::civil::Date;
use serde_json::Value;
use std::collections::{BTreeSet, HashMap};

/// A document that is no resource.
pub(super) struct Part {
    pub declared: Declared,
    pub document: Document,
    /// Whether nothing is wrong with it: only then it is used.
    pub fit: bool,
}

/// What resources are made from or refer to.
#[derive(Default)]
pub(super) struct Shared {
    pub sets: Vec<Set>,
    /// By name.
    pub rosters: Documents,
    /// The files of rows, which are no manifests.
    rows: BTreeSet<String>,
}

impl Shared {
    /// Whether a file holds the rows of a set.
    pub fn is_rows(&self, file: &str) -> bool {
        self.rows.contains(file)
    }
}

impl Manifests {
    /// Takes in the documents that are no resources, each with the number of its file; a name of a kind once.
    pub(super) fn share(&mut self, mut parts: Vec<(usize, Part)>) -> Shared {
        parts.sort_by_key(|(number, _)| *number);
        let (mut shared, mut names) = (Shared::default(), HashMap::<(Declared, String), Place>::new());
        for (number, Part { declared, document, fit }) in parts {
            let at = document.place("/metadata/name");
            let name = document.value.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default();
            if let Some(first) = names.get(&(declared, name.to_owned())) {
                let what = format!("`{}/{name}` is declared twice", declared.name());
                let problem = Problem::new(Reason::DeclaredTwice, at, what).also(first.clone(), "first declared here");
                self.problems.push(problem.hint("give one of them another name: it is unique in the workspace"));
                continue;
            }
            names.insert((declared, name.to_owned()), at);
            if declared == Declared::DaysOff {
                let days = if fit { self.days(&document) } else { BTreeSet::new() };
                self.days_off.insert(name.to_owned(), days);
            }
            if declared == Declared::EventSet {
                shared.rows.extend(rows::file_of(&document));
            }
            match declared {
                Declared::EventSet if fit => shared.sets.push(Set { number, document }),
                // What names one with a mistake is not blamed for that.
                Declared::Roster => _ = shared.rosters.insert(name.to_owned(), (document, fit)),
                // What has a mistake is used for nothing; resources and the workspace go their own ways.
                Declared::EventSet | Declared::DaysOff | Declared::Resource(_) | Declared::Workspace => {}
            }
        }
        shared
    }

    /// The days of a document of days off; none of one with mistakes, which are told.
    fn days(&mut self, document: &Document) -> BTreeSet<Date> {
        days_off::read(document).unwrap_or_else(|(problems, text)| {
            self.problems.extend(problems);
            self.texts.extend(text);
            BTreeSet::new()
        })
    }
}

/// Whether a workspace or a document that others need may stand in a text: its kind is written there, in letters or in escapes that
/// stand for letters, or is cut by the end of a line.
pub(super) fn may_stand_in(text: &[u8]) -> bool {
    let kinds: Vec<&[u8]> =
        Declared::all().filter(|it| !matches!(it, Declared::Resource(_))).map(|it| it.name().as_bytes()).collect();
    text.iter().enumerate().any(|(place, sign)| match sign {
        b'A'..=b'Z' => kinds.iter().any(|kind| text[place..].starts_with(kind)),
        b'\\' => matches!(text.get(place + 1), Some(b'x' | b'u' | b'U' | b'\n' | b'\r')),
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::may_stand_in;
    use crate::manifest::yaml;

    /// Whatever is read as that kind is found before it is read.
    #[test]
    fn a_workspace_is_found_however_its_kind_is_written() {
        for text in [
            "kind: Workspace",
            "kind: 'Workspace'",
            "a: &kind Workspace\nkind: *kind",
            "a: &all {kind: Workspace}\n<<: *all",
            "kind: !!str Workspace",
            "kind: |-\n  Workspace",
            "\"kind\": \"Work\\x73pace\"",
            "kind: \"\\u0057orkspace\"",
            "kind: \"\\U00000057orkspace\"",
            "kind: \"Work\\\n  space\"",
            "kind: \"Work\\\r\n  space\"",
        ] {
            let (documents, problems) = yaml::documents("a.yaml", text);
            assert!(problems.is_empty() && documents[0].value["kind"] == "Workspace", "{text}: {problems:?}");
            assert!(may_stand_in(text.as_bytes()), "{text}");
        }
        assert!(!may_stand_in(b"kind: Event\nspec: {subject: \"a\\tb\\n\"}"));
    }
}
