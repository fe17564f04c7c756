//! A value on one line, as a person would type it into a manifest.

use super::scalar::plain;
use crate::inert;
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

/// Tells whether a text may stand without quotes, in flow style or as a value of its own: every reader takes it for that text, those
/// of YAML 1.1 too, to which `no` is a boolean and `10:00` a number.
pub fn needs_no_quotes(text: &str, in_flow: bool) -> bool {
    let low = text.to_ascii_lowercase();
    let number = |it: char| it.is_ascii_digit() || "_:.,".contains(it);
    let otherwise = ["y", "n", "yes", "no", "on", "off"].contains(&low.as_str())
        || low.starts_with("0b")
        || (text.contains([':', '_', ',']) && text.trim_start_matches(['+', '-']).chars().all(number));
    !otherwise && (is_plain(text) || (!in_flow && is_plain_alone(text)))
}

/// The same as `is_plain`, of what stands in no brackets.
fn is_plain_alone(text: &str) -> bool {
    let begins = text.chars().next().is_some_and(char::is_alphanumeric);
    let odd = |it: char| inert::is_sign(it) || (it.is_whitespace() && it != ' ') || "{}[]#\"\\`\u{feff}".contains(it);
    begins
        && !text.contains(odd)
        && !text.contains(": ")
        && !text.ends_with([':', ' '])
        && plain(text) == Ok(text.into())
}

#[cfg(test)]
mod tests {
    use super::{flow, needs_no_quotes};
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

    #[test]
    fn quotes_stay_where_some_reader_needs_them() {
        for text in [
            "Weekly",
            "2027-01-11T10:00",
            "Room, big",
            "RRULE:FREQ=WEEKLY;COUNT=4",
            "Adele's",
            "20:00-07:00",
            "計画",
            "45m",
        ] {
            assert!(needs_no_quotes(text, false), "{text}");
            let (back, problems) = documents("a", &format!("a: {text}\n"));
            assert!(problems.is_empty() && back[0].value["a"] == text, "{text}");
        }
        for text in [
            "",
            "no",
            "On",
            "10:00",
            "1_000",
            "0b1",
            "5",
            "true",
            "a: b",
            "a #b",
            "{{ x }}",
            "Room {{ x }}",
            "- a",
            "*a",
            "a\tb",
            "a ",
        ] {
            assert!(!needs_no_quotes(text, false), "{text}");
        }
        assert!(!needs_no_quotes("Room, big", true) && needs_no_quotes("Room Baker", true));
    }
}
