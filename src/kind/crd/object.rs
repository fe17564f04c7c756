//! An object of a cluster as the document that `validate` takes, and what it says besides.

use crate::kind::crd::asked::{OfGraph, OfLifecycle, OfWorkspace};
use crate::kind::crd::{CLEAR, cleared};
use crate::kind::schema::{API_VERSION, Declared};
use crate::kind::{Fault, KindId};
use crate::near;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

/// An object of a cluster.
#[derive(Debug, Clone, PartialEq)]
pub struct Object {
    /// What a file would declare.
    pub document: Value,
    /// What only an object in a cluster says.
    pub asked: Asked,
}

/// What only an object in a cluster says.
#[derive(Debug, Clone, PartialEq)]
pub enum Asked {
    /// An Event or OnlineMeeting.
    Resource(OfLifecycle),
    /// The Workspace.
    Workspace(OfWorkspace, OfGraph),
    /// No more than a file does.
    Nothing,
}

/// Reads an object as an API server answers it, alone or in a list, where `kind` and `apiVersion` are left out.
///
/// Of `metadata` name and labels stay: the rest is the cluster's own. `status` goes, and `spec.clear` becomes `null`s. Returns what
/// cannot be meant, with pointers into `spec`; all else is for the reader of documents to judge.
pub fn read(declared: Declared, object: &Value) -> Result<Object, Vec<Fault>> {
    let part = |name: &str| object.get(name).and_then(Value::as_object).cloned();
    let mut metadata = part("metadata").unwrap_or_default();
    metadata.retain(|name, _| ["name", "labels"].contains(&name.as_str()));
    let mut spec = part("spec").unwrap_or_default();
    let mut lifecycle = part("lifecycle");
    let mut faults = vec![];
    let asked = match declared {
        Declared::Resource(id) => {
            clear(id, &mut spec, &mut faults);
            Asked::Resource(take("/lifecycle", &["onDelete"], lifecycle.as_mut(), &mut faults))
        }
        Declared::Workspace => {
            let asked = take("", &["approval", "approvedPlan"], Some(&mut spec), &mut faults);
            let graph = spec.get_mut("graph").and_then(Value::as_object_mut);
            Asked::Workspace(asked, take("/graph", &["serviceAccountName", "secretRef"], graph, &mut faults))
        }
        Declared::EventSet | Declared::Roster | Declared::DaysOff => Asked::Nothing,
    };
    let mut document = json!({"apiVersion": API_VERSION, "kind": declared.name(), "metadata": metadata});
    if let Some(lifecycle) = lifecycle {
        document["lifecycle"] = lifecycle.into();
    }
    document["spec"] = spec.into();
    if faults.is_empty() { Ok(Object { document, asked }) } else { Err(faults) }
}

/// Turns what `clear` lists into `null`s.
fn clear(id: KindId, spec: &mut Map<String, Value>, faults: &mut Vec<Fault>) {
    let listed = match spec.shift_remove(CLEAR) {
        None => return,
        Some(Value::Array(listed)) => listed,
        Some(_) => return faults.push(Fault::new("/clear", "`clear` is no list", "write a list of properties")),
    };
    let clears = cleared(id);
    let hint = match &clears[..] {
        [] => format!("leave `clear` out: of the kind {} nothing can be cleared", id.kind().name),
        them => format!("these can be cleared: `{}`", them.join("`, `")),
    };
    for (index, name) in listed.iter().enumerate() {
        let at = format!("/{CLEAR}/{index}");
        let name = name.as_str().unwrap_or_default();
        if id.kind().fields().all(|field| field.name != name) {
            let names = id.kind().fields().map(|field| field.name);
            let hint = near::near(name, names).map_or(hint.clone(), |it| format!("did you mean `{it}`?"));
            faults.push(Fault::new(
                &at,
                format!("unknown property `{}` is to be cleared", crate::problem::cut(name)),
                hint,
            ));
        } else if !clears.contains(&name) {
            faults.push(Fault::new(&at, format!("`{name}` cannot be cleared"), hint.clone()));
        } else if spec.get(name).is_some_and(|it| !it.is_null()) {
            let hint = format!("take `{name}` out of `clear`, or leave it out of `spec`");
            faults.push(
                Fault::new(&at, format!("`{name}` is declared and is to be cleared"), hint).and(&format!("/{name}")),
            );
        } else {
            spec.insert(name.into(), Value::Null);
        }
    }
}

/// Takes properties out of an object, as what they say.
fn take<T: Default + DeserializeOwned>(
    at: &str,
    names: &[&str],
    from: Option<&mut Map<String, Value>>,
    faults: &mut Vec<Fault>,
) -> T {
    let Some(from) = from else { return T::default() };
    let taken = names.iter().filter_map(|name| Some(((*name).to_owned(), from.shift_remove(*name)?)));
    serde_json::from_value(Value::Object(taken.collect())).unwrap_or_else(|error| {
        faults.push(Fault::new(at, error.to_string(), "`kubectl explain` says what may stand there"));
        T::default()
    })
}
