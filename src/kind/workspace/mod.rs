//! The Workspace: where Graph is, where the state is kept, what an apply may do, and what specs may leave out.
//!
//! It never becomes a live object, so it has no table. Reading the environment and choosing a sign-in happen elsewhere.

mod night;
#[cfg(test)]
mod tests;

pub use night::{Notice, QuietHours};

use crate::kind::mailbox::Mailbox;
use crate::kind::provider::Provider;
use crate::kind::{Exception, Expanded, Fault, Home, Kind, times};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::Error;
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};
use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

/// What holds for all manifests of one workspace. Its name is the owner mark on every live object.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schemars(rename = "WorkspaceSpec")]
pub struct Workspace {
    /// Which Microsoft Graph, and who signs in.
    #[serde(default)]
    #[schemars(example = json!({"cloud": "global", "tenantId": "contoso.example"}))]
    pub graph: Graph,
    /// Where the records are kept: a file, or `az://…`, `s3://…`, `gs://…`.
    #[serde(default = "default_state")]
    #[schemars(example = &".convoke/state.json", length(min = 1))]
    pub state: String,
    /// What becomes of a managed object whose manifest is gone.
    #[schemars(example = &"keep")]
    pub prune: Prune,
    /// How much one apply may do without being asked twice.
    #[serde(default)]
    #[schemars(example = json!({"removals": "25%", "changes": "50%", "mails": 500}))]
    pub limits: Limits,
    /// Mailboxes to search besides those in manifests and state.
    #[serde(default, deserialize_with = "lower_each")]
    #[schemars(with = "Vec<Mailbox>", example = json!(["training@contoso.example"]))]
    pub mailboxes: Vec<String>,
    /// What specs may leave out.
    #[serde(default)]
    #[schemars(example = json!({"organizer": "alex@contoso.example", "timeZone": "Europe/Berlin"}))]
    pub defaults: Defaults,
}

#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct Graph {
    /// The cloud that the tenant lives in; `global` if left out.
    #[schemars(example = &"global")]
    pub cloud: Cloud,
    /// The tenant: its id or one of its domains.
    #[schemars(example = &"84841066-274d-4ec0-a5c1-276be684bdd3")]
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

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Prune {
    /// It is cancelled, and its attendees are told.
    Cancel,
    /// It stays as it is, with a note in the plan.
    Keep,
}

#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct Limits {
    /// The most that one apply may cancel or replace: a share of what is managed, or a count. `25%` if left out.
    #[schemars(example = &"25%")]
    pub removals: Share,
    /// The most that one apply may change: a share of what is managed, or a count. `50%` if left out.
    #[schemars(example = &"50%")]
    pub changes: Share,
    /// The most mails that one apply may cause; no limit if left out.
    #[schemars(example = 500)]
    pub mails: Option<u64>,
    /// Hours in which no step may mail anybody, on the organizer's clock; none if left out.
    #[schemars(example = &"20:00-07:00")]
    pub quiet_hours: Option<QuietHours>,
    /// How long before it starts an event may no longer be moved or cancelled; no limit if left out.
    #[schemars(example = &"24h")]
    pub minimum_notice: Option<Notice>,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            removals: Share::Percent(25),
            changes: Share::Percent(50),
            mails: None,
            quiet_hours: None,
            minimum_notice: None,
        }
    }
}

/// A share of what is managed, or a count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Share {
    /// 0 to 100.
    Percent(u64),
    Count(u64),
}

impl Share {
    /// Tells whether `some` out of `all` stays within it; exactly the share still does.
    pub fn allows(self, some: u64, all: u64) -> bool {
        match self {
            Share::Percent(percent) => u128::from(some) * 100 <= u128::from(all) * u128::from(percent),
            Share::Count(count) => some <= count,
        }
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Share::Percent(percent) => write!(f, "{percent}%"),
            Share::Count(count) => write!(f, "{count}"),
        }
    }
}

impl FromStr for Share {
    type Err = String;

    fn from_str(text: &str) -> Result<Share, String> {
        let wrong = || format!("not a share such as `25%`, nor a count: `{text}`");
        match text.strip_suffix('%') {
            Some(percent) => match percent.parse() {
                Ok(percent @ 0..=100) => Ok(Share::Percent(percent)),
                _ => Err(wrong()),
            },
            None => text.parse().map(Share::Count).map_err(|_| wrong()),
        }
    }
}

impl<'de> Deserialize<'de> for Share {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Share, D::Error> {
        match Value::deserialize(from)? {
            Value::String(text) => text.parse().map_err(D::Error::custom),
            other => other.to_string().parse().map_err(D::Error::custom),
        }
    }
}

impl JsonSchema for Share {
    fn schema_name() -> Cow<'static, str> {
        "Share".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "anyOf": [
                {"type": "string", "pattern": "^(100|[1-9]?[0-9])%$"},
                {"type": "integer", "minimum": 0},
            ],
            "x-hint": "write a share such as `25%`, or a count such as `10`",
        })
    }
}

#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct Defaults {
    /// The organizer of specs that name none.
    #[serde(deserialize_with = "lower")]
    #[schemars(with = "Option<Mailbox>", example = &"alex@contoso.example")]
    pub organizer: Option<String>,
    /// The time zone of specs that name none: an IANA or a Windows name.
    #[schemars(example = &"Europe/Berlin")]
    pub time_zone: Option<String>,
    /// The provider of online events that name none.
    #[schemars(with = "Option<Provider>", example = &"teamsForBusiness")]
    pub online_meeting_provider: Option<String>,
}

impl Defaults {
    /// Returns what the schema cannot see, with pointers into the workspace's spec.
    pub fn check(&self) -> Vec<Fault> {
        let mut faults = vec![];
        if let Some(name) = &self.time_zone {
            times::zone(name, "/defaults/timeZone", &mut faults);
        }
        faults
    }
}

/// Returns what cannot be had of an expanded spec: a cloud lacks it (national cloud metadata, onlinemeeting.md), or nobody is
/// there who `me` could be.
pub fn refused_in(graph: &Graph, kind: &Kind, spec: &Expanded) -> Vec<Fault> {
    let (cloud, mut faults) = (graph.cloud, vec![]);
    if spec.organizer == "me" && graph.auth.is_some_and(Auth::is_app) {
        faults.push(Fault::new(
            "/organizer",
            "`me` is whoever signs in, and `spec.graph.auth` signs in as an app",
            NOT_ME,
        ));
    }
    if cloud != Cloud::Global && spec.exceptions.values().any(|it| *it == Exception::Skipped) {
        let message = "the national clouds do not tell which occurrences of a series are skipped";
        faults.push(Fault::new("/exceptions", message, "skip them in Outlook, or move them instead of skipping"));
    }
    match cloud {
        Cloud::Global => {}
        Cloud::China => {
            if kind.name == "OnlineMeeting" {
                let hint = "declare an `Event` with `isOnlineMeeting: true` instead";
                faults.push(Fault::new("", "the cloud `china` has no standalone meetings", hint));
            } else if !spec.meeting.is_empty() {
                let hint = "leave `meetingOptions` out and set them in Teams";
                faults.push(Fault::new("/meetingOptions", "the cloud `china` has no meeting options", hint));
            }
        }
        Cloud::UsGovL4 | Cloud::UsGovL5 => {
            let own = spec.own.keys().map(|name| (Home::Own, name, "/"));
            let meeting = spec.meeting.keys().map(|name| (Home::Meeting, name, "/meetingOptions/"));
            for (home, name, above) in own.chain(meeting) {
                if kind.field(home, name).is_some_and(|field| field.not_in_us_gov) {
                    let message = format!("the US Government clouds do not have `{name}`");
                    faults.push(Fault::new(&format!("{above}{name}"), message, "leave it out"));
                }
            }
        }
    }
    faults
}

fn default_state() -> String {
    ".convoke/state.json".into()
}

fn lower<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    Ok(Option::<String>::deserialize(from)?.map(|text| text.to_lowercase()))
}

fn lower_each<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    Ok(Vec::<String>::deserialize(from)?.iter().map(|text| text.to_lowercase()).collect())
}
