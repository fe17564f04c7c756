//! One namespace that is served: what stands in it, a round over all of it, and the status that it gets.

use crate::cluster::{Cluster, Seen};
use crate::outcome::{Outcome, said};
use crate::{Terms, finalizer, status, workspace};
use convoke::face::kind::schema::Declared;
use convoke::face::reason::Reason;
use convoke::face::serve::{Ended, Line, Round};
use convoke::face::trouble::Trouble;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;
use tokio::sync::watch;

/// A namespace, and what is remembered of it.
pub struct One {
    cluster: Rc<Cluster>,
    pub name: String,
    terms: Terms,
    /// Its Workspace as it was seen last: it may go together with what is to be cancelled.
    last: RefCell<Option<Seen>>,
    /// By the clock: since when nobody can sign in for it, or its Workspace is gone.
    lost: Cell<Option<Duration>>,
}

/// What stands in a namespace.
pub struct There {
    /// What does not go.
    pub declared: Vec<Seen>,
    /// What goes, and is held until its event is cancelled.
    pub held: Vec<Seen>,
    /// The Workspace, there or not any more.
    pub workspace: Option<Seen>,
    /// The Workspace is there.
    pub is_governed: bool,
}

impl There {
    /// Its Workspaces; one where all is well.
    pub fn workspaces(&self) -> impl Iterator<Item = &Seen> {
        self.declared.iter().filter(|it| it.declared == Declared::Workspace)
    }
}

impl One {
    pub fn new(cluster: Rc<Cluster>, name: String, terms: Terms) -> One {
        One { cluster, name, terms, last: RefCell::default(), lost: Cell::default() }
    }

    /// What stands for all that a round reads.
    pub fn stamp(&self) -> u64 {
        self.cluster.stamp(&self.name)
    }

    /// Makes a round, and writes what came of it to the objects.
    pub async fn round(&self, stop: watch::Receiver<bool>) -> Round {
        let mut outcome = Outcome::default();
        let seen = self.cluster.of(&self.name);
        finalizer::put(&self.cluster, &seen, &mut outcome).await;
        let there = self.there(seen);
        outcome.leaving = there.held.iter().map(Seen::key).collect();
        let made = workspace::round(&self.cluster, &there, &self.terms, stop, &mut outcome).await;
        let mut round = made.unwrap_or_else(|error| {
            outcome.code = Trouble::of(&error).code;
            Round::failed(&error)
        });
        finalizer::look_for_unfound(&there.held, &round, &mut outcome);
        let lost = self.is_lost(&there, &round, &outcome);
        finalizer::open(&self.cluster, &there.held, &round, lost, &mut outcome).await;
        if let Err(error) = status::write(&self.cluster, &there, &round, &outcome, (self.terms.now)()).await {
            let cannot = Trouble::new(format!("the status cannot be written: {}", said(&error)));
            outcome.lines.push(Line::standing("warning: ", cannot));
        }
        round.lines.extend(outcome.lines);
        round
    }

    fn there(&self, seen: Vec<Seen>) -> There {
        let (leaving, declared): (Vec<Seen>, Vec<Seen>) = seen.into_iter().partition(Seen::is_leaving);
        let held = leaving.into_iter().filter(|it| it.is_held() && it.wants_cancel()).collect();
        let workspace = declared.iter().find(|it| it.declared == Declared::Workspace).cloned();
        let is_governed = workspace.is_some();
        if is_governed {
            self.last.replace(workspace);
        }
        There { declared, held, workspace: self.last.borrow().clone(), is_governed }
    }

    /// Whether nobody could sign in for it for long enough. A Graph that is away is no reason.
    fn is_lost(&self, there: &There, round: &Round, outcome: &Outcome) -> bool {
        let sign_in = [Reason::NoSignIn, Reason::SignInFailed, Reason::SignInDiffers, Reason::GraphSignIn];
        let refused = round.report.is_none() && outcome.code.is_some_and(|code| sign_in.contains(&code));
        let now = self.terms.clock.now();
        if !there.is_governed || refused {
            self.lost.set(self.lost.get().or(Some(now)));
        } else if !matches!(round.ended, Ended::Busy | Ended::Stopped) {
            self.lost.set(None);
        }
        self.lost.get().is_some_and(|since| now.saturating_sub(since) >= self.terms.orphan_after)
    }
}
