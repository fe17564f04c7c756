//! JSON over HTTP with the service that a pipeline runs in.
//!
//! The token goes to the root that the runner's environment names and nowhere else: no redirect and no link of an answer is
//! followed; pages are counted. What certainly was not carried out, or does no harm twice, is sent again a few times.

use crate::graph::{builder, is_loopback, scrub};
use crate::trouble::Trouble;
use anyhow::{Context, Result, ensure};
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, LINK, RETRY_AFTER};
use reqwest::{Method, Response, Url};
use serde_json::Value;
use std::time::Duration;

/// The most that one answer may hold: a hundred comments of the largest kind.
const MOST_BYTES: usize = 128 << 20;

/// The most pages of a list, each of a hundred.
const MOST_PAGES: usize = 200;

/// How often something is sent that may be sent again.
const ATTEMPTS: u64 = 4;

/// The longest that is waited before something is sent again, whatever the service asks for.
const LONGEST: Duration = Duration::from_secs(60);

/// A way to one service. `Debug` is not there on purpose: it holds a token.
pub struct Rest {
    http: reqwest::Client,
    root: Url,
    headers: HeaderMap,
    token: String,
}

/// What went wrong.
#[derive(Debug)]
pub struct Failure {
    /// What the service answered, if it did.
    pub status: Option<u16>,
    /// Whether it may have been carried out all the same.
    pub lost: bool,
    /// In words, without the token.
    pub what: String,
    /// How long the service asks to be left alone.
    after: Option<Duration>,
}

impl Failure {
    /// Puts it into an error: what could not be done, and the way out.
    pub fn explain(self, cannot: &str, hint: &str) -> anyhow::Error {
        Trouble::new(format!("{cannot}: {}", self.what)).hint(hint).into()
    }

    /// Whether the same may be sent once more without being done twice.
    fn is_passing(&self) -> bool {
        self.status.is_none_or(|status| status >= 500) || self.was_held_back()
    }

    /// Whether the service asks to come again later, which says that nothing was done.
    fn was_held_back(&self) -> bool {
        self.status == Some(429) || (self.status == Some(403) && self.after.is_some())
    }
}

impl Rest {
    /// Opens a way; sends nothing. `signed` is the header that holds the token, with what stands before it.
    ///
    /// Fails on a root that is neither https nor on this machine, and on a token that cannot stand in a header.
    pub fn new(root: &str, token: &str, signed: (HeaderName, &str), others: &[(&'static str, &str)]) -> Result<Rest> {
        let root = parsed(root).context("cannot use the address that the pipeline gives of its API")?;
        let mut value = HeaderValue::try_from(format!("{}{token}", signed.1))
            .map_err(|_| Trouble::new("the token of the job cannot stand in a header"))?;
        value.set_sensitive(true);
        let mut headers = HeaderMap::from_iter([(signed.0, value)]);
        for (name, value) in others {
            headers.insert(*name, HeaderValue::from_str(value)?);
        }
        let http = builder(is_loopback(&root), root.scheme() == "http").timeout(Duration::from_secs(60));
        let http = http.build().context("cannot set up HTTPS")?;
        Ok(Rest { http, root, headers, token: token.to_owned() })
    }

    /// Reads one thing.
    pub async fn get(&self, path: &str) -> Result<Value, Failure> {
        Ok(self.repeated(Method::GET, path, None).await?.0)
    }

    /// Reads a whole list, page by page; `list` is where in an answer its items are.
    pub async fn all(&self, path: &str, list: &str) -> Result<Vec<Value>, Failure> {
        let mut all = vec![];
        for page in 1..=MOST_PAGES {
            let sign = if path.contains('?') { '&' } else { '?' };
            let (mut body, next) =
                self.repeated(Method::GET, &format!("{path}{sign}per_page=100&page={page}"), None).await?;
            match body.pointer_mut(list).map(Value::take) {
                Some(Value::Array(items)) => all.extend(items),
                _ => return Err(failed("the answer is no list")),
            }
            if !next {
                return Ok(all);
            }
        }
        Err(failed("the list has too many pages"))
    }

    /// Sends something that may be sent twice.
    pub async fn put(&self, method: Method, path: &str, body: &Value) -> Result<Value, Failure> {
        Ok(self.repeated(method, path, Some(body)).await?.0)
    }

    /// Sends something that makes another one each time; once, unless it certainly was not carried out.
    pub async fn add(&self, path: &str, body: &Value) -> Result<Value, Failure> {
        let mut attempt = 1;
        loop {
            match self.once(Method::POST, path, Some(body)).await {
                Err(it) if it.was_held_back() && attempt < ATTEMPTS => pause(&it, attempt).await,
                other => return other.map(|(body, _)| body),
            }
            attempt += 1;
        }
    }

    async fn repeated(&self, method: Method, path: &str, body: Option<&Value>) -> Result<(Value, bool), Failure> {
        let mut attempt = 1;
        loop {
            match self.once(method.clone(), path, body).await {
                Err(it) if it.is_passing() && attempt < ATTEMPTS => pause(&it, attempt).await,
                other => return other,
            }
            attempt += 1;
        }
    }

    /// One exchange, and whether the list goes on.
    async fn once(&self, method: Method, path: &str, body: Option<&Value>) -> Result<(Value, bool), Failure> {
        let url = Url::parse(&format!("{}{path}", self.root)).ok().filter(|it| self.is_below(it));
        let url = url.ok_or_else(|| failed("the path leads away from the service"))?;
        let mut request = self.http.request(method, url).headers(self.headers.clone());
        if let Some(body) = body {
            // A list is a JSON Patch (RFC 6902): nothing else of ours is one.
            let kind = if body.is_array() { "application/json-patch+json" } else { "application/json" };
            request = request.header(CONTENT_TYPE, kind).body(body.to_string());
        }
        match request.send().await {
            Ok(response) => self.read(response).await,
            Err(error) => Err(Failure {
                lost: !error.is_connect() && !error.is_builder(),
                ..failed(&self.shown(&innermost(&error.without_url())))
            }),
        }
    }

    async fn read(&self, mut response: Response) -> Result<(Value, bool), Failure> {
        let (status, headers) = (response.status(), response.headers().clone());
        let text = |name: HeaderName| headers.get(name).and_then(|it| it.to_str().ok()).unwrap_or_default().to_owned();
        let mut bytes = vec![];
        loop {
            match response.chunk().await {
                Ok(Some(chunk)) if bytes.len() + chunk.len() <= MOST_BYTES => bytes.extend_from_slice(&chunk),
                Ok(Some(_)) => return Err(failed("the answer is too large")),
                Ok(None) => break,
                Err(error) => {
                    return Err(Failure { lost: true, ..failed(&self.shown(&innermost(&error.without_url()))) });
                }
            }
        }
        let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        if status.is_success() {
            return Ok((body, text(LINK).contains("rel=\"next\"")));
        }
        let after = text(RETRY_AFTER).parse().ok().map(Duration::from_secs);
        let what = format!("{} {}", status.as_u16(), said(&body));
        let (status, lost) = (Some(status.as_u16()), status.is_server_error());
        Err(Failure { status, lost, what: self.shown(what.trim()), after })
    }

    fn is_below(&self, url: &Url) -> bool {
        let path = self.root.path().trim_end_matches('/');
        let below = url.path().strip_prefix(path).is_some_and(|it| it.starts_with('/'));
        url.origin() == self.root.origin() && url.username().is_empty() && below
    }

    /// A text from outside without the token, on one line.
    fn shown(&self, text: &str) -> String {
        scrub(&text.replace(&self.token, "***"))
    }
}

/// What a service says of its refusal: GitHub and Azure DevOps in `message`, GitLab there or in `error`, as text or as JSON.
fn said(body: &Value) -> String {
    let told = body.get("message").or_else(|| body.get("error")).filter(|it| !it.is_null());
    let told = told.map(|it| it.as_str().map_or_else(|| it.to_string(), str::to_owned)).unwrap_or_default();
    let details = body.get("errors").filter(|it| !it.is_null()).map(Value::to_string).unwrap_or_default();
    format!("{told} {details}")
}

fn failed(what: &str) -> Failure {
    Failure { status: None, lost: false, what: what.into(), after: None }
}

async fn pause(failure: &Failure, attempt: u64) {
    let usual = Duration::from_millis(250 << attempt);
    tokio::time::sleep(failure.after.unwrap_or(usual).min(LONGEST)).await;
}

fn innermost(error: &(dyn std::error::Error + 'static)) -> String {
    let mut cause = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}

/// The address of a service without a slash at its end.
fn parsed(root: &str) -> Result<Url> {
    // Not quoted: it may hold a password.
    let mut url = Url::parse(root.trim()).context("it is no address")?;
    ensure!(url.username().is_empty() && url.password().is_none(), "it holds a user name or password");
    ensure!(url.query().is_none() && url.fragment().is_none(), "it holds `?` or `#`");
    let safe = url.scheme() == "https" || (url.scheme() == "http" && is_loopback(&url));
    ensure!(safe && url.host_str().is_some(), "it is not `https`, and only this machine may be asked without");
    let path = url.path().trim_end_matches('/').to_owned();
    url.set_path(&path);
    Ok(url)
}
