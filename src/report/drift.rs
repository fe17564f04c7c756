//! What somebody else did to what was applied, and nothing of what the author changed.

use crate::plan::{Action, Cause, Change, Gone, Plan, Step};
use crate::report::{Fact, Report, Row, report, words};
use serde::Serialize;
use std::sync::Arc;

/// How many resources somebody else changed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Drift {
    /// Properties of these were changed.
    pub changed: usize,
    /// These were deleted or cancelled, or have another organizer.
    pub gone: usize,
    /// These could not be read, so that nobody knows.
    pub unread: usize,
}

impl Drift {
    /// Counts it in a plan.
    pub fn of(plan: &Plan) -> Drift {
        let mut drift = Drift::default();
        for step in plan.steps.iter().filter_map(drifted) {
            *match (step.unknown, step.gone) {
                (true, _) => &mut drift.unread,
                (false, Some(_)) => &mut drift.gone,
                (false, None) => &mut drift.changed,
            } += 1;
        }
        drift
    }

    /// Whether there is any, as far as could be looked.
    pub fn is_any(&self) -> bool {
        self.changed + self.gone > 0
    }
}

/// Words only what somebody changed live, deletions too. What an apply would do about it stands with it.
pub fn drift(plan: &Plan) -> Report {
    let steps: Vec<Step> = plan.steps.iter().filter_map(drifted).collect();
    let drift = Drift::of(plan);
    let others = plan.steps.iter().filter(|step| step.action == Action::NoOp).count();
    let others = others - steps.iter().filter(|step| step.action == Action::NoOp).count();
    let only = Plan {
        run: plan.run.clone(),
        id: None,
        workspace: plan.workspace.clone(),
        made: plan.made,
        steps,
        notes: vec![],
        managed: plan.managed,
        secrets: Default::default(),
    };
    let told = report(&only, None, vec![]);
    let rows =
        told.steps.into_iter().zip(&only.steps).map(|(row, step)| Row { sign: sign(step), does: does(step), ..row });
    let closing = vec![Fact::new(&plan.workspace, closing(drift, others))];
    Report { steps: rows.collect(), drift: Some(drift), closing, ..told }
}

/// What of a step somebody else brought about, if anything is.
fn drifted(step: &Step) -> Option<Step> {
    let theirs = |change: &&Arc<Change>| matches!(change.cause, Cause::Drift | Cause::Both);
    let changes: Vec<Arc<Change>> = step.changes.iter().filter(theirs).cloned().collect();
    if changes.is_empty() && step.drift.is_empty() && step.gone.is_none() && !step.unknown {
        return None;
    }
    // Of what is put back, the rest is about how that is done.
    let explained = step.gone.is_some() || matches!(step.action, Action::NoOp | Action::Blocked);
    let told = if explained { step.clone() } else { Step::new(step.key.clone(), "", step.action) };
    Some(Step {
        key: step.key.clone(),
        changes,
        drift: step.drift.clone(),
        gone: step.gone,
        unknown: step.unknown,
        reason: told.reason,
        hint: told.hint,
        notes: told.notes,
        ..Step::new(step.key.clone(), &step.organizer, step.action)
    })
}

fn sign(step: &Step) -> char {
    match (step.unknown, step.gone) {
        (true, _) => words::sign(Action::Blocked),
        (false, Some(_)) => words::sign(Action::Cancel),
        (false, None) => words::sign(Action::Update),
    }
}

/// What somebody did, and what becomes of it.
fn does(step: &Step) -> String {
    if step.unknown {
        return format!("could not be read for {}", step.organizer);
    }
    let did = step.gone.map_or("changed outside", words::by_others);
    let then = match (step.action, step.changes.is_empty(), step.gone) {
        (Action::Blocked, ..) => "and cannot be put back",
        (Action::NoOp, ..) | (_, true, None) => "left so",
        (_, _, Some(Gone::Deleted)) => "made again by the next apply",
        (_, false, None) | (_, _, Some(Gone::Cancelled | Gone::GivenAway)) => "put back by the next apply",
    };
    format!("{did} for {}, {then}", step.organizer)
}

fn closing(drift: Drift, others: usize) -> String {
    let Drift { changed, gone, unread } = drift;
    let none = (!drift.is_any()).then(|| "nobody changed anything outside".to_owned());
    let count = |number: usize, what: &str| (number > 0).then(|| format!("{number} {what}"));
    let all = [
        none,
        count(changed, "changed outside"),
        count(gone, "gone"),
        count(unread, "could not be read"),
        count(others, "as applied"),
    ];
    all.into_iter().flatten().collect::<Vec<_>>().join(", ")
}
