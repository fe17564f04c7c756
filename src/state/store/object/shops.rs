//! The three stores: where each is, and what opens it.
//!
//! Every variable that counts is named here; the crate reads none by itself but those of its metadata servers.

use super::Patience;
use super::wire::Connector;
use crate::kind::workspace::{Cloud, Remote, Shop};
use crate::reason::Reason;
use crate::state::store::{Access, Bearer};
use crate::trouble::Trouble;
use anyhow::{Result, bail};
use async_trait::async_trait;
use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey};
use object_store::azure::{AzureAccessKey, AzureConfigKey, AzureCredential, MicrosoftAzureBuilder};
use object_store::gcp::GoogleCloudStorageBuilder;
use object_store::{BackoffConfig, ClientOptions, CredentialProvider, ObjectStore, RetryConfig};
use reqwest::Url;
use std::path::Path;
use std::sync::Arc;

/// What reads, and what writes.
type Both = (Arc<dyn ObjectStore>, Arc<dyn ObjectStore>);

/// Whether a store compares generations in a conditional write, not ETags.
pub fn counts_generations(shop: Shop) -> bool {
    match shop {
        Shop::Google => true,
        Shop::Azure | Shop::S3 => false,
    }
}

/// Opens a store. Fails where what opens it is missing or cannot be used.
pub fn open(remote: &Remote, access: &Access, patience: Patience) -> Result<Both> {
    match remote.shop {
        Shop::Azure => azure(remote, access, patience),
        Shop::S3 => s3(remote, access, patience),
        Shop::Google => google(remote, access, patience),
    }
}

/// Reads are asked again: nothing is harmed by that.
fn again(patience: Patience) -> RetryConfig {
    let [init_backoff, .., max_backoff] = patience.pauses;
    let backoff = BackoffConfig { init_backoff, max_backoff, ..BackoffConfig::default() };
    RetryConfig { backoff, max_retries: patience.pauses.len(), retry_timeout: patience.answer }
}

fn once(patience: Patience) -> RetryConfig {
    RetryConfig { max_retries: 0, ..again(patience) }
}

fn azure(remote: &Remote, access: &Access, patience: Patience) -> Result<Both> {
    let Some((_, account)) = first(access, &["AZURE_STORAGE_ACCOUNT", "AZURE_STORAGE_ACCOUNT_NAME"]) else {
        let none = Reason::Store.trouble("no storage account is known");
        bail!(none.hint("set AZURE_STORAGE_ACCOUNT to its name"));
    };
    if !((3..=24).contains(&account.len()) && account.bytes().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit()))
    {
        let wrong = Reason::Store.trouble("AZURE_STORAGE_ACCOUNT is not the name of a storage account");
        bail!(wrong.hint("it has 3 to 24 small letters and digits"));
    }
    let domain = match access.cloud {
        Cloud::Global => "core.windows.net",
        Cloud::UsGovL4 | Cloud::UsGovL5 => "core.usgovcloudapi.net",
        Cloud::China => "core.chinacloudapi.cn",
    };
    let own = endpoint(access, &["AZURE_STORAGE_ENDPOINT"])?;
    let (address, plain) = own.unwrap_or_else(|| (format!("https://{account}.blob.{domain}"), false));
    let base = MicrosoftAzureBuilder::new()
        .with_account(account)
        .with_container_name(&remote.bucket)
        .with_endpoint(address)
        .with_client_options(options(plain));
    let base = match first(access, &["AZURE_STORAGE_KEY", "AZURE_STORAGE_ACCOUNT_KEY"]) {
        Some((name, key)) => {
            let Ok(_) = AzureAccessKey::try_new(&key) else {
                let wrong = Reason::Store.trouble(format!("{name} is not a key of a storage account"));
                bail!(wrong.hint("copy one of its access keys whole"));
            };
            base.with_access_key(key)
        }
        None => match first(access, &["AZURE_STORAGE_SAS_TOKEN"]) {
            Some((_, sas)) => base.with_config(AzureConfigKey::SasKey, sas),
            None => base.with_credentials(Arc::new(SignIn((access.sign_in)()?))),
        },
    };
    let usable = |_| unusable("AZURE_STORAGE_SAS_TOKEN", "make a new shared access signature for the container");
    let connector = |reads| Connector { patience, reads };
    let reads =
        base.clone().with_retry(again(patience)).with_http_connector(connector(true)).build().map_err(usable)?;
    let base = base.with_credentials(reads.credentials().clone());
    let writes = base.with_retry(once(patience)).with_http_connector(connector(false)).build().map_err(usable)?;
    Ok((Arc::new(reads), Arc::new(writes)))
}

/// The sign-in to Entra ID, for a store.
struct SignIn(Bearer);

impl std::fmt::Debug for SignIn {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str("SignIn(hidden)")
    }
}

#[async_trait]
impl CredentialProvider for SignIn {
    type Credential = AzureCredential;

    async fn get_credential(&self) -> object_store::Result<Arc<AzureCredential>> {
        match (self.0)().await {
            Ok(bearer) => Ok(Arc::new(AzureCredential::BearerToken(bearer))),
            Err(error) => Err(object_store::Error::Generic { store: "Azure", source: Trouble::of(&error).into() }),
        }
    }
}

/// The ways to a credential of AWS, in the order in which they are looked for: each needs all of its variables.
const WAYS: [&[&str]; 5] = [
    &["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"],
    &["AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ROLE_ARN"],
    &["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"],
    &["AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"],
    // A machine's own role is never looked for: to ask one that has none takes long.
    &["AWS_EC2_METADATA_SERVICE_ENDPOINT"],
];

fn s3(remote: &Remote, access: &Access, patience: Patience) -> Result<Both> {
    let set = |way: &&&[&str]| way.iter().all(|name| (access.env)(name).is_some());
    let Some(way) = WAYS.iter().find(set) else {
        let none = Reason::Store.trouble("no credentials for S3 are set");
        bail!(none.hint(
            "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (`aws configure export-credentials --format env` prints those of a \
             profile), AWS_WEB_IDENTITY_TOKEN_FILE and AWS_ROLE_ARN, or AWS_EC2_METADATA_SERVICE_ENDPOINT for the role of a machine"
        ));
    };
    let own = endpoint(access, &["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"])?;
    let plain = own.as_ref().is_some_and(|(_, plain)| *plain);
    // One object is removed by itself: not every server has the other way.
    let base = AmazonS3Builder::new().with_disable_bulk_delete(true);
    let base = base.with_bucket_name(&remote.bucket).with_client_options(options(plain));
    let base = own.into_iter().fold(base, |base, (address, _)| base.with_endpoint(address));
    let region = first(access, &["AWS_REGION", "AWS_DEFAULT_REGION"]);
    let base = region.into_iter().fold(base, |base, (_, region)| base.with_region(region));
    let more = ["AWS_SESSION_TOKEN", "AWS_ROLE_SESSION_NAME", "AWS_ENDPOINT_URL_STS"];
    let base = way.iter().chain(&more).fold(base, |base, name| match (key(name), (access.env)(name)) {
        (Some(key), Some(value)) => base.with_config(key, value),
        _ => base,
    });
    let usable = |_| unusable("what the AWS_… variables say", "look at their values");
    let connector = |reads| Connector { patience, reads };
    let reads =
        base.clone().with_retry(again(patience)).with_http_connector(connector(true)).build().map_err(usable)?;
    let base = base.with_credentials(reads.credentials().clone());
    let writes = base.with_retry(once(patience)).with_http_connector(connector(false)).build().map_err(usable)?;
    Ok((Arc::new(reads), Arc::new(writes)))
}

/// The crate's name of a variable.
fn key(variable: &str) -> Option<AmazonS3ConfigKey> {
    match variable {
        "AWS_EC2_METADATA_SERVICE_ENDPOINT" => Some(AmazonS3ConfigKey::MetadataEndpoint),
        name => name.to_ascii_lowercase().parse().ok(),
    }
}

fn google(remote: &Remote, access: &Access, patience: Patience) -> Result<Both> {
    let own = endpoint(access, &["STORAGE_EMULATOR_HOST"])?;
    let plain = own.as_ref().is_some_and(|(_, plain)| *plain);
    let base = GoogleCloudStorageBuilder::new().with_bucket_name(&remote.bucket).with_client_options(options(plain));
    let base = own.into_iter().fold(base, |base, (address, _)| base.with_base_url(&address));
    let file = "GOOGLE_APPLICATION_CREDENTIALS";
    let base = if let Some(token) = (access.env)("GOOGLE_OAUTH_ACCESS_TOKEN") {
        base.with_bearer_token(token)
    } else if let Some(path) = (access.env)(file) {
        base.with_application_credentials(path)
    } else if signed_in(access) || (access.env)("GCE_METADATA_HOST").is_some() {
        base
    } else {
        let none = Reason::Store.trouble("no credentials for Google Cloud Storage are set");
        bail!(none.hint(
            "set GOOGLE_APPLICATION_CREDENTIALS to the key file of a service account, or GOOGLE_OAUTH_ACCESS_TOKEN to a ready token; \
             `gcloud auth application-default login` signs a person in, and GCE_METADATA_HOST leads to a machine's own account"
        ));
    };
    let way_out =
        "it is to be the key file of a service account; for workload identity federation set GOOGLE_OAUTH_ACCESS_TOKEN";
    let usable = |_| unusable(file, way_out);
    let connector = |reads| Connector { patience, reads };
    let reads =
        base.clone().with_retry(again(patience)).with_http_connector(connector(true)).build().map_err(usable)?;
    let base = base.with_credentials(reads.credentials().clone());
    let writes = base.with_retry(once(patience)).with_http_connector(connector(false)).build().map_err(usable)?;
    Ok((Arc::new(reads), Arc::new(writes)))
}

/// Whether `gcloud auth application-default login` has left its file, where the crate looks for it too.
fn signed_in(access: &Access) -> bool {
    let file = if cfg!(windows) {
        (access.env)("APPDATA").map(|home| Path::new(&home).join("gcloud/application_default_credentials.json"))
    } else {
        (access.env)("HOME").map(|home| Path::new(&home).join(".config/gcloud/application_default_credentials.json"))
    };
    file.is_some_and(|file| file.is_file())
}

/// The first variable that is set.
fn first(access: &Access, names: &[&'static str]) -> Option<(&'static str, String)> {
    names.iter().find_map(|name| Some((*name, (access.env)(name)?)))
}

/// An address of a store that the environment names, and whether it is plain http; that goes to loopback alone.
fn endpoint(access: &Access, names: &[&'static str]) -> Result<Option<(String, bool)>> {
    let Some((name, text)) = first(access, names) else { return Ok(None) };
    let url = Url::parse(&text).ok().filter(|url| url.username().is_empty() && url.password().is_none());
    let local = |url: &Url| matches!(url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"));
    match url.map(|url| (url.scheme().to_owned(), local(&url))) {
        Some((scheme, _)) if scheme == "https" => Ok(Some((text.trim_end_matches('/').to_owned(), false))),
        Some((scheme, true)) if scheme == "http" => Ok(Some((text.trim_end_matches('/').to_owned(), true))),
        _ => {
            let wrong = Reason::Store.trouble(format!("{name} is not an address that a store is reached at"));
            bail!(wrong.hint("write `https://host`; plain http goes to 127.0.0.1 alone"))
        }
    }
}

fn options(plain: bool) -> ClientOptions {
    ClientOptions::new().with_allow_http(plain).with_default_content_type("application/json")
}

/// What the crate says of a value may quote it.
fn unusable(name: &str, way_out: &str) -> Trouble {
    Reason::Store.trouble(format!("{name} cannot be used")).hint(way_out)
}
