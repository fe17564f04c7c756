//! Meetings in channels: the create that may not be repeated. An answer that is lost makes the next plan ask, never make another
//! meeting; what a person answers ends settled.

use crate::support::{House, Run, program, run};
use convoke::face::sandbox::Options;
use serde_json::{Value, json};
use std::process::Stdio;
use std::time::{Duration, Instant};

const MANIFEST: &str = "apiVersion: convoke.dev/v1
kind: OnlineMeeting
metadata: {name: standup}
spec:
  organizer: me
  subject: Standup
  start: 2038-02-02T10:00
  duration: 15m
  chatInfo: {threadId: \"19:3b52@thread.tacv2\"}
  meetingOptions: {allowMeetingChat: disabled}
";

fn house(faults: &str) -> House {
    let house = House::new(Options { faults: Some(faults.parse().unwrap()), ..Options::default() });
    house.write("manifests.yaml", MANIFEST);
    house
}

/// Asked whatever is applied or planned, and nothing is sent.
fn asked(house: &House) -> Run {
    let (writes, plan) = (house.writes(), house.run(&["plan"]));
    let apply = house.run(&["apply", "--yes"]);
    assert_eq!((plan.code, apply.code), (0, 2), "{plan:?}\n{apply:?}");
    assert_eq!(house.writes(), writes, "{apply:?}");
    plan
}

fn settled(house: &House, meetings: usize) {
    let writes = house.writes();
    for command in [&["plan"][..], &["apply", "--yes"]] {
        let ended = house.run(command);
        assert!(ended.code == 0 && ended.out.contains("nothing to do, 1 unchanged"), "{ended:?}");
    }
    assert_eq!((house.writes(), house.meetings().len()), (writes, meetings));
    assert!(house.record("OnlineMeeting/standup")["unanswered"].is_null());
}

#[test]
fn a_lost_answer_is_asked_about_and_the_meeting_taken_over() {
    let house = house("drop-after=100%,only=POST");
    let ended = house.run(&["apply", "--yes"]);
    assert_eq!(ended.code, 1, "{ended:?}");
    assert!(ended.out.contains("whether it was done is not known"), "{ended:?}");
    assert_eq!(house.meetings().len(), 1);

    let plan = asked(&house);
    let since = house.record("OnlineMeeting/standup")["unanswered"]["since"].as_str().unwrap().to_owned();
    let second = since.split('.').next().unwrap().trim_end_matches('Z').to_owned();
    let shown = plan.out.split_whitespace().collect::<Vec<_>>().join(" ");
    for part in [
        "! OnlineMeeting/standup blocked for me because whether it was made is not known: the create of `Standup` at \
         2038-02-02T09:00:00Z, planned at ",
        &second[..second.len() - 1],
        "was sent once and no answer came; Graph has no list to look it up in, and a second create would make a second meeting",
        "if the meeting is there: --adopt OnlineMeeting/standup=ID, with the meeting id that Teams shows in it",
        "if it is not there: --absent OnlineMeeting/standup, and it is made",
    ] {
        assert!(shown.contains(part), "{part}\n{shown}");
    }
    assert!(plan.out.lines().all(|line| line.chars().count() <= 80), "{}", plan.out);
    let json = house.json(&["plan"]);
    assert_eq!(json["steps"][0]["action"], "blocked");
    assert!(json["steps"][0]["notes"].to_string().contains("--adopt OnlineMeeting/standup=ID"), "{json}");

    let answers = house.answers();
    let flag = answers[0].as_str();
    assert!(flag.starts_with("--adopt="), "{flag}");
    // As Teams shows it, in groups.
    let (key, id) = flag.rsplit_once('=').unwrap();
    let flag = format!("{key}={} {}", &id[..3], &id[3..]);
    let plan = house.run(&["plan", &flag]);
    assert!(plan.out.contains("+ OnlineMeeting/standup  adopt for me"), "{plan:?}");
    let ended = house.run(&["apply", "--yes", &flag]);
    assert!(ended.code == 0 && !ended.out.contains("meetup-join"), "{ended:?}");
    settled(&house, 1);

    let again = house.run(&["plan", &flag]);
    assert!(again.code == 1 && again.err.contains("nothing is open about `OnlineMeeting/standup`"), "{again:?}");
}

#[test]
fn a_create_that_never_arrived_is_made_when_a_person_says_so() {
    let house = house("drop-before=100%,only=POST");
    assert_eq!(house.run(&["apply", "--yes"]).code, 1);
    let first = house.record("OnlineMeeting/standup")["unanswered"]["since"].clone();
    asked(&house);
    // The second create is lost as well: it is asked about anew.
    let ended = house.run(&["apply", "--yes", "--absent", "OnlineMeeting/standup"]);
    assert_eq!(ended.code, 1, "{ended:?}");
    assert_ne!(house.record("OnlineMeeting/standup")["unanswered"]["since"], first);
    asked(&house);
    assert_eq!(house.answers(), ["--absent=OnlineMeeting/standup"]);
    let ended = house.run(&["apply", "--yes", "--absent", "OnlineMeeting/standup"]);
    assert_eq!(ended.code, 0, "{ended:?}");
    settled(&house, 1);
}

#[test]
fn a_person_who_is_wrong_makes_a_second_meeting_and_only_then() {
    let house = house("drop-after=100%,only=POST");
    for _ in 0..9 {
        let ended = house.run(&["apply", "--yes", "--absent", "OnlineMeeting/standup"]);
        if ended.code == 0 {
            break;
        }
        asked(&house);
    }
    let made = house.meetings().len();
    assert!(made > 1, "no answer was lost");
    settled(&house, made);
}

#[test]
fn a_refusal_that_certainly_did_nothing_leaves_no_question() {
    // The twin's first user has no Teams licence, until the second run.
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "users: [{upn: alex@contoso.example, licensed: false}]\n").unwrap();
    let house = House::new(Options { tenant: Some(file.path().into()), ..Options::default() });
    house.write("manifests.yaml", MANIFEST);
    let ended = house.run(&["apply", "--yes"]);
    assert!(ended.code == 1 && ended.out.contains("403 Forbidden"), "{ended:?}");
    assert_eq!(house.record("OnlineMeeting/standup"), Value::Null);
    let plan = house.run(&["plan"]);
    assert!(plan.out.contains("+ OnlineMeeting/standup  create for me"), "{plan:?}");
}

#[test]
fn a_throttled_create_is_sent_until_it_is_taken() {
    let house = house("429=100%,retry-after=10ms,only=POST");
    assert_eq!(house.run(&["apply", "--yes"]).code, 0);
    settled(&house, 1);
}

#[test]
fn killed_at_any_request_it_asks_or_settles_with_one_meeting() {
    let mut asks = 0;
    for requests in 1..12 {
        let house = House::new(Options { latency: Some(Duration::from_millis(20)), ..Options::default() });
        house.write("manifests.yaml", MANIFEST);
        let mut command = program(house.folder.path());
        command.env("CONVOKE_GRAPH_URL", &house.sandbox().url).env("CONVOKE_ACCESS_TOKEN", "t");
        command.args(["apply", "--yes"]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let deadline = Instant::now() + Duration::from_secs(30);
        while house.sandbox().counts().requests < requests && child.try_wait().unwrap().is_none() {
            assert!(Instant::now() < deadline, "the twin never saw enough");
            std::thread::yield_now();
        }
        let _ = child.kill();
        child.wait().unwrap();
        let answers = house.answers();
        asks += answers.len();
        if !answers.is_empty() {
            let plan = house.run(&["plan"]);
            assert!(
                plan.out.contains("! OnlineMeeting/standup  blocked") || plan.out.contains("unchanged"),
                "{plan:?}"
            );
        }
        let flags: Vec<&str> = answers.iter().map(String::as_str).collect();
        let ended = house.run(&[&["apply", "--yes"], &flags[..]].concat());
        assert_eq!(ended.code, 0, "killed after {requests} requests: {ended:?}");
        settled(&house, 1);
    }
    assert!(asks > 0, "no run was killed between the intent and the answer");
}

#[test]
fn a_number_of_another_meeting_takes_over_nothing() {
    let house = house("drop-before=100%,only=POST");
    assert_eq!(house.run(&["apply", "--yes"]).code, 1);
    let (status, user) = house.call("GET", "/v1.0/me?$select=id", None);
    assert_eq!(status, 200, "{user}");
    let (status, other) = house.call("POST", "/v1.0/me/onlineMeetings", Some(&json!({"subject": "Other"})));
    assert_eq!(status, 201, "{other}");
    let id = other["joinMeetingIdSettings"]["joinMeetingId"].as_str().unwrap();
    for (id, expect) in [
        (id, "Graph fixes `chatInfo` when the meeting is made"),
        // Who knows a meeting's id may join it: it is not shown, whoever wrote it.
        ("1000000000001", "no online meeting of me has the meeting id `***`"),
    ] {
        let writes = house.writes();
        let ended = house.run(&["apply", "--yes", "--adopt", &format!("OnlineMeeting/standup={id}")]);
        assert!(ended.code != 0 && house.writes() == writes, "{ended:?}");
        let words = ended.out.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains(expect), "{expect}\n{words}");
    }
    asked(&house);
}

#[test]
fn a_meeting_that_nobody_wants_any_more_is_asked_about_before_it_is_forgotten() {
    for (faults, made) in [("drop-before=100%,only=POST", 0), ("drop-after=100%,only=POST", 1)] {
        let house = house(faults);
        assert_eq!(house.run(&["apply", "--yes"]).code, 1);
        house.write("manifests.yaml", "");
        house.write(
            "other.yaml",
            "apiVersion: convoke.dev/v1\nkind: Event\nmetadata: {name: e}\nspec: {subject: E, start: 2038-02-02T10:00, duration: 45m}\n",
        );
        let plan = house.run(&["plan"]);
        assert!(plan.out.contains("! OnlineMeeting/standup  blocked for me"), "{plan:?}");
        assert_eq!(house.meetings().len(), made);
        let answers = house.answers();
        let mut flags = vec!["apply", "--yes", answers[0].as_str()];
        // The one event's create meets the faults of its own.
        let ended = house.run(&flags);
        assert_eq!(ended.code, 0, "{ended:?}");
        assert_eq!((house.meetings().len(), house.record("OnlineMeeting/standup")), (0, Value::Null), "{ended:?}");
        flags.pop();
        assert!(house.run(&flags).out.contains("nothing to do, 1 unchanged"));
    }
}

#[test]
fn a_lost_state_is_answered_once() {
    let house = House::new(Options::default());
    house.write(
        "manifests.yaml",
        &format!(
            "{MANIFEST}---\napiVersion: convoke.dev/v1\nkind: Event\nmetadata: {{name: e}}\nspec: {{subject: E, start: \
             2038-02-02T10:00, duration: 45m}}\n"
        ),
    );
    assert_eq!(house.run(&["apply", "--yes"]).code, 0);
    std::fs::remove_file(house.path(".convoke/state.json")).unwrap();
    // Somebody applies only the event: the doubt is not forgotten with it.
    let ended = house.run(&["apply", "--yes", "--only", "Event/e"]);
    assert_eq!(ended.code, 0, "{ended:?}");
    asked(&house);
    let answers = house.answers();
    assert_eq!(house.run(&["apply", "--yes", &answers[0]]).code, 0);
    assert!(house.run(&["plan"]).out.contains("nothing to do, 2 unchanged"));
    assert_eq!(house.meetings().len(), 1);
}

/// Without a state, events that carry the workspace's mark are the only sign that it was applied before.
#[test]
fn without_a_state_it_is_asked_about_where_a_mailbox_cannot_be_searched() {
    let tenant = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(tenant.path(), "users: [{upn: alex@contoso.example}]\nprovision: false\n").unwrap();
    let house = House::new(Options { tenant: Some(tenant.path().to_owned()), ..Options::default() });
    house.write("manifests.yaml", MANIFEST);
    house.write(
        "convoke.yaml",
        &crate::support::WORKSPACE.replace("spec:", "spec:\n  mailboxes: [gone@contoso.example]"),
    );
    let plan = asked(&house);
    assert!(plan.out.contains("not searched for events of this workspace: gone@contoso.example"), "{plan:?}");
    // What was asked is not forgotten once there is a state, though the mailbox can be searched then.
    house.write("convoke.yaml", crate::support::WORKSPACE);
    asked(&house);
    assert_eq!(house.run(&["apply", "--yes", "--absent=OnlineMeeting/standup"]).code, 0);
    settled(&house, 1);
}

#[test]
fn who_cannot_make_one_is_told_before_anything_is_sent() {
    let house = House::new(Options::default());
    house.write("manifests.yaml", &MANIFEST.replace("organizer: me", "organizer: alex@contoso.example"));
    let ended = house.run(&["validate"]);
    assert!(ended.err.contains("a meeting in a channel is made by the person who signs in"), "{ended:?}");
    house.write("manifests.yaml", MANIFEST);
    for (graph, expect) in [
        ("{auth: clientSecret}", "`me` is whoever signs in, and `spec.graph.auth` signs in as an app"),
        ("{cloud: china}", "the cloud `china` has no standalone meetings"),
    ] {
        house.write("convoke.yaml", &crate::support::WORKSPACE.replace("spec:", &format!("spec:\n  graph: {graph}")));
        let ended = house.run(&["validate"]);
        let words = ended.err.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(ended.code == 1 && words.contains(expect), "{expect}\n{ended:?}");
    }
    // What the environment offers is known when it is looked at.
    house.write("convoke.yaml", crate::support::WORKSPACE);
    let mut command = program(house.folder.path());
    command.env("CONVOKE_GRAPH_URL", &house.sandbox().url).env("AZURE_CLIENT_SECRET", "x");
    let ended = run(command.env("AZURE_TENANT_ID", "t").env("AZURE_CLIENT_ID", "c").arg("plan"));
    let words = ended.err.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(ended.code == 1 && words.contains("the sign-in that was found, clientSecret, is an app's"), "{ended:?}");
    assert_eq!(house.sandbox().counts().requests, 0);
}

#[test]
fn join_information_comes_in_the_language_that_is_asked_for() {
    let house = house("slow=1ms,only=POST");
    assert_eq!(house.run(&["apply", "--yes"]).code, 0);
    let german = house.run(&["status", "--language", "de-DE"]);
    assert!(german.out.contains("Microsoft Teams-Besprechung beitreten"), "{german:?}");
    let english = house.json(&["status", "--language", "en-US"]);
    let information = english["resources"][0]["joinInformation"].as_str().unwrap();
    assert!(information.contains("Join Microsoft Teams Meeting"), "{english}");
    let without = house.run(&["status"]);
    assert!(!without.out.contains("join information"), "{without:?}");
    let wrong = house.run(&["status", "--language", "German!"]);
    assert!(wrong.code != 0 && wrong.err.contains("not a language tag such as `en-US`"), "{wrong:?}");
}
