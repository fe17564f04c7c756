//! The doorman of request bodies: types, enums and writability of Graph's model.
//!
//! `types.json` holds the model (CSDL of August 2026 and the update pages). A body passes whole or is refused with the name of
//! the property. What passes comes back with enum members spelled as Graph does, and without the read-only details that clients
//! send back inside of what they read. Rules across properties are not here.

use std::{collections::HashMap, sync::OnceLock};

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::sandbox::{
    answer::{Outcome, Refusal, refusal},
    when,
};

/// What the body is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    Create,
    Update,
    /// Also takes what only beta's create documents: chatInfo (application-post-onlinemeetings.md@2019-11).
    BetaCreate,
}

#[derive(Deserialize)]
struct Model {
    types: HashMap<String, HashMap<String, String>>,
    enums: HashMap<String, Vec<String>>,
}

fn model() -> &'static Model {
    static MODEL: OnceLock<Model> = OnceLock::new();
    MODEL.get_or_init(|| {
        serde_json::from_str(include_str!("types.json")).expect("types.json is part of the program and tested")
    })
}

/// Checks a body of this type; returns it as it is to be kept.
pub fn check(kind: &str, body: &Map<String, Value>, mode: Mode) -> Outcome<Map<String, Value>> {
    Checker { root: kind, mode }.object(kind, "", body)
}

/// Tells whether a type has a property.
pub fn has(kind: &str, property: &str) -> bool {
    model().types.get(kind).is_some_and(|it| it.contains_key(property))
}

struct Checker<'a> {
    root: &'a str,
    mode: Mode,
}

impl Checker<'_> {
    fn object(&self, kind: &str, path: &str, body: &Map<String, Value>) -> Outcome<Map<String, Value>> {
        let properties = &model().types[kind];
        let mut out = Map::new();
        for (name, value) in body {
            // Annotations such as `@odata.type` are for serializers.
            if name.contains('@') {
                continue;
            }
            let Some(rule) = properties.get(name) else {
                let message = format!(
                    "The property '{name}' does not exist on type 'microsoft.graph.{kind}'. Make sure to only use property names that are defined by the type or mark the type as open type."
                );
                return Err(refusal(400, self.code(), message));
            };
            let here = if path.is_empty() { name.clone() } else { format!("{path}/{name}") };
            let (shape, writable) = rule.split_once(' ').unwrap_or((rule, "cu"));
            let beta = self.mode == Mode::BetaCreate && name == "chatInfo";
            let letter = if self.mode == Mode::Update { 'u' } else { 'c' };
            if !writable.contains(letter) && !beta {
                // Clients send back the status of an attendee or the unique id of a place as they read it; Outlook passes over them.
                if !path.is_empty() && self.root == "event" {
                    continue;
                }
                let why = match writable {
                    "r" => "is read-only and cannot be set",
                    "c" => "can be set only when the resource is created",
                    _ => "cannot be set when the resource is created",
                };
                return Err(refusal(400, self.property_code(), format!("The property '{here}' {why}.")));
            }
            out.insert(name.clone(), self.value(shape, &here, value)?);
        }
        Ok(out)
    }

    fn value(&self, shape: &str, path: &str, value: &Value) -> Outcome<Value> {
        if let Some(member) = shape.strip_prefix('[').and_then(|it| it.strip_suffix(']')) {
            return match value {
                Value::Array(list) => {
                    list.iter().map(|it| self.value(member, path, it)).collect::<Outcome<Vec<_>>>().map(Value::from)
                }
                Value::Null => Ok(Value::Null),
                _ => Err(self.wrong(path, value, "Collection")),
            };
        }
        let (shape, required) = shape.strip_suffix('!').map_or((shape, false), |it| (it, true));
        if value.is_null() {
            return if required { Err(self.wrong(path, value, shape)) } else { Ok(Value::Null) };
        }
        if let Some(members) = model().enums.get(shape) {
            let text = value.as_str().ok_or_else(|| self.wrong(path, value, shape))?;
            let hit = members.iter().find(|it| it.eq_ignore_ascii_case(text) && *it != "unknownFutureValue");
            return hit.map(|it| it.as_str().into()).ok_or_else(|| {
                refusal(
                    400,
                    self.code(),
                    format!(
                        "Requested value '{text}' of the property '{path}' was not found in 'microsoft.graph.{shape}'."
                    ),
                )
            });
        }
        if model().types.contains_key(shape) {
            let object = value.as_object().ok_or_else(|| self.wrong(path, value, shape))?;
            return self.object(shape, path, object).map(Value::from);
        }
        let fits = match shape {
            "String" => value.is_string(),
            // Python-o365 sends them as text, and is understood.
            "Boolean" if matches!(value.as_str(), Some("true" | "false")) => return Ok((value == "true").into()),
            "Boolean" => value.is_boolean(),
            "Int32" => value.as_i64().is_some_and(|it| i32::try_from(it).is_ok()),
            "Double" => value.is_number(),
            "Date" => value.as_str().is_some_and(|it| it.len() == 10 && it.parse::<jiff::civil::Date>().is_ok()),
            "DateTimeOffset" => value.as_str().is_some_and(|it| when::instant(path, it).is_ok()),
            _ => true,
        };
        if fits { Ok(value.clone()) } else { Err(self.wrong(path, value, shape)) }
    }

    fn wrong(&self, path: &str, value: &Value, shape: &str) -> Refusal {
        let literal: String = value.to_string().chars().take(40).collect();
        refusal(
            400,
            self.code(),
            format!("Cannot convert the literal '{literal}' of the property '{path}' to the expected type '{shape}'."),
        )
    }

    fn code(&self) -> &'static str {
        if self.root == "event" { "RequestBodyRead" } else { "BadRequest" }
    }

    fn property_code(&self) -> &'static str {
        if self.root == "event" { "ErrorInvalidProperty" } else { "BadRequest" }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn bodies_pass_or_are_refused_with_the_name_of_the_property() {
        let cases = [
            ("event", Mode::Create, json!({"subject": "x", "importance": "High", "@odata.type": "#x"}), None),
            (
                "event",
                Mode::Create,
                json!({"subjekt": "x"}),
                Some("'subjekt' does not exist on type 'microsoft.graph.event'"),
            ),
            (
                "event",
                Mode::Create,
                json!({"body": {"contentType": "HTML", "text": "x"}}),
                Some("'text' does not exist on type 'microsoft.graph.itemBody'"),
            ),
            ("event", Mode::Create, json!({"isAllDay": "yes"}), Some("'isAllDay' to the expected type 'Boolean'")),
            ("event", Mode::Create, json!({"showAs": "away"}), Some("Requested value 'away' of the property 'showAs'")),
            ("event", Mode::Create, json!({"webLink": "x"}), Some("'webLink' is read-only")),
            ("event", Mode::Create, json!({"transactionId": "x"}), None),
            ("event", Mode::Update, json!({"transactionId": "x"}), Some("'transactionId' can be set only when")),
            ("event", Mode::Update, json!({"attendees": [{"status": {"response": "accepted"}}]}), None),
            ("onlineMeeting", Mode::Create, json!({"joinMeetingIdSettings": {"isPasscodeRequired": false}}), None),
            (
                "onlineMeeting",
                Mode::Create,
                json!({"joinMeetingIdSettings": {"passcode": "1"}}),
                Some("'joinMeetingIdSettings/passcode' is read-only"),
            ),
            (
                "onlineMeeting",
                Mode::Update,
                json!({"joinMeetingIdSettings": {}}),
                Some("only when the resource is created"),
            ),
            (
                "onlineMeeting",
                Mode::Update,
                json!({"lobbyBypassSettings": {"scope": "unknownFutureValue"}}),
                Some("unknownFutureValue"),
            ),
            ("onlineMeeting", Mode::Create, json!({"startDateTime": "tomorrow"}), Some("'startDateTime'")),
            ("onlineMeeting", Mode::Create, json!({"chatInfo": {"threadId": "x"}}), Some("'chatInfo' is read-only")),
            ("onlineMeeting", Mode::BetaCreate, json!({"chatInfo": {"threadId": "x"}}), None),
        ];
        for (kind, mode, body, expected) in cases {
            let body = body.as_object().expect("cases are objects");
            match (check(kind, body, mode), expected) {
                (Ok(_), None) => {}
                (Err(refusal), Some(part)) => {
                    assert!(refusal.message.contains(part), "{}", refusal.message)
                }
                (other, _) => panic!("{body:?}: {other:?}"),
            }
        }
    }

    #[test]
    fn every_named_type_of_the_model_is_known() {
        let plain = ["String", "Boolean", "Int32", "Double", "Date", "DateTimeOffset", "TimeOfDay", "Stream", "any"];
        for (kind, properties) in &model().types {
            for (name, rule) in properties {
                let shape = rule.split(' ').next().unwrap_or_default().trim_matches(['[', ']', '!']);
                let known =
                    plain.contains(&shape) || model().types.contains_key(shape) || model().enums.contains_key(shape);
                assert!(known, "{kind}/{name}: {shape}");
            }
        }
    }
}
