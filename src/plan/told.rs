//! A value that is told, as its JSON text: of what a plan of thousands of creates tells, trees would take five times the room.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use serde_json::value::{RawValue, to_raw_value};
use std::fmt;

/// A value that is told.
#[derive(Clone)]
pub struct Told(Box<RawValue>);

impl Told {
    /// The value.
    pub fn value(&self) -> Value {
        serde_json::from_str(self.0.get()).expect("it is the text of a value")
    }

    /// Has the value changed.
    pub fn edit(&mut self, change: impl FnOnce(&mut Value)) {
        let mut value = self.value();
        change(&mut value);
        *self = value.into();
    }
}

impl<V: Into<Value>> From<V> for Told {
    fn from(value: V) -> Told {
        Told(to_raw_value(&value.into()).expect("its keys are text"))
    }
}

impl Serialize for Told {
    /// As the value, so that it is laid out as what stands around it.
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.value().serialize(to)
    }
}

impl<'de> Deserialize<'de> for Told {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Told, D::Error> {
        Value::deserialize(from).map(Told::from)
    }
}

impl PartialEq for Told {
    fn eq(&self, other: &Told) -> bool {
        self.0.get() == other.0.get() || self.value() == other.value()
    }
}

impl fmt::Debug for Told {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(self.0.get())
    }
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(self.0.get())
    }
}
