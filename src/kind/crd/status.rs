//! What an operator says of an object: nothing that opens a meeting, no address, and nothing that changes while nothing happens.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

/// The status of an Event or OnlineMeeting.
#[derive(Debug, Clone, Default, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Status {
    /// The generation of the object that the rest is said of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub observed_generation: Option<i64>,
    /// How it stands: Ready, Reconciling, Stalled, Drifted, PlanPending.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<Condition>,
    /// The live object's id in Graph.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// When it starts next, in UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_start: Option<String>,
    /// How many mails the pending plan would cause for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mails_pending: Option<u32>,
}

/// The status of a Workspace.
#[derive(Debug, Clone, Default, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct WorkspaceStatus {
    /// The generation of the object that the rest is said of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub observed_generation: Option<i64>,
    /// How it stands: Ready, Reconciling, Stalled, Drifted, PlanPending.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<Condition>,
    /// The plan that waits for approval.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pending_plan: Option<PendingPlan>,
    /// The plan whose approval was used last: it counts no second time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub used_plan: Option<String>,
    /// How many mails the pending plan would cause.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mails_pending: Option<u32>,
    /// What is managed and no object declares; it stays as it is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub orphans: Vec<String>,
}

/// A plan that waits, and what it would do.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PendingPlan {
    /// What `spec.approvedPlan` must name.
    pub id: String,
    /// How many events and meetings it makes.
    pub creates: u32,
    /// How many it changes.
    pub updates: u32,
    /// How many it cancels or replaces.
    pub removals: u32,
    /// How many mails it causes, those counted that are only possible.
    pub mails: u32,
    /// How many people beyond the organizers' domains it mails.
    pub outside: u32,
}

/// One condition, as Kubernetes has them.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Condition {
    /// Which one.
    pub r#type: ConditionType,
    /// Whether it is met.
    pub status: ConditionStatus,
    /// The generation of the object that it is said of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub observed_generation: Option<i64>,
    /// When `status` changed last, in UTC.
    pub last_transition_time: String,
    /// Why, in one word.
    #[schemars(length(min = 1, max = 1024), regex(pattern = "^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$"))]
    pub reason: String,
    /// Why, in a sentence.
    #[schemars(length(max = 32768))]
    pub message: String,
}

/// What a condition is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub enum ConditionType {
    /// The live object is as declared.
    Ready,
    /// It is being brought there.
    Reconciling,
    /// It does not get there without a person.
    Stalled,
    /// Somebody changed the live object.
    Drifted,
    /// A plan waits for approval.
    PlanPending,
}

/// Whether a condition is met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub enum ConditionStatus {
    /// It is.
    True,
    /// It is not.
    False,
    /// Nobody could look.
    Unknown,
}

/// Columns that `kubectl get` shows before the age.
pub fn columns(next: bool) -> Vec<Value> {
    let of_ready = |member: &str| format!(".status.conditions[?(@.type==\"Ready\")].{member}");
    let column = |name: &str, of: &str, path: String| json!({"name": name, "type": of, "jsonPath": path});
    let mut columns =
        vec![column("Ready", "string", of_ready("status")), column("Reason", "string", of_ready("reason"))];
    if next {
        // A column of dates shows how long ago, which a start to come is not.
        columns.push(column("Next", "string", ".status.nextStart".into()));
    }
    columns.push(column("Mails", "integer", ".status.mailsPending".into()));
    columns
}
