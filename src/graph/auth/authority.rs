//! How Entra ID is reached: its address, and a transport that may lead to a stand-in on loopback.
//!
//! The identity crate takes https addresses only. `AZURE_AUTHORITY_HOST` may name plain http on loopback, for tests and for
//! emulators: then every request of a sign-in goes there instead, its path unchanged.

use anyhow::{Context, Result, bail};
use azure_core::cloud::{CloudConfiguration, CustomConfiguration};
use azure_core::http::{AsyncRawResponse, ClientOptions, HttpClient, Request, Transport, Url, new_http_client};
use azure_identity::ClientAssertionCredentialOptions;
use std::sync::Arc;

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
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
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
