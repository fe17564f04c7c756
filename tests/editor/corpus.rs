//! Valid and broken manifests, made from the examples and the schema by families of small changes.

use super::engine::root;
use convoke::face::kind::schema;
use convoke::face::manifest::yaml;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// One document and what was done to it.
pub struct Case {
    pub what: String,
    pub document: Value,
}

/// Makes the whole corpus, always the same: no two alike.
pub fn corpus() -> Vec<Case> {
    let mut cases = Cases::default();
    let bases = bases();
    for base in &bases {
        cases.add("as it is", base.clone());
        let mut pointers = vec![];
        places(base, String::new(), &mut pointers);
        for pointer in &pointers {
            for change in CHANGES {
                change(&mut cases, base, pointer);
            }
        }
    }
    // What others are made from stands in no base: a set is looked at row by row, and an expression may stand for anything in it.
    for declared in schema::Declared::all() {
        let Some(base) = bases.iter().find(|it| it["kind"] == declared.name()) else { continue };
        described(&mut cases, base, &schema::of(declared)["properties"]["spec"], "/spec", 0);
    }
    cases.all
}

#[derive(Default)]
struct Cases {
    all: Vec<Case>,
    seen: BTreeSet<String>,
}

impl Cases {
    fn add(&mut self, what: impl Into<String>, document: Value) {
        if self.seen.insert(document.to_string()) {
            self.all.push(Case { what: what.into(), document });
        }
    }
}

/// The documents of the examples.
fn bases() -> Vec<Value> {
    let files = [
        "convoke.yaml",
        "events/platform-weekly.yaml",
        "events/quarterly-review.yaml",
        "meetings/support-room.yaml",
        "school/timetable.yaml",
        "on-call/rosters.yaml",
        "interviews/interviews.yaml",
    ];
    let read = |file: &str| {
        let text = std::fs::read_to_string(root().join("examples").join(file)).unwrap();
        yaml::documents(file, &text).0.into_iter().map(|it| it.value).collect::<Vec<_>>()
    };
    files.into_iter().flat_map(read).collect()
}

/// Every place below a value, as pointers.
fn places(value: &Value, at: String, all: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                all.push(format!("{at}/{name}"));
                places(value, format!("{at}/{name}"), all);
            }
        }
        Value::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                all.push(format!("{at}/{index}"));
                places(value, format!("{at}/{index}"), all);
            }
        }
        _ => {}
    }
}

type Change = fn(&mut Cases, &Value, &str);

const CHANGES: &[Change] = &[leave_out, misspell, retype, reword, move_up, lengthen];

fn leave_out(cases: &mut Cases, base: &Value, pointer: &str) {
    let mut document = base.clone();
    if taken(&mut document, pointer).is_some() {
        cases.add(format!("without {pointer}"), document);
    }
}

fn misspell(cases: &mut Cases, base: &Value, pointer: &str) {
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    for wrong in [format!("{name}x"), name.to_uppercase()] {
        let mut document = base.clone();
        let Some(value) = taken(&mut document, pointer) else { return };
        if let Some(Value::Object(members)) = document.pointer_mut(parent) {
            members.insert(wrong.clone(), value);
            cases.add(format!("{pointer} called {wrong}"), document);
        }
    }
}

fn retype(cases: &mut Cases, base: &Value, pointer: &str) {
    let values =
        [json!(null), json!(5), json!(-1), json!(1.5), json!(true), json!(""), json!("maybe"), json!([]), json!({})];
    for value in values.into_iter().chain([json!(["maybe"]), json!({"x": 1}), json!("2027-02-30")]) {
        let mut document = base.clone();
        *document.pointer_mut(pointer).unwrap() = value.clone();
        cases.add(format!("{pointer} = {value}"), document);
    }
}

/// Texts that have one form or another, each in the place of every text.
const TEXTS: [&str; 20] = [
    "2027-01-12",
    "2027-01-12T10:00",
    "2027-01-12T10:00:00.0000000",
    "2027-01-12 10:00",
    "2027-01-12T10:00:00Z",
    "2027-01-12..2027-01-14",
    "45m",
    "1h 30m",
    "pt45m",
    "1.5 hours",
    "45",
    "europe/berlin",
    "W. Europe Standard Time",
    "CEST",
    "Adele@Contoso.example",
    "Adele Vance <adele@contoso.example>",
    "adele",
    "rrule:freq=weekly;count=10",
    "weekly",
    "{{ row.x }}",
];

fn reword(cases: &mut Cases, base: &Value, pointer: &str) {
    if base.pointer(pointer).is_some_and(Value::is_string) {
        for text in TEXTS {
            let mut document = base.clone();
            *document.pointer_mut(pointer).unwrap() = text.into();
            cases.add(format!("{pointer} = {text}"), document);
        }
    }
}

fn move_up(cases: &mut Cases, base: &Value, pointer: &str) {
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let Some((above, _)) = parent.rsplit_once('/') else { return };
    let mut document = base.clone();
    let Some(value) = taken(&mut document, pointer) else { return };
    if let Some(Value::Object(members)) = document.pointer_mut(above) {
        members.entry(name).or_insert(value);
        cases.add(format!("{pointer} one level up"), document);
    }
}

fn lengthen(cases: &mut Cases, base: &Value, pointer: &str) {
    let mut document = base.clone();
    match document.pointer_mut(pointer) {
        Some(Value::String(text)) => *text = text.repeat(40),
        Some(Value::Array(items)) => items.extend(items.clone()),
        Some(Value::Number(number)) => *number = 1_000_000_000.into(),
        _ => return,
    }
    cases.add(format!("{pointer} made longer"), document);
}

/// Sets every property that the schema knows to its example, to each of its members, to the edges of its range.
fn described(cases: &mut Cases, base: &Value, schema: &Value, at: &str, depth: usize) {
    let properties = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
    for (name, property) in properties {
        let pointer = format!("{at}/{name}");
        let mut values: Vec<Value> = property["examples"].as_array().cloned().unwrap_or_default();
        for of in [property, &property["items"]] {
            let members = of.get("enum").and_then(Value::as_array).into_iter().flatten();
            let members = members.map(|it| if of == property { it.clone() } else { json!([it]) });
            values.extend(members);
        }
        for (edge, step) in [("minimum", -1), ("maximum", 1)] {
            if let Some(edge) = property[edge].as_i64() {
                values.extend([json!(edge), json!(edge + step)]);
            }
        }
        if let Some(most) = property["maxLength"].as_u64() {
            values.extend([json!("ü".repeat(most as usize)), json!("ü".repeat(most as usize + 1))]);
        }
        if property.get("not").is_some() {
            values.push(json!("x"));
        }
        for value in values {
            let mut document = base.clone();
            set(&mut document, &pointer, value.clone());
            cases.add(format!("{pointer} = {value}"), document);
        }
        if depth < 3 {
            described(cases, base, property, &pointer, depth + 1);
        }
    }
    for branch in ["anyOf", "oneOf"].iter().filter_map(|of| schema.get(of)?.as_array()).flatten() {
        described(cases, base, branch, at, depth + 1);
    }
}

fn set(document: &mut Value, pointer: &str, value: Value) {
    let mut here = document;
    for name in pointer.split('/').skip(1) {
        if !here.is_object() {
            *here = Value::Object(Map::new());
        }
        here = here.as_object_mut().expect("it was just made one").entry(name).or_insert(Value::Null);
    }
    *here = value;
}

fn taken(document: &mut Value, pointer: &str) -> Option<Value> {
    let (parent, name) = pointer.rsplit_once('/')?;
    match document.pointer_mut(parent)? {
        Value::Object(members) => members.shift_remove(name),
        Value::Array(items) => Some(items.remove(name.parse().ok()?)),
        _ => None,
    }
}
