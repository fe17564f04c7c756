//! The examples as objects: what `expand` prints in the place of sets, and of what names rosters or days off.

use super::engine::root;
use super::{KINDS, Namespace, variable};
use convoke::face::manifest::yaml;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

/// The projects of the examples: what a namespace for one is called, and its folder.
pub const PROJECTS: [(&str, &str); 4] =
    [("contoso", ""), ("school", "school"), ("on-call", "on-call"), ("interviews", "interviews")];

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
    let mut convoke = Command::new(variable("APISERVER_CONVOKE"));
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

/// A namespace with all that a project makes, as strict validation takes it.
pub fn namespace(name: &'static str, folder: &str) -> Namespace {
    let mut all = vec![];
    files(&root().join("examples").join(folder), &mut all);
    // The outermost folder is a project, too, without those below it.
    all.retain(|file| !folder.is_empty() || !PROJECTS.iter().any(|it| !it.1.is_empty() && file.starts_with(it.1)));
    let mut objects: BTreeMap<String, String> = all.iter().flat_map(|it| documents(it)).collect();
    objects.extend(expanded(folder));
    assert!(objects.len() >= 2, "{folder}: {objects:?}");
    assert!(!objects.values().any(|it| it.contains("\"roster\":") || it.contains("\"skip\":")), "{objects:?}");
    let namespace = Namespace::new(name);
    let said = namespace.create(&objects.values().map(String::as_str).collect::<Vec<_>>().join("\n---\n"));
    assert_eq!(said.err, "");
    assert_eq!(said.out.matches(" created").count(), objects.len(), "{}", said.out);
    namespace
}
