//! What is fuzzed: everything that reads text from outside. Each function takes any bytes, panics only if something is wrong
//! with the program, and says whether they were what it takes them for. The same functions run on the stable toolchain, in
//! `tests/hostile.rs`.

mod entropy;
mod inert;
mod join_block;
mod reports;
mod rrule;
mod state;

pub use join_block::join_block;
pub use reports::reports;
pub use rrule::rrule;
pub use state::state;

use convoke::face::findings::findings;
use convoke::face::graph::coming::Coming;
use convoke::face::kind::body;
use convoke::face::kind::workspace::{Limits, Prune};
use convoke::face::manifest::files::Source;
use convoke::face::manifest::{self, Manifests};
use convoke::face::model::{Calendar, Desired, Have, Live, Mailbox, Records};
use convoke::face::plan::saved::Saved;
use convoke::face::plan::{self, Input, Plan, Policy};
use convoke::face::render::{self, problems};
use convoke::face::report::report;
use convoke::face::status;
use jiff::Timestamp;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Reads bytes as a manifest and shows what is wrong with it in every format.
pub fn manifest(data: &[u8]) -> bool {
    let manifests = read(data);
    for problem in &manifests.problems {
        for at in [&problem.at].into_iter().chain(problem.also.iter().map(|(at, _)| at)) {
            assert!(at.line > 0 && at.column > 0, "{problem:?}");
            if let Some(text) = manifests.texts.get(&*at.file) {
                assert!(text.get(at.range.clone()).is_some(), "a place that the text does not have: {problem:?}");
            }
        }
        assert!(!problem.message.contains(['\n', '\u{1b}']), "{problem:?}");
    }
    let found = findings(&manifests, true);
    problems::human(&found, false);
    problems::github(&found);
    for text in [problems::json(&found), problems::sarif(&found)] {
        serde_json::from_str::<Value>(&text).expect("what is printed as JSON is JSON");
    }
    manifests.problems.is_empty()
}

/// Takes bytes for what Graph says of an event and of a meeting, plans against it, and puts it into words.
pub fn answer(data: &[u8]) -> bool {
    if let Ok(text) = std::str::from_utf8(data) {
        let declared = Value::String("Agenda".into());
        let _ = body::splice(text, "https://teams.example/l/meetup-join/1", &declared);
        body::text(&Value::String(text.into()), None);
    }
    let Ok(Value::Object(own)) = serde_json::from_slice(data) else { return false };
    let desired = read(MANIFESTS.as_bytes()).desired;
    let objects = desired.iter().map(|want| have(want, own.clone())).collect();
    let live = live(objects);
    for desired in [&desired[..], &[]] {
        planned(desired, &live, &Records::default());
    }
    let asked = status::Asked {
        call: true,
        information: true,
        answers: true,
        meetings: true,
        reveal: false,
        now: Timestamp::UNIX_EPOCH,
    };
    status::joining((&live, &Coming::default()), &[], None, asked);
    true
}

/// Takes bytes for a plan that was saved, by somebody who made its id fit.
pub fn saved_plan(data: &[u8]) -> bool {
    let whole = Saved::parse(data).is_ok();
    let Ok(mut document) = serde_json::from_slice::<Value>(data) else { return false };
    let id = plan::approval::id_of(&document);
    if let Some(members) = document.as_object_mut() {
        members.insert("planId".into(), Value::String(id));
    }
    let Ok(plan) = Saved::parse(document.to_string().as_bytes()) else { return false };
    let again = Saved::parse(plan.text().as_bytes()).expect("what is saved can be read");
    assert_eq!(plan, again);
    read(plan.manifests().as_bytes());
    whole
}

fn live(objects: Vec<Have>) -> Live {
    let calendars = BTreeMap::from([(String::new(), Calendar { can_edit: true, ..Calendar::default() })]);
    let mailbox = Mailbox { calendars, ..Mailbox::default() };
    let objects = objects.into_iter().map(Box::new).collect();
    Live { objects, mailboxes: BTreeMap::from([("alex@contoso.example".into(), mailbox)]), ..Live::default() }
}

fn planned(desired: &[Desired], live: &Live, records: &Records) {
    let input = Input { desired, live, records, policy: &policy(), now: Timestamp::UNIX_EPOCH };
    let plan = plan::plan(&input);
    plan::unread_series(&plan, live);
    show(&plan);
}

fn show(plan: &Plan) {
    let report = report(plan, None, vec![]);
    render::human::render(&report, true);
    serde_json::from_str::<Value>(&render::json::render(&report)).expect("what is printed as JSON is JSON");
}

fn read(data: &[u8]) -> Manifests {
    manifest::read(vec![Source { file: "fuzz.yaml".into(), text: data.into(), found: false }], None)
}

fn have(want: &Desired, own: Map<String, Value>) -> Have {
    Have {
        organizer: want.spec.organizer.clone(),
        etag: Some("W/\"1\"".into()),
        meeting: Some(own.clone().into()),
        own,
        ..Have::new(want.key.clone(), "AAMk")
    }
}

fn policy() -> Policy {
    Policy::of("contoso", Prune::Cancel, Limits::default())
}

const MANIFESTS: &str = "apiVersion: convoke.dev/v1
kind: Event
metadata: {name: weekly}
spec:
  organizer: alex@contoso.example
  subject: Weekly
  start: 2027-01-12T10:00
  duration: 45m
  timeZone: Europe/Berlin
  recurrence: {pattern: {type: weekly, daysOfWeek: [tuesday]}, range: {type: noEnd}}
  attendees: [adele@contoso.example]
  location: Room Baker
  body: Agenda
  categories: [Training]
  isOnlineMeeting: true
  onlineMeetingProvider: teamsForBusiness
  meetingOptions: {allowedPresenters: organizer}
---
apiVersion: convoke.dev/v1
kind: OnlineMeeting
metadata: {name: room}
spec:
  organizer: alex@contoso.example
  subject: Room
  start: 2027-01-12T10:00
  duration: 45m
  timeZone: Europe/Berlin
  participants: [{upn: adele@contoso.example, role: presenter}]
  joinMeetingIdSettings: {isPasscodeRequired: true}
  meetingOptions: {allowedPresenters: roleIsPresenter}
";
