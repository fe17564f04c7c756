//! Exceptions of a series: single dates that are skipped, moved, named otherwise, held elsewhere or with others.
//!
//! An occurrence is called by the date that the series gives it, wherever it is moved to. Offline one can know whether the
//! series has that date, and whether a moved occurrence crosses its neighbours, which Graph refuses (event-update.md).

use crate::kind::event::graph_form::{place, text, zoned};
use crate::kind::event::guests::{self, Guests};
use crate::kind::event::room;
use crate::kind::event::shape::{Body, Location};
use crate::kind::times::{self, Grain, LocalTime, Moment};
use crate::kind::{Exception, Fault};
use crate::{recurrence, when};
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use schemars::JsonSchema;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// An exception of a series.
#[expect(dead_code, reason = "documented shapes: only their schema is used")]
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct EventException {
    /// The date that the series gives the occurrence.
    #[schemars(example = &"2026-12-22", extend("format" = "date"))]
    pub date: String,
    /// Whether it is skipped. Its attendees get a cancellation, and Graph cannot bring it back.
    #[schemars(example = true)]
    pub cancel: Option<bool>,
    /// When it starts instead. It may not move to or past the day of the occurrence before or after it.
    #[schemars(example = &"2027-01-06T14:00")]
    #[schemars(extend("x-hint" = "write local time, such as `2027-01-06T14:00`"))]
    pub start: Option<LocalTime>,
    /// When it ends instead. If neither `end` nor `duration` is given, it lasts as long as the others.
    #[schemars(example = &"2027-01-06T15:00")]
    #[schemars(extend("x-hint" = "write local time, such as `2027-01-06T15:00`"))]
    pub end: Option<LocalTime>,
    /// How long it lasts, instead of `end`.
    #[schemars(example = &"90m", extend("x-form" = "duration"))]
    #[schemars(extend("x-hint" = "write `45m`, `1h 30m` or `2d`"))]
    pub duration: Option<String>,
    /// Its own title.
    #[schemars(example = &"Platform weekly: year in review", length(max = 255))]
    pub subject: Option<String>,
    /// Where it takes place instead.
    #[schemars(example = &"Room Nebula")]
    pub location: Option<Location>,
    /// Who is invited on that date besides those of the series, and who is not.
    #[schemars(example = json!({"add": ["candidate@fabrikam.example"], "remove": ["lee@contoso.example"]}))]
    pub attendees: Option<Guests>,
    /// Its own text, instead of the one of the series. Plain text is Markdown.
    #[schemars(example = &"Agenda: **year in review**")]
    pub body: Option<Body>,
}

/// What an exception needs to know of its series.
pub struct Series<'a> {
    pub spec: &'a Map<String, Value>,
    pub default_zone: Option<&'a str>,
    /// Graph's form of it; null where the event does not repeat.
    pub recurrence: &'a Value,
    /// Graph's form of its attendees, where it says who they are.
    pub invited: Option<&'a Value>,
    /// Its days off.
    pub off: &'a BTreeMap<Date, String>,
    pub start: &'a Moment,
    pub end: &'a Moment,
    pub grain: Grain,
}

/// An entry of the list, read.
struct Entry {
    /// Its place in the list.
    index: usize,
    exception: Exception,
    /// The day it is moved to, in the zone of the series.
    day: Option<Date>,
}

/// Turns the exceptions of a spec into Graph's properties of each occurrence, by date.
///
/// `notes` are those of the event so far; they come back with those of its exceptions.
pub fn expand(
    list: &Value,
    series: &Series,
    mut notes: Vec<String>,
    faults: &mut Vec<Fault>,
) -> (BTreeMap<Date, Exception>, Vec<String>) {
    let list = list.as_array().map_or(&[][..], Vec::as_slice);
    if !series.recurrence.is_object() {
        // One that was refused has its own fault.
        if !list.is_empty() && series.spec.get("recurrence").is_none_or(Value::is_null) {
            let hint = "add `recurrence`, or leave `exceptions` out";
            let fault = Fault::new("/exceptions", "exceptions of an event that does not repeat", hint);
            faults.push(fault.about(&["recurrence"]));
        }
        return (BTreeMap::new(), notes);
    }
    let mut entries: BTreeMap<Date, Entry> = BTreeMap::new();
    for (index, entry) in list.iter().enumerate() {
        let at = format!("/exceptions/{index}/date");
        let Some(text) = entry.get("date").and_then(Value::as_str) else { continue };
        let date = match when::date(text) {
            Ok(date) => date,
            Err(message) => {
                faults.push(Fault::new(&at, message, "write a date, such as `2026-12-22`"));
                continue;
            }
        };
        if let Some(first) = entries.get(&date) {
            let fault =
                Fault::new(&at, format!("a second exception for the same date: `{text}`"), "write one for both");
            faults.push(fault.and(&format!("/exceptions/{}/date", first.index)));
            continue;
        }
        if let Some((exception, day)) = read(&format!("/exceptions/{index}"), entry, date, series, &mut notes, faults) {
            entries.insert(date, Entry { index, exception, day });
        }
    }
    in_order(series, &entries, faults);
    (entries.into_iter().map(|(date, entry)| (date, entry.exception)).collect(), notes)
}

/// Reads one entry, which stands at `here`, and the day it is moved to.
fn read(
    here: &str,
    entry: &Value,
    date: Date,
    series: &Series,
    notes: &mut Vec<String>,
    faults: &mut Vec<Fault>,
) -> Option<(Exception, Option<Date>)> {
    if entry.get("cancel") == Some(&Value::Bool(true)) {
        let mut others = entry.as_object().into_iter().flatten().map(|(name, _)| name.as_str());
        if let Some(other) = others.find(|name| !["date", "cancel"].contains(name)) {
            let message = format!("`{other}` of an occurrence that is skipped");
            let fault = Fault::new(&format!("{here}/{other}"), message, "leave it out, or leave `cancel` out");
            faults.push(fault.and(&format!("{here}/cancel")));
            return None;
        }
        return Some((Exception::Skipped, None));
    }
    let mut own = Map::new();
    let mut day = None;
    if ["start", "end", "duration"].iter().any(|name| entry.get(*name).is_some()) {
        let (start, end) = times(here, entry, date, series, faults)?;
        let name = |of: &str| format!("exceptions.{date}.{of}");
        notes.extend(start.choice(&name("start")).into_iter().chain(end.choice(&name("end"))));
        day = Some(start.instant.to_zoned(series.zone()).date());
        own.insert("start".into(), zoned(&start));
        own.insert("end".into(), zoned(&end));
    }
    if let Some(subject) = entry.get("subject") {
        own.insert("subject".into(), subject.clone());
    }
    if let Some(location) = entry.get("location") {
        if room::mailbox_of(location).is_some() {
            let hint = "write the room's name, and book it for that date in Outlook";
            faults.push(Fault::new(
                &format!("{here}/location"),
                "no room is booked for a single date of a series",
                hint,
            ));
            return None;
        }
        own.insert("location".into(), place(location));
    }
    if let Some(list) = entry.get("attendees") {
        own.insert("attendees".into(), guests::expand(list, &format!("{here}/attendees"), series.invited, faults)?);
    }
    if let Some(said) = entry.get("body") {
        own.insert("body".into(), its_text(here, said, date, notes, faults));
    }
    if own.is_empty() {
        let hint = "add `cancel: true`, or what is different: `start`, `end`, `duration`, `subject`, `location`, \
                    `attendees`, `body`";
        faults.push(Fault::new(here, format!("an exception that says nothing of `{date}`"), hint));
        return None;
    }
    Some((Exception::Changed(own), day))
}

/// Reads the text of an entry.
fn its_text(here: &str, said: &Value, date: Date, notes: &mut Vec<String>, faults: &mut Vec<Fault>) -> Value {
    let (mut told, mut found) = (vec![], vec![]);
    let text = text(said, &mut told, &mut found);
    notes.extend(told.into_iter().map(|note| note.replace("`body`", &format!("`exceptions.{date}.body`"))));
    let place = |at: String| format!("{here}{at}");
    faults.extend(found.into_iter().map(|fault| Fault { at: fault.at.into_iter().map(place).collect(), ..fault }));
    text
}

/// Reads the times of an entry; what it does not say is as in the series.
fn times(here: &str, entry: &Value, date: Date, series: &Series, faults: &mut Vec<Fault>) -> Option<(Moment, Moment)> {
    let said = ["start", "end", "duration"].into_iter().filter_map(|name| Some((name, entry.get(name)?)));
    let mut spec: Map<String, Value> = said.map(|(name, value)| (name.to_owned(), value.clone())).collect();
    if let Some(zone) = series.spec.get("timeZone") {
        spec.insert("timeZone".into(), zone.clone());
    } else if !series.spec.get("start").is_some_and(Value::is_string) {
        spec.insert("timeZone".into(), series.start.zone.name.clone().into());
    }
    if !spec.contains_key("start") {
        let usual = json!({"dateTime": when::graph(series.usual(date)), "timeZone": series.zone_name()});
        spec.insert("start".into(), usual);
    }
    if !spec.contains_key("end") && !spec.contains_key("duration") {
        let (start, end) = (series.start, series.end);
        let length = match series.grain {
            Grain::Days => format!("{}d", (end.local.date() - start.local.date()).get_days()),
            Grain::Minutes | Grain::Seconds => format!("{}m", end.instant.duration_since(start.instant).as_mins()),
        };
        spec.insert("duration".into(), length.into());
    }
    let mut found = vec![];
    let (start, end) = times::read(&spec, series.default_zone, series.grain, &mut found);
    // What the series filled in has no place of its own.
    let place = |at: String| match at.split('/').nth(1) {
        Some(name) if entry.get(name).is_some() => format!("{here}{at}"),
        Some(_) | None => here.to_owned(),
    };
    faults.extend(found.into_iter().map(|fault| Fault { at: fault.at.into_iter().map(place).collect(), ..fault }));
    Some((start?, end?))
}

impl Series<'_> {
    fn zone_name(&self) -> &str {
        let named = self.recurrence.pointer("/range/recurrenceTimeZone").and_then(Value::as_str);
        named.unwrap_or(&self.start.zone.graph)
    }

    fn zone(&self) -> TimeZone {
        when::zone(self.zone_name()).unwrap_or(TimeZone::UTC)
    }

    /// When the occurrence of a date starts as the series has it, on the clock of its zone.
    fn usual(&self, date: Date) -> DateTime {
        date.to_datetime(self.start.instant.to_zoned(self.zone()).time())
    }
}

/// Every entry must have its date in the series, and no moved occurrence may cross a neighbour that is not skipped.
fn in_order(series: &Series, entries: &BTreeMap<Date, Entry>, faults: &mut Vec<Fault>) {
    let recurrence = series.recurrence;
    let mut missing: BTreeMap<Date, &Entry> = entries.iter().map(|(date, entry)| (*date, entry)).collect();
    // The occurrence before: its date, the day it takes place, its entry.
    let mut before: Option<(Date, Date, Option<&Entry>)> = None;
    let moved = entries.values().any(|entry| entry.day.is_some());
    let off = series.off.keys().filter(|_| moved);
    let looked_at: BTreeSet<Date> = entries.keys().chain(off).flat_map(|date| beside(recurrence, *date)).collect();
    for date in looked_at {
        let entry = missing.remove(&date);
        let off = entry.is_none() && series.off.contains_key(&date);
        if off || entry.is_some_and(|entry| entry.exception == Exception::Skipped) {
            continue;
        }
        let day = entry.and_then(|entry| entry.day).unwrap_or(date);
        if let Some((earlier, before_day, before_entry)) = before
            && day <= before_day
        {
            let (wrong, to, other, word) = match (entry.filter(|it| it.day.is_some()), before_entry) {
                (Some(entry), _) => (entry, day, (earlier, before_day), "after"),
                (None, Some(entry)) => (entry, before_day, (date, day), "before"),
                (None, None) => break, // a series' own dates come in order
            };
            let at = format!("/exceptions/{}/start", wrong.index);
            let message =
                format!("moved to {to}, which is not {word} the day of the occurrence of {}: {}", other.0, other.1);
            faults.push(Fault::new(&at, message, "Graph lets no occurrence move to or past the day of its neighbour"));
        }
        before = Some((date, day, entry));
    }
    for (date, entry) in missing {
        let hint = match &beside(recurrence, date)[..] {
            [] => "the series has no dates".to_owned(),
            [one] => format!("the nearest is `{one}`"),
            [one, two, ..] => format!("the nearest are `{one}` and `{two}`"),
        };
        let at = format!("/exceptions/{}/date", entry.index);
        faults.push(Fault::new(&at, format!("the series has no occurrence on `{date}`"), hint).and("/recurrence"));
    }
}

/// The dates of a series just before this one, on it and just after it, as far as it has them.
fn beside(recurrence: &Value, date: Date) -> Vec<Date> {
    let mut beside = vec![];
    for it in recurrence::dates_around(recurrence, date).into_iter().flatten() {
        if it < date {
            beside.clear();
        }
        beside.push(it);
        if it > date {
            break;
        }
    }
    beside
}
