//! Objects of a cluster are the manifests that a file would hold: who reads them plans the same, byte for byte, in whatever order they
//! come and whatever the cluster has written to them.

use crate::support::lab::Lab;
use crate::support::meddle::meddle;
use crate::support::random::{Manifests, edit, text};
use convoke::face::kind::KindId;
use convoke::face::kind::crd;
use convoke::face::kind::schema::Declared;
use convoke::face::manifest::yaml;
use convoke::face::plan::{Action, Plan};
use fastrand::Rng;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

#[test]
fn of_200_random_workspaces_files_and_objects_make_the_same_plan() {
    let each = |threads: u64| move |seed: u64| (seed..200).step_by(threads as usize).map(compare).collect::<Vec<_>>();
    let acts: Vec<BTreeMap<String, usize>> = std::thread::scope(|scope| {
        let runs: Vec<_> = (0..4).map(|seed| scope.spawn(move || each(4)(seed))).collect();
        runs.into_iter().flat_map(|run| run.join().unwrap()).collect()
    });
    assert_eq!(acts.len(), 200);
    for act in [Action::Create, Action::Update, Action::Cancel, Action::NoOp] {
        let count: usize = acts.iter().filter_map(|it| it.get(&format!("{act:?}"))).sum();
        assert!(count >= 30, "{act:?}: {count}");
    }
}

/// Makes a workspace with something live, edits it, and plans what then stands there both ways. Returns how often each is done.
fn compare(seed: u64) -> BTreeMap<String, usize> {
    let mut rng = Rng::with_seed(seed);
    let mut lab = Lab::new("2031-01-01T00:00:00Z");
    let mut manifests = Manifests::new();
    edited(&mut rng, &mut manifests, 8);
    let round = lab.apply(&Lab::read(&text(&manifests)));
    assert!(round.wrong.is_empty(), "seed {seed}: {:?}", round.wrong);
    if rng.u8(0..3) == 0 {
        meddle(&mut rng, &mut lab);
    }
    edited(&mut rng, &mut manifests, 6);
    let files = text(&manifests);
    let objects = of_a_cluster(&mut rng, &files);
    let read = Lab::read(&objects);
    assert_eq!(read.manifests.problems, [], "seed {seed}");
    let (by_files, by_objects) = (lab.plan(&Lab::read(&files)), lab.plan(&read));
    let (one, other) = (bytes(&by_files), bytes(&by_objects));
    let differ: Vec<_> = one.lines().zip(other.lines()).filter(|(one, other)| one != other).take(7).collect();
    assert!(one == other, "seed {seed}: {differ:?}\n{files}\n{objects}");
    assert_eq!(by_files.id, by_objects.id);
    let mut acts = BTreeMap::new();
    by_files.steps.iter().for_each(|step| *acts.entry(format!("{:?}", step.action)).or_default() += 1);
    acts
}

/// A plan as text: the members of each object in one order, in which an API server answers them, and without the name of the run, which
/// is drawn by lot and stands in the marks too.
fn bytes(plan: &Plan) -> String {
    let mut value = serde_json::to_value(plan).unwrap();
    value.sort_all_objects();
    serde_json::to_string_pretty(&value).unwrap().replace(&plan.run, "a run").replace(&plan.run[..8], "a run")
}

/// Edits manifests at random; what a manifest may not hold is thrown away.
fn edited(rng: &mut Rng, manifests: &mut Manifests, edits: usize) {
    let mut done = 0;
    while done < edits {
        let mut next = manifests.clone();
        edit(rng, &mut next);
        if Lab::read(&text(&next)).manifests.problems.is_empty() {
            *manifests = next;
            done += 1;
        }
    }
}

/// The documents of a file as a cluster answers them, read again; in another order.
fn of_a_cluster(rng: &mut Rng, files: &str) -> String {
    let mut documents: Vec<Value> = yaml::documents("manifests.yaml", files).0.into_iter().map(|it| it.value).collect();
    rng.shuffle(&mut documents);
    let read = |it: Value| {
        let object = crd::read(Declared::Resource(KindId::Event), &as_an_object(rng, it)).unwrap();
        object.document.to_string()
    };
    documents.into_iter().map(read).collect::<Vec<_>>().join("\n---\n")
}

/// What becomes of a document in a cluster: `null` is written as `clear`, since a merge patch drops it, the server
/// adds its own, and sorts names.
fn as_an_object(rng: &mut Rng, document: Value) -> Value {
    let mut object = document;
    let metadata = json!({
        "name": object["metadata"]["name"], "namespace": "meetings", "uid": format!("{:032x}", rng.u128(..)),
        "resourceVersion": rng.u32(..).to_string(), "generation": rng.u8(1..9), "creationTimestamp": "2031-01-01T00:00:00Z",
        "annotations": {"kubectl.kubernetes.io/last-applied-configuration": object.to_string() + "\n"},
        "managedFields": [{"manager": "flux", "operation": "Apply", "fieldsV1": {"f:spec": {}}}],
        "finalizers": ["convoke.dev/cancel"],
    });
    object["metadata"] = metadata;
    object["status"] = json!({"observedGeneration": 1, "id": "AAMk", "conditions": []});
    object["lifecycle"]["onDelete"] = json!(if rng.bool() { "cancel" } else { "keep" });
    let spec = object["spec"].as_object_mut().unwrap();
    let (cleared, kept): (Map<_, _>, Map<_, _>) = std::mem::take(spec).into_iter().partition(|(_, it)| it.is_null());
    *spec = kept;
    if !cleared.is_empty() {
        spec.insert("clear".into(), cleared.keys().cloned().collect());
    }
    // In a list an item does not say what it is.
    if rng.bool() {
        object.as_object_mut().unwrap().retain(|name, _| !["kind", "apiVersion"].contains(&name.as_str()));
    }
    object.sort_all_objects();
    object
}
