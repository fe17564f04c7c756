//! Refuses signs that are no text in every string but an event's body: a subject with a line end or a bidirectional override
//! looks like another one where it is shown.

use crate::inert::is_sign;
use crate::kind::compare::Compare;
use crate::kind::schema::Declared;
use crate::manifest::yaml::Document;
use crate::problem::{Place, Problem};
use serde_json::Value;

/// Where other programs keep with a document what they like.
const ANNOTATIONS: &str = "/metadata/annotations";

/// Finds the strings of a document that hold such a sign, names of properties included.
pub fn signs(document: &Document, kind: Declared) -> Vec<Problem> {
    if !has_sign(&document.value) {
        return vec![];
    }
    let text = match kind {
        Declared::Resource(id) => id.kind().compared(Compare::Text).map(|field| format!("/spec/{}", field.name)),
        Declared::Workspace => None,
    };
    let free: Vec<String> = text.into_iter().chain([ANNOTATIONS.to_owned()]).collect();
    let mut problems = vec![];
    within(document, "", &document.value, &free, &mut problems);
    problems
}

/// Whether there is one anywhere: nearly all documents have none, and pointers cost time.
fn has_sign(value: &Value) -> bool {
    match value {
        Value::String(text) => sign_of(text).is_some(),
        Value::Array(items) => items.iter().any(has_sign),
        Value::Object(members) => members.iter().any(|(name, member)| sign_of(name).is_some() || has_sign(member)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

fn within(document: &Document, at: &str, value: &Value, free: &[String], problems: &mut Vec<Problem>) {
    if free.iter().any(|it| it == at) || document.is_unknown(at) {
        return;
    }
    match value {
        Value::String(text) => problems.extend(sign_of(text).map(|sign| problem(document.place(at), at, sign))),
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                within(document, &format!("{at}/{index}"), item, free, problems);
            }
        }
        Value::Object(members) => {
            for (name, member) in members {
                let inner = format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"));
                match sign_of(name) {
                    Some(sign) => problems.push(problem(document.key_place(&inner), at, sign)),
                    None => within(document, &inner, member, free, problems),
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn sign_of(text: &str) -> Option<char> {
    text.chars().find(|it| is_sign(*it))
}

fn problem(place: Place, at: &str, sign: char) -> Problem {
    let named = at.rsplit('/').find(|name| name.parse::<usize>().is_err()).filter(|name| !name.is_empty());
    let name = named.map_or_else(|| "this document".to_owned(), |name| format!("`{name}`"));
    let (what, hint) = match sign {
        '\n' | '\r' | '\u{2028}' | '\u{2029}' | '\u{85}' => ("a line end", "write it on one line, without `|`"),
        '\t' => ("a tab", "write a space instead"),
        sign if sign.is_control() => ("a control sign", "remove it"),
        _ => ("a sign that turns the direction of text", "remove it"),
    };
    Problem::new(place, format!("{name} holds {what}: U+{:04X}", u32::from(sign))).hint(hint)
}
