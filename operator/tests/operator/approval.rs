//! Plans that wait for somebody who approves them.

use crate::EVENTS;
use crate::support::gate::Gate;
use crate::support::inside::Operator;
use crate::support::{House, condition, event, is_ready, often, workspace};
use convoke::face::sandbox::Options;
use serde_json::json;

#[test]
fn a_plan_waits_for_its_approval_which_counts_once_and_for_no_other_plan() {
    let house = House::new();
    let api = house.cluster();
    api.write("workspaces", workspace(json!({"approval": "manual"})));
    let mut first = event("weekly", "First");
    first["spec"]["attendees"] = json!(["adele@contoso.example", "megan@contoso.example"]);
    api.write(EVENTS, first);
    let operator = house.operator(&api, often);
    let waits = || api.object("workspaces", "contoso")["status"]["pendingPlan"]["id"].as_str().map(str::to_owned);
    operator.until("pending", || waits().is_some());
    let id = waits().unwrap();
    let pending = &api.object("workspaces", "contoso")["status"]["pendingPlan"];
    assert_eq!((&pending["creates"], &pending["removals"], &pending["mails"]), (&json!(1), &json!(0), &json!(2)));
    let weekly = api.object(EVENTS, "weekly");
    assert_eq!(
        (condition(&weekly, "PlanPending").unwrap().0, &weekly["status"]["mailsPending"]),
        ("True".into(), &json!(2))
    );
    assert_eq!(house.writes(), 0);

    // The object changes after the approval: it is for another plan.
    api.write("workspaces", workspace(json!({"approval": "manual", "approvedPlan": id})));
    api.write(EVENTS, event("weekly", "Second"));
    operator.until("another", || waits().is_some_and(|now| now != id));
    assert_eq!(house.writes(), 0, "{}", operator.log());

    let approved = workspace(json!({"approval": "manual", "approvedPlan": waits().unwrap()}));
    api.write("workspaces", approved);
    operator.until("ready", || api.all(is_ready));
    assert_eq!(house.mails("invitation"), 1, "{:?}", house.twin.mails());
    let writes = house.writes();
    api.write(EVENTS, event("weekly", "Third"));
    operator.until("a third", || waits().is_some());
    assert_eq!(house.writes(), writes, "{}", operator.log());
    operator.stop();
}

/// Graph fails after the approval was used: the plan that comes back is the same, and is not sent a second time.
#[test]
fn the_same_plan_that_comes_back_is_not_sent_by_an_approval_that_was_used() {
    let faults = Some("500=100%,only=POST,streak=5".parse().unwrap());
    let house = House::with(Options { faults, ..Options::default() });
    let api = house.cluster();
    let approved = |id: Option<&String>| {
        let mut object = workspace(json!({"approval": "manual"}));
        object["spec"].as_object_mut().unwrap().extend(id.map(|id| ("approvedPlan".to_owned(), json!(id))));
        api.write("workspaces", object);
    };
    approved(None);
    api.write(EVENTS, event("weekly", "First"));
    let operator = house.operator(&api, often);
    let status = || api.object("workspaces", "contoso")["status"].clone();
    let waits = || status()["pendingPlan"]["id"].as_str().map(str::to_owned);
    operator.until("pending", || waits().is_some());
    let id = waits().unwrap();
    approved(Some(&id));
    operator.until("used", || status()["usedPlan"] == json!(id));
    let tries = || condition(&api.object(EVENTS, "weekly"), "Reconciling").is_some_and(|it| it.0 == "True");
    operator.until("failed", tries);
    operator.until_told("Event/weekly: create, failed");
    let (writes, from) = (house.writes(), house.twin.counts().requests);
    operator.until("rounds", || waits() == Some(id.clone()) && house.twin.counts().requests > from + 20);
    assert_eq!((house.writes(), house.mails("invitation")), (writes, 0), "{}", operator.log());

    // Taken back and given again it is meant once more.
    approved(None);
    operator.until("taken back", || status().get("usedPlan").is_none());
    assert_eq!(house.writes(), writes, "{}", operator.log());
    approved(Some(&id));
    operator.until("ready", || api.all(is_ready));
    assert_eq!(house.mails("invitation"), 1, "{}", operator.log());
    operator.stop();
}

/// Killed after an approval was used and before anything was sent, it is used all the same: who restarts must not send what nobody asked
/// for since.
#[test]
fn an_approval_is_used_before_anything_is_sent_and_by_no_operator_that_comes_after_a_killed_one() {
    let house = House::new();
    let api = house.cluster();
    api.write("workspaces", workspace(json!({"approval": "manual"})));
    api.write(EVENTS, event("weekly", "First"));
    let status = || api.object("workspaces", "contoso")["status"].clone();
    let operator = house.operator(&api, |_| {});
    operator.until("pending", || status()["pendingPlan"]["id"].is_string());
    operator.stop();
    let id = status()["pendingPlan"]["id"].clone();
    api.write("workspaces", workspace(json!({"approval": "manual", "approvedPlan": id})));
    for request in 1.. {
        let gate = Gate::at(request, true);
        let server = house.runtime.block_on(gate.before(api.routes()));
        let killed = Operator::start(&server, house.terms());
        killed.until("stopped", || gate.is_closed());
        drop(killed);
        let used = status()["usedPlan"] == id;
        assert_eq!((house.writes(), house.mails("invitation")), (0, 0), "{request}: {used}");
        if used {
            break;
        }
    }
    let operator = house.operator(&api, often);
    let from = house.twin.counts().requests;
    operator.until("rounds", || house.twin.counts().requests > from + 20);
    assert_eq!((house.writes(), &status()["pendingPlan"]["id"]), (0, &id), "{}", operator.log());
    operator.stop();
}
