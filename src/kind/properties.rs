//! The properties of a resource, kept as JSON text until somebody looks at them.
//!
//! Parsed they take four times the room, and of most resources of a plan nobody looks at them more than once.

use serde::{Serialize, Serializer};
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::OnceLock;

/// The properties of a resource.
#[derive(Clone, Default)]
pub struct Properties {
    /// All of them; none where they are open alone.
    text: Option<Box<RawValue>>,
    open: OnceLock<Box<Map<String, Value>>>,
}

impl Properties {
    /// The same as text alone, to be kept.
    pub fn closed(&self) -> Properties {
        let text = self.text.clone().unwrap_or_else(|| to_raw_value(&**self).expect("its keys are text"));
        Properties { text: (!self.is_empty()).then_some(text), open: OnceLock::new() }
    }

    /// The same to be worked with, without its text.
    pub fn opened(&self) -> Properties {
        self.look().into_owned().into()
    }

    /// All of them, for one look: nothing more than the text is kept.
    pub fn look(&self) -> Cow<'_, Map<String, Value>> {
        self.open.get().map_or_else(|| Cow::Owned(self.parsed()), |open| Cow::Borrowed(&**open))
    }

    /// Their JSON text.
    pub fn text(&self) -> Cow<'_, str> {
        match &self.text {
            Some(text) => text.get().into(),
            None if self.is_empty() => "{}".into(),
            None => serde_json::to_string(&*self.look()).expect("its keys are text").into(),
        }
    }

    /// Whether nobody has opened them for good.
    pub fn are_closed(&self) -> bool {
        self.open.get().is_none()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.text.is_none() && self.open.get().is_none_or(|open| open.is_empty())
    }

    /// Whether one has that name.
    pub fn declares(&self, name: &str) -> bool {
        self.may_say(name) && self.look().contains_key(name)
    }

    /// Whether a name or a value may be that word, of plain letters: if not, that is certain.
    pub fn may_say(&self, word: &str) -> bool {
        self.text.as_ref().is_none_or(|text| text.get().contains(word))
    }

    fn parsed(&self) -> Map<String, Value> {
        let text = self.text.as_ref();
        text.map(|text| serde_json::from_str(text.get()).expect("it is the text of an object")).unwrap_or_default()
    }
}

impl Deref for Properties {
    type Target = Map<String, Value>;

    /// Opens them for good.
    fn deref(&self) -> &Map<String, Value> {
        self.open.get_or_init(|| self.parsed().into())
    }
}

impl DerefMut for Properties {
    fn deref_mut(&mut self) -> &mut Map<String, Value> {
        let _ = **self;
        self.text = None;
        self.open.get_mut().expect("they are open")
    }
}

impl From<Map<String, Value>> for Properties {
    fn from(open: Map<String, Value>) -> Properties {
        Properties { text: None, open: OnceLock::from(Box::new(open)) }
    }
}

impl PartialEq for Properties {
    fn eq(&self, other: &Properties) -> bool {
        *self.look() == *other.look()
    }
}

impl Serialize for Properties {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match &self.text {
            Some(text) => text.serialize(to),
            None => self.look().serialize(to),
        }
    }
}

impl fmt::Debug for Properties {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        self.look().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// Numbers, words that have to be escaped, names in another order than theirs.
    #[test]
    fn they_are_the_same_as_text_and_open() {
        let value = json!({"subject": "a\"\u{1}é", "n": [0.1, 59.913_868_8, u64::MAX], "a": {"b": null}});
        let open = Properties::from(value.as_object().expect("it is one").clone());
        let closed = open.closed();
        assert_eq!(closed.look().iter().collect::<Vec<_>>(), open.iter().collect::<Vec<_>>());
        for it in [&closed, &closed.opened(), &closed.closed()] {
            assert_eq!((it, serde_json::to_string(it).unwrap()), (&open, value.to_string()));
            assert_eq!(serde_json::to_value(it).unwrap(), value);
        }
        assert!(closed.declares("subject") && !closed.declares("b") && !closed.declares("body"));
        assert_eq!(Properties::default().closed(), Properties::from(Map::new()));
    }

    #[test]
    fn what_is_changed_once_it_was_text_is_changed() {
        let mut it = Properties::from(Map::new());
        it.insert("subject".into(), json!("a"));
        it = it.closed();
        it.insert("subject".into(), json!("b"));
        assert_eq!(it.closed().look()["subject"], "b");
    }
}
