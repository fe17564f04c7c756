//! What is generated and checked in is what the program would generate now.
//!
//! `UPDATE=1 cargo test --test all published::` writes it anew.

use convoke::face::kind::schema;
use convoke::face::plan::saved;
use std::fs;
use std::path::Path;
use std::process::Command;

#[test]
fn the_published_schemas_are_those_that_the_program_checks_with() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas");
    let mut stale = vec![];
    let plan = ("plan.schema.json", saved::schema());
    let all: Vec<_> = schema::published().into_iter().chain([plan]).collect();
    let count = all.len();
    for (name, schema) in all {
        let text = serde_json::to_string_pretty(&schema).unwrap() + "\n";
        if std::env::var_os("UPDATE").is_some() {
            fs::write(folder.join(name), &text).unwrap();
        } else if fs::read_to_string(folder.join(name)).unwrap_or_default() != text {
            stale.push(name);
        }
    }
    assert!(stale.is_empty(), "stale: {stale:?}; UPDATE=1 cargo test --test all published:: writes them anew");
    assert_eq!(fs::read_dir(folder).unwrap().count(), count, "a file that nothing generates");
}

#[test]
fn the_definitions_for_api_servers_are_those_that_the_program_prints() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/crds.yaml");
    let printed = Command::new(env!("CARGO_BIN_EXE_convoke")).args(["schema", "--crd"]).output().unwrap();
    let text = String::from_utf8(printed.stdout).unwrap();
    assert_eq!(
        text.matches("\nkind: CustomResourceDefinition\n").count(),
        4,
        "{:?}",
        String::from_utf8(printed.stderr)
    );
    if std::env::var_os("UPDATE").is_some() {
        fs::write(file, &text).unwrap();
    } else {
        let stale = fs::read_to_string(file).unwrap_or_default() != text;
        assert!(!stale, "deploy/crds.yaml is stale: UPDATE=1 cargo test --test all published:: writes it anew");
    }
}
