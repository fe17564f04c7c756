//! The state of whoever writes it: the lock is taken first, then the state is read, and only what was read is gone on with.
//!
//! What changes is kept here, and written in groups: an entry of the journal each, and a new document in the end.

mod written;

use crate::kind::online_meeting::external_id;
use crate::kind::workspace::OwnerNames;
use crate::model::{Key, Record, Spent, Stood};
use crate::origin::Origin;
use crate::reason::Reason;
use crate::state::history::{self, Apply};
use crate::state::journal::Changes;
use crate::state::lock::{Fence, Lock, Taking};
use crate::state::locked::written::Written;
use crate::state::store::Store;
use crate::state::{Read, State};
use crate::trouble::Trouble;
use anyhow::{Result, bail};
use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

pub use written::Traffic;

/// How often what may be lost is written while an apply runs.
const EVERY: Duration = Duration::from_secs(2);

/// A state that may be written, for as long as this lives. It may be shared between tasks.
pub struct Locked {
    store: Arc<Store>,
    inner: Mutex<Inner>,
    /// What the store holds; whoever writes has it.
    written: tokio::sync::Mutex<Written>,
    clock: Box<dyn Fn() -> Instant + Send + Sync>,
    lock: Arc<Lock>,
}

struct Inner {
    state: State,
    /// What is not on its way to the store yet.
    changes: Changes,
    /// Which resources have an id.
    holders: HashMap<String, BTreeSet<Key>>,
    lost: bool,
    /// Who writes it.
    origin: Origin,
}

impl Locked {
    /// Takes the lock, or waits for it, and reads the state.
    ///
    /// Where somebody was killed what was left of the journal goes into the document, and nobody else can go on with it. Fails
    /// when somebody else has the lock, and as `State::read` and `save` do.
    pub async fn take(store: Store, names: impl Into<OwnerNames>, taking: &Taking) -> Result<Locked> {
        let names = names.into();
        let store = Arc::new(store);
        let lock = Arc::new(Lock::take(store.clone(), taking).await?);
        let locked = Locked::fenced(store, lock.clone(), &names).await;
        if locked.is_err() {
            let _ = lock.release().await; // What is wrong with the state says more, and the lock ends by itself.
        }
        locked
    }

    /// Reads the state that a lock is of. Whoever had the lock and did not give it back may be asleep, and wake up: the document is
    /// written with the new epoch before anything is planned on it, so that nothing that they write is over it. Where there is no
    /// document yet, the first write does that.
    async fn fenced(store: Arc<Store>, lock: Arc<Lock>, names: &OwnerNames) -> Result<Locked> {
        for _ in 0..3 {
            let mut read = State::versioned(&store, names).await?;
            lock.raise_above(read.state.document.epoch).await?;
            read.state.document.epoch = lock.epoch().await;
            let (found, left) = (read.version.is_some(), read.tail.entries > 0);
            let locked = Locked::of(store.clone(), lock.clone(), read);
            locked.inner().changes.epoch = lock.is_taken_over();
            if !found || !(left || lock.is_taken_over()) {
                return Ok(locked.renamed(names));
            }
            match locked.take_over().await {
                Ok(()) => return Ok(locked.renamed(names)),
                // They were awake: once more, on what they wrote.
                Err(_) if locked.inner().lost => {}
                Err(error) => return Err(error),
            }
        }
        let what = format!("the state `{}` is written by somebody else although its lock was taken over", store.name());
        bail!(Reason::StateMoved.trouble(what).hint("find out who writes it without its lock, then apply again"))
    }

    fn of(store: Arc<Store>, lock: Arc<Lock>, read: Read) -> Locked {
        let written = Written::of(&read);
        let mut holders: HashMap<String, BTreeSet<Key>> = HashMap::new();
        for (key, record) in read.state.document.resources.iter().filter(|(_, record)| !record.id.is_empty()) {
            holders.entry(record.id.clone()).or_default().insert(key.clone());
        }
        let inner =
            Inner { state: read.state, changes: Changes::default(), holders, lost: false, origin: Origin::default() };
        let (inner, written) = (Mutex::new(inner), tokio::sync::Mutex::new(written));
        Locked { store, inner, written, clock: Box::new(Instant::now), lock }
    }

    /// Gives it the name that the workspace has now: the next write is a document, since the journal is the one of before.
    fn renamed(self, names: &OwnerNames) -> Locked {
        {
            let Inner { state, changes, .. } = &mut *self.inner();
            state.rename(names);
            changes.whole |= state.kept_as.is_some();
        }
        self
    }

    /// Says that whatever has one of these names is the workspace's, as if the state had been kept under them.
    pub fn was_called(&self, names: &[String]) {
        let Inner { state, changes, .. } = &mut *self.inner();
        for name in names {
            changes.whole |= state.document.previously.insert(name.clone());
        }
    }

    /// Goes by another clock than the machine's.
    pub fn with_clock(self, clock: impl Fn() -> Instant + Send + Sync + 'static) -> Locked {
        Locked { clock: Box::new(clock), ..self }
    }

    /// Makes sure that whoever wrote the state before cannot go on with it, although it may believe so.
    ///
    /// Its next entry fails, since there is one already, and so does its next document. Fails as `save` does.
    pub async fn take_over(&self) -> Result<()> {
        let mut written = self.written.lock().await;
        self.settle(&mut written).await?;
        if let Some(seal) = self.seal(&written) {
            written.pending = Some(seal);
            self.settle(&mut written).await?;
            written.sealed = true;
        }
        self.write(&mut written, true).await
    }

    /// Says who writes from here on; it reaches the store with the next write.
    ///
    /// Fails as `State::written_by` does.
    pub fn claim(&self, origin: &Origin, take_over: bool) -> Result<()> {
        let mut inner = self.inner();
        inner.state.written_by(origin, take_over)?;
        inner.changes.owner |= inner.state.document.owner != origin.owner;
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
        self.inner().holders.get(id)?.first().cloned()
    }

    /// Gives the lock back: nothing may be written under it any more.
    ///
    /// Fails when that cannot be written; it is free all the same after a minute.
    pub async fn release(&self) -> Result<()> {
        self.lock.release().await
    }

    /// Returns what tells how long may be written to Graph under its lock.
    pub fn fence(&self) -> Fence {
        self.lock.fence()
    }

    /// Says why nothing more may be written, if that is so: somebody else has written the state since it was read, or has its lock.
    pub fn lost(&self) -> Option<Trouble> {
        let written = || Reason::StateMoved.trouble("the state was written by somebody else meanwhile");
        self.lock.lost().or_else(|| self.inner().lost.then(written))
    }

    /// Keeps the object id of an organizer.
    pub fn learn_user(&self, organizer: &str, id: &str) {
        let mut inner = self.inner();
        let before = inner.state.document.users.insert(organizer.into(), id.into());
        if before.as_deref() != Some(id) {
            inner.changes.users.insert(organizer.into());
        }
    }

    /// Keeps what was applied. It reaches the store with the next `save`, or with a `soon`.
    pub fn keep(&self, key: &Key, mut record: Record) {
        let mut inner = self.inner();
        // Who applies knows what is live, and not by which ways it came to its key.
        if let Some(before) = inner.state.document.resources.get(key).filter(|before| before.id == record.id) {
            if record.previously.is_empty() {
                record.previously.clone_from(&before.previously);
            }
            record.stood = record.stood.or(before.stood);
        }
        if inner.state.document.mailboxes.insert(record.organizer.clone()) {
            inner.changes.mailboxes.insert(record.organizer.clone());
        }
        inner.put(key, Some(record));
    }

    /// Keeps how an object stands; `anew` also where it is known how it stood before.
    pub fn stand(&self, key: &Key, id: &str, stood: Stood, anew: bool) {
        let Inner { state: State { document, .. }, changes, .. } = &mut *self.inner();
        let news = |record: &Record| record.id == id && record.stood != Some(stood) && (anew || record.stood.is_none());
        if document.resources.get(key).is_some_and(news) {
            let record = Arc::make_mut(&mut document.resources).get_mut(key).expect("it was there a moment ago");
            record.stood = Some(stood);
            changes.resources.insert(key.clone());
        }
    }

    /// Makes the map of the resources anew: one that is filled in the order of its keys has nodes that are half empty.
    pub fn tight(&self) {
        if let Some(all) = Arc::get_mut(&mut self.inner().state.document.resources) {
            *all = std::mem::take(all).into_iter().collect();
        }
    }

    /// Says that a plan is being applied from here on, and what the parts of it are that several runs send. Those of a plan that was
    /// begun already stay.
    pub fn begin(&self, plan: Option<&str>, parts: &BTreeSet<String>) {
        let Inner { state: State { document, .. }, changes, .. } = &mut *self.inner();
        let another = document.begun.as_deref() != plan;
        if another {
            document.begun = plan.map(str::to_owned);
            changes.begun = true;
        }
        if (another || document.begun_parts.is_empty()) && document.begun_parts != *parts {
            document.begun_parts.clone_from(parts);
            changes.whole = true;
        }
    }

    /// Adds an apply to those that are remembered, with whoever asked for it.
    pub fn add_apply(&self, apply: Apply) {
        let mut inner = self.inner();
        let Origin { actor, run, owner: _ } = inner.origin.clone();
        history::add(&mut inner.state.document.applies, Apply { actor, run, ..apply });
        inner.changes.applies = true;
    }

    /// Changes what is counted of what was sent.
    pub fn count(&self, change: impl FnOnce(&mut Spent)) {
        let mut inner = self.inner();
        change(Arc::make_mut(&mut inner.state.document.spent));
        inner.changes.spent = true;
    }

    /// Forgets a resource.
    pub fn forget(&self, key: &Key) {
        self.inner().put(key, None);
    }

    /// Forgets the mailboxes that hold nothing of ours any more: no record names them, and `empty` says so of what is live.
    pub fn forget_mailboxes(&self, empty: impl Fn(&str) -> bool) {
        let Inner { state: State { document, .. }, changes, .. } = &mut *self.inner();
        let named: BTreeSet<&String> = document.resources.values().map(|record| &record.organizer).collect();
        let gone = |name: &String| !named.contains(name) && empty(name);
        let gone: BTreeSet<String> = document.mailboxes.iter().filter(|name| gone(name)).cloned().collect();
        document.mailboxes.retain(|name| !gone.contains(name));
        changes.mailboxes.extend(gone);
    }

    /// Forgets an object that we removed; the next one of its key is of that incarnation.
    pub fn removed(&self, key: &Key, incarnation: u64) {
        let mut inner = self.inner();
        let before = Arc::make_mut(&mut inner.state.document.incarnations).insert(key.clone(), incarnation);
        if before != Some(incarnation) {
            inner.changes.incarnations.insert(key.clone());
        }
        inner.put(key, None);
    }

    /// Gives what is known of a resource to another key of its kind; what is live keeps the old name for now.
    pub fn rename(&self, old: &Key, new: &Key) {
        let Some(mut record) = self.record(old) else { return };
        self.count(|spent| spent.rename(old, new));
        if old.kind().is_listed {
            let next = record.next_incarnation();
            record.previously.insert(0, old.clone());
            self.keep(new, record);
            // Its `transactionId` stays with what got another name.
            self.removed(old, next);
        } else {
            let name = |key: &Key| external_id(&self.inner().state.document.workspace, key.name());
            let made = record.external_id.take().unwrap_or_else(|| name(old));
            record.external_id = Some(made).filter(|made| *made != name(new));
            self.keep(new, record);
            self.forget(old);
        }
    }

    /// Writes what has changed, unless that was done a moment ago, or is being done.
    ///
    /// Fails as `save` does.
    pub async fn soon(&self) -> Result<()> {
        let Ok(mut written) = self.written.try_lock() else { return Ok(()) };
        match written.at {
            Some(at) if (self.clock)().saturating_duration_since(at) < EVERY => Ok(()),
            Some(_) | None => self.write(&mut written, false).await,
        }
    }

    /// Writes what has changed, and returns once it is in the store.
    ///
    /// Fails when it cannot be written, and when somebody else wrote it since: then nothing is overwritten.
    pub async fn save(&self) -> Result<()> {
        self.write(&mut *self.written.lock().await, false).await
    }

    /// Writes what has changed, and leaves nothing in the journal.
    ///
    /// Fails as `save` does.
    pub async fn fold(&self) -> Result<()> {
        self.write(&mut *self.written.lock().await, true).await
    }

    /// Returns what has been written so far.
    pub async fn traffic(&self) -> Traffic {
        self.written.lock().await.traffic
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().expect("no holder of the state panics")
    }
}

impl Inner {
    /// Keeps what is known of a resource; nothing is known of what is forgotten.
    fn put(&mut self, key: &Key, record: Option<Record>) {
        let id = |record: &Option<Record>| record.as_ref().map(|record| record.id.clone()).filter(|id| !id.is_empty());
        let now = id(&record);
        let all = Arc::make_mut(&mut self.state.document.resources);
        let before = match &record {
            Some(record) => all.insert(key.clone(), record.clone()),
            None => all.remove(key),
        };
        if before == record {
            return;
        }
        self.changes.resources.insert(key.clone());
        if let Some(was) = id(&before)
            && let Some(keys) = self.holders.get_mut(&was)
        {
            keys.remove(key);
        }
        if let Some(now) = now {
            self.holders.entry(now).or_default().insert(key.clone());
        }
    }
}

#[cfg(test)]
mod tests;
