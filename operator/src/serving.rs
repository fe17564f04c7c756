//! One loop for each Workspace, as `convoke serve` has it: ten seconds after the last change, and at each interval.

use crate::cluster::{Cluster, Seen};
use crate::tell;
use crate::workspace::One;
use anyhow::Result;
use convoke::face::serve::{Board, Line, Watch};
use convoke::face::state::SystemClock;
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// How often it is looked which Workspaces there are.
const LOOK: Duration = Duration::from_secs(1);

/// Serves each Workspace until it is to stop, and finishes what is in flight.
pub async fn run(cluster: Cluster, interval: Duration, states: Option<PathBuf>, mut stop: watch::Receiver<bool>) {
    let (cluster, states) = (Rc::new(cluster), states.map(Rc::new));
    let mut loops: BTreeMap<(String, String), (watch::Sender<bool>, JoinHandle<()>)> = BTreeMap::new();
    while !*stop.borrow() {
        let there: Vec<_> = cluster.workspaces().iter().map(Seen::place).collect();
        for place in &there {
            let ended = loops.get(place).is_none_or(|(_, work)| work.is_finished());
            if ended {
                let (send, receive) = watch::channel(false);
                let one = One::new(cluster.clone(), place.clone(), states.as_deref().cloned());
                let work = tokio::task::spawn_local(serve(one, interval, receive));
                loops.insert(place.clone(), (send, work));
            }
        }
        for (place, (send, _)) in &loops {
            // One that has ended by itself listens no more.
            let _ = there.contains(place) || send.send(true).is_err();
        }
        loops.retain(|place, (_, work)| there.contains(place) || !work.is_finished());
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => break,
            () = tokio::time::sleep(LOOK) => {}
        }
    }
    for (_, (send, work)) in loops {
        let _ = send.send(true); // The same.
        if let Err(error) = work.await {
            tell(&format!("error: {error}"));
        }
    }
}

async fn serve(one: One, interval: Duration, stop: watch::Receiver<bool>) {
    let name = one.name();
    tell(&format!("{name}: served"));
    let (board, asked) = Board::new(&name, interval, false, Arc::new(SystemClock));
    let told = |line: &Line| {
        let code = line.said.code.map(|code| format!(" [{code}]")).unwrap_or_default();
        tell(&format!("{name}: {}{}{code}", line.lead, line.said.what));
    };
    let watch = Watch {
        board: &board,
        asked,
        stop: stop.clone(),
        stamp: &|| one.stamp(),
        now: &Timestamp::now,
        jitter: &|| fastrand::f64() * 2.0 - 1.0,
        tell: &told,
    };
    watch.run(async |_| one.round(stop.clone()).await).await;
    tell(&format!("{name}: no longer served"));
}

/// Turns true at the first signal that asks to stop. Fails where signals cannot be heard.
pub fn stopped() -> Result<watch::Receiver<bool>> {
    use tokio::signal::unix::{SignalKind, signal};
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
