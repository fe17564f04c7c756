//! Where the bearer token comes from.
//!
//! A token is ready made, or fetched by a function that is asked again shortly before the last one runs out and once
//! after Graph has refused it. How one signs in is not known here. No token is ever shown: not by `Debug`, not in an
//! error.

use anyhow::bail;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use futures::future::BoxFuture;
use serde_json::Value;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Mutex;

/// A fetched token is not used for this long before it runs out, so that no request carries one that expires on the
/// way.
const MARGIN: Duration = Duration::from_secs(120);

/// The source of bearer tokens. Cheap to clone; clones share what was fetched.
#[derive(Clone)]
pub struct Token(Arc<Source>);

enum Source {
    Ready(String),
    Fetched {
        fetch: Box<Fetch>,
        // Held while fetching, so that many requests at once cause one sign-in.
        kept: Mutex<Option<Fresh>>,
    },
}

type Fetch = dyn Fn() -> BoxFuture<'static, anyhow::Result<Fresh>> + Send + Sync;

/// A token as it was fetched.
pub struct Fresh {
    /// The token itself: a secret.
    pub bearer: String,
    /// When it is no longer taken.
    pub expires: Instant,
}

impl Token {
    /// Makes a source of one token that somebody else has fetched. White space around it is dropped.
    pub fn ready(bearer: String) -> Token {
        Token(Arc::new(Source::Ready(bearer.trim().to_string())))
    }

    /// Makes a source that calls `fetch` for the first token and whenever the last one is used up or refused.
    pub fn fetched<F>(fetch: F) -> Token
    where
        F: Fn() -> BoxFuture<'static, anyhow::Result<Fresh>> + Send + Sync + 'static,
    {
        Token(Arc::new(Source::Fetched { fetch: Box::new(fetch), kept: Mutex::new(None) }))
    }

    /// Returns the client id of the app that a ready token was issued to, if it is a JWT that says so; unchecked.
    pub fn app(&self) -> Option<String> {
        self.claim("appid")
    }

    /// Returns a claim of a ready token, if it is a JWT that makes it; unchecked, so fit to be compared and for nothing else.
    pub fn claim(&self, name: &str) -> Option<String> {
        match &*self.0 {
            Source::Ready(bearer) => Some(claims(bearer)?[name].as_str()?.to_owned()),
            Source::Fetched { .. } => None,
        }
    }

    /// Returns a token to send now.
    pub async fn bearer(&self) -> anyhow::Result<String> {
        match &*self.0 {
            Source::Ready(bearer) => sound(bearer),
            Source::Fetched { fetch, kept } => {
                let mut kept = kept.lock().await;
                if let Some(fresh) = &*kept
                    && fresh.expires > Instant::now() + MARGIN
                {
                    return Ok(fresh.bearer.clone());
                }
                let bearer = sound(&kept.insert(fetch().await?).bearer)?;
                Ok(bearer)
            }
        }
    }

    /// Forgets the token that Graph has `refused`, unless another request already did. Returns whether it is worth
    /// asking for another one. A ready token has no successor, and is tried once more: some refusals pass.
    pub async fn renew(&self, refused: &str) -> bool {
        match &*self.0 {
            Source::Ready(_) => true,
            Source::Fetched { kept, .. } => {
                let mut kept = kept.lock().await;
                if kept.as_ref().is_some_and(|fresh| fresh.bearer == refused) {
                    *kept = None;
                }
                true
            }
        }
    }
}

/// Reads the permissions in a token that is a JWT, unchecked.
pub fn grants(bearer: &str) -> Option<Vec<String>> {
    let claims = claims(bearer)?;
    let roles = claims["roles"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let scopes = claims["scp"].as_str().into_iter().flat_map(str::split_whitespace);
    let all: Vec<String> = roles.chain(scopes).map(str::to_owned).collect();
    (!all.is_empty()).then_some(all)
}

fn claims(bearer: &str) -> Option<Value> {
    let claims = BASE64_URL_SAFE_NO_PAD.decode(bearer.split('.').nth(1)?).ok()?;
    serde_json::from_slice(&claims).ok()
}

/// Returns the token if a header can carry it. The message does not quote it.
fn sound(bearer: &str) -> anyhow::Result<String> {
    if bearer.is_empty() {
        bail!("the access token is empty");
    }
    if !bearer.bytes().all(|byte| byte.is_ascii_graphic()) {
        bail!("the access token holds white space or characters that are not ASCII");
    }
    Ok(bearer.to_string())
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(match &*self.0 {
            Source::Ready(_) => "Token(ready, hidden)",
            Source::Fetched { .. } => "Token(fetched, hidden)",
        })
    }
}

impl fmt::Debug for Fresh {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("Fresh(hidden)")
    }
}

#[cfg(test)]
mod tests {
    use super::grants;
    use crate::graph::token::{Fresh, Token};
    use base64::Engine;
    use base64::prelude::BASE64_URL_SAFE_NO_PAD;
    use futures::FutureExt;
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::time::{Duration, Instant};

    /// Counts up: `t1`, `t2`, … each good for `life`.
    fn counting(life: Duration) -> Token {
        let count = AtomicU32::new(0);
        Token::fetched(move || {
            let bearer = format!("t{}", count.fetch_add(1, Ordering::SeqCst) + 1);
            async move { Ok(Fresh { bearer, expires: Instant::now() + life }) }.boxed()
        })
    }

    #[test]
    fn a_ready_token_says_whose_it_is_if_it_can_be_read() {
        let claims = BASE64_URL_SAFE_NO_PAD.encode(r#"{"appid": "the-app"}"#);
        for (bearer, expect) in
            [(format!("h.{claims}.s"), Some("the-app")), ("opaque".into(), None), ("a.b.c".into(), None)]
        {
            assert_eq!(Token::ready(bearer).app().as_deref(), expect);
        }
    }

    #[tokio::test]
    async fn a_fetched_token_is_kept_until_shortly_before_it_runs_out() {
        for (life, second) in [(3600, "t1"), (60, "t2")] {
            let token = counting(Duration::from_secs(life));
            assert_eq!(token.bearer().await.unwrap(), "t1");
            assert_eq!(token.bearer().await.unwrap(), second);
        }
    }

    #[tokio::test]
    async fn a_refused_token_is_fetched_anew_once_however_many_saw_it_refused() {
        let token = counting(Duration::from_secs(3600));
        let refused = token.bearer().await.unwrap();
        for _ in 0..3 {
            assert!(token.renew(&refused).await);
            assert_eq!(token.bearer().await.unwrap(), "t2");
        }
    }

    #[test]
    fn the_permissions_of_a_token_are_read_where_it_shows_them() {
        let token = |claims: &str| format!("e30.{}.sig", BASE64_URL_SAFE_NO_PAD.encode(claims));
        let cases = [
            (token(r#"{"roles": ["Calendars.Read"]}"#), Some(vec!["Calendars.Read".to_owned()])),
            (token(r#"{"scp": "User.Read Calendars.Read"}"#), Some(vec!["User.Read".into(), "Calendars.Read".into()])),
            (token("{}"), None),
            ("opaque".into(), None),
        ];
        for (token, expect) in cases {
            assert_eq!(grants(&token), expect, "{token}");
        }
    }

    #[tokio::test]
    async fn a_ready_token_has_no_successor_and_is_never_shown() {
        let token = Token::ready(" secret\n".into());
        assert_eq!(token.bearer().await.unwrap(), "secret");
        assert!(token.renew("secret").await, "some refusals pass");
        assert_eq!(format!("{token:?}"), "Token(ready, hidden)");
        for bad in ["", "se cret", "s\u{e9}cret"] {
            let error = Token::ready(bad.into()).bearer().await.unwrap_err();
            assert!(!format!("{error:#}").contains("cret"));
        }
    }
}
