//! Limits over a sliding window: what all who write a state have sent counts, from before it is sent, and what does not fit is refused
//! with the moment from which on it would.

use crate::support::ORGANIZER;
use crate::support::lab::{Lab, STATE};
use convoke::face::kind::workspace::Limits;
use convoke::face::route::encoded;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeSet;

/// An event to which so many are invited, two of them from elsewhere.
fn event(name: &str, guests: usize) -> String {
    let domain = |number: usize| if number < 2 { "fabrikam" } else { "contoso" };
    let guests: Vec<String> = (0..guests).map(|number| format!("{name}{number}@{}.example", domain(number))).collect();
    format!(
        "apiVersion: convoke.dev/v1\nkind: Event\nmetadata: {{name: {name}}}\nspec: {{subject: {name}, start: 2031-02-03T10:00, \
         duration: 45m, attendees: [{}]}}\n---\n",
        guests.join(", ")
    )
}

fn lab(limits: impl FnOnce(&mut Limits)) -> Lab {
    let mut lab = Lab::new("2031-01-01T00:00:00Z");
    lab.limits.per = Some("24h".parse().unwrap());
    limits(&mut lab.limits);
    lab
}

fn later(lab: &mut Lab, minutes: i64) -> Timestamp {
    lab.now = lab.now.checked_add(SignedDuration::from_mins(minutes)).unwrap();
    lab.now
}

fn refusals(lab: &Lab, manifests: &str) -> Vec<String> {
    lab.planned(&Lab::read(manifests)).refusals.into_iter().map(|why| why.what).collect()
}

fn apply(lab: &mut Lab, manifests: &str) {
    assert_eq!(refusals(lab, manifests), Vec::<String>::new());
    let round = lab.apply(&Lab::read(manifests));
    assert_eq!(round.wrong, Vec::<String>::new());
}

#[test]
fn a_plan_that_does_not_fit_says_when_it_will_and_fits_then() {
    let mut lab = lab(|limits| limits.mails = Some(10));
    let first = event("a", 4);
    apply(&mut lab, &first);
    later(&mut lab, 119);
    let second = first.clone() + &event("b", 5);
    apply(&mut lab, &second);
    later(&mut lab, 119);
    let third = second.clone() + &event("c", 3);
    let refused = "this would send 3 mails, after 9 in the last 24h; the limit is 10 in 24h: it fits from 2031-01-02 00:01 (UTC) on \
                   (--max-mails 12 allows it now)";
    assert_eq!(refusals(&lab, &third), [refused]);
    // Nothing but mail is limited: what mails nobody goes on.
    assert_eq!(refusals(&lab, &second), Vec::<String>::new());
    let whole = second.clone() + &event("c", 6);
    let refused = "this would send 6 mails, after 9 in the last 24h; the limit is 10 in 24h: it fits from 2031-01-02 02:01 (UTC) on \
                   (--max-mails 15 allows it now)";
    assert_eq!(refusals(&lab, &whole), [refused]);
    let never = second + &event("c", 11);
    let refused = "this would send 11 mails, after 9 in the last 24h; the limit is 10 in 24h, and it never fits as a whole \
                   (--max-mails 20 allows it now)";
    assert_eq!(refusals(&lab, &never), [refused]);
    lab.now = "2031-01-02T00:00:59Z".parse().unwrap();
    assert_eq!(refusals(&lab, &third).len(), 1);
    lab.now = "2031-01-02T00:01:00Z".parse().unwrap();
    apply(&mut lab, &third);
}

/// A thousand small applies are as much as a large one, though the list of applies is shorter than that.
#[test]
fn what_falls_out_of_the_list_of_applies_still_counts() {
    let mut lab = lab(|limits| limits.mails = Some(59));
    // Somebody comes, and goes again.
    let manifests = |number: usize| event("a", 3 + number % 2);
    for number in 0..57 {
        apply(&mut lab, &manifests(number));
    }
    let refused = refusals(&lab, &manifests(57)).concat();
    assert!(refused.starts_with("this would send 1 mail, after 59 in the last 24h"), "{refused}");
}

#[test]
fn a_second_writer_of_the_state_takes_from_the_same_window() {
    let mut lab = lab(|limits| limits.outside = Some(3));
    apply(&mut lab, &event("a", 2));
    lab.with_state(STATE);
    let both = event("a", 2) + &event("b", 3);
    let refused = "this would mail 2 people beyond the organizer's domain, after 2 in the last 24h; the limit is 3 in 24h: it fits \
                   from 2031-01-02 00:01 (UTC) on (--max-outside 4 allows it now)";
    assert_eq!(refusals(&lab, &both), [refused]);
    // Somebody who was mailed already is nobody new.
    assert_eq!(refusals(&lab, &event("a", 2).replace("10:00", "11:00")), Vec::<String>::new());
    // Whoever has a state of their own has a window of their own.
    lab.with_state("elsewhere.json");
    assert_eq!(refusals(&lab, &both), Vec::<String>::new());
}

#[test]
fn an_apply_that_is_killed_counts_as_what_it_had_planned_and_one_that_ends_as_what_it_sent() {
    let manifests = event("a", 4) + &event("b", 5);
    let more = event("c", 2);
    let counted = |lab: &Lab| {
        let refused = refusals(lab, &(event("a", 4) + &event("b", 5) + &more)).concat();
        let (_, number) = refused.split_once("after ").expect("it is refused");
        number.split_once(' ').unwrap().0.parse::<usize>().unwrap()
    };
    let mut killed = BTreeSet::new();
    for requests in 0..9 {
        let mut lab = lab(|limits| limits.mails = Some(10));
        if !lab.kill(&Lab::read(&manifests), requests) {
            continue;
        }
        let sent = lab.house.sandbox().mails().len();
        killed.insert(sent);
        let window = lab.limits.clone();
        // The limit of what is left to do is another question.
        lab.limits.mails = Some(0);
        assert_eq!(counted(&lab), 9, "killed after {requests} requests, {sent} mails");
        lab.limits.mails = None;
        let round = lab.apply(&Lab::read(&manifests));
        assert_eq!(round.wrong, Vec::<String>::new(), "killed after {requests} requests");
        lab.limits = window;
        // What it had not sent any more was sent by the one after it.
        assert_eq!(counted(&lab), 9 + 9 - sent, "killed after {requests} requests");
    }
    assert!(!killed.is_empty(), "none was killed");
    let mut lab = lab(|limits| limits.mails = Some(10));
    apply(&mut lab, &manifests);
    assert_eq!(counted(&lab), 9);
}

#[test]
fn a_share_of_removals_is_of_what_is_left() {
    let mut lab = lab(|limits| limits.removals = "25%".parse().unwrap());
    let events = |from: usize| (from..20).map(|number| event(&format!("e{number}"), 0)).collect::<String>();
    apply(&mut lab, &events(0));
    apply(&mut lab, &events(3));
    later(&mut lab, 60);
    apply(&mut lab, &events(4));
    let refused = "this would remove 1 of 16 managed resources, after 4 in the last 24h; the limit is 25% in 24h: it fits from \
                   2031-01-02 00:02 (UTC) on (--max-removals 5 allows it now)";
    assert_eq!(refusals(&lab, &events(5)), [refused]);
    let refused = "this would remove 5 of 16 managed resources, after 4 in the last 24h; the limit is 25% in 24h, and it never fits \
                   as a whole (--max-removals 9 allows it now)";
    assert_eq!(refusals(&lab, &events(9)), [refused]);
}

/// Somebody renames the event in Outlook, again and again.
fn rename(lab: &Lab) {
    let id = encoded(lab.house.event("a")["id"].as_str().unwrap());
    let path = format!("/sandbox/users/{ORGANIZER}/events/{id}");
    let (status, answer) = lab.house.call("PATCH", &path, Some(&serde_json::json!({"subject": "Theirs"})));
    assert!((200..300).contains(&status), "{answer}");
}

/// What a plan says of the only resource: the notes, and whether something is sent.
fn told(lab: &Lab, manifests: &str) -> (String, bool) {
    let plan = lab.plan(&Lab::read(manifests));
    (plan.steps[0].notes.join("; "), !plan.steps[0].requests.is_empty())
}

const LEFT: &str = "put back 2 times in the last 24h, and `limits.reverts` is 2: it is left so until 2031-01-02 00:02 (UTC), or until \
                    its manifest changes";

#[test]
fn drift_is_put_back_as_often_as_the_window_allows_and_again_once_it_opens() {
    let mut lab = lab(|limits| limits.reverts = Some(2));
    let manifests = event("a", 3);
    apply(&mut lab, &manifests);
    for _ in 0..2 {
        rename(&lab);
        apply(&mut lab, &manifests);
        assert_eq!(lab.house.event("a")["subject"], "a");
    }
    rename(&lab);
    let mailed = lab.house.sandbox().mails().len();
    assert_eq!(told(&lab, &manifests), (LEFT.to_owned(), false));
    apply(&mut lab, &manifests);
    assert_eq!(lab.house.event("a")["subject"], "Theirs");
    assert_eq!(lab.house.sandbox().mails().len(), mailed);
    // What the author changes is sent, and nothing else with it: that puts nothing back.
    let moved = manifests.replace("10:00", "11:00");
    assert_eq!(told(&lab, &moved), (LEFT.to_owned(), true));
    apply(&mut lab, &moved);
    assert_eq!(lab.house.event("a")["subject"], "Theirs");
    lab.now = "2031-01-02T00:01:59Z".parse().unwrap();
    assert!(!told(&lab, &moved).1);
    lab.now = "2031-01-02T00:02:00Z".parse().unwrap();
    apply(&mut lab, &moved);
    assert_eq!(lab.house.event("a")["subject"], "a");
}

#[test]
fn what_is_made_again_counts_as_put_back() {
    let mut lab = lab(|limits| limits.reverts = Some(2));
    let manifests = event("a", 1);
    let delete = |lab: &Lab| {
        let id = encoded(lab.house.event("a")["id"].as_str().unwrap());
        lab.house.call("DELETE", &format!("/sandbox/users/{ORGANIZER}/events/{id}"), None);
    };
    apply(&mut lab, &manifests);
    for _ in 0..2 {
        delete(&lab);
        apply(&mut lab, &manifests);
    }
    delete(&lab);
    apply(&mut lab, &manifests);
    assert!(lab.house.events(ORGANIZER).is_empty());
    let gone = format!("it was applied before, and somebody deleted it; {LEFT}; --recreate Event/a makes it again");
    assert_eq!(told(&lab, &manifests), (gone, false));
    // Its manifest changes, and it is there again; one who forgets it has no drift.
    apply(&mut lab, &manifests.replace("10:00", "11:00"));
    assert_eq!(lab.house.events(ORGANIZER).len(), 1);
}

#[test]
fn drift_that_a_killed_apply_may_have_put_back_counts() {
    let manifests = event("a", 3);
    let killed = (0..20).any(|_| {
        let mut lab = lab(|limits| limits.reverts = Some(1));
        apply(&mut lab, &manifests);
        rename(&lab);
        // It is through before it is killed where the twin is faster than that.
        let killed = lab.kill(&Lab::read(&manifests), 0);
        rename(&lab);
        assert!(!told(&lab, &manifests).1);
        killed
    });
    assert!(killed, "none was killed");
}

/// Another name does not give an event away to whoever changes it again and again.
#[test]
fn what_was_put_back_is_counted_under_another_name() {
    let mut lab = lab(|limits| limits.reverts = Some(2));
    apply(&mut lab, &event("a", 3));
    for _ in 0..2 {
        rename(&lab);
        apply(&mut lab, &event("a", 3));
    }
    rename(&lab);
    // Its subject stays as it was declared.
    let renamed = event("a", 3).replace("{name: a}\n", "{name: b}\nlifecycle: {previously: a}\n");
    let left = |(notes, _): (String, bool)| assert!(notes.contains(LEFT), "{notes}");
    left(told(&lab, &renamed));
    apply(&mut lab, &renamed);
    left(told(&lab, &renamed));
    // And the same where a person moved it in the state.
    lab.state().rename(&"Event/b".parse().unwrap(), &"Event/c".parse().unwrap());
    lab.house.wait(lab.state().save()).unwrap();
    left(told(
        &lab,
        &renamed.replace("{name: b}\nlifecycle: {previously: a}", "{name: c}\nlifecycle: {previously: [b, a]}"),
    ));
}
