//! A value in one line, by the kind of value that its row says it is.
//!
//! What stands in an object besides is named by its own members, so that no property is known here.

use crate::kind::compare::Compare;
use crate::kind::event;
use crate::kind::{Home, Kind};
use crate::plan::Clock;
use crate::report::{series, times};
use serde_json::Value;

/// How many characters of a text are shown.
const MOST: usize = 160;

/// Nothing, as a word.
const NONE: &str = "(none)";

/// Words a value: times as a person writes them, a series as a sentence, short objects as `name value`, long texts cut.
pub fn value(compare: Compare, value: &Value, clock: Option<&Clock>) -> String {
    let special = match compare {
        Compare::Zoned | Compare::Instant => times::time(value, clock),
        Compare::Recurrence => series::sentence(value),
        Compare::Place => places(value),
        Compare::Exact
        | Compare::CaseFolded
        | Compare::Set
        | Compare::People
        | Compare::Participants
        | Compare::Text
        | Compare::Thread => None,
    };
    special.unwrap_or_else(|| plain(value))
}

/// Words how one occurrence of a series stands: a word, its time, or the properties of its own.
pub fn occurrence(kind: &Kind, value: &Value, clock: Option<&Clock>) -> String {
    match value {
        Value::String(word) => word.clone(),
        Value::Object(members) => times::time(value, clock).unwrap_or_else(|| {
            let of = |name: &str| kind.field(Home::Own, name).map_or(Compare::Exact, |field| field.compare);
            let words = members.iter().map(|(name, it)| member(of(name), name, it, clock));
            words.collect::<Vec<_>>().join(", ")
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => plain(value),
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::Null => NONE.into(),
        Value::Array(items) if items.is_empty() => NONE.into(),
        Value::Object(members) if members.is_empty() => NONE.into(),
        Value::String(text) => format!("\"{}\"", cut(text, MOST)),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(", "),
        Value::Object(members) => {
            let words = members.iter().map(|(name, value)| member(Compare::Exact, name, value, None));
            words.collect::<Vec<_>>().join(", ")
        }
    }
}

/// Places by their names, with the mailbox of a room.
fn places(value: &Value) -> Option<String> {
    let word = |(name, mailbox): (&str, Option<&str>)| {
        let name = format!("\"{}\"", cut(name, MOST));
        mailbox.map_or_else(|| name.clone(), |mailbox| format!("{name} <{mailbox}>"))
    };
    match value {
        Value::Array(all) if !all.is_empty() => {
            let all: Option<Vec<String>> = all.iter().map(|it| event::named_place(it).map(word)).collect();
            Some(all?.join(", "))
        }
        one => event::named_place(one).map(word),
    }
}

fn member(compare: Compare, name: &str, value: &Value, clock: Option<&Clock>) -> String {
    match (compare, value) {
        (Compare::Zoned | Compare::Instant | Compare::Place, _) => {
            format!("{name} {}", self::value(compare, value, clock))
        }
        (_, _) => plain_member(compare, name, value),
    }
}

fn plain_member(compare: Compare, name: &str, value: &Value) -> String {
    match value {
        Value::String(text) => format!("{name} {}", cut(text, MOST)),
        Value::Object(_) => format!("{name} ({})", self::value(compare, value, None)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => format!("{name} {}", plain(value)),
    }
}

/// Cuts a text that has more characters than this.
pub fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::KindId;
    use serde_json::json;

    #[test]
    fn a_value_reads_by_its_kind() {
        for (compare, it, expect) in [
            (Compare::Exact, json!(null), "(none)"),
            (Compare::Set, json!([]), "(none)"),
            (Compare::Exact, json!({}), "(none)"),
            (Compare::Exact, json!(true), "true"),
            (Compare::Exact, json!("Weekly"), "\"Weekly\""),
            (Compare::Set, json!(["red", "blue"]), "\"red\", \"blue\""),
            (
                Compare::Exact,
                json!({"scope": "invited", "on": true, "in": {"a": 1}}),
                "scope invited, on true, in (a 1)",
            ),
            (Compare::Zoned, json!({"dateTime": "2031-02-04T10:00:00", "timeZone": "UTC"}), "Tue 2031-02-04 10:00 UTC"),
            (Compare::Zoned, json!({"dateTime": "soon", "timeZone": "UTC"}), "dateTime soon, timeZone UTC"),
            (Compare::Instant, json!("2031-02-04T10:00:00Z"), "Tue 2031-02-04 10:00 UTC"),
            (Compare::Place, json!({"displayName": "Room 4"}), "\"Room 4\""),
            (Compare::Place, json!([{"displayName": "A", "locationEmailAddress": "a@b.c"}]), "\"A\" <a@b.c>"),
            (Compare::Place, json!({"displayName": "A", "locationUri": "b"}), "displayName A, locationUri b"),
            (Compare::Recurrence, json!({"pattern": {"type": "hourly"}}), "pattern (type hourly)"),
        ] {
            assert_eq!(value(compare, &it, None), expect);
        }
        let long = value(Compare::Exact, &json!("é".repeat(MOST + 1)), None);
        assert_eq!(long, format!("\"{}…\"", "é".repeat(MOST)));
    }

    #[test]
    fn an_occurrence_reads_as_a_word_a_time_or_what_is_its_own() {
        let start = json!({"dateTime": "2031-02-04T10:00:00", "timeZone": "UTC"});
        for (it, expect) in [
            (json!("skipped"), "skipped"),
            (start.clone(), "Tue 2031-02-04 10:00 UTC"),
            (json!({"start": start, "subject": "Review"}), "start Tue 2031-02-04 10:00 UTC, subject Review"),
            (json!(null), "(none)"),
        ] {
            assert_eq!(occurrence(KindId::Event.kind(), &it, None), expect);
        }
    }
}
