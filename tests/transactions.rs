//! What a create is worth where reads lag behind or much time went by, under every reading of `transactionId`.

use crate::support::ORGANIZER;
use crate::support::lab::{Lab, Mails, READINGS, STATE, forecast};
use convoke::face::apply::Fate;
use convoke::face::reconcile::Done;
use serde_json::json;
use std::time::Duration;

const NOW: &str = "2031-01-01T00:00:00Z";

const EVENTS: &str = "apiVersion: convoke.dev/v1
kind: Event
metadata: {name: single}
spec: {subject: Weekly, start: 2031-02-03T10:00, duration: 45m, isOnlineMeeting: true, attendees: [adele@contoso.example]}
---
apiVersion: convoke.dev/v1
kind: Event
metadata: {name: offline}
spec: {subject: Review, start: 2031-02-04T10:00, duration: 45m, attendees: [adele@contoso.example, lidia@contoso.example]}
";

fn fates(done: &Done) -> Vec<Fate> {
    done.outcomes.iter().map(|outcome| outcome.fate).collect()
}

/// There is one event of each key, and whoever was announced was mailed once.
fn made_once(lab: &Lab, announced: &Mails, reading: &str) {
    // A list lags behind twice at most.
    let events = (0..3).map(|_| lab.house.events(ORGANIZER).len()).max();
    assert_eq!(events, Some(2), "{reading}");
    assert_eq!(&lab.mails(0), announced, "{reading}");
}

/// The first run's state is lost, and every list lacks what it made, those that look for whose a `transactionId` is among them.
#[test]
fn a_second_run_that_sees_nothing_yet_makes_everything_once_whatever_a_transaction_id_is_worth() {
    for reading in READINGS {
        let mut lab = Lab::quirky(NOW, reading, Some("stale-lists=100%".parse().unwrap()));
        lab.look_for = Duration::from_secs(5);
        let all = Lab::read(EVENTS);
        let first = lab.planned(&all);
        lab.now = "2031-01-01T00:01:00Z".parse().unwrap();
        let second = lab.planned(&all);
        lab.send(&all, &first);
        lab.lose_state();
        let done = lab.send(&all, &second);
        assert!(!fates(&done).contains(&Fate::Failed), "{reading}: {:?}", done.outcomes);
        let settled = (0..3).any(|_| fates(&lab.send(&all, &lab.planned(&all))) == [Fate::Nothing; 2]);
        assert!(settled, "{reading}");
        made_once(&lab, &forecast(&second.plan), reading);
    }
}

/// No event is a moment old any more. A `transactionId` that is forgotten by then helps nobody: the README says so.
#[test]
fn a_plan_that_is_sent_later_makes_nothing_twice_whatever_a_transaction_id_is_worth() {
    for reading in READINGS {
        let mut lab = Lab::quirky(NOW, reading, None);
        let all = Lab::read(EVENTS);
        let first = lab.planned(&all);
        lab.with_state(".convoke/other.json");
        let second = lab.planned(&all);
        assert_eq!(fates(&lab.send(&all, &second)), [Fate::Applied; 2], "{reading}");
        let (status, _) = lab.house.call("POST", "/sandbox/clock", Some(&json!({"now": "2031-01-01T00:59:00Z"})));
        assert_eq!(status, 200);
        lab.with_state(STATE);
        lab.now = "2031-01-01T00:59:00Z".parse().unwrap();
        lab.send(&all, &first);
        made_once(&lab, &forecast(&second.plan), reading);
        assert_eq!(fates(&lab.send(&all, &lab.planned(&all))), [Fate::Nothing; 2], "{reading}");
    }
}
