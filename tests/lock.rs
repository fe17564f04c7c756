//! The lock of the state, as the program's users meet it: who is refused and told what, who waits, and how it is given back.

#![cfg(unix)]

use crate::support::{House, ORGANIZER, Run, until};
use convoke::face::sandbox::{Limits, Options};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

const STATE: &str = ".convoke/state.json";

fn event(name: &str) -> String {
    format!(
        "apiVersion: convoke.dev/v1\nkind: Event\nmetadata: {{name: {name}}}\nspec: {{subject: {name}, start: 2038-02-02T10:00, \
         duration: 45m, attendees: [adele@contoso.example], isOnlineMeeting: true, meetingOptions: {{allowMeetingChat: disabled}}}}\n"
    )
}

fn house(latency: u64) -> House {
    let house = House::new(Options { latency: Some(Duration::from_millis(latency)), ..Options::default() });
    house.write("manifests.yaml", &["one", "two", "three"].map(event).join("---\n"));
    house
}

fn begin(house: &House, args: &[&str]) -> Child {
    let mut command = house.program();
    command.env("USER", "adele").args(args);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

fn signal(child: &Child, name: &str) {
    assert!(Command::new("kill").args([name, &child.id().to_string()]).status().unwrap().success());
}

fn ended(child: Child) -> (Option<i32>, String) {
    let Output { status, stdout, stderr } = child.wait_with_output().unwrap();
    (status.code(), in_line(&(String::from_utf8(stdout).unwrap() + &String::from_utf8(stderr).unwrap())))
}

/// Without the breaks of lines that do not fit a terminal.
fn in_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn run(house: &House, args: &[&str]) -> Run {
    let run = house.run(args);
    Run { out: in_line(&run.out), err: in_line(&run.err), ..run }
}

fn holder(house: &House) -> Value {
    let text = fs::read(house.path(&format!("{STATE}.holder"))).unwrap();
    serde_json::from_slice::<Value>(&text).unwrap()["holder"].clone()
}

/// Everything is there once, and everybody was invited once.
fn settled(house: &House, when: &str) {
    let plan = run(house, &["plan"]);
    assert!(plan.out.contains("nothing to do, 3 unchanged"), "{when}: {plan:?}");
    assert_eq!(house.events(ORGANIZER).len(), 3, "{when}");
    let mut mails: BTreeMap<String, usize> = BTreeMap::new();
    for mail in house.sandbox().mails() {
        *mails.entry(format!("{} {}", mail.subject, mail.kind)).or_default() += 1;
    }
    let once = ["one", "two", "three"].map(|name| (format!("{name} invitation"), 1));
    assert_eq!(mails, once.into(), "{when}");
}

#[test]
fn a_second_apply_is_refused_and_told_who_has_the_lock_or_waits_for_it() {
    let house = house(100);
    let first = begin(&house, &["apply", "--yes"]);
    until("asked anything", || house.sandbox().counts().requests > 0);
    signal(&first, "-STOP");
    let refused = run(&house, &["apply", "--yes"]);
    let who = format!("process {}, since 2", first.id());
    for told in ["another apply is running on this state", "by adele on `", &who, "--lock-timeout"] {
        assert!(refused.code == 1 && refused.err.contains(told), "{told}: {refused:?}");
    }
    // Nobody takes the lock of a process that is alive; who only looks needs none.
    let unlock = run(&house, &["state", "unlock", "--yes"]);
    assert!(unlock.code == 1 && unlock.err.contains("end its process"), "{unlock:?}");
    assert_eq!(run(&house, &["state", "list"]).code, 0);
    assert_eq!(holder(&house)["process"], first.id());

    let mut second = begin(&house, &["apply", "--yes", "--lock-timeout", "60s"]);
    let mut told = String::new();
    let mut said = BufReader::new(second.stderr.take().unwrap());
    while !in_line(&told).contains("waiting for it for 60 s") {
        assert!(said.read_line(&mut told).unwrap() > 0, "{told}");
    }
    signal(&first, "-CONT");
    for child in [first, second] {
        let (code, told) = ended(child);
        assert_eq!(code, Some(0), "{told}");
    }
    assert_eq!(holder(&house), Value::Null);
    settled(&house, "after both");
}

#[test]
fn a_signal_that_asks_to_stop_gives_the_lock_back() {
    for name in ["-INT", "-TERM"] {
        // While it plans, and while it sends.
        for writes in [0, 1] {
            let house = house(100);
            let child = begin(&house, &["apply", "--yes"]);
            until("seen", || house.sandbox().counts().requests > 0 && house.writes() >= writes);
            assert_eq!(holder(&house)["process"], child.id());
            signal(&child, name);
            let (code, told) = ended(child);
            assert!(code == Some(1) && told.contains("stopping after the requests in flight"), "{name}: {told}");
            assert_eq!((holder(&house), house.writes() >= writes), (Value::Null, true), "{name}");
            assert_eq!(told.contains("nothing was sent"), house.writes() == 0, "{name}: {told}");
        }
    }
}

/// The machine that takes the lock over does not see the other one's lock in the folder that they share.
#[test]
fn an_apply_that_was_stopped_and_lost_the_state_stops_when_it_goes_on() {
    let mut stopped = 0;
    for requests in (1..20).step_by(2) {
        let (house, when) = (house(4), format!("stopped after {requests} requests"));
        let mut first = begin(&house, &["apply", "--yes", "--parallelism", "1"]);
        until("seen", || house.sandbox().counts().requests >= requests);
        signal(&first, "-STOP");
        fs::remove_file(house.path(&format!("{STATE}.lock"))).unwrap();
        let second = run(&house, &["apply", "--yes"]);
        assert_eq!(second.code, 0, "{when}: {second:?}");
        signal(&first, "-CONT");
        let alive = first.try_wait().unwrap().is_none();
        let (code, told) = ended(first);
        if alive && code != Some(0) {
            stopped += 1;
            assert!(told.contains("taken over") || told.contains("by somebody else"), "{when}: {told}");
        }
        let again = run(&house, &["apply", "--yes"]);
        assert_eq!(again.code, 0, "{when}: {again:?}");
        settled(&house, &when);
    }
    assert!(stopped >= 4, "only {stopped} were stopped");
}

#[test]
fn a_lock_of_somebody_who_is_gone_is_given_back_by_a_person_who_says_so() {
    let house = house(0);
    let unlock = run(&house, &["state", "unlock"]);
    assert!(unlock.code == 0 && unlock.out.contains("nobody holds the lock of the state"), "{unlock:?}");
    assert!(!house.path(".convoke").exists());
    assert_eq!(run(&house, &["apply", "--yes"]).code, 0);

    let gone = json!({
        "id": "1", "actor": "adele", "run": "https://github.com/contoso/meetings/actions/runs/7", "process": 7,
        "machine": {"host": "build-7"}, "since": "2026-11-27T12:00:00Z", "ttlSeconds": 60, "renewals": 3,
    });
    let lock = json!({"formatVersion": 1, "epoch": 7, "holder": gone});
    house.write(&format!("{STATE}.holder"), &lock.to_string());
    let who = "adele on `build-7`, process 7, since 2026-11-27 12:00:00Z";
    let refused = run(&house, &["apply", "--yes"]);
    assert!(
        refused.code == 1 && refused.err.contains(who) && refused.err.contains("convoke state unlock"),
        "{refused:?}"
    );

    let nobody = run(&house, &["state", "unlock"]);
    assert!(nobody.code == 1 && nobody.err.contains(who) && nobody.err.contains("pass --yes"), "{nobody:?}");
    let unlock = run(&house, &["state", "unlock", "--yes"]);
    assert!(unlock.code == 0 && unlock.err.contains(who) && unlock.out.contains("is free"), "{unlock:?}");
    let state: Value = serde_json::from_str(&fs::read_to_string(house.path(STATE)).unwrap()).unwrap();
    assert_eq!((holder(&house), &state["epoch"]), (Value::Null, &json!(8)));
    assert_eq!(run(&house, &["apply", "--yes"]).code, 0);

    // What is no lock is named, and only a person makes one of it.
    house.write(&format!("{STATE}.holder"), "meetup-join");
    let refused = run(&house, &["apply", "--yes"]);
    assert!(
        refused.code == 1 && refused.err.contains("cannot read the lock") && refused.err.contains("unlock"),
        "{refused:?}"
    );
    let unlock = run(&house, &["state", "unlock", "--yes"]);
    assert!(unlock.code == 0 && !unlock.err.contains("meetup-join"), "{unlock:?}");
    assert_eq!(run(&house, &["apply", "--yes"]).code, 0);
}

/// Two pipelines that apply other manifests of one workspace at the same time, again and again. `LOCK_RUNS=100` runs more.
#[test]
fn two_that_apply_other_manifests_of_one_workspace_lose_nothing_of_each_other() {
    let runs = crate::support::number("LOCK_RUNS", 6);
    // What is remembered is read each time, which is more than Graph answers in ten minutes.
    let limits = Limits { requests: usize::MAX, ..Limits::default() };
    let house = House::new(Options { limits, ..Options::default() });
    let room = |name: String| {
        format!(
            "apiVersion: convoke.dev/v1\nkind: OnlineMeeting\nmetadata: {{name: {name}}}\n\
             spec: {{subject: {name}, start: 2038-02-02T10:00, end: 2038-02-02T11:00}}\n"
        )
    };
    for turn in 0..runs {
        let both = ["a", "b"].map(|team| {
            house.write(&format!("{team}.yaml"), &room(format!("{team}-{turn}")));
            begin(&house, &["apply", "--yes", "--lock-timeout", "60s", &format!("{team}.yaml")])
        });
        for child in both {
            let (code, told) = ended(child);
            assert_eq!(code, Some(0), "turn {turn}: {told}");
        }
    }
    let listed = run(&house, &["state", "list"]);
    let all = ["a", "b"].into_iter().flat_map(|team| (0..runs).map(move |turn| format!("OnlineMeeting/{team}-{turn}")));
    for key in all {
        assert!(listed.out.split(' ').any(|it| it == key), "{key} is not remembered: {listed:?}");
    }
    assert_eq!(house.meetings().len() as u64, 2 * runs);
}
