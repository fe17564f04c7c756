//! Who may send now: so many requests in all, four to a mailbox, none to a mailbox that Graph asked to rest.
//!
//! Graph serves four requests of an app to one mailbox at once, and counts those sent during a rest against it
//! (throttling-limits.md, throttling.md). Waiting for one mailbox holds nothing that another one needs. Why a mailbox
//! rests, and what becomes of a request, is not known here.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, sleep_until};

/// How many requests Graph serves at once for one mailbox.
pub const PER_MAILBOX: usize = 4;

/// How many requests are in flight, over all mailboxes and for each.
pub struct Throttle {
    total: Arc<Semaphore>,
    lanes: Mutex<HashMap<String, Arc<Lane>>>,
    gauge: Gauge,
    picking: Mutex<()>,
    /// Told whenever something was given back.
    pub freed: Notify,
}

/// One mailbox.
struct Lane {
    permits: Arc<Semaphore>,
    rest: Mutex<Option<Instant>>,
    gauge: Gauge,
}

#[derive(Default)]
struct Gauge {
    now: AtomicUsize,
    peak: AtomicUsize,
}

/// The right to have requests in flight, given back when dropped.
pub struct Lease {
    throttle: Arc<Throttle>,
    total: Option<OwnedSemaphorePermit>,
    lanes: HashMap<String, OwnedSemaphorePermit>,
    flying: bool,
}

/// Whether a mailbox can take one more request now.
#[derive(Debug, PartialEq)]
pub enum Admit {
    Yes,
    /// Not until something is given back.
    Busy,
    /// Not before this time.
    Rests(Instant),
}

/// The mailbox must rest for longer than the request may take; holds how long that is.
pub struct TooLong(pub Duration);

impl Throttle {
    /// Makes one that lets so many requests through at once.
    pub fn new(parallelism: usize) -> Arc<Throttle> {
        Arc::new(Throttle {
            total: Arc::new(Semaphore::new(parallelism)),
            lanes: Mutex::default(),
            gauge: Gauge::default(),
            picking: Mutex::default(),
            freed: Notify::new(),
        })
    }

    /// Waits for the turn of one request to `mailbox`, in the order of the calls.
    ///
    /// `until` is the end of the request's time; it is set to `time` from now when the request reaches the head of
    /// its mailbox's queue, because queueing behind our own requests is nobody's fault.
    pub async fn enter(
        self: &Arc<Throttle>,
        mailbox: &str,
        until: &mut Option<Instant>,
        time: Duration,
    ) -> Result<Lease, TooLong> {
        let lane = self.lane(mailbox);
        let mut lease = Lease::of(self, None);
        lease.hold(mailbox, permits(&lane.permits).await);
        let until = *until.get_or_insert_with(|| Instant::now() + time);
        loop {
            // Only requests of the same mailbox queue behind this one; the right to the total is taken last.
            if let Some(end) = lane.resting() {
                if end > until {
                    return Err(TooLong(end - Instant::now()));
                }
                sleep_until(end).await;
                continue;
            }
            lease.total = Some(permits(&self.total).await);
            if lane.resting().is_none() {
                return Ok(lease.fly());
            }
            lease.total = None;
            self.freed.notify_waiters();
        }
    }

    /// Takes what is free this moment: a lease if there is one, for `admit` to fill.
    ///
    /// While the guard is held no other caller of `begin` tries, so that one that takes and gives back does not make
    /// another one believe that nothing is free.
    pub fn begin(self: &Arc<Throttle>) -> (MutexGuard<'_, ()>, Option<Lease>) {
        let guard = self.picking.lock().expect("nobody panics while picking");
        let total = self.total.clone().try_acquire_owned().ok();
        (guard, total.map(|total| Lease::of(self, Some(total))))
    }

    /// Lets a mailbox rest for `time` from now, if it does not rest for longer already.
    pub fn rest(&self, mailbox: &str, time: Duration) {
        let end = Instant::now() + time;
        let lane = self.lane(mailbox);
        let mut rest = lane.rest.lock().expect("nobody panics while resting");
        *rest = Some(rest.map_or(end, |old| old.max(end)));
    }

    /// The most that was in flight at once: in all, and to any one mailbox.
    pub fn peaks(&self) -> (usize, usize) {
        let lanes = self.lanes.lock().expect("nobody panics with the lanes");
        let most = lanes.values().map(|lane| lane.gauge.peak.load(Relaxed)).max();
        (self.gauge.peak.load(Relaxed), most.unwrap_or(0))
    }

    fn lane(&self, mailbox: &str) -> Arc<Lane> {
        let mut lanes = self.lanes.lock().expect("nobody panics with the lanes");
        let lane = lanes.entry(mailbox.to_lowercase()).or_insert_with(|| {
            Arc::new(Lane {
                permits: Arc::new(Semaphore::new(PER_MAILBOX)),
                rest: Mutex::default(),
                gauge: Gauge::default(),
            })
        });
        lane.clone()
    }
}

async fn permits(of: &Arc<Semaphore>) -> OwnedSemaphorePermit {
    of.clone().acquire_owned().await.expect("the semaphores are never closed")
}

impl Lane {
    fn resting(&self) -> Option<Instant> {
        let rest = *self.rest.lock().expect("nobody panics while resting");
        rest.filter(|end| *end > Instant::now())
    }
}

impl Lease {
    fn of(throttle: &Arc<Throttle>, total: Option<OwnedSemaphorePermit>) -> Lease {
        Lease { throttle: throttle.clone(), total, lanes: HashMap::new(), flying: false }
    }

    /// Adds one more request to `mailbox`, if that is possible now.
    ///
    /// Graph runs at most four requests of a batch at once for one mailbox, so whoever holds all four permits of it
    /// may have any number of them in one batch (throttling-limits.md).
    pub fn admit(&mut self, mailbox: &str) -> Admit {
        let lane = self.throttle.lane(mailbox);
        if let Some(end) = lane.resting() {
            return Admit::Rests(end);
        }
        let held = self.lanes.get(&mailbox.to_lowercase()).map_or(0, |it| it.num_permits());
        if held == PER_MAILBOX {
            return Admit::Yes;
        }
        match lane.permits.clone().try_acquire_owned() {
            Ok(permit) => {
                self.hold(mailbox, permit);
                Admit::Yes
            }
            Err(_) => Admit::Busy,
        }
    }

    /// Counts what it holds as in flight from now on.
    pub fn fly(mut self) -> Lease {
        self.flying = true;
        self.throttle.gauge.up(1);
        for (mailbox, permit) in &self.lanes {
            self.throttle.lane(mailbox).gauge.up(permit.num_permits());
        }
        self
    }

    fn hold(&mut self, mailbox: &str, permit: OwnedSemaphorePermit) {
        match self.lanes.get_mut(&mailbox.to_lowercase()) {
            Some(held) => held.merge(permit),
            None => {
                self.lanes.insert(mailbox.to_lowercase(), permit);
            }
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if self.lanes.is_empty() {
            return; // It never held a mailbox, so nobody can be waiting for it: see `Throttle::begin`.
        }
        if self.flying {
            self.throttle.gauge.down(1);
        }
        for (mailbox, permit) in self.lanes.drain() {
            if self.flying {
                self.throttle.lane(&mailbox).gauge.down(permit.num_permits());
            }
        }
        self.total = None;
        self.throttle.freed.notify_waiters();
    }
}

impl Gauge {
    fn up(&self, by: usize) {
        self.peak.fetch_max(self.now.fetch_add(by, Relaxed) + by, Relaxed);
    }

    fn down(&self, by: usize) {
        self.now.fetch_sub(by, Relaxed);
    }
}
