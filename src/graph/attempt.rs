//! What becomes of a request after an attempt: done, failed, or sent again at some time.
//!
//! Puts the rules of `retry` to work: remembers the attempts, lets mailboxes rest, asks once for a fresh token, and
//! keeps the deadline. The same for single requests and for those inside a batch. It sends nothing itself.

use crate::graph::http::{Heard, Raw};
use crate::graph::redact;
use crate::graph::refusal::{self, Asked, Failure};
use crate::graph::retry::{self, Next, Seen, Tally};
use crate::graph::stats::add;
use crate::graph::{Inner, Note};
use crate::model::{Again, Method};
use crate::trouble::Trouble;
use std::time::Duration;
use tokio::time::Instant;

/// What is remembered of a request from one attempt to the next.
pub struct Try {
    pub mailbox: String,
    pub method: Method,
    /// Whether it changes something.
    pub writes: bool,
    pub path: String,
    pub again: Again,
    /// Failures so far.
    pub tally: Tally,
    /// End of its time; set when its turn first comes.
    pub until: Option<Instant>,
    /// Whether a fresh token was asked for already.
    pub renewed: bool,
}

/// What becomes of a request after an attempt.
pub enum Verdict {
    Done(Raw),
    Fail(Failure),
    /// To be sent again at this time.
    Again(Instant),
}

impl Inner {
    /// Says what becomes of a request after an attempt, and lets its mailbox rest if Graph asked for that.
    pub async fn decide(&self, this: &mut Try, heard: Heard, bearer: &str) -> Verdict {
        let raw = match heard {
            Heard::Answer(raw) if (200..300).contains(&raw.status) => return Verdict::Done(raw),
            Heard::Answer(raw) => raw,
            Heard::Lost(why) => {
                let lost = Failure::Lost { request: this.asked(), why: why.clone() };
                return self.again(this, Seen::Lost, &why, lost);
            }
            Heard::Unreached(unreached) => {
                let why = unreached.to_string();
                let failure = Failure::Local(unreached.into());
                return self.again(this, Seen::Unreached, &why, failure);
            }
            // It was done, or it was a read and would be as odd the next time.
            Heard::Garbled { why, .. } => {
                let request = this.asked();
                return Verdict::Fail(match this.method {
                    Method::Get => Failure::Local(anyhow::anyhow!("{request}: {why}")),
                    _ => Failure::Lost { request, why },
                });
            }
            Heard::Unsendable(why) => {
                let request = this.asked();
                return Verdict::Fail(Failure::Local(anyhow::anyhow!("{request}: {why}")));
            }
        };
        if raw.status == 401 && !this.renewed && self.token.renew(bearer).await {
            this.renewed = true;
            add(&self.counters.retries, 1);
            return Verdict::Again(Instant::now());
        }
        let Raw { status, retry_after, .. } = raw;
        let failure = this.refused(raw);
        let Failure::Refused { code, .. } = &failure else {
            return Verdict::Fail(failure);
        };
        let code = code.clone();
        let seen = Seen::Answer { status, code: &code, retry_after };
        let why = format!("{status} {code}");
        if retry::throttled(status) {
            add(&self.counters.throttled, 1);
        }
        self.again(this, seen, why.trim(), failure)
    }

    fn again(&self, this: &mut Try, seen: Seen, why: &str, failure: Failure) -> Verdict {
        let now = Instant::now();
        let wait = match retry::next(this.again, seen, this.tally.count(seen), self.back_off) {
            Next::Wait(wait) => wait,
            Next::Stop => return Verdict::Fail(failure),
            Next::Look => {
                let why = match failure {
                    Failure::Refused { request_id: Some(id), .. } => {
                        format!("Graph answered {why} (request-id {id})")
                    }
                    Failure::Refused { .. } => format!("Graph answered {why}"),
                    _ => why.to_string(),
                };
                self.rest(this, seen, None);
                return Verdict::Fail(Failure::Lost { request: this.asked(), why });
            }
        };
        self.rest(this, seen, Some(wait));
        if this.until.is_some_and(|until| now + wait > until) {
            return Verdict::Fail(match seen {
                Seen::Answer { status, .. } if retry::throttled(status) => this.throttled(wait),
                _ => failure,
            });
        }
        add(&self.counters.retries, 1);
        self.counters.waited(wait);
        self.note(|| Note::Retrying {
            method: this.method,
            path: redact::short_path(&this.path),
            seconds: wait.as_secs_f64(),
            why: why.to_string(),
        });
        Verdict::Again(now + wait)
    }

    /// Requests that are sent during the wait count against the mailbox, so the others wait as well (throttling.md).
    fn rest(&self, this: &Try, seen: Seen, wait: Option<Duration>) {
        let Seen::Answer { status, retry_after, .. } = seen else {
            return;
        };
        let asked = retry_after.or(wait.filter(|_| retry::throttled(status)));
        let Some(time) = asked else { return };
        self.throttle.rest(&this.mailbox, time);
        let (seconds, mailbox) = (time.as_secs_f64(), this.mailbox.clone());
        self.note(|| Note::Waiting { seconds, mailbox });
    }
}

impl Try {
    /// Begins to remember a request of which nothing was sent yet.
    pub fn new(mailbox: &str, method: Method, path: &str, again: Again) -> Try {
        let (mailbox, path) = (mailbox.to_string(), path.to_string());
        let writes = method != Method::Get;
        Try { mailbox, method, writes, path, again, tally: Tally::default(), until: None, renewed: false }
    }

    /// Method and path as they may be shown.
    pub fn asked(&self) -> Asked {
        Asked { method: self.method, path: redact::short_path(&self.path) }
    }

    /// What is told of a request that is not sent again: whether an attempt of it may have been carried out all the same.
    pub fn given_up(&self, failure: Failure) -> Failure {
        let lost = |why| Failure::Lost { request: self.asked(), why };
        match failure {
            failure if !self.writes || !self.tally.is_open() => failure,
            Failure::Refused { request, status, code, message, request_id, existing, open: _ } => {
                Failure::Refused { request, status, code, message, request_id, existing, open: true }
            }
            Failure::Throttled { wait, .. } => lost(refusal::wait(wait)),
            Failure::Local(error) => lost(Trouble::of(&error).sentence()),
            Failure::Lost { .. } => failure,
        }
    }

    /// The failure of a request whose mailbox rests for too long.
    pub fn throttled(&self, wait: Duration) -> Failure {
        Failure::Throttled { request: self.asked(), wait }
    }

    fn refused(&self, raw: Raw) -> Failure {
        let words = refusal::words(raw.body.as_ref().map_err(String::as_str));
        Failure::Refused {
            request: self.asked(),
            status: raw.status,
            code: words.code,
            message: words.message,
            request_id: raw.request_id.or(words.request_id),
            existing: words.existing,
            open: false,
        }
    }
}
