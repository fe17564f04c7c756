//! From a live event back to the short forms of a spec: what somebody made by hand, as an author would write it.
//!
//! What Graph sets by itself is left out, since what is left out is not ours; so is what cannot be told from the live event alone.

use crate::kind::compare::{Compare, canonical};
use crate::kind::event::attendee::Attendee;
use crate::kind::event::{KIND, View};
use crate::kind::{Field, Home, Read, body, meeting_options, participants};
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

/// Where the dates of a series stand that differ from it.
pub const EXCEPTIONS: &str = "exceptions";

/// What makes an event an online one.
const ONLINE: &str = "isOnlineMeeting";

/// Where an event lives, as far as a manifest must say it.
#[derive(Clone, Copy, Default)]
pub struct Whose<'a> {
    /// Its mailbox, if that is not the usual one.
    pub organizer: Option<&'a str>,
    /// Its calendar, if that is not the default one.
    pub calendar: Option<&'a str>,
}

/// What is known of the Teams meeting behind an event.
#[derive(Clone, Copy)]
pub enum Behind<'a> {
    /// It has none, or none that is found.
    Nothing,
    /// Graph's JSON of it.
    Read(&'a Map<String, Value>),
    /// It could not be read, for this reason.
    Unread(&'a str),
}

/// Returns a live event in short forms. `exceptions` are its dates that stand apart, in the zone of the series; a skipped one has no
/// properties.
pub fn collapse(
    whose: Whose,
    own: &Map<String, Value>,
    behind: Behind,
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
    apart(event, exceptions, &zone, &mut all);
    match body::collapse(own, event.join_url()) {
        Ok(text) => all.spec.extend(text.map(|it| ("body".to_owned(), it))),
        Err(why) => all.left_out.push(format!("`body`: {why}; it stays as it is")),
    }
    options(behind, &mut all);
    all
}

/// The options of the Teams meeting behind an event.
fn options(behind: Behind, all: &mut Collapsed) {
    match behind {
        _ if !all.spec.contains_key(ONLINE) => {}
        Behind::Nothing => {}
        Behind::Unread(why) => {
            all.left_out.push(format!("`meetingOptions`: they could not be read, and stay as they are: {why}"));
        }
        Behind::Read(meeting) => {
            let mut options = meeting_options::collapse(meeting);
            options.extend(participants::collapse(meeting).map(|list| ("participants".to_owned(), list)));
            if !options.is_empty() {
                all.spec.insert("meetingOptions".into(), options.into());
            }
        }
    }
}

/// The dates of a series that stand apart from it.
fn apart(series: View, dates: &BTreeMap<Date, Option<Map<String, Value>>>, zone: &TimeZone, all: &mut Collapsed) {
    let mut entries = vec![];
    for (date, own) in dates {
        match exception(series, *date, own.as_ref(), zone) {
            Some(entry) => entries.push(entry),
            None => all.left_out.push(format!("what is of its own on {date}: a manifest cannot say it; it stays")),
        }
    }
    if !entries.is_empty() {
        all.spec.insert(EXCEPTIONS.into(), entries.into());
    }
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
    let silent = field.name == "reminderMinutesBeforeStart" && own.get("isReminderOn") == Some(&Value::Bool(false));
    silent || field.is_usual(value)
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
    if series.is_all_day() {
        let day = |own: View<'_>, side: &str| {
            let days = own.days("UTC")?;
            days.get(side)?["dateTime"].as_str()?.get(..10)?.parse::<Date>().ok()
        };
        let (start, end, first, last) =
            (day(event, "start")?, day(event, "end")?, day(series, "start")?, day(series, "end")?);
        let longer = end.since(start).ok()?.get_days() != last.since(first).ok()?.get_days();
        entry.extend((start != date).then(|| ("start".to_owned(), json!(start.to_string()))));
        entry.extend(longer.then(|| ("end".to_owned(), json!(end.to_string()))));
    } else {
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
    let listed = own.contains_key("attendees").then(|| guests(event, series)).flatten();
    entry.extend(listed.map(|it| ("attendees".to_owned(), it)));
    entry.extend(own_text(own, series).map(|it| ("body".to_owned(), it)));
    (entry.len() > 1).then(|| entry.into())
}

/// Who is invited to one date besides those of its series, or otherwise, and who is not.
fn guests(date: View, series: View) -> Option<Value> {
    let list = |event: View| {
        let written = attendees(event, &mut vec![])?;
        let address = |it: &Value| it.as_str().or_else(|| it["address"].as_str()).unwrap_or_default().to_owned();
        let entries = written.as_array()?.iter().map(|it| (address(it), it.clone()));
        Some(entries.collect::<BTreeMap<String, Value>>())
    };
    // Whoever organizes the series stands in the list of a date as well.
    let (mut here, usual) = (list(date).unwrap_or_default(), list(series).unwrap_or_default());
    here.retain(|address, _| series.organizer().as_ref() != Some(address));
    let added: Vec<&Value> =
        here.iter().filter(|(address, it)| usual.get(*address) != Some(*it)).map(|it| it.1).collect();
    let left_out: Vec<&String> = usual.keys().filter(|address| !here.contains_key(*address)).collect();
    let mut said = Map::new();
    said.extend((!added.is_empty()).then(|| ("add".to_owned(), json!(added))));
    said.extend((!left_out.is_empty()).then(|| ("remove".to_owned(), json!(left_out))));
    (!said.is_empty()).then(|| said.into())
}

/// The words of a date that has others than its series; of its form nothing is known.
fn own_text(date: &Map<String, Value>, series: View) -> Option<Value> {
    let words = date.get("body").filter(|it| it["content"].as_str().is_some_and(|it| !it.trim().is_empty()))?;
    let usual = series.body().map(|it| body::words(it, series.join_url()));
    (usual.as_ref() != Some(words)).then(|| words.clone())
}
