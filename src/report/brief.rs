//! A report in short, for pages that hold only so much: one line of numbers, what to look at first, each step in a few words.

use crate::apply::Fate;
use crate::plan::Action;
use crate::plan::mail::{Sort, Total};
use crate::plural::{count, either};
use crate::report::{Difference, Report, Row, mails, words};
use crate::trouble::Trouble;
use std::collections::{BTreeMap, BTreeSet};

/// What a warning of something taken is about: there may be many.
const CLASH: &str = "clash";

/// How many names are said of many.
const NAMED: usize = 4;

/// Something to look at before all else.
#[derive(Debug, Clone, PartialEq)]
pub struct Warning {
    /// What it is about: `refused`, `blocked`, `clash`.
    pub label: String,
    /// The resource, if it is about one.
    pub key: Option<String>,
    /// The text, and the way out.
    pub said: Trouble,
}

/// The whole in one line: `1 to create, 1 to cancel · 42 mails to 31 people, 6 outside contoso.example`.
pub fn headline(report: &Report) -> String {
    if let (Some(_), Some(drift)) = (report.drift, report.closing.first()) {
        return drift.said.what.clone();
    }
    let shard = report.shard.map(|part| format!(" · shard {part}")).unwrap_or_default();
    match words::counts(&report.summary) {
        Some(counts) => format!("{counts} · {}{shard}", mailed(report)),
        None => "nothing to do".into(),
    }
}

/// What became of an applied plan: `2 applied, 1 failed`.
pub fn result(report: &Report) -> Option<String> {
    report.closing.iter().find(|fact| fact.label == words::RESULT).map(|fact| fact.said.what.clone())
}

/// What to look at first: why it may not be applied, what went wrong, what is blocked, removed or taken, and what concerns no single
/// resource.
pub fn warnings(report: &Report) -> Vec<Warning> {
    let known = report.warnings().into_iter().map(|it| Warning {
        label: it.label.into(),
        key: it.row.and_then(|row| report.steps.get(row)).map(|row| row.key.clone()),
        said: it.said.clone(),
    });
    let (last, first): (Vec<Warning>, Vec<Warning>) = known.partition(|it| it.label == CLASH);
    let whole = |label: &str, text: &str| Warning { label: label.into(), key: None, said: Trouble::new(text) };
    let incomplete = report.incomplete.then(|| whole("incomplete", words::INCOMPLETE));
    let unsettled = report.steps.iter().filter_map(unsettled);
    let notes = report.notes.iter().map(|it| whole("note", it));
    first.into_iter().chain(incomplete).chain(unsettled).chain(removed(report)).chain(last).chain(notes).collect()
}

/// What was sent and did not stick.
fn unsettled(row: &Row) -> Option<Warning> {
    let label = words::fate(Fate::Unsettled).filter(|it| row.outcome == Some(it))?;
    let what = row.message.clone().unwrap_or_default();
    let said = Trouble { what, details: row.details.clone(), hint: row.hint.clone(), code: row.code };
    Some(Warning { label: label.into(), key: Some(row.key.clone()), said })
}

/// What is there and will not be any more.
fn removed(report: &Report) -> Option<Warning> {
    let named = |action, becomes: &str| {
        let keys: Vec<&str> = report.steps.iter().filter(|it| it.action == action).map(|it| it.key.as_str()).collect();
        let are = either(keys.len(), "is", "are");
        (!keys.is_empty()).then(|| format!("{} {are} {becomes}: {}", keys.len(), few(&keys)))
    };
    let all: Vec<String> =
        [named(Action::Cancel, "cancelled"), named(Action::Replace, "replaced")].into_iter().flatten().collect();
    (!all.is_empty()).then(|| Warning { label: "removes".into(), key: None, said: Trouble::new(all.join("; ")) })
}

/// What a step is about in a few words: the first values of what is made, the names of what changes, else why.
pub fn changes(row: &Row) -> String {
    let values = row.changes.iter().filter_map(|line| match &line.difference {
        Difference::Value(value) => Some(value.clone()),
        Difference::Values { .. } | Difference::Text(_) | Difference::Set { .. } => None,
    });
    let names = || few(&row.changes.iter().map(|line| &*line.change.field).collect::<Vec<_>>());
    match row.action {
        Action::Create => values.take(2).collect::<Vec<_>>().join(", "),
        Action::Blocked | Action::Cancel => row.because.as_ref().map_or_else(names, |why| why.what.clone()),
        Action::NoOp | Action::Update | Action::Replace | Action::Adopt => names(),
    }
}

/// The mails of a step by their sort: `2 invitations (1 outside), 1 update`; nothing where nobody is mailed.
pub fn mails(row: &Row) -> String {
    let mut sorts: BTreeMap<Sort, (usize, BTreeSet<&str>)> = BTreeMap::new();
    for mails in &row.mail {
        let (number, outside) = sorts.entry(mails.kind).or_default();
        *number += mails.count;
        outside.extend(mails.outside.iter().map(String::as_str));
    }
    let of = |(kind, (number, outside)): (Sort, (usize, BTreeSet<&str>))| {
        let sort = match kind {
            Sort::Invitation => "invitation",
            Sort::Update => "update",
            Sort::Cancellation => "cancellation",
            Sort::Possible => "possible update",
        };
        let outside = if outside.is_empty() { String::new() } else { format!(" ({} outside)", outside.len()) };
        count(number, sort) + &outside
    };
    sorts.into_iter().map(of).collect::<Vec<_>>().join(", ")
}

/// How many mails there are, to how many people.
fn mailed(report: &Report) -> String {
    let Total { total, people, rooms, outside, possible, at_least } = report.summary.mails;
    let maybe = || format!("{} possible", count(possible, "mail"));
    match (total, possible) {
        (0, 0) => "nobody is mailed".into(),
        (0, _) => format!("nobody is mailed for certain, {}", maybe()),
        (_, _) => {
            let least = if at_least { "at least " } else { "" };
            let outside = if outside == 0 { "nobody".to_owned() } else { outside.to_string() };
            let more = if possible > 0 { format!(", {} besides", maybe()) } else { String::new() };
            let whom = mails::people(people, rooms);
            format!("{least}{} to {whom}, {outside} outside {}{more}", count(total, "mail"), domain(report))
        }
    }
}

/// Whose domain people are outside of.
fn domain(report: &Report) -> String {
    let mailing = report.steps.iter().filter(|row| !row.mail.is_empty());
    let domains: BTreeSet<Option<&str>> =
        mailing.map(|row| row.organizer.split_once('@').map(|(_, domain)| domain)).collect();
    match domains.iter().collect::<Vec<_>>()[..] {
        [Some(domain)] => (*domain).to_owned(),
        [None] => "the organizer's domain".into(),
        _ => "their organizer's domain".into(),
    }
}

fn few(all: &[&str]) -> String {
    let (shown, more) = all.split_at(all.len().min(NAMED));
    let more = if more.is_empty() { String::new() } else { format!(" and {} more", more.len()) };
    shown.join(", ") + &more
}

/// What a page had no room for.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct LeftOut {
    /// Warnings.
    pub warnings: usize,
    /// Steps without a row of their own.
    pub rows: usize,
    /// Steps of which details are missing.
    pub details: usize,
}

impl LeftOut {
    /// Says what is missing; nothing where all is there.
    pub fn said(self, limit: usize) -> Option<String> {
        let LeftOut { warnings, rows, details } = self;
        let all = [(details, "the details of", "step"), (rows, "the rows of", "step"), (warnings, "", "warning")];
        let some = all.into_iter().filter(|(number, ..)| *number > 0);
        let said: Vec<String> =
            some.map(|(number, of, what)| format!("{of} {}", count(number, what)).trim_start().to_owned()).collect();
        (!said.is_empty()).then(|| format!("left out to stay below {limit} characters: {}", said.join(", ")))
    }
}
