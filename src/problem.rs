//! What an author must mend, and where it stands.
//!
//! A problem is data: the same ones go to the terminal, to annotations of a pull request, to JSON and to SARIF. How they are
//! laid out is not decided here.

use crate::inert;
use crate::reason::Reason;
use crate::redact::{self, Known};
use std::ops::Range;
use std::sync::Arc;

/// Where something stands in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file's name as people know it.
    pub file: Arc<str>,
    /// Bytes of the file's text; empty for what is missing.
    pub range: Range<usize>,
    /// From 1.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
}

/// What sort of rule a problem breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// It is not YAML, or YAML that readers disagree on.
    Syntax,
    /// The schema of its kind does not allow it.
    Schema,
    /// Each value may stand for itself, but not for what it names or beside the others.
    Meaning,
}

/// One thing an author must mend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What sort of rule it breaks.
    pub rule: Rule,
    /// Which of the known reasons it is.
    pub reason: Reason,
    /// Where it stands.
    pub at: Place,
    /// Other places that have to do with it, each with a label.
    pub also: Vec<(Place, String)>,
    /// Lower case, no full stop, what the author typed in backticks.
    pub message: String,
    /// The way out.
    pub hint: Option<String>,
}

impl Problem {
    /// Makes a problem of meaning, without other places or a hint.
    pub fn new(reason: Reason, at: Place, message: impl Into<String>) -> Problem {
        Problem { rule: Rule::Meaning, reason, at, also: vec![], message: message.into(), hint: None }
    }

    /// Says what sort of rule it breaks.
    pub fn of(self, rule: Rule) -> Problem {
        Problem { rule, ..self }
    }

    /// Adds the way out.
    pub fn hint(self, hint: impl Into<String>) -> Problem {
        Problem { hint: Some(hint.into()), ..self }
    }

    /// Cuts words that repeat more of an author's text than anybody reads.
    pub fn bounded(mut self) -> Problem {
        for words in [Some(&mut self.message), self.hint.as_mut()].into_iter().flatten() {
            if words.len() > MOST_WORDS {
                *words = format!("{}…", head(words, MOST_WORDS));
            }
        }
        self
    }

    /// Adds another place that has to do with it.
    pub fn also(mut self, at: Place, label: impl Into<String>) -> Problem {
        self.also.push((at, label.into()));
        self
    }
}

/// Returns at most so many bytes of the beginning of a text, in whole characters.
pub fn head(text: &str, most: usize) -> &str {
    let most = most.min(text.len());
    let end = (0..=most).rev().find(|end| text.is_char_boundary(*end)).unwrap_or_default();
    &text[..end]
}

/// How many bytes a message may have, and its hint.
const MOST_WORDS: usize = 2000;

/// How many characters of an author's text a message repeats.
const MOST_SHOWN: usize = 60;

/// Cuts an author's text to what fits into a message, on one line, without control characters and without what opens a
/// meeting.
pub fn cut(text: &str) -> String {
    let mut shown = String::new();
    let text = redact::hide(text, &Known::default());
    for (count, character) in text.chars().enumerate() {
        if count == MOST_SHOWN {
            shown.push('…');
            break;
        }
        inert::push(&mut shown, character);
    }
    shown
}

/// Tells whether a property holds what must not be shown: a passcode, a password, a token or a join link.
pub fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let ends = ["passcode", "password", "secret", "token", "joinurl", "joinweburl"];
    ends.iter().any(|it| name.ends_with(it))
}
