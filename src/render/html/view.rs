//! What the templates are given: the report in the shapes that they loop over.

use crate::reason::Reason;
use crate::render::html::weeks;
use crate::report::{Count, Difference, Fact, Line, Report, Row, Segment, Series, Warning, verb};
use crate::trouble::{Hint, Trouble};
use serde::Serialize;
use std::collections::BTreeSet;

/// The report.
#[derive(Serialize)]
pub struct View<'a> {
    workspace: &'a str,
    plan_id: Option<&'a str>,
    incomplete: bool,
    counts: Vec<Count>,
    closing: Vec<Said<'a>>,
    warnings: Vec<Warned<'a>>,
    steps: Vec<Step<'a>>,
    mailboxes: BTreeSet<&'a str>,
    actions: BTreeSet<&'static str>,
    calendar: Option<weeks::Weeks<'a>>,
    series: Vec<Ahead<'a>>,
    notes: &'a [String],
}

/// One thing that is said, and the way out.
#[derive(Serialize)]
struct Said<'a> {
    label: &'a str,
    what: &'a str,
    code: Option<Reason>,
    details: &'a [String],
    hint: Option<&'a str>,
    commands: &'a [String],
}

/// What a reader should see first, and the step that it belongs to.
#[derive(Serialize)]
struct Warned<'a> {
    step: Option<usize>,
    key: Option<&'a str>,
    said: Said<'a>,
}

#[derive(Serialize)]
struct Step<'a> {
    /// Its place in the plan, which names it.
    place: usize,
    sign: char,
    action: &'static str,
    key: &'a str,
    mailbox: &'a str,
    does: &'a str,
    outcome: Option<&'static str>,
    because: Option<Said<'a>>,
    /// There is nothing live.
    fresh: bool,
    /// Some of what differs, somebody else changed.
    blamed: bool,
    changes: Vec<Change<'a>>,
    facts: Vec<Said<'a>>,
}

/// One property: two values, or pieces of a text, or members of a set.
#[derive(Default, Serialize)]
struct Change<'a> {
    field: &'a str,
    live: Option<&'a str>,
    planned: Option<&'a str>,
    pieces: Vec<Piece<'a>>,
    added: &'a [String],
    removed: &'a [String],
    changed: &'a [String],
    blame: Option<&'static str>,
}

#[derive(Serialize)]
struct Piece<'a> {
    sort: &'static str,
    text: &'a str,
    more: usize,
}

#[derive(Serialize)]
struct Ahead<'a> {
    key: &'a str,
    extent: &'a str,
    dates: Vec<[&'a str; 3]>,
}

/// Shapes a report; see `render`.
pub fn of<'a>(report: &'a Report, all: bool) -> View<'a> {
    let rows = || report.steps.iter().enumerate().filter(move |(_, row)| all || row.is_news());
    let warned = |it: Warning<'a>| {
        let key = it.row.map(|place| report.steps[place].key.as_str());
        Warned { step: it.row, key, said: Said::of(it.label, it.said) }
    };
    View {
        workspace: &report.workspace,
        plan_id: report.plan_id.as_deref(),
        incomplete: report.incomplete,
        counts: report.counts(),
        closing: report.closing.iter().map(Said::fact).collect(),
        warnings: report.warnings().into_iter().map(warned).collect(),
        steps: rows().map(|(place, row)| Step::of(place, row)).collect(),
        mailboxes: rows().map(|(_, row)| row.organizer.as_str()).collect(),
        actions: rows().map(|(_, row)| verb(row.action)).collect(),
        calendar: report.calendar.as_ref().map(|it| weeks::of(it, report)),
        series: report.occurrences.iter().map(Ahead::of).collect(),
        notes: &report.notes,
    }
}

impl<'a> Said<'a> {
    fn fact(fact: &'a Fact) -> Said<'a> {
        Said::of(&fact.label, &fact.said)
    }

    fn of(label: &'a str, said: &'a Trouble) -> Said<'a> {
        let Trouble { what, details, hint, code } = said;
        let (hint, commands) = match hint {
            Some(Hint { sentence, commands }) => (Some(sentence.as_str()), commands.as_slice()),
            None => (None, &[][..]),
        };
        Said { label, what, code: *code, details, hint, commands }
    }
}

impl<'a> Step<'a> {
    fn of(place: usize, row: &'a Row) -> Step<'a> {
        let lines = || row.changes.iter().chain(&row.drift);
        Step {
            place,
            sign: row.sign,
            action: verb(row.action),
            key: &row.key,
            mailbox: &row.organizer,
            does: &row.does,
            outcome: row.outcome,
            because: row.because.as_ref().map(|said| Said::of("because", said)),
            fresh: lines().all(|line| matches!(line.difference, Difference::Value(_))),
            blamed: lines().any(|line| line.blame.is_some()),
            changes: lines().map(Change::of).collect(),
            facts: row.mail.iter().map(|mails| &mails.whole).chain(&row.facts).map(Said::fact).collect(),
        }
    }
}

impl<'a> Change<'a> {
    fn of(line: &'a Line) -> Change<'a> {
        let Line { change, difference, blame } = line;
        let change = Change { field: &change.field, blame: *blame, ..Change::default() };
        match difference {
            Difference::Value(value) => Change { planned: Some(value), ..change },
            Difference::Values { current, desired } => Change { live: Some(current), planned: Some(desired), ..change },
            Difference::Text(segments) => Change { pieces: segments.iter().map(Piece::of).collect(), ..change },
            Difference::Set { added, removed, changed } => Change { added, removed, changed, ..change },
        }
    }
}

impl<'a> Piece<'a> {
    fn of(segment: &'a Segment) -> Piece<'a> {
        let piece = |sort, text| Piece { sort, text, more: 0 };
        match segment {
            Segment::Equal(text) => piece("equal", text),
            Segment::Removed(text) => piece("removed", text),
            Segment::Added(text) => piece("added", text),
            Segment::Gap => piece("gap", ""),
            Segment::LeftOut(more) => Piece { more: *more, ..piece("more", "") },
        }
    }
}

impl<'a> Ahead<'a> {
    fn of(series: &'a Series) -> Ahead<'a> {
        let dates = series.dates.iter().map(|it| [it.local.as_str(), &it.utc, &it.remarks]);
        Ahead { key: &series.ahead.key, extent: &series.extent, dates: dates.collect() }
    }
}
