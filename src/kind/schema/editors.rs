//! What the published schemas say to editors beyond what is checked: whole documents to begin with, examples that can be put in, and
//! what a property means besides what its form means.
//!
//! Examples that are objects, editors offer as `[object Object]`: they become snippets. Placeholders are written `${1:what stands
//! there at first}`.

use crate::kind::KindId;
use crate::kind::schema::{API_VERSION, Declared, forms};
use serde_json::{Map, Value, json};

/// The most that is shown of an example in a list of them.
const SHOWN: usize = 60;

/// Makes the schema of one document fit for editors.
pub(super) fn dress(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            put_in_instead(members);
            forms::write_out(members);
            say_what_branches_are_of(members);
            let data = |name: &str| {
                name.starts_with("x-")
                    || ["examples", "default", "enum", "const", "defaultSnippets", "required", "dependencies"]
                        .contains(&name)
            };
            members.iter_mut().filter(|(name, _)| !data(name)).for_each(|(_, value)| dress(value));
        }
        Value::Array(items) => items.iter_mut().for_each(dress),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Offers examples that no line holds as snippets; of a list an item each, since an editor puts in one after the other.
fn put_in_instead(schema: &mut Map<String, Value>) {
    let Some(Value::Array(examples)) = schema.get("examples") else { return };
    let bodies = examples.iter().flat_map(|it| it.as_array().cloned().unwrap_or_else(|| vec![it.clone()]));
    let bodies: Vec<Value> = bodies.collect();
    if bodies.iter().any(Value::is_object) {
        let snippet = |body: Value| json!({"label": label(&body), "body": quoted(body)});
        schema.insert("defaultSnippets".into(), bodies.into_iter().map(snippet).collect());
        schema.shift_remove("examples");
    }
}

/// An editor shows the meaning of the branch that fits, and not that of the property.
fn say_what_branches_are_of(schema: &mut Map<String, Value>) {
    let Some(Value::String(meaning)) = schema.get("description").cloned() else { return };
    for branch in schema.get_mut("anyOf").and_then(Value::as_array_mut).into_iter().flatten() {
        if let Some(Value::String(own)) = branch.get_mut("description")
            && !own.starts_with(&meaning)
        {
            *own = format!("{meaning} {own}");
        }
    }
}

/// A value on one line.
fn label(value: &Value) -> String {
    fn flow(value: &Value) -> String {
        let all = |items: Vec<String>| items.join(", ");
        match value {
            Value::Object(members) => {
                format!("{{{}}}", all(members.iter().map(|(name, it)| format!("{name}: {}", flow(it))).collect()))
            }
            Value::Array(items) => format!("[{}]", all(items.iter().map(flow).collect())),
            Value::String(text) => text.clone(),
            other => other.to_string(),
        }
    }
    let whole = flow(value);
    match whole.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &whole[..end]),
        None => whole,
    }
}

/// The same with quotes where a text would begin a mapping of YAML's.
fn quoted(value: Value) -> Value {
    match value {
        Value::String(text) if text.starts_with('{') => Value::String(format!("\"{text}\"")),
        Value::Array(items) => items.into_iter().map(quoted).collect(),
        Value::Object(members) => members.into_iter().map(|(name, it)| (name, quoted(it))).collect(),
        other => other,
    }
}

/// Whole documents to begin with, of a kind.
pub(super) fn documents(declared: Declared) -> Vec<Value> {
    let kind = declared.name();
    let snippet = |label: &str, description: &str, name: &str, spec: Value| {
        let body = json!({"apiVersion": API_VERSION, "kind": kind, "metadata": {"name": format!("${{1:{name}}}")}, "spec": spec});
        json!({"label": label, "description": description, "body": body})
    };
    let event = |more: Value| {
        let mut spec = json!({"organizer": "${2:alex@contoso.example}", "subject": "${3:Platform weekly}"});
        let members = spec.as_object_mut().expect("it is written so");
        members.extend(more.as_object().cloned().unwrap_or_default());
        spec
    };
    let online = json!({
        "start": "${4:2027-01-12T10:00}", "duration": "${5:45m}", "timeZone": "${6:Europe/Berlin}",
        "attendees": ["${7:adele@contoso.example}"], "body": "${8:Agenda}",
        "isOnlineMeeting": true, "onlineMeetingProvider": "teamsForBusiness",
    });
    match declared {
        Declared::Resource(KindId::Event) => vec![
            snippet("weekly online series", "A Teams meeting every week", "platform-weekly", event(weekly(&online))),
            snippet("single online event", "One Teams meeting in the calendar", "quarterly-review", event(online)),
            snippet("all-day event", "Whole days, without a meeting", "offsite", event(all_day())),
        ],
        Declared::Resource(KindId::OnlineMeeting) => {
            vec![snippet("channel meeting", "A meeting in a Teams channel", "standup", channel())]
        }
        Declared::EventSet => vec![snippet("set of events", "One event for each row of a file", "timetable", set())],
        Declared::Roster => vec![snippet("roster", "People who are invited together", "platform", roster())],
        Declared::DaysOff => vec![snippet("days off", "Days on which series have no date", "berlin", days_off())],
        // A project has a workspace already.
        Declared::Workspace => vec![],
    }
}

fn weekly(online: &Value) -> Value {
    let mut weekly = online.clone();
    weekly["recurrence"] = json!({
        "pattern": {"type": "weekly", "interval": 1, "daysOfWeek": ["${9:tuesday}"]},
        "range": {"type": "endDate", "endDate": "${10:2027-06-29}"},
    });
    weekly
}

fn all_day() -> Value {
    json!({"start": "${4:2027-05-03}", "duration": "${5:2d}", "timeZone": "${6:Europe/Berlin}", "isAllDay": true, "showAs": "${7:oof}"})
}

fn channel() -> Value {
    json!({
        "organizer": "me", "subject": "${2:Standup}", "start": "${3:2027-01-12T09:00}", "duration": "${4:15m}",
        "timeZone": "${5:Europe/Berlin}",
        "chatInfo": {"threadId": "${6:19:3b52398f3c524556894b776357c1dd79@thread.tacv2}"},
    })
}

fn roster() -> Value {
    json!({"members": ["${2:adele@contoso.example}"]})
}

fn days_off() -> Value {
    json!({"dates": ["${2:2027-12-24..2028-01-02}"]})
}

fn set() -> Value {
    json!({
        "rows": "${2:classes.csv}",
        "template": {
            "kind": "Event",
            "metadata": {"name": "class-{{ row.${3:class} }}"},
            "spec": {
                "organizer": "\"{{ row.${4:teacher} }}\"", "subject": "\"{{ row.${5:subject} }}\"",
                "start": "\"{{ row.${6:start} }}\"", "duration": "${7:45m}", "timeZone": "${8:Europe/Berlin}",
                "isOnlineMeeting": true,
            },
        },
    })
}
