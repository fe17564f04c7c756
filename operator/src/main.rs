//! The program: flags, the way to the API server, and the signals that end it.

use anyhow::{Context, Result};
use clap::Parser;
use convoke::face::kind::workspace::Pins;
use convoke::face::serve::{Boards, serve_several};
use convoke::face::state::SystemClock;
use convoke::face::trouble::Trouble;
use convoke_operator::Terms;
use jiff::Timestamp;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How long answers on their way are waited for in the end.
const LAST_ANSWERS: Duration = Duration::from_secs(2);

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
    /// Where to answer over HTTP: GET /healthz, /readyz, /metrics; with port 0 any free one, which is told
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8484", env = "CONVOKE_LISTEN")]
    listen: SocketAddr,
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
    let client = kube::Client::try_default().await.map_err(|error| {
        let none = Trouble::new(format!("no way to an API server: {error}"));
        none.hint("run it in a cluster, or set KUBECONFIG to a file that names one")
    })?;
    let listener = TcpListener::bind(flags.listen).await.with_context(|| {
        let taken = Trouble::new(format!("cannot listen on {}", flags.listen));
        taken.hint("pass another address with --listen; 127.0.0.1:0 takes any free port")
    })?;
    let (boards, stop) = (Arc::new(Boards::default()), stopped()?);
    tell(&format!("answers on http://{}", listener.local_addr()?));
    let answers = tokio::spawn(serve_several(listener, boards.clone(), stop.clone()));
    let terms = Terms {
        namespaces: flags.namespace,
        interval: Duration::from_secs(flags.interval),
        states: flags.state_folder,
        orphan_after: Duration::from_secs(flags.orphan_after),
        single_tenant: flags.single_tenant,
        env: Arc::new(|name| std::env::var(name).ok().filter(|value| !value.is_empty())),
        pins: Pins::read(std::env::vars_os())?,
        clock: Arc::new(SystemClock),
        now: Arc::new(Timestamp::now),
        boards,
        tell: Arc::new(tell),
    };
    convoke_operator::run(client, terms, stop).await;
    let _ = tokio::time::timeout(LAST_ANSWERS, answers).await; // Whoever is too slow gets no answer.
    Ok(())
}

/// Turns true at the first signal that asks to stop. Fails where signals cannot be heard.
fn stopped() -> Result<watch::Receiver<bool>> {
    let (send, receive) = watch::channel(false);
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = tokio::signal::ctrl_c() => {}
        }
        tell("stopping after the requests in flight");
        let _ = send.send(true); // Nobody listens any more where it has ended.
    });
    Ok(receive)
}

/// Tells one line of the log.
fn tell(line: &str) {
    eprintln!("{line}");
}
