//! How much is looked at and told of manifests in which much is wrong: work and output grow no faster than what is read.

use crate::problem::Problem;
use crate::reason::Reason;
use rayon::prelude::*;

/// How many problems are told of one set of files, in every format.
const MOST_PROBLEMS: usize = 1000;

/// How many files or documents are looked at before their problems are counted.
const AT_ONCE: usize = 256;

/// Whether more may be looked at: what is found beyond the bound is not told.
pub fn goes_on(problems: &[Problem]) -> bool {
    problems.len() <= MOST_PROBLEMS
}

/// Puts problems into the order of files, lines and columns, and says so where there are more than are told.
pub fn told(mut problems: Vec<Problem>) -> Vec<Problem> {
    problems.sort_by(|one, other| {
        let order = |it: &Problem| (it.at.file.clone(), it.at.line, it.at.column);
        order(one).cmp(&order(other))
    });
    let more = !goes_on(&problems);
    problems.truncate(MOST_PROBLEMS);
    let last = problems.last().filter(|_| more).map(|it| (it.at.clone(), it.rule));
    problems.extend(last.map(|(at, rule)| {
        let message = format!("and more: the first {MOST_PROBLEMS} problems are told");
        Problem::new(Reason::TooMuch, at, message).hint("mend these first").of(rule)
    }));
    problems.into_iter().map(Problem::bounded).collect()
}

/// Works on items in parallel, a part of them at a time, and hands the results over in order for as long as they are wanted.
pub fn in_parts<T: Send, R: Send>(items: Vec<T>, work: impl Fn(T) -> R + Sync, mut wanted: impl FnMut(R) -> bool) {
    let mut items = items.into_iter();
    loop {
        let part: Vec<T> = items.by_ref().take(AT_ONCE).collect();
        let done: Vec<R> = part.into_par_iter().map(&work).collect();
        // What is found in a part is told together, so that the order of work decides nothing.
        if done.is_empty() || done.into_iter().map(&mut wanted).filter(|wanted| !wanted).count() > 0 {
            return;
        }
    }
}
