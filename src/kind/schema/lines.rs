//! Every string but the text of a body is one line, and holds no sign that is no text: editors refuse what the program refuses.
//!
//! Such a sign moves the cursor, ends the line or turns the direction of what follows, so that a value looks like another one where
//! it is shown. The plain marks of right-to-left scripts (U+200E, U+200F, U+061C) are text.

use serde_json::{Map, Value, json};

/// One line of text, for readers of ECMA 262 and of Rust: no control signs, no line and paragraph separators, no bidirectional
/// overrides, embeddings and isolates.
pub const LINE: &str = r"^[^\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]*$";

const LINE_HINT: &str = "one line of text, without control signs and signs that turn its direction";

/// Asks one line of every string that a schema takes, names in open mappings included, but for the properties that are `free`: of
/// the object itself, or as `exceptions/body` of the objects in a list of it.
pub fn ask(schema: &mut Value, free: &[&str]) {
    let Value::Object(schema) = schema else { return };
    if takes_any_string(schema) {
        schema.insert("pattern".into(), LINE.into());
        if !schema.contains_key("x-hint") {
            schema.insert("patternErrorMessage".into(), LINE_HINT.into());
        }
    }
    if schema.get("additionalProperties").is_some_and(Value::is_object) {
        schema.insert("propertyNames".into(), json!({"pattern": LINE}));
    }
    for (keyword, value) in schema.iter_mut() {
        match (keyword.as_str(), value) {
            ("properties", Value::Object(properties)) => {
                for (name, property) in properties.iter_mut().filter(|(name, _)| !free.contains(&name.as_str())) {
                    let below = free.iter().filter_map(|it| it.strip_prefix(name.as_str())?.strip_prefix('/'));
                    ask(property, &below.collect::<Vec<_>>());
                }
            }
            ("anyOf" | "oneOf", Value::Array(branches)) => branches.iter_mut().for_each(|branch| ask(branch, free)),
            ("items", inner) => ask(inner, free),
            ("additionalProperties", inner) => ask(inner, &[]),
            _ => {}
        }
    }
}

/// Whether a schema takes strings and says nothing of them: not which, nor of what form.
fn takes_any_string(schema: &Map<String, Value>) -> bool {
    let string = match schema.get("type") {
        Some(Value::String(of)) => of == "string",
        Some(Value::Array(of)) => of.iter().any(|it| it == "string"),
        _ => false,
    };
    string && !["pattern", "enum", "const", "format"].iter().any(|it| schema.contains_key(*it))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inert::is_sign;
    use crate::kind::schema::{Declared, of};

    #[test]
    fn the_pattern_takes_every_character_that_is_no_sign() {
        let fits = jsonschema::validator_for(&json!({"pattern": LINE})).unwrap();
        for it in (0..=0x3000).filter_map(char::from_u32) {
            assert_eq!(fits.is_valid(&json!(format!("a{it}b"))), !is_sign(it), "U+{:04X}", u32::from(it));
            assert_eq!(fits.is_valid(&json!(it.to_string())), !is_sign(it), "U+{:04X}", u32::from(it));
        }
    }

    /// Forms of their own take no such sign either: dates, and what stands in a pattern.
    #[test]
    fn no_string_of_a_manifest_takes_a_sign_but_a_body_and_annotations() {
        fn signs(schema: &Value, at: &str, found: &mut Vec<String>) {
            let Value::Object(members) = schema else { return };
            if takes_any_string(members) {
                found.push(at.to_owned());
            }
            if let Some(pattern) = members.get("pattern") {
                let fits = jsonschema::validator_for(&json!({"pattern": pattern})).unwrap();
                let examples = members.get("examples").and_then(Value::as_array).into_iter().flatten();
                let texts = examples.filter_map(Value::as_str).chain(["a@b.example", "19:a@thread.v2"]);
                for (text, sign) in texts.flat_map(|it| ['\u{1b}', '\n', '\u{9b}', '\u{202e}'].map(|sign| (it, sign))) {
                    for held in
                        [format!("{sign}{text}"), format!("{text}{sign}"), text.replacen('a', &format!("a{sign}"), 1)]
                    {
                        assert!(!held.contains(sign) || !fits.is_valid(&json!(held)), "{at}: {held:?}");
                    }
                }
            }
            for (keyword, value) in members {
                match (keyword.as_str(), value) {
                    ("properties", Value::Object(them)) => {
                        them.iter().for_each(|(name, it)| signs(it, &format!("{at}/{name}"), found));
                    }
                    ("anyOf" | "oneOf", Value::Array(them)) => them.iter().for_each(|it| signs(it, at, found)),
                    ("items" | "additionalProperties", it) => signs(it, &format!("{at}/*"), found),
                    _ => {}
                }
            }
        }
        for declared in Declared::all() {
            let mut found = vec![];
            signs(&of(declared), "", &mut found);
            found.retain(|at| {
                !at.contains("/metadata/annotations/")
                    && !at.contains("/spec/body")
                    && !at.contains("/spec/exceptions/*/body")
            });
            assert!(found.is_empty(), "{found:?}");
        }
    }
}
