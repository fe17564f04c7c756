//! The program at its edges: bad input, damaged files, exit codes, interruption. Each error is worded and touches nothing.

use crate::support::{House, program, run};
use convoke::face::sandbox::Options;
use serde_json::json;
use std::fs;
use std::process::Stdio;

const EVENT: &str = "apiVersion: convoke.dev/v1
kind: Event
metadata: {name: weekly}
spec: {subject: Weekly, start: 2038-02-02T10:00, duration: 45m, isOnlineMeeting: true}
";

#[test]
fn bad_manifests_are_refused_with_place_and_way_out_and_touch_nothing() {
    let cases = [
        ("apiVersion: convoke.dev/v1\nspec: [", "manifests.yaml:2:"),
        (&EVENT.replace("duration", "durration"), "did you mean `duration`?"),
        (&EVENT.replace("45m", "[1]"), "manifests.yaml:4:"),
        (&EVENT.replace("kind: Event", "kind: Evnt"), "did you mean `Event`?"),
        (&EVENT.replace("subject: Weekly", "joinUrl: x"), "manifests.yaml:4:8"),
        (&format!("{EVENT}---\n{EVENT}"), "`Event/weekly` is declared twice"),
    ];
    for (text, expect) in cases {
        let house = House::new(Options::default());
        house.write("manifests.yaml", text);
        for command in [&["plan"][..], &["apply", "--yes"], &["validate"]] {
            let run = house.run(command);
            assert_eq!(run.code, 1, "{run:?}");
            assert!(run.err.contains(expect) && run.out.is_empty(), "{expect}: {run:?}");
        }
        assert_eq!(house.sandbox().counts().requests, 0, "nothing was asked of Graph");
    }
}

#[test]
fn variables_may_be_set_as_pipelines_set_them() {
    let house = House::new(Options::default());
    house.write("manifests.yaml", EVENT);
    let plan = |variables: &[(&str, &str)]| {
        let mut plan = house.program();
        run(plan.arg("plan").envs(variables.iter().copied()))
    };
    let nothing = ["CONVOKE_ONLY", "CONVOKE_SELECT", "CONVOKE_MAX_MAILS", "CONVOKE_PRUNE", "CONVOKE_FORMAT"];
    let unset = plan(&nothing.map(|name| (name, "")));
    assert!(unset.code == 0 && unset.out.contains("1 to create"), "{unset:?}");
    for (yes, code) in [("1", 2), ("yes", 2), ("TRUE", 2), ("0", 0), ("no", 0), ("perhaps", 1)] {
        assert_eq!(plan(&[("CONVOKE_DETAILED_EXITCODE", yes)]).code, code, "{yes}");
    }
    assert!(plan(&[("CONVOKE_VERBOSE", "1")]).err.contains("round trips"));
}

#[test]
fn what_is_not_there_is_said_with_the_way_out() {
    let house = House::new(Options::default());
    house.write("manifests.yaml", EVENT);
    let cases: [(&[&str], &str); 12] = [
        (
            &["plan", "--sandbox", "--state", "other.json"],
            "leave it out; the state of the sandbox is .convoke/sandbox-state.json",
        ),
        (&["state", "list", "--sandbox", "--state", "other.json"], "the sandbox keeps a state of its own"),
        (&["plan", "--on-drift", "perhaps"], "neither `revert` nor `report`: `perhaps`"),
        (&["plan", "--recreate", "Event/wekly"], "did you mean `Event/weekly`?"),
        (&["plan", "--except", "Event/wekly"], "did you mean `Event/weekly`?"),
        (&["apply", "--yes", "--only", "Event/other"], "`Event/other` of --only is neither declared nor managed"),
        (&["plan", "--allow-replace", "OnlineMeeting/x"], "`convoke plan -v` lists all keys"),
        (&["plan", "--nonsense"], "unexpected argument '--nonsense'"),
        (&["plan", "nowhere.yaml"], "cannot read `nowhere.yaml`"),
        (&["plan", "--workspace", "nowhere.yaml"], "cannot read `nowhere.yaml`"),
        (&["status", "Event/other"], "`Event/other` is not managed"),
        (&["apply"], "pass --yes"),
    ];
    for (args, expect) in cases {
        let run = house.run(args);
        assert_eq!(run.code, 1, "{run:?}");
        assert!(run.err.contains(expect), "{run:?}");
    }
    let alone = run(program(house.folder.path()).arg("plan"));
    assert_eq!(alone.code, 1);
    assert!(alone.err.contains("CONVOKE_ACCESS_TOKEN") && alone.err.contains("--sandbox"), "{alone:?}");
    house.write("manifests.yaml", &EVENT.replace("spec: {", "spec: {organizer: alex@contoso.example, timeZone: UTC, "));
    fs::remove_file(house.path("convoke.yaml")).unwrap();
    let run = house.run(&["plan", "manifests.yaml"]);
    assert!(run.code == 1 && run.err.contains("no workspace"), "{run:?}");
    assert_eq!(house.writes(), 0);
}

#[test]
fn a_damaged_state_or_tenant_file_is_said_and_left_alone() {
    let house = House::new(Options::default());
    house.write("manifests.yaml", EVENT);
    house.write(".convoke/state.json", "{\"formatVersion\": 1,");
    let run = house.run(&["apply", "--yes"]);
    assert_eq!(run.code, 1);
    assert!(run.err.contains("cannot read the state") && run.err.contains("line 1"), "{run:?}");
    assert_eq!(fs::read_to_string(house.path(".convoke/state.json")).unwrap(), "{\"formatVersion\": 1,");

    house.write(".convoke/sandbox.json", "{\"formatVersion\":1,\"serial\":0}\nnot a record\n");
    let run = house.run(&["apply", "--yes", "--sandbox"]);
    assert_eq!(run.code, 1);
    assert!(run.err.contains("sandbox.json:2: damaged tenant file"), "{run:?}");
    assert_eq!(house.writes(), 0);
}

#[test]
fn a_token_never_stands_in_an_error() {
    let house = House::new(Options { strict_tokens: true, ..Options::default() });
    house.write("manifests.yaml", EVENT);
    let mut command = program(house.folder.path());
    command.env("CONVOKE_GRAPH_URL", &house.sandbox().url).env("CONVOKE_ACCESS_TOKEN", "canary-token-1234");
    let run = run(command.args(["plan", "-vv"]));
    assert_eq!(run.code, 1, "an unreadable mailbox fails the plan: {run:?}");
    assert!(run.out.contains("401"), "{run:?}");
    assert!(!run.out.contains("canary-token") && !run.err.contains("canary-token"), "{run:?}");
}

#[test]
fn an_unreadable_mailbox_is_unknown_and_the_others_go_on() {
    let house =
        House::new(Options { tenant: Some(tenant("users: [{upn: alex@contoso.example}]\n")), ..Options::default() });
    let stranger =
        EVENT.replace("name: weekly", "name: lost").replace("spec: {", "spec: {organizer: nobody@contoso.example, ");
    house.write("manifests.yaml", &format!("{EVENT}---\n{stranger}"));
    let run = house.run(&["apply", "--yes"]);
    assert_eq!(run.code, 1, "{run:?}");
    assert!(run.out.contains("! Event/lost  blocked") && run.out.contains("unknown: "), "{run:?}");
    assert!(run.out.contains("+ Event/weekly  create for alex@contoso.example · applied"), "{run:?}");
    assert!(run.out.contains("\n              hint: no such user in this tenant"), "{run:?}");
    let step = house.json(&["plan"])["steps"][0].clone();
    assert!(
        step["reason"].as_str().unwrap().ends_with(')') && !step["reason"].as_str().unwrap().contains('\n'),
        "{step}"
    );
    assert!(step["hint"].as_str().unwrap().starts_with("no such user in this tenant"), "{step}");
}

#[test]
fn a_plan_can_tell_by_its_exit_code_that_there_is_something_to_do() {
    let house = House::new(Options::default());
    house.write("manifests.yaml", EVENT);
    assert_eq!(house.run(&["plan"]).code, 0);
    assert_eq!(house.run(&["plan", "--detailed-exitcode"]).code, 2);
    assert_eq!(house.run(&["apply", "--yes"]).code, 0);
    assert_eq!(house.run(&["plan", "--detailed-exitcode"]).code, 0);
}

#[test]
fn manifests_come_from_standard_input_too() {
    let house = House::new(Options::default());
    let mut command = program(house.folder.path());
    let child = command.args(["validate", "-"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    std::io::Write::write_all(&mut child.stdin.as_ref().unwrap(), EVENT.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "1 document in 1 file: no problems\n");
}

#[test]
fn a_reader_that_goes_away_is_a_quiet_end() {
    let house = House::new(Options::default());
    let mut child =
        program(house.folder.path()).arg("schema").stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
}

#[cfg(unix)]
#[test]
fn the_twin_serves_other_programs_until_it_is_told_to_end() {
    let folder = tempfile::tempdir().unwrap();
    let mut twin = program(folder.path());
    let twin = twin.args(["sandbox", "--file", "tenant.json", "--latency", "1ms", "--strict-tokens", "--quirk", "all"]);
    let mut twin = twin.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = std::io::BufRead::lines(std::io::BufReader::new(twin.stdout.take().unwrap()));
    let mut export =
        |name: &str| lines.next().unwrap().unwrap().strip_prefix(&format!("export {name}=")).unwrap().to_owned();
    let (url, token) = (export("CONVOKE_GRAPH_URL"), export("CONVOKE_ACCESS_TOKEN"));

    fs::write(folder.path().join("convoke.yaml"), crate::support::WORKSPACE).unwrap();
    let invited = EVENT.replace("subject: Weekly", "subject: Weekly, attendees: [adele@contoso.example]");
    fs::write(folder.path().join("manifests.yaml"), invited).unwrap();
    let mut apply = program(folder.path());
    let apply = run(apply.env("CONVOKE_GRAPH_URL", &url).env("CONVOKE_ACCESS_TOKEN", &token).args(["apply", "--yes"]));
    assert_eq!(apply.code, 0, "{apply:?}");

    let id = twin.id().to_string();
    assert!(std::process::Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    let output = twin.wait_with_output().unwrap();
    let log = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{log}");
    assert!(log.contains("POST /v1.0/users/alex%40contoso.example/events 201"), "{log}");
    assert!(
        log.ends_with("a tenant would have mailed 1 invitation\n  invitation: adele@contoso.example: Weekly\n"),
        "{log}"
    );
    assert!(!log.contains(&token) && fs::metadata(folder.path().join("tenant.json")).unwrap().len() > 0);
}

/// A tenant description on the disk; the folder of the test run keeps it.
fn tenant(text: &str) -> std::path::PathBuf {
    let (_, path) = tempfile::Builder::new().suffix(".yaml").tempfile().unwrap().keep().unwrap();
    fs::write(&path, text).unwrap();
    path
}

#[test]
fn a_pipeline_reads_one_json_object_a_line_on_standard_error() {
    let house = House::new(Options { faults: Some("429=40%,seed=3".parse().unwrap()), ..Options::default() });
    house.write("manifests.yaml", EVENT);
    let run = house.run(&["apply", "--yes", "--log", "json", "--format", "json"]);
    assert_eq!(run.code, 0, "{run:?}");
    serde_json::from_str::<serde_json::Value>(&run.out).unwrap();
    let lines: Vec<serde_json::Value> =
        run.err.lines().filter(|line| line.starts_with('{')).map(|line| serde_json::from_str(line).unwrap()).collect();
    let events = |name: &str| lines.iter().filter(|line| line["event"] == name).count();
    assert!(events("request") > 0 && events("retry") > 0 && events("wait") > 0, "{run:?}");
    assert_eq!((events("step"), events("totals")), (1, 1), "{run:?}");
    let step = lines.iter().find(|line| line["event"] == "step").unwrap();
    assert_eq!((&step["key"], &step["outcome"]), (&"Event/weekly".into(), &"applied".into()));
}

#[test]
fn status_never_takes_what_it_could_not_see_for_nothing() {
    let house = House::new(Options::default());
    house.write(
        "manifests.yaml",
        "apiVersion: convoke.dev/v1
kind: OnlineMeeting
metadata: {name: support}
spec: {subject: Support, start: 2031-02-04T10:00, end: 2031-02-04T11:00}
",
    );
    let nowhere = |house: &House| {
        let mut status = program(house.folder.path());
        status.arg("status").env("CONVOKE_GRAPH_URL", "http://127.0.0.1:9/v1.0").env("CONVOKE_ACCESS_TOKEN", "t");
        run(&mut status)
    };
    let before = nowhere(&house);
    assert!(before.code == 1 && before.out.is_empty() && before.err.contains("not searched"), "{before:?}");
    assert_eq!(house.run(&["apply", "--yes"]).code, 0);
    let after = nowhere(&house);
    assert!(after.code == 1 && after.out.is_empty(), "{after:?}");
    assert!(after.err.contains("error: OnlineMeeting/support: cannot reach"), "{after:?}");
}

#[test]
fn the_doctor_asks_no_calendar_of_who_has_online_meetings_only() {
    let tenant = tempfile::NamedTempFile::new().unwrap();
    fs::write(tenant.path(), "users: [{upn: alex@contoso.example, mailbox: false}]").unwrap();
    let house = House::new(Options { tenant: Some(tenant.path().to_owned()), ..Options::default() });
    let meeting = "apiVersion: convoke.dev/v1
kind: OnlineMeeting
metadata: {name: support}
spec: {subject: Support, start: 2031-02-04T10:00, end: 2031-02-04T11:00}
";
    house.write("manifests.yaml", meeting);
    let well = house.run(&["doctor"]);
    assert!(well.code == 0 && !well.out.contains("calendar"), "{well:?}");
    house.write("manifests.yaml", &format!("{meeting}---\n{EVENT}"));
    let ill = house.run(&["doctor"]);
    assert!(ill.code == 1 && ill.out.contains("failed calendar of alex@contoso.example"), "{ill:?}");
}

#[test]
fn status_shows_what_the_rooms_have_answered() {
    let house = House::new(Options::default());
    house.write(
        "manifests.yaml",
        "apiVersion: convoke.dev/v1
kind: Event
metadata: {name: weekly}
spec: {subject: Weekly, start: 2031-02-04T10:00, duration: 45m, location: Room Baker <room-baker@contoso.example>}
",
    );
    assert_eq!(house.run(&["apply", "--yes"]).code, 0);
    let table = house.run(&["status"]);
    assert!(table.out.contains("Room Baker (no answer yet)"), "{table:?}");
    let run = house.run(&["status", "Event/weekly"]);
    assert!(run.out.contains("room: room-baker@contoso.example, no answer yet"), "{run:?}");
    let body =
        json!({"event": house.event("weekly")["id"], "attendee": "room-baker@contoso.example", "response": "declined"});
    house.call("POST", "/sandbox/users/alex@contoso.example/responses", Some(&body));
    let rows = house.json(&["status"]);
    assert_eq!(rows["resources"][0]["rooms"]["room-baker@contoso.example"], "declined", "{rows}");
}

#[test]
fn validate_says_which_of_two_equal_times_is_meant() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(
        folder.path().join("shift.yaml"),
        "apiVersion: convoke.dev/v1
kind: OnlineMeeting
metadata: {name: shift}
spec: {organizer: alex@contoso.example, subject: Shift, start: 2031-10-26T02:30, duration: 30m, timeZone: Europe/Berlin}
",
    )
    .unwrap();
    let run = run(program(folder.path()).args(["validate", "shift.yaml"]));
    assert_eq!((run.code, run.out.as_str()), (0, "1 document in 1 file: no problems\n"), "{}", run.err);
    let expect = "\
note: OnlineMeeting/shift: `start`: 2031-10-26T02:30 comes twice in
      Europe/Berlin, where clocks go back: the first is meant, UTC+02
note: OnlineMeeting/shift: `end`: 2031-10-26T02:00 comes twice in Europe/Berlin,
      where clocks go back: the second is meant, UTC+01
";
    assert_eq!(run.err, expect);
}

/// Two events in two files beside the workspace, both applied.
fn two_files(lifecycle: &str) -> House {
    let house = House::new(Options::default());
    let weekly = EVENT.replace("metadata: {name: weekly}", &format!("metadata: {{name: weekly}}\n{lifecycle}"));
    house.write("weekly.yaml", &weekly);
    house.write("daily.yaml", &EVENT.replace("name: weekly", "name: daily").replace("02-02", "02-03"));
    assert_eq!(house.run(&["apply", "--yes"]).code, 0);
    house
}

fn names(house: &House) -> Vec<String> {
    let mut names: Vec<String> = house.events(crate::support::ORGANIZER).into_iter().map(|(name, _)| name).collect();
    names.sort();
    names
}

#[test]
fn destroy_with_a_file_cancels_what_is_declared_in_it_alone() {
    for args in
        [&["destroy", "--yes", "weekly.yaml"][..], &["destroy", "--yes", "--workspace", "convoke.yaml", "weekly.yaml"]]
    {
        let house = two_files("");
        let run = house.run(args);
        assert!(run.code == 0 && run.out.contains("1 to cancel") && !run.out.contains("no manifest"), "{run:?}");
        assert_eq!(names(&house), ["daily"], "{args:?}");
    }
    let house = two_files("lifecycle: {protect: true}");
    let run = house.run(&["destroy", "--yes", "weekly.yaml"]);
    assert!(
        run.code == 2 && run.out.contains("it is protected: write") && run.out.contains("destroy [CVK0304]\n"),
        "{run:?}"
    );
    assert!(!run.out.contains("no manifest"), "{run:?}");
    assert_eq!(names(&house), ["daily", "weekly"]);
    assert_eq!(house.run(&["destroy", "--yes"]).code, 2);
    assert_eq!(names(&house), ["weekly"]);
}

#[test]
fn no_variable_takes_something_away() {
    let house = two_files("");
    fs::remove_file(house.path("weekly.yaml")).unwrap();
    let answers = ["CONVOKE_YES", "CONVOKE_PRUNE", "CONVOKE_ABSENT", "CONVOKE_ALLOW_REPLACE", "CONVOKE_ALLOW_EMPTY"];
    let set = |args: &[&str]| run(house.program().args(args).envs(answers.map(|name| (name, "1"))));
    let destroy = set(&["destroy"]);
    assert!(destroy.code == 1 && destroy.err.contains("nobody to ask"), "{destroy:?}");
    let single = set(&["apply", "daily.yaml"]);
    assert!(
        single.code == 0 && single.out.contains("1 unchanged") || single.out.contains("nothing to do"),
        "{single:?}"
    );
    assert_eq!(names(&house), ["daily", "weekly"]);
    assert_eq!(set(&["apply"]).code, 0);
    assert_eq!(names(&house), ["daily"]);
}

#[test]
fn what_is_remembered_is_shown_without_its_link_and_forgotten_on_request() {
    let house = two_files("");
    let meeting = "apiVersion: convoke.dev/v1
kind: OnlineMeeting
metadata: {name: room}
spec: {organizer: ben@contoso.example, subject: Room, start: 2038-02-02T10:00, end: 2038-02-02T11:00}
";
    house.write("room.yaml", meeting);
    assert_eq!(house.run(&["apply", "--yes"]).code, 0);
    let list = house.run(&["state", "list"]);
    let expect = "\
key                 organizer             known
Event/daily         alex@contoso.example  as applied
Event/weekly        alex@contoso.example  as applied
OnlineMeeting/room  ben@contoso.example   as applied, expires 2038-04-03
";
    assert_eq!((list.code, list.out.as_str()), (0, expect), "{}", list.err);
    let show = house.run(&["state", "show", "OnlineMeeting/room"]);
    assert!(show.code == 0 && show.out.contains("\"organizer\": \"ben@contoso.example\""), "{show:?}");
    assert!(!show.out.contains("meetup-join"), "{show:?}");
    let slip = house.run(&["state", "rm", "Event/weekly", "OnlineMeeting/rom"]);
    assert!(slip.code == 1 && slip.err.contains("did you mean `OnlineMeeting/room`?"), "{slip:?}");
    assert_eq!(house.run(&["state", "list"]).out, expect);

    let asked = house.sandbox().counts().requests;
    let rm = house.run(&["state", "rm", "OnlineMeeting/room"]);
    assert!(rm.code == 0 && rm.out.contains("OnlineMeeting/room of ben@contoso.example is forgotten"), "{rm:?}");
    assert_eq!(house.sandbox().counts().requests, asked, "nothing is asked of Graph");
    let state = fs::read_to_string(house.path(".convoke/state.json")).unwrap();
    let state: serde_json::Value = serde_json::from_str(&state).unwrap();
    assert_eq!(state["mailboxes"], json!(["alex@contoso.example"]));
    assert!(state["resources"]["OnlineMeeting/room"].is_null());
}

#[test]
fn one_cause_is_told_once_however_many_it_keeps_from_going_on() {
    let house =
        House::new(Options { tenant: Some(tenant("users: [{upn: alex@contoso.example}]\n")), ..Options::default() });
    let events: Vec<String> = (0..7)
        .map(|it| {
            let name = EVENT.replace("name: weekly", &format!("name: e{it}"));
            name.replace("spec: {", &format!("spec: {{organizer: nobody{}@contoso.example, ", it % 2))
        })
        .collect();
    house.write("manifests.yaml", &events.join("---\n"));
    let run = house.run(&["plan"]);
    assert!(run.code == 1 && run.out.contains("! Event/e0, Event/e1, Event/e2 and 4 more  blocked\n"), "{run:?}");
    assert_eq!(
        (run.out.matches("because unknown").count(), run.out.contains("contoso: 7 blocked")),
        (1, true),
        "{run:?}"
    );
    let whole = house.run(&["plan", "-v"]);
    assert_eq!(whole.out.matches("because unknown").count(), 7, "{whole:?}");
    let steps = &house.json(&["plan"])["steps"];
    assert_eq!(steps.as_array().unwrap().len(), 7);
}
