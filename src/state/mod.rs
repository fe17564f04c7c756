//! What was applied, remembered in one JSON file.
//!
//! It may be lost: events are found by their mark, meetings by createOrGet; only meetings and mailboxes that no manifest
//! mentions any more, and meetings in channels, are then unknown. It holds join links, so it is written with mode 0600, and atomically: a reader
//! finds the old document or the new one.

use crate::model::{Key, Record, Records};
use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Document {
    format_version: u32,
    workspace: String,
    /// Counts the writes.
    serial: u64,
    /// Every mailbox that was ever managed.
    mailboxes: BTreeSet<String>,
    /// Object ids by organizer.
    users: BTreeMap<String, String>,
    resources: Arc<BTreeMap<Key, Record>>,
}

/// The state of one workspace. It may be shared between tasks.
pub struct State {
    path: PathBuf,
    inner: Mutex<Inner>,
}

struct Inner {
    document: Document,
    found: bool,
    dirty: bool,
    written: Option<Instant>,
}

const FORMAT: u32 = 1;

/// How often records that may be lost are written while an apply runs.
const EVERY: Duration = Duration::from_secs(1);

/// Held while an apply runs; a second apply on the same state is refused.
pub struct Lock(#[expect(dead_code, reason = "the file is locked as long as it is open")] File);

impl State {
    /// Reads the state at `path`, or starts an empty one if there is none.
    pub fn open(path: &Path, workspace: &str) -> Result<State> {
        let shown = path.display();
        let way_out = "restore it from a copy, or delete it: events and meetings in manifests are found again without it, but those in channels";
        let (document, found) = match fs::read_to_string(path) {
            Ok(text) => {
                let document: Document = serde_json::from_str(&text)
                    .with_context(|| format!("cannot read the state `{shown}`\n  hint: {way_out}"))?;
                (document, true)
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {
                (Document { format_version: FORMAT, workspace: workspace.into(), ..Document::default() }, false)
            }
            Err(error) => {
                return Err(error).with_context(|| format!("cannot read the state `{shown}`\n  hint: {way_out}"));
            }
        };
        if document.format_version != FORMAT {
            bail!(
                "the state `{shown}` has format version {}, and this convoke knows {FORMAT}\n  hint: use the convoke that wrote it, \
                 or a newer one",
                document.format_version
            );
        }
        if document.workspace != workspace {
            bail!(
                "the state `{shown}` belongs to the workspace `{}`, not to `{workspace}`\n  hint: give each workspace its own \
                 `spec.state`",
                document.workspace
            );
        }
        let inner = Inner { document, found, dirty: false, written: None };
        Ok(State { path: path.into(), inner: Mutex::new(inner) })
    }

    /// Takes the lock of this state for as long as the returned value lives.
    pub fn lock(&self) -> Result<Lock> {
        let path = self.path.with_extension("lock");
        self.make_folder()?;
        let file = File::create(&path).with_context(|| format!("cannot write `{}`", path.display()))?;
        match file.try_lock() {
            Ok(()) => Ok(Lock(file)),
            Err(fs::TryLockError::WouldBlock) => {
                bail!(
                    "another apply is running on this state: `{}`\n  hint: wait until it has ended",
                    self.path.display()
                )
            }
            Err(fs::TryLockError::Error(error)) => {
                Err(error).with_context(|| format!("cannot lock `{}`", path.display()))
            }
        }
    }

    /// Returns what is known of resources that were applied.
    pub fn records(&self) -> Records {
        let inner = self.inner();
        Records { found: inner.found, serial: inner.document.serial, resources: inner.document.resources.clone() }
    }

    /// Returns what is known of one resource.
    pub fn record(&self, key: &Key) -> Option<Record> {
        self.inner().document.resources.get(key).cloned()
    }

    pub fn mailboxes(&self) -> BTreeSet<String> {
        self.inner().document.mailboxes.clone()
    }

    /// Returns the object ids that are known, by organizer.
    pub fn users(&self) -> BTreeMap<String, String> {
        self.inner().document.users.clone()
    }

    pub fn learn_user(&self, organizer: &str, id: &str) {
        let mut inner = self.inner();
        let before = inner.document.users.insert(organizer.into(), id.into());
        inner.dirty |= before.as_deref() != Some(id);
    }

    /// Keeps what was applied. It reaches the disk with the next `save`, or soon.
    pub fn keep(&self, key: &Key, record: Record) -> Result<()> {
        let mut inner = self.inner();
        let new = inner.document.mailboxes.insert(record.organizer.clone());
        let before = Arc::make_mut(&mut inner.document.resources).insert(key.clone(), record.clone());
        inner.dirty |= new || before.as_ref() != Some(&record);
        self.soon(inner)
    }

    pub fn forget(&self, key: &Key) -> Result<()> {
        let mut inner = self.inner();
        inner.dirty |= Arc::make_mut(&mut inner.document.resources).remove(key).is_some();
        self.soon(inner)
    }

    /// Writes what has changed, and returns once it is on the disk.
    pub fn save(&self) -> Result<()> {
        self.write(&mut self.inner())
    }

    fn soon(&self, mut inner: MutexGuard<Inner>) -> Result<()> {
        match inner.written {
            Some(at) if at.elapsed() < EVERY => Ok(()),
            Some(_) | None => self.write(&mut inner),
        }
    }

    fn write(&self, inner: &mut Inner) -> Result<()> {
        if !inner.dirty {
            return Ok(());
        }
        inner.document.serial += 1;
        let text = serde_json::to_string_pretty(&inner.document).expect("the state is plain data with text keys");
        let folder = self.make_folder()?;
        let written = || -> std::io::Result<()> {
            // A temporary file is made with mode 0600.
            let mut file = tempfile::NamedTempFile::new_in(&folder)?;
            file.write_all(text.as_bytes())?;
            file.as_file().sync_all()?;
            file.persist(&self.path)?;
            Ok(())
        };
        written().with_context(|| format!("cannot write the state `{}`", self.path.display()))?;
        inner.dirty = false;
        inner.written = Some(Instant::now());
        Ok(())
    }

    fn make_folder(&self) -> Result<PathBuf> {
        let folder = self.path.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_owned();
        fs::create_dir_all(&folder).with_context(|| format!("cannot make the folder `{}`", folder.display()))?;
        Ok(folder)
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().expect("no holder of the state panics")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::{event, online_meeting};
    use crate::model::Unanswered;

    #[test]
    fn what_is_kept_is_read_again_and_only_by_its_owner() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/state.json");
        let key = Key::new(&event::KIND, "weekly");
        let record = Record { organizer: "alex@contoso.example".into(), id: "A".into(), ..Record::default() };
        let state = State::open(&path, "contoso").unwrap();
        assert!(!state.records().found);
        state.keep(&key, record.clone()).unwrap();
        state.save().unwrap();
        let again = State::open(&path, "contoso").unwrap();
        assert_eq!(again.records(), Records { found: true, serial: 1, resources: Arc::new([(key, record)].into()) });
        assert_eq!(again.mailboxes(), ["alex@contoso.example".to_owned()].into());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }

    #[test]
    fn an_intent_outlives_the_process_in_a_form_that_people_can_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.json");
        let key = Key::new(&online_meeting::KIND, "standup");
        let unanswered =
            Unanswered { since: "2026-01-02T03:04:05Z".parse().ok(), subject: Some("Standup".into()), start: None };
        let record = Record { organizer: "me".into(), unanswered: Some(unanswered), ..Record::default() };
        let state = State::open(&path, "contoso").unwrap();
        state.keep(&key, record.clone()).unwrap();
        state.save().unwrap();
        let written: serde_json::Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        let expect = serde_json::json!({"since": "2026-01-02T03:04:05Z", "subject": "Standup", "start": null});
        assert_eq!(written["resources"]["OnlineMeeting/standup"]["unanswered"], expect);
        assert_eq!(State::open(&path, "contoso").unwrap().record(&key), Some(record));
    }

    #[test]
    fn a_state_that_is_not_ours_or_damaged_is_refused_with_the_way_out() {
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
            let error = State::open(&path, "contoso").err().unwrap().to_string();
            assert!(error.contains(expect) && error.contains("hint:"), "{error}");
        }
    }

    #[test]
    fn a_second_apply_on_the_same_state_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.json");
        let (one, two) = (State::open(&path, "w").unwrap(), State::open(&path, "w").unwrap());
        let _held = one.lock().unwrap();
        assert!(two.lock().err().unwrap().to_string().contains("another apply is running"));
    }
}
