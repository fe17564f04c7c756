//! Stopping an apply at every request: by SIGKILL nothing is lost and nothing made twice; by Ctrl-C the rest is reported.

#![cfg(unix)]

use crate::support::{House, ORGANIZER, program};
use convoke::face::sandbox::Options;
use std::collections::BTreeMap;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Events with options, a body and exceptions, and a standalone meeting: every sort of request that a create needs.
const MANIFESTS: &str = "apiVersion: convoke.dev/v1
kind: Event
metadata: {name: one}
spec:
  subject: One
  start: 2038-02-02T10:00
  duration: 45m
  attendees: [adele@contoso.example]
  body: Agenda
  isOnlineMeeting: true
  meetingOptions: {allowMeetingChat: disabled}
---
apiVersion: convoke.dev/v1
kind: Event
metadata: {name: two}
spec: {subject: Two, start: 2038-02-03T10:00, duration: 45m, attendees: [adele@contoso.example], isOnlineMeeting: true}
---
apiVersion: convoke.dev/v1
kind: Event
metadata: {name: three}
spec:
  subject: Three
  start: 2031-02-04T10:00
  duration: 45m
  attendees: [adele@contoso.example]
  recurrence: {pattern: {type: weekly, daysOfWeek: [tuesday]}, range: {type: numbered, numberOfOccurrences: 4}}
  exceptions: [{date: 2031-02-11, cancel: true}, {date: 2031-02-18, start: 2031-02-19T14:00}]
---
apiVersion: convoke.dev/v1
kind: OnlineMeeting
metadata: {name: room}
spec: {subject: Room, meetingOptions: {allowMeetingChat: disabled}}
";

/// Starts an apply and returns it once the twin has seen enough, or it has ended.
fn apply_until(house: &House, what: &[&str], enough: impl Fn() -> bool) -> Child {
    let mut command: Command = program(house.folder.path());
    command.env("CONVOKE_GRAPH_URL", &house.sandbox().url).env("CONVOKE_ACCESS_TOKEN", &house.sandbox().token);
    command
        .args(["apply", "--yes", "--parallelism", "1"])
        .args(what)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let deadline = Instant::now() + Duration::from_secs(30);
    while !enough() && child.try_wait().unwrap().is_none() {
        assert!(Instant::now() < deadline, "the twin never saw enough");
        std::thread::yield_now();
    }
    child
}

fn signal(child: &Child, name: &str) {
    let status = Command::new("kill").args([name, &child.id().to_string()]).status().unwrap();
    assert!(status.success());
}

#[test]
fn a_saved_plan_whose_apply_was_killed_can_be_applied_again() {
    let mut interrupted = 0;
    for requests in (2..44).step_by(3) {
        let house = House::new(slow());
        house.write("manifests.yaml", MANIFESTS);
        assert_eq!(house.run(&["plan", "--out", "plan.json"]).code, 0);
        let before = house.sandbox().counts().requests;
        let mut child = apply_until(&house, &["plan.json"], || house.sandbox().counts().requests >= before + requests);
        if child.try_wait().unwrap().is_none() {
            signal(&child, "-KILL");
            interrupted += 1;
        }
        child.wait().unwrap();
        let again = house.run(&["apply", "--yes", "plan.json"]);
        assert_eq!(again.code, 0, "killed after {requests} requests: {again:?}");
        settled(&house, &format!("killed after {requests} requests"));
    }
    assert!(interrupted >= 5, "only {interrupted} runs were killed");
}

#[test]
fn what_somebody_changed_after_a_saved_plan_was_half_applied_is_named() {
    let house = House::new(slow());
    house.write("manifests.yaml", MANIFESTS);
    assert_eq!(house.run(&["plan", "--out", "plan.json"]).code, 0);
    let mut child = apply_until(&house, &["plan.json"], || house.writes() >= 2);
    signal(&child, "-KILL");
    child.wait().unwrap();
    let (name, event) = house.events(ORGANIZER).swap_remove(0);
    let id = convoke::face::route::encoded(event["id"].as_str().unwrap());
    let path = format!("/sandbox/users/{ORGANIZER}/events/{id}");
    assert_eq!(house.call("PATCH", &path, Some(&serde_json::json!({"subject": "Mine"}))).0, 204);
    let (writes, run) = (house.writes(), house.run(&["apply", "--yes", "plan.json"]));
    assert!(
        run.code == 1 && house.writes() == writes && run.out.contains(&format!("Event/{name} is not as")),
        "{run:?}"
    );
}

/// Settles, and holds that everything is there once and everybody was invited once.
fn settled(house: &House, when: &str) {
    let run = house.run(&["apply", "--yes"]);
    assert_eq!(run.code, 0, "{when}: {run:?}");
    let writes = house.writes();
    let plan = house.run(&["plan"]);
    assert!(plan.out.contains("nothing to do, 4 unchanged") && house.writes() == writes, "{when}: {plan:?}");
    let names: Vec<String> = house.events(ORGANIZER).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names.len(), 3, "{when}: {names:?}");
    let mut mails: BTreeMap<(String, &str), usize> = BTreeMap::new();
    for mail in house.sandbox().mails() {
        *mails.entry((mail.subject.clone(), mail.kind)).or_default() += 1;
    }
    let once = [("One", "invitation"), ("Two", "invitation"), ("Three", "invitation"), ("Three", "update")];
    assert_eq!(mails, once.map(|(subject, kind)| ((subject.to_owned(), kind), 1)).into(), "{when}");
}

fn slow() -> Options {
    Options { latency: Some(Duration::from_millis(4)), ..Options::default() }
}

#[test]
fn killed_at_any_request_it_settles_with_nothing_twice() {
    let mut interrupted = 0;
    for requests in 1..30 {
        let house = House::new(slow());
        house.write("manifests.yaml", MANIFESTS);
        let mut child = apply_until(&house, &[], || house.sandbox().counts().requests >= requests);
        let ended = child.try_wait().unwrap().is_some();
        if !ended {
            signal(&child, "-KILL");
            interrupted += 1;
        }
        child.wait().unwrap();
        settled(&house, &format!("killed after {requests} requests"));
    }
    assert!(interrupted >= 8, "only {interrupted} runs were killed");
}

#[test]
fn ctrl_c_finishes_the_request_in_flight_and_reports_what_is_left() {
    let house = House::new(slow());
    house.write("manifests.yaml", MANIFESTS);
    let child = apply_until(&house, &[], || house.writes() >= 1);
    signal(&child, "-INT");
    let output = child.wait_with_output().unwrap();
    let (out, err) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert_eq!(output.status.code(), Some(1), "{out}{err}");
    assert!(err.contains("stopping after the requests in flight"), "{out}{err}");
    assert!(out.contains("skipped") && out.contains("stopped"), "{out}{err}");
    settled(&house, "after Ctrl-C");
}
