//! The examples as objects: what sets make in the place of the sets.

use super::engine::root;
use super::{KINDS, Namespace};
use convoke::face::manifest::yaml;
use std::path::Path;
use std::process::Command;

/// The documents of one file that a cluster has a kind for.
fn documents(file: &str) -> Vec<String> {
    let text = std::fs::read_to_string(root().join("examples").join(file)).unwrap();
    let all = yaml::documents(file, &text).0.into_iter().map(|it| it.value);
    all.filter(|it| KINDS.iter().any(|(kind, _)| it["kind"] == *kind)).map(|it| it.to_string()).collect()
}

/// What the sets of one folder make.
fn expanded(folder: &str) -> Vec<String> {
    let mut convoke = Command::new(env!("CARGO_BIN_EXE_convoke"));
    let ended = convoke.arg("expand").arg(root().join("examples").join(folder)).output().unwrap();
    let text = String::from_utf8(ended.stdout).unwrap();
    assert!(ended.status.success(), "{}", String::from_utf8(ended.stderr).unwrap());
    yaml::documents(folder, &text).0.into_iter().map(|it| it.value.to_string()).collect()
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
    let written: Vec<String> = all.iter().flat_map(|it| documents(it)).collect();
    let made = expanded("school");
    assert!(written.len() >= 12 && made.len() >= 10, "{} and {}", written.len(), made.len());
    let count = written.len() + made.len();
    let said = namespace.create(&written.into_iter().chain(made).collect::<Vec<_>>().join("\n---\n"));
    assert_eq!(said.err, "");
    assert_eq!(said.out.matches(" created").count(), count, "{}", said.out);
}
