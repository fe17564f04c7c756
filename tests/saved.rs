//! Plans as files: what was saved is applied, and nothing else. What is not as it was is named, and nothing is written.

use crate::support::{House, ORGANIZER, Run, run};
use convoke::face::sandbox::Options;
use serde_json::{Value, json};
use std::os::unix::fs::PermissionsExt;
use std::process::{Child, Stdio};

const MANIFESTS: &str = "apiVersion: convoke.dev/v1
kind: Event
metadata: {name: weekly}
spec:
  subject: Weekly
  start: 2041-02-05T10:00
  duration: 45m
  isOnlineMeeting: true
  meetingOptions: {lobbyBypassSettings: {scope: organization}}
  attendees: [adele@contoso.example]
  body: \"Agenda: **roadmap**\"
---
apiVersion: convoke.dev/v1
kind: Event
metadata: {name: review}
spec: {subject: Review, start: 2041-02-06T10:00, duration: 45m, attendees: [lidia@contoso.example]}
---
apiVersion: convoke.dev/v1
kind: OnlineMeeting
metadata: {name: support}
spec: {subject: Support, start: 2041-02-06T10:00, end: 2041-02-06T11:00}
";

fn changed() -> String {
    MANIFESTS.replace("subject: Weekly", "subject: Monthly").replace("subject: Review", "subject: Retro")
}

/// A house in which the manifests are applied, and a saved plan of what changes in them.
fn saved() -> House {
    let house = House::new(Options::default());
    house.write("m.yaml", MANIFESTS);
    assert_eq!(house.run(&["apply", "--yes"]).code, 0);
    house.write("m.yaml", &changed());
    let plan = house.run(&["plan", "--out", "plan.json"]);
    assert!(plan.code == 0 && plan.err.contains("`convoke apply plan.json` applies it"), "{plan:?}");
    house
}

fn document(house: &House) -> Value {
    serde_json::from_str(&std::fs::read_to_string(house.path("plan.json")).unwrap()).unwrap()
}

fn patch(house: &House, name: &str, body: &Value) {
    let id = convoke::face::route::encoded(house.event(name)["id"].as_str().unwrap());
    let (status, answer) = house.call("PATCH", &format!("/sandbox/users/{ORGANIZER}/events/{id}"), Some(body));
    assert!((200..300).contains(&status), "{answer}");
}

/// Runs it, and sees that it refuses without a write.
fn refused(house: &House, args: &[&str]) -> String {
    let writes = house.writes();
    let run = house.run(args);
    assert!(run.code == 1 && house.writes() == writes, "{run:?}");
    // Prose is filled to the width of a terminal.
    format!("{}\n{}", run.out, run.err).split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn what_was_saved_is_applied_once_and_then_there_is_nothing_to_do() {
    let house = House::new(Options::default());
    house.write("m.yaml", MANIFESTS);
    assert_eq!(house.run(&["plan", "--out", "plan.json"]).code, 0);
    assert_eq!(std::fs::metadata(house.path("plan.json")).unwrap().permissions().mode() & 0o777, 0o600);
    // What is in the manifests by now is not what was approved.
    house.write("m.yaml", &changed());
    let apply = house.run(&["apply", "--yes", "plan.json"]);
    assert!(apply.code == 0 && apply.out.contains("result: 3 applied"), "{apply:?}");
    assert_eq!(house.event("weekly")["subject"], "Weekly");
    let history = house.json(&["state", "history"]);
    assert_eq!(history["applies"][0]["plan"], document(&house)["planId"]);
    let (writes, again) = (house.writes(), house.run(&["apply", "plan.json"]));
    assert!(again.code == 0 && again.out.contains("nothing to do") && house.writes() == writes, "{again:?}");
    let mails = house.sandbox().mails().len();
    assert_eq!(mails, 2, "one invitation each");
}

#[test]
fn a_saved_plan_opens_no_meeting_and_is_what_its_schema_says() {
    let house = saved();
    house.write("m.yaml", "");
    house.write("m.yaml", &changed().replace("scope: organization", "scope: everyone").replace("Support,", "Help,"));
    assert_eq!(house.run(&["plan", "--out", "plan.json"]).code, 0);
    let text = std::fs::read_to_string(house.path("plan.json")).unwrap();
    let meeting = &house.meetings()[0];
    let secrets = [&meeting["id"], &meeting["joinWebUrl"], &meeting["joinMeetingIdSettings"]["joinMeetingId"]];
    let secrets: Vec<String> = secrets.iter().filter_map(|it| it.as_str()).map(str::to_owned).collect();
    assert!(secrets.len() >= 2, "{meeting}");
    for secret in secrets.into_iter().chain([house.sandbox().token.clone()]) {
        assert!(!text.contains(&secret) && !text.contains(&convoke::face::route::encoded(&secret)), "{secret}\n{text}");
    }
    assert!(!text.contains("meetup-join"), "{text}");
    let schema: Value = serde_json::from_str(include_str!("../schemas/plan.schema.json")).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let wrong: Vec<String> = validator.iter_errors(&document(&house)).map(|it| it.to_string()).collect();
    assert_eq!(wrong, Vec::<String>::new());
    // An author may copy a link into a text.
    let link = "body: \"Agenda: https://teams.microsoft.com/l/meetup-join/19%3ameeting_x\"";
    house.write("m.yaml", &changed().replace("body: \"Agenda: **roadmap**\"", link));
    let said = refused(&house, &["plan", "--out", "other.json"]);
    assert!(said.contains("Event/weekly holds what looks like a join link") && !house.path("other.json").exists());
}

#[test]
fn a_saved_plan_says_which_commit_it_was_made_from() {
    let house = House::new(Options::default());
    house.write("m.yaml", MANIFESTS);
    let git = |args: &[&str]| {
        let who = ["-c", "user.name=a", "-c", "user.email=a@contoso.example", "-c", "init.defaultBranch=main"];
        let ended = std::process::Command::new("git").args(who).args(args).current_dir(&house.folder).output().unwrap();
        assert!(ended.status.success(), "{ended:?}");
        String::from_utf8(ended.stdout).unwrap().trim().to_owned()
    };
    for args in [&["init", "-q"][..], &["add", "m.yaml"], &["commit", "-qm", "first"]] {
        git(args);
    }
    let head = git(&["rev-parse", "HEAD"]);
    for args in [&["status"][..], &["pack-refs", "--all"], &["checkout", "-q", "--detach"]] {
        git(args);
        assert_eq!(house.run(&["plan", "--out", "plan.json"]).code, 0);
        assert_eq!(document(&house)["sourceRevision"], head.as_str(), "{args:?}");
    }
}

#[test]
fn what_somebody_changed_in_between_is_named_and_nothing_is_written() {
    let house = saved();
    patch(&house, "weekly", &json!({"subject": "Somebody else's"}));
    let said = refused(&house, &["apply", "--yes", "plan.json"]);
    assert!(
        said.contains("Event/weekly is not as it was when the plan was saved: somebody changed `subject`"),
        "{said}"
    );
    let run = house.run(&["apply", "--yes", "--skip-stale", "plan.json"]);
    assert!(run.code == 2 && run.out.contains("left out: somebody changed `subject`"), "{run:?}");
    assert_eq!(house.event("weekly")["subject"], "Somebody else's");
    assert_eq!(house.event("review")["subject"], "Retro");
}

#[test]
fn what_somebody_did_in_between_as_it_was_planned_is_nothing_to_do() {
    let house = saved();
    patch(&house, "weekly", &json!({"subject": "Monthly", "importance": "high"}));
    patch(&house, "review", &json!({"showAs": "oof"}));
    let run = house.run(&["apply", "--yes", "plan.json"]);
    assert!(run.code == 0 && run.out.contains("result: 1 applied"), "{run:?}");
    assert_eq!(house.event("review")["subject"], "Retro");
}

#[test]
fn what_is_gone_or_there_by_now_is_named() {
    let house = saved();
    let id = convoke::face::route::encoded(house.event("weekly")["id"].as_str().unwrap());
    assert_eq!(house.call("DELETE", &format!("/v1.0/users/{ORGANIZER}/events/{id}"), None).0, 204);
    let said = refused(&house, &["apply", "--yes", "plan.json"]);
    assert!(said.contains("Event/weekly is not as it was when the plan was saved: it is gone"), "{said}");
    // Somebody applies another manifest of what was to be made.
    let house = House::new(Options::default());
    house.write("m.yaml", MANIFESTS);
    assert_eq!(house.run(&["plan", "--out", "plan.json"]).code, 0);
    house.write("m.yaml", &changed());
    assert_eq!(house.run(&["apply", "--yes", "--only", "Event/weekly"]).code, 0);
    let said = refused(&house, &["apply", "--yes", "plan.json"]);
    assert!(
        said.contains("Event/weekly is not as it was when the plan was saved: it was to be made, and is there"),
        "{said}"
    );
}

#[test]
fn a_removal_that_was_saved_removes_what_was_approved_and_nothing_else() {
    let house = saved();
    house.write("m.yaml", MANIFESTS.split("---\n").next().unwrap());
    assert_eq!(house.run(&["plan", "--max-removals", "9", "--out", "plan.json"]).code, 0);
    // Nothing is declared any more; the plan says what goes.
    house.write("m.yaml", "");
    patch(&house, "review", &json!({"subject": "Mine by now"}));
    let said = refused(&house, &["apply", "--yes", "--max-removals", "9", "plan.json"]);
    assert!(
        said.contains("Event/review is not as it was when the plan was saved: somebody changed `subject`"),
        "{said}"
    );
    patch(&house, "review", &json!({"subject": "Review"}));
    let run = house.run(&["apply", "--yes", "--max-removals", "9", "plan.json"]);
    assert!(run.code == 0 && run.out.contains("result: 2 applied"), "{run:?}");
    assert_eq!(house.events(ORGANIZER).len(), 1);
    // Limits count anew.
    house.write("m.yaml", &changed());
    assert_eq!(house.run(&["plan", "--out", "plan.json"]).code, 0);
    assert!(refused(&house, &["apply", "--yes", "--max-mails", "0", "plan.json"]).contains("--max-mails"));
}

#[test]
fn a_pipeline_applies_only_what_was_approved_elsewhere() {
    let house = saved();
    let (id, writes) = (document(&house)["planId"].as_str().unwrap().to_owned(), house.writes());
    let pipeline = |args: &[&str]| run(house.program().env("GITHUB_ACTIONS", "true").args(args));
    let none = pipeline(&["apply", "--yes", "plan.json"]);
    assert!(none.code == 1 && none.err.contains("was approved") && none.err.contains("--plan-id"), "{none:?}");
    let other = pipeline(&["apply", "--plan-id", &id.replace(['a', '0'], "1"), "plan.json"]);
    assert!(other.code == 1 && other.err.contains(&id) && house.writes() == writes, "{other:?}");
    let right = pipeline(&["apply", "--plan-id", &id, "plan.json"]);
    assert!(right.code == 0 && right.out.contains("result: 2 applied"), "{right:?}");
}

#[test]
fn a_plan_is_applied_by_its_id_as_long_as_the_same_would_be_done() {
    let house = saved();
    let id = house.json(&["plan"])["planId"].as_str().unwrap().to_owned();
    assert_eq!(document(&house)["planId"], id.as_str());
    let short = house.run(&["apply", "--plan-id", &id[..12]]);
    assert!(short.code != 0 && short.err.contains("64 digits"), "{short:?}");
    patch(&house, "weekly", &json!({"subject": "Somebody else's"}));
    let now = house.json(&["plan"])["planId"].as_str().unwrap().to_owned();
    let said = refused(&house, &["apply", "--plan-id", &id]);
    assert!(said.contains(&format!("this plan is {now}, and approved was {id}")), "{said}");
    let apply = house.run(&["apply", "--plan-id", &now]);
    assert!(apply.code == 0 && apply.out.contains("result: 2 applied"), "{apply:?}");
}

#[test]
fn a_saved_plan_expires() {
    let house = saved();
    let said = refused(&house, &["apply", "--yes", "--plan-ttl", "0s", "plan.json"]);
    assert!(said.contains("may be applied for 0s"), "{said}");
    let mut plan = document(&house);
    plan["made"] = json!("2040-01-01T00:00:00Z");
    house.write("plan.json", &plan.to_string());
    assert!(refused(&house, &["apply", "--yes", "plan.json"]).contains("which is still to come"));
}

#[test]
fn a_saved_plan_expires_when_something_starts_that_it_changes() {
    let house = House::new(Options::default());
    let hour = jiff::SignedDuration::from_hours(1);
    let (now, stamp) = (jiff::Timestamp::now(), |at: jiff::Timestamp| at.strftime("%Y-%m-%dT%H:%M").to_string());
    let event = |name: &str, more: &str| {
        format!(
            "---\napiVersion: convoke.dev/v1\nkind: Event\nmetadata: {{name: {name}}}\nspec: {{subject: S, duration: 15m, timeZone: UTC, {more}}}\n"
        )
    };
    let begun = format!("start: {}", stamp(now - hour));
    let daily =
        format!("start: {}, recurrence: {{pattern: {{type: daily}}, range: {{type: noEnd}}}}", stamp(now - hour * 49));
    for (name, more, expires) in
        [("begun", begun, true), ("daily", daily, true), ("ahead", format!("start: {}", stamp(now + hour)), false)]
    {
        house.write("m.yaml", &event(name, &more));
        assert_eq!(house.run(&["plan", "--only", &format!("Event/{name}"), "--out", "plan.json"]).code, 0);
        let mut plan = document(&house);
        plan["made"] = json!((now - hour * 2).to_string());
        house.write("plan.json", &plan.to_string());
        let run = house.run(&["apply", "--yes", "plan.json"]);
        let said = run.out.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(
            (run.code, said.contains("has started since")),
            if expires { (1, true) } else { (0, false) },
            "{run:?}"
        );
    }
}

#[test]
fn of_two_who_apply_one_saved_plan_at_once_one_wins_and_nothing_happens_twice() {
    for _ in 0..3 {
        let house = House::new(Options::default());
        house.write("m.yaml", MANIFESTS);
        assert_eq!(house.run(&["plan", "--out", "plan.json"]).code, 0);
        let start = || {
            let mut command = house.program();
            let piped = command.args(["apply", "--yes", "plan.json"]).stdin(Stdio::null());
            piped.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
        };
        let ends = [start(), start()].map(ended);
        let wins = ends.iter().filter(|it| it.code == 0 && it.out.contains("result: 3 applied")).count();
        let told =
            ends.iter().filter(|it| it.err.contains("another apply is running") || it.out.contains("nothing to do"));
        assert!(wins == 1 && told.count() == 1, "{ends:?}");
        assert_eq!((house.events(ORGANIZER).len(), house.sandbox().mails().len()), (2, 2));
    }
}

fn ended(child: Child) -> Run {
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Run { code: output.status.code().unwrap_or(-1), out: text(output.stdout), err: text(output.stderr), leaks: vec![] }
}

/// Changes a saved plan as somebody might who can write the file.
type Tampering = (&'static str, fn(&mut Value), &'static str);

const TAMPERED: &[Tampering] = &[
    ("another subject", |it| it["steps"][0]["requests"][0]["body"]["subject"] = json!("Free money"), "id"),
    ("another guest", |it| it["manifests"][0]["spec"]["attendees"] = json!(["eve@evil.example"]), "not as it was"),
    ("another text", |it| it["manifests"][0]["spec"]["body"] = json!("Click here"), "not as it was"),
    ("another mailbox", |it| it["manifests"][0]["spec"]["organizer"] = json!("megan@contoso.example"), "not as it was"),
    ("a longer event", |it| it["manifests"][0]["spec"]["duration"] = json!("8h"), "not as it was"),
    ("no manifest", |it| it["manifests"] = json!([]), "not those of its steps"),
    ("a manifest more", |it| more(it), "not those of its steps"),
    ("a workspace", |it| it["manifests"][0]["kind"] = json!("Workspace"), "does not stand"),
    ("a property that is none", |it| it["manifests"][0]["spec"]["sendMail"] = json!(true), "does not stand"),
    ("another zone", |it| it["defaults"]["timeZone"] = json!("Asia/Tokyo"), "not as it was"),
    ("another action", |it| it["steps"][0]["action"] = json!("cancel"), "id"),
    ("another path", |it| it["steps"][0]["requests"][0]["path"] = json!("/users/x/messages/1"), "id"),
    ("no step", |it| it["steps"] = json!([]), "id"),
    ("another workspace", |it| it["workspace"] = json!("payroll"), "id"),
    ("a newer format", |it| it["formatVersion"] = json!(2), "format version 2"),
    ("no format", |it| drop(it.as_object_mut().unwrap().remove("formatVersion")), "no `formatVersion`"),
    ("a member more", |it| it["also"] = json!(1), "damaged"),
    ("a request more", |it| it["steps"][0]["requests"][0]["url"] = json!("https://evil.example"), "damaged"),
    ("another id", |it| it["planId"] = json!("0".repeat(64)), "id"),
    ("no moment", |it| drop(it.as_object_mut().unwrap().remove("made")), "damaged"),
    ("another key", |it| it["steps"][0]["key"] = json!("Event/other"), "id"),
    ("a key that is none", |it| it["steps"][0]["key"] = json!("Mailbox/all"), "damaged"),
    ("other resources", |it| it["only"] = json!(["Event/other"]), "id"),
    ("what was live", |it| it["steps"][0]["seen"] = json!({"subject": "000000000000"}), "id"),
];

fn more(plan: &mut Value) {
    let mut other = plan["manifests"][0].clone();
    other["metadata"]["name"] = json!("other");
    plan["manifests"].as_array_mut().unwrap().push(other);
}

#[test]
fn a_file_that_somebody_changed_is_refused_before_anything_is_sent() {
    let house = saved();
    let whole = std::fs::read_to_string(house.path("plan.json")).unwrap();
    for (what, change, expect) in TAMPERED {
        let mut plan: Value = serde_json::from_str(&whole).unwrap();
        change(&mut plan);
        house.write("plan.json", &plan.to_string());
        let said = refused(&house, &["apply", "--yes", "plan.json"]);
        assert!(said.contains(expect), "{what}: {said}");
    }
    for (what, text) in [("cut", &whole[..whole.len() / 2]), ("empty", ""), ("prose", "hello"), ("a list", "[]")] {
        house.write("plan.json", text);
        let said = refused(&house, &["apply", "--yes", "plan.json"]);
        assert!(said.contains("not a saved plan"), "{what}: {said}");
    }
    // Another workspace's, as it was made.
    house.write("plan.json", &whole);
    house.write("convoke.yaml", &crate::support::WORKSPACE.replace("contoso}", "payroll}"));
    assert!(refused(&house, &["apply", "--yes", "plan.json"]).contains("is of the workspace `contoso`"));
}

#[test]
fn who_makes_the_id_fit_still_changes_nothing_that_a_planner_would_not_send() {
    let house = saved();
    let whole = document(&house);
    type Change = fn(&mut Value);
    let changes: [(Change, &str); 4] = [
        (
            |it| it["steps"][0]["requests"][0]["path"] = json!("/users/ceo@contoso.example/messages/1"),
            "that no plan sends",
        ),
        (|it| it["steps"][0]["requests"][0]["method"] = json!("DELETE"), "that no plan sends"),
        (|it| it["steps"][0]["requests"][0]["body"]["subject"] = json!("Free money"), "is not as it was"),
        (|it| it["steps"][0]["action"] = json!("noop"), "that no plan has"),
    ];
    for (change, expect) in changes {
        let mut plan = whole.clone();
        change(&mut plan);
        plan["planId"] = json!(convoke::face::plan::approval::id_of(&plan));
        house.write("plan.json", &plan.to_string());
        let said = refused(&house, &["apply", "--yes", "plan.json"]);
        assert!(said.contains(expect), "{said}");
    }
}

#[test]
fn flags_that_choose_what_is_planned_are_refused_with_a_saved_plan_and_part_of_the_id_without() {
    let house = saved();
    let said = refused(&house, &["apply", "--yes", "--only", "Event/weekly", "plan.json"]);
    assert!(said.contains("--only chooses what is planned"), "{said}");
    let all = house.json(&["plan"])["planId"].clone();
    assert_ne!(all, house.json(&["plan", "--except", "OnlineMeeting/support"])["planId"]);
    let writes = house.writes();
    assert_eq!(house.run(&["plan", "--only", "Event/weekly", "--out", "plan.json"]).code, 0);
    let run = house.run(&["apply", "--yes", "plan.json"]);
    assert!(run.code == 0 && run.out.contains("result: 1 applied") && house.writes() > writes, "{run:?}");
}
