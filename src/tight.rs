//! JSON that is kept: in no more room than it needs.
//!
//! An object that is filled member by member has room for up to twice as many. Of what a plan holds until its end there are
//! thousands.

use serde_json::{Map, Value};

/// An object with these members.
pub fn object<const COUNT: usize>(members: [(&str, Value); COUNT]) -> Value {
    let mut object = Map::with_capacity(COUNT);
    object.extend(members.map(|(name, value)| (name.to_owned(), value)));
    Value::Object(object)
}
