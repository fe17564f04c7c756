//! What the state holds before the first request: an apply that is killed at any request leaves nothing behind that a later one
//! does not find, whatever the manifests say by then.

use crate::support::ORGANIZER;
use crate::support::lab::{DEPUTY, Lab};
use convoke::face::plan::Action;
use convoke::face::reconcile::Project;
use serde_json::Value;

const NOW: &str = "2031-01-01T00:00:00Z";

/// So that the mailboxes are looked at where nothing else of them is declared.
const OTHER: &str = "apiVersion: convoke.dev/v1
kind: OnlineMeeting
metadata: {name: other}
spec: {subject: Other, start: 2031-02-02T10:00, end: 2031-02-02T11:00}
---
apiVersion: convoke.dev/v1
kind: OnlineMeeting
metadata: {name: another}
spec: {organizer: megan@contoso.example, subject: Another, start: 2031-02-02T10:00, end: 2031-02-02T11:00}
";

fn rooms(number: usize) -> String {
    let one = |number: usize| {
        format!(
            "apiVersion: convoke.dev/v1\nkind: OnlineMeeting\nmetadata: {{name: room-{number}}}\n\
             spec: {{subject: Room {number}, start: 2031-02-02T10:00, end: 2031-02-02T11:00}}\n"
        )
    };
    (0..number).map(one).collect::<Vec<_>>().join("---\n")
}

/// The subjects of all online meetings of somebody, as Teams shows them to a person.
fn subjects(lab: &Lab, organizer: &str) -> Vec<String> {
    let (status, answer) = lab.house.call("GET", &format!("/sandbox/users/{organizer}/onlineMeetings"), None);
    assert_eq!(status, 200, "{answer}");
    let all = answer["value"].as_array().unwrap().iter();
    let mut all: Vec<String> = all.map(|it| it["subject"].as_str().unwrap_or_default().to_owned()).collect();
    all.sort();
    all
}

/// Kills an apply at each of its requests, of which there are fewer than so many; `then` looks at what a later apply makes of it.
fn killed_everywhere(start: impl Fn() -> (Lab, Project), then: impl Fn(&mut Lab, u64)) {
    let killed = (1..16).filter(|requests| {
        let (mut lab, project) = start();
        let killed = lab.kill(&project, *requests);
        then(&mut lab, *requests);
        killed
    });
    assert!(killed.count() > 1);
}

#[test]
fn a_meeting_whose_apply_was_killed_is_not_left_behind_when_its_manifest_goes() {
    let start = || {
        let mut lab = Lab::new(NOW);
        assert_eq!(lab.apply(&Lab::read(OTHER)).wrong, Vec::<String>::new());
        (lab, Lab::read(&format!("{}---\n{OTHER}", rooms(3))))
    };
    killed_everywhere(start, |lab, requests| {
        let round = lab.apply(&Lab::read(OTHER));
        assert_eq!(round.wrong, Vec::<String>::new(), "{requests}");
        assert_eq!(subjects(lab, ORGANIZER), ["Other"], "{requests}");
        let idle = lab.plan(&Lab::read(OTHER));
        assert!(idle.steps.iter().all(|step| step.action == Action::NoOp), "{requests}: {:?}", idle.steps);
    });
}

#[test]
fn a_meeting_whose_apply_was_killed_is_made_once() {
    let all = || Lab::read(&rooms(3));
    killed_everywhere(
        || (Lab::new(NOW), all()),
        |lab, requests| {
            assert_eq!(lab.apply(&all()).wrong, Vec::<String>::new(), "{requests}");
            assert_eq!(subjects(lab, ORGANIZER), ["Room 0", "Room 1", "Room 2"], "{requests}");
        },
    );
}

/// The same meeting under another organizer: until the old one is gone, the state knows both.
const MOVED: &str = "apiVersion: convoke.dev/v1
kind: OnlineMeeting
metadata: {name: room-0}
lifecycle: {onImmutable: replace}
spec: {organizer: megan@contoso.example, subject: Room 0, start: 2031-02-02T10:00, end: 2031-02-02T11:00}
";

#[test]
fn a_replacement_that_was_killed_leaves_no_old_meeting_behind() {
    let start = || {
        let mut lab = Lab::new(NOW);
        assert_eq!(lab.apply(&Lab::read(&format!("{}---\n{OTHER}", rooms(1)))).wrong, Vec::<String>::new());
        (lab, Lab::read(&format!("{MOVED}---\n{OTHER}")))
    };
    let before = format!("{}---\n{OTHER}", rooms(1));
    let moved: (_, &[&str], &[&str]) = (format!("{MOVED}---\n{OTHER}"), &["Other"], &["Another", "Room 0"]);
    let gone: (_, &[&str], &[&str]) = (OTHER.to_owned(), &["Other"], &["Another"]);
    // Moved back: the old meeting is the one that is wanted again, be it still there or made anew under its name.
    let back: (_, &[&str], &[&str]) = (
        before.replace("name: room-0}", "name: room-0}\nlifecycle: {onImmutable: replace}"),
        &["Other", "Room 0"],
        &["Another"],
    );
    for (now, own, deputys) in [moved, gone, back] {
        killed_everywhere(start, |lab, requests| {
            for _ in 0..2 {
                let round = lab.apply(&Lab::read(&now));
                assert_eq!(round.wrong, Vec::<String>::new(), "{requests}");
            }
            assert_eq!(subjects(lab, ORGANIZER), own, "{requests}");
            assert_eq!(subjects(lab, DEPUTY), deputys, "{requests}");
        });
    }
}

/// Declared for another organizer before anybody looked what became of it: it is not left behind at the first one.
#[test]
fn a_meeting_whose_apply_was_killed_is_not_left_behind_when_it_gets_another_organizer() {
    let start = || {
        let mut lab = Lab::new(NOW);
        assert_eq!(lab.apply(&Lab::read(OTHER)).wrong, Vec::<String>::new());
        (lab, Lab::read(&format!("{}---\n{OTHER}", rooms(1))))
    };
    killed_everywhere(start, |lab, requests| {
        let round = lab.apply(&Lab::read(&format!("{MOVED}---\n{OTHER}")));
        assert_eq!(round.wrong, Vec::<String>::new(), "{requests}");
        assert_eq!(subjects(lab, ORGANIZER), ["Other"], "{requests}");
        assert_eq!(subjects(lab, DEPUTY), ["Another", "Room 0"], "{requests}");
    });
}

/// The old meeting cannot be deleted for a while: it is not forgotten, and goes once that is possible.
#[test]
fn a_replacement_whose_delete_is_refused_is_finished_later() {
    let mut lab = Lab::new(NOW);
    let (before, now) = (format!("{}---\n{OTHER}", rooms(1)), Lab::read(&format!("{MOVED}---\n{OTHER}")));
    assert_eq!(lab.apply(&Lab::read(&before)).wrong, Vec::<String>::new());
    let planned = lab.planned(&now);
    let policy = |lab: &Lab, allowed: bool| {
        let path = format!("/sandbox/users/{ORGANIZER}");
        let (status, answer) = lab.house.call("PATCH", &path, Some(&serde_json::json!({"accessPolicy": allowed})));
        assert!((200..300).contains(&status), "{answer}");
    };
    policy(&lab, false);
    lab.send(&now, &planned);
    assert_eq!(lab.house.record("OnlineMeeting/room-0")["replaced"].as_array().map(Vec::len), Some(1));
    policy(&lab, true);
    let round = lab.apply(&now);
    assert_eq!(round.wrong, Vec::<String>::new());
    let duplicate = round.plan.steps.iter().find(|step| step.duplicate).expect("the old one is a step of its own");
    assert!(duplicate.reason.as_ref().unwrap().contains("left behind"), "{duplicate:?}");
    assert_eq!(subjects(&lab, ORGANIZER), ["Other"]);
    assert_eq!(lab.house.record("OnlineMeeting/room-0")["replaced"], Value::Null);
}
