//! Objects that are deleted: what becomes of their events, and that none of them is held for ever.

use crate::support::api::Api;
use crate::support::inside::Operator;
use crate::support::{House, cancelled, condition, event, is_gone, is_ready, often, set, workspace};
use crate::{EVENTS, orphans};
use convoke_operator::Terms;
use serde_json::{Value, json};
use std::time::Duration;

const RELEASE: (&str, &str) = ("convoke.dev/release", "keep");

fn is_held(api: &Api, name: &str) -> bool {
    api.object(EVENTS, name)["metadata"]["finalizers"] == json!(["convoke.dev/cancel"])
}

/// Objects that are as declared, and their operator.
fn settled(house: &House, spec: Value, objects: &[Value], with: fn(&mut Terms)) -> (Api, Operator) {
    let api = house.cluster();
    api.write("workspaces", workspace(spec));
    objects.iter().for_each(|it| api.write(EVENTS, it.clone()));
    let operator = house.operator(&api, with);
    operator.until("ready", || api.all(is_ready));
    (api, operator)
}

#[test]
fn an_event_goes_with_its_object_only_where_that_says_so_and_a_protected_one_once_it_is_released() {
    let house = House::new();
    let objects = [
        event("kept", "First"),
        cancelled("gone", json!({})),
        cancelled("changed", json!({})),
        cancelled("moved", json!({})),
        cancelled("protected", json!({"protect": true})),
    ];
    // What the workspace keeps is cancelled all the same, since its object says so.
    let (api, operator) = settled(&house, json!({"prune": "keep"}), &objects, |_| {});
    assert!(!is_held(&api, "kept") && ["gone", "changed", "moved", "protected"].iter().all(|it| is_held(&api, it)));
    // One cannot be as declared any more; of another one it is taken back that it goes.
    let mut moved = cancelled("moved", json!({}));
    moved["spec"]["organizer"] = json!("megan@contoso.example");
    api.write(EVENTS, moved);
    api.write(EVENTS, event("changed", "First"));
    operator.until("let go", || !is_held(&api, "changed"));
    operator.until("stalled", || condition(&api.object(EVENTS, "moved"), "Stalled").is_some_and(|it| it.0 == "True"));
    for name in ["kept", "gone", "changed", "moved", "protected"] {
        api.delete(EVENTS, name);
    }
    assert!(is_gone(&api, "kept") && is_gone(&api, "changed"));
    operator.until("cancelled", || is_gone(&api, "gone") && is_gone(&api, "moved"));
    operator.until("said", || condition(&api.object(EVENTS, "protected"), "Stalled").is_some_and(|it| it.0 == "True"));
    assert_eq!(condition(&api.object(EVENTS, "protected"), "Stalled").unwrap().1, "CVK0304");
    operator.until("2 orphans", || orphans(&api) == 2);
    assert_eq!(house.mails("cancellation"), 2, "{}", operator.log());
    api.annotate(EVENTS, "protected", RELEASE);
    operator.until("released", || is_gone(&api, "protected") && orphans(&api) == 3);
    let log = operator.stop();
    assert_eq!(house.mails("cancellation"), 2, "{log}");
    assert!(log.contains("Event/gone: its object is let go: it is cancelled"), "{log}");
}

#[test]
fn a_namespace_that_goes_takes_its_events_along_and_leaves_protected_ones() {
    let house = House::new();
    let objects = [cancelled("weekly", json!({})), cancelled("protected", json!({"protect": true}))];
    let (api, operator) = settled(&house, json!({}), &objects, |_| {});
    api.delete_namespace("meetings");
    operator.until("empty", || api.objects().is_empty());
    operator.until_told("meetings: no longer served");
    let log = operator.stop();
    assert_eq!(house.mails("cancellation"), 1, "{log}");
    assert!(log.contains("Event/protected: its object is let go: it is protected, and its namespace goes"), "{log}");
}

#[test]
fn what_is_above_a_limit_or_closed_stays_until_somebody_approves_mends_or_releases_it() {
    let house = House::new();
    let objects = ["approved", "released", "closed"].map(|name| cancelled(name, json!({})));
    let spec = json!({"approval": {"above": {"removals": 0}}});
    let (api, operator) = settled(&house, spec, &objects, often);
    let is_pending = |name| condition(&api.object(EVENTS, name), "PlanPending").is_some_and(|it| it.0 == "True");
    let waits = || api.object("workspaces", "contoso")["status"]["pendingPlan"]["id"].clone();
    api.delete(EVENTS, "released");
    operator.until("pending", || is_pending("released") && waits().is_string());
    let first = waits();
    api.delete(EVENTS, "approved");
    operator.until("both", || is_pending("approved") && waits() != first);
    assert_eq!(house.mails("cancellation"), 0, "{}", operator.log());
    api.annotate(EVENTS, "released", RELEASE);
    let both = waits();
    operator.until("one", || is_gone(&api, "released") && waits() != both && orphans(&api) == 1);
    api.write("workspaces", workspace(json!({"approval": {"above": {"removals": 0}}, "approvedPlan": waits()})));
    operator.until("cancelled", || is_gone(&api, "approved"));
    assert_eq!(house.mails("cancellation"), 1, "{}", operator.log());

    // A mailbox is closed, and opened again.
    api.write("workspaces", workspace(json!({})));
    house.edit_user(&json!({"denied": true}));
    api.delete(EVENTS, "closed");
    let is_stalled = || condition(&api.object(EVENTS, "closed"), "Stalled").is_some_and(|it| it.0 == "True");
    operator.until("refused", is_stalled);
    assert!(is_held(&api, "closed"), "{}", operator.log());
    house.edit_user(&json!({"denied": false}));
    operator.until("cancelled", || is_gone(&api, "closed"));
    assert_eq!(house.mails("cancellation"), 2, "{}", operator.log());
    operator.stop();
}

#[test]
fn without_a_sign_in_an_object_waits_for_a_time_and_goes_without_its_event() {
    let house = House::new();
    let objects = [cancelled("first", json!({})), cancelled("second", json!({}))];
    let (api, operator) = settled(&house, json!({}), &objects, |_| {});
    operator.stop();
    let unsigned = |it: &mut Terms| {
        often(it);
        set(it, &[("CONVOKE_ACCESS_TOKEN", "")]);
    };
    let operator = house.operator(&api, unsigned);
    api.delete(EVENTS, "first");
    operator.until("told", || condition(&api.object(EVENTS, "first"), "Stalled").is_some_and(|it| it.1 == "CVK0901"));
    assert!(is_held(&api, "first"), "{}", operator.log());
    operator.stop();

    let operator = house.operator(&api, |it| {
        unsigned(it);
        it.orphan_after = Duration::ZERO;
    });
    operator.until("let go", || is_gone(&api, "first"));
    assert!(is_held(&api, "second"), "{}", operator.log());
    operator.stop();

    // Its Workspace goes while nobody looks: nobody knows any more how it would be cancelled.
    api.delete("workspaces", "contoso");
    api.delete(EVENTS, "second");
    let operator = house.operator(&api, |_| {});
    operator.until("told", || condition(&api.object(EVENTS, "second"), "Stalled").is_some_and(|it| it.1 == "CVK0151"));
    operator.stop();
    let operator = house.operator(&api, |it| it.orphan_after = Duration::ZERO);
    operator.until("let go", || is_gone(&api, "second"));
    let log = operator.stop();
    assert_eq!(house.mails("cancellation"), 0, "{log}");
}

/// With the state goes where everything stands. An event is found by its mark in the mailbox of its object; what was made elsewhere since,
/// and a meeting, which is in no list, may be live still.
#[test]
fn a_state_that_is_lost_lets_nothing_go_that_may_be_live() {
    let house = House::new();
    let of = |organizer: &str, mut object: Value| {
        object["spec"]["organizer"] = json!(organizer);
        object
    };
    let api = house.cluster();
    api.write("workspaces", workspace(json!({})));
    let room = json!({"metadata": {"name": "room", "namespace": "meetings"}, "lifecycle": {"onDelete": "cancel"}, "spec": {"subject": "Room"}});
    api.write("onlinemeetings", room);
    api.write(EVENTS, cancelled("ours", json!({})));
    api.write(EVENTS, of("Megan@contoso.example", cancelled("theirs", json!({}))));
    api.write(EVENTS, of("lynne@contoso.example", cancelled("moved", json!({}))));
    let operator = house.operator(&api, |_| {});
    operator.until("ready", || api.all(is_ready));
    api.write(EVENTS, of("megan@contoso.example", cancelled("moved", json!({}))));
    operator.until("stalled", || condition(&api.object(EVENTS, "moved"), "Stalled").is_some_and(|it| it.0 == "True"));
    operator.stop();

    house.lose_state();
    ["ours", "theirs", "moved"].iter().for_each(|name| api.delete(EVENTS, name));
    api.delete("onlinemeetings", "room");
    let operator = house.operator(&api, often);
    operator.until("cancelled", || is_gone(&api, "ours") && is_gone(&api, "theirs"));
    let unread = |list, name| condition(&api.object(list, name), "Stalled") == Some(("True".into(), "CVK0501".into()));
    operator.until("said", || unread(EVENTS, "moved") && unread("onlinemeetings", "room"));
    let from = house.twin.counts().requests;
    operator.until("more rounds", || house.twin.counts().requests > from + 20);
    assert!(unread(EVENTS, "moved") && unread("onlinemeetings", "room"), "{}", operator.log());
    assert_eq!(house.mails("cancellation"), 2, "{}", operator.log());
    api.annotate(EVENTS, "moved", RELEASE);
    api.annotate("onlinemeetings", "room", RELEASE);
    operator.until("released", || is_gone(&api, "moved") && api.object("onlinemeetings", "room").is_null());
    let log = operator.stop();
    assert!(log.contains("Event/moved: its object is held: the state knows nothing of it"), "{log}");
}
