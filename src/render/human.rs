//! The report for people: readable at 80 columns and without colour.

use crate::plan::Action;
use crate::plural::count;
use crate::render::ahead;
use crate::render::lines::said;
use crate::render::page::Page;
use crate::report::{Difference, Fact, Group, Line, Report, Segment};
use anstyle::{AnsiColor, Style};

/// Renders the report. Steps that do nothing are shown only if they have something to say, or with `all`.
pub fn render(report: &Report, all: bool) -> Page {
    let mut page: Page = report.groups(all).iter().map(|group| step(group, all)).sum();
    if !report.occurrences.is_empty() {
        if !page.is_empty() {
            page += Page::empty_line();
        }
        page += ahead::render(&report.occurrences);
    }
    for note in &report.notes {
        page += Page::filled("note: ", "      ", note);
    }
    if !page.is_empty() {
        page += Page::empty_line();
    }
    page + report.closing.iter().map(|it| fact("", it)).sum()
}

fn step(Group { row, title }: &Group, all: bool) -> Page {
    let outcome = row.outcome.map(|outcome| format!(" · {outcome}")).unwrap_or_default();
    let one = || (format!("{} {}", row.sign, row.key), row.does.as_str());
    let (title, does) = title.as_ref().map_or_else(one, |(title, does)| (title.clone(), does));
    let mut page = Page::titled(style(row.action), &title, "      ", &format!("  {does}{outcome}"));
    if let Some(reason) = &row.because {
        page += said("    because ", "            ", reason);
    }
    page += row.changes.iter().chain(&row.drift).map(change).sum();
    page += row.mail.iter().map(|mails| fact("    ", mails.fact(all))).sum();
    page + row.facts.iter().map(|it| fact("    ", it)).sum()
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

fn change(line: &Line) -> Page {
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
    Page::filled(&format!("    {}: ", change.field), "      ", &(values + &blame))
}

fn segment(segment: &Segment) -> String {
    match segment {
        Segment::Equal(text) => text.clone(),
        Segment::Removed(text) => format!("[-{text}-]"),
        Segment::Added(text) => format!("{{+{text}+}}"),
        Segment::Gap => "…".into(),
        Segment::LeftOut(more) => format!("… ({} not shown)", count(*more, "more change")),
    }
}

/// A fact behind its label; what is long and may hold commands stands further to the left.
fn fact(indent: &str, fact: &Fact) -> Page {
    let lead = format!("{indent}{}: ", fact.label);
    let rest = if fact.label == "error" { format!("{indent}  ") } else { " ".repeat(lead.chars().count()) };
    said(&lead, &rest, &fact.said)
}
