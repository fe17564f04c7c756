//! What stands in a folder: manifests, what other programs keep there, links, ignore files, and the workspace above. Nothing of ours
//! is passed over in silence, for a manifest that is not read is one whose event is removed.

#![cfg(unix)]

use crate::support::{House, Run, run};
use convoke::face::sandbox::Options;
use std::fs;
use std::os::unix::fs::symlink;

const COMPOSE: &str = "services: {web: {image: nginx}}\n";

const DEPLOYMENT: &str = "apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec: {replicas: 2}
";

const TEMPLATE: &str = "apiVersion: v1
kind: Service
metadata:
  name: {{ .Release.Name }}
";

fn meeting(name: &str) -> String {
    format!(
        "apiVersion: convoke.dev/v1
kind: Event
metadata: {{name: {name}}}
spec: {{subject: Room, start: 2038-02-02T10:00, end: 2038-02-02T11:00}}
"
    )
}

/// A house with two meetings in a folder of their own.
fn house() -> House {
    let house = House::new(Options::default());
    fs::create_dir(house.path(".git")).unwrap();
    house.write("meetings/one.yaml", &meeting("one"));
    house.write("meetings/two.yaml", &meeting("two"));
    house
}

fn from(house: &House, folder: &str, args: &[&str]) -> Run {
    fs::create_dir_all(house.path(folder)).unwrap();
    run(house.program().current_dir(house.path(folder)).args(args))
}

fn said(run: &Run) -> String {
    run.err.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn from_a_folder_without_manifests_those_of_the_workspace_are_read() {
    let house = house();
    let plan = from(&house, "docs/more", &["plan"]);
    assert!(plan.code == 0 && plan.out.contains("2 to create"), "{plan:?}");
    house.write("docs/more/mkdocs.yml", "site_name: Docs\n");
    let beside = from(&house, "docs/more", &["validate"]);
    assert!(beside.code == 0 && beside.out.contains("3 documents in 3 files"), "{beside:?}");
    // A folder that holds some stands for itself.
    let apart = from(&house, "meetings", &["validate"]);
    assert!(apart.out.contains("2 documents in 2 files"), "{apart:?}");
    // And so does one that is named.
    let named = house.run(&["plan", "docs/none"]);
    assert_eq!(named.code, 1, "{named:?}");
    fs::create_dir(house.path("docs/none")).unwrap();
    let named = house.run(&["plan", "docs/none"]);
    assert!(named.code == 1 && named.err.contains("no `*.yaml` or `*.yml` file in `docs/none`"), "{named:?}");
    fs::remove_file(house.path("convoke.yaml")).unwrap();
    let nowhere = from(&house, "docs/none", &["validate"]);
    assert!(nowhere.code == 1 && nowhere.err.contains("no `*.yaml` or `*.yml` file in `.`"), "{nowhere:?}");
}

#[test]
fn what_other_programs_keep_beside_manifests_is_told_and_stops_nothing() {
    let house = house();
    house.write("docker-compose.yml", COMPOSE);
    house.write("charts/web.yaml", &format!("{DEPLOYMENT}---\n{DEPLOYMENT}"));
    house.write("charts/templates/service.yaml", TEMPLATE);
    house.write("charts/values.yaml", "replicas: 2\n");
    let validate = house.run(&["validate"]);
    assert!(validate.code == 0 && validate.out == "3 documents in 3 files: no problems\n", "{validate:?}");
    let expect = "note: passed over 5 documents of other programs: charts/templates/service.yaml, charts/values.yaml, \
                  charts/web.yaml and 1 more (-v names all)";
    assert_eq!(said(&validate), expect);
    let all = house.run(&["validate", "-v"]);
    assert!(said(&all).ends_with("charts/web.yaml, docker-compose.yml"), "{all:?}");
    assert_eq!(house.run(&["apply", "--yes"]).code, 0);
    // Whoever names a file means it.
    for (file, expect) in
        [("docker-compose.yml", "`kind` is missing"), ("charts/web.yaml", "unknown kind `Deployment`")]
    {
        let named = house.run(&["validate", file]);
        assert!(named.code == 1 && named.err.contains(expect), "{named:?}");
        let both = house.run(&["validate", ".", file]);
        assert!(both.code == 1 && both.err.contains(expect), "{both:?}");
    }
}

#[test]
fn a_manifest_that_was_misspelt_never_leads_to_a_removal() {
    let house = house();
    assert_eq!(house.run(&["apply", "--yes"]).code, 0);
    let manifest = meeting("two");
    for (from, to) in [
        ("convoke.dev/v1", "convoke.dev/v2"),
        ("convoke.dev/v1", "convok.dev/v1"),
        ("convoke.dev/v1", "v1"),
        ("kind: Event", "kind: Evnt"),
        ("kind: Event\n", ""),
        ("apiVersion: convoke.dev/v1\n", ""),
        ("apiVersion: convoke.dev/v1\nkind: Event", "apiVersoin: convoke.dev/v1\nknd: Event"),
        ("apiVersion: convoke.dev/v1\nkind: Event\n", ""),
        ("apiVersion:", "apiVersion"),
        ("spec: {", "spec: {{"),
    ] {
        house.write("meetings/two.yaml", &manifest.replace(from, to));
        let plan = house.run(&["plan"]);
        assert!(plan.code == 1 && plan.err.contains("meetings/two.yaml"), "{to}: {plan:?}");
        assert_eq!(house.run(&["apply", "--yes"]).code, 1, "{to}");
    }
    // What nothing but its name gives away is not removed either.
    house.write("meetings/two.yaml", &DEPLOYMENT.replace("web", "two"));
    let plan = house.run(&["plan"]);
    assert!(plan.code == 0 && plan.out.contains("1 blocked"), "{plan:?}");
    let out = plan.out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(out.contains("`meetings/two.yaml`, which was passed over as another program's, names `two` too"), "{out}");
    assert_eq!(house.run(&["apply", "--yes"]).code, 2);
    assert_eq!(house.event("two")["subject"], "Room");
    // Whoever says that it is another program's has it removed, and so does whoever deletes the manifest.
    house.write(".convokeignore", "/meetings/two.yaml\n");
    let plan = house.run(&["plan"]);
    assert!(plan.out.contains("1 to cancel"), "{plan:?}");
}

#[test]
fn an_ignore_file_leaves_out_what_it_names_and_the_plan_says_what_goes() {
    let house = house();
    assert_eq!(house.run(&["apply", "--yes"]).code, 0);
    house.write("drafts/broken.yaml", "apiVersion: convoke.dev/v1\nkind: [\n");
    assert_eq!(house.run(&["validate"]).code, 1);
    house.write(".convokeignore", "# not yet\ndrafts/\n");
    house.write("meetings/.convokeignore", "t*.yaml\n");
    let validate = house.run(&["validate", "-v"]);
    assert!(validate.code == 0 && validate.out.contains("2 documents in 2 files"), "{validate:?}");
    assert_eq!(said(&validate), "note: .convokeignore leaves out: drafts, meetings/two.yaml");
    let plan = house.run(&["plan"]);
    assert!(plan.out.contains("1 to cancel") && plan.out.contains("Event/two"), "{plan:?}");
    // From a folder below it is the same file that counts.
    let below = from(&house, "meetings", &["validate"]);
    assert!(below.out.contains("1 document in 1 file"), "{below:?}");
    house.write("sub/drafts/broken.yaml", "apiVersion: convoke.dev/v1\nkind: [\n");
    house.write("sub/three.yaml", &meeting("three"));
    assert_eq!(from(&house, "sub", &["validate"]).code, 0);
    // What is named by itself is read.
    assert_eq!(house.run(&["validate", "drafts/broken.yaml"]).code, 1);
    house.write("meetings/.convokeignore", "a{b,c\n");
    let wrong = house.run(&["validate"]);
    assert!(wrong.code == 1 && said(&wrong).contains("meetings/.convokeignore:1: this is no pattern"), "{wrong:?}");
}

#[test]
fn a_linked_folder_is_told_and_not_followed() {
    let house = house();
    house.write("shared/three.yaml", &meeting("three"));
    symlink("../shared", house.path("meetings/shared")).unwrap();
    let run = house.run(&["validate", "meetings"]);
    assert!(run.code == 0 && run.out.contains("2 documents in 2 files"), "{run:?}");
    assert_eq!(said(&run), "note: linked folders are not looked into: meetings/shared");
}

#[test]
fn a_file_that_is_reached_twice_is_read_once() {
    let house = house();
    for paths in
        [&[".", "meetings"][..], &["meetings/one.yaml", "./meetings/one.yaml", "."], &[".", "meetings/../meetings"]]
    {
        let run = house.run(&[&["validate"], paths].concat());
        assert!(run.code == 0 && run.out == "3 documents in 3 files: no problems\n", "{paths:?}: {run:?}");
    }
}

#[test]
fn a_document_with_a_mistake_is_looked_at_for_a_name_that_another_has() {
    let house = house();
    for mistake in ["Room, subjct: Room", "Room, isAllDay: maybe", "Room, duration: 45m"] {
        house.write("meetings/three.yaml", &meeting("one").replace("Room", mistake));
        let run = house.run(&["validate"]);
        assert!(run.code == 1 && run.err.contains("`Event/one` is declared twice"), "{mistake}: {run:?}");
        assert!(said(&run).contains("2 problems in the manifests"), "{mistake}: {run:?}");
    }
}
