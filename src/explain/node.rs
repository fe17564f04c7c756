//! One node of a JSON Schema: what may stand below it, in which forms, and what may be written, in words.

use crate::kind::schema::EXPRESSION;
use serde_json::Value;

/// Returns a property that may stand below a node, and whether it must.
pub fn child<'a>(node: &'a Value, name: &str) -> Option<(bool, &'a Value)> {
    children(node).into_iter().find(|(it, ..)| *it == name).map(|(_, required, next)| (required, next))
}

/// Returns the properties that may stand below a node, in any of its forms or as items of a list, each once.
pub fn children(node: &Value) -> Vec<(&str, bool, &Value)> {
    let mut all: Vec<(&str, bool, &Value)> = vec![];
    let needed = |name: &str| node["required"].as_array().is_some_and(|it| it.iter().any(|it| it == name));
    let own = node.get("properties").and_then(Value::as_object).into_iter().flatten();
    all.extend(own.map(|(name, property)| (name.as_str(), needed(name), property)));
    let mappings: Vec<_> = forms(node).map(children).filter(|it| !it.is_empty()).collect();
    // What one form asks for, another may not know.
    let everywhere = |name: &str| mappings.iter().all(|form| form.iter().any(|it| it.0 == name && it.1));
    for (name, _, property) in mappings.iter().flatten() {
        if !all.iter().any(|it| it.0 == *name) {
            all.push((name, everywhere(name), property));
        }
    }
    all.extend(node.get("items").map(children).into_iter().flatten());
    all
}

/// Returns the values of `type` that a property goes with, where `type` tells the forms of a node apart.
pub fn variants<'a>(node: &'a Value, name: &str) -> Vec<&'a str> {
    let with = forms(node).filter(|form| form["properties"].get(name).is_some());
    with.filter_map(|form| form.pointer("/properties/type/const").and_then(Value::as_str)).collect()
}

pub fn forms(node: &Value) -> impl Iterator<Item = &Value> {
    let all = ["anyOf", "oneOf"].into_iter().filter_map(|of| node.get(of)?.as_array()).flatten();
    all.filter(|form| form.get(EXPRESSION).is_none())
}

/// Returns the form that a property has besides an expression that may stand for it, if one may.
pub fn but_for_expression(node: &Value) -> Option<&Value> {
    let forms = node.get("anyOf")?.as_array()?;
    forms.iter().any(|form| form.get(EXPRESSION).is_some()).then(|| forms.first())?
}

pub fn types(node: &Value) -> Vec<&str> {
    match &node["type"] {
        Value::String(only) => vec![only],
        Value::Array(several) => several.iter().filter_map(Value::as_str).collect(),
        _ => forms(node).flat_map(types).collect(),
    }
}

/// What may be written, in words.
pub fn words(node: &Value) -> String {
    if let Some(form) = but_for_expression(node) {
        return format!("{} or an expression", words(form));
    }
    let number = |name: &str| node.get(name).and_then(Value::as_u64);
    let mut all: Vec<String> = vec![];
    let mut add = |word: String| {
        if !word.is_empty() && !all.contains(&word) {
            all.push(word);
        }
    };
    if let Some(Value::Array(listed)) = node.get("enum") {
        add(format!("one of {} values", listed.len()));
    } else if forms(node).next().is_some() {
        match forms(node).filter(|form| form.pointer("/properties/type/const").is_some()).count() {
            0 => forms(node).map(words).for_each(&mut add),
            tagged => add(format!("mapping, one of {tagged} types")),
        }
    } else {
        for of in types(node) {
            add(match of {
                "string" if node["format"] == "date" => "date".to_owned(),
                "string" => match number("maxLength") {
                    Some(most) => format!("text, at most {most} characters"),
                    None => "text".to_owned(),
                },
                "integer" | "number" => match (number("minimum"), number("maximum")) {
                    (Some(least), Some(most)) => format!("number from {least} to {most}"),
                    (Some(least), None) if least > 0 => format!("number from {least} on"),
                    _ => "number".to_owned(),
                },
                "boolean" => "true or false".to_owned(),
                "array" => match node.get("items").map(words) {
                    Some(items) if items.contains(" or ") => format!("list of ({items})"),
                    Some(items) if !items.is_empty() => format!("list of {items}"),
                    _ => "list".to_owned(),
                },
                "object" => "mapping".to_owned(),
                // `null` has a note of its own.
                _ => String::new(),
            });
        }
    }
    all.join(" or ")
}
