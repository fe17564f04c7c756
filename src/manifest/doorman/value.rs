//! Words for what is wrong with one value: its type, its spelling, its size, or that it stands there at all.

use super::Teller;
use super::branch::kind_of;
use super::schema::names;
use crate::inert::is_sign;
use crate::near::{list, near};
use crate::problem::{Place, Problem, cut, is_secret};
use crate::reason::Reason;
use jsonschema::error::{ValidationError, ValidationErrorKind as Kind};
use serde_json::Value;

impl<'a> Teller<'a> {
    /// Words an error about a value itself.
    pub(super) fn value(&mut self, error: &ValidationError<'_>) {
        let at = error.instance_path().as_str();
        match error.kind() {
            Kind::Type { .. } => self.wrong_type(error, &names(self.schema.keyword(error))),
            Kind::Not { .. } => self.closed(error),
            Kind::Pattern { .. } if error.instance().as_str().is_some_and(|text| text.contains(is_sign)) => {
                self.sign(error)
            }
            Kind::PropertyNames { error: name } => self.sign_in_name(at, name),
            Kind::Constant { expected_value } => self.no_member(error, at, &[expected_value]),
            Kind::Enum { options } => {
                let options: Vec<_> = options.as_array().into_iter().flatten().collect();
                self.no_member(error, at, &options);
            }
            _ => {
                let place = if error.instance().is_array() || error.instance().is_object() {
                    self.head(at)
                } else {
                    self.document.place(at)
                };
                let (message, hint) = self.wrong_size(error).unwrap_or_else(|| (self.wrong_form(error), None));
                self.say(Reason::WrongForm, error, place, message, hint.map(str::to_owned));
            }
        }
    }

    /// Words a text or a list that has too little or too much in it, with the way out.
    fn wrong_size(&self, error: &ValidationError<'_>) -> Option<(String, Option<&'static str>)> {
        let at = error.instance_path().as_str();
        let (name, limit, count) = (self.called(at), self.limit(error), size(error.instance()));
        Some(match error.kind() {
            Kind::MinLength { .. } if count == 0 => {
                (format!("{name} must not be empty"), Some("write a text, or remove it"))
            }
            Kind::MinLength { .. } => {
                (format!("{name} must have at least {limit} characters: {}", self.shown(at)), None)
            }
            Kind::MaxLength { .. } => {
                (format!("{name} must have at most {limit} characters, not {count}"), Some("shorten it"))
            }
            Kind::MinItems { .. } if count == 0 => {
                (format!("{name} must not be empty"), Some("add an item, or remove it"))
            }
            Kind::MinItems { .. } => {
                (format!("{name} must have at least {limit} items, not {count}"), Some("add items"))
            }
            _ => return None,
        })
    }

    /// Words a text of another form, or a number out of its bounds.
    fn wrong_form(&self, error: &ValidationError<'_>) -> String {
        let at = error.instance_path().as_str();
        let (name, given, limit) = (self.called(at), self.shown(at), self.limit(error));
        match error.kind() {
            Kind::Pattern { pattern } => format!("{name} must match `{}`: {given}", cut(pattern)),
            Kind::Format { format } => format!("{name} must be {}: {given}", form(format)),
            Kind::Minimum { .. } => format!("{name} must be at least {limit}: {given}"),
            Kind::Maximum { .. } => format!("{name} must be at most {limit}: {given}"),
            // The schemas of kinds use none of the other keywords.
            other => format!("{name} breaks the rule `{}` of its schema", other.keyword()),
        }
    }

    /// What the schema's keyword that was broken says.
    fn limit(&self, error: &ValidationError<'_>) -> String {
        self.schema.keyword(error).map(ToString::to_string).unwrap_or_default()
    }

    /// A value of another type than the schema takes.
    pub(super) fn wrong_type(&mut self, error: &ValidationError<'_>, wanted: &[&str]) {
        let at = error.instance_path().as_str();
        let value = error.instance().as_ref();
        let name = self.called(at);
        let words = types(wanted).unwrap_or_else(|| "something else".to_owned());
        let source = self.document.source(at).unwrap_or_default();
        let short =
            |text: &str| text.chars().count() <= 40 && !text.contains(['\n', '\r', '"', '\\']) && !text.is_empty();
        let takes = |kind: &str| wanted.contains(&kind);
        let message = match value {
            Value::Null if source.is_empty() => format!("{name} has no value: {words} is wanted"),
            Value::Number(_) if takes("integer") => {
                format!("{name} must be {words}: {}", self.shown(at))
            }
            other => format!("{name} must be {words}, not {}", type_word(kind_of(other))),
        };
        let members = || {
            let schema = self.schema.of(error)?;
            let members = self.schema.members(schema)?;
            Some(format!("one of {}", list(members.iter().filter_map(|it| it.as_str()))))
        };
        let hint = match value {
            Value::Null => members().or(Some("write a value, or remove it".to_owned())),
            Value::Number(_) | Value::Bool(_) if takes("string") && self.is_shown(at) && short(source) => {
                members().or_else(|| Some(format!("put it in quotes: `\"{source}\"`")))
            }
            Value::Number(_) | Value::Bool(_) if takes("string") => Some("put it in quotes".to_owned()),
            Value::String(text) if takes("boolean") => match text.to_ascii_lowercase().as_str() {
                "yes" | "on" | "y" | "true" => Some("write `true`".to_owned()),
                "no" | "off" | "n" | "false" => Some("write `false`".to_owned()),
                _ => Some("write `true` or `false`".to_owned()),
            },
            Value::String(text) if (takes("number") || takes("integer")) && text.trim().parse::<f64>().is_ok() => {
                Some("remove the quotes".to_owned())
            }
            Value::Bool(_) | Value::Number(_) | Value::String(_)
                if takes("array") && self.is_shown(at) && short(source) =>
            {
                Some(format!("write a list: `[{source}]`"))
            }
            Value::Object(_) if takes("array") => Some("begin each item with `- `".to_owned()),
            Value::Object(_) if takes("string") && source.starts_with("{{") => {
                Some("put text that begins with `{` in quotes".to_owned())
            }
            Value::Array(_) if takes("string") && source.starts_with('[') => {
                Some("put text that begins with `[` in quotes".to_owned())
            }
            _ if takes("object") => {
                let names = self.schema.of(error).map(|it| self.schema.names(&[it])).unwrap_or_default();
                (!names.is_empty()).then(|| format!("write a mapping with {}", list(names.into_iter())))
            }
            _ => members(),
        };
        self.say(Reason::WrongType, error, self.document.place(at), message, hint);
    }

    /// A value that is not among those the schema lists. `at` may lie below the error: the property that tells branches apart.
    pub(super) fn no_member(&mut self, error: &ValidationError<'_>, at: &str, members: &[&Value]) {
        let name = self.called(at);
        let given = self.shown(at);
        let members: Vec<&Value> = members.iter().copied().filter(|it| !it.is_null()).collect();
        let texts: Vec<&str> = members.iter().filter_map(|it| it.as_str()).collect();
        let value = self.document.value.pointer(at).unwrap_or(&Value::Null);
        let (message, hint) = match (members.as_slice(), value) {
            ([only], _) => {
                let only = only.as_str().map_or_else(|| only.to_string(), str::to_owned);
                (format!("{name} must be `{only}`, not {given}"), format!("write `{only}`"))
            }
            (_, Value::String(typed)) => {
                let close = texts.iter().copied().find(|it| it.eq_ignore_ascii_case(typed));
                let close = close.or_else(|| near(typed, texts.iter().copied()));
                let hint = close.map(|it| format!("did you mean `{it}`?"));
                if let Some(hint) = hint {
                    let problem = Problem::new(
                        Reason::UnknownValue,
                        self.document.place(at),
                        format!("unknown value for {name}: {given}"),
                    );
                    return self.problems.push(problem.hint(hint));
                }
                (format!("unknown value for {name}: {given}"), format!("one of {}", list(texts.into_iter())))
            }
            _ => {
                let words: Vec<_> =
                    members.iter().map(|it| it.as_str().map_or_else(|| it.to_string(), str::to_owned)).collect();
                (
                    format!("unknown value for {name}: {given}"),
                    format!("one of {}", list(words.iter().map(String::as_str))),
                )
            }
        };
        self.say(Reason::UnknownValue, error, self.document.place(at), message, Some(hint));
    }

    /// A property that Graph sets, or that is refused. Stands at the key: the whole line has to go.
    fn closed(&mut self, error: &ValidationError<'_>) {
        let at = error.instance_path().as_str();
        let name = self.called(at);
        let trail = self.schema.trail(error);
        let refused = trail.iter().find_map(|it| it.get("x-refused")).and_then(Value::as_str);
        let read_only = trail.iter().any(|it| it.get("readOnly") == Some(&Value::Bool(true)));
        let (message, hint) = match refused {
            // `why; the way out` becomes the message and its hint.
            Some(why) => {
                let (why, out) = why.split_once("; ").unwrap_or((why, "remove it"));
                (format!("{name} is refused: {why}"), out)
            }
            None if read_only => (format!("{name} is read-only: Graph sets this"), "remove it"),
            None => (format!("{name} is not allowed here"), "remove it"),
        };
        self.say(Reason::NotYours, error, self.document.key_place(at), message, Some(hint.to_owned()));
    }

    /// Adds a problem; the schema's own hint for the property wins over a general one, its example is better than nothing.
    fn say(
        &mut self,
        reason: Reason,
        error: &ValidationError<'_>,
        place: Place,
        message: String,
        hint: Option<String>,
    ) {
        let trail = self.schema.trail(error);
        let own = trail.iter().rev().find_map(|it| it.get("x-hint")).and_then(Value::as_str);
        let example = || {
            let example = trail.iter().rev().find_map(|it| it.pointer("/examples/0"))?;
            let text = example.as_str().map_or_else(|| example.to_string(), str::to_owned);
            Some(format!("write a value such as `{}`", cut(&text)))
        };
        let hint = own.map(str::to_owned).or(hint).or_else(example);
        self.problems.push(Problem { hint, ..Problem::new(reason, place, message) });
    }

    /// Returns a value as its author typed it, for a message.
    fn shown(&self, at: &str) -> String {
        let text = match self.document.value.pointer(at) {
            _ if !self.is_shown(at) => return "`***`".to_owned(),
            Some(Value::String(text)) if text.is_empty() => "\"\"".to_owned(),
            Some(Value::String(text)) => cut(text),
            Some(value @ (Value::Array(_) | Value::Object(_))) => {
                return type_word(kind_of(value)).to_owned();
            }
            Some(Value::Null) | None => "null".to_owned(),
            Some(value) => self.document.source(at).map_or_else(|| value.to_string(), cut),
        };
        format!("`{text}`")
    }

    fn is_shown(&self, at: &str) -> bool {
        !at.split('/').any(is_secret)
    }
}

/// Counts items or characters.
fn size(value: &Value) -> usize {
    match value {
        Value::Array(items) => items.len(),
        Value::String(text) => text.chars().count(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => 0,
    }
}

/// Words a list of types, `null` only if nothing else would do; `None` for an empty list.
pub fn types(wanted: &[&str]) -> Option<String> {
    let mut words: Vec<&str> = vec![];
    for kind in wanted.iter().filter(|it| wanted.len() == 1 || **it != "null") {
        let word = type_word(kind);
        if !words.contains(&word) {
            words.push(word);
        }
    }
    (!words.is_empty()).then(|| words.join(" or "))
}

fn type_word(kind: &str) -> &str {
    match kind {
        "string" => "a string",
        "number" => "a number",
        "integer" => "a whole number",
        "boolean" => "true or false",
        "array" => "a list",
        "object" => "a mapping",
        other => other,
    }
}

fn form(format: &str) -> String {
    match format {
        "date" => "a date such as `2026-12-01`".to_owned(),
        other => format!("in the form `{other}`"),
    }
}
