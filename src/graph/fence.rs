//! Until when writes may be sent. Whoever writes under a lock is asked before each attempt, and an attempt takes no longer than
//! the lock holds.

use crate::graph::Client;
use crate::graph::attempt::Try;
use crate::graph::refusal::Failure;
use crate::trouble::Trouble;
use futures::future::BoxFuture;
use std::sync::Arc;
use std::time::Duration;

/// Tells for how long writes may go on, or why they may not.
pub type Fence = Arc<dyn Fn() -> BoxFuture<'static, Result<Duration, Trouble>> + Send + Sync>;

impl Client {
    /// Returns the same client, whose writes ask first.
    pub fn fenced(&self, fence: Fence) -> Client {
        Client { fence: Some(fence), ..self.clone() }
    }

    /// How long the next attempt of a request may take. Fails where it is a write that may not be sent any more.
    pub(super) async fn time(&self, this: &Try) -> Result<Duration, Failure> {
        let time = self.inner.time(this.until);
        let Some(fence) = self.fence.as_ref().filter(|_| this.writes) else { return Ok(time) };
        let left = fence().await.map_err(|why| Failure::Local(why.into()))?;
        Ok(time.min(left))
    }
}
