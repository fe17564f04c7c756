//! What the template sees: a page of the weightiest parts of a report.

use crate::render::markdown::parts::{Detail, Heading, Part, Parts, Short, Warned};
use crate::report::brief::LeftOut;
use serde::Serialize;

/// A page, of as many parts as it has room for.
#[derive(Serialize)]
pub struct View<'a> {
    workspace: &'a str,
    headline: &'a str,
    result: Option<&'a str>,
    warnings: Vec<&'a Warned>,
    rows: Vec<&'a Short>,
    details: Vec<Shown<'a>>,
    left_out: Option<String>,
    plan: Option<&'a str>,
}

/// Details, with as many of their lines as there is room for.
#[derive(Serialize)]
struct Shown<'a> {
    heading: &'a Heading,
    lines: &'a [Detail],
    /// How many are missing.
    more: usize,
}

impl<'a> View<'a> {
    /// Takes so many parts, the weightiest first; `left_out` words what is missing.
    pub fn of(parts: &'a Parts, number: usize, left_out: impl Fn(LeftOut) -> Option<String>) -> View<'a> {
        let mut kept = Kept { warnings: vec![], rows: vec![], lines: vec![0; parts.details.len()] };
        for part in &parts.order[..number] {
            match *part {
                Part::Warning(place) => kept.warnings.push(place),
                Part::Row(place) => kept.rows.push(place),
                Part::Line(place) => kept.lines[place] += 1,
            }
        }
        kept.warnings.sort_unstable();
        kept.rows.sort_unstable();
        View {
            workspace: parts.workspace,
            headline: &parts.headline,
            result: parts.result.as_deref(),
            warnings: kept.warnings.iter().map(|place| &parts.warnings[*place]).collect(),
            rows: kept.rows.iter().map(|place| &parts.rows[*place]).collect(),
            details: kept.details(parts),
            left_out: left_out(kept.left_out(parts)),
            plan: parts.plan,
        }
    }
}

/// Which parts there is room for.
struct Kept {
    warnings: Vec<usize>,
    rows: Vec<usize>,
    /// How many lines of each of the details.
    lines: Vec<usize>,
}

impl Kept {
    fn details<'a>(&self, parts: &'a Parts) -> Vec<Shown<'a>> {
        let some = parts.details.iter().zip(&self.lines).filter(|(_, lines)| **lines > 0);
        let shown = |((heading, all), lines): (&'a (Heading, Vec<Detail>), &usize)| Shown {
            heading,
            lines: &all[..*lines],
            more: all.len() - lines,
        };
        some.map(shown).collect()
    }

    fn left_out(&self, parts: &Parts) -> LeftOut {
        let short = parts.details.iter().zip(&self.lines).filter(|((_, all), lines)| all.len() > **lines);
        LeftOut {
            warnings: parts.warnings.len() - self.warnings.len(),
            rows: parts.rows.len() - self.rows.len(),
            details: short.count(),
        }
    }
}
