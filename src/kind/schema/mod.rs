//! The published JSON Schemas: one per kind, and one for a file that holds any of them.
//!
//! Draft-07, which editors know best, and without references, so that each property carries all that is known of it.
//! Structs give types and meanings, rows give `x-writable`, `x-source` and the properties that are refused. The same
//! documents are the doorman of every manifest; wording what they find is not done here.

mod declared;
mod document;
mod editors;
mod forms;
mod lines;
mod template;
#[cfg(test)]
mod tests;

pub use declared::Declared;
pub use document::{Adopt, Invite, Lifecycle, Metadata, NAME, Names, OnImmutable, SharedMetadata, WorkspaceMetadata};
pub use template::MARK as EXPRESSION;

use crate::kind::compare::Compare;
use crate::kind::crd::{CLEAR, OfGraph, OfLifecycle, OfWorkspace};
use crate::kind::days_off::DaysOff;
use crate::kind::event_set::EventSet;
use crate::kind::roster::RosterSpec;
use crate::kind::workspace::Workspace;
use crate::kind::{Field, Home, Kind, Writable};
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Map, Value, json};

const DRAFT: &str = "http://json-schema.org/draft-07/schema#";

/// The version of the form of a document.
pub const API_VERSION: &str = "convoke.dev/v1";

/// Properties of `metadata` in the first draft, and where they stand now.
const MOVED: [(&str, &str); 2] = [
    ("protect", "it stands under `lifecycle`, beside `metadata`; write `lifecycle: {protect: true}` there"),
    ("onImmutable", "it stands under `lifecycle`, beside `metadata`; write `lifecycle: {onImmutable: replace}` there"),
];

/// Why a file does not have what an object of a cluster has besides: whoever wrote it there would wait for it in vain.
const OF_A_CLUSTER: &str = "it is for objects of Kubernetes, and does nothing in a file; take it out here";

/// Lists the kinds that a manifest may hold, in the order of their publication.
pub fn names() -> Vec<&'static str> {
    Declared::all().map(Declared::name).collect()
}

/// Returns the schema of one whole document of a kind, as it is published; `None` for an unknown kind.
pub fn document(kind: &str) -> Option<Value> {
    Declared::named(kind).map(published_of)
}

fn published_of(declared: Declared) -> Value {
    let mut document = of(declared);
    editors::dress(&mut document);
    offer(&mut document, [declared]);
    document
}

/// Offers whole documents in an editor.
fn offer(document: &mut Value, of: impl IntoIterator<Item = Declared>) {
    let snippets: Vec<Value> = of.into_iter().flat_map(editors::documents).collect();
    if !snippets.is_empty() {
        document["defaultSnippets"] = snippets.into();
    }
}

/// Returns the schema of one whole document, as manifests are held against it.
pub fn of(declared: Declared) -> Value {
    let mut document = Map::from_iter([("$schema".to_owned(), json!(DRAFT))]);
    document.extend(whole(declared));
    Value::Object(document)
}

/// Returns the schema of a document of any kind, told apart by `kind`.
pub fn any() -> Value {
    // Listed here as well, so that editors name all kinds where one is misspelt.
    let kind = json!({"enum": names(), "description": "What this document declares."});
    let mut any = json!({
        "$schema": DRAFT, "title": "convoke manifest", "type": "object", "required": ["kind"],
        "properties": {"kind": kind},
    });
    // One after the other: of several that could fit, editors offer the properties of all.
    let kinds: Vec<Declared> = Declared::all().collect();
    let chain = kinds.iter().rev().fold(None, |others: Option<Value>, declared| {
        let is = json!({"properties": {"kind": {"const": declared.name()}}, "required": ["kind"]});
        let mut choice = json!({"if": is, "then": whole(*declared)});
        others.into_iter().for_each(|others| choice["else"] = others);
        Some(choice)
    });
    editors::dress(&mut any);
    for (name, mut part) in chain.and_then(|it| it.as_object().cloned()).unwrap_or_default() {
        editors::dress(&mut part);
        any[name] = part;
    }
    offer(&mut any, kinds);
    any
}

/// Returns the published files by name, as they are checked in.
pub fn published() -> Vec<(&'static str, Value)> {
    let kinds = Declared::all().map(|it| (it.file(), published_of(it)));
    [("convoke.schema.json", any())].into_iter().chain(kinds).collect()
}

fn whole(declared: Declared) -> Map<String, Value> {
    let (mut spec, mut metadata, lifecycle) = match declared {
        Declared::Resource(id) => {
            let mut metadata = shape(Metadata::json_schema);
            if let Some(properties) = metadata.get_mut("properties").and_then(Value::as_object_mut) {
                properties.extend(MOVED.map(|(name, why)| (name.to_owned(), refused(why))));
            }
            let (mut spec, mut lifecycle) = (spec(id.kind()), shape(Lifecycle::json_schema));
            refuse(&mut spec, [CLEAR.to_owned()]);
            refuse(&mut lifecycle, properties(OfLifecycle::json_schema));
            (spec, metadata, Some(lifecycle))
        }
        Declared::Workspace => {
            let mut spec = shape(Workspace::json_schema);
            refuse(&mut spec, properties(OfWorkspace::json_schema));
            refuse(&mut spec["properties"]["graph"], properties(OfGraph::json_schema));
            (spec, shape(WorkspaceMetadata::json_schema), None)
        }
        Declared::EventSet => (shape(EventSet::json_schema), shape(SharedMetadata::json_schema), None),
        Declared::Roster => (shape(RosterSpec::json_schema), shape(SharedMetadata::json_schema), None),
        Declared::DaysOff => (shape(DaysOff::json_schema), shape(SharedMetadata::json_schema), None),
    };
    let text = match declared {
        Declared::Resource(id) => id.kind().compared(Compare::Text).map(|field| field.name),
        Declared::Workspace | Declared::EventSet | Declared::Roster | Declared::DaysOff => None,
    };
    // A date of a series may have a text of its own.
    let of_date = text.map(|name| format!("exceptions/{name}"));
    lines::ask(&mut spec, &Vec::from_iter(text.into_iter().chain(of_date.as_deref())));
    match declared {
        Declared::EventSet => template::put_into(&mut spec),
        Declared::Workspace => template::widen_defaults(&mut spec),
        _ => {}
    }
    // Other programs keep in annotations what they like.
    lines::ask(&mut metadata, &["annotations"]);
    let lifecycle = lifecycle.map(|mut it| {
        lines::ask(&mut it, &[]);
        it
    });
    let (kind, meaning) = (declared.name(), spec["description"].clone());
    let head = [
        ("apiVersion", json!({"type": "string", "const": API_VERSION, "description": "The version of this form."})),
        ("kind", json!({"type": "string", "const": kind, "description": meaning})),
        ("metadata", metadata),
    ];
    let parts = head.into_iter().chain(lifecycle.map(|it| ("lifecycle", it))).chain([("spec", spec)]);
    let properties: Map<_, _> = parts.map(|(name, part)| (name.to_owned(), part)).collect();
    let document = json!({
        "title": kind,
        "description": meaning,
        "type": "object",
        "additionalProperties": false,
        // What stands there is nobody's: a place for anchors.
        "patternProperties": {"^x-": {}},
        "required": ["apiVersion", "kind", "metadata", "spec"],
        "properties": properties,
    });
    document.as_object().cloned().unwrap_or_default()
}

/// The schema of a kind's `spec`, dressed with what its rows know.
fn spec(kind: &Kind) -> Value {
    let mut spec = shape(kind.spec);
    dress(&mut spec, kind.fields().filter(|field| field.home != Home::Meeting));
    if let Some(options) = spec.pointer_mut("/properties/meetingOptions") {
        dress(options, kind.fields().filter(|field| field.home == Home::Meeting));
    }
    spec
}

/// The schema of a struct.
pub(in crate::kind) fn shape(of: fn(&mut SchemaGenerator) -> Schema) -> Value {
    let mut settings = SchemaSettings::draft07();
    settings.inline_subschemas = true;
    let mut schema = of(&mut settings.into_generator()).to_value();
    tidy(&mut schema);
    schema
}

fn dress<'a>(object: &mut Value, rows: impl Iterator<Item = &'a Field>) {
    let Some(properties) = object.get_mut("properties").and_then(Value::as_object_mut) else {
        return;
    };
    for row in rows {
        let writable = match row.writable {
            Writable::Always => json!("always"),
            Writable::Until(flag) => json!(format!("until {flag}")),
            Writable::OnCreate => json!("on create"),
            Writable::Never => {
                let never = json!({
                    "readOnly": true, "not": {}, "description": "Graph sets this.",
                    "doNotSuggest": true, "deprecationMessage": "Graph sets this; remove it", "x-source": row.source,
                });
                properties.insert(row.name.into(), never);
                continue;
            }
            Writable::Refused(why) => {
                let mut refused = refused(why);
                refused["x-source"] = row.source.into();
                properties.insert(row.name.into(), refused);
                continue;
            }
        };
        let Some(Value::Object(property)) = properties.get_mut(row.name) else {
            continue;
        };
        if row.clears {
            allow_null(property);
        }
        property.insert("x-writable".into(), writable);
        property.insert("x-source".into(), row.source.into());
        if let Some(default) = row.default {
            property.insert("x-default".into(), default.value());
        }
        if let Some(licence) = row.licence {
            property.insert("x-licence".into(), licence.into());
        }
        if row.not_in_us_gov {
            property.insert("x-not-in-us-gov".into(), true.into());
        }
    }
}

/// A property that is refused; `why` says what to do instead. Editors show the last two; a validator knows neither.
fn refused(why: &str) -> Value {
    json!({
        "deprecated": true, "not": {}, "description": format!("Refused: {why}."), "x-refused": why,
        "doNotSuggest": true, "deprecationMessage": why,
    })
}

/// Refuses what only an object of a cluster has.
fn refuse(object: &mut Value, names: impl IntoIterator<Item = String>) {
    if let Some(Value::Object(properties)) = object.get_mut("properties") {
        properties.extend(names.into_iter().map(|name| (name, refused(OF_A_CLUSTER))));
    }
}

/// The names of a struct's properties.
fn properties(of: fn(&mut SchemaGenerator) -> Schema) -> Vec<String> {
    shape(of)["properties"].as_object().into_iter().flatten().map(|(name, _)| name.clone()).collect()
}

fn allow_null(property: &mut Map<String, Value>) {
    if let Some(Value::Array(branches)) = property.get_mut("anyOf") {
        branches.push(json!({"type": "null"}));
    } else if let Some(of) = property.get_mut("type") {
        *of = json!([of.take(), "null"]);
    }
    for (list, more) in [("enum", Value::Null), ("enumDescriptions", "Clears it.".into())] {
        if let Some(Value::Array(members)) = property.get_mut(list) {
            members.push(more);
        }
    }
}

/// Takes out what schemars knows of Rust and an author need not: `null` for what may be left out, widths of integers.
fn tidy(schema: &mut Value) {
    let Value::Object(schema) = schema else {
        return;
    };
    if let Some(Value::String(text)) = schema.get_mut("description") {
        *text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    }
    if schema.get("format").and_then(Value::as_str).is_some_and(|format| format != "date") {
        schema.shift_remove("format");
    }
    if let Some(Value::Array(types)) = schema.get_mut("type") {
        types.retain(|of| of != "null");
        if let [only] = &types[..] {
            let only = only.clone();
            schema.insert("type".into(), only);
        }
    }
    if let Some(Value::Array(members)) = schema.get_mut("enum") {
        members.retain(|member| !member.is_null());
    }
    if let Some(Value::Array(branches)) = schema.get_mut("anyOf") {
        branches.retain(|branch| branch["type"] != "null");
        if let [Value::Object(only)] = &branches[..] {
            let only = only.clone();
            schema.shift_remove("anyOf");
            for (name, value) in only {
                schema.entry(name).or_insert(value);
            }
        }
    }
    if schema.get("default").is_some_and(Value::is_null) {
        schema.shift_remove("default");
    }
    if let (Some(hint), true) = (schema.get("x-hint").cloned(), schema.contains_key("pattern")) {
        schema.insert("patternErrorMessage".into(), hint);
    }
    name_branch(schema);
    for (name, value) in schema.iter_mut() {
        match (name.as_str(), value) {
            ("properties", Value::Object(properties)) => properties.values_mut().for_each(tidy),
            ("anyOf" | "oneOf" | "allOf", Value::Array(branches)) => branches.iter_mut().for_each(tidy),
            ("items" | "additionalProperties", schema) => tidy(schema),
            _ => {}
        }
    }
    list_members(schema);
}

/// Turns a choice among constants into an `enum` whose members are described beside it: editors then show what the property
/// means as well as what its value means.
fn list_members(schema: &mut Map<String, Value>) {
    let Some(Value::Array(branches)) = schema.get("oneOf") else {
        return;
    };
    let member = |branch: &Value| Some((branch.get("const")?.clone(), branch["description"].clone()));
    let Some(members) = branches.iter().map(member).collect::<Option<Vec<_>>>() else {
        return;
    };
    let (values, meanings): (Vec<_>, Vec<_>) = members.into_iter().unzip();
    schema.shift_remove("oneOf");
    schema.insert("type".into(), "string".into());
    schema.insert("enum".into(), values.into());
    schema.insert("enumDescriptions".into(), meanings.into());
}

/// Gives the property that tells a branch apart the meaning of the branch, for editors to show on it.
fn name_branch(schema: &mut Map<String, Value>) {
    let Some(meaning) = schema.get("description").cloned() else {
        return;
    };
    if let Some(Value::Object(tag)) = schema.get_mut("properties").and_then(|properties| properties.get_mut("type"))
        && tag.contains_key("const")
    {
        tag.insert("description".into(), meaning);
    }
}
