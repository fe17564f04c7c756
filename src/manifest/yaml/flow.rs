//! A value on one line, as a person would type it into a manifest.

use super::scalar::plain;
use serde_json::Value;

/// Writes a value in YAML's flow style, with quotes only where they are needed.
pub fn flow(value: &Value) -> String {
    match value {
        Value::String(text) if is_plain(text) => text.clone(),
        Value::Array(items) => format!("[{}]", items.iter().map(flow).collect::<Vec<_>>().join(", ")),
        Value::Object(members) => {
            let member = |(name, value): (&String, &Value)| format!("{}: {}", flow(&name.clone().into()), flow(value));
            format!("{{{}}}", members.iter().map(member).collect::<Vec<_>>().join(", "))
        }
        // JSON's own spelling of text in quotes, numbers, booleans and null is YAML.
        other => other.to_string(),
    }
}

/// Tells whether a text comes back as it is without quotes, in flow style too.
fn is_plain(text: &str) -> bool {
    let begins = text.chars().next().is_some_and(|it| it.is_alphanumeric() || "./".contains(it));
    let harmless = text.chars().all(|it| it.is_alphanumeric() || "@._/%+-: ".contains(it));
    let breaks = text.contains(": ") || text.ends_with([':', ' ']) || text.starts_with("...");
    begins && harmless && !breaks && plain(text) == Ok(text.into())
}

#[cfg(test)]
mod tests {
    use super::flow;
    use crate::manifest::yaml::documents;
    use serde_json::json;

    #[test]
    fn a_value_comes_back_as_it_was() {
        for (value, expect) in [
            (json!("2026-12-01T10:00"), "2026-12-01T10:00"),
            (json!("alex@contoso.example"), "alex@contoso.example"),
            (json!("25%"), "25%"),
            (json!("true"), "\"true\""),
            (json!("5"), "\"5\""),
            (json!(""), "\"\""),
            (json!("a: b"), "\"a: b\""),
            (json!("Agenda: **x**"), "\"Agenda: **x**\""),
            (json!("- a"), "\"- a\""),
            (json!("a\nb"), "\"a\\nb\""),
            (json!([1, true, null]), "[1, true, null]"),
            (json!({"type": "weekly", "daysOfWeek": ["tuesday"]}), "{type: weekly, daysOfWeek: [tuesday]}"),
        ] {
            assert_eq!(flow(&value), expect);
            let (back, problems) = documents("a", &format!("- {expect}\n"));
            assert!(problems.is_empty(), "{problems:?}");
            assert_eq!(back[0].value[0], value);
        }
    }
}
