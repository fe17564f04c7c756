//! What is found in the place of a lock by somebody who wants it: whether it is free, and in whose name it is not.

use crate::reason::Reason;
use crate::state::lock::{Document, Holder, Put};
use crate::state::store::{Lease, Part, Store, Unsaved, Version};
use crate::trouble::Trouble;
use anyhow::Result;
use std::time::Duration;

/// What is kept in the place of a lock.
pub struct Found {
    epoch: u64,
    pub holder: Option<Holder>,
    pub version: Option<Version>,
    /// It is none, and may have been anybody's.
    unread: bool,
}

impl Found {
    /// Reads it; `force` takes what cannot be read for a lock of somebody unknown.
    pub async fn of(store: &Store, force: bool) -> Result<Found> {
        let found = store.load(&Part::Lock).await.map_err(|error| {
            let way_out = "look what it is; if nobody needs it, remove it and run this again";
            Reason::StateUnreadable
                .trouble(format!("cannot read the lock of the state `{}`", store.name()))
                .hint(way_out)
                .because(error)
        })?;
        let Some((bytes, version)) = found else {
            return Ok(Found { epoch: 0, holder: None, version: None, unread: false });
        };
        match Document::parse(&bytes, &store.name()) {
            Ok(document) => {
                let Document { epoch, holder, .. } = document;
                Ok(Found { epoch, holder, version: Some(version), unread: false })
            }
            Err(_) if force => Ok(Found { epoch: 0, holder: None, version: Some(version), unread: true }),
            Err(error) => Err(error),
        }
    }

    /// Whether nobody holds it any more: it was given back, this machine says that its holder's process is gone, or it was not
    /// renewed for its time.
    pub fn is_free(&self, by: &Holder, lease: &Lease, watch: &mut Watch, now: Duration) -> bool {
        let Some(other) = &self.holder else { return true };
        let gone = matches!(lease, Lease::Alone(_)) && other.machine().is(by.machine());
        // What was put by us, and whose answer was lost, is ours.
        gone || other.id == by.id || watch.is_over(&self.version, other, now)
    }

    /// Whether whoever had it did not give it back.
    pub fn is_left(&self) -> bool {
        self.holder.is_some() || self.unread
    }

    /// Puts a holder in its place, with the next epoch.
    pub async fn replaced(&self, store: &Store, holder: &Holder) -> Result<Put, Unsaved> {
        let document = Document::new(self.epoch.saturating_add(1), Some(holder.clone()));
        let version = store.save_if(&Part::Lock, &document.bytes(), self.version.as_ref()).await?;
        Ok(Put { epoch: document.epoch, holder: holder.clone(), version })
    }

    /// Says who has it.
    pub fn running(&self, store: &Store) -> String {
        let by = self.holder.as_ref().map(|other| format!(", by {}", other.words())).unwrap_or_default();
        format!("another apply is running on this state: `{}`{by}", store.name())
    }

    /// Says who has it, and the way out.
    pub fn refused(&self, store: &Store, lease: &Lease) -> Trouble {
        let way_out = match lease.may_be_free() {
            false => "wait until it has ended, such as with --lock-timeout 10m, or end its process",
            true => {
                "wait with --lock-timeout 3m until it has ended, or has shown no sign of life for a minute; \
                 if it is surely gone, `convoke state unlock` gives the lock back"
            }
        };
        Reason::Locked.trouble(self.running(store)).hint(way_out)
    }
}

/// Since when a lock is seen unchanged.
#[derive(Default)]
pub struct Watch(Option<(Version, Duration)>);

impl Watch {
    fn is_over(&mut self, version: &Option<Version>, other: &Holder, now: Duration) -> bool {
        match (&self.0, version) {
            (Some((seen, since)), Some(version)) if seen == version => now.saturating_sub(*since) >= other.ttl(),
            (_, version) => {
                self.0 = version.clone().map(|version| (version, now));
                false
            }
        }
    }
}
