//! A state in a Secret: it is one like any other, and what it cannot be kept in is left as it is.

use crate::support::inside::Operator;
use crate::support::{House, cancelled, condition, event, is_gone, is_ready, often, workspace};
use crate::{EVENTS, orphans};
use serde_json::json;
use std::collections::BTreeMap;

/// Waits until the Workspace is stalled for what its state is kept in, and that is told.
fn stalled(operator: &Operator, api: &crate::support::api::Api, code: &str, said: &str) {
    operator.until_told(said);
    let reason = || condition(&api.object("workspaces", "contoso"), "Stalled");
    operator.until(said, || reason() == Some(("True".into(), code.into())));
}

#[test]
fn a_state_in_a_secret_is_kept_from_one_operator_to_the_next_and_found_again_where_it_is_lost() {
    let house = House::new();
    let api = house.cluster();
    api.write("workspaces", workspace(json!({"state": "secret://state"})));
    api.write(EVENTS, cancelled("weekly", json!({})));
    let operator = house.operator(&api, often);
    stalled(&operator, &api, "CVK0807", "the Secret `state` for the state is not there; make an empty one: ");
    assert_eq!(house.writes(), 0);
    api.secret("state", &[]);
    operator.until("ready", || api.objects().iter().all(is_ready));
    operator.stop();
    let held = api.held_in("state");
    assert!(held["state"].contains("Event/weekly") && held.contains_key("state.holder"), "{held:?}");

    // What no object declares is known by the state alone.
    let (writes, next) = (house.writes(), house.cluster());
    next.secret("state", &held.iter().map(|(key, it)| (&**key, &**it)).collect::<Vec<_>>());
    next.write("workspaces", workspace(json!({"state": "secret://state"})));
    let operator = house.operator(&next, often);
    operator.until("an orphan", || orphans(&next) == 1);
    next.write(EVENTS, cancelled("weekly", json!({})));
    operator.until("ready", || orphans(&next) == 0 && next.objects().iter().all(is_ready));
    assert_eq!(house.writes(), writes, "{}", operator.log());

    // It is emptied: the event is found by its mark, and made no second time.
    next.secret("state", &[]);
    next.delete(EVENTS, "weekly");
    operator.until("cancelled", || is_gone(&next, "weekly"));
    let log = operator.stop();
    assert_eq!((house.mails("invitation"), house.mails("cancellation"), house.subjects().len()), (1, 1, 0), "{log}");
}

#[test]
fn changes_of_a_secret_that_others_are_in_the_way_of_are_sent_again_and_given_up_in_the_end() {
    let house = House::new();
    let api = house.cluster();
    api.secret("state", &[]);
    api.conflict(5);
    api.write("workspaces", workspace(json!({"state": "secret://state"})));
    api.write(EVENTS, event("weekly", "First"));
    let operator = house.operator(&api, often);
    operator.until("ready", || api.objects().iter().all(is_ready));
    api.conflict(u64::MAX);
    api.write(EVENTS, event("weekly", "Second"));
    stalled(&operator, &api, "CVK0807", "the Secret `state` was changed by somebody else each time");
    assert_eq!(house.mails("update"), 0);
    api.conflict(0);
    operator.until("updated", || house.mails("update") == 1);
    operator.stop();
}

#[test]
fn a_secret_that_no_state_has_room_in_is_left_as_it_is_and_nothing_is_sent() {
    let (house, large) = (House::new(), "x".repeat(1 << 20));
    let api = house.cluster();
    api.write(EVENTS, event("weekly", "First"));
    for (name, holds, code, said) in [
        (
            "closed",
            &[][..],
            "CVK0807",
            "the Secret `closed` for the state is not for the operator; let its service account `get`",
        ),
        (
            "graph",
            &[("AZURE_CLIENT_SECRET", "s")],
            "CVK0807",
            "the Secret `graph` holds `AZURE_CLIENT_SECRET`, which is nothing",
        ),
        ("state", &[("state", "a password")], "CVK0803", "cannot read the state `secret://state/state`"),
        ("state", &[("state.holder", "{}")], "CVK0803", "cannot read the lock of the state `secret://state/state`"),
        (
            "state",
            &[("state.rest", &large)],
            "CVK0807",
            "the state takes 1024 KB, and the Secret `state` has room for 1024 KB",
        ),
    ] {
        api.secret(name, holds);
        api.write("workspaces", workspace(json!({"state": format!("secret://{name}")})));
        let operator = house.operator(&api, |_| {});
        stalled(&operator, &api, code, said);
        operator.stop();
        let mut left = api.held_in(name);
        left.retain(|key, _| key != "state.holder" || holds.iter().any(|(name, _)| name == key));
        let put: BTreeMap<String, String> = holds.iter().map(|it| (it.0.into(), it.1.into())).collect();
        assert_eq!(left, put);
    }
    api.write("workspaces", workspace(json!({"state": "secret://Not-A-Name"})));
    let operator = house.operator(&api, |_| {});
    operator.until_told("not the name of a Secret: `Not-A-Name`");
    operator.stop();
    assert_eq!(house.writes(), 0);
}

#[test]
fn more_objects_than_a_secret_is_for_are_refused_with_the_way_out() {
    let house = House::new();
    let api = house.cluster();
    api.secret("state", &[]);
    api.write("workspaces", workspace(json!({"state": "secret://state"})));
    (0..501).for_each(|number| api.write(EVENTS, event(&format!("e{number}"), "First")));
    let operator = house.operator(&api, |_| {});
    let said =
        "501 events and meetings are declared, and a state in a Secret is for 500; keep the state in an object store: ";
    stalled(&operator, &api, "CVK0807", said);
    operator.stop();
    assert_eq!((house.writes(), api.held_in("state").len()), (0, 0));
}
