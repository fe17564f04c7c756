//! Who signs in for a namespace: the operator itself, or an app of the namespace's own, by a Secret or a service account in it.
//!
//! Of its own sign-in nothing of the operator's is mixed in, and of a Secret nothing is taken that names a file or an address, since both
//! would be the operator's. No secret is written to a disk.

use crate::cluster::Cluster;
use anyhow::{Result, bail};
use convoke::face::graph::auth::{Env, roots};
use convoke::face::kind::crd::OfGraph;
use convoke::face::kind::workspace::Graph;
use convoke::face::reason::Reason;
use k8s_openapi::api::authentication::v1::{TokenRequest, TokenRequestSpec};
use k8s_openapi::api::core::v1::{Secret, ServiceAccount};
use kube::Api;
use kube::api::PostParams;
use rustix::fs::{MemfdFlags, memfd_create};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write;
use std::os::fd::AsRawFd;
use std::sync::Arc;

/// What a Secret may hold.
const TAKEN: [&str; 12] = [
    "AZURE_TENANT_ID",
    "AZURE_CLIENT_ID",
    "AZURE_CLIENT_SECRET",
    CERTIFICATE,
    "AZURE_STORAGE_ACCOUNT",
    "AZURE_STORAGE_KEY",
    "AZURE_STORAGE_SAS_TOKEN",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_REGION",
    "GOOGLE_OAUTH_ACCESS_TOKEN",
];

const CERTIFICATE: &str = "AZURE_CLIENT_CERTIFICATE";

/// How long a token of a service account holds, in seconds; a round with many requests takes minutes.
const TOKEN_HOLDS: i64 = 3600;

/// Returns the environment that signs in for a namespace.
///
/// Fails where its Secret or service account is not there, or may not be read.
pub async fn env(cluster: &Cluster, namespace: &str, own: &OfGraph, graph: &Graph, operator: &Env) -> Result<Env> {
    if let Some(secret) = &own.secret_ref {
        let mut own = secret_of(cluster, namespace, &secret.name).await?;
        let file = own.remove(CERTIFICATE).map(|pem| in_memory(&pem)).transpose()?;
        let path = file.as_ref().map(|file| ("AZURE_CLIENT_CERTIFICATE_PATH".to_owned(), path(file)));
        own.extend(path);
        return Ok(with(own, file, graph, operator));
    }
    if let Some(account) = &own.service_account_name {
        let token = token_of(cluster, namespace, account, roots(graph.cloud).exchange).await?;
        let file = in_memory(&token)?;
        let own = BTreeMap::from([("AZURE_FEDERATED_TOKEN_FILE".to_owned(), path(&file))]);
        return Ok(with(own, Some(file), graph, operator));
    }
    Ok(operator.clone())
}

/// An environment of its own; `file` lasts as long as it does.
fn with(own: BTreeMap<String, String>, file: Option<File>, graph: &Graph, operator: &Env) -> Env {
    let (authority, operator) = (roots(graph.cloud).authority, operator.clone());
    Arc::new(move |name| {
        let _ = &file;
        let shared = name.starts_with("CONVOKE_") && name != "CONVOKE_ACCESS_TOKEN";
        match name {
            // The cloud that the Workspace names leads its own secrets to Microsoft alone.
            "AZURE_AUTHORITY_HOST" => operator(name).or_else(|| Some(authority.to_owned())),
            _ if shared || name == "AZURE_STORAGE_ACCOUNT" => own.get(name).cloned().or_else(|| operator(name)),
            _ => own.get(name).cloned(),
        }
    })
}

async fn secret_of(cluster: &Cluster, namespace: &str, name: &str) -> Result<BTreeMap<String, String>> {
    let read = Api::<Secret>::namespaced(cluster.client(), namespace).get(name).await;
    let what = format!("the Secret `{name}`");
    let data = read.map_err(|error| away(error, &what, "get"))?.data.unwrap_or_default();
    let text = |(key, value): (String, k8s_openapi::ByteString)| {
        Some((key, String::from_utf8(value.0).ok()?.trim().to_owned())).filter(|(_, value)| !value.is_empty())
    };
    let own: BTreeMap<String, String> =
        data.into_iter().filter(|(key, _)| TAKEN.contains(&key.as_str())).filter_map(text).collect();
    if !["AZURE_CLIENT_SECRET", CERTIFICATE].iter().any(|it| own.contains_key(*it)) {
        let none = Reason::NoSignIn.trouble(format!("{what} holds no sign-in"));
        bail!(none.hint(format!("it needs AZURE_CLIENT_SECRET, or {CERTIFICATE} as PEM with its private key")));
    }
    Ok(own)
}

async fn token_of(cluster: &Cluster, namespace: &str, name: &str, audience: &str) -> Result<String> {
    let accounts = Api::<ServiceAccount>::namespaced(cluster.client(), namespace);
    let spec = TokenRequestSpec {
        audiences: Some(vec![audience.to_owned()]),
        expiration_seconds: Some(TOKEN_HOLDS),
        ..TokenRequestSpec::default()
    };
    let asked = TokenRequest { spec: Some(spec), ..TokenRequest::default() };
    let what = format!("a token of the service account `{name}`");
    let made = accounts.create_token_request(name, &PostParams::default(), &asked).await;
    Ok(made.map_err(|error| away(error, &what, "create"))?.status.and_then(|it| it.token).unwrap_or_default())
}

/// What is not there or may not be read is no sign-in; an API server that is away may have one all the same.
fn away(error: kube::Error, what: &str, verb: &str) -> anyhow::Error {
    match &error {
        kube::Error::Api(status) if status.code == 404 => {
            Reason::NoSignIn.trouble(format!("{what} is not there")).hint("make it, in the same namespace").into()
        }
        kube::Error::Api(status) if status.code == 403 => {
            let refused = Reason::NoSignIn.trouble(format!("{what} is not for the operator"));
            refused
                .hint(format!("let its service account `{verb}` it, by a Role and a RoleBinding in the namespace"))
                .into()
        }
        _ => anyhow::Error::new(error).context(format!("{what} cannot be read")),
    }
}

/// A file that is on no disk.
fn in_memory(text: &str) -> Result<File> {
    let mut file = File::from(memfd_create("sign-in", MemfdFlags::CLOEXEC)?);
    file.write_all(text.as_bytes())?;
    Ok(file)
}

fn path(file: &File) -> String {
    format!("/proc/self/fd/{}", file.as_raw_fd())
}
