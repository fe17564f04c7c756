//! One document: its value, and the place of each key and value in the text it came from.
//!
//! Places are looked up by JSON pointer in a tree beside the value. The tree stays as the text was; the value is the
//! caller's to expand and change, and pointers that the text does not have fall back to the nearest parent.

use crate::problem::Place;
use granit_parser::Span;
use serde_json::Value;
use std::sync::Arc;

/// One document of a text.
#[derive(Debug, Clone)]
pub struct Document {
    /// The document as JSON. Values that could not be read are `null`; see `is_unknown`.
    pub value: Value,
    /// Whether problems of this document have been reported already: fit for more checks, never for use.
    pub flawed: bool,
    pub(super) file: Arc<str>,
    pub(super) text: Arc<str>,
    pub(super) root: Arc<Located>,
}

impl Document {
    /// Returns where the value at a JSON pointer stands, or its nearest parent that is in the text.
    ///
    /// A value that comes from an alias stands where the alias is, what is inside it where the anchor is.
    pub fn place(&self, pointer: &str) -> Place {
        self.find(pointer).value.at.place(&self.file)
    }

    /// Returns where the key of the member at a JSON pointer stands.
    ///
    /// The item itself for items of a list, the document for the empty pointer, the nearest parent's key for what is not in
    /// the text.
    pub fn key_place(&self, pointer: &str) -> Place {
        let found = self.find(pointer);
        found.key.unwrap_or(found.value.at).place(&self.file)
    }

    /// Returns the text of the value at a JSON pointer as its author wrote it, or `None` if the text has no such value.
    pub fn source(&self, pointer: &str) -> Option<&str> {
        let found = self.find(pointer);
        let Spot { start, end, .. } = found.value.at;
        if found.whole { self.text.get(start as usize..end as usize) } else { None }
    }

    /// Tells whether the value at a JSON pointer, or one around it, could not be read.
    ///
    /// The problem is reported already, so nothing more should be said of it.
    pub fn is_unknown(&self, pointer: &str) -> bool {
        matches!(self.find(pointer).value.inside, Inside::Unknown)
    }

    /// Returns what stands at a JSON pointer as a document of its own.
    pub fn part(&self, pointer: &str) -> Document {
        let value = self.value.pointer(pointer).cloned().unwrap_or(Value::Null);
        Document { value, root: Arc::new(self.find(pointer).value.clone()), ..self.clone() }
    }

    /// Returns a document that says something else at the same places.
    pub fn saying(&self, value: Value) -> Document {
        Document {
            value,
            flawed: self.flawed,
            file: self.file.clone(),
            text: self.text.clone(),
            root: self.root.clone(),
        }
    }

    fn find(&self, pointer: &str) -> Found<'_> {
        let mut found = Found { value: &self.root, key: None, whole: true };
        for token in pointer.split('/').skip(1) {
            let token = token.replace("~1", "/").replace("~0", "~");
            let next = match &found.value.inside {
                Inside::Leaf | Inside::Unknown => None,
                Inside::Items(items) => token.parse::<usize>().ok().and_then(|it| items.get(it)).map(|it| (it, None)),
                Inside::Members(members) => members
                    .binary_search_by(|it| it.name.as_ref().cmp(&token))
                    .ok()
                    .map(|it| (&members[it].value, Some(members[it].key))),
            };
            let Some((value, key)) = next else {
                found.whole = false;
                break;
            };
            found = Found { value, key, whole: true };
        }
        found
    }
}

struct Found<'a> {
    value: &'a Located,
    key: Option<Spot>,
    whole: bool,
}

/// The place of a value, and of what is inside it.
#[derive(Debug, Clone)]
pub(super) struct Located {
    pub at: Spot,
    pub inside: Inside,
}

/// What stands in a node.
#[derive(Debug, Clone)]
pub(super) enum Inside {
    Leaf,
    /// The value could not be read, and that has been reported.
    Unknown,
    Items(Vec<Located>),
    /// Sorted by name.
    Members(Vec<Member>),
}

/// A member of a mapping, or an item of a list.
#[derive(Debug, Clone)]
pub(super) struct Member {
    pub name: Box<str>,
    pub key: Spot,
    pub value: Located,
}

/// A place without its file. Four numbers of 32 bits suffice below the limit for texts, and there are millions of these.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Spot {
    pub start: u32,
    pub end: u32,
    /// From 0, as is the column.
    pub line: u32,
    pub column: u32,
}

impl Spot {
    /// Takes over the parser's place.
    pub fn of(span: &Span) -> Spot {
        let small = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        let range = span.byte_range().unwrap_or(0..0);
        Spot {
            start: small(range.start),
            end: small(range.end.max(range.start)),
            line: small(span.start.line().saturating_sub(1)),
            column: small(span.start.col()),
        }
    }

    /// Moves an empty value's place from before the colon of its key to behind it.
    pub fn behind_colon(self, text: &str) -> Spot {
        match text.as_bytes().get(self.start as usize) {
            Some(b':') => Spot { start: self.start + 1, end: self.end + 1, column: self.column + 1, ..self },
            _ => self,
        }
    }

    /// The place with its file, as problems name it.
    pub fn place(self, file: &Arc<str>) -> Place {
        Place {
            file: file.clone(),
            range: self.start as usize..self.end as usize,
            line: self.line as usize + 1,
            column: self.column as usize + 1,
        }
    }
}
