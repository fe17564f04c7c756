//! What a reader should see before anything else: why nothing may be applied, what is blocked, what failed, and what clashes.

use crate::plan::Action;
use crate::report::words::{sign, verb};
use crate::report::{Report, Row, Summary};
use crate::trouble::Trouble;
use serde::Serialize;

/// One warning.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Warning<'a> {
    /// The place of the row that it belongs to; none if it concerns the whole.
    pub row: Option<usize>,
    /// A word for what it is about.
    pub label: &'a str,
    /// The text, and a way out where there is one.
    pub said: &'a Trouble,
}

/// How many steps there are of one action.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Count {
    /// The action as one sign.
    pub sign: char,
    /// Its word.
    pub verb: &'static str,
    /// How many.
    pub number: usize,
}

/// Labels of facts that are warnings.
const WARNING: [&str; 3] = ["refused", "error", "clash"];

impl Report {
    /// Returns the warnings: first of the whole, then of each row.
    pub fn warnings(&self) -> Vec<Warning<'_>> {
        let whole = self.closing.iter().filter(|fact| WARNING.contains(&fact.label.as_str()));
        let whole = whole.map(|fact| Warning { row: None, label: &fact.label, said: &fact.said });
        whole.chain(self.steps.iter().enumerate().flat_map(|(row, it)| of_row(row, it))).collect()
    }

    /// Returns how many steps there are of each action that there is, those first that do something.
    pub fn counts(&self) -> Vec<Count> {
        let Summary { create, update, replace, cancel, adopt, noop, blocked, .. } = self.summary;
        let all = [
            (Action::Create, create),
            (Action::Adopt, adopt),
            (Action::Update, update),
            (Action::Replace, replace),
            (Action::Cancel, cancel),
            (Action::Blocked, blocked),
            (Action::NoOp, noop),
        ];
        let some = all.into_iter().filter(|(_, number)| *number > 0);
        some.map(|(action, number)| Count { sign: sign(action), verb: verb(action), number }).collect()
    }
}

fn of_row(place: usize, row: &Row) -> impl Iterator<Item = Warning<'_>> {
    let blocked = row.because.as_ref().filter(|_| row.action == Action::Blocked);
    let blocked = blocked.map(|said| Warning { row: Some(place), label: verb(Action::Blocked), said });
    let facts = row.facts.iter().filter(|fact| WARNING.contains(&fact.label.as_str()));
    blocked.into_iter().chain(facts.map(move |fact| Warning { row: Some(place), label: &fact.label, said: &fact.said }))
}
