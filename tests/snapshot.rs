//! What was observed, kept, and planned by where nobody may ask Graph.

use crate::support::{House, ORGANIZER, Run, program, run};
use convoke::face::sandbox::Options;
use serde_json::{Value, json};
use std::fs;

fn event(name: &str, organizer: &str, more: &str) -> String {
    format!(
        "apiVersion: convoke.dev/v1\nkind: Event\nmetadata: {{name: {name}}}\nspec: {{organizer: {organizer}, subject: Weekly, start: \
         2038-02-02T10:00, duration: 45m, isOnlineMeeting: true, attendees: [adele@contoso.example]{more}}}\n"
    )
}

/// A workspace with one event that somebody else has changed, and its snapshot.
fn kept() -> House {
    let house = House::new(Options::default());
    house.write("weekly.yaml", &event("weekly", ORGANIZER, ", body: Agenda"));
    assert_eq!(house.run(&["apply", "--yes"]).code, 0);
    let id = house.event("weekly")["id"].as_str().unwrap().to_owned();
    let path = format!("/sandbox/users/{ORGANIZER}/events/{id}");
    let guests =
        ["adele@contoso.example", "visitor@fabrikam.example"].map(|it| json!({"emailAddress": {"address": it}}));
    let edit =
        json!({"subject": "Layoffs in spring", "location": {"displayName": "Chairman's house"}, "attendees": guests});
    assert_eq!(house.call("PATCH", &path, Some(&edit)).0 / 100, 2);
    let made = house.run(&["plan", "--snapshot-out", "snapshot.json"]);
    assert!(made.code == 0 && made.err.contains("--against snapshot.json"), "{made:?}");
    house
}

/// Plans in another folder, without any sign-in, state or server.
fn against(house: &House, manifests: &[(&str, String)], flags: &[&str]) -> Run {
    let fork = tempfile::tempdir().unwrap();
    fs::write(fork.path().join("convoke.yaml"), crate::support::WORKSPACE).unwrap();
    for (name, text) in manifests {
        fs::write(fork.path().join(name), text).unwrap();
    }
    let file = house.path("snapshot.json");
    let mut program = program(fork.path());
    // Whoever asked anybody would ask here, where nobody answers.
    program.env("CONVOKE_GRAPH_URL", "http://127.0.0.1:9/v1.0");
    let run = run(program.args(["plan", "--against", file.to_str().unwrap()]).args(flags));
    assert!(!fork.path().join(".convoke").exists(), "a state was made");
    run
}

#[test]
fn a_snapshot_holds_what_a_plan_needs_and_neither_links_nor_words_of_others() {
    let house = kept();
    let text = fs::read_to_string(house.path("snapshot.json")).unwrap();
    let live = house.event("weekly");
    let link = live["onlineMeeting"]["joinUrl"].as_str().unwrap();
    let others = ["Layoffs", "Chairman", "visitor", "meetup-join", "teams.microsoft", link, &house.sandbox().token];
    for secret in others {
        assert!(!text.contains(secret), "`{secret}` in {text}");
    }
    for meeting in house.meetings() {
        for secret in [&meeting["joinWebUrl"], &meeting["joinMeetingIdSettings"]["joinMeetingId"]] {
            assert!(!text.contains(secret.as_str().unwrap()), "{secret} in {text}");
        }
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(house.path("snapshot.json")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[test]
fn a_plan_against_it_names_the_same_changes_asks_nobody_and_cannot_be_approved() {
    let house = kept();
    let online = house.json(&["plan"]);
    let run = against(&house, &[("weekly.yaml", event("weekly", ORGANIZER, ", body: Agenda"))], &["--format", "json"]);
    assert_eq!(run.code, 0, "{run:?}");
    let offline: Value = serde_json::from_str(&run.out).unwrap();
    let told = |report: &Value| -> Vec<(Value, Value, Vec<Value>)> {
        let fields = |step: &Value| step["changes"].as_array().unwrap().iter().map(|it| it["field"].clone()).collect();
        let steps = report["steps"].as_array().unwrap().iter();
        steps.map(|it| (it["key"].clone(), it["action"].clone(), fields(it))).collect()
    };
    assert_eq!(told(&offline), told(&online));
    assert_eq!(offline["summary"], online["summary"]);
    assert!(online["planId"].is_string() && offline["planId"].is_null(), "{offline}");
    assert!(!run.out.contains("Layoffs") && online.to_string().contains("Layoffs"));
    assert!(offline["notes"][0].as_str().unwrap().contains("less than a minute old"), "{offline}");
}

#[test]
fn what_a_snapshot_does_not_hold_is_unknown() {
    let house = kept();
    for (manifest, said) in [
        (event("new", "megan@contoso.example", ""), "the snapshot does not hold the mailbox megan@contoso.example"),
        (event("new", ORGANIZER, ", calendar: Training"), "the snapshot does not hold the calendar `Training`"),
    ] {
        let run = against(&house, &[("new.yaml", manifest)], &["--prune"]);
        let folded = run.out.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(run.code == 0 && folded.contains(said), "{run:?}");
        assert!(folded.contains("not everything could be read"), "nothing is removed while that is so: {run:?}");
    }
    // What is known can be planned, another manifest too.
    let run = against(
        &house,
        &[("weekly.yaml", event("weekly", ORGANIZER, ", meetingOptions: {allowMeetingChat: limited}"))],
        &[],
    );
    assert!(run.code == 0 && run.out.contains("meetingOptions.allowMeetingChat"), "{run:?}");
    let run = against(&house, &[("weekly.yaml", event("second", ORGANIZER, ""))], &[]);
    assert!(run.code == 0 && run.out.contains("+ Event/second"), "{run:?}");
}

/// Words that somebody declares who guesses them show as the same, and are else not shown.
#[test]
fn who_declares_the_hidden_words_sees_that_they_are_the_same() {
    let house = kept();
    let with =
        |subject: &str| event("weekly", ORGANIZER, "").replace("subject: Weekly", &format!("subject: {subject}"));
    let run = against(&house, &[("weekly.yaml", with("Layoffs in spring"))], &[]);
    assert!(run.code == 0 && !run.out.contains("subject:"), "{run:?}");
    let run = against(&house, &[("weekly.yaml", with("Layoffs"))], &[]);
    assert!(run.code == 0 && run.out.contains("subject: \"(not shown)"), "{run:?}");
}

#[test]
fn a_file_that_is_no_snapshot_is_refused() {
    let house = kept();
    let whole = fs::read_to_string(house.path("snapshot.json")).unwrap();
    for (text, said) in [
        (whole[..whole.len() / 2].to_owned(), "it ends too early"),
        ("{}".into(), "it has no `formatVersion`"),
        ("[1]".into(), "it has no `formatVersion`"),
        (whole.replacen("\"formatVersion\":1", "\"formatVersion\":2", 1), "format version 2"),
        (whole.replacen("\"workspace\":\"contoso\"", "\"workspace\":\"other\"", 1), "of the workspace `other`"),
        (whole.replacen("\"records\"", "\"recrods\"", 1), "its members are not those of one"),
    ] {
        fs::write(house.path("snapshot.json"), &text).unwrap();
        let run = against(&house, &[], &["--allow-empty"]);
        let told = run.err.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(run.code == 1 && run.out.is_empty() && told.contains(said), "{said}: {run:?}");
    }
    let run = house.run(&["plan", "--against", "snapshot.json", "--out", "plan.json"]);
    assert!(run.code == 1 && run.err.contains("cannot be used with"), "{run:?}");
    let run = house.run(&["plan", "--against", "snapshot.json", "--adopt", "OnlineMeeting/a=123"]);
    assert!(run.code == 1 && run.err.contains("answers no questions"), "{run:?}");
}
