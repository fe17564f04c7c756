//! Names and rooms that pass from one to another: a rename that is cut short, or of which the state does not know, is found by the
//! next run, and what takes a place waits until it is free.

use crate::support::ORGANIZER;
use crate::support::lab::{Lab, STATE};
use convoke::face::plan::Action;

fn event(name: &str, lifecycle: &str, guests: &str) -> String {
    format!(
        "apiVersion: convoke.dev/v1
kind: Event
metadata: {{name: {name}}}
lifecycle: {{{lifecycle}}}
spec:
  subject: Weekly
  start: 2031-02-03T10:00
  duration: 45m
  isOnlineMeeting: true
  attendees: [{guests}]
---
"
    )
}

const ADELE: &str = "adele@contoso.example";
const BOTH: &str = "adele@contoso.example, lidia@contoso.example";

fn actions(lab: &Lab, text: &str) -> Vec<Action> {
    lab.plan(&Lab::read(text)).steps.iter().map(|step| step.action).collect()
}

#[test]
fn a_state_from_before_a_rename_finds_what_was_renamed() {
    let mut lab = Lab::new("2031-01-01T00:00:00Z");
    assert_eq!(lab.apply(&Lab::read(&event("weekly", "", ADELE))).wrong, Vec::<String>::new());
    std::fs::copy(lab.house.path(STATE), lab.house.path("old.json")).unwrap();
    let renamed = event("platform-weekly", "previously: weekly", ADELE);
    assert_eq!(lab.apply(&Lab::read(&renamed)).wrong, Vec::<String>::new());
    lab.with_state("old.json");
    assert_eq!(actions(&lab, &renamed), [Action::NoOp]);
    let taken = renamed.clone() + &event("weekly", "", ADELE).replace("02-03", "02-04");
    assert_eq!(actions(&lab, &taken), [Action::NoOp, Action::Create]);
    assert_eq!(lab.apply(&Lab::read(&taken)).wrong, Vec::<String>::new());
    assert_eq!(lab.house.events(ORGANIZER).len(), 2);
}

/// The attendees were written, the mark was not: the state holds the intent under the new name, the event still has the old one,
/// and another manifest is about to take that.
#[test]
fn a_rename_that_was_cut_short_goes_on() {
    let mut lab = Lab::new("2031-01-01T00:00:00Z");
    assert_eq!(lab.apply(&Lab::read(&event("weekly", "", ADELE))).wrong, Vec::<String>::new());
    let text =
        event("platform-weekly", "previously: weekly", BOTH) + &event("weekly", "", ADELE).replace("02-03", "02-04");
    let project = Lab::read(&text);
    let mut planned = lab.planned(&project);
    let rename = planned.plan.steps.iter_mut().find(|step| step.action == Action::Update).unwrap();
    assert_eq!(rename.requests.len(), 2);
    rename.requests.truncate(1);
    (rename.record, rename.forgets) = (rename.intent.clone(), None);
    planned.plan.steps.retain(|step| step.action == Action::Update);
    lab.send(&project, &planned);

    let mailed = lab.house.sandbox().mails().len();
    assert_eq!(actions(&lab, &text), [Action::Update, Action::Create]);
    assert_eq!(lab.apply(&project).wrong, Vec::<String>::new());
    let mails = lab.house.sandbox().mails();
    let again = mails[mailed..].iter().filter(|it| it.kind == "invitation" && it.to.contains("lidia"));
    assert_eq!(again.count(), 0, "nobody is invited twice");
    assert_eq!(lab.house.events(ORGANIZER).len(), 2);
}

#[test]
fn what_takes_a_room_waits_for_what_frees_it() {
    let mut lab = Lab::new("2031-01-01T00:00:00Z");
    let room = |name: &str, day: &str| {
        let text = event(name, "", "{address: room-baker@contoso.example, type: resource}");
        text.replace("Weekly", name).replace("02-03", day)
    };
    assert_eq!(lab.apply(&Lab::read(&(room("zz", "02-03") + &room("other", "02-10")))).wrong, Vec::<String>::new());
    let plan = lab.plan(&Lab::read(&(room("aa", "02-03") + &room("bb", "02-04"))));
    let waits = |name: &str| -> Vec<String> {
        let step = plan.steps.iter().find(|step| step.key.name() == name).unwrap();
        step.after.iter().map(|key| key.name().to_owned()).collect()
    };
    assert_eq!((waits("aa"), waits("bb"), waits("zz")), (vec!["zz".to_owned()], vec![], vec![]));
}
