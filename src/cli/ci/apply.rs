//! `ci apply`: exactly the plan that was reviewed with the pull request of the commit, or none.

use crate::cli::apply::{Aim, Run};
use crate::cli::ci::{self, Part, Stage, Told, publish, refused};
use crate::cli::common::Common;
use crate::cli::output;
use crate::cli::values::PlanId;
use crate::cli::{FAILED, apply};
use crate::forge::{Forge, Kind, Mark, PullRequest};
use crate::reconcile::{Approval, Given, outline};
use crate::render::comment::{Around, became, render};
use crate::render::human;
use crate::render::page::Page;
use anyhow::Result;
use clap::Args;
use std::sync::Mutex;

/// Flags of `ci apply`.
#[derive(Args)]
pub struct Flags {
    #[command(flatten)]
    scope: ci::Scope,
    /// The id of a plan that was approved by hand
    ///
    /// It goes before what stands beside the commit.
    #[arg(long, value_name = "ID", env = "CONVOKE_PLAN_ID")]
    plan_id: Option<PlanId>,
}

/// Applies one workspace, and tells with the pull request what became of it.
pub async fn run(flags: &Flags, common: &Common, stage: &Stage) -> Result<Part> {
    let ci::Scope { manifests, rules } = &flags.scope;
    let given = Given { allow_empty: rules.allow_empty, ..common.given()? };
    let project = common.project_as(&manifests.paths, given)?;
    if refused(&project, stage) {
        return Ok(Part { code: FAILED, told: None });
    }
    let workspace = &project.owner()?.name;
    let request = request(stage).await?;
    let approval = approval(flags, stage, request.as_ref(), workspace).await?;
    let planned = match &request {
        Some((forge, request)) => forge.comment(request, &Mark::new(Kind::Plan, workspace)).await?,
        None => None,
    };
    let kept: Mutex<Option<(Told, String)>> = Mutex::default();
    let most = request.as_ref().map_or(usize::MAX, |(forge, _)| forge.most() - publish::HIDDEN);
    let tell = |told: apply::Told| {
        output::print(&human::render(told.report, common.verbose > 0))?;
        let another = !told.sent && told.planned.plan.id != approval.id;
        let now = if another { outline(told.session, told.state, told.planned) } else { None };
        let moved = publish::moved(planned.as_deref(), now.as_ref(), told.session, told.state);
        for it in moved.iter().flatten() {
            let key = it.key.as_ref().map_or("a resource".into(), |key| key.to_string());
            output::say(&Page::line(&format!("{key}: {}", became(it.before, it.now))));
        }
        let around =
            Around { what: "apply", run: stage.job.run.as_deref(), moved: moved.as_deref(), outline: None, most };
        let text = render(told.report, &around);
        let part = Told {
            workspace: told.report.workspace.clone(),
            summary: told.report.summary,
            plan_id: told.report.plan_id.clone(),
            text: text.clone(),
        };
        *kept.lock().unwrap_or_else(|it| it.into_inner()) = Some((part, text));
        Ok(())
    };
    let run = Run { project: &project, rules, common, yes: true, aim: &Aim::Reviewed(&approval), tell: &tell };
    let code = run.carry_out(rules.policy(&project, false)?).await?;
    let kept = kept.into_inner().unwrap_or_else(|it| it.into_inner());
    if let (Some((forge, request)), Some((_, text))) = (&request, &kept) {
        forge.keep_comment(request, &Mark::new(Kind::Apply, workspace), text).await?;
    }
    Ok(Part { code, told: kept.map(|(told, _)| told) })
}

/// The pull request that the commit came with.
async fn request(stage: &Stage) -> Result<Option<(&Forge, PullRequest)>> {
    let Some((forge, commit)) = stage.forge.as_ref().zip(stage.job.commit.as_deref()) else { return Ok(None) };
    Ok(forge.request_of(commit).await?.map(|request| (forge, request)))
}

/// Which plan was approved: by hand, or with the pull request.
async fn approval(
    flags: &Flags,
    stage: &Stage,
    request: Option<&(&Forge, PullRequest)>,
    workspace: &str,
) -> Result<Approval> {
    if let Some(PlanId(id)) = &flags.plan_id {
        return Ok(Approval { id: Some(id.clone()), whence: "--plan-id".into() });
    }
    let none = |why: &str| Approval {
        id: None,
        whence: format!("{why}; approve it by its id: `convoke ci apply --plan-id ID`"),
    };
    let (forge, request) = match request {
        Some(found) => found,
        None if stage.forge.is_none() => return Ok(none("there is no way to where it was reviewed")),
        None => return Ok(none("the commit came with no pull request")),
    };
    Ok(match forge.approved(&request.head, workspace).await? {
        Some(id) => Approval { id: Some(id), whence: format!("pull request {}", request.number) },
        None => none(&format!(
            "no plan of this workspace stands beside {}, the last commit of pull request {}",
            request.head, request.number
        )),
    })
}
