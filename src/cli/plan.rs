//! `plan`: what would change, and why.

use crate::cli::common::{Common, Manifests};
use crate::cli::output::{self, print};
use crate::cli::report::Layout;
use crate::cli::rules::Rules;
use crate::cli::{BLOCKED, DIFFERS, FAILED, again, saved, snapshot, validate, way};
use crate::model::{Desired, Key};
use crate::plan::Action;
use crate::plan::ahead::ahead;
use crate::reason::Reason;
use crate::reconcile::{self, Given, Planned, Project, Session, Verdict, plan, plan_widely};
use crate::render::page::Page;
use crate::report::calendar::calendar;
use crate::report::ical::ical;
use crate::report::{self, Drift, report};
use anyhow::{Result, bail};
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
    /// Show the next N occurrences of each series, 10 if no number is given; --occurrences=N
    #[arg(long, value_name = "N", num_args = 0..=1, require_equals = true, default_missing_value = "10",
          env = "CONVOKE_OCCURRENCES")]
    occurrences: Option<usize>,
    /// Save the plan for `convoke apply FILE`
    ///
    /// It is applied as it is. The file holds addresses and texts.
    #[arg(long, value_name = "FILE", env = "CONVOKE_PLAN_OUT")]
    out: Option<PathBuf>,
    /// Save what was observed, to plan by it where nobody may sign in; it holds no join links, passcodes and meeting ids
    #[arg(long, value_name = "FILE", env = "CONVOKE_SNAPSHOT_OUT")]
    snapshot_out: Option<PathBuf>,
    /// Plan by what was observed when this file was saved: signs in nowhere, asks nobody, and cannot be approved
    #[arg(long, value_name = "FILE", env = "CONVOKE_AGAINST", conflicts_with_all = ["out", "snapshot_out"])]
    against: Option<PathBuf>,
    /// Tell only what somebody changed live
    ///
    /// Deletions too, and nothing of what the manifests change.
    #[arg(long, env = "CONVOKE_DRIFT", conflicts_with_all = ["out", "occurrences", "against"])]
    drift: bool,
    /// Exit with 2 where there is something to do, with 3 where something is blocked; with --drift, with 2 where somebody changed
    /// something
    #[arg(long, env = "CONVOKE_DETAILED_EXITCODE")]
    detailed_exitcode: bool,
    #[command(flatten)]
    layout: Layout,
}

/// Observes, plans and prints; writes nothing.
pub async fn run(flags: &Flags, common: &Common) -> Result<u8> {
    let Flags { manifests, rules, out, snapshot_out, against, .. } = flags;
    flags.takes_no_number_for_a_file()?;
    let given = Given { keep: out.is_some(), allow_empty: rules.allow_empty, ..common.given()? };
    let project = common.project_as(&manifests.paths, given)?;
    if validate::refused(&project, manifests.all) {
        return Ok(FAILED);
    }
    let now = Timestamp::now();
    if let Some(file) = against {
        let planned = snapshot::planned(file, &project, rules, now)?;
        print(&told(flags, common, &project, &planned, now))?;
        return Ok(flags.code(&planned, !planned.refusals.is_empty()));
    }
    let way::Ready { policy, state, follow, connection } = way::ready(&project, rules, common).await?;
    let session = Session { project: &project, client: &connection.client, policy, adopt: rules.adopt.clone() };
    let mut planned = match snapshot_out {
        Some(_) => plan_widely(&session, &state, now).await?,
        None => plan(&session, &state, now).await?,
    };
    rules.shard.iter().for_each(|shard| planned.keep_to(*shard, &session, &state));
    rules.name_something(&project, &planned.live, &state.records())?;
    follow.done(&connection.client);
    if !(out.is_some() || snapshot_out.is_some() || flags.layout.shows_weeks() || flags.layout.shows_calendar()) {
        // Nobody asks any more what is live, and what is told of it takes as much room.
        planned.live.objects.retain(|have| have.settled);
    }
    print(&told(flags, common, &project, &planned, now))?;
    if let Some(file) = out {
        saved::write(file, &session, &state, &planned, common)?;
    }
    if let Some(file) = snapshot_out {
        snapshot::write(file, &reconcile::snapshot(&session, &state, &planned))?;
    }
    let sends = planned.plan.steps.iter().any(|step| !step.requests.is_empty());
    if sends && planned.refusals.is_empty() && out.is_none() && flags.layout.is_for_people() {
        let args = std::env::args_os().skip(1).filter_map(|it| it.into_string().ok());
        if let Some(command) = again::as_apply(args) {
            output::aside(&Page::line(&format!("`{command}` applies it")));
        }
    }
    let code = flags.code(&planned, planned.verdict() != Verdict::Settled);
    // The process ends here: giving back thousands of answers value by value would take a tenth of the time.
    std::mem::forget((session, planned, state));
    connection.close().await?;
    std::mem::forget(project);
    Ok(code)
}

/// What a plan says, in the format that is asked for.
fn told(flags: &Flags, common: &Common, project: &Project, planned: &Planned, now: Timestamp) -> Page {
    let mut report = match flags.drift {
        true => report::drift(&planned.plan),
        false => report(&planned.plan, None, planned.refusals.clone()).with_part(planned.part()),
    };
    if let Some(most) = flags.occurrences {
        let keys: BTreeSet<&Key> = planned.plan.steps.iter().map(|step| &step.key).collect();
        let desired = project.desired().iter().filter(|want| keys.contains(&want.key)).cloned();
        report = report.with_occurrences(ahead(&desired.collect::<Vec<Desired>>(), now, most));
    }
    if flags.layout.shows_weeks() {
        report = report.with_calendar(calendar(&planned.plan, project.desired(), &planned.live));
    }
    if flags.layout.shows_calendar() {
        report = report.with_ical(ical(&planned.plan, project.desired(), &planned.live));
    }
    flags.layout.page(&report, common.verbose > 0)
}

impl Flags {
    /// Fails for `--occurrences 5`, which names a file `5`.
    fn takes_no_number_for_a_file(&self) -> Result<()> {
        let number = |path: &&PathBuf| path.to_str().is_some_and(|it| it.parse::<usize>().is_ok()) && !path.exists();
        let Some(path) = self.manifests.paths.iter().find(number).filter(|_| self.occurrences.is_some()) else {
            return Ok(());
        };
        let number = path.display();
        let slip = Reason::Flags
            .trouble(format!("there is no file `{number}`, and `--occurrences` takes its number with `=`"));
        bail!(slip.hint(format!("write `--occurrences={number}`")))
    }

    /// The exit code; of drift only what could not be read is a failure, and what a limit refuses is none.
    fn code(&self, planned: &Planned, failed: bool) -> u8 {
        let (failed, differs) = match self.drift.then(|| Drift::of(&planned.plan)) {
            Some(drift) => (drift.unread > 0, drift.is_any()),
            None => (failed, planned.plan.steps.iter().any(|step| step.action != Action::NoOp)),
        };
        let blocked = !self.drift && planned.plan.steps.iter().any(|step| step.action == Action::Blocked);
        match () {
            () if failed => FAILED,
            () if blocked && self.detailed_exitcode => BLOCKED,
            () if differs && self.detailed_exitcode => DIFFERS,
            () => 0,
        }
    }
}
