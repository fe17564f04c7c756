//! Where a state is kept: load, save over what was loaded, and a lease for as long as somebody writes.
//!
//! Knows bytes and versions, nothing of what is in them nor of who asks.

mod file;

pub use file::{OUR_FOLDER, keep_private};

use anyhow::Result;
use std::path::PathBuf;

/// A place for one state.
pub enum Store {
    /// A file on this machine, and a lock beside it.
    File(file::Place),
}

/// What is kept of one state, each an object of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// The document.
    Document,
    /// What has changed since, one of many. It is written once.
    Entry {
        /// The journal that the document names.
        journal: String,
        /// Counts from 0.
        number: u64,
    },
}

impl Part {
    /// What a part is called in the place of that name, which is the document's own.
    fn within(&self, place: &str) -> String {
        match self {
            Part::Document => place.to_owned(),
            Part::Entry { journal, number } => format!("{place}.journal.{journal}.{number}"),
        }
    }
}

/// What a place holds, to tell later whether somebody else has written it since.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version(String);

/// Held while somebody writes; given back when it is dropped.
pub struct Lease(#[expect(dead_code, reason = "the file is locked as long as it is open")] std::fs::File);

/// Why nothing was saved.
pub enum Unsaved {
    /// Somebody else has written it since it was loaded.
    Moved,
    /// It could not be written.
    Failed(anyhow::Error),
}

impl Store {
    /// Keeps the state in the file at `path`; its folder is made when it is first written.
    pub fn file(path: PathBuf) -> Store {
        Store::File(file::Place::new(path))
    }

    /// Returns what is kept and its version; `None` where there is nothing yet. Fails when it cannot be read.
    pub async fn load(&self, part: &Part) -> Result<Option<(Vec<u8>, Version)>> {
        match self {
            Store::File(place) => place.load(part),
        }
    }

    /// Writes if the place still holds that version (`None`: nothing), and returns the new one.
    ///
    /// A reader finds the old bytes or the new ones, never a part.
    pub async fn save_if(&self, part: &Part, bytes: &[u8], version: Option<&Version>) -> Result<Version, Unsaved> {
        match self {
            Store::File(place) => place.save_if(part, bytes, version),
        }
    }

    /// Removes what is there; that nothing is there is no failure. Fails when it cannot be removed.
    pub async fn remove(&self, part: &Part) -> Result<()> {
        match self {
            Store::File(place) => place.remove(part),
        }
    }

    /// Takes the lease. Fails at once when somebody else has it.
    pub async fn lease(&self) -> Result<Lease> {
        match self {
            Store::File(place) => place.lease().map(Lease),
        }
    }

    /// Returns the place in words, for messages.
    pub fn name(&self) -> String {
        match self {
            Store::File(place) => place.name(),
        }
    }

    /// Returns the place of a part in words.
    pub fn name_of(&self, part: &Part) -> String {
        part.within(&self.name())
    }
}

impl From<anyhow::Error> for Unsaved {
    fn from(error: anyhow::Error) -> Unsaved {
        Unsaved::Failed(error)
    }
}
