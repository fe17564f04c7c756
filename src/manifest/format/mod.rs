//! Manifests in one form: properties in the order of the schemas, short forms, and quotes where a text needs them.
//!
//! Only text is moved and taken away, so that comments, blank lines, anchors and texts in block style stay as they are; where
//! something cannot be moved without rewriting it, it stays where it is. What other programs keep in a file is left alone. What comes
//! out is read again, and declares what it declared before.

mod known;
mod moved;

use crate::kind::schema::{API_VERSION, Declared};
use crate::kind::workspace::Defaults;
use crate::manifest::files::Source;
use crate::manifest::foreign::Sieve;
use crate::manifest::yaml::tree::{Layout, Member, Node, Root, What, layout};
use crate::manifest::yaml::{Document, MOST_DEPTH, needs_no_quotes};
use crate::manifest::{not_utf8, yaml};
use crate::problem::{Problem, Rule};
use granit_parser::ScalarStyle;
use known::Known;
use moved::{Edit, moved};
use serde_json::Value;

/// One file.
pub struct Formatted {
    /// Whether anything in it is ours.
    pub is_ours: bool,
    /// What is to stand in it, if that is not what does.
    pub text: Option<String>,
}

/// Why a file stays as it is.
pub enum Refused {
    /// It cannot be read; the text as far as it can be shown.
    Problems(Vec<Problem>, String),
    /// What came out would declare something else.
    Fault,
}

/// Formats one file. One that nobody named and that holds nothing of ours is passed over, whatever is wrong with it.
pub fn format(source: &Source) -> Result<Formatted, Refused> {
    let text = std::str::from_utf8(&source.text).map_err(|_| {
        let error = String::from_utf8(source.text.clone()).expect_err("it was tried");
        Refused::Problems(vec![not_utf8(source.file.clone(), &error)], String::new())
    })?;
    let (documents, mut problems) = yaml::documents(&source.file, text);
    if source.found && !problems.is_empty() {
        let mut sieve = Sieve::default();
        sieve.sift(documents.clone());
        (_, problems, _) = sieve.end(&source.file, text, problems);
        if problems.is_empty() {
            return Ok(Formatted { is_ours: false, text: None });
        }
    }
    if !problems.is_empty() {
        return Err(Refused::Problems(problems.into_iter().map(|it| it.of(Rule::Syntax)).collect(), text.to_owned()));
    }
    let is_ours = documents.iter().any(|it| kind_in(&it.value).is_some());
    let after = if is_ours { formatted(text).ok_or(Refused::Fault)? } else { text.to_owned() };
    if after == text {
        return Ok(Formatted { is_ours, text: None });
    }
    match says_the_same(text, &documents, &after) {
        true => Ok(Formatted { is_ours, text: Some(after) }),
        false => Err(Refused::Fault),
    }
}

/// What a document declares, by the texts of its members.
fn kind_of<'t>(said: impl Fn(&str) -> Option<&'t str>) -> Option<Declared> {
    said("kind").filter(|_| said("apiVersion") == Some(API_VERSION)).and_then(Declared::named)
}

/// The same of a document in block style: one in brackets is JSON, and stays that.
fn kind_of_root(root: &Root) -> Option<Declared> {
    let is_block = matches!(root.node.what, What::Members { flow: false, .. });
    kind_of(|name| root.node.said(name)).filter(|_| is_block)
}

fn kind_in(document: &Value) -> Option<Declared> {
    kind_of(|name| document.get(name).and_then(Value::as_str))
}

/// Each time what stands one level deeper gets its place, and then its short form.
const MOST_TIMES: usize = 4 * MOST_DEPTH;

/// Edits a text until there is nothing left to edit, so that the same comes out of what comes out. None where there is no end.
fn formatted(text: &str) -> Option<String> {
    let (mark, rest) = text.split_at(if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 });
    let mut text = rest.to_owned();
    let is_last_ours = layout(&text).roots.last().is_some_and(|it| kind_of_root(it).is_some());
    if is_last_ours && !text.ends_with('\n') {
        text.push_str(if text.contains("\r\n") { "\r\n" } else { "\n" });
    }
    for _ in 0..MOST_TIMES {
        let mut edits = edits(&text, &layout(&text));
        if edits.is_empty() {
            return Some(mark.to_owned() + &text);
        }
        edits.sort_by_key(|it| it.at.start);
        let (mut next, mut from) = (String::with_capacity(text.len()), 0);
        for edit in edits {
            next.push_str(&text[from..edit.at.start]);
            next.push_str(&edit.text);
            from = edit.at.end;
        }
        next.push_str(&text[from..]);
        text = next;
    }
    None
}

/// What is to be edited, none of it within another: what stands in a mapping that is moved waits for the next time.
fn edits(text: &str, layout: &Layout) -> Vec<Edit> {
    let mut all = vec![];
    for root in &layout.roots {
        if let Some(kind) = kind_of_root(root) {
            let mut look = Look { text, layout, moves: !root.anchors_twice, edits: vec![] };
            look.node(&root.node, &Known::of(kind), false, true);
            all.append(&mut look.edits);
        }
    }
    all
}

/// A look through one document.
struct Look<'t> {
    text: &'t str,
    layout: &'t Layout,
    moves: bool,
    edits: Vec<Edit>,
}

impl Look<'_> {
    fn node(&mut self, node: &Node, known: &Known, in_flow: bool, is_root: bool) {
        match &node.what {
            What::Scalar { .. } => self.edits.extend(self.unquoted(node, in_flow, false)),
            What::Alias(_) => {}
            What::Items { flow, items } => {
                let known = known.items();
                items.iter().for_each(|it| self.node(it, &known, in_flow || *flow, false));
            }
            What::Members { flow, members } => {
                let said = |name: &str| node.said(name);
                if let Some(edit) = self.short(node, members, known) {
                    return self.edits.push(edit);
                }
                let names: Vec<&str> = members.iter().map(|it| it.key.text().unwrap_or_default()).collect();
                let order = known.order(&names, &said).filter(|_| self.moves);
                if let Some(edit) = order.and_then(|order| moved(self.text, members, *flow, &order, is_root)) {
                    return self.edits.push(edit);
                }
                for (member, name) in members.iter().zip(names) {
                    self.edits.extend(self.unquoted(&member.key, in_flow || *flow, true));
                    self.node(&member.value, &known.member(name, &said), in_flow || *flow, false);
                }
            }
        }
    }

    /// A text without the quotes that it does not need.
    fn unquoted(&self, node: &Node, in_flow: bool, is_key: bool) -> Option<Edit> {
        let What::Scalar { text, style: ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted, .. } = &node.what else {
            return None;
        };
        let written = &self.text[node.at.clone()];
        let bare = written.get(1..written.len() - 1)?;
        let behind = &self.text[node.at.end..];
        // Brackets of JSON have values without a space before them.
        let apart = !self.text[..node.at.start].ends_with(':')
            && (!is_key || [": ", ":\n", ":\r"].iter().any(|it| behind.starts_with(it)));
        let is_same = bare == text || (written.starts_with('\'') && bare.replace("''", "'") == *text);
        (!node.tagged && apart && is_same && needs_no_quotes(text, in_flow || is_key))
            .then(|| Edit { at: node.at.clone(), text: text.clone() })
    }

    /// A mapping as the one member that says all of it.
    fn short(&self, node: &Node, members: &[Member], known: &Known) -> Option<Edit> {
        let names: Vec<&str> = members.iter().map(|it| it.key.text().unwrap_or_default()).collect();
        let of = known.short(&names, &|name| node.said(name))?;
        let value = &members.iter().find(|it| it.key.text() == Some(of))?.value;
        let mut plain = true;
        node.each(&mut |it| plain &= it.anchor.is_none() && !it.tagged && !matches!(it.what, What::Alias(_)));
        let comments = &self.layout.comments;
        let next = comments.partition_point(|it| it.start < node.at.start);
        // Beside the last of several lines it is about that line.
        let lines = self.text[node.at.clone()].contains('\n').then(|| self.text[node.at.end..].find('\n')).flatten();
        let comments = comments.get(next).is_some_and(|it| it.start < node.at.end + lines.unwrap_or(0));
        let written = &self.text[value.at.clone()];
        let in_line = !written.is_empty() && !written.contains('\n');
        let is_block = matches!(value.what, What::Scalar { style: ScalarStyle::Literal | ScalarStyle::Folded, .. });
        (plain && !comments && in_line && !is_block).then(|| Edit { at: node.at.clone(), text: written.to_owned() })
    }
}

/// Whether a text declares what some documents declare, with the same comments.
fn says_the_same(before: &str, documents: &[Document], after: &str) -> bool {
    let (again, problems) = yaml::documents("", after);
    let comments = |text: &str| {
        let mut all: Vec<String> = layout(text).comments.into_iter().map(|it| text[it].to_owned()).collect();
        all.sort();
        all
    };
    problems.is_empty()
        && documents.len() == again.len()
        && documents.iter().zip(&again).all(|(one, other)| same(&one.value, &other.value))
        && comments(before) == comments(after)
}

/// Whether two documents declare the same: as data but for short forms, and as what Graph is sent.
fn same(one: &Value, other: &Value) -> bool {
    let Some(kind) = kind_in(one) else { return one == other };
    let known = Known::of(kind);
    let expanded = |document: &Value| {
        let Declared::Resource(id) = kind else { return None };
        let (spec, faults) = (id.kind().expand)(document["spec"].as_object()?, &Defaults::default());
        Some((spec, faults.into_iter().map(|it| it.message).collect::<Vec<_>>()))
    };
    known.shortened(one) == known.shortened(other) && expanded(one) == expanded(other)
}
