//! Reading a JSON Schema: what may stand where, seen through its branches.
//!
//! Decides nothing about a document. A schema for one place is a list of parts, because each branch of an `anyOf` or `oneOf`
//! adds one; the first part that knows an answer gives it. Our schemas have no references and no other way to branch.

use jsonschema::error::ValidationError;
use serde_json::Value;

/// How far branches within branches are followed at one place.
const MOST_STEPS: usize = 12;

/// A whole schema.
#[derive(Clone, Copy)]
pub struct Schema<'a>(pub &'a Value);

impl<'a> Schema<'a> {
    /// Returns the schema whose keyword an error is about.
    pub fn of(self, error: &ValidationError<'_>) -> Option<&'a Value> {
        let path = error.schema_path().as_str();
        self.0.pointer(path.rsplit_once('/').map_or("", |it| it.0))
    }

    /// Returns the value of the keyword that an error is about.
    pub fn keyword(self, error: &ValidationError<'_>) -> Option<&'a Value> {
        self.0.pointer(error.schema_path().as_str())
    }

    /// Returns the parts that say which properties may stand where an error is.
    pub fn around(self, error: &ValidationError<'_>) -> Vec<&'a Value> {
        self.of(error).map_or_else(Vec::new, |it| self.parts(it))
    }

    /// Returns a schema and all that it branches into.
    pub fn parts(self, schema: &'a Value) -> Vec<&'a Value> {
        let mut parts = vec![];
        self.collect(schema, 0, &mut parts);
        parts
    }

    fn collect(self, schema: &'a Value, steps: usize, parts: &mut Vec<&'a Value>) {
        if steps > MOST_STEPS || parts.iter().any(|it| std::ptr::eq(*it, schema)) {
            return;
        }
        parts.push(schema);
        for keyword in ["anyOf", "oneOf"] {
            for branch in schema.get(keyword).and_then(Value::as_array).into_iter().flatten() {
                self.collect(branch, steps + 1, parts);
            }
        }
    }

    /// Returns the parts of the schema for a place in a document, given by its JSON pointer.
    pub fn at(self, pointer: &str) -> Vec<&'a Value> {
        let mut parts = self.parts(self.0);
        for token in pointer.split('/').skip(1) {
            let name = token.replace("~1", "/").replace("~0", "~");
            let next = parts.iter().filter_map(|it| {
                let property = it.get("properties").and_then(|it| it.get(&name));
                property.or_else(|| it.get("items")).or_else(|| it.get("additionalProperties"))
            });
            let next: Vec<_> = next.flat_map(|it| self.parts(it)).collect();
            parts = next;
        }
        parts
    }

    /// Returns the names that an author may write here, each once, in the schema's order.
    pub fn names(self, parts: &[&'a Value]) -> Vec<&'a str> {
        let mut names: Vec<&'a str> = vec![];
        for (name, property) in self.properties(parts) {
            if !names.contains(&name) && !self.is_closed(property) {
                names.push(name);
            }
        }
        names
    }

    /// Returns the schema of a property, whether or not it may be written.
    pub fn property(self, parts: &[&'a Value], name: &str) -> Option<&'a Value> {
        self.properties(parts).find(|it| it.0 == name).map(|it| it.1)
    }

    /// Returns the property that people may mean by another name.
    pub fn synonym(self, parts: &[&'a Value], name: &str) -> Option<&'a str> {
        let known = |property: &Value| {
            let words = property.get("x-synonyms").and_then(Value::as_array).into_iter().flatten();
            words.filter_map(Value::as_str).any(|word| word.eq_ignore_ascii_case(name))
        };
        self.properties(parts).find(|(_, property)| known(property)).map(|(name, _)| name)
    }

    /// Tells whether an author may write this property here.
    pub fn offers(self, parts: &[&'a Value], name: &str) -> bool {
        self.property(parts, name).is_some_and(|it| !self.is_closed(it))
    }

    fn properties(self, parts: &[&'a Value]) -> impl Iterator<Item = (&'a str, &'a Value)> {
        let all: Vec<_> = parts.iter().flat_map(|it| self.parts(it)).collect();
        let maps = all.into_iter().filter_map(|it| it.get("properties").and_then(Value::as_object));
        maps.flatten().map(|(name, property)| (name.as_str(), property))
    }

    /// Tells whether nothing at all fits: read-only and refused properties.
    fn is_closed(self, property: &Value) -> bool {
        property.get("not").is_some_and(|it| it == &serde_json::json!({}))
    }

    /// Returns the one value that a branch fixes a property to: its discriminator.
    pub fn fixed(self, branch: &'a Value, name: &str) -> Option<&'a Value> {
        match self.members(self.property(&[branch], name)?)?.as_slice() {
            [only] => Some(only),
            _ => None,
        }
    }

    /// Returns the values that a schema lists by `enum` or `const`, without null; `None` if it lists none.
    pub fn members(self, schema: &'a Value) -> Option<Vec<&'a Value>> {
        let mut members = vec![];
        for part in self.parts(schema) {
            members.extend(part.get("enum").and_then(Value::as_array).into_iter().flatten());
            members.extend(part.get("const"));
        }
        members.retain(|it| !it.is_null());
        (!members.is_empty()).then_some(members)
    }

    /// Returns the names of the JSON types that a schema takes, each once.
    pub fn types(self, schema: &'a Value) -> Vec<&'a str> {
        let mut types: Vec<&str> = vec![];
        for part in self.parts(schema) {
            for name in names(part.get("type")) {
                if !types.contains(&name) {
                    types.push(name);
                }
            }
        }
        types
    }

    /// Returns the way out that a schema gives for values that fail it.
    pub fn hint(self, schema: &'a Value) -> Option<&'a str> {
        self.parts(schema).into_iter().find_map(|it| it.get("x-hint")).and_then(Value::as_str)
    }

    /// Returns the schemas that an error's value was held against on the way to the error, from the property (or the root)
    /// inwards; items of a list come with the list's own.
    pub fn trail(self, error: &ValidationError<'_>) -> Vec<&'a Value> {
        let mut trail = vec![self.0];
        let mut node = self.0;
        let mut named = false;
        for token in error.evaluation_path().as_str().split('/').skip(1) {
            let token = token.replace("~1", "/").replace("~0", "~");
            let next = match node {
                Value::Array(items) => token.parse::<usize>().ok().and_then(|it| items.get(it)),
                _ => node.get(&token),
            };
            let Some(next) = next else {
                break;
            };
            node = next;
            if named {
                trail.clear();
            }
            named = !named && token == "properties";
            trail.push(node);
        }
        trail
    }
}

/// Returns the types that a `type` keyword names, one or several.
pub fn names(keyword: Option<&Value>) -> Vec<&str> {
    match keyword {
        Some(Value::String(name)) => vec![name],
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
        _ => vec![],
    }
}
