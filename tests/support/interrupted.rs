//! A plan that holds whatever a plan can, whose apply is stopped at each of its requests.

use super::ORGANIZER;
use super::lab::{DEPUTY, Lab, Mails, Overtaken};
use convoke::face::apply::{Fate, Outcome};
use convoke::face::plan::Action;
use convoke::face::reconcile::{Done, Project};
use serde_json::json;
use std::collections::BTreeMap;

/// When it all begins.
pub const NOW: &str = "2031-01-01T00:00:00Z";

/// What stands before: to be changed, cancelled, replaced and left alone.
const BEFORE: &str = "apiVersion: convoke.dev/v1
kind: Event
metadata: {name: changed}
spec: {subject: Changed, start: 2031-02-02T10:00, duration: 45m, attendees: [adele@contoso.example], isOnlineMeeting: true}
---
apiVersion: convoke.dev/v1
kind: Event
metadata: {name: cancelled}
spec: {subject: Cancelled, start: 2031-02-03T10:00, duration: 45m, attendees: [adele@contoso.example]}
---
apiVersion: convoke.dev/v1
kind: Event
metadata: {name: moved}
spec: {subject: Moved, start: 2031-02-04T10:00, duration: 45m, attendees: [adele@contoso.example]}
---
apiVersion: convoke.dev/v1
kind: Event
metadata: {name: alone}
spec: {subject: Alone, start: 2031-02-05T10:00, duration: 45m, attendees: [adele@contoso.example]}
---
apiVersion: convoke.dev/v1
kind: OnlineMeeting
metadata: {name: room}
spec: {subject: Room, start: 2031-02-02T10:00, end: 2031-02-02T11:00}
---
apiVersion: convoke.dev/v1
kind: OnlineMeeting
metadata: {name: gone}
spec: {subject: Gone, start: 2031-02-02T10:00, end: 2031-02-02T11:00}
";

const AFTER: &str = "apiVersion: convoke.dev/v1
kind: Event
metadata: {name: changed}
spec:
  subject: Changed twice
  start: 2031-02-02T10:00
  duration: 45m
  attendees: [adele@contoso.example, diego@contoso.example]
  isOnlineMeeting: true
  meetingOptions: {allowMeetingChat: disabled}
---
apiVersion: convoke.dev/v1
kind: Event
metadata: {name: moved}
lifecycle: {onImmutable: replace}
spec: {organizer: megan@contoso.example, subject: Moved, start: 2031-02-04T10:00, duration: 45m, attendees: [adele@contoso.example]}
---
apiVersion: convoke.dev/v1
kind: Event
metadata: {name: alone}
spec: {subject: Alone, start: 2031-02-05T10:00, duration: 45m, attendees: [adele@contoso.example]}
---
apiVersion: convoke.dev/v1
kind: Event
metadata: {name: new}
spec:
  subject: New
  start: 2031-02-06T10:00
  duration: 45m
  attendees: [adele@contoso.example]
  body: Agenda
  isOnlineMeeting: true
  meetingOptions: {allowMeetingChat: disabled}
---
apiVersion: convoke.dev/v1
kind: Event
metadata: {name: series}
spec:
  subject: Series
  start: 2031-02-04T14:00
  duration: 45m
  attendees: [adele@contoso.example]
  recurrence: {pattern: {type: weekly, daysOfWeek: [tuesday]}, range: {type: numbered, numberOfOccurrences: 4}}
  exceptions: [{date: 2031-02-11, cancel: true}, {date: 2031-02-18, start: 2031-02-19T14:00}]
---
apiVersion: convoke.dev/v1
kind: OnlineMeeting
metadata: {name: room}
spec: {subject: Room twice, start: 2031-02-02T10:00, end: 2031-02-02T11:00}
---
apiVersion: convoke.dev/v1
kind: Event
metadata: {name: adopted}
lifecycle: {adopt: {id: \"{adopted}\"}}
spec: {subject: Theirs, start: 2031-02-07T10:00, duration: 45m, attendees: [adele@contoso.example]}
---
apiVersion: convoke.dev/v1
kind: Event
metadata: {name: adopted-and-changed}
lifecycle: {adopt: {id: \"{changed}\"}}
spec: {subject: Ours, start: 2031-02-07T10:00, duration: 45m, attendees: [adele@contoso.example]}
---
apiVersion: convoke.dev/v1
kind: OnlineMeeting
metadata: {name: second}
spec: {subject: Second, meetingOptions: {allowMeetingChat: disabled}}
";

/// Makes a tenant for each try, all alike.
pub type Labs<'a> = &'a dyn Fn() -> Lab;

fn begun(labs: Labs) -> (Lab, Project) {
    let mut lab = labs();
    assert_eq!(lab.apply(&Lab::read(BEFORE)).wrong, Vec::<String>::new());
    let [adopted, changed] = [theirs(&lab), theirs(&lab)];
    let project = Lab::read(&AFTER.replace("{adopted}", &adopted).replace("{changed}", &changed));
    (lab, project)
}

/// Makes an event as a person does in Outlook, and returns its id.
fn theirs(lab: &Lab) -> String {
    let at = |time: &str| json!({"dateTime": format!("2031-02-07T{time}"), "timeZone": "Europe/Berlin"});
    let guests = json!([{"emailAddress": {"address": "adele@contoso.example"}, "type": "required"}]);
    let event = json!({"subject": "Theirs", "start": at("10:00:00"), "end": at("10:45:00"), "attendees": guests});
    let (status, event) = lab.house.call("POST", &format!("/v1.0/users/{ORGANIZER}/events"), Some(&event));
    assert_eq!(status, 201, "{event}");
    event["id"].as_str().unwrap().to_owned()
}

/// What is there: the names of the events and how often each is there, the subjects of the meetings, and how many events of the
/// organizer have no mark of ours.
type There = (BTreeMap<String, usize>, Vec<String>, usize);

fn there(lab: &Lab) -> There {
    let mut events = BTreeMap::new();
    for (name, _) in [ORGANIZER, DEPUTY].into_iter().flat_map(|organizer| lab.house.events(organizer)) {
        *events.entry(name).or_default() += 1;
    }
    let mut meetings: Vec<String> =
        lab.house.meetings().iter().map(|it| it["subject"].as_str().unwrap_or_default().to_owned()).collect();
    meetings.sort();
    let path = format!("/v1.0/users/{ORGANIZER}/events?$top=500&$select=id");
    let all = lab.house.call("GET", &path, None).1["value"].as_array().unwrap().len();
    let unmarked = all - lab.house.events(ORGANIZER).len();
    (events, meetings, unmarked)
}

/// What one apply leaves that nobody disturbs, and the mail of it.
fn undisturbed(labs: Labs) -> (There, Mails) {
    let (mut lab, project) = begun(labs);
    let round = lab.apply(&project);
    assert_eq!(round.wrong, Vec::<String>::new());
    let did: Vec<Action> = round.plan.steps.iter().map(|step| step.action).collect();
    for action in [Action::Create, Action::Adopt, Action::Update, Action::Replace, Action::Cancel, Action::NoOp] {
        assert!(did.contains(&action), "{action:?} is not in the plan");
    }
    (there(&lab), lab.mails(0))
}

/// Stops an apply at each of its requests while another machine takes its lock over; returns how often that was, and how much mail
/// there was too much, all in all.
pub fn taken_over_everywhere(labs: Labs) -> (usize, usize) {
    let (expect, mails) = undisturbed(labs);
    let (mut stopped, mut extra) = (0, 0);
    for requests in 1.. {
        let (mut lab, project) = begun(labs);
        let Overtaken { first, second, late } = lab.overtaken(&project, requests);
        let failed: Vec<_> = second.outcomes.iter().filter(|it| it.fate == Fate::Failed).collect();
        assert!(failed.is_empty() && second.unsaved.is_none(), "at {requests}: {failed:?}");
        if let Some(first) = &first {
            stopped += 1;
            let through = |it: &Outcome| !matches!(it.fate, Fate::Failed | Fate::Skipped);
            let settled = |done: &Done| done.unsaved.is_none() && done.outcomes.iter().all(through);
            // What was done and remembered in time needs nothing of the other machine.
            let idle = second.outcomes.iter().all(|it| it.fate == Fate::Nothing);
            assert!(idle || !first.as_ref().is_ok_and(settled), "at {requests} it does not say that it was stopped");
            assert_eq!(late, 0, "at {requests} it went on to write");
        }
        settle(&mut lab, &project, &format!("at {requests}"));
        assert_eq!(there(&lab), expect, "at {requests}");
        extra += too_much(&lab, &mails, &format!("at {requests}"));
        if first.is_none() {
            break;
        }
    }
    (stopped, extra)
}

/// What is left of the state of an apply that was killed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Left {
    Kept,
    Lost,
    /// The one from before that apply.
    Older,
}

/// Kills an apply at each of its requests; returns how often that was. Then nothing is lost, made twice or mailed twice.
pub fn killed_everywhere(labs: Labs, left: Left) -> usize {
    let (expect, mails) = undisturbed(labs);
    for requests in 1.. {
        let (mut lab, project) = begun(labs);
        let older = lab.copy_of_state().expect("something was applied");
        let killed = lab.kill(&project, requests);
        match left {
            Left::Kept => {}
            Left::Lost => lab.lose_state(),
            Left::Older => lab.restore_state(&older),
        }
        let when = format!("{left:?}, killed at {requests}");
        // By an older state an event is replaced anew whose replacement was made: the apply that finds it stops there, and says that
        // the replaced one is left.
        if left == Left::Older {
            lab.apply(&project);
        }
        settle(&mut lab, &project, &when);
        let (events, mut meetings, unmarked) = there(&lab);
        // No list of Graph's has a meeting that is in no manifest: who forgets it leaves it there, as the plan says.
        meetings.retain(|it| left != Left::Lost || it != "Gone");
        assert_eq!((events, meetings, unmarked), expect, "{when}");
        assert_eq!(too_much(&lab, &mails, &when), 0, "{when}");
        if !killed {
            return requests as usize - 1;
        }
    }
    unreachable!("an apply ends")
}

fn settle(lab: &mut Lab, project: &Project, when: &str) {
    assert_eq!(lab.apply(project).wrong, Vec::<String>::new(), "{when}");
    let plan = lab.plan(project);
    let left: Vec<_> = plan.steps.iter().filter(|step| step.action != Action::NoOp).collect();
    assert!(left.is_empty(), "{when}: {left:?}");
}

/// How many mails there were that one apply does not send; each that it sends was sent.
fn too_much(lab: &Lab, usual: &Mails, when: &str) -> usize {
    let sent = lab.mails(0);
    let times = |mails: &Mails, mail| mails.get(mail).copied().unwrap_or_default();
    usual.iter().for_each(|(mail, often)| assert!(times(&sent, mail) >= *often, "{when}: {mail:?} was not sent"));
    sent.iter().map(|(mail, often)| often - times(usual, mail)).sum()
}
