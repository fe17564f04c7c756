//! Where a state is kept: load, save over what was loaded, and whether another process of this machine uses it.
//!
//! Knows bytes and versions, nothing of what is in them nor of who asks.

mod file;
#[cfg(feature = "remote-state")]
mod object;

pub use file::{OUR_FOLDER, keep_private};

use crate::kind::workspace::{Cloud, Remote};
#[cfg(not(feature = "remote-state"))]
use crate::reason::Reason;
use anyhow::Result;
use futures::future::BoxFuture;
use std::path::PathBuf;
use std::sync::Arc;

/// So many bytes of a journal are kept whatever the document's size: to read them is a moment.
const JOURNAL: usize = 8 << 20;

/// A place for one state.
pub enum Store {
    /// A file on this machine, and a lock beside it.
    File(file::Place),
    /// An object in a store.
    #[cfg(feature = "remote-state")]
    Object(Box<object::Place>),
}

/// Fetches a token for a store, a new one when the last one runs out.
pub type Bearer = Arc<dyn Fn() -> BoxFuture<'static, Result<String>> + Send + Sync>;

/// What opens a store.
pub struct Access<'a> {
    /// Reads a variable of the environment; an empty one is none.
    pub env: &'a dyn Fn(&str) -> Option<String>,
    /// Which cloud Azure's stores are in.
    pub cloud: Cloud,
    /// Signs in to Azure, where no variable names a key of the account.
    pub sign_in: &'a dyn Fn() -> Result<Bearer>,
}

/// What is kept of one state, each an object of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// The document.
    Document,
    /// Who may write, and since when.
    Lock,
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
            Part::Lock => format!("{place}.holder"),
            Part::Entry { journal, number } => format!("{place}.journal.{journal}.{number}"),
        }
    }
}

/// What a place holds, to tell later whether somebody else has written it since.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version(String);

/// Whether other processes of this machine use the place; the system takes it back from a process that has ended.
#[derive(Debug)]
pub enum Lease {
    /// None does, for as long as this is kept.
    Alone(Alone),
    /// One does.
    Busy,
    /// The place is none of this machine's, and it cannot tell.
    #[cfg(feature = "remote-state")]
    Elsewhere,
}

/// A file that this process has locked, until it is let go of.
#[derive(Debug)]
pub struct Alone(std::fs::File);

impl Drop for Alone {
    /// A process that is just being started has the open file as well, until it runs a program of its own: to close ours frees nothing.
    fn drop(&mut self) {
        let _ = self.0.unlock(); // The system takes it back in the end.
    }
}

impl Lease {
    /// Whether no living process of this machine is known to use the place.
    pub fn may_be_free(&self) -> bool {
        match self {
            Lease::Alone(_) => true,
            Lease::Busy => false,
            #[cfg(feature = "remote-state")]
            Lease::Elsewhere => true,
        }
    }
}

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

    /// Keeps the state in an object of a store; asks nobody yet.
    ///
    /// Fails where what opens the store is missing, and in a program that was built without stores.
    #[cfg(feature = "remote-state")]
    pub fn object(remote: Remote, access: &Access) -> Result<Store> {
        Ok(Store::Object(object::Place::open(remote, access)?.into()))
    }

    /// Says that this program was built without stores.
    #[cfg(not(feature = "remote-state"))]
    pub fn object(remote: Remote, _: &Access) -> Result<Store> {
        let without = format!("this convoke was built without `remote-state`, and the state is `{remote}`");
        anyhow::bail!(Reason::Store.trouble(without).hint("build it with `cargo build --features remote-state`"))
    }

    /// Keeps the state in what somebody else opened: its document is called `path` there, and all of it has room in `most` bytes.
    #[cfg(feature = "remote-state")]
    pub fn through(name: String, path: &str, most: usize, store: Arc<dyn object_store::ObjectStore>) -> Store {
        Store::Object(object::Place::through(name, path, most, store).into())
    }

    /// Returns how many bytes of a journal are kept beside a document of so many before there is a new one.
    pub fn journal(&self, document: usize) -> usize {
        let plenty = document.max(JOURNAL);
        match self {
            Store::File(_) => plenty,
            // The document that follows a journal stands beside it for a moment.
            #[cfg(feature = "remote-state")]
            Store::Object(place) => place.room.map_or(plenty, |room| room / 8),
        }
    }

    /// Returns what is kept and its version; `None` where there is nothing yet. Fails when it cannot be read.
    pub async fn load(&self, part: &Part) -> Result<Option<(Vec<u8>, Version)>> {
        match self {
            Store::File(place) => place.load(part),
            #[cfg(feature = "remote-state")]
            Store::Object(place) => place.load(part).await,
        }
    }

    /// Returns the version of what is kept, without its bytes. Fails as `load` does.
    pub async fn version(&self, part: &Part) -> Result<Option<Version>> {
        match self {
            Store::File(place) => place.version(part),
            #[cfg(feature = "remote-state")]
            Store::Object(place) => place.version(part).await,
        }
    }

    /// Writes if the place still holds that version (`None`: nothing), and returns the new one.
    ///
    /// A reader finds the old bytes or the new ones, never a part.
    pub async fn save_if(&self, part: &Part, bytes: &[u8], version: Option<&Version>) -> Result<Version, Unsaved> {
        match self {
            Store::File(place) => place.save_if(part, bytes, version),
            #[cfg(feature = "remote-state")]
            Store::Object(place) => place.save_if(part, bytes, version).await,
        }
    }

    /// Removes what is there; that nothing is there is no failure. Fails when it cannot be removed.
    pub async fn remove(&self, part: &Part) -> Result<()> {
        match self {
            Store::File(place) => place.remove(part),
            #[cfg(feature = "remote-state")]
            Store::Object(place) => place.remove(part).await,
        }
    }

    /// Asks whether another process of this machine uses the place, and keeps others out if none does. It never waits.
    pub async fn lease(&self) -> Result<Lease> {
        match self {
            Store::File(place) => place.lease(),
            #[cfg(feature = "remote-state")]
            Store::Object(_) => Ok(Lease::Elsewhere),
        }
    }

    /// Returns the place in words, for messages.
    pub fn name(&self) -> String {
        match self {
            Store::File(place) => place.name(),
            #[cfg(feature = "remote-state")]
            Store::Object(place) => place.name(),
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
