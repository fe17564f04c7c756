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
mod serving;
mod sign_in;
mod status;
mod workspace;

use crate::cluster::Cluster;
use anyhow::{Context, Result};
use clap::Parser;
use convoke::face::trouble::Trouble;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

/// Carries out meetings that are objects of Kubernetes
#[derive(Parser)]
#[command(name = "convoke-operator", version)]
struct Flags {
    /// Namespaces to look at; all if left out
    #[arg(long, value_name = "NAME", env = "CONVOKE_NAMESPACES", value_delimiter = ',')]
    namespace: Vec<String>,
    /// How often to look where nothing changed, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 1800, env = "CONVOKE_INTERVAL_SECONDS", value_parser = clap::value_parser!(u64).range(1..=86_400))]
    interval: u64,
    /// A folder on a volume that lasts, for the states of workspaces whose `spec.state` is no address
    #[arg(long, value_name = "FOLDER", env = "CONVOKE_STATE_FOLDER")]
    state_folder: Option<PathBuf>,
    /// Every namespace may use every mailbox that a sign-in opens; without this, those that a MailboxGrant names
    #[arg(long, env = "CONVOKE_SINGLE_TENANT")]
    single_tenant: bool,
    /// How long an object that goes waits for a sign-in to cancel its event with, or for its Workspace; then it goes alone
    #[arg(long, value_name = "SECONDS", default_value_t = 3600, env = "CONVOKE_ORPHAN_AFTER_SECONDS")]
    orphan_after: u64,
}

/// How it is served.
#[derive(Clone)]
struct Terms {
    /// How often it is looked where nothing changed.
    interval: Duration,
    /// Where the states of Workspaces are kept whose state has no address.
    states: Option<PathBuf>,
    /// How long an object that goes waits for a sign-in, or for its Workspace.
    orphan_after: Duration,
    /// Every namespace may use every mailbox.
    single_tenant: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Flags::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tell(&format!("error: {}", Trouble::of(&error).sentence()));
            ExitCode::FAILURE
        }
    }
}

async fn run(flags: Flags) -> Result<()> {
    rustls::crypto::ring::default_provider().install_default().ok().context("TLS is set up once")?;
    let client = kube::Client::try_default().await.context("no way to an API server")?;
    let cluster = Cluster::watch(client, &flags.namespace, flags.single_tenant);
    let stop = serving::stopped()?;
    // What is not known yet must not look as if it were gone.
    if !cluster.synced(stop.clone()).await {
        return Ok(());
    }
    tell("all objects are read");
    let terms = Terms {
        interval: Duration::from_secs(flags.interval),
        states: flags.state_folder,
        orphan_after: Duration::from_secs(flags.orphan_after),
        single_tenant: flags.single_tenant,
    };
    tokio::task::LocalSet::new().run_until(serving::run(cluster, terms, stop)).await;
    tell("stopped");
    Ok(())
}

/// Tells one line of the log.
fn tell(line: &str) {
    eprintln!("{line}");
}
