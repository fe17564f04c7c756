//! What the schemas know of the form of a mapping: the order of its properties, and which of them says all of it.
//!
//! A schema names its properties in the order in which the structs of the kinds have them.

use crate::kind::schema::{self, Declared};
use serde_json::{Map, Value};
use std::collections::HashMap;
use std::sync::{LazyLock, OnceLock};

/// What is known of a value: the schemas that it may be of.
#[derive(Clone, Default)]
pub struct Known(Vec<&'static Value>);

/// Returns the text of a member, if it is a text.
pub type Said<'a> = &'a dyn Fn(&str) -> Option<&'a str>;

impl Known {
    /// What is known of a document.
    pub fn of(kind: Declared) -> Known {
        static SCHEMAS: LazyLock<HashMap<Declared, OnceLock<Value>>> =
            LazyLock::new(|| Declared::all().map(|kind| (kind, OnceLock::new())).collect());
        Known(vec![SCHEMAS[&kind].get_or_init(|| schema::of(kind))])
    }

    /// What is known of the items of a list.
    pub fn items(&self) -> Known {
        self.below(|schema| schema.get("items"))
    }

    /// What is known of a member of a mapping.
    pub fn member(&self, name: &str, said: Said) -> Known {
        let fitting = Known(self.fitting(said));
        fitting.below(|schema| schema["properties"].get(name).or_else(|| schema.get("additionalProperties")))
    }

    fn below(&self, step: impl Fn(&'static Value) -> Option<&'static Value>) -> Known {
        Known(self.branches().into_iter().filter_map(step).filter(|it| it.is_object()).collect())
    }

    /// The schemas, and all those that they choose between.
    fn branches(&self) -> Vec<&'static Value> {
        let (mut all, mut next) = (vec![], self.0.clone());
        next.reverse();
        while let Some(schema) = next.pop() {
            all.push(schema);
            let choices = ["anyOf", "oneOf", "allOf"].iter().filter_map(|it| schema.get(it)?.as_array()).flatten();
            next.extend(choices.rev());
        }
        all
    }

    /// The schemas of mappings whose fixed texts are not contradicted: of two kinds in a template the one that it says it is.
    fn fitting(&self, said: Said) -> Vec<&'static Value> {
        let fits = |schema: &&'static Value| {
            let Some(properties) = schema["properties"].as_object() else {
                return schema.get("additionalProperties").is_some();
            };
            properties.iter().all(|(name, it)| match (it.get("const").and_then(Value::as_str), said(name)) {
                (Some(fixed), Some(said)) => fixed == said,
                _ => true,
            })
        };
        self.branches().into_iter().filter(fits).collect()
    }

    /// Returns the order in which the members of a mapping are to stand, as their numbers; `None` where they do. What no schema
    /// names stays behind what it stands behind.
    pub fn order(&self, names: &[&str], said: Said) -> Option<Vec<usize>> {
        let schemas: Vec<_> = self.fitting(said).into_iter().filter_map(|it| it["properties"].as_object()).collect();
        let whole = schemas.iter().find(|it| names.iter().all(|name| it.contains_key(*name)));
        let listed: Vec<&str> = match whole {
            Some(whole) => whole.keys().map(String::as_str).collect(),
            None => schemas.iter().flat_map(|it| it.keys()).map(String::as_str).collect(),
        };
        let mut last = 0;
        let ranks: Vec<usize> = names
            .iter()
            .map(|name| {
                last = listed.iter().position(|it| it == name).map_or(last, |it| it + 1);
                last
            })
            .collect();
        let mut order: Vec<usize> = (0..names.len()).collect();
        order.sort_by_key(|number| ranks[*number]);
        (!order.is_sorted()).then_some(order)
    }

    /// Returns the member that says all that a mapping says, if it may stand in its place: `a@x.example` for
    /// `{address: a@x.example, type: required}`.
    pub fn short(&self, names: &[&str], said: Said) -> Option<&'static str> {
        let short = |schema: &'static Value| {
            let form = schema.get("x-short")?;
            let of = form["of"].as_str()?;
            let usual = |name: &&str| *name == of || said(name).is_some_and(|it| form["usual"][*name] == it);
            // What names a mailbox in its own way means more as a text.
            let more = |text: &str| text.is_empty() || text.contains(form["without"].as_str().unwrap_or("<"));
            (names.contains(&of) && names.iter().all(usual) && !said(of).is_some_and(more)).then_some(of)
        };
        self.fitting(said).into_iter().find_map(short)
    }

    /// Returns a value with its short forms in place of the long ones.
    pub fn shortened(&self, value: &Value) -> Value {
        match value {
            Value::Array(items) => items.iter().map(|it| self.items().shortened(it)).collect(),
            Value::Object(members) => {
                let said = |name: &str| members.get(name).and_then(Value::as_str);
                let names: Vec<&str> = members.keys().map(String::as_str).collect();
                if let Some(of) = self.short(&names, &said) {
                    return self.shortened(&members[of]);
                }
                let member = |(name, it): (&String, &Value)| (name.clone(), self.member(name, &said).shortened(it));
                Value::Object(members.iter().map(member).collect::<Map<_, _>>())
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
        }
    }
}
