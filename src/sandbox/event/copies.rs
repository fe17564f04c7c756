//! What people see who are invited: a copy of the organizer's event in their own default calendar.
//!
//! Copies are made when they are asked for, so they always show the event as it is. They have ids and change keys of their own and
//! none of the organizer's extended properties (event.md). Only answering and removing is done to them; a change of a copy's own
//! categories or reminders is not.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::sandbox::{
    answer::{Answer, Outcome, refuse},
    event::{self, series::Face},
    journal::Record,
    records::Event,
    rooms,
    user::User,
    world::World,
};

/// Returns the copies in a calendar: all in the default one, none in others.
pub fn all(world: &World, user: &User, calendar: u64) -> Vec<Arc<Event>> {
    let mut calendars = world.boxes.get(&user.id).into_iter().flat_map(|it| &it.calendars);
    let here = calendars.any(|it| it.key == calendar && it.default);
    if !here || !world.quirks.copies {
        return Vec::new();
    }
    let keys = addresses(user).filter_map(|it| world.invited.get(&it)).flatten();
    keys.filter_map(|(owner, key)| seen(&*world.event(owner, *key)?, user)).collect()
}

/// Returns the copy of one event, if this person has one.
pub fn find(world: &World, user: &User, key: u64) -> Option<Arc<Event>> {
    let event = original(world, user, key)?;
    world.quirks.copies.then(|| seen(&event, user)).flatten()
}

/// Removes a copy; the organizer's event stays, and nobody is mailed (event-delete.md).
pub fn leave(world: &mut World, user: &User, face: &Face) -> Outcome<()> {
    let Some(event) = original(world, user, face.event.key) else {
        return Ok(());
    };
    let mut event = Event::clone(&event);
    event.left.extend(addresses(user).map(|it| match face.id.date {
        Some(date) => format!("{it} {date}"),
        None => it,
    }));
    world.save(Record::Event(Box::new(event)))
}

/// Answers an invitation (event-accept.md, event-decline.md, event-tentativelyaccept.md).
pub fn answer(world: &mut World, user: &User, id: &str, response: &str) -> Outcome {
    let face = event::find(world, user, id)?;
    let original = original(world, user, face.event.key).filter(|_| face.id.copy);
    let Some(original) = original else {
        let message =
            "Your request can't be completed. You can't respond to this meeting because you're the meeting organizer.";
        return refuse(400, "ErrorInvalidRequest", message);
    };
    let address =
        mine(&original, user).and_then(|it| it["emailAddress"]["address"].as_str()).unwrap_or_default().to_string();
    rooms::respond(world, original, (&address, response), None)?;
    Ok(Answer::empty(202))
}

/// Refuses a change of a copy.
pub fn unchanged<T>() -> Outcome<T> {
    refuse(403, "ErrorAccessDenied", "Access is denied. Only the organizer changes a meeting here.")
}

fn original(world: &World, user: &User, key: u64) -> Option<Arc<Event>> {
    let mut keys = addresses(user).filter_map(|it| world.invited.get(&it)).flatten();
    let (owner, key) = keys.find(|it| it.1 == key)?;
    world.event(owner, *key)
}

fn addresses(user: &User) -> impl Iterator<Item = String> {
    [&user.upn].into_iter().chain(&user.aliases).map(|it| it.to_lowercase())
}

/// Returns the entry of this person in an attendee list.
fn mine<'a>(event: &'a Event, user: &User) -> Option<&'a Value> {
    let list = event.props["attendees"].as_array()?;
    list.iter().find(|it| {
        let address = it["emailAddress"]["address"].as_str().unwrap_or_default().to_lowercase();
        addresses(user).any(|it| it == address)
    })
}

fn seen(event: &Event, user: &User) -> Option<Arc<Event>> {
    // The list may have changed since the address was noted.
    let status = mine(event, user).filter(|_| event.user != user.id)?["status"].clone();
    if addresses(user).any(|it| event.left.contains(&it)) {
        return None;
    }
    let mut copy = event.clone();
    copy.guest = true;
    copy.alias = None;
    copy.extended.clear();
    copy.open.clear();
    copy.exceptions.values_mut().for_each(|it| it.extended.clear());
    copy.props.shift_remove("transactionId");
    // Occurrences that were taken out are as good as skipped, for this reader.
    let own = |it: &str| addresses(user).any(|address| address == it);
    let gone = event.left.iter().filter_map(|it| it.split_once(' ')).filter(|(address, _)| own(address));
    copy.cancelled.extend(gone.map(|(_, date)| date.to_string()));
    let answered = status["response"] != "none";
    let shown = if answered { status } else { json!({"response": "notResponded", "time": event::people::NO_TIME}) };
    copy.props.insert("responseStatus".into(), shown);
    if !answered && copy.props["showAs"] == "busy" {
        copy.props.insert("showAs".into(), "tentative".into());
    }
    // With hidden attendees each sees only themselves (event.md).
    if copy.props["hideAttendees"] == true {
        copy.props.insert("attendees".into(), json!([mine(event, user)?]));
    }
    Some(Arc::new(copy))
}
