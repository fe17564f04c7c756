//! The state of whoever writes it: the lock is taken first, then the document is read, and only what was read is overwritten.

use crate::model::{Key, Record};
use crate::origin::Origin;
use crate::state::State;
use crate::state::history::{self, Apply};
use crate::state::store::{Lease, Part, Store, Unsaved, Version};
use crate::trouble::Trouble;
use anyhow::{Result, bail};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

/// How often records that may be lost are written while an apply runs.
const EVERY: Duration = Duration::from_secs(2);

/// A state that may be written, for as long as this lives. It may be shared between tasks.
pub struct Locked {
    store: Store,
    inner: Mutex<Inner>,
    /// What the store holds; whoever writes has it.
    written: tokio::sync::Mutex<Written>,
    #[expect(dead_code, reason = "it is held, not asked")]
    lease: Lease,
}

struct Inner {
    state: State,
    dirty: bool,
    lost: bool,
    /// Who writes it.
    origin: Origin,
}

struct Written {
    version: Option<Version>,
    at: Option<Instant>,
}

impl Locked {
    /// Takes the lock and reads the state.
    ///
    /// Fails when somebody else has the lock, and as `State::read` does.
    pub async fn take(store: Store, workspace: &str) -> Result<Locked> {
        let lease = store.lease().await?;
        let (state, version) = State::versioned(&store, workspace).await?;
        let written = tokio::sync::Mutex::new(Written { version, at: None });
        Ok(Locked {
            store,
            inner: Mutex::new(Inner { state, dirty: false, lost: false, origin: Origin::default() }),
            written,
            lease,
        })
    }

    /// Says who writes from here on; it reaches the store with the next write.
    ///
    /// Fails as `State::written_by` does.
    pub fn claim(&self, origin: &Origin, take_over: bool) -> Result<()> {
        let mut inner = self.inner();
        inner.state.written_by(origin, take_over)?;
        inner.dirty |= inner.state.document.owner != origin.owner;
        inner.state.document.owner = origin.owner.clone();
        inner.origin = origin.clone();
        Ok(())
    }

    /// Returns the state as it is now.
    pub fn state(&self) -> State {
        self.inner().state.clone()
    }

    /// Returns what is known of one resource.
    pub fn record(&self, key: &Key) -> Option<Record> {
        self.inner().state.document.resources.get(key).cloned()
    }

    /// Returns which resource an id of Graph belongs to, as far as is known.
    pub fn holder(&self, id: &str) -> Option<Key> {
        let inner = self.inner();
        let mut all = inner.state.document.resources.iter();
        all.find(|(_, record)| record.id == id).map(|(key, _)| key.clone())
    }

    /// Tells whether somebody else wrote the state since it was read, so that nothing more can be written into it.
    pub fn is_lost(&self) -> bool {
        self.inner().lost
    }

    /// Keeps the object id of an organizer.
    pub fn learn_user(&self, organizer: &str, id: &str) {
        let mut inner = self.inner();
        let before = inner.state.document.users.insert(organizer.into(), id.into());
        inner.dirty |= before.as_deref() != Some(id);
    }

    /// Keeps what was applied. It reaches the store with the next `save`, or with a `soon`.
    pub fn keep(&self, key: &Key, record: Record) {
        let mut inner = self.inner();
        let document = &mut inner.state.document;
        let new = document.mailboxes.insert(record.organizer.clone());
        let before = Arc::make_mut(&mut document.resources).insert(key.clone(), record.clone());
        inner.dirty |= new || before.as_ref() != Some(&record);
    }

    /// Adds an apply to those that are remembered, with whoever asked for it.
    pub fn add_apply(&self, apply: Apply) {
        let mut inner = self.inner();
        let Origin { actor, run, owner: _ } = inner.origin.clone();
        history::add(&mut inner.state.document.applies, Apply { actor, run, ..apply });
        inner.dirty = true;
    }

    /// Forgets a resource.
    pub fn forget(&self, key: &Key) {
        let mut inner = self.inner();
        inner.dirty |= Arc::make_mut(&mut inner.state.document.resources).remove(key).is_some();
    }

    /// Forgets the mailboxes that hold nothing of ours any more: no record names them, and `empty` says so of what is live.
    pub fn forget_mailboxes(&self, empty: impl Fn(&str) -> bool) {
        let mut inner = self.inner();
        let document = &mut inner.state.document;
        let named: BTreeSet<&String> = document.resources.values().map(|record| &record.organizer).collect();
        let before = document.mailboxes.len();
        document.mailboxes.retain(|name| named.contains(name) || !empty(name));
        inner.dirty |= inner.state.document.mailboxes.len() != before;
    }

    /// Forgets an object that we removed; the next one of its key is of that incarnation.
    pub fn removed(&self, key: &Key, incarnation: u64) {
        let mut inner = self.inner();
        let before = Arc::make_mut(&mut inner.state.document.incarnations).insert(key.clone(), incarnation);
        inner.dirty |= before != Some(incarnation);
        drop(inner);
        self.forget(key);
    }

    /// Writes what has changed, unless it was written a moment ago.
    ///
    /// Fails as `save` does.
    pub async fn soon(&self) -> Result<()> {
        let mut written = self.written.lock().await;
        match written.at {
            Some(at) if at.elapsed() < EVERY => Ok(()),
            Some(_) | None => self.write(&mut written).await,
        }
    }

    /// Writes what has changed, and returns once it is in the store.
    ///
    /// Fails when it cannot be written, and when somebody else wrote it since: then nothing is overwritten.
    pub async fn save(&self) -> Result<()> {
        self.write(&mut *self.written.lock().await).await
    }

    async fn write(&self, written: &mut Written) -> Result<()> {
        let Some(text) = self.next() else { return Ok(()) };
        match self.store.save_if(&Part::Document, text.as_bytes(), written.version.as_ref()).await {
            Ok(version) => {
                *written = Written { version: Some(version), at: Some(Instant::now()) };
                Ok(())
            }
            Err(unsaved) => {
                self.inner().dirty = true;
                match unsaved {
                    Unsaved::Failed(error) => Err(error),
                    Unsaved::Moved => {
                        self.inner().lost = true;
                        let name = self.store.name();
                        let moved = "was written by somebody else since it was read, and was not overwritten";
                        bail!(
                            Trouble::new(format!("the state `{name}` {moved}")).hint(
                                "find out who writes it without its lock, then apply again: what was made is found"
                            )
                        )
                    }
                }
            }
        }
    }

    /// The text of the next write, if anything has changed; what changes from here on is for the one after it.
    fn next(&self) -> Option<String> {
        let mut inner = self.inner();
        if !std::mem::take(&mut inner.dirty) {
            return None;
        }
        inner.state.document.serial += 1;
        Some(inner.state.text())
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().expect("no holder of the state panics")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::KindId;
    use crate::model::{Records, Unanswered};
    use crate::state::history::Mails;
    use jiff::Timestamp;
    use std::fs;
    use std::path::Path;

    async fn locked(path: &Path) -> Result<Locked> {
        Locked::take(Store::file(path.into()), "contoso").await
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
            state.save().await.unwrap();
            if let Err(error) = claimed {
                let error = Trouble::of(&error);
                assert!(error.what.contains("is written by `github.com/contoso/") && error.hint.is_some(), "{error:?}");
                assert_eq!(fs::read(&path).unwrap(), before);
            } else {
                assert!(read(&path).await.unwrap().written_by(&by(owner), false).is_ok());
            }
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
            state.add_apply(Apply { plan: number.to_string(), at, actor: None, run: None, counts, mails });
        }
        state.save().await.unwrap();
        let applies = read(&path).await.unwrap().applies().to_vec();
        let ends = [&applies[0], &applies[49]].map(|it| (it.plan.as_str(), it.mails.total, it.actor.as_deref()));
        assert_eq!((applies.len(), ends), (50, [("3", 3, Some("adele")), ("52", 52, Some("adele"))]));
    }

    #[tokio::test]
    async fn an_intent_outlives_the_process_in_a_form_that_people_can_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.json");
        let key = Key::new(KindId::OnlineMeeting, "standup");
        let unanswered =
            Unanswered { since: "2026-01-02T03:04:05Z".parse().ok(), subject: Some("Standup".into()), start: None };
        let record = Record { organizer: "me".into(), unanswered: Some(unanswered), ..Record::default() };
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
            (
                r#"{"formatVersion":1,"workspace":"other","serial":1,"mailboxes":[],"users":{},"resources":{}}"#,
                "`other`",
            ),
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
}
