//! One loop for each namespace, as `convoke serve` has it: ten seconds after the last change, and at each interval.

use crate::Terms;
use crate::cluster::Cluster;
use crate::namespace::One;
use convoke::face::serve::{Board, Line, Watch};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// How often it is looked which namespaces there are.
const LOOK: Duration = Duration::from_secs(1);

/// Serves each namespace that holds anything until it is to stop, and finishes what is in flight.
pub async fn run(cluster: Cluster, terms: Terms, mut stop: watch::Receiver<bool>) {
    let cluster = Rc::new(cluster);
    let mut loops: BTreeMap<String, (watch::Sender<bool>, JoinHandle<()>)> = BTreeMap::new();
    while !*stop.borrow() {
        let there = cluster.namespaces();
        for name in &there {
            let ended = loops.get(name).is_none_or(|(_, work)| work.is_finished());
            if ended {
                let (send, receive) = watch::channel(false);
                let one = One::new(cluster.clone(), name.clone(), terms.clone());
                let work = tokio::task::spawn_local(serve(one, terms.clone(), receive));
                loops.insert(name.clone(), (send, work));
            }
        }
        for (name, (send, _)) in &loops {
            // One that has ended by itself listens no more.
            let _ = there.contains(name) || send.send(true).is_err();
        }
        loops.retain(|name, (_, work)| there.contains(name) || !work.is_finished());
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => break,
            () = terms.clock.sleep(LOOK) => {}
        }
    }
    for (_, (send, work)) in loops {
        let _ = send.send(true); // The same.
        if let Err(error) = work.await {
            (terms.tell)(&format!("error: {error}"));
        }
    }
}

async fn serve(one: One, terms: Terms, stop: watch::Receiver<bool>) {
    let (name, tell, boards) = (&one.name, terms.tell, terms.boards);
    tell(&format!("{name}: served"));
    let (board, asked) = Board::new(name, terms.interval, false, terms.clock);
    let board = Arc::new(board);
    boards.add(board.clone());
    let told = |line: &Line| {
        let code = line.said.code.map(|code| format!(" [{code}]")).unwrap_or_default();
        tell(&format!("{name}: {}{}{code}", line.lead, line.said.sentence()));
    };
    let watch = Watch {
        board: &board,
        asked,
        stop: stop.clone(),
        stamp: &|| one.stamp(),
        now: &*terms.now,
        jitter: &|| fastrand::f64() * 2.0 - 1.0,
        tell: &told,
    };
    watch.run(async |_| one.round(stop.clone()).await).await;
    boards.remove(name);
    tell(&format!("{name}: no longer served"));
}
