//! What somebody else does to what is managed, and a Graph that is away: time goes by as fast as it is asked.

use crate::EVENTS;
use crate::support::inside::Swift;
use crate::support::{House, cancelled, condition, event, is_gone, is_ready, often, workspace};
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

const HOUR: Duration = Duration::from_secs(3600);

/// More requests than a round of three settled events asks.
const ROUND: u64 = 6;

/// A colleague edits one event before each of fifty rounds.
#[test]
fn a_colleague_who_edits_again_and_again_sets_off_as_many_mails_as_the_workspace_allows() {
    let revert = json!({"onDrift": "revert", "limits": {"per": "24h", "reverts": 3}});
    for (spec, updates) in [(json!({}), 0), (revert, 3)] {
        let house = House::new();
        let api = house.cluster();
        api.write("workspaces", workspace(spec));
        (0..3).for_each(|number| api.write(EVENTS, event(&format!("e{number}"), "First")));
        let operator = house.operator(&api, |it| it.interval = Duration::from_secs(5));
        operator.until("ready", || api.all(is_ready));
        let id = api.object(EVENTS, "e1")["status"]["id"].as_str().unwrap().to_owned();
        let requests = || house.twin.counts().requests;
        for number in 0..50 {
            house.edit(&format!("/events/{id}"), &json!({"subject": format!("Theirs {number}")}));
            let from = requests();
            // What is left of a round, one that changes it back, and the beginning of one that finds nothing: nobody edits between a
            // change and the look at it.
            operator.until("three rounds", || requests() > from + 3 * ROUND);
        }
        let is = |name: &str, status: &str| condition(&api.object(EVENTS, "e1"), name).is_some_and(|it| it.0 == status);
        operator.until("drifted", || is("Drifted", "True") && is("Ready", "False") && is("Stalled", "False"));
        let log = operator.stop();
        assert_eq!(house.mails("update"), updates, "{log}");
        assert_eq!(house.subjects(), ["First", "First", "Theirs 49"], "{log}");
        assert_eq!(log.matches("Event/e1: update, applied").count(), updates, "{log}");
    }
}

#[test]
fn a_deletion_waits_for_a_graph_that_is_away_however_long_and_for_its_budget() {
    let house = House::new();
    let api = house.cluster();
    api.write("workspaces", workspace(json!({"limits": {"removals": 1, "per": "1h"}})));
    ["first", "second"].iter().for_each(|name| api.write(EVENTS, cancelled(name, json!({}))));
    let (away, clock) = (Arc::new(AtomicBool::new(false)), Swift::new());
    let operator = house.operator(&api, |it| {
        often(it);
        (it.orphan_after, it.now, it.clock) = (Duration::ZERO, clock.times(), clock.clone());
        let (own, away) = (it.env.clone(), away.clone());
        it.env = Arc::new(move |name| match name {
            "CONVOKE_GRAPH_URL" if away.load(Ordering::SeqCst) => Some("http://127.0.0.1:1/v1.0".into()),
            _ => own(name),
        });
    });
    operator.until("ready", || api.all(is_ready));

    away.store(true, Ordering::SeqCst);
    api.delete(EVENTS, "first");
    let is = |name: &str, what: &str| condition(&api.object(EVENTS, name), what).is_some_and(|it| it.0 == "True");
    // An object that would be let go is let go before that is told.
    operator.until_told("not everything could be read, so nothing is sent");
    operator.until("tried", || !is("first", "Ready"));
    clock.jump(HOUR);
    assert!(!is_gone(&api, "first"), "{}", operator.log());
    away.store(false, Ordering::SeqCst);
    operator.until("cancelled", || is_gone(&api, "first"));
    assert_eq!(house.mails("cancellation"), 1, "{}", operator.log());

    // One is what may be removed within an hour.
    api.delete(EVENTS, "second");
    operator.until("pending", || is("second", "PlanPending"));
    assert_eq!(house.mails("cancellation"), 1, "{}", operator.log());
    clock.jump(2 * HOUR);
    operator.until("cancelled", || is_gone(&api, "second"));
    let log = operator.stop();
    assert_eq!(house.mails("cancellation"), 2, "{log}");
}
