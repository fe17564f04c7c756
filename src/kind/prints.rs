//! Fingerprints by name, in little memory: there is a set of them for each resource in the state, one more of how it landed, and one
//! in its mark.
//!
//! One text in the order of the names, a line for each; what state and mark say alike is kept once.

use crate::shallow::Text;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::cmp::Ordering;
use std::fmt;
use std::ops::{Index, Range};
use std::sync::Arc;

/// Fingerprints by name.
#[derive(Clone, Default, PartialEq)]
pub struct Prints(Arc<str>);

/// What stands between a name and its fingerprint, and after that. What holds one of them is none of ours, and not kept.
const IS: char = '\u{1}';
const END: char = '\n';

/// The bytes that most sets take at most.
const USUAL: usize = 256;

impl Prints {
    /// The fingerprint of that name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.place(name).ok().map(|place| parts(&self.0[place]).1)
    }

    /// Whether there is one of that name.
    pub fn contains_key(&self, name: &str) -> bool {
        self.place(name).is_ok()
    }

    /// All of them, in the order of their names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.split_terminator(END).map(parts)
    }

    /// The names, in order.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.iter().map(|(name, _)| name)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.iter().count()
    }

    /// All of them as one text, which no others have.
    pub fn text(&self) -> &str {
        &self.0
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a name begins with that.
    pub fn any_begins(&self, with: &str) -> bool {
        let from = self.place(with).map_or_else(|place| place, |place| place.start);
        self.0[from..].starts_with(with)
    }

    /// Puts one in the place of that name.
    pub fn insert(&mut self, name: impl AsRef<str>, print: impl AsRef<str>) {
        let (name, print) = (name.as_ref(), print.as_ref());
        if is_ours(name, print) {
            let place = self.place(name).unwrap_or_else(|place| place..place);
            let mut line = String::new();
            write(&mut line, name, print);
            self.replace(place, &line);
        }
    }

    /// Puts others in the place of those of the same names.
    pub fn add(&mut self, others: Prints) {
        self.extend(others.iter());
    }

    /// Takes the one of that name away.
    pub fn remove(&mut self, name: &str) {
        if let Ok(place) = self.place(name) {
            self.replace(place, "");
        }
    }

    fn replace(&mut self, place: Range<usize>, line: &str) {
        let (before, after) = (&self.0[..place.start], &self.0[place.end..]);
        *self = Prints([before, line, after].concat().into());
    }

    /// Where the line of that name is, or where it would be.
    fn place(&self, name: &str) -> Result<Range<usize>, usize> {
        let (mut from, mut until) = (0, self.0.len());
        while from < until {
            let rest = &self.0[from..until];
            let middle = rest.as_bytes()[..rest.len() / 2].iter().rposition(|byte| *byte == END as u8);
            let start = from + middle.map_or(0, |place| place + 1);
            let end = start + self.0[start..].find(END).map_or(0, |place| place + 1);
            match parts(&self.0[start..end]).0.cmp(name) {
                Ordering::Less => from = end,
                Ordering::Equal => return Ok(start..end),
                Ordering::Greater => until = start,
            }
        }
        Err(from)
    }
}

fn is_ours(name: &str, print: &str) -> bool {
    let plain = |text: &str| text.bytes().all(|byte| ![IS as u8, END as u8].contains(&byte));
    plain(name) && plain(print)
}

/// Adds a line.
fn write(lines: &mut String, name: &str, print: &str) {
    lines.push_str(name);
    lines.push(IS);
    lines.push_str(print);
    lines.push(END);
}

/// The name and the fingerprint of a line.
fn parts(line: &str) -> (&str, &str) {
    line.trim_end_matches(END).split_once(IS).unwrap_or_default()
}

impl<N: AsRef<str>, P: AsRef<str>> Extend<(N, P)> for Prints {
    fn extend<I: IntoIterator<Item = (N, P)>>(&mut self, more: I) {
        let more: Vec<(N, P)> = more.into_iter().collect();
        let more = more.iter().map(|(name, print)| (name.as_ref(), print.as_ref()));
        let mut all: Vec<(&str, &str)> = self.iter().chain(more).filter(|(name, print)| is_ours(name, print)).collect();
        // Of a name that stands there twice the last one counts.
        all.reverse();
        all.sort_by_key(|(name, _)| *name);
        all.dedup_by_key(|(name, _)| *name);
        let mut lines = String::with_capacity(all.iter().map(|(name, print)| name.len() + print.len() + 2).sum());
        all.into_iter().for_each(|(name, print)| write(&mut lines, name, print));
        *self = Prints(lines.into());
    }
}

impl<N: AsRef<str>, P: AsRef<str>> FromIterator<(N, P)> for Prints {
    fn from_iter<I: IntoIterator<Item = (N, P)>>(all: I) -> Prints {
        let mut prints = Prints::default();
        prints.extend(all);
        prints
    }
}

impl<N: AsRef<str>, P: AsRef<str>, const COUNT: usize> From<[(N, P); COUNT]> for Prints {
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
        // As they are written they stand in their order, each once.
        let (mut lines, mut last, mut others) = (String::with_capacity(USUAL), 0..0, vec![]);
        while let Some((Text(name), Text(print))) = map.next_entry()? {
            let follows = others.is_empty() && (lines.is_empty() || lines[last.clone()] < *name);
            if follows && is_ours(&name, &print) {
                last = lines.len()..lines.len() + name.len();
                write(&mut lines, &name, &print);
            } else {
                others.push((name, print));
            }
        }
        let mut all = Prints(lines.into());
        if !others.is_empty() {
            all.extend(others);
        }
        Ok(all)
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
        let begins = ["body", "exceptions.", "exceptions.2", "loc", "b"].map(|with| prints.any_begins(with));
        assert_eq!(begins, [true; 5]);
        let none = ["a", "exceptions.3", "exceptionz", "z"].map(|with| prints.any_begins(with));
        assert_eq!((none, Prints::default().any_begins("body")), ([false; 4], false));
        assert_eq!(serde_json::to_string(&other).unwrap(), written, "a copy goes its own way");
        assert!(serde_json::from_str::<Prints>("[]").is_err() && Prints::default().is_empty());
    }

    #[test]
    fn each_of_many_is_found_by_its_name_and_what_would_break_a_line_is_not_kept() {
        let names: Vec<String> = (0..200).map(|number| format!("exceptions.{number}")).collect();
        for count in [0, 1, 2, 3, 7, 200] {
            let prints: Prints = names[..count].iter().map(|name| (name, format!("of {name}"))).collect();
            let found = names.iter().filter(|name| prints.get(name) == Some(&format!("of {name}"))).count();
            assert_eq!((found, prints.len(), prints.get("exceptions"), prints.get("z")), (count, count, None, None));
        }
        let hostile = r#"{"a\n":"1","b":"2\n","c\u0001":"3","d":"\u0001","e":"5","":"6"}"#;
        let mut prints: Prints = serde_json::from_str(hostile).unwrap();
        prints.insert("f", "\n");
        assert_eq!(serde_json::to_string(&prints).unwrap(), r#"{"":"6","e":"5"}"#);
        let behind: Prints = serde_json::from_str(r#"{"a":"1","a":"2","b":"\n","c":"3"}"#).unwrap();
        assert_eq!(serde_json::to_string(&behind).unwrap(), r#"{"a":"2","c":"3"}"#);
    }
}
