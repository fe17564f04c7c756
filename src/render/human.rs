//! The report for people: readable at 80 columns and without colour.

use crate::plan::Action;
use crate::render::ahead;
use crate::render::lines::{options, said, wrapped};
use crate::report::{Difference, Fact, Line, Report, Row, Segment};
use anstyle::{AnsiColor, Style};

/// Renders the report. Steps that do nothing are shown only if they have something to say, or with `all`.
pub fn render(report: &Report, all: bool) -> String {
    let mut text: String = report.rows(all).map(step).collect();
    if !report.occurrences.is_empty() {
        text += if text.is_empty() { "" } else { "\n" };
        text += &ahead::render(&report.occurrences);
    }
    for note in &report.notes {
        text += &wrapped("note: ", "      ", note);
    }
    if !text.is_empty() {
        text.push('\n');
    }
    text + &report.closing.iter().map(|it| fact("", it)).collect::<String>()
}

fn step(row: &Row) -> String {
    let style = style(row.action);
    let outcome = row.outcome.map(|outcome| format!(" · {outcome}")).unwrap_or_default();
    let title = format!("{style}{} {}{style:#}  {}{outcome}", row.sign, row.key, row.does);
    let mut text = textwrap::fill(&title, options("", "      ")) + "\n";
    if let Some(reason) = &row.because {
        text += &said("    because ", "            ", reason);
    }
    text += &row.changes.iter().map(change).collect::<String>();
    text + &row.facts.iter().map(|it| fact("    ", it)).collect::<String>()
}

fn style(action: Action) -> Style {
    let colour = |colour: AnsiColor| Style::new().fg_color(Some(colour.into())).bold();
    match action {
        Action::NoOp => Style::new(),
        Action::Create | Action::Adopt => colour(AnsiColor::Green),
        Action::Update => colour(AnsiColor::Yellow),
        Action::Replace => colour(AnsiColor::Magenta),
        Action::Cancel | Action::Blocked => colour(AnsiColor::Red),
    }
}

fn change(line: &Line) -> String {
    let Line { change, difference, blame } = line;
    let values = match difference {
        Difference::Value(value) => value.clone(),
        Difference::Values { current, desired } => format!("{current} -> {desired}"),
        Difference::Text(segments) => segments.iter().map(segment).collect(),
        Difference::Set { added, removed, changed } => {
            let signed = [("+", added), ("-", removed), ("~", changed)];
            let all = signed.into_iter().flat_map(|(sign, them)| them.iter().map(move |it| format!("{sign}{it}")));
            all.collect::<Vec<_>>().join(" ")
        }
    };
    let blame = blame.map(|blame| format!("  ({blame})")).unwrap_or_default();
    wrapped(&format!("    {}: ", change.field), "      ", &(values + &blame))
}

fn segment(segment: &Segment) -> String {
    match segment {
        Segment::Equal(text) => text.clone(),
        Segment::Removed(text) => format!("[-{text}-]"),
        Segment::Added(text) => format!("{{+{text}+}}"),
        Segment::Gap => "…".into(),
    }
}

/// A fact behind its label; what is long and may hold commands stands further to the left.
fn fact(indent: &str, fact: &Fact) -> String {
    let lead = format!("{indent}{}: ", fact.label);
    let rest = if fact.label == "error" { format!("{indent}  ") } else { " ".repeat(lead.chars().count()) };
    said(&lead, &rest, &fact.said)
}
