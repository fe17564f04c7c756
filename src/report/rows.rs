//! One row for each step: what scripts read of it, and the same in words.

use crate::apply::{Fate, Outcome};
use crate::kind::Kind;
use crate::kind::compare::Compare;
use crate::model::EXCEPTIONS;
use crate::plan::{Action, Change, Clock, Gone, Step, diff};
use crate::reason::Reason;
use crate::report::differences::{Difference, difference};
use crate::report::mails::{self, Mails};
use crate::report::{Fact, values, words};
use crate::trouble::{Hint, Trouble};
use serde::Serialize;
use std::sync::Arc;

/// One step.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    pub key: String,
    pub organizer: String,
    pub action: Action,
    pub reason: Option<String>,
    /// The code of the reason that blocks it, or of what the message says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<Reason>,
    pub changes: Vec<Line>,
    /// What somebody changed and is left so.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub drift: Vec<Line>,
    /// What somebody did to it as a whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gone: Option<Gone>,
    /// Who is mailed, and why.
    pub mail: Vec<Mails>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// Who or what is taken already when it is to take place.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub clashes: Vec<String>,
    /// Another run sends it, which has this shard of the plan.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub elsewhere: bool,
    /// Only after apply.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<&'static str>,
    /// What there is to say of the outcome: an error among others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// What belongs to the message: what is done in spite of it, what is left.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub details: Vec<String>,
    /// The way out of what the message says, or of the reason; further lines are commands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<Hint>,
    /// The action as one sign.
    #[serde(skip)]
    pub sign: char,
    /// What it does, for whom: `create for alex@contoso.example`.
    #[serde(skip)]
    pub does: String,
    /// Why it does so, unless that is part of what it does.
    #[serde(skip)]
    pub because: Option<Trouble>,
    /// What else there is to say, in order.
    #[serde(skip)]
    pub facts: Vec<Fact>,
}

/// One property that differs: the values as they are for scripts, and how they differ for people.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Line {
    #[serde(flatten)]
    pub change: Arc<Change>,
    #[serde(skip)]
    pub difference: Difference,
    /// Who made it differ, where that was not the author alone.
    #[serde(skip)]
    pub blame: Option<&'static str>,
}

impl Row {
    /// Words one step, with its outcome if it was applied.
    pub(super) fn of(step: &Step, outcome: Option<&Outcome>) -> Row {
        // A create that may turn out to be something else says so in its first line.
        let aside = step.reason.as_ref().filter(|_| step.action == Action::Create);
        let said = outcome.and_then(|outcome| outcome.note.clone());
        let because = step.reason.clone().filter(|_| aside.is_none());
        Row {
            key: step.key.to_string(),
            organizer: step.organizer.clone(),
            action: step.action,
            reason: step.reason.clone(),
            changes: step.changes.iter().map(|change| Line::of(step, change)).collect(),
            drift: step.drift.iter().map(|change| Line::left(step, change)).collect(),
            gone: step.gone,
            notes: step.notes.clone(),
            clashes: step.clashes.clone(),
            elsewhere: step.elsewhere,
            outcome: outcome.and_then(|outcome| words::fate(outcome.fate)),
            message: said.as_ref().map(|said| said.what.clone()),
            details: said.as_ref().map(|said| said.details.clone()).unwrap_or_default(),
            code: said.as_ref().and_then(|said| said.code).or(step.code),
            hint: said.and_then(|said| said.hint).or(step.hint.clone()),
            sign: words::sign(step.action),
            does: words::lost(step).unwrap_or_else(|| words::does(step.action, &step.organizer, aside))
                + if step.elsewhere { ", by another shard" } else { "" },
            because: because.map(|what| Trouble { hint: step.hint.clone(), code: step.code, ..Trouble::new(what) }),
            facts: facts(step, outcome),
            mail: mails::of(step),
        }
    }

    /// Whether it does something, or has something to say.
    pub fn is_news(&self) -> bool {
        self.action != Action::NoOp || !self.facts.is_empty() || !self.drift.is_empty() || self.gone.is_some()
    }
}

impl Line {
    fn left(step: &Step, change: &Arc<Change>) -> Line {
        Line { blame: Some(words::LEFT), ..Line::of(step, change) }
    }

    fn of(step: &Step, change: &Arc<Change>) -> Line {
        let Change { field, current, desired, cause } = &**change;
        let (current, desired) = (&current.value(), &desired.value());
        let (kind, clock) = (step.key.kind(), step.clock.as_ref());
        let about = About::of(kind, field);
        let word = |value| about.word(kind, value, clock);
        let difference = match (about, step.action) {
            (_, Action::Create) => Difference::Value(word(desired)),
            (About::Occurrence, _) => Difference::Values { current: word(current), desired: word(desired) },
            (About::Property(compare), _) => {
                // Which dates move is said with the first time that changes.
                let first = step.changes.iter().find(|it| About::of(kind, &it.field).is_time());
                difference(compare, current, desired, (clock, first == Some(change)))
            }
        };
        Line { change: change.clone(), difference, blame: words::blame(*cause) }
    }
}

/// What the name of a change is about.
#[derive(Clone, Copy)]
enum About {
    Property(Compare),
    /// One occurrence of a series.
    Occurrence,
}

impl About {
    fn of(kind: &Kind, name: &str) -> About {
        match name.starts_with(EXCEPTIONS) {
            true => About::Occurrence,
            false => About::Property(diff::row(kind, name).map_or(Compare::Exact, |field| field.compare)),
        }
    }

    fn is_time(self) -> bool {
        matches!(self, About::Property(Compare::Zoned | Compare::Instant))
    }

    fn word(self, kind: &Kind, value: &serde_json::Value, clock: Option<&Clock>) -> String {
        match self {
            About::Property(compare) => values::value(compare, value, clock),
            About::Occurrence => values::occurrence(kind, value, clock),
        }
    }
}

fn facts(step: &Step, outcome: Option<&Outcome>) -> Vec<Fact> {
    let clashes = step.clashes.iter().map(|text| Fact::new("clash", text));
    let notes = step.notes.iter().map(|text| Fact::new("note", text));
    let said = outcome.and_then(|outcome| {
        let label = if outcome.fate == Fate::Failed { "error" } else { "note" };
        Some(Fact { label: label.into(), said: outcome.note.clone()? })
    });
    clashes.chain(notes).chain(said).collect()
}
