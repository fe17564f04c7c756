//! Objects that go and whose event is to be cancelled with them: `lifecycle: {onDelete: cancel}`.
//!
//! Such an object gets a finalizer, so that it stays until a plan has cancelled what it declared. The finalizer always opens: what becomes
//! of an object that goes is decided here, and a way out that asks for nothing but the object itself is the annotation.

use crate::cluster::{Cluster, Seen};
use crate::outcome::{Outcome, said};
use convoke::face::kind::crd::OnDelete;
use convoke::face::plan::Action;
use convoke::face::reason::Reason;
use convoke::face::serve::{Line, Round};
use convoke::face::trouble::Trouble;
use kube::ResourceExt;
use serde::Deserialize;

/// Holds an object until its event is cancelled.
pub const HOLD: &str = "convoke.dev/cancel";

/// Lets an object go and leaves its event as it is.
const RELEASE: (&str, &str) = ("convoke.dev/release", "keep");

impl Seen {
    /// It goes, and only our finalizer holds it, or ours among others.
    pub fn is_held(&self) -> bool {
        self.is_leaving() && self.has_hold()
    }

    /// Whoever deletes it wants its event cancelled.
    pub fn wants_cancel(&self) -> bool {
        let asked = self.object.data.pointer("/lifecycle/onDelete");
        asked.and_then(|it| OnDelete::deserialize(it).ok()).unwrap_or_default() == OnDelete::Cancel
            && !self.is_released()
    }

    fn is_released(&self) -> bool {
        self.object.annotations().get(RELEASE.0).is_some_and(|it| it == RELEASE.1)
    }

    fn has_hold(&self) -> bool {
        self.object.finalizers().iter().any(|it| it == HOLD)
    }
}

/// Gives the finalizer to what wants it and does not go, and takes it from what does not want it any more.
pub async fn put(cluster: &Cluster, seen: &[Seen], outcome: &mut Outcome) {
    for it in seen {
        let wants = it.wants_cancel();
        if wants == it.has_hold() || (wants && it.is_leaving()) {
            continue;
        }
        if let Err(error) = cluster.hold(it, wants).await {
            let what = if wants { "its deletion would cancel nothing" } else { "it cannot go" };
            let error = said(&error);
            let cannot = format!("{}: the finalizer `{HOLD}` cannot be written, so {what}: {error}", it.key());
            outcome.lines.push(Line::standing("warning: ", Trouble::new(cannot)));
        }
    }
}

/// Finds out which of them may be live although nothing of them was found: their status names what was made, and a state that was lost
/// since tells no more where. An online meeting is in no list, and an event may stand in another mailbox than its object says now.
pub fn look_for_unfound(held: &[Seen], round: &Round, outcome: &mut Outcome) {
    let Some(report) = round.report.as_ref().filter(|_| round.seen.is_some()) else { return };
    let was_made = |it: &Seen| it.object.data.pointer("/status/id").is_some_and(|id| id.is_string());
    let is_found = |key: &String| report.steps.iter().any(|row| row.key == *key);
    let keys = held.iter().filter(|it| was_made(it)).map(Seen::key);
    outcome.unfound = keys.filter(|key| !outcome.known.contains(key) && !is_found(key)).collect();
    for key in &outcome.unfound {
        let (annotation, keep) = RELEASE;
        let said = format!(
            "{key}: its object is held: the state knows nothing of it, and it is not found where the object says, so it may be live; \
             the annotation `{annotation}: {keep}` lets it go"
        );
        outcome.lines.push(Line::standing("warning: ", Reason::Unread.trouble(said)));
    }
}

/// Lets go what a round leaves nothing to do of.
///
/// `lost` says that nobody could sign in for them for long enough, or that their Workspace is gone.
pub async fn open(cluster: &Cluster, held: &[Seen], round: &Round, lost: bool, outcome: &mut Outcome) {
    for it in held {
        let (key, terminating) = (it.key(), || async { cluster.is_terminating(&it.place().0).await });
        let why = match outcome.unfound.contains(&key) {
            true => None,
            false => opens(&key, round, terminating).await,
        };
        let lost = lost.then_some("nobody can sign in for it, or its Workspace is gone; it stays live");
        let Some(why) = why.or(lost) else { continue };
        let line = match cluster.hold(it, false).await {
            Ok(()) => {
                let line = Line::event("", Trouble::new(format!("{key}: its object is let go: {why}")));
                outcome.opened.insert(key);
                line
            }
            Err(error) => {
                let cannot = format!("{key}: its object cannot be let go: {}", said(&error));
                Line::standing("warning: ", Trouble::new(cannot))
            }
        };
        outcome.lines.push(line);
    }
}

/// Why an object that goes is let go, if it is.
///
/// ```text
/// action of its row | outcome | it is let go
/// ------------------+---------+-----------------------------------------------------
/// Cancel            | applied | it is cancelled
/// NoOp              | –       | nothing of it is to be cancelled
/// Blocked           | –       | only a protected one, and only where its namespace goes
/// anything else     | any     | no: it is tried again
/// none              | –       | there is none, if all was read, and it is known that all was
/// ```
async fn opens(key: &str, round: &Round, terminating: impl AsyncFn() -> bool) -> Option<&'static str> {
    let rows = round.report.iter().flat_map(|report| report.steps.iter().filter(|row| row.key == key));
    let mut why = round.seen.as_ref().map(|_| "nothing of it is live");
    for row in rows {
        why = match (row.action, row.outcome) {
            (Action::Cancel, Some("applied")) => Some("it is cancelled"),
            (Action::NoOp, _) => Some("it has ended, or its mailbox is gone"),
            (Action::Blocked, _) if row.code == Some(Reason::Protected) && terminating().await => {
                Some("it is protected, and its namespace goes; it stays live")
            }
            _ => None,
        };
        if why.is_none() {
            break;
        }
    }
    why
}
