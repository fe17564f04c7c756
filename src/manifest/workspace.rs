//! The one document of `kind: Workspace`: what it says, and what is wrong with that beyond its schema.

use crate::kind::schema::WorkspaceMetadata;
use crate::kind::workspace::{Defaults, OwnerNames, Pins, Workspace};
use crate::manifest::bounded;
use crate::manifest::yaml::Document;
use crate::manifest::{Manifests, located, typed};
use crate::problem::{Place, Problem};
use crate::reason::Reason;
use serde_json::{Value, json};

/// The workspace and the file it stands in.
#[derive(Debug, Clone)]
pub struct Owner {
    pub name: String,
    pub spec: Workspace,
    pub file: String,
    /// Where it says where the state is kept.
    pub state_at: Place,
    /// What is wrong with it; told with the problems of the files that are read.
    pub problems: Vec<Problem>,
    at: Place,
}

impl Owner {
    /// What the workspace is called, and was.
    pub fn names(&self) -> OwnerNames {
        OwnerNames { now: self.name.clone(), before: self.spec.previously.0.clone() }
    }
}

impl Manifests {
    /// Takes the workspace out of its document.
    pub(super) fn take(&mut self, document: &Document, pins: &Pins) {
        let at = document.place("/metadata/name");
        if let Some(first) = &self.workspace {
            let problem =
                Problem::new(Reason::SecondWorkspace, at, "a second workspace").also(first.at.clone(), "the first one");
            self.problems.push(problem.hint("keep one `kind: Workspace`; pass each workspace's own folder"));
            return;
        }
        let spec: Workspace = typed(document, "/spec");
        let faults = spec.check().into_iter().chain(pins.refused_workspace(&spec));
        let mut problems: Vec<Problem> = faults.map(|fault| located(document, fault)).collect();
        let WorkspaceMetadata { name, labels: _, namespace: _, annotations: _ } = typed(document, "/metadata");
        problems.extend(
            pins.refused_name(&name)
                .map(|(message, way_out)| Problem::new(Reason::Pinned, at.clone(), message).hint(way_out)),
        );
        if spec.previously.0.contains(&name) {
            let what = format!("`{name}` is its own predecessor");
            let problem = Problem::new(Reason::Predecessors, document.place("/spec/previously"), what);
            problems.push(problem.hint("name what the workspace was called before, or leave `previously` out"));
        }
        self.problems.extend(problems.iter().cloned());
        let (file, state_at) = (at.file.to_string(), document.place("/spec/state"));
        self.workspace = Some(Owner { name, spec, file, state_at, problems, at });
    }
}

impl Manifests {
    /// Adds problems of the workspace, and the text of its file if that is none of those that were read.
    pub fn add(&mut self, problems: Vec<Problem>, file: Option<(String, String)>) {
        self.problems.extend(problems);
        self.texts.extend(file);
        self.problems = bounded::told(std::mem::take(&mut self.problems));
    }
}

/// Whether a document of this kind may stand in a text: its kind is written there, in letters or in escapes that stand for letters, or
/// is cut by the end of a line.
pub(super) fn may_stand_in(text: &[u8]) -> bool {
    const KIND: &[u8] = b"Workspace";
    text.iter().enumerate().any(|(place, sign)| match sign {
        b'W' => text[place..].starts_with(KIND),
        b'\\' => matches!(text.get(place + 1), Some(b'x' | b'u' | b'U' | b'\n' | b'\r')),
        _ => false,
    })
}

/// Returns what can be read of the defaults of a workspace that has problems, so that its manifests are not blamed for those.
pub(super) fn readable_defaults(document: &Document) -> Defaults {
    let defaults = document.value.pointer("/spec/defaults").and_then(Value::as_object);
    let alone = |name: &str, value: &Value| serde_json::from_value::<Defaults>(json!({name: value})).is_ok();
    let readable = defaults.into_iter().flatten().filter(|(name, value)| alone(name, value));
    let readable = readable.map(|(name, value)| (name.clone(), value.clone())).collect();
    serde_json::from_value(Value::Object(readable)).unwrap_or_default()
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
