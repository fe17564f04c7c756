//! What was applied, remembered in one JSON document and the journal of what has changed since.
//!
//! It may be lost: events are found by their mark, meetings by createOrGet; only meetings and mailboxes that no manifest
//! mentions any more, and meetings in channels, are then unknown. It holds join links, so it is a secret. Whoever writes it
//! holds its lock, and has read it under that lock.

mod history;
mod journal;
mod lock;
mod locked;
pub mod store;
mod text;

pub use history::{Apply, Mails};
pub use lock::{Clock, Machine, SystemClock, Taking, holder};
pub use locked::{Locked, Traffic};

use crate::kind::online_meeting::external_id;
use crate::kind::workspace::OwnerNames;
use crate::model::{Key, Record, Records, Spent};
use crate::origin::Origin;
use crate::problem::cut;
use crate::reason::Reason;
use crate::state::journal::{Journal, Tail};
use crate::state::store::{Part, Store, Version};
use crate::trouble::Trouble;
use anyhow::{Context, Error, Result, anyhow, bail};
use rayon::prelude::*;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What is written. The first format had no journal.
const FORMAT: u32 = 2;

/// The last serial that every reader of JSON takes for the same number (RFC 8259, 6); no number of writes leads there.
const LAST_SERIAL: u64 = (1 << 53) - 1;

/// The state of one workspace, as it was read.
#[derive(Debug, Clone, PartialEq)]
pub struct State {
    document: Document,
    found: bool,
    /// The name that the store has it under, where the workspace was renamed since.
    kept_as: Option<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Document {
    format_version: u32,
    workspace: String,
    /// The names that it had before.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    previously: BTreeSet<String>,
    /// The repository that writes it, as far as one is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    owner: Option<String>,
    /// Counts the writes, of the document and of its journal.
    serial: u64,
    /// The lock's, when it was last written; older documents have none.
    #[serde(default)]
    epoch: u64,
    /// Where the changes since are to be found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    journal: Option<Journal>,
    /// Every mailbox that may hold something of ours.
    mailboxes: BTreeSet<String>,
    /// Object ids by organizer.
    users: BTreeMap<String, String>,
    #[serde(deserialize_with = "records")]
    resources: Arc<BTreeMap<Key, Record>>,
    /// The incarnation that a key goes on with whose object we removed.
    #[serde(default, skip_serializing_if = "no_incarnations")]
    incarnations: Arc<BTreeMap<Key, u64>>,
    /// The id of the plan whose apply was begun last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    begun: Option<String>,
    /// Digests of what that plan was to do with each resource, where several runs send a part each.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    begun_parts: BTreeSet<String>,
    /// The last applies, the newest last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    applies: Vec<Apply>,
    /// What was sent of late, over all who write the state.
    #[serde(default, skip_serializing_if = "nothing_spent")]
    spent: Arc<Spent>,
}

/// Reads the records on all cores. One that cannot be read is told without its place; see `Ours`.
fn records<'de, D: Deserializer<'de>>(from: D) -> Result<Arc<BTreeMap<Key, Record>>, D::Error> {
    let all = BTreeMap::<Key, &'de RawValue>::deserialize(from)?;
    let all: Vec<(Key, &RawValue)> = all.into_iter().collect();
    let read = all.into_par_iter().map(|(key, text)| Ok((key, serde_json::from_str(text.get())?)));
    let read = read.collect::<serde_json::Result<Vec<_>>>().map_err(D::Error::custom)?;
    Ok(Arc::new(read.into_iter().collect()))
}

/// What tells where a record cannot be read.
#[derive(Deserialize)]
struct Ours {
    #[serde(rename = "resources")]
    _records: BTreeMap<Key, Record>,
}

fn nothing_spent(spent: &Arc<Spent>) -> bool {
    **spent == Spent::default()
}

fn no_incarnations(all: &Arc<BTreeMap<Key, u64>>) -> bool {
    all.is_empty()
}

impl State {
    /// Reads the state of a workspace to look at, under any of its names; an empty one where there is none.
    ///
    /// Fails when it cannot be read, is of another format or belongs to another workspace.
    pub async fn read(store: &Store, names: impl Into<OwnerNames>) -> Result<State> {
        let names = names.into();
        loop {
            let Read { mut state, version, .. } = State::versioned(store, &names).await?;
            // Whoever writes may have folded the journal meanwhile, and removed what had not been read of it yet.
            if state.document.journal.is_none() || now(store).await? == version {
                state.rename(&names);
                return Ok(state);
            }
        }
    }

    /// Reads it with what a write has to know.
    async fn versioned(store: &Store, names: &OwnerNames) -> Result<Read> {
        let Some((bytes, version)) = document(store).await? else {
            let document = Document { format_version: FORMAT, workspace: names.now.clone(), ..Document::default() };
            let state = State { document, found: false, kept_as: None };
            return Ok(Read { state, version: None, size: 0, tail: Tail::default() });
        };
        let mut state = State::parse(&bytes, &store.name(), names.clone())?;
        let tail = journal::read(store, &mut state.document).await?;
        Ok(Read { state, version: Some(version), size: bytes.len(), tail })
    }

    /// Takes what is kept in the place of that name for the state of a workspace, without what stands in its journal.
    ///
    /// Fails when it is none, is of another format or belongs to another workspace.
    pub fn parse(bytes: &[u8], name: &str, names: impl Into<OwnerNames>) -> Result<State> {
        let names = names.into();
        let read = serde_json::from_slice(bytes);
        let read = read.map_err(|error| serde_json::from_slice::<Ours>(bytes).err().unwrap_or(error));
        let mut document: Document = read.map_err(|error| foreign(&error)).with_context(|| unreadable(name))?;
        if !(1..=FORMAT).contains(&document.format_version) {
            let version = document.format_version;
            let other = format!("the state `{name}` has format version {version}, and this convoke knows {FORMAT}");
            bail!(Reason::StateUnreadable.trouble(other).hint("use the convoke that wrote it, or a newer one"));
        }
        if !names.has(&document.workspace) {
            let (owner, workspace) = (cut(&document.workspace), names.now);
            let other = format!("the state `{name}` belongs to the workspace `{owner}`, not to `{workspace}`");
            let way_out = format!(
                "give each workspace its own `spec.state`; if this one was called `{owner}`, say so in its `spec.previously`"
            );
            bail!(Reason::StateOfAnother.trouble(other).hint(way_out));
        }
        if document.serial >= LAST_SERIAL {
            let serial = document.serial;
            bail!(anyhow!("its serial is {serial}, and none can follow: it was damaged").context(unreadable(name)));
        }
        if document.journal.as_ref().is_some_and(|journal| !journal.is_ours()) {
            return Err(anyhow!("its journal is none of ours").context(unreadable(name)));
        }
        document.format_version = FORMAT;
        Ok(State { document, found: true, kept_as: None })
    }

    /// Gives it the name that the workspace has now. Meetings keep the name that they were made under, since Graph does.
    fn rename(&mut self, names: &OwnerNames) {
        let document = &mut self.document;
        if document.workspace == names.now {
            return;
        }
        let before = std::mem::replace(&mut document.workspace, names.now.clone());
        for (key, record) in Arc::make_mut(&mut document.resources) {
            if key.kind().is_meeting {
                record.external_id.get_or_insert_with(|| external_id(&before, key.name()));
            }
        }
        document.previously.remove(&names.now);
        document.previously.insert(before.clone());
        self.kept_as = Some(before);
    }

    /// Returns what is kept of it.
    pub fn text(&self) -> String {
        text::of(&self.document)
    }

    /// Fails where the state is another repository's than that of whoever wants to write, and it is not to be taken over.
    ///
    /// Two that write one state would each cancel what the other declares.
    pub fn written_by(&self, origin: &Origin, take_over: bool) -> Result<()> {
        match (&self.document.owner, &origin.owner) {
            (Some(first), other) if Some(first) != other.as_ref() && !take_over => {
                let workspace = cut(&self.document.workspace);
                let this = match other {
                    Some(name) => format!("this is `{}`", cut(name)),
                    None => "nothing tells whether this is the same".to_owned(),
                };
                let other = format!("the state of `{workspace}` is written by `{}`, and {this}", cut(first));
                let way_out = "let that one apply, say with CONVOKE_OWNER that this is the same, or pass --take-over: \
                               then it is this one's, and the other is refused";
                bail!(Reason::StateOfAnother.trouble(other).hint(way_out))
            }
            _ => Ok(()),
        }
    }

    /// Returns what is known of resources that were applied.
    pub fn records(&self) -> Records {
        let Document { serial, resources, incarnations, spent, previously, .. } = &self.document;
        Records {
            found: self.found,
            serial: *serial,
            resources: resources.clone(),
            incarnations: incarnations.clone(),
            spent: spent.clone(),
            names: previously.clone(),
            kept_as: self.kept_as.clone(),
        }
    }

    /// Whether the apply that was begun last is that of a plan: what is not as it was planned is so by that, or by somebody else's
    /// hand.
    pub fn has_begun(&self, plan: &str) -> bool {
        self.document.begun.as_deref() == Some(plan)
    }

    /// Whether all of that is a part of a plan of which another part was begun.
    pub fn has_begun_parts(&self, plan: &str, parts: &BTreeSet<String>) -> bool {
        self.has_begun(plan) && !self.document.begun_parts.is_empty() && parts.is_subset(&self.document.begun_parts)
    }

    /// Returns the last applies, the newest last.
    pub fn applies(&self) -> &[Apply] {
        &self.document.applies
    }

    /// Returns every mailbox that may hold something of ours.
    pub fn mailboxes(&self) -> &BTreeSet<String> {
        &self.document.mailboxes
    }

    /// Returns the object ids that are known, by organizer.
    pub fn users(&self) -> &BTreeMap<String, String> {
        &self.document.users
    }
}

/// A state as it was read, and what a write has to know of it.
struct Read {
    state: State,
    /// What the document was.
    version: Option<Version>,
    /// How many bytes the document has.
    size: usize,
    tail: Tail,
}

/// Which version of the document the store has now.
async fn now(store: &Store) -> Result<Option<Version>> {
    store.version(&Part::Document).await.map_err(|error| unreadable(&store.name()).because(error))
}

async fn document(store: &Store) -> Result<Option<(Vec<u8>, Version)>> {
    store.load(&Part::Document).await.map_err(|error| unreadable(&store.name()).because(error))
}

fn unreadable(name: &str) -> Trouble {
    let way_out = "restore it from a copy, or delete it: events and meetings in manifests are found again without it, but those in channels";
    Reason::StateUnreadable.trouble(format!("cannot read the state `{name}`")).hint(way_out)
}

/// Says where a text stops being a state. The parser's own words would quote it, and it may be anything.
fn foreign(error: &serde_json::Error) -> Error {
    let (line, column) = (error.line(), error.column());
    match error.is_eof() {
        true => anyhow!("line {line} column {column}: it ends too early"),
        false => anyhow!("line {line} column {column}: it is not a state of ours, or damaged"),
    }
}
