//! From an Event's spec to Graph's own JSON, and every fault across fields that can be known offline.
//!
//! The schema has let the spec through, so that a value of a wrong type is none of this module's concern: it is passed
//! over, never a panic.

use crate::kind::event::graph_form::{on_its_clock, place, text, zoned};
use crate::kind::event::{View, attendees, caution, exceptions, recurrence, room, skip};
use crate::kind::times::{self, Grain, Moment};
use crate::kind::workspace::Defaults;
use crate::kind::{Exception, Expanded, Fault, mailbox, meeting_options, participants};
use jiff::civil::Date;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Turns the spec of an Event into Graph's JSON; the faults point into `spec`.
pub fn expand(spec: &Map<String, Value>, defaults: &Defaults) -> (Expanded, Vec<Fault>) {
    let mut faults = vec![];
    let is = |name: &str| spec.get(name) == Some(&Value::Bool(true));
    let organizer = mailbox::organizer(spec, defaults.organizer.as_deref(), &mut faults);
    let grain = if is("isAllDay") { Grain::Days } else { Grain::Minutes };
    let (start, end) = times::read(spec, defaults.time_zone.as_deref(), grain, &mut faults);
    let (mut own, mut notes) = (Map::with_capacity(spec.len() + 1), vec![]);
    for (name, value) in spec {
        let value = match name.as_str() {
            "organizer" | "calendar" | "attendeePolicy" | "duration" | "timeZone" | "meetingOptions" => continue,
            "exceptions" | "skip" => continue,
            "start" | "end" => continue, // set below: an end may come from a duration
            "recurrence" if !value.is_null() => recurrence::expand(value, start.as_ref(), &mut faults),
            "attendees" => attendees::expand(value, "/attendees", &mut faults),
            "location" => place(value),
            "locations" => value.as_array().into_iter().flatten().map(place).collect(),
            "body" => text(value, &mut notes, &mut faults),
            _ => value.clone(),
        };
        own.insert(name.clone(), value);
    }
    if let Some(place) = spec.get("location") {
        room::book(place, &mut own, &mut faults);
    }
    let repeats = own.get("recurrence").is_some_and(Value::is_object);
    for (name, at) in [("start", &start), ("end", &end)] {
        if let Some(at) = at {
            // A series is on the clock of its zone, where nothing can say which of the two is meant; a whole day has no time.
            let on_clock = repeats || grain == Grain::Days;
            own.insert(name.into(), if on_clock { on_its_clock(at) } else { zoned(at) });
            notes.extend(at.choice(name));
        }
    }
    if let (Some(series), Some(start), Some(end)) = (own.get("recurrence"), &start, &end) {
        recurrence::in_turn(spec, series, start, end, &mut faults);
    }
    notes.extend(start.as_ref().and_then(|start| caution::zone(View::of(&own), start, spec)));
    notes.extend(caution::rooms(View::of(&own)));
    if is("isOnlineMeeting")
        && let Some(provider) = &defaults.online_meeting_provider
    {
        own.entry("onlineMeetingProvider").or_insert(json!(provider));
    }
    online(spec, &mut faults);
    one_place(spec, &mut faults);
    let times = (start.as_ref(), end.as_ref(), grain);
    let (exceptions, days_off) = dates(spec, &own, times, defaults, &mut notes, &mut faults);
    let meeting = options(spec, &mut faults);
    notes.extend(meeting.get("participants").and_then(participants::many));
    let calendar = spec.get("calendar").and_then(Value::as_str).map(str::to_owned);
    let exclusive = spec.get("attendeePolicy").is_some_and(|policy| policy == "exclusive");
    let clock = start.or(end).map(|at| at.zone.name);
    let (own, meeting) = (own.into(), meeting.into());
    let expanded =
        Expanded { organizer, calendar, exclusive, clock, own, meeting, exceptions, notes, ..Expanded::default() };
    (Expanded { days_off, ..expanded }, faults)
}

/// The dates of a series that stand apart, and which of them are days off.
fn dates(
    spec: &Map<String, Value>,
    own: &Map<String, Value>,
    (start, end, grain): (Option<&Moment>, Option<&Moment>, Grain),
    defaults: &Defaults,
    notes: &mut Vec<String>,
    faults: &mut Vec<Fault>,
) -> (BTreeMap<Date, Exception>, BTreeMap<Date, String>) {
    let (recurrence, invited) = (own.get("recurrence").unwrap_or(&Value::Null), own.get("attendees"));
    let mut off = skip::expand(spec, recurrence, &defaults.days_off, faults);
    let mut exceptions = BTreeMap::new();
    if let (Some(list), Some(start), Some(end)) = (spec.get("exceptions"), start, end) {
        let default_zone = defaults.time_zone.as_deref();
        let series = exceptions::Series { spec, default_zone, recurrence, invited, off: &off, start, end, grain };
        (exceptions, *notes) = exceptions::expand(list, &series, std::mem::take(notes), faults);
    }
    // What is declared of a date goes before a day off.
    off.retain(|date, _| !exceptions.contains_key(date));
    exceptions.extend(off.keys().map(|date| (*date, Exception::Skipped)));
    (exceptions, off)
}

fn options(spec: &Map<String, Value>, faults: &mut Vec<Fault>) -> Map<String, Value> {
    let Some(Value::Object(options)) = spec.get("meetingOptions") else {
        return Map::new();
    };
    let mut meeting = meeting_options::expand(options);
    participants::need_list(options.get("participants"), options, faults);
    if let Some(list) = options.get("participants") {
        let list = participants::expand(list, "/meetingOptions/participants", Some(options), faults);
        meeting.insert("participants".into(), list);
    }
    meeting
}

fn one_place(spec: &Map<String, Value>, faults: &mut Vec<Fault>) {
    if spec.contains_key("location") && spec.contains_key("locations") {
        let message = "both `location` and `locations`, which Graph keeps as one";
        faults.push(Fault::new("/locations", message, "leave one of them out").and("/location"));
    }
}

/// What only an online event may have.
fn online(spec: &Map<String, Value>, faults: &mut Vec<Fault>) {
    let flag = spec.get("isOnlineMeeting");
    let offline = flag != Some(&Value::Bool(true));
    for name in ["onlineMeetingProvider", "meetingOptions"] {
        if offline && spec.contains_key(name) {
            let message = format!("`{name}` without `isOnlineMeeting: true`");
            let fault =
                Fault::new(&format!("/{name}"), message, "add `isOnlineMeeting: true`").about(&["isOnlineMeeting"]);
            faults.push(if flag.is_some() { fault.and("/isOnlineMeeting") } else { fault });
        }
    }
    let provider = spec.get("onlineMeetingProvider").and_then(Value::as_str);
    if let Some(provider) = provider.filter(|provider| *provider != "teamsForBusiness")
        && spec.contains_key("meetingOptions")
    {
        let message = format!("`meetingOptions` are options of a Teams meeting, not of `{provider}`");
        let hint = "leave them out, or write `onlineMeetingProvider: teamsForBusiness`";
        faults.push(Fault::new("/meetingOptions", message, hint).and("/onlineMeetingProvider"));
    }
}
