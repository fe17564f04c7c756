//! Whether a request is sent again, and after how long.
//!
//! Pure but for the jitter. It knows nothing of sockets, of mailboxes or of what a request means: a request says
//! itself how often it may be sent (`Again`). Deadlines are the caller's.

use crate::model::Again;
use jiff::Timestamp;
use jiff::fmt::rfc2822;
use std::time::Duration;

/// The longest back-off of our own; only Graph may ask for more.
const LONGEST: Duration = Duration::from_secs(30);

/// Seconds.
const DAY: f64 = 86_400.0;

/// What came back from one attempt.
#[derive(Debug, Clone, Copy)]
pub enum Seen<'a> {
    /// Any answer but a good one.
    Answer { status: u16, code: &'a str, retry_after: Option<Duration> },
    /// It was sent, and no whole answer came.
    Lost,
    /// It was never sent: no address, no connection, no TLS.
    Unreached,
}

/// What to do about it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Next {
    /// Send it again after this long.
    Wait(Duration),
    /// Whether it took is not known, and sending it twice does harm: somebody must look first.
    Look,
    /// Give up; the answer stands.
    Stop,
}

/// How often a request met each kind of failure: waits for a busy mailbox are no sign that a lost answer will not come the
/// next time.
#[derive(Debug, Clone, Copy, Default)]
pub struct Tally {
    throttled: u32,
    unreached: u32,
    /// Lost answers, and gateways that could not reach what is behind them.
    away: u32,
    internal: u32,
    /// Answers that say no.
    refused: u32,
}

impl Tally {
    /// Whether an attempt that was counted may have been carried out all the same.
    pub fn is_open(&self) -> bool {
        self.away + self.internal > 0
    }

    /// Counts one failure, and returns how many of its kind there were.
    pub fn count(&mut self, seen: Seen) -> u32 {
        let kind = match seen {
            Seen::Answer { status, .. } if throttled(status) => &mut self.throttled,
            Seen::Answer { status: 502..=504, .. } | Seen::Lost => &mut self.away,
            Seen::Answer { status: 500.., .. } => &mut self.internal,
            Seen::Answer { .. } => &mut self.refused,
            Seen::Unreached => &mut self.unreached,
        };
        *kind = kind.saturating_add(1);
        *kind
    }
}

/// Says what to do after attempt number `attempt` that failed in this way, counted from 1; `first` is the first back-off.
///
/// Source: throttling.md, errors.md; which codes of 500 pass by themselves: known-issues.md, observed.
///
/// ```text
/// seen                  | Freely                 | AfterRead
/// ----------------------+------------------------+----------------------
/// 429, 509              | again, always          | again, always
/// 502, 503, 504, lost   | again, always          | look
/// never sent            | again, 3 attempts      | again, 3 attempts
/// 500, passing          | again, 4 attempts      | look
/// 500, other code       | stop                   | look
/// anything else         | stop                   | stop
/// ```
pub fn next(again: Again, seen: Seen, attempt: u32, first: Duration) -> Next {
    let (most, asked) = match seen {
        Seen::Answer { status: 429 | 509, retry_after, .. } => (u32::MAX, retry_after),
        Seen::Unreached => (3, None),
        Seen::Lost | Seen::Answer { status: 500 | 502 | 503 | 504, .. } if again == Again::AfterRead => {
            return Next::Look;
        }
        Seen::Lost => (u32::MAX, None),
        Seen::Answer { status: 500, code, retry_after } if passing(code) => (4, retry_after),
        Seen::Answer { status: 502..=504, retry_after, .. } => (u32::MAX, retry_after),
        Seen::Answer { .. } => return Next::Stop,
    };
    // "At once" is not taken at its word: with an answer that stays the same it would be a storm.
    let asked = asked.filter(|it| !it.is_zero());
    match attempt < most {
        true => Next::Wait(asked.unwrap_or_else(|| back_off(attempt, first))),
        false => Next::Stop,
    }
}

/// Whether Graph turned the request away unread because there were too many.
pub fn throttled(status: u16) -> bool {
    matches!(status, 429 | 509)
}

/// Reads a `Retry-After`: seconds, which may be fractional (throttling.md), or a date, as gateways between write it (RFC 9110,
/// 10.2.3). Waiting exactly that long is the fastest. `now` is when the answer was sent, by the server's clock where it says so.
///
/// More than a day counts as a day: no deadline is that long, and clocks have an end. A date that is past asks for no wait.
pub fn retry_after(value: &str, now: Timestamp) -> Option<Duration> {
    let seconds = match value.trim().parse::<f64>() {
        Ok(seconds) if seconds.is_nan() => return None,
        Ok(seconds) => seconds,
        Err(_) => date(value)?.duration_since(now).as_secs_f64().max(0.0),
    };
    Duration::try_from_secs_f64(seconds.min(DAY)).ok()
}

/// Reads a date in a header.
pub fn date(value: &str) -> Option<Timestamp> {
    rfc2822::parse(value.trim()).ok().map(|at| at.timestamp())
}

/// A 500 without a code of its own, or with one of those that mean "try again".
fn passing(code: &str) -> bool {
    const CODES: &[&str] = &[
        "",
        "ErrorInternalServerTransientError",
        "ErrorInternalServerError",
        "InternalServerError",
        "generalException",
        "UnknownError",
    ];
    CODES.iter().any(|it| it.eq_ignore_ascii_case(code))
}

/// Doubles with each attempt, and spreads by half to either side, so that requests that failed together do not return
/// together.
fn back_off(attempt: u32, first: Duration) -> Duration {
    let doubled = first.saturating_mul(1 << (attempt - 1).min(16));
    doubled.min(LONGEST).mul_f64(0.5 + fastrand::f64())
}

#[cfg(test)]
mod tests {
    use crate::graph::retry::{Next, Seen, Tally, back_off, next, retry_after};
    use crate::model::Again::{self, AfterRead, Freely};
    use std::time::Duration;

    #[test]
    fn what_graph_asks_is_waited_exactly() {
        for (text, expect) in [
            ("2.128", Some(2128)),
            (" 0.02", Some(20)),
            ("10", Some(10_000)),
            ("0", Some(0)),
            ("-1", None),
            ("soon", None),
            ("NaN", None),
            ("inf", Some(86_400_000)),
            ("1e300", Some(86_400_000)),
            ("Tue, 01 Dec 2026 10:00:07 GMT", Some(7000)),
            ("Tue, 01 Dec 2026 09:59:00 GMT", Some(0)),
            ("Wed, 01 Dec 2027 10:00:00 GMT", Some(86_400_000)),
            ("Tue, 41 Dec 2026 10:00:07 GMT", None),
        ] {
            let now = "2026-12-01T10:00:00Z".parse().unwrap();
            assert_eq!(retry_after(text, now), expect.map(Duration::from_millis), "{text}");
        }
    }

    #[test]
    fn each_answer_is_sent_again_as_often_as_it_is_safe() {
        let wait = Next::Wait(Duration::from_secs(7));
        let cases: &[(Again, u16, &str, u32, Next)] = &[
            (Freely, 429, "TooManyRequests", 99, wait),
            (AfterRead, 429, "", 99, wait),
            (Freely, 503, "", 99, wait),
            (Freely, 504, "", 99, wait),
            (AfterRead, 503, "", 1, Next::Look),
            (AfterRead, 500, "ErrorQuotaExceeded", 1, Next::Look),
            (Freely, 500, "errorinternalservertransienterror", 3, wait),
            (Freely, 500, "UnknownError", 4, Next::Stop),
            (Freely, 500, "ErrorQuotaExceeded", 1, Next::Stop),
            (Freely, 507, "quotaLimitReached", 1, Next::Stop),
            (AfterRead, 412, "ErrorIrresolvableConflict", 1, Next::Stop),
            (Freely, 423, "", 1, Next::Stop),
        ];
        for &(again, status, code, attempt, expect) in cases {
            let seen = Seen::Answer { status, code, retry_after: Some(Duration::from_secs(7)) };
            let got = next(again, seen, attempt, Duration::from_secs(1));
            assert_eq!(got, expect, "{again:?} {status} {code} {attempt}");
        }
    }

    #[test]
    fn a_wait_that_graph_does_not_name_or_names_as_nothing_is_ours() {
        for retry_after in [None, Some(Duration::ZERO)] {
            let seen = Seen::Answer { status: 429, code: "", retry_after };
            let Next::Wait(wait) = next(AfterRead, seen, 3, Duration::from_secs(1)) else {
                panic!("429 is always sent again");
            };
            assert!((2.0..=6.0).contains(&wait.as_secs_f64()), "{wait:?}");
        }
    }

    #[test]
    fn what_never_left_may_always_be_sent_again_but_not_for_long() {
        for again in [Freely, AfterRead] {
            let of = |attempt| next(again, Seen::Unreached, attempt, Duration::from_secs(1));
            assert!(matches!(of(2), Next::Wait(_)));
            assert_eq!(of(3), Next::Stop);
        }
        assert_eq!(next(AfterRead, Seen::Lost, 1, Duration::ZERO), Next::Look);
        assert!(matches!(next(Freely, Seen::Lost, 99, Duration::ZERO), Next::Wait(_)));
    }

    #[test]
    fn each_kind_of_failure_is_counted_apart() {
        let mut tally = Tally::default();
        let answer = |status| Seen::Answer { status, code: "", retry_after: None };
        for _ in 0..9 {
            tally.count(answer(429));
        }
        let counts = [Seen::Lost, answer(503), answer(500), Seen::Unreached, answer(500)].map(|it| tally.count(it));
        assert_eq!(counts, [1, 2, 1, 1, 2]);
    }

    #[test]
    fn the_back_off_doubles_with_jitter_and_has_an_end() {
        for (attempt, expect) in [(1, 1.0), (2, 2.0), (5, 16.0), (6, 30.0), (4000, 30.0)] {
            let wait = back_off(attempt, Duration::from_secs(1)).as_secs_f64();
            assert!((expect * 0.5..=expect * 1.5).contains(&wait), "{attempt}: {wait}");
        }
    }
}
