//! The schema of a set's template: what a document of a kind may hold, with an expression in place of any single value and any list.

use crate::kind::KindId;
use crate::kind::schema::forms::{FORM, OPEN};
use crate::kind::schema::{Declared, whole};
use serde_json::{Map, Value, json};

/// A text with an expression in it, on one line.
pub(super) const EXPRESSION: &str = r"^[^\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]*\{\{[^\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]*\}\}[^\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]*$";

/// Marks the branch for expressions, which is no form of its own where a value fails.
pub const MARK: &str = "x-expression";

/// Puts what a template may hold into the schema of a set's spec.
pub fn put_into(spec: &mut Value) {
    let meaning = spec["properties"]["template"]["description"].clone();
    let kinds: Vec<Value> = KindId::ALL.into_iter().map(of).collect();
    spec["properties"]["template"] = json!({
        "description": meaning,
        "examples": [{
            "kind": "Event",
            "metadata": {"name": "class-{{ row.class }}"},
            "spec": {"subject": "{{ row.class }}", "start": "{{ row.start }}", "duration": "45m"},
        }],
        "oneOf": kinds,
    });
}

/// Lets an expression stand for each of the defaults in the schema of a workspace's spec.
pub fn widen_defaults(spec: &mut Value) {
    if let Some(defaults) = spec.pointer_mut("/properties/defaults") {
        loosen(defaults);
    }
}

/// A template of one kind: its document without `apiVersion`, which is the set's.
fn of(id: KindId) -> Value {
    let mut document = whole(Declared::Resource(id));
    if let Some(Value::Object(properties)) = document.get_mut("properties") {
        properties.shift_remove("apiVersion");
        for (_, part) in properties.iter_mut().filter(|(name, _)| *name != "kind") {
            loosen(part);
        }
    }
    if let Some(Value::Array(required)) = document.get_mut("required") {
        required.retain(|name| name != "apiVersion");
    }
    Value::Object(document)
}

/// Lets an expression stand for what is below a schema, but not for the mapping itself.
fn loosen(schema: &mut Value) {
    let Value::Object(members) = schema else { return };
    for (keyword, value) in members.iter_mut() {
        match (keyword.as_str(), value) {
            ("properties", Value::Object(properties)) => properties.values_mut().for_each(widen),
            ("anyOf" | "oneOf", Value::Array(branches)) => branches.iter_mut().for_each(loosen),
            ("items" | "additionalProperties", inner) => widen(inner),
            _ => {}
        }
    }
}

/// Lets an expression stand for a value as well, unless it is a mapping, fixed, or refused.
fn widen(schema: &mut Value) {
    loosen(schema);
    let Value::Object(members) = schema else { return };
    if members.contains_key(FORM) {
        members.insert(OPEN.into(), true.into());
    }
    if ["const", "not"].iter().any(|it| members.contains_key(*it)) || is_mapping(members) || is_text(members) {
        return;
    }
    let about = |name: &str| name.starts_with("x-") || ["description", "examples", "default", "title"].contains(&name);
    let (mut around, value): (Map<_, _>, Map<_, _>) =
        std::mem::take(members).into_iter().partition(|(name, _)| about(name));
    around.insert("anyOf".into(), json!([value, {"type": "string", "pattern": EXPRESSION, MARK: true}]));
    *members = around;
}

fn is_mapping(schema: &Map<String, Value>) -> bool {
    let branches = ["anyOf", "oneOf"].iter().filter_map(|it| schema.get(*it)?.as_array()).flatten();
    let mut branches = branches.filter_map(Value::as_object).peekable();
    match schema.get("type") {
        Some(of) => of == "object",
        None => branches.peek().is_some() && branches.all(is_mapping),
    }
}

/// Whether any one line of text fits, expressions among them.
fn is_text(schema: &Map<String, Value>) -> bool {
    let of = |it: &Value| it == "string" || it.as_array().is_some_and(|them| them.iter().any(|it| it == "string"));
    let fits = |it: &Value| it.as_str() == Some(super::lines::LINE);
    schema.get("type").is_some_and(of) && schema.get("pattern").is_some_and(fits)
}
