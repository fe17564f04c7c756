//! Graph's dates: reads `dateTimeTimeZone` and `DateTimeOffset`, writes them with seven digits. Has no clock.
//!
//! A `dateTimeTimeZone` is kept as authored (wall time and zone) and converted when it is read (datetimetimezone.md).

use jiff::{Timestamp, civil::DateTime, tz::TimeZone};
use serde_json::{Value, json};

use crate::sandbox::{
    answer::{Outcome, refusal, refuse},
    zones::{self, Zone},
};

/// A wall time in a zone, and the instant it means.
#[derive(Clone, Debug)]
pub struct Moment {
    pub wall: DateTime,
    pub zone: &'static Zone,
    pub at: Timestamp,
}

impl Moment {
    /// Puts a wall time into a zone; a time inside a DST gap moves forward by the gap, as Exchange does.
    pub fn new(wall: DateTime, zone: &'static Zone) -> Moment {
        let at = zone.rules.to_ambiguous_timestamp(wall).compatible().unwrap_or(Timestamp::MIN);
        Moment { wall, zone, at }
    }

    /// Writes the moment as stored: wall time and Windows zone name.
    pub fn store(&self) -> Value {
        json!({"dateTime": seven(self.wall), "timeZone": self.zone.windows})
    }
}

/// Reads what was stored by `Moment::store`.
pub fn stored(value: &Value) -> Moment {
    let wall = value["dateTime"].as_str().and_then(|it| it.parse().ok()).unwrap_or(DateTime::ZERO);
    let zone = value["timeZone"].as_str().and_then(|it| zones::find(it).ok());
    Moment::new(wall, zone.unwrap_or_else(zones::utc))
}

/// Reads a `dateTimeTimeZone` of a request; `name` is the property, for messages.
pub fn moment(name: &str, value: &Value) -> Outcome<Moment> {
    let text = value["dateTime"].as_str().unwrap_or_default();
    let bad = || {
        refusal(400, "ErrorInvalidRequest", format!("The value '{text}' of '{name}/dateTime' is not a date and time."))
    };
    // Without a zone the time is UTC (datetimetimezone.md).
    let zone = match value["timeZone"].as_str() {
        Some(zone) => zones::find(zone)?,
        None => zones::utc(),
    };
    // The parser of wall times would pass over an offset, so it is looked for first.
    let offset = text.find('T').is_some_and(|at| text[at..].contains(['Z', 'z', '+', '-', '[']));
    if !offset {
        return text.parse().map(|wall| Moment::new(wall, zone)).map_err(|_| bad());
    }
    let at: Timestamp = text.parse().map_err(|_| bad())?;
    if zone.windows != "UTC" {
        return refuse(
            400,
            "ErrorInvalidRequest",
            format!("The value '{text}' of '{name}/dateTime' has an offset besides its time zone."),
        );
    }
    Ok(Moment::new(at.to_zoned(TimeZone::UTC).datetime(), zone))
}

/// Writes a stored `dateTimeTimeZone` in the reader's zone: `None` is UTC.
pub fn show(value: &Value, zone: Option<&'static Zone>) -> Value {
    let zone = zone.unwrap_or_else(zones::utc);
    if value["timeZone"] == zone.windows {
        return value.clone();
    }
    show_at(stored(value).at, zone)
}

/// Writes a stored `dateTimeTimeZone` as the same wall time in the reader's zone, as all-day events float.
pub fn show_floating(value: &Value, zone: Option<&'static Zone>) -> Value {
    json!({"dateTime": value["dateTime"], "timeZone": zone.unwrap_or_else(zones::utc).windows})
}

/// Writes an instant as a `dateTimeTimeZone`.
pub fn show_at(at: Timestamp, zone: &'static Zone) -> Value {
    let wall = at.to_zoned(zone.rules.clone()).datetime();
    json!({"dateTime": seven(wall), "timeZone": zone.windows})
}

/// Reads a `DateTimeOffset`: any offset, or none for UTC.
pub fn instant(name: &str, text: &str) -> Outcome<Timestamp> {
    if let Ok(at) = text.parse::<Timestamp>() {
        return Ok(at);
    }
    let wall = text.parse::<DateTime>().ok();
    let at = wall.and_then(|it| it.to_zoned(TimeZone::UTC).ok()).map(|it| it.timestamp());
    at.ok_or_else(|| refusal(400, "BadRequest", format!("The value '{text}' of '{name}' is not a DateTimeOffset.")))
}

/// Writes an instant as a `DateTimeOffset` in UTC with seven digits.
pub fn offset(at: Timestamp) -> String {
    format!("{}Z", seven(at.to_zoned(TimeZone::UTC).datetime()))
}

/// Writes a wall time with seven fractional digits.
pub fn seven(wall: DateTime) -> String {
    let (date, time) = (wall.date(), wall.time());
    let digits = time.subsec_nanosecond() / 100;
    format!("{date}T{:02}:{:02}:{:02}.{digits:07}", time.hour(), time.minute(), time.second())
}
