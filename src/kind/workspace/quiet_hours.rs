//! When nobody should be mailed, and how long before an event it should be left alone.

use jiff::SignedDuration;
use jiff::civil::Time;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::Error;
use serde::{Deserialize, Deserializer};
use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

/// Hours in which no step may mail anybody, on the organizer's clock: `20:00-07:00`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuietHours {
    from: Time,
    until: Time,
}

impl QuietHours {
    /// Whether a time is among them; the end is not.
    pub fn hold(self, at: Time) -> bool {
        match self.from <= self.until {
            true => self.from <= at && at < self.until,
            false => at >= self.from || at < self.until,
        }
    }
}

impl fmt::Display for QuietHours {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{} to {}", self.from.strftime("%H:%M"), self.until.strftime("%H:%M"))
    }
}

impl FromStr for QuietHours {
    type Err = String;

    fn from_str(text: &str) -> Result<QuietHours, String> {
        let wrong = || format!("not hours such as `20:00-07:00`, nor `none`: `{text}`");
        if text == "none" {
            return Ok(QuietHours { from: Time::midnight(), until: Time::midnight() });
        }
        let (from, until) = text.split_once('-').ok_or_else(wrong)?;
        let time = |text: &str| Time::strptime("%H:%M", text).ok().filter(|_| text.len() == 5).ok_or_else(wrong);
        Ok(QuietHours { from: time(from)?, until: time(until)? })
    }
}

impl<'de> Deserialize<'de> for QuietHours {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<QuietHours, D::Error> {
        String::deserialize(from)?.parse().map_err(D::Error::custom)
    }
}

impl JsonSchema for QuietHours {
    fn schema_name() -> Cow<'static, str> {
        "QuietHours".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "pattern": "^(none|([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-3]):[0-5][0-9])$",
            "x-hint": "write hours such as `20:00-07:00`, or `none`",
        })
    }
}

/// How long before an event starts it may no longer be moved or cancelled: `90m`, `24h`, `2d`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Notice(pub SignedDuration);

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self.0.as_mins() {
            minutes if minutes % 60 == 0 => write!(f, "{}h", minutes / 60),
            minutes => write!(f, "{minutes}m"),
        }
    }
}

impl FromStr for Notice {
    type Err = String;

    fn from_str(text: &str) -> Result<Notice, String> {
        let wrong = || format!("not a time such as `90m`, `24h` or `2d`: `{text}`");
        let (number, unit) = text.is_ascii().then(|| text.split_at(text.len().saturating_sub(1))).ok_or_else(wrong)?;
        let number: i64 = number.parse().ok().filter(|it| (0..10_000).contains(it)).ok_or_else(wrong)?;
        Ok(Notice(match unit {
            "m" => SignedDuration::from_mins(number),
            "h" => SignedDuration::from_hours(number),
            "d" => SignedDuration::from_hours(24 * number),
            _ => return Err(wrong()),
        }))
    }
}

impl<'de> Deserialize<'de> for Notice {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Notice, D::Error> {
        String::deserialize(from)?.parse().map_err(D::Error::custom)
    }
}

impl JsonSchema for Notice {
    fn schema_name() -> Cow<'static, str> {
        "Notice".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "pattern": "^[0-9]{1,4}[mhd]$",
            "x-hint": "write a time such as `90m`, `24h` or `2d`",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn quiet_hours_hold_from_their_start_until_their_end_over_midnight_too() {
        for (hours, at, expect) in [
            ("20:00-07:00", "19:59", false),
            ("20:00-07:00", "20:00", true),
            ("20:00-07:00", "00:00", true),
            ("20:00-07:00", "06:59", true),
            ("20:00-07:00", "07:00", false),
            ("12:00-13:00", "12:30", true),
            ("12:00-13:00", "13:00", false),
            ("none", "00:00", false),
        ] {
            let time = Time::strptime("%H:%M", at).expect(at);
            assert_eq!(hours.parse::<QuietHours>().expect(hours).hold(time), expect, "{hours} {at}");
        }
    }

    #[test]
    fn what_is_no_time_is_refused_and_the_schema_refuses_no_less() {
        let schema = |schema: Schema, text: &str| jsonschema::is_valid(&schema.to_value(), &json!(text));
        let mut generator = SchemaGenerator::default();
        let texts = [
            "20:00-07:00",
            "none",
            "8:00-9:00",
            "24:00-07:00",
            "20:00",
            "",
            "24h",
            "90m",
            "2d",
            "d",
            "-1h",
            "1w",
            "24 h",
            "é",
        ];
        for text in texts {
            let quiet = text.parse::<QuietHours>().is_ok();
            assert_eq!(schema(QuietHours::json_schema(&mut generator), text), quiet, "{text}");
            assert_eq!(schema(Notice::json_schema(&mut generator), text), text.parse::<Notice>().is_ok(), "{text}");
        }
    }
}
