//! The one document of `kind: Workspace`: what it says, and what is wrong with that beyond its schema.

use crate::kind::schema::WorkspaceMetadata;
use crate::kind::workspace::{Defaults, OwnerNames, Pins, Values, Workspace};
use crate::manifest::bounded;
use crate::manifest::expression::{self, Filled, OPENS, Wrong};
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
        if let Some((file, text)) = file {
            self.files += usize::from(self.texts.insert(file, text).is_none());
        }
        self.problems = bounded::told(std::mem::take(&mut self.problems));
    }
}

/// Puts what the expressions in its defaults stand for into the document of a workspace; returns what is wrong with them.
pub(super) fn fill(document: &mut Document) -> Vec<Problem> {
    let values = document.value.pointer("/spec/values").cloned().unwrap_or_else(|| json!({}));
    let defaults = document.value.pointer("/spec/defaults").and_then(Value::as_object).cloned().unwrap_or_default();
    let (all, row) = (expression::environment(FUEL), json!({}));
    let given = expression::Given::of(&row, &values);
    let mut problems = vec![];
    for (name, text) in &defaults {
        let Some(text) = text.as_str().filter(|it| it.contains(OPENS)) else { continue };
        let pointer = format!("/spec/defaults/{name}");
        let filled = Filled::read(&all, text, expression::IN_WORKSPACE).and_then(|it| it.value(&given));
        // What an expression gives is none itself.
        let filled = filled.and_then(|it| match it.as_str().is_some_and(|it| it.contains(OPENS)) {
            true => Err(Wrong::new("an expression gives another one", "write plain text into `values`")),
            false => Ok(it),
        });
        match filled {
            Ok(value) => document.value["spec"]["defaults"][name] = value,
            Err(Wrong { message, hint, .. }) => {
                problems.push(Problem::new(Reason::Meaning, document.place(&pointer), message).hint(hint));
            }
        }
    }
    document.flawed |= !problems.is_empty();
    problems
}

/// The work that one expression of a workspace may take.
const FUEL: u64 = 1000;

/// Returns what can be read of the defaults of a workspace that has problems, so that its manifests are not blamed for those.
pub(super) fn readable_defaults(document: &Document) -> Defaults {
    let defaults = document.value.pointer("/spec/defaults").and_then(Value::as_object);
    let alone = |name: &str, value: &Value| serde_json::from_value::<Defaults>(json!({name: value})).is_ok();
    let readable = defaults.into_iter().flatten().filter(|(name, value)| alone(name, value));
    let readable = readable.map(|(name, value)| (name.clone(), value.clone())).collect();
    serde_json::from_value(Value::Object(readable)).unwrap_or_default()
}

/// The same of its values.
pub(super) fn readable_values(document: &Document) -> Values {
    document.value.pointer("/spec/values").filter(|it| it.is_object()).cloned().map(Values).unwrap_or_default()
}
