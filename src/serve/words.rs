//! What is told of a round, a line for each thing. Of addresses in a plan the domain is told.

use crate::kind::on_drift::OnDrift;
use crate::plan::Action;
use crate::plan::approval::short;
use crate::reason::Why;
use crate::reconcile::Session;
use crate::report::addresses::masked;
use crate::report::{Report, Row, verb};
use crate::serve::round::Pending;
use crate::trouble::Trouble;
use std::collections::BTreeSet;

/// One thing to tell.
#[derive(Debug, Clone)]
pub struct Line {
    /// What it is: `error: ` among others, or nothing.
    pub lead: &'static str,
    /// What there is to say.
    pub said: Trouble,
    /// It is so until it is otherwise, and told once; else it happened, and is told each time.
    standing: bool,
}

impl Line {
    /// Something that happened.
    pub fn event(lead: &'static str, said: Trouble) -> Line {
        Line { lead, said, standing: false }
    }

    /// Something that is so.
    pub fn standing(lead: &'static str, said: Trouble) -> Line {
        Line { lead, said, standing: true }
    }

    fn masked(self) -> Line {
        Line { said: Trouble { what: masked(&self.said.what), ..self.said }, ..self }
    }
}

/// What was told of the last round.
#[derive(Default)]
pub struct Told(BTreeSet<String>);

impl Told {
    /// Returns the lines of a round that were not told of the one before it.
    pub fn news(&mut self, lines: Vec<Line>) -> Vec<Line> {
        let name = |line: &Line| format!("{}{}", line.lead, line.said.sentence());
        let now = lines.iter().filter(|line| line.standing).map(name).collect();
        let before = std::mem::replace(&mut self.0, now);
        lines.into_iter().filter(|line| !line.standing || !before.contains(&name(line))).collect()
    }
}

/// Words what a plan comes to, or what became of it.
pub(super) fn of_report(report: &Report) -> Vec<Line> {
    let rows = report.steps.iter().filter_map(row);
    let closing = report.closing.iter().filter(|fact| !["plan", "error"].contains(&fact.label.as_str()));
    let closing: Vec<&str> = closing.map(|fact| fact.said.what.as_str()).collect();
    let whole = Trouble::new(format!("{}: {}", report.workspace, closing.join("; ")));
    let sent = report.steps.iter().any(|row| row.outcome.is_some_and(|it| it != "blocked"));
    let whole = if sent { Line::event("", whole) } else { Line::standing("", whole) };
    let unsaved = report.closing.iter().filter(|fact| fact.label == "error");
    let unsaved = unsaved.map(|fact| Line::event("error: ", fact.said.clone()));
    rows.chain([whole]).chain(unsaved).map(Line::masked).collect()
}

/// What became of a step, what blocks it, or that somebody else changed it.
fn row(row: &Row) -> Option<Line> {
    let key = &row.key;
    let left = row.action == Action::NoOp && (row.gone.is_some() || !row.drift.is_empty());
    let what = match (row.outcome, &row.reason) {
        (Some("applied"), _) => {
            return Some(Line::event("", Trouble::new(format!("{key}: {}, applied", verb(row.action)))));
        }
        (Some("blocked") | None, Some(reason)) if row.action == Action::Blocked => format!("{key}: blocked: {reason}"),
        (Some(outcome), _) if outcome != "blocked" => {
            let why = row.message.as_ref().map(|why| format!(": {why}")).unwrap_or_default();
            format!("{key}: {}, {outcome}{why}", verb(row.action))
        }
        _ if left && row.gone.is_some() => format!("{key}: {}", row.does),
        _ if left => format!("{key}: drift: changed outside, left so"),
        _ => return None,
    };
    Some(Line::standing("", Trouble { code: row.code, ..Trouble::new(what) }))
}

/// How a plan is told that waits, and the ways to approve it.
pub(super) fn of_pending(pending: &Pending, may_post: bool) -> Line {
    let Pending { plan_id, why, look, apply, .. } = pending;
    let what = format!("plan {} waits: {}", short(plan_id), why.join("; "));
    let post = || format!("POST /approve {{\"planId\": \"{plan_id}\"}}, or with ");
    let here = if may_post { post() } else { String::new() };
    let way_out = format!("look at it with `{look}`; approve it with {here}`{apply}`");
    Line::standing("pending: ", Trouble::new(what).hint(way_out))
}

/// The flags with which `plan` and `apply` come to the same plan, and let it through.
pub(super) fn flags(session: &Session<'_>, why: &[Why]) -> String {
    let said = session.project.owner().is_ok_and(|owner| owner.spec.on_drift.is_some());
    let left = (session.policy.on_drift == OnDrift::Report && !said).then_some("--on-drift report");
    left.into_iter()
        .chain(why.iter().filter_map(|it| it.allowed_by.as_deref()))
        .map(|flag| format!(" {flag}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(told: &mut Told, lines: &[(&str, bool)]) -> Vec<String> {
        let line = |(what, standing): &(&str, bool)| Line { lead: "", said: Trouble::new(*what), standing: *standing };
        told.news(lines.iter().map(line).collect()).into_iter().map(|line| line.said.what).collect()
    }

    #[test]
    fn what_stays_so_is_told_once_and_what_happens_each_time() {
        let mut log = Told::default();
        let (down, sent, idle) = (("Graph is down", true), ("one: update, applied", false), ("nothing to do", true));
        assert_eq!(told(&mut log, &[down]), ["Graph is down"]);
        assert!(told(&mut log, &[down]).is_empty());
        assert_eq!(told(&mut log, &[down, idle]), ["nothing to do"]);
        assert_eq!(told(&mut log, &[sent, idle]), ["one: update, applied"]);
        assert_eq!(told(&mut log, &[sent]), ["one: update, applied"]);
        assert_eq!(told(&mut log, &[down]), ["Graph is down"], "it was up in between");
    }
}
