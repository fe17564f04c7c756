//! When a standalone meeting expires: 60 days after its start or end Graph takes it away, join link and all; an update of it or
//! somebody joining gives it 60 more (onlinemeeting.md). Whether anything else does is not documented, so nothing is ever sent
//! for the sake of it.

use crate::plural::count;
use crate::when;
use jiff::{SignedDuration, Timestamp};

/// How long before it expires a meeting is named.
const SOON: SignedDuration = SignedDuration::from_hours(14 * 24);

/// What a meeting costs that is made again.
pub const NEW_LINK: &str = "what is made again has a new join link";

/// Writes when a meeting expires, and how far away that is, if it is soon.
pub fn soon(expires: Timestamp, now: Timestamp) -> Option<String> {
    let left = expires.duration_since(now);
    let days = usize::try_from(left.as_hours() / 24).unwrap_or_default();
    let when = match days {
        _ if left.is_negative() || left.is_zero() => "past already".to_owned(),
        0 => "within a day".to_owned(),
        days => format!("in {}", count(days, "day")),
    };
    (left <= SOON).then(|| format!("{}, {when}", written(expires)))
}

/// Says that a meeting expires soon, and what follows, if it does.
pub fn warning(expires: Timestamp, now: Timestamp) -> Option<String> {
    let when = soon(expires, now)?;
    Some(format!("it expires on {when}: Graph then deletes it, and {NEW_LINK}; {WAY_OUT}"))
}

/// What puts it off, as far as that is documented.
pub const WAY_OUT: &str = "joining it or changing it in its manifest gives it 60 more days";

/// Says why a meeting is gone, where it is known when it was to expire.
pub fn gone(expires: Timestamp, now: Timestamp) -> String {
    match expires <= now {
        true => format!("the meeting that was applied before expired on {}: {NEW_LINK}", written(expires)),
        false => format!("the meeting that was applied before is gone, deleted before it expired: {NEW_LINK}"),
    }
}

fn written(at: Timestamp) -> String {
    when::Spoken::of(&when::utc(at).into(), None).expect("an instant is a time").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_meeting_is_named_within_two_weeks() {
        let now: Timestamp = "2031-03-01T12:00:00Z".parse().unwrap();
        for (at, expect) in [
            ("2031-03-16T12:00:00Z", None),
            ("2031-03-15T12:00:00Z", Some("Sat 2031-03-15 12:00 UTC, in 14 days")),
            ("2031-03-03T11:59:59.5Z", Some("Mon 2031-03-03 11:59:59 UTC, in 1 day")),
            ("2031-03-02T11:00:00Z", Some("Sun 2031-03-02 11:00 UTC, within a day")),
            ("2031-03-01T12:00:00Z", Some("Sat 2031-03-01 12:00 UTC, past already")),
            ("2031-02-01T12:00:00Z", Some("Sat 2031-02-01 12:00 UTC, past already")),
        ] {
            assert_eq!(soon(at.parse().unwrap(), now).as_deref(), expect, "{at}");
        }
    }
}
