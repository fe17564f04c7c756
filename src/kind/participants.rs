//! Participants of a Teams meeting: the roles that single people have in it.
//!
//! A participant is not an attendee: no list here invites or mails anybody (meetingparticipantinfo.md). The organizer
//! is fixed by the mailbox and never stands in the list.

use crate::kind::roster::RosterOfParticipants;
use crate::kind::{Expanded, Fault, mailbox};
use schemars::JsonSchema;
use serde_json::{Map, Value, json};
use std::collections::HashMap;

#[expect(dead_code, reason = "documented shapes: only their schema is used")]
#[derive(JsonSchema)]
#[schemars(untagged)]
pub enum Participants {
    List(Vec<Participant>),
    Graph(GraphParticipants),
}

/// Graph's own form of the list.
#[expect(dead_code, reason = "documented shapes: only their schema is used")]
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct GraphParticipants {
    /// The participants but the organizer.
    #[schemars(example = json!([{"upn": "adele@contoso.example", "role": "presenter"}]))]
    pub attendees: Vec<Participant>,
}

#[expect(dead_code, reason = "documented shapes: only their schema is used")]
#[derive(JsonSchema)]
#[schemars(untagged)]
pub enum Participant {
    /// The person's address; the role is `attendee`.
    Upn(#[schemars(extend("x-form" = "address"))] String),
    Entry(ParticipantEntry),
    Roster(RosterOfParticipants),
}

#[expect(dead_code, reason = "documented shapes: only their schema is used")]
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[schemars(extend("x-short" = {"of": "upn", "usual": {"role": "attendee"}}))]
pub struct ParticipantEntry {
    /// The person's sign-in address.
    #[schemars(example = &"adele@contoso.example", extend("x-form" = "address"))]
    #[schemars(extend("x-synonyms" = ["email", "mail", "address", "user"]))]
    pub upn: Option<String>,
    /// The role in the meeting; `attendee` if left out.
    #[schemars(example = &"presenter")]
    pub role: Option<Role>,
    /// The person by object id, instead of `upn`.
    #[schemars(example = json!({"user": {"id": "112f7296-5fa4-42ca-bae8-6a692b15d4b8"}}))]
    pub identity: Option<Identity>,
}

#[expect(dead_code, reason = "documented shapes: only their schema is used")]
#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase")]
pub enum Role {
    /// Takes part.
    Attendee,
    /// Presents; needs `allowedPresenters: roleIsPresenter`. Only for accounts that the tenant knows.
    Presenter,
    /// Runs the meeting together with the organizer. Only for accounts that the tenant knows.
    Coorganizer,
    /// Produces the broadcast of the meeting.
    Producer,
}

#[expect(dead_code, reason = "documented shapes: only their schema is used")]
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Identity {
    /// The user.
    pub user: User,
}

#[expect(dead_code, reason = "documented shapes: only their schema is used")]
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct User {
    /// The user's object id in Entra ID.
    #[schemars(example = &"112f7296-5fa4-42ca-bae8-6a692b15d4b8")]
    pub id: String,
}

/// The chat of a meeting with more participants is refused (application-post-onlinemeetings.md).
const MOST: usize = 1000;

/// Participants that are looked at one by one: a list that is much too long has nothing else to be told.
const LOOKED_AT: usize = 2 * MOST;

/// From as many on, the participants have the chat during the meeting only (application-post-onlinemeetings.md).
const MANY: usize = 150;

/// Returns everybody in the list of an expanded meeting; see `Kind::addressed`.
pub fn addressed(expanded: &Expanded) -> Vec<String> {
    let all = [&expanded.own, &expanded.meeting].into_iter().filter_map(|home| home.get("participants"));
    let people = all.flat_map(|list| list["attendees"].as_array().into_iter().flatten());
    let who = |it: &Value| {
        it.get("upn").or_else(|| it.pointer("/identity/user/id")).and_then(Value::as_str).map(str::to_lowercase)
    };
    people.filter_map(who).collect()
}

/// Says what a long list costs.
pub fn many(list: &Value) -> Option<String> {
    let number = list["attendees"].as_array().map_or(0, Vec::len);
    (number >= MANY)
        .then(|| format!("{number} participants: from {MANY} on they have the chat during the meeting only"))
}

/// Turns the list at the pointer `at` into Graph's `{attendees: [{upn, role, identity}]}`.
///
/// `options` are the options of the same meeting: presenters and `allowedPresenters` must agree, since Graph takes
/// neither without the other (onlinemeeting-update.md).
pub fn expand(value: &Value, at: &str, options: Option<&Map<String, Value>>, faults: &mut Vec<Fault>) -> Value {
    let (list, at) = match value.get("attendees") {
        Some(list) => (list, format!("{at}/attendees")),
        None => (value, at.to_owned()),
    };
    let by_role =
        options.and_then(|options| options.get("allowedPresenters")).is_some_and(|who| who == "roleIsPresenter");
    let mut attendees = vec![];
    let mut seen = HashMap::new();
    if let Some(list) = list.as_array().filter(|list| list.len() > MOST) {
        let message = format!("{} participants, Teams takes {MOST} in a meeting's chat", list.len());
        let hint = "list only those who need a role: whoever has the link can join, if the lobby lets them";
        faults.push(Fault::new(&at, message, hint));
    }
    for (index, entry) in list.as_array().into_iter().flatten().take(LOOKED_AT).enumerate() {
        let at = format!("{at}/{index}");
        let entry = person(entry, &at, faults);
        if entry["role"] == "presenter" && !by_role {
            let hint = "add `allowedPresenters: roleIsPresenter` to `meetingOptions`";
            let message = "`role: presenter` without `allowedPresenters: roleIsPresenter`";
            faults.push(Fault::new(&format!("{at}/role"), message, hint).about(&["allowedPresenters"]));
        }
        let who = entry.get("upn").or(entry.pointer("/identity/user/id")).cloned();
        if let Some(who) = who.as_ref().and_then(Value::as_str)
            && let Some(first) = seen.insert(who.to_owned(), at.clone())
        {
            faults
                .push(Fault::new(&at, format!("duplicate participant: `{who}`"), "leave one of them out").and(&first));
        }
        attendees.push(entry);
    }
    json!({ "attendees": attendees })
}

/// Returns the participants of a live meeting in short forms, if somebody has a role of their own among them.
pub fn collapse(meeting: &Map<String, Value>) -> Option<Value> {
    let list = meeting.get("participants")?["attendees"].as_array()?;
    let role = |it: &Value| it["role"].as_str().filter(|role| *role != "attendee").map(str::to_owned);
    list.iter().any(|it| role(it).is_some()).then(|| list.iter().map(|it| short(it, role(it))).collect())
}

fn short(person: &Value, role: Option<String>) -> Value {
    let who = match person["upn"].as_str() {
        Some(upn) => json!({"upn": upn.to_lowercase()}),
        None => json!({"identity": {"user": {"id": person["identity"]["user"]["id"]}}}),
    };
    match (role, who) {
        (None, who) => who.get("upn").cloned().unwrap_or(who),
        (Some(role), mut who) => {
            who["role"] = role.into();
            who
        }
    }
}

/// Adds a fault when presenters are to be chosen by role and no list says who has that role.
pub fn need_list(list: Option<&Value>, options: &Map<String, Value>, faults: &mut Vec<Fault>) {
    let named = list.is_some_and(|list| {
        let list = list.get("attendees").unwrap_or(list);
        list.as_array().is_some_and(|list| !list.is_empty())
    });
    if options.get("allowedPresenters").is_some_and(|who| who == "roleIsPresenter") && !named {
        let message = "`allowedPresenters: roleIsPresenter` without `participants`";
        let hint = "list the presenters under `participants`, such as `{upn: adele@contoso.example, role: presenter}`";
        faults.push(Fault::new("/meetingOptions/allowedPresenters", message, hint));
    }
}

fn person(entry: &Value, at: &str, faults: &mut Vec<Fault>) -> Value {
    let mut person = Map::new();
    let (upn, upn_at) = match entry {
        Value::String(upn) => (Some(upn.as_str()), at.to_owned()),
        entry => (entry.get("upn").and_then(Value::as_str), format!("{at}/upn")),
    };
    let id = entry.pointer("/identity/user/id").and_then(Value::as_str);
    if upn.is_none() && id.is_none() {
        faults.push(Fault::new(at, "a participant without `upn`", "add `upn: adele@contoso.example`"));
    }
    if let Some(upn) = upn.and_then(|upn| mailbox::address(upn, &upn_at, faults)) {
        person.insert("upn".into(), upn.into());
    }
    person.insert("role".into(), entry.get("role").cloned().unwrap_or("attendee".into()));
    if let Some(id) = id {
        person.insert("identity".into(), json!({"user": {"id": id.to_lowercase()}}));
    }
    Value::Object(person)
}
