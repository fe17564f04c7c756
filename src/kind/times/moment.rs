//! One moment of a spec: a wall clock time in a zone, an instant with its offset, or a start and what a duration adds.
//!
//! Each is refused where it cannot be meant: in a zone that does not exist, inside the hour that a zone leaves out,
//! finer than Graph keeps it. How two moments agree is not looked at here.

use crate::kind::Fault;
use crate::kind::times::{Grain, Moment, Zone};
use crate::when::{self, Fit};
use jiff::SignedDuration;
use jiff::civil::{DateTime, Time};
use jiff::tz::TimeZone;
use serde_json::{Map, Value};

/// Finds a zone by its IANA or Windows name; a fault at `at` has the way out.
pub fn zone(name: &str, at: &str, faults: &mut Vec<Fault>) -> Option<Zone> {
    if let (Some(clock), Some(graph)) = (when::zone(name), when::name_in_graph(name)) {
        return Some(Zone { name: name.into(), graph, clock });
    }
    faults.push(Fault::new(at, format!("unknown time zone: `{name}`"), when::instead(name)));
    None
}

/// Reads a local time, or Graph's pair.
pub fn local(
    spec: &Map<String, Value>,
    name: &str,
    common: Option<&Zone>,
    grain: Grain,
    faults: &mut Vec<Fault>,
) -> Option<Moment> {
    let at = format!("/{name}");
    let (text, text_at, zone) = match spec.get(name)? {
        Value::String(text) => (text.as_str(), at.clone(), common.cloned()),
        pair => {
            let named = pair.get("timeZone").and_then(Value::as_str);
            let zone = named.and_then(|named| zone(named, &format!("{at}/timeZone"), faults));
            (pair.get("dateTime").and_then(Value::as_str)?, format!("{at}/dateTime"), zone)
        }
    };
    let local = match when::local(text) {
        Ok(local) => local,
        Err(message) => {
            // With a blank it is what people write, and what they mean is plain.
            let meant = text.trim().replacen(' ', "T", 1);
            let hint = match when::local(&meant) {
                Ok(_) => format!("write `{meant}`"),
                Err(_) => "write local time, such as `2026-12-01T10:00`".into(),
            };
            faults.push(Fault::new(&text_at, message, hint));
            return None;
        }
    };
    let date = local.date();
    if grain == Grain::Days && local.time() != Time::midnight() {
        let message = format!("an all-day event starts and ends at midnight: `{text}`");
        faults.push(Fault::new(&text_at, message, format!("write the date alone: `{date}`")));
        return None;
    }
    if grain != Grain::Days && !text.contains('T') {
        let hint = format!("write `{date}T10:00`, or add `isAllDay: true` to an event");
        faults.push(Fault::new(&text_at, format!("no time of day: `{text}`"), hint));
        return None;
    }
    whole(local, text, &text_at, grain, faults)?;
    moment(local, zone?, &text_at, grain, faults)
}

/// Reads a text with an offset.
pub fn offset(spec: &Map<String, Value>, name: &str, grain: Grain, faults: &mut Vec<Fault>) -> Option<Moment> {
    let at = format!("/{name}");
    let text = spec.get(name)?.as_str()?;
    let Some(instant) = when::instant(text) else {
        let message = format!("not a time with an offset: `{text}`");
        let hint = "write `2026-12-01T09:00:00Z`, or a local time under `start` and `end` with `timeZone`";
        faults.push(Fault::new(&at, message, hint));
        return None;
    };
    let zone = zone("UTC", &at, faults)?;
    let local = zone.clock.to_datetime(instant);
    whole(local, text, &at, grain, faults)?;
    Some(Moment { local, zone, instant, twice: false })
}

/// Refuses what is finer than Graph keeps.
fn whole(local: DateTime, text: &str, at: &str, grain: Grain, faults: &mut Vec<Fault>) -> Option<()> {
    let message = match grain {
        Grain::Minutes if local.second() != 0 || local.subsec_nanosecond() != 0 => "an event's times are whole minutes",
        Grain::Seconds if local.subsec_nanosecond() != 0 => "a meeting's times are whole seconds",
        Grain::Days | Grain::Minutes | Grain::Seconds => return Some(()),
    };
    let hint = format!("write `{}`", local.strftime("%Y-%m-%dT%H:%M"));
    faults.push(Fault::new(at, format!("{message}: `{text}`"), hint));
    None
}

fn moment(local: DateTime, zone: Zone, at: &str, grain: Grain, faults: &mut Vec<Fault>) -> Option<Moment> {
    match when::fit(local, &zone.clock) {
        Fit::Once(instant) => Some(Moment { local, zone, instant, twice: false }),
        Fit::Fold { earlier: instant, .. } => Some(Moment { local, zone, instant, twice: grain != Grain::Days }),
        // An all-day event is a date, so it does not matter when that day begins.
        Fit::Gap { .. } if grain == Grain::Days => {
            let instant = zone.clock.to_timestamp(local).ok()?;
            Some(Moment { local, zone, instant, twice: false })
        }
        Fit::Gap { before, after } => {
            let [local, before, after] = [local, before, after].map(short);
            let message =
                format!("no such time in `{}`, where clocks go from {before} to {after}: `{local}`", zone.name);
            faults.push(Fault::new(at, message, format!("write a time before `{before}`, or from `{after}` on")));
            None
        }
    }
}

/// The spec's `duration` in minutes.
pub fn minutes(spec: &Map<String, Value>, grain: Grain, faults: &mut Vec<Fault>) -> Option<i64> {
    let text = spec.get("duration")?.as_str()?;
    let (message, hint) = match when::minutes(text) {
        Ok(minutes) if grain == Grain::Days && minutes % DAY != 0 => {
            (format!("an all-day event lasts whole days: `{text}`"), "write `1d`, or leave `isAllDay` out")
        }
        Ok(minutes) => return Some(minutes),
        Err(message) => (message, "write `45m`, `1h 30m` or `2d`"),
    };
    faults.push(Fault::new("/duration", message, hint));
    None
}

const DAY: i64 = 24 * 60;

/// The moment that lies so many minutes, the spec's `duration`, after a start.
pub fn after(
    start: &Moment,
    minutes: i64,
    spec: &Map<String, Value>,
    grain: Grain,
    faults: &mut Vec<Fault>,
) -> Option<Moment> {
    let mut fault = |message: String, hint: String| {
        faults.push(Fault::new("/duration", message, hint));
        None
    };
    let (days, rest) = (minutes / DAY, minutes % DAY);
    let zone = start.zone.clone();
    let far = || format!("too long: `{}`", spec["duration"].as_str().unwrap_or_default());
    let Ok(same_clock) = start.local.checked_add(SignedDuration::from_hours(24 * days)) else {
        return fault(far(), "write `45m`, `1h 30m` or `2d`".into());
    };
    if rest == 0 {
        return moment(same_clock, zone, "/duration", grain, faults);
    }
    let base = if days == 0 { Ok(start.instant) } else { zone.clock.to_timestamp(same_clock) };
    let Ok(instant) = base.and_then(|base| base.checked_add(SignedDuration::from_mins(rest))) else {
        return fault(far(), "write `45m`, `1h 30m` or `2d`".into());
    };
    let local = zone.clock.to_datetime(instant);
    match when::fit(local, &zone.clock) {
        // A series is on the clock, and the wall clock time alone means the earlier of the two.
        Fit::Fold { earlier, .. } if earlier != instant && spec.get("recurrence").is_some_and(|it| !it.is_null()) => {
            fault(
                format!(
                    "the end falls into the hour that `{}` has twice, in its second time: `{}`",
                    zone.name,
                    short(local)
                ),
                format!("write `end: {{dateTime: {}, timeZone: UTC}}`", short(TimeZone::UTC.to_datetime(instant))),
            )
        }
        Fit::Fold { .. } => Some(Moment { local, zone, instant, twice: true }),
        Fit::Once(_) | Fit::Gap { .. } => Some(Moment { local, zone, instant, twice: false }),
    }
}

/// A time as an author writes it.
pub fn short(at: DateTime) -> String {
    match at.second() {
        0 => at.strftime("%Y-%m-%dT%H:%M").to_string(),
        _ => when::graph(at),
    }
}
