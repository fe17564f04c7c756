//! What `convoke validate` and the API server say of the same document.

use super::corpus::{Case, corpus};
use super::verdict::{Verdict, verdict};
use super::{KINDS, variable};
use futures::stream::{self, StreamExt};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Where the two may differ, and why.
const DIFFERENCES: [(&str, Difference); 4] = [
    // `null` means the same as nothing to a server, where a property cannot be `null`: it is dropped before it is looked at.
    ("a null that means nothing is dropped", |case, program, refusal| {
        program == Verdict::OfAnotherShape && refusal.is_none() && holds_null(&case.document)
    }),
    // What may be a text or an object has no type, and keeps what it does not know. Once it is a document, it is refused.
    ("an unknown name beside others, in what may be a text too", |case, program, refusal| {
        program == Verdict::OfAnotherShape && refusal.is_none() && OPEN.iter().any(|it| case.what.contains(it))
    }),
    // In a file it would do nothing.
    ("what only an object of a cluster has", |case, program, refusal| {
        program == Verdict::OfAnotherShape && refusal.is_none() && case.what.contains("/spec/graph/serviceAccountName")
    }),
    // Kubernetes itself says what a label is.
    ("a label that is none to Kubernetes", |_, program, refusal| {
        program == Verdict::Taken && refusal.is_some_and(|it| it.contains("metadata.labels: Invalid value"))
    }),
];

type Difference = fn(&Case, Verdict, Option<&str>) -> bool;

/// Where objects stand that may be texts too, and of which not every property must be there.
const OPEN: [&str; 3] = ["/spec/attendees/", "/spec/participants/", "/spec/location ="];

fn holds_null(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.iter().any(holds_null),
        Value::Object(members) => members.values().any(holds_null),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

/// What the server says against a document.
async fn refusal(client: &reqwest::Client, server: &str, document: &Value) -> Option<String> {
    let plural = KINDS.iter().find(|(kind, _)| document["kind"] == *kind).expect("it is of a cluster").1;
    let path = format!("{server}/apis/convoke.dev/v1/namespaces/default/{plural}?dryRun=All&fieldValidation=Strict");
    let asked = client.post(path).header("content-type", "application/json").body(document.to_string());
    let answer = asked.send().await.unwrap();
    let status = answer.status();
    let said: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
    assert!(status.is_success() || [400, 422].contains(&status.as_u16()), "{status}: {said}");
    (!status.is_success()).then(|| said["message"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn what_validate_takes_the_server_takes_and_what_it_refuses_the_server_refuses() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let (client, server) = (reqwest::Client::builder().no_proxy().build().unwrap(), variable("APISERVER_URL"));
    let of_a_cluster = |case: &Case| KINDS.iter().any(|(kind, _)| case.document["kind"] == *kind);
    let cases: Vec<Case> = corpus().into_iter().filter(of_a_cluster).collect();
    let refusals: Vec<Option<String>> =
        stream::iter(&cases).map(|case| refusal(&client, &server, &case.document)).buffered(8).collect().await;
    let (mut counts, mut seen, mut differ) = ([0; 3], BTreeMap::new(), vec![]);
    for (case, refusal) in cases.iter().zip(&refusals) {
        let (program, refusal) = (verdict(&case.document.to_string()), refusal.as_deref());
        counts[program as usize] += 1;
        if program.agrees(refusal.is_none()) {
            continue;
        }
        match DIFFERENCES.iter().find(|(_, known)| known(case, program, refusal)) {
            Some((name, _)) => *seen.entry(*name).or_insert(0) += 1,
            None => differ.push(format!("{}: program {program:?}, server {refusal:?}", case.what)),
        }
    }
    assert_eq!(differ, [""; 0]);
    assert_eq!(seen.len(), DIFFERENCES.len(), "one of them is no more: {seen:?}");
    assert!(seen.values().sum::<i32>() * 20 < cases.len() as i32, "{seen:?} of {}", cases.len());
    assert!(counts.iter().all(|it| *it > 300), "taken, without meaning, of another shape: {counts:?}");
}

/// What only objects in a cluster say, in no file.
#[tokio::test]
async fn what_only_a_cluster_has_is_checked_as_well() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let (client, server) = (reqwest::Client::builder().no_proxy().build().unwrap(), variable("APISERVER_URL"));
    let event = |clear: Value, on_delete: &str| {
        json!({
            "apiVersion": "convoke.dev/v1", "kind": "Event", "metadata": {"name": "a"}, "lifecycle": {"onDelete": on_delete},
            "spec": {"start": "2027-01-12T10:00", "duration": "45m", "clear": clear},
        })
    };
    let workspace = |approval: Value, graph: Value| {
        json!({
            "apiVersion": "convoke.dev/v1", "kind": "Workspace", "metadata": {"name": "a"},
            "spec": {"prune": "keep", "approval": approval, "graph": graph},
        })
    };
    let graph = json!({"secretRef": {"name": "graph"}});
    for (document, expect) in [
        (event(json!(["location", "recurrence"]), "cancel"), None),
        (event(json!([]), "keep"), None),
        (event(json!(["start"]), "keep"), Some("spec.clear[0]: Unsupported value: \"start\"")),
        (event(json!(["subjekt"]), "keep"), Some("supported values: \"recurrence\", \"location\"")),
        (event(json!(["location", "location"]), "keep"), Some("spec.clear[1]: Duplicate value: \"location\"")),
        (event(json!([]), "prune"), Some("lifecycle.onDelete: Unsupported value: \"prune\"")),
        (workspace(json!("manual"), json!({"serviceAccountName": "meetings"})), None),
        (workspace(json!({"above": {"mails": 50, "removals": 0}}), graph.clone()), None),
        (workspace(json!("maybe"), graph.clone()), Some("\"spec.approval\" must validate at least one schema")),
        (workspace(json!({"above": {}}), graph.clone()), Some("spec.approval.above")),
        (workspace(json!({"above": {"mails": -1}}), graph.clone()), Some("spec.approval.above.mails")),
        (workspace(json!({"above": {"mials": 1}}), graph), Some("unknown field \"spec.approval.above.mials\"")),
        (
            workspace(json!("auto"), json!({"serviceAccountName": "a", "secretRef": {"name": "b"}})),
            Some("both `serviceAccountName` and `secretRef`: leave one of them out"),
        ),
    ] {
        let refusal = refusal(&client, &server, &document).await;
        match (&refusal, expect) {
            (None, None) => {}
            (Some(refusal), Some(expect)) => assert!(refusal.contains(expect), "{document}: {refusal}"),
            _ => panic!("{document}: {refusal:?}"),
        }
    }
}
