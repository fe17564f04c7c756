//! What happens around one request, wherever it comes from: limits, faults, latency, then the routes.
//!
//! Shared by the server and by batches. It knows nothing of HTTP but the knife that cuts a connection.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use crate::sandbox::{
    answer::{Answer, Outcome, Refusal, refusal, refuse},
    ask::Ask,
    faults::{Dice, Fate, Faults},
    ids,
    line::Knife,
    routes,
    throttle::{Limits, Throttle},
    when,
    world::World,
    zones,
};

/// All that requests share.
pub struct Twin {
    pub world: Mutex<World>,
    pub throttle: Arc<Throttle>,
    pub limits: Limits,
    pub faults: Option<Faults>,
    pub dice: Dice,
    pub latency: Option<Duration>,
    pub token: String,
    pub strict_tokens: bool,
    pub origin: String,
    pub port: u16,
    pub log: Option<fn(&str)>,
    pub serial: AtomicU64,
}

impl Twin {
    /// Returns the tenant; a request that panicked before has left it whole.
    pub fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes a refusal with a fresh request id.
    pub fn refused(&self, refusal: Refusal, client_id: &str) -> Answer {
        let date = when::offset(self.world().now());
        refusal.answer(&self.request_id(), client_id, &date)
    }

    /// Returns an id that no other request has.
    pub fn request_id(&self) -> String {
        ids::guid(&format!("request {} {}", self.origin, self.serial.fetch_add(1, Ordering::Relaxed)))
    }

    /// Does one request that is not a batch, with limits, faults and latency; `knife` cuts its connection.
    pub async fn one(&self, ask: &Ask, knife: Option<&Knife>) -> Answer {
        self.throttle.count(&ask.method, &ask.raw_path);
        let result = self.guarded(ask, knife).await;
        result.unwrap_or_else(|refusal| self.refused(refusal, ""))
    }

    async fn guarded(&self, ask: &Ask, knife: Option<&Knife>) -> Outcome {
        let fate = match &self.faults {
            Some(faults) => self.dice.draw(faults, &key(ask)),
            None => Fate::default(),
        };
        let _place = match mailbox(ask) {
            Some(name) => {
                let known =
                    if name == "me" { self.world().directory.first() } else { self.world().directory.find(name) };
                let mailbox = known.map_or_else(|| name.to_lowercase(), |it| it.upn.clone());
                Some(self.throttle.enter(&mailbox, self.limits)?)
            }
            None => None,
        };
        for wait in [self.latency, fate.slow].into_iter().flatten() {
            tokio::time::sleep(wait).await;
        }
        if fate.expired {
            return refuse(401, "InvalidAuthenticationToken", "Lifetime validation failed, the token is expired.");
        }
        if let Some(status) = fate.status {
            return Err(broken(status, fate.retry_after));
        }
        if fate.drop_before
            && let Some(knife) = knife
        {
            knife.cut();
            return Ok(Answer::empty(204));
        }
        let outcome = {
            let mut world = self.world();
            (world.stale, world.stale_list) = (fate.stale, fate.stale_list);
            zones::served(world.quirks.old_zones, || routes::route(&mut world, ask))
        };
        if fate.drop_after
            && let Some(knife) = knife
        {
            knife.cut();
        }
        outcome
    }
}

fn broken(status: u16, retry_after: Duration) -> Refusal {
    let (code, message) = match status {
        429 => ("TooManyRequests", "Too many requests."),
        500 => ("ErrorInternalServerTransientError", "An internal server error occurred. Try again later."),
        502 => ("UnknownError", "Bad gateway."),
        504 => ("UnknownError", "Gateway timeout."),
        509 => ("quotaLimitReached", "The bandwidth limit was exceeded."),
        _ => ("serviceNotAvailable", "The service is temporarily unavailable."),
    };
    // Fractional, because Graph's may be (throttling.md).
    let retry_after = matches!(status, 429 | 503).then(|| (retry_after.as_millis() as f64 / 1000.0).to_string());
    Refusal { retry_after, ..refusal(status, code, message) }
}

/// What tells one request from another, so that each has faults of its own: two creates differ in the mark that they carry.
pub(super) fn key(ask: &Ask) -> String {
    let query: Vec<String> = ask.query.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let mark = |body: &serde_json::Value| {
        body["singleValueExtendedProperties"][0]["value"].as_str().unwrap_or_default().to_owned()
    };
    let mark = ask.body.as_ref().filter(|_| ask.method == "POST").map(mark).unwrap_or_default();
    format!("{} {}?{}{mark}", ask.method, ask.raw_path, query.join("&"))
}

/// The mailbox that a path is about; directory look-ups have none.
fn mailbox(ask: &Ask) -> Option<&str> {
    match ask.path.as_slice() {
        [me, _, ..] if me.eq_ignore_ascii_case("me") => Some("me"),
        [users, name, _, ..] if users.eq_ignore_ascii_case("users") => Some(name),
        _ => None,
    }
}
