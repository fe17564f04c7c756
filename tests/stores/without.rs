//! A program that was built without stores says so where one is named.

#![cfg(not(feature = "remote-state"))]

use std::process::Command;

const WORKSPACE: &str = "apiVersion: convoke.dev/v1
kind: Workspace
metadata: {name: contoso}
spec: {prune: keep, defaults: {organizer: alex@contoso.example, timeZone: Europe/Berlin}}
";

#[test]
fn a_program_without_stores_says_so() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("convoke.yaml"), WORKSPACE).unwrap();
    let mut program = Command::new(env!("CARGO_BIN_EXE_convoke"));
    // A pipeline takes the place of the state from its environment alone.
    program.env("CONVOKE_STATE", "az://records/a.json").args(["state", "list"]);
    let run = program.current_dir(&folder).output().unwrap();
    let said = String::from_utf8(run.stderr).unwrap().split_whitespace().collect::<Vec<_>>().join(" ");
    let expect = "this convoke was built without `remote-state`, and the state is `az://records/a.json`";
    assert!(!run.status.success() && said.contains(expect) && said.contains("--features remote-state"), "{said}");
}
