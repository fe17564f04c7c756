//! What stands in the status of objects, and when it is written.

use crate::EVENTS;
use crate::support::{House, condition, event, is_ready, often, workspace};
use convoke::face::kind::workspace::Pins;
use serde_json::json;

const MANY: usize = 1000;

/// The most requests that a round of them asks while they are settled.
const REQUESTS: u64 = 12;

#[test]
fn settled_objects_get_no_new_status_and_none_holds_a_secret() {
    let house = House::new();
    let api = house.cluster();
    api.write("workspaces", workspace(json!({})));
    (0..MANY).for_each(|number| api.write(EVENTS, event(&format!("e{number}"), "First")));
    let operator = house.operator(&api, often);
    operator.until("ready", || api.all(is_ready));
    for object in api.objects() {
        let status = object["status"].to_string();
        assert!(!["@", "http", "passcode", "teams"].iter().any(|it| status.contains(it)), "{status}");
        assert_eq!(object["status"]["observedGeneration"], 1);
        assert_eq!(object["status"].get("id").is_some(), object["kind"] == "Event", "{status}");
    }
    let told = |name: String| api.told(&name).len();
    let before = (api.status_writes(), (0..MANY).map(|number| told(format!("e{number}"))).sum::<usize>());
    assert_eq!(before.1, MANY);
    let from = house.twin.counts().requests;
    operator.until("one round", || house.twin.counts().requests > from);
    // So many events are some pages of one mailbox.
    let from = house.twin.counts().requests;
    operator.until("ten rounds", || house.twin.counts().requests >= from + 10 * REQUESTS);
    assert_eq!(
        (api.status_writes(), (0..MANY).map(|number| told(format!("e{number}"))).sum()),
        before,
        "{}",
        operator.log()
    );
    operator.stop();
}

#[test]
fn a_plan_that_is_refused_says_why_in_the_status_of_its_workspace() {
    let house = House::new();
    let api = house.cluster();
    api.write("workspaces", workspace(json!({})));
    api.write(EVENTS, event("weekly", "First"));
    let ceiling = [("CONVOKE_CEILING_MAILS".into(), "0".into())];
    let operator = house.operator(&api, |it| it.pins = Pins::read(ceiling.into_iter()).unwrap());
    let stalled = || condition(&api.object("workspaces", "contoso"), "Stalled");
    operator.until("refused", || stalled() == Some(("True".into(), "CVK0608".into())));
    assert_eq!(condition(&api.object(EVENTS, "weekly"), "Ready").unwrap().1, "NotSent");
    assert_eq!(house.writes(), 0, "{}", operator.log());
    operator.stop();
}

#[test]
fn a_status_says_when_it_starts_next_and_an_event_of_kubernetes_what_changed() {
    let house = House::new();
    let api = house.cluster();
    api.write("workspaces", workspace(json!({})));
    api.write(EVENTS, event("once", "First"));
    let mut series = event("series", "First");
    series["spec"]["recurrence"] = json!("RRULE:FREQ=WEEKLY;BYDAY=TU;COUNT=9");
    series["spec"]["exceptions"] = json!([{"date": "2038-02-02", "cancel": true}]);
    api.write(EVENTS, series);
    let operator = house.operator(&api, |_| {});
    operator.until("ready", || api.all(is_ready));
    assert_eq!(api.object(EVENTS, "once")["status"]["nextStart"], "2038-02-02T09:00:00Z");
    assert_eq!(api.object(EVENTS, "series")["status"]["nextStart"], "2038-02-09T09:00:00Z");
    assert_eq!(condition(&api.object(EVENTS, "once"), "Reconciling").unwrap().0, "False");
    let good = ("Normal".to_owned(), "AsDeclared".to_owned());
    operator.until("told", || ["once", "contoso"].iter().all(|it| api.told(it) == [good.clone()]));

    let mut moved = event("once", "First");
    moved["spec"]["organizer"] = json!("megan@contoso.example");
    api.write(EVENTS, moved);
    operator.until("told", || api.told("once") == [good.clone(), ("Warning".into(), "CVK0301".into())]);
    assert_eq!(api.told("series"), [good]);
    operator.stop();
}
