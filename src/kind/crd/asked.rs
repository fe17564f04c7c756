//! What an object in a cluster says besides what a document in a file does: who approves, who signs in, what a deletion means.
//!
//! The same structs make the schema of the cluster's objects and read them.

use crate::kind::schema::NAME;
use schemars::JsonSchema;
use serde::Deserialize;

/// What stands in `spec` of a Workspace.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct OfWorkspace {
    /// Which plans wait until somebody approves them. `auto` if left out.
    pub approval: Approval,
    /// The id of the pending plan that is approved, from `status.pendingPlan.id`. It counts once, and only while the plan is that one.
    #[schemars(regex(pattern = "^[0-9a-f]{64}$"), extend("x-hint" = "write the 64 digits of `status.pendingPlan.id`"))]
    pub approved_plan: Option<String>,
}

/// Which plans wait until somebody approves them.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Approval {
    /// None does; limits, ceilings and quiet hours hold all the same.
    #[default]
    Auto,
    /// Every plan that would send anything.
    Manual,
    /// A plan that mails or removes more.
    Above(#[schemars(description = "What a plan may do without.")] Above),
}

/// What a plan may do without approval.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schemars(extend("minProperties" = 1))]
pub struct Above {
    /// The most mails, those counted that are only possible; no limit if left out.
    pub mails: Option<u32>,
    /// The most events and meetings that are cancelled or replaced; no limit if left out.
    pub removals: Option<u32>,
}

/// What stands in `spec.graph` of a Workspace: whose credentials are used, all of them of the Workspace's own namespace.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct OfGraph {
    /// The service account whose tokens Microsoft Entra takes for the app registration: a federated credential, and no secret.
    #[schemars(regex(pattern = NAME), length(max = 63))]
    pub service_account_name: Option<String>,
    /// The Secret that holds a client secret or a certificate of the app registration.
    pub secret_ref: Option<SecretRef>,
}

/// A Secret.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct SecretRef {
    /// Its name. It holds `AZURE_CLIENT_SECRET`, or `AZURE_CLIENT_CERTIFICATE` as PEM with its private key.
    #[schemars(length(min = 1, max = 253))]
    pub name: String,
}

/// What stands in `lifecycle` of an Event or OnlineMeeting.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct OfLifecycle {
    /// What becomes of the live object when this one is deleted. `keep` if left out.
    pub on_delete: OnDelete,
}

/// What becomes of the live object when the cluster's object is deleted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum OnDelete {
    /// It stays as it is.
    #[default]
    Keep,
    /// It is cancelled through a plan, and its attendees are told.
    Cancel,
}

/// Which mailboxes the objects of which namespaces may organize in. Whoever runs the cluster says so.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct MailboxGrant {
    /// The namespaces, by name.
    #[schemars(length(min = 1), extend("uniqueItems" = true), inner(regex(pattern = NAME)))]
    pub namespaces: Vec<String>,
    /// The mailboxes: addresses and object ids, in which `*` stands for any text, such as `team-*@contoso.example`.
    #[schemars(length(min = 1), extend("uniqueItems" = true), inner(length(min = 1, max = 1024), regex(pattern = r"^[^\s,]+$")))]
    pub organizers: Vec<String>,
}
