//! The loop: a round at its time, after the files have changed and come to rest, and when somebody calls for one.
//!
//! One round at a time. How one is made, and what its files are, the caller knows; what time it is, too.

use crate::serve::board::{Asked, Board, Call};
use crate::serve::round::Round;
use crate::serve::settled::Settled;
use crate::serve::timing::wait;
use crate::serve::words::{Line, Told};
use jiff::Timestamp;
use std::time::Duration;
use tokio::sync::{mpsc, watch};

/// How often files are looked at.
const LOOK: Duration = Duration::from_secs(1);

/// What a loop works with.
pub struct Watch<'a> {
    /// Takes in what comes of them.
    pub board: &'a Board,
    /// Calls for rounds.
    pub asked: mpsc::Receiver<Asked>,
    /// Turns true when it is to end: then no other round begins.
    pub stop: watch::Receiver<bool>,
    /// What stands for the files as they are now.
    pub stamp: &'a dyn Fn() -> u64,
    /// The time of day.
    pub now: &'a dyn Fn() -> Timestamp,
    /// A number from -1 to 1, another one each time.
    pub jitter: &'a dyn Fn() -> f64,
    /// Takes what is told.
    pub tell: &'a dyn Fn(&Line),
}

impl Watch<'_> {
    /// Makes rounds until it is to end. `round` gets the id of the plan that was approved, if one was.
    pub async fn run(mut self, round: impl AsyncFn(Option<&str>) -> Round) {
        let clock = self.board.clock.clone();
        let (mut files, mut told) = (Settled::new(clock.now(), (self.stamp)()), Told::default());
        let mut due = clock.now();
        while !*self.stop.borrow() {
            files.look(clock.now(), (self.stamp)());
            let now = clock.now();
            let mut asked = None;
            if !(files.is_settled(now) && (files.has_changed() || now >= due)) {
                asked = tokio::select! {
                    Some(asked) = self.asked.recv() => Some(asked),
                    _ = self.stop.wait_for(|stop| *stop) => return,
                    () = clock.sleep(LOOK) => continue,
                };
                files.look(clock.now(), (self.stamp)());
            }
            files.take(clock.now());
            let (call, answer) = asked.map(|Asked { call, answer }| (call, answer)).unzip();
            let approved = call.and_then(|call| match call {
                Call::Approve(id) => Some(id),
                Call::Reconcile => None,
            });
            let began = clock.now();
            let round = round(approved.as_deref()).await;
            let ended = self.board.ended(&round, (self.now)(), clock.now().saturating_sub(began));
            told.news(round.lines).iter().for_each(self.tell);
            // Who called may have gone away.
            let _ = answer.map(|answer| answer.send(ended));
            due = clock.now() + wait(&self.board.workspace, self.board.interval, (self.now)(), (self.jitter)());
        }
    }
}
