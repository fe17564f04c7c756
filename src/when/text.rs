//! Dates, wall clock times and instants as text, in the shapes that manifests and Graph use.
//!
//! Reading is strict where an author writes (`date`, `local`: the message says what is wrong) and plain where Graph
//! answers (`instant`, `instant_in_zone`: `None` when it is not what it should be). Writing is whole seconds, since
//! Graph keeps no finer times.

use jiff::tz::TimeZone;
use jiff::{Timestamp, civil};
use serde_json::Value;

use crate::tight;
use crate::when::{Fit, fit, zone};

/// Reads a date, `2026-12-01`.
pub fn date(text: &str) -> Result<civil::Date, String> {
    day(text).map_err(|wrong| wrong.say("a date such as `2026-12-01`", text))
}

/// Reads a wall clock time: `2026-12-01T10:00`, perhaps with seconds and Graph's seven digits, or `2026-12-01` for its
/// midnight.
///
/// An offset or `Z` is an error, since the zone stands beside the time (datetimetimezone.md). Seconds are kept.
pub fn local(text: &str) -> Result<civil::DateTime, String> {
    let read = || match text.split_once('T') {
        Some((before, after)) => Ok(day(before)?.to_datetime(clock(after)?)),
        None => Ok(day(text)?.to_datetime(civil::Time::midnight())),
    };
    read().map_err(|wrong: Wrong| wrong.say("a time such as `2026-12-01T10:00`", text))
}

/// Writes a wall clock time as Graph takes it, `2026-12-01T10:00:00`; fractions of a second are cut off.
pub fn graph(at: civil::DateTime) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S").to_string()
}

/// Writes a `dateTimeTimeZone` object; `zone` is a name that Graph takes.
pub fn pair(at: civil::DateTime, zone: &str) -> Value {
    tight::object([("dateTime", graph(at).into()), ("timeZone", zone.into())])
}

/// Writes an instant as a `dateTimeTimeZone` object in UTC.
pub fn pair_in_utc(at: Timestamp) -> Value {
    pair(at.to_zoned(TimeZone::UTC).datetime(), "UTC")
}

/// Returns the zone name of a `dateTimeTimeZone` object.
pub fn zone_name(value: &Value) -> Option<&str> {
    value.get("timeZone")?.as_str()
}

/// Reads a `dateTimeTimeZone` object, `{"dateTime": "2026-12-01T09:00:00.0000000", "timeZone": "UTC"}`.
///
/// A time inside a gap is moved past it and of two times the earlier is taken, as calendars do. `None` when a part is
/// missing, is no time, or names an unknown zone.
pub fn instant_in_zone(value: &Value) -> Option<Timestamp> {
    let at = local(value.get("dateTime")?.as_str()?).ok()?;
    let zone = zone(zone_name(value)?)?;
    match fit(at, &zone) {
        Fit::Once(instant) | Fit::Fold { earlier: instant, .. } => Some(instant),
        Fit::Gap { .. } => zone.to_ambiguous_timestamp(at).compatible().ok(),
    }
}

/// Reads an instant with an offset or `Z`, Graph's `DateTimeOffset`: `2026-12-01T09:00:00.0000000Z`.
pub fn instant(text: &str) -> Option<Timestamp> {
    text.parse().ok()
}

/// Writes an instant in UTC, `2026-12-01T09:00:00Z`; fractions of a second are cut off.
pub fn utc(at: Timestamp) -> String {
    format!("{at:.0}")
}

/// What can be wrong with a date or time.
enum Wrong {
    Shape,
    Offset,
    Range,
}

impl Wrong {
    fn say(self, shape: &str, text: &str) -> String {
        match self {
            Wrong::Shape => format!("not {shape}: `{text}`"),
            Wrong::Offset => {
                format!("a time here has no offset, `timeZone` says its zone: `{text}`")
            }
            Wrong::Range => format!("no such day or time: `{text}`"),
        }
    }
}

fn day(text: &str) -> Result<civil::Date, Wrong> {
    let [year, month, day] = numbers(text, b'-', [4, 2, 2]).ok_or(Wrong::Shape)?;
    civil::Date::new(year, month as i8, day as i8).map_err(|_| Wrong::Range)
}

fn clock(text: &str) -> Result<civil::Time, Wrong> {
    if text.bytes().any(|it| matches!(it, b'Z' | b'z' | b'+' | b'-')) {
        return Err(Wrong::Offset);
    }
    let (clock, digits) = text.split_once('.').unwrap_or((text, "0"));
    let [hour, minute, second] = match digits == "0" && clock.len() == 5 {
        true => numbers(clock, b':', [2, 2]).map(|[hour, minute]| [hour, minute, 0]),
        false => numbers(clock, b':', [2, 2, 2]),
    }
    .ok_or(Wrong::Shape)?;
    let nanosecond = fraction(digits).ok_or(Wrong::Shape)?;
    civil::Time::new(hour as i8, minute as i8, second as i8, nanosecond).map_err(|_| Wrong::Range)
}

/// Reads numbers of exactly these widths (four digits at most) between separators.
fn numbers<const N: usize>(text: &str, separator: u8, widths: [usize; N]) -> Option<[i16; N]> {
    let digit = |sum: i16, it: &u8| it.is_ascii_digit().then(|| sum * 10 + i16::from(it - b'0'));
    let mut parts = text.as_bytes().split(|it| *it == separator);
    let mut read = [0; N];
    for (number, width) in read.iter_mut().zip(widths) {
        let part = parts.next().filter(|part| part.len() == width)?;
        *number = part.iter().try_fold(0, digit)?;
    }
    parts.next().is_none().then_some(read)
}

/// Reads one to nine digits after the decimal point as nanoseconds.
fn fraction(digits: &str) -> Option<i32> {
    let plain = (1..=9).contains(&digits.len()) && digits.bytes().all(|it| it.is_ascii_digit());
    plain.then(|| Some(digits.parse::<i32>().ok()? * 10_i32.pow(9 - digits.len() as u32)))?
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::{date, graph, instant, instant_in_zone, local, utc};

    #[test]
    fn a_wall_clock_time_is_read_and_written_as_graph_has_it() {
        for (text, expect) in [
            ("2026-12-01T10:00", "2026-12-01T10:00:00"),
            ("2026-12-01T10:00:30", "2026-12-01T10:00:30"),
            ("2026-12-01T10:00:00.0000000", "2026-12-01T10:00:00"),
            ("2026-12-01T10:00:00.9999999", "2026-12-01T10:00:00"),
            ("2026-12-01", "2026-12-01T00:00:00"),
            ("0001-01-01T00:00:00.0000000", "0001-01-01T00:00:00"),
        ] {
            assert_eq!(local(text).map(graph).as_deref(), Ok(expect), "{text}");
        }
    }

    #[test]
    fn what_is_no_wall_clock_time_is_refused_with_the_reason() {
        for (text, expect) in [
            ("2026-12-01T10:00Z", "no offset"),
            ("2026-12-01T10:00:00+01:00", "no offset"),
            ("2026-12-01T10:00-05:00", "no offset"),
            ("2026-02-29T10:00", "no such day or time"),
            ("2026-13-01", "no such day or time"),
            ("2026-12-01T24:00", "no such day or time"),
            ("2026-12-01T10:00:60", "no such day or time"),
            ("2026-12-01 10:00", "not a time such as"),
            ("2026-12-1T10:00", "not a time such as"),
            ("2026-12-01T10", "not a time such as"),
            ("2026-12-01T10:00.5", "not a time such as"),
            ("2026-12-01T10:00:00.", "not a time such as"),
            ("2026-12-01T+9:00", "no offset"),
            ("", "not a time such as"),
            ("tomorrow", "not a time such as"),
            ("T", "not a time such as"),
        ] {
            let message = local(text).expect_err(text);
            assert!(message.contains(expect), "{text} {message}");
        }
    }

    #[test]
    fn a_date_is_a_date_alone() {
        assert_eq!(date("2028-02-29").map(|it| it.to_string()).as_deref(), Ok("2028-02-29"));
        for text in ["2026-02-29", "2026-12-01T10:00", "01.12.2026", "２０２６-12-01"] {
            let message = date(text).expect_err(text);
            assert!(message.ends_with(&format!("`{text}`")), "{message}");
        }
    }

    #[test]
    fn a_time_with_its_zone_is_an_instant() {
        for (at, zone, expect) in [
            ("2026-12-01T09:00:00.0000000", "UTC", "2026-12-01T09:00:00Z"),
            ("2026-12-01T10:00:00", "W. Europe Standard Time", "2026-12-01T09:00:00Z"),
            ("2026-07-01T10:00:00", "Europe/Oslo", "2026-07-01T08:00:00Z"),
            ("2026-03-29T02:30:00", "Europe/Berlin", "2026-03-29T01:30:00Z"),
            ("2026-10-25T02:30:00", "Europe/Berlin", "2026-10-25T00:30:00Z"),
            ("0001-01-01T00:00:00", "tzone://Microsoft/Utc", "0001-01-01T00:00:00Z"),
        ] {
            let value = json!({"dateTime": at, "timeZone": zone});
            assert_eq!(instant_in_zone(&value).map(utc).as_deref(), Some(expect), "{value}");
        }
    }

    #[test]
    fn half_a_time_is_no_instant() {
        for value in [
            json!(null),
            json!("2026-12-01T09:00:00Z"),
            json!({"dateTime": "2026-12-01T09:00:00"}),
            json!({"dateTime": "2026-12-01T09:00:00", "timeZone": "tzone://Microsoft/Custom"}),
            json!({"dateTime": "2026-12-01T09:00:00Z", "timeZone": "UTC"}),
            json!({"dateTime": 5, "timeZone": []}),
        ] {
            assert_eq!(instant_in_zone(&value), None, "{value}");
        }
    }

    #[test]
    fn instants_are_equal_whatever_their_offset() {
        for (text, expect) in [
            ("2026-12-01T09:00:00Z", Some("2026-12-01T09:00:00Z")),
            ("2026-12-01T09:00:00.0000000Z", Some("2026-12-01T09:00:00Z")),
            ("2026-12-01T10:00:00+01:00", Some("2026-12-01T09:00:00Z")),
            ("2026-12-01T09:00:00.5Z", Some("2026-12-01T09:00:00Z")),
            ("2026-12-01T09:00Z", Some("2026-12-01T09:00:00Z")),
            ("0001-01-01T00:00:00Z", Some("0001-01-01T00:00:00Z")),
            ("2026-12-01T09:00:00", None),
            ("", None),
        ] {
            assert_eq!(instant(text).map(utc).as_deref(), expect, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in ".*", near in "[0-9]{3,5}-[0-9]{1,2}-[0-9]{2}T[0-9:.Z+]{0,16}") {
            for text in [text, near] {
                let _ = (date(&text), instant(&text));
                if let Ok(at) = local(&text) {
                    prop_assert_eq!(local(&graph(at)).map(graph), Ok(graph(at)));
                }
                instant_in_zone(&json!({"dateTime": text, "timeZone": "Europe/Berlin"}));
                instant_in_zone(&json!({"dateTime": "2026-12-01", "timeZone": text}));
            }
        }
    }
}
