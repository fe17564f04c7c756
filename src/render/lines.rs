//! Text in lines that fit a terminal, for people.
//!
//! Breaks at blanks only, so that a date, an address or a link can be copied whole.

use textwrap::{Options, WordSeparator, WordSplitter};

/// Columns that a line may take where it can be broken.
pub const WIDTH: usize = 80;

/// Wraps a text behind `first`, its later lines behind `rest`; ends with a line break.
///
/// A line of its own that is indented, such as a hint, is wrapped under itself; one that is indented by four or more is a
/// command to be copied and never broken.
pub fn wrapped(first: &str, rest: &str, text: &str) -> String {
    let line = |(place, line): (usize, &str)| {
        let blanks = line.len() - line.trim_start().len();
        let lead = if place == 0 { first } else { rest };
        if blanks >= 4 {
            return format!("{lead}{line}\n");
        }
        let under = format!("{rest}{}", if blanks > 0 { "    " } else { "" });
        textwrap::fill(line, options(lead, &under)) + "\n"
    };
    match text {
        "" => format!("{}\n", first.trim_end()),
        text => text.lines().enumerate().map(line).collect(),
    }
}

/// How lines are broken.
pub fn options<'a>(first: &'a str, rest: &'a str) -> Options<'a> {
    Options::new(WIDTH)
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
        let text = format!("{long}\n  hint: {long}\n    {long}");
        let expect = format!(
            "error: {six}\n  {three}\n    hint: {six}\n      {three}\n      {long}\n",
            six = [word; 6].join(" "),
            three = [word; 3].join(" ")
        );
        assert_eq!(wrapped("error: ", "  ", &text), expect);
    }
}
