//! The Workspace: where Graph is, where the state is kept, what an apply may do, and what specs may leave out.
//!
//! It never becomes a live object, so it has no table. Reading the environment and choosing a sign-in happen elsewhere.

mod cloud;
mod kept;
mod limits;
mod names;
mod pins;
mod place;
mod quiet_hours;
#[cfg(test)]
mod tests;
mod values;
mod window;

pub use cloud::{Auth, Cloud, Graph, NOT_ME, is_tenant, refused_in};
pub use kept::Kept;
pub use limits::{Ceilings, Limits, Share};
pub use names::OwnerNames;
pub use pins::{Patterns, Pins};
#[cfg(feature = "remote-state")]
pub use place::Shop;
pub use place::{Remote, is_address, secret};
pub use quiet_hours::{Notice, QuietHours};
pub use values::Values;
pub use window::Window;

use crate::kind::days_off::Named;
use crate::kind::mailbox::Mailbox;
use crate::kind::on_drift::OnDrift;
use crate::kind::provider::Provider;
use crate::kind::schema::Names;
use crate::kind::workspace::place::is_secret;
use crate::kind::{Fault, times};
use crate::problem::cut;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::json;

/// As manifests spell it.
pub const NAME: &str = "Workspace";

/// The file of its published schema.
pub const FILE: &str = "workspace.schema.json";

/// What holds for all manifests of one workspace. Its name is the owner mark on every live object.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schemars(rename = "WorkspaceSpec")]
pub struct Workspace {
    /// Which Microsoft Graph, and who signs in.
    #[serde(default)]
    #[schemars(example = json!({"cloud": "global", "tenantId": "contoso.example"}))]
    pub graph: Graph,
    /// Where the records are kept: a file below the folder of the workspace file, or an object that several machines share:
    /// `az://container/path`, `s3://bucket/path` or `gs://bucket/path` (Google Cloud Storage is *untested*). In a pipeline an object
    /// needs `CONVOKE_STATE` or `CONVOKE_EXPECT_STATE` as well. An object of Kubernetes may say `secret://NAME`: a Secret in its
    /// namespace, for at most 500 events and meetings.
    #[serde(default = "default_state")]
    #[schemars(example = &".convoke/state.json", length(min = 1))]
    pub state: String,
    /// The name that the workspace had, or names, the newest first: what carries one of them is its own, and gets the new mark with its
    /// next change; nothing is sent for that alone. It stays for ever: online meetings are found by the oldest one, those to come too.
    /// No other workspace may have one of these names.
    #[serde(default)]
    #[schemars(example = &"contoso-calls")]
    pub previously: Names,
    /// What becomes of a managed object whose manifest is gone.
    #[schemars(example = &"keep")]
    #[schemars(extend("x-hint" = "write `prune: cancel`, which cancels what no manifest declares any more, or `prune: keep`, \
                                  which leaves it"))]
    pub prune: Prune,
    /// What to do where somebody changed live what a manifest declares, or deleted it; `lifecycle.onDrift` says otherwise of one
    /// resource. `revert` if left out.
    #[schemars(example = &"report")]
    pub on_drift: Option<OnDrift>,
    /// How much one apply may do without being asked twice.
    #[serde(default)]
    #[schemars(example = json!({"removals": "25%", "changes": "50%", "mails": 500}))]
    pub limits: Limits,
    /// Mailboxes to search besides those in manifests and state.
    #[serde(default, deserialize_with = "lower_each")]
    #[schemars(with = "Vec<Mailbox>", example = json!(["training@contoso.example"]))]
    pub mailboxes: Vec<String>,
    /// What differs from one tenant to the other, by name: `{{ values.domain }}` stands for it in sets and in `defaults`, and nowhere
    /// else.
    #[serde(default)]
    #[schemars(example = json!({"domain": "contoso.example"}))]
    pub values: Values,
    /// What specs may leave out.
    #[serde(default)]
    #[schemars(example = json!({"organizer": "alex@contoso.example", "timeZone": "Europe/Berlin"}))]
    pub defaults: Defaults,
}

impl Workspace {
    /// Returns what the schema cannot see, with pointers into the workspace's spec.
    pub fn check(&self) -> Vec<Fault> {
        let mut faults = self.defaults.check();
        let boundless = self.limits.reverts.filter(|_| self.limits.per.is_none());
        faults.extend(boundless.map(|_| {
            let hint = "say within what time, such as `per: 24h`";
            Fault::new("/limits/reverts", "`reverts` counts within `per`, and there is none", hint)
        }));
        if let Some(name) = secret(&self.state) {
            let hint =
                "write `secret://NAME` with the name of a Secret in the same namespace, such as `secret://state`";
            let wrong = || Fault::new("/state", format!("not the name of a Secret: `{}`", cut(name)), hint);
            faults.extend((!is_secret(name)).then(wrong));
            return faults;
        }
        if is_address(&self.state) {
            faults.extend(Remote::parse(&self.state).err().map(|(what, hint)| Fault::new("/state", what, hint)));
            return faults;
        }
        faults.extend(leads_away(&self.state).map(|how| {
            let hint = "name a file below the folder of the workspace file, such as `.convoke/state.json`; --state PLACE names one elsewhere";
            Fault::new("/state", format!("the state {how}: `{}`", cut(&self.state)), hint)
        }));
        faults
    }
}

/// How the path of a state leads out of the folder that it is meant to be below, if it does.
fn leads_away(path: &str) -> Option<&'static str> {
    let parts: Vec<&str> = path.split(['/', '\\']).collect();
    match parts.as_slice() {
        ["", ..] => Some("has an absolute path"),
        [first, ..] if first.contains(':') => Some("has an absolute path"),
        all if all.contains(&"..") => Some("leads out of the workspace's folder"),
        [.., "" | "."] => Some("is a folder"),
        _ => None,
    }
}

/// What becomes of a managed object whose manifest is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Prune {
    /// It is cancelled, and its attendees are told.
    Cancel,
    /// It stays as it is, with a note in the plan.
    Keep,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct Defaults {
    /// The organizer of specs that name none.
    #[serde(deserialize_with = "lower", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Mailbox>", example = &"alex@contoso.example")]
    pub organizer: Option<String>,
    /// The time zone of specs that name none: an IANA or a Windows name.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"Europe/Berlin", extend("x-form" = "zone"))]
    pub time_zone: Option<String>,
    /// The provider of online events that name none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Provider>", example = &"teamsForBusiness")]
    pub online_meeting_provider: Option<String>,
    /// The days off that specs may name. They stand in documents of their own, never here; a saved plan keeps them.
    #[serde(skip_serializing_if = "Named::is_empty")]
    #[schemars(skip)]
    pub days_off: Named,
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

/// Where the records are kept if nothing says otherwise.
pub const DEFAULT_STATE: &str = ".convoke/state.json";

fn default_state() -> String {
    DEFAULT_STATE.into()
}

fn lower<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    Ok(Option::<String>::deserialize(from)?.map(|text| text.to_lowercase()))
}

fn lower_each<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    Ok(Vec::<String>::deserialize(from)?.iter().map(|text| text.to_lowercase()).collect())
}
