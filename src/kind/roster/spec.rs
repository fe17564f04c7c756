//! The documented shape of a Roster's `spec`, and of an entry that names one.

#![expect(dead_code, reason = "documented shapes: only their schema is used")]

use crate::kind::event::AttendeeType;
use crate::kind::participants::Role;
use crate::kind::schema::Names;
use schemars::JsonSchema;
use serde_json::json;

/// People under one name, who stand in the lists of events and meetings as `{roster: NAME}`.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, extend("anyOf" = [{"required": ["members"]}, {"required": ["include"]}]))]
pub struct RosterSpec {
    /// Who is in it.
    #[schemars(example = json!(["adele@contoso.example", {"address": "alex@contoso.example", "type": "optional"}]))]
    #[schemars(extend("x-synonyms" = ["people", "persons", "attendees", "participants", "users"]))]
    pub members: Option<Vec<RosterMember>>,
    /// Other rosters whose members are in it too: a name or a list of names.
    #[schemars(example = json!(["platform", "support"]))]
    #[schemars(extend("x-synonyms" = ["includes", "rosters"]))]
    pub include: Option<Names>,
}

#[derive(JsonSchema)]
#[schemars(untagged)]
pub enum RosterMember {
    /// The address of a person: `adele@contoso.example`, or `Adele Vance <adele@contoso.example>`.
    Address(#[schemars(extend("x-form" = "person"))] String),
    Person(RosterPerson),
    Group(RosterGroup),
}

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, extend("x-short" = {"of": "address"}))]
pub struct RosterPerson {
    /// The e-mail address, which a person signs in with too.
    #[schemars(example = &"adele@contoso.example", extend("x-form" = "address"))]
    #[schemars(extend("x-synonyms" = ["email", "mail", "upn", "user"]))]
    pub address: String,
    /// The name shown until the directory's own takes its place.
    #[schemars(example = &"Adele Vance")]
    pub name: Option<String>,
    /// How the person is invited to events; `required` if left out.
    #[schemars(example = &"optional")]
    pub r#type: Option<AttendeeType>,
    /// The role in Teams meetings; `attendee` if left out.
    #[schemars(example = &"presenter")]
    pub role: Option<Role>,
    /// The first day: only what takes place on that day or later has the person.
    #[schemars(example = &"2026-12-01", extend("format" = "date"))]
    #[schemars(extend("x-synonyms" = ["since", "start"]))]
    pub from: Option<String>,
    /// The last day: only what takes place on that day or before has the person.
    #[schemars(example = &"2027-03-31", extend("format" = "date"))]
    #[schemars(extend("x-synonyms" = ["to", "end"]))]
    pub until: Option<String>,
}

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct RosterGroup {
    /// The address of a group in Entra ID, whose members are those in `convoke.lock`; `convoke groups update` writes that file.
    #[schemars(example = &"platform@contoso.example", extend("x-form" = "address"))]
    pub group: String,
    /// How its members are invited to events; `required` if left out.
    #[schemars(example = &"optional")]
    pub r#type: Option<AttendeeType>,
    /// The role of its members in Teams meetings; `attendee` if left out.
    #[schemars(example = &"presenter")]
    pub role: Option<Role>,
}

/// Everybody in a roster, as attendees.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct RosterOfAttendees {
    /// The name of a `kind: Roster`, whose members are all meant.
    #[schemars(example = &"platform")]
    pub roster: String,
    /// How all of them are invited; as the roster says of each if left out.
    #[schemars(example = &"optional")]
    pub r#type: Option<AttendeeType>,
}

/// Everybody in a roster whom the series invites, whatever the days that they are in it.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct RosterLeftOut {
    /// The name of a `kind: Roster`.
    #[schemars(example = &"platform")]
    pub roster: String,
}

/// Everybody in a roster, as participants.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct RosterOfParticipants {
    /// The name of a `kind: Roster`, whose members are all meant.
    #[schemars(example = &"platform")]
    pub roster: String,
    /// The role of all of them; as the roster says of each if left out.
    #[schemars(example = &"presenter")]
    pub role: Option<Role>,
}
