//! Manifests as an author may write them, at random: edits one after the other.

use super::{DEPUTY, ORGANIZER};
use fastrand::Rng;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const PEOPLE: [&str; 7] = [
    "adele@contoso.example",
    "lidia@fabrikam.example",
    "miriam@contoso.example",
    "Nestor@contoso.example",
    "alex@contoso.example",
    "room-baker@contoso.example",
    "grady@northwind.example",
];

/// Specs by name.
pub type Manifests = BTreeMap<String, Value>;

/// The manifests as text; JSON is YAML.
pub fn text(manifests: &Manifests) -> String {
    let document = |(name, spec): (&String, &Value)| {
        let (metadata, lifecycle) = (json!({"name": name}), json!({"onImmutable": "replace"}));
        json!({
            "apiVersion": "convoke.dev/v1", "kind": "Event", "metadata": metadata, "lifecycle": lifecycle, "spec": spec,
        })
        .to_string()
    };
    manifests.iter().map(document).collect::<Vec<_>>().join("\n---\n") + "\n"
}

/// Changes one thing of the manifests, or tries to, and says which.
pub fn edit(rng: &mut Rng, manifests: &mut Manifests) -> String {
    if manifests.len() < 3 || (manifests.len() < 9 && rng.u8(0..6) == 0) {
        let name = format!("e{}", rng.u16(..));
        manifests.insert(name.clone(), fresh(rng));
        return format!("made {name}");
    }
    let names: Vec<String> = manifests.keys().cloned().collect();
    let name = names[rng.usize(..names.len())].clone();
    if rng.u8(0..14) == 0 {
        manifests.remove(&name);
        return format!("removed {name}");
    }
    let spec = manifests.get_mut(&name).unwrap();
    let field = FIELDS[rng.usize(..FIELDS.len())];
    if rng.u8(0..8) == 0 && !["start", "recurrence", "isOnlineMeeting", "isAllDay"].contains(&field) {
        spec.as_object_mut().unwrap().shift_remove(field);
        return format!("{name}: left {field} out");
    }
    match field {
        "isOnlineMeeting" => {
            spec["isOnlineMeeting"] = json!(true);
        }
        "isAllDay" => whole_days(rng, spec),
        "start" => start(rng, spec),
        "recurrence" => recurrence(rng, spec),
        "exceptions" => exception(rng, spec),
        "attendees" => attendees(rng, spec),
        "meetingOptions" if spec["isOnlineMeeting"] == true => {
            spec["meetingOptions"] = json!({
                "lobbyBypassSettings": {"scope": one(rng, ["organization", "everyone", "invited"])},
                "allowMeetingChat": one(rng, ["enabled", "disabled", "limited"]),
            });
        }
        "meetingOptions" => {}
        "organizer" if rng.bool() => {}
        "organizer" => spec["organizer"] = json!(one(rng, [DEPUTY, ORGANIZER])),
        _ => spec[field] = value(rng, field),
    }
    format!("{name}: {field}")
}

const FIELDS: &[&str] = &[
    "subject",
    "subject",
    "start",
    "start",
    "recurrence",
    "recurrence",
    "exceptions",
    "exceptions",
    "exceptions",
    "exceptions",
    "attendees",
    "attendees",
    "attendees",
    "attendeePolicy",
    "body",
    "body",
    "location",
    "importance",
    "sensitivity",
    "categories",
    "showAs",
    "isReminderOn",
    "reminderMinutesBeforeStart",
    "hideAttendees",
    "responseRequested",
    "isOnlineMeeting",
    "meetingOptions",
    "meetingOptions",
    "isAllDay",
    "duration",
    "organizer",
];

pub fn one<T, const N: usize>(rng: &mut Rng, of: [T; N]) -> T {
    rng.choice(of).unwrap()
}

fn value(rng: &mut Rng, field: &str) -> Value {
    let words = ["Weekly", "Review", "Grüße & <b>Fragen</b>", "計画", "Planning: part 2"];
    match field {
        "subject" => json!(format!("{} {}", one(rng, words), rng.u8(..))),
        "attendeePolicy" => json!(one(rng, ["additive", "exclusive"])),
        "body" => match rng.u8(0..4) {
            0 => json!({"contentType": "text", "content": format!("Plain {}\nsecond line", rng.u8(..))}),
            1 => json!({"contentType": "html", "content": format!("<p>Hello <i>{}</i></p>", rng.u8(..))}),
            _ => {
                json!(format!("# Agenda {}\n\n* {}\n* [notes](https://contoso.example/n)", rng.u8(..), one(rng, words)))
            }
        },
        // Rooms are asked for their free times, which takes the twin long where many series are.
        "location" => match rng.u8(0..20) {
            0..5 => Value::Null,
            5 => json!({"displayName": "Room Baker", "locationEmailAddress": "room-baker@contoso.example"}),
            _ => json!(format!("Room {}", rng.u8(0..9))),
        },
        "importance" => json!(one(rng, ["low", "normal", "high"])),
        "sensitivity" => json!(one(rng, ["normal", "personal", "private"])),
        "categories" => json!([format!("Category {}", rng.u8(0..3)), "Training"]),
        "showAs" => json!(one(rng, ["free", "tentative", "busy", "oof"])),
        "reminderMinutesBeforeStart" => json!(rng.u8(0..60)),
        "duration" => json!(one(rng, ["30m", "45m", "1h", "1h 30m", "1d"])),
        _ => json!(rng.bool()),
    }
}

fn fresh(rng: &mut Rng) -> Value {
    let mut spec = json!({"subject": value(rng, "subject"), "duration": "45m", "isOnlineMeeting": rng.bool()});
    if spec["isOnlineMeeting"] == false {
        spec.as_object_mut().unwrap().shift_remove("isOnlineMeeting");
    }
    start(rng, &mut spec);
    for part in [recurrence, exception, exception, attendees, attendees] {
        if rng.bool() {
            part(rng, &mut spec);
        }
    }
    if rng.bool() {
        spec["body"] = value(rng, "body");
    }
    spec
}

/// Tuesdays around both clock changes of 2031.
fn start(rng: &mut Rng, spec: &mut Value) {
    let day = one(rng, ["2031-02-04", "2031-03-25", "2031-10-14", "2031-02-25", "2031-12-30"]);
    let time = one(rng, ["T10:00", "T00:30", "T09:15", "T23:30", "T16:45"]);
    let whole = spec["isAllDay"] == true;
    spec["start"] = json!(if whole { day.to_owned() } else { format!("{day}{time}") });
    if rng.u8(0..3) == 0 {
        let zones =
            ["Europe/Berlin", "America/Sao_Paulo", "America/New_York", "Asia/Kolkata", "Pacific Standard Time", "UTC"];
        spec["timeZone"] = json!(one(rng, zones));
    }
}

fn whole_days(rng: &mut Rng, spec: &mut Value) {
    let whole = rng.bool();
    spec["isAllDay"] = json!(whole);
    spec["duration"] = json!(if whole { one(rng, ["1d", "2d"]) } else { "45m" });
    start(rng, spec);
}

fn recurrence(rng: &mut Rng, spec: &mut Value) {
    if rng.u8(0..7) == 0 {
        spec["recurrence"] = Value::Null;
        spec.as_object_mut().unwrap().shift_remove("exceptions");
        return;
    }
    let patterns = [
        json!({"type": "weekly", "daysOfWeek": ["tuesday"]}),
        json!({"type": "weekly", "daysOfWeek": ["tuesday"]}),
        json!({"type": "weekly", "interval": 2, "daysOfWeek": ["tuesday", "thursday"], "firstDayOfWeek": "monday"}),
        json!({"type": "daily", "interval": 3}),
        json!({"type": "relativeMonthly", "daysOfWeek": ["tuesday"], "index": "last"}),
        json!({"type": "relativeMonthly", "daysOfWeek": ["tuesday"], "index": "first"}),
        json!({"type": "absoluteMonthly", "dayOfMonth": 25}),
        json!({"type": "absoluteYearly", "dayOfMonth": 4, "month": 2}),
        json!({"type": "relativeYearly", "daysOfWeek": ["tuesday"], "index": "last", "month": 12}),
    ];
    let ranges = [
        json!({"type": "noEnd"}),
        json!({"type": "numbered", "numberOfOccurrences": 12}),
        json!({"type": "endDate", "endDate": "2032-06-29"}),
    ];
    spec["recurrence"] = json!({"pattern": one(rng, patterns), "range": one(rng, ranges)});
}

/// Adds, changes or removes one exception, on a date that the series may have.
fn exception(rng: &mut Rng, spec: &mut Value) {
    let day = spec["start"].as_str().unwrap_or_default().get(..10).and_then(|it| it.parse::<jiff::civil::Date>().ok());
    let (Some(day), true) = (day, spec["recurrence"].is_object()) else { return };
    let weeks = rng.i64(0..8);
    let date = (day + jiff::Span::new().weeks(weeks)).to_string();
    let list = spec["exceptions"].as_array().cloned().unwrap_or_default();
    let mut list: Vec<Value> = list.into_iter().filter(|it| it["date"] != date).collect();
    let whole = spec["isAllDay"] == true;
    let other = (day + jiff::Span::new().weeks(weeks).days(rng.i64(-2..3))).to_string();
    let moved = if whole { other } else { format!("{other}T{:02}:30", rng.u8(4..20)) };
    let entry = match rng.u8(0..6) {
        0 => None,
        1 => Some(json!({"date": date, "cancel": true})),
        2 => Some(json!({"date": date, "subject": value(rng, "subject")})),
        3 => Some(json!({"date": date, "location": "Room 9", "start": moved})),
        4 => Some(json!({"date": date, "duration": if whole { "1d" } else { "2h" }})),
        _ => Some(json!({"date": date, "start": moved})),
    };
    list.extend(entry);
    spec["exceptions"] = json!(list);
}

fn attendees(rng: &mut Rng, spec: &mut Value) {
    let mut list = spec["attendees"].as_array().cloned().unwrap_or_default();
    let address = |it: &Value| it.as_str().or(it["address"].as_str()).unwrap_or_default().to_lowercase();
    let who = one(rng, PEOPLE);
    let there = list.iter().position(|it| address(it) == who.to_lowercase());
    let kind = one(rng, ["required", "optional", "optional"]);
    match there {
        Some(place) if rng.bool() => _ = list.remove(place),
        Some(place) => list[place] = json!({"address": who, "type": kind}),
        None => list.push(json!(who)),
    }
    spec["attendees"] = json!(list);
}
