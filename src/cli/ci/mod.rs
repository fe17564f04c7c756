//! `ci`: plan, apply and drift as a pipeline runs them. What they leave there: a comment, the id of the plan, outputs, a summary.
//!
//! Everything goes the way of `plan` and `apply`; what is here finds out where it runs, and publishes.

mod apply;
mod drift;
mod leave;
mod plan;
mod publish;

use crate::cli::common::{Common, Manifests};
use crate::cli::output;
use crate::cli::rules::Rules;
use crate::cli::{FAILED, way};
use crate::findings::findings;
use crate::forge::{self, Forge, Host, Job, PullRequest};
use crate::reconcile::Project;
use crate::render::problems;
use crate::report::Summary;
use anyhow::Result;
use clap::{Args, Subcommand};

/// What a pipeline does.
#[derive(Subcommand)]
pub enum What {
    /// Plan for a pull request, and keep one comment of it
    ///
    /// The id that an apply goes by is left beside the commit.
    #[command(after_help = "Example:\n  convoke ci plan --sandbox examples")]
    Plan(Scope),
    /// Apply exactly the plan that was reviewed with the pull request of the commit
    #[command(after_help = "Example:\n  convoke ci apply --sandbox examples")]
    Apply(apply::Flags),
    /// Look for what somebody else changed, and keep one issue about it
    #[command(after_help = "Example:\n  convoke ci drift --sandbox examples")]
    Drift(Scope),
}

/// What is planned.
#[derive(Args)]
pub struct Scope {
    #[command(flatten)]
    manifests: Manifests,
    #[command(flatten)]
    rules: Rules,
}

/// Where it runs, and the way to where reviews are held.
pub struct Stage {
    job: Job,
    forge: Option<Forge>,
}

/// What came of one workspace.
pub struct Part {
    /// The exit code that it would have alone.
    code: u8,
    /// Its name, what its plan comes to, and its id, where there is a plan.
    told: Option<Told>,
}

/// What a pipeline hears of a plan.
pub struct Told {
    workspace: String,
    summary: Summary,
    plan_id: Option<String>,
    /// What the summary of the job shows.
    text: String,
}

/// Does it for each workspace, and leaves what came of it.
pub async fn run(what: &What, common: &Common) -> Result<u8> {
    let job = Job::detect(&*way::env())?;
    let forge = Forge::open(&job).await?;
    if let Some(missing) = forge::missing(&job).filter(|_| forge.is_none()) {
        output::tell("warning: ", &missing);
    }
    let stage = Stage { job, forge };
    let mut parts = vec![];
    for common in common.each() {
        let done = match what {
            What::Plan(scope) => plan::run(scope, &common, &stage).await,
            What::Apply(flags) => apply::run(flags, &common, &stage).await,
            What::Drift(scope) => drift::run(scope, &common, &stage).await,
        };
        parts.push(done.unwrap_or_else(|error| {
            output::error(&error);
            Part { code: FAILED, told: None }
        }));
    }
    leave::leave(&stage.job, &parts)?;
    let codes = parts.iter().map(|it| it.code);
    Ok(if codes.clone().any(|it| it == FAILED) { FAILED } else { codes.max().unwrap_or_default() })
}

impl Stage {
    /// The pull request that the job runs for, if it may write there.
    fn request(&self) -> Option<(&Forge, &PullRequest)> {
        self.forge.as_ref().zip(self.job.request.as_ref()).filter(|(_, request)| !request.fork)
    }
}

/// Tells the problems of the manifests where the pipeline shows them, and returns true if there are any.
fn refused(project: &Project, stage: &Stage) -> bool {
    let all = findings(&project.manifests, true);
    if all.total > 0 {
        let placed = match stage.job.host {
            Host::GitHub => output::print(&problems::github(&all)),
            Host::Azure => output::print(&problems::azure(&all)),
            Host::GitLab | Host::Plain => Ok(()),
        };
        let _ = placed; // They stand on standard error as well.
        output::refused(&findings(&project.manifests, false));
    }
    all.total > 0
}
