//! What a wall clock time means in a zone.
//!
//! Where a zone puts its clock forward, some times do not exist; where it puts it back, some exist twice. This module
//! says which; it does not choose, since only the caller knows whether to refuse, to warn or to do as Exchange does.

use jiff::tz::{AmbiguousOffset, Offset, TimeZone};
use jiff::{Timestamp, civil};

/// How a wall clock time fits into a zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fit {
    /// The time exists once.
    Once(Timestamp),
    /// The time does not exist: the clock goes from `before` straight to `after`, the first time that exists again.
    Gap { before: civil::DateTime, after: civil::DateTime },
    /// The time exists twice, before and after the clock is put back.
    Fold { earlier: Timestamp, later: Timestamp },
}

/// Says how a wall clock time fits into a zone: once, inside a gap, or inside a fold.
///
/// Times at the very ends of the calendar, years -9999 and 9999, are held at its first or last instant.
pub fn fit(at: civil::DateTime, zone: &TimeZone) -> Fit {
    match zone.to_ambiguous_timestamp(at).offset() {
        AmbiguousOffset::Unambiguous { offset } => Fit::Once(held(at, offset)),
        AmbiguousOffset::Fold { before, after } => Fit::Fold { earlier: held(at, before), later: held(at, after) },
        AmbiguousOffset::Gap { before, after } => {
            // Read with the offset that holds after the gap, the time is an instant shortly before the clock changes.
            let early = held(at, after);
            let change = zone.following(early).next();
            let instant = change.map_or(early, |change| change.timestamp());
            Fit::Gap { before: before.to_datetime(instant), after: after.to_datetime(instant) }
        }
    }
}

fn held(at: civil::DateTime, offset: Offset) -> Timestamp {
    offset.to_timestamp(at).unwrap_or(match at.year() < 0 {
        true => Timestamp::MIN,
        false => Timestamp::MAX,
    })
}

#[cfg(test)]
mod tests {
    use jiff::civil::DateTime;
    use jiff::tz::TimeZone;

    use super::{Fit, fit};
    use crate::when::{graph, local, utc, zone};

    fn fit_of(at: &str, name: &str) -> String {
        match fit(local(at).expect(at), &zone(name).expect(name)) {
            Fit::Once(at) => utc(at),
            Fit::Gap { before, after } => format!("gap {} {}", graph(before), graph(after)),
            Fit::Fold { earlier, later } => format!("fold {} {}", utc(earlier), utc(later)),
        }
    }

    #[test]
    fn a_time_exists_once_never_or_twice() {
        let gap = "gap 2026-03-29T02:00:00 2026-03-29T03:00:00";
        for (at, zone, expect) in [
            ("2026-12-01T10:00", "Europe/Berlin", "2026-12-01T09:00:00Z"),
            ("2026-07-01T10:00", "Europe/Berlin", "2026-07-01T08:00:00Z"),
            ("2026-03-29T01:59", "Europe/Berlin", "2026-03-29T00:59:00Z"),
            ("2026-03-29T02:00", "Europe/Berlin", gap),
            ("2026-03-29T02:30", "W. Europe Standard Time", gap),
            ("2026-03-29T02:59:59", "Europe/Berlin", gap),
            ("2026-03-29T03:00", "Europe/Berlin", "2026-03-29T01:00:00Z"),
            ("2026-10-25T02:30", "Europe/Berlin", "fold 2026-10-25T00:30:00Z 2026-10-25T01:30:00Z"),
            ("2026-10-25T03:00", "Europe/Berlin", "2026-10-25T02:00:00Z"),
            ("2026-10-04T02:15", "Australia/Lord_Howe", "gap 2026-10-04T02:00:00 2026-10-04T02:30:00"),
            ("2040-03-11T02:30", "America/New_York", "gap 2040-03-11T02:00:00 2040-03-11T03:00:00"),
            ("2026-03-29T02:30", "UTC", "2026-03-29T02:30:00Z"),
            ("2027-01-15T10:00", "America/Vancouver", "2027-01-15T17:00:00Z"),
        ] {
            assert_eq!(fit_of(at, zone), expect, "{at} {zone}");
        }
    }

    #[test]
    fn the_ends_of_the_calendar_are_held() {
        for at in [DateTime::MIN, DateTime::MAX] {
            for name in ["Pacific/Kiritimati", "Etc/GMT+12", "Europe/Berlin"] {
                let zone = TimeZone::get(name).expect(name);
                assert!(matches!(fit(at, &zone), Fit::Once(_)), "{at} {name}");
            }
        }
    }
}
