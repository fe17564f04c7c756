//! Groups of the directory: found by their address, and their members with those of the groups in them (group-list.md,
//! group-list-transitivemembers.md).
//!
//! Only what tells who is in a group: no calendars, conversations or files.

use std::collections::HashSet;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::sandbox::{
    answer::{Answer, Outcome, no_method, no_route, refuse},
    ask::Ask,
    directory::unknown,
    filter, odata,
    user::{User, id_for, person, spelled},
    users,
    world::World,
};

/// Members on a page, unless `$top` says otherwise; and the most that it may say (group-list-transitivemembers.md).
const PAGE: usize = 100;
const MOST: usize = 999;

/// A group.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    pub address: String,
    pub name: Option<String>,
    /// Addresses of users and of other groups.
    #[serde(default)]
    pub members: Vec<String>,
    /// Its members are shown without anything but their ids, as to an app that may not read users.
    #[serde(default)]
    pub limited: bool,
    /// It cannot be read, as by an app without `GroupMember.Read.All`.
    #[serde(default)]
    pub denied: bool,
}

impl Group {
    /// Its object id, the same for the same address.
    pub fn id(&self) -> String {
        id_for(&format!("group {}", self.address.to_lowercase()))
    }

    fn shown(&self) -> Map<String, Value> {
        let name = self.name.clone().unwrap_or_else(|| spelled(&self.address));
        let value = json!({
            "id": self.id(), "displayName": name, "mail": self.address, "mailEnabled": true, "securityEnabled": false,
            "groupTypes": ["Unified"],
        });
        value.as_object().cloned().unwrap_or_default()
    }
}

/// Answers what stands below `/groups`.
pub fn route(world: &World, ask: &Ask, names: &[&str]) -> Outcome {
    match names {
        // Group calendars take no application token (group-post-events.md).
        [_, "events" | "calendar" | "calendarview", ..] => {
            refuse(403, "ErrorAccessDenied", "Access is denied. Group calendars need a delegated token.")
        }
        _ if ask.method != "GET" => Err(no_method(&ask.method)),
        [] => list(world, ask),
        [_] => {
            let group = find(world, &ask.path[1])?;
            let shown = select(ask, group.shown(), "group")?;
            Ok(Answer::json(200, shown.into()))
        }
        [_, "transitivemembers"] => members(world, ask, &ask.path[1]),
        [_, other, ..] => Err(no_route(other)),
    }
}

fn find<'a>(world: &'a World, id: &str) -> Outcome<&'a Group> {
    let group = world.directory.groups.iter().find(|it| it.id().eq_ignore_ascii_case(id)).ok_or_else(|| unknown(id))?;
    if group.denied {
        return refuse(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.");
    }
    Ok(group)
}

fn list(world: &World, ask: &Ask) -> Outcome {
    let filter = ask.option("$filter").map(filter::parse).transpose()?;
    let fits = |group: &&Group| {
        let value = Value::Object(group.shown());
        // The directory compares without case (query-parameters.md).
        filter.as_ref().is_none_or(|it| filter::meets(it, &|path| filter::walk(&value, path), false))
    };
    let groups: Vec<&Group> = world.directory.groups.iter().filter(fits).collect();
    odata::page(ask, "groups", &groups, |group| select(ask, group.shown(), "group").map(Value::from))
}

fn members(world: &World, ask: &Ask, id: &str) -> Outcome {
    let group = find(world, id)?;
    let top = ask.option("$top").and_then(|it| it.parse::<usize>().ok());
    if top.is_some_and(|it| it > MOST) {
        return refuse(
            400,
            "Request_BadRequest",
            format!("Invalid page size specified. Must be between 1 and {MOST} inclusive."),
        );
    }
    let all = flat(world, group);
    odata::page_of(ask, "directoryObjects", &all, PAGE, |(kind, member)| {
        let member = match group.limited && *kind == "user" {
            true => member
                .iter()
                .map(|(name, value)| (name.clone(), if name == "id" { value.clone() } else { Value::Null }))
                .collect(),
            false => member.clone(),
        };
        let mut shown = Map::from_iter([("@odata.type".to_owned(), json!(format!("#microsoft.graph.{kind}")))]);
        shown.extend(select(ask, member, kind)?);
        Ok(shown.into())
    })
}

/// Everybody in a group and every group in it, each once, however deep they are and whichever is in which.
fn flat(world: &World, group: &Group) -> Vec<(&'static str, Map<String, Value>)> {
    let (mut all, mut seen, mut open) = (vec![], HashSet::from([group.id()]), vec![group]);
    while let Some(group) = open.pop() {
        for address in &group.members {
            let inner = world.directory.groups.iter().find(|it| it.address.eq_ignore_ascii_case(address));
            if let Some(inner) = inner {
                if seen.insert(inner.id()) {
                    all.push(("group", inner.shown()));
                    open.push(inner);
                }
                continue;
            }
            let user = world.directory.find(address).map_or_else(|| guest(address), |it| User::clone(&it));
            if seen.insert(user.id.clone()) {
                all.push(("user", users::all(&user)));
            }
        }
    }
    all
}

fn guest(address: &str) -> User {
    person(id_for(address), address.to_owned())
}

/// What is selected of an object; what the type does not have is null among objects of several types.
fn select(ask: &Ask, all: Map<String, Value>, kind: &str) -> Outcome<Map<String, Value>> {
    let Some(names) = odata::select(ask) else { return Ok(all) };
    let one = |name: String| match all.get(&name) {
        Some(value) => Ok(Some((name, value.clone()))),
        None if kind == "group" => Ok(None),
        None => refuse(400, "Request_BadRequest", format!("Could not find a property named '{name}'.")),
    };
    let picked: Vec<_> = names.into_iter().map(one).collect::<Outcome<_>>()?;
    Ok(picked.into_iter().flatten().collect())
}
