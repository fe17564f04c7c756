//! `state list`, `show`, `mv` and `rebuild`: what is remembered is shown without secrets, goes to another key, and is made anew
//! from what is live, without a mail and without a second meeting.

use crate::support::{House, ORGANIZER};
use convoke::face::sandbox::Options;
use std::collections::BTreeSet;
use std::fs;

const STATE: &str = ".convoke/state.json";

const MANIFESTS: &str = "apiVersion: convoke.dev/v1
kind: Event
metadata: {name: weekly}
spec:
  subject: Weekly
  start: 2038-02-02T10:00
  duration: 45m
  attendees: [adele@contoso.example]
  body: Agenda
  isOnlineMeeting: true
  meetingOptions: {allowMeetingChat: disabled}
---
apiVersion: convoke.dev/v1
kind: Event
metadata: {name: review}
lifecycle: {protect: true}
spec: {subject: Review, start: 2038-02-03T10:00, duration: 45m, attendees: [lidia@contoso.example]}
---
apiVersion: convoke.dev/v1
kind: OnlineMeeting
metadata: {name: room}
spec: {subject: Room, start: 2038-02-02T10:00, end: 2038-02-02T11:00}
";

fn house() -> House {
    let house = House::new(Options::default());
    house.write("manifests.yaml", MANIFESTS);
    assert_eq!(house.run(&["apply", "--yes"]).code, 0);
    house
}

/// Nothing is sent, and nobody is mailed, by whatever is done.
fn silent(house: &House, args: &[&str]) -> crate::support::Run {
    let (writes, mails) = (house.writes(), house.sandbox().mails().len());
    let run = house.run(args);
    assert_eq!((house.writes(), house.sandbox().mails().len()), (writes, mails), "{args:?}: {run:?}");
    run
}

fn nothing_to_do(house: &House) {
    let plan = silent(house, &["plan"]);
    assert!(plan.code == 0 && plan.out.contains("nothing to do, 3 unchanged"), "{plan:?}");
}

#[test]
fn what_is_shown_of_the_state_opens_no_meeting_and_fits_a_terminal() {
    let house = house();
    let list = silent(&house, &["state", "list"]);
    assert_eq!(list.out.lines().count(), 4, "{}", list.out);
    assert!(list.out.lines().all(|line| line.chars().count() <= 80), "{}", list.out);
    assert!(list.out.contains("as applied, protected"), "{}", list.out);
    let meeting = house.meetings().into_iter().find(|it| it["subject"] == "Room").unwrap();
    let id = house.record("OnlineMeeting/room")["id"].as_str().unwrap().to_owned();
    for key in ["Event/weekly", "Event/review", "OnlineMeeting/room"] {
        let show = silent(&house, &["state", "show", key]).out;
        let number = meeting["joinMeetingIdSettings"]["joinMeetingId"].as_str().unwrap();
        assert!(show.contains(ORGANIZER) && !show.contains("meetup-join") && !show.contains(number), "{show}");
        assert!(!show.contains(&id), "{show}");
    }
}

#[test]
fn moving_in_the_state_and_renaming_in_the_manifest_is_a_rename() {
    let house = house();
    let before: Vec<_> = house.events(ORGANIZER);
    let mails = house.sandbox().mails().len();
    for (old, new) in [("Event/weekly", "Event/team-weekly"), ("OnlineMeeting/room", "OnlineMeeting/team-room")] {
        let moved = silent(&house, &["state", "mv", old, new]);
        assert!(moved.code == 0 && moved.out.contains(&format!("{old} is {new} from here on")), "{moved:?}");
        assert!(moved.out.contains("name it so in its manifest"), "{moved:?}");
    }
    assert!(silent(&house, &["state", "list"]).out.contains("moved from"));
    let renamed =
        MANIFESTS.replace("{name: weekly}", "{name: team-weekly}").replace("{name: room}", "{name: team-room}");
    house.write("manifests.yaml", &renamed);
    let plan = silent(&house, &["plan"]);
    assert!(plan.out.contains("it was Event/weekly: what is live is kept"), "{}", plan.out);
    assert!(plan.out.contains("1 to update, 2 unchanged") && !plan.out.contains("invitation"), "{}", plan.out);
    assert_eq!(house.run(&["apply", "--yes"]).code, 0);
    nothing_to_do(&house);
    let after = house.events(ORGANIZER);
    // What one apply makes, it makes side by side: which of the two is listed first is nobody's promise.
    let names = |all: &[(String, serde_json::Value)]| all.iter().map(|(name, _)| name.clone()).collect::<BTreeSet<_>>();
    assert_eq!(
        (names(&before), names(&after)),
        (["review".into(), "weekly".into()].into(), ["review".into(), "team-weekly".into()].into())
    );
    assert_eq!((before.len(), after.len()), (2, 2));
    let ids = |all: &[(String, serde_json::Value)]| all.iter().map(|(_, it)| it["id"].clone()).collect::<Vec<_>>();
    assert_eq!((ids(&before), house.sandbox().mails().len() - mails), (ids(&after), mails_of_a_rename()));
    assert_eq!(house.meetings().iter().filter(|it| it["subject"] == "Room").count(), 1);
    // The freed name is a new event's: it is not taken for the one that was made under it.
    let more = MANIFESTS.split("---").next().unwrap().replace("subject: Weekly", "subject: Other");
    house.write("manifests.yaml", &format!("{renamed}---\n{more}"));
    let plan = silent(&house, &["plan"]);
    assert!(plan.out.contains("1 to create, 3 unchanged"), "{}", plan.out);
    assert_eq!(house.run(&["apply", "--yes"]).code, 0);
    assert_eq!(house.events(ORGANIZER).len(), 3);
}

/// How many are mailed where the manifest alone says what the event was called.
fn mails_of_a_rename() -> usize {
    let house = house();
    let mails = house.sandbox().mails().len();
    let renamed = "{name: team-weekly}\nlifecycle: {previously: weekly}";
    house.write("manifests.yaml", &MANIFESTS.replace("{name: weekly}", renamed));
    assert_eq!(house.run(&["apply", "--yes"]).code, 0);
    house.sandbox().mails().len() - mails
}

/// Moved, and the manifest was forgotten: nothing is made, and nothing goes.
#[test]
fn moving_an_event_in_the_state_alone_harms_nobody() {
    let house = house();
    assert_eq!(silent(&house, &["state", "mv", "Event/weekly", "Event/team-weekly"]).code, 0);
    nothing_to_do(&house);
    let mails = house.sandbox().mails().len();
    for _ in 0..2 {
        assert_eq!(house.run(&["apply", "--yes"]).code, 0);
    }
    nothing_to_do(&house);
    assert_eq!((house.events(ORGANIZER).len(), house.sandbox().mails().len()), (2, mails));
}

#[test]
fn what_cannot_be_moved_is_refused_and_stays() {
    let house = house();
    let before = fs::read(house.path(STATE)).unwrap();
    for (old, new, expect) in [
        ("Event/weekly", "Event/review", "knows `Event/review` already"),
        ("Event/weekly", "Event/weekly", "knows `Event/weekly` already"),
        ("Event/weekly", "OnlineMeeting/weekly", "of different kinds"),
        ("Event/weekly", "Event/Team Weekly", "no name that a manifest may have"),
        ("Event/wekly", "Event/other", "did you mean `Event/weekly`?"),
    ] {
        let run = silent(&house, &["state", "mv", old, new]);
        assert!(run.code == 1 && run.err.replace('\n', " ").contains(expect), "{run:?}");
    }
    let lock = fs::File::create(house.path(".convoke/state.json.lock")).unwrap();
    lock.lock().unwrap();
    let run = silent(&house, &["state", "mv", "Event/weekly", "Event/other"]);
    assert!(run.code == 1 && run.err.contains("another apply is running"), "{run:?}");
    assert_eq!(fs::read(house.path(STATE)).unwrap(), before);
}

#[test]
fn a_state_that_was_lost_is_rebuilt_from_what_is_live() {
    let house = house();
    let refused = silent(&house, &["state", "rebuild"]);
    assert!(refused.code == 1 && refused.err.contains("remembers 3 resources already"), "{refused:?}");
    fs::remove_file(house.path(STATE)).unwrap();
    let rebuilt = silent(&house, &["state", "rebuild"]);
    assert_eq!(rebuilt.code, 2, "{rebuilt:?}");
    for told in
        ["Event/weekly  found", "Event/review  found", "OnlineMeeting/room  Graph has no list of online meetings"]
    {
        assert!(rebuilt.out.contains(told), "{}", rebuilt.out);
    }
    assert_eq!(house.record("Event/review")["applied"]["p"], true);
    assert!(house.record("OnlineMeeting/room")["intended"].is_u64());
    let plan = silent(&house, &["plan"]);
    assert!(plan.out.contains("1 to create, 2 unchanged") && !plan.out.contains("invitation"), "{}", plan.out);
    let mails = house.sandbox().mails().len();
    assert_eq!(house.run(&["apply", "--yes"]).code, 0);
    nothing_to_do(&house);
    assert_eq!(
        (house.meetings().iter().filter(|it| it["subject"] == "Room").count(), house.sandbox().mails().len()),
        (1, mails)
    );
}

#[test]
fn a_meeting_whose_number_is_known_is_found_by_it() {
    let house = house();
    let meeting = house.meetings().into_iter().find(|it| it["subject"] == "Room").unwrap();
    let number = meeting["joinMeetingIdSettings"]["joinMeetingId"].as_str().unwrap();
    fs::remove_file(house.path(STATE)).unwrap();
    let rebuilt = silent(&house, &["state", "rebuild", "--adopt", &format!("OnlineMeeting/room={number}")]);
    assert!(rebuilt.code == 0 && rebuilt.out.contains("OnlineMeeting/room  found"), "{rebuilt:?}");
    nothing_to_do(&house);
    // Once more, over what is remembered: it is the same.
    let before = house.record("Event/weekly");
    assert_eq!(silent(&house, &["state", "rebuild", "--yes"]).code, 0);
    assert_eq!(house.record("Event/weekly"), before);
    nothing_to_do(&house);
}

/// What somebody changed since is not taken for what was applied.
#[test]
fn a_rebuilt_state_hides_no_drift() {
    let house = house();
    let id = house.event("review")["id"].as_str().unwrap().to_owned();
    let body = serde_json::json!({"subject": "Theirs"});
    let (status, _) = house.call("PATCH", &format!("/v1.0/users/{ORGANIZER}/events/{id}"), Some(&body));
    assert_eq!(status, 200);
    fs::remove_file(house.path(STATE)).unwrap();
    silent(&house, &["state", "rebuild"]);
    let plan = silent(&house, &["plan"]);
    assert!(plan.out.contains("Theirs") && plan.out.contains("1 to update"), "{}", plan.out);
}

/// The mark of an event does not ride on a change of attendees alone, so the state knows of people of whom the mark does not.
#[test]
fn what_the_state_knows_better_than_the_mark_outlives_a_rebuild() {
    let house = house();
    let (alone, both) = ("[adele@contoso.example]", "[adele@contoso.example, lidia@contoso.example]");
    house.write("manifests.yaml", &MANIFESTS.replace(alone, both));
    assert_eq!(house.run(&["apply", "--yes"]).code, 0);
    // Somebody's edit makes the event one that a plan would change, so that it is not simply left as it is.
    let path = format!("/v1.0/users/{ORGANIZER}/events/{}", house.event("weekly")["id"].as_str().unwrap());
    assert_eq!(house.call("PATCH", &path, Some(&serde_json::json!({"subject": "Edited"}))).0, 200);
    assert_eq!(silent(&house, &["state", "rebuild", "--yes"]).code, 0);
    house.write("manifests.yaml", MANIFESTS);
    let plan = silent(&house, &["plan"]);
    assert!(plan.out.contains("attendees: -lidia@contoso.example"), "{}", plan.out);
}

#[test]
fn a_workspace_that_does_not_stand_is_not_called_missing() {
    let house = House::new(Options::default());
    house.write("convoke.yaml", &crate::support::WORKSPACE.replace("prune: cancel", "prune: sometimes"));
    let run = house.run(&["state", "list"]);
    assert!(run.code == 1 && run.err.contains("no workspace that can be used"), "{run:?}");
    assert!(run.err.contains("`convoke validate` says what"), "{run:?}");
}
