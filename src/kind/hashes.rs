//! Hashes of addresses, in little memory: each resource in the state has a set of them, and one more in its mark.

use crate::kind::prints::Prints;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;
use std::fmt;
use std::ops::{BitOr, Sub};

/// A set of hashes; what is no hash that we could have written may be left out. Copies share their memory.
#[derive(Clone, Default, PartialEq)]
pub struct Hashes(Prints);

impl Hashes {
    /// Whether it is one of them.
    pub fn contains(&self, hash: &str) -> bool {
        self.0.contains_key(hash)
    }

    /// All of them, in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.keys()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// All of them as one text, which no others have.
    pub fn text(&self) -> &str {
        self.0.text()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<H: AsRef<str>> FromIterator<H> for Hashes {
    fn from_iter<I: IntoIterator<Item = H>>(all: I) -> Hashes {
        Hashes(all.into_iter().map(|hash| (hash, "")).collect())
    }
}

impl BitOr for &Hashes {
    type Output = Hashes;

    fn bitor(self, others: &Hashes) -> Hashes {
        if self == others || others.is_empty() { self.clone() } else { self.iter().chain(others.iter()).collect() }
    }
}

impl Sub for &Hashes {
    type Output = Hashes;

    fn sub(self, others: &Hashes) -> Hashes {
        self.iter().filter(|hash| !others.contains(hash)).collect()
    }
}

impl fmt::Debug for Hashes {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

impl Serialize for Hashes {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(self.iter())
    }
}

impl<'de> Deserialize<'de> for Hashes {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Hashes, D::Error> {
        Ok(Vec::<Cow<str>>::deserialize(from)?.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_a_set() {
        let of = |names: &str| names.split_whitespace().collect::<Hashes>();
        let read: Hashes = serde_json::from_str(r#"["b","a","b","\n"]"#).unwrap();
        assert_eq!((&read, read.len()), (&of("a b"), 2));
        assert_eq!(serde_json::to_string(&read).unwrap(), r#"["a","b"]"#);
        assert!(read.contains("a") && !read.contains("") && !read.contains("ab") && of("").is_empty());
        assert_eq!(
            (&of("a b") | &of("c b"), &of("a b") - &of("c b"), &of("") | &of("a")),
            (of("a b c"), of("a"), of("a"))
        );
        assert!(serde_json::from_str::<Hashes>("{}").is_err() && serde_json::from_str::<Hashes>("[1]").is_err());
    }
}
