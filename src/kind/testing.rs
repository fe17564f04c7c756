//! How tests of the kinds call us: a small spec in, Graph's JSON and worded faults out.

use crate::kind::workspace::Defaults;
use crate::kind::{Expanded, Fault, KindId, schema};
use serde_json::{Map, Value, json};

/// Expands `base` with the members of `over` put over it; a `null` in `over` takes the member out.
///
/// Fails when the schema refuses the spec, since expansion only ever sees what the schema let through.
pub fn expand(kind: &str, base: &Value, over: &Value, defaults: &Defaults) -> (Expanded, String) {
    let kind = KindId::named(kind).expect("tests name a kind").kind();
    let mut spec = base.as_object().expect("a base is an object").clone();
    for (name, value) in over.as_object().expect("what is put over is an object") {
        match value {
            Value::Null => spec.shift_remove(name),
            value => spec.insert(name.clone(), value.clone()),
        };
    }
    assert_eq!(refusals(kind.name, &spec), "", "{spec:?}");
    let (expanded, faults) = (kind.expand)(&spec, defaults);
    (expanded, say(&faults))
}

/// Returns where the schema refuses a spec, one pointer a line.
pub fn refusals(kind: &str, spec: &Map<String, Value>) -> String {
    let document = json!({
        "apiVersion": "convoke.dev/v1",
        "kind": kind,
        "metadata": {"name": "test"},
        "spec": spec,
    });
    let schema = schema::Declared::named(kind).map(schema::of).expect("tests name a kind");
    let validator = jsonschema::validator_for(&schema).expect("our schemas compile");
    let errors: Vec<_> = validator.iter_errors(&document).map(|error| error.instance_path().to_string()).collect();
    errors.join("\n")
}

/// Words faults as `places: message; hint`, one a line.
pub fn say(faults: &[Fault]) -> String {
    let lines: Vec<_> = faults
        .iter()
        .map(|fault| {
            let hint = fault.hint.as_deref().unwrap_or("no hint");
            format!("{}: {}; {hint}", fault.at.join(" "), fault.message)
        })
        .collect();
    lines.join("\n")
}

pub fn no_defaults() -> Defaults {
    Defaults::default()
}

pub fn berlin() -> Defaults {
    Defaults {
        organizer: Some("alex@contoso.example".into()),
        time_zone: Some("Europe/Berlin".into()),
        online_meeting_provider: Some("teamsForBusiness".into()),
        days_off: Default::default(),
    }
}
