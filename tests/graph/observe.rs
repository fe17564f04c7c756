//! What is taken for unknown when a mailbox, or a user, may not be read; what is kept of events, and what is read again.

use crate::graph::server::{batch_reply, error_body, serve};
use convoke::face::graph::observe::{Behind, Scope, observe};
use convoke::face::kind::KindId;
use convoke::face::model::{Have, Key, Record, Records};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// An app, or a person, that may read online meetings and nothing else.
fn meetings_only(url: &str) -> (u16, Value, Value) {
    match url.contains("/onlineMeetings/") {
        true => (200, json!({}), json!({"id": url.rsplit('/').next(), "subject": "Standup"})),
        false => (403, json!({}), error_body("ErrorAccessDenied")),
    }
}

#[tokio::test]
async fn what_may_not_be_read_hides_only_what_stands_in_it() {
    let server = serve(|call| async move { batch_reply(&call, meetings_only) }).await;
    let record = |organizer: &str| Record { organizer: organizer.into(), id: "m1".into(), ..Record::default() };
    let meeting = |name: &str| Key::new(KindId::OnlineMeeting, name);
    let resources = BTreeMap::from([
        (meeting("mine"), record("me")),
        (meeting("known"), record("adele@contoso.example")),
        (meeting("theirs"), record("alex@contoso.example")),
        (Key::new(KindId::Event, "weekly"), record("ben@contoso.example")),
    ]);
    let ids = BTreeMap::from([("adele@contoso.example".to_owned(), "6f1d7a52-0000-4000-8000-000000000001".to_owned())]);
    let scope = Scope {
        names: &"contoso".into(),
        desired: &[],
        records: &Records { found: true, serial: 1, resources: Arc::new(resources), ..Default::default() },
        mailboxes: &BTreeSet::from(["carol@contoso.example".to_owned()]),
        ids: &ids,
        behind: Behind::Declared,
        tells_skipped: true,
        settled: None,
    };
    let live = observe(&server.client(), &scope).await;

    let seen: Vec<&Key> = live.objects.iter().map(|have| &have.key).collect();
    assert_eq!(seen, [&meeting("known"), &meeting("mine")], "whoever signs in is reached without an object id");
    let unknown: Vec<_> = live.unknown.iter().collect();
    let [(key, why)] = unknown[..] else { panic!("{unknown:?}") };
    assert!(
        *key == meeting("theirs") && why.hint.as_ref().is_some_and(|it| it.contains("User.ReadBasic.All")),
        "{key}: {why:?}"
    );
    let failed = |name: &str| live.mailboxes[name].failure.is_some();
    let unsearched = |name: &str| live.mailboxes[name].unsearched.is_some();
    assert!(failed("ben@contoso.example") && !unsearched("ben@contoso.example"));
    for name in ["me", "adele@contoso.example", "alex@contoso.example", "carol@contoso.example"] {
        assert!(unsearched(name) && !failed(name), "{name}");
    }
}

/// An event of the workspace as a list and a read by id show it; its name is that of its id without the digits.
fn event(id: &str) -> Value {
    let property = |name: &str, value: String| json!({"id": format!("String {{6d1c8a52-5f0e-4b7b-9c43-1f6f2a7f0e11}} Name {name}"), "value": value});
    let name = id.trim_end_matches(|it: char| it.is_ascii_digit());
    let marks = [property("convoke", format!("contoso/{name}")), property("convoke-applied", r#"{"f":{}}"#.into())];
    json!({"id": id, "subject": "Weekly", "transactionId": id, "singleValueExtendedProperties": marks})
}

/// A calendar with one event of one name, and two of another.
fn calendar(url: &str) -> (u16, Value, Value) {
    let body = match url.split(['?', '/']).nth(4) {
        Some(id) if url.contains("/events/") => event(id),
        _ if url.contains("/events?") => json!({"value": [event("single1"), event("weekly1"), event("weekly2")]}),
        _ => json!({"id": "6f1d7a52-0000-4000-8000-000000000001", "value": []}),
    };
    (200, json!({}), body)
}

#[tokio::test]
async fn little_is_kept_of_what_is_settled_unless_another_event_has_its_name() {
    let server = serve(|call| async move { batch_reply(&call, calendar) }).await;
    let scope = Scope {
        names: &"contoso".into(),
        desired: &[],
        records: &Records::default(),
        mailboxes: &BTreeSet::from(["ben@contoso.example".to_owned()]),
        ids: &BTreeMap::new(),
        behind: Behind::Declared,
        tells_skipped: true,
        settled: Some(&|_, whole| Ok(whole()?.map(|it| Have { applied: None, settled: true, ..it }.into()))),
    };
    let live = observe(&server.client(), &scope).await;
    let seen: Vec<_> = live.objects.iter().map(|it| (it.id.as_str(), it.settled, it.applied.is_some())).collect();
    assert_eq!(seen, [("single1", true, false), ("weekly1", false, true), ("weekly2", false, true)]);
    assert!(live.unknown.is_empty(), "{:?}", live.unknown);
}
