//! The marks on live events: what survives a list that cuts them, and what the first draft of convoke wrote.

use crate::support::ORGANIZER;
use crate::support::lab::Lab;
use convoke::face::plan::{Action, Step};
use serde_json::{Value, json};

const NOW: &str = "2031-01-01T00:00:00Z";
const PROPERTY: &str = "String {6d1c8a52-5f0e-4b7b-9c43-1f6f2a7f0e11} Name convoke";

const WEEKLY: &str = "apiVersion: convoke.dev/v1
kind: Event
metadata: {name: weekly}
lifecycle: {protect: true}
spec:
  subject: Weekly
  start: 2031-02-11T10:00
  duration: 45m
  location: {displayName: Baker, address: {city: Oslo}}
  importance: high
  sensitivity: private
  showAs: busy
  isReminderOn: false
  categories: [Training]
  attendees: [adele@contoso.example, lidia@contoso.example]
";

/// So that the mailbox is looked at where nothing else of it is declared.
const OTHER: &str = "apiVersion: convoke.dev/v1
kind: Event
metadata: {name: other}
spec: {subject: Other, start: 2031-03-11T10:00, duration: 45m}
";

fn step(lab: &Lab, manifests: &str) -> Step {
    let plan = lab.plan(&Lab::read(manifests));
    plan.steps.into_iter().find(|step| step.key.name() == "weekly").unwrap()
}

/// The value of one of our properties on the event, as a GET of it tells.
fn mark(lab: &Lab, name: &str) -> Option<String> {
    let id = lab.house.event("weekly")["id"].as_str().unwrap().to_owned();
    let expand = format!(
        "singleValueExtendedProperties($filter=id%20eq%20'{}')",
        format!("{PROPERTY}{name}").replace(' ', "%20")
    );
    let (status, event) = lab.house.call("GET", &format!("/v1.0/users/{ORGANIZER}/events/{id}?$expand={expand}"), None);
    assert_eq!(status, 200, "{event}");
    event["singleValueExtendedProperties"][0]["value"].as_str().map(str::to_owned)
}

fn write(lab: &Lab, name: &str, value: &str) {
    let id = lab.house.event("weekly")["id"].as_str().unwrap().to_owned();
    let marks = json!({"singleValueExtendedProperties": [{"id": format!("{PROPERTY}{name}"), "value": value}]});
    let (status, event) = lab.house.call("PATCH", &format!("/v1.0/users/{ORGANIZER}/events/{id}"), Some(&marks));
    assert_eq!(status, 200, "{event}");
}

fn applied() -> Lab {
    let mut lab = Lab::new(NOW);
    let round = lab.apply(&Lab::read(WEEKLY));
    assert_eq!(round.wrong, Vec::<String>::new());
    lab
}

#[test]
fn what_a_list_cuts_is_read_again_when_the_state_is_lost() {
    let mut lab = applied();
    assert!(mark(&lab, "-applied").unwrap().len() > 255);
    lab.lose_state();
    let gone = step(&lab, OTHER);
    assert!(gone.reason.as_ref().unwrap().contains("is protected"), "{gone:?}");
    // Whom we invited and no longer declare is removed.
    let fewer = step(&lab, &WEEKLY.replace(", lidia@contoso.example", ""));
    let removed: Vec<_> = fewer.mail.iter().flat_map(|mail| &mail.to).collect();
    assert_eq!(removed, ["lidia@contoso.example"]);
}

/// That somebody was let go stands in the state alone, and a change of attendees alone writes no mark.
#[test]
fn nobody_goes_by_a_mark_that_is_older_than_the_list() {
    let mut lab = applied();
    let attendees = "attendees: [adele@contoso.example, lidia@contoso.example]";
    let other = WEEKLY.replace(attendees, "attendees: [miriam@contoso.example]");
    for manifests in [&WEEKLY.replace(attendees, ""), &other] {
        assert_eq!(lab.apply(&Lab::read(manifests)).wrong, Vec::<String>::new());
    }
    lab.lose_state();
    let settled = step(&lab, &other);
    assert_eq!((settled.action, &settled.mail[..]), (Action::NoOp, &[][..]), "{settled:?}");
    assert!(
        settled.notes.iter().any(|note| note.starts_with("2 attendees whom others added, or an apply")),
        "{settled:?}"
    );
    // Who is declared again and then no longer goes as ever: there is a record once more.
    let round = lab.apply(&Lab::read(&other.replace("miriam@", "adele@contoso.example, miriam@")));
    assert_eq!(round.wrong, Vec::<String>::new());
    let removed: Vec<_> = step(&lab, &other).mail.into_iter().flat_map(|mail| mail.to).collect();
    assert_eq!(removed, ["adele@contoso.example"]);
}

#[test]
fn nothing_is_taken_from_an_event_whose_mark_cannot_be_read() {
    let mut lab = applied();
    lab.lose_state();
    for (name, value) in [("-applied", "{\"v\":2,\"f\":{\"subj"), ("-state", "gibberish")] {
        let before = mark(&lab, name).unwrap();
        write(&lab, name, value);
        let gone = step(&lab, OTHER);
        assert_eq!(gone.action, Action::Blocked, "{name}: {gone:?}");
        assert!(gone.reason.as_ref().unwrap().contains("could not be read"), "{gone:?}");
        let exclusive = WEEKLY.replace(", lidia@contoso.example]", "]\n  attendeePolicy: exclusive");
        let fewer = step(&lab, &exclusive);
        assert_eq!(fewer.mail, [], "{name}: {fewer:?}");
        write(&lab, name, &before);
    }
}

#[test]
fn marks_of_the_first_draft_are_read_and_written_anew_with_the_next_change() {
    let mut lab = applied();
    let now: Value = serde_json::from_str(&mark(&lab, "-applied").unwrap()).unwrap();
    let without_members = |it: &Value| it.as_str().unwrap().split(' ').next().unwrap().to_owned();
    let fields: Value =
        now["f"].as_object().unwrap().iter().map(|(name, it)| (name.clone(), without_members(it))).collect();
    let first = json!({"f": fields, "a": now["a"], "p": true}).to_string();
    write(&lab, "-applied", &first);
    lab.lose_state();
    assert_eq!(step(&lab, WEEKLY).action, Action::NoOp);
    assert_eq!(step(&lab, OTHER).action, Action::Blocked);
    let changed = WEEKLY.replace(", lidia@contoso.example", "").replace("subject: Weekly", "subject: Monthly");
    let round = lab.apply(&Lab::read(&changed));
    assert_eq!(round.wrong, Vec::<String>::new());
    let removed = round.plan.steps[0].mail.iter().any(|mail| mail.to == ["lidia@contoso.example"]);
    assert!(removed, "{:?}", round.plan.steps[0].mail);
    let rewritten: Value = serde_json::from_str(&mark(&lab, "-applied").unwrap()).unwrap();
    assert_eq!(rewritten["v"], 2);
    assert!(rewritten["f"]["location"].as_str().unwrap().contains(" displayName address/city"), "{rewritten}");
}
