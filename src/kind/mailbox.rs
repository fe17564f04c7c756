//! Whose mailbox, and who is addressed: organizers and e-mail addresses, always in lower case.
//!
//! Whether an address exists is Graph's to say; here it only has to look like one.

use crate::kind::Fault;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value};
use std::borrow::Cow;

/// A mailbox in a schema: an address, an object id, or `me`.
pub struct Mailbox;

impl JsonSchema for Mailbox {
    fn schema_name() -> Cow<'static, str> {
        "Mailbox".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "pattern": r"^([Mm][Ee]|[^@\s]+@[^@\s]+|[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12})$",
            "x-hint": "write an address such as `alex@contoso.example`, an object id, or `me`",
        })
    }
}

/// Returns the organizer of a spec in lower case: its own, or the workspace's `default`.
pub fn organizer(spec: &Map<String, Value>, default: Option<&str>, faults: &mut Vec<Fault>) -> String {
    let own = spec.get("organizer").and_then(Value::as_str);
    let Some(organizer) = own.or(default) else {
        let hint = "add `organizer: alex@contoso.example`, or `defaults.organizer` to the workspace";
        faults.push(Fault::new("", "no `organizer`", hint).about(&["organizer"]));
        return String::new();
    };
    organizer.to_lowercase()
}

/// Returns an e-mail address in lower case, or `None` with a fault at `at` when it is none.
pub fn address(text: &str, at: &str, faults: &mut Vec<Fault>) -> Option<String> {
    let valid = match text.split_once('@') {
        Some((user, host)) => !user.is_empty() && !host.is_empty() && !host.contains('@'),
        None => false,
    };
    if !valid || text.contains(char::is_whitespace) {
        let hint = "write it whole, such as `adele@contoso.example`";
        faults.push(Fault::new(at, format!("not an e-mail address: `{text}`"), hint));
        return None;
    }
    Some(text.to_lowercase())
}
