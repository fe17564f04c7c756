//! Assertions that stand for a secret: one signed with the app's certificate, one issued to a GitHub Actions job.

use crate::graph::auth::authority;
use crate::reason::Reason;
use crate::trouble::Trouble;
use anyhow::{Context, Result, bail};
use azure_core::error::{Error, ErrorKind};
use azure_core::http::ClientMethodOptions;
use azure_identity::ClientAssertion;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::json;
use sha2::{Digest, Sha256};
use std::fmt;
use std::path::Path;

/// How long a signed assertion holds: Entra ID takes ten minutes at most.
const LIFE: i64 = 300;

/// Signs assertions with the private key of a certificate (certificate credentials of the identity platform).
pub struct Certificate {
    key: RsaKeyPair,
    /// `x5t#S256`: what tells Entra ID which of the app's certificates it is.
    thumbprint: String,
    client_id: String,
    audience: String,
}

impl Certificate {
    /// Reads a PEM file that holds the certificate and its RSA private key, in any order.
    pub fn read(path: &Path, client_id: String, audience: String) -> Result<Certificate> {
        let shown = path.display();
        let pem = std::fs::read(path).with_context(|| format!("cannot read the certificate `{shown}`"))?;
        let certificate = CertificateDer::from_pem_slice(&pem)
            .map_err(|error| anyhow::anyhow!("{error}"))
            .with_context(|| format!("`{shown}` holds no certificate in PEM form"))?;
        let key = PrivateKeyDer::from_pem_slice(&pem)
            .map_err(|error| anyhow::anyhow!("{error}"))
            .with_context(|| format!("`{shown}` holds no private key in PEM form"))?;
        let key = match &key {
            PrivateKeyDer::Pkcs8(der) => RsaKeyPair::from_pkcs8(der.secret_pkcs8_der()),
            PrivateKeyDer::Pkcs1(der) => RsaKeyPair::from_der(der.secret_pkcs1_der()),
            _ => bail!("the private key in `{shown}` is not an RSA key"),
        };
        let key = key.map_err(|error| anyhow::anyhow!("the private key in `{shown}` cannot be used: {error}"))?;
        let thumbprint = BASE64.encode(Sha256::digest(certificate.as_ref()));
        Ok(Certificate { key, thumbprint, client_id, audience })
    }

    fn sign(&self, now: i64) -> Result<String> {
        let header = json!({"alg": "RS256", "typ": "JWT", "x5t#S256": self.thumbprint});
        let claims = json!({
            "aud": self.audience, "iss": self.client_id, "sub": self.client_id,
            "jti": uuid::Uuid::new_v4().to_string(), "nbf": now, "iat": now, "exp": now + LIFE,
        });
        let text = format!("{}.{}", BASE64.encode(header.to_string()), BASE64.encode(claims.to_string()));
        let mut signature = vec![0; self.key.public().modulus_len()];
        let signed = self.key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text.as_bytes(), &mut signature);
        signed.map_err(|_| anyhow::anyhow!("the assertion could not be signed"))?;
        Ok(format!("{text}.{}", BASE64.encode(signature)))
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("Certificate(hidden)")
    }
}

#[async_trait::async_trait]
impl ClientAssertion for Certificate {
    async fn secret(&self, _: Option<ClientMethodOptions<'_>>) -> azure_core::Result<String> {
        self.sign(jiff::Timestamp::now().as_second()).map_err(credential)
    }
}

/// Asks GitHub for the token of the running job (OpenID Connect in GitHub Actions).
pub struct Github {
    client: reqwest::Client,
    url: reqwest::Url,
    token: String,
}

impl Github {
    /// Asks GitHub for the identity of a job, for an audience.
    pub fn new(client: reqwest::Client, url: &str, token: String, audience: &str) -> Result<Github> {
        let mut url = reqwest::Url::parse(url).context("ACTIONS_ID_TOKEN_REQUEST_URL is not an address")?;
        let local = matches!(url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"));
        if url.scheme() != "https" && !local {
            bail!("ACTIONS_ID_TOKEN_REQUEST_URL must be https");
        }
        url.query_pairs_mut().append_pair("audience", audience);
        Ok(Github { client, url, token })
    }

    async fn ask(&self) -> Result<String> {
        let answer = self.client.get(self.url.clone()).bearer_auth(&self.token).send().await;
        // The address holds the run's number and nothing that helps: the message goes without it.
        let answer =
            answer.map_err(reqwest::Error::without_url).context("GitHub did not issue a token for this job")?;
        let status = answer.status();
        if !status.is_success() {
            let refused = Reason::SignInFailed.trouble(format!("GitHub did not issue a token for this job: {status}"));
            bail!(refused.hint("give the job `permissions: id-token: write`"));
        }
        let body = authority::json(answer).await.context("cannot read what GitHub answered")?;
        body["value"].as_str().map(str::to_owned).context("GitHub's answer holds no token")
    }
}

impl fmt::Debug for Github {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("Github(hidden)")
    }
}

#[async_trait::async_trait]
impl ClientAssertion for Github {
    async fn secret(&self, _: Option<ClientMethodOptions<'_>>) -> azure_core::Result<String> {
        self.ask().await.map_err(credential)
    }
}

fn credential(error: anyhow::Error) -> Error {
    Error::new(ErrorKind::Credential, Trouble::of(&error))
}
