//! Routes of standalone online meetings: create, createOrGet, look-ups, update and delete.
//!
//! There is no list of all meetings (onlinemeeting-get.md), no mail, no ETag and no recurrence. The path names the organizer by object id.

mod find;
pub mod make;
mod old_names;
mod people;
mod view;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

use crate::sandbox::{
    answer::{Answer, Outcome, no_method, no_route, refuse},
    ask::Ask,
    journal::Record,
    records::Meeting,
    strict::{self, Mode},
    user::{User, is_guid},
    when,
    world::World,
};

/// Answers `…/onlineMeetings/{rest}` of the user that the path names; `name` is `me` or what stood there.
pub fn route(world: &mut World, ask: &Ask, user: &User, name: &str, rest: &[String]) -> Outcome {
    if name != "me" && !is_guid(name) {
        let message =
            format!("Invalid user id '{name}': the path of an online meeting takes the object id of its organizer.");
        return refuse(400, "BadRequest", message);
    }
    // Delegated callers need no policy, applications do (cloud-communication-online-meeting-application-access-policy.md).
    if name != "me" && !user.policy {
        return refuse(
            403,
            "Forbidden",
            "No application access policy found for this app: it must be granted to the user.",
        );
    }
    if !user.licensed {
        return refuse(403, "Forbidden", "The user does not have a Teams licence.");
    }
    let method = ask.method.as_str();
    match (method, rest) {
        ("POST", []) => {
            let body = if ask.beta { old_names::modern(ask.object()?) } else { ask.object()?.clone() };
            // The page shows the channel only where a person signs in (application-post-onlinemeetings.md@2019-11, example 3).
            if name != "me" && body.contains_key("chatInfo") {
                return refuse(400, "BadRequest", "The property 'chatInfo' can be set only by a signed-in user.");
            }
            create(world, ask, user, body)
        }
        ("GET", []) => find::look_up(world, ask, user),
        ("POST", [action]) if action.eq_ignore_ascii_case("createOrGet") => create_or_get(world, ask, user),
        ("GET", [id]) => view::show(ask, &find::find(world, user, id, true)?, true).map(|it| Answer::json(200, it)),
        ("PATCH", [id]) => patch(world, ask, user, id),
        ("DELETE", [id]) => {
            let meeting = find::find(world, user, id, false)?;
            world.save(Record::MeetingGone { user: meeting.user, key: meeting.key })?;
            Ok(Answer::empty(204))
        }
        (_, [] | [_]) => Err(no_method(method)),
        (_, [_, more, ..]) => Err(no_route(more)),
    }
}

/// Answers the old creates, with the organizer in the body: `/communications/onlineMeetings`, `/app/onlineMeetings`
/// (application-post-onlinemeetings.md@2019-11), and the look-up of a video teleconference id.
pub fn legacy(world: &mut World, ask: &Ask, rest: &[String]) -> Outcome {
    match (ask.method.as_str(), rest) {
        ("POST", []) => {
            let mut body = old_names::modern(ask.object()?);
            let organizer =
                body.get_mut("participants").and_then(Value::as_object_mut).and_then(|it| it.remove("organizer"));
            let id = organizer.as_ref().and_then(|it| it["identity"]["user"]["id"].as_str());
            let Some(id) = id else {
                return refuse(
                    400,
                    "BadRequest",
                    "The property 'participants/organizer/identity/user/id' is required.",
                );
            };
            let user = world.user(id)?;
            if !user.policy {
                return refuse(
                    403,
                    "Forbidden",
                    "No application access policy found for this app: it must be granted to the user.",
                );
            }
            create(world, ask, &user, body)
        }
        ("GET", []) => {
            let Some((path, wanted)) = ask.option("$filter").map(find::equality).transpose()?.flatten() else {
                return refuse(400, "BadRequest", "Filter expression expected: VideoTeleconferenceId eq '{id}'.");
            };
            if !path.eq_ignore_ascii_case("VideoTeleconferenceId") {
                return refuse(400, "BadRequest", format!("Filter on '{path}' is not supported here."));
            }
            let mut all = world.boxes.values().flat_map(|it| it.meetings.values());
            let hit = all.find(|it| it.props["videoTeleconferenceId"] == wanted.as_str()).cloned();
            find::list(ask, hit)
        }
        (method, _) => Err(no_method(method)),
    }
}

fn create(world: &mut World, ask: &Ask, user: &User, body: Map<String, Value>) -> Outcome {
    // Only createOrGet takes an external id (msgraph-sdk-dotnet #1121, observed).
    if body.contains_key("externalId") {
        return refuse(400, "BadRequest", "The property 'externalId' cannot be set here: use createOrGet.");
    }
    let body = strict::check("onlineMeeting", &body, if ask.beta { Mode::BetaCreate } else { Mode::Create })?;
    people::same_organizer(user, body.get("participants").unwrap_or(&Value::Null))?;
    let setting = body.get("allowedPresenters").cloned().unwrap_or_else(|| json!("everyone"));
    people::presenters(&setting, &body)?;
    let meeting = born(world, user, &body)?;
    world.save(Record::Meeting(Box::new(meeting.clone())))?;
    Ok(Answer::json(201, view::show(ask, &meeting, true)?))
}

/// Makes a meeting with what a body says; times default to an hour from now (onlinemeeting-createorget.md).
fn born(world: &mut World, user: &User, body: &Map<String, Value>) -> Outcome<Meeting> {
    let time = |name: &str| body.get(name).and_then(Value::as_str).map(|it| when::instant(name, it)).transpose();
    let hour = SignedDuration::from_hours(1);
    let (start, end) = match (time("startDateTime")?, time("endDateTime")?) {
        (None, Some(_)) => {
            return refuse(400, "BadRequest", "The property 'startDateTime' is required when 'endDateTime' is given.");
        }
        (start, end) => {
            let start = start.unwrap_or_else(|| world.now());
            (start, end.unwrap_or(start + hour))
        }
    };
    in_order(start, end)?;
    let subject = body.get("subject").cloned().unwrap_or(Value::Null);
    let mut meeting = make::make(world, user, subject, start, end, None);
    if let Some(thread) = body.get("chatInfo").and_then(|it| it["threadId"].as_str()) {
        meeting.props["chatInfo"] =
            json!({"threadId": thread, "messageId": "1563302249053", "replyChainMessageId": null});
    }
    if let Some(asked) = body.get("joinMeetingIdSettings").and_then(|it| it["isPasscodeRequired"].as_bool()) {
        let settings = &mut meeting.props["joinMeetingIdSettings"];
        settings["isPasscodeRequired"] = asked.into();
        if !asked {
            settings["passcode"] = Value::Null;
        }
    }
    merge(world, &mut meeting, body);
    Ok(meeting)
}

fn in_order(start: Timestamp, end: Timestamp) -> Outcome<()> {
    match end < start {
        true => refuse(400, "BadRequest", "The property 'endDateTime' must not be before 'startDateTime'."),
        false => Ok(()),
    }
}

/// Puts a checked body into a meeting: objects are merged, lists replaced, times normalised (onlinemeeting-update.md).
fn merge(world: &World, meeting: &mut Meeting, body: &Map<String, Value>) {
    for (name, value) in body {
        match name.as_str() {
            "chatInfo" | "joinMeetingIdSettings" => {}
            "participants" => {
                if let Some(list) = value.get("attendees") {
                    meeting.props["participants"]["attendees"] = people::attendees(world, list);
                }
            }
            "startDateTime" | "endDateTime" => {
                if let Some(at) = value.as_str().and_then(|it| when::instant(name, it).ok()) {
                    meeting.props[name] = when::offset(at).into();
                }
            }
            _ => match (meeting.props.get_mut(name), value) {
                (Some(Value::Object(old)), Value::Object(new)) => old.extend(new.clone()),
                _ => _ = meeting.props.insert(name.clone(), value.clone()),
            },
        }
    }
}

fn create_or_get(world: &mut World, ask: &Ask, user: &User) -> Outcome {
    // Everything but the documented parameters is ignored (onlinemeeting-createorget.md; msgraph-sdk-dotnet #1121, observed).
    const TAKEN: [&str; 4] = ["subject", "startDateTime", "endDateTime", "participants"];
    let sent = ask.object()?;
    let external = match sent.get("externalId") {
        Some(Value::String(id)) if !id.is_empty() => id.clone(),
        _ => return refuse(400, "BadRequest", "The parameter 'externalId' is required."),
    };
    let now = world.now();
    let mailbox = world.mailbox(&user.id)?;
    let kept = mailbox.by_external.get(&external).and_then(|key| mailbox.meetings.get(key));
    if let Some(meeting) = kept.filter(|it| it.expires.is_none_or(|at| at > now)) {
        return Ok(Answer::json(200, view::show(ask, &meeting.clone(), true)?));
    }
    let taken =
        |(name, value): (&String, &Value)| TAKEN.contains(&name.as_str()).then(|| (name.clone(), value.clone()));
    let body: Map<String, Value> = sent.iter().filter_map(taken).collect();
    let body = strict::check("onlineMeeting", &body, Mode::Create)?;
    people::same_organizer(user, body.get("participants").unwrap_or(&Value::Null))?;
    let mut meeting = born(world, user, &body)?;
    meeting.external = Some(external);
    world.save(Record::Meeting(Box::new(meeting.clone())))?;
    Ok(Answer::json(201, view::show(ask, &meeting, true)?))
}

fn patch(world: &mut World, ask: &Ask, user: &User, id: &str) -> Outcome {
    let mut meeting = find::find(world, user, id, false)?;
    let sent = ask.object()?;
    if sent.contains_key("meetingType") {
        return refuse(400, "BadRequest", "Updating meeting type is not supported.");
    }
    if sent.contains_key("startDateTime") != sent.contains_key("endDateTime") {
        return refuse(400, "BadRequest", "The properties 'startDateTime' and 'endDateTime' must be updated together.");
    }
    people::same_organizer(user, sent.get("participants").unwrap_or(&Value::Null))?;
    let body = strict::check("onlineMeeting", sent, Mode::Update)?;
    let setting = body.get("allowedPresenters").unwrap_or(&meeting.props["allowedPresenters"]).clone();
    people::presenters(&setting, &body)?;
    merge(world, &mut meeting, &body);
    let time =
        |name: &str| meeting.props[name].as_str().and_then(|it| when::instant(name, it).ok()).unwrap_or(Timestamp::MIN);
    in_order(time("startDateTime"), time("endDateTime"))?;
    // An update gives another 60 days (onlinemeeting.md).
    let from = time("endDateTime").max(world.now());
    meeting.expires = meeting.expires.map(|_| from.saturating_add(make::LIFE).unwrap_or(Timestamp::MAX));
    world.save(Record::Meeting(Box::new(meeting.clone())))?;
    if ask.prefer.minimal {
        return Ok(Answer::empty(204).with("Preference-Applied", "return=minimal"));
    }
    Ok(Answer::json(200, view::show(ask, &meeting, true)?))
}
