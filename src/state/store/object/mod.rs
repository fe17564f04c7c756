//! A state in an object store: the document and what stands beside it are objects, and each is written only over what was read.
//!
//! A write is a conditional one: if the object still has the ETag (in Google Cloud Storage the generation) that was read, or if there
//! is none yet. Its answer may be lost; then the object is read again and its bytes say whose write it was, so bytes that two writers
//! could both have made must not matter, or must differ. Which store it is, is known in `shops` alone.

mod shops;
mod wire;

use crate::kind::workspace::Remote;
use crate::reason::Reason;
use crate::state::store::{Access, Part, Unsaved, Version};
use crate::trouble::Trouble;
use anyhow::{Context, Error, Result, anyhow, bail};
use futures::TryStreamExt;
use object_store::path::Path;
use object_store::{
    GetOptions, ObjectMeta, ObjectStore, ObjectStoreExt, PutMode, PutOptions, PutPayload, PutResult, UpdateVersion,
};
use std::sync::Arc;
use std::time::Duration;

/// A state larger than this is none of ours, as for one in a file.
const MOST: u64 = 512 << 20;

/// The slowest line that a large document is still written over, in bytes a second.
const SLOWEST: u64 = 100 << 10;

/// How long a store is waited for.
#[derive(Debug, Clone, Copy)]
struct Patience {
    /// For a connection.
    connect: Duration,
    /// For the answer, or for more of it.
    answer: Duration,
    /// Between writes whose answer was lost, and about that between reads; after the last one it is given up.
    pauses: [Duration; 3],
}

const PATIENCE: Patience = Patience {
    connect: Duration::from_secs(10),
    answer: Duration::from_secs(20),
    pauses: [Duration::from_millis(200), Duration::from_secs(1), Duration::from_secs(3)],
};

/// The name of a state in a store, and the way there.
pub struct Place {
    /// Its address, for messages.
    name: String,
    /// What the document is called there.
    path: String,
    /// Nothing where somebody else opened the store, who words what it refuses.
    remote: Option<Remote>,
    /// For how many bytes there is room, where that is little.
    pub room: Option<usize>,
    /// What reads; it asks again by itself.
    reads: Arc<dyn ObjectStore>,
    /// What writes; it sends once, so that a refusal is never the answer to a second try of the same write.
    writes: Arc<dyn ObjectStore>,
    patience: Patience,
}

/// Why a write was not answered by a new version.
enum Unwritten {
    /// The object is not what it has to be.
    Refused,
    /// It may have been written or not.
    Lost(Error),
    /// It was not written.
    Failed(Error),
}

impl Place {
    /// Takes the credentials out of the environment; asks nobody yet.
    ///
    /// Fails where they are missing or cannot be used.
    pub fn open(remote: Remote, access: &Access) -> Result<Place> {
        let cannot = || format!("cannot use the state `{remote}`");
        let (reads, writes) = shops::open(&remote, access, PATIENCE).with_context(cannot)?;
        let (name, path) = (remote.to_string(), remote.path.clone());
        Ok(Place { name, path, remote: Some(remote), room: None, reads, writes, patience: PATIENCE })
    }

    /// See `Store::through`.
    pub fn through(name: String, path: &str, room: usize, store: Arc<dyn ObjectStore>) -> Place {
        let (reads, writes) = (store.clone(), store);
        Place { name, path: path.to_owned(), remote: None, room: Some(room), reads, writes, patience: PATIENCE }
    }

    /// The address, for messages.
    pub fn name(&self) -> String {
        self.name.clone()
    }

    fn path(&self, part: &Part) -> Result<Path> {
        let name = part.within(&self.path);
        Path::parse(&name).map_err(|_| anyhow!("not the name of an object: `{name}`"))
    }

    /// See `Store::load`.
    pub async fn load(&self, part: &Part) -> Result<Option<(Vec<u8>, Version)>> {
        let found = match self.reads.get_opts(&self.path(part)?, GetOptions::default()).await {
            Err(object_store::Error::NotFound { .. }) => return Ok(None),
            answer => answer.map_err(|error| self.words(&error))?,
        };
        let too_large = || anyhow!("it is larger than {} MB", MOST >> 20);
        if found.meta.size > MOST {
            bail!(too_large());
        }
        let version = self.version_of(&found.meta)?;
        let mut bytes = Vec::with_capacity(found.meta.size as usize);
        let mut parts = found.into_stream();
        while let Some(part) = parts.try_next().await.map_err(|error| self.words(&error))? {
            if (bytes.len() + part.len()) as u64 > MOST {
                bail!(too_large());
            }
            bytes.extend_from_slice(&part);
        }
        Ok(Some((bytes, version)))
    }

    /// See `Store::version`.
    pub async fn version(&self, part: &Part) -> Result<Option<Version>> {
        match self.reads.head(&self.path(part)?).await {
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            found => Ok(Some(self.version_of(&found.map_err(|error| self.words(&error))?)?)),
        }
    }

    /// See `Store::save_if`.
    pub async fn save_if(&self, part: &Part, bytes: &[u8], before: Option<&Version>) -> Result<Version, Unsaved> {
        let pauses = &self.patience.pauses;
        let saved = settled(bytes, before, pauses, || self.put(part, bytes, before), || self.load(part)).await;
        saved.map_err(|unsaved| match unsaved {
            Unsaved::Moved => Unsaved::Moved,
            Unsaved::Failed(error) => {
                let cannot = format!("cannot write the state `{}`: ", self.name());
                Unsaved::Failed(Trouble::of(&error).after(&cannot).then("apply again: what was made is found").into())
            }
        })
    }

    /// See `Store::remove`.
    pub async fn remove(&self, part: &Part) -> Result<()> {
        match self.reads.delete(&self.path(part)?).await {
            Err(object_store::Error::NotFound { .. }) => Ok(()),
            done => done.map_err(|error| self.words(&error)),
        }
    }

    /// Sends one write.
    async fn put(&self, part: &Part, bytes: &[u8], before: Option<&Version>) -> Result<Version, Unwritten> {
        let path = self.path(part).map_err(Unwritten::Failed)?;
        let mode = match before {
            None => PutMode::Create,
            // Each store looks at its own of the two.
            Some(Version(tag)) => {
                PutMode::Update(UpdateVersion { e_tag: Some(tag.clone()), version: Some(tag.clone()) })
            }
        };
        let options = PutOptions { mode, ..PutOptions::default() };
        let put = self.writes.put_opts(&path, PutPayload::from(bytes.to_vec()), options);
        let patience = self.patience.answer + Duration::from_secs(bytes.len() as u64 / SLOWEST);
        match tokio::time::timeout(patience, put).await {
            Err(_) => Err(Unwritten::Lost(wire::silent(patience).into())),
            Ok(Ok(PutResult { e_tag, version, .. })) => {
                // An answer that names no version is as good as none: reading it again tells it.
                self.compared(e_tag, version).map_err(Unwritten::Lost)
            }
            Ok(Err(object_store::Error::AlreadyExists { .. } | object_store::Error::Precondition { .. })) => {
                Err(Unwritten::Refused)
            }
            Ok(Err(error)) if wire::may_be_written(&error) => Err(Unwritten::Lost(self.words(&error))),
            Ok(Err(error)) => Err(Unwritten::Failed(self.words(&error))),
        }
    }

    fn version_of(&self, meta: &ObjectMeta) -> Result<Version> {
        self.compared(meta.e_tag.clone(), meta.version.clone())
    }

    /// What a store compares in a conditional write.
    fn compared(&self, tag: Option<String>, generation: Option<String>) -> Result<Version> {
        let counts = self.remote.as_ref().is_some_and(|remote| shops::counts_generations(remote.shop));
        let version = if counts { generation } else { tag };
        let none = || {
            let none = Reason::Store.trouble("the store does not say which version of the state it has");
            none.hint("keep the state in a store that has ETags and writes on condition of them")
        };
        version.map(Version).with_context(none)
    }

    fn words(&self, error: &object_store::Error) -> Error {
        wire::words(self.remote.as_ref(), error).into()
    }
}

/// Writes, and where it was refused or its answer lost finds out whether that was the write of somebody else.
async fn settled<P, L>(
    bytes: &[u8],
    before: Option<&Version>,
    pauses: &[Duration],
    put: impl Fn() -> P,
    load: impl Fn() -> L,
) -> Result<Version, Unsaved>
where
    P: Future<Output = Result<Version, Unwritten>>,
    L: Future<Output = Result<Option<(Vec<u8>, Version)>>>,
{
    // From the first lost answer on, what stands there may be ours.
    let mut lost = false;
    for pause in pauses.iter().map(Some).chain([None]) {
        let why = match put().await {
            Ok(version) => return Ok(version),
            Err(Unwritten::Failed(error)) => return Err(Unsaved::Failed(error)),
            Err(Unwritten::Refused) => {
                let odd = Reason::Store.trouble("the store refuses a write over the version that it has");
                odd.hint("see that it writes on condition of ETags").into()
            }
            Err(Unwritten::Lost(error)) => {
                lost = true;
                error
            }
        };
        match load().await? {
            Some((now, version)) if lost && now == bytes && Some(&version) != before => return Ok(version),
            now if now.as_ref().map(|(_, version)| version) != before => return Err(Unsaved::Moved),
            _ => {}
        }
        match pause {
            Some(pause) => tokio::time::sleep(*pause).await,
            None => return Err(Unsaved::Failed(why)),
        }
    }
    unreachable!("the last turn returns")
}

#[cfg(test)]
mod tests;
