//! Standalone meetings expire: whoever has one is told before, and why it is gone afterwards. Nothing is sent for the sake of it.

use crate::support::lab::Lab;
use crate::support::{House, ORGANIZER};
use convoke::face::plan::{Action, Step};
use convoke::face::sandbox::Options;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

/// It expires 60 days after its end: on 2031-03-03.
const ROOM: &str = "apiVersion: convoke.dev/v1
kind: OnlineMeeting
metadata: {name: room}
spec: {organizer: alex@contoso.example, subject: Room, start: 2031-01-02T08:00, end: 2031-01-02T10:00, timeZone: UTC}
";

/// What a plan says of the meeting at a time that has come for the twin too.
fn at(lab: &mut Lab, now: &str) -> Step {
    lab.now = now.parse().unwrap();
    assert_eq!(lab.house.call("POST", "/sandbox/clock", Some(&json!({"now": now}))).0, 200);
    lab.plan(&Lab::read(ROOM)).steps.remove(0)
}

fn made() -> Lab {
    let mut lab = Lab::new("2031-01-01T12:00:00Z");
    let round = lab.apply(&Lab::read(ROOM));
    assert!(round.wrong.is_empty(), "{:?}", round.wrong);
    lab
}

#[test]
fn a_meeting_is_named_for_two_weeks_before_it_expires() {
    let mut lab = made();
    let early = at(&mut lab, "2031-02-16T12:00:00Z");
    assert_eq!((early.action, early.notes), (Action::NoOp, vec![]));
    let soon = at(&mut lab, "2031-02-20T12:00:00Z");
    assert_eq!((soon.action, soon.requests), (Action::NoOp, vec![]));
    assert_eq!(
        soon.notes,
        [
            "it expires on Mon 2031-03-03 10:00 UTC, in 10 days: Graph then deletes it, and what is made again has a new join link; \
          joining it or changing it in its manifest gives it 60 more days"
        ]
    );
    let writes = lab.house.writes();
    assert!(lab.apply(&Lab::read(ROOM)).wrong.is_empty());
    assert_eq!(lab.house.writes(), writes, "nobody asked for anything");
}

#[test]
fn a_meeting_that_has_expired_was_deleted_by_nobody() {
    let mut lab = made();
    let gone = at(&mut lab, "2031-03-03T10:00:01Z");
    assert_eq!(gone.action, Action::Create);
    let reason = "the meeting that was applied before expired on Mon 2031-03-03 10:00 UTC: what is made again has a new join link";
    assert_eq!(gone.reason.as_deref(), Some(reason));
}

#[test]
fn a_meeting_that_is_gone_before_it_expires_was_deleted() {
    let mut lab = made();
    let id = at(&mut lab, "2031-01-02T12:00:00Z").record.unwrap().id;
    let path = format!("/sandbox/users/{ORGANIZER}/onlineMeetings/{}", convoke::face::route::encoded(&id));
    assert_eq!(lab.house.call("DELETE", &path, None).0, 204);
    let gone = at(&mut lab, "2031-02-20T12:00:00Z");
    let reason = "the meeting that was applied before is gone, deleted before it expired: what is made again has a new join link";
    assert_eq!((gone.action, gone.reason.as_deref()), (Action::Create, Some(reason)));
}

/// A change of a meeting puts off when it expires, and the next plan knows.
#[test]
fn a_change_of_a_meeting_puts_it_off() {
    let mut lab = made();
    at(&mut lab, "2031-02-20T12:00:00Z");
    let hall = ROOM.replace("subject: Room", "subject: Hall");
    assert!(lab.apply(&Lab::read(&hall)).wrong.is_empty());
    assert_eq!(lab.plan(&Lab::read(&hall)).steps[0].notes, Vec::<String>::new());
    let record = lab.plan(&Lab::read(&hall)).steps[0].record.clone().unwrap();
    assert_eq!(record.expiry_date_time.unwrap(), "2031-04-21T12:00:00Z".parse::<Timestamp>().unwrap());
}

/// The twin's clock stands 50 days back, so that what was made then expires in ten days.
fn house_of_fifty_days_ago() -> House {
    let now = Timestamp::now() - SignedDuration::from_hours(50 * 24);
    let house = House::new(Options { now: Some(now), ..Options::default() });
    let clock = |at: Timestamp| at.strftime("%Y-%m-%dT%H:%M").to_string();
    let times = format!("start: {}, end: {}", clock(now), clock(now + SignedDuration::from_hours(2)));
    house.write("manifests.yaml", &ROOM.replace("start: 2031-01-02T08:00, end: 2031-01-02T10:00", &times));
    let run = house.run(&["apply", "--yes"]);
    assert_eq!(run.code, 0, "{run:?}");
    house
}

#[test]
fn status_and_doctor_name_a_meeting_that_expires_soon() {
    let house = house_of_fifty_days_ago();
    let status = house.run(&["status"]);
    assert!(status.out.contains(" UTC, in 10 days\n"), "{status:?}");
    assert!(house.json(&["status"])["resources"][0]["expiryDateTime"].is_string());
    let doctor = house.run(&["doctor"]);
    assert!(doctor.code == 0 && doctor.out.contains("note   expiry of OnlineMeeting/room: expires on "), "{doctor:?}");
    let said = doctor.out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("in 10 days: Graph then deletes it") && said.ends_with("all well, 1 note"), "{doctor:?}");
}
