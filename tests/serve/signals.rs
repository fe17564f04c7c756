//! Signals, kills and others who write the same state, by the real program.

use crate::serve::{house_of, settled};
use crate::support::serving::{Serving, ask};
use crate::support::{House, ORGANIZER, until};
use convoke::face::sandbox::Options;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::time::Duration;

/// So slow that a signal meets an apply.
fn slow(events: usize) -> House {
    house_of(Options { latency: Some(Duration::from_millis(20)), ..Options::default() }, events, "")
}

/// Calls for a round and does not wait for it.
fn call(serving: &Serving) -> std::thread::JoinHandle<(u16, String)> {
    let at = serving.at.clone();
    let head = "Content-Type: application/json\r\nContent-Length: 0\r\nConnection: close";
    std::thread::spawn(move || ask(&at, &format!("POST /reconcile HTTP/1.1\r\nHost: {at}\r\n{head}\r\n\r\n")))
}

fn holder(house: &House) -> Value {
    let text = fs::read(house.path(".convoke/state.json.holder")).unwrap();
    serde_json::from_slice::<Value>(&text).unwrap()["holder"].clone()
}

/// Everything is there once, everybody was invited once, and a plan finds nothing.
fn once(house: &House, events: usize, when: &str) {
    let plan = house.run(&["plan"]);
    assert!(plan.out.contains(&format!("nothing to do, {events} unchanged")), "{when}: {plan:?}");
    assert_eq!(house.events(ORGANIZER).len(), events, "{when}");
    let mut mails: BTreeMap<(String, &str), usize> = BTreeMap::new();
    for mail in house.sandbox().mails() {
        *mails.entry((mail.to.clone(), mail.kind)).or_default() += 1;
    }
    let invited = ("adele@contoso.example".to_owned(), "invitation");
    assert_eq!(mails, [(invited, events)].into(), "{when}");
}

#[test]
fn a_signal_in_the_midst_of_an_apply_finishes_what_is_in_flight_and_the_next_one_goes_on() {
    for (signal, writes) in [("-TERM", 0), ("-TERM", 1), ("-INT", 4)] {
        let house = slow(24);
        let serving = Serving::start(&house, &["--parallelism", "1"]);
        let called = call(&serving);
        until("seen", || house.sandbox().counts().requests > 0 && house.writes() >= writes);
        serving.signal(signal);
        let (code, told) = serving.ended();
        assert_eq!(code, Some(0), "{told}");
        assert!(told.ends_with("stopped"), "{told}");
        // Who waits for the round hears how it ended.
        let (status, answer) = called.join().unwrap();
        assert_eq!((status, answer.as_str()), (200, "{\"ended\":\"stopped\"}\n"), "{told}");
        assert_eq!(holder(&house), Value::Null, "{told}");
        let made = house.events(ORGANIZER).len();
        assert!(made < 24 && (writes == 0 || made > 0), "{made} of 24: {told}");
        let serving = settled(&house, &[]);
        assert_eq!(serving.reconcile(), "settled");
        serving.stop();
        once(&house, 24, signal);
    }
}

#[test]
fn killed_at_any_request_it_settles_once_it_is_started_again() {
    let mut killed = 0;
    for requests in 1..24 {
        let house = slow(3);
        let serving = Serving::start(&house, &["--parallelism", "1"]);
        let called = call(&serving);
        until("seen", || house.sandbox().counts().requests >= requests || called.is_finished());
        if !called.is_finished() {
            killed += 1;
        }
        serving.signal("-KILL");
        serving.ended();
        called.join().unwrap();
        let (serving, when) = (Serving::start(&house, &[]), format!("killed after {requests} requests"));
        let ended = serving.reconcile();
        assert!(ended == "applied" || ended == "settled", "{when}: {ended} {}", serving.log());
        assert_eq!(serving.reconcile(), "settled", "{when}: {}", serving.log());
        serving.stop();
        once(&house, 3, &when);
    }
    assert!(killed >= 8, "only {killed} were killed in the midst of a round");
}

#[test]
fn of_two_on_one_state_one_writes_and_the_other_tries_again() {
    let house = slow(24);
    let (first, second) =
        (Serving::start(&house, &["--parallelism", "1"]), Serving::start(&house, &["--lock-timeout", "0s"]));
    let third = Serving::start(&house, &[]);
    let called = call(&first);
    until("seen", || house.writes() > 0);
    first.signal("-STOP");
    let writes = house.writes();
    assert_eq!((second.reconcile(), second.reconcile()), ("busy".to_owned(), "busy".to_owned()));
    second.until_told("another apply is running");
    assert_eq!(second.log().matches("another apply is running").count(), 1, "{}", second.log());
    assert_eq!(second.get("/readyz").0, 200);
    // Who waits for the lock can be stopped.
    let waits = call(&third);
    third.until_told("waiting for it for 180 s");
    third.stop();
    assert_eq!(waits.join().unwrap().1, "{\"ended\":\"stopped\"}\n");
    // What was on its way may have arrived.
    assert!(house.writes() <= writes + 1, "{} after {writes}", house.writes());
    first.signal("-CONT");
    assert_eq!(called.join().unwrap().1, "{\"ended\":\"applied\"}\n");
    assert_eq!((second.reconcile(), first.reconcile()), ("settled".to_owned(), "settled".to_owned()));
    first.stop();
    second.stop();
    once(&house, 24, "after both");
}
