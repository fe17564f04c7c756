//! Objects and files of the same content: what the operator would do with the ones is what the program plans of the others, to the byte
//! that an approval is for.

use super::operator::granted;
use super::random::{Manifests, edit, text};
use super::running::{HOME, Running};
use super::variable;
use convoke::face::manifest::files::Source;
use convoke::face::manifest::{read, yaml};
use fastrand::Rng;
use serde_json::{Map, Value, json};
use std::path::Path;
use std::process::Command;

/// Their ids are compared for so many workspaces; `ALIKE=200` has more.
fn number() -> u64 {
    std::env::var("ALIKE").map_or(12, |number| number.parse().unwrap())
}

fn name(seed: u64) -> String {
    format!("alike-{seed}")
}

fn workspace(seed: u64) -> Value {
    json!({
        "apiVersion": "convoke.dev/v1", "kind": "Workspace", "metadata": {"name": name(seed)},
        "spec": {
            "prune": "keep",
            "defaults": {
                "organizer": super::ORGANIZER, "timeZone": "Europe/Berlin", "onlineMeetingProvider": "teamsForBusiness",
            },
        },
    })
}

/// Manifests at random, as a file holds them.
fn manifests(seed: u64) -> String {
    let (mut rng, mut all, mut edits) = (Rng::with_seed(seed), Manifests::new(), 0);
    while edits < 12 {
        let mut next = all.clone();
        edit(&mut rng, &mut next);
        let source = |text: String| Source { file: "it.yaml".into(), text: text.into(), found: false };
        if read(vec![source(workspace(seed).to_string()), source(text(&next))], None).problems.is_empty() {
            all = next;
            edits += 1;
        }
    }
    text(&all)
}

/// The same as objects, in a namespace that the operator serves, whose plan waits for somebody.
fn objects(seed: u64) -> String {
    let namespace = name(seed);
    let mut workspace = workspace(seed);
    workspace["spec"]["approval"] = json!("manual");
    workspace["metadata"]["labels"] = json!({"alike": "yes"});
    let events = yaml::documents("it.yaml", &manifests(seed)).0.into_iter().map(|it| cleared(it.value));
    let own = [workspace].into_iter().chain(events).map(|mut it| {
        it["metadata"]["namespace"] = json!(namespace);
        it
    });
    let home = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}});
    let all = [home, granted(&namespace)].into_iter().chain(own);
    all.map(|it| it.to_string()).collect::<Vec<_>>().join("\n---\n") + "\n---\n"
}

/// A cluster keeps no `null`: what is cleared stands in a list.
fn cleared(mut document: Value) -> Value {
    let spec = document["spec"].as_object_mut().unwrap();
    let (cleared, kept): (Map<_, _>, Map<_, _>) = std::mem::take(spec).into_iter().partition(|(_, it)| it.is_null());
    *spec = kept;
    if !cleared.is_empty() {
        spec.insert("clear".into(), cleared.keys().cloned().collect());
    }
    document
}

/// The id of what the program plans.
fn planned(seed: u64, operator: &Running, folder: &Path) -> Value {
    let folder = folder.join(name(seed));
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("convoke.yaml"), workspace(seed).to_string()).unwrap();
    std::fs::write(folder.join("events.yaml"), manifests(seed)).unwrap();
    let mut convoke = Command::new(variable("APISERVER_CONVOKE"));
    convoke.env_clear().env("CONVOKE_GRAPH_URL", &operator.twin.url).env("CONVOKE_ACCESS_TOKEN", &operator.twin.token);
    let ended = convoke.args(["plan", "--format", "json"]).arg(&folder).output().unwrap();
    assert!(ended.status.success(), "{seed}: {}", String::from_utf8_lossy(&ended.stderr));
    serde_json::from_slice::<Value>(&ended.stdout).unwrap()["planId"].take()
}

pub fn are_planned_as_files(operator: &Running) {
    let (writes, folder) = (operator.twin.counts().writes, tempfile::tempdir().unwrap());
    let all: String = (0..number()).map(objects).collect();
    HOME.kubectl(&["create", "--namespace=", "--validate=strict", "-f", "-"], &all).out();
    let waits = "--for=jsonpath={.status.pendingPlan.id}";
    let said =
        HOME.kubectl(&["wait", "--namespace=", "-A", "-l", "alike=yes", "--timeout=120s", waits, "workspaces"], "");
    assert!(said.took, "{}\n{}", said.err, operator.log());
    let mut found =
        HOME.kubectl(&["get", "--namespace=", "-A", "-l", "alike=yes", "-o", "json", "workspaces"], "").json();
    let found = found["items"].as_array_mut().unwrap();
    assert_eq!(found.len() as u64, number());
    for seed in 0..number() {
        let it = found.iter().find(|it| it["metadata"]["name"] == name(seed).as_str()).unwrap();
        let (pending, planned) = (&it["status"]["pendingPlan"], planned(seed, operator, folder.path()));
        assert!(planned.is_string() && pending["creates"].as_u64() >= Some(1), "{seed}: {planned} {pending}");
        assert_eq!(pending["id"], planned, "{seed}: {}", manifests(seed));
    }
    assert_eq!(operator.twin.counts().writes, writes, "{}", operator.log());
}
