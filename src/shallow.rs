//! JSON that is read no deeper than its members: of thousands of objects most only have to be what they were.

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;

/// The members that most objects within others have at most.
const USUAL: usize = 8;

/// An object whose members were not read yet.
pub struct Object<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'a> Object<'a> {
    /// Reads the names of its members.
    ///
    /// Fails on what is no object.
    pub fn of(text: &'a str) -> serde_json::Result<Object<'a>> {
        serde_json::from_str(text)
    }

    /// The text of a member. Of several with one name the last one counts.
    pub fn get(&self, name: &str) -> Option<&'a str> {
        self.0.iter().rev().find(|(it, _)| it == name).map(|(_, text)| text.get())
    }

    /// A member, if it is there and can be read.
    pub fn value(&self, name: &str) -> Option<Value> {
        serde_json::from_str(self.get(name)?).ok()
    }

    /// A member that is a text.
    pub fn text(&self, name: &str) -> Option<Cow<'a, str>> {
        serde_json::from_str(self.get(name)?).ok().map(|Text(text)| text)
    }

    /// The names and texts of all its members.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &'a str)> {
        self.0.iter().map(|(name, text)| (&**name, text.get()))
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Object<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Object<'a>, D::Error> {
        from.deserialize_map(Members(USUAL))
    }
}

/// Gathers them, where there are about so many.
pub struct Members(pub usize);

impl<'de> Visitor<'de> for Members {
    type Value = Object<'de>;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object<'de>, A::Error> {
        let mut all = Vec::with_capacity(self.0);
        while let Some((Text(name), text)) = map.next_entry()? {
            all.push((name, text));
        }
        Ok(Object(all))
    }
}

/// A text as it is read, without a copy where that can be had.
#[derive(Deserialize)]
#[serde(transparent)]
pub struct Text<'a>(#[serde(borrow)] pub Cow<'a, str>);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_told_as_they_are_written() {
        let object = Object::of(r#"{"a": [1, {"b": 2}], "é\n": "x\u0041", "a": 1e400, "c": "\ud800"}"#).unwrap();
        assert_eq!(object.get("a"), Some("1e400"), "the last one of a name counts, as for everybody who reads JSON");
        assert_eq!((object.value("a"), object.value("é\n")), (None, Some("xA".into())));
        assert_eq!((object.text("é\n").as_deref(), object.text("c")), (Some("xA"), None));
        let names: Vec<&str> = object.iter().map(|(name, _)| name).collect();
        assert_eq!((names, object.get("b")), (vec!["a", "é\n", "a", "c"], None));
        assert!(["[]", "null", "{", r#"{"a": }"#].iter().all(|text| Object::of(text).is_err()));
    }
}
