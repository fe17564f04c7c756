//! An event that stood when the state was written is told without being read, as long as nothing that tells of it is another.

use crate::support::{House, ORGANIZER};
use convoke::face::graph::observe::{Behind, Scope, Settled, kept, reads};
use convoke::face::graph::{Client, Settings, Token};
use convoke::face::kind::event::Glance;
use convoke::face::kind::workspace::{Limits, Prune};
use convoke::face::model::{Desired, Record, Records};
use convoke::face::plan::Policy;
use convoke::face::plan::settled::Expected;
use convoke::face::reconcile::{Given, Project};
use convoke::face::sandbox::Options;
use convoke::face::shallow::Object;
use convoke::face::state::{State, store::Store};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

const WEEKLY: &str = "apiVersion: convoke.dev/v1\nkind: Event\nmetadata: {name: weekly}\nspec:\n  subject: Weekly\n  start: \
                      2031-02-03T10:00\n  duration: 45m\n  attendees: [adele@contoso.example, {address: baker@contoso.example, \
                      type: resource}]\n  body: Agenda\n  isOnlineMeeting: true\n";

/// What is declared and known of one event, and the event as it is listed.
#[derive(Clone)]
struct Seen {
    desired: Vec<Desired>,
    records: Records,
    event: Value,
    organizer: String,
}

/// How it was told that nothing is to be done with an event, if that is so.
#[derive(Debug, PartialEq)]
enum Told {
    AtAGlance,
    Read,
    No,
}

impl Seen {
    /// Applies an event, and lists it.
    fn applied() -> Seen {
        let house = House::new(Options::default());
        house.write("weekly.yaml", WEEKLY);
        let run = house.run(&["apply", "--yes"]);
        assert_eq!(run.code, 0, "{run:?}");
        let folder = [house.folder.path().to_owned()];
        let project = Project::read(&folder, Given { keep: true, ..Given::default() }).unwrap();
        let store = Store::file(house.path(".convoke/state.json"));
        let records = house.wait(State::read(&store, "contoso")).unwrap().records();
        let seen =
            Seen { desired: project.desired().to_vec(), records, event: Value::Null, organizer: ORGANIZER.into() };
        let client = Client::new(Settings::new(&house.sandbox().url, Token::ready(house.sandbox().token.clone())));
        let gets = seen.within(None, |scope| reads(scope, &[(ORGANIZER.to_owned(), None)]));
        let mut lists = house.wait(client.unwrap().list(gets));
        Seen { event: lists.remove(0).unwrap().remove(0), ..seen }
    }

    fn within<T>(&self, settled: Option<Settled>, look: impl FnOnce(&Scope) -> T) -> T {
        look(&Scope {
            names: &"contoso".into(),
            desired: &self.desired,
            records: &self.records,
            mailboxes: &BTreeSet::new(),
            ids: &BTreeMap::new(),
            behind: Behind::Declared,
            tells_skipped: true,
            settled,
        })
    }

    fn told(&self) -> Told {
        let policy = Policy::of("contoso", Prune::Cancel, Limits::default());
        let expected = Expected::of(&self.desired, &self.records, &policy, Timestamp::UNIX_EPOCH);
        let text = self.event.to_string();
        let listed = Glance { organizer: &self.organizer, calendar: None, event: &Object::of(&text).unwrap() };
        let settled: Settled = &|listed, whole| expected.kept(listed, whole);
        let have = self.within(Some(settled), |scope| kept(scope, &listed)).unwrap();
        match have {
            _ if expected.at_a_glance(&listed).is_some() => Told::AtAGlance,
            Some(have) if have.settled => Told::Read,
            Some(_) | None => Told::No,
        }
    }

    fn record(&mut self) -> &mut Record {
        Arc::make_mut(&mut self.records.resources).values_mut().next().unwrap()
    }

    /// The same, and something is another.
    fn but(&self, change: impl FnOnce(&mut Seen)) -> Told {
        let mut other = self.clone();
        change(&mut other);
        other.told()
    }
}

#[test]
fn whatever_an_event_says_has_to_be_what_it_said() {
    let seen = Seen::applied();
    assert_eq!(seen.told(), Told::AtAGlance);
    let names: Vec<String> = seen.event.as_object().unwrap().keys().cloned().collect();
    assert!(names.len() > 20, "{names:?}");
    for name in names {
        let others = [json!(null), json!("x"), json!({}), json!([{}])];
        for other in others.into_iter().filter(|other| *other != seen.event[&name]) {
            let told = seen.but(|it| it.event[&name] = other.clone());
            let expect = if name == "@odata.etag" { told == Told::AtAGlance } else { told != Told::AtAGlance };
            assert!(expect, "`{name}` is {other}: {told:?}");
        }
        let gone = seen.but(|it| drop(it.event.as_object_mut().unwrap().shift_remove(&name)));
        assert_eq!(gone == Told::AtAGlance, name == "@odata.etag", "`{name}` is gone: {gone:?}");
    }
    assert_ne!(seen.but(|it| it.event["more"] = json!(1)), Told::AtAGlance);
}

#[test]
fn an_answer_is_no_news_unless_a_room_declines() {
    let seen = Seen::applied();
    let answered = |who: usize, answer: &str| {
        seen.but(|it| {
            it.event["attendees"][who]["status"] = json!({"response": answer, "time": "2031-01-01T00:00:00Z"})
        })
    };
    assert_eq!(
        [answered(0, "accepted"), answered(0, "declined"), answered(1, "accepted")].map(|it| it == Told::AtAGlance),
        [true; 3]
    );
    assert_eq!(answered(1, "declined"), Told::No);
    for (member, other) in [("type", json!("optional")), ("emailAddress", json!({"address": "ben@contoso.example"}))] {
        assert_eq!(seen.but(|it| it.event["attendees"][0][member] = other), Told::No, "{member}");
    }
    assert_ne!(seen.but(|it| it.event["attendees"][0]["proposedNewTime"] = json!({})), Told::AtAGlance);
}

#[test]
fn whatever_is_declared_and_known_has_to_be_what_it_was() {
    let seen = Seen::applied();
    let declared = |change: fn(&mut Desired)| seen.but(|it| change(&mut it.desired[0]));
    assert_eq!(declared(|want| drop(want.spec.own.insert("subject".into(), json!("Weekly")))), Told::AtAGlance);
    for (what, change) in [
        ("a property", (|want| drop(want.spec.own.insert("subject".into(), json!("Daily")))) as fn(&mut Desired)),
        ("one less", |want| drop(want.spec.own.remove("subject"))),
        ("protection", |want| want.protect = true),
        ("words on leaving", |want| want.cancel_comment = Some("x".into())),
        ("the calendar", |want| want.spec.calendar = Some("Team".into())),
        ("the organizer", |want| want.spec.organizer = "adele@contoso.example".into()),
        ("options of its meeting", |want| drop(want.spec.meeting.insert("allowTeamsRecording".into(), json!(true)))),
    ] {
        assert_ne!(declared(change), Told::AtAGlance, "{what}");
    }
    let known = |change: fn(&mut Record)| seen.but(|it| change(it.record()));
    assert_eq!(known(|record| record.stood = None), Told::Read);
    for (what, change) in [
        ("its id", (|record| record.id.push('x')) as fn(&mut Record)),
        ("its mailbox", |record| record.organizer = "adele@contoso.example".into()),
        ("its calendar", |record| record.calendar = Some("Team".into())),
        ("what was applied", |record| record.applied.fields.insert("subject", "0")),
        ("to whom", |record| record.applied.attendees = Default::default()),
        ("how often", |record| record.applied.counter += 1),
        ("which one it is", |record| record.applied.incarnation += 1),
        ("how it landed", |record| record.landed.fields.insert("subject", "0")),
        ("what had yet to land", |record| _ = record.landed.open.insert("body".into())),
        ("what is about to be made", |record| record.intended = Some(1)),
    ] {
        assert_ne!(known(change), Told::AtAGlance, "{what}");
    }
    assert_ne!(seen.but(|it| it.organizer = "me".into()), Told::AtAGlance, "another path to it");
}
