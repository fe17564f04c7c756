//! How the stores are spoken to, and what their refusals mean.
//!
//! Of a refusal no more is kept than its status and its code: the rest of it may quote what was signed, and a token among it.

use super::Patience;
use crate::kind::workspace::{Remote, Shop};
use crate::reason::Reason;
use crate::trouble::Trouble;
use async_trait::async_trait;
use futures::StreamExt;
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse, HttpResponseBody, HttpService,
};
use object_store::{ClientConfigKey, ClientOptions};
use std::error::Error;
use std::fmt;
use std::time::Duration;

/// The most that is read of a refusal.
const MOST_OF_REFUSAL: usize = 64 << 10;

/// The codes of a 404 that say of one object that it is not there; any other 404 says nothing of it.
const ABSENT: [&str; 2] = ["BlobNotFound", "NoSuchKey"];

/// Makes clients for a store: rustls with ring as for Graph, no redirects, and plain http only where the address was said to be that.
#[derive(Debug)]
pub struct Connector {
    pub patience: Patience,
    /// Whether it reads, so that an answer may be expected soon; a large write takes as long as it is large.
    pub reads: bool,
}

impl HttpConnector for Connector {
    fn connect(&self, options: &ClientOptions) -> object_store::Result<HttpClient> {
        if rustls::crypto::CryptoProvider::get_default().is_none() {
            // Losing the race against another thread is as good as winning it.
            let _ = rustls::crypto::ring::default_provider().install_default();
        }
        let client = reqwest::Client::builder()
            .user_agent(concat!("convoke/", env!("CARGO_PKG_VERSION")))
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .connect_timeout(self.patience.connect);
        let client = if self.reads { client.read_timeout(self.patience.answer) } else { client };
        // A proxy has no way to our loopback, and a machine without certificates can still use what is there.
        let client = match options.get_config_value(&ClientConfigKey::AllowHttp).as_deref() {
            Some("true") => client.no_proxy().tls_certs_only([]),
            Some(_) | None => client.https_only(true),
        };
        let client =
            client.build().map_err(|error| object_store::Error::Generic { store: "https", source: error.into() });
        Ok(HttpClient::new(Wire(client?)))
    }
}

#[derive(Debug)]
struct Wire(reqwest::Client);

#[async_trait]
impl HttpService for Wire {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let (head, body) = HttpService::call(&self.0, request).await?.into_parts();
        if head.status.is_success() {
            return Ok(HttpResponse::from_parts(head, body));
        }
        let told = head.headers.get("x-ms-error-code").and_then(|it| it.to_str().ok()).and_then(plain);
        let code = match told {
            Some(code) => Some(code),
            None => code_in(&beginning(body).await),
        };
        let refused = Refused { status: head.status.as_u16(), code };
        // What the crate has an error of its own for it may see; of the rest it would quote the body, or retry what cannot help.
        let absent = refused.code.as_deref().is_some_and(|code| ABSENT.contains(&code));
        match refused.status {
            404 if absent => Ok(HttpResponse::from_parts(head, HttpResponseBody::from(String::new()))),
            304 | 409 | 412 => Ok(HttpResponse::from_parts(head, HttpResponseBody::from(String::new()))),
            408 | 429 | 500.. => Err(HttpError::new(HttpErrorKind::Connect, refused)),
            _ => Err(HttpError::new(HttpErrorKind::Unknown, refused)),
        }
    }
}

/// What a store answered in place of what it was asked for.
#[derive(Debug)]
struct Refused {
    status: u16,
    code: Option<String>,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match &self.code {
            Some(code) => write!(f, "{} {code}", self.status),
            None => write!(f, "{}", self.status),
        }
    }
}

impl Error for Refused {}

async fn beginning(body: HttpResponseBody) -> String {
    let (mut text, mut parts) = (vec![], body.bytes_stream());
    while let Some(Ok(part)) = parts.next().await {
        text.extend_from_slice(&part[..part.len().min(MOST_OF_REFUSAL - text.len())]);
        if text.len() == MOST_OF_REFUSAL {
            break;
        }
    }
    String::from_utf8_lossy(&text).into_owned()
}

/// The code in the XML that all three stores refuse with.
fn code_in(body: &str) -> Option<String> {
    plain(body.split_once("<Code>")?.1.split_once("</Code>")?.0)
}

fn plain(code: &str) -> Option<String> {
    let word = (1..=64).contains(&code.len()) && code.bytes().all(|sign| sign.is_ascii_alphanumeric());
    word.then(|| code.to_owned())
}

/// Returns the causes of an error of the crate, the outermost first.
fn causes(error: &object_store::Error) -> impl Iterator<Item = &(dyn Error + 'static)> {
    std::iter::successors(Some(error as &(dyn Error + 'static)), |error| (*error).source())
}

fn refused(error: &object_store::Error) -> Option<&Refused> {
    causes(error).find_map(|cause| cause.downcast_ref())
}

/// Tells whether a write that ended in this may have been written all the same.
pub fn may_be_written(error: &object_store::Error) -> bool {
    match refused(error) {
        Some(refused) => matches!(refused.status, 408 | 429 | 500..),
        None => causes(error).any(|cause| cause.is::<HttpError>()),
    }
}

/// Says that nothing was answered.
pub fn silent(waited: Duration) -> Trouble {
    Reason::Store.trouble(format!("the store did not answer within {} s", waited.as_secs())).hint(REACH)
}

const REACH: &str = "see that this machine reaches the store, and run it again";

/// Words an error of the crate, and the way out. Its own words are not shown: they quote addresses and answers.
pub fn words(remote: Option<&Remote>, error: &object_store::Error) -> Trouble {
    if let Some(ours) = causes(error).find_map(|cause| cause.downcast_ref::<Trouble>()) {
        return ours.clone();
    }
    if let (Some(remote), Some(refused)) = (remote, refused(error)) {
        return refusal(remote, refused);
    }
    let Some(http) = causes(error).find_map(|cause| cause.downcast_ref::<HttpError>()) else {
        let odd = Reason::Store.trouble("what the store answered cannot be used");
        return odd.hint("see that the place is one of such a store, and what stands between it and this machine");
    };
    let deepest = causes(error).last().map(ToString::to_string).unwrap_or_default();
    let what = match http.kind() {
        HttpErrorKind::Timeout => "the store did not answer in time".to_owned(),
        HttpErrorKind::Connect => format!("the store cannot be reached: {deepest}"),
        _ => format!("the connection to the store ended: {deepest}"),
    };
    Reason::Store.trouble(what).hint(REACH)
}

fn refusal(remote: &Remote, refused: &Refused) -> Trouble {
    let Remote { shop, bucket, .. } = remote;
    let said = Reason::Store.trouble(format!("the store answered {refused}"));
    let name = shop.bucket();
    let hint = match (refused.status, refused.code.as_deref().unwrap_or_default()) {
        (
            _,
            "AuthenticationFailed"
            | "SignatureDoesNotMatch"
            | "InvalidAccessKeyId"
            | "RequestTimeTooSkewed"
            | "ExpiredToken",
        )
        | (401, _) => format!("look at {}, and at the clock of this machine", keys(*shop)),
        (301 | 307, _) | (400, "AuthorizationHeaderMalformed") => {
            format!("set AWS_REGION to the region of the bucket `{bucket}`")
        }
        (403, _) => format!("let it {}", rights(*shop)),
        (404, _) => format!("make the {name} `{bucket}`, or name another in the place of the state"),
        (501, _) => "keep the state in a store that writes on condition of ETags".to_owned(),
        (408 | 429 | 500.., _) => "wait a little, and run it again".to_owned(),
        _ => format!("look at {}, and at the place of the state", keys(*shop)),
    };
    said.hint(hint)
}

fn keys(shop: Shop) -> &'static str {
    match shop {
        Shop::Azure => "AZURE_STORAGE_ACCOUNT with AZURE_STORAGE_KEY or AZURE_STORAGE_SAS_TOKEN, or at the sign-in",
        Shop::S3 => "the AWS_… variables",
        Shop::Google => "GOOGLE_APPLICATION_CREDENTIALS or GOOGLE_OAUTH_ACCESS_TOKEN",
    }
}

fn rights(shop: Shop) -> &'static str {
    match shop {
        Shop::Azure => {
            "read and write there: the role Storage Blob Data Contributor on the container, and the network rules of the account"
        }
        Shop::S3 => {
            "read and write there: s3:GetObject, s3:PutObject and s3:DeleteObject on the objects, s3:ListBucket on the bucket"
        }
        Shop::Google => "read and write there: storage.objects.get, .create, .delete and .list on the bucket",
    }
}
