//! Whose mailbox, and who is addressed: organizers and e-mail addresses, always in lower case.
//!
//! Whether an address exists is Graph's to say; here it only has to look like one.

use crate::inert::is_sign;
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
            "pattern": format!("^([Mm][Ee]|{}|{ID})$", pattern()),
            "x-hint": "write an address such as `alex@contoso.example`, an object id, or `me`",
        })
    }
}

/// An address as a pattern, without a beginning and an end; [`is_address`] is the same.
pub fn pattern() -> String {
    format!("{WORD}(\\.{WORD})*@{WORD}(\\.{WORD})+")
}

/// What may stand between the dots of an address, as a pattern; [`is_word`] is the same.
///
/// No slash, question mark or percent sign: an address is a segment of a path, and Graph decodes `%2F` before it splits a path
/// (docs #10167, observed), so that what follows would choose another resource.
const WORD: &str = r#"[^\s\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069.@<>()\[\],;:"\\/?%]+"#;

const ID: &str = "[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}";

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
    if is_address(text) {
        return Some(text.to_lowercase());
    }
    let bare = text.trim();
    let bare = bare
        .get(.."mailto:".len())
        .filter(|it| it.eq_ignore_ascii_case("mailto:"))
        .map_or(bare, |it| &bare[it.len()..]);
    let bare = named(bare).map_or(bare, |(_, address)| address);
    let hint = match is_address(bare) {
        true => format!("write `{bare}`"),
        false => "write it whole, such as `adele@contoso.example`".into(),
    };
    faults.push(Fault::new(at, format!("not an e-mail address: `{text}`"), hint));
    None
}

/// Takes `Adele Vance <adele@contoso.example>` apart into name and address, neither of which has to be one.
pub fn named(text: &str) -> Option<(&str, &str)> {
    let (name, address) = text.trim().strip_suffix('>')?.split_once('<')?;
    Some((name.trim().trim_matches('"').trim(), address.trim()))
}

/// Says whether a text looks like an address: words between dots, an `@`, and a domain of two words or more.
pub fn is_address(text: &str) -> bool {
    text.split_once('@').is_some_and(|(user, domain)| {
        user.split('.').all(is_word) && domain.split('.').all(is_word) && domain.contains('.')
    })
}

fn is_word(text: &str) -> bool {
    !text.is_empty()
        && !text.contains(|it: char| it.is_whitespace() || is_sign(it) || ".@<>()[],;:\"\\/?%".contains(it))
}

#[cfg(test)]
mod tests {
    use super::{address, is_address};
    use crate::kind::testing::{refusals, say};
    use serde_json::json;

    #[test]
    fn an_address_is_one_for_the_schema_too() {
        for (text, expect) in [
            ("adele@contoso.example", true),
            ("Adele.Vance+a'b@mail.contoso.example", true),
            ("adele_fabrikam.example#EXT#@contoso.onmicrosoft.example", true),
            ("jörg@übung.example", true),
            ("alex@contoso.example/messages", false),
            ("alex@contoso.example?$top=1", false),
            ("../alex@contoso.example", false),
            ("alex%2fevents@contoso.example", false),
            ("adele@contoso", false),
            ("adele@contoso.", false),
            ("adele@.example", false),
            ("a..b@contoso.example", false),
            (".a@contoso.example", false),
            ("a.@contoso.example", false),
            ("mailto:adele@contoso.example", false),
            ("adele@contoso@contoso.example", false),
            ("adele@contoso.example, alex@contoso.example", false),
            ("<adele@contoso.example>", false),
            ("adele @contoso.example", false),
            ("@contoso.example", false),
            ("adele", false),
            ("", false),
        ] {
            let spec = json!({"organizer": text});
            let refused = refusals("Event", spec.as_object().expect("an object"));
            assert_eq!((is_address(text), !refused.contains("/organizer")), (expect, expect), "{text}");
        }
    }

    #[test]
    fn what_is_nearly_an_address_is_refused_with_the_address() {
        for (text, way_out) in [
            ("mailto:Adele@contoso.example", "write `Adele@contoso.example`"),
            ("MAILTO:adele@contoso.example", "write `adele@contoso.example`"),
            ("Adele <adele@contoso.example>", "write `adele@contoso.example`"),
            (" adele@contoso.example", "write `adele@contoso.example`"),
            ("adele@contoso", "write it whole, such as `adele@contoso.example`"),
            ("ééééééé", "write it whole, such as `adele@contoso.example`"),
        ] {
            let mut faults = vec![];
            assert_eq!(address(text, "/x", &mut faults), None, "{text}");
            assert_eq!(say(&faults), format!("/x: not an e-mail address: `{text}`; {way_out}"));
        }
    }
}
