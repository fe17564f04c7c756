//! What is known of the rounds so far: written by whoever runs them, read by whoever asks over HTTP.

use crate::serve::metrics::{Metrics, together};
use crate::serve::round::{Ended, Pending, Round};
use crate::state::Clock;
use jiff::Timestamp;
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};

/// How many intervals may pass without a round.
const LATE: u32 = 3;

/// So many calls wait for their round.
const WAITING: usize = 4;

/// What somebody asks for.
pub enum Call {
    /// A round now.
    Reconcile,
    /// A round that carries out the plan with this id, or nothing.
    Approve(String),
}

/// A call, and who waits for what comes of it.
pub struct Asked {
    pub call: Call,
    pub answer: oneshot::Sender<Answer>,
}

/// What came of a call.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Answer {
    pub ended: Ended,
    /// The plan that waits now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plan_id: Option<String>,
}

/// One for each process.
pub struct Board {
    /// Its name.
    pub workspace: String,
    /// How often there is a round.
    pub interval: Duration,
    /// Nothing is ever sent, so that nothing can be approved.
    pub plan_only: bool,
    /// By which rounds are due.
    pub clock: Arc<dyn Clock>,
    pub(super) metrics: Metrics,
    calls: mpsc::Sender<Asked>,
    now: Mutex<Now>,
}

#[derive(Default)]
struct Now {
    pending: Option<Pending>,
    /// When the last round ended, by the clock.
    last: Option<Duration>,
}

impl Board {
    /// Makes one before the first round; returns also what takes the calls.
    pub fn new(
        workspace: &str,
        interval: Duration,
        plan_only: bool,
        clock: Arc<dyn Clock>,
    ) -> (Board, mpsc::Receiver<Asked>) {
        let (calls, asked) = mpsc::channel(WAITING);
        let (metrics, now) = (Metrics::new(workspace), Mutex::default());
        (Board { workspace: workspace.into(), interval, plan_only, clock, metrics, calls, now }, asked)
    }

    /// Takes in a round that has just ended and took so long. Returns what is told to whoever called for it.
    pub fn ended(&self, round: &Round, at: Timestamp, took: Duration) -> Answer {
        let mut now = self.now();
        // A round that came to no plan says nothing of the one that waits.
        if round.seen.is_some() {
            now.pending.clone_from(&round.pending);
        }
        now.last = Some(self.clock.now());
        self.metrics.count(round, now.pending.as_ref(), at, took);
        Answer { ended: round.ended, plan_id: now.pending.as_ref().map(|it| it.plan_id.clone()) }
    }

    /// Returns the plan that waits.
    pub fn pending(&self) -> Option<Pending> {
        self.now().pending.clone()
    }

    /// Whether a round has ended, and the last one not long ago.
    pub fn is_ready(&self) -> bool {
        let last = self.now().last;
        last.is_some_and(|last| self.clock.now().saturating_sub(last) <= self.interval * LATE)
    }

    /// Calls for a round, and waits until it has ended. Nothing where it ends now, or too many wait already.
    pub async fn call(&self, call: Call) -> Option<Answer> {
        let (answer, answered) = oneshot::channel();
        self.calls.try_send(Asked { call, answer }).ok()?;
        answered.await.ok()
    }

    fn now(&self) -> MutexGuard<'_, Now> {
        self.now.lock().expect("nobody panics while it looks at the board")
    }
}

/// The boards of several workspaces in one process, as they come and go.
#[derive(Default)]
pub struct Boards(Mutex<Several>);

#[derive(Default)]
struct Several {
    known: bool,
    all: BTreeMap<String, Arc<Board>>,
}

impl Boards {
    /// Says that it is known which there are.
    pub fn begin(&self) {
        self.now().known = true;
    }

    /// Shows one more.
    pub fn add(&self, board: Arc<Board>) {
        self.now().all.insert(board.workspace.clone(), board);
    }

    /// Shows one no longer.
    pub fn remove(&self, workspace: &str) {
        self.now().all.remove(workspace);
    }

    /// Whether it is known which there are.
    pub fn is_ready(&self) -> bool {
        self.now().known
    }

    /// Returns the numbers of all as text.
    pub(super) fn text(&self) -> String {
        let texts: Vec<String> = self.now().all.values().map(|board| board.metrics.text()).collect();
        together(&texts)
    }

    fn now(&self) -> MutexGuard<'_, Several> {
        self.0.lock().expect("nobody panics while it looks at the boards")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Summary;
    use crate::serve::round::{Seen, Sent};
    use crate::state::SystemClock;

    #[test]
    fn a_plan_waits_until_a_round_comes_to_another_one() {
        let (board, _asked) = Board::new("contoso", Duration::from_secs(60), false, Arc::new(SystemClock));
        let pending = Pending {
            plan_id: "1".into(),
            made: Timestamp::UNIX_EPOCH,
            summary: Summary::default(),
            removals: vec![],
            why: vec![],
            look: String::new(),
            apply: String::new(),
        };
        let seen = || Some(Seen { managed: 1, drifted: 0, blocked: 0 });
        for (ended, pending, seen, expect) in [
            (Ended::Failed, None, None, None),
            (Ended::Pending, Some(pending), seen(), Some("1")),
            (Ended::Busy, None, None, Some("1")),
            (Ended::Failed, None, None, Some("1")),
            (Ended::Settled, None, seen(), None),
        ] {
            let round = Round { ended, lines: vec![], pending, seen, report: None, sent: Sent::default() };
            let answer = board.ended(&round, Timestamp::UNIX_EPOCH, Duration::ZERO);
            assert_eq!(answer, Answer { ended, plan_id: expect.map(str::to_owned) });
            assert_eq!(board.pending().map(|it| it.plan_id).as_deref(), expect);
            assert_eq!(board.metrics.text().contains("plan_id=\"1\""), expect.is_some(), "{ended:?}");
        }
    }
}
