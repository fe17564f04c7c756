//! What asks a command to stop that finishes what is on its way.

use crate::cli::output;
use crate::render::page::Page;
use std::time::Duration;
use tokio::sync::watch;

/// Turns true at the first signal that asks to stop: Ctrl-C, or a pipeline that is cancelled. The second one ends the program at
/// once, and the lock of the state stays taken until its time is over.
///
/// The time that it may take stops it as the first signal does.
pub fn stopped(limit: Option<Duration>) -> watch::Receiver<bool> {
    let (send, receive) = watch::channel(false);
    if let Some(limit) = limit {
        let send = send.clone();
        tokio::spawn(async move {
            tokio::time::sleep(limit).await;
            output::say(&Page::line("the time of --timeout is over: stopping after the requests in flight"));
            let _ = send.send(true); // Nobody listens any more where it is done.
        });
    }
    tokio::spawn(async move {
        while signalled().await.is_ok() {
            if *send.borrow() {
                std::process::exit(130);
            }
            output::say(&Page::line("stopping after the requests in flight; once more to stop at once"));
            if send.send(true).is_err() {
                return;
            }
        }
    });
    receive
}

#[cfg(unix)]
async fn signalled() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted,
        _ = terminate.recv() => Ok(()),
    }
}

#[cfg(not(unix))]
async fn signalled() -> std::io::Result<()> {
    tokio::signal::ctrl_c().await
}
