//! Which Microsoft Graph is reached and as whom, and what cannot be had there.

use crate::kind::{Exception, Expanded, Fault, Home, Kind};
use crate::reason::Reason;
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeSet;

/// What names a tenant: its id, or words between dots. It becomes a part of an address.
const TENANT: &str = "^[A-Za-z0-9-]+([.][A-Za-z0-9-]+)*$";

const TENANT_HINT: &str = "write the tenant's id, or one of its domains, such as `contoso.example`";

/// Says whether a text may name a tenant, wherever it comes from; the schema says the same.
pub fn is_tenant(text: &str) -> bool {
    let word = |word: &str| !word.is_empty() && word.bytes().all(|sign| sign.is_ascii_alphanumeric() || sign == b'-');
    text.split('.').all(word)
}

#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
#[allow(missing_docs, reason = "what stands here is shown to authors, where the property says it")]
pub struct Graph {
    /// The cloud that the tenant lives in; `global` if left out.
    #[schemars(example = &"global")]
    pub cloud: Cloud,
    /// The tenant: its id or one of its domains.
    #[schemars(example = &"84841066-274d-4ec0-a5c1-276be684bdd3", regex(pattern = TENANT), extend("x-hint" = TENANT_HINT))]
    pub tenant_id: Option<String>,
    /// The id of the app registration that convoke signs in as.
    #[schemars(example = &"b6a6a2a9-5e1f-4b1c-8f0d-6a3d4f1c2b90")]
    pub client_id: Option<String>,
    /// How to sign in; found in the usual `AZURE_*`, `ACTIONS_ID_TOKEN_*` and `SYSTEM_*` variables if left out.
    #[schemars(example = &"githubActions")]
    pub auth: Option<Auth>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "what stands here is shown to authors, where the property says it")]
pub enum Auth {
    /// A client secret in `AZURE_CLIENT_SECRET`.
    ClientSecret,
    /// A certificate and its private key, both in the PEM file that `AZURE_CLIENT_CERTIFICATE_PATH` names.
    ClientCertificate,
    /// A Kubernetes service account: the token file that `AZURE_FEDERATED_TOKEN_FILE` names.
    WorkloadIdentity,
    /// The identity of a GitHub Actions job; it needs `permissions: id-token: write`.
    GithubActions,
    /// The identity of an Azure DevOps service connection, named in `AZURESUBSCRIPTION_SERVICE_CONNECTION_ID`.
    AzurePipelines,
    /// The managed identity of the machine or App Service that convoke runs on.
    ManagedIdentity,
    /// Whoever is signed in to the Azure CLI; of use where that is a service principal.
    AzureCli,
    /// A person signs in in a browser, with a code; for `organizer: me`.
    DeviceCode,
}

impl Auth {
    /// Whether it always signs in as an app, which has no mailbox of its own.
    pub fn is_app(self) -> bool {
        match self {
            Auth::ClientSecret | Auth::ClientCertificate | Auth::WorkloadIdentity => true,
            Auth::GithubActions | Auth::AzurePipelines | Auth::ManagedIdentity => true,
            Auth::AzureCli | Auth::DeviceCode => false,
        }
    }
}

/// The way out where an app is asked for its own mailbox.
pub const NOT_ME: &str = "name the organizer's mailbox, or let a person sign in with `auth: deviceCode`";

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Cloud {
    /// Microsoft 365 for everyone, GCC included.
    #[default]
    Global,
    /// US Government L4 (GCC High).
    UsGovL4,
    /// US Government L5 (DoD).
    UsGovL5,
    /// Microsoft 365 operated by 21Vianet. It has events, but no standalone meetings and no meeting options.
    China,
}

impl Cloud {
    /// Every cloud.
    pub const ALL: [Cloud; 4] = [Cloud::Global, Cloud::UsGovL4, Cloud::UsGovL5, Cloud::China];
}

/// Returns what cannot be had of an expanded spec: a cloud lacks it (national cloud metadata, onlinemeeting.md), or nobody is
/// there who `me` could be.
pub fn refused_in(graph: &Graph, kind: &Kind, spec: &Expanded) -> Vec<Fault> {
    let (cloud, mut faults) = (graph.cloud, vec![]);
    if spec.organizer == "me" && graph.auth.is_some_and(Auth::is_app) {
        faults.push(
            Fault::new("/organizer", "`me` is whoever signs in, and `spec.graph.auth` signs in as an app", NOT_ME)
                .coded(Reason::Cloud),
        );
    }
    let skipped = spec.exceptions.iter().filter(|(_, it)| **it == Exception::Skipped);
    let places: BTreeSet<&str> =
        skipped.map(|(date, _)| if spec.days_off.contains_key(date) { "/skip" } else { "/exceptions" }).collect();
    for at in places.into_iter().filter(|_| cloud != Cloud::Global) {
        let message = "the national clouds do not tell which occurrences of a series are skipped";
        faults.push(
            Fault::new(at, message, "skip them in Outlook, or move them instead of skipping").coded(Reason::Cloud),
        );
    }
    for lack in kind.lacks.iter().filter(|lack| lack.cloud == cloud) {
        let at = match lack.home {
            Home::Meeting if spec.meeting.is_empty() => continue,
            Home::Meeting => "/meetingOptions",
            Home::Own | Home::Ours | Home::Short => "",
        };
        faults.push(Fault::new(at, lack.message, lack.way_out).coded(Reason::Cloud));
    }
    match cloud {
        Cloud::Global | Cloud::China => {}
        Cloud::UsGovL4 | Cloud::UsGovL5 => {
            let own = spec.own.keys().map(|name| (Home::Own, name, "/"));
            let meeting = spec.meeting.keys().map(|name| (Home::Meeting, name, "/meetingOptions/"));
            for (home, name, above) in own.chain(meeting) {
                if kind.field(home, name).is_some_and(|field| field.not_in_us_gov) {
                    let message = format!("the US Government clouds do not have `{name}`");
                    faults.push(Fault::new(&format!("{above}{name}"), message, "leave it out").coded(Reason::Cloud));
                }
            }
        }
    }
    faults
}
