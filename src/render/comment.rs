//! A report as a comment of a review: what is planned or was done, by which id it is approved, and what became another since.
//!
//! At its end, hidden, stands an outline of the plan. All of it keeps to so many characters.

use crate::plan::Action;
use crate::plan::outline::{Moved, Outline};
use crate::plural::{count, either};
use crate::render::human;
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
    let head = format!("**convoke {}** · {}{run}\n\n", around.what, report.workspace);
    let id = report.plan_id.as_ref().map(|id| format!("\n\nplan `{id}`\n")).unwrap_or_default();
    let moved = around.moved.map(moved).unwrap_or_default();
    let outline = around.outline.map(|it| format!("{OUTLINE}{} -->\n", it.text()));
    // A plan so large is better shown than held against another one.
    let outline = outline.filter(|it| it.len() < around.most / 2).unwrap_or_default();
    let rest = [&head, &moved, &id, &outline].iter().map(|it| it.chars().count()).sum::<usize>();
    let body = body(report, around.most.saturating_sub(rest));
    format!("{head}{moved}{body}{id}{outline}")
}

/// What begins the line that keeps an outline.
const OUTLINE: &str = "\n<!-- outline ";

/// Returns the outline that a comment keeps.
pub fn outline(comment: &str) -> Option<Outline> {
    let (_, kept) = comment.rsplit_once(OUTLINE)?;
    Outline::parse(kept.trim_end().strip_suffix(" -->")?)
}

/// The report between fences that nothing in it can close.
fn body(report: &Report, most: usize) -> String {
    let text = human::render(report, false).written(true);
    let longest = text.split(|it| it != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest.max(2) + 1);
    let room = most.saturating_sub(2 * fence.len() + 80);
    let (shown, rest) = match text.char_indices().nth(room) {
        Some((end, _)) => text.split_at(text[..end].rfind('\n').map_or(0, |it| it + 1)),
        None => (&*text, ""),
    };
    let left_out = match rest.lines().count() {
        0 => String::new(),
        lines => format!("\n… {} left out; the run has all of it", count(lines, "line")),
    };
    format!("{fence}text\n{shown}{fence}{left_out}")
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
