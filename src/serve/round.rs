//! One round: plan, judge, and apply what nobody has to look at.
//!
//! The unit is the whole plan of a workspace: what is above a limit, or not known of every resource, sends nothing at all. Nobody is asked;
//! what needs a person waits under the id of its plan. It knows no file and prints nothing, so that whoever has manifests and a state may
//! call it.

use crate::kind::crd::Approval;
use crate::model::Key;
use crate::plan::approval::short;
use crate::plan::{Action, Plan};
use crate::plural::count;
use crate::reason::{Reason, Why};
use crate::reconcile::{Going, Planned, Session, Verdict, apply, plan};
use crate::report::{Drift, Report, Row, Summary, report};
use crate::serve::words::{self, Line};
use crate::state::{Locked, State};
use crate::trouble::Trouble;
use anyhow::{Error, Result};
use jiff::Timestamp;
use serde::Serialize;

/// How a round ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Ended {
    /// There was nothing to do.
    Settled,
    /// Something was sent, and is as declared.
    Applied,
    /// Something of it needs a person, or did not stick.
    Blocked,
    /// The plan waits for somebody who approves it.
    Pending,
    /// Another plan was approved than the one that would be carried out now.
    Void,
    /// The plan may not be applied, and no approval helps.
    Refused,
    /// Somebody else writes the state.
    Busy,
    /// It could not be done, or not all of it.
    Failed,
    /// Somebody asked to stop.
    Stopped,
}

impl Ended {
    /// Whether all is as it should be, as far as no person is needed.
    pub fn is_well(self) -> bool {
        match self {
            Ended::Settled | Ended::Applied | Ended::Blocked | Ended::Pending | Ended::Void | Ended::Busy => true,
            Ended::Refused | Ended::Failed | Ended::Stopped => false,
        }
    }

    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Ended::Settled => "settled",
            Ended::Applied => "applied",
            Ended::Blocked => "blocked",
            Ended::Pending => "pending",
            Ended::Void => "void",
            Ended::Refused => "refused",
            Ended::Busy => "busy",
            Ended::Failed => "failed",
            Ended::Stopped => "stopped",
        }
    }
}

/// A plan that waits for somebody who approves it. No address stands in it, no link and no passcode.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Pending {
    pub plan_id: String,
    pub made: Timestamp,
    pub summary: Summary,
    /// What would be cancelled or replaced.
    pub removals: Vec<Key>,
    /// Why it waits.
    pub why: Vec<String>,
    /// The command that shows all of it, and the one that applies it.
    pub look: String,
    pub apply: String,
}

/// What came of a round.
pub struct Round {
    /// How.
    pub ended: Ended,
    /// What there is to tell of it.
    pub lines: Vec<Line>,
    /// The plan that waits, if one does.
    pub pending: Option<Pending>,
    /// What is live; nothing where that is not known.
    pub seen: Option<Seen>,
    /// Each resource; nothing where there was no plan.
    pub report: Option<Report>,
    /// What was done.
    pub(super) sent: Sent,
}

/// What a round saw in the end.
pub struct Seen {
    /// Resources of the workspace.
    pub managed: usize,
    /// Those that somebody changed or took away.
    pub drifted: usize,
    /// Those that need a person.
    pub blocked: usize,
}

/// What a round sent.
#[derive(Default)]
pub struct Sent {
    /// How many resources of each action.
    pub steps: Vec<(Action, usize)>,
    /// Mails, those among them that were only possible.
    pub mails: usize,
}

impl Round {
    /// A round that came to no plan.
    pub fn without_plan(ended: Ended, lines: Vec<Line>) -> Round {
        Round { ended, lines, pending: None, seen: None, report: None, sent: Sent::default() }
    }

    /// A round that failed before it had a plan. That somebody else writes the state is no failure.
    pub fn failed(error: &Error) -> Round {
        let trouble = Trouble::of(error);
        match trouble.code {
            Some(Reason::Locked) => Round::without_plan(Ended::Busy, vec![Line::standing("", trouble)]),
            _ => Round::without_plan(Ended::Failed, vec![Line::standing("error: ", trouble)]),
        }
    }
}

/// Which plans somebody has to approve beyond those above a limit, and which one was approved.
pub struct Approving<'a> {
    /// What the workspace says.
    pub approval: &'a Approval,
    /// The id of the one that was approved.
    pub plan: Option<&'a str>,
}

/// Plans, and sends nothing: what is to do is pending.
///
/// Fails as planning does.
pub async fn look(session: &Session<'_>, state: &State, now: Timestamp) -> Result<Round> {
    let planned = plan(session, state, now).await?;
    let only = || Reason::NotApproved.why("this only plans");
    let judged = match judge(&planned, &Approving { approval: &Approval::Auto, plan: None }) {
        Judged::Go if !planned.is_idle() => Judged::Pending(vec![only()]),
        Judged::Pending(over) => Judged::Pending(over.into_iter().chain([only()]).collect()),
        judged => judged,
    };
    Ok(unsent(session, &planned, judged))
}

/// Plans and applies, if nobody has to look at that first, or if it is the plan that somebody has approved.
///
/// Fails as planning does, and where the state cannot be written before anything is sent.
pub async fn round(
    session: &Session<'_>,
    locked: &Locked,
    approving: Approving<'_>,
    going: Going<'_>,
) -> Result<Round> {
    let (state, now) = (locked.state(), (going.clock)());
    let (mut stop, stopped) = (going.stop.clone(), going.stop.clone());
    let mut planned = tokio::select! {
        planned = plan(session, &state, now) => planned?,
        Ok(_) = stop.wait_for(|stop| *stop) => return Ok(Round::without_plan(Ended::Stopped, vec![])),
    };
    let judged = judge(&planned, &approving);
    if !matches!(judged, Judged::Go) {
        return Ok(unsent(session, &planned, judged));
    }
    // What is left of them was approved.
    planned.refusals.clear();
    let done = apply(session, &mut planned, locked, going).await?;
    let report =
        report(&planned.plan, Some(&done.outcomes), vec![]).with_unsaved(done.unsaved.as_ref().map(Trouble::of));
    let ended = match done.verdict(&planned) {
        _ if *stopped.borrow() && !planned.is_idle() => Ended::Stopped,
        Verdict::Settled if planned.is_idle() => Ended::Settled,
        Verdict::Settled => Ended::Applied,
        Verdict::Blocked => Ended::Blocked,
        Verdict::Failed => Ended::Failed,
    };
    let left = done.second.as_ref().unwrap_or(&planned.plan);
    let (mails, sent) = (report.summary.mails, sent(&report));
    Ok(Round {
        ended,
        lines: words::of_report(&report),
        pending: None,
        seen: Some(seen(left)),
        report: Some(report),
        sent: Sent { steps: sent, mails: mails.total + mails.possible },
    })
}

/// What is to become of a plan.
enum Judged {
    /// It is applied.
    Go,
    /// Somebody has to approve it.
    Pending(Vec<Why>),
    /// It is not what was approved; what has to be approved of this one.
    Void(String, Box<Judged>),
    /// It may not be applied.
    Refused(Vec<Why>),
}

fn judge(planned: &Planned, approving: &Approving) -> Judged {
    let (id, approved) = (planned.plan.id.as_deref(), approving.plan);
    if let Some(other) = approved.filter(|approved| id != Some(*approved)) {
        let now = judge(planned, &Approving { plan: None, ..*approving });
        return Judged::Void(other.to_owned(), now.into());
    }
    let (mut over, mut others): (Vec<Why>, Vec<Why>) = planned.refusals.iter().cloned().partition(is_of_limit);
    over.extend(asked(planned, approving.approval));
    if planned.plan.is_incomplete() {
        others.push(Reason::Unread.why("not everything could be read, so nothing is sent"));
    }
    match () {
        () if !others.is_empty() => Judged::Refused(others.into_iter().chain(over).collect()),
        () if !over.is_empty() && approved.is_none() => Judged::Pending(over),
        () => Judged::Go,
    }
}

/// What a workspace asks to be approved, and this plan does.
fn asked(planned: &Planned, approval: &Approval) -> Option<Why> {
    let summary = || report(&planned.plan, None, vec![]).summary;
    match approval {
        _ if planned.is_idle() => None,
        Approval::Auto => None,
        Approval::Manual => Some(Reason::NotApproved.why("`approval: manual`: every plan waits")),
        Approval::Above(most) => {
            let Summary { mails, cancel, replace, .. } = summary();
            let is_above = |count: usize, most: Option<u32>| most.is_some_and(|most| count > most as usize);
            let (mails, removals) = (mails.total + mails.possible, cancel + replace);
            let above = is_above(mails, most.mails) || is_above(removals, most.removals);
            let (mails, removals) = (count(mails, "mail"), count(removals, "removal"));
            let what = format!("{mails} and {removals} are above `approval.above`");
            above.then(|| Reason::NotApproved.why(what))
        }
    }
}

/// Whether it is a limit of the workspace, which a person may go above. No ceiling is, and nothing that Exchange does not deliver.
fn is_of_limit(why: &Why) -> bool {
    matches!(why.reason, Reason::RemovalsLimit | Reason::ChangesLimit | Reason::MailsLimit | Reason::OutsideLimit)
}

/// A round that sends nothing of its plan.
fn unsent(session: &Session<'_>, planned: &Planned, judged: Judged) -> Round {
    let plan = &planned.plan;
    let report = report(plan, None, vec![]);
    let said = words::of_report(&report);
    let (ended, pending, lines) = match judged {
        Judged::Go => (Ended::Settled, None, said),
        Judged::Pending(why) => {
            let pending = pending(session, planned, &report, &why);
            let lines = pending.iter().map(|it| words::of_pending(it, why.iter().all(is_of_limit)));
            (Ended::Pending, pending.clone(), lines.chain(said).collect())
        }
        Judged::Void(approved, now_judged) => {
            let now = plan.id.as_deref().map_or("incomplete", short);
            let other =
                format!("approved was the plan {}, and it would be {now} now: nothing was sent", short(&approved));
            let void = [Line::event("", Reason::OtherPlan.trouble(other))];
            // Whoever approved the other one can look at this one at once.
            let round = unsent(session, planned, *now_judged);
            let waits = round.pending.is_some();
            let lines = void.into_iter().chain(round.lines.into_iter().filter(|_| waits));
            (Ended::Void, round.pending, lines.collect())
        }
        Judged::Refused(whys) => {
            // What could not be read does not come from the plan alone: no other round may apply it either.
            let ended = if plan.is_incomplete() { Ended::Failed } else { Ended::Refused };
            let refused = whys.into_iter().map(|why| Line::standing("refused: ", why.into()));
            (ended, None, refused.chain(said).collect())
        }
    };
    let seen = (!plan.is_incomplete()).then(|| seen(plan));
    Round { ended, lines, pending, seen, report: Some(report), sent: Sent::default() }
}

fn pending(session: &Session<'_>, planned: &Planned, report: &Report, why: &[Why]) -> Option<Pending> {
    let plan = &planned.plan;
    let removed = plan.steps.iter().filter(|step| matches!(step.action, Action::Cancel | Action::Replace));
    let plan_id = plan.id.clone()?;
    let flags = words::flags(session, why);
    Some(Pending {
        look: format!("convoke plan{flags}"),
        apply: format!("convoke apply{flags} --plan-id {plan_id}"),
        plan_id,
        made: plan.made,
        summary: report.summary,
        removals: removed.map(|step| step.key.clone()).collect(),
        why: why.iter().map(|why| why.what.clone()).collect(),
    })
}

fn seen(plan: &Plan) -> Seen {
    let Drift { changed, gone, unread: _ } = Drift::of(plan);
    let blocked = plan.steps.iter().filter(|step| step.action == Action::Blocked).count();
    Seen { managed: plan.managed, drifted: changed + gone, blocked }
}

/// How many resources of each action went through.
fn sent(report: &Report) -> Vec<(Action, usize)> {
    let through = |it: &&Row| matches!(it.outcome, Some("applied" | "unsettled"));
    let mut all: Vec<(Action, usize)> = vec![];
    for row in report.steps.iter().filter(through) {
        match all.iter_mut().find(|(action, _)| *action == row.action) {
            Some((_, number)) => *number += 1,
            None => all.push((row.action, 1)),
        }
    }
    all
}
