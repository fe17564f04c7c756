//! The map of the house: which path is answered by which module.
//!
//! Segments that name routes are compared without case; ids and names are taken as they came.

use std::sync::Arc;

use serde_json::json;

use crate::sandbox::{
    answer::{Answer, Outcome, no_method, no_route, refusal, refuse},
    ask::Ask,
    calendar,
    event::{self, list},
    groups, meeting,
    records::Calendar,
    schedule,
    user::User,
    users,
    world::World,
    zones,
};

/// Answers one request.
pub fn route(world: &mut World, ask: &Ask) -> Outcome {
    let lower: Vec<String> = ask.path.iter().map(|it| it.to_ascii_lowercase()).collect();
    let names: Vec<&str> = lower.iter().map(String::as_str).collect();
    match names.as_slice() {
        ["me"] => users::one(world, ask, "me"),
        ["users"] => users::list(world, ask),
        ["users", _] => users::one(world, ask, &ask.path[1]),
        ["me", rest @ ..] => of_user(world, ask, "me", rest, &ask.path[1..]),
        ["users", _, rest @ ..] => of_user(world, ask, &ask.path[1], rest, &ask.path[2..]),
        ["communications" | "app", "onlinemeetings", ..] => meeting::legacy(world, ask, &ask.path[2..]),
        ["groups", rest @ ..] => groups::route(world, ask, rest),
        [] => Err(no_route("")),
        [first, ..] => Err(no_route(first)),
    }
}

fn of_user(world: &mut World, ask: &Ask, name: &str, names: &[&str], raw: &[String]) -> Outcome {
    if names[0] == "onlinemeetings" {
        let user = world.user(name)?;
        return meeting::route(world, ask, &user, name, &raw[1..]);
    }
    let user = mailbox(world, name)?;
    let (calendar, names, raw) = match names {
        ["calendars"] => return calendar::all(world, ask, &user),
        ["calendar", ..] => (None, &names[1..], &raw[1..]),
        ["calendars", _, ..] => (Some(raw[1].as_str()), &names[2..], &raw[2..]),
        ["calendargroups", _, "calendars", _, ..] => (Some(raw[3].as_str()), &names[4..], &raw[4..]),
        ["outlook", "supportedtimezones"] => return supported(ask, false),
        ["outlook", call] if call.starts_with("supportedtimezones(") => {
            return supported(ask, call.contains("'iana'"));
        }
        ["events" | "calendarview", ..] => (None, names, raw),
        [first, ..] => return Err(no_route(first)),
        [] => return Err(no_route("")),
    };
    let calendar = calendar::find(world, &user, calendar)?;
    in_calendar(world, ask, &user, calendar, names, raw)
}

fn in_calendar(
    world: &mut World,
    ask: &Ask,
    user: &User,
    calendar: Calendar,
    names: &[&str],
    raw: &[String],
) -> Outcome {
    match names {
        [] => calendar::one(world, ask, user, calendar),
        ["events", ..] => event::route(world, ask, user, &calendar, &raw[1..]),
        ["calendarview"] if ask.method == "GET" => list::window(world, ask, user, calendar.key),
        ["calendarview"] => Err(no_method(&ask.method)),
        // The path of an occurrence in a view is that of the event (event-get.md).
        ["calendarview", id, ..] if *id != "delta" => event::route(world, ask, user, &calendar, &raw[1..]),
        ["getschedule" | "microsoft.graph.getschedule"] if ask.method == "POST" => schedule::get(world, ask),
        ["getschedule" | "microsoft.graph.getschedule"] => Err(no_method(&ask.method)),
        [first, ..] => Err(no_route(first)),
    }
}

/// Finds the user of a mailbox route; here an unknown one is not a missing item (errors.md).
fn mailbox(world: &mut World, name: &str) -> Outcome<Arc<User>> {
    let user = world
        .user(name)
        .map_err(|_| refusal(404, "ErrorInvalidUser", format!("The requested user '{name}' is invalid.")))?;
    if !user.mailbox {
        let message = "The mailbox is either inactive, soft-deleted, or is hosted on-premise.";
        return refuse(404, "MailboxNotEnabledForRESTAPI", message);
    }
    if user.denied {
        return refuse(403, "ErrorAccessDenied", "Access is denied. Check credentials and try again.");
    }
    Ok(user)
}

/// Lists the zones that the mailbox server knows (outlookuser-supportedtimezones.md).
fn supported(ask: &Ask, iana: bool) -> Outcome {
    if ask.method != "GET" {
        return Err(no_method(&ask.method));
    }
    let show = |name: &&str| json!({"alias": name, "displayName": name});
    let value: Vec<_> = zones::names(iana).iter().map(show).collect();
    let context = format!("{}/$metadata#Collection(microsoft.graph.timeZoneInformation)", ask.root);
    Ok(Answer::json(200, json!({"@odata.context": context, "value": value})))
}
