//! Signing in to Entra ID: which way, and a token source for the client.
//!
//! `choose` decides from the workspace and the environment alone and says why, so that a pipeline's log tells what was
//! used. The official identity crate does the work where it serves; what it lacks (certificates without OpenSSL, GitHub
//! Actions, device codes) stands in the files beside this one. Tokens stay in memory.

mod agree;
mod assertion;
mod authority;
mod device;

pub use agree::agreed;

use crate::graph::token::{Fresh, Token};
use crate::kind::workspace::{Auth, Cloud, Graph, is_tenant};
use crate::plural::either;
use crate::problem::cut;
use crate::reason::Reason;
use crate::trouble::{Hint, Trouble};
use anyhow::{Context, Result, bail};
use authority::Authority;
use azure_core::credentials::{AccessToken, Secret, TokenCredential};
use azure_identity::{
    AzureCliCredential, AzureCliCredentialOptions, AzurePipelinesCredential, ClientAssertionCredential,
    ClientSecretCredential, ManagedIdentityCredential, ManagedIdentityCredentialOptions, UserAssignedId,
    WorkloadIdentityCredential, WorkloadIdentityCredentialOptions,
};
use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long nothing is told while the identity crate asks again by itself.
const STEP: Duration = Duration::from_secs(15);

/// After how many of these it is given up; by itself it ends after two minutes, where it is answered at all.
const STEPS: u32 = 12;

/// Reads one environment variable; empty is absent.
pub type Env = Arc<dyn Fn(&str) -> Option<String> + Send + Sync>;

/// The way that was chosen.
#[derive(Debug, Clone, PartialEq)]
pub struct Chosen {
    pub auth: Auth,
    /// Why this one.
    pub why: String,
    /// The ways that were passed over, each with what it lacked.
    pub passed: Vec<String>,
}

/// A cloud's roots (deployments.md).
#[derive(Debug, Clone, Copy)]
pub struct Roots {
    pub graph: &'static str,
    pub authority: &'static str,
    /// The audience of foreign tokens that are exchanged for one of Entra ID's.
    pub exchange: &'static str,
}

/// Returns the roots of a cloud.
pub fn roots(cloud: Cloud) -> Roots {
    let (graph, authority, exchange) = match cloud {
        Cloud::Global => ("https://graph.microsoft.com", "https://login.microsoftonline.com", ""),
        Cloud::UsGovL4 => ("https://graph.microsoft.us", "https://login.microsoftonline.us", "USGov"),
        Cloud::UsGovL5 => ("https://dod-graph.microsoft.us", "https://login.microsoftonline.us", "USGov"),
        Cloud::China => ("https://microsoftgraph.chinacloudapi.cn", "https://login.chinacloudapi.cn", "China"),
    };
    let exchange = match exchange {
        "USGov" => "api://AzureADTokenExchangeUSGov",
        "China" => "api://AzureADTokenExchangeChina",
        _ => "api://AzureADTokenExchange",
    };
    Roots { graph, authority, exchange }
}

/// What each way needs of the environment; the order is that of the search. The Azure CLI and the device code belong to a
/// person and are never found, only chosen; so is the identity of a virtual machine, since asking one that has none takes long.
const WAYS: &[(Auth, &[&str])] = &[
    (Auth::ClientSecret, &["AZURE_CLIENT_SECRET"]),
    (Auth::ClientCertificate, &["AZURE_CLIENT_CERTIFICATE_PATH"]),
    (Auth::WorkloadIdentity, &["AZURE_FEDERATED_TOKEN_FILE"]),
    (Auth::GithubActions, &["ACTIONS_ID_TOKEN_REQUEST_URL", "ACTIONS_ID_TOKEN_REQUEST_TOKEN"]),
    (Auth::AzurePipelines, &["SYSTEM_OIDCREQUESTURI", "SYSTEM_ACCESSTOKEN", "AZURESUBSCRIPTION_SERVICE_CONNECTION_ID"]),
    (Auth::ManagedIdentity, &["IDENTITY_ENDPOINT", "IDENTITY_HEADER"]),
];

/// Chooses how to sign in.
///
/// Fails with every way and what it lacks, and where the workspace names a way that the environment does not show and is set up for
/// another: no file alone starts the Azure CLI, asks a machine for its identity or calls a person to a job.
pub fn choose(graph: &Graph, env: &Env) -> Result<Chosen> {
    let (first, mut passed) = found(env);
    if let Some(auth) = graph.auth {
        let shown = WAYS.iter().any(|(it, names)| *it == auth && missing(names, env).is_empty());
        // A job that may ask GitHub for a token has often done so to sign `az` in, by the action that is made for it.
        let signed_in = |other| auth == Auth::AzureCli && other == Auth::GithubActions;
        return match first {
            Some((other, why)) if !shown && !signed_in(other) => {
                let (named, other) = (name(auth), name(other));
                let differ =
                    format!("`spec.graph.auth` is `{named}`, and the environment signs in with {other}: {why}");
                bail!(
                    Reason::SignInDiffers.trouble(differ).hint(format!(
                        "take `auth` out of the workspace, or what {other} needs out of the environment"
                    ))
                )
            }
            _ => Ok(Chosen { auth, why: "`spec.graph.auth` names it".into(), passed: vec![] }),
        };
    }
    if let Some((auth, why)) = first {
        passed.push("azureCli, deviceCode: only where `spec.graph.auth` names them".into());
        return Ok(Chosen { auth, why, passed });
    }
    let none = Trouble { details: passed, ..Reason::NoSignIn.trouble("no way to sign in was found") };
    bail!(none.hint(
        "set one of them up, name another with `spec.graph.auth` (azureCli, deviceCode, managedIdentity), set CONVOKE_ACCESS_TOKEN \
         to a ready token, or try it on the embedded twin with --sandbox"
    ))
}

/// Returns the first way that the environment is set up for and why, and what is said of the others.
fn found(env: &Env) -> (Option<(Auth, String)>, Vec<String>) {
    let (mut first, mut passed) = (None, vec![]);
    for (auth, names) in WAYS {
        let missing = missing(names, env);
        match &first {
            _ if !missing.is_empty() => passed.push(format!("{}: {} not set", name(*auth), are(&missing))),
            None => first = Some((*auth, format!("{} set", are(names)))),
            Some((first, _)) => {
                passed.push(format!("{}: {} set too, and {} goes first", name(*auth), are(names), name(*first)));
            }
        }
    }
    (first, passed)
}

/// Returns the variables that are not set.
fn missing(names: &[&'static str], env: &Env) -> Vec<&'static str> {
    names.iter().copied().filter(|name| env(name).is_none()).collect()
}

fn are(names: &[&str]) -> String {
    format!("{} {}", names.join(", "), either(names.len(), "is", "are"))
}

/// The name as `spec.graph.auth` has it.
pub fn name(auth: Auth) -> &'static str {
    match auth {
        Auth::ClientSecret => "clientSecret",
        Auth::ClientCertificate => "clientCertificate",
        Auth::WorkloadIdentity => "workloadIdentity",
        Auth::GithubActions => "githubActions",
        Auth::AzurePipelines => "azurePipelines",
        Auth::ManagedIdentity => "managedIdentity",
        Auth::AzureCli => "azureCli",
        Auth::DeviceCode => "deviceCode",
    }
}

/// What a token for Azure's stores is asked for, in every cloud (authorize-access-azure-active-directory.md of Azure Storage).
pub const STORAGE: &str = "https://storage.azure.com";

/// Returns a token source for Graph by the chosen way; nothing is asked of anybody yet.
///
/// `graph` is what environment and workspace agree on. `say` is told what a person has to do for a device code.
pub fn token(chosen: &Chosen, graph: &Graph, env: Env, say: fn(&str)) -> Result<Token> {
    token_for(roots(graph.cloud).graph, chosen, graph, env, say)
}

/// The same for another service; a device code is for Graph whatever is asked for.
pub fn token_for(service: &str, chosen: &Chosen, graph: &Graph, env: Env, say: fn(&str)) -> Result<Token> {
    let ids = Ids { tenant: graph.tenant_id.clone(), client: graph.client_id.clone() };
    let roots = roots(graph.cloud);
    let authority = Authority::new(env("AZURE_AUTHORITY_HOST").unwrap_or_else(|| roots.authority.into()))?;
    let auth = chosen.auth;
    if auth == Auth::DeviceCode {
        let device = Arc::new(device::Device::new(authority, ids.tenant()?, ids.client()?, roots.graph, say));
        return Ok(Token::fetched(move || {
            let device = device.clone();
            Box::pin(async move { device.fresh().await })
        }));
    }
    let scope = format!("{service}/.default");
    Ok(Token::fetched(move || {
        // Made anew each time: a credential keeps its token, and after a refusal another one is wanted.
        let credential = credential(auth, &ids, &authority, roots, &env);
        let scope = scope.clone();
        Box::pin(async move {
            let way = format!("cannot sign in with {}", name(auth));
            let credential = credential?;
            let still = |waited: Duration| {
                say(&format!("still signing in with {}: no answer that helps for {} s", name(auth), waited.as_secs()));
            };
            let asked = authority::patiently(credential.get_token(&[&scope], None), STEP, STEPS, still).await;
            let AccessToken { token, expires_on } =
                asked.and_then(|asked| asked.map_err(|error| refused(&error))).context(way)?;
            let left = expires_on.unix_timestamp() - jiff::Timestamp::now().as_second();
            let expires = Instant::now() + Duration::from_secs(left.max(0) as u64);
            Ok(Fresh { bearer: token.secret().to_owned(), expires })
        })
    }))
}

/// The tenant and the app registration.
struct Ids {
    tenant: Option<String>,
    client: Option<String>,
}

impl Ids {
    fn tenant(&self) -> Result<String> {
        let none =
            || Reason::NoSignIn.trouble("no tenant is known").hint("set `spec.graph.tenantId` or AZURE_TENANT_ID");
        let tenant = self.tenant.clone().with_context(none)?;
        if !is_tenant(&tenant) {
            let wrong = Reason::NoSignIn.trouble(format!("not a tenant: `{}`", cut(&tenant)));
            bail!(wrong.hint("set AZURE_TENANT_ID to the tenant's id, or to one of its domains"));
        }
        Ok(tenant)
    }

    fn client(&self) -> Result<String> {
        let none = || {
            Reason::NoSignIn
                .trouble("no app registration is known")
                .hint("set `spec.graph.clientId` or AZURE_CLIENT_ID")
        };
        self.client.clone().with_context(none)
    }
}

fn credential(
    auth: Auth,
    ids: &Ids,
    authority: &Authority,
    roots: Roots,
    env: &Env,
) -> Result<Arc<dyn TokenCredential>> {
    let var = |name: &str| env(name).with_context(|| format!("{name} is not set, and {} needs it", self::name(auth)));
    Ok(match auth {
        Auth::ClientSecret => {
            let options = azure_identity::ClientSecretCredentialOptions { client_options: authority.options() };
            let secret = Secret::new(var("AZURE_CLIENT_SECRET")?);
            ClientSecretCredential::new(&ids.tenant()?, ids.client()?, secret, Some(options))?
        }
        Auth::ClientCertificate => {
            let path = var("AZURE_CLIENT_CERTIFICATE_PATH")?;
            let audience = format!("{}/{}/oauth2/v2.0/token", authority.authority(), ids.tenant()?);
            let assertion = assertion::Certificate::read(path.as_ref(), ids.client()?, audience)?;
            ClientAssertionCredential::new(
                ids.tenant()?,
                ids.client()?,
                assertion,
                Some(authority.assertion_options()),
            )?
        }
        Auth::GithubActions => {
            let (url, token) = (var("ACTIONS_ID_TOKEN_REQUEST_URL")?, var("ACTIONS_ID_TOKEN_REQUEST_TOKEN")?);
            let assertion = assertion::Github::new(authority.client()?, &url, token, roots.exchange)?;
            ClientAssertionCredential::new(
                ids.tenant()?,
                ids.client()?,
                assertion,
                Some(authority.assertion_options()),
            )?
        }
        Auth::WorkloadIdentity => WorkloadIdentityCredential::new(Some(WorkloadIdentityCredentialOptions {
            credential_options: authority.assertion_options(),
            client_id: Some(ids.client()?),
            tenant_id: Some(ids.tenant()?),
            token_file_path: Some(var("AZURE_FEDERATED_TOKEN_FILE")?.into()),
        }))?,
        Auth::AzurePipelines => {
            let connection = var("AZURESUBSCRIPTION_SERVICE_CONNECTION_ID")?;
            let options =
                azure_identity::AzurePipelinesCredentialOptions { credential_options: authority.assertion_options() };
            let token = var("SYSTEM_ACCESSTOKEN")?;
            AzurePipelinesCredential::new(ids.tenant()?, ids.client()?, &connection, token, Some(options))?
        }
        Auth::ManagedIdentity => ManagedIdentityCredential::new(Some(ManagedIdentityCredentialOptions {
            user_assigned_id: ids.client.clone().map(UserAssignedId::ClientId),
            client_options: authority.options(),
        }))?,
        Auth::AzureCli => {
            let options = AzureCliCredentialOptions { tenant_id: ids.tenant.clone(), ..Default::default() };
            AzureCliCredential::new(Some(options))?
        }
        Auth::DeviceCode => bail!("a device code is a person's sign-in"),
    })
}

/// Words what Entra ID said, with the way out for what usually is wrong (Entra ID error codes: AADSTS…).
fn refused(error: &azure_core::Error) -> Trouble {
    let said = Reason::SignInFailed.trouble(plain(&error.to_string()));
    let ways = [
        ("AADSTS7000222", "the client secret or certificate has expired: make a new one in the app registration"),
        ("AADSTS7000215", "this is not the secret of that app: use its value, not its id"),
        (
            "AADSTS700016",
            "the app does not exist in this tenant: look at `spec.graph.clientId` and `spec.graph.tenantId`, or at AZURE_CLIENT_ID and \
             AZURE_TENANT_ID",
        ),
        ("AADSTS90002", "no such tenant: look at `spec.graph.tenantId` or AZURE_TENANT_ID, and at `spec.graph.cloud`"),
        ("AADSTS700027", "the certificate is not the app's: upload its public part to the app registration"),
        // And AADSTS700213, which begins like it.
        (
            "AADSTS70021",
            "no federated credential of the app matches this job: look at its issuer, subject and audience",
        ),
    ];
    let of_code = ways.iter().find(|(code, _)| said.what.contains(code)).map(|(_, way)| Hint::from(*way));
    // What we gave the crate to say, GitHub's refusal among it, is a cause of its error.
    let ours =
        std::iter::successors(error.source(), |error| (*error).source()).find_map(|it| it.downcast_ref::<Trouble>());
    Trouble { hint: of_code.or(ours.and_then(|ours| ours.hint.clone())), ..said }
}

/// Entra ID's own words without what the crate puts around them; of the ids behind them the one that support asks for.
fn plain(text: &str) -> String {
    let Some(start) = text.find("AADSTS") else { return text.into() };
    let words = text[start..].lines().next().unwrap_or_default();
    match words.split_once(" Trace ID: ") {
        Some((words, ids)) => format!("{words} (trace id {})", ids.split(' ').next().unwrap_or_default()),
        None => words.into(),
    }
}

#[cfg(test)]
mod tests;
