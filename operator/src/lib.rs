//! Meetings as objects of Kubernetes: a shell over the rounds of `convoke serve`.
//!
//! It reads Workspaces, Events and OnlineMeetings of a cluster, has the program plan and apply them, and answers in their status. What is
//! planned, judged and sent stands in `convoke`; here stands what a cluster adds. Nothing is ever cancelled because an object is absent.

mod approval;
mod cluster;
mod documents;
mod finalizer;
mod namespace;
mod outcome;
pub mod secret;
mod serving;
mod sign_in;
mod status;
mod workspace;

use crate::cluster::Cluster;
use convoke::face::graph::auth::Env;
use convoke::face::kind::workspace::Pins;
use convoke::face::serve::Boards;
use convoke::face::state::Clock;
use jiff::Timestamp;
use kube::Client;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// How it is served.
#[derive(Clone)]
pub struct Terms {
    /// The namespaces that are looked at; all where none is named.
    pub namespaces: Vec<String>,
    /// How often it is looked where nothing changed.
    pub interval: Duration,
    /// Where the states of Workspaces are kept whose state has no address.
    pub states: Option<PathBuf>,
    /// How long an object that goes waits for a sign-in, or for its Workspace.
    pub orphan_after: Duration,
    /// Every namespace may use every mailbox.
    pub single_tenant: bool,
    /// The operator's own environment; an empty variable is none.
    pub env: Env,
    /// What it pins.
    pub pins: Pins,
    /// By which rounds are due, and locks held.
    pub clock: Arc<dyn Clock>,
    /// The time of day.
    pub now: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    /// Where it is shown how its namespaces do.
    pub boards: Arc<Boards>,
    /// Takes one line of the log.
    pub tell: Tell,
}

/// Takes one line of the log.
pub type Tell = Arc<dyn Fn(&str) + Send + Sync>;

/// Serves a cluster until it is to stop, and finishes what is in flight.
pub async fn run(client: Client, terms: Terms, stop: watch::Receiver<bool>) {
    let tell = terms.tell.clone();
    let cluster = Cluster::watch(client, &terms);
    // What is not known yet must not look as if it were gone.
    if cluster.synced(stop.clone()).await {
        tell("all objects are read");
        terms.boards.begin();
        tokio::task::LocalSet::new().run_until(serving::run(cluster, terms, stop)).await;
    }
    tell("stopped");
}
