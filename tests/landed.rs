//! What was sent stands as it landed, whoever looks: with the state, with an older one, with one of their own, or without any; and
//! after a lost answer.

use crate::support::ORGANIZER;
use crate::support::lab::{Lab, STATE};
use crate::support::story::live::live;
use convoke::face::plan::Step;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const NOW: &str = "2031-01-01T00:00:00Z";
const OTHER: &str = ".convoke/other.json";

fn event(more: &str) -> String {
    format!(
        "apiVersion: convoke.dev/v1\nkind: Event\nmetadata: {{name: weekly}}\nspec:\n  start: 2031-02-03T10:00\n  duration: 45m\n  {more}\n"
    )
}

/// Applies it and finds nothing wrong.
fn apply(lab: &mut Lab, more: &str) -> Vec<Step> {
    let round = lab.apply(&Lab::read(&event(more)));
    assert_eq!(round.wrong, Vec::<String>::new(), "{more}");
    round.plan.steps
}

/// Keeps the state as it is now under another name.
fn copy(lab: &mut Lab) {
    lab.with_state(STATE);
    std::fs::copy(lab.house.path(STATE), lab.house.path(OTHER)).unwrap();
}

fn causes(steps: &[Step]) -> BTreeMap<String, String> {
    let cause = |it: Value| it.as_str().unwrap().to_owned();
    let changes = steps.iter().flat_map(|step| &step.changes);
    changes.map(|it| (it.field.to_string(), cause(serde_json::to_value(it.cause).unwrap()))).collect()
}

fn cause(field: &str, cause: &str) -> BTreeMap<String, String> {
    [(field.to_owned(), cause.to_owned())].into()
}

#[test]
fn what_the_state_has_already_stands_in_no_step() {
    let mut lab = Lab::new(NOW);
    for (state, news) in [(STATE, true), (STATE, false), (OTHER, true), (OTHER, false)] {
        lab.with_state(state);
        let steps = apply(&mut lab, "subject: Weekly");
        assert_eq!(steps[0].record.is_some(), news, "{state}");
    }
}

/// A text that was changed is mailed once: who comes with a state from before it, or with none, finds it as it was sent.
#[test]
fn a_text_is_mailed_once_whoever_looks() {
    let text = |body: &str| {
        format!("subject: Weekly\n  attendees: [adele@contoso.example]\n  isOnlineMeeting: true\n  body: {body}")
    };
    let mut lab = Lab::new(NOW);
    apply(&mut lab, &text("Agenda"));
    copy(&mut lab);
    apply(&mut lab, &text("Another agenda"));
    let mailed = lab.house.sandbox().mails().len();
    for state in [OTHER, ".convoke/none.json", STATE] {
        lab.with_state(state);
        let steps = apply(&mut lab, &text("Another agenda"));
        assert_eq!((causes(&steps), lab.house.sandbox().mails().len()), (BTreeMap::new(), mailed), "{state}");
    }
}

/// Going online completes the text: that a write took whose answer was lost shows by its mark.
#[test]
fn an_event_that_goes_online_with_a_new_text_is_mailed_once_though_the_answer_is_lost() {
    let faults = "drop-after=100%,only=PATCH".parse().unwrap();
    let mut lab = Lab::quirky(NOW, "teams-place", Some(faults));
    let who = "subject: Weekly\n  attendees: [adele@contoso.example]\n  location: Room Baker";
    apply(&mut lab, &format!("{who}\n  body: Agenda"));
    apply(&mut lab, &format!("{who}\n  body: Another agenda\n  isOnlineMeeting: true"));
    let steps = apply(&mut lab, &format!("{who}\n  body: Another agenda\n  isOnlineMeeting: true"));
    assert_eq!(causes(&steps), BTreeMap::new());
}

/// Options that an apply never came to set did not drift, whoever looks; those that somebody changed did.
#[test]
fn options_that_were_never_set_did_not_drift() {
    let user = |lab: &Lab, allowed: bool| {
        let path = format!("/sandbox/users/{ORGANIZER}");
        lab.house.call("PATCH", &path, Some(&json!({"accessPolicy": allowed})));
    };
    let more = "subject: Weekly\n  isOnlineMeeting: true\n  meetingOptions: {allowMeetingChat: disabled}";
    let mut lab = Lab::new(NOW);
    lab.house.call("GET", &format!("/v1.0/users/{ORGANIZER}"), None);
    user(&lab, false);
    assert_eq!(lab.apply(&Lab::read(&event(more))).wrong.len(), 1, "its options are refused");
    user(&lab, true);
    for state in [STATE, OTHER] {
        lab.with_state(state);
        let plan = lab.plan(&Lab::read(&event(more)));
        assert_eq!(causes(&plan.steps), cause("meetingOptions.allowMeetingChat", "unknown"), "{state}");
    }
    lab.with_state(STATE);
    apply(&mut lab, more);
    let meeting = live(&lab.house, "behind/weekly");
    let id = convoke::face::route::encoded(meeting["id"].as_str().unwrap());
    let path = format!("/sandbox/users/{ORGANIZER}/onlineMeetings/{id}");
    lab.house.call("PATCH", &path, Some(&json!({"allowMeetingChat": "enabled"})));
    let plan = lab.plan(&Lab::read(&event(more)));
    assert_eq!(causes(&plan.steps), cause("meetingOptions.allowMeetingChat", "drift"));
}

/// A change of attendees alone carries no mark, so that only the state tells who was added; and what another state wrote since is
/// no reason to forget it.
#[test]
fn whoever_was_added_by_one_of_two_states_is_ours() {
    let with = |subject: &str, people: &str| format!("subject: {subject}\n  attendees: [{people}]");
    let mut lab = Lab::new(NOW);
    apply(&mut lab, &with("Weekly", "adele@contoso.example"));
    copy(&mut lab);
    apply(&mut lab, &with("Weekly", "adele@contoso.example, ben@contoso.example"));
    lab.with_state(OTHER);
    apply(&mut lab, &with("Monthly", "adele@contoso.example"));
    lab.with_state(STATE);
    let steps = apply(&mut lab, &with("Monthly", "adele@contoso.example"));
    assert_eq!(steps[0].mail.iter().map(|mail| mail.to.join(" ")).collect::<Vec<_>>(), ["ben@contoso.example"]);
    assert_eq!(steps[0].notes, Vec::<String>::new());
}
