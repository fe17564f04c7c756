//! Objects that are no manifests, beside others that are.

use crate::support::{House, cancelled, condition, event, is_gone, is_ready, often, workspace};
use crate::{EVENTS, orphans};
use serde_json::json;

#[test]
fn what_is_no_manifest_is_stalled_with_its_reason_and_the_others_go_on() {
    let house = House::new();
    let api = house.cluster();
    api.write("workspaces", workspace(json!({})));
    let names = ["me", "roster", "skips", "template", "typo", "weekly"];
    names.iter().for_each(|name| api.write(EVENTS, event(name, name)));
    api.write(EVENTS, cancelled("goes", json!({})));
    let operator = house.operator(&api, often);
    operator.until("ready", || api.all(is_ready));
    let (writes, mails) = (house.writes(), house.twin.mails().len());

    // What only files say, since sets, rosters and days off are no objects; a slip; and what nobody signs in for.
    let wrong = [
        ("me", "organizer", json!("me")),
        ("roster", "attendees", json!([{"roster": "platform"}])),
        ("skips", "skip", json!([{"daysOff": "berlin"}])),
        ("template", "forEach", json!({"class": ["1a", "1b"]})),
        ("typo", "subjekt", json!("Typo")),
        ("goes", "subjekt", json!("Goes")),
    ];
    for (name, property, value) in &wrong {
        let mut object = if *name == "goes" { cancelled(name, json!({})) } else { event(name, name) };
        object["spec"][property] = value.clone();
        if *name == "skips" {
            object["spec"]["recurrence"] = json!("RRULE:FREQ=WEEKLY;BYDAY=TU;COUNT=9");
        }
        api.write(EVENTS, object);
    }
    // It would take over the event of one of them.
    let mut heir = event("heir", "Heir");
    heir["lifecycle"] = json!({"previously": "typo"});
    api.write(EVENTS, heir);
    let stalled = |name: &str| condition(&api.object(EVENTS, name), "Stalled").is_some_and(|it| it.0 == "True");
    for name in ["me", "roster", "skips", "template", "typo", "goes", "heir"] {
        operator.until(name, || stalled(name));
        let reason = condition(&api.object(EVENTS, name), "Ready").unwrap().1;
        assert!(reason.starts_with("CVK"), "{name}: {reason}");
        operator.until_told(&format!("error: Event/{name}: "));
    }
    assert_eq!((house.writes(), house.twin.mails().len()), (writes, mails), "{}", operator.log());
    assert_eq!(orphans(&api), 0);

    api.write(EVENTS, event("weekly", "Second"));
    operator.until("the others", || house.mails("update") == 1 && is_ready(&api.object(EVENTS, "weekly")));
    assert_eq!(house.subjects(), ["First", "Second", "me", "roster", "skips", "template", "typo"]);
    assert_eq!(condition(&api.object("workspaces", "contoso"), "Stalled").unwrap().0, "True");
    api.delete(EVENTS, "goes");
    operator.until("cancelled", || is_gone(&api, "goes"));
    api.delete(EVENTS, "heir");
    for name in ["me", "roster", "skips", "template", "typo"] {
        api.write(EVENTS, event(name, name));
    }
    operator.until("mended", || api.all(is_ready));
    let log = operator.stop();
    assert_eq!((house.mails("update"), house.mails("cancellation")), (1, 1), "{log}");
}
