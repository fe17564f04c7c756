//! The door of Markdown: text that shows as itself wherever GitHub, GitLab or Azure DevOps render it.
//!
//! Signs of Markdown and HTML are character references, which end no cell, open no tag and begin no command of a runner. What a
//! page makes of text after it is rendered (mentions, references to issues and commits, links, emoji) it leaves alone in code: so
//! whatever is not a plain word or number stands there.

use crate::inert;
use std::fmt::Write;

/// What stays as it is beside letters, digits and blanks: it means nothing within a line.
const PLAIN: &str = ",.-/();%=+?'\"";

/// What may stand around a plain word.
const BEFORE: &[char] = &['(', '"', '\''];
const BEHIND: &[char] = &[')', '"', '\'', ',', '.', ';', ':', '?', '!', '…'];

/// From so many signs on a hexadecimal number may be a commit.
const COMMIT: usize = 7;

/// A text that is no sentence: all of it in code.
pub fn code(text: &str) -> String {
    match text.is_empty() {
        true => String::new(),
        false => format!("<code>{}</code>", references(&inert::line(text))),
    }
}

/// A sentence: plain words as they are, and in code what might be taken for something else.
pub fn prose(text: &str) -> String {
    let text = inert::line(text);
    let mut shown = String::with_capacity(text.len() + 32);
    let mut open = false;
    for (place, word) in text.split(' ').enumerate() {
        let (before, core, behind) = parts(word);
        let plain = is_plain(core);
        // Words in code that follow each other are one.
        if open && (plain || !before.is_empty()) {
            shown.push_str("</code>");
            open = false;
        }
        if place > 0 {
            shown.push(' ');
        }
        shown.push_str(&references(before));
        if !plain && !open {
            shown.push_str("<code>");
            open = true;
        }
        shown.push_str(&references(core));
        if open && !behind.is_empty() {
            shown.push_str("</code>");
            open = false;
        }
        shown.push_str(&references(behind));
    }
    shown + if open { "</code>" } else { "" }
}

/// Writes as character references what means something to Markdown, to HTML or to a runner.
fn references(text: &str) -> String {
    let mut shown = String::with_capacity(text.len() + 16);
    let mut signs = text.chars().peekable();
    // What stands before a word or behind it is its own text here.
    let mut before = 'a';
    while let Some(it) = signs.next() {
        let next = signs.peek().copied().unwrap_or(' ');
        // Of an end of words and of a time, and not of a command, a link or an emoji.
        let colon = it == ':' && before.is_alphanumeric() && (next == ' ' || next.is_ascii_digit());
        // An address is looked for when references are resolved already, the name of a site before: both even in code.
        if it == '@' {
            shown.push_str("<wbr>");
        }
        let site = it == '.' && before.eq_ignore_ascii_case(&'w');
        match it.is_ascii_punctuation() && (site || !PLAIN.contains(it)) && !colon {
            // Hexadecimal: `#` before a decimal number would be a reference to an issue.
            true => write!(shown, "&#x{:x};", u32::from(it)).expect("a string takes all"),
            false => shown.push(it),
        }
        before = it;
    }
    shown
}

/// A word without what stands around it.
fn parts(word: &str) -> (&str, &str, &str) {
    let rest = word.trim_start_matches(BEFORE);
    let core = rest.trim_end_matches(BEHIND);
    (&word[..word.len() - rest.len()], core, &rest[core.len()..])
}

/// Whether nobody takes a word for more than a word or a number.
fn is_plain(word: &str) -> bool {
    let letters = || word.chars().all(|it| it.is_alphabetic() || it == '-' || it == '\'' || it == '’');
    let number = || word.chars().all(|it| it.is_ascii_digit() || ",.:-%".contains(it)) && word.matches(':').count() < 2;
    let hexadecimal = word.len() >= COMMIT && word.chars().all(|it| it.is_ascii_hexdigit());
    let sign = ["·", "→", "->", "…", "+", "±", "~", "/", "=", "×"].contains(&word);
    !hexadecimal && (letters() || number() || sign)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_keeps_its_words_and_nothing_in_it_is_more_than_text() {
        for (text, expect) in [
            ("3 to create, 1 to update", "3 to create, 1 to update"),
            ("it's read-only (since 2031-02-04, 10:00).", "it's read-only (since 2031-02-04, 10:00)."),
            (
                "ask @alice or #12; GH-3",
                "ask <code><wbr>&#x40;alice</code> or <code>&#x23;12</code>; <code>GH-3</code>",
            ),
            ("see (www.x.example) <b>", "see (<code>www&#x2e;x.example</code>) <code>&#x3c;b&#x3e;</code>"),
            ("::error::x a", "<code>&#x3a;&#x3a;error&#x3a;&#x3a;x</code> a"),
            ("a1b2 c3*d_e`f", "<code>a1b2 c3&#x2a;d&#x5f;e&#x60;f</code>"),
            ("deadbee 1234567", "<code>deadbee 1234567</code>"),
            (":smile: 1:100:2", "<code>&#x3a;smile</code>: <code>1:100:2</code>"),
            ("a\nb", "<code>a&#x5c;nb</code>"),
            ("a -> b", "a -&#x3e; b"),
            ("", ""),
        ] {
            assert_eq!(prose(text), expect);
        }
    }
}
