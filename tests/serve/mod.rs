//! `convoke serve`: rounds under a clock that a test moves, and the real program with its signals, its approvals and its answers.

#![cfg(unix)]

mod approval;
mod drift;
mod http;
mod page;
mod rounds;
mod signals;

use crate::support::serving::Serving;
use crate::support::{House, ORGANIZER};
use convoke::face::route::encoded;
use convoke::face::sandbox::Options;
use serde_json::Value;
use std::fs;

fn workspace(spec: &str) -> String {
    format!(
        "apiVersion: convoke.dev/v1\nkind: Workspace\nmetadata: {{name: contoso}}\nspec:\n  prune: cancel\n  defaults: {{organizer: \
         alex@contoso.example, timeZone: Europe/Berlin}}\n{spec}"
    )
}

fn event(name: &str, subject: &str) -> String {
    format!(
        "apiVersion: convoke.dev/v1\nkind: Event\nmetadata: {{name: {name}}}\nspec: {{subject: {subject}, start: 2038-02-02T10:00, \
         duration: 45m, attendees: [adele@contoso.example], isOnlineMeeting: true}}\n"
    )
}

/// A house with so many events, a file each.
fn house(events: usize, spec: &str) -> House {
    house_of(Options::default(), events, spec)
}

fn house_of(twin: Options, events: usize, spec: &str) -> House {
    let house = House::new(twin);
    house.write("convoke.yaml", &workspace(spec));
    (0..events).for_each(|number| house.write(&format!("e{number}.yaml"), &event(&format!("e{number}"), "First")));
    house
}

/// One that serves a house in which everything is applied.
fn settled(house: &House, args: &[&str]) -> Serving {
    let serving = Serving::start(house, args);
    assert_eq!(serving.reconcile(), "applied", "{}", serving.log());
    serving
}

fn remove(house: &House, events: std::ops::Range<usize>) {
    events.for_each(|number| fs::remove_file(house.path(&format!("e{number}.yaml"))).unwrap());
}

fn edit(house: &House, name: &str, with: &Value) {
    let id = encoded(house.event(name)["id"].as_str().unwrap());
    let (status, answer) = house.call("PATCH", &format!("/sandbox/users/{ORGANIZER}/events/{id}"), Some(with));
    assert!((200..300).contains(&status), "{answer}");
}

fn mails(house: &House, kind: &str) -> usize {
    house.sandbox().mails().iter().filter(|mail| mail.kind == kind).count()
}
