//! What a lock says: who holds it, since when and from where, and its epoch.

use crate::origin::Origin;
use crate::problem::cut;
use crate::reason::Reason;
use anyhow::{Result, bail};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::time::Duration;

const FORMAT: u32 = 1;

/// A lock, as it is kept. It stays when nobody holds it, so that its epoch only grows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Document {
    format_version: u32,
    /// Counts the holders.
    pub epoch: u64,
    /// Nobody, where it is free.
    #[serde(default)]
    pub holder: Option<Holder>,
}

/// Who holds a lock.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Holder {
    /// Of this holding alone.
    pub id: String,
    /// Who asked for it, as the pipeline says, or the machine.
    #[serde(default)]
    actor: Option<String>,
    /// Where the pipeline shows its run.
    #[serde(default)]
    run: Option<String>,
    /// Where its process runs.
    #[serde(default)]
    machine: Machine,
    process: u32,
    since: Timestamp,
    /// For how long it holds from each renewal on.
    ttl_seconds: u64,
    /// How often it was renewed: whoever watches it sees that it is alive.
    pub renewals: u64,
}

/// A machine.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Machine {
    /// Its name.
    #[serde(default)]
    pub host: Option<String>,
    /// Which of its starts it is, where that is known: containers on one machine have names of their own.
    #[serde(default)]
    pub boot: Option<String>,
}

impl Document {
    /// Makes one.
    pub fn new(epoch: u64, holder: Option<Holder>) -> Document {
        Document { format_version: FORMAT, epoch, holder }
    }

    /// Reads one. Fails on what is none, or is of another format.
    pub fn parse(bytes: &[u8], state: &str) -> Result<Document> {
        match serde_json::from_slice::<Document>(bytes) {
            Ok(document) if document.format_version == FORMAT => Ok(document),
            Ok(_) | Err(_) => {
                let what = format!("cannot read the lock of the state `{state}`: it is damaged, or of another version");
                bail!(
                    Reason::StateUnreadable
                        .trouble(what)
                        .hint("see that no apply is running, then write it anew with `convoke state unlock`")
                )
            }
        }
    }

    /// What is kept of it.
    pub fn bytes(&self) -> Vec<u8> {
        serde_json::to_vec_pretty(self).expect("a lock is plain data")
    }
}

impl Holder {
    /// This process, from now on.
    pub fn new(who: &Origin, machine: &Machine, ttl: Duration) -> Holder {
        let Origin { owner: _, actor, run } = who.clone();
        Holder {
            id: uuid::Uuid::new_v4().to_string(),
            actor,
            run,
            machine: machine.clone(),
            process: std::process::id(),
            since: Timestamp::now(),
            ttl_seconds: ttl.as_secs(),
            renewals: 0,
        }
    }

    /// How long it has to be watched unchanged before somebody else may take it.
    pub fn ttl(&self) -> Duration {
        Duration::from_secs(self.ttl_seconds)
    }

    /// The machine that its process runs on.
    pub fn machine(&self) -> &Machine {
        &self.machine
    }

    /// Says who it is, from where and since when.
    pub fn words(&self) -> String {
        let Holder { actor, run, machine, process, since, .. } = self;
        let who = actor.as_deref().map_or("somebody".to_owned(), cut);
        let host = machine.host.as_deref().map(|name| format!(" on `{}`", cut(name))).unwrap_or_default();
        let run = run.as_deref().map(|url| format!(", {}", cut(url))).unwrap_or_default();
        format!("{who}{host}, process {process}, since {}{run}", since.strftime("%Y-%m-%d %H:%M:%SZ"))
    }
}

impl Machine {
    /// The one that this runs on.
    pub fn this() -> Machine {
        Machine { host: host(), boot: boot() }
    }

    /// Whether both are one, so that it knows of each one's processes whether they have ended.
    pub fn is(&self, other: &Machine) -> bool {
        let same = |one: &Option<String>, other: &Option<String>| one.is_some() && one == other;
        same(&self.host, &other.host) || same(&self.boot, &other.boot)
    }
}

#[cfg(unix)]
fn host() -> Option<String> {
    Some(rustix::system::uname().nodename().to_string_lossy().into_owned()).filter(|name| !name.is_empty())
}

#[cfg(not(unix))]
fn host() -> Option<String> {
    std::env::var("COMPUTERNAME").ok().filter(|name| !name.is_empty())
}

/// Linux alone tells one start of a machine from another.
fn boot() -> Option<String> {
    let id = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    Some(id.trim().to_owned()).filter(|id| !id.is_empty())
}
