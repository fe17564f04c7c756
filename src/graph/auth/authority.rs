//! How Entra ID is reached: its address, and a transport that may lead to a stand-in on loopback.
//!
//! The identity crate takes https addresses only. `AZURE_AUTHORITY_HOST` may name plain http on loopback, for tests and for
//! emulators: then every request of a sign-in goes there instead, its path unchanged.

use crate::reason::Reason;
use crate::trouble::Trouble;
use anyhow::{Context, Result, bail};
use azure_core::cloud::{CloudConfiguration, CustomConfiguration};
use azure_core::http::{AsyncRawResponse, ClientOptions, HttpClient, Request, Transport, Url, new_http_client};
use azure_identity::ClientAssertionCredentialOptions;
use reqwest::Response;
use serde_json::Value;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

/// The longest that one request of a sign-in may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// The most that an answer to one may hold.
const MOST_BYTES: usize = 1 << 20;

/// The address of Entra ID, without a slash at its end.
#[derive(Debug, Clone)]
pub struct Authority {
    authority: String,
    stand_in: Option<Url>,
}

impl Authority {
    /// Takes an https address, or http on loopback.
    pub fn new(authority: String) -> Result<Authority> {
        let authority = authority.trim_end_matches('/').to_owned();
        let url =
            Url::parse(&authority).with_context(|| format!("not an address: AZURE_AUTHORITY_HOST `{authority}`"))?;
        let local = matches!(url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"));
        match url.scheme() {
            "https" => Ok(Authority { authority, stand_in: None }),
            "http" if local => Ok(Authority { authority, stand_in: Some(url) }),
            _ => bail!("AZURE_AUTHORITY_HOST must be https: `{authority}`"),
        }
    }

    /// The login authority of the cloud.
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// A plain client for what the identity crate does not do. Redirects are not followed: they would take secrets along.
    pub fn client(&self) -> Result<reqwest::Client> {
        self.client_within(PATIENCE)
    }

    fn client_within(&self, patience: Duration) -> Result<reqwest::Client> {
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).timeout(patience);
        let client = if self.stand_in.is_some() { client.no_proxy() } else { client };
        client.build().context("cannot make an HTTP client")
    }

    /// What the identity crate needs to reach it.
    pub fn options(&self) -> ClientOptions {
        let mut options = ClientOptions::default();
        match &self.stand_in {
            None => {
                let mut cloud = CustomConfiguration::default();
                cloud.authority_host = self.authority.clone();
                options.cloud = Some(Arc::new(CloudConfiguration::Custom(cloud)));
            }
            Some(origin) => {
                let stand_in = StandIn { origin: origin.clone(), client: new_http_client(None) };
                options.transport = Some(Transport::new(Arc::new(stand_in)));
                options.cloud = Some(Arc::new(CloudConfiguration::AzurePublic));
            }
        }
        options
    }

    /// The same for a signed assertion.
    pub fn assertion_options(&self) -> ClientAssertionCredentialOptions {
        ClientAssertionCredentialOptions { client_options: self.options() }
    }
}

/// Reads an answer as JSON; of one that is too large no more than that is read.
pub async fn json(mut answer: Response) -> Result<Value> {
    let mut body = vec![];
    while let Some(chunk) = answer.chunk().await.map_err(reqwest::Error::without_url)? {
        body.extend_from_slice(&chunk);
        if body.len() > MOST_BYTES {
            bail!("the answer holds more than {} MB", MOST_BYTES >> 20);
        }
    }
    serde_json::from_slice(&body).context("the answer is not JSON")
}

/// Waits for a sign-in that repeats by itself: `tell` is told after each `step` that brought nothing, and after `most` of them it
/// is given up.
pub async fn patiently<T>(
    work: impl Future<Output = T>,
    step: Duration,
    most: u32,
    tell: impl Fn(Duration),
) -> Result<T, Trouble> {
    let mut work = pin!(work);
    for number in 1..=most {
        match tokio::time::timeout(step, &mut work).await {
            Ok(done) => return Ok(done),
            Err(_) if number < most => tell(step * number),
            Err(_) => {}
        }
    }
    let what = format!("nothing was answered that helps within {} s", (step * most).as_secs());
    Err(Reason::SignInFailed.trouble(what).hint("see that this machine reaches the login address, and run it again"))
}

/// Sends every request to one origin.
#[derive(Debug)]
struct StandIn {
    origin: Url,
    client: Arc<dyn HttpClient>,
}

#[async_trait::async_trait]
impl HttpClient for StandIn {
    async fn execute_request(&self, request: &Request) -> azure_core::Result<AsyncRawResponse> {
        let mut request = request.clone();
        let mut url = self.origin.clone();
        url.set_path(request.url().path());
        url.set_query(request.url().query());
        *request.url_mut() = url;
        self.client.execute_request(&request).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;
    use tokio::net::TcpListener;

    const SHORT: Duration = Duration::from_millis(20);

    #[tokio::test]
    async fn a_request_that_nobody_answers_ends() {
        // Another test may have been first.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let client = Authority::new(address.clone()).unwrap().client_within(SHORT).unwrap();
        assert!(client.get(address).send().await.unwrap_err().is_timeout());
    }

    #[tokio::test]
    async fn a_sign_in_that_goes_on_is_told_and_has_an_end() {
        let told = Cell::new(0);
        let tell = |_: Duration| told.set(told.get() + 1);
        assert_eq!(patiently(async { 7 }, SHORT, 3, tell).await, Ok(7));
        assert_eq!(told.get(), 0);
        let trouble = patiently(std::future::pending::<()>(), SHORT, 3, tell).await.unwrap_err();
        assert!(trouble.what.starts_with("nothing was answered that helps") && trouble.hint.is_some());
        assert_eq!(told.get(), 2);
    }
}
