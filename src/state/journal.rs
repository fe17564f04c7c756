//! The journal: what has changed since the document was written, in numbered entries beside it, so that a growing apply does not
//! write the whole document again and again.
//!
//! An entry is written once, and only if its number is free: of two that write one state a single one gets on, and who fails has
//! lost it. The entries are read in turn until one is missing, and folded into the next document, which has a journal of its
//! own: entries of an older one are nobody's any more.

use crate::model::{Key, Record, Spent};
use crate::reason::Reason;
use crate::state::history::Apply;
use crate::state::store::{Part, Store};
use crate::state::{Document, FORMAT, foreign};
use crate::trouble::Trouble;
use anyhow::{Result, bail};
use futures::{StreamExt, future, stream};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use uuid::Uuid;

/// So many are written in more than two hours, and each of them is asked for when the journal is read.
const MOST: u64 = 4096;

/// How many entries are read or removed side by side.
const AT_ONCE: u64 = 16;

/// What a document says of its journal.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Journal {
    /// What the entries that follow the document are called.
    pub id: String,
    /// The journal that went into the document, which may not be gone yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Past>,
}

impl Journal {
    /// The journal of the next document, after that of one with so many entries.
    pub fn next(before: Option<&Journal>, entries: u64) -> Journal {
        let past = before.filter(|_| entries > 0).map(|before| Past { id: before.id.clone(), entries });
        Journal { id: Uuid::new_v4().simple().to_string(), before: past }
    }

    /// Whether it can be one that was made here: it is part of names.
    pub fn is_ours(&self) -> bool {
        let named = |id: &str| id.len() == 32 && id.bytes().all(|sign| sign.is_ascii_hexdigit());
        named(&self.id) && self.before.as_ref().is_none_or(|past| named(&past.id) && past.entries <= 2 * MOST)
    }
}

/// A journal that nobody reads any more.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Past {
    pub id: String,
    /// How many entries it had.
    pub entries: u64,
}

/// What stands in the journal of a document, all in all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Tail {
    pub entries: u64,
    pub bytes: usize,
}

impl Tail {
    /// Whether that is more than is kept before there is a new document: so many bytes.
    pub fn is_long(self, most: usize) -> bool {
        self.entries > MOST || self.bytes > most
    }

    /// The same with one more entry.
    pub fn and(self, bytes: usize) -> Tail {
        Tail { entries: self.entries + 1, bytes: self.bytes + bytes }
    }
}

/// What differs from what was written last, by name.
#[derive(Debug, Default)]
pub(super) struct Changes {
    pub resources: BTreeSet<Key>,
    pub incarnations: BTreeSet<Key>,
    pub mailboxes: BTreeSet<String>,
    pub users: BTreeSet<String>,
    pub applies: bool,
    pub spent: bool,
    pub owner: bool,
    /// It stands in the document alone.
    pub epoch: bool,
    pub begun: bool,
    /// Something that stands in the document alone, such as what the workspace is and was called.
    pub whole: bool,
}

impl Changes {
    /// Whether nothing differs.
    pub fn is_empty(&self) -> bool {
        let Changes { resources, incarnations, mailboxes, users, applies, spent, owner, epoch, begun, whole } = self;
        let named = !resources.is_empty() || !incarnations.is_empty() || !mailboxes.is_empty() || !users.is_empty();
        !named && !applies && !spent && !owner && !epoch && !begun && !whole
    }
}

/// A group of changes as it is kept. What is short stands in it whole, the rest where it has changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Entry {
    format_version: u32,
    workspace: String,
    /// Who wrote it: two that write the same are two all the same.
    writer: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    owner: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    begun: Option<String>,
    serial: u64,
    /// False where a mailbox is forgotten.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    mailboxes: BTreeMap<String, bool>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    users: BTreeMap<String, String>,
    /// Nothing where a resource is forgotten.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    resources: BTreeMap<Key, Option<Record>>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    incarnations: BTreeMap<Key, u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    applies: Option<Vec<Apply>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    spent: Option<Arc<Spent>>,
}

impl Entry {
    /// Takes what has changed out of a document.
    pub fn of(document: &Document, changes: &Changes, writer: &str) -> Entry {
        // Named one by one, so that whatever the document gets is thought of here.
        let Document {
            format_version,
            workspace,
            previously: _,
            owner,
            serial,
            epoch: _,
            journal: _,
            mailboxes,
            users,
            resources,
            incarnations,
            begun,
            begun_parts: _,
            applies,
            spent,
        } = document;
        let known = |name: &String| (name.clone(), mailboxes.contains(name));
        Entry {
            format_version: *format_version,
            workspace: workspace.clone(),
            writer: writer.to_owned(),
            owner: owner.clone(),
            begun: begun.clone(),
            serial: *serial,
            mailboxes: changes.mailboxes.iter().map(known).collect(),
            users: changed(&changes.users, users).collect(),
            resources: changes.resources.iter().map(|key| (key.clone(), resources.get(key).cloned())).collect(),
            incarnations: changed(&changes.incarnations, incarnations).collect(),
            applies: changes.applies.then(|| applies.clone()),
            spent: changes.spent.then(|| spent.clone()),
        }
    }

    /// Returns what is kept of it: a line.
    pub fn text(&self) -> String {
        serde_json::to_string(self).expect("an entry is plain data with text keys") + "\n"
    }

    /// Puts what has changed into the document that it follows.
    ///
    /// Fails where it does not follow it.
    fn fold(self, document: &mut Document) -> Result<()> {
        let Entry {
            format_version,
            workspace,
            writer: _,
            owner,
            begun,
            serial,
            mailboxes,
            users,
            resources,
            incarnations,
            applies,
            spent,
        } = self;
        if format_version != FORMAT {
            bail!("it has format version {format_version}, and this convoke knows {FORMAT}");
        }
        if workspace != document.workspace {
            bail!("it belongs to another workspace");
        }
        if document.serial.checked_add(1) != Some(serial) {
            bail!("it does not follow what was written before it");
        }
        (document.serial, document.owner, document.begun) = (serial, owner, begun);
        for (name, known) in mailboxes {
            match known {
                true => document.mailboxes.insert(name),
                false => document.mailboxes.remove(&name),
            };
        }
        document.users.extend(users);
        let all = Arc::make_mut(&mut document.resources);
        for (key, record) in resources {
            match record {
                Some(record) => all.insert(key, record),
                None => all.remove(&key),
            };
        }
        Arc::make_mut(&mut document.incarnations).extend(incarnations);
        document.applies = applies.unwrap_or(std::mem::take(&mut document.applies));
        document.spent = spent.unwrap_or(std::mem::take(&mut document.spent));
        Ok(())
    }
}

fn changed<'a, K: Ord + Clone, V: Clone>(
    names: &'a BTreeSet<K>,
    all: &'a BTreeMap<K, V>,
) -> impl Iterator<Item = (K, V)> {
    names.iter().filter_map(|name| Some((name.clone(), all.get(name)?.clone())))
}

/// Reads the entries that follow a document, and puts them into it.
///
/// Fails where one cannot be read, is damaged or does not follow the one before it.
pub(super) async fn read(store: &Store, document: &mut Document) -> Result<Tail> {
    let mut tail = Tail::default();
    let Some(journal) = document.journal.as_ref().map(|journal| journal.id.clone()) else { return Ok(tail) };
    loop {
        // Most often there is none, and after a crash there may be hundreds.
        let numbers = tail.entries..tail.entries + tail.entries.clamp(1, AT_ONCE);
        let parts = numbers.map(|number| Part::Entry { journal: journal.clone(), number });
        let loaded = parts.map(|part| async move { (store.load(&part).await, part) });
        for (loaded, part) in future::join_all(loaded).await {
            let cannot = |error| unreadable(&store.name_of(&part)).because(error);
            let Some((bytes, _)) = loaded.map_err(cannot)? else { return Ok(tail) };
            let entry = serde_json::from_slice::<Entry>(&bytes).map_err(|error| foreign(&error));
            entry.and_then(|entry| entry.fold(document)).map_err(cannot)?;
            tail = tail.and(bytes.len());
        }
    }
}

fn unreadable(place: &str) -> Trouble {
    let way_out = "restore it from a copy, or delete it with the entries after it: events and meetings in manifests are found \
                   again without it, but those in channels";
    Reason::StateUnreadable.trouble(format!("cannot read the entry `{place}` of the state's journal")).hint(way_out)
}

/// Removes what nobody reads any more; what cannot be removed is left for the next time.
///
/// An entry that was put there so that another writer fails at it is the last one, and stays until the next document.
pub(super) async fn clear(store: &Store, past: &Past, sealed: bool) {
    let entry = |number| Part::Entry { journal: past.id.clone(), number };
    let end = past.entries.saturating_sub(u64::from(sealed));
    let removed = stream::iter((1..end).map(|number| async move { store.remove(&entry(number)).await }));
    let removed: Vec<Result<()>> = removed.buffer_unordered(AT_ONCE as usize).collect().await;
    // As long as the first one is there, there may be others.
    if end > 0 && removed.iter().all(Result::is_ok) {
        let _ = store.remove(&entry(0)).await;
    }
}

/// Removes what the writer before has left: the entry at which another was to fail, or everything, if it came no further.
pub(super) async fn clear_rest(store: &Store, past: &Past) {
    let entry = |number| Part::Entry { journal: past.id.clone(), number };
    match store.load(&entry(0)).await {
        Ok(None) if past.entries > 1 => drop(store.remove(&entry(past.entries - 1)).await),
        Ok(None) => {}
        Ok(Some(_)) | Err(_) => clear(store, past, false).await,
    }
}
