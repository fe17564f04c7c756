//! Makes events: the create of a client, and the birth that it shares with the admin routes.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use crate::sandbox::{
    answer::{Answer, Outcome, refuse},
    ask::Ask,
    event::{extension, online, series, transaction, view, write},
    journal::Record,
    mail,
    records::{Calendar, Event},
    strict::{self, Mode},
    user::User,
    world::World,
};

/// Answers a create (user-post-events.md, calendar-post-events.md).
pub fn create(world: &mut World, ask: &Ask, user: &User, calendar: &Calendar) -> Outcome {
    if !calendar.can_edit {
        return refuse(
            403,
            "ErrorAccessDenied",
            "Access is denied. Check credentials and try again: the calendar cannot be edited.",
        );
    }
    let sent = ask.object()?;
    let body = strict::check("event", sent, Mode::Create)?;
    let shape = view::shape(&world.quirks, ask)?;
    if let Some(event) = transaction::known(world, user, calendar, &body)? {
        // The same request again gives the same event, not a second one (observed).
        return Ok(Answer::json(201, view::show(&shape, user, &series::whole(event), true)));
    }
    let mut event = born(world, user, calendar, &body)?;
    event.print = transaction::print(&body);
    let late = world.quirks.late_join_url > 0;
    let answered = if late { online::unready(&world.quirks, &event) } else { event.clone() };
    let face = series::whole(Arc::new(answered));
    let shown = view::show(&shape, user, &face, true);
    if world.quirks.moving_change_key {
        // Exchange changes the key by itself soon after a create: the tag of this answer is already old (compass-calendar #3675, observed).
        event.version += 1;
    }
    let people = mail::people(&event.props["attendees"], &user.upn);
    world.save(Record::Event(Box::new(event)))?;
    let mails = people.into_values().map(|it| ("invitation", it)).collect();
    world.post(mails, &user.upn, face.event.props["subject"].as_str().unwrap_or_default(), face.id);
    let location = format!("{}/users/{}/events/{}", ask.root, user.id, shown["id"].as_str().unwrap_or_default());
    Ok(Answer::json(201, shown).with("Location", location))
}

/// Makes an event of a checked body; it is not saved yet, its meeting is.
pub fn born(world: &mut World, user: &User, calendar: &Calendar, body: &Map<String, Value>) -> Outcome<Event> {
    for name in ["start", "end"] {
        if !body.get(name).is_some_and(Value::is_object) {
            return refuse(400, "ErrorPropertyValidationFailure", format!("The property '{name}' is required."));
        }
    }
    let mut props = write::blank();
    write::apply(world, &mut props, body)?;
    if let Some(transaction) = body.get("transactionId").filter(|it| it.is_string()) {
        props.insert("transactionId".into(), transaction.clone());
    }
    // The organizer's own reads take it from the directory; it is kept for the copies of others.
    let organizer = json!({"emailAddress": {"name": user.name, "address": user.upn}});
    props.insert("organizer".into(), organizer);
    let (key, now) = (world.next(), world.now());
    let mut event = Event {
        key,
        user: user.id.clone(),
        calendar: calendar.key,
        version: 1,
        created: now,
        modified: now,
        props,
        ..Event::default()
    };
    write::extend(&mut event.extended, body)?;
    for open in body.get("extensions").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_object) {
        extension::put(&mut event, open)?;
    }
    online::settle(world, user, calendar, &mut event, body)?;
    Ok(event)
}
