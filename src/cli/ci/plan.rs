//! `ci plan`: what would be done, told where it is reviewed.

use crate::cli::ci::{Part, Scope, Stage, Told, publish, refused};
use crate::cli::common::Common;
use crate::cli::output::print;
use crate::cli::{BLOCKED, FAILED, way};
use crate::reconcile::{Given, Session, Verdict, outline, plan};
use crate::render::human;
use crate::report::report;
use anyhow::Result;
use jiff::Timestamp;

/// Plans one workspace and publishes the plan.
pub async fn run(scope: &Scope, common: &Common, stage: &Stage) -> Result<Part> {
    let Scope { manifests, rules } = scope;
    let given = Given { allow_empty: rules.allow_empty, ..common.given()? };
    let project = common.project_as(&manifests.paths, given)?;
    if refused(&project, stage) {
        return Ok(Part { code: FAILED, told: None });
    }
    let way::Ready { policy, state, follow, connection } = way::ready(&project, rules, common).await?;
    let session = Session { project: &project, client: &connection.client, policy, adopt: rules.adopt.clone() };
    publish::identity(&session, &state).await?;
    let mut planned = plan(&session, &state, Timestamp::now()).await?;
    rules.name_something(&project, &planned.live, &state.records())?;
    let report = report(&planned.plan, None, planned.refusals.clone());
    follow.done(&connection.client);
    // What is reviewed is the plan of all shards.
    rules.shard.iter().for_each(|shard| planned.keep_to(*shard, &session, &state));
    print(&human::render(&report.clone().with_part(planned.part()), common.verbose > 0))?;
    let code = match () {
        () if planned.verdict() != Verdict::Settled => FAILED,
        () if report.summary.blocked > 0 => BLOCKED,
        () => 0,
    };
    let text = publish::plan(stage, &report, outline(&session, &state, &planned).as_ref(), code == 0).await?;
    connection.close().await?;
    let told = Told { workspace: report.workspace, summary: report.summary, plan_id: report.plan_id, text };
    Ok(Part { code, told: Some(told) })
}
