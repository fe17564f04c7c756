//! Plans that wait for a person, by the real program.

use crate::serve::{edit, event, house, mails, remove, settled};
use crate::support::ORGANIZER;
use crate::support::serving::Serving;
use serde_json::{Value, json};

#[test]
fn a_plan_above_a_limit_waits_for_an_approval_and_is_applied_once() {
    let house = house(5, "");
    let serving = settled(&house, &[]);
    // Two of few go without a word.
    remove(&house, 0..2);
    assert_eq!(serving.reconcile(), "applied");
    house.write("e0.yaml", &event("e0", "First"));
    assert_eq!(serving.reconcile(), "applied");
    assert_eq!((mails(&house, "cancellation"), house.events(ORGANIZER).len()), (2, 4));

    remove(&house, 2..5);
    assert_eq!(serving.reconcile(), "pending");
    let pending = serving.pending();
    let id = pending["planId"].as_str().unwrap().to_owned();
    assert_eq!(pending["removals"], json!(["Event/e2", "Event/e3", "Event/e4"]));
    assert_eq!((&pending["summary"]["cancel"], &pending["summary"]["mails"]["total"]), (&json!(3), &json!(3)));
    assert!(
        pending["why"][0].as_str().unwrap().contains("remove 3 of 4 managed resources, and of fewer than 10 only 2 go"),
        "{pending}"
    );
    let metrics = serving.get("/metrics").1;
    assert!(
        metrics.contains(&format!("convoke_pending_plan{{workspace=\"contoso\",plan_id=\"{id}\"}} 1")),
        "{metrics}"
    );
    assert!(metrics.contains("convoke_pending_removals{workspace=\"contoso\"} 3"), "{metrics}");
    // Told once, however often it is found.
    assert_eq!(serving.reconcile(), "pending");
    serving.until_told(&id);
    assert_eq!(serving.log().matches("pending: plan").count(), 1, "{}", serving.log());

    assert_eq!(serving.approve(&"0".repeat(64)).0, 409);
    assert_eq!(serving.approve("").0, 409);
    assert_eq!(mails(&house, "cancellation"), 2);
    let (status, answer) = serving.approve(&id);
    assert_eq!((status, &answer["ended"]), (200, &json!("applied")), "{}", serving.log());
    assert_eq!((mails(&house, "cancellation"), house.events(ORGANIZER).len()), (5, 1));
    // Used up.
    assert_eq!(serving.pending(), Value::Null);
    assert_eq!(serving.approve(&id).0, 409);
    assert_eq!(serving.reconcile(), "settled");
    assert!(!serving.get("/metrics").1.contains("plan_id="));
    serving.stop();
}

#[test]
fn an_approval_is_void_once_the_plan_is_another_one() {
    let house = house(5, "");
    let serving = settled(&house, &[]);
    remove(&house, 2..5);
    assert_eq!(serving.reconcile(), "pending");
    let writes = house.writes();
    // The author changes something, then somebody else does.
    for theirs in [false, true] {
        let id = serving.pending()["planId"].as_str().unwrap().to_owned();
        match theirs {
            false => house.write("e0.yaml", &event("e0", "Second")),
            true => edit(&house, "e3", &json!({"subject": "Theirs"})),
        }
        let (status, answer) = serving.approve(&id);
        assert_eq!((status, &answer["ended"]), (409, &json!("void")), "{}", serving.log());
        assert_eq!(house.writes(), writes, "{}", serving.log());
        let now = serving.pending()["planId"].clone();
        assert!(now.is_string() && now != json!(id) && now == answer["planId"], "{now} {answer}");
    }
    assert!(serving.stop().contains("approved was the plan"));
}

#[test]
fn an_apply_by_hand_beside_it_approves_a_plan_as_well() {
    for spec in ["", "  onDrift: revert\n", "  limits: {mails: 6, per: 24h}\n"] {
        let house = house(5, spec);
        let serving = settled(&house, &[]);
        edit(&house, "e0", &json!({"subject": "Theirs"}));
        remove(&house, 2..5);
        assert_eq!(serving.reconcile(), "pending");
        // As its log says.
        serving.until_told("convoke apply");
        let log = serving.log();
        let (_, command) = log.split_once("with `convoke apply ").unwrap();
        let (command, _) = command.split_once('`').unwrap();
        let args: Vec<&str> = ["apply"].into_iter().chain(command.split_whitespace()).collect();
        let run = house.run(&args);
        assert_eq!(run.code, 0, "{args:?} {run:?}");
        let subject = if spec.contains("revert") { "First" } else { "Theirs" };
        assert_eq!((mails(&house, "cancellation"), &house.event("e0")["subject"]), (3, &json!(subject)));
        assert_eq!(serving.reconcile(), "settled", "{}", serving.log());
        assert_eq!(serving.pending(), Value::Null);
        serving.stop();
    }
}

#[test]
fn a_budget_holds_over_rounds_and_an_approval_goes_above_it_but_above_no_ceiling() {
    let house = house(2, "  limits: {mails: 3, per: 24h}\n");
    let serving = settled(&house, &[]);
    house.write("e2.yaml", &event("e2", "First"));
    assert_eq!(serving.reconcile(), "applied");
    house.write("e3.yaml", &event("e3", "First"));
    assert_eq!(serving.reconcile(), "pending");
    let pending = serving.pending();
    assert!(pending["why"][0].as_str().unwrap().contains("after 3 in the last 24h; the limit is 3"), "{pending}");
    assert_eq!(serving.approve(pending["planId"].as_str().unwrap()).1["ended"], "applied");
    assert_eq!(house.sandbox().mails().len(), 4);
    serving.stop();

    for name in ["e4", "e5", "e6"] {
        house.write(&format!("{name}.yaml"), &event(name, "First"));
    }
    let serving = Serving::start_with(&house, &[], &[("CONVOKE_CEILING_MAILS", "2")]);
    assert_eq!(serving.reconcile(), "refused");
    assert_eq!((serving.pending(), house.sandbox().mails().len()), (Value::Null, 4));
    assert!(serving.stop().contains("CONVOKE_CEILING_MAILS allows 2"));
}

#[test]
fn with_plan_only_nothing_is_ever_written() {
    let house = house(2, "");
    let serving = Serving::start(&house, &["--plan-only"]);
    assert_eq!(serving.reconcile(), "pending");
    let pending = serving.pending();
    assert!(!serving.log().contains("/approve"), "{}", serving.log());
    assert_eq!((&pending["why"], &pending["summary"]["create"]), (&json!(["this only plans"]), &json!(2)));
    let (status, answer) = serving.approve(pending["planId"].as_str().unwrap());
    assert!(status == 409 && answer["error"].as_str().unwrap().contains("only plans"), "{status} {answer}");
    assert_eq!((house.writes(), house.path(".convoke/state.json").exists()), (0, false));
    serving.stop();
    assert_eq!((house.writes(), house.path(".convoke").exists()), (0, false));
}
