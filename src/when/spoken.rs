//! Times as a person writes them.

use crate::when::{instant, local, zone_name};
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde_json::Value;

/// Words a `dateTimeTimeZone` object or a `DateTimeOffset`: `2026-12-01 10:00 Europe/Berlin`, with seconds where there are any.
///
/// `None` for what is no time.
pub fn spoken(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(format!("{} UTC", clock(instant(text)?.to_zoned(TimeZone::UTC).datetime()))),
        Value::Object(members) => {
            let at = members.get("dateTime")?.as_str()?;
            Some(format!("{} {}", clock(local(at).ok()?), zone_name(value)?))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => None,
    }
}

fn clock(at: DateTime) -> String {
    let shape = if at.second() == 0 { "%Y-%m-%d %H:%M" } else { "%Y-%m-%d %H:%M:%S" };
    at.strftime(shape).to_string()
}

#[cfg(test)]
mod tests {
    use super::spoken;
    use serde_json::json;

    #[test]
    fn a_time_is_written_as_people_do() {
        for (value, expect) in [
            (json!({"dateTime": "2026-12-01T10:00:00.0000000", "timeZone": "UTC"}), Some("2026-12-01 10:00 UTC")),
            (
                json!({"dateTime": "2026-12-01T10:00:30", "timeZone": "Europe/Berlin"}),
                Some("2026-12-01 10:00:30 Europe/Berlin"),
            ),
            (json!("2026-12-01T10:00:00+01:00"), Some("2026-12-01 09:00 UTC")),
            (json!({"dateTime": "2026-12-01T10:00:00"}), None),
            (json!({"dateTime": "soon", "timeZone": "UTC"}), None),
            (json!("soon"), None),
            (json!(null), None),
        ] {
            assert_eq!(spoken(&value).as_deref(), expect, "{value}");
        }
    }
}
