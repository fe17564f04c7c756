//! Rosters by the program: where a fault of one is told, what a saved plan holds, and groups of the directory by way of
//! `convoke.lock`.

use crate::support::{House, Run};
use convoke::face::sandbox::Options;
use serde_json::{Value, json};
use std::fs;
use std::time::Instant;

const TEAM: &str = "apiVersion: convoke.dev/v1
kind: Roster
metadata: {name: team}
spec:
  members:
    - group: platform@contoso.example
    - nestor@contoso.example
";

const WEEKLY: &str = "apiVersion: convoke.dev/v1
kind: Event
metadata: {name: weekly}
spec: {subject: Weekly, start: 2041-02-05T10:00, duration: 45m, attendees: [{roster: team}]}
";

const LOCK: &str = "convoke.lock";

/// A house with a group in its directory, and manifests that name it.
fn house() -> House {
    let house = House::new(Options::default());
    house.write("people.yaml", TEAM);
    house.write("weekly.yaml", WEEKLY);
    let inner = json!({"members": ["cho@contoso.example", "platform@contoso.example"]});
    group(&house, "support", &inner);
    group(
        &house,
        "platform",
        &json!({"members": ["adele@contoso.example", "support@contoso.example", "Ben@contoso.example"]}),
    );
    house
}

fn group(house: &House, name: &str, body: &Value) {
    let (status, answer) = house.call("PUT", &format!("/sandbox/groups/{name}@contoso.example"), Some(body));
    assert_eq!(status, 204, "{answer}");
}

fn lock(house: &House) -> String {
    fs::read_to_string(house.path(LOCK)).unwrap_or_default()
}

fn folded(run: &Run) -> String {
    format!("{} {}", run.out, run.err).split_whitespace().collect::<Vec<_>>().join(" ")
}

fn invited(house: &House, name: &str) -> Vec<String> {
    let event = house.event(name);
    let all = event["attendees"].as_array().unwrap().iter();
    let mut all: Vec<String> = all.map(|it| it["emailAddress"]["address"].as_str().unwrap().to_lowercase()).collect();
    all.sort();
    all
}

#[test]
fn a_group_is_read_once_and_reviewed_before_it_mails_anybody() {
    let house = house();
    let run = house.run(&["validate"]);
    let expect = "people.yaml:6:14: `convoke.lock` has no group `platform@contoso.example`";
    assert!(run.code == 1 && folded(&run).contains("`convoke groups update` reads its members"), "{run:?}");
    let told = house.json(&["validate"]);
    let problem = &told["problems"][0];
    let (line, column) = (&problem["line"], &problem["column"]);
    assert_eq!(format!("people.yaml:{line}:{column}: {}", problem["message"].as_str().unwrap()), expect, "{told}");
    assert_eq!(problem["code"], "CVK0161");

    let check = house.run(&["groups", "check"]);
    assert!(check.code == 2 && check.out.contains("3 members, not in convoke.lock"), "{check:?}");
    assert_eq!(lock(&house), "", "a check writes nothing");
    let update = house.run(&["groups", "update"]);
    assert!(update.code == 0 && update.err.contains("review and commit it"), "{update:?}");
    let text = lock(&house);
    let expect = "  \"platform@contoso.example\":\n    - \"adele@contoso.example\"\n    - \"ben@contoso.example\"\n    - \"cho@contoso.example\"\n";
    assert!(text.ends_with(expect), "{text}");
    assert_eq!(house.run(&["groups", "check"]).code, 0);
    let writes = house.writes();
    assert_eq!(house.run(&["groups", "update"]).code, 0);
    assert_eq!((lock(&house), house.writes()), (text, writes), "the same text again, and nothing is sent that writes");
    assert_eq!(house.run(&["apply", "--yes"]).code, 0);
    let people = ["adele@contoso.example", "ben@contoso.example", "cho@contoso.example", "nestor@contoso.example"];
    assert_eq!(invited(&house, "weekly"), people);

    // Somebody joins and somebody leaves: a plan knows nothing of it until the lock file does.
    let joined = json!({"members": ["adele@contoso.example", "support@contoso.example", "dan@contoso.example"]});
    let mut denied = joined.clone();
    denied["denied"] = true.into();
    group(&house, "platform", &denied);
    let plan = house.run(&["plan", "--detailed-exitcode"]);
    assert_eq!(plan.code, 0, "a plan asks the directory for no group: {plan:?}");
    group(&house, "platform", &joined);
    let check = house.run(&["groups", "check"]);
    assert!(
        check.code == 2 && folded(&check).contains("1 joined, 1 left + dan@contoso.example - ben@contoso.example"),
        "{check:?}"
    );
    let told = house.json(&["groups", "check"]);
    assert_eq!(
        (&told["groups"][0]["joined"], &told["groups"][0]["left"]),
        (&json!(["dan@contoso.example"]), &json!(["ben@contoso.example"]))
    );
    assert_eq!(house.run(&["groups", "update"]).code, 0);
    let plan = house.json(&["plan"]);
    let expect = json!([{
        "roster": "team", "events": 1, "meetings": 0, "invitations": 1, "updates": 0, "cancellations": 1, "people": 2,
    }]);
    assert_eq!(plan["rosters"], expect);
    assert_eq!(plan["notes"][0], "`Roster/team` changed: 1 event, 1 invitation and 1 cancellation to 2 people");
}

/// Graph gives 999 on a page.
#[test]
fn a_group_of_several_pages_is_read_to_its_end() {
    let house = house();
    // No event takes as many people.
    fs::remove_file(house.path("weekly.yaml")).unwrap();
    let people: Vec<String> = (0..2_500).map(|it| format!("p{it:04}@contoso.example")).collect();
    let (outer, inner) = people.split_at(1_200);
    group(&house, "support", &json!({"members": inner}));
    group(
        &house,
        "platform",
        &json!({"members": outer.iter().map(String::as_str).chain(["support@contoso.example"]).collect::<Vec<_>>()}),
    );
    let update = house.run(&["groups", "update"]);
    assert_eq!(update.code, 0, "{update:?}");
    let text = lock(&house);
    let read: Vec<&str> =
        text.lines().filter_map(|it| it.trim().strip_prefix("- ")).map(|it| it.trim_matches('"')).collect();
    assert!(read == people, "{} of {}", read.len(), people.len());
    let check = house.run(&["groups", "check"]);
    assert_eq!(check.code, 0, "{} {}", check.out, check.err);
}

#[test]
fn what_could_not_be_read_never_empties_a_group() {
    let house = house();
    assert_eq!(house.run(&["groups", "update"]).code, 0);
    let text = lock(&house);
    for (body, expect) in [
        (
            json!({"members": ["adele@contoso.example"], "limited": true}),
            "members of `platform@contoso.example` came without their addresses",
        ),
        (
            json!({"members": ["adele@contoso.example"], "denied": true}),
            "lacks the permissions GroupMember.Read.All and User.ReadBasic.All",
        ),
    ] {
        group(&house, "platform", &body);
        for what in ["check", "update"] {
            let run = house.run(&["groups", what]);
            assert!(run.code == 1 && folded(&run).contains(expect), "{expect}: {run:?}");
            assert_eq!(lock(&house), text);
        }
    }
    let others = TEAM.replace("- nestor@", "- group: other@contoso.example\n    - nestor@");
    house.write("people.yaml", &others);
    group(&house, "platform", &json!({"members": ["adele@contoso.example"]}));
    let run = house.run(&["groups", "update"]);
    assert!(
        run.code == 1 && folded(&run).contains("no group in the directory has the address `other@contoso.example`"),
        "{run:?}"
    );
    assert!(!lock(&house).contains("other@") && !lock(&house).contains("ben@"), "those that were read are written");
    house.write("people.yaml", &TEAM.replace("- group: platform@contoso.example", "- adele@contoso.example"));
    let run = house.run(&["groups", "update"]);
    assert!(
        run.code == 0 && run.out.contains("no roster names it any more") && lock(&house).ends_with("groups: {}\n"),
        "{run:?}"
    );
}

#[test]
fn a_lock_file_of_a_stranger_is_refused_in_its_place_and_leads_nowhere() {
    let house = house();
    for (text, expect) in [
        ("formatVersion: 1\ngroups: {\"platform@contoso.example\": [adele]}\n", "convoke.lock:2:39"),
        ("formatVersion: 1\ngroups: &a {x@y.example: *a}\n", "convoke.lock:2"),
        ("[\u{202e}", "convoke.lock:1"),
    ] {
        house.write(LOCK, text);
        let told = house.run(&["validate", "--format", "github"]);
        assert!(told.code == 1, "{told:?}");
        let problem = &house.json(&["validate"])["problems"][0];
        let at = format!("{}:{}:{}", problem["file"].as_str().unwrap(), problem["line"], problem["column"]);
        assert!(at.starts_with(expect), "{text}: {problem}");
        assert_eq!(house.run(&["plan"]).code, 1);
    }
    #[cfg(unix)]
    {
        fs::remove_file(house.path(LOCK)).unwrap();
        std::os::unix::fs::symlink("/etc/passwd", house.path(LOCK)).unwrap();
        let told = house.run(&["validate"]);
        assert!(told.code == 1 && folded(&told).contains("`convoke.lock` cannot be read: it is a link"), "{told:?}");
        assert_eq!(house.run(&["groups", "update"]).code, 1, "nothing is written through a link");
    }
}

#[test]
fn a_saved_plan_holds_the_people_and_needs_no_roster() {
    let house = house();
    house.write(
        "people.yaml",
        "apiVersion: convoke.dev/v1\nkind: Roster\nmetadata: {name: team}\nspec: {members: [adele@contoso.example]}\n",
    );
    assert_eq!(house.run(&["plan", "--out", "plan.json"]).code, 0);
    fs::remove_file(house.path("people.yaml")).unwrap();
    let run = house.run(&["apply", "--yes", "plan.json"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(invited(&house, "weekly"), ["adele@contoso.example"]);

    // What it knows of rosters, the state knows once it is applied.
    let team = |members: &str| {
        let text = "apiVersion: convoke.dev/v1\nkind: Roster\nmetadata: {name: team}\nspec: {members: [MEMBERS]}\n";
        house.write("people.yaml", &text.replace("MEMBERS", members));
    };
    team("adele@contoso.example");
    assert_eq!(house.run(&["apply", "--yes"]).code, 0);
    team("adele@contoso.example, ben@contoso.example");
    assert_eq!(house.run(&["plan", "--out", "plan.json"]).code, 0);
    let run = house.run(&["apply", "--yes", "plan.json"]);
    assert!(run.code == 0 && run.out.contains("`Roster/team` changed: 1 event, 1 invitation to one person"), "{run:?}");
    let weekly = fs::read_to_string(house.path("weekly.yaml")).unwrap();
    house.write("weekly.yaml", &weekly.replace("subject: ", "subject: New "));
    assert_eq!(house.json(&["plan"])["rosters"].as_array().map_or(0, Vec::len), 0, "nothing of it changed since");
    house.write("weekly.yaml", &weekly);
    team("adele@contoso.example, cho@contoso.example");
    let plan = house.json(&["plan"]);
    assert_eq!(plan["notes"][0], "`Roster/team` changed: 1 event, 1 invitation and 1 cancellation to 2 people");
}

#[test]
fn a_roster_that_is_not_there_is_told_where_it_is_named() {
    let house = house();
    let event = WEEKLY.replace("{roster: team}", "a@contoso.example, {roster: taem}, {roster: team, role: presenter}");
    house.write("people.yaml", &TEAM.replace("- group: platform@contoso.example", "- adele@contoso.example"));
    house.write("weekly.yaml", &event);
    let told = house.json(&["validate"]);
    let said: Vec<String> = told["problems"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| {
            format!(
                "{}:{}: {}; {}",
                it["line"],
                it["column"],
                it["message"].as_str().unwrap(),
                it["hint"].as_str().unwrap()
            )
        })
        .collect();
    let expect = [
        "4:105: unknown roster: `taem`; did you mean `team`?",
        "4:127: unknown property `role`; known here: `roster`, `type`",
    ];
    assert_eq!(said, expect);
}

/// A roster makes much of little: what many events would hold together is bounded.
#[test]
fn rosters_in_very_many_events_end_in_a_refusal() {
    let house = House::new(Options::default());
    let people: Vec<String> = (0..500).map(|it| format!("p{it}@contoso.example")).collect();
    let mut text = format!(
        "apiVersion: convoke.dev/v1\nkind: Roster\nmetadata: {{name: all}}\nspec: {{members: [{}]}}\n",
        people.join(", ")
    );
    for number in 0..2_100 {
        text += &format!("---\n{}", WEEKLY.replace("weekly", &format!("e{number}")).replace("team", "all"));
    }
    house.write("many.yaml", &text);
    let start = Instant::now();
    let run = house.run(&["validate"]);
    assert!(
        run.code == 1 && folded(&run).contains("people through rosters in all events and meetings together"),
        "{run:?}"
    );
    assert!(start.elapsed().as_secs() < 60, "{:?}", start.elapsed());
}
