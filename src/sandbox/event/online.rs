//! Takes events online and keeps them so: the frozen flags, the join block, and what takes the link away.

use serde_json::{Map, Value, json};

use crate::sandbox::{
    BodyQuirk, Quirks,
    answer::{Outcome, refuse},
    body,
    event::people,
    journal::Record,
    meeting::make,
    records::{Calendar, Event},
    recurrence::Series,
    user::User,
    when,
    world::World,
};

/// Takes the event online, keeps it so, or takes its link away; `body` is the request.
///
/// Provider and flag are frozen once online, and a body that drops the join block loses the link (event-update.md,
/// outlook-calendar-online-meetings.md).
pub fn settle(
    world: &mut World,
    organizer: &User,
    calendar: &Calendar,
    event: &mut Event,
    body: &Map<String, Value>,
) -> Outcome<()> {
    let was = event.props["isOnlineMeeting"] == true;
    if was {
        complete(world, event);
        let url = event.props["onlineMeeting"]["joinUrl"].as_str().unwrap_or_default().to_string();
        let kept = event.props["body"].as_str().unwrap_or_default();
        // Neither a new provider nor `false` is taken, without a word (outlook-calendar-online-meetings.md).
        let kept = world.quirks.no_block || body::has_block(kept, &url);
        if !body.contains_key("body") || url.is_empty() || (kept && world.quirks.body != BodyQuirk::Renew) {
            return sync(world, event);
        }
        event.props["isOnlineMeeting"] = false.into();
        event.props["onlineMeeting"] = Value::Null;
        event.meeting = None;
        if !matches!(world.quirks.body, BodyQuirk::Rotate | BodyQuirk::Renew) {
            // With `flip` the next write of the body brings a link back (docs #10618, observed).
            event.props["onlineMeetingProvider"] = "unknown".into();
            event.flip = world.quirks.body == BodyQuirk::Flip;
            return Ok(());
        }
    } else if event.flip && body.contains_key("body") {
        event.flip = false;
    } else if body.get("isOnlineMeeting") != Some(&Value::Bool(true)) {
        if let Some(provider) = body.get("onlineMeetingProvider") {
            event.props["onlineMeetingProvider"] = if provider.is_null() { json!("unknown") } else { provider.clone() };
        }
        return Ok(());
    }
    let asked = body.get("onlineMeetingProvider").and_then(Value::as_str).filter(|it| *it != "unknown");
    let provider = asked.unwrap_or(&calendar.provider).to_string();
    event.props["onlineMeetingProvider"] = provider.as_str().into();
    if !calendar.providers.contains(&provider) {
        if world.quirks.silent_provider {
            return Ok(());
        }
        let message = format!(
            "The online meeting provider '{provider}' of the property 'onlineMeetingProvider' is not among the calendar's allowedOnlineMeetingProviders."
        );
        return refuse(400, "ErrorInvalidRequest", message);
    }
    event.props["isOnlineMeeting"] = true.into();
    if provider != "teamsForBusiness" || !organizer.licensed {
        return Ok(());
    }
    if let Some(url) = world.quirks.borrowed_link.then(|| body::join_link(event.props["body"].as_str()?)).flatten() {
        event.props["onlineMeeting"] = json!({"joinUrl": url});
        return Ok(());
    }
    connect(world, organizer, event)
}

/// Takes the link away from one date of a series whose text comes without the join block. Of dates that is not documented, and
/// assumed to be as with the series (event-update.md).
pub fn settle_occurrence(world: &World, props: &mut Map<String, Value>, body: &Map<String, Value>) {
    let url = props["onlineMeeting"]["joinUrl"].as_str().unwrap_or_default().to_string();
    let kept = world.quirks.no_block || body::has_block(props["body"].as_str().unwrap_or_default(), &url);
    if props["isOnlineMeeting"] == true && body.contains_key("body") && !url.is_empty() && !kept {
        props.insert("isOnlineMeeting".into(), false.into());
        props.insert("onlineMeeting".into(), Value::Null);
    }
}

/// Makes the meeting behind an event and writes the join block into its body.
fn connect(world: &mut World, organizer: &User, event: &mut Event) -> Outcome<()> {
    let (start, end) = (when::stored(&event.props["start"]).at, when::stored(&event.props["end"]).at);
    let meeting = make::make(world, organizer, event.props["subject"].clone(), start, end, Some(event.key));
    let link = make::link(&meeting);
    let options = meeting.props["meetingOptionsWebUrl"].as_str().unwrap_or_default();
    let block = body::block(link["joinUrl"].as_str().unwrap_or_default(), link["conferenceId"].as_str(), options);
    if !world.quirks.no_block {
        let kept = body::with_block(event.props["body"].as_str().unwrap_or_default(), &block);
        event.props["body"] = kept.into();
    }
    event.props["onlineMeeting"] = link;
    complete(world, event);
    event.meeting = Some(meeting.key);
    world.save(Record::Meeting(Box::new(meeting)))?;
    sync(world, event)
}

/// Adds what the service adds to the places of an online event.
fn complete(world: &World, event: &mut Event) {
    if world.quirks.teams_place && event.props["onlineMeeting"].is_object() {
        people::add_teams(&mut event.props);
    }
}

/// Returns an online event as it reads before its link shows.
pub fn unready(quirks: &Quirks, event: &Event) -> Event {
    let mut event = event.clone();
    if event.props["isOnlineMeeting"] != true {
        return event;
    }
    event.props["onlineMeeting"] = Value::Null;
    if quirks.late_block {
        event.props["body"] = body::without_block(event.props["body"].as_str().unwrap_or_default()).into();
        people::without_teams(&mut event.props);
    }
    event
}

/// Keeps the meeting behind an event in step with it: subject, times, kind and expiry (onlinemeeting.md).
fn sync(world: &mut World, event: &Event) -> Outcome<()> {
    let mailbox = world.mailbox(&event.user)?;
    let Some(mut meeting) = event.meeting.and_then(|key| mailbox.meetings.get(&key).cloned()) else {
        return Ok(());
    };
    let before = (meeting.props.clone(), meeting.expires);
    let (start, end) = (when::stored(&event.props["start"]).at, when::stored(&event.props["end"]).at);
    meeting.props["subject"] = event.props["subject"].clone();
    meeting.props["startDateTime"] = when::offset(start).into();
    meeting.props["endDateTime"] = when::offset(end).into();
    let series = Series::read(&event.props);
    meeting.props["meetingType"] = if series.is_some() { "recurring" } else { "scheduled" }.into();
    let last = series.map_or(Some(end), |it| it.end());
    let now = world.now();
    meeting.expires = last.map(|it| it.max(now).saturating_add(make::LIFE).unwrap_or(jiff::Timestamp::MAX));
    if (meeting.props.clone(), meeting.expires) == before {
        return Ok(());
    }
    world.save(Record::Meeting(Box::new(meeting)))
}
