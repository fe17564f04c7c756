//! Hides what opens a meeting: join links, passcodes, meeting ids and the ids to dial in with.
//!
//! By shape, wherever one could be told from other text; and by value, where the meeting is known. Whoever shows text of an author
//! or of Graph asks here; `status` alone shows such things. Tokens, queries and ids in requests are `graph::redact`'s.

mod shapes;

use crate::trouble::{Hint, Trouble};
use serde_json::Value;
use shapes::{IN_LINKS, ids, labelled, links, looks_made, numbers, plain_link, without_tags, words};
use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;
use std::ops::Range;

/// What stands where something was hidden.
const HIDDEN: &str = "***";

/// The secrets of meetings that are known by value.
#[derive(Clone, Default, PartialEq)]
pub struct Known {
    /// Passcodes, and ids without their blanks.
    words: HashSet<String>,
    links: HashSet<String>,
}

/// Names no secret.
impl fmt::Debug for Known {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "Known({} words, {} links)", self.words.len(), self.links.len())
    }
}

impl Known {
    /// Adds a passcode or an id, however it is grouped.
    pub fn word(&mut self, word: &str) {
        let word: String = word.chars().filter(|it| it.is_alphanumeric()).collect();
        if word.chars().count() >= SHORTEST {
            self.words.insert(word);
        }
    }

    /// Adds what another one knows.
    pub fn and(mut self, other: Known) -> Known {
        self.words.extend(other.words);
        self.links.extend(other.links);
        self
    }

    /// Adds a join link, unless its shape tells it.
    pub fn link(&mut self, link: &str) {
        if !IN_LINKS.iter().any(|it| link.contains(it)) {
            self.links.insert(plain_link(link));
        }
    }

    /// Adds what looks like a passcode or an id in the HTML of a join block, or of a text that may hold one, in whatever language
    /// it is written. Where no join link stands, no block does.
    pub fn block(&mut self, html: &str) {
        let lower = html.to_lowercase();
        if !IN_LINKS.iter().any(|it| lower.contains(it)) {
            return;
        }
        let text = without_tags(html);
        for range in ids(&text) {
            self.word(&text[range]);
        }
        for (at, colon) in text.match_indices([':', '：']) {
            let rest = text[at + colon.len()..].trim_start();
            let word = rest.split(|it: char| !it.is_alphanumeric()).next().unwrap_or_default();
            if looks_made(word) {
                self.word(word);
            }
        }
    }
}

impl Known {
    /// Hides what is known, and what looks like a secret, in a text.
    pub fn hide_in(&self, text: &mut String) {
        if let Cow::Owned(hidden) = hide(text, self) {
            *text = hidden;
        }
    }

    /// The same in a trouble.
    pub fn hide_in_trouble(&self, trouble: &mut Trouble) {
        let Trouble { what, details, hint, code: _ } = trouble;
        details.iter_mut().chain([what]).for_each(|text| self.hide_in(text));
        hint.iter_mut().for_each(|hint| self.hide_in_hint(hint));
    }

    /// The same in a way out.
    pub fn hide_in_hint(&self, hint: &mut Hint) {
        let Hint { sentence, commands } = hint;
        commands.iter_mut().chain([sentence]).for_each(|text| self.hide_in(text));
    }

    /// The same in every text of a value.
    pub fn hide_in_value(&self, value: &mut Value) {
        match value {
            Value::String(text) => self.hide_in(text),
            Value::Array(items) => items.iter_mut().for_each(|item| self.hide_in_value(item)),
            Value::Object(members) => members.values_mut().for_each(|member| self.hide_in_value(member)),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
}

/// Returns the text with its secrets hidden.
pub fn hide<'a>(text: &'a str, known: &Known) -> Cow<'a, str> {
    let ranges = secrets(text, known);
    if ranges.is_empty() {
        return text.into();
    }
    let (mut shown, mut from) = (String::with_capacity(text.len()), 0);
    for range in ranges {
        shown.push_str(&text[from..range.start]);
        shown.push_str(HIDDEN);
        from = range.end;
    }
    shown.push_str(&text[from..]);
    shown.into()
}

/// Where a text holds secrets, in order and apart from each other.
pub fn secrets(text: &str, known: &Known) -> Vec<Range<usize>> {
    let mut ranges = links(text, known);
    ranges.extend(labelled(text));
    ranges.extend(ids(text));
    if !known.words.is_empty() {
        ranges.extend(words(text).filter(|it| known.words.contains(&text[it.clone()])));
        ranges.extend(numbers(text, known));
    }
    ranges.sort_by_key(|it| it.start);
    let mut apart: Vec<Range<usize>> = vec![];
    for range in ranges {
        match apart.last_mut() {
            Some(last) if range.start < last.end => last.end = last.end.max(range.end),
            Some(_) | None => apart.push(range),
        }
    }
    apart
}

/// Shorter words are none of a meeting's (a passcode has at least this many characters).
const SHORTEST: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;

    const LINK: &str = "https://teams.microsoft.com/l/meetup-join/19%3ameeting_A/0?context=%7b%7d&x=1";

    #[test]
    fn secrets_are_known_by_their_shape() {
        for (text, expect) in [
            (format!("see {LINK}, now"), "see ***, now"),
            (format!("(\"{LINK}\")."), "(\"***\")."),
            ("https://eur01.safelinks.example/?url=https%3A%2F%2Fteams.microsoft.com%2Fl%2F".into(), "***"),
            ("teams.live.com/meet/123?p=abc".into(), "***"),
            ("Passcode: Zx9Qw1 and more".into(), "Passcode: *** and more"),
            ("Meeting ID: 312 345 678 901".into(), "Meeting ID: ***"),
            ("Conference ID: 123 456 789#".into(), "Conference ID: ***#"),
            ("it is 312345678901.".into(), "it is ***."),
            ("312345678901 312 345 678 901".into(), "*** ***"),
            ("id AAk312345678901, x_312345678901".into(), "id AAk312345678901, x_312345678901"),
            // What is none.
            (
                "(request-id 4f5938ca-f568-4fbc-a4fa-893180817012), 12-893180817012".into(),
                "(request-id 4f5938ca-f568-4fbc-a4fa-893180817012), 12-***",
            ),
            ("passcode rules, at 10:30".into(), "passcode rules, at 10:30"),
            ("call +49 301 234 567, 2031-02-04, 100 200".into(), "call +49 301 234 567, 2031-02-04, 100 200"),
            ("https://example.com/teams/7".into(), "https://example.com/teams/7"),
            ("".into(), ""),
        ] {
            assert_eq!(hide(&text, &Known::default()), expect);
        }
    }

    #[test]
    fn secrets_are_known_by_their_value_however_they_are_written() {
        let mut known = Known::default();
        known.word("31234567");
        known.word("letmein");
        known.link("https://meet.example/j?a=1&b=2%203");
        for (text, expect) in [
            ("id 312 345-67 or 31234567", "id *** or ***"),
            ("2031 312 345 67", "2031 ***"),
            ("say letmein!", "say ***!"),
            ("say letmeinto", "say letmeinto"),
            ("x https://meet.example/j?a=1&amp;b=2%203 y", "x *** y"),
        ] {
            assert_eq!(hide(text, &known), expect);
        }
        assert!(!format!("{known:?}").contains("letmein"));
    }

    #[test]
    fn a_join_block_tells_its_secrets_in_any_language() {
        let mut known = Known::default();
        known.block("<div>Code: <b>AbCd12</b></div>");
        assert_eq!(known, Known::default(), "no link, no block");
        known.block("<a href=\"https://teams.live.com/meet/1\">x</a><div>Besprechungs-ID: <span>312&nbsp;000 000 12</span></div><div>Kenncode: <b>qWRJgK</b> Hilfe: Optionen</div>");
        assert_eq!(hide("31200000012 qWRJgK Optionen", &known), "*** *** Optionen");
    }
}
