//! `plan`: what would change, and why.

use crate::cli::flags::{Common, Manifests, Rules};
use crate::cli::output::print;
use crate::cli::report::Layout;
use crate::cli::{DIFFERS, FAILED, saved, validate, way};
use crate::model::{Desired, Key};
use crate::plan::Action;
use crate::plan::ahead::ahead;
use crate::reconcile::{Session, Verdict, plan};
use crate::report::report;
use anyhow::Result;
use clap::Args;
use jiff::Timestamp;
use std::collections::BTreeSet;
use std::path::PathBuf;

/// Flags of `plan`.
#[derive(Args)]
pub struct Flags {
    #[command(flatten)]
    manifests: Manifests,
    #[command(flatten)]
    rules: Rules,
    /// Show the next N occurrences of each series (10 if no number is given), with every change of the clock
    #[arg(long, value_name = "N", num_args = 0..=1, require_equals = true, default_missing_value = "10",
          env = "CONVOKE_OCCURRENCES")]
    occurrences: Option<usize>,
    /// Save the plan, to be applied as it is by `convoke apply FILE`; it holds addresses and texts
    #[arg(long, value_name = "FILE", env = "CONVOKE_OUT")]
    out: Option<PathBuf>,
    /// Exit with 2 where there is something to do
    #[arg(long, env = "CONVOKE_DETAILED_EXITCODE")]
    detailed_exitcode: bool,
    #[command(flatten)]
    layout: Layout,
}

/// Observes, plans and prints; writes nothing.
pub async fn run(flags: &Flags, common: &Common) -> Result<u8> {
    let Flags { manifests, rules, occurrences, out, detailed_exitcode, layout } = flags;
    let project = common.project_keeping(&manifests.paths, out.is_some())?;
    if validate::refused(&project, manifests.all) {
        return Ok(FAILED);
    }
    let way::Ready { policy, state, follow, connection } = way::ready(&project, rules, common).await?;
    let session = Session { project: &project, client: &connection.client, policy, adopt: rules.adopt.clone() };
    let now = Timestamp::now();
    let planned = plan(&session, &state, now).await?;
    rules.name_something(&project, &planned.live, &state)?;
    let mut report = report(&planned.plan, None, planned.refusals.clone());
    if let Some(most) = occurrences {
        let keys: BTreeSet<&Key> = planned.plan.steps.iter().map(|step| &step.key).collect();
        let desired = project.desired().iter().filter(|want| keys.contains(&want.key)).cloned();
        report = report.with_occurrences(ahead(&desired.collect::<Vec<Desired>>(), now, *most));
    }
    follow.done(&connection.client);
    print(&layout.page(&report, common.verbose > 0))?;
    if let Some(file) = out {
        saved::write(file, &session, &state, &planned, common)?;
    }
    let differs = planned.plan.steps.iter().any(|step| step.action != Action::NoOp);
    let code = match () {
        () if planned.verdict() != Verdict::Settled => FAILED,
        () if differs && *detailed_exitcode => DIFFERS,
        () => 0,
    };
    // The process ends here: giving back thousands of answers value by value would take a tenth of the time.
    std::mem::forget((session, planned, report));
    connection.close().await?;
    std::mem::forget(project);
    Ok(code)
}
