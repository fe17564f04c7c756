//! Rooms answer their invitations some time later, by their own policy (event.md: attendees of type resource).
//!
//! A room that accepts declines all the same what its booking policy does not allow: what lies beyond its window, and a series with
//! more clashes than it bears (Set-CalendarProcessing). What it accepted earlier is what it clashes with.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::sandbox::{
    answer::Outcome,
    event::series,
    journal::Record,
    records::Event,
    recurrence::Series,
    user::{Answers, Booking, User},
    when,
    world::World,
};

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
        if attendee["status"]["response"] != "none" {
            continue;
        }
        let room = attendee["emailAddress"]["address"].as_str().and_then(|it| world.directory.find(it));
        let Some((room, answers)) = room.and_then(|it| it.room.map(|answers| (it, answers))) else {
            continue;
        };
        let response = match answers {
            Answers::Accepts if takes(world, &room, &event) => "accepted",
            Answers::Accepts | Answers::Declines => "declined",
            Answers::Never => continue,
        };
        let event = changed.get_or_insert_with(|| Event::clone(&event));
        event.props["attendees"][place]["status"] = json!({"response": response, "time": now});
    }
    match changed {
        Some(mut event) => {
            event.version += 1;
            world.save(Record::Event(Box::new(event)))
        }
        None => Ok(()),
    }
}

/// Whether a room's policy lets it accept an event.
fn takes(world: &World, room: &User, event: &Event) -> bool {
    let Booking {
        booking_window_in_days,
        enforce_scheduling_horizon,
        conflict_percentage_allowed,
        maximum_conflict_instances,
    } = room.booking;
    let window = SignedDuration::from_hours(24 * i64::from(booking_window_in_days));
    let horizon = world.now().saturating_add(window).unwrap_or(Timestamp::MAX);
    let Some(series) = Series::read(&event.props) else {
        let (start, end) = (when::stored(&event.props["start"]).at, when::stored(&event.props["end"]).at);
        return start <= horizon && !taken(world, room, event.key, start, end);
    };
    if enforce_scheduling_horizon && series.end().is_none_or(|end| end > horizon) {
        return false;
    }
    let dates = series::between(event, Timestamp::MIN, horizon);
    let (mut clashes, all) = (0, dates.len());
    for date in dates {
        let times = ["start", "end"].map(|it| when::stored(&date.event.props[it]).at);
        clashes += usize::from(taken(world, room, event.key, times[0], times[1]));
    }
    clashes <= maximum_conflict_instances as usize && clashes * 100 <= all * conflict_percentage_allowed as usize
}

/// Whether a room has accepted something else at that time.
fn taken(world: &World, room: &User, but: u64, from: Timestamp, to: Timestamp) -> bool {
    let keys = world.invited.get(&room.upn.to_lowercase()).into_iter().flatten().filter(|(_, key)| *key != but);
    let mut others = keys.filter_map(|(owner, key)| world.event(owner, *key)).filter(|it| accepted(it, room));
    others.any(|it| match it.props["recurrence"].is_object() {
        true => series::between(&it, from, to).iter().any(|it| blocks(&it.event.props, from, to)),
        false => blocks(&it.props, from, to),
    })
}

/// Whether an event is held at that time; one that ends as another begins is no clash.
fn blocks(props: &serde_json::Map<String, Value>, from: Timestamp, to: Timestamp) -> bool {
    series::touches(props, from, to) && props.get("isCancelled") != Some(&Value::Bool(true))
}

fn accepted(event: &Event, room: &User) -> bool {
    let list = event.props["attendees"].as_array().into_iter().flatten();
    let mut own =
        list.filter(|it| it["emailAddress"]["address"].as_str().is_some_and(|it| it.eq_ignore_ascii_case(&room.upn)));
    own.any(|it| it["status"]["response"] == "accepted")
}

/// Puts an attendee's answer into an event, as if it had come by mail, and the time that they would rather have (attendee.md).
pub fn respond(
    world: &mut World,
    event: Arc<Event>,
    (address, response): (&str, &str),
    proposed: Option<&Value>,
) -> Outcome<bool> {
    let mut event = Event::clone(&event);
    let now = when::offset(world.now());
    let mut hit = false;
    for attendee in event.props["attendees"].as_array_mut().into_iter().flatten() {
        if attendee["emailAddress"]["address"].as_str().is_some_and(|it| it.eq_ignore_ascii_case(address)) {
            attendee["status"] = json!({"response": response, "time": now});
            if let Some(proposed) = proposed {
                attendee["proposedNewTime"] = proposed.clone();
            }
            hit = true;
        }
    }
    event.version += 1;
    world.save(Record::Event(Box::new(event)))?;
    Ok(hit)
}
