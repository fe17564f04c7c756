//! Words a plan, and what became of it, once for all renderers.
//!
//! A report is plain data: which rows there are, in which words, and the numbers at the end. It knows no colour and no
//! layout, and it holds no join link and no passcode.

use crate::apply::{Fate, Outcome};
use crate::plan::mail::{self, Sort, Total};
use crate::plan::occurrences::Ahead;
use crate::plan::{Action, Change, Plan, Step};
use serde::Serialize;
use std::collections::BTreeMap;

/// A plan, perhaps with outcomes, in words.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    pub format_version: u32,
    pub workspace: String,
    pub summary: Summary,
    pub steps: Vec<Row>,
    pub notes: Vec<String>,
    /// What lies ahead of each series, if that was asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub occurrences: Vec<Ahead>,
    /// Why the plan may not be applied; empty if it may.
    pub refusals: Vec<String>,
    #[serde(skip)]
    pub applied: bool,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Summary {
    pub create: usize,
    pub update: usize,
    pub replace: usize,
    pub cancel: usize,
    pub adopt: usize,
    pub noop: usize,
    pub blocked: usize,
    pub mails: Total,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    pub key: String,
    pub organizer: String,
    pub action: Action,
    pub reason: Option<String>,
    pub changes: Vec<Change>,
    pub mail: Vec<Mails>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// Who or what is taken already when it is to take place.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub clashes: Vec<String>,
    /// Only after apply.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<&'static str>,
    /// What there is to say of the outcome: an error among others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

/// Mails of one sort in one step.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Mails {
    pub kind: Sort,
    pub count: usize,
    pub outside: usize,
}

/// Words a plan; with the outcomes of its steps, in their order, if it was applied.
pub fn report(plan: &Plan, outcomes: Option<&[Outcome]>, refusals: Vec<String>) -> Report {
    let rows = plan.steps.iter().enumerate().map(|(place, step)| row(step, outcomes.and_then(|all| all.get(place))));
    Report {
        format_version: 1,
        workspace: plan.workspace.clone(),
        summary: summary(plan),
        steps: rows.collect(),
        notes: plan.notes.clone(),
        occurrences: vec![],
        refusals,
        applied: outcomes.is_some(),
    }
}

fn row(step: &Step, outcome: Option<&Outcome>) -> Row {
    let mut mails: BTreeMap<Sort, Mails> = BTreeMap::new();
    for mail in &step.mail {
        let sum = mails.entry(mail.kind).or_insert(Mails { kind: mail.kind, count: 0, outside: 0 });
        sum.count += mail.to.len();
        sum.outside += mail.outside;
    }
    Row {
        key: step.key.to_string(),
        organizer: step.organizer.clone(),
        action: step.action,
        reason: step.reason.clone(),
        changes: step.changes.clone(),
        mail: mails.into_values().collect(),
        notes: step.notes.clone(),
        clashes: step.clashes.clone(),
        outcome: outcome.and_then(|outcome| fate(outcome.fate)),
        message: outcome.and_then(|outcome| outcome.note.clone()),
    }
}

/// The word for what became of a step; nothing for a step that had nothing to do.
pub fn fate(fate: Fate) -> Option<&'static str> {
    match fate {
        Fate::Nothing => None,
        Fate::Applied => Some("applied"),
        Fate::Failed => Some("failed"),
        Fate::Blocked => Some("blocked"),
        Fate::Unsettled => Some("unsettled"),
        Fate::Skipped => Some("skipped"),
    }
}

fn summary(plan: &Plan) -> Summary {
    let at_least = plan.steps.iter().any(|step| !step.lists.is_empty());
    let mails = Total { at_least, ..mail::total(plan.steps.iter().flat_map(|step| &step.mail)) };
    let mut sum = Summary { mails, ..Summary::default() };
    for step in &plan.steps {
        *match step.action {
            Action::NoOp => &mut sum.noop,
            Action::Create => &mut sum.create,
            Action::Update => &mut sum.update,
            Action::Replace => &mut sum.replace,
            Action::Cancel => &mut sum.cancel,
            Action::Adopt => &mut sum.adopt,
            Action::Blocked => &mut sum.blocked,
        } += 1;
    }
    sum
}
