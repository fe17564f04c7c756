//! Times as a person writes them.

use crate::when::{instant, instant_in_zone, local, name_in_graph, zone, zone_name, zones};
use jiff::civil::{DateTime, Time};
use jiff::tz::TimeZone;
use serde_json::Value;
use std::fmt;

/// A time on the clock of a zone: `Tue 2026-12-01 10:00 Europe/Berlin`, with seconds where there are any.
#[derive(Debug, Clone, PartialEq)]
pub struct Spoken {
    /// The time that the clock shows.
    pub at: DateTime,
    /// The zone's name.
    pub zone: String,
    /// Only its date means something.
    pub whole_day: bool,
}

impl Spoken {
    /// Reads a `dateTimeTimeZone` object or a `DateTimeOffset`, and tells it on the clock of `on`, where that is given and the time's
    /// own zone is known.
    ///
    /// `None` for what is no time.
    pub fn of(value: &Value, on: Option<&str>) -> Option<Spoken> {
        let own = match value {
            Value::String(text) => {
                let at = instant(text)?.to_zoned(TimeZone::UTC).datetime();
                Spoken { at, zone: "UTC".into(), whole_day: false }
            }
            Value::Object(members) => {
                let at = local(members.get("dateTime")?.as_str()?).ok()?;
                Spoken { at, zone: zone_name(value)?.to_owned(), whole_day: false }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => return None,
        };
        let Some(name) = on else { return Some(Spoken { zone: place(&own.zone), ..own }) };
        // The same clock by another name shows the same time, an hour that comes twice included.
        if name_in_graph(name).is_some_and(|graph| graph == own.zone) {
            return Some(Spoken { zone: name.into(), ..own });
        }
        let at = || Some(instant_in_zone(value).or_else(|| instant(value.as_str()?))?.to_zoned(zone(name)?).datetime());
        match at() {
            Some(at) => Some(Spoken { at, zone: name.into(), ..own }),
            None => Some(Spoken { zone: place(&own.zone), ..own }),
        }
    }

    /// The date with its weekday, and the time unless a whole day is meant.
    pub fn local(&self) -> String {
        let date = self.at.strftime("%a %Y-%m-%d");
        match self.whole_day && self.at.time() == Time::midnight() {
            true => date.to_string(),
            false => format!("{date} {}", self.time()),
        }
    }

    /// The time alone.
    pub fn time(&self) -> String {
        let shape = if self.at.second() == 0 { "%H:%M" } else { "%H:%M:%S" };
        self.at.strftime(shape).to_string()
    }
}

impl fmt::Display for Spoken {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{} {}", self.local(), self.zone)
    }
}

/// The name of a zone of Graph's as its author wrote it, where that is `own`; else the one that people know it by.
pub fn told(name: &str, own: Option<&str>) -> String {
    let own = own.filter(|own| name_in_graph(own).is_some_and(|graph| graph == name));
    own.map_or_else(|| place(name), str::to_owned)
}

/// The name that people know a zone by: of a Windows name the place that it stands for.
pub fn place(name: &str) -> String {
    if zone(name) == Some(TimeZone::UTC) {
        return "UTC".into();
    }
    let iana = zones::NAMES.iana_of.get(&name.to_lowercase());
    iana.map_or_else(|| name.to_owned(), |iana| (*iana).to_owned())
}

#[cfg(test)]
mod tests {
    use super::Spoken;
    use serde_json::json;

    #[test]
    fn a_time_is_written_as_people_do() {
        let at = |time: &str, zone: &str| json!({"dateTime": time, "timeZone": zone});
        for (value, on, expect) in [
            (at("2026-12-01T10:00:00.0000000", "UTC"), None, Some("Tue 2026-12-01 10:00 UTC")),
            (at("2026-12-01T10:00:30", "Europe/Berlin"), None, Some("Tue 2026-12-01 10:00:30 Europe/Berlin")),
            (at("2026-12-01T10:00:00", "Eastern Standard Time"), None, Some("Tue 2026-12-01 10:00 America/New_York")),
            (
                at("2026-12-01T10:00:00", "Eastern Standard Time"),
                Some("America/Detroit"),
                Some("Tue 2026-12-01 10:00 America/Detroit"),
            ),
            (at("2026-12-01T23:30:00", "UTC"), Some("Europe/Berlin"), Some("Wed 2026-12-02 00:30 Europe/Berlin")),
            (
                at("2026-10-25T02:30:00", "W. Europe Standard Time"),
                Some("Europe/Oslo"),
                Some("Sun 2026-10-25 02:30 Europe/Oslo"),
            ),
            (
                at("2026-12-01T10:00:00", "tzone://Microsoft/Custom"),
                Some("Europe/Berlin"),
                Some("Tue 2026-12-01 10:00 tzone://Microsoft/Custom"),
            ),
            (json!("2026-12-01T10:00:00+01:00"), None, Some("Tue 2026-12-01 09:00 UTC")),
            (json!("2026-12-01T10:00:00+01:00"), Some("Europe/Berlin"), Some("Tue 2026-12-01 10:00 Europe/Berlin")),
            (json!({"dateTime": "2026-12-01T10:00:00"}), None, None),
            (at("soon", "UTC"), None, None),
            (json!("soon"), None, None),
            (json!(null), None, None),
        ] {
            let spoken = Spoken::of(&value, on).map(|it| it.to_string());
            assert_eq!(spoken.as_deref(), expect, "{value}");
        }
    }
}
