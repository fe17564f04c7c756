//! When something is: start, end, duration and zone of a spec, read into two moments.
//!
//! All that can be wrong with times is said here, for both kinds. Nothing here knows today's date: a time in the past
//! is as good as any.

mod moment;

pub use moment::zone;

use crate::kind::Fault;
use crate::kind::times::moment::{after, local, minutes, offset, short};
use crate::when::{self, Fit};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use schemars::JsonSchema;
use serde_json::{Map, Value};

/// A time in a schema: local text, or Graph's own pair.
#[expect(dead_code, reason = "documented shapes: only their schema is used")]
#[derive(JsonSchema)]
#[schemars(untagged)]
pub enum LocalTime {
    Text(#[schemars(extend("x-form" = "time"))] String),
    Graph(DateTimeTimeZone),
}

/// Graph's own form of a time.
#[expect(dead_code, reason = "documented shapes: only their schema is used")]
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, rename_all = "camelCase")]
pub struct DateTimeTimeZone {
    /// The local time, without an offset.
    #[schemars(example = &"2026-12-01T10:00:00", extend("x-form" = "time"))]
    pub date_time: String,
    /// The zone: an IANA or a Windows name.
    #[schemars(example = &"Europe/Berlin", extend("x-form" = "zone"))]
    pub time_zone: String,
}

impl Moment {
    /// The clock of its zone.
    pub fn clock(&self) -> &TimeZone {
        &self.zone.clock
    }

    /// Says of a time that comes twice which of the two is meant. `name` is the property that it stands in.
    pub fn choice(&self, name: &str) -> Option<String> {
        self.twice.then(|| {
            let offset = self.zone.clock.to_offset(self.instant);
            let (local, zone) = (short(self.local), &self.zone.name);
            let first =
                matches!(when::fit(self.local, &self.zone.clock), Fit::Fold { earlier, .. } if earlier == self.instant);
            let which = if first { "first" } else { "second" };
            format!("`{name}`: {local} comes twice in {zone}, where clocks go back: the {which} is meant, UTC{offset}")
        })
    }
}

/// How fine a time may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grain {
    /// All-day events: midnights of one zone.
    Days,
    /// Events; Graph drops the seconds of a series (observed).
    Minutes,
    /// Online meetings.
    Seconds,
}

/// A time zone that exists.
#[derive(Debug, Clone, PartialEq)]
pub struct Zone {
    /// As the author wrote it.
    pub name: String,
    /// As Graph takes it.
    pub graph: String,
    clock: TimeZone,
}

/// A wall clock time in a zone, and the instant that this is.
#[derive(Debug, Clone, PartialEq)]
pub struct Moment {
    pub local: DateTime,
    pub zone: Zone,
    pub instant: Timestamp,
    /// The clock of the zone shows this time twice on that day; the first is meant, or what a duration leads to.
    pub twice: bool,
}

/// Reads `start` and `end` of a spec from `start`, `end`, `duration`, `timeZone` or Graph's own names for them.
///
/// Either is `None` when the spec does not have it or when a fault says why it cannot be read. Of a time that a zone
/// has twice, the earlier is meant. `default_zone` is the zone of times that name none. Whole days of a duration are days of the calendar, the rest is elapsed time.
pub fn read(
    spec: &Map<String, Value>,
    default_zone: Option<&str>,
    grain: Grain,
    faults: &mut Vec<Fault>,
) -> (Option<Moment>, Option<Moment>) {
    let from = one_of(spec, ["start", "startDateTime"], faults);
    let to = one_of(spec, ["end", "endDateTime", "duration"], faults);
    let zone = common_zone(spec, default_zone, faults);
    let read = |name: &str, faults: &mut Vec<Fault>| match name {
        "startDateTime" | "endDateTime" => offset(spec, name, grain, faults),
        _ => local(spec, name, zone.as_ref(), grain, faults),
    };
    let start = from.and_then(|name| read(name, faults));
    let end = match to {
        Some("duration") => {
            let minutes = minutes(spec, grain, faults);
            start.as_ref().zip(minutes).and_then(|(start, minutes)| after(start, minutes, spec, grain, faults))
        }
        Some(name) => read(name, faults),
        None => None,
    };
    match (from, to) {
        (Some(from), None) => {
            let add = if grain == Grain::Days { "duration: 1d" } else { "duration: 30m" };
            let fault = Fault::new(&format!("/{from}"), "a start without `end` or `duration`", format!("add `{add}`"));
            faults.push(fault.about(&["end", "duration"]));
        }
        (None, Some(to)) => {
            let message = format!("`{to}` without `start`");
            faults.push(Fault::new(&format!("/{to}"), message, "add `start`, or leave both out").about(&["start"]));
        }
        (Some(from), Some(to)) => {
            if let (Some(start), Some(end)) = (&start, &end) {
                in_order((&format!("/{from}"), start), (&format!("/{to}"), end), grain, faults);
            }
        }
        (None, None) => {}
    }
    (start, end)
}

/// Picks the one name that the spec has; a fault says so when it has several.
fn one_of<'a, const N: usize>(
    spec: &Map<String, Value>,
    names: [&'a str; N],
    faults: &mut Vec<Fault>,
) -> Option<&'a str> {
    let mut had = names.into_iter().filter(|name| spec.get(*name).is_some_and(|value| !value.is_null()));
    let first = had.next()?;
    if let Some(second) = had.next() {
        let message = format!("both `{first}` and `{second}`");
        faults.push(Fault::new(&format!("/{second}"), message, "leave one of them out").and(&format!("/{first}")));
    }
    Some(first)
}

/// The zone of the times that do not name their own.
fn common_zone(spec: &Map<String, Value>, default: Option<&str>, faults: &mut Vec<Fault>) -> Option<Zone> {
    if let Some(name) = spec.get("timeZone").and_then(Value::as_str) {
        return zone(name, "/timeZone", faults);
    }
    let bare = ["start", "end"].into_iter().find(|name| spec.get(*name).is_some_and(Value::is_string))?;
    let at = format!("/{bare}");
    let Some(name) = default else {
        let hint = "add `timeZone: Europe/Berlin`, or `defaults.timeZone` to the workspace";
        faults.push(Fault::new(&at, format!("`{bare}` has no time zone"), hint).about(&["timeZone"]));
        return None;
    };
    // An unknown default is told once, where it stands in the workspace.
    zone(name, &at, &mut vec![])
}

fn in_order(start: (&str, &Moment), end: (&str, &Moment), grain: Grain, faults: &mut Vec<Fault>) {
    let ((from, start), (to, end)) = (start, end);
    if grain == Grain::Days && start.zone.graph != end.zone.graph {
        let message = "an all-day event starts and ends in one time zone (event.md)";
        faults.push(Fault::new(to, message, format!("write the end in `{}`", start.zone.name)).and(from));
    } else if end.instant <= start.instant {
        let (message, hint) = match grain {
            Grain::Days => {
                let next = start.local.date().tomorrow().unwrap_or(start.local.date());
                ("the end of an all-day event is the day after its last", format!("write `{next}` for one day"))
            }
            Grain::Minutes | Grain::Seconds => {
                ("the end is not after the start", format!("write an end after `{}`", short(start.local)))
            }
        };
        faults.push(Fault::new(to, message, hint).and(from));
    }
}
