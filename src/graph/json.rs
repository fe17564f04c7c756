//! Reads an answer into values that have no more room than they need.
//!
//! An object that is filled while it is read has room for up to twice as many members, and of the events that a plan looks at
//! thousands are kept. Here the members are gathered first, so that nothing grows and nothing is moved twice.

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use std::fmt;

/// Reads JSON as `serde_json` does.
///
/// Fails on what is none.
pub fn read(bytes: &[u8]) -> serde_json::Result<Value> {
    serde_json::from_slice(bytes).map(|Exact(value)| value)
}

struct Exact(Value);

impl<'de> Deserialize<'de> for Exact {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Exact, D::Error> {
        from.deserialize_any(Any).map(Exact)
    }
}

/// The members that most objects of Graph's have at most.
const USUAL: usize = 8;

/// Makes a value of whatever comes.
#[derive(Clone, Copy)]
pub struct Any;

impl<'de> DeserializeSeed<'de> for Any {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Value, D::Error> {
        from.deserialize_any(Any)
    }
}

impl<'de> Visitor<'de> for Any {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Value, E> {
        Ok(Value::String(text.to_owned()))
    }

    fn visit_string<E>(self, mut text: String) -> Result<Value, E> {
        text.shrink_to_fit();
        Ok(Value::String(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut items = vec![];
        while let Some(Exact(item)) = list.next_element()? {
            items.push(item);
        }
        items.shrink_to_fit();
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut gathered: Vec<(String, Value)> = Vec::with_capacity(USUAL);
        while let Some((name, Exact(value))) = map.next_entry()? {
            gathered.push((name, value));
        }
        let mut members = Map::with_capacity(gathered.len());
        members.extend(gathered);
        Ok(Value::Object(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_those_that_any_reader_of_json_reads() {
        for text in [
            "null",
            "[]",
            "{}",
            r#"[true, -1, 18446744073709551615, 0.5, 1e400, "a\u00e9\n", [{}], null]"#,
            r#"{"b": 1, "a": {"x": [1, 2]}, "b": {"c": "d"}, "": ""}"#,
            "{",
            "[1,]",
            "1 2",
            "\"\\ud800\"",
        ] {
            let usual = serde_json::from_str::<Value>(text);
            let read = read(text.as_bytes());
            assert_eq!(read.as_ref().ok(), usual.as_ref().ok(), "{text}");
            let written = |it: &serde_json::Result<Value>| it.as_ref().ok().map(Value::to_string);
            assert_eq!(written(&read), written(&usual), "in the same order: {text}");
        }
        let deep = "[".repeat(200) + &"]".repeat(200);
        assert!(read(deep.as_bytes()).is_err(), "what is nested too deep is refused");
    }
}
