//! What those read whose event is cancelled: from the manifest, from its last apply where it is gone, or from who plans.

use crate::support::{House, Run};
use convoke::face::sandbox::Options;
use serde_json::Value;
use std::fs;

fn weekly(lifecycle: &str, attendees: &str) -> String {
    format!(
        "apiVersion: convoke.dev/v1\nkind: Event\nmetadata: {{name: weekly}}\nlifecycle: {{{lifecycle}}}\nspec: {{subject: Weekly, \
         start: 2038-02-02T10:00, duration: 45m, attendees: [{attendees}]}}\n"
    )
}

/// Cancels the weekly with a manifest that said something before, and tells what was read.
fn read(house: &House, flags: &[&str]) -> (Run, Vec<Option<String>>) {
    fs::remove_file(house.path("weekly.yaml")).unwrap();
    let before = house.sandbox().mails().len();
    let run = house.run(&[&["apply", "--yes", "--allow-empty"], flags].concat());
    (run, house.sandbox().mails()[before..].iter().map(|mail| mail.comment.clone()).collect())
}

#[test]
fn what_the_manifest_said_last_is_read_where_it_is_gone() {
    let house = House::new(Options::default());
    for (lifecycle, applied) in [("", "1 created"), ("cancelComment: One", ""), ("cancelComment: Two", "")] {
        house.write("weekly.yaml", &weekly(lifecycle, "adele@contoso.example"));
        let run = house.run(&["apply", "--yes"]);
        assert!(run.code == 0 && (!applied.is_empty() || run.out.contains("nothing to do")), "{run:?}");
    }
    let (run, comments) = read(&house, &[]);
    assert_eq!((run.code, comments), (0, vec![Some("Two".into())]), "{run:?}");
    assert!(run.out.contains("the cancellation says: `Two`"), "{run:?}");
}

#[test]
fn who_plans_goes_before_the_manifest() {
    for (said, expect) in [("See you in March", Some("See you in March".to_owned())), ("", None)] {
        let house = House::new(Options::default());
        house.write("weekly.yaml", &weekly("cancelComment: Closed", "adele@contoso.example"));
        assert_eq!(house.run(&["apply", "--yes"]).code, 0);
        let (run, comments) = read(&house, &["--comment", said]);
        assert_eq!((run.code, comments), (0, vec![expect]), "{run:?}");
    }
}

/// What people will read is approved: another text is another plan, also where only guests of others would read it, and a plan that
/// is saved says what it said.
#[test]
fn the_comment_is_approved() {
    for (attendees, guest) in [("adele@contoso.example", false), ("", false), ("", true)] {
        let house = House::new(Options::default());
        house.write("weekly.yaml", &weekly("", attendees));
        assert_eq!(house.run(&["apply", "--yes"]).code, 0);
        fs::remove_file(house.path("weekly.yaml")).unwrap();
        let id = |flags: &[&str]| {
            let plan: Value = house.json(&[&["plan", "--allow-empty"], flags].concat());
            plan["planId"].as_str().unwrap().to_owned()
        };
        let before = (id(&[]), id(&["--comment", "A"]), id(&["--comment", "B"]));
        assert!(before.0 != before.1 && before.1 != before.2, "{before:?}");
        if guest {
            let event = house.event("weekly")["id"].as_str().unwrap().to_owned();
            let path = format!("/sandbox/users/{}/events/{event}", crate::support::ORGANIZER);
            let list = serde_json::json!({"attendees": [{"emailAddress": {"address": "lidia@fabrikam.example"}}]});
            assert_eq!(house.call("PATCH", &path, Some(&list)).0 / 100, 2);
            assert_eq!(id(&["--comment", "A"]), before.1, "forwarding is nobody's change");
        }
        let saved = house.run(&["plan", "--allow-empty", "--comment", "A", "--out", "plan.json"]);
        assert_eq!(saved.code, 0, "{saved:?}");
        let mailed = house.sandbox().mails().len();
        let run = house.run(&["apply", "--yes", "plan.json"]);
        assert_eq!(run.code, 0, "{run:?}");
        let comments: Vec<_> = house.sandbox().mails()[mailed..].iter().map(|mail| mail.comment.clone()).collect();
        let told = usize::from(guest || !attendees.is_empty());
        assert_eq!(comments, vec![Some("A".to_owned()); told]);
    }
}

#[test]
fn what_opens_a_meeting_is_not_saved_with_a_comment_and_signs_are_no_text() {
    let house = House::new(Options::default());
    house.write("weekly.yaml", &weekly("", "adele@contoso.example"));
    assert_eq!(house.run(&["apply", "--yes"]).code, 0);
    fs::remove_file(house.path("weekly.yaml")).unwrap();
    let link = "join https://teams.microsoft.com/l/meetup-join/19%3ameeting_abc%40thread.v2/0 instead";
    let run = house.run(&["plan", "--allow-empty", "--comment", link, "--out", "plan.json"]);
    assert!(run.code == 1 && run.err.contains("what is said with the cancellation of Event/weekly"), "{run:?}");
    assert!(!run.out.contains("meetup-join") && !house.path("plan.json").exists(), "{run:?}");
    let run = house.run(&["plan", "--comment", "two\nlines"]);
    assert!(run.code != 0 && run.err.contains("one line of text"), "{run:?}");
}
