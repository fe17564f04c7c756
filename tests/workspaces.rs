//! A workspace that gets another name, and two that have one object: nothing is made twice, nobody is mailed by surprise, and each is
//! told of the other.

use crate::support::{House, ORGANIZER, Run};
use convoke::face::sandbox::Options;
use serde_json::{Value, json};

fn workspace(name: &str, previously: &str) -> String {
    format!(
        "apiVersion: convoke.dev/v1\nkind: Workspace\nmetadata: {{name: {name}}}\nspec:\n  previously: {previously}\n  prune: cancel\n  \
         defaults: {{organizer: {ORGANIZER}, timeZone: Europe/Berlin, onlineMeetingProvider: teamsForBusiness}}\n"
    )
}

fn event(name: &str, lifecycle: &str, subject: &str) -> String {
    format!(
        "---\napiVersion: convoke.dev/v1\nkind: Event\nmetadata: {{name: {name}}}\nlifecycle: {{{lifecycle}}}\nspec: {{subject: {subject}, \
         start: 2038-02-02T10:00, duration: 45m, attendees: [adele@contoso.example]}}\n"
    )
}

fn meeting(name: &str, lifecycle: &str) -> String {
    format!(
        "---\napiVersion: convoke.dev/v1\nkind: OnlineMeeting\nmetadata: {{name: {name}}}\nlifecycle: {{{lifecycle}}}\nspec: {{subject: \
         Support, start: 2038-02-02T10:00, end: 2038-02-02T11:00}}\n"
    )
}

/// Makes an event as a person does in Outlook, and returns its id.
fn made(house: &House) -> String {
    let event = json!({
        "subject": "Planning", "isOnlineMeeting": true, "onlineMeetingProvider": "teamsForBusiness",
        "start": {"dateTime": "2038-02-02T10:00:00", "timeZone": "Europe/Berlin"},
        "end": {"dateTime": "2038-02-02T10:45:00", "timeZone": "Europe/Berlin"},
        "attendees": [{"emailAddress": {"address": "adele@contoso.example"}, "type": "required"}],
    });
    let (status, event) = house.call("POST", &format!("/v1.0/users/{ORGANIZER}/events"), Some(&event));
    assert_eq!(status, 201, "{event}");
    event["id"].as_str().unwrap().to_owned()
}

/// All that is live: the ids and join links of events, marked or not, and of meetings.
fn live(house: &House) -> Vec<Value> {
    let (_, all) =
        house.call("GET", &format!("/v1.0/users/{ORGANIZER}/events?$top=500&$select=id,onlineMeeting"), None);
    let events = all["value"].as_array().unwrap().iter().map(|it| json!([it["id"], it["onlineMeeting"]["joinUrl"]]));
    let mut all: Vec<Value> =
        events.chain(house.meetings().iter().map(|it| json!([it["id"], it["joinWebUrl"]]))).collect();
    all.sort_by_key(Value::to_string);
    all
}

fn lose_state(house: &House) {
    std::fs::remove_file(house.path(".convoke/state.json")).unwrap();
}

fn words(run: &Run) -> String {
    (run.out.clone() + &run.err).split_whitespace().collect::<Vec<_>>().join(" ")
}

#[track_caller]
fn ends(run: &Run, code: i32, says: &str) {
    assert!(run.code == code && words(run).contains(says), "{run:?}");
}

/// Adoption, then a lost state together with other names for the workspace and for all that it has: the adopted event is led to by its
/// manifest alone, since nothing was ever written to it.
#[test]
fn after_a_lost_state_and_a_rename_of_everything_nothing_is_made_twice_and_the_ledger_of_mails_stays() {
    let house = House::new(Options::default());
    let adopt = format!("adopt: {{id: \"{}\"}}", made(&house));
    let before = event("weekly", "", "Weekly") + &event("planning", &adopt, "Planning") + &meeting("support", "");
    house.write("manifests.yaml", &before);
    ends(&house.run(&["apply", "--yes"]), 0, "3 applied");
    let (before, mails) = (live(&house), house.sandbox().mails().len());

    lose_state(&house);
    house.write("convoke.yaml", &workspace("fabrikam", "[tailspin, contoso]"));
    let renamed = event("platform-weekly", "previously: weekly", "Weekly")
        + &event("plans", &format!("previously: planning, {adopt}"), "Planning")
        + &meeting("help", "previously: support");
    house.write("manifests.yaml", &renamed);
    // Another name of an event is a write, for which Graph may mail: the plan says so. Another name of the workspace is none.
    ends(&house.run(&["plan"]), 0, "nobody for certain; 1 mail is possible");
    ends(&house.run(&["apply", "--yes"]), 0, "3 applied");
    let sent: Vec<_> = house.sandbox().mails()[mails..].iter().map(|mail| mail.kind).collect();
    assert_eq!((live(&house), sent), (before.clone(), vec!["possible"]));
    let mails = mails + 1;
    ends(&house.run(&["plan", "--detailed-exitcode"]), 0, "nothing to do");

    // Once more, with nothing but what stands in the manifests and in the tenant.
    lose_state(&house);
    ends(&house.run(&["apply", "--yes"]), 0, "adopted");
    assert_eq!((live(&house), house.sandbox().mails().len()), (before, mails));
    ends(&house.run(&["plan", "--detailed-exitcode"]), 0, "nothing to do");
    // All of it is ours: it goes as one.
    let limits = ["--max-changes", "100%", "--max-removals", "100%"];
    ends(&house.run(&[&["destroy", "--yes"][..], &limits].concat()), 0, "3 applied");
    let left: Vec<Value> = live(&house).into_iter().filter(|it| it[0].is_string()).collect();
    assert_eq!(left, Vec::<Value>::new());
}

/// What was made after the rename is found without a state under the same rule as what was made before it.
#[test]
fn a_meeting_that_was_made_after_the_rename_is_found_again_without_a_state() {
    let house = House::new(Options::default());
    house.write("manifests.yaml", &meeting("old", ""));
    ends(&house.run(&["apply", "--yes"]), 0, "1 applied");
    house.write("convoke.yaml", &workspace("fabrikam", "contoso"));
    house.write("manifests.yaml", &(meeting("old", "") + &meeting("new", "")));
    ends(&house.run(&["apply", "--yes"]), 0, "1 applied");
    let before = live(&house);
    lose_state(&house);
    ends(&house.run(&["apply", "--yes"]), 0, "the key already had a meeting");
    assert_eq!((live(&house), before.len()), (before.clone(), 2));
}

/// The state goes on under the new name, and whoever still has the old one is told.
#[test]
fn the_state_is_taken_over_and_not_given_back() {
    let house = House::new(Options::default());
    let old = std::fs::read_to_string(house.path("convoke.yaml")).unwrap();
    house.write("manifests.yaml", &event("weekly", "", "Weekly"));
    ends(&house.run(&["apply", "--yes"]), 0, "1 applied");
    let writes = house.writes();
    house.write("convoke.yaml", &workspace("fabrikam", "contoso"));
    ends(&house.run(&["plan", "--detailed-exitcode"]), 0, "the state is that of `contoso`");
    ends(&house.run(&["apply", "--yes"]), 0, "nothing to do");
    assert_eq!(house.writes(), writes, "nothing is sent for a name");
    let plan = house.run(&["plan"]);
    assert!(!words(&plan).contains("the state is that of"), "{plan:?}");
    house.write("convoke.yaml", &old);
    ends(&house.run(&["apply", "--yes"]), 1, "belongs to the workspace `fabrikam`, not to `contoso`");
    // What was removed from the manifests goes: the state says that it is ours, whatever name its mark has.
    house.write("convoke.yaml", &workspace("fabrikam", "contoso"));
    house.write("manifests.yaml", "");
    ends(&house.run(&["apply", "--yes", "--allow-empty"]), 0, "1 applied");
    assert_eq!(live(&house), Vec::<Value>::new());
}

/// Two workspaces that each believe to be the one that was renamed.
#[test]
fn two_that_claim_one_name_are_told_of_each_other() {
    let house = House::new(Options::default());
    let old = std::fs::read_to_string(house.path("convoke.yaml")).unwrap();
    let manifest = |subject: &str| house.write("manifests.yaml", &event("weekly", "", subject));
    let theirs = ["--state", "theirs.json"];
    let apply = |more: &[&str]| house.run(&[&["apply", "--yes"], more].concat());
    manifest("Weekly");
    ends(&apply(&[]), 0, "1 applied");
    // With a state of its own, the other one takes over what it declares, and says so.
    house.write("convoke.yaml", &workspace("fabrikam", "contoso"));
    ends(&apply(&theirs), 0, "is another workspace called `contoso`, take that out of `spec.previously`");
    // The first one goes on under the old name.
    house.write("convoke.yaml", &old);
    manifest("Fortnightly");
    ends(&apply(&[]), 0, "1 applied");
    let writes = house.writes();
    house.write("convoke.yaml", &workspace("fabrikam", "contoso"));
    manifest("Daily");
    ends(
        &apply(&theirs),
        2,
        "somebody wrote it as `contoso`, which this workspace was called, since it was taken over",
    );
    let all = ["--max-changes", "100%", "--max-removals", "100%"];
    ends(&house.run(&[&["destroy", "--yes"], &theirs[..], &all].concat()), 2, "somebody wrote it as `contoso`");
    assert_eq!(house.writes(), writes);
    // A person who has looked says that it is ours all the same; then it is the first one that is told.
    ends(&house.run(&[&["state", "rebuild", "--yes"], &theirs[..]].concat()), 0, "Event/weekly found");
    ends(&apply(&theirs), 0, "1 applied");
    house.write("convoke.yaml", &old);
    manifest("Hourly");
    ends(&apply(&[]), 2, "the workspace `fabrikam` has it too and calls it `weekly`, as its mark says");
    ends(&house.run(&[&["destroy", "--yes"][..], &all].concat()), 2, "the workspace `fabrikam` has it too");
    ends(&house.run(&["state", "rm", "Event/weekly"]), 0, "");
    house.write("manifests.yaml", "");
    ends(&apply(&["--allow-empty"]), 0, "nothing to do");
    assert_eq!(live(&house).len(), 1);
}

/// An event that two workspaces adopt: nothing was written for that, so the first change says whose it is.
#[test]
fn two_that_adopt_one_event_are_told_of_each_other() {
    let house = House::new(Options::default());
    let adopt = format!("adopt: {{id: \"{}\"}}", made(&house));
    let manifest = |subject: &str| house.write("manifests.yaml", &event("planning", &adopt, subject));
    let (old, theirs) = (std::fs::read_to_string(house.path("convoke.yaml")).unwrap(), ["--state", "theirs.json"]);
    let apply = |more: &[&str]| house.run(&[&["apply", "--yes"], more].concat());
    manifest("Planning");
    ends(&apply(&[]), 0, "1 applied");
    house.write("convoke.yaml", &workspace("fabrikam", "tailspin"));
    ends(&apply(&theirs), 0, "1 applied");
    manifest("Plans");
    ends(&apply(&theirs), 0, "1 applied");
    house.write("convoke.yaml", &old);
    let (writes, mails) = (house.writes(), house.sandbox().mails().len());
    ends(&apply(&[]), 2, "the workspace `fabrikam` has it too and calls it `planning`, as its mark says");
    // Who comes now is told before anything is taken over.
    lose_state(&house);
    ends(&apply(&[]), 2, "what it adopts belongs to the workspace `fabrikam`, which calls it `planning`");
    assert_eq!((house.writes(), house.sandbox().mails().len()), (writes, mails));
}

#[test]
fn a_workspace_that_is_its_own_predecessor_is_refused_in_its_place() {
    let house = House::new(Options::default());
    house.write("convoke.yaml", &workspace("contoso", "[fabrikam, contoso]"));
    let run = house.run(&["validate"]);
    ends(&run, 1, "`contoso` is its own predecessor");
    assert!(words(&run).contains("convoke.yaml:5:15"), "{run:?}");
    house.write("convoke.yaml", &workspace("contoso", "Fabrikam"));
    ends(&house.run(&["validate"]), 1, "write a name or a list of names");
}
