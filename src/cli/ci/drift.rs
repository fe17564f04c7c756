//! `ci drift`: what somebody else changed since the last apply, in one issue that is kept.

use crate::cli::ci::{Part, Scope, Stage, Told, publish, refused};
use crate::cli::common::Common;
use crate::cli::output::print;
use crate::cli::{DIFFERS, FAILED, way};
use crate::reconcile::{Session, plan};
use crate::render::human;
use crate::report;
use anyhow::Result;
use jiff::Timestamp;

/// Looks at one workspace.
pub async fn run(scope: &Scope, common: &Common, stage: &Stage) -> Result<Part> {
    let Scope { manifests, rules } = scope;
    let project = common.project(&manifests.paths)?;
    if refused(&project, stage) {
        return Ok(Part { code: FAILED, told: None });
    }
    let way::Ready { policy, state, follow, connection } = way::ready(&project, rules, common).await?;
    let session = Session { project: &project, client: &connection.client, policy, adopt: rules.adopt.clone() };
    let planned = plan(&session, &state, Timestamp::now()).await?;
    rules.name_something(&project, &planned.live, &state.records())?;
    let report = report::drift(&planned.plan);
    let drift = report.drift.unwrap_or_default();
    follow.done(&connection.client);
    print(&human::render(&report, common.verbose > 0))?;
    let text = publish::drift(stage, &report, drift).await?;
    connection.close().await?;
    let code = match () {
        () if drift.unread > 0 => FAILED,
        () if drift.is_any() => DIFFERS,
        () => 0,
    };
    let told = Told { workspace: report.workspace, summary: report.summary, plan_id: None, text };
    Ok(Part { code, told: Some(told) })
}
