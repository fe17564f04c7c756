//! The time by which a lock is held and watched: never the time of day, and never another machine's.

use futures::FutureExt;
use futures::future::BoxFuture;
use std::time::Duration;

/// A clock that nobody sets, and that runs on while the machine sleeps.
pub trait Clock: Send + Sync {
    /// How long ago some moment was, always the same one.
    fn now(&self) -> Duration;

    /// Ends once that much time has passed; it may take longer while the machine sleeps.
    fn sleep(&self, time: Duration) -> BoxFuture<'static, ()>;
}

/// The clock of this machine.
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Duration {
        now()
    }

    fn sleep(&self, time: Duration) -> BoxFuture<'static, ()> {
        tokio::time::sleep(time).boxed()
    }
}

#[cfg(unix)]
fn now() -> Duration {
    use rustix::time::{ClockId, clock_gettime};
    // What is monotonic stops on Linux while the machine sleeps, and goes on elsewhere (clock_gettime(2) of each).
    #[cfg(any(target_os = "linux", target_os = "android"))]
    let id = ClockId::Boottime;
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    let id = ClockId::Monotonic;
    clock_gettime(id).try_into().expect("the machine's clock counts from its start")
}

/// The performance counter of Windows goes on while the machine sleeps.
#[cfg(not(unix))]
fn now() -> Duration {
    static FIRST: std::sync::LazyLock<std::time::Instant> = std::sync::LazyLock::new(std::time::Instant::now);
    FIRST.elapsed()
}
