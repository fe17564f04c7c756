//! What is told where a change is reviewed: the plan, and what became of it.

use crate::cli::ci::Stage;
use crate::cli::output;
use crate::doctor::{self, Known};
use crate::forge::{Issue, Kind, Mark, Verdict};
use crate::plan::outline::{Moved, Outline};
use crate::reconcile::Session;
use crate::render;
use crate::render::comment::{Around, render};
use crate::render::page::Page;
use crate::report::{Drift, Report};
use crate::state::State;
use anyhow::Result;
use jiff::Timestamp;

/// How many characters the summary of a job may have; it is no comment, and GitHub takes a megabyte.
const SUMMARY: usize = 900_000;

/// Leaves a plan with its pull request: the comment, and its id beside the commit. Returns what the job's summary shows.
pub async fn plan(stage: &Stage, report: &Report, outline: Option<&Outline>, good: bool) -> Result<String> {
    let around = Around { what: "plan", run: stage.job.run.as_deref(), moved: None, outline: None, most: SUMMARY };
    if let Some((forge, request)) = stage.request() {
        let most = forge.most() - HIDDEN;
        let text = render(report, &Around { outline, most, ..around });
        forge.keep_comment(request, &Mark::new(Kind::Plan, &report.workspace), &text).await?;
        let summary = sum(report);
        let verdict = Verdict {
            workspace: &report.workspace,
            plan_id: report.plan_id.as_deref(),
            good,
            summary: &summary,
            run: stage.job.run.as_deref(),
        };
        forge.judge(&request.head, &verdict).await?;
    } else if stage.job.request.as_ref().is_some_and(|it| it.fork) {
        output::say(&Page::line(
            "note: the pull request comes from a fork: no comment, and no plan to approve, since its job may write nothing here",
        ));
    }
    Ok(render(report, &around))
}

/// Keeps one issue about drift: opened, changed, closed and opened again. Returns what the job's summary shows.
///
/// What could not be looked at closes nothing, and a job for a pull request, whose manifests nobody has approved, leaves it alone.
pub async fn drift(stage: &Stage, report: &Report, drift: Drift) -> Result<String> {
    let around = Around { what: "drift", run: stage.job.run.as_deref(), moved: None, outline: None, most: SUMMARY };
    if let Some(forge) = stage.forge.as_ref().filter(|_| stage.job.request.is_none()) {
        let text = render(report, &Around { most: forge.most() - HIDDEN, ..around });
        let (title, text) = (format!("Drift in {}", report.workspace), text.as_str());
        let mark = Mark::new(Kind::Drift, &report.workspace);
        match (drift.is_any(), drift.unread) {
            (true, _) => forge.keep_issue(&mark, &Issue::Open { title: &title, text }).await?,
            (false, 0) => forge.keep_issue(&mark, &Issue::Closed { text }).await?,
            (false, _) => {}
        }
    }
    Ok(render(report, &around))
}

/// How many characters are kept for the hidden first line.
pub const HIDDEN: usize = 200;

/// What a plan comes to, in a line without names.
fn sum(report: &Report) -> String {
    let it = &report.summary;
    let counts = [
        (it.create, "to create"),
        (it.update, "to update"),
        (it.replace, "to replace"),
        (it.cancel, "to cancel"),
        (it.adopt, "to adopt"),
        (it.blocked, "blocked"),
    ];
    let counts: Vec<String> =
        counts.iter().filter(|(number, _)| *number > 0).map(|(number, what)| format!("{number} {what}")).collect();
    let counts = if counts.is_empty() { "nothing to do".into() } else { counts.join(", ") };
    let refused = if report.refusals.is_empty() { "" } else { " · refused" };
    format!("{counts} · {}{refused}", crate::plural::count(it.mails.total, "mail"))
}

/// Says what the identity of the job may read.
pub async fn identity(session: &Session<'_>, state: &State) -> Result<()> {
    let owner = session.project.owner()?;
    let mailboxes = owner.spec.mailboxes.iter().chain(state.mailboxes()).cloned().collect();
    let known = Known {
        desired: session.project.desired(),
        mailboxes: &mailboxes,
        ids: state.users(),
        records: &state.records(),
        now: Timestamp::now(),
    };
    let checks = doctor::examine(session.client, &known).await;
    output::say(&(Page::line("what the identity of this job may read:") + render::doctor::render(&checks)));
    Ok(())
}

/// What became another since the approval, as far as the comment of the plan tells.
pub fn moved(before: Option<&str>, now: Option<&Outline>, session: &Session<'_>, state: &State) -> Option<Vec<Moved>> {
    let before = render::comment::outline(before?)?;
    let records = state.records();
    let known = session.project.desired().iter().map(|want| &want.key).chain(records.resources.keys());
    Some(before.moved(now?, known))
}
