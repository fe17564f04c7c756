//! JSON that is kept: in no more room than it needs.
//!
//! An object that is filled member by member has room for up to twice as many, and every text may have some left. Of what a plan
//! holds until its end there are thousands.

use serde_json::{Map, Value};

/// The same members in the same order.
pub fn map(members: Map<String, Value>) -> Map<String, Value> {
    let mut tight = Map::with_capacity(members.len());
    tight.extend(members.into_iter().map(|(mut name, it)| {
        name.shrink_to_fit();
        (name, value(it))
    }));
    tight
}

/// The same value.
pub fn value(mut it: Value) -> Value {
    match &mut it {
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
        Value::String(text) => text.shrink_to_fit(),
        Value::Array(items) => {
            items.shrink_to_fit();
            items.iter_mut().for_each(|item| *item = value(item.take()));
        }
        Value::Object(members) => *members = map(std::mem::take(members)),
    }
    it
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_kept_is_the_same_in_the_same_order() {
        for it in [json!(null), json!([1, [2, "a"], {}]), json!({"b": {"y": 1, "x": [true, {"z": null}]}, "a": "text"})]
        {
            assert_eq!(value(it.clone()).to_string(), it.to_string());
        }
    }
}
