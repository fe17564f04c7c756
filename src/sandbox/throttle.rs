//! The limits of a mailbox: concurrent requests, and requests in ten minutes (throttling-limits.md).
//!
//! Counts what arrives, refused requests included: they count in a real tenant, too (throttling.md).

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use serde::Serialize;

use crate::sandbox::answer::{Outcome, Refusal, refusal};

const WINDOW: Duration = Duration::from_secs(600);

/// What one app may do with one mailbox.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Requests in flight for one mailbox at once.
    pub concurrent: usize,
    /// In ten minutes.
    pub requests: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { concurrent: 4, requests: 10_000 }
    }
}

/// What came in so far.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Counts {
    /// All requests, those inside of batches too.
    pub requests: u64,
    /// Requests that change something, by method; `$batch` and getSchedule change nothing.
    pub writes: BTreeMap<String, u64>,
    /// The most requests that ran at once, by mailbox.
    pub peak: BTreeMap<String, usize>,
    /// How many were refused with 429 by the limits.
    pub throttled: u64,
}

#[derive(Default)]
struct Gate {
    running: usize,
    came: VecDeque<Instant>,
}

/// The doors of all mailboxes.
#[derive(Default)]
pub struct Throttle {
    gates: Mutex<HashMap<String, Gate>>,
    counts: Mutex<Counts>,
}

/// Holds a place in a mailbox; dropping it gives the place back.
pub struct Place {
    throttle: Arc<Throttle>,
    mailbox: String,
}

impl Throttle {
    /// Takes a place in a mailbox, or refuses with 429 and Retry-After.
    pub fn enter(self: &Arc<Throttle>, mailbox: &str, limits: Limits) -> Outcome<Place> {
        let now = Instant::now();
        let mut gates = lock(&self.gates);
        let gate = gates.entry(mailbox.to_string()).or_default();
        while gate.came.front().is_some_and(|it| now.duration_since(*it) > WINDOW) {
            gate.came.pop_front();
        }
        gate.came.push_back(now);
        let mut counts = lock(&self.counts);
        if gate.came.len() > limits.requests {
            counts.throttled += 1;
            let oldest = gate.came.front().map_or(WINDOW, |it| WINDOW.saturating_sub(now.duration_since(*it)));
            return Err(throttled(
                "TooManyRequests",
                "Too many requests: the application is over its limit for this mailbox.",
                oldest.as_secs() + 1,
            ));
        }
        if gate.running >= limits.concurrent {
            counts.throttled += 1;
            return Err(throttled("ApplicationThrottled", "Application is over its MailboxConcurrency limit.", 1));
        }
        gate.running += 1;
        let peak = counts.peak.entry(mailbox.to_string()).or_default();
        *peak = (*peak).max(gate.running);
        Ok(Place { throttle: self.clone(), mailbox: mailbox.to_string() })
    }

    /// Counts a request.
    pub fn count(&self, method: &str, path: &str) {
        let mut counts = lock(&self.counts);
        counts.requests += 1;
        let path = path.to_ascii_lowercase();
        let reads = method == "GET" || path.ends_with("$batch") || path.ends_with("getschedule");
        if !reads {
            *counts.writes.entry(method.to_string()).or_default() += 1;
        }
    }

    /// Returns the counts so far.
    pub fn counts(&self) -> Counts {
        lock(&self.counts).clone()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(gate) = lock(&self.throttle.gates).get_mut(&self.mailbox) {
            gate.running -= 1;
        }
    }
}

fn throttled(code: &'static str, message: &str, seconds: u64) -> Refusal {
    Refusal { retry_after: Some(seconds.to_string()), ..refusal(429, code, message) }
}

/// A lock that a panicking request left behind is as good as any: each change is whole.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
