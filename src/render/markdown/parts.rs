//! The parts of a report by their weight: what a page has no room for is left out from the end.

use crate::plan::Action;
use crate::plural::count;
use crate::report::brief::{self, Warning};
use crate::report::{Date, Difference, Fact, Line, Report, Row, Segment, Series, verb};
use crate::trouble::{Hint, Trouble};
use serde::Serialize;

/// So many warnings go before all rows.
const FIRST: usize = 20;

/// A report in parts.
pub struct Parts<'a> {
    pub workspace: &'a str,
    pub headline: String,
    pub result: Option<String>,
    pub plan: Option<&'a str>,
    pub warnings: Vec<Warned>,
    pub rows: Vec<Short>,
    pub details: Vec<(Heading, Vec<Detail>)>,
    /// The weightiest first.
    pub order: Vec<Part>,
}

/// A part, by its place among its like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Warning(usize),
    Row(usize),
    /// One more line of the details at this place.
    Line(usize),
}

/// A warning.
#[derive(Serialize)]
pub struct Warned {
    label: String,
    key: Option<String>,
    text: String,
    commands: Vec<String>,
}

/// A row of the table.
#[derive(Serialize)]
pub struct Short {
    sign: char,
    action: &'static str,
    outcome: Option<&'static str>,
    key: String,
    what: String,
    mail: String,
}

/// The line beneath which details are folded.
#[derive(Serialize)]
pub struct Heading {
    sign: Option<char>,
    title: String,
    text: String,
}

/// One line of the details.
#[derive(Serialize)]
pub struct Detail {
    /// The property that changes.
    field: Option<String>,
    /// What else it is about.
    label: Option<String>,
    pieces: Vec<Piece>,
}

#[derive(Serialize)]
struct Piece {
    form: Form,
    text: String,
}

/// What becomes of a piece.
#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "lowercase")]
enum Form {
    Gone,
    New,
    Same,
    /// Words about the others.
    Said,
}

impl<'a> Parts<'a> {
    /// Takes a report apart.
    pub fn of(report: &'a Report) -> Parts<'a> {
        let steps: Vec<&Row> = report.rows(false).collect();
        let mut parts = Parts {
            workspace: &report.workspace,
            headline: brief::headline(report),
            result: brief::result(report),
            plan: report.plan_id.as_deref().filter(|_| !steps.is_empty()),
            warnings: brief::warnings(report).into_iter().map(Warned::of).collect(),
            rows: steps.iter().map(|row| Short::of(row)).collect(),
            details: steps.iter().map(|row| details(row)).chain(report.occurrences.iter().map(ahead)).collect(),
            order: vec![],
        };
        parts.order = parts.by_weight(&steps);
        parts
    }

    fn by_weight(&self, steps: &[&Row]) -> Vec<Part> {
        let grave = |place: usize| {
            steps.get(place).is_some_and(|row| matches!(row.action, Action::Blocked | Action::Cancel | Action::Replace))
        };
        let warnings = (0..self.warnings.len()).map(|place| (if place < FIRST { 0 } else { 2 }, Part::Warning(place)));
        let rows = (0..steps.len()).map(|place| (if grave(place) { 1 } else { 3 }, Part::Row(place)));
        let lines = self.details.iter().enumerate().flat_map(|(place, (_, lines))| {
            lines.iter().map(move |_| (if grave(place) { 4 } else { 5 }, Part::Line(place)))
        });
        let mut order: Vec<(u8, Part)> = warnings.chain(rows).chain(lines).collect();
        order.sort_by_key(|(weight, _)| *weight);
        order.into_iter().map(|(_, part)| part).collect()
    }
}

impl Warned {
    fn of(warning: Warning) -> Warned {
        let Warning { label, key, said } = warning;
        let (text, commands) = sentence(&said);
        Warned { label, key, text, commands }
    }
}

impl Short {
    fn of(row: &Row) -> Short {
        Short {
            sign: row.sign,
            action: verb(row.action),
            outcome: row.outcome,
            key: row.key.clone(),
            what: brief::changes(row),
            mail: brief::mails(row),
        }
    }
}

fn details(row: &Row) -> (Heading, Vec<Detail>) {
    let heading = Heading { sign: Some(row.sign), title: row.key.clone(), text: row.does.clone() };
    let because = row.because.iter().map(|why| Detail::said("because", why));
    let changes = row.changes.iter().chain(&row.drift).map(Detail::change);
    let facts = row
        .mail
        .iter()
        .map(|mails| mails.fact(false))
        .chain(&row.facts)
        .map(|Fact { label, said }| Detail::said(label, said));
    (heading, because.chain(changes).chain(facts).collect())
}

fn ahead(series: &Series) -> (Heading, Vec<Detail>) {
    let heading = Heading { sign: None, title: series.ahead.key.to_string(), text: series.extent.clone() };
    let date = |it: &Date| {
        let text = [&it.local, &it.utc, &it.remarks].map(String::as_str).join("  ");
        Detail { field: None, label: None, pieces: vec![Piece { form: Form::Said, text: text.trim_end().into() }] }
    };
    (heading, series.dates.iter().map(date).collect())
}

impl Detail {
    fn said(label: &str, said: &Trouble) -> Detail {
        let (text, commands) = sentence(said);
        let commands = commands.into_iter().flat_map(|text| [piece(Form::Said, " "), Piece { form: Form::Same, text }]);
        let pieces = std::iter::once(Piece { form: Form::Said, text }).chain(commands).collect();
        Detail { field: None, label: Some(label.into()), pieces }
    }

    fn change(line: &Line) -> Detail {
        let Line { change, difference, blame } = line;
        let blame = blame.map(|blame| piece(Form::Said, &format!(" ({blame})")));
        let pieces = pieces(difference).into_iter().chain(blame).collect();
        Detail { field: Some(change.field.to_string()), label: None, pieces }
    }
}

fn pieces(difference: &Difference) -> Vec<Piece> {
    match difference {
        Difference::Value(value) => vec![piece(Form::Same, value)],
        Difference::Values { current, desired } => {
            vec![piece(Form::Gone, current), piece(Form::Said, " → "), piece(Form::New, desired)]
        }
        Difference::Text(segments) => segments.iter().map(segment).collect(),
        Difference::Set { added, removed, changed } => {
            let of = |sign: &'static str, form: Form, them: &[String]| {
                them.iter().flat_map(|it| [piece(Form::Said, sign), piece(form, it)]).collect::<Vec<_>>()
            };
            let signed = [of(" + ", Form::New, added), of(" - ", Form::Gone, removed), of(" ~ ", Form::Same, changed)];
            signed.into_iter().flatten().collect()
        }
    }
}

fn segment(segment: &Segment) -> Piece {
    match segment {
        Segment::Equal(text) => piece(Form::Same, text),
        Segment::Removed(text) => piece(Form::Gone, text),
        Segment::Added(text) => piece(Form::New, text),
        Segment::Gap => piece(Form::Said, " … "),
        Segment::LeftOut(more) => piece(Form::Said, &format!(" … ({} not shown)", count(*more, "more change"))),
    }
}

fn piece(form: Form, text: &str) -> Piece {
    Piece { form, text: text.into() }
}

/// A trouble in one line, and the commands of its way out.
fn sentence(said: &Trouble) -> (String, Vec<String>) {
    let Trouble { what, details, hint, code } = said;
    let hint = hint.clone().unwrap_or_else(|| Hint::from(""));
    let parts = std::iter::once(what).chain(details).chain(Some(&hint.sentence).filter(|it| !it.is_empty()));
    let code = code.map(|code| format!(" ({code})")).unwrap_or_default();
    (parts.cloned().collect::<Vec<_>>().join("; ") + &code, hint.commands)
}
