//! A disk that is full: the state of before is whole, what was sent is told, and the next apply settles.

#![cfg(target_os = "linux")]

use crate::support::{House, Run, run};
use convoke::face::sandbox::Options;
use std::fs;
use std::process::Command;

const EVENTS: usize = 20;
const STATE: &str = ".convoke/state.json";

fn manifests() -> String {
    let event = |name: usize| {
        format!(
            "---\napiVersion: convoke.dev/v1\nkind: Event\nmetadata: {{name: event-{name}}}\nspec: {{subject: Event {name}, \
             start: 2038-02-02T10:00, duration: 45m}}\n"
        )
    };
    (0..EVENTS).map(event).collect()
}

/// Applies where no file may have more than so many blocks of 512 bytes. The signal for it is ignored, as on a disk that is full: it
/// is the write that fails.
fn apply_with_room_for(house: &House, blocks: u64, args: &[&str]) -> Run {
    let program = house.program();
    let mut limited = Command::new("sh");
    let script = "trap '' XFSZ; ulimit -f \"$0\" && exec \"$@\"";
    limited.args(["-c", script, &blocks.to_string()]).arg(program.get_program()).args(args);
    limited.current_dir(program.get_current_dir().unwrap());
    for (name, value) in program.get_envs() {
        match value {
            Some(value) => limited.env(name, value),
            None => limited.env_remove(name),
        };
    }
    run(&mut limited)
}

/// What the program leaves beside its state.
fn left(house: &House) -> Vec<String> {
    let files = fs::read_dir(house.path(".convoke")).unwrap().map(|it| it.unwrap().file_name());
    let own = |name: &str| name == ".gitignore" || name.starts_with("state.json");
    files.map(|it| it.to_string_lossy().into_owned()).filter(|it| !own(it)).collect()
}

#[test]
fn nothing_is_sent_where_the_state_cannot_hold_what_is_about_to_be_made() {
    let house = House::new(Options::default());
    house.write("manifests.yaml", &manifests().replace("Event 1,", "Before,"));
    assert_eq!(house.run(&["apply", "--yes"]).code, 0);
    let (before, writes) = (fs::read(house.path(STATE)).unwrap(), house.writes());
    house.write("manifests.yaml", &(manifests() + &manifests().replace("event-", "other-")));
    for format in ["human", "json"] {
        let run = apply_with_room_for(&house, 1, &["apply", "--yes", "--format", format]);
        let said = format!("{} {}", run.out, run.err);
        assert!(run.code == 1 && said.contains("cannot write the state") && said.contains("make room"), "{run:?}");
        assert!(!said.contains("panicked"), "{run:?}");
        assert_eq!((fs::read(house.path(STATE)).unwrap(), house.writes()), (before.clone(), writes), "{format}");
        assert_eq!(left(&house), Vec::<String>::new());
    }
    assert_eq!(house.run(&["apply", "--yes"]).code, 0);
    assert_eq!(house.events(crate::support::ORGANIZER).len(), 2 * EVENTS);
}

/// The least room in which something is made, and what an apply comes to in it: there is none for what it has become.
#[test]
fn what_was_made_is_told_and_found_again_where_the_state_cannot_hold_its_ids() {
    let applied_in = |blocks: u64| {
        let house = House::new(Options::default());
        house.write("manifests.yaml", &manifests());
        let run = apply_with_room_for(&house, blocks, &["apply", "--yes"]);
        (house, run)
    };
    let made = |house: &House| house.events(crate::support::ORGANIZER).len();
    let (house, run) = (1..100).map(applied_in).find(|(house, _)| made(house) > 0).expect("some room is enough");
    assert!(run.code == 1 && run.out.contains("error: cannot write the state"), "{run:?}");
    assert!(run.out.contains("Event/event-7  create") && !run.err.contains("panicked"), "{run:?}");
    assert_eq!(left(&house), Vec::<String>::new());
    let run = house.run(&["plan"]);
    assert_eq!(run.code, 0, "the state is whole: {run:?}");
    let run = house.run(&["apply", "--yes"]);
    assert_eq!((run.code, made(&house)), (0, EVENTS), "{run:?}");
}
