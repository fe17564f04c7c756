//! Routes outside Graph, for tests and for looking in: the ledger, the counts, the clock, and edits by "somebody else".
//!
//! Nothing here is strict, and nothing here mails.
//!
//! | Route | Does |
//! |---|---|
//! | `GET /sandbox/mails` | the ledger; `DELETE` empties it |
//! | `GET /sandbox/counts` | requests, writes by method, peak concurrency per mailbox |
//! | `POST /sandbox/clock` `{"now": "2026-12-01T08:00:00Z"}` | stops the clock there; null lets it run again |
//! | `POST /sandbox/quirks` `{"list": "late-join-url=never"}` | switches quirks from now on |
//! | `PUT /sandbox/users/{u}/events/{id}` | makes an event with this id, body as in a create |
//! | `PATCH`, `DELETE /sandbox/users/{u}/events/{id}` | merges any property, moves it to the `calendar` of that name, or removes the event |
//! | `PATCH`, `DELETE /sandbox/users/{u}/onlineMeetings/{id}` | the same for a meeting |
//! | `GET /sandbox/users/{u}/onlineMeetings` | all of them, as the organizer sees them in Teams; Graph has no such list |
//! | `PATCH /sandbox/users/{u}` `{"accessPolicy": true, "licensed": true, "userPrincipalName": "…", "aliases": […]}` | gives, takes and renames as an administrator would; `denied` closes the mailbox, `gone` deletes the user |
//! | `PUT /sandbox/groups/{address}` `{"members": […], "limited": false, "denied": false}` | makes a group, or gives it other members |
//! | `POST /sandbox/users/{u}/responses` `{"event", "attendee", "response", "proposedNewTime"}` | lets an attendee answer, and propose another time |

use serde_json::{Map, Value, json};

use crate::sandbox::{
    answer::{Answer, Outcome, item_not_found, no_route, refusal, refuse},
    calendar, event,
    groups::Group,
    ids,
    journal::Record,
    records::Event,
    rooms,
    user::User,
    when,
    world::World,
};

/// Answers an admin route; `path` are the decoded segments after `/sandbox`.
pub fn route(world: &mut World, method: &str, path: &[String], body: Option<&Value>) -> Outcome {
    let names: Vec<&str> = path.iter().map(String::as_str).collect();
    let object = || body.and_then(Value::as_object).cloned().unwrap_or_default();
    match (method, names.as_slice()) {
        ("GET", ["mails"]) => Ok(Answer::json(200, json!({"value": world.mails}))),
        ("DELETE", ["mails"]) => {
            world.mails.clear();
            Ok(Answer::empty(204))
        }
        ("POST", ["clock"]) => {
            let now = object().get("now").and_then(Value::as_str).map(|it| when::instant("now", it)).transpose()?;
            world.frozen = now;
            Ok(Answer::json(200, json!({"now": when::offset(world.now())})))
        }
        ("POST", ["quirks"]) => {
            let list = object().get("list").and_then(Value::as_str).unwrap_or_default().to_string();
            let switched = world.quirks.clone().with(&list);
            world.quirks = switched.map_err(|error| refusal(400, "BadRequest", error.to_string()))?;
            Ok(Answer::empty(204))
        }
        ("PATCH", ["users", user]) => edit_user(world, user, &object()),
        ("PUT", ["groups", address]) => put_group(world, address, object()),
        (_, ["users", user, "events", id]) => {
            let user = world.user(user)?;
            edit_event(world, &user, method, id, object())
        }
        ("GET", ["users", user, "onlineMeetings"]) => {
            let user = world.user(user)?;
            let all: Vec<_> = world.mailbox(&user.id)?.meetings.values().map(|it| json!(it.props)).collect();
            Ok(Answer::json(200, json!({"value": all})))
        }
        (_, ["users", user, "onlineMeetings", id]) => {
            let user = world.user(user)?;
            edit_meeting(world, &user, method, id, object())
        }
        ("POST", ["users", user, "responses"]) => {
            let (user, body) = (world.user(user)?, object());
            let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default().to_string();
            let face = event::find(world, &user, &text("event"))?;
            let (attendee, response) = (text("attendee"), text("response"));
            match rooms::respond(world, face.event, (&attendee, &response), body.get("proposedNewTime"))? {
                true => Ok(Answer::empty(204)),
                false => refuse(404, "ErrorItemNotFound", "Nobody with this address is invited."),
            }
        }
        _ => Err(no_route(&names.join("/"))),
    }
}

/// Gives, takes and renames as an administrator would.
fn edit_user(world: &mut World, user: &str, body: &Map<String, Value>) -> Outcome {
    let mut user = User::clone(&*world.user(user)?);
    let said = |name: &str, now: bool| body.get(name).and_then(Value::as_bool).unwrap_or(now);
    (user.policy, user.licensed) = (said("accessPolicy", user.policy), said("licensed", user.licensed));
    (user.denied, user.gone) = (said("denied", user.denied), said("gone", user.gone));
    if let Some(upn) = body.get("userPrincipalName").and_then(Value::as_str) {
        user.upn = upn.to_string();
    }
    if let Some(aliases) = body.get("aliases").and_then(Value::as_array) {
        user.aliases = aliases.iter().filter_map(Value::as_str).map(str::to_string).collect();
    }
    world.save(Record::User(user))?;
    Ok(Answer::empty(204))
}

fn put_group(world: &mut World, address: &str, mut body: Map<String, Value>) -> Outcome {
    body.insert("address".into(), address.into());
    let group: Group =
        serde_json::from_value(body.into()).map_err(|error| refusal(400, "BadRequest", error.to_string()))?;
    world.directory.groups.retain(|it| !it.address.eq_ignore_ascii_case(address));
    world.directory.groups.push(group);
    Ok(Answer::empty(204))
}

fn edit_event(world: &mut World, user: &User, method: &str, id: &str, body: Map<String, Value>) -> Outcome {
    if method == "PUT" {
        let calendar = calendar::find(world, user, None)?;
        let mut event = event::create::born(world, user, &calendar, &body)?;
        event.alias = ids::read_event(id).is_none().then(|| ids::rest(id));
        world.save(Record::Event(Box::new(event)))?;
        return Ok(Answer::empty(201));
    }
    let face = event::find(world, user, id)?;
    if method == "DELETE" {
        world.save(Record::EventGone { user: user.id.clone(), key: face.id.key })?;
        return Ok(Answer::empty(204));
    }
    let whole = world.event(&user.id, face.id.key).ok_or_else(item_not_found)?;
    let mut event = Event::clone(&whole);
    let version = event.version + 1;
    if let Some(name) = body.get("calendar").and_then(Value::as_str) {
        let calendars = &world.mailbox(&user.id)?.calendars;
        event.calendar = calendars.iter().find(|it| it.name == name).ok_or_else(item_not_found)?.key;
    }
    let merged = merge(world, &face.event.props, &body)?;
    match face.id.date {
        None => {
            event.props = merged;
            event::write::extend(&mut event.extended, &body)?;
        }
        Some(date) => {
            let exception = event.exceptions.entry(date.to_string()).or_default();
            exception.version = version;
            exception
                .props
                .extend(merged.into_iter().filter(|(name, value)| face.event.props.get(name) != Some(value)));
        }
    }
    event.version = version;
    event.modified = world.now();
    world.save(Record::Event(Box::new(event)))?;
    Ok(Answer::empty(204))
}

/// What a write takes goes through it, so that it is kept in the same form; the rest is put in as it is.
fn merge(world: &World, before: &Map<String, Value>, body: &Map<String, Value>) -> Outcome<Map<String, Value>> {
    let mut props = before.clone();
    let mut rest = body.clone();
    let attendees = rest.shift_remove("attendees");
    if let Some(sent) = &attendees {
        // Old entries that no client could write any more are put in as well.
        props.insert("attendees".into(), event::people::attendees(world, sent, &before["attendees"], false));
    }
    event::write::apply(world, &mut props, &rest)?;
    for name in ["isOnlineMeeting", "onlineMeetingProvider", "onlineMeeting", "isCancelled", "originalStartTimeZone"] {
        if let Some(value) = body.get(name) {
            props.insert(name.into(), value.clone());
        }
    }
    // Answers as they are sent, not as a write would set them.
    for (place, sent) in attendees.iter().filter_map(Value::as_array).flatten().enumerate() {
        if sent["status"].is_object() && props["attendees"][place].is_object() {
            props["attendees"][place]["status"] = sent["status"].clone();
        }
    }
    Ok(props)
}

fn edit_meeting(world: &mut World, user: &User, method: &str, id: &str, body: Map<String, Value>) -> Outcome {
    let meetings = &world.mailbox(&user.id)?.meetings;
    let mut meeting = meetings.values().find(|it| it.id == id).cloned().ok_or_else(item_not_found)?;
    if method == "DELETE" {
        world.save(Record::MeetingGone { user: user.id.clone(), key: meeting.key })?;
        return Ok(Answer::empty(204));
    }
    for (name, value) in body {
        match (meeting.props.get_mut(&name), value) {
            (Some(Value::Object(old)), Value::Object(new)) => old.extend(new),
            (_, value) => _ = meeting.props.insert(name, value),
        }
    }
    world.save(Record::Meeting(Box::new(meeting)))?;
    Ok(Answer::empty(204))
}
