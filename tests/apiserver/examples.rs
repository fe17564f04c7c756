//! The examples as objects: what `expand` prints in the place of sets, and of what names rosters or days off.

use super::engine::root;
use super::{KINDS, Namespace};
use convoke::face::manifest::yaml;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

/// The documents of a text that a cluster has a kind for, by key.
fn objects(text: &str) -> impl Iterator<Item = (String, String)> {
    let all = yaml::documents("", text).0.into_iter().map(|it| it.value);
    let all = all.filter(|it| KINDS.iter().any(|(kind, _)| it["kind"] == *kind));
    all.map(|it| (format!("{}/{}", it["kind"], it["metadata"]["name"]), it.to_string()))
}

fn documents(file: &str) -> Vec<(String, String)> {
    objects(&std::fs::read_to_string(root().join("examples").join(file)).unwrap()).collect()
}

/// What `expand` prints of one folder.
fn expanded(folder: &str) -> Vec<(String, String)> {
    let mut convoke = Command::new(env!("CARGO_BIN_EXE_convoke"));
    let ended = convoke.arg("expand").arg(root().join("examples").join(folder)).output().unwrap();
    let text = String::from_utf8(ended.stdout).unwrap();
    assert!(ended.status.success(), "{}", String::from_utf8(ended.stderr).unwrap());
    objects(&text).collect()
}

fn files(folder: &Path, into: &mut Vec<String>) {
    for path in std::fs::read_dir(folder).unwrap().map(|it| it.unwrap().path()) {
        if path.is_dir() {
            files(&path, into);
        } else if path.extension().is_some_and(|it| it == "yaml") {
            into.push(path.strip_prefix(root().join("examples")).unwrap().to_str().unwrap().to_owned());
        }
    }
}

#[test]
fn every_document_of_the_examples_is_taken() {
    let namespace = Namespace::new("examples");
    let mut all = vec![];
    files(&root().join("examples"), &mut all);
    let mut objects: BTreeMap<String, String> = all.iter().flat_map(|it| documents(it)).collect();
    let written = objects.len();
    ["school", "on-call", "interviews"].iter().for_each(|it| objects.extend(expanded(it)));
    assert!(written >= 12 && objects.len() >= written + 10, "{written} of {}", objects.len());
    assert!(!objects.values().any(|it| it.contains("\"roster\":") || it.contains("\"skip\":")), "{objects:?}");
    let said = namespace.create(&objects.values().map(String::as_str).collect::<Vec<_>>().join("\n---\n"));
    assert_eq!(said.err, "");
    assert_eq!(said.out.matches(" created").count(), objects.len(), "{}", said.out);
}
