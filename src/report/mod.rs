//! Words a plan, and what became of it, once for all renderers.
//!
//! A report is plain data: which rows there are, in which words, and the numbers at the end. What scripts read is serialized;
//! what is worded for people stands beside it. It knows no colour and no layout, and it holds no join link and no passcode.

pub mod addresses;
mod ahead;
pub mod brief;
pub mod calendar;
mod differences;
mod drift;
mod groups;
pub mod ical;
mod mails;
mod order;
mod question;
mod rosters;
mod rows;
mod series;
mod times;
mod values;
mod warnings;
mod words;

pub use ahead::{Date, Series};
pub use differences::{Difference, Segment};
pub use drift::{Drift, drift};
pub use groups::Group;
pub use rosters::Roster;
pub use rows::{Line, Row};
pub use warnings::{Count, Warning};
pub use words::{fate, verb};

use crate::apply::{Outcome, Reach};
use crate::plan::ahead::Ahead;
use crate::plan::mail::{self, Total};
use crate::plan::shard::Part;
use crate::plan::{Action, Plan, Step};
use crate::reason::{Reason, Why};
use crate::report::calendar::Calendar;
use crate::report::ical::Ical;
use crate::trouble::Trouble;
use serde::Serialize;

/// A plan, perhaps with outcomes, in words.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// Changes when a reader could break.
    pub format_version: u32,
    /// The workspace's name.
    pub workspace: String,
    /// Stands for what would be done: the same as long as that is the same. None where the plan is incomplete.
    pub plan_id: Option<String>,
    /// It is not known of every resource what would be done, so that nobody can approve it.
    pub incomplete: bool,
    /// What it comes to.
    pub summary: Summary,
    /// One row for each step.
    pub steps: Vec<Row>,
    /// What concerns no single resource.
    pub notes: Vec<String>,
    /// The rosters that changed, and what comes of it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rosters: Vec<Roster>,
    /// How much somebody else changed, where only that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub drift: Option<Drift>,
    /// What lies ahead of each series, if that was asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub occurrences: Vec<Series>,
    /// Which part of it this run sends, where several send a part each.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shard: Option<Part>,
    /// Why the plan may not be applied; empty if it may.
    pub refusals: Vec<String>,
    /// The code of each, in the same order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub refusal_codes: Vec<Reason>,
    /// Why what was applied could not be remembered, if that is so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unsaved: Option<String>,
    /// The weeks that it changes, if that was asked for.
    #[serde(skip)]
    pub calendar: Option<Calendar>,
    /// What calendars will hold, if that was asked for.
    #[serde(skip)]
    pub ical: Option<Ical>,
    /// What there is to say of the whole, in sentences.
    #[serde(skip)]
    pub closing: Vec<Fact>,
}

/// How many steps there are of each action, and the mail of all of them.
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

/// One thing to say, with a word for what it is about: `mail`, `note`, `error`, or the name of the workspace.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Fact {
    pub label: String,
    /// The text, and a way out where there is one.
    pub said: Trouble,
}

impl Fact {
    /// Makes a fact without a way out.
    pub fn new(label: impl Into<String>, text: impl Into<String>) -> Fact {
        Fact { label: label.into(), said: Trouble::new(text) }
    }
}

/// Words a plan; with the outcomes of its steps, in their order, if it was applied. Its mail is then what was sent: all that a step
/// announced of which anything that mails was carried out, or may have been.
pub fn report(plan: &Plan, outcomes: Option<&[Outcome]>, refusals: Vec<Why>) -> Report {
    let unsent = without_unsent(plan, outcomes);
    let steps = plan.steps.iter().zip(&unsent).map(|(step, unsent)| unsent.as_deref().unwrap_or(step));
    let steps: Vec<&Step> = steps.collect();
    // What a plan says is without secrets. What became of it may quote what Graph answered.
    let hidden = |place: usize| {
        let mut outcome = outcomes?.get(place)?.clone();
        outcome.note.iter_mut().for_each(|note| plan.secrets.hide_in_trouble(note));
        Some(outcome)
    };
    let rows = steps.iter().enumerate().map(|(place, step)| Row::of(step, hidden(place).as_ref()));
    let (summary, rosters) = (summary(&steps), rosters::of(&steps));
    let sends = plan.steps.iter().any(|step| !step.requests.is_empty());
    let which = words::which_plan(plan.id.as_deref(), plan.is_incomplete()).filter(|_| sends || plan.is_incomplete());
    let refused = refusals.iter().map(|refusal| Fact { label: "refused".into(), said: refusal.clone().into() });
    Report {
        format_version: 1,
        workspace: plan.workspace.clone(),
        plan_id: plan.id.clone(),
        incomplete: plan.is_incomplete(),
        summary,
        steps: rows.collect(),
        notes: rosters.iter().map(Roster::sentence).chain(plan.notes.iter().cloned()).collect(),
        rosters,
        drift: None,
        occurrences: vec![],
        shard: None,
        closing: words::closing(&plan.workspace, &summary, mails::total(&steps, &summary.mails), outcomes)
            .into_iter()
            .chain(which)
            .chain(refused)
            .collect(),
        calendar: None,
        ical: None,
        refusal_codes: refusals.iter().map(|refusal| refusal.reason).collect(),
        refusals: refusals.into_iter().map(|refusal| refusal.what).collect(),
        unsaved: None,
    }
}

/// The steps without their mail where they were sent and it reached nobody; nothing for all others.
fn without_unsent(plan: &Plan, outcomes: Option<&[Outcome]>) -> Vec<Option<Box<Step>>> {
    let mailed = |place: usize| outcomes.is_none_or(|all| all.get(place).is_some_and(|it| it.reach == Reach::Mailed));
    let unsent = |(place, step): (usize, &Step)| {
        (!step.mail.is_empty() && !mailed(place)).then(|| Step { mail: vec![], ..step.clone() }.into())
    };
    plan.steps.iter().enumerate().map(unsent).collect()
}

impl Report {
    /// Adds what lies ahead of each series.
    pub fn with_occurrences(self, ahead: Vec<Ahead>) -> Report {
        Report { occurrences: ahead.into_iter().map(Series::of).collect(), ..self }
    }

    /// Adds the weeks that it changes.
    pub fn with_calendar(self, calendar: Calendar) -> Report {
        Report { calendar: Some(calendar), ..self }
    }

    /// Adds what calendars will hold.
    pub fn with_ical(self, ical: Ical) -> Report {
        Report { ical: Some(ical), ..self }
    }

    /// Adds which part of it this run sends.
    pub fn with_part(mut self, part: Option<Part>) -> Report {
        self.closing.extend(part.map(|it| Fact::new("shard", it.to_string())));
        Report { shard: part, ..self }
    }

    /// Adds why what was applied could not be remembered.
    pub fn with_unsaved(mut self, why: Option<Trouble>) -> Report {
        self.unsaved = why.as_ref().map(Trouble::sentence);
        self.closing.extend(why.map(|said| Fact { label: "error".into(), said }));
        self
    }

    /// Leaves out what the plan has said, for who has just read it: what became of it remains.
    pub fn without_plan(mut self) -> Report {
        for row in &mut self.steps {
            row.because = None;
            row.changes.clear();
            row.drift.clear();
            row.mail.clear();
            row.facts.retain(|fact| row.message.as_ref() == Some(&fact.said.what));
        }
        self.steps.retain(|row| row.outcome.is_some());
        self.notes.clear();
        self
    }

    /// Returns the rows that say something, or all of them.
    pub fn rows(&self, all: bool) -> impl Iterator<Item = &Row> {
        self.steps.iter().filter(move |row| all || row.is_news())
    }
}

fn summary(steps: &[&Step]) -> Summary {
    let at_least = steps.iter().any(|step| !step.lists.is_empty());
    let mails = Total { at_least, ..mail::total(steps.iter().flat_map(|step| &step.mail)) };
    let mut sum = Summary { mails, ..Summary::default() };
    for step in steps {
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
