//! From the schema of a document to the schema that an API server takes, which is structural: each node has one type and says all names
//! that may stand below it; what else must hold stands beside that, and names no type.
//!
//! A node that takes text or an object has no type. It keeps what it does not know, and what must hold is said for each type of JSON:
//! `pattern` is asked of texts alone, `required` of objects alone. That a value is of a type at all, no keyword says without `type`;
//! so one is denied that every value of the type breaks ([`guard`]). CEL does not see such nodes.

use serde_json::{Map, Value, json};

type Node = Map<String, Value>;

/// More than any value has: a request ends long before.
const BEYOND: u64 = 1_000_000_000;

/// Returns the node that takes what a schema takes, as far as a structural schema can say it.
pub fn node(schema: &Value) -> Value {
    let mut branches = vec![];
    flatten(schema, &mut branches);
    let nullable = branches.iter().any(|it| kind(it) == "null");
    branches.retain(|it| kind(it) != "null");
    let mut node = Node::new();
    node.extend(schema.get("description").map(|it| ("description".to_owned(), it.clone())));
    let mut kinds: Vec<&str> = vec![];
    branches.iter().map(kind).for_each(|it| {
        if !kinds.contains(&it) {
            kinds.push(it)
        }
    });
    let typed = match &kinds[..] {
        [kind] => {
            node.insert("type".into(), (*kind).into());
            true
        }
        ["string", "integer"] | ["integer", "string"] => {
            node.insert("x-kubernetes-int-or-string".into(), true.into());
            true
        }
        _ => {
            node.insert("x-kubernetes-preserve-unknown-fields".into(), true.into());
            false
        }
    };
    let mut choices: Vec<Value> = vec![];
    for kind in &kinds {
        let group: Vec<&Node> = branches.iter().filter(|it| self::kind(it) == *kind).collect();
        shared(&group, typed, &mut node);
        if !typed || (group.len() > 1 && !(*kind == "string" && members(&group).is_some())) {
            choices.extend(choices_of(kind, &group, typed));
        }
    }
    if !choices.is_empty() {
        node.insert("anyOf".into(), choices.into());
    }
    if nullable {
        node.insert("nullable".into(), true.into());
    }
    Value::Object(node)
}

/// Takes choices apart into branches of one type each.
fn flatten(schema: &Value, into: &mut Vec<Node>) {
    let Value::Object(schema) = schema else { unreachable!("a schema is an object: {schema}") };
    schema.keys().for_each(|keyword| known(keyword));
    for choice in ["anyOf", "oneOf"].iter().filter_map(|it| schema.get(*it)?.as_array()).flatten() {
        flatten(choice, into);
    }
    match schema.get("type") {
        Some(Value::Array(all)) => into.extend(all.iter().map(|kind| {
            let mut of_it = schema.clone();
            of_it.insert("type".into(), kind.clone());
            of_it
        })),
        Some(_) => into.push(schema.clone()),
        None => {}
    }
}

/// A keyword that nobody translates would let pass what `validate` refuses.
fn known(keyword: &str) {
    let translated =
        ["type", "anyOf", "oneOf", "properties", "required", "additionalProperties", "items", "dependencies"];
    let kept = [
        "pattern",
        "enum",
        "const",
        "minLength",
        "maxLength",
        "minimum",
        "maximum",
        "minItems",
        "uniqueItems",
        "minProperties",
    ];
    let words = [
        "description",
        "examples",
        "default",
        "defaultSnippets",
        "enumDescriptions",
        "patternErrorMessage",
        "errorMessage",
    ];
    // A pattern beside it says more; names of open mappings an API server asks for nothing.
    let left = ["format", "propertyNames"];
    let all = [&translated[..], &kept, &words, &left].concat();
    assert!(keyword.starts_with("x-") || all.contains(&keyword), "no node is made of `{keyword}`");
}

fn kind(branch: &Node) -> &str {
    branch.get("type").and_then(Value::as_str).unwrap_or_default()
}

/// Says what holds of every value of one type, whichever of its branches it fits.
fn shared(group: &[&Node], typed: bool, node: &mut Node) {
    if let (true, Some(members)) = (typed, members(group)) {
        node.insert("enum".into(), members.into());
    }
    if let [only] = group {
        scalars(only, node);
        if only.get("uniqueItems").is_some() && typed {
            node.insert("x-kubernetes-list-type".into(), "set".into());
        }
        together(only, node);
    }
    let items: Vec<&Value> = group.iter().filter_map(|it| it.get("items")).collect();
    if !items.is_empty() {
        node.insert("items".into(), self::node(&joined(&items)));
    }
    for of in group.iter().filter_map(|it| it.get("additionalProperties")).filter(|it| it.is_object()) {
        node.insert("additionalProperties".into(), self::node(of));
    }
    let names = names(group);
    if !names.is_empty() {
        let properties = names.iter().map(|name| ((*name).to_owned(), self::node(&joined(&called(group, name)))));
        node.insert("properties".into(), Value::Object(properties.collect()));
    }
    let required = names.into_iter().filter(|name| group.iter().all(|it| requires(it, name)));
    let required: Vec<&str> = required.collect();
    if !required.is_empty() {
        node.insert("required".into(), required.into());
    }
}

/// The keywords that an API server knows as they are.
fn scalars(branch: &Node, into: &mut Node) {
    for keyword in ["minLength", "maxLength", "minimum", "maximum", "minItems", "minProperties"] {
        into.extend(branch.get(keyword).map(|it| (keyword.to_owned(), it.clone())));
    }
    into.extend(branch.get("pattern").and_then(Value::as_str).map(|it| ("pattern".to_owned(), spelled(it).into())));
}

/// A pattern as Go spells it, which writes `\x{2028}` for `\u2028`.
fn spelled(pattern: &str) -> String {
    let mut parts = pattern.split("\\u");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| {
        let (code, rest) = part.split_at(4);
        format!("{text}\\x{{{code}}}{rest}")
    })
}

/// Says which properties go with which.
fn together(branch: &Node, node: &mut Node) {
    let dependencies = branch.get("dependencies").and_then(Value::as_object).into_iter().flatten();
    let mut all: Vec<Value> = vec![];
    for (name, with) in dependencies {
        if let Some(others) = with.get("anyOf").and_then(Value::as_array) {
            let none = json!({"not": {"required": [name]}});
            let others = others.iter().map(|it| json!({"required": it["required"]}));
            let either: Vec<Value> = [none].into_iter().chain(others).collect();
            all.push(json!({"anyOf": either}));
        }
        // Beside it these may not stand.
        let without = with.get("properties").and_then(Value::as_object).into_iter().flatten();
        all.extend(without.map(|(other, _)| json!({"not": {"required": [name, other]}})));
    }
    if !all.is_empty() {
        node.insert("allOf".into(), all.into());
    }
}

/// What tells the branches of one type apart, and its values from those of other types.
fn choices_of(kind: &str, group: &[&Node], typed: bool) -> Vec<Value> {
    if let (false, Some(members)) = (typed, members(group)) {
        return vec![json!({"enum": members})];
    }
    let mut choices = vec![];
    for branch in group {
        let mut choice = if group.len() > 1 { apart(branch, group) } else { Node::new() };
        // With every property required, their number says that no other is there.
        let count = names(&[branch]).len();
        if !typed && kind == "object" && names(&[branch]).iter().all(|it| requires(branch, it)) {
            choice.insert("maxProperties".into(), count.into());
        }
        let others = names(group).into_iter().filter(|it| !names(&[branch]).contains(it));
        let mut denied: Vec<Value> = others.map(|it| json!({"required": [it]})).collect();
        if !typed {
            denied.extend(guard(kind));
        }
        match &denied[..] {
            [] => {}
            [only] => drop(choice.insert("not".into(), only.clone())),
            _ => drop(choice.insert("not".into(), json!({"anyOf": denied}))),
        }
        if !typed && kind == "boolean" {
            choice.insert("enum".into(), json!([true, false]));
        }
        choices.push(Value::Object(choice));
    }
    choices
}

/// What every value of a type breaks, and every value of another type keeps.
fn guard(kind: &str) -> Option<Value> {
    match kind {
        "string" => Some(json!({"minLength": BEYOND})),
        "array" => Some(json!({"minItems": BEYOND})),
        "object" => Some(json!({"minProperties": BEYOND})),
        "integer" | "number" => Some(json!({"minimum": 1e300})),
        _ => None,
    }
}

/// What must hold of a value for one branch among others of its type.
fn apart(branch: &Node, group: &[&Node]) -> Node {
    let mut own = Node::new();
    scalars(branch, &mut own);
    own.extend(members(&[branch]).map(|it| ("enum".to_owned(), it.into())));
    let required: Vec<&str> = names(&[branch]).into_iter().filter(|it| requires(branch, it)).collect();
    if !required.is_empty() {
        own.insert("required".into(), required.into());
    }
    let mut properties = Node::new();
    for name in names(&[branch]) {
        let value = value(&branch["properties"][name]);
        let differs = called(group, name).into_iter().any(|it| self::value(it) != value);
        if differs && !value.is_empty() {
            properties.insert(name.to_owned(), value.into());
        }
    }
    if !properties.is_empty() {
        own.insert("properties".into(), properties.into());
    }
    own
}

/// What must hold of a value, without its type.
fn value(schema: &Value) -> Node {
    let mut branches = vec![];
    flatten(schema, &mut branches);
    match &branches[..] {
        [only] => apart(only, &[]),
        _ => Node::from_iter([("anyOf".to_owned(), branches.iter().map(|it| apart(it, &[])).collect())]),
    }
}

/// The values that branches of text take, if they list them.
fn members(group: &[&Node]) -> Option<Vec<Value>> {
    let of = |it: &&Node| match it.get("enum") {
        Some(Value::Array(members)) => Some(members.clone()),
        _ => it.get("const").map(|it| vec![it.clone()]),
    };
    group.iter().map(of).collect::<Option<Vec<_>>>().map(|them| them.concat())
}

/// The names of the properties that may be there, in their order.
fn names<'a>(group: &[&'a Node]) -> Vec<&'a str> {
    let mut names: Vec<&str> = vec![];
    for (name, property) in group.iter().filter_map(|it| it.get("properties")?.as_object()).flatten() {
        // What is refused with a reason elsewhere, is unknown here.
        if property.get("not").is_none() && !names.contains(&name.as_str()) {
            names.push(name);
        }
    }
    names
}

fn called<'a>(group: &[&'a Node], name: &str) -> Vec<&'a Value> {
    group.iter().filter_map(|it| it.get("properties")?.get(name)).collect()
}

fn requires(branch: &Node, name: &str) -> bool {
    branch.get("required").and_then(Value::as_array).is_some_and(|them| them.iter().any(|it| it == name))
}

/// One schema for what several take, with their description if it is one.
fn joined(schemas: &[&Value]) -> Value {
    let mut all: Vec<&Value> = vec![];
    schemas.iter().for_each(|it| {
        if !all.contains(it) {
            all.push(it)
        }
    });
    match &all[..] {
        [only] => (*only).clone(),
        _ => {
            let mut joined = json!({"anyOf": all});
            let said = &all[0]["description"];
            if all.iter().all(|it| it["description"] == *said) {
                joined["description"] = said.clone();
            }
            joined
        }
    }
}
