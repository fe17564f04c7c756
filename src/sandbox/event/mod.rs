//! Routes of events: create, read, update, delete, cancel, and the occurrences of a series.
//!
//! Each write ends in the mail ledger. Attendees have no copies of their own here: an event lives in its organizer's mailbox.

pub mod list;
pub mod people;
pub mod series;
pub mod view;
pub mod write;

use std::sync::Arc;

use serde_json::{Map, Value};

use crate::sandbox::{
    answer::{Answer, Outcome, Refusal, item_not_found, no_method, no_route, refusal, refuse},
    ask::Ask,
    directory::User,
    event::series::Face,
    ids::{self, EventId},
    journal::Record,
    mail, rooms,
    strict::{self, Mode},
    when,
    world::{Calendar, Event, World},
};

/// Answers `…/events/{rest}` in a calendar; ids are good whatever calendar the path names.
pub fn route(world: &mut World, ask: &Ask, user: &User, calendar: &Calendar, rest: &[String]) -> Outcome {
    let method = ask.method.as_str();
    match (method, rest) {
        ("GET", []) => list::list(world, ask, user, calendar.key),
        ("POST", []) => create(world, ask, user, calendar),
        ("GET", [id]) => {
            let face = read(world, user, id)?;
            Ok(Answer::json(200, view::show(&view::shape(ask)?, user, &face, true)))
        }
        ("PATCH", [id]) => patch(world, ask, user, id),
        ("DELETE", [id]) => {
            let face = find(world, user, id)?;
            fresh(ask, &face)?;
            remove(world, user, face)?;
            Ok(Answer::empty(204))
        }
        ("GET", [id, more]) if more.eq_ignore_ascii_case("instances") => {
            let face = read(world, user, id)?;
            list::instances(ask, user, &face)
        }
        ("POST", [id, more]) => action(world, ask, user, id, more),
        (_, [] | [_]) => Err(no_method(method)),
        (_, [_, more, ..]) => Err(no_route(more)),
    }
}

fn action(world: &mut World, ask: &Ask, user: &User, id: &str, name: &str) -> Outcome {
    let name = name.rsplit('.').next().unwrap_or(name).to_ascii_lowercase();
    match name.as_str() {
        "cancel" => {
            let face = find(world, user, id)?;
            for (name, value) in ask.body.as_ref().and_then(Value::as_object).into_iter().flatten() {
                if !name.eq_ignore_ascii_case("comment") || !(value.is_string() || value.is_null()) {
                    return refuse(
                        400,
                        "ErrorInvalidRequest",
                        format!("The parameter '{name}' of cancel is not valid."),
                    );
                }
            }
            remove(world, user, face)?;
            Ok(Answer::empty(202))
        }
        "permanentdelete" => {
            let face = find(world, user, id)?;
            remove(world, user, face)?;
            Ok(Answer::empty(204))
        }
        // Only who was invited answers an invitation (event-accept.md).
        "accept" | "decline" | "tentativelyaccept" => {
            find(world, user, id)?;
            refuse(
                400,
                "ErrorInvalidRequest",
                "Your request can't be completed. You can't respond to this meeting because you're the meeting organizer.",
            )
        }
        _ => Err(no_route(&name)),
    }
}

/// Finds the event that an id of this mailbox names.
pub fn find(world: &mut World, user: &User, id: &str) -> Outcome<Face> {
    let id = match ids::read_event(id) {
        Some(id) => id,
        None => match world.aliases.get(id) {
            Some(key) => EventId { key: *key, date: None },
            None if id.starts_with("AA") && ids::unbase64(id).is_some() => return Err(item_not_found()),
            None => return refuse(400, "ErrorInvalidIdMalformed", "Id is malformed."),
        },
    };
    let event = world.event(&user.id, id.key).ok_or_else(item_not_found)?;
    match id.date {
        None => Ok(series::whole(event)),
        Some(date) => series::occurrence(&event, date).ok_or_else(item_not_found),
    }
}

/// Finds an event for a reader: what comes late with reads comes nearer, and the first read after a change may be stale.
fn read(world: &mut World, user: &User, id: &str) -> Outcome<Face> {
    let mut face = find(world, user, id)?;
    let key = face.event.key;
    let before = world.before.remove(&key);
    if let Some(old) = before.filter(|_| world.stale && face.id.date.is_none()) {
        face = series::whole(old);
    }
    let reads = world.reads.entry(key).or_default();
    *reads = reads.saturating_add(1);
    let reads = *reads;
    if reads <= world.quirks.late_join_url && face.event.props["isOnlineMeeting"] == true {
        let mut event = Event::clone(&face.event);
        event.props["onlineMeeting"] = Value::Null;
        face.event = Arc::new(event);
    }
    if reads == 2 && world.quirks.rooms_answer {
        rooms::answer(world, user, key)?;
    }
    Ok(face)
}

/// Refuses a write whose If-Match is not the event's tag (compass-calendar #3665, observed).
fn fresh(ask: &Ask, face: &Face) -> Outcome<()> {
    match ask.if_match.as_deref().map(str::trim) {
        None | Some("*") => Ok(()),
        Some(tag) if tag == view::etag(face) => Ok(()),
        Some(_) => {
            let message = "The send or update operation could not be performed because the change key passed in the request does not match the current change key for the item.";
            refuse(412, "ErrorIrresolvableConflict", message)
        }
    }
}

fn create(world: &mut World, ask: &Ask, user: &User, calendar: &Calendar) -> Outcome {
    if !calendar.can_edit {
        return refuse(
            403,
            "ErrorAccessDenied",
            "Access is denied. Check credentials and try again: the calendar cannot be edited.",
        );
    }
    let sent = ask.object()?;
    let body = strict::check("event", sent, Mode::Create)?;
    let shape = view::shape(ask)?;
    let transaction = body.get("transactionId").and_then(Value::as_str).map(str::to_string);
    let print = transaction.as_ref().map(|_| ids::base64(&ids::digest(&sorted(&Value::Object(body.clone())))));
    if let (Some(id), Some(print)) = (&transaction, &print)
        && let Some((key, old)) = world.mailbox(&user.id)?.by_transaction.get(id).cloned()
    {
        // The same request again gives the same event, not a second one (observed).
        let again = world.event(&user.id, key).filter(|_| old == *print).map(series::whole);
        return match again {
            Some(face) => Ok(Answer::json(201, view::show(&shape, user, &face, true))),
            None => Err(Refusal {
                extra: Some(("@event.existingEventId", ids::event(EventId { key, date: None }, false).into())),
                ..refusal(
                    400,
                    "ErrorDuplicateTransactionId",
                    "Your request can't be completed. The TransactionId specified in the request has already been used to create a different event.",
                )
            }),
        };
    }
    let mut event = born(world, user, calendar, &body)?;
    event.print = print;
    let face = series::whole(Arc::new(event.clone()));
    let mut shown = view::show(&shape, user, &face, true);
    if world.quirks.late_join_url > 0 {
        shown["onlineMeeting"] = Value::Null;
    }
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
    write::online(world, user, calendar, &mut event, body)?;
    Ok(event)
}

fn patch(world: &mut World, ask: &Ask, user: &User, id: &str) -> Outcome {
    let face = find(world, user, id)?;
    fresh(ask, &face)?;
    let body = strict::check("event", ask.object()?, Mode::Update)?;
    let shape = view::shape(ask)?;
    let face = match face.id.date {
        None => patch_whole(world, user, face, &body)?,
        Some(_) => patch_occurrence(world, user, face, &body)?,
    };
    if ask.prefer.minimal {
        return Ok(Answer::empty(204).with("Preference-Applied", "return=minimal"));
    }
    Ok(Answer::json(200, view::show(&shape, user, &face, true)))
}

fn patch_whole(world: &mut World, user: &User, face: Face, body: &Map<String, Value>) -> Outcome<Face> {
    let mut event = Event::clone(&face.event);
    let calendar = world.mailbox(&user.id)?.calendars.iter().find(|it| it.key == event.calendar).cloned();
    let calendar = calendar.ok_or_else(item_not_found)?;
    let before = event.props.clone();
    write::apply(world, &mut event.props, body)?;
    write::extend(&mut event.extended, body)?;
    write::online(world, user, &calendar, &mut event, body)?;
    let days: Vec<String> = event.exceptions.keys().cloned().collect();
    if !["start", "end", "recurrence"].iter().all(|it| event.props[*it] == before[*it]) {
        // A new time or pattern takes exceptions and skipped dates away (known of Exchange, unverified for Graph).
        event.exceptions.clear();
        event.cancelled.clear();
    }
    event.version += 1;
    event.modified = world.now();
    let people = |props: &Map<String, Value>| mail::people(&props["attendees"], &user.upn);
    let mails = mail::after_patch(body, &people(&before), &people(&event.props));
    let face = series::whole(Arc::new(event.clone()));
    let updated: Vec<_> = mails.iter().filter(|(kind, _)| matches!(*kind, "update" | "possible")).cloned().collect();
    world.save(Record::Event(Box::new(event)))?;
    let subject = face.event.props["subject"].as_str().unwrap_or_default().to_string();
    world.post(mails, &user.upn, &subject, face.id);
    // One more mail for each occurrence that stands apart (event-update.md).
    for day in days {
        let id = EventId { key: face.id.key, date: day.parse().ok() };
        world.post(updated.clone(), &user.upn, &subject, id);
    }
    Ok(face)
}

fn patch_occurrence(world: &mut World, user: &User, face: Face, body: &Map<String, Value>) -> Outcome<Face> {
    for name in ["recurrence", "isOnlineMeeting", "onlineMeetingProvider"] {
        // Only the series has these (event-update.md).
        if body.get(name).is_some_and(|it| !it.is_null() && *it != face.event.props[name]) {
            return refuse(
                400,
                "ErrorInvalidRequest",
                format!("The property '{name}' cannot be set on an occurrence of a series."),
            );
        }
    }
    let date = face.id.date.ok_or_else(item_not_found)?;
    let before = face.event.props.clone();
    let mut props = before.clone();
    write::apply(world, &mut props, body)?;
    let now = world.now();
    let mut event = Event::clone(&*world.event(&user.id, face.id.key).ok_or_else(item_not_found)?);
    neighbours(&event, date, &props)?;
    let day = date.to_string();
    event.version += 1;
    event.modified = now;
    let mut exception = event.exceptions.remove(&day).unwrap_or_default();
    exception.version = event.version;
    for (name, value) in props {
        if value != before[&name] || exception.props.contains_key(&name) {
            exception.props.insert(name, value);
        }
    }
    write::extend(&mut exception.extended, body)?;
    event.exceptions.insert(day, exception);
    let shown = series::occurrence(&event, date).ok_or_else(item_not_found)?;
    world.save(Record::Event(Box::new(event)))?;
    let people = |props: &Map<String, Value>| mail::people(&props["attendees"], &user.upn);
    let mails = mail::after_patch(body, &people(&before), &people(&shown.event.props));
    world.post(mails, &user.upn, shown.event.props["subject"].as_str().unwrap_or_default(), shown.id);
    Ok(shown)
}

/// An occurrence may not move to or past the day of the one before or after it (event-update.md, ErrorOccurrenceCrossingBoundary).
fn neighbours(event: &Event, date: jiff::civil::Date, props: &Map<String, Value>) -> Outcome<()> {
    let Some(series) = crate::sandbox::recurrence::Series::read(&event.props) else { return Ok(()) };
    let start = when::stored(&props["start"]);
    let day = start.at.to_zoned(series.start(date).zone.rules.clone()).date();
    let stands = |it: &jiff::civil::Date| !event.cancelled.contains(&it.to_string());
    let place = |it: jiff::civil::Date| match event.exceptions.get(&it.to_string()).and_then(|it| it.props.get("start"))
    {
        Some(moved) => when::stored(moved).at.to_zoned(series.start(date).zone.rules.clone()).date(),
        None => it,
    };
    let before = series.dates().take_while(|it| *it < date).filter(stands).last().map(place);
    let after = series.dates().skip_while(|it| *it <= date).find(stands).map(place);
    if before.is_some_and(|it| day <= it) || after.is_some_and(|it| day >= it) {
        let message = "Modified occurrence is crossing or overlapping adjacent occurrence.";
        return refuse(400, "ErrorOccurrenceCrossingBoundary", message);
    }
    Ok(())
}

/// Takes an event or an occurrence away and cancels it for everybody invited (event-delete.md, event-cancel.md).
pub fn remove(world: &mut World, user: &User, face: Face) -> Outcome<()> {
    let people = mail::people(&face.event.props["attendees"], &user.upn);
    match face.id.date {
        None => world.save(Record::EventGone { user: user.id.clone(), key: face.id.key })?,
        Some(date) => {
            let mut event = Event::clone(&*world.event(&user.id, face.id.key).ok_or_else(item_not_found)?);
            event.exceptions.remove(&date.to_string());
            event.cancelled.insert(date.to_string());
            event.version += 1;
            event.modified = world.now();
            world.save(Record::Event(Box::new(event)))?;
        }
    }
    let mails = people.into_values().map(|it| ("cancellation", it)).collect();
    world.post(mails, &user.upn, face.event.props["subject"].as_str().unwrap_or_default(), face.id);
    Ok(())
}

/// Writes JSON with sorted keys, so that the same content has the same hash.
fn sorted(value: &Value) -> String {
    match value {
        Value::Object(map) => {
            let mut keys: Vec<&String> = map.keys().collect();
            keys.sort();
            let parts: Vec<String> = keys.into_iter().map(|key| format!("{key:?}:{}", sorted(&map[key]))).collect();
            format!("{{{}}}", parts.join(","))
        }
        Value::Array(list) => format!("[{}]", list.iter().map(sorted).collect::<Vec<_>>().join(",")),
        other => other.to_string(),
    }
}
