//! Who may write a state: one holder at a time, the same way in every place that keeps one.
//!
//! The lock is an object of its own beside the document. Its holder renews it, and may write for as long as it can be sure that
//! nobody else took it: until `TTL` after its last renewal, by a clock that runs in sleep too. Whoever wants it watches it
//! unchanged for its time, by a clock of their own, or knows from the machine that its holder has ended; then it is theirs with
//! the next epoch. Why the document must be written once more after that is said in `locked`.

mod clock;
mod document;
mod found;

pub use clock::{Clock, SystemClock};
pub use document::{Document, Holder, Machine};

use crate::origin::Origin;
use crate::reason::Reason;
use crate::state::lock::found::{Found, Watch};
use crate::state::store::{Lease, Part, Store, Unsaved, Version};
use crate::trouble::Trouble;
use anyhow::{Result, bail};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use tokio::task::AbortHandle;

/// How long a lock holds from its last renewal on.
pub const TTL: Duration = Duration::from_secs(60);

/// How often it is renewed: once may fail, and a second time.
const RENEW: Duration = Duration::from_secs(20);

/// How often a lock of somebody else is looked at.
const LOOK: Duration = Duration::from_secs(1);

/// Who takes a lock, and how long they wait for it.
pub struct Taking {
    /// Who asks for it.
    pub who: Origin,
    /// From where.
    pub machine: Machine,
    /// How long to wait where somebody else has it. Nothing: it is refused at once.
    pub timeout: Duration,
    /// Take it whoever has it. Only a process of this machine that is alive keeps it.
    pub force: bool,
    /// Told once what is waited for.
    pub waits: fn(&str),
    /// The time.
    pub clock: Arc<dyn Clock>,
}

impl Default for Taking {
    fn default() -> Taking {
        let (who, machine, clock) = (Origin::default(), Machine::this(), Arc::new(SystemClock));
        Taking { who, machine, timeout: Duration::ZERO, force: false, waits: |_| {}, clock }
    }
}

/// A lock that is held, and renewed for as long as this lives. Only `release` gives it back at once.
pub struct Lock {
    held: Arc<Held>,
    /// Whether somebody had it who did not give it back.
    taken_over: bool,
    renewing: AbortHandle,
    #[expect(dead_code, reason = "it is held, not asked")]
    lease: Lease,
}

/// How long its holder may go on writing; it outlives the lock.
#[derive(Clone)]
pub struct Fence(Arc<Held>);

struct Held {
    /// The holder's.
    id: String,
    store: Arc<Store>,
    clock: Arc<dyn Clock>,
    /// What was put last; whoever puts has it.
    put: tokio::sync::Mutex<Put>,
    standing: Mutex<Standing>,
}

struct Put {
    epoch: u64,
    holder: Holder,
    version: Version,
}

struct Standing {
    /// By the clock: until then nobody else takes it.
    until: Duration,
    /// Why it is over, if it is.
    lost: Option<Trouble>,
}

/// Returns who holds the lock of a state, if anybody does. Fails when it cannot be read.
pub async fn holder(store: &Store) -> Result<Option<Holder>> {
    let found = store.load(&Part::Lock).await?;
    let document = found.map(|(bytes, _)| Document::parse(&bytes, &store.name())).transpose()?;
    Ok(document.and_then(|it| it.holder))
}

impl Lock {
    /// Takes the lock, or waits for it as long as that is asked for.
    ///
    /// Fails when somebody else has it for longer, saying who and since when, and when it cannot be read or written.
    pub async fn take(store: Arc<Store>, taking: &Taking) -> Result<Lock> {
        let Taking { timeout, waits, clock, .. } = taking;
        let (from, mut told, mut watch) = (clock.now(), false, Watch::default());
        let mut lease = store.lease().await?;
        let holder = Holder::new(&taking.who, &taking.machine, TTL);
        loop {
            if let Lease::Busy = lease {
                lease = store.lease().await?;
            }
            let found = Found::of(&store, taking.force).await?;
            let asked = clock.now();
            if lease.may_be_free() && (taking.force || found.is_free(&holder, &lease, &mut watch, asked)) {
                match found.replaced(&store, &holder).await {
                    Ok(put) => return Ok(Lock::held(store, clock, put, asked + TTL, found.is_left(), lease)),
                    // Somebody else was faster, or the one that holds it is alive.
                    Err(Unsaved::Moved) => {}
                    Err(Unsaved::Failed(error)) => return Err(error),
                }
            }
            let waited = asked.saturating_sub(from);
            if waited >= *timeout {
                bail!(found.refused(&store, &lease));
            }
            if !std::mem::replace(&mut told, true) {
                waits(&format!("{}; waiting for it for {} s", found.running(&store), timeout.as_secs()));
            }
            clock.sleep(LOOK.min(*timeout - waited)).await;
        }
    }

    fn held(
        store: Arc<Store>,
        clock: &Arc<dyn Clock>,
        put: Put,
        until: Duration,
        taken_over: bool,
        lease: Lease,
    ) -> Lock {
        let standing = Mutex::new(Standing { until, lost: None });
        let id = put.holder.id.clone();
        let held = Arc::new(Held { id, store, clock: clock.clone(), put: tokio::sync::Mutex::new(put), standing });
        let renewed = held.clone();
        let renewing = tokio::spawn(async move {
            while renewed.standing().lost.is_none() {
                renewed.clock.sleep(RENEW).await;
                renewed.renew_below(TTL).await;
            }
        });
        Lock { held, taken_over, renewing: renewing.abort_handle(), lease }
    }

    /// Whether somebody had it who did not give it back, and who may not know yet that it is lost.
    pub fn is_taken_over(&self) -> bool {
        self.taken_over
    }

    /// Returns its epoch, which is above that of the last holder.
    pub async fn epoch(&self) -> u64 {
        self.held.put.lock().await.epoch
    }

    /// Raises its epoch above one that is known from elsewhere: the lock itself may have been deleted.
    ///
    /// Fails when it cannot be written, or is lost.
    pub async fn raise_above(&self, epoch: u64) -> Result<()> {
        let mut put = self.held.put.lock().await;
        if put.epoch > epoch {
            return Ok(());
        }
        put.epoch = epoch.saturating_add(1);
        match self.held.put(&mut put, true).await {
            Ok(()) => Ok(()),
            Err(Unsaved::Moved) => bail!(self.held.lose().await),
            Err(Unsaved::Failed(error)) => Err(error),
        }
    }

    /// Returns what tells how long may be written under it.
    pub fn fence(&self) -> Fence {
        Fence(self.held.clone())
    }

    /// Returns why it is lost, if it is.
    pub fn lost(&self) -> Option<Trouble> {
        self.held.standing().lost.clone()
    }

    /// Looks whether somebody else has taken it over, and returns why it is lost then. What cannot be read is not.
    pub async fn looked_at(&self) -> Option<Trouble> {
        let found = Found::of(&self.held.store, false).await.ok()?;
        let ours = found.holder.is_some_and(|it| it.id == self.held.id);
        if ours { None } else { Some(self.held.lose().await) }
    }

    /// Gives it back, if it is not lost: then whoever comes next need not watch it.
    ///
    /// Fails when that cannot be written; it is free all the same once its time is over.
    pub async fn release(&self) -> Result<()> {
        self.renewing.abort();
        let mut put = self.held.put.lock().await;
        if self.lost().is_some() {
            return Ok(());
        }
        self.held.standing().lost = Some(Reason::LockLost.trouble("the lock of the state was given back"));
        match self.held.put(&mut put, false).await {
            Ok(()) | Err(Unsaved::Moved) => Ok(()),
            Err(Unsaved::Failed(error)) => Err(error),
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        self.renewing.abort();
    }
}

impl Fence {
    /// Returns for how long nobody else can have the lock. Where little is left, it is renewed first.
    ///
    /// Fails where it is lost, or could not be renewed in time.
    pub async fn left(&self) -> Result<Duration, Trouble> {
        let held = &self.0;
        let left = || held.standing().until.saturating_sub(held.clock.now());
        if left() < RENEW {
            held.renew_below(RENEW).await;
        }
        if let Some(lost) = held.standing().lost.clone() {
            return Err(lost);
        }
        Some(left()).filter(|left| !left.is_zero()).ok_or_else(|| {
            let late = format!("the lock of the state `{}` could not be renewed in time", held.store.name());
            Reason::LockLost.trouble(late).hint("see that the place of the state can be reached, then apply again")
        })
    }
}

impl Held {
    /// Renews the lock where it holds for less than that. Where it cannot be, it goes on to hold for what is left.
    async fn renew_below(&self, least: Duration) {
        let mut put = self.put.lock().await;
        let asked = self.clock.now();
        let due = {
            let standing = self.standing();
            standing.lost.is_none() && standing.until.saturating_sub(asked) < least
        };
        if !due {
            return;
        }
        match tokio::time::timeout(RENEW, self.put(&mut put, true)).await {
            Ok(Ok(())) => self.standing().until = asked + TTL,
            Ok(Err(Unsaved::Moved)) => {
                self.lose().await;
            }
            Ok(Err(Unsaved::Failed(_))) | Err(_) => {}
        }
    }

    /// Puts what is held over what was put last. What was put by us, and whose answer was lost, is nobody else's.
    async fn put(&self, put: &mut Put, holds: bool) -> Result<(), Unsaved> {
        for _ in 0..2 {
            put.holder.renewals += 1;
            let document = Document::new(put.epoch, holds.then(|| put.holder.clone()));
            match self.store.save_if(&Part::Lock, &document.bytes(), Some(&put.version)).await {
                Ok(version) => {
                    put.version = version;
                    return Ok(());
                }
                Err(Unsaved::Moved) => {}
                Err(Unsaved::Failed(error)) => return Err(error.into()),
            }
            let found = Found::of(&self.store, false).await?;
            match (found.holder, found.version) {
                (Some(holder), Some(version)) if holder.id == self.id => put.version = version,
                _ => break,
            }
        }
        Err(Unsaved::Moved)
    }

    /// Remembers that somebody else has taken it, and says so.
    async fn lose(&self) -> Trouble {
        let by = holder(&self.store).await.ok().flatten().map(|other| format!(" by {}", other.words()));
        let what = format!("the lock of the state `{}` was taken over{}", self.store.name(), by.unwrap_or_default());
        let lost = Reason::LockLost.trouble(what).hint("apply again once that has ended: what was made is found");
        self.standing().lost = Some(lost.clone());
        lost
    }

    fn standing(&self) -> MutexGuard<'_, Standing> {
        self.standing.lock().expect("nobody panics while it looks how long the lock holds")
    }
}

#[cfg(test)]
mod tests;
