//! The state file between two who use it: who comes second waits, what another wrote is never overwritten, and nothing beside
//! it is touched.

use crate::support::House;
use convoke::face::sandbox::Options;
use serde_json::Value;
use std::fs;
use std::process::Stdio;
use std::time::{Duration, Instant};

const MEETING: &str = "apiVersion: convoke.dev/v1
kind: OnlineMeeting
metadata: {name: room}
spec: {subject: Room, start: 2038-02-02T10:00, end: 2038-02-02T11:00}
";

const STATE: &str = ".convoke/state.json";

/// Another apply has the lock; what it has not written to the end yet is not looked at.
#[test]
fn the_state_is_read_under_the_lock_and_never_before_it() {
    let house = House::new(Options::default());
    house.write("manifests.yaml", MEETING);
    house.write(STATE, "{");
    let other = fs::File::create(house.path(".convoke/state.json.lock")).unwrap();
    other.lock().unwrap();
    let second = house.run(&["apply", "--yes"]);
    assert!(second.code == 1 && second.err.contains("another apply is running on this state"), "{second:?}");
    // Who only reads waits for nobody.
    fs::remove_file(house.path(STATE)).unwrap();
    let plan = house.run(&["plan"]);
    assert!(plan.code == 0 && plan.out.contains("1 to create"), "{plan:?}");
    drop(other);
    assert_eq!(house.run(&["apply", "--yes"]).code, 0);
}

/// Somebody puts an older copy back while an apply runs: it stays, and the apply does not say that all is well.
#[test]
fn a_state_that_somebody_else_wrote_meanwhile_is_not_overwritten() {
    let house = House::new(Options { latency: Some(Duration::from_millis(300)), ..Options::default() });
    house.write("manifests.yaml", MEETING);
    assert_eq!(house.run(&["apply", "--yes"]).code, 0);
    let ours = fs::read_to_string(house.path(STATE)).unwrap();
    let serial = serde_json::from_str::<Value>(&ours).unwrap()["serial"].clone();
    let theirs = ours.replace(&format!("\"serial\": {serial}"), "\"serial\": 77");
    assert_ne!(ours, theirs);
    house.write("manifests.yaml", &MEETING.replace("subject: Room", "subject: New"));
    let asked = house.sandbox().counts().requests;
    let mut apply = house.program();
    apply.args(["apply", "--yes"]).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let apply = apply.spawn().unwrap();
    let deadline = Instant::now() + Duration::from_secs(30);
    while house.sandbox().counts().requests == asked {
        assert!(Instant::now() < deadline, "the apply never asked anything");
        std::thread::yield_now();
    }
    // It has read the state before its first request, and the answer is still on its way.
    fs::write(house.path(STATE), &theirs).unwrap();
    let output = apply.wait_with_output().unwrap();
    let (out, err) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert_eq!(fs::read_to_string(house.path(STATE)).unwrap(), theirs);
    assert!(output.status.code() == Some(1) && err.contains("was written by somebody else"), "{err}");
    // What became of the meeting is told all the same.
    assert!(out.contains("OnlineMeeting/room  update"), "{out}");
}

/// The state cannot be written any more once the mails are out, as on a full disk: what was sent is reported all the same.
#[test]
fn what_was_sent_is_reported_although_the_state_cannot_be_written() {
    for format in ["human", "json"] {
        let house = House::new(Options { latency: Some(Duration::from_millis(300)), ..Options::default() });
        let event = "apiVersion: convoke.dev/v1\nkind: Event\nmetadata: {name: weekly}\nspec: {subject: Weekly, start: 2038-02-02T10:00, \
                     duration: 45m, attendees: [adele@contoso.example]}\n";
        house.write("manifests.yaml", event);
        let mut apply = house.program();
        apply.args(["apply", "--yes", "--format", format]);
        let apply = apply.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let deadline = Instant::now() + Duration::from_secs(30);
        while house.writes() == 0 {
            assert!(Instant::now() < deadline, "the apply never sent anything");
            std::thread::yield_now();
        }
        // The intents were written, and the answer is on its way: from here on there is no folder to write to.
        fs::rename(house.path(".convoke"), house.path("away")).unwrap();
        fs::write(house.path(".convoke"), "").unwrap();
        let output = apply.wait_with_output().unwrap();
        let (out, err) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
        assert_eq!((output.status.code(), house.sandbox().mails().len()), (Some(1), 1), "{out}{err}");
        assert!(out.contains("Event/weekly") && out.contains("cannot write the state"), "{out}");
        if format == "json" {
            let report: Value = serde_json::from_str(&out).unwrap();
            assert!(report["unsaved"].as_str().unwrap().contains("cannot write the state"), "{report}");
        } else {
            assert!(out.contains("\nerror: cannot write the state"), "{out}");
        }
        // With the folder back the next apply finds what was made.
        fs::remove_file(house.path(".convoke")).unwrap();
        fs::rename(house.path("away"), house.path(".convoke")).unwrap();
        assert_eq!(house.run(&["apply", "--yes"]).code, 0);
        assert_eq!((house.events(crate::support::ORGANIZER).len(), house.sandbox().mails().len()), (1, 1));
    }
}

/// Whoever restores, edits or forges a state may leave a number in it to which one cannot be added.
#[test]
fn a_counter_at_its_end_stops_nothing_and_a_serial_at_its_end_is_refused() {
    let house = House::new(Options::default());
    let event = "---\napiVersion: convoke.dev/v1\nkind: Event\nmetadata: {name: weekly}\nspec: {subject: Weekly, start: 2038-02-02T10:00, \
                 duration: 45m}\n";
    let manifests = MEETING.to_owned() + event;
    house.write("manifests.yaml", &manifests);
    assert_eq!(house.run(&["apply", "--yes"]).code, 0);
    let read = || serde_json::from_str::<Value>(&fs::read_to_string(house.path(STATE)).unwrap()).unwrap();
    let mut state = read();
    for record in state["resources"].as_object_mut().unwrap().values_mut() {
        record["applied"]["n"] = u64::MAX.into();
        record["applied"]["i"] = u64::MAX.into();
    }
    state["incarnations"]["Event/daily"] = u64::MAX.into();
    house.write(STATE, &state.to_string());
    house.write(
        "manifests.yaml",
        &(manifests.replace("Room", "New").replace("Weekly", "Daily") + &event.replace("weekly", "daily")),
    );
    for _ in 0..2 {
        let run = house.run(&["apply", "--yes"]);
        assert!(run.code == 0 && !run.err.contains("panicked"), "{run:?}");
    }
    let kept = read();
    assert_eq!(kept["resources"]["OnlineMeeting/room"]["applied"]["n"], u64::MAX);
    assert_eq!(house.events(crate::support::ORGANIZER).len(), 2);

    for serial in [u64::MAX, u64::MAX - 1, (1 << 53) - 1] {
        let mut state = kept.clone();
        state["serial"] = serial.into();
        house.write(STATE, &state.to_string());
        let writes = house.writes();
        for args in [&["plan"][..], &["apply", "--yes"], &["destroy", "--yes"], &["state", "list"]] {
            let run = house.run(args);
            let said = run.err.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(run.code == 1 && said.contains(&format!("its serial is {serial}, and none can follow")), "{run:?}");
            assert!(said.contains("hint: restore it from a copy"), "{run:?}");
        }
        assert_eq!((house.writes(), read()), (writes, state));
    }
}

/// Output that goes to a full disk is no reason to stop half-way, nor to say nothing.
#[cfg(target_os = "linux")]
#[test]
fn what_was_sent_is_told_where_there_is_room() {
    let full = || fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let house = House::new(Options::default());
    house.write("manifests.yaml", MEETING);
    let mut apply = house.program();
    let output = apply.args(["apply", "--yes", "--log", "json"]).stdin(Stdio::null()).stderr(full()).output().unwrap();
    let out = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success() && out.contains("already has) · applied"), "{out}");
    house.write("manifests.yaml", &MEETING.replace("subject: Room", "subject: New"));
    let output = house.program().args(["apply", "--yes"]).stdin(Stdio::null()).stdout(full()).output().unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{err}");
    assert!(
        err.contains("update for alex@contoso.example · applied") && err.contains("cannot write to standard"),
        "{err}"
    );
}

/// The lock is taken before anything is asked, and `spec.state` may name any file: what stands beside it is not ours.
#[cfg(unix)]
#[test]
fn taking_the_lock_empties_no_file_of_somebody_else() {
    let house = House::new(Options::default());
    let kept = |name: &str| assert_eq!(fs::read_to_string(house.path(name)).unwrap(), "theirs", "{name}");
    house.write("manifests.yaml", MEETING);
    for name in ["victim/poetry.lock", "victim/keys"] {
        house.write(name, "theirs");
    }
    let elsewhere = "  prune: cancel\n  state: victim/poetry.json";
    house.write("convoke.yaml", &crate::support::WORKSPACE.replace("  prune: cancel", elsewhere));
    assert_eq!(house.run(&["apply", "--yes"]).code, 0);
    kept("victim/poetry.lock");

    house.write("convoke.yaml", crate::support::WORKSPACE);
    let writes = house.writes();
    fs::create_dir(house.path(".convoke")).unwrap();
    for link in ["state.lock", "state.json.lock"] {
        std::os::unix::fs::symlink("../victim/keys", house.path(".convoke").join(link)).unwrap();
    }
    let run = house.run(&["apply", "--yes"]);
    assert!(run.code == 1 && run.err.contains("it is a link"), "{run:?}");
    kept("victim/keys");
    assert_eq!(house.writes(), writes);
}

/// A clone, a checkout of last week and a pull request would each bring a state of their own.
#[test]
fn a_state_that_git_tracks_is_refused_with_the_way_out() {
    let house = House::new(Options::default());
    house.write("manifests.yaml", MEETING);
    assert_eq!(house.run(&["apply", "--yes"]).code, 0);
    let git = |args: &[&str]| {
        let output = std::process::Command::new("git").current_dir(house.folder.path()).args(args).output().unwrap();
        assert!(output.status.success(), "{args:?}: {output:?}");
    };
    git(&["init", "-q"]);
    git(&["add", "."]);
    assert_eq!(house.run(&["plan"]).code, 0, "what stands in .convoke git leaves alone by itself");
    git(&["add", "--force", STATE]);
    let asked = house.sandbox().counts().requests;
    for args in [&["plan"][..], &["apply", "--yes"], &["status"], &["state", "list"], &["destroy", "--yes"]] {
        let run = house.run(args);
        assert!(run.code == 1 && run.err.contains("is tracked by git"), "{run:?}");
    }
    assert_eq!(house.sandbox().counts().requests, asked);
    let way_out = house.run(&["plan"]).err;
    let command = way_out.lines().find_map(|line| line.trim().strip_prefix("git ")).expect("a command");
    git(&command.split(' ').collect::<Vec<_>>());
    assert_eq!(house.run(&["plan"]).code, 0);
}

/// A fork, or a second repository with the same workspace file: each would cancel what the other declares.
#[test]
fn another_repository_is_told_whose_the_state_is_and_takes_it_over_only_when_it_says_so() {
    let house = House::new(Options::default());
    house.write("manifests.yaml", MEETING);
    let by = |repository: &str, args: &[&str]| {
        let mut program = house.program();
        program.env_remove("GITHUB_SERVER_URL").env("GITHUB_REPOSITORY", repository);
        crate::support::run(program.args(args))
    };
    assert_eq!(by("contoso/meetings", &["apply", "--yes"]).code, 0);
    let state: Value = serde_json::from_str(&fs::read_to_string(house.path(STATE)).unwrap()).unwrap();
    assert_eq!(state["owner"], "github.com/contoso/meetings");
    house.write("manifests.yaml", &MEETING.replace("room", "other"));
    let (asked, before) = (house.sandbox().counts().requests, fs::read(house.path(STATE)).unwrap());
    for args in [&["plan"][..], &["apply", "--yes"], &["destroy", "--yes"]] {
        let run = by("adele/meetings", args);
        let told = "is written by `github.com/contoso/meetings`, and this is `github.com/adele/meetings`";
        let err = run.err.replace('\n', " ");
        assert!(run.code == 1 && err.contains(told) && err.contains("--take-over"), "{err}");
    }
    assert_eq!((house.sandbox().counts().requests, fs::read(house.path(STATE)).unwrap()), (asked, before));
    // Case is no difference, and a plan takes nothing over.
    assert_eq!(by("Contoso/Meetings", &["plan"]).code, 0);
    assert_eq!(by("adele/meetings", &["plan", "--take-over"]).code, 0);
    assert_eq!(by("contoso/meetings", &["plan"]).code, 0);
    assert_eq!(by("adele/meetings", &["apply", "--yes", "--take-over"]).code, 0);
    assert_eq!(by("contoso/meetings", &["apply", "--yes"]).code, 1);
}

/// Who asks what happened last night finds when, by whom, what and how much mail, and no join link.
#[test]
fn the_last_applies_are_remembered_with_who_asked_for_them() {
    let house = House::new(Options::default());
    let event = "apiVersion: convoke.dev/v1\nkind: Event\nmetadata: {name: weekly}\nspec: {subject: Weekly, start: 2038-02-02T10:00, \
                 duration: 45m, attendees: [adele@contoso.example]}\n";
    let run = |args: &[&str]| {
        let mut program = house.program();
        for name in ["GITHUB_SERVER_URL", "GITLAB_USER_LOGIN", "CI_JOB_URL"] {
            program.env_remove(name);
        }
        program
            .env("GITHUB_REPOSITORY", "contoso/meetings")
            .env("GITHUB_RUN_ID", "7")
            .env("GITHUB_ACTOR", "adele\u{1b}");
        crate::support::run(program.args(args))
    };
    assert_eq!(run(&["state", "history"]).out, "the state remembers no apply\n");
    house.write("manifests.yaml", &format!("{MEETING}---\n{event}"));
    for _ in 0..2 {
        assert_eq!(run(&["apply", "--yes"]).code, 0);
    }
    house.write("manifests.yaml", &format!("{MEETING}---\n{}", event.replace("T10:00", "T11:00")));
    assert_eq!(run(&["apply", "--yes"]).code, 0);
    let history: Value = serde_json::from_str(&run(&["state", "history", "--format", "json"]).out).unwrap();
    let applies = history["applies"].as_array().unwrap();
    // What had nothing to do is none.
    assert_eq!(applies.len(), 2, "{history}");
    assert_eq!(applies[0]["counts"], serde_json::json!({"create": 2}));
    assert_eq!(applies[1]["counts"], serde_json::json!({"update": 1}));
    assert_eq!([&applies[0]["mails"]["total"], &applies[1]["mails"]["total"]], [1, 1]);
    assert_eq!(applies[0]["run"], "https://github.com/contoso/meetings/actions/runs/7");
    let told = run(&["state", "history"]).out;
    let lines: Vec<&str> = told.lines().collect();
    assert!(lines[1].contains("adele\\u{1b}") && lines[1].ends_with("1 update, 1 mail"), "{told}");
    assert!(lines[3].ends_with("2 create, 1 mail") && lines[4].ends_with("/actions/runs/7"), "{told}");
    assert!(!told.contains("meetup-join") && !history.to_string().contains("meetup-join"));
}
