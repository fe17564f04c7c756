//! Attendees of an Event: who is invited, and as what.
//!
//! The set is keyed by lower-case address; names are the directory's to choose (attendee.md). Who is mailed when the
//! list changes is not decided here.

use crate::kind::roster::RosterOfAttendees;
use crate::kind::{Fault, mailbox};
use crate::tight;
use schemars::JsonSchema;
use serde_json::Value;
use std::collections::HashMap;

/// Graph takes no more on one event (event.md).
pub const MOST: usize = 500;

/// Attendees that are looked at one by one: a list that is much too long has nothing else to be told.
const LOOKED_AT: usize = 2 * MOST;

/// The way out of a list that is too long.
pub const FEWER: &str = "invite a distribution list or a Microsoft 365 group";

#[expect(dead_code, reason = "documented shapes: only their schema is used")]
#[derive(JsonSchema)]
#[schemars(untagged)]
pub enum Attendee {
    /// The address of a required attendee: `adele@contoso.example`, or `Adele Vance <adele@contoso.example>`.
    Address(#[schemars(extend("x-form" = "person"))] String),
    Entry(AttendeeEntry),
    Graph(GraphAttendee),
    Roster(RosterOfAttendees),
}

#[expect(dead_code, reason = "documented shapes: only their schema is used")]
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[schemars(extend("x-short" = {"of": "address", "usual": {"type": "required"}}))]
pub struct AttendeeEntry {
    /// The e-mail address.
    #[schemars(example = &"adele@contoso.example", extend("x-form" = "address"))]
    #[schemars(extend("x-synonyms" = ["email", "mail", "upn"]))]
    pub address: String,
    /// How the attendee is invited; `required` if left out.
    #[schemars(example = &"optional")]
    #[schemars(extend("x-synonyms" = ["role", "kind"]))]
    pub r#type: Option<AttendeeType>,
    /// The name shown until the directory's own takes its place.
    #[schemars(example = &"Adele Vance")]
    pub name: Option<String>,
}

/// Graph's own form of an attendee.
#[expect(dead_code, reason = "documented shapes: only their schema is used")]
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, rename_all = "camelCase")]
#[schemars(extend("x-short" = {"of": "emailAddress", "usual": {"type": "required"}}))]
pub struct GraphAttendee {
    /// The e-mail address.
    pub email_address: EmailAddress,
    /// How the attendee is invited; `required` if left out.
    #[schemars(example = &"optional")]
    pub r#type: Option<AttendeeType>,
}

#[expect(dead_code, reason = "documented shapes: only their schema is used")]
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct EmailAddress {
    /// The e-mail address.
    #[schemars(example = &"adele@contoso.example", extend("x-form" = "address"))]
    pub address: String,
    /// The name shown until the directory's own takes its place.
    #[schemars(example = &"Adele Vance")]
    pub name: Option<String>,
}

#[expect(dead_code, reason = "documented shapes: only their schema is used")]
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase")]
pub enum AttendeeType {
    /// Must come.
    Required,
    /// May come.
    Optional,
    /// A room or other resource; it answers by its own rules.
    Resource,
}

/// Turns the attendees that stand at `here` in a spec into Graph's `[{emailAddress: {address, name}, type}]`.
pub fn expand(value: &Value, here: &str, faults: &mut Vec<Fault>) -> Value {
    let list = value.as_array().map_or(&[][..], Vec::as_slice);
    if list.len() > MOST {
        let message = format!("{} attendees, Graph takes {MOST}", list.len());
        faults.push(Fault::new(here, message, FEWER));
    }
    let mut seen = HashMap::new();
    let mut attendees = vec![];
    for (index, entry) in list.iter().take(LOOKED_AT).enumerate() {
        let at = format!("{here}/{index}");
        let (person, at) = match entry.get("emailAddress") {
            Some(person) => (person, format!("{at}/emailAddress")),
            None => (entry, at),
        };
        let (name, address, at) = match person {
            Value::String(text) => match mailbox::named(text).filter(|(_, address)| mailbox::is_address(address)) {
                Some((name, address)) => (Some(name), Some(address), at),
                None => (None, Some(text.as_str()), at),
            },
            person => {
                let text = |name: &str| person.get(name).and_then(Value::as_str);
                (text("name"), text("address"), format!("{at}/address"))
            }
        };
        let Some(address) = address.and_then(|address| mailbox::address(address, &at, faults)) else {
            continue;
        };
        if let Some(first) = seen.insert(address.clone(), at.clone()) {
            let message = format!("duplicate attendee: `{address}`");
            faults.push(Fault::new(&at, message, "leave one of them out").and(&first));
        }
        let email = match name.filter(|it| !it.is_empty()) {
            Some(name) => tight::object([("address", address.into()), ("name", name.into())]),
            None => tight::object([("address", address.into())]),
        };
        let kind = entry.get("type").cloned().unwrap_or("required".into());
        attendees.push(tight::object([("emailAddress", email), ("type", kind)]));
    }
    Value::Array(attendees)
}
