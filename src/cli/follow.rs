//! What is seen while a command works: a progress line on a terminal, or one line for each request in a log.
//!
//! All of it goes to standard error. Paths come without their queries and with ids cut, so no join link is in them.

use crate::apply::{Fate, Outcome};
use crate::cli::common::Common;
use crate::cli::output::{self, Progress};
use crate::cli::values::Log;
use crate::graph::{Client, Note, Stats, Watch};
use crate::plan::Step;
use crate::plural::{count, either};
use crate::render::page::Page;
use crate::report::fate;
use serde_json::{Value, json};
use std::io::IsTerminal;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// Follows one command. Cheap to clone.
#[derive(Clone)]
pub struct Follow {
    log: Log,
    verbose: u8,
    bar: Progress,
    requests: Arc<AtomicUsize>,
    /// Lines instead of a bar, where there is no terminal.
    lines: Option<Arc<Lines>>,
}

impl Follow {
    /// Begins to follow a command as the flags say.
    pub fn new(common: &Common) -> Follow {
        let (read, told) =
            (std::io::stderr().is_terminal(), common.log == Log::Human && common.verbose < 2 && !common.quiet);
        let lines = (told && !read).then(Arc::default);
        Follow {
            log: common.log,
            verbose: common.verbose,
            bar: Progress::new(told && read),
            requests: Arc::default(),
            lines,
        }
    }

    /// What the client tells while it works.
    pub fn watch(&self) -> Watch {
        let follow = self.clone();
        Arc::new(move |note| follow.noted(&note))
    }

    fn noted(&self, note: &Note) {
        if let Note::Sent { .. } = note {
            let requests = self.requests.fetch_add(1, Ordering::Relaxed) + 1;
            self.now(&count(requests, "request"));
        }
        if let Note::Waiting { seconds, mailbox } = note {
            self.now(&format!("waiting {seconds:.1} s for {mailbox}, as Graph asked"));
        }
        if let Note::Retrying { seconds, why, .. } = note {
            self.now(&format!("again in {seconds:.1} s: {why}"));
        }
        match (self.log, self.verbose) {
            (Log::Json, _) => output::log(line(note)),
            (Log::Human, 2..) => output::say(&Page::line(&words(note))),
            (Log::Human, _) => {}
        }
    }

    /// Told of each step that has ended, with how many there are.
    pub fn step(&self, done: usize, all: usize, step: &Step, outcome: &Outcome) {
        if outcome.fate == Fate::Nothing {
            return;
        }
        let word = fate(outcome.fate).unwrap_or("unchanged");
        match self.log {
            Log::Json => output::log(json!({"event": "step", "key": step.key, "outcome": word})),
            Log::Human => {
                self.bar.leave(&format!("{}: {word}", step.key));
                self.now(&format!("{done} of {}", count(all, "step")));
            }
        }
    }

    fn now(&self, text: &str) {
        self.bar.now(text);
        if let Some(text) = self.lines.as_ref().and_then(|lines| lines.at(Instant::now(), text)) {
            output::aside(&Page::line(&text));
        }
    }

    /// Holds the progress line back while a person is asked.
    pub fn while_asking<T>(&self, ask: impl FnOnce() -> T) -> T {
        self.bar.while_asking(ask)
    }

    /// Takes the progress line away, and with `-v` says what the run asked of Graph.
    pub fn done(&self, client: &Client) {
        self.bar.end();
        let stats = client.stats();
        match self.log {
            Log::Json => output::log(totals(&stats)),
            Log::Human if self.verbose > 0 => summary(&stats).iter().for_each(|line| output::say(&Page::line(line))),
            Log::Human => {}
        }
    }
}

/// How far it is, as a line now and then.
struct Lines {
    began: Instant,
    /// When the last one was, since the beginning.
    last: Mutex<Duration>,
}

/// How long it says nothing.
const SILENT: Duration = Duration::from_secs(10);

impl Default for Lines {
    fn default() -> Lines {
        Lines { began: Instant::now(), last: Mutex::default() }
    }
}

impl Lines {
    /// Returns the line that is due at a time, if one is.
    fn at(&self, now: Instant, text: &str) -> Option<String> {
        let since = now.saturating_duration_since(self.began);
        let mut last = self.last.lock().expect("nobody panics while it looks at the time");
        (since >= *last + SILENT).then(|| {
            *last = since;
            format!("after {} s: {text}", since.as_secs())
        })
    }
}

fn line(note: &Note) -> Value {
    match note {
        Note::Sent { method, path } => json!({"event": "request", "method": method, "path": path}),
        Note::Waiting { seconds, mailbox } => json!({"event": "wait", "mailbox": mailbox, "seconds": seconds}),
        Note::Retrying { method, path, seconds, why } => {
            json!({"event": "retry", "method": method, "path": path, "seconds": seconds, "why": why})
        }
    }
}

fn words(note: &Note) -> String {
    match note {
        Note::Sent { method, path } => format!("{method} {path}"),
        Note::Waiting { seconds, mailbox } => format!("waiting {seconds:.1} s for {mailbox}, as Graph asked"),
        Note::Retrying { method, path, seconds, why } => format!("again in {seconds:.1} s: {method} {path}: {why}"),
    }
}

fn totals(stats: &Stats) -> Value {
    json!({
        "event": "totals", "requests": stats.requests, "writes": stats.writes, "roundTrips": stats.round_trips,
        "seconds": stats.span,
        "retries": stats.retries, "throttled": stats.throttled, "waitedSeconds": stats.waited,
        "peak": stats.peak, "peakMailbox": stats.peak_mailbox, "bytesOut": stats.bytes_out, "bytesIn": stats.bytes_in,
    })
}

fn summary(stats: &Stats) -> [String; 2] {
    let count = |number: u64, what: &str| count(number as usize, what);
    let retries = format!("{} {}", stats.retries, either(stats.retries as usize, "retry", "retries"));
    let asked = format!(
        "{} in {} and {:.2} s, {}; {} throttled, {retries}, {:.1} s waited for Graph",
        count(stats.requests, "request"),
        count(stats.round_trips, "round trip"),
        stats.span,
        count(stats.writes, "write"),
        stats.throttled,
        stats.waited,
    );
    let most = format!(
        "at most {} in flight, {} for one mailbox; {} kB out, {} kB in",
        stats.peak,
        stats.peak_mailbox,
        stats.bytes_out / 1024,
        stats.bytes_in / 1024,
    );
    [asked, most]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_terminal_a_line_says_now_and_then_how_far_it_is() {
        let lines = Lines::default();
        let at = |seconds: u64| lines.at(lines.began + Duration::from_secs(seconds), "3 of 9 steps");
        for (seconds, expect) in [
            (0, None),
            (9, None),
            (10, Some("after 10 s: 3 of 9 steps")),
            (19, None),
            (21, Some("after 21 s: 3 of 9 steps")),
            (30, None),
        ] {
            assert_eq!(at(seconds).as_deref(), expect, "{seconds}");
        }
    }
}
