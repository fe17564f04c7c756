//! How long a meeting lasts, as text.
//!
//! A manifest may say `duration: 45m` in place of an end. Only whole minutes come out, since calendars keep series to
//! whole minutes. What a day means across a clock change is not looked at: a duration is elapsed time.

use jiff::{Span, SpanRelativeTo};

/// Reads a duration in minutes, always above zero: `45m`, `1h 30m`, `PT45M`, `2d`.
///
/// A day is 24 hours, a week seven days. Months and years have no fixed length and are refused, as is what is no whole
/// number of minutes.
pub fn minutes(text: &str) -> Result<i64, String> {
    let parsed: Result<Span, _> = text.parse();
    let span = parsed.map_err(|_| format!("not a duration such as `1h 30m`: `{text}`"))?;
    let length = span.to_duration(SpanRelativeTo::days_are_24_hours());
    let length = length.map_err(|_| format!("months and years have no fixed length: `{text}`"))?;
    if length.as_secs() % 60 != 0 || length.subsec_nanos() != 0 {
        return Err(format!("a duration is whole minutes: `{text}`"));
    }
    match length.as_secs() / 60 {
        ..=0 => Err(format!("a duration is longer than nothing: `{text}`")),
        minutes => Ok(minutes),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::minutes;

    #[test]
    fn a_duration_is_minutes() {
        for (text, expect) in [
            ("45m", 45),
            ("1h 30m", 90),
            ("1h30m", 90),
            ("1.5h", 90),
            ("PT45M", 45),
            ("pt1h", 60),
            ("P1DT2H", 26 * 60),
            ("2d", 2880),
            ("1w", 7 * 1440),
            ("90 minutes", 90),
            ("120s", 2),
        ] {
            assert_eq!(minutes(text), Ok(expect), "{text}");
        }
    }

    #[test]
    fn what_is_no_length_of_a_meeting_is_refused_with_the_reason() {
        for (text, expect) in [
            ("", "not a duration"),
            ("45", "not a duration"),
            ("soon", "not a duration"),
            ("999999999999999h", "not a duration"),
            ("1mo", "no fixed length"),
            ("P1Y", "no fixed length"),
            ("90s", "whole minutes"),
            ("1m 1ns", "whole minutes"),
            ("0m", "longer than nothing"),
            ("-45m", "longer than nothing"),
            ("45m ago", "longer than nothing"),
        ] {
            let message = minutes(text).expect_err(text);
            assert!(message.contains(expect), "{text} {message}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_minutes_or_refused(text in ".*", near in "-?P?T?[0-9]{1,20}[hmsdwyMPT ]{1,3}") {
            for text in [text, near] {
                prop_assert!(minutes(&text).is_err() || minutes(&text) > Ok(0));
            }
        }
    }
}
