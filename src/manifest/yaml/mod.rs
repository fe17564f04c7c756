//! YAML text to located documents: any number in one text, each with the place of every key and value.
//!
//! Reads YAML 1.2 (`no`, `on`, `10:00` and dates are text) plus merge keys. Input is hostile until proven otherwise: size,
//! depth, values, alias expansion and the number of problems are bounded, no tag runs anything, and what one reader would
//! take for one thing and another for something else (`010`, a key twice) is refused.
//! Deliberately knows nothing of kinds and schemas, and keeps no comments.

mod document;
mod flow;
mod grow;
mod raw;
mod scalar;
mod syntax;
pub(super) mod tree;

pub use self::document::Document;
pub use self::flow::{flow, needs_no_quotes};

use self::document::Spot;
use self::grow::Budget;
use self::raw::{Raw, Tagged, What};
use crate::problem::{Place, Problem};
use crate::reason::Reason;
use granit_parser::{Event, Parser, ScalarStyle, Span, StructureStyle, Tag, options};
use std::borrow::Cow;
use std::sync::Arc;

/// How large one text may be, in bytes.
pub const MOST_BYTES: usize = 64 << 20;
/// How deep values may nest within each other.
pub const MOST_DEPTH: usize = 64;
/// How many values and keys one text may hold as written.
pub const MOST_VALUES: usize = 2_000_000;
/// How many problems of one text are told before the reading stops.
pub const MOST_PROBLEMS: usize = 1000;
/// How many documents are handed over at a time.
const AT_ONCE: usize = 256;

/// Writes a document in the form that people write: one property a line.
pub fn written(document: &serde_json::Value) -> String {
    serde_yaml::to_string(document).expect("plain data with text keys can be written")
}

/// Reads every document of one text.
///
/// `text` is UTF-8, with or without a byte order mark; `file` is its name in messages. Returns the documents that can be
/// read and all problems, both in the order of the text; one bad document does not hide the next. Documents that hold
/// nothing are skipped. A document with a syntax error is left out; one with a lesser problem is there, `flawed`, so that
/// the rest of it can be checked in the same run.
pub fn documents(file: &str, text: &str) -> (Vec<Document>, Vec<Problem>) {
    let mut all = vec![];
    let problems = in_parts(file, text, |part| all.extend(part));
    (all, problems)
}

/// The same, and hands the documents over some at a time, so that a text of very many need not be held as values at once.
pub fn in_parts(file: &str, text: &str, mut take: impl FnMut(Vec<Document>)) -> Vec<Problem> {
    let mut reader = Reader {
        file: file.into(),
        text: text.into(),
        documents: vec![],
        problems: vec![],
        budget: Budget::default(),
        flawed: false,
    };
    if text.len() > MOST_BYTES {
        reader.text = "".into();
        let message = format!("this file is larger than {} MB", MOST_BYTES >> 20);
        reader.report(Spot::default(), message, "split it into several files");
    } else {
        reader.read(text, &mut take);
        take(reader.documents);
    }
    reader.problems
}

/// What is known while one text is read.
struct Reader {
    file: Arc<str>,
    text: Arc<str>,
    documents: Vec<Document>,
    problems: Vec<Problem>,
    budget: Budget,
    /// Whether something of the present document cannot be meant as it stands.
    flawed: bool,
}

impl Reader {
    fn read(&mut self, text: &str, take: &mut impl FnMut(Vec<Document>)) {
        let options = options! {
            emit_unresolved_aliases: true,
            emit_comments: false,
            flow_nesting_limit: MOST_DEPTH,
            block_nesting_limit: MOST_DEPTH,
        };
        let mut parser = Parser::new_from_str_with_options(text, options);
        let mut raw = Raw::default();
        while let Some(event) = parser.next_event() {
            match event {
                Ok((Event::DocumentStart(..), _)) => {
                    raw = Raw::default();
                    self.flawed = false;
                }
                Ok((Event::DocumentEnd, _)) => {
                    self.finish(&raw);
                    raw = Raw::default();
                    if self.documents.len() == AT_ONCE {
                        take(std::mem::take(&mut self.documents));
                    }
                }
                Ok((event, span)) => self.node(&mut raw, event, span),
                Err(error) => {
                    self.problems.push(syntax::problem(&self.file, text, &error));
                    raw = Raw::default();
                    match parser.proceed_next_document() {
                        Ok(true) => {}
                        Ok(false) => break,
                        Err(error) => {
                            self.problems.push(syntax::problem(&self.file, text, &error));
                            break;
                        }
                    }
                }
            }
            if self.problems.len() >= MOST_PROBLEMS {
                let message = format!("more than {MOST_PROBLEMS} problems: the rest is not read");
                let at = self.problems[self.problems.len() - 1].at.clone();
                self.problems.push(Problem::new(Reason::Syntax, at, message));
                break;
            }
            if self.budget.values > MOST_VALUES {
                let message = format!("this file holds more than {MOST_VALUES} values");
                self.report(raw.last(), message, "split it into several files");
                break;
            }
        }
    }

    /// Takes one event of the parser into the document that is being read.
    fn node<'t>(&mut self, raw: &mut Raw<'t>, event: Event<'t>, span: Span) {
        self.budget.values += usize::from(event.is_node());
        let spot = Spot::of(&span);
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let plain = style == ScalarStyle::Plain;
                let empty = plain && spot.start == spot.end && text == "~";
                let tag = self.tag(tag.as_deref(), &span, "");
                let what = What::Scalar { text: if empty { Cow::Borrowed("") } else { text }, plain, empty, tag };
                let spot = if empty { spot.behind_colon(&self.text) } else { spot };
                raw.leaf(spot, what, anchor);
            }
            Event::SequenceStart(style, anchor, tag) => {
                let unknown = self.tag(tag.as_deref(), &span, "seq") == Tagged::Unknown;
                raw.open(spot, What::Items(vec![]), anchor, style == StructureStyle::Flow, unknown);
            }
            Event::MappingStart(style, anchor, tag) => {
                let unknown = self.tag(tag.as_deref(), &span, "map") == Tagged::Unknown;
                raw.open(spot, What::Members(vec![]), anchor, style == StructureStyle::Flow, unknown);
            }
            Event::SequenceEnd | Event::MappingEnd => raw.close(spot),
            Event::Alias(anchor) => {
                let what = raw.anchor(anchor).map_or(What::Unknown, What::Alias);
                raw.leaf(spot, what, 0);
            }
            Event::UnresolvedAlias(name) => {
                let message = format!("no anchor `&{}` stands before this alias", crate::problem::cut(&name));
                self.report(
                    spot,
                    message,
                    "put `&name` before the value that is meant; anchors end with their document",
                );
                raw.leaf(spot, What::Unknown, 0);
            }
            _ => {} // stream marks; comments are switched off
        }
    }

    /// Says what a tag asks for; one that this program does not know is a problem. `wanted` is empty for scalars.
    fn tag(&mut self, tag: Option<&Tag>, span: &Span, wanted: &str) -> Tagged {
        let Some(tag) = tag else {
            return Tagged::No;
        };
        let known = match (tag.core_suffix(), wanted) {
            (Some("str"), "") => Some(Tagged::Text),
            (Some("null"), "") => Some(Tagged::Null),
            (Some("bool"), "") => Some(Tagged::Bool),
            (Some("int"), "") => Some(Tagged::Int),
            (Some("float"), "") => Some(Tagged::Float),
            (Some(name), wanted) if name == wanted => Some(Tagged::No),
            // A lone `!` says "no guessing": text for a scalar, nothing new for the others.
            (None, "") if tag.original() == "!" => Some(Tagged::Text),
            (None, _) if tag.original() == "!" => Some(Tagged::No),
            _ => None,
        };
        known.unwrap_or_else(|| {
            let at = Spot::of(&span.tag_span().unwrap_or(*span));
            let message = format!("unknown tag `{}`", crate::problem::cut(&tag.original()));
            self.report(at, message, "remove the tag; values are plain YAML here");
            Tagged::Unknown
        })
    }

    /// Turns the document that was read into values and places, if it holds anything.
    fn finish(&mut self, raw: &Raw<'_>) {
        if raw.holds_nothing() {
            return;
        }
        let (value, root) = self.grow(raw);
        self.documents.push(Document {
            value,
            flawed: self.flawed,
            file: self.file.clone(),
            text: self.text.clone(),
            root: Arc::new(root),
        });
    }

    fn place(&self, spot: Spot) -> Place {
        spot.place(&self.file)
    }

    fn report(&mut self, spot: Spot, message: String, hint: &str) {
        let problem = Problem::new(Reason::Syntax, self.place(spot), message);
        self.push(problem.hint(hint));
    }

    fn push(&mut self, problem: Problem) {
        self.flawed = true;
        if self.problems.len() < MOST_PROBLEMS {
            self.problems.push(problem);
        }
    }
}
