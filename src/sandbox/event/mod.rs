//! Routes of events: create, read, update, delete, cancel, and the occurrences of a series.
//!
//! An event lives in its organizer's mailbox; who is invited sees a copy made on the spot (`copies`).

mod copies;
pub mod create;
mod extension;
pub mod list;
mod online;
pub mod people;
pub mod series;
pub mod transaction;
mod update;
pub mod view;
pub mod write;

use std::sync::Arc;

use serde_json::Value;

use crate::sandbox::{
    answer::{Answer, Outcome, Refusal, item_not_found, no_method, refusal, refuse},
    ask::Ask,
    event::series::Face,
    ids::{self, EventId},
    records::Calendar,
    rooms,
    user::User,
    world::World,
};

/// Answers `…/events/{rest}` in a calendar; ids are good whatever calendar the path names.
pub fn route(world: &mut World, ask: &Ask, user: &User, calendar: &Calendar, rest: &[String]) -> Outcome {
    let method = ask.method.as_str();
    match (method, rest) {
        ("GET", []) => list::list(world, ask, user, calendar.key),
        ("POST", []) => create::create(world, ask, user, calendar),
        ("GET", [id]) => {
            let face = read(world, user, id)?;
            Ok(Answer::json(200, view::show(&view::shape(&world.quirks, ask)?, user, &face, true)))
        }
        ("PATCH", [id]) => update::patch(world, ask, user, id),
        ("DELETE", [id]) => {
            let face = find(world, user, id)?;
            fresh(world, ask, &face)?;
            update::cancel(world, user, face)?;
            Ok(Answer::empty(204))
        }
        ("GET", [id, more]) if more.eq_ignore_ascii_case("instances") => {
            let face = read(world, user, id)?;
            list::instances(ask, user, &face, &world.quirks)
        }
        (_, [id, more]) if more.eq_ignore_ascii_case("extensions") => extension::route(world, ask, user, id, None),
        (_, [id, more, name]) if more.eq_ignore_ascii_case("extensions") => {
            extension::route(world, ask, user, id, Some(name))
        }
        ("POST", [id, more]) => action(world, ask, user, id, more),
        (_, [] | [_]) => Err(no_method(method)),
        (_, [_, more, ..]) => Err(no_segment(more)),
    }
}

/// What is below an event and no route: also the rest of an id that holds a slash (docs #10167, observed).
fn no_segment(name: &str) -> Refusal {
    refusal(400, "RequestBroker--ParseUri", format!("Resource not found for the segment '{name}'."))
}

fn action(world: &mut World, ask: &Ask, user: &User, id: &str, name: &str) -> Outcome {
    let name = name.rsplit('.').next().unwrap_or(name).to_ascii_lowercase();
    match name.as_str() {
        "cancel" => {
            let face = find(world, user, id)?;
            if face.id.copy {
                let message = "Your request can't be completed. You need to be an organizer to cancel a meeting.";
                return refuse(400, "ErrorInvalidRequest", message);
            }
            for (name, value) in ask.body.as_ref().and_then(Value::as_object).into_iter().flatten() {
                if !name.eq_ignore_ascii_case("comment") || !(value.is_string() || value.is_null()) {
                    return refuse(
                        400,
                        "ErrorInvalidRequest",
                        format!("The parameter '{name}' of cancel is not valid."),
                    );
                }
            }
            fresh(world, ask, &face)?;
            let comment = ask.body.as_ref().and_then(Value::as_object).and_then(|it| it.values().next()?.as_str());
            let (said, before) = (comment.filter(|it| !it.is_empty()).map(str::to_owned), world.mails.len());
            update::cancel(world, user, face)?;
            world.mails[before..].iter_mut().for_each(|mail| mail.comment = said.clone());
            Ok(Answer::empty(202))
        }
        "permanentdelete" => {
            let face = find(world, user, id)?;
            update::remove(world, user, face)?;
            Ok(Answer::empty(204))
        }
        // Only who was invited answers an invitation (event-accept.md).
        "accept" => copies::answer(world, user, id, "accepted"),
        "decline" => copies::answer(world, user, id, "declined"),
        "tentativelyaccept" => copies::answer(world, user, id, "tentativelyAccepted"),
        _ => Err(no_segment(&name)),
    }
}

/// Finds the event that an id of this mailbox names.
pub fn find(world: &mut World, user: &User, id: &str) -> Outcome<Face> {
    let id = match ids::read_event(id) {
        Some(id) => id,
        None => match world.aliases.get(&ids::rest(id)) {
            Some(key) => EventId { key: *key, date: None, copy: false },
            None if id.starts_with("AA") && ids::unbase64(id).is_some() => {
                return Err(item_not_found());
            }
            None => return refuse(400, "ErrorInvalidIdMalformed", "Id is malformed."),
        },
    };
    let event = match id.copy {
        true => copies::find(world, user, id.key),
        false => world.event(&user.id, id.key),
    };
    let event = event.ok_or_else(item_not_found)?;
    match id.date {
        None => Ok(series::whole(event)),
        Some(date) => series::occurrence(&event, date).ok_or_else(item_not_found),
    }
}

/// Finds an event for a reader: what comes late with reads comes nearer, and the first read after a change may be stale.
fn read(world: &mut World, user: &User, id: &str) -> Outcome<Face> {
    let mut face = find(world, user, id)?;
    let key = face.event.key;
    if face.id.copy {
        return Ok(face);
    }
    let before = world.before.remove(&key);
    if let Some(old) = before.filter(|_| world.stale && face.id.date.is_none() && !face.id.copy) {
        face = series::whole(old);
    }
    let reads = world.reads.entry(key).or_default();
    *reads = reads.saturating_add(1);
    let reads = *reads;
    if reads <= world.quirks.late_join_url {
        face.event = Arc::new(online::unready(&world.quirks, &face.event));
    }
    if reads >= 2 && world.quirks.rooms_answer {
        rooms::answer(world, user, key)?;
    }
    Ok(face)
}

/// Refuses a write whose If-Match is not the event's tag (compass-calendar #3665, observed).
pub fn fresh(world: &World, ask: &Ask, face: &Face) -> Outcome<()> {
    match ask.if_match.as_deref().map(str::trim) {
        None | Some("*") => Ok(()),
        Some(tag) if tag == view::etag(face) || !world.quirks.if_match => Ok(()),
        Some(_) => {
            let message = "The send or update operation could not be performed because the change key passed in the request does not match the current change key for the item.";
            refuse(412, "ErrorIrresolvableConflict", message)
        }
    }
}
