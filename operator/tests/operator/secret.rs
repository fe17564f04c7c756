//! A state in a Secret: it is one like any other, and what it cannot be kept in is left as it is.

use crate::support::api::Api;
use crate::support::inside::Operator;
use crate::support::{House, cancelled, condition, event, is_gone, is_ready, often, workspace};
use crate::{EVENTS, orphans};
use convoke::face::state::store::{Part, Store, Unsaved, Version};
use kube::{Client, Config};
use serde_json::json;
use std::collections::BTreeMap;
use std::time::Duration;

/// What a write comes to: its version, or nothing where somebody else has written that part.
async fn written(store: &Store, part: &Part, text: &str, before: Option<&Version>) -> Option<Version> {
    match store.save_if(part, text.as_bytes(), before).await {
        Ok(version) => Some(version),
        Err(Unsaved::Moved) => None,
        Err(Unsaved::Failed(error)) => panic!("{error:#}"),
    }
}

#[test]
fn each_part_is_written_over_what_was_read_of_it_whatever_becomes_of_the_others() {
    let house = House::new();
    let api = house.cluster();
    api.secret("state", &[]);
    let (part, entry) = (Part::Document, |number| Part::Entry { journal: "j".into(), number });
    house.runtime.block_on(async {
        let client = Client::try_from(Config::new(api.url.parse().unwrap())).unwrap();
        let [one, other] = [client.clone(), client].map(|it| convoke_operator::secret::store(it, "meetings", "state"));
        assert!(one.load(&part).await.unwrap().is_none());
        let first = written(&one, &part, "one", None).await.unwrap();
        assert_eq!(written(&other, &part, "other", None).await, None);
        let second = written(&other, &part, "two", Some(&first)).await.unwrap();
        assert_eq!(written(&one, &part, "three", Some(&first)).await, None);
        assert_eq!(one.load(&part).await.unwrap().unwrap(), (b"two".to_vec(), second.clone()));

        // Both at once, each its own parts; and then the same one.
        let each = async |store: &Store, from: u64| {
            for number in from..from + 10 {
                assert!(written(store, &entry(number), "entry", None).await.is_some());
            }
        };
        futures::join!(each(&one, 0), each(&other, 10));
        let last = entry(20);
        let same = futures::join!(written(&one, &last, "one", None), written(&other, &last, "other", None));
        assert!(same.0.is_some() != same.1.is_some(), "{same:?}");
        assert_eq!(api.held_in("state").len(), 22);
        for number in 0..21 {
            one.remove(&entry(number)).await.unwrap();
        }
        one.remove(&entry(0)).await.unwrap();

        // Made, and not told; of the second kind the client sends it again by itself.
        let mut before = second;
        for status in [500, 504] {
            api.lose(status);
            before = written(&one, &part, &status.to_string(), Some(&before)).await.unwrap();
        }
        assert_eq!(other.load(&part).await.unwrap().unwrap(), (b"504".to_vec(), before));
        assert_eq!(api.held_in("state"), BTreeMap::from([("state".to_owned(), "504".to_owned())]));
    });
}

/// Waits until the Workspace is stalled for what its state is kept in, and that is told.
fn stalled(operator: &Operator, api: &Api, code: &str, said: &str) {
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
    operator.until("ready", || api.all(is_ready));
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
    operator.until("ready", || orphans(&next) == 0 && next.all(is_ready));
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
    operator.until("ready", || api.all(is_ready));
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
fn a_state_that_grows_out_of_its_secret_is_told_and_what_was_sent_is_found_again() {
    let (house, rest) = (House::new(), "x".repeat((1 << 20) - 1300));
    let api = house.cluster();
    api.secret("state", &[("state.rest", &rest)]);
    api.write("workspaces", workspace(json!({"state": "secret://state"})));
    api.write(EVENTS, event("weekly", "First"));
    let operator = house.operator(&api, often);
    stalled(&operator, &api, "CVK0807", "the Secret `state` has room for 1024 KB; keep the state in an object store: ");
    assert_eq!((house.mails("invitation"), &api.held_in("state")["state.rest"]), (1, &rest));
    api.secret("state", &[]);
    operator.until("ready", || api.all(is_ready));
    let log = operator.stop();
    assert_eq!((house.mails("invitation"), house.subjects().len()), (1, 1), "{log}");
}

#[test]
fn a_namespace_that_goes_with_the_secret_of_its_state_is_let_go_and_its_events_stay() {
    let house = House::new();
    let api = house.cluster();
    api.secret("state", &[]);
    api.write("workspaces", workspace(json!({"state": "secret://state"})));
    api.write(EVENTS, cancelled("weekly", json!({})));
    let operator = house.operator(&api, |it| {
        often(it);
        it.orphan_after = Duration::from_secs(180);
    });
    operator.until("ready", || api.all(is_ready));
    api.delete_secret("state");
    api.delete_namespace("meetings");
    operator.until_told("the Secret `state` for the state is not there");
    assert!(!is_gone(&api, "weekly"), "{}", operator.log());
    operator.until("empty", || api.objects().is_empty());
    let log = operator.stop();
    assert_eq!((house.mails("cancellation"), house.subjects().len()), (0, 1), "{log}");
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
