//! An approval is used once: that is written down before anything is sent, so that no crash can use it twice.

use crate::cluster::{Cluster, Seen};
use anyhow::Result;
use convoke::face::kind::crd::OfWorkspace;
use serde_json::{Value, json};

/// What a Workspace approves.
pub struct Asked<'a>(Option<&'a str>);

impl<'a> Asked<'a> {
    pub fn of(asked: &'a OfWorkspace) -> Asked<'a> {
        Asked(asked.approved_plan.as_deref())
    }
}

/// Uses the approval of the plan that waits, and returns its id. Nothing where none is approved, another one waits, or it is used already.
///
/// Fails where the API server does not take it, so that nothing may be sent.
pub async fn take(cluster: &Cluster, workspace: &Seen, asked: &Asked<'_>) -> Result<Option<String>> {
    let mut object = cluster.fresh(workspace).await?;
    let member = |name: &str| object.data.pointer(name).and_then(Value::as_str).map(str::to_owned);
    let (approved, waits, used) =
        (member("/spec/approvedPlan"), member("/status/pendingPlan/id"), member("/status/usedPlan"));
    let same = approved.as_deref() == asked.0 && approved.is_some();
    if !same || approved != waits || approved == used {
        return Ok(None);
    }
    object.data["status"]["usedPlan"] = json!(approved);
    cluster.replace_status(workspace, &object).await?;
    Ok(approved)
}
