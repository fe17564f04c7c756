//! How far back limits count what was sent: `24h`, `7d`.

use jiff::{SignedDuration, Timestamp};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::Error;
use serde::{Deserialize, Deserializer};
use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

/// A sliding window of 1 hour to 30 days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window(i64);

impl Window {
    /// The longest one, in hours: what was sent before that is forgotten.
    pub const LONGEST: Window = Window(30 * 24);

    /// Returns when something leaves it that was sent at a time. It counts until then, and from then on it does not.
    pub fn left(self, sent: Timestamp) -> Timestamp {
        sent.saturating_add(SignedDuration::from_hours(self.0)).unwrap_or(Timestamp::MAX)
    }
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self.0 {
            hours if hours > 24 && hours % 24 == 0 => write!(f, "{}d", hours / 24),
            hours => write!(f, "{hours}h"),
        }
    }
}

impl FromStr for Window {
    type Err = String;

    fn from_str(text: &str) -> Result<Window, String> {
        let wrong = || format!("not a time from `1h` to `30d`: `{text}`");
        let hours = |number: &str, each: i64| {
            let plain = number.bytes().all(|it| it.is_ascii_digit()) && !number.starts_with('0');
            number.parse::<i64>().ok().filter(|_| plain)?.checked_mul(each)
        };
        let hours = match (text.strip_suffix('h'), text.strip_suffix('d')) {
            (Some(number), _) => hours(number, 1),
            (None, Some(number)) => hours(number, 24),
            (None, None) => None,
        };
        hours.filter(|hours| (1..=Window::LONGEST.0).contains(hours)).map(Window).ok_or_else(wrong)
    }
}

impl<'de> Deserialize<'de> for Window {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Window, D::Error> {
        String::deserialize(from)?.parse().map_err(D::Error::custom)
    }
}

impl JsonSchema for Window {
    fn schema_name() -> Cow<'static, str> {
        "Window".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "pattern": "^(([1-9][0-9]?|[1-6][0-9]{2}|7[01][0-9]|720)h|([1-9]|[12][0-9]|30)d)$",
            "x-hint": "write a time from `1h` to `30d`, such as `24h`",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_window_is_of_an_hour_to_thirty_days_and_the_schema_says_so_too() {
        let schema = Window::json_schema(&mut SchemaGenerator::default());
        for (text, expect) in [
            ("1h", Some("1h")),
            ("24h", Some("24h")),
            ("1d", Some("24h")),
            ("48h", Some("2d")),
            ("49h", Some("49h")),
            ("720h", Some("30d")),
            ("30d", Some("30d")),
            ("0h", None),
            ("01h", None),
            ("721h", None),
            ("31d", None),
            ("90m", None),
            ("+1h", None),
            ("h", None),
            ("", None),
            ("9223372036854775807d", None),
            ("é", None),
        ] {
            let got = text.parse::<Window>().ok().map(|it| it.to_string());
            assert_eq!(got.as_deref(), expect, "{text}");
            assert_eq!(jsonschema::is_valid(&schema.clone().to_value(), &json!(text)), expect.is_some(), "{text}");
        }
    }
}
