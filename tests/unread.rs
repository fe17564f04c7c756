//! Mailboxes that cannot be read for a while: nothing is made twice and nothing removed on the strength of not having seen it, and
//! the limits go on to count what is there.

use crate::support::lab::{Lab, STATE};
use convoke::face::apply::Fate;
use convoke::face::kind::workspace::{Limits, Share};
use convoke::face::plan::Action;
use convoke::face::reconcile::Project;
use convoke::face::route::encoded;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

const FIVE: [&str; 5] = ["ana", "ben", "cleo", "dora", "emil"];

fn event(name: &str, organizer: &str, subject: &str) -> String {
    format!(
        "apiVersion: convoke.dev/v1
kind: Event
metadata: {{name: {name}}}
lifecycle: {{onImmutable: replace}}
spec:
  organizer: {organizer}@contoso.example
  subject: {subject}
  start: 2031-02-03T10:00
  duration: 45m
  isOnlineMeeting: true
  attendees: [adele@contoso.example]
---
"
    )
}

/// Each of the five has an event that changes, one that moves to the next organizer, and one whose manifest goes.
fn manifests(later: bool) -> Project {
    let mut text = String::new();
    for (place, organizer) in FIVE.iter().enumerate() {
        let next = FIVE[(place + usize::from(later)) % FIVE.len()];
        text += &event(&format!("{organizer}-changes"), organizer, if later { "After" } else { "Before" });
        text += &event(&format!("{organizer}-moves"), next, "Moves");
        if !later {
            text += &event(&format!("{organizer}-goes"), organizer, "Goes");
        }
    }
    Lab::read(&text)
}

/// Lets a mailbox answer 403 from now on, or as before.
fn deny(lab: &Lab, organizer: &str, denied: bool) {
    let path = format!("/sandbox/users/{organizer}@contoso.example");
    let (status, answer) = lab.house.call("PATCH", &path, Some(&json!({"denied": denied})));
    assert_eq!(status, 204, "{answer}");
}

/// The live events of all five by name, as often as they are there.
fn live(lab: &Lab) -> BTreeMap<String, Vec<Value>> {
    let mut all: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for organizer in FIVE {
        for (name, event) in lab.house.events(&format!("{organizer}@contoso.example")) {
            all.entry(name).or_default().push(event);
        }
    }
    all
}

#[test]
fn while_one_mailbox_of_five_answers_403_nothing_is_removed_and_the_others_are_changed() {
    for closed in FIVE {
        let mut lab = Lab::new("2031-01-01T00:00:00Z");
        assert_eq!(lab.apply(&manifests(false)).wrong, Vec::<String>::new());
        let before = live(&lab);
        deny(&lab, closed, true);
        let mailed = lab.house.sandbox().mails().len();
        let round = lab.apply(&manifests(true));
        assert_eq!(round.wrong, Vec::<String>::new(), "{closed}");

        let removes = |action: Action| matches!(action, Action::Create | Action::Cancel | Action::Replace);
        let kinds: BTreeSet<String> =
            lab.house.sandbox().mails()[mailed..].iter().map(|it| it.kind.to_owned()).collect();
        assert_eq!(kinds, ["update".to_owned()].into(), "{closed}");
        assert!(round.plan.steps.iter().all(|step| !removes(step.action)), "{closed}: {:?}", round.plan.steps);
        for (step, outcome) in round.plan.steps.iter().zip(&round.outcomes) {
            let name = step.key.name();
            let expect =
                if name.ends_with("-changes") && !name.starts_with(closed) { Fate::Applied } else { Fate::Blocked };
            assert_eq!(outcome.fate, expect, "{closed}: {name}: {:?}", step.reason);
        }
        deny(&lab, closed, false);
        let after = live(&lab);
        assert_eq!(before.keys().collect::<Vec<_>>(), after.keys().collect::<Vec<_>>());
        for (name, events) in &after {
            assert_eq!(events.len(), 1, "{closed}: {name} is there more than once");
            assert_eq!(events[0]["id"], before[name][0]["id"], "{closed}: {name} was made anew");
        }

        // Once it answers again, everything comes to be as declared.
        assert_eq!(lab.apply(&manifests(true)).wrong, Vec::<String>::new(), "{closed}");
        let settled = live(&lab);
        assert_eq!(settled.len(), 10, "{closed}");
        assert!(settled.values().all(|events| events.len() == 1), "{closed}: {settled:?}");
    }
}

#[test]
fn a_share_is_taken_of_what_cannot_be_read_too() {
    let mut lab = Lab::new("2031-01-01T00:00:00Z");
    let all = |count: usize| -> String {
        let of = |organizer: &'static str| {
            (0..6).map(move |number| event(&format!("{organizer}{number}"), organizer, "All"))
        };
        of("ana").chain(of("ben").take(count)).collect()
    };
    assert_eq!(lab.apply(&Lab::read(&all(6))).wrong, Vec::<String>::new());
    lab.limits = Limits { removals: Share::Percent(25), ..Limits::default() };
    deny(&lab, "ana", true);
    let planned = lab.planned(&Lab::read(&all(0)));
    assert_eq!(planned.plan.managed, 12);
    assert!(planned.plan.steps.iter().all(|step| step.action == Action::Blocked), "{:?}", planned.plan.steps);
    deny(&lab, "ana", false);
    let planned = lab.planned(&Lab::read(&all(0)));
    assert_eq!(planned.refusals.len(), 1, "{:?}", planned.refusals);
    assert!(planned.refusals[0].what.contains("6 of 12"), "{:?}", planned.refusals);
}

/// Somebody deleted it and its manifest is gone: neither it nor its mailbox is looked for any more.
#[test]
fn what_is_not_there_any_more_is_forgotten() {
    let mut lab = Lab::new("2031-01-01T00:00:00Z");
    let (kept, gone) = (event("kept", "ana", "Kept"), event("gone", "ben", "Gone"));
    assert_eq!(lab.apply(&Lab::read(&(kept.clone() + &gone))).wrong, Vec::<String>::new());
    let state = |lab: &Lab| -> Value {
        serde_json::from_str(&std::fs::read_to_string(lab.house.path(STATE)).unwrap()).unwrap()
    };
    assert_eq!(state(&lab)["mailboxes"], json!(["ana@contoso.example", "ben@contoso.example"]));
    let id = live(&lab)["gone"][0]["id"].as_str().unwrap().to_owned();
    lab.house.call("DELETE", &format!("/sandbox/users/ben@contoso.example/events/{}", encoded(&id)), None);

    // While its mailbox cannot be read, it is remembered.
    deny(&lab, "ben", true);
    lab.apply(&Lab::read(&kept));
    assert!(state(&lab)["resources"]["Event/gone"].is_object());
    deny(&lab, "ben", false);
    assert_eq!(lab.apply(&Lab::read(&kept)).wrong, Vec::<String>::new());
    let left = state(&lab);
    assert!(left["resources"]["Event/gone"].is_null() && left["resources"]["Event/kept"].is_object(), "{left}");
    assert_eq!(left["mailboxes"], json!(["ana@contoso.example"]));
}
