//! How what has changed comes into the store: what is written next, and what becomes of it.

use crate::reason::Reason;
use crate::state::journal::{self, Changes, Entry, Journal, Past, Tail};
use crate::state::locked::Locked;
use crate::state::store::{Part, Unsaved, Version};
use crate::state::{Read, text};
use anyhow::{Result, bail};
use std::time::Instant;
use uuid::Uuid;

/// How much was written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Traffic {
    /// How often something was written.
    pub writes: usize,
    /// How much that was, all in all.
    pub bytes: usize,
}

/// What the store holds, as far as we know.
pub(super) struct Written {
    version: Option<Version>,
    /// How many bytes the document has.
    size: usize,
    /// What stands in its journal.
    pub tail: Tail,
    serial: u64,
    /// When something was written last.
    pub at: Option<Instant>,
    /// What was to be written last, and perhaps was: it is settled before anything else is written.
    pub pending: Option<Pending>,
    /// The journal's last entry is there so that another writer fails at it.
    pub sealed: bool,
    /// Who we are.
    writer: String,
    pub traffic: Traffic,
}

/// What is written next.
pub(super) struct Pending {
    text: String,
    what: What,
}

enum What {
    Document(Journal),
    Entry { journal: String, number: u64 },
}

impl Written {
    pub fn of(read: &Read) -> Written {
        let Read { state, version, size, tail } = read;
        Written {
            version: version.clone(),
            size: *size,
            tail: *tail,
            serial: state.document.serial,
            at: None,
            pending: None,
            sealed: false,
            writer: Uuid::new_v4().simple().to_string(),
            traffic: Traffic::default(),
        }
    }
}

impl Locked {
    /// Writes what has changed: as an entry, or with everything as a document.
    pub(super) async fn write(&self, written: &mut Written, whole: bool) -> Result<()> {
        self.settle(written).await?;
        written.pending = self.next(written, whole);
        self.settle(written).await
    }

    /// What is written next, if anything has changed; what changes from here on is for the write after it.
    pub(super) fn next(&self, written: &Written, whole: bool) -> Option<Pending> {
        let mut inner = self.inner();
        let changes = std::mem::take(&mut inner.changes);
        if changes.is_empty() && !(whole && written.tail.entries > 0) {
            return None;
        }
        let document = &mut inner.state.document;
        document.serial = written.serial + 1;
        if let Some(journal) = document.journal.as_ref().filter(|_| !whole && !changes.whole) {
            let text = Entry::of(document, &changes, &written.writer).text();
            if !written.tail.and(text.len()).is_long(self.store.journal(written.size)) {
                let what = What::Entry { journal: journal.id.clone(), number: written.tail.entries };
                return Some(Pending { text, what });
            }
        }
        let next = Journal::next(document.journal.as_ref(), written.tail.entries);
        // Until it is written the journal is the one of before.
        let now = document.journal.replace(next.clone());
        let text = text::of(document);
        document.journal = now;
        Some(Pending { text, what: What::Document(next) })
    }

    /// An entry without changes, if there is a journal; where there is none, the next write is a document.
    pub(super) fn seal(&self, written: &Written) -> Option<Pending> {
        let mut inner = self.inner();
        let document = &mut inner.state.document;
        let what = What::Entry { journal: document.journal.as_ref()?.id.clone(), number: written.tail.entries };
        document.serial = written.serial + 1;
        Some(Pending { text: Entry::of(document, &Changes::default(), &written.writer).text(), what })
    }

    /// Writes what is to be written, or finds that it was.
    pub(super) async fn settle(&self, written: &mut Written) -> Result<()> {
        let Some((part, text, before)) = self.sent(written) else { return Ok(()) };
        if part == Part::Document {
            self.clear_rest().await;
        }
        let bytes = text.as_bytes();
        let version = match self.store.save_if(&part, bytes, before.as_ref()).await {
            Ok(version) => version,
            Err(Unsaved::Failed(error)) => return Err(error),
            // An answer may have been lost: it is there, and it is ours.
            Err(Unsaved::Moved) => match self.store.load(&part).await? {
                Some((kept, version)) if kept == bytes => version,
                Some(_) | None => return self.lose().await,
            },
        };
        self.done(written, version).await;
        Ok(())
    }

    /// What is to be written where, and over what.
    pub(super) fn sent<'a>(&self, written: &'a Written) -> Option<(Part, &'a str, Option<Version>)> {
        let Pending { text, what } = written.pending.as_ref()?;
        Some(match what {
            What::Document(_) => (Part::Document, text, written.version.clone()),
            What::Entry { journal, number } => (Part::Entry { journal: journal.clone(), number: *number }, text, None),
        })
    }

    async fn lose(&self) -> Result<()> {
        self.inner().lost = true;
        if let Some(taken) = self.lock.looked_at().await {
            bail!(taken.after("the state was not written: "));
        }
        let name = self.store.name();
        let moved = "was written by somebody else since it was read, and was not overwritten";
        let way_out = "find out who writes it without its lock, then apply again: what was made is found";
        bail!(Reason::StateMoved.trouble(format!("the state `{name}` {moved}")).hint(way_out))
    }

    async fn done(&self, written: &mut Written, version: Version) {
        let Some(Pending { text, what }) = written.pending.take() else { return };
        let Traffic { writes, bytes } = written.traffic;
        written.traffic = Traffic { writes: writes + 1, bytes: bytes + text.len() };
        (written.serial, written.at) = (written.serial + 1, Some((self.clock)()));
        match what {
            What::Entry { .. } => written.tail = written.tail.and(text.len()),
            What::Document(journal) => {
                (written.version, written.size, written.tail) = (Some(version), text.len(), Tail::default());
                let sealed = std::mem::take(&mut written.sealed);
                self.inner().state.document.journal = Some(journal.clone());
                if let Some(past) = &journal.before {
                    journal::clear(&self.store, past, sealed).await;
                }
            }
        }
    }

    /// Removes what the last document may have left of the journal before it.
    async fn clear_rest(&self) {
        let past: Option<Past> = self.inner().state.document.journal.as_ref().and_then(|it| it.before.clone());
        if let Some(past) = past {
            journal::clear_rest(&self.store, &past).await;
        }
    }
}
