//! How failures are told: to people in words, to programs as one object, on every command alike.

use crate::support::{House, Run, program, run};
use convoke::face::sandbox::Options;
use serde_json::Value;
use std::time::Duration;

const EVENT: &str = "apiVersion: convoke.dev/v1
kind: Event
metadata: {name: weekly, labels: {team: platform}}
spec: {subject: Weekly, start: 2038-02-02T10:00, duration: 45m, isOnlineMeeting: true}
";

fn house() -> House {
    let house = House::new(Options::default());
    house.write("manifests.yaml", EVENT);
    house
}

/// The document that a command prints instead of its report.
fn error(run: &Run) -> Value {
    let document: Value = serde_json::from_str(&run.out).unwrap_or_else(|why| panic!("{why}: {run:?}"));
    assert!(run.code == 1 && document["formatVersion"] == 1, "{run:?}");
    assert!(document["error"]["message"].is_string(), "{run:?}");
    document
}

#[test]
fn with_format_json_every_failure_is_one_object_with_a_code() {
    let house = house();
    for (args, code) in [
        (&["plan", "--only", "Event/nobody"][..], "CVK0005"),
        (&["plan", "--nope"], "CVK0002"),
        (&["plan", "nowhere.yaml"], "CVK0150"),
        (&["plan", "--against", "manifests.yaml"], "CVK0709"),
        (&["apply"], "CVK0003"),
        (&["apply", "plan.json"], "CVK0150"),
        (&["status", "--workspace", "nowhere.yaml"], "CVK0150"),
        (&["doctor", "nowhere.yaml"], "CVK0150"),
        (&["validate", "nowhere.yaml"], "CVK0150"),
        (&["explain", "Evnt"], "CVK0005"),
        (&["state", "history", "--workspace", "nowhere.yaml"], "CVK0150"),
    ] {
        let run = house.run(&[args, &["--format", "json"]].concat());
        assert_eq!(error(&run)["error"]["code"], code, "{args:?}: {run:?}");
        assert!(run.err.contains("error: "), "people read standard error: {run:?}");
    }
}

#[test]
fn problems_in_the_manifests_stand_in_the_object_with_code_and_place() {
    let house = house();
    house.write("manifests.yaml", &EVENT.replace("duration", "durration").replace("2038-02-02T10:00", "tomorrow"));
    for command in [&["plan"][..], &["apply", "--yes"], &["destroy", "--yes"], &["doctor"]] {
        let document = error(&house.run(&[command, &["--format", "json"]].concat()));
        assert_eq!(document["error"]["code"], "CVK0100", "{document}");
        let problem = &document["problems"][0];
        let told = (&problem["code"], &problem["file"], &problem["line"]);
        assert!(told.0.is_string() && told.1 == "manifests.yaml" && told.2 == 4, "{document}");
    }
    let run = house.run(&["plan"]);
    assert!(run.out.is_empty() && run.err.contains("error[CVK0107]: unknown property `durration`"), "{run:?}");
}

#[test]
fn a_plan_that_was_printed_stays_the_only_document() {
    let house = house();
    let run = house.run(&["plan", "--format", "json", "--out", "folder/plan.json"]);
    assert!(run.code == 1 && run.err.contains("error: "), "{run:?}");
    let plan: Value = serde_json::from_str(&run.out).unwrap();
    assert!(plan["steps"].is_array() && plan.get("error").is_none(), "{run:?}");
}

#[test]
fn a_log_in_json_holds_nothing_else_to_its_end_and_says_when() {
    let house = house();
    for (args, last) in [
        (&["apply", "--yes"][..], "message"),
        (&["plan", "--only", "Event/nobody"], "error"),
        (&["plan", "--select", "team=typo"], "totals"),
        (&["apply", "--yes", "nowhere.yaml"], "error"),
    ] {
        let run = house.run(&[args, &["--log", "json"]].concat());
        let events: Vec<Value> = run.err.lines().map(|line| serde_json::from_str(line).expect(line)).collect();
        for event in &events {
            let time: Result<jiff::Timestamp, _> = event["time"].as_str().unwrap_or_default().parse();
            assert!(time.is_ok() && event["event"].is_string(), "{event}");
        }
        assert_eq!(events.last().unwrap()["event"], last, "{args:?}: {run:?}");
    }
    house.write("manifests.yaml", &EVENT.replace("duration", "durration"));
    let run = house.run(&["plan", "--log", "json"]);
    let events: Vec<Value> = run.err.lines().map(|line| serde_json::from_str(line).expect(line)).collect();
    assert_eq!((&events[0]["event"], &events[0]["problem"]["code"]), (&"problem".into(), &"CVK0107".into()));
    assert_eq!((&events[1]["event"], &events[1]["code"]), (&"error".into(), &"CVK0100".into()));
}

#[test]
fn a_label_that_nothing_has_is_warned_of() {
    let run = house().run(&["plan", "--select", "team=typo", "--quiet"]);
    assert!(run.err.contains("warning: nothing has the label team=typo"), "{run:?}");
}

#[test]
fn quiet_leaves_the_hints_out_and_no_error() {
    let house = house();
    assert!(house.run(&["plan"]).err.contains("applies it"));
    let run = house.run(&["plan", "--quiet"]);
    assert!(run.code == 0 && run.out.contains("1 to create") && run.err.is_empty(), "{run:?}");
    let run = house.run(&["plan", "--quiet", "--only", "Event/nobody"]);
    assert!(run.code == 1 && run.err.contains("error: "), "{run:?}");
}

#[test]
fn what_takes_too_long_ends_and_says_so() {
    let house = House::new(Options { latency: Some(Duration::from_secs(2)), ..Options::default() });
    house.write("manifests.yaml", EVENT);
    let run = house.run(&["plan", "--timeout", "0"]);
    assert!(run.code == 1 && run.err.contains("not done in 0 s") && run.err.contains("[CVK0008]"), "{run:?}");
    let run = house.run(&["apply", "--yes", "--timeout", "0"]);
    assert!(run.code == 1 && run.err.contains("stopped: nothing was sent"), "{run:?}");
    assert!(house.sandbox().counts().writes.is_empty());
}

#[test]
fn an_address_of_graph_that_cannot_be_used_is_told_by_its_variable_and_hides_what_signs_in() {
    let house = house();
    for (address, shown) in [
        ("graph.microsoft.com", "`graph.microsoft.com`"),
        ("https://me:geheim@graph.microsoft.com/v1.0", "`https://***@graph.microsoft.com/v1.0`"),
        ("https://graph.microsoft.com?key=geheim", "`https://graph.microsoft.com…`"),
    ] {
        let mut plan = program(house.folder.path());
        let run = run(plan.arg("plan").env("CONVOKE_GRAPH_URL", address).env("CONVOKE_ACCESS_TOKEN", "token"));
        assert!(run.code == 1 && run.err.contains("CONVOKE_GRAPH_URL cannot be used: "), "{run:?}");
        let flat = run.err.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(flat.contains(shown) && flat.contains("[CVK0904]") && !run.err.contains("geheim"), "{run:?}");
    }
}

#[test]
fn a_number_behind_occurrences_is_no_file() {
    let run = house().run(&["plan", "--occurrences", "5"]);
    assert!(run.code == 1 && run.err.contains("hint: write `--occurrences=5`"), "{run:?}");
}

#[test]
fn detailed_exit_codes_tell_blocked_from_different() {
    let house = house();
    let plan = |args: &[&str]| house.run(&[&["plan", "--detailed-exitcode"], args].concat()).code;
    assert_eq!(plan(&[]), 2, "there is something to do");
    assert_eq!(house.run(&["apply", "--yes"]).code, 0);
    assert_eq!(plan(&[]), 0, "nothing is to be done");
    house.write("manifests.yaml", &EVENT.replace("true", "false"));
    assert_eq!(plan(&[]), 3, "it is blocked");
    assert_eq!(house.run(&["plan"]).code, 0, "which is no failure");
}

#[test]
fn the_version_is_told_to_people_and_programs() {
    let house = house();
    let version = env!("CARGO_PKG_VERSION");
    for args in [&["--version"][..], &["-V"], &["version"]] {
        let run = house.run(args);
        assert!(run.code == 0 && run.out.starts_with(&format!("convoke {version}")), "{run:?}");
    }
    let said = house.json(&["version"]);
    assert_eq!((&said["formatVersion"], &said["version"]), (&1.into(), &version.into()));
    assert!(said.get("commit").is_some() && said.get("date").is_some(), "{said}");
}

#[test]
fn one_page_lists_every_variable_and_the_manual_has_it_with_the_exit_codes() {
    let house = house();
    let page = house.run(&["explain", "environment"]).out;
    let manual = house.run(&["man"]).out;
    let roff = |name: &str| name.replace('-', "\\-");
    for name in
        ["CONVOKE_WORKSPACE", "CONVOKE_SANDBOX_PORT", "CONVOKE_CEILING_MAILS", "AZURE_CLIENT_SECRET", "CONVOKE_YES"]
    {
        assert!(page.contains(&format!("  {name}\n")), "{name}: {page}");
        assert!(manual.contains(&format!("\\fB{}\\fR", roff(name))), "{name}: {manual}");
    }
    assert!(page.lines().all(|line| line.chars().count() <= 80), "{page}");
    assert!(manual.contains(".SH ENVIRONMENT\n") && manual.contains(".SH \"EXIT STATUS\"\n"), "{manual}");
    let codes = house.run(&["explain", "exit-codes"]).out;
    assert!(codes.contains("plan:\n  0    planned") && codes.contains("\n  3    with --detailed"), "{codes}");
    let topics = house.run(&["explain"]).out;
    for topic in ["Event", "OnlineMeeting", "Workspace", "codes", "environment", "exit-codes"] {
        assert!(topics.contains(&format!("  {topic}")), "{topic}: {topics}");
    }
}

#[test]
fn no_variable_answers_what_is_asked_before_everything_goes() {
    let house = house();
    assert_eq!(house.run(&["apply", "--yes"]).code, 0);
    let mut destroy = house.program();
    let run = run(destroy.args(["destroy"]).env("CONVOKE_YES", "true"));
    assert!(run.code == 1 && run.err.contains("nobody to ask") && run.err.contains("[CVK0003]"), "{run:?}");
}
