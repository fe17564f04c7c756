//! Fingerprints by name, in little memory: there is a set of them for each resource in the state, one more of how it landed, and one
//! in its mark.
//!
//! A short list in the order of its names. The names of properties are told once for the whole program, and what state and mark
//! say alike is kept once.

use crate::kind::{Field, KindId};
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;
use std::ops::Index;
use std::sync::{Arc, LazyLock};

/// Fingerprints by name.
#[derive(Clone, Default, PartialEq)]
pub struct Prints(Arc<Vec<(Name, Box<str>)>>);

type Name = Cow<'static, str>;

/// The names of properties in fingerprints.
static NAMES: LazyLock<HashSet<Name>> =
    LazyLock::new(|| KindId::ALL.into_iter().flat_map(|id| id.kind().fields()).map(Field::label).collect());

fn name(text: &str) -> Name {
    NAMES.get(text).map_or_else(|| Cow::Owned(text.to_owned()), |known| Cow::Borrowed(&**known))
}

impl Prints {
    /// The fingerprint of that name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.place(name).ok().map(|place| &*self.0[place].1)
    }

    /// Whether there is one of that name.
    pub fn contains_key(&self, name: &str) -> bool {
        self.place(name).is_ok()
    }

    /// All of them, in the order of their names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, print)| (&**name, &**print))
    }

    /// The names, in order.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| &**name)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Puts one in the place of that name.
    pub fn insert(&mut self, name: impl Into<Name>, print: impl Into<Box<str>>) {
        let name = name.into();
        let (place, all) = (self.place(&name), Arc::make_mut(&mut self.0));
        match place {
            Ok(place) => all[place].1 = print.into(),
            Err(place) => all.insert(place, (name, print.into())),
        }
    }

    /// Puts others in the place of those of the same names.
    pub fn add(&mut self, others: Prints) {
        self.extend(Arc::unwrap_or_clone(others.0));
    }

    /// From what came in any order; of a name that stands there twice the last one counts.
    fn of(mut all: Vec<(Name, Box<str>)>) -> Prints {
        all.reverse();
        all.sort_by(|one, other| one.0.cmp(&other.0));
        all.dedup_by(|one, other| one.0 == other.0);
        all.shrink_to_fit();
        Prints(Arc::new(all))
    }

    /// Takes the one of that name away.
    pub fn remove(&mut self, name: &str) {
        if let Ok(place) = self.place(name) {
            Arc::make_mut(&mut self.0).remove(place);
        }
    }

    /// Keeps these only once, where others are the same.
    pub fn share(&mut self, others: Option<&Prints>) {
        if let Some(others) = others.filter(|others| **others == *self) {
            *self = others.clone();
        }
    }

    fn place(&self, name: &str) -> Result<usize, usize> {
        self.0.binary_search_by(|(it, _)| (**it).cmp(name))
    }
}

impl<N: Into<Name>, P: Into<Box<str>>> Extend<(N, P)> for Prints {
    fn extend<I: IntoIterator<Item = (N, P)>>(&mut self, more: I) {
        more.into_iter().for_each(|(name, print)| self.insert(name, print));
    }
}

impl<N: Into<Name>, P: Into<Box<str>>> FromIterator<(N, P)> for Prints {
    fn from_iter<I: IntoIterator<Item = (N, P)>>(all: I) -> Prints {
        Prints::of(all.into_iter().map(|(name, print)| (name.into(), print.into())).collect())
    }
}

impl<N: Into<Name>, P: Into<Box<str>>, const COUNT: usize> From<[(N, P); COUNT]> for Prints {
    fn from(all: [(N, P); COUNT]) -> Prints {
        all.into_iter().collect()
    }
}

impl Index<&str> for Prints {
    type Output = str;

    fn index(&self, name: &str) -> &str {
        self.get(name).expect("it is there")
    }
}

impl fmt::Debug for Prints {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

impl Serialize for Prints {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_map(self.iter())
    }
}

impl<'de> Deserialize<'de> for Prints {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Prints, D::Error> {
        from.deserialize_map(All)
    }
}

struct All;

impl<'de> Visitor<'de> for All {
    type Value = Prints;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("fingerprints by name")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Prints, A::Error> {
        let mut all: Vec<(Name, Box<str>)> = vec![];
        while let Some((Text(name), print)) = map.next_entry()? {
            all.push((name, print));
        }
        Ok(Prints::of(all))
    }
}

/// A name as it is read, without a copy of one that is known.
struct Text(Name);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Text, D::Error> {
        from.deserialize_str(OfText)
    }
}

struct OfText;

impl Visitor<'_> for OfText {
    type Value = Text;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E>(self, text: &str) -> Result<Text, E> {
        Ok(Text(name(text)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fingerprints_are_read_and_written_in_the_order_of_their_names() {
        let text = r#"{"subject":"1","body":"2","exceptions.2027-01-05":"3","body":"4"}"#;
        let mut prints: Prints = serde_json::from_str(text).unwrap();
        let written = r#"{"body":"4","exceptions.2027-01-05":"3","subject":"1"}"#;
        assert_eq!(serde_json::to_string(&prints).unwrap(), written);
        let other = prints.clone();
        prints.extend([("location", "5"), ("body", "6")]);
        prints.remove("subject");
        assert_eq!(prints, Prints::from([("exceptions.2027-01-05", "3"), ("location", "5"), ("body", "6")]));
        assert_eq!((prints.get("subject"), prints.get("body"), prints.len()), (None, Some("6"), 3));
        assert_eq!(serde_json::to_string(&other).unwrap(), written, "a copy goes its own way");
        assert!(serde_json::from_str::<Prints>("[]").is_err() && Prints::default().is_empty());
    }
}
