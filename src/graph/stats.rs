//! What the client has done so far, counted.
//!
//! Numbers only, summed over all clones of a client. They decide nothing.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

/// A reading of the counters.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Stats {
    /// Requests as Graph counts them: each one inside a batch, and each attempt.
    pub requests: u64,
    /// Those among them that may change something.
    pub writes: u64,
    /// HTTP exchanges: a batch is one.
    pub round_trips: u64,
    /// Seconds from the first request to the last answer.
    pub span: f64,
    /// Requests that were sent again.
    pub retries: u64,
    /// Answers 429 and 509.
    pub throttled: u64,
    /// Seconds that requests waited before they were sent again, summed over the requests.
    pub waited: f64,
    /// The most HTTP exchanges in flight at once.
    pub peak: usize,
    /// The most requests in flight at once for any one mailbox; of a batch, as many as Graph may run at once.
    pub peak_mailbox: usize,
    /// Bytes of request bodies.
    pub bytes_out: u64,
    /// Bytes of answers, unpacked.
    pub bytes_in: u64,
}

/// What is counted while the client works.
#[derive(Default)]
pub struct Counters {
    pub requests: AtomicU64,
    pub writes: AtomicU64,
    pub round_trips: AtomicU64,
    pub retries: AtomicU64,
    pub throttled: AtomicU64,
    pub waited_micros: AtomicU64,
    pub bytes_out: AtomicU64,
    pub bytes_in: AtomicU64,
    /// Pages of lists.
    pub pages: AtomicU64,
    first: OnceLock<Instant>,
    span_micros: AtomicU64,
}

impl Counters {
    /// Something is sent now.
    pub fn begin(&self) {
        self.first.get_or_init(Instant::now);
    }

    /// An answer was heard, or is no longer waited for.
    pub fn end(&self) {
        let span = self.first.get().map(Instant::elapsed).unwrap_or_default();
        self.span_micros.fetch_max(span.as_micros() as u64, Relaxed);
    }

    /// Adds a wait that Graph asked for.
    pub fn waited(&self, time: Duration) {
        add(&self.waited_micros, time.as_micros() as u64);
    }

    /// Reads the counters; the peaks of `Throttle` come along.
    pub fn read(&self, (peak, peak_mailbox): (usize, usize)) -> Stats {
        Stats {
            requests: self.requests.load(Relaxed),
            writes: self.writes.load(Relaxed),
            round_trips: self.round_trips.load(Relaxed),
            span: self.span_micros.load(Relaxed) as f64 / 1e6,
            retries: self.retries.load(Relaxed),
            throttled: self.throttled.load(Relaxed),
            waited: self.waited_micros.load(Relaxed) as f64 / 1e6,
            peak,
            peak_mailbox,
            bytes_out: self.bytes_out.load(Relaxed),
            bytes_in: self.bytes_in.load(Relaxed),
        }
    }
}

/// Adds to one counter.
pub fn add(counter: &AtomicU64, by: u64) {
    counter.fetch_add(by, Relaxed);
}
