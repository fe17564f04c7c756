//! A room as one word: `location: room-baker@contoso.example`, or `Room Baker <room-baker@contoso.example>`, is where the event takes
//! place and books the room at once.
//!
//! Graph wants both said: the place, and the room's mailbox as an attendee of type `resource` (outlook-schedule meeting rooms:
//! location.md, attendee.md). Graph's own form of a place books nothing and is taken as it is.

use crate::kind::event::attendees;
use crate::kind::{Fault, mailbox};
use serde_json::{Map, Value, json};

/// Returns the name and the address of a place that is a room's mailbox.
pub fn mailbox_of(place: &Value) -> Option<(&str, &str)> {
    let text = place.as_str()?.trim();
    let (name, address) = mailbox::named(text).unwrap_or((text, text));
    mailbox::is_address(address).then_some((if name.is_empty() { address } else { name }, address))
}

/// Returns the name of Graph's own form of a place, and the mailbox of its room where that is not its name; nothing where more is
/// said of it than that.
pub fn named_place(place: &Value) -> Option<(&str, Option<&str>)> {
    let members = place.as_object()?;
    let name = members.get("displayName")?.as_str().filter(|name| !name.is_empty())?;
    let mailbox = members.get("locationEmailAddress").and_then(Value::as_str).filter(|it| !it.is_empty());
    let said = |(name, value): (&String, &Value)| {
        let silent = value.is_null() || *value == Value::String(String::new());
        silent || matches!(name.as_str(), "displayName" | "locationEmailAddress")
    };
    members.iter().all(said).then_some((name, mailbox.filter(|mailbox| !mailbox.eq_ignore_ascii_case(name))))
}

/// Puts the room into the place and among the attendees, if it is not there yet.
pub fn book(place: &Value, own: &mut Map<String, Value>, faults: &mut Vec<Fault>) {
    let Some((name, address)) = mailbox_of(place) else { return };
    let Some(address) = mailbox::address(address, "/location", faults) else { return };
    own.insert("location".into(), json!({"displayName": name, "locationEmailAddress": address}));
    let attendees = own.entry("attendees").or_insert(json!([]));
    let Value::Array(attendees) = attendees else { return };
    if !attendees.iter().any(|it| it["emailAddress"]["address"] == json!(address)) {
        attendees.push(json!({"emailAddress": {"address": address}, "type": "resource"}));
        if attendees.len() == attendees::MOST + 1 {
            let message =
                format!("with this room there are {} attendees, Graph takes {}", attendees.len(), attendees::MOST);
            faults.push(Fault::new("/location", message, attendees::FEWER).and("/attendees"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_address_is_a_room() {
        for (text, expect) in [
            ("room-baker@contoso.example", Some(("room-baker@contoso.example", "room-baker@contoso.example"))),
            ("Room Baker <room-baker@contoso.example>", Some(("Room Baker", "room-baker@contoso.example"))),
            ("<room-baker@contoso.example>", Some(("room-baker@contoso.example", "room-baker@contoso.example"))),
            ("Room Baker", None),
            ("Meet @ the lobby.", None),
            ("Lobby @contoso.example", None),
            ("Room <4>", None),
            ("", None),
        ] {
            assert_eq!(mailbox_of(&json!(text)), expect, "{text}");
        }
        assert_eq!(mailbox_of(&json!({"displayName": "a@b.c"})), None);
    }
}
