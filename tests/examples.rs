//! The examples, as a new user runs them: on the embedded twin, with nothing set.

use crate::support::{Run, program, run};
use serde_json::Value;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

/// A copy of `examples/` in a folder of its own.
fn examples() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("examples"), &folder.path().join("examples"));
    folder
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        match path.file_name().unwrap().to_str().unwrap() {
            // What was tried out in the clone.
            name if name.starts_with('.') && name != ".convokeignore" => {}
            _ if path.is_dir() => copy(&path, &target),
            _ => drop(fs::copy(&path, &target).unwrap()),
        }
    }
}

fn convoke(folder: &TempDir, args: &[&str]) -> Run {
    run(program(folder.path()).args(args))
}

const APPLY: &[&str] = &["apply", "--sandbox", "--yes", "-v", "examples"];
const PLAN: &[&str] = &["plan", "--sandbox", "--format", "json", "examples"];
const STATUS: &[&str] =
    &["status", "--sandbox", "--workspace", "examples/convoke.yaml", "--format", "json", "--details", "--reveal"];

fn json(run: &Run) -> Value {
    serde_json::from_str(&run.out).unwrap_or_else(|error| panic!("{error}: {run:?}"))
}

fn summary(plan: &Value) -> Vec<(String, u64)> {
    let counts = plan["summary"].as_object().unwrap().iter();
    counts.filter_map(|(name, it)| Some((name.clone(), it.as_u64().filter(|it| *it > 0)?))).collect()
}

#[test]
fn the_examples_are_made_once_and_shown_by_status() {
    let folder = examples();
    let first = convoke(&folder, APPLY);
    assert_eq!(first.code, 0, "{first:?}");
    assert!(
        first.err.contains("`convoke status --sandbox --workspace examples/convoke.yaml` shows the join links"),
        "{first:?}"
    );

    let second = convoke(&folder, APPLY);
    assert_eq!(second.code, 0);
    assert!(second.out.contains("nothing to do, 4 unchanged"), "{second:?}");
    assert!(second.err.contains(", 0 writes;"), "{second:?}");

    let status = json(&convoke(&folder, STATUS));
    let rows = status["resources"].as_array().unwrap();
    assert_eq!(rows.len(), 4);
    for row in rows {
        let (link, passcode) = (row["joinUrl"].as_str().unwrap(), row["passcode"].as_str().unwrap());
        assert!(link.starts_with("https://"), "{row}");
        for run in [&first, &second] {
            assert!(!run.out.contains(link) && !run.err.contains(link), "a join link stands outside of status");
            assert!(!run.out.contains(passcode) && !run.err.contains(passcode), "a passcode stands outside of status");
        }
    }
}

#[test]
fn a_new_subject_is_one_update_that_leaves_the_rest_alone() {
    let folder = examples();
    convoke(&folder, APPLY);
    let before = json(&convoke(&folder, STATUS));
    let file = folder.path().join("examples/events/quarterly-review.yaml");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replace("subject: Quarterly review", "subject: Quarterly business review")).unwrap();

    let plan = json(&convoke(&folder, PLAN));
    assert_eq!(summary(&plan), [("update".to_owned(), 1), ("noop".to_owned(), 3)]);
    assert_eq!(plan["summary"]["mails"]["total"], 2);
    assert_eq!(convoke(&folder, APPLY).code, 0);
    let mut after = json(&convoke(&folder, STATUS));
    assert_eq!(after["resources"][1]["subject"], "Quarterly business review");
    after["resources"][1]["subject"] = before["resources"][1]["subject"].clone();
    assert_eq!(after, before, "something besides the subject changed");
    assert_eq!(summary(&json(&convoke(&folder, PLAN))), [("noop".to_owned(), 4)]);
}

#[test]
fn a_manifest_that_is_deleted_is_a_cancellation_in_the_plan() {
    let folder = examples();
    convoke(&folder, APPLY);
    fs::remove_file(folder.path().join("examples/events/quarterly-review.yaml")).unwrap();
    let plan = json(&convoke(&folder, PLAN));
    assert_eq!(summary(&plan), [("cancel".to_owned(), 1), ("noop".to_owned(), 3)]);
    let expect = serde_json::json!({
        "kind": "cancellation", "count": 2, "to": ["megan@contoso.example", "nestor@contoso.example"],
        "outside": [], "rooms": [], "because": [{"cause": "cancelled"}],
    });
    assert_eq!(plan["steps"][1]["mail"][0], expect);
}

#[test]
fn a_lost_state_makes_nothing_twice() {
    let folder = examples();
    convoke(&folder, APPLY);
    let before = json(&convoke(&folder, STATUS));
    fs::remove_file(folder.path().join("examples/.convoke/sandbox-state.json")).unwrap();
    let again = convoke(&folder, APPLY);
    assert_eq!(again.code, 0, "{again:?}");
    assert!(again.out.contains("the key already had a meeting, which was adopted"), "{again:?}");
    assert_eq!(json(&convoke(&folder, STATUS)), before, "the same meetings with the same links");
}

#[test]
fn destroy_cancels_what_the_workspace_owns_and_spares_what_is_protected() {
    let folder = examples();
    convoke(&folder, APPLY);
    let run = convoke(&folder, &["destroy", "--sandbox", "--yes", "examples"]);
    assert_eq!(run.code, 2, "{run:?}");
    assert!(run.out.contains("! Event/platform-weekly  blocked"), "{run:?}");
    assert!(run.out.contains("3 to cancel"), "{run:?}");
    let left = json(&convoke(&folder, STATUS));
    let keys: Vec<&str> =
        left["resources"].as_array().unwrap().iter().map(|row| row["key"].as_str().unwrap()).collect();
    assert_eq!(keys, ["Event/platform-weekly"]);
}

#[test]
fn one_file_alone_prunes_nothing() {
    let folder = examples();
    convoke(&folder, APPLY);
    let plan = json(&convoke(&folder, &["plan", "--sandbox", "--format", "json", "examples/events"]));
    assert_eq!(summary(&plan), [("noop".to_owned(), 4)]);
}

/// Plans what `expand` prints of a folder, without the files that it is made of.
fn planned_written_out(folder: &TempDir, of: &str) -> Run {
    let expanded = convoke(folder, &["expand", of]);
    assert_eq!(expanded.code, 0, "{expanded:?}");
    let plain = folder.path().join("plain");
    fs::create_dir_all(&plain).unwrap();
    fs::copy(folder.path().join(of).join("convoke.yaml"), plain.join("convoke.yaml")).unwrap();
    copy(&folder.path().join(of).join(".convoke"), &plain.join(".convoke"));
    fs::write(plain.join("expanded.yaml"), &expanded.out).unwrap();
    convoke(folder, &["plan", "--sandbox", "plain"])
}

#[test]
fn who_is_on_call_can_be_written_out_in_place_of_the_rosters() {
    let folder = examples();
    let first = convoke(&folder, &["apply", "--sandbox", "--yes", "examples/on-call"]);
    assert_eq!(first.code, 0, "{first:?}");
    let same = planned_written_out(&folder, "examples/on-call");
    assert!(same.code == 0 && same.out.contains("nothing to do, 5 unchanged"), "{same:?}");
}

#[test]
fn a_timetable_follows_the_table_of_its_classes() {
    let folder = examples();
    const SCHOOL: &str = "examples/school";
    let first = convoke(&folder, &["apply", "--sandbox", "--yes", SCHOOL]);
    assert_eq!(first.code, 0, "{first:?}");
    let second = convoke(&folder, &["plan", "--sandbox", SCHOOL]);
    assert!(second.code == 0 && second.out.contains("nothing to do, 30 unchanged"), "{second:?}");

    // What stands written out in place of the set and the holidays is the same.
    let same = planned_written_out(&folder, SCHOOL);
    assert!(same.code == 0 && same.out.contains("nothing to do, 30 unchanged"), "{same:?}");

    // A class moves to another room, another one is closed.
    let file = folder.path().join(SCHOOL).join("classes.csv");
    let text = fs::read_to_string(&file).unwrap();
    let changed = text.lines().filter(|it| !it.contains(",6c,")).map(|it| it.replace(",104,", ",204,") + "\n");
    fs::write(&file, changed.collect::<String>()).unwrap();
    let plan = json(&convoke(&folder, &["plan", "--sandbox", "--format", "json", SCHOOL]));
    let expect = [("update", 1), ("cancel", 1), ("noop", 28)].map(|(name, count)| (name.to_owned(), count));
    assert_eq!(summary(&plan), expect);

    // A table that is gone or emptied cancels nothing.
    for text in [Some("year,class,subject,teacher,room,day,first,time,minutes,online\n"), None] {
        match text {
            Some(text) => fs::write(&file, text).unwrap(),
            None => fs::remove_file(&file).unwrap(),
        }
        let refused = convoke(&folder, &["plan", "--sandbox", SCHOOL]);
        assert!(refused.code == 1 && refused.err.contains("nothing was touched"), "{refused:?}");
        // A table that is meant to be empty is removed within the limits; one that is not there is never meant.
        let allowed = convoke(&folder, &["plan", "--sandbox", "--allow-empty", SCHOOL]);
        let expect = if text.is_some() { "this would remove 30 of 30" } else { "nothing was touched" };
        assert!((allowed.out.clone() + &allowed.err).contains(expect), "{allowed:?}");
    }
}

#[test]
fn a_turn_of_the_rota_is_exchanged_by_exchanging_two_addresses() {
    let folder = examples();
    const ROTA: &str = "examples/on-call";
    let first = convoke(&folder, &["apply", "--sandbox", "--yes", ROTA]);
    assert_eq!(first.code, 0, "{first:?}");
    let second = convoke(&folder, &["plan", "--sandbox", ROTA]);
    assert!(second.code == 0 && second.out.contains("nothing to do, 5 unchanged"), "{second:?}");
    let file = folder.path().join(ROTA).join("rosters.yaml");
    let text = fs::read_to_string(&file).unwrap();
    let exchanged = text.replacen("adele@", "?@", 1).replacen("lidia@", "adele@", 1).replacen("?@", "lidia@", 1);
    fs::write(&file, exchanged).unwrap();
    let plan = json(&convoke(&folder, &["plan", "--sandbox", "--format", "json", ROTA]));
    assert_eq!(summary(&plan), [("update".to_owned(), 2), ("noop".to_owned(), 3)]);
    let note = "`Roster/on-call` changed: 2 events, 2 invitations and 2 cancellations to 2 people";
    assert_eq!(plan["notes"], serde_json::json!([note]));
}

#[test]
fn each_candidate_is_invited_to_one_interview_and_none_is_held_on_a_day_off() {
    let folder = examples();
    const INTERVIEWS: &str = "examples/interviews";
    let first = convoke(&folder, &["apply", "--sandbox", "--yes", INTERVIEWS]);
    assert_eq!(first.code, 0, "{first:?}");
    let second = convoke(&folder, &["plan", "--sandbox", INTERVIEWS]);
    assert!(second.code == 0 && second.out.contains("nothing to do, 1 unchanged"), "{second:?}");

    // Another candidate, and one more day off: nobody is mailed but those whom it is about.
    let file = folder.path().join(INTERVIEWS).join("interviews.yaml");
    let text = fs::read_to_string(&file).unwrap();
    let changed = text.replace("bo@northwind.example", "cy@northwind.example");
    fs::write(&file, changed.replace("[2031-03-27]", "[2031-03-27, 2031-04-03]")).unwrap();
    let plan = json(&convoke(&folder, &["plan", "--sandbox", "--format", "json", INTERVIEWS]));
    assert_eq!(summary(&plan), [("update".to_owned(), 1)]);
    let mails: Vec<(&str, &Value)> = plan["steps"][0]["mail"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| (it["kind"].as_str().unwrap(), &it["to"]))
        .collect();
    let (cy, bo) = (serde_json::json!(["cy@northwind.example"]), serde_json::json!(["bo@northwind.example"]));
    let panel = serde_json::json!(["adele@contoso.example", "lee@contoso.example"]);
    assert_eq!(mails, [("invitation", &cy), ("cancellation", &bo), ("cancellation", &panel)]);
}
