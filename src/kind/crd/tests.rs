use super::*;

/// A schema of a definition, and where it stands.
fn schemas() -> Vec<(String, Value)> {
    let of = |it: Value| {
        let name = it["spec"]["names"]["kind"].as_str().unwrap().to_owned();
        (name, it["spec"]["versions"][0]["schema"]["openAPIV3Schema"].clone())
    };
    definitions().into_iter().map(of).collect()
}

/// What an API server asks of a structural schema.
#[test]
fn every_node_has_a_type_and_what_stands_beside_it_none() {
    fn node(schema: &Value, at: &str, count: &mut usize) {
        *count += 1;
        let typed = ["type", "x-kubernetes-preserve-unknown-fields", "x-kubernetes-int-or-string"];
        assert_eq!(typed.iter().filter(|it| schema.get(**it).is_some()).count(), 1, "{at}");
        for keyword in ["oneOf", "uniqueItems", "propertyNames", "dependencies", "const", "default", "$ref"] {
            assert!(schema.get(keyword).is_none(), "{at}: {keyword}");
        }
        for (name, below) in schema["properties"].as_object().into_iter().flatten() {
            node(below, &format!("{at}.{name}"), count);
        }
        for below in ["items", "additionalProperties"].iter().filter_map(|it| schema.get(it)) {
            node(below, &format!("{at}[]"), count);
        }
        beside(schema, schema, at);
    }
    fn beside(schema: &Value, outside: &Value, at: &str) {
        let lists = ["anyOf", "allOf"].iter().filter_map(|it| schema[it].as_array()).flatten();
        for nested in lists.chain(schema.get("not")) {
            within(nested, outside, at);
        }
    }
    fn within(nested: &Value, outside: &Value, at: &str) {
        for keyword in nested.as_object().unwrap().keys() {
            assert!(!["type", "description", "nullable", "additionalProperties"].contains(&keyword.as_str()), "{at}");
            assert!(!keyword.starts_with("x-"), "{at}: {keyword}");
        }
        for (name, below) in nested["properties"].as_object().into_iter().flatten() {
            within(below, outside["properties"].get(name).expect("it is said outside"), &format!("{at}.{name}"));
        }
        beside(nested, outside, at);
    }
    let mut count = 0;
    for (kind, schema) in schemas() {
        node(&schema, &kind, &mut count);
    }
    assert!(count > 300, "{count}");
}

/// `kubectl apply` keeps what it was given in an annotation, which holds no more.
#[test]
fn each_definition_can_be_applied_by_kubectl() {
    for definition in definitions() {
        let size = definition.to_string().len();
        assert!(size < 200_000, "{}: {size} bytes", definition["metadata"]["name"]);
    }
}

/// A part that has nothing to say is left out, and the status is written all the same.
#[test]
fn a_status_may_be_written_in_parts() {
    for (kind, schema) in schemas() {
        assert_eq!(schema["properties"]["status"].get("required"), None, "{kind}");
    }
}

#[test]
fn what_graph_sets_and_what_is_refused_is_unknown_to_an_api_server() {
    for (kind, schema) in schemas().into_iter().take(2) {
        let spec = &schema["properties"]["spec"]["properties"];
        assert!(spec.get("subject").is_some() && spec.get("joinWebUrl").is_none(), "{kind}");
        assert_eq!(schema["properties"]["metadata"]["properties"].as_object().unwrap().len(), 1, "{kind}");
    }
}

fn event(spec: Value) -> Value {
    json!({
        "metadata": {
            "name": "weekly", "namespace": "meetings", "labels": {"team": "platform"}, "uid": "f3b1", "generation": 3,
            "annotations": {"kubectl.kubernetes.io/last-applied-configuration": "{}\n"}, "managedFields": [{"manager": "flux"}],
        },
        "lifecycle": {"protect": true, "onDelete": "cancel"},
        "spec": spec,
        "status": {"id": "AAMk", "conditions": []},
    })
}

#[test]
fn an_object_becomes_the_document_that_a_file_would_hold() {
    let spec = json!({"subject": "Weekly", "start": "2027-01-12T10:00", "duration": "45m", "clear": ["location"]});
    let object = read(Declared::Resource(KindId::Event), &event(spec)).unwrap();
    assert_eq!(object.asked, Asked::Resource(OfLifecycle { on_delete: OnDelete::Cancel }));
    let document = json!({
        "apiVersion": "convoke.dev/v1", "kind": "Event",
        "metadata": {"name": "weekly", "labels": {"team": "platform"}},
        "lifecycle": {"protect": true},
        "spec": {"subject": "Weekly", "start": "2027-01-12T10:00", "duration": "45m", "location": null},
    });
    assert_eq!(object.document, document);
    let schema = jsonschema::validator_for(&schema::document("Event").unwrap()).unwrap();
    assert!(schema.is_valid(&document));
}

#[test]
fn a_workspace_says_who_approves_and_who_signs_in() {
    for (approval, expect) in [
        (json!(null), Approval::Auto),
        (json!("auto"), Approval::Auto),
        (json!("manual"), Approval::Manual),
        (json!({"above": {"mails": 50, "removals": 0}}), Approval::Above(Above { mails: Some(50), removals: Some(0) })),
    ] {
        let mut spec = json!({"prune": "keep", "graph": {"cloud": "global", "serviceAccountName": "meetings"}});
        if !approval.is_null() {
            spec["approval"] = approval;
        }
        spec["approvedPlan"] = "0".repeat(64).into();
        let object = read(Declared::Workspace, &json!({"metadata": {"name": "contoso"}, "spec": spec})).unwrap();
        let Asked::Workspace(asked, graph) = object.asked else { panic!("{:?}", object.asked) };
        assert_eq!(asked, OfWorkspace { approval: expect, approved_plan: Some("0".repeat(64)) });
        assert_eq!(graph, OfGraph { service_account_name: Some("meetings".into()), secret_ref: None });
        assert_eq!(object.document["spec"], json!({"prune": "keep", "graph": {"cloud": "global"}}));
    }
}

#[test]
fn what_cannot_be_cleared_is_refused_in_its_place() {
    let with = |clear: Value| json!({"start": "2027-01-12T10:00", "location": "Room 4", "clear": clear});
    for (kind, clear, at, message, hint) in [
        (KindId::Event, json!(["start"]), "/clear/0", "`start` cannot be cleared", "`recurrence`, `location`"),
        (KindId::Event, json!(["recurence"]), "/clear/0", "unknown property `recurence`", "did you mean `recurrence`?"),
        (KindId::Event, json!(["x"]), "/clear/0", "unknown property `x`", "`recurrence`, `location`"),
        (KindId::Event, json!(["recurrence", 5]), "/clear/1", "unknown property", "`recurrence`, `location`"),
        (
            KindId::Event,
            json!(["location"]),
            "/clear/0",
            "`location` is declared and is to be cleared",
            "out of `clear`",
        ),
        (KindId::Event, json!("location"), "/clear", "`clear` is no list", "write a list"),
        (
            KindId::OnlineMeeting,
            json!(["subject"]),
            "/clear/0",
            "`subject` cannot be cleared",
            "of the kind OnlineMeeting nothing",
        ),
    ] {
        let faults = read(Declared::Resource(kind), &event(with(clear.clone()))).unwrap_err();
        let [fault] = &faults[..] else { panic!("{clear}: {faults:?}") };
        assert_eq!(fault.at[0], at, "{clear}");
        assert!(fault.message.contains(message), "{clear}: {}", fault.message);
        assert!(fault.hint.as_ref().unwrap().contains(hint), "{clear}: {:?}", fault.hint);
    }
}
