//! Finds online meetings: by id, by join URL, by join meeting id. There is no list (onlinemeeting-get.md).

use serde_json::{Value, json};

use crate::sandbox::{
    answer::{Answer, Outcome, refusal, refuse},
    ask::Ask,
    filter::{self, Filter, Term},
    meeting::view,
    records::Meeting,
    user::User,
    world::World,
};

/// Finds a meeting by id: the organizer's, and for `invited` also one that the user is invited to (onlinemeeting-get.md).
pub fn find(world: &mut World, user: &User, id: &str, invited: bool) -> Outcome<Meeting> {
    let now = world.now();
    let alive = |it: &&Meeting| it.id == id && it.expires.is_none_or(|at| at > now);
    let own = world.mailbox(&user.id)?.meetings.values().find(alive).cloned();
    let guest = |it: &Meeting| {
        let list = it.props["participants"]["attendees"].as_array().map(Vec::as_slice).unwrap_or_default();
        list.iter().any(|it| it["identity"]["user"]["id"] == user.id.as_str())
    };
    let other = || world.boxes.values().flat_map(|it| it.meetings.values()).filter(alive).find(|it| guest(it)).cloned();
    let found = own.or_else(|| invited.then(other).flatten());
    found.ok_or_else(|| refusal(404, "NotFound", "The meeting with this id was not found."))
}

/// Answers the look-ups by join URL and by join meeting id; anything else is not a list (onlinemeeting-get.md).
pub fn look_up(world: &mut World, ask: &Ask, user: &User) -> Outcome {
    let equal = ask.option("$filter").map(equality).transpose()?.flatten();
    let Some((path, wanted)) = equal else {
        let message =
            "Online meetings cannot be listed: filter on JoinWebUrl, or on joinMeetingIdSettings/joinMeetingId.";
        return refuse(400, "BadRequest", message);
    };
    let (now, late, miss_is_404) = (world.now(), world.quirks.late_look_up, world.quirks.miss_is_404);
    let found = match path.to_ascii_lowercase().as_str() {
        "joinweburl" => {
            // A URL that was encoded only once arrives with its own escapes gone (Teams-Transcript-Summariser #2, observed).
            if !wanted.starts_with("https://") || !wanted.contains('%') {
                return refuse(400, "BadRequest", "1026: An error has occurred.");
            }
            let key = world.mailbox(&user.id)?.by_url.get(&wanted).copied();
            if key.is_none() && world.boxes.values().any(|it| it.by_url.contains_key(&wanted)) {
                return refuse(403, "Forbidden", "The user is not the organizer of this meeting.");
            }
            let mailbox = world.mailbox(&user.id)?;
            let meeting = key.and_then(|key| mailbox.meetings.get_mut(&key));
            meeting.and_then(|it| {
                it.looked += 1;
                (it.looked > late).then(|| it.clone())
            })
        }
        "joinmeetingidsettings/joinmeetingid" => {
            let hit = |it: &&Meeting| it.props["joinMeetingIdSettings"]["joinMeetingId"] == wanted.as_str();
            world.mailbox(&user.id)?.meetings.values().find(hit).cloned()
        }
        _ => {
            return refuse(400, "BadRequest", format!("Filter on '{path}' is not supported for online meetings."));
        }
    };
    let found = found.filter(|it| it.expires.is_none_or(|at| at > now));
    if found.is_none() && miss_is_404 {
        return refuse(404, "NotFound", "The meeting was not found.");
    }
    list(ask, found)
}

/// Answers a collection of none or one.
pub fn list(ask: &Ask, found: Option<Meeting>) -> Outcome {
    let value = found.iter().map(|it| view::show(ask, it, false)).collect::<Outcome<Vec<_>>>()?;
    let context = format!("{}/$metadata#onlineMeetings", ask.root);
    Ok(Answer::json(200, json!({"@odata.context": context, "value": value})))
}

/// Reads a filter that is one equality of a path and a string.
pub fn equality(text: &str) -> Outcome<Option<(String, String)>> {
    Ok(match filter::parse(text)? {
        Filter::Test(op, Term::Path(path), Term::Is(Value::String(value))) if op == "eq" => {
            Some((path.join("/"), value))
        }
        _ => None,
    })
}
