//! A report as a comment of a review: what is planned or was done, by which id it is approved, and what became another since.
//!
//! At its end, hidden, stands an outline of the plan. All of it keeps to so many characters.

use crate::plan::Action;
use crate::plan::outline::{Moved, Outline};
use crate::plural::either;
use crate::render::markdown;
use crate::report::{Report, verb};

/// How many steps are listed that became others.
const MOST_MOVED: usize = 30;

/// What stands around a report.
pub struct Around<'a> {
    /// What it is: `plan`, `apply`, `drift`.
    pub what: &'a str,
    /// Where the run can be looked at.
    pub run: Option<&'a str>,
    /// What became another since the approval, if that is told; none if nobody knows.
    pub moved: Option<&'a [Moved]>,
    /// To be kept with it.
    pub outline: Option<&'a Outline>,
    /// How many characters there may be.
    pub most: usize,
}

/// Renders a report and what stands around it.
pub fn render(report: &Report, around: &Around) -> String {
    let run = around.run.map(|run| format!(" · [run](<{}>)", link(run))).unwrap_or_default();
    let head = format!("**{}**{run}\n\n", around.what);
    let moved = around.moved.map(moved).unwrap_or_default();
    let outline = around.outline.map(|it| format!("{OUTLINE}{} -->\n", it.text()));
    // A plan so large is better shown than held against another one.
    let outline = outline.filter(|it| it.len() < around.most / 2).unwrap_or_default();
    let rest = [&head, &moved, &outline].iter().map(|it| it.len()).sum::<usize>();
    let limit = around.most.saturating_sub(rest);
    let page = markdown::render(report, &markdown::Options { limit, ..markdown::Options::default() });
    format!("{head}{moved}{}{outline}", page.written(false))
}

/// What begins the line that keeps an outline.
const OUTLINE: &str = "\n<!-- outline ";

/// Returns the outline that a comment keeps.
pub fn outline(comment: &str) -> Option<Outline> {
    let (_, kept) = comment.rsplit_once(OUTLINE)?;
    Outline::parse(kept.trim_end().strip_suffix(" -->")?)
}

/// What became another, a line each.
pub fn moved(moved: &[Moved]) -> String {
    let (named, unnamed): (Vec<_>, Vec<_>) = moved.iter().partition(|it| it.key.is_some());
    let line = |it: &&Moved| it.key.as_ref().map(|key| format!("- `{key}`: {}\n", became(it.before, it.now)));
    let mut text = String::from("Since the approval these became others:\n\n");
    text.extend(named.iter().take(MOST_MOVED).filter_map(line));
    let more = named.len().saturating_sub(MOST_MOVED) + unnamed.len();
    if more > 0 {
        text += &format!("- {more} more {}\n", either(more, "resource", "resources"));
    }
    text + "\n"
}

/// How what is done with a resource became another.
pub fn became(before: Option<Action>, now: Option<Action>) -> String {
    match (before, now) {
        (Some(before), Some(now)) if before == now => {
            format!("{} as before, yet with another content or over other live values", verb(now))
        }
        (Some(before), Some(now)) => format!("was to {}, is to {} now", verb(before), verb(now)),
        (Some(before), None) => format!("was to {}, and nothing is to be done now", verb(before)),
        (None, Some(now)) => format!("nothing was to be done, is to {} now", verb(now)),
        (None, None) => "unchanged".into(),
    }
}

/// An address that ends neither its brackets nor its line.
fn link(url: &str) -> String {
    url.chars().filter(|it| !it.is_control() && !it.is_whitespace() && !matches!(it, '<' | '>' | '\\')).collect()
}
