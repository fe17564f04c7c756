//! What is written, read again, refused and raced for.

mod journal;
#[cfg(feature = "remote-state")]
mod room;

use super::*;
use crate::kind::KindId;
use crate::model::{Records, Unanswered};
use crate::state::history::Mails;
use crate::trouble::Trouble;
use jiff::Timestamp;
use std::fs;
use std::path::Path;

async fn locked(path: &Path) -> Result<Locked> {
    Locked::take(Store::file(path.into()), "contoso", &Taking::default()).await
}

async fn read(path: &Path) -> Result<State> {
    State::read(&Store::file(path.into()), "contoso").await
}

#[tokio::test]
async fn what_is_kept_is_read_again_and_only_by_its_owner() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("deep/state.json");
    let key = Key::new(KindId::Event, "weekly");
    let record = Record { organizer: "alex@contoso.example".into(), id: "A".into(), ..Record::default() };
    let state = locked(&path).await.unwrap();
    assert!(!state.state().records().found);
    state.keep(&key, record.clone());
    state.save().await.unwrap();
    let again = read(&path).await.unwrap();
    assert_eq!(
        again.records(),
        Records { found: true, serial: 1, resources: Arc::new([(key, record)].into()), ..Records::default() }
    );
    assert_eq!(again.mailboxes(), &["alex@contoso.example".to_owned()].into());
}

#[tokio::test]
async fn a_state_has_one_owner_until_another_takes_it_over() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.json");
    let by = |owner: Option<&str>| Origin { owner: owner.map(str::to_owned), ..Origin::default() };
    let (nobody, first, second) = (None, Some("github.com/contoso/a"), Some("github.com/contoso/b"));
    for (owner, take_over, allowed) in [
        (nobody, false, true),
        // What nobody owned is the first one's.
        (first, false, true),
        (first, false, true),
        (second, false, false),
        (nobody, false, false),
        (second, true, true),
        (first, false, false),
        (nobody, true, true),
        (first, false, true),
    ] {
        let before = fs::read(&path).unwrap_or_default();
        let state = locked(&path).await.unwrap();
        let claimed = state.claim(&by(owner), take_over);
        assert_eq!(claimed.is_ok(), allowed, "{owner:?} {take_over}");
        state.fold().await.unwrap();
        if let Err(error) = claimed {
            let error = Trouble::of(&error);
            assert!(error.what.contains("is written by `github.com/contoso/") && error.hint.is_some(), "{error:?}");
            assert_eq!(fs::read(&path).unwrap(), before);
        } else {
            assert!(read(&path).await.unwrap().written_by(&by(owner), false).is_ok());
        }
        state.release().await.unwrap();
    }
}

#[tokio::test]
async fn the_last_fifty_applies_are_remembered() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.json");
    let state = locked(&path).await.unwrap();
    state.claim(&Origin { actor: Some("adele".into()), ..Origin::default() }, false).unwrap();
    for number in 0..53 {
        let (at, mails) = (Timestamp::UNIX_EPOCH, Mails { total: number, possible: 0 });
        let counts = [("create".to_owned(), 1)].into();
        state.add_apply(Apply { plan: Some(number.to_string()), at, actor: None, run: None, counts, mails });
    }
    state.save().await.unwrap();
    let applies = read(&path).await.unwrap().applies().to_vec();
    let ends = [&applies[0], &applies[49]]
        .map(|it| (it.plan.as_deref().unwrap_or_default(), it.mails.total, it.actor.as_deref()));
    assert_eq!((applies.len(), ends), (50, [("3", 3, Some("adele")), ("52", 52, Some("adele"))]));
}

#[tokio::test]
async fn an_intent_outlives_the_process_in_a_form_that_people_can_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.json");
    let key = Key::new(KindId::OnlineMeeting, "standup");
    let unanswered =
        Unanswered { since: "2026-01-02T03:04:05Z".parse().ok(), subject: Some("Standup".into()), start: None };
    let record = Record { organizer: "me".into(), unanswered: Some(unanswered.into()), ..Record::default() };
    let state = locked(&path).await.unwrap();
    state.keep(&key, record.clone());
    state.save().await.unwrap();
    let written: serde_json::Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    let expect = serde_json::json!({"since": "2026-01-02T03:04:05Z", "subject": "Standup", "start": null});
    assert_eq!(written["resources"]["OnlineMeeting/standup"]["unanswered"], expect);
    assert_eq!(read(&path).await.unwrap().records().resources.get(&key), Some(&record));
}

#[tokio::test]
async fn a_state_that_is_not_ours_or_damaged_is_refused_with_the_way_out() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.json");
    let cases = [
        ("{", "cannot read the state"),
        (
            r#"{"formatVersion":9,"workspace":"contoso","serial":1,"mailboxes":[],"users":{},"resources":{}}"#,
            "format version 9",
        ),
        (r#"{"formatVersion":1,"workspace":"other","serial":1,"mailboxes":[],"users":{},"resources":{}}"#, "`other`"),
    ];
    for (text, expect) in cases {
        fs::write(&path, text).unwrap();
        let error = Trouble::of(&read(&path).await.err().unwrap());
        assert!(error.what.contains(expect) && error.hint.is_some(), "{error:?}");
    }
}

#[tokio::test]
async fn a_state_that_cannot_be_read_is_said_once() {
    let folder = tempfile::tempdir().unwrap();
    let error = format!("{:#}", read(folder.path()).await.err().unwrap());
    assert_eq!(error.matches("cannot read the state").count(), 1, "{error}");
}

#[tokio::test]
async fn a_second_apply_on_the_same_state_is_refused_before_it_reads() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.json");
    let held = locked(&path).await.unwrap();
    assert!(locked(&path).await.err().unwrap().to_string().contains("another apply is running"));
    held.keep(&Key::new(KindId::Event, "weekly"), Record::default());
    held.save().await.unwrap();
    drop(held);
    // Whoever comes next has what the first one wrote.
    assert_eq!(locked(&path).await.unwrap().state().records().resources.len(), 1);
}

#[tokio::test]
async fn what_was_written_without_the_lock_is_not_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.json");
    let state = locked(&path).await.unwrap();
    fs::write(&path, "by hand").unwrap();
    state.keep(&Key::new(KindId::Event, "weekly"), Record::default());
    let error = Trouble::of(&state.save().await.unwrap_err());
    assert!(error.what.contains("by somebody else") && error.hint.is_some(), "{error:?}");
    assert_eq!(fs::read_to_string(&path).unwrap(), "by hand");
}

#[test]
fn a_record_that_cannot_be_read_is_told_with_its_place() {
    let text = r#"{
  "formatVersion": 2, "workspace": "contoso", "serial": 1, "mailboxes": [], "users": {},
  "resources": {
    "Event/a": {"organizer":"alex@contoso.example"},
    "Event/b": {"organizer":7},
    "Event/c": {"organizer":"alex@contoso.example"}
  },
  "applies": []
}
"#;
    let error = State::parse(text.as_bytes(), "state.json", "contoso").unwrap_err();
    assert!(format!("{error:#}").contains("line 5 column "), "{error:#}");
    assert!(State::parse(text.replace('7', "\"x\"").as_bytes(), "state.json", "contoso").is_ok());
}
