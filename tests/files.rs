//! Files that a stranger may have put into a project: links, devices, pipes, a state that leads elsewhere. Nothing outside of the
//! project is read, written or quoted.

#![cfg(unix)]

use crate::support::{House, Run, WORKSPACE, program, run};
use convoke::face::sandbox::Options;
use std::fs;
use std::os::unix::fs::{PermissionsExt, chown, symlink};
use std::process::Command;

const MEETING: &str = "apiVersion: convoke.dev/v1
kind: OnlineMeeting
metadata: {name: room}
spec: {subject: Room, start: 2038-02-02T10:00, end: 2038-02-02T11:00}
";

/// What must stand in no output.
const SECRET: &str = "canary-password-1234";

fn refused(run: &Run, expect: &str) {
    let said = run.err.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(run.code == 1 && said.contains(expect) && said.contains("hint: "), "{expect}: {run:?}");
    assert!(!run.err.contains(SECRET) && !run.out.contains(SECRET) && !run.err.contains("panicked"), "{run:?}");
}

/// A house with a secret beside the folder that is named, and a meeting in it.
fn house() -> House {
    let house = House::new(Options::default());
    house.write("secret", &format!("machine contoso password {SECRET}\n"));
    house.write("in/convoke.yaml", WORKSPACE);
    house.write("in/meetings/room.yaml", MEETING);
    house.write("in/.git/config", &format!("[http]\n\textraheader = {SECRET}\n"));
    house
}

/// A manifest of another system's, passed over in silence, would be one whose meeting is removed.
#[test]
fn a_manifest_is_read_whatever_the_case_of_its_suffix() {
    let house = house();
    fs::remove_file(house.path("in/meetings/room.yaml")).unwrap();
    for (place, name) in ["a.YAML", "b.Yml", "deep/c.YML", "d.yaml"].iter().enumerate() {
        house.write(&format!("in/meetings/{name}"), &MEETING.replace("room", &format!("room-{place}")));
    }
    house.write("in/meetings/e.yamlx", "kind: Nothing\n");
    let run = run(house.program().args(["validate", "in"]));
    assert_eq!(run.code, 0, "{run:?}");
    assert!(run.out.contains("5 documents in 5 files"), "{run:?}");
}

#[test]
fn a_linked_manifest_leads_to_nothing_beyond_the_folder_that_is_named() {
    let house = house();
    for (target, expect) in [
        ("/proc/self/environ", "a link that leads out of `in`"),
        ("../../secret", "a link that leads out of `in`"),
        ("../.git/config", "a link into a hidden folder"),
        ("nowhere", "a link that leads nowhere"),
        ("/dev/zero", "a link that leads out of `in`"),
    ] {
        let link = house.path("in/meetings/x.yaml");
        symlink(target, &link).unwrap();
        for args in [&["validate", "in"][..], &["plan", "in"], &["validate", "in/meetings/x.yaml"]] {
            let mut command = house.program();
            let run = run(command.args(args).env("LEAK", SECRET));
            let expect = if args[1] == "in" { expect } else { "is a link" };
            assert!(run.code == 1 && run.err.contains("in/meetings/x.yaml"), "{target}: {run:?}");
            let said = run.err.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(said.contains(expect) && !said.contains(SECRET), "{target}: {run:?}");
        }
        fs::remove_file(link).unwrap();
    }
    assert_eq!(house.sandbox().counts().requests, 0);
    // A link that stays below is another way to the same file, which is read once.
    symlink("meetings/room.yaml", house.path("in/room.yaml")).unwrap();
    let once = house.run(&["validate", "in"]);
    assert!(once.code == 0 && once.out.contains("2 documents in 2 files: no problems"), "{once:?}");
}

#[test]
fn a_folder_or_a_workspace_file_that_is_a_link_out_is_refused_too() {
    let house = house();
    house.write("elsewhere/private.yaml", &format!("password: {SECRET}\n"));
    symlink("../elsewhere", house.path("in/more")).unwrap();
    let inside = |args: &[&str]| {
        let mut command = house.program();
        run(command.current_dir(house.path("in")).args(args))
    };
    refused(&inside(&["validate", "more"]), "a link that leads out of `in`");
    refused(&inside(&["validate", "more/private.yaml"]), "a link that leads out of `in`");
    fs::remove_file(house.path("in/convoke.yaml")).unwrap();
    symlink("../secret", house.path("in/convoke.yaml")).unwrap();
    refused(&inside(&["validate"]), "a link that leads out of `in`");
    refused(&inside(&["validate", "meetings/room.yaml"]), "a link that leads out of `in`");
    refused(&inside(&["state", "list", "--workspace", "convoke.yaml"]), "a link that leads out of `in`");
}

#[test]
fn what_is_no_file_is_refused_at_once() {
    let house = house();
    let pipe = house.path("in/meetings/pipe.yaml");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    refused(&house.run(&["validate", "in"]), "it is a device, a pipe or a socket, not a file");
    refused(&house.run(&["validate", "in/meetings/pipe.yaml"]), "pass `-` to read from standard input");
    refused(&house.run(&["plan", "/dev/zero"]), "it is a device");
}

/// A state that leads elsewhere is refused in its place before anything is touched, offline too.
#[test]
fn a_state_stays_below_the_folder_of_its_workspace() {
    let house = house();
    house.write("theirs/state.json", "theirs");
    symlink("../theirs", house.path("in/linked")).unwrap();
    for (state, expect) in [
        ("../theirs/state.json", "the state leads out of the workspace's folder"),
        ("sub/../../theirs/state.json", "the state leads out of the workspace's folder"),
        ("/dev/zero", "the state has an absolute path"),
        ("/etc/passwd", "the state has an absolute path"),
        ("linked/state.json", "a link that leads out of `in`"),
        ("linked/new.json", "a link that leads out of `in`"),
        ("meetings", "it is a folder, not a file"),
        ("meetings/", "the state is a folder"),
    ] {
        house
            .write("in/convoke.yaml", &WORKSPACE.replace("prune: cancel", &format!("prune: cancel\n  state: {state}")));
        for args in [
            &["validate", "in"][..],
            &["validate", "in/meetings/room.yaml"],
            &["plan", "in"],
            &["apply", "--yes", "in"],
            &["destroy", "--yes", "in"],
            &["state", "list", "--workspace", "in/convoke.yaml"],
        ] {
            let run = house.run(args);
            refused(&run, expect);
            assert!(run.err.contains("convoke.yaml:6:10"), "{state}: {run:?}");
        }
    }
    let left = |folder: &str| fs::read_dir(house.path(folder)).unwrap().count();
    assert_eq!((left("theirs"), house.sandbox().counts().requests), (1, 0));
    assert_eq!(fs::read_to_string(house.path("theirs/state.json")).unwrap(), "theirs");
    // Whoever runs the program may say otherwise.
    house.write("in/convoke.yaml", WORKSPACE);
    let elsewhere = house.path("own/state.json");
    let applied = house.run(&["apply", "--yes", "--state", elsewhere.to_str().unwrap(), "in"]);
    assert!(applied.code == 0 && elsewhere.is_file() && !house.path("in/.convoke").exists(), "{applied:?}");
}

/// The state, its lock and the files of the sandbox are files of their own; what a link in their place leads to is left alone.
#[test]
fn what_is_kept_is_never_kept_behind_a_link() {
    for (name, flags) in [
        ("state.json", &[][..]),
        ("state.json.lock", &[]),
        ("sandbox-state.json", &["--sandbox"]),
        ("sandbox-state.json.lock", &["--sandbox"]),
        ("sandbox.json", &["--sandbox"]),
    ] {
        let house = house();
        fs::create_dir(house.path("in/.convoke")).unwrap();
        symlink("../../secret", house.path("in/.convoke").join(name)).unwrap();
        let before = fs::read_to_string(house.path("secret")).unwrap();
        refused(&house.run(&[&["apply", "--yes", "in"], flags].concat()), "it is a link, and is left alone");
        assert_eq!(fs::read_to_string(house.path("secret")).unwrap(), before, "{name}");
        assert_eq!(house.writes(), 0, "{name}");
    }
}

#[test]
fn a_file_that_is_no_state_is_named_and_not_quoted() {
    let house = house();
    for text in [
        format!("{SECRET}\n"),
        format!("\"{SECRET}\""),
        format!("{{\"{SECRET}\": 1}}"),
        format!("{{\"formatVersion\": \"{SECRET}\"}}"),
        format!("{{\"workspace\": \"contoso\", \"formatVersion\": 1, \"users\": [\"{SECRET}\"]}}"),
    ] {
        house.write("in/.convoke/state.json", &text);
        for args in
            [&["plan", "in"][..], &["apply", "--yes", "in"], &["state", "list", "--workspace", "in/convoke.yaml"]]
        {
            refused(&house.run(args), "it is not a state of ours, or damaged");
        }
        assert_eq!(fs::read_to_string(house.path("in/.convoke/state.json")).unwrap(), text);
    }
}

#[test]
fn the_program_alone_says_the_same_without_a_twin() {
    let house = house();
    house.write("in/convoke.yaml", &WORKSPACE.replace("prune: cancel", "prune: cancel\n  state: ../secret"));
    let run = run(program(house.folder.path()).args(["validate", "--format", "json", "in"]));
    let said: serde_json::Value = serde_json::from_str(&run.out).unwrap();
    let problem = &said["problems"][0];
    assert_eq!((run.code, &problem["line"], &problem["column"]), (1, &6.into(), &10.into()), "{said}");
}

fn mode(house: &House, name: &str) -> u32 {
    fs::metadata(house.path(name)).unwrap().permissions().mode() & 0o777
}

/// Who may read the lock may hold it for ever, and the state holds join links.
#[test]
fn what_is_kept_is_kept_to_its_owner_whatever_it_was_before() {
    let house = house();
    house.write("in/.convoke/state.json.lock", "");
    for (name, bits) in [("in/.convoke", 0o755), ("in/.convoke/state.json.lock", 0o644)] {
        fs::set_permissions(house.path(name), fs::Permissions::from_mode(bits)).unwrap();
    }
    assert_eq!(house.run(&["apply", "--yes", "in"]).code, 0);
    let all = |name: &str| mode(&house, &format!("in/.convoke/{name}"));
    assert_eq!((all(""), all("state.json"), all("state.json.lock")), (0o700, 0o600, 0o600));
    assert_eq!(fs::read_to_string(house.path("in/.convoke/.gitignore")).unwrap(), "*\n");
    fs::set_permissions(house.path("in/.convoke/state.json"), fs::Permissions::from_mode(0o644)).unwrap();
    assert_eq!(house.run(&["apply", "--yes", "in"]).code, 0, "nothing to do");
    assert_eq!(all("state.json"), 0o600);
    // So is the twin's tenant, though a plan takes no lock.
    fs::remove_dir_all(house.path("in/.convoke")).unwrap();
    assert_eq!(house.run(&["plan", "--sandbox", "in"]).code, 0);
    assert_eq!((all(""), all("sandbox.json")), (0o700, 0o600));
    assert!(house.path("in/.convoke/.gitignore").is_file());
    // A folder that is not ours alone stays as it is.
    house.write("in/convoke.yaml", &WORKSPACE.replace("prune: cancel", "prune: cancel\n  state: state.json"));
    let before = mode(&house, "in");
    assert_eq!(house.run(&["apply", "--yes", "in"]).code, 0);
    assert_eq!((mode(&house, "in"), mode(&house, "in/state.json")), (before, 0o600));
    assert!(!house.path("in/.gitignore").exists());
}

#[test]
fn the_search_for_a_workspace_ends_at_the_root_of_the_repository_and_at_another_owner() {
    let house = house();
    let found = || {
        let run = house.run(&["validate", "in/meetings/room.yaml"]);
        assert!(run.code == 0 || run.err.contains("no `organizer`"), "{run:?}");
        run.code == 0
    };
    assert!(found(), "the root of the repository itself counts");
    house.write("convoke.yaml", WORKSPACE);
    fs::remove_file(house.path("in/convoke.yaml")).unwrap();
    assert!(!found(), "above the root nothing counts");
    let none = house.run(&["plan", "in/meetings/room.yaml"]);
    assert!(none.code == 1 && none.err.contains("no `organizer`"), "{none:?}");
    fs::remove_dir_all(house.path("in/.git")).unwrap();
    assert!(found());
    // Only root may give files away; whoever else runs the tests is told of these cases by nobody.
    for name in ["convoke.yaml", "in", "in/meetings"] {
        let Ok(()) = chown(house.path(name), Some(65_534), None) else { return };
        assert!(!found(), "`{name}` is somebody else's");
        chown(house.path(name), Some(0), None).unwrap();
        assert!(found());
    }
}
