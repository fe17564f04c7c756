//! The journal beside the document, and several that write one state.

use super::*;
use crate::kind::workspace::OwnerNames;
use crate::state::journal::Tail;
use crate::state::store::Part;

fn key(name: &str) -> Key {
    Key::new(KindId::OnlineMeeting, name)
}

fn record(id: &str) -> Record {
    Record { organizer: "alex@contoso.example".into(), id: id.into(), ..Record::default() }
}

/// The names of all files beside the state, but for the lock, and the state itself.
fn beside(path: &Path) -> Vec<String> {
    let names = fs::read_dir(path.parent().unwrap()).unwrap().map(|it| it.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.filter(|name| name.starts_with("state.json.journal")).collect();
    names.sort();
    names
}

/// Somebody who has the state as well, although the lock should keep him out: on another machine, or after a stop.
async fn another(path: &Path) -> Locked {
    let store = Store::file(path.into());
    let lock = Lock::take(Arc::new(Store::file(path.with_file_name("other.json"))), &Taking::default()).await.unwrap();
    let read = State::versioned(&store, &"contoso".into()).await.unwrap();
    Locked::of(Arc::new(store), Arc::new(lock), read)
}

#[tokio::test]
async fn what_changes_stands_beside_the_document_until_it_goes_into_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.json");
    let state = locked(&path).await.unwrap();
    state.keep(&key("a"), record("A"));
    state.keep(&key("b"), record("B"));
    state.save().await.unwrap();
    let document = fs::read(&path).unwrap();
    assert!(beside(&path).is_empty(), "what has no document yet begins with one");
    state.keep(&key("c"), record("C"));
    state.removed(&key("a"), 3);
    state.learn_user("alex@contoso.example", "1");
    state.save().await.unwrap();
    state.save().await.unwrap();
    state.forget(&key("b"));
    state.keep(&key("c"), Record { organizer: "megan@contoso.example".into(), ..record("D") });
    state.forget_mailboxes(|_| true);
    state.save().await.unwrap();
    assert_eq!((fs::read(&path).unwrap(), beside(&path).len()), (document, 2));
    #[cfg(unix)]
    for name in beside(&path) {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(path.with_file_name(name)).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let (now, kept) = (read(&path).await.unwrap(), state.state());
    assert_eq!(now.records(), Records { found: true, ..kept.records() });
    assert_eq!((now.mailboxes(), now.users()), (&["megan@contoso.example".to_owned()].into(), kept.users()));
    assert_eq!((now.records().serial, now.records().resources.len()), (3, 1));
    state.fold().await.unwrap();
    assert!(beside(&path).is_empty());
    let folded = read(&path).await.unwrap();
    assert_eq!(folded.records(), Records { serial: 4, ..now.records() });
    // Where nothing has changed nothing is written.
    state.fold().await.unwrap();
    assert_eq!((read(&path).await.unwrap(), state.traffic().await.writes), (folded, 4));
}

#[tokio::test]
async fn what_a_killed_apply_left_in_the_journal_is_folded_by_the_next_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.json");
    let state = locked(&path).await.unwrap();
    for name in ["a", "b", "c"] {
        state.keep(&key(name), record(name));
        state.save().await.unwrap();
    }
    drop(state);
    assert_eq!(beside(&path).len(), 2);
    let next = locked(&path).await.unwrap();
    assert_eq!(next.state().records().resources.len(), 3);
    // At the third one whoever wrote before fails, if that was not killed after all.
    assert!(matches!(&beside(&path)[..], [seal] if seal.ends_with(".2")), "{:?}", beside(&path));
    assert_eq!(next.state().records(), read(&path).await.unwrap().records());
    next.keep(&key("d"), record("d"));
    next.fold().await.unwrap();
    assert!(beside(&path).is_empty());
}

/// Killed once the new document is there, and before anything of the journal that went into it is removed, or all.
#[tokio::test]
async fn entries_of_an_older_document_are_nobodys_and_go_with_the_next_one() {
    for removed in 0..3 {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.json");
        let state = locked(&path).await.unwrap();
        for name in ["a", "b", "c", "d"] {
            state.keep(&key(name), record(name));
            state.save().await.unwrap();
        }
        let old: Vec<_> = beside(&path).into_iter().map(|name| path.with_file_name(name)).collect();
        let bytes: Vec<_> = old.iter().map(|path| fs::read(path).unwrap()).collect();
        state.forget(&key("b"));
        state.fold().await.unwrap();
        drop(state);
        for (path, bytes) in old.iter().zip(bytes).take(3 - removed) {
            fs::write(path, bytes).unwrap();
        }
        let known = |state: State| state.records().resources.keys().map(Key::to_string).collect::<Vec<_>>();
        let expect = ["OnlineMeeting/a", "OnlineMeeting/c", "OnlineMeeting/d"];
        assert_eq!(known(read(&path).await.unwrap()), expect);
        let next = locked(&path).await.unwrap();
        assert_eq!(known(next.state()), expect);
        next.forget(&key("a"));
        next.save().await.unwrap();
        next.fold().await.unwrap();
        assert!(beside(&path).is_empty(), "{removed}: {:?}", beside(&path));
        assert_eq!(known(read(&path).await.unwrap()), expect[1..]);
    }
}

#[tokio::test]
async fn an_entry_that_is_damaged_or_another_ones_is_refused_with_the_way_out() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.json");
    let state = locked(&path).await.unwrap();
    for name in ["a", "b"] {
        state.keep(&key(name), record(name));
        state.save().await.unwrap();
    }
    drop(state);
    let entry = path.with_file_name(&beside(&path)[0]);
    let text = fs::read_to_string(&entry).unwrap();
    let workspace = text.replace("\"contoso\"", "\"other\"");
    let serial = text.replace("\"serial\":2", "\"serial\":3");
    let version = text.replace("\"formatVersion\":2", "\"formatVersion\":9");
    for (text, expect) in [
        ("", "it ends too early"),
        (&text[..text.len() / 2], "it ends too early"),
        (&text.replace("resources", "sources"), "not a state of ours, or damaged"),
        (&workspace, "another workspace"),
        (&serial, "does not follow"),
        (&version, "format version 9"),
    ] {
        fs::write(&entry, text).unwrap();
        for error in [read(&path).await.err().unwrap(), locked(&path).await.err().unwrap()] {
            let error = Trouble::of(&error);
            assert!(error.what.contains("cannot read the entry") && error.what.contains(expect), "{error:?}");
            assert!(error.hint.is_some(), "{error:?}");
        }
        assert_eq!(fs::read_to_string(&entry).unwrap(), text);
    }
    fs::remove_file(&entry).unwrap();
    assert_eq!(locked(&path).await.unwrap().state().records().resources.len(), 1);
}

/// The names of entries are made of what the document says.
#[tokio::test]
async fn a_document_leads_to_no_file_of_somebody_else() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.json");
    let state = locked(&path).await.unwrap();
    state.keep(&key("a"), record("A"));
    state.save().await.unwrap();
    drop(state);
    let text = fs::read_to_string(&path).unwrap();
    let start = text.find("\"id\": \"").unwrap() + 7;
    let id = &text[start..start + 32];
    let past = |id: &str, entries: &str| format!("{{\"id\":\"{id}\",\"entries\":{entries}}}");
    for (journal, before) in
        [("x/../../elsewhere", None), (id, Some(past("/etc/x", "1"))), (id, Some(past(id, "18446744073709551615")))]
    {
        let before = before.map_or_else(String::new, |before| format!(",\"before\": {before}"));
        let text = text.replace(&format!("\"id\": \"{id}\""), &format!("\"id\": \"{journal}\"{before}"));
        fs::write(&path, text).unwrap();
        let error = format!("{:#}", read(&path).await.err().unwrap());
        assert!(error.contains("its journal is none of ours"), "{error}");
    }
}

#[tokio::test]
async fn of_two_that_write_one_state_a_single_one_gets_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.json");
    let first = locked(&path).await.unwrap();
    first.keep(&key("a"), record("A"));
    first.save().await.unwrap();
    let second = another(&path).await;
    for state in [&first, &second] {
        state.keep(&key("b"), record("B"));
    }
    let (one, other) = futures::future::join(first.save(), second.save()).await;
    assert!(one.is_ok() != other.is_ok(), "they wrote the same, and it is written once");
    let (winner, loser) = if one.is_ok() { (&first, &second) } else { (&second, &first) };
    assert!(winner.lost().is_none() && loser.lost().is_some());
    // It stays so.
    loser.keep(&key("c"), record("C"));
    for error in [loser.save().await.unwrap_err(), loser.fold().await.unwrap_err()] {
        let error = Trouble::of(&error);
        assert!(error.what.contains("by somebody else") && error.hint.is_some(), "{error:?}");
    }
    winner.keep(&key("d"), record("D"));
    winner.fold().await.unwrap();
    let names: Vec<String> = read(&path).await.unwrap().records().resources.keys().map(Key::to_string).collect();
    assert_eq!(names, ["OnlineMeeting/a", "OnlineMeeting/b", "OnlineMeeting/d"]);
}

/// The first one was stopped, and goes on when its lock is long the second one's: at whatever point it was.
#[tokio::test]
async fn who_is_taken_over_writes_nothing_any_more() {
    for (entries, whole) in [(0, false), (0, true), (2, false), (2, true)] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.json");
        let first = locked(&path).await.unwrap();
        for number in 0..=entries {
            first.keep(&key("a"), record(&number.to_string()));
            first.save().await.unwrap();
        }
        first.keep(&key("lost"), record("L"));
        let second = another(&path).await;
        second.take_over().await.unwrap();
        let written = if whole { first.fold().await } else { first.save().await };
        assert!(written.is_err() && first.lost().is_some(), "{entries} {whole}");
        second.keep(&key("b"), record("B"));
        second.save().await.unwrap();
        assert!(first.save().await.is_err());
        second.fold().await.unwrap();
        let records = read(&path).await.unwrap().records();
        let ids: Vec<&str> = records.resources.values().map(|record| record.id.as_str()).collect();
        assert_eq!(ids, [&entries.to_string()[..], "B"], "{entries} {whole}");
        assert!(beside(&path).is_empty(), "{entries} {whole}: {:?}", beside(&path));
    }
}

/// The place took it, and nobody heard.
#[tokio::test]
async fn a_write_whose_answer_was_lost_is_found_and_gone_on_from() {
    for whole in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.json");
        let state = locked(&path).await.unwrap();
        state.keep(&key("a"), record("A"));
        state.save().await.unwrap();
        state.keep(&key("b"), record("B"));
        {
            let mut written = state.written.lock().await;
            written.pending = state.next(&written, whole);
            let (part, text, version) = state.sent(&written).unwrap();
            let taken = state.store.save_if(&part, text.as_bytes(), version.as_ref()).await;
            assert!(taken.is_ok() && (part == Part::Document) == whole);
        }
        state.keep(&key("c"), record("C"));
        state.save().await.unwrap();
        assert_eq!(read(&path).await.unwrap().records().resources, state.state().records().resources);
        state.fold().await.unwrap();
        assert_eq!(read(&path).await.unwrap().records().resources.len(), 3);
    }
}

#[tokio::test]
async fn the_first_format_is_read_and_the_next_write_is_a_document() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.json");
    let first = r#"{"formatVersion":1,"workspace":"contoso","serial":7,"mailboxes":[],"users":{},"resources":{}}"#;
    fs::write(&path, first).unwrap();
    let state = locked(&path).await.unwrap();
    state.keep(&key("a"), record("A"));
    state.save().await.unwrap();
    let now: serde_json::Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    assert_eq!((&now["formatVersion"], &now["serial"]), (&2.into(), &8.into()));
    assert_eq!(read(&path).await.unwrap().records().resources, state.state().records().resources);
}

#[tokio::test]
async fn a_journal_that_grows_too_long_goes_into_a_document() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.json");
    let state = locked(&path).await.unwrap();
    let mut lengths = vec![];
    for name in ["a", "b", "c", "d", "e"] {
        if name == "d" {
            state.written.lock().await.tail.bytes = 9 << 20;
        }
        state.keep(&key(name), record(name));
        state.save().await.unwrap();
        lengths.push(beside(&path).len());
    }
    assert_eq!(lengths, [0, 1, 2, 0, 1]);
    assert_eq!(read(&path).await.unwrap().records().resources, state.state().records().resources);
    for (entries, bytes, document, long) in [
        (0, 0, 0, false),
        (3, 8 << 20, 0, false),
        (3, (8 << 20) + 1, 0, true),
        (3, 20 << 20, 20 << 20, false),
        (3, 21 << 20, 20 << 20, true),
        (4096, 0, 0, false),
        (4097, 0, 0, true),
    ] {
        let most = Store::file(path.clone()).journal(document);
        assert_eq!(Tail { entries, bytes }.is_long(most), long, "{entries} {bytes} {document}");
    }
}

#[tokio::test]
async fn an_id_is_found_wherever_it_goes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.json");
    let state = locked(&path).await.unwrap();
    state.keep(&key("b"), record("A"));
    state.keep(&key("a"), record("A"));
    state.keep(&key("c"), record(""));
    state.save().await.unwrap();
    drop(state);
    let state = locked(&path).await.unwrap();
    assert_eq!((state.holder("A"), state.holder("")), (Some(key("a")), None));
    state.forget(&key("a"));
    assert_eq!(state.holder("A"), Some(key("b")));
    state.keep(&key("b"), record("B"));
    assert_eq!((state.holder("A"), state.holder("B")), (None, Some(key("b"))));
}

/// Whoever takes a state over under another name of the workspace finds what a killed one had left in its journal, and gives it the name
/// with the first write; a meeting keeps the name that it was made under.
#[tokio::test]
async fn a_renamed_workspace_takes_the_state_over_with_what_stands_in_its_journal() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.json");
    let state = locked(&path).await.unwrap();
    state.keep(&key("a"), record("A"));
    state.save().await.unwrap();
    state.keep(&key("b"), record("B"));
    state.save().await.unwrap();
    assert_eq!(beside(&path).len(), 1);
    state.release().await.unwrap();
    drop(state);

    let names = OwnerNames { now: "fabrikam".into(), before: vec!["tailspin".into(), "contoso".into()] };
    let store = || Store::file(path.clone());
    let looked = State::read(&store(), names.clone()).await.unwrap().records();
    assert_eq!((looked.kept_as.as_deref(), looked.resources.len()), (Some("contoso"), 2));
    let taken = Locked::take(store(), names.clone(), &Taking::default()).await.unwrap();
    assert!(State::read(&store(), "contoso").await.is_ok(), "nothing has the new name before something is written");
    taken.keep(&key("c"), record("C"));
    taken.save().await.unwrap();
    let now = State::read(&store(), "fabrikam").await.unwrap().records();
    let external = |name: &str| now.resources[&key(name)].external_id.clone();
    assert_eq!([external("a"), external("b")], [Some("contoso/a".into()), Some("contoso/b".into())]);
    assert_eq!((now.kept_as, now.names), (None, ["contoso".to_owned()].into()));
    let gone = State::read(&store(), "contoso").await.unwrap_err();
    assert!(format!("{gone:#}").contains("belongs to the workspace `fabrikam`, not to `contoso`"), "{gone:#}");
}
