//! Whose event it is, where that cannot be told by a story: what the state says of an event that somebody else organizes.

use crate::support::lab::{DEPUTY, Lab, STATE};
use convoke::face::graph::{Client, Get, Settings, Token};
use convoke::face::plan::Action;

const EVENT: &str = "apiVersion: convoke.dev/v1
kind: Event
metadata: {name: weekly}
spec: {subject: Weekly, start: 2031-02-03T10:00, duration: 45m, attendees: [megan@contoso.example]}
";

/// The state leads to an attendee's copy: it is neither changed nor cancelled, and nothing is made beside it.
#[test]
fn the_copy_of_somebody_who_was_invited_is_blocked() {
    let mut lab = Lab::new("2031-01-01T00:00:00Z");
    assert_eq!(lab.apply(&Lab::read(EVENT)).wrong, Vec::<String>::new());
    let sandbox = lab.house.sandbox();
    let client = Client::new(Settings::new(&sandbox.url, Token::ready(sandbox.token.clone()))).unwrap();
    // The id that an event keeps wherever it goes, as convoke asks for it.
    let prefer = Some("IdType=\"ImmutableId\"".into());
    let get = Get { mailbox: DEPUTY.into(), path: format!("/users/{DEPUTY}/events"), prefer };
    let copies = lab.house.wait(client.read(vec![get])).remove(0).unwrap();
    let copy = &copies["value"][0];
    assert_eq!(copy["isOrganizer"], false, "{copy}");
    let path = lab.house.path(STATE);
    let mut state: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    state["resources"]["Event/weekly"]["organizer"] = DEPUTY.into();
    state["resources"]["Event/weekly"]["id"] = copy["id"].clone();
    std::fs::write(&path, state.to_string()).unwrap();
    lab.with_state(STATE);
    let theirs = EVENT.replace("subject", "organizer: megan@contoso.example, subject");
    let other = EVENT.replace("weekly", "other");
    for manifests in [&theirs, &other] {
        let plan = lab.plan(&Lab::read(manifests));
        let step = plan.steps.iter().find(|step| step.key.name() == "weekly").unwrap();
        let reason = step.reason.clone().unwrap_or_default();
        assert!(step.action == Action::Blocked && reason.contains("organized by somebody else"), "{step:?}");
    }
}
