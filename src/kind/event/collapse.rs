//! From a live event back to the short forms of a spec: what somebody made by hand, as an author would write it.
//!
//! What Graph sets by itself is left out, since what is left out is not ours; so is what cannot be told from the live event alone.

use crate::kind::compare::{Compare, canonical};
use crate::kind::event::attendee::Attendee;
use crate::kind::event::{KIND, View};
use crate::kind::{Field, Home, Read};
use crate::when;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// A live event in short forms.
#[derive(Debug, Default, PartialEq)]
pub struct Collapsed {
    /// What stands under `spec`.
    pub spec: Map<String, Value>,
    /// What is left out though it is there, and why: a sentence each.
    pub left_out: Vec<String>,
}

/// What names the zone of the times, unless the workspace does.
pub const TIME_ZONE: &str = "timeZone";

/// What makes an event an online one.
const ONLINE: &str = "isOnlineMeeting";

/// What Outlook sets for everybody: minutes before the start.
const REMINDER: i64 = 15;

/// Where an event lives, as far as a manifest must say it.
#[derive(Clone, Copy, Default)]
pub struct Whose<'a> {
    /// Its mailbox, if that is not the usual one.
    pub organizer: Option<&'a str>,
    /// Its calendar, if that is not the default one.
    pub calendar: Option<&'a str>,
}

/// Returns a live event in short forms. `exceptions` are its dates that stand apart, in the zone of the series; a skipped one has no
/// properties.
pub fn collapse(
    whose: Whose,
    own: &Map<String, Value>,
    exceptions: &BTreeMap<Date, Option<Map<String, Value>>>,
) -> Collapsed {
    let (event, mut all) = (View::of(own), Collapsed::default());
    for (name, value) in [("organizer", whose.organizer), ("calendar", whose.calendar)] {
        all.spec.extend(value.map(|value| (name.to_owned(), json!(value))));
    }
    let (zone, name) = clock(event);
    times(event, &zone, name, &mut all.spec);
    let rows = KIND.fields().filter(|it| it.home == Home::Own && it.is_declared() && it.read == Read::Always);
    for field in rows.filter(|it| !it.new_time || it.compare == Compare::Recurrence) {
        let Some(value) = own.get(field.name).filter(|it| !is_empty(it)) else { continue };
        let written = match field.compare {
            Compare::Recurrence => Some(recurrence(value, &all.spec, name)),
            Compare::People => attendees(event, &mut all.left_out),
            Compare::Place => place(field, value, event, &mut all.left_out),
            _ if is_usual(field, value, own) => None,
            _ => Some(value.clone()),
        };
        all.spec.extend(written.map(|value| (field.name.to_owned(), value)));
    }
    online(event, &mut all);
    let dates: Vec<Value> =
        exceptions.iter().filter_map(|(date, apart)| exception(event, *date, apart.as_ref(), &zone)).collect();
    if !dates.is_empty() {
        all.spec.insert("exceptions".into(), dates.into());
    }
    all.left_out.push("`body`: the text stays as it is".into());
    if event.is_teams() {
        all.left_out.push("`meetingOptions`: the options of its Teams meeting stay as they are".into());
    }
    all
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Object(members) => members.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

/// Whether a value is what Graph, or Outlook for everybody, sets by itself.
fn is_usual(field: &Field, value: &Value, own: &Map<String, Value>) -> bool {
    let usual = field.default.map(|it| it.value()).or(match field.name {
        "isReminderOn" => Some(true.into()),
        "reminderMinutesBeforeStart" => Some(REMINDER.into()),
        _ => None,
    });
    let silent = field.name == "reminderMinutesBeforeStart" && own.get("isReminderOn") == Some(&Value::Bool(false));
    silent || usual.as_ref() == Some(value)
}

/// The zone that the author meant, as far as it is known.
fn clock(event: View<'_>) -> (TimeZone, &str) {
    let series = event.series_zone_name().and_then(|name| Some((when::zone(name)?, name)));
    series.unwrap_or_else(|| event.clock())
}

fn times(event: View, zone: &TimeZone, name: &str, spec: &mut Map<String, Value>) {
    if event.is_all_day() {
        let days = event.days(name).unwrap_or_default();
        for side in ["start", "end"] {
            let day = days.get(side).and_then(|it| it["dateTime"].as_str()?.get(..10));
            spec.extend(day.map(|day| (side.to_owned(), json!(day))));
        }
        spec.insert("isAllDay".into(), true.into());
    } else {
        for (side, at) in [("start", event.start()), ("end", event.end())] {
            let local = at.map(|at| written(at.to_zoned(zone.clone()).datetime()));
            spec.extend(local.map(|local| (side.to_owned(), local)));
        }
    }
    spec.insert(TIME_ZONE.into(), name.into());
}

/// A local time as authors write it.
fn written(at: DateTime) -> Value {
    at.strftime(if at.second() == 0 { "%Y-%m-%dT%H:%M" } else { "%Y-%m-%dT%H:%M:%S" }).to_string().into()
}

/// The pattern and the range, without what follows from start and zone.
fn recurrence(value: &Value, spec: &Map<String, Value>, zone: &str) -> Value {
    let mut short = canonical(Compare::Recurrence, value).into_owned();
    let first = spec.get("start").and_then(Value::as_str).and_then(|start| start.get(..10)).map(str::to_owned);
    if let Some(range) = short.get_mut("range").and_then(Value::as_object_mut) {
        if range.get("startDate").and_then(Value::as_str) == first.as_deref() {
            range.shift_remove("startDate");
        }
        if range.get("recurrenceTimeZone").and_then(Value::as_str).is_some_and(|it| same_zone(it, zone)) {
            range.shift_remove("recurrenceTimeZone");
        }
    }
    short
}

/// Whether two names mean one zone of Graph's.
pub fn same_zone(one: &str, other: &str) -> bool {
    one == other || when::name_in_graph(one).is_some_and(|it| when::name_in_graph(other) == Some(it))
}

/// Leaves out what makes no online meeting.
fn online(event: View, all: &mut Collapsed) {
    let lost = event.is_teams() && event.join_url().is_none();
    if lost {
        all.spec.shift_remove(ONLINE);
        all.left_out.push(format!("`{ONLINE}`: it has no join link, so that nobody can join it online"));
    }
    if lost || !event.is_online() {
        all.spec.shift_remove("onlineMeetingProvider");
    }
}

/// Everybody but the organizer, in the order of the event.
fn attendees(event: View, left_out: &mut Vec<String>) -> Option<Value> {
    let organizer = event.organizer();
    let one = |it: Attendee| {
        let address = it.address()?;
        if organizer.as_ref() == Some(&address) {
            return None;
        }
        Some(match it.role() {
            None | Some("required") => json!(address),
            Some(role) => json!({"address": address, "type": role}),
        })
    };
    let (good, odd): (Vec<_>, Vec<_>) =
        event.attendees().partition(|it| it.address().is_some_and(|it| it.contains('@')));
    if !odd.is_empty() {
        left_out.push("some of `attendees`: they have no address of e-mail, and stay invited".into());
    }
    let list: Vec<Value> = good.into_iter().filter_map(one).collect();
    (!list.is_empty()).then(|| list.into())
}

/// The place by its name; of several, and of one that the service wrote, nothing is said.
fn place(field: &Field, value: &Value, event: View, left_out: &mut Vec<String>) -> Option<Value> {
    if value.is_array() {
        let several = value.as_array().is_some_and(|all| all.len() > 1);
        left_out.extend(several.then(|| format!("`{}`: it has several, which stay", field.name)));
        return None;
    }
    let name = value["displayName"].as_str().filter(|name| !name.is_empty())?;
    let services = event.is_online() && name.starts_with("Microsoft Teams");
    // Several stand in one name, with semicolons between them.
    (!services && !name.contains(';')).then(|| json!(name))
}

/// One date that stands apart from its series, if what is apart can be declared.
fn exception(series: View, date: Date, own: Option<&Map<String, Value>>, zone: &TimeZone) -> Option<Value> {
    let Some(own) = own else { return Some(json!({"date": date.to_string(), "cancel": true})) };
    let mut entry = Map::from_iter([("date".to_owned(), json!(date.to_string()))]);
    let (event, local) = (View::of(own), |at: jiff::Timestamp| at.to_zoned(zone.clone()).datetime());
    let (start, end, first, last) = (event.start()?, event.end()?, series.start()?, series.end()?);
    if !series.is_all_day() {
        let moved = local(start) != date.to_datetime(local(first).time());
        if moved {
            entry.insert("start".into(), written(local(start)));
        }
        if end.duration_since(start) != last.duration_since(first) {
            entry.insert("end".into(), written(local(end)));
        }
    }
    let other = |text: Option<&str>, usual: Option<&str>| {
        text.filter(|it| Some(*it) != usual && !it.is_empty()).map(|it| json!(it))
    };
    let place = |own: View<'_>| own.place_name().map(str::to_owned);
    entry.extend(other(event.subject(), series.subject()).map(|it| ("subject".to_owned(), it)));
    entry.extend(other(place(event).as_deref(), place(series).as_deref()).map(|it| ("location".to_owned(), it)));
    (entry.len() > 1).then(|| entry.into())
}
