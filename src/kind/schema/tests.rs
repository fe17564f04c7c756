use crate::kind::crd::CLEAR;
use crate::kind::testing::refusals;
use crate::kind::{Home, KindId, Writable, schema};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

fn properties(schema: &Value, pointer: &str) -> Map<String, Value> {
    let found = schema.pointer(pointer).and_then(Value::as_object);
    found.unwrap_or_else(|| panic!("no {pointer}")).clone()
}

/// The properties of the struct beneath a table: all but those that only a row put there.
fn documented(schema: &Value, pointer: &str) -> BTreeSet<String> {
    let documented = |(_, property): &(String, Value)| property.get("not").is_none();
    properties(schema, pointer).into_iter().filter(documented).map(|(name, _)| name).collect()
}

const SPEC: &str = "/properties/spec/properties";
const OPTIONS: &str = "/properties/spec/properties/meetingOptions/properties";

#[test]
fn every_property_has_a_row_and_every_row_that_can_be_written_a_property() {
    for kind in KindId::ALL.map(KindId::kind) {
        let schema = schema::document(kind.name).expect("a kind has a schema");
        for (pointer, here) in [(SPEC, false), (OPTIONS, true)] {
            let rows = kind.fields().filter(|field| (field.home == Home::Meeting) == here);
            let writable = rows.filter(|field| !matches!(field.writable, Writable::Never | Writable::Refused(_)));
            let names: Vec<_> = writable.map(|field| field.name.to_owned()).collect();
            assert_eq!(BTreeSet::from_iter(names.clone()), documented(&schema, pointer), "{}", kind.name);
            // What only an object of a cluster has is no property of Graph's.
            for (name, property) in properties(&schema, pointer).into_iter().filter(|(name, _)| name != CLEAR) {
                assert!(property.get("x-source").is_some(), "{} {name} has no row", kind.name);
            }
        }
    }
}

#[test]
fn every_property_is_described_and_has_an_example_that_fits() {
    let mut texts = 0;
    for name in schema::names() {
        let schema = schema::Declared::named(name).map(schema::of).expect("a kind has a schema");
        walk(&schema["properties"]["spec"], name, &mut texts);
        walk(&schema["properties"]["metadata"], name, &mut texts);
        walk(&schema["properties"]["lifecycle"], name, &mut texts);
    }
    assert!(texts > 100, "{texts}");
}

fn walk(schema: &Value, at: &str, texts: &mut usize) {
    for branch in ["anyOf", "oneOf"].iter().filter_map(|of| schema.get(of)?.as_array()).flatten() {
        walk(branch, at, texts);
    }
    if let Some(items) = schema.get("items") {
        walk(items, at, texts);
    }
    let properties = schema.get("properties").and_then(Value::as_object);
    for (name, property) in properties.into_iter().flatten() {
        let at = format!("{at}.{name}");
        let text = property["description"].as_str().unwrap_or_default();
        assert!(text.ends_with('.'), "{at}: `{text}`");
        *texts += 1;
        for (member, text) in members(property) {
            let text = text.as_str().unwrap_or_default();
            assert!(text.ends_with('.'), "{at}: {member} is not described");
        }
        let example = property.pointer("/examples/0");
        if property.get("type") != Some(&json!("object"))
            && property.get("const").is_none()
            && property.get("not").is_none()
        {
            assert!(example.is_some(), "{at} has no example");
        }
        if let Some(example) = example {
            let validator = jsonschema::validator_for(property).expect("our schemas compile");
            assert!(validator.is_valid(example), "{at}: {example}");
        }
        walk(property, &at, texts);
    }
}

/// The members of a property's enum, or of its items', with what each means.
fn members(property: &Value) -> Vec<(&Value, &Value)> {
    let of = property.get("items").unwrap_or(property);
    let list = |name: &str| of.get(name).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    assert_eq!(list("enum").len(), list("enumDescriptions").len(), "{of}");
    list("enum").iter().zip(list("enumDescriptions")).collect()
}

#[test]
fn published_schemas_are_draft_07_without_references() {
    for (file, schema) in schema::published() {
        assert_eq!(schema["$schema"], "http://json-schema.org/draft-07/schema#", "{file}");
        assert!(jsonschema::meta::is_valid(&schema), "{file}");
        assert!(!schema.to_string().contains("$ref"), "{file}");
    }
    assert_eq!(schema::names(), ["Event", "OnlineMeeting", "Workspace", "EventSet", "Roster", "DaysOff"]);
    assert_eq!(schema::document("Meeting"), None);
}

#[test]
fn an_exception_may_have_of_its_own_what_the_rows_say() {
    let schema = schema::document("Event").expect("a kind has a schema");
    let mut said = documented(&schema, "/properties/spec/properties/exceptions/items/properties");
    for name in ["date", "cancel", "duration"] {
        assert!(said.remove(name), "{name}");
    }
    let rows = KindId::Event.kind().fields().filter(|field| field.per_occurrence);
    assert_eq!(said, rows.map(|field| field.name.to_owned()).collect());
}

#[test]
fn what_graph_sets_by_itself_is_a_value_that_the_property_takes() {
    let mut defaults = 0;
    for kind in KindId::ALL.map(KindId::kind) {
        let schema = schema::document(kind.name).expect("a kind has a schema");
        for property in properties(&schema, SPEC).values().chain(properties(&schema, OPTIONS).values()) {
            if let Some(default) = property.get("x-default") {
                let validator = jsonschema::validator_for(property).expect("our schemas compile");
                assert!(validator.is_valid(default), "{property}");
                defaults += 1;
            }
        }
    }
    assert!(defaults > 0);
}

fn documents() -> [Value; 3] {
    [
        json!({
            "apiVersion": "convoke.dev/v1", "kind": "Event",
            "metadata": {
                "name": "platform-weekly", "labels": {"team": "platform"},
                "namespace": "meetings", "annotations": {"example.com/owner": "platform"},
            },
            "lifecycle": {"protect": true, "onImmutable": "refuse"},
            "spec": {
                "organizer": "alex@contoso.example", "calendar": "Training", "subject": "Platform weekly",
                "start": "2026-12-01T10:00", "duration": "45m", "timeZone": "Europe/Berlin",
                "recurrence": {
                    "pattern": {"type": "weekly", "interval": 1, "daysOfWeek": ["tuesday"]},
                    "range": {"type": "endDate", "endDate": "2027-03-30"},
                },
                "attendees": ["adele@contoso.example", {"address": "room-baker@contoso.example", "type": "resource"}],
                "attendeePolicy": "additive", "body": "Agenda: **roadmap**",
                "isOnlineMeeting": true, "onlineMeetingProvider": "teamsForBusiness",
                "meetingOptions": {
                    "lobbyBypassSettings": {"scope": "organization"},
                    "allowedPresenters": "organizer", "recordAutomatically": true,
                },
            },
        }),
        json!({
            "apiVersion": "convoke.dev/v1", "kind": "OnlineMeeting", "metadata": {"name": "support-room"},
            "spec": {
                "organizer": "alex@contoso.example", "subject": "Support room",
                "start": "2026-12-01T08:00", "end": "2026-12-01T18:00", "timeZone": "Europe/Berlin",
                "participants": [{"upn": "adele@contoso.example", "role": "presenter"}],
                "joinMeetingIdSettings": {"isPasscodeRequired": true},
                "meetingOptions": {"allowMeetingChat": "enabled"},
            },
        }),
        json!({
            "apiVersion": "convoke.dev/v1", "kind": "Workspace", "metadata": {"name": "contoso-meetings"},
            "spec": {
                "graph": {"cloud": "global", "tenantId": "contoso.example"}, "state": ".convoke/state.json",
                "prune": "cancel", "limits": {"removals": "25%", "changes": "50%", "mails": 500},
                "mailboxes": [], "defaults": {"timeZone": "Europe/Berlin"},
            },
        }),
    ]
}

#[test]
fn whole_documents_pass_under_their_own_schema_and_the_common_one() {
    let any = jsonschema::validator_for(&schema::any()).expect("our schemas compile");
    for document in documents() {
        let kind = document["kind"].as_str().unwrap_or_default();
        let schema = schema::document(kind).expect("a kind has a schema");
        let own = jsonschema::validator_for(&schema).expect("our schemas compile");
        let errors: Vec<_> = own.iter_errors(&document).map(|error| error.to_string()).collect();
        assert_eq!(errors, [""; 0], "{kind}");
        assert!(any.is_valid(&document), "{kind}");
    }
}

#[test]
fn broken_documents_are_refused() {
    let any = jsonschema::validator_for(&schema::any()).expect("our schemas compile");
    for (index, pointer, value) in [
        (0, "/apiVersion", json!("convoke/v1")),
        (0, "/metadata", json!({"name": "platform-weekly", "protect": true})),
        (0, "/metadata/name", json!("platform-")),
        (0, "/kind", json!("Meeting")),
        (0, "/metadata/name", json!("Platform")),
        (0, "/metadata/labels/team", json!(5)),
        (0, "/metadata/namespace", json!(5)),
        (0, "/metadata/annotations", json!({"contoso.example/owner": 5})),
        (0, "/lifecycle/protect", json!("yes")),
        (0, "/lifecycle/onImmutable", json!("maybe")),
        (0, "/lifecycle", json!({"onDrift": "maybe"})),
        (0, "/spec/subject", json!(2026)),
        (1, "/kind", json!("Event")),
        (2, "/spec/prune", json!("maybe")),
        (2, "/spec/limits/removals", json!("125%")),
        (2, "/spec/graph/cloud", json!("mars")),
    ] {
        let mut document = documents()[index].clone();
        *document.pointer_mut(pointer).expect("the pointer exists") = value;
        assert!(!any.is_valid(&document), "{pointer}");
    }
}

#[test]
fn names_are_those_that_kubernetes_takes() {
    let longest = "a".repeat(63);
    for (name, fits) in [
        ("a", true),
        ("0", true),
        ("platform-weekly", true),
        ("a--b", true),
        (longest.as_str(), true),
        ("", false),
        ("-a", false),
        ("a-", false),
        ("a.b", false),
        ("a_b", false),
        ("Weekly", false),
        ("weekly\n", false),
        (&format!("{longest}a"), false),
    ] {
        for mut document in documents() {
            let kind = document["kind"].as_str().unwrap_or_default().to_owned();
            document["metadata"]["name"] = name.into();
            let schema = schema::document(&kind).expect("a kind has a schema");
            let validator = jsonschema::validator_for(&schema).expect("our schemas compile");
            assert_eq!(validator.is_valid(&document), fits, "{kind}: {name:?}");
        }
    }
}

#[test]
fn the_schema_refuses_each_wrong_value_in_its_place() {
    let weekly = json!({"type": "weekly", "daysOfWeek": ["tuesday"]});
    for (kind, spec, expect) in [
        ("Event", json!({}), "/spec"),
        ("Event", json!({"start": "2026-12-01T10:00", "startt": 1}), "/spec"),
        ("Event", json!({"start": 5}), "/spec/start"),
        ("Event", json!({"start": "x", "subject": null}), "/spec/subject"),
        ("Event", json!({"start": "x", "joinWebUrl": "y"}), "/spec/joinWebUrl"),
        ("Event", json!({"start": "x", "transactionId": "y"}), "/spec/transactionId"),
        ("Event", json!({"start": "x", "onlineMeetingProvider": "unknown"}), "/spec/onlineMeetingProvider"),
        ("Event", json!({"start": "x", "organizer": "alex"}), "/spec/organizer"),
        (
            "Event",
            json!({"start": "x", "attendees": [{"address": "a@b", "emailAddress": {"address": "a@b"}}]}),
            "/spec/attendees/0",
        ),
        // A rule as text is allowed as well, so the schema speaks of the whole; the doorman finds the part.
        (
            "Event",
            json!({"start": "x", "recurrence": {"pattern": weekly, "range": {"type": "numbered", "numberOfOccurrences": 0}}}),
            "/spec/recurrence",
        ),
        (
            "Event",
            json!({"start": "x", "recurrence": {"pattern": {"type": "daily", "daysOfWeek": ["tuesday"]}, "range": {"type": "noEnd"}}}),
            "/spec/recurrence",
        ),
        (
            "Event",
            json!({"start": "x", "recurrence": {"pattern": weekly, "range": {"type": "endDate", "endDate": "2027-02-30"}}}),
            "/spec/recurrence",
        ),
        (
            "Event",
            json!({"start": "x", "meetingOptions": {"joinMeetingIdSettings": {}}}),
            "/spec/meetingOptions/joinMeetingIdSettings",
        ),
        (
            "Event",
            json!({"start": "x", "meetingOptions": {"autoAdmittedUsers": "EveryoneInCompany"}}),
            "/spec/meetingOptions/autoAdmittedUsers",
        ),
        ("OnlineMeeting", json!({"joinWebUrl": "x"}), "/spec/joinWebUrl"),
        (
            "OnlineMeeting",
            json!({"joinMeetingIdSettings": {"isPasscodeRequired": true, "passcode": "x"}}),
            "/spec/joinMeetingIdSettings/passcode",
        ),
        ("OnlineMeeting", json!({"meetingOptions": {"participants": []}}), "/spec/meetingOptions/participants"),
        ("OnlineMeeting", json!({"isBroadcast": true}), "/spec/isBroadcast"),
        ("OnlineMeeting", json!({"anonymizeIdentityForRoles": ["attendee"]}), "/spec/anonymizeIdentityForRoles"),
    ] {
        let spec = spec.as_object().expect("a spec is an object");
        assert_eq!(refusals(kind, spec), expect, "{spec:?}");
    }
}

/// What an editor puts in when its placeholders are left as they are.
fn put_in(snippet: &Value) -> Value {
    fn filled(text: &str) -> String {
        let Some((before, rest)) = text.split_once("${") else { return text.to_owned() };
        let (_, rest) = rest.split_once(':').expect("a placeholder has a first value");
        let (value, after) = rest.split_once('}').expect("a placeholder ends");
        format!("{before}{value}{}", filled(after))
    }
    match snippet {
        Value::String(text) => filled(text).trim_matches('"').into(),
        Value::Array(items) => items.iter().map(put_in).collect(),
        Value::Object(members) => members.iter().map(|(name, it)| (name.clone(), put_in(it))).collect(),
        other => other.clone(),
    }
}

#[test]
fn every_snippet_is_what_may_stand_there() {
    fn walk(schema: &Value, at: &str, count: &mut usize) {
        for snippet in schema["defaultSnippets"].as_array().into_iter().flatten() {
            let validator = jsonschema::validator_for(schema).expect("our schemas compile");
            let body = put_in(&snippet["body"]);
            // Of a list it is an item.
            assert!(validator.is_valid(&body) || validator.is_valid(&json!([body])), "{at}: {snippet}");
            *count += 1;
        }
        match schema {
            Value::Object(members) => members.iter().for_each(|(name, it)| walk(it, &format!("{at}/{name}"), count)),
            Value::Array(items) => items.iter().for_each(|it| walk(it, at, count)),
            _ => {}
        }
    }
    let mut count = 0;
    for (file, schema) in schema::published() {
        assert!(file == "workspace.schema.json" || schema["defaultSnippets"].is_array(), "{file}");
        walk(&schema, file, &mut count);
    }
    assert!(count > 30, "{count}");
}
