//! One page of a list, read item by item: of each only what is made of it stays.

use crate::graph::json::{self, Any};
use crate::shallow::{Members, Object};
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::fmt;

/// Takes what is neither a list nor an object for that.
macro_rules! nothing_else {
    ($nothing:expr) => {
        fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
            Ok($nothing)
        }

        fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
            Ok($nothing)
        }

        fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
            Ok($nothing)
        }

        fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
            Ok($nothing)
        }

        fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
            Ok($nothing)
        }

        fn visit_unit<E>(self) -> Result<Self::Value, E> {
            Ok($nothing)
        }
    };
}

/// What one page brings.
pub struct Page<T> {
    /// None where the answer holds no list.
    pub items: Option<Vec<Item<T>>>,
    /// Where the next page is.
    pub next: Option<String>,
}

/// An item with all that stands in it.
///
/// Fails on what is no JSON below its members.
pub fn whole(item: &Object) -> serde_json::Result<Value> {
    let members = item.iter().map(|(name, text)| Ok((name.to_owned(), json::read(text.as_bytes())?)));
    let members = members.collect::<serde_json::Result<Vec<_>>>()?;
    let mut all = Map::with_capacity(members.len());
    all.extend(members);
    Ok(Value::Object(all))
}

/// One item of a list.
pub struct Item<T> {
    pub id: Option<String>,
    /// What is kept of it, if anything is.
    pub kept: Option<T>,
}

impl<T> Default for Page<T> {
    fn default() -> Page<T> {
        Page { items: None, next: None }
    }
}

impl<T> Page<T> {
    /// Reads a page, and keeps of each item what `keep` makes of it, which may find out that it cannot be read.
    pub fn of<K: Fn(&Object) -> serde_json::Result<Option<T>>>(keep: K) -> Reader<K> {
        Reader(keep)
    }
}

/// Reads a page.
pub struct Reader<K>(K);

/// Reads its items.
struct Items<'a, K>(&'a K);

impl<'de, T, K: Fn(&Object) -> serde_json::Result<Option<T>>> DeserializeSeed<'de> for Reader<K> {
    type Value = Page<T>;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Page<T>, D::Error> {
        from.deserialize_map(self)
    }
}

impl<'de, T, K: Fn(&Object) -> serde_json::Result<Option<T>>> Visitor<'de> for Reader<K> {
    type Value = Page<T>;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a page of a list")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Page<T>, A::Error> {
        let mut page = Page::default();
        while let Some(name) = map.next_key::<String>()? {
            match name.as_str() {
                "value" => page.items = map.next_value_seed(Items(&self.0))?,
                "@odata.nextLink" => page.next = map.next_value_seed(Any)?.as_str().map(str::to_owned),
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(page)
    }
}

impl<'de, T, K: Fn(&Object) -> serde_json::Result<Option<T>>> DeserializeSeed<'de> for Items<'_, K> {
    type Value = Option<Vec<Item<T>>>;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Self::Value, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de, T, K: Fn(&Object) -> serde_json::Result<Option<T>>> Visitor<'de> for Items<'_, K> {
    type Value = Option<Vec<Item<T>>>;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("the items of a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut items = vec![];
        while let Some(Only(item)) = list.next_element()? {
            items.push(match item {
                Some(item) => {
                    Item { id: item.text("id").map(Cow::into_owned), kept: (self.0)(&item).map_err(A::Error::custom)? }
                }
                None => Item { id: None, kept: None },
            });
        }
        Ok(Some(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(None)
    }

    nothing_else!(None);
}

/// An object; nothing where anything else comes.
struct Only<'a>(Option<Object<'a>>);

impl<'de> Deserialize<'de> for Only<'de> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Only<'de>, D::Error> {
        from.deserialize_any(AnyObject).map(Only)
    }
}

struct AnyObject;

/// The members that most items have at most.
const USUAL: usize = 32;

impl<'de> Visitor<'de> for AnyObject {
    type Value = Option<Object<'de>>;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("an item")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        Members(USUAL).visit_map(map).map(Some)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(None)
    }

    nothing_else!(None);
}
