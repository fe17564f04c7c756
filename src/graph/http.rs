//! One HTTP exchange with Graph: the headers out, the answer as it came.
//!
//! The only place that sends anything. It follows no redirect and sends nothing twice; what an answer means, and
//! whether to ask again, is not known here.

use crate::graph::json;
use crate::graph::redact;
use crate::graph::refusal::Unreached;
use crate::graph::retry;
use crate::graph::root::Root;
use crate::graph::stats::{Counters, add};
use crate::model::Method;
use anyhow::Context;
use jiff::Timestamp;
use reqwest::header::{ACCEPT, ACCEPT_LANGUAGE, AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderName};
use reqwest::header::{DATE, ETAG, HeaderValue, IF_MATCH, LOCATION, RETRY_AFTER};
use reqwest::{Response, StatusCode, Url, redirect};
use serde_json::Value;
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The most that one answer may hold, unpacked.
const MOST_BYTES: usize = 64 << 20;

/// How many megabytes of answers are taken at once: those of all batches of a large plan come together, and what is not taken yet
/// waits where it takes no room of ours.
const ROOM: usize = 16;

/// The megabytes of an answer that does not say how large it is.
const USUAL: usize = 2;

/// A way to one Graph root.
pub struct Http {
    http: reqwest::Client,
    root: Root,
    room: Arc<Semaphore>,
}

/// One request, ready to go.
pub struct Call<'a> {
    pub method: Method,
    /// Below the root, percent-encoded.
    pub path: &'a str,
    /// In Graph's beta version.
    pub beta: bool,
    pub prefer: Option<&'a str>,
    pub if_match: Option<&'a str>,
    /// JSON.
    pub body: Option<&'a str>,
    pub bearer: &'a str,
    /// The longest it may take, from the first byte to the last.
    pub time: Duration,
}

/// What came of it.
#[derive(Clone)]
pub enum Heard {
    Answer(Raw),
    /// Sent, and no whole answer.
    Lost(String),
    /// Sent and answered, but not by Graph, or with more than may be read.
    Garbled {
        why: String,
        too_big: bool,
    },
    /// Never sent.
    Unreached(Unreached),
    /// Cannot be sent: the request itself is malformed.
    Unsendable(String),
}

/// A good answer that nobody has read yet.
pub struct Unread {
    /// What it says it is.
    kind: String,
    bytes: Vec<u8>,
    /// Given back once it is read.
    _room: OwnedSemaphorePermit,
}

/// An answer, whole or from inside a batch.
#[derive(Clone)]
pub struct Raw {
    pub status: u16,
    pub retry_after: Option<Duration>,
    pub request_id: Option<String>,
    pub etag: Option<String>,
    /// When it was sent, by the server's clock.
    pub date: Option<Timestamp>,
    /// JSON, null if empty; or what there was in its place, in words. A good answer is always JSON.
    pub body: Result<Value, String>,
}

impl Http {
    /// Opens a way to `root`, which carries the version: `https://graph.microsoft.com/v1.0`. Nothing is sent yet.
    pub fn new(root: &str, parallelism: usize, language: Option<&str>) -> anyhow::Result<Http> {
        let root = Root::parse(root).context("cannot use the root address of Graph")?;
        let mut http = builder(root.is_loopback(), root.is_plain()).pool_max_idle_per_host(parallelism);
        if let Some(language) = language {
            let value = HeaderValue::try_from(language).context("the language cannot stand in a header")?;
            http = http.default_headers([(ACCEPT_LANGUAGE, value)].into_iter().collect());
        }
        let http = http.build().map_err(|error| anyhow::anyhow!(chain(&error)));
        Ok(Http { http: http.context("cannot set up HTTPS")?, root, room: Arc::new(Semaphore::new(ROOM)) })
    }

    /// The root that every path is below.
    pub fn root(&self) -> &Root {
        &self.root
    }

    /// Sends one request and reads its answer.
    pub async fn exchange(&self, call: Call<'_>, counters: &Counters) -> Heard {
        match self.came(call, counters).await {
            Ok(came) => came.read(),
            Err(heard) => heard,
        }
    }

    /// Sends one request, and leaves it to the caller to read a good answer.
    pub async fn ask(&self, call: Call<'_>, counters: &Counters) -> Result<Unread, Heard> {
        let came = self.came(call, counters).await?;
        if came.status.is_success() { Ok(came.unread) } else { Err(came.read()) }
    }

    async fn came(&self, call: Call<'_>, counters: &Counters) -> Result<Came, Heard> {
        let request = self.request(&call).map_err(|error| Heard::Unsendable(format!("{error:#}")))?;
        counters.begin();
        add(&counters.round_trips, 1);
        add(&counters.bytes_out, call.body.map_or(0, str::len) as u64);
        let came = match self.http.execute(request).await {
            Ok(response) => self.received(response, counters).await,
            Err(error) if error.is_connect() => {
                let (host, why) = (self.root.host().to_string(), chain(&error.without_url()));
                Err(Heard::Unreached(Unreached { host, why }))
            }
            Err(error) => Err(Heard::Lost(lost(error))),
        };
        counters.end();
        came
    }

    /// Takes an answer in, as soon as there is room for it.
    async fn received(&self, mut response: Response, counters: &Counters) -> Result<Came, Heard> {
        let (status, headers) = (response.status(), response.headers().clone());
        // As long as it says it will be: growing through megabytes would move each byte several times.
        let expected = response.content_length().and_then(|length| usize::try_from(length).ok());
        let megabytes = expected.map_or(USUAL, |length| length.div_ceil(1 << 20)).clamp(1, ROOM);
        let room = self.room.clone().acquire_many_owned(megabytes as u32).await.expect("nobody closes it");
        let mut bytes = Vec::with_capacity(expected.unwrap_or_default().min(MOST_BYTES));
        loop {
            match response.chunk().await {
                Ok(Some(chunk)) => bytes.extend_from_slice(&chunk),
                Ok(None) => break,
                Err(error) => return Err(Heard::Lost(lost(error))),
            }
            if bytes.len() > MOST_BYTES {
                let why = format!("the answer holds more than {} MB", MOST_BYTES >> 20);
                return Err(Heard::Garbled { why, too_big: true });
            }
        }
        add(&counters.bytes_in, bytes.len() as u64);
        let kind = text(&headers, &CONTENT_TYPE).unwrap_or_default();
        Ok(Came { status, headers, unread: Unread { kind, bytes, _room: room } })
    }

    fn request(&self, call: &Call) -> anyhow::Result<reqwest::Request> {
        let url = if call.beta { self.root.beta().link(call.path)? } else { self.root.link(call.path)? };
        let mut bearer = HeaderValue::try_from(format!("Bearer {}", call.bearer))
            .map_err(|_| anyhow::anyhow!("the access token cannot stand in a header"))?;
        bearer.set_sensitive(true);
        let method = match call.method {
            Method::Get => reqwest::Method::GET,
            Method::Post => reqwest::Method::POST,
            Method::Patch => reqwest::Method::PATCH,
            Method::Delete => reqwest::Method::DELETE,
        };
        let mut request = self
            .http
            .request(method, url)
            .timeout(call.time)
            .header(AUTHORIZATION, bearer)
            .header(ACCEPT, "application/json")
            .header("client-request-id", uuid::Uuid::new_v4().to_string());
        if let Some(prefer) = call.prefer {
            request = request.header("prefer", prefer);
        }
        if let Some(etag) = call.if_match {
            request = request.header(IF_MATCH, etag);
        }
        request = match (call.body, call.method) {
            (Some(body), _) => request.header(CONTENT_TYPE, "application/json").body(body.to_string()),
            // Front ends answer 411 to a POST that does not say how long it is.
            (None, Method::Post) => request.header(CONTENT_LENGTH, "0"),
            (None, _) => request,
        };
        request.build().map_err(|error| anyhow::anyhow!(chain(&error.without_url())))
    }
}

/// How every connection of the program is made: no redirect is followed, since a token goes to one host alone.
pub fn builder(is_loopback: bool, is_plain: bool) -> reqwest::ClientBuilder {
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        // Losing the race against another thread is as good as winning it.
        let _ = rustls::crypto::ring::default_provider().install_default();
    }
    let mut http = reqwest::Client::builder()
        .user_agent(concat!("convoke/", env!("CARGO_PKG_VERSION")))
        .redirect(redirect::Policy::none())
        .referer(false)
        .connect_timeout(Duration::from_secs(15));
    if is_loopback {
        // A proxy has no way to our loopback, and a machine without certificates can still use the twin.
        http = http.no_proxy();
        if is_plain {
            http = http.tls_certs_only([]);
        }
    }
    http
}

/// An answer whose bytes are all there.
struct Came {
    status: StatusCode,
    headers: HeaderMap,
    unread: Unread,
}

fn text(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    headers.get(name).and_then(|it| it.to_str().ok()).map(str::to_string)
}

impl Unread {
    /// Reads it as `read` does; nothing where there is nothing in it.
    ///
    /// Fails with what there is in the place of JSON, in words.
    pub fn read<T>(&self, read: impl FnOnce(&[u8]) -> serde_json::Result<T>) -> Result<Option<T>, String> {
        match self.bytes.is_empty() {
            true => Ok(None),
            false => read(&self.bytes).map(Some).map_err(|_| redact::not_json(&self.kind, &self.bytes)),
        }
    }

    /// What was heard, where it cannot be read.
    pub fn garbled(what: &str) -> Heard {
        Heard::Garbled { why: format!("the answer is not Graph's: {}", redact::scrub(what)), too_big: false }
    }
}

impl Came {
    fn read(self) -> Heard {
        let Came { status, headers, unread } = self;
        let body = unread.read(json::read).map(Option::unwrap_or_default);
        if let (true, Err(what)) = (status.is_success(), &body) {
            return Unread::garbled(what);
        }
        let body = match text(&headers, &LOCATION) {
            Some(to) if status.is_redirection() => {
                let to = Url::parse(&to).ok();
                let host = to.as_ref().and_then(Url::host_str).unwrap_or("another path");
                Err(format!("redirected to {host}, which is not followed"))
            }
            _ => body,
        };
        let date = text(&headers, &DATE).as_deref().and_then(retry::date);
        let after = |it: String| retry::retry_after(&it, date.unwrap_or_else(Timestamp::now));
        Heard::Answer(Raw {
            status: status.as_u16(),
            retry_after: text(&headers, &RETRY_AFTER).and_then(after),
            request_id: text(&headers, &HeaderName::from_static("request-id")).map(|it| redact::scrub(&it)),
            etag: text(&headers, &ETAG),
            date,
            body,
        })
    }
}

fn lost(error: reqwest::Error) -> String {
    match error.is_timeout() {
        true => "nothing came in time".into(),
        false => chain(&error.without_url()),
    }
}

/// The innermost cause says most, and the outer ones only that a request failed.
fn chain(error: &(dyn Error + 'static)) -> String {
    let mut cause = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    redact::scrub(&cause.to_string())
}
