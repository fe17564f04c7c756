//! Rooms answer their invitations some time later, by their own policy (event.md: attendees of type resource).

use std::sync::Arc;

use serde_json::json;

use crate::sandbox::{answer::Outcome, journal::Record, records::Event, user::Answers, user::User, when, world::World};

/// Lets the rooms that an event invites answer, those that have not yet.
///
/// Changes the change key, not the time of the last modification, and mails nobody.
pub fn answer(world: &mut World, organizer: &User, key: u64) -> Outcome<()> {
    let Some(event) = world.event(&organizer.id, key) else {
        return Ok(());
    };
    let now = when::offset(world.now());
    let mut changed: Option<Event> = None;
    for (place, attendee) in event.props["attendees"].as_array().into_iter().flatten().enumerate() {
        let room =
            attendee["emailAddress"]["address"].as_str().and_then(|it| world.directory.find(it)).and_then(|it| it.room);
        let response = match room {
            Some(Answers::Accepts) => "accepted",
            Some(Answers::Declines) => "declined",
            Some(Answers::Never) | None => continue,
        };
        if attendee["status"]["response"] == "none" {
            let event = changed.get_or_insert_with(|| Event::clone(&event));
            event.props["attendees"][place]["status"] = json!({"response": response, "time": now});
        }
    }
    match changed {
        Some(mut event) => {
            event.version += 1;
            world.save(Record::Event(Box::new(event)))
        }
        None => Ok(()),
    }
}

/// Puts an attendee's answer into an event, as if it had come by mail.
pub fn respond(world: &mut World, event: Arc<Event>, address: &str, response: &str) -> Outcome<bool> {
    let mut event = Event::clone(&event);
    let now = when::offset(world.now());
    let mut hit = false;
    for attendee in event.props["attendees"].as_array_mut().into_iter().flatten() {
        if attendee["emailAddress"]["address"].as_str().is_some_and(|it| it.eq_ignore_ascii_case(address)) {
            attendee["status"] = json!({"response": response, "time": now});
            hit = true;
        }
    }
    event.version += 1;
    world.save(Record::Event(Box::new(event)))?;
    Ok(hit)
}
