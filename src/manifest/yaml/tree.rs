//! A text as it is laid out: every node of each document with its range, its style and its anchor, and the comments.
//!
//! For whoever changes a text and keeps the rest of it. What is wrong with a text is told by `documents`; here it only ends the
//! reading. Nothing is expanded.

use super::MOST_DEPTH;
use granit_parser::{Event, Parser, ScalarStyle, Span, StructureStyle, options};
use std::collections::BTreeSet;
use std::ops::Range;

/// Everything that stands in a text.
#[derive(Default)]
pub struct Layout {
    /// The root of each document that holds something.
    pub roots: Vec<Root>,
    /// The range of each comment, in order.
    pub comments: Vec<Range<usize>>,
}

/// One document.
pub struct Root {
    pub node: Node,
    /// Whether one name stands for two anchors, so that an alias means whichever came last before it.
    pub anchors_twice: bool,
}

/// One node. In block style it ends with its last child.
pub struct Node {
    /// In bytes; anchors and tags stand before it.
    pub at: Range<usize>,
    pub anchor: Option<usize>,
    pub tagged: bool,
    pub what: What,
}

/// What a node is.
pub enum What {
    Scalar {
        text: String,
        style: ScalarStyle,
        /// Whether the empty lines below are part of it.
        keeps: bool,
    },
    /// The number of an anchor.
    Alias(usize),
    Items {
        flow: bool,
        items: Vec<Node>,
    },
    Members {
        flow: bool,
        members: Vec<Member>,
    },
}

/// A key and its value.
pub struct Member {
    pub key: Node,
    pub value: Node,
}

/// Reads how a text is laid out, up to the first place where it is no YAML.
pub fn layout(text: &str) -> Layout {
    let options = options! {
        emit_comments: true,
        emit_anchor_events: true,
        flow_nesting_limit: MOST_DEPTH,
        block_nesting_limit: MOST_DEPTH,
    };
    let mut builder = Builder { text, ..Builder::default() };
    let mut parser = Parser::new_from_str_with_options(text, options);
    while let Some(Ok((event, span))) = parser.next_event() {
        builder.take(event, &span);
    }
    builder.layout.comments.sort_by_key(|it| it.start);
    builder.layout
}

/// A list or mapping that has begun.
struct Open {
    node: Node,
    flow: bool,
    is_mapping: bool,
    children: Vec<Node>,
}

#[derive(Default)]
struct Builder<'t> {
    text: &'t str,
    layout: Layout,
    open: Vec<Open>,
    anchors: BTreeSet<String>,
    twice: bool,
}

impl Builder<'_> {
    fn take(&mut self, event: Event<'_>, span: &Span) {
        let range = span.byte_range().unwrap_or(0..0);
        match event {
            Event::DocumentStart(..) => {
                self.anchors.clear();
                self.twice = false;
            }
            Event::Comment(..) => self.layout.comments.push(range),
            Event::Anchor(_, name) => self.twice |= !self.anchors.insert(name.into_owned()),
            Event::Scalar(text, style, anchor, tag) => {
                let (at, keeps) = match style {
                    ScalarStyle::Literal | ScalarStyle::Folded => block(self.text, range),
                    ScalarStyle::Plain | ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => (range, false),
                };
                let what = What::Scalar { text: text.into_owned(), style, keeps };
                self.add(Node { at, anchor: some(anchor), tagged: tag.is_some(), what });
            }
            Event::Alias(anchor) => {
                self.add(Node { at: range, anchor: None, tagged: false, what: What::Alias(anchor) });
            }
            Event::SequenceStart(style, anchor, tag) => self.begin(range, style, anchor, tag.is_some(), false),
            Event::MappingStart(style, anchor, tag) => self.begin(range, style, anchor, tag.is_some(), true),
            Event::SequenceEnd | Event::MappingEnd => self.close(&range),
            _ => {}
        }
    }

    fn begin(&mut self, at: Range<usize>, style: StructureStyle, anchor: usize, tagged: bool, is_mapping: bool) {
        let node = Node { at, anchor: some(anchor), tagged, what: What::Items { flow: false, items: vec![] } };
        self.open.push(Open { node, flow: style == StructureStyle::Flow, is_mapping, children: vec![] });
    }

    fn close(&mut self, at: &Range<usize>) {
        let Some(Open { mut node, flow, is_mapping, children }) = self.open.pop() else { return };
        let last = children.iter().map(|it| it.at.end).max().unwrap_or(node.at.start);
        node.at.end = if flow { at.end } else { last.max(node.at.start) };
        node.what = match is_mapping {
            false => What::Items { flow, items: children },
            true => {
                let mut children = children.into_iter();
                let pairs = std::iter::from_fn(|| Some(Member { key: children.next()?, value: children.next()? }));
                What::Members { flow, members: pairs.collect() }
            }
        };
        self.add(node);
    }

    fn add(&mut self, node: Node) {
        match self.open.last_mut() {
            Some(parent) => parent.children.push(node),
            None => self.layout.roots.push(Root { node, anchors_twice: self.twice }),
        }
    }
}

fn some(anchor: usize) -> Option<usize> {
    (anchor != 0).then_some(anchor)
}

/// The range of what a text in block style says, without empty lines below, and whether its head keeps those (`|+`). One that says
/// nothing stands at the end of its head.
fn block(text: &str, range: Range<usize>) -> (Range<usize>, bool) {
    let before = text[..range.start].trim_end_matches([' ', '\t', '\n', '\r']);
    let head = before.rsplit(['\n', '\r']).next().unwrap_or_default();
    let head = head.split(" #").next().unwrap_or_default().trim_end();
    let keeps = head.rsplit([' ', '\t']).next().is_some_and(|it| it.starts_with(['|', '>']) && it.contains('+'));
    let end = range.start + text[range.clone()].trim_end_matches([' ', '\t', '\n', '\r']).len();
    (if end == range.start { before.len()..before.len() } else { range.start..end }, keeps)
}

impl Node {
    /// The members of a mapping; none of anything else.
    pub fn members(&self) -> &[Member] {
        match &self.what {
            What::Members { members, .. } => members,
            What::Scalar { .. } | What::Alias(_) | What::Items { .. } => &[],
        }
    }

    /// The text of a scalar.
    pub fn text(&self) -> Option<&str> {
        match &self.what {
            What::Scalar { text, .. } => Some(text),
            What::Alias(_) | What::Items { .. } | What::Members { .. } => None,
        }
    }

    /// The text of the scalar that a member is.
    pub fn said(&self, name: &str) -> Option<&str> {
        self.members().iter().find(|it| it.key.text() == Some(name))?.value.text()
    }

    /// Calls for this node and for each below it.
    pub fn each<'n>(&'n self, take: &mut impl FnMut(&'n Node)) {
        take(self);
        match &self.what {
            What::Items { items, .. } => items.iter().for_each(|it| it.each(take)),
            What::Members { members, .. } => members.iter().for_each(|it| {
                it.key.each(take);
                it.value.each(take);
            }),
            What::Scalar { .. } | What::Alias(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_node_has_the_range_of_what_it_says() {
        for (text, expect) in [
            ("a: b # c\n", vec!["a: b", "a", "b"]),
            ("a: |\n  x\n  # y\n\n# c\nb: 1\n", vec!["a: |\n  x\n  # y\n\n# c\nb: 1", "a", "x\n  # y", "b", "1"]),
            ("a: >- # c\n  x\n  y\n", vec!["a: >- # c\n  x\n  y", "a", "x\n  y"]),
            ("a: &x {b: *x, c: }\n", vec!["a: &x {b: *x, c: }", "a", "{b: *x, c: }", "b", "*x", "c", ""]),
            ("a:\n  - 'b'\n", vec!["a:\n  - 'b'", "a", "- 'b'", "'b'"]),
        ] {
            let (mut all, layout) = (vec![], layout(text));
            layout.roots[0].node.each(&mut |it| all.push(&text[it.at.clone()]));
            assert_eq!(all, expect, "{text}");
        }
    }

    #[test]
    fn what_keeps_the_empty_lines_below_is_known() {
        for (text, expect) in
            [("a: |+\n  x\n\n", true), ("a: |2+ # -\n   x\n", true), ("a: | # +\n  x\n", false), ("a: '|+'\n", false)]
        {
            let mut keep = false;
            layout(text).roots[0].node.each(&mut |it| keep |= matches!(it.what, What::Scalar { keeps: true, .. }));
            assert_eq!(keep, expect, "{text}");
        }
    }
}
