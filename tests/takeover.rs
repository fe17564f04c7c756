//! An apply that sleeps while another machine takes its lock over, and wakes up: at whatever request that is, it writes nothing
//! any more, and what both did together is what one would have done.

mod support;

use convoke::face::apply::{Fate, Outcome};
use convoke::face::plan::Action;
use convoke::face::reconcile::{Done, Project};
use std::collections::BTreeMap;
use support::ORGANIZER;
use support::lab::{DEPUTY, Lab, Mails, Overtaken};

const NOW: &str = "2031-01-01T00:00:00Z";

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
kind: OnlineMeeting
metadata: {name: second}
spec: {subject: Second, meetingOptions: {allowMeetingChat: disabled}}
";

fn begun(quirks: &str) -> (Lab, Project) {
    let mut lab = Lab::quirky(NOW, quirks, None);
    assert_eq!(lab.apply(&Lab::read(BEFORE)).wrong, Vec::<String>::new());
    (lab, Lab::read(AFTER))
}

/// What is there: the names of the events and how often each is there, and the subjects of the meetings.
fn there(lab: &Lab) -> (BTreeMap<String, usize>, Vec<String>) {
    let mut events = BTreeMap::new();
    for (name, _) in [ORGANIZER, DEPUTY].into_iter().flat_map(|organizer| lab.house.events(organizer)) {
        *events.entry(name).or_default() += 1;
    }
    let mut meetings: Vec<String> =
        lab.house.meetings().iter().map(|it| it["subject"].as_str().unwrap_or_default().to_owned()).collect();
    meetings.sort();
    (events, meetings)
}

/// What one apply leaves that nobody disturbs, and the mail of it.
fn undisturbed(quirks: &str) -> ((BTreeMap<String, usize>, Vec<String>), Mails) {
    let (mut lab, project) = begun(quirks);
    let round = lab.apply(&project);
    assert_eq!(round.wrong, Vec::<String>::new());
    let did: Vec<Action> = round.plan.steps.iter().map(|step| step.action).collect();
    for action in [Action::Create, Action::Update, Action::Replace, Action::Cancel, Action::NoOp] {
        assert!(did.contains(&action), "{action:?} is not in the plan");
    }
    (there(&lab), lab.mails(0))
}

/// Stops an apply at each of its requests; returns how often that was, and how much mail there was too much, all in all.
fn everywhere(quirks: &str) -> (usize, usize) {
    let (expect, mails) = undisturbed(quirks);
    let (mut stopped, mut extra) = (0, 0);
    for requests in 1.. {
        let (mut lab, project) = begun(quirks);
        let Overtaken { first, second, late } = lab.overtaken(&project, requests);
        let failed: Vec<_> = second.outcomes.iter().filter(|it| it.fate == Fate::Failed).collect();
        assert!(failed.is_empty() && second.unsaved.is_none(), "at {requests}: {failed:?}");
        if let Some(first) = &first {
            stopped += 1;
            let through = |it: &Outcome| !matches!(it.fate, Fate::Failed | Fate::Skipped);
            let settled = |done: &Done| done.unsaved.is_none() && done.outcomes.iter().all(through);
            assert!(!first.as_ref().is_ok_and(settled), "at {requests} it does not say that it was stopped");
            assert_eq!(late, 0, "at {requests} it went on to write");
        }
        let round = lab.apply(&project);
        assert_eq!(round.wrong, Vec::<String>::new(), "at {requests}");
        let left: Vec<_> = round.plan.steps.iter().filter(|step| step.action != Action::NoOp).collect();
        assert!(left.is_empty(), "at {requests}: {left:?}");
        assert_eq!(there(&lab), expect, "at {requests}");
        for (mail, times) in lab.mails(0) {
            let usual = mails.get(&mail).copied().unwrap_or_default();
            assert!(times >= usual, "at {requests} {mail:?} was not sent");
            extra += times - usual;
        }
        if first.is_none() {
            break;
        }
    }
    (stopped, extra)
}

#[test]
fn taken_over_at_any_request_nothing_is_made_or_mailed_twice_and_nothing_is_lost() {
    let (stopped, extra) = everywhere("");
    assert!(stopped >= 25, "only {stopped} applies were stopped");
    assert_eq!(extra, 0);
}

/// Where a stale If-Match is not refused, the lock alone stands between two that write.
#[test]
fn where_if_match_is_ignored_the_lock_alone_keeps_mail_from_being_sent_twice() {
    let (_, extra) = everywhere("if-match=no");
    assert_eq!(extra, 0);
}
