//! Two who work on one calendar at the same time: somebody edits an event between a plan and its apply, and two apply the same
//! manifests, each with a state of their own.

use crate::support::ORGANIZER;
use crate::support::lab::{Lab, READINGS, STATE, forecast};
use convoke::face::apply::Fate;
use convoke::face::reconcile::Done;
use convoke::face::report::report;
use convoke::face::route::encoded;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

const NOW: &str = "2031-01-01T00:00:00Z";

const EVENT: &str = "apiVersion: convoke.dev/v1
kind: Event
metadata: {name: weekly}
spec:
  subject: Weekly
  start: 2031-02-03T10:00
  duration: 45m
  isOnlineMeeting: true
  attendees: [adele@contoso.example]
";

/// As `EVENT`, with another subject, another time and one guest more.
const CHANGED: &str = "apiVersion: convoke.dev/v1
kind: Event
metadata: {name: weekly}
spec:
  subject: Monthly
  start: 2031-02-03T11:00
  duration: 45m
  isOnlineMeeting: true
  attendees: [adele@contoso.example, lidia@contoso.example]
";

/// A laboratory in which `EVENT` is applied.
fn applied() -> Lab {
    let mut lab = Lab::new("2031-01-01T00:00:00Z");
    let round = lab.apply(&Lab::read(EVENT));
    assert_eq!(round.wrong, Vec::<String>::new());
    lab
}

/// Changes the event as a person does in Outlook; returns it as it is then.
fn edit(lab: &Lab, with: &Value) -> Value {
    let before = lab.house.event("weekly");
    let path = format!("/v1.0/users/{ORGANIZER}/events/{}", encoded(before["id"].as_str().unwrap()));
    let (status, answer) = lab.house.call("PATCH", &path, Some(with));
    assert_eq!(status, 200, "{answer}");
    let after = lab.house.event("weekly");
    assert_ne!(before["@odata.etag"], after["@odata.etag"], "an edit moves the etag");
    after
}

/// The mail since the ledger held `from`, by sort and whom it went to.
fn mails(lab: &Lab, from: usize) -> BTreeMap<String, usize> {
    let mut sum = BTreeMap::new();
    for mail in &lab.house.sandbox().mails()[from..] {
        *sum.entry(format!("{} {}", mail.kind, mail.to.split('@').next().unwrap())).or_insert(0) += 1;
    }
    sum
}

fn mail<const N: usize>(expect: [(&str, usize); N]) -> BTreeMap<String, usize> {
    expect.map(|(what, number)| (what.to_owned(), number)).into()
}

fn fates(done: &Done) -> Vec<Fate> {
    done.outcomes.iter().map(|outcome| outcome.fate).collect()
}

#[test]
fn what_somebody_changed_since_the_plan_is_not_overwritten() {
    let guests = |names: &[&str]| -> Value {
        names.iter().map(|name| json!({"emailAddress": {"address": format!("{name}@contoso.example")}})).collect()
    };
    let at = |hour: &str| json!({"dateTime": format!("2031-02-03T{hour}:00"), "timeZone": "UTC"});
    for (now, with) in [
        (EVENT.replace("Weekly", "Monthly"), json!({"subject": "Theirs"})),
        (EVENT.replace("10:00", "11:00"), json!({"start": at("05:00"), "end": at("06:00")})),
        (EVENT.replace("[adele", "[lidia@contoso.example, adele"), json!({"attendees": guests(&["adele", "nestor"])})),
    ] {
        let lab = applied();
        let now = Lab::read(&now);
        let planned = lab.planned(&now);
        let theirs = edit(&lab, &with);
        let mailed = lab.house.sandbox().mails().len();
        let done = lab.send(&now, &planned);
        assert_eq!(fates(&done), [Fate::Failed], "{with}: {:?}", done.outcomes);
        let left = lab.house.event("weekly");
        assert_eq!(left["@odata.etag"], theirs["@odata.etag"], "{with}: it was written to");
        for name in with.as_object().unwrap().keys() {
            assert_eq!(left[name], theirs[name], "{name}");
        }
        assert_eq!(mails(&lab, mailed), mail([]), "{with}");
    }
}

/// The step fails as a whole; the apply that has seen what they did tells everybody once.
#[test]
fn nobody_is_mailed_twice_by_the_apply_after_one_that_failed() {
    let mut lab = applied();
    let now = Lab::read(CHANGED);
    let planned = lab.planned(&now);
    edit(&lab, &json!({"subject": "Theirs"}));
    let mailed = lab.house.sandbox().mails().len();
    assert_eq!(fates(&lab.send(&now, &planned)), [Fate::Failed]);
    let round = lab.apply(&now);
    assert_eq!(round.wrong, Vec::<String>::new());
    assert_eq!(mails(&lab, mailed), mail([("invitation lidia", 1), ("update adele", 1)]));
    assert_eq!(lab.house.event("weekly")["subject"], "Monthly");
}

/// So that the mailbox is looked at where nothing else of it is declared.
const BESIDE: &str = "apiVersion: convoke.dev/v1
kind: Event
metadata: {name: beside}
spec: {subject: Beside, start: 2031-03-03T10:00, duration: 45m}
";

/// Somebody writes something into an event that is about to be cancelled: it is not theirs to lose.
#[test]
fn what_somebody_changed_since_the_plan_is_not_cancelled() {
    // Where somebody only answers, the change key moves and nothing else.
    for with in [Some(json!({"subject": "Theirs"})), Some(json!({"location": {"displayName": "Baker"}})), None] {
        let mut lab = applied();
        assert_eq!(lab.apply(&Lab::read(&format!("{EVENT}---\n{BESIDE}"))).wrong, Vec::<String>::new());
        let now = Lab::read(BESIDE);
        let planned = lab.planned(&now);
        match &with {
            Some(with) => _ = edit(&lab, with),
            None => {
                let event = lab.house.event("weekly")["id"].clone();
                let answer = json!({"event": event, "attendee": "adele@contoso.example", "response": "accepted"});
                let (status, _) =
                    lab.house.call("POST", &format!("/sandbox/users/{ORGANIZER}/responses"), Some(&answer));
                assert!((200..300).contains(&status));
            }
        }
        let mailed = lab.house.sandbox().mails().len();
        let (fate, sent) = match with {
            Some(_) => (Fate::Failed, mail([])),
            None => (Fate::Applied, mail([("cancellation adele", 1)])),
        };
        assert_eq!(fates(&lab.send(&now, &planned)), [Fate::Nothing, fate], "{with:?}");
        assert_eq!(mails(&lab, mailed), sent, "{with:?}");
    }
}

/// A change key moves by itself and with all that the plan is not about.
#[test]
fn where_only_the_change_key_moved_the_plan_is_sent() {
    let lab = applied();
    let now = Lab::read(CHANGED);
    let planned = lab.planned(&now);
    edit(&lab, &json!({"categories": ["Theirs"]}));
    let mailed = lab.house.sandbox().mails().len();
    let done = lab.send(&now, &planned);
    assert_eq!(fates(&done), [Fate::Applied], "{:?}", done.outcomes);
    assert_eq!(mails(&lab, mailed), mail([("invitation lidia", 1), ("update adele", 1)]));
    let event = lab.house.event("weekly");
    assert_eq!((&event["subject"], &event["categories"]), (&json!("Monthly"), &json!(["Theirs"])));
}

const MEETING: &str = "apiVersion: convoke.dev/v1
kind: OnlineMeeting
metadata: {name: room}
spec: {subject: Room, start: 2031-02-02T10:00, end: 2031-02-02T11:00}
";

/// Two plan at the same moment and find nothing, then both apply, a minute apart by their clocks.
#[test]
fn two_who_apply_with_states_of_their_own_make_everything_once() {
    let mut lab = Lab::new("2031-01-01T00:00:00Z");
    let all = Lab::read(&format!("{EVENT}---\n{MEETING}"));
    let first = lab.planned(&all);
    lab.with_state(".convoke/other.json");
    lab.now = "2031-01-01T00:01:00Z".parse().unwrap();
    let second = lab.planned(&all);
    assert_eq!(fates(&lab.send(&all, &second)), [Fate::Applied; 2]);
    lab.with_state(STATE);
    let done = lab.send(&all, &first);

    // `createOrGet` gives both the same meeting, and the `transactionId` both the same event.
    assert_eq!(fates(&done), [Fate::Applied; 2], "{:?}", done.outcomes);
    assert_eq!(lab.house.meetings().iter().filter(|it| it["subject"] == "Room").count(), 1);
    assert_eq!(lab.house.events(ORGANIZER).len(), 1);
    assert_eq!(mails(&lab, 0), mail([("invitation adele", 1)]));
    // Both know it from now on.
    for state in [STATE, ".convoke/other.json"] {
        lab.with_state(state);
        assert_eq!(fates(&lab.send(&all, &lab.planned(&all))), [Fate::Nothing; 2], "{state}");
    }
}

const SERIES: &str = "apiVersion: convoke.dev/v1
kind: Event
metadata: {name: weekly}
spec:
  subject: Weekly
  start: 2031-02-04T10:00
  duration: 45m
  isOnlineMeeting: true
  attendees: [adele@contoso.example, lidia@contoso.example]
  recurrence: {pattern: {type: weekly, daysOfWeek: [tuesday]}, range: {type: numbered, numberOfOccurrences: 4}}
  exceptions: [{date: 2031-02-11, cancel: true}, {date: 2031-02-18, start: 2031-02-19T14:00}]
  meetingOptions: {allowMeetingChat: disabled}
";

#[test]
fn two_who_apply_at_once_mail_nobody_twice_whatever_a_transaction_id_is_worth() {
    for reading in READINGS {
        let mut lab = Lab::quirky(NOW, reading, None);
        let all = Lab::read(&format!("{}---\n{SERIES}", EVENT.replace("weekly", "single")));
        let first = lab.planned(&all);
        lab.with_state(".convoke/other.json");
        lab.now = "2031-01-01T00:01:00Z".parse().unwrap();
        let second = lab.planned(&all);
        assert_eq!(fates(&lab.send(&all, &second)), [Fate::Applied; 2], "{reading}");
        let mailed = mails(&lab, 0);
        lab.with_state(STATE);
        assert_eq!(fates(&lab.send(&all, &first)), [Fate::Applied; 2], "{reading}");
        assert_eq!(lab.house.events(ORGANIZER).len(), 2, "{reading}");
        assert_eq!(mails(&lab, 0), mailed, "{reading}");
        assert_eq!(fates(&lab.send(&all, &lab.planned(&all))), [Fate::Nothing; 2], "{reading}");
    }
}

/// Their requests come in any order. Who comes second may see a series whose exceptions are not there yet, and says so.
#[test]
fn two_whose_requests_cross_make_everything_once_and_mail_nobody_twice() {
    const OTHER: &str = ".convoke/other.json";
    for reading in READINGS {
        let mut lab = Lab::quirky(NOW, reading, None);
        lab.look_for = Duration::from_secs(5);
        let all = Lab::read(&format!("{}---\n{SERIES}---\n{MEETING}", EVENT.replace("weekly", "single")));
        let first = lab.planned(&all);
        lab.with_state(OTHER);
        lab.now = "2031-01-01T00:01:00Z".parse().unwrap();
        let second = lab.planned(&all);
        lab.with_state(STATE);
        let (one, other) = lab.send_both(&all, [&first, &second], OTHER);
        let failed = |done: &Done| done.outcomes.iter().any(|it| !matches!(it.fate, Fate::Applied | Fate::Unsettled));
        assert!(!failed(&one) && !failed(&other), "{reading}: {:?} {:?}", one.outcomes, other.outcomes);
        assert_eq!(lab.house.events(ORGANIZER).len(), 2, "{reading}");
        assert_eq!(lab.house.meetings().iter().filter(|it| it["subject"] == "Room").count(), 1, "{reading}");
        assert_eq!(lab.mails(0), forecast(&first.plan), "{reading}");
        for state in [STATE, OTHER] {
            lab.with_state(state);
            assert_eq!(fates(&lab.send(&all, &lab.planned(&all))), [Fate::Nothing; 3], "{reading} {state}");
        }
    }
}

/// Neither the state nor the event is there any more; only Graph may still know the `transactionId`.
#[test]
fn what_was_deleted_is_made_again_once_whatever_a_transaction_id_is_worth() {
    for reading in READINGS {
        let mut lab = Lab::quirky(NOW, reading, None);
        let all = Lab::read(EVENT);
        assert_eq!(fates(&lab.send(&all, &lab.planned(&all))), [Fate::Applied], "{reading}");
        let id = lab.house.event("weekly")["id"].as_str().unwrap().to_owned();
        lab.house.call("DELETE", &format!("/v1.0/users/{ORGANIZER}/events/{}", encoded(&id)), None);
        lab.lose_state();
        let mailed = lab.house.sandbox().mails().len();
        lab.now = "2031-01-01T00:01:00Z".parse().unwrap();
        let done = lab.send(&all, &lab.planned(&all));
        // Where Graph does not say what has the `transactionId`, somebody else may have made the event a moment ago.
        if reading.contains("existing-id=no") {
            assert_eq!(fates(&done), [Fate::Failed], "{reading}");
            assert!(
                done.outcomes[0].note.as_ref().unwrap().hint.as_ref().unwrap().contains("apply again"),
                "{reading}"
            );
            assert_eq!(fates(&lab.send(&all, &lab.planned(&all))), [Fate::Applied], "{reading}");
        } else {
            assert_eq!(fates(&done), [Fate::Applied], "{reading}: {:?}", done.outcomes);
        }
        assert_eq!(lab.house.events(ORGANIZER).len(), 1, "{reading}");
        assert_eq!(mails(&lab, mailed), mail([("invitation adele", 1)]), "{reading}");
    }
}

/// What we removed ourselves is known to be gone: the next one of its key has another `transactionId` from the start.
#[test]
fn what_was_cancelled_and_is_wanted_again_is_made_by_one_request_whatever_a_transaction_id_is_worth() {
    for reading in READINGS {
        let mut lab = Lab::quirky(NOW, reading, None);
        let (all, other) = (Lab::read(EVENT), Lab::read(MEETING));
        for round in [&all, &other] {
            assert_eq!(lab.apply(round).wrong, Vec::<String>::new(), "{reading}");
        }
        let posts = |lab: &Lab| lab.house.sandbox().counts().writes.iter().find(|it| it.0 == "POST").map(|it| *it.1);
        let before = posts(&lab);
        assert_eq!(lab.apply(&all).wrong, Vec::<String>::new(), "{reading}");
        // One event is made, and guests are invited by a PATCH; the meeting is deleted.
        assert_eq!(posts(&lab), before.map(|before| before + 1), "{reading}");
    }
}

/// A saved plan is sent once more, and Graph answers its create with an event that somebody deleted since.
#[test]
fn an_event_that_an_answer_only_repeats_is_not_believed_to_be_there() {
    let lab = Lab::quirky(NOW, "transaction-after-delete=repeated", None);
    let all = Lab::read(EVENT);
    let planned = lab.planned(&all);
    assert_eq!(fates(&lab.send(&all, &planned)), [Fate::Applied]);
    let id = lab.house.event("weekly")["id"].as_str().unwrap().to_owned();
    lab.house.call("DELETE", &format!("/v1.0/users/{ORGANIZER}/events/{}", encoded(&id)), None);
    let (status, _) = lab.house.call("POST", "/sandbox/clock", Some(&json!({"now": "2031-01-01T00:05:00Z"})));
    assert_eq!(status, 200);
    assert_eq!(fates(&lab.send(&all, &planned)), [Fate::Applied]);
    assert_eq!(lab.house.events(ORGANIZER).len(), 1);
    assert_eq!(fates(&lab.send(&all, &lab.planned(&all))), [Fate::Nothing]);
}

/// A series whose exceptions go with its times and come back after them; one whose date is changed alone; and a guest together
/// with what only the organizer sees, which are two requests: each mails once.
#[test]
fn two_who_change_a_series_alike_mail_it_once() {
    for (from, to) in [
        ("T10:00", "T11:00"),
        ("2031-02-19T14:00}", "2031-02-19T14:00}, {date: 2031-02-25, start: 2031-02-26T15:00}"),
        ("lidia@contoso.example]", "lidia@contoso.example, miriam@contoso.example]\n  showAs: free"),
    ] {
        let mut lab = Lab::new(NOW);
        assert_eq!(lab.apply(&Lab::read(SERIES)).wrong, Vec::<String>::new());
        std::fs::copy(lab.house.path(STATE), lab.house.path(".convoke/other.json")).unwrap();
        let now = Lab::read(&SERIES.replace(from, to));
        let first = lab.planned(&now);
        lab.with_state(".convoke/other.json");
        let second = lab.planned(&now);
        let mailed = lab.house.sandbox().mails().len();
        assert_eq!(fates(&lab.send(&now, &second)), [Fate::Applied], "{to}");
        let sent = lab.mails(mailed);
        assert_eq!(sent, forecast(&second.plan), "{to}");
        lab.with_state(STATE);
        let done = lab.send(&now, &first);
        assert_eq!(fates(&done), [Fate::Applied], "{to}: {:?}", done.outcomes);
        assert_eq!(lab.mails(mailed), sent, "{to}");
    }
}

/// The same change from both: who comes second finds it made, and nobody hears of it again.
#[test]
fn two_who_apply_one_change_mail_it_once() {
    let mut lab = applied();
    std::fs::copy(lab.house.path(STATE), lab.house.path(".convoke/other.json")).unwrap();
    let now = Lab::read(CHANGED);
    let first = lab.planned(&now);
    lab.with_state(".convoke/other.json");
    let second = lab.planned(&now);
    let mailed = lab.house.sandbox().mails().len();
    assert_eq!(fates(&lab.send(&now, &second)), [Fate::Applied]);
    lab.with_state(STATE);
    assert_eq!(fates(&lab.send(&now, &first)), [Fate::Applied]);
    assert_eq!(mails(&lab, mailed), mail([("invitation lidia", 1), ("update adele", 1)]));
}

#[test]
fn a_report_tells_the_mail_that_was_sent_and_not_what_was_planned() {
    let lab = applied();
    let project = Lab::read(CHANGED);
    let planned = lab.planned(&project);
    let total = |done: Option<&Done>| {
        let outcomes = done.map(|done| &done.outcomes[..]);
        report(&planned.plan, outcomes, vec![]).summary.mails.total
    };
    assert!(total(None) > 0);
    edit(&lab, &json!({"subject": "Somebody's"}));
    let from = lab.house.sandbox().mails().len();
    let done = lab.send(&project, &planned);
    assert_eq!((done.outcomes[0].fate, mails(&lab, from).len()), (Fate::Failed, 0));
    assert_eq!(total(Some(&done)), 0);
    // Planned anew it goes through, and tells all of it.
    let again = lab.planned(&project);
    let done = lab.send(&project, &again);
    let whole = report(&again.plan, Some(&done.outcomes), vec![]);
    // Who has just read the plan is told what became of it, and not the plan again.
    let rest = whole.clone().without_plan();
    assert!(!whole.steps[0].changes.is_empty() && rest.steps[0].changes.is_empty() && rest.steps[0].mail.is_empty());
    assert_eq!((rest.steps[0].outcome, &rest.closing), (Some("applied"), &whole.closing));
    let told = whole.summary.mails.total;
    assert_eq!((done.outcomes[0].fate, told), (Fate::Applied, mails(&lab, from).values().sum()));
}
