//! Taking over what somebody made by hand: nobody is mailed by it, nothing is made twice, and what cannot be taken over is named.

use crate::support::{House, ORGANIZER, Run};
use convoke::face::sandbox::Options;
use serde_json::{Value, json};

/// Makes an event as a person does in Outlook, and returns it.
fn made(house: &House, whose: &str, more: Value) -> Value {
    let mut event = json!({
        "subject": "Weekly",
        "start": {"dateTime": "2038-02-02T10:00:00", "timeZone": "Europe/Berlin"},
        "end": {"dateTime": "2038-02-02T10:45:00", "timeZone": "Europe/Berlin"},
        "attendees": [{"emailAddress": {"address": "adele@contoso.example"}, "type": "required"}],
    });
    event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let (status, event) = house.call("POST", &format!("/v1.0/users/{whose}/events"), Some(&event));
    assert_eq!(status, 201, "{event}");
    event
}

fn id(object: &Value) -> &str {
    object["id"].as_str().unwrap()
}

fn event(id: &str, subject: &str) -> String {
    format!(
        "apiVersion: convoke.dev/v1
kind: Event
metadata: {{name: weekly}}
lifecycle: {{adopt: {{id: \"{id}\"}}}}
spec: {{subject: {subject}, start: 2038-02-02T10:00, duration: 45m, attendees: [adele@contoso.example]}}
"
    )
}

fn house() -> House {
    House::new(Options::default())
}

fn lose_state(house: &House) {
    std::fs::remove_file(house.path(".convoke/state.json")).unwrap();
}

/// How many events the mailbox holds, marked or not.
fn count(house: &House) -> usize {
    let (_, all) = house.call("GET", &format!("/v1.0/users/{ORGANIZER}/events?$top=500&$select=id"), None);
    all["value"].as_array().unwrap().len()
}

fn settled(house: &House) {
    let plan = house.run(&["plan", "--detailed-exitcode"]);
    assert_eq!(plan.code, 0, "{plan:?}");
}

fn words(run: &Run) -> String {
    words_of(&run.out)
}

fn words_of(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn an_event_that_is_taken_over_mails_nobody_and_gets_its_mark_with_the_next_change() {
    let house = house();
    let theirs = made(&house, ORGANIZER, json!({"isOnlineMeeting": true, "onlineMeetingProvider": "teamsForBusiness"}));
    house.write("manifests.yaml", &event(id(&theirs), "Weekly"));
    let (mails, writes) = (house.sandbox().mails().len(), house.writes());
    let plan = house.run(&["plan"]);
    assert!(words(&plan).contains("+ Event/weekly adopt"), "{plan:?}");
    assert!(words(&plan).contains("it takes over `Weekly`") && words(&plan).contains("nobody is mailed"), "{plan:?}");
    let apply = house.run(&["apply", "--yes"]);
    assert!(apply.code == 0 && apply.out.contains("1 applied"), "{apply:?}");
    assert_eq!((house.sandbox().mails().len(), house.writes()), (mails, writes), "{apply:?}");
    settled(&house);
    // Where the state is lost before anything was written, the manifest leads to it again.
    lose_state(&house);
    assert_eq!(house.run(&["apply", "--yes"]).code, 0);
    assert_eq!((house.writes(), count(&house)), (writes, 1));
    // The next change brings the mark along; from then on that is enough.
    house.write("manifests.yaml", &event(id(&theirs), "Fortnightly"));
    assert_eq!(house.run(&["apply", "--yes"]).code, 0);
    let live = house.event("weekly");
    assert_eq!(
        (live["id"].clone(), live["onlineMeeting"].clone()),
        (theirs["id"].clone(), theirs["onlineMeeting"].clone())
    );
    lose_state(&house);
    house.write("manifests.yaml", &event(id(&theirs), "Fortnightly").replace("lifecycle: ", "lifecycle: {} # "));
    settled(&house);
    // And it goes like any other.
    let destroyed = house.run(&["destroy", "--yes", "--max-changes", "100%", "--max-removals", "100%"]);
    assert_eq!((destroyed.code, count(&house)), (0, 0), "{destroyed:?}");
}

/// Whether Graph mails for a mark alone is not documented: whoever asks for it is told first.
#[test]
fn a_mark_that_is_set_at_once_is_possible_mail_and_leads_to_the_event_without_its_id() {
    let house = house();
    let theirs = made(&house, ORGANIZER, json!({}));
    let manifest = event(id(&theirs), "Weekly");
    house.write("manifests.yaml", &manifest);
    let writes = house.writes();
    let plan = house.json(&["plan", "--mark-now"]);
    let (step, mails) = (&plan["steps"][0], &plan["summary"]["mails"]);
    assert_eq!((step["action"].as_str(), step["changes"].clone()), (Some("update"), json!([])), "{plan}");
    assert_eq!(step["mail"][0]["kind"], "possible", "{plan}");
    assert_eq!((mails["possible"].as_u64(), house.writes()), (Some(1), writes), "{plan}");
    let refused = house.run(&["apply", "--yes", "--mark-now", "--max-mails", "0"]);
    assert_eq!((refused.code, house.writes()), (1, writes), "{refused:?}");
    // A saved plan sends the same.
    assert_eq!(house.run(&["plan", "--mark-now", "--out", "plan.json"]).code, 0);
    let apply = house.run(&["apply", "--yes", "plan.json"]);
    assert!(apply.code == 0 && house.writes() == writes + 1, "{apply:?}");
    assert_eq!(house.event("weekly")["id"], theirs["id"]);
    settled(&house);
    let again = house.run(&["plan", "--mark-now", "--detailed-exitcode"]);
    assert_eq!(again.code, 0, "{again:?}");
    lose_state(&house);
    house.write("manifests.yaml", &manifest.replace("lifecycle: ", "lifecycle: {} # "));
    settled(&house);
}

/// What was taken over and never changed carries no mark: its manifest alone leads to it.
#[test]
fn a_new_name_and_a_lost_state_make_nothing_twice() {
    let online = json!({"isOnlineMeeting": true, "onlineMeetingProvider": "teamsForBusiness"});
    for marked in [false, true] {
        let house = house();
        let theirs = made(&house, ORGANIZER, online.clone());
        let adopted = event(id(&theirs), "Weekly");
        house.write("manifests.yaml", &adopted);
        let flags: &[&str] = if marked { &["apply", "--yes", "--mark-now"] } else { &["apply", "--yes"] };
        assert_eq!(house.run(flags).code, 0);
        let mails = house.sandbox().mails().len();
        lose_state(&house);
        let renamed =
            adopted.replace("name: weekly", "name: fortnightly").replace("{adopt: ", "{previously: weekly, adopt: ");
        house.write("manifests.yaml", &renamed);
        let apply = house.run(&["apply", "--yes"]);
        assert!(apply.code == 0 && !words(&apply).contains("create"), "{apply:?}");
        settled(&house);
        let (_, all) = house.call("GET", &format!("/v1.0/users/{ORGANIZER}/events?$top=500"), None);
        let all = all["value"].as_array().unwrap();
        assert_eq!(all.len(), 1, "{all:?}");
        assert_eq!((&all[0]["id"], &all[0]["onlineMeeting"]), (&theirs["id"], &theirs["onlineMeeting"]));
        // A mark that says another name is possible mail, as was told; where there is none, nothing is sent.
        assert!(marked || house.sandbox().mails().len() == mails, "{apply:?}");
    }
}

#[test]
fn what_is_taken_over_and_changed_at_once_is_an_update_that_says_so() {
    let house = house();
    let theirs = made(&house, ORGANIZER, json!({}));
    house.write("manifests.yaml", &event(id(&theirs), "Fortnightly"));
    let plan = house.run(&["plan"]);
    assert!(
        words(&plan).contains("~ Event/weekly update") && words(&plan).contains("it takes over `Weekly`"),
        "{plan:?}"
    );
    assert_eq!(house.run(&["apply", "--yes"]).code, 0);
    settled(&house);
    assert_eq!((house.event("weekly")["subject"].as_str(), count(&house)), (Some("Fortnightly"), 1));
}

#[test]
fn what_cannot_be_taken_over_is_blocked_with_its_reason() {
    let house = house();
    let series = json!({"recurrence": {
        "pattern": {"type": "weekly", "interval": 1, "daysOfWeek": ["tuesday"]},
        "range": {"type": "numbered", "startDate": "2038-02-02", "numberOfOccurrences": 3},
    }});
    let series = made(&house, ORGANIZER, series);
    let path = format!(
        "/v1.0/users/{ORGANIZER}/events/{}/instances?startDateTime=2038-02-01T00:00:00Z&endDateTime=2038-03-01T00:00:00Z",
        id(&series)
    );
    let (_, dates) = house.call("GET", &path, None);
    let mark = |owner: &str| {
        json!({"singleValueExtendedProperties":
            [{"id": "String {6d1c8a52-5f0e-4b7b-9c43-1f6f2a7f0e11} Name convoke", "value": owner}]})
    };
    let ours = made(&house, ORGANIZER, mark("contoso/other"));
    let others = made(&house, ORGANIZER, mark("fabrikam/weekly"));
    let count = count(&house);
    for (id, reason) in [
        ("AAMkNobody", "no event of alex@contoso.example has the id that it adopts"),
        (id(&dates["value"][1]), "what it adopts is one date of a series"),
        (id(&ours), "what it adopts is Event/other of this workspace"),
        (id(&others), "what it adopts belongs to the workspace `fabrikam`, which calls it `weekly`"),
    ] {
        house.write("manifests.yaml", &event(id, "Weekly"));
        let apply = house.run(&["apply", "--yes", "--except", "Event/other"]);
        assert!(
            words(&apply).contains("! Event/weekly blocked") && words(&apply).contains(reason),
            "{reason}: {apply:?}"
        );
        assert_eq!(self::count(&house), count, "{reason}");
    }
}

#[test]
fn an_online_meeting_is_taken_over_by_its_id_or_its_link_and_found_again_without_a_state() {
    let house = house();
    let (_, user) = house.call("GET", &format!("/v1.0/users/{ORGANIZER}"), None);
    let meetings = format!("/v1.0/users/{}/onlineMeetings", id(&user));
    let theirs =
        json!({"subject": "Room", "startDateTime": "2038-02-02T09:00:00Z", "endDateTime": "2038-02-02T10:00:00Z"});
    let (status, theirs) = house.call("POST", &meetings, Some(&theirs));
    assert_eq!(status, 201, "{theirs}");
    let link = theirs["joinWebUrl"].as_str().unwrap();
    for adopt in [format!("id: \"{}\"", id(&theirs)), format!("joinWebUrl: \"{link}\"")] {
        let manifest = format!(
            "apiVersion: convoke.dev/v1
kind: OnlineMeeting
metadata: {{name: room}}
lifecycle: {{adopt: {{{adopt}}}}}
spec: {{subject: Room, start: 2038-02-02T10:00, end: 2038-02-02T11:00}}
"
        );
        house.write("manifests.yaml", &manifest);
        for _ in 0..2 {
            let plan = house.run(&["plan"]);
            assert!(plan.out.contains("+ OnlineMeeting/room") && !format!("{plan:?}").contains(link), "{plan:?}");
            assert_eq!(house.run(&["apply", "--yes"]).code, 0);
            settled(&house);
            assert_eq!(house.meetings().len(), 1);
            lose_state(&house);
        }
    }
    let saved = house.run(&["plan", "--out", "plan.json"]);
    assert!(saved.code == 1 && saved.err.contains("a join link") && !house.path("plan.json").exists(), "{saved:?}");
    let checked = house.run(&["validate"]);
    assert!(
        checked.code == 0 && words_of(&checked.err).contains("manifests.yaml:4: a join link is a secret"),
        "{checked:?}"
    );
}

#[test]
fn an_event_is_not_taken_over_by_its_link() {
    let house = house();
    let linked = event("x", "Weekly").replace("id: \"x\"", "joinWebUrl: https://teams.example/l/meetup-join/1");
    house.write("manifests.yaml", &linked);
    let checked = house.run(&["validate"]);
    assert!(checked.code == 1 && checked.err.contains("Graph finds no event by its join link"), "{checked:?}");
    assert!(checked.err.contains("manifests.yaml:4:"), "{checked:?}");
}

#[test]
fn a_meeting_is_taken_over_by_one_manifest_alone() {
    let house = house();
    let (_, user) = house.call("GET", &format!("/v1.0/users/{ORGANIZER}"), None);
    let theirs =
        json!({"subject": "Room", "startDateTime": "2038-02-02T09:00:00Z", "endDateTime": "2038-02-02T10:00:00Z"});
    let (_, theirs) = house.call("POST", &format!("/v1.0/users/{}/onlineMeetings", id(&user)), Some(&theirs));
    let room = |name: &str| {
        format!(
            "apiVersion: convoke.dev/v1
kind: OnlineMeeting
metadata: {{name: {name}}}
lifecycle: {{adopt: {{id: \"{}\"}}}}
spec: {{subject: Room, start: 2038-02-02T10:00, end: 2038-02-02T11:00}}
",
            id(&theirs)
        )
    };
    // At once, and once the state has it.
    for _ in 0..2 {
        house.write("manifests.yaml", &[room("room"), room("twin")].join("---\n"));
        let apply = house.run(&["apply", "--yes"]);
        let said = words(&apply);
        assert!(
            said.contains("! OnlineMeeting/twin blocked") && said.contains("is OnlineMeeting/room of"),
            "{apply:?}"
        );
    }
    house.write("manifests.yaml", &room("room"));
    settled(&house);
    assert_eq!(house.meetings().len(), 1);
}
