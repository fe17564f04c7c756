//! Two who work on one calendar at the same time: somebody edits an event between a plan and its apply, and two apply the same
//! manifests, each with a state of their own.

mod support;

use convoke::face::apply::Fate;
use convoke::face::reconcile::Done;
use convoke::face::route::encoded;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use support::ORGANIZER;
use support::lab::{Lab, STATE};

const EVENT: &str = "apiVersion: convoke.dev/v1
kind: Event
metadata: {name: weekly}
spec:
  subject: Weekly
  start: 2031-02-03T10:00
  duration: 45m
  isOnlineMeeting: true
  attendees: [adele@contoso.example]
";

/// As `EVENT`, with another subject, another time and one guest more.
const CHANGED: &str = "apiVersion: convoke.dev/v1
kind: Event
metadata: {name: weekly}
spec:
  subject: Monthly
  start: 2031-02-03T11:00
  duration: 45m
  isOnlineMeeting: true
  attendees: [adele@contoso.example, lidia@contoso.example]
";

/// A laboratory in which `EVENT` is applied.
fn applied() -> Lab {
    let mut lab = Lab::new("2031-01-01T00:00:00Z");
    let round = lab.apply(&Lab::read(EVENT));
    assert_eq!(round.wrong, Vec::<String>::new());
    lab
}

/// Changes the event as a person does in Outlook; returns it as it is then.
fn edit(lab: &Lab, with: &Value) -> Value {
    let before = lab.house.event("weekly");
    let path = format!("/v1.0/users/{ORGANIZER}/events/{}", encoded(before["id"].as_str().unwrap()));
    let (status, answer) = lab.house.call("PATCH", &path, Some(with));
    assert_eq!(status, 200, "{answer}");
    let after = lab.house.event("weekly");
    assert_ne!(before["@odata.etag"], after["@odata.etag"], "an edit moves the etag");
    after
}

/// The mail since the ledger held `from`, by sort and whom it went to.
fn mails(lab: &Lab, from: usize) -> BTreeMap<String, usize> {
    let mut sum = BTreeMap::new();
    for mail in &lab.house.sandbox().mails()[from..] {
        *sum.entry(format!("{} {}", mail.kind, mail.to.split('@').next().unwrap())).or_insert(0) += 1;
    }
    sum
}

fn mail<const N: usize>(expect: [(&str, usize); N]) -> BTreeMap<String, usize> {
    expect.map(|(what, number)| (what.to_owned(), number)).into()
}

fn fates(done: &Done) -> Vec<Fate> {
    done.outcomes.iter().map(|outcome| outcome.fate).collect()
}

#[test]
fn what_somebody_changed_since_the_plan_is_not_overwritten() {
    let guests = |names: &[&str]| -> Value {
        names.iter().map(|name| json!({"emailAddress": {"address": format!("{name}@contoso.example")}})).collect()
    };
    let at = |hour: &str| json!({"dateTime": format!("2031-02-03T{hour}:00"), "timeZone": "UTC"});
    for (now, with) in [
        (EVENT.replace("Weekly", "Monthly"), json!({"subject": "Theirs"})),
        (EVENT.replace("10:00", "11:00"), json!({"start": at("05:00"), "end": at("06:00")})),
        (EVENT.replace("[adele", "[lidia@contoso.example, adele"), json!({"attendees": guests(&["adele", "nestor"])})),
    ] {
        let lab = applied();
        let now = Lab::read(&now);
        let planned = lab.planned(&now);
        let theirs = edit(&lab, &with);
        let mailed = lab.house.sandbox().mails().len();
        let done = lab.send(&now, &planned);
        assert_eq!(fates(&done), [Fate::Failed], "{with}: {:?}", done.outcomes);
        let left = lab.house.event("weekly");
        assert_eq!(left["@odata.etag"], theirs["@odata.etag"], "{with}: it was written to");
        for name in with.as_object().unwrap().keys() {
            assert_eq!(left[name], theirs[name], "{name}");
        }
        assert_eq!(mails(&lab, mailed), mail([]), "{with}");
    }
}

/// The step fails as a whole; the apply that has seen what they did tells everybody once.
#[test]
fn nobody_is_mailed_twice_by_the_apply_after_one_that_failed() {
    let mut lab = applied();
    let now = Lab::read(CHANGED);
    let planned = lab.planned(&now);
    edit(&lab, &json!({"subject": "Theirs"}));
    let mailed = lab.house.sandbox().mails().len();
    assert_eq!(fates(&lab.send(&now, &planned)), [Fate::Failed]);
    let round = lab.apply(&now);
    assert_eq!(round.wrong, Vec::<String>::new());
    assert_eq!(mails(&lab, mailed), mail([("invitation lidia", 1), ("update adele", 1)]));
    assert_eq!(lab.house.event("weekly")["subject"], "Monthly");
}

/// A change key moves by itself and with all that the plan is not about.
#[test]
fn where_only_the_change_key_moved_the_plan_is_sent() {
    let lab = applied();
    let now = Lab::read(CHANGED);
    let planned = lab.planned(&now);
    edit(&lab, &json!({"categories": ["Theirs"]}));
    let mailed = lab.house.sandbox().mails().len();
    let done = lab.send(&now, &planned);
    assert_eq!(fates(&done), [Fate::Applied], "{:?}", done.outcomes);
    assert_eq!(mails(&lab, mailed), mail([("invitation lidia", 1), ("update adele", 1)]));
    let event = lab.house.event("weekly");
    assert_eq!((&event["subject"], &event["categories"]), (&json!("Monthly"), &json!(["Theirs"])));
}

const MEETING: &str = "apiVersion: convoke.dev/v1
kind: OnlineMeeting
metadata: {name: room}
spec: {subject: Room, start: 2031-02-02T10:00, end: 2031-02-02T11:00}
";

/// Two plan at the same moment and find nothing, then both apply, a minute apart by their clocks.
#[test]
fn two_who_apply_with_states_of_their_own_make_everything_once() {
    let mut lab = Lab::new("2031-01-01T00:00:00Z");
    let all = Lab::read(&format!("{EVENT}---\n{MEETING}"));
    let first = lab.planned(&all);
    lab.with_state(".convoke/other.json");
    lab.now = "2031-01-01T00:01:00Z".parse().unwrap();
    let second = lab.planned(&all);
    assert_eq!(fates(&lab.send(&all, &second)), [Fate::Applied; 2]);
    lab.with_state(STATE);
    let done = lab.send(&all, &first);

    // `createOrGet` gives both the same meeting, and the `transactionId` both the same event.
    assert_eq!(fates(&done), [Fate::Applied; 2], "{:?}", done.outcomes);
    assert_eq!(lab.house.meetings().iter().filter(|it| it["subject"] == "Room").count(), 1);
    assert_eq!(lab.house.events(ORGANIZER).len(), 1);
    assert_eq!(mails(&lab, 0), mail([("invitation adele", 1)]));
    // Both know it from now on.
    for state in [STATE, ".convoke/other.json"] {
        lab.with_state(state);
        assert_eq!(fates(&lab.send(&all, &lab.planned(&all))), [Fate::Nothing; 2], "{state}");
    }
}

/// The same change from both: who comes second finds it made, and nobody hears of it again.
#[test]
fn two_who_apply_one_change_mail_it_once() {
    let mut lab = applied();
    std::fs::copy(lab.house.path(STATE), lab.house.path(".convoke/other.json")).unwrap();
    let now = Lab::read(CHANGED);
    let first = lab.planned(&now);
    lab.with_state(".convoke/other.json");
    let second = lab.planned(&now);
    let mailed = lab.house.sandbox().mails().len();
    assert_eq!(fates(&lab.send(&now, &second)), [Fate::Applied]);
    lab.with_state(STATE);
    assert_eq!(fates(&lab.send(&now, &first)), [Fate::Applied]);
    assert_eq!(mails(&lab, mailed), mail([("invitation lidia", 1), ("update adele", 1)]));
}
