//! Changes events and occurrences, and takes them away; each ends in the mail ledger.

use std::sync::Arc;

use serde_json::{Map, Value};

use crate::sandbox::{
    answer::{Answer, Outcome, item_not_found, refuse},
    ask::Ask,
    event::{
        copies, find, fresh, online,
        series::{self, Face},
        view, write,
    },
    ids::EventId,
    journal::Record,
    mail,
    records::Event,
    recurrence::Series,
    strict::{self, Mode},
    user::User,
    when,
    world::World,
};

/// Answers an update of an event, a master or an occurrence (event-update.md).
pub fn patch(world: &mut World, ask: &Ask, user: &User, id: &str) -> Outcome {
    let face = find(world, user, id)?;
    if face.id.copy {
        return copies::unchanged();
    }
    fresh(world, ask, &face)?;
    let body = strict::check("event", ask.object()?, Mode::Update)?;
    let shape = view::shape(&world.quirks, ask)?;
    let face = match face.id.date {
        None => patch_whole(world, user, face, &body)?,
        Some(_) => patch_occurrence(world, user, face, &body)?,
    };
    let mut face = face;
    if world.quirks.late_after_patch && face.id.date.is_none() {
        world.reads.remove(&face.id.key);
        face.event = Arc::new(online::unready(&world.quirks, &face.event));
    }
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
    online::settle(world, user, &calendar, &mut event, body)?;
    let apart = event.exceptions.iter().filter(|(_, it)| it.props.get("isCancelled") != Some(&Value::Bool(true)));
    let days: Vec<String> = apart.map(|(day, _)| day.clone()).collect();
    if write::moved(world, &before, &event.props) {
        // A new time or pattern takes exceptions and skipped dates away (known of Exchange, unverified for Graph).
        let series = Series::read(&event.props).filter(|_| world.quirks.exceptions_kept);
        let has = |day: &str| series.as_ref().is_some_and(|it| day.parse().is_ok_and(|day| it.has(day)));
        event.exceptions.retain(|day, _| has(day));
        event.cancelled.retain(|day| has(day));
    }
    event.version += 1;
    event.modified = world.now();
    let people = |props: &Map<String, Value>| mail::people(&props["attendees"], &user.upn);
    let mails = mail::after_patch(body, &people(&before), &people(&event.props));
    let face = series::whole(Arc::new(event.clone()));
    let apart = mail::of_exceptions(&mails, world.quirks.joiners_mailed_by_date);
    world.save(Record::Event(Box::new(event)))?;
    let subject = face.event.props["subject"].as_str().unwrap_or_default().to_string();
    world.post(mails, &user.upn, &subject, face.id);
    // One more mail for each exception (event-update.md).
    for day in days {
        let id = EventId { key: face.id.key, date: day.parse().ok(), copy: false };
        world.post(apart.clone(), &user.upn, &subject, id);
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
    online::settle_occurrence(world, &mut props, body);
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
    let Some(series) = Series::read(&event.props) else {
        return Ok(());
    };
    let start = when::stored(&props["start"]);
    let day = start.at.to_zoned(series.start(date).zone.rules.clone()).date();
    let is_left = |it: &jiff::civil::Date| !event.cancelled.contains(&it.to_string());
    let place = |it: jiff::civil::Date| match event.exceptions.get(&it.to_string()).and_then(|it| it.props.get("start"))
    {
        Some(moved) => when::stored(moved).at.to_zoned(series.start(date).zone.rules.clone()).date(),
        None => it,
    };
    let before = series.dates().take_while(|it| *it < date).filter(is_left).last().map(place);
    let after = series.dates().skip_while(|it| *it <= date).find(is_left).map(place);
    if before.is_some_and(|it| day <= it) || after.is_some_and(|it| day >= it) {
        let message = "Modified occurrence is crossing or overlapping adjacent occurrence.";
        return refuse(400, "ErrorOccurrenceCrossingBoundary", message);
    }
    Ok(())
}

/// Cancels an event or an occurrence for everybody invited: it is taken away, or kept as a cancelled one.
///
/// What is cancelled already goes without a word.
pub fn cancel(world: &mut World, user: &User, face: Face) -> Outcome<()> {
    let people = mail::people(&face.event.props["attendees"], &user.upn);
    let kept = if face.id.date.is_some() { world.quirks.cancelled_dates_kept } else { world.quirks.cancelled_kept };
    if face.id.copy || !kept || people.is_empty() || face.event.props.get("isCancelled") == Some(&Value::Bool(true)) {
        return remove(world, user, face);
    }
    let subject = face.event.props["subject"].as_str().unwrap_or_default();
    let marks =
        [("isCancelled", true.into()), ("subject", format!("Canceled: {subject}").into()), ("showAs", "free".into())];
    let marks = marks.map(|(name, value): (&str, Value)| (name.to_string(), value));
    let mut event = Event::clone(&*world.event(&user.id, face.id.key).ok_or_else(item_not_found)?);
    event.version += 1;
    event.modified = world.now();
    match face.id.date {
        None => event.props.extend(marks),
        Some(date) => {
            let exception = event.exceptions.entry(date.to_string()).or_default();
            exception.version = event.version;
            exception.props.extend(marks);
        }
    }
    world.save(Record::Event(Box::new(event)))?;
    let mails = people.into_values().map(|it| ("cancellation", it)).collect();
    world.post(mails, &user.upn, subject, face.id);
    Ok(())
}

/// Takes an event or an occurrence away and cancels it for everybody invited (event-delete.md, event-cancel.md).
pub fn remove(world: &mut World, user: &User, face: Face) -> Outcome<()> {
    if face.id.copy {
        return copies::leave(world, user, &face);
    }
    let mut people = mail::people(&face.event.props["attendees"], &user.upn);
    if face.event.props.get("isCancelled") == Some(&Value::Bool(true)) {
        people.clear();
    }
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
