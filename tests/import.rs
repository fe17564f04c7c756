//! Manifests for what is there already: they plan to nothing, taking over mails nobody, and destroy cancels exactly those.

use crate::support::lab::{DEPUTY, Lab};
use crate::support::random::{Manifests, edit, text};
use crate::support::{House, ORGANIZER, number};
use convoke::face::sandbox::{Limits, Options};
use fastrand::Rng;
use serde_json::{Value, json};
use std::io::Write;

const MARK: &str = "String {6d1c8a52-5f0e-4b7b-9c43-1f6f2a7f0e11} Name convoke";

fn house() -> House {
    House::new(Options { limits: Limits { requests: usize::MAX, ..Limits::default() }, ..Options::default() })
}

fn make(house: &House, whose: &str, more: Value) {
    let mut event = json!({
        "subject": "Weekly",
        "start": {"dateTime": "2038-02-02T10:00:00", "timeZone": "Europe/Berlin"},
        "end": {"dateTime": "2038-02-02T10:45:00", "timeZone": "Europe/Berlin"},
    });
    event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let (status, event) = house.call("POST", &format!("/v1.0/users/{whose}/events"), Some(&event));
    assert_eq!(status, 201, "{event}");
}

fn tuesdays() -> Value {
    json!({
        "pattern": {"type": "weekly", "interval": 1, "daysOfWeek": ["tuesday"]},
        "range": {"type": "endDate", "startDate": "2038-02-02", "endDate": "2038-03-30"},
    })
}

fn guest(address: &str) -> Value {
    json!({"emailAddress": {"address": address}, "type": "required"})
}

#[test]
fn what_is_there_is_written_as_an_author_would_and_what_is_others_is_told() {
    let house = house();
    make(
        &house,
        ORGANIZER,
        json!({
            "subject": "Platform: weekly", "recurrence": tuesdays(), "importance": "high",
            "attendees": [guest("adele@contoso.example"), {"emailAddress": {"address": "lidia@fabrikam.example"}, "type": "optional"}],
        }),
    );
    make(&house, ORGANIZER, json!({"subject": "Platform weekly", "location": {"displayName": "Room Baker"}}));
    make(&house, ORGANIZER, json!({"subject": "no: \"yes\" # {x}"}));
    make(&house, ORGANIZER, json!({"subject": "<!-- \u{202e}\u{1b}[2J\n::error::x"}));
    make(
        &house,
        ORGANIZER,
        json!({"subject": "Past", "start": {"dateTime": "2020-02-02T10:00:00", "timeZone": "UTC"},
        "end": {"dateTime": "2020-02-02T11:00:00", "timeZone": "UTC"}}),
    );
    make(&house, DEPUTY, json!({"subject": "Theirs", "attendees": [guest(ORGANIZER)]}));
    let mark = |owner: &str| json!([{"id": MARK, "value": owner}]);
    make(&house, ORGANIZER, json!({"singleValueExtendedProperties": mark("fabrikam/other")}));
    make(&house, ORGANIZER, json!({"singleValueExtendedProperties": mark("contoso/ours")}));
    let writes = house.writes();
    let run = house.run(&["import", "--mailbox", ORGANIZER]);
    assert_eq!((run.code, house.writes()), (0, writes), "{run:?}");
    let expect = "apiVersion: convoke.dev/v1
kind: Event
metadata:
  name: platform-weekly
";
    assert!(run.out.contains(expect), "{}", run.out);
    let series = run.out.split("---\n").find(|it| it.contains("recurrence:")).unwrap();
    for line in [
        "  subject: \"Platform: weekly\"",
        "  start: 2038-02-02T10:00",
        "  end: 2038-02-02T10:45",
        "      endDate: \"2038-03-30\"",
        "  - adele@contoso.example",
        "  importance: high",
    ] {
        assert!(series.lines().any(|it| it.replace("    - ", "  - ").starts_with(line)), "{line}:\n{series}");
    }
    for usual in ["showAs", "sensitivity", "isReminderOn", "startDate", "recurrenceTimeZone", "timeZone"] {
        assert!(!series.contains(usual), "{usual}:\n{series}");
    }
    assert!(!run.out.contains("Past") && !run.out.contains("fabrikam/other"), "{}", run.out);
    let told = run.err.split_whitespace().collect::<Vec<_>>().join(" ");
    for said in
        ["`Theirs`", "somebody else organizes it", "the workspace `fabrikam` has it as `other`", "1 managed already"]
    {
        assert!(told.contains(said), "{said}: {told}");
    }
}

/// Makes a standalone meeting as somebody does in Teams, and returns it.
fn meeting(house: &House, whose: &str, more: Value) -> Value {
    let (_, user) = house.call("GET", &format!("/v1.0/users/{whose}"), None);
    let mut meeting =
        json!({"subject": "Über uns", "startDateTime": "2038-02-02T09:00:00Z", "endDateTime": "2038-02-02T10:00:00Z"});
    meeting.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let path = format!("/v1.0/users/{}/onlineMeetings", user["id"].as_str().unwrap());
    let (status, meeting) = house.call("POST", &path, Some(&meeting));
    assert_eq!(status, 201, "{meeting}");
    meeting
}

/// Runs the program with something on its standard input.
fn told(house: &House, args: &[&str], input: &str) -> (i32, String) {
    let mut command = house.program();
    let pipe = std::process::Stdio::piped;
    let mut child = command.args(args).stdin(pipe()).stdout(pipe()).stderr(pipe()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let said = [output.stdout, output.stderr].map(|it| String::from_utf8(it).unwrap()).concat();
    (output.status.code().unwrap(), said)
}

#[test]
fn a_join_link_leads_to_its_meeting_or_event_and_is_never_shown() {
    let house = house();
    let options = json!({"allowMeetingChat": "limited", "allowedPresenters": "organizer"});
    let alone = meeting(&house, ORGANIZER, options);
    let online = json!({"isOnlineMeeting": true, "onlineMeetingProvider": "teamsForBusiness", "subject": "Online",
        "body": {"contentType": "html", "content": "<p>Agenda: <b>roadmap</b></p>"}});
    make(&house, ORGANIZER, online);
    let path = format!("/v1.0/users/{ORGANIZER}/events?$select=onlineMeeting");
    let event = house.call("GET", &path, None).1["value"][0]["onlineMeeting"]["joinUrl"].as_str().unwrap().to_owned();
    let link = alone["joinWebUrl"].as_str().unwrap();
    let import = ["import", "--mailbox", ORGANIZER, "--join-url"];
    let (writes, mails) = (house.writes(), house.sandbox().mails().len());
    let (code, found) = told(&house, &[&import[..], &["-"]].concat(), &format!("{link}\n\n{event}\n"));
    assert!(code == 0 && !found.contains("meetup-join"), "{found}");
    for line in [
        "kind: OnlineMeeting",
        "  name: ueber-uns",
        "  start: 2038-02-02T10:00",
        "    allowedPresenters: organizer",
        "    allowMeetingChat: limited",
        "kind: Event",
        "    content: \"<p>Agenda: <b>roadmap</b></p>\"",
    ] {
        assert!(found.lines().any(|it| it == line), "{line}: {found}");
    }
    assert!(!found.contains("lobbyBypassSettings") && !found.contains("joinMeetingIdSettings"), "{found}");
    // As it stands in a mail, with signs written otherwise.
    let other = event.replace("%3a", ":");
    let run = house.run(&[&import[..], &[other.as_str()]].concat());
    assert!(run.code == 0 && run.out.contains("kind: Event"), "{run:?}");
    // Nobody else's mailbox leads to it, and what is no link is not shown either.
    let other = house.run(&["import", "--mailbox", DEPUTY, "--join-url", link]);
    assert!(other.code == 1 && other.out.is_empty(), "{other:?}");
    let slip = house.run(&[&import[..], &["teams.microsoft.com/l/meetup-join/1"]].concat());
    assert!(slip.code == 1 && slip.err.contains("is no link"), "{slip:?}");
    for run in [&other, &slip] {
        assert!(!run.err.contains("meetup-join"), "{run:?}");
    }
    assert_eq!((house.writes(), house.sandbox().mails().len()), (writes, mails));
}

#[test]
fn what_a_manifest_cannot_say_is_told_in_it() {
    let house = house();
    let open = "see https://teams.microsoft.com/l/meetup-join/19%3ameeting_A/0?context=%7b%7d";
    make(&house, ORGANIZER, json!({"body": {"contentType": "html", "content": open}, "subject": "Passcode: Zx9Qw1"}));
    let (status, _) =
        house.call("PATCH", &format!("/sandbox/users/{ORGANIZER}"), Some(&json!({"accessPolicy": false})));
    assert_eq!(status, 204);
    make(&house, ORGANIZER, json!({"isOnlineMeeting": true, "onlineMeetingProvider": "teamsForBusiness"}));
    let run = house.run(&["import", "--mailbox", ORGANIZER]);
    assert!(run.code == 0 && run.err.contains("2 manifests"), "{run:?}");
    for said in [
        "# left out: `body`: it holds what looks like the way into a meeting",
        "# left out: `subject`: it holds what looks like the way into a meeting",
        "# left out: `meetingOptions`: they could not be read",
        "  name: passcode\n",
    ] {
        assert!(run.out.contains(said), "{said}: {}", run.out);
    }
    assert!(!run.out.contains("meetup-join") && !run.out.contains("Zx9Qw1"), "{run:?}");
    house.write("manifests.yaml", &run.out);
    let plan = house.json(&["plan"]);
    assert_eq!((plan["summary"]["adopt"].as_u64(), plan["summary"]["blocked"].as_u64()), (Some(2), Some(0)), "{plan}");
}

/// One date with other guests and another text is written as that, and plans to nothing.
#[test]
fn guests_and_the_text_of_a_single_date_are_written() {
    let house = house();
    make(
        &house,
        ORGANIZER,
        json!({
            "recurrence": tuesdays(), "body": {"contentType": "html", "content": "<p>Agenda</p>"},
            "attendees": [guest("adele@contoso.example"), guest("lee@contoso.example")],
        }),
    );
    let all = house.call("GET", &format!("/v1.0/users/{ORGANIZER}/events"), None).1;
    let id = convoke::face::route::encoded(all["value"][0]["id"].as_str().unwrap()).to_string();
    let window = "startDateTime=2038-02-01T00:00:00Z&endDateTime=2038-03-01T00:00:00Z";
    let dates = house.call("GET", &format!("/v1.0/users/{ORGANIZER}/events/{id}/instances?{window}"), None).1;
    let change = |place: usize, more: Value| {
        let id = convoke::face::route::encoded(dates["value"][place]["id"].as_str().unwrap()).to_string();
        let (status, told) = house.call("PATCH", &format!("/v1.0/users/{ORGANIZER}/events/{id}"), Some(&more));
        assert_eq!(status, 200, "{told}");
    };
    change(1, json!({"attendees": [guest("adele@contoso.example"), guest("candidate@fabrikam.example")]}));
    let open = "see https://teams.microsoft.com/l/meetup-join/19%3ameeting_A/0?context=%7b%7d";
    change(3, json!({"subject": "Open", "body": {"contentType": "text", "content": open}}));
    change(2, json!({"body": {"contentType": "html", "content": "<p>Year in <b>review</b></p>\r\n<p>and more</p>"}}));
    let run = house.run(&["import", "--mailbox", ORGANIZER]);
    assert_eq!(run.code, 0, "{run:?}");
    let text = run.out;
    let (first, second) =
        text.split_once("2038-02-09").and_then(|(_, rest)| rest.split_once("2038-02-16")).expect(&text);
    assert!(first.contains("candidate@fabrikam.example") && first.contains("lee@contoso.example"), "{text}");
    assert!(!first.contains("adele@contoso.example") && second.contains("Year in review"), "{text}");
    // A text that would let anybody in is left out alone.
    assert_eq!(text.matches("left out").count(), 1, "{text}");
    assert!(
        text.contains("`body` of 2038-02-23: it holds what looks like") && text.contains("subject: Open"),
        "{text}"
    );
    house.write("imported.yaml", &text);
    let plan = house.json(&["plan"]);
    assert_eq!(plan["steps"][0]["action"], "adopt", "{plan}");
    assert_eq!(plan["steps"][0]["changes"], json!([]), "{plan}");
}

#[test]
fn what_is_not_asked_for_is_left_and_a_calendar_that_is_not_there_is_told() {
    let house = house();
    make(&house, ORGANIZER, json!({}));
    let only = house.run(&["import", "--mailbox", ORGANIZER, "--subject", "WEEKLY", "--to", "2038-02-01"]);
    assert!(only.code == 0 && only.out.is_empty() && only.err.contains("0 manifests"), "{only:?}");
    let nowhere = house.run(&["import", "--mailbox", ORGANIZER, "--calendar", "Training"]);
    assert!(
        nowhere.code == 1 && nowhere.err.replace('\n', " ").contains("no calendar called `Training`"),
        "{nowhere:?}"
    );
}

/// Makes a tenant as a random workspace does, and takes our marks and our memory away.
fn tenant(seed: u64) -> (House, usize) {
    let (house, mut rng) = (house(), Rng::with_seed(seed));
    let mut manifests = Manifests::new();
    for _ in 0..number("IMPORT_EDITS", 40) {
        let mut next = manifests.clone();
        edit(&mut rng, &mut next);
        if Lab::read(&text(&next)).manifests.problems.is_empty() {
            manifests = next;
        }
    }
    house.write("manifests.yaml", &text(&manifests));
    let made = house.run(&["apply", "--yes"]);
    assert!(made.code != 1, "{made:?}");
    let mut count = 0;
    for whose in [ORGANIZER, DEPUTY] {
        for (_, event) in house.events(whose) {
            count += 1;
            let id = convoke::face::route::encoded(event["id"].as_str().unwrap());
            let nobodys = json!({"singleValueExtendedProperties": [{"id": MARK, "value": "nobody"}]});
            let (status, answer) = house.call("PATCH", &format!("/sandbox/users/{whose}/events/{id}"), Some(&nobodys));
            assert!(status < 300, "{answer}");
        }
    }
    std::fs::remove_file(house.path("manifests.yaml")).unwrap();
    std::fs::remove_dir_all(house.path(".convoke")).unwrap();
    (house, count)
}

#[test]
fn imported_tenants_plan_to_nothing_are_taken_over_without_mail_and_go_again_whole() {
    for seed in 0..number("IMPORT_RUNS", 4) {
        let (house, count) = tenant(seed);
        let (mails, writes) = (house.sandbox().mails().len(), house.writes());
        let run = house.run(&[
            "import",
            "--mailbox",
            &format!("{ORGANIZER},{DEPUTY}"),
            "--from",
            "2000-01-01",
            "--out",
            "events",
        ]);
        assert_eq!(run.code, 0, "{run:?}");
        let files = std::fs::read_dir(house.path("events")).unwrap().count();
        assert_eq!(files, count, "seed {seed}: {}", run.err);
        let again = house.run(&["import", "--mailbox", ORGANIZER, "--from", "2000-01-01", "--out", "events"]);
        assert!(again.code == 0 && again.err.contains("0 manifests"), "{again:?}");
        let plan = house.json(&["plan"]);
        assert_eq!(
            (plan["summary"]["adopt"].as_u64(), plan["summary"]["mails"]["total"].as_u64()),
            (Some(count as u64), Some(0)),
            "{plan}"
        );
        assert!(
            plan["steps"].as_array().unwrap().iter().all(|it| it["changes"].as_array().unwrap().is_empty()),
            "{plan}"
        );
        let apply = house.run(&["apply", "--yes"]);
        assert_eq!(apply.code, 0, "{apply:?}");
        assert_eq!((house.sandbox().mails().len(), house.writes()), (mails, writes));
        assert_eq!(house.run(&["plan", "--detailed-exitcode"]).code, 0);
        let destroy =
            house.run(&["destroy", "--yes", "--max-removals", "100%", "--max-changes", "100%", "--max-mails", "5000"]);
        assert_eq!(destroy.code, 0, "{destroy:?}");
        for whose in [ORGANIZER, DEPUTY] {
            let (_, all) =
                house.call("GET", &format!("/v1.0/users/{whose}/events?$top=500&$select=id,isCancelled"), None);
            let left = all["value"].as_array().unwrap().iter().filter(|it| it["isCancelled"] != true).count();
            assert_eq!(left, 0, "seed {seed}: {all}");
        }
    }
}
