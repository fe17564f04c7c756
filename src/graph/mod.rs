//! The way to Graph: sends requests, paces them, repeats what may be repeated, words what was refused.
//!
//! `Client` is all that others use. It knows HTTP, throttling and batches; it does not know events, meetings, plans
//! or what a request is for: a request says itself how often it may be sent. It prints nothing; who wants to follow
//! along gives a `watch`. Reading order: `root` (the address), `http` (one exchange), `throttle` (whose turn), `retry`
//! and `attempt` (again?), `fence` (may it still write?), `refusal` and `hint` (worded), `batch` and `list` (many reads at once).

pub mod adopt;
mod attempt;
pub mod auth;
mod batch;
pub mod clocks;
pub mod coming;
mod envelope;
mod fence;
pub mod groups;
mod hint;
mod http;
mod json;
mod list;
pub mod observe;
pub mod occurrences;
pub mod page;
mod redact;
mod refusal;
mod retry;
mod root;
pub mod schedule;
mod stats;
mod throttle;
mod token;

pub use fence::Fence;
pub use http::builder;
pub use redact::scrub;
pub use refusal::Failure;
pub use root::{is_loopback, masked, usable};
pub use stats::Stats;
pub use token::{Fresh, Token};

use crate::graph::attempt::{Try, Verdict};
use crate::graph::http::{Call, Http, Raw};
use crate::graph::stats::{Counters, add};
use crate::graph::throttle::{Throttle, TooLong};
use crate::model::{Body, Method, Request};
use crate::trouble::Trouble;
use anyhow::ensure;
use jiff::Timestamp;
use serde_json::Value;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep_until};

/// Told of what happens while it happens; called often, from any task, and must not block.
pub type Watch = Arc<dyn Fn(Note) + Send + Sync>;

/// How to reach Graph. `Settings::new` has the defaults.
#[derive(Clone)]
pub struct Settings {
    /// With the version: `https://graph.microsoft.com/v1.0`.
    pub root: String,
    /// What requests are signed with.
    pub token: Token,
    /// HTTP exchanges in flight at once, over all mailboxes. Default 32.
    pub parallelism: usize,
    /// The longest that one request may take with all its waits and attempts, not counting the time it queues behind
    /// others of ours. Default 5 minutes.
    pub deadline: Duration,
    /// The longest wait for one answer. Default 100 seconds.
    pub patience: Duration,
    /// The first back-off where Graph names no time; it doubles from there. Default 1 second.
    pub back_off: Duration,
    /// Told of what the client does.
    pub watch: Option<Watch>,
    /// The client id that signs in, where it is known: some refusals are mended with cmdlets that name it.
    pub app: Option<String>,
    /// `Accept-Language`: the language of what Graph words by itself, such as join information (onlinemeeting-get.md).
    pub language: Option<String>,
}

/// Something that has just happened. Paths come without their queries, with ids cut.
#[derive(Debug, Clone, PartialEq)]
pub enum Note {
    /// A request goes out; those of a batch are told one by one.
    Sent {
        /// How it is sent.
        method: Method,
        /// Where to.
        path: String,
    },
    /// Graph asked to leave a mailbox alone for a while.
    Waiting {
        /// How long.
        seconds: f64,
        /// Whose.
        mailbox: String,
    },
    /// A request will be sent again; `why` is the status or the trouble with the connection.
    Retrying {
        /// How it is sent.
        method: Method,
        /// Where to.
        path: String,
        /// In how long.
        seconds: f64,
        /// What was wrong.
        why: String,
    },
}

/// A good answer.
#[derive(Default)]
pub struct Answer {
    pub status: u16,
    /// Null if there was none.
    pub body: Value,
    /// `@odata.etag` of the body, or the header.
    pub etag: Option<String>,
    /// When it was sent, by the server's clock.
    pub date: Option<Timestamp>,
}

/// One read.
#[derive(Clone)]
pub struct Get {
    /// Whose limit of requests in flight it counts against.
    pub mailbox: String,
    /// Below the root, percent-encoded.
    pub path: String,
    /// The `Prefer` header.
    pub prefer: Option<String>,
}

/// A client of one Graph root. Cheap to clone; clones share their limits and counters.
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
    /// Asked before each write.
    fence: Option<Fence>,
}

struct Inner {
    http: Http,
    token: Token,
    throttle: Arc<Throttle>,
    counters: Counters,
    deadline: Duration,
    patience: Duration,
    back_off: Duration,
    watch: Option<Watch>,
    app: Option<String>,
    language: Option<String>,
}

impl Settings {
    /// Returns the default settings.
    pub fn new(root: impl Into<String>, token: Token) -> Settings {
        Settings {
            root: root.into(),
            token,
            parallelism: 32,
            deadline: Duration::from_secs(300),
            patience: Duration::from_secs(100),
            back_off: Duration::from_secs(1),
            watch: None,
            app: None,
            language: None,
        }
    }
}

impl Client {
    /// Makes a client; sends nothing. Fails on a root that is not https (plain http to loopback is) or lacks its
    /// version.
    ///
    /// Proxies are taken from the usual variables, never for loopback. Redirects are refused.
    pub fn new(settings: Settings) -> anyhow::Result<Client> {
        let Settings { root, token, parallelism, deadline, patience, back_off, watch, app, language } = settings;
        ensure!(parallelism > 0, "no request can be sent with a parallelism of 0");
        let inner = Inner {
            http: Http::new(&root, parallelism, language.as_deref())?,
            token,
            throttle: Throttle::new(parallelism),
            counters: Counters::default(),
            deadline,
            patience,
            back_off,
            watch,
            app,
            language,
        };
        Ok(Client { inner: Arc::new(inner), fence: None })
    }

    /// Sends one request; `mailbox` is whose limit of four in flight it counts against.
    ///
    /// Throttled requests are always sent again, after the time that Graph names. Lost answers and passing troubles
    /// of Graph are too, as far as `request.again` allows; else the failure `is_lost`, and the caller must look.
    /// `fills`, `until` and `keeps` of the request are the caller's business. Source: throttling.md.
    pub async fn send(&self, mailbox: &str, request: &Request) -> Result<Answer, Failure> {
        let this = Try::new(mailbox, request.method, &request.path, request.again);
        let mut this = Try { writes: request.purpose.writes(), ..this };
        self.attempt(&mut this, request).await.map_err(|failure| this.given_up(failure))
    }

    /// Sends a request until it is done, or not sent again.
    async fn attempt(&self, this: &mut Try, request: &Request) -> Result<Answer, Failure> {
        let inner = &*self.inner;
        let body = request.body.as_ref().map(Body::text);
        let mailbox = this.mailbox.clone();
        loop {
            let turn = inner.throttle.enter(&mailbox, &mut this.until, inner.deadline).await;
            let lease = turn.map_err(|TooLong(wait)| this.throttled(wait))?;
            let bearer = inner.token.bearer().await.map_err(Failure::Local)?;
            let time = self.time(this).await?;
            inner.sent(this);
            let call = Call {
                method: request.method,
                path: &request.path,
                beta: request.beta,
                prefer: request.prefer.as_deref(),
                if_match: request.if_match.as_deref(),
                body,
                bearer: &bearer,
                time,
            };
            let heard = inner.http.exchange(call, &inner.counters).await;
            let verdict = inner.decide(this, heard, &bearer).await;
            // Not before the verdict, which may let the mailbox rest: the next in its queue must see that.
            drop(lease);
            match verdict {
                Verdict::Done(raw) => return Ok(Answer::of(raw)),
                Verdict::Fail(failure) => return Err(failure),
                Verdict::Again(at) => sleep_until(at).await,
            }
        }
    }

    /// Signs in, and returns what the token says is granted: `roles` of an app or `scp` of a person, if it says anything.
    ///
    /// Good for a diagnosis only: Graph alone decides (access tokens are opaque to clients).
    pub async fn grants(&self) -> anyhow::Result<Option<Vec<String>>> {
        Ok(token::grants(&self.inner.token.bearer().await?))
    }

    /// Returns what went wrong, and what may help.
    pub fn trouble(&self, failure: &Failure) -> Trouble {
        failure.trouble(self.inner.app.as_deref())
    }

    /// Returns what the client and its clones have done so far.
    pub fn stats(&self) -> Stats {
        self.inner.counters.read(self.inner.throttle.peaks())
    }

    /// Returns the host that requests go to.
    pub fn host(&self) -> &str {
        self.inner.http.root().host()
    }
}

impl Inner {
    /// Counts and tells one request that goes out.
    fn sent(&self, this: &Try) {
        add(&self.counters.requests, 1);
        if this.writes {
            add(&self.counters.writes, 1);
        }
        let path = || redact::short_path(&this.path);
        self.note(|| Note::Sent { method: this.method, path: path() });
    }

    fn note(&self, note: impl FnOnce() -> Note) {
        if let Some(watch) = &self.watch {
            watch(note());
        }
    }

    /// How long one attempt may take.
    fn time(&self, until: Option<Instant>) -> Duration {
        let left = until.map_or(self.deadline, |it| it.saturating_duration_since(Instant::now()));
        // One that had to queue again may find its time over: a request that goes out gets some time to be answered.
        left.clamp(self.patience / 10, self.patience)
    }
}

impl Answer {
    fn of(raw: Raw) -> Answer {
        let body = raw.body.unwrap_or_default();
        let own = body.get("@odata.etag").and_then(Value::as_str).map(str::to_string);
        Answer { status: raw.status, etag: own.or(raw.etag), date: raw.date, body }
    }
}

// Bodies and queries can hold join links and passcodes.
impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "Answer({}, body hidden)", self.status)
    }
}

impl fmt::Debug for Get {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "Get({})", redact::short_path(&self.path))
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "Client({})", self.host())
    }
}
