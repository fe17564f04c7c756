//! The nodes of one document as they were parsed, before aliases and merge keys are expanded.
//!
//! A flat list: an alias is the number of the node it repeats, so nothing is copied until `grow` has counted it.

use super::document::Spot;
use std::borrow::Cow;
use std::collections::HashMap;

/// The nodes of one document, children after their parents; the root is the first.
#[derive(Default)]
pub struct Raw<'t> {
    pub nodes: Vec<RawNode<'t>>,
    anchors: HashMap<usize, usize>,
    /// The lists and mappings that have begun, and whether each is in flow style.
    open: Vec<(usize, bool)>,
}

/// One node of the tree as it grows.
pub struct RawNode<'t> {
    pub at: Spot,
    pub what: What<'t>,
    /// Reported already, whatever is inside.
    pub unknown: bool,
}

/// One node as it was parsed; numbers are indexes of other nodes.
pub enum What<'t> {
    Scalar {
        text: Cow<'t, str>,
        plain: bool,
        empty: bool,
        tag: Tagged,
    },
    Items(Vec<usize>),
    /// Key, value, key, value, …
    Members(Vec<usize>),
    Alias(usize),
    Unknown,
}

/// What a tag asks for.
#[derive(Clone, Copy, PartialEq)]
pub enum Tagged {
    No,
    Text,
    Null,
    Bool,
    Int,
    Float,
    Unknown,
}

impl<'t> Raw<'t> {
    /// Adds a node that holds no others.
    pub fn leaf(&mut self, at: Spot, what: What<'t>, anchor: usize) {
        self.add(at, what, anchor, false);
    }

    /// Begins a node that holds others.
    pub fn open(&mut self, at: Spot, what: What<'t>, anchor: usize, flow: bool, unknown: bool) {
        let index = self.add(at, what, anchor, unknown);
        self.open.push((index, flow));
    }

    /// Ends the innermost list or mapping. In block style it ends with its last child, since its own end mark stands
    /// wherever the next thing begins.
    pub fn close(&mut self, at: Spot) {
        let Some((index, flow)) = self.open.pop() else {
            return;
        };
        let last = match &self.nodes[index].what {
            What::Items(children) | What::Members(children) => children.last().copied(),
            What::Scalar { .. } | What::Alias(_) | What::Unknown => None,
        };
        let end = if flow { at.end } else { last.map_or(at.start, |it| self.nodes[it].at.end) };
        let node = &mut self.nodes[index];
        node.at.end = end.max(node.at.start);
    }

    /// The node that an anchor names.
    pub fn anchor(&self, anchor: usize) -> Option<usize> {
        self.anchors.get(&anchor).copied()
    }

    /// Where the last node stands.
    pub fn last(&self) -> Spot {
        self.nodes.last().map_or_else(Spot::default, |it| it.at)
    }

    /// Whether nothing was added yet.
    pub fn holds_nothing(&self) -> bool {
        match self.nodes.first() {
            None => true,
            Some(RawNode { what: What::Scalar { empty, tag, .. }, .. }) => *empty && *tag == Tagged::No,
            Some(_) => false,
        }
    }

    fn add(&mut self, at: Spot, what: What<'t>, anchor: usize, unknown: bool) -> usize {
        let index = self.nodes.len();
        self.nodes.push(RawNode { at, what, unknown });
        if anchor != 0 {
            self.anchors.insert(anchor, index);
        }
        if let Some((parent, _)) = self.open.last()
            && let What::Items(children) | What::Members(children) = &mut self.nodes[*parent].what
        {
            children.push(index);
        }
        index
    }
}

impl RawNode<'_> {
    /// Tells whether this is the key of a merge: a plain `<<`.
    pub fn is_merge(&self) -> bool {
        matches!(&self.what, What::Scalar { text, plain: true, tag: Tagged::No, .. } if text == "<<")
    }
}
