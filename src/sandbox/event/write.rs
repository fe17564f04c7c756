//! What a checked body makes of an event: defaults, mirrors, times. The join link is settled in `online`.
//!
//! Shared by create and update. It sends no mail and decides no status code of its own beyond refusals.

use serde_json::{Map, Value, json};

use crate::sandbox::{
    AllDay,
    answer::{Outcome, refuse},
    body,
    event::{people, series},
    when::{self, Moment},
    world::World,
};

/// Properties that are kept as sent, with what null or absence means (event.md).
fn plain() -> [(&'static str, Value); 10] {
    [
        ("subject", Value::Null),
        ("importance", json!("normal")),
        ("sensitivity", json!("normal")),
        ("showAs", json!("busy")),
        ("isReminderOn", json!(true)),
        ("reminderMinutesBeforeStart", json!(15)),
        ("responseRequested", json!(true)),
        ("allowNewTimeProposals", json!(true)),
        ("hideAttendees", json!(false)),
        ("categories", json!([])),
    ]
}

/// Returns the properties of an event before anything was said of it.
pub fn blank() -> Map<String, Value> {
    let mut props: Map<String, Value> = plain().into_iter().map(|(name, value)| (name.to_string(), value)).collect();
    props.insert("isAllDay".into(), false.into());
    props.insert("body".into(), body::keep(&json!({})).into());
    props.insert("isOnlineMeeting".into(), false.into());
    props.insert("onlineMeetingProvider".into(), "unknown".into());
    props.insert("onlineMeeting".into(), Value::Null);
    props.insert("recurrence".into(), Value::Null);
    props.insert("attendees".into(), json!([]));
    people::places(&mut props, &Map::from_iter([("location".to_string(), Value::Null)]));
    props
}

/// Puts everything but the online meeting into the properties: of an event, or of one occurrence.
pub fn apply(world: &World, props: &mut Map<String, Value>, body: &Map<String, Value>) -> Outcome<()> {
    for (name, default) in plain() {
        if let Some(value) = body.get(name) {
            props.insert(name.into(), if value.is_null() { default } else { value.clone() });
        }
    }
    let moved = times(world, props, body)?;
    if let Some(attendees) = body.get("attendees") {
        people::check(attendees)?;
        let kept = people::attendees(world, attendees, props.get("attendees").unwrap_or(&Value::Null), moved);
        props.insert("attendees".into(), kept);
    } else if moved && props.contains_key("attendees") {
        let kept = people::attendees(world, &props["attendees"], &Value::Null, true);
        props.insert("attendees".into(), kept);
    }
    people::places(props, body);
    if let Some(sent) = body.get("body") {
        props.insert("body".into(), body::keep(sent).into());
    }
    Ok(())
}

/// Puts start, end, isAllDay and recurrence in; tells whether the time changed, which resets answers.
fn times(world: &World, props: &mut Map<String, Value>, body: &Map<String, Value>) -> Outcome<bool> {
    let touched = ["start", "end", "isAllDay", "recurrence"].iter().any(|it| body.contains_key(*it));
    if !touched {
        return Ok(false);
    }
    let before = props.clone();
    for name in ["start", "end"] {
        put_time(props, body, name)?;
    }
    if let Some(all_day) = body.get("isAllDay") {
        props.insert("isAllDay".into(), all_day.as_bool().unwrap_or(false).into());
    }
    put_recurrence(props, body)?;
    check_order(props)?;
    Ok(before.contains_key("start") && moved(world, &before, props))
}

/// Puts start or end in, which an event has from its creation on.
fn put_time(props: &mut Map<String, Value>, body: &Map<String, Value>, name: &str) -> Outcome<()> {
    match body.get(name) {
        Some(sent @ Value::Object(_)) => {
            let moment = when::moment(name, sent)?;
            props.insert(name.into(), moment.store());
            let zone = if name == "start" { "originalStartTimeZone" } else { "originalEndTimeZone" };
            props.insert(zone.into(), moment.zone.windows.into());
            Ok(())
        }
        Some(_) => refuse(400, "ErrorPropertyValidationFailure", format!("The property '{name}' cannot be null.")),
        None if !props.contains_key(name) => {
            refuse(400, "ErrorPropertyValidationFailure", format!("The property '{name}' is required."))
        }
        None => Ok(()),
    }
}

/// Puts the recurrence in, sent or kept, by the times that are there already.
fn put_recurrence(props: &mut Map<String, Value>, body: &Map<String, Value>) -> Outcome<()> {
    let sent = body.get("recurrence").or(props.get("recurrence")).unwrap_or(&Value::Null);
    if !sent.is_object() {
        if body.contains_key("recurrence") {
            props.insert("recurrence".into(), Value::Null);
        }
        return Ok(());
    }
    let mut sent = sent.clone();
    // Series are kept at whole minutes (compass-calendar #3665, observed).
    for name in ["start", "end"] {
        let moment = when::stored(&props[name]);
        let wall = moment.wall.with().second(0).subsec_nanosecond(0).build().unwrap_or(moment.wall);
        props.insert(name.into(), Moment::new(wall, moment.zone).store());
    }
    let start = when::stored(&props["start"]);
    if body.get("recurrence").is_none() {
        // A moved series goes on from its new first day.
        sent["range"]["startDate"] = start.wall.date().to_string().into();
        sent["range"]["recurrenceTimeZone"] = start.zone.windows.into();
    }
    props.insert("recurrence".into(), series::keep(&sent, &start)?);
    Ok(())
}

/// Refuses an end before the start, and an all-day event that is not of whole days.
fn check_order(props: &Map<String, Value>) -> Outcome<()> {
    let (start, end) = (when::stored(&props["start"]), when::stored(&props["end"]));
    if end.at < start.at {
        return refuse(
            400,
            "ErrorCalendarEndDateIsEarlierThanStartDate",
            "The property 'end' must not be before 'start'.",
        );
    }
    if props.get("isAllDay") == Some(&Value::Bool(true)) {
        let midnight = |it: &Moment| it.wall.time() == jiff::civil::Time::midnight();
        if !midnight(&start) || !midnight(&end) || start.zone.windows != end.zone.windows || end.at == start.at {
            let message = "The Event.Start and Event.End properties of an all-day event ('isAllDay') must be midnight in the same time zone, and at least a day apart.";
            return refuse(400, "ErrorInvalidRequest", message);
        }
    }
    Ok(())
}

/// Tells whether the times of an event changed: the same instants in another zone are the same, a new pattern is not.
///
/// Where all-day events float, it is their days that count.
pub fn moved(world: &World, before: &Map<String, Value>, after: &Map<String, Value>) -> bool {
    let float = world.quirks.all_day == AllDay::Float;
    let at = |props: &Map<String, Value>, name: &str| match float && props["isAllDay"] == true {
        true => when::stored(&props[name]).wall.to_string(),
        false => when::stored(&props[name]).at.to_string(),
    };
    let pattern = |props: &Map<String, Value>| {
        let mut recurrence = props.get("recurrence").filter(|it| !it.is_null()).cloned();
        if let Some(range) = recurrence.as_mut().filter(|_| float && props["isAllDay"] == true) {
            range["range"]["recurrenceTimeZone"] = Value::Null;
        }
        recurrence
    };
    ["start", "end"].iter().any(|it| at(before, it) != at(after, it)) || pattern(before) != pattern(after)
}

/// Puts extended properties in (singlevaluelegacyextendedproperty-post-singlevalueextendedproperties.md).
pub fn extend(kept: &mut std::collections::BTreeMap<String, String>, body: &Map<String, Value>) -> Outcome<()> {
    for entry in body.get("singleValueExtendedProperties").and_then(Value::as_array).into_iter().flatten() {
        let id = entry["id"].as_str().unwrap_or_default();
        if !extended_id(id) {
            return refuse(
                400,
                "ErrorInvalidExtendedProperty",
                format!("The extended property id '{id}' is not valid."),
            );
        }
        match entry["value"].as_str() {
            Some(value) => _ = kept.insert(id.into(), value.into()),
            None => _ = kept.remove(id),
        }
    }
    Ok(())
}

/// `String {GUID} Name x`, `Integer {GUID} Id 0x8012` or `String 0x4001001E`.
fn extended_id(id: &str) -> bool {
    const TYPES: [&str; 12] = [
        "Boolean",
        "Binary",
        "Currency",
        "ApplicationTime",
        "Double",
        "Float",
        "Integer",
        "Long",
        "Short",
        "String",
        "SystemTime",
        "CLSID",
    ];
    let mut parts = id.splitn(4, ' ');
    let (kind, second) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let (third, fourth) = (parts.next(), parts.next());
    let guid = second.strip_prefix('{').and_then(|it| it.strip_suffix('}')).is_some_and(crate::sandbox::user::is_guid);
    let set = guid && matches!(third, Some("Name" | "Id")) && fourth.is_some_and(|it| !it.is_empty());
    TYPES.contains(&kind) && (set || (second.starts_with("0x") && third.is_none()))
}
