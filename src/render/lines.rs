//! Text in lines that fit a terminal, for people.
//!
//! Breaks at blanks only, so that a date, an address or a link can be copied whole.

use crate::render::page::Page;
use crate::trouble::{Hint, Trouble};
use std::sync::OnceLock;
use textwrap::{Options, WordSeparator, WordSplitter};

/// Columns that a line may take where it can be broken, and the output is no terminal.
pub const WIDTH: usize = 80;

/// Fewer columns than these are as good as none.
const LEAST: usize = 40;

/// Columns of the terminal.
static COLUMNS: OnceLock<usize> = OnceLock::new();

/// Says, once and before anything is laid out, how many columns the terminal has.
pub fn fit(columns: usize) {
    let _ = COLUMNS.set(columns.max(LEAST));
}

/// Returns how many columns a line may take.
pub fn columns() -> usize {
    *COLUMNS.get().unwrap_or(&WIDTH)
}

/// Wraps a trouble: what belongs to it and the way out stand beneath it, each on lines of its own.
pub fn said(first: &str, rest: &str, trouble: &Trouble) -> Page {
    let Trouble { what, details, hint, code } = trouble;
    let under = format!("{rest}    ");
    let details = details.iter().map(|detail| Page::filled(&format!("{rest}  "), &under, detail));
    let hint = hint.iter().map(|hint| way_out(&format!("{rest}  hint: "), &under, hint));
    Page::coded(first, rest, what, *code) + details.chain(hint).sum()
}

/// Wraps a way out; its commands are to be copied and never broken.
pub fn way_out(first: &str, rest: &str, hint: &Hint) -> Page {
    let Hint { sentence, commands } = hint;
    Page::filled(first, rest, sentence) + commands.iter().map(|command| Page::line(&format!("{rest}{command}"))).sum()
}

/// How lines are broken.
pub fn options<'a>(first: &'a str, rest: &'a str) -> Options<'a> {
    Options::new(columns())
        .initial_indent(first)
        .subsequent_indent(rest)
        .break_words(false)
        .word_separator(WordSeparator::AsciiSpace)
        .word_splitter(WordSplitter::NoHyphenation)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hint_is_wrapped_under_itself_and_a_command_stays_whole() {
        let word = "0123456789";
        let long = [word; 9].join(" ");
        let hint = Hint::from(long.clone()).command(long.clone());
        let trouble = Trouble::new(long.clone()).detail("done: much").hint(hint);
        let expect = format!(
            "error: {six}\n  {three}\n    done: much\n    hint: {six}\n      {three}\n      {long}\n",
            six = [word; 6].join(" "),
            three = [word; 3].join(" ")
        );
        assert_eq!(&*said("error: ", "  ", &trouble), expect);
    }
}
