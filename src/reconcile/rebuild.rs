//! Makes a state anew out of what is live: from marks, and from look-ups that make nothing.
//!
//! It only reads. What it cannot know without making it, an online meeting whose id nobody remembers, is left as something that
//! was about to be made: the next apply asks for it by its name, and gets the one that is there.

use crate::apply::remember;
use crate::graph::observe::Behind;
use crate::kind::event::View;
use crate::model::{Have, Key, Record};
use crate::plan::{Action, Step, last_applied};
use crate::reconcile::Session;
use crate::reconcile::apply::learn;
use crate::reconcile::plan::plan_by_the_clock;
use crate::state::Locked;
use anyhow::Result;
use jiff::Timestamp;
use std::collections::{BTreeMap, HashMap};

/// What was found of what the workspace has.
#[derive(Debug, Default)]
pub struct Rebuilt {
    /// Remembered from here on.
    pub found: Vec<Key>,
    /// Online meetings that may be there, by whose they are.
    pub open: Vec<(Key, String)>,
    /// What could not be told, and why.
    pub unclear: BTreeMap<Key, String>,
}

/// Looks at everything and puts what is ours into the state; nothing reaches the store yet.
///
/// Fails as a plan does. What could not be read stands in the result.
pub async fn rebuild(session: &Session<'_>, state: &Locked, now: Timestamp) -> Result<Rebuilt> {
    let before = state.state();
    let mut live = session.observe(&before, Behind::Declared).await?;
    let plan = plan_by_the_clock(session, &before, &mut live, now).await;
    learn(session, &live, state);
    // Who has looked says yes to all that carries a name of the workspace.
    state.was_called(&session.policy.previously);
    let mut rebuilt = Rebuilt::default();
    let by_id: HashMap<&str, &Have> = live.objects.iter().map(|have| (have.id.as_str(), &**have)).collect();
    for step in plan.steps.iter().filter(|step| !step.duplicate) {
        let key = step.key.clone();
        let have = step.seen.as_ref().and_then(|seen| by_id.get(seen.id.as_str()).copied());
        match (have, step.action) {
            _ if step.unknown => drop(rebuilt.unclear.insert(key, why(step))),
            // A step without a record says that the state has it already: the mark may be older than that.
            (Some(have), Action::NoOp) if step.record.is_some() || is_known(state, &key, have) => {
                remember(step, state);
                rebuilt.found.push(key);
            }
            (Some(have), _) if have.unread.is_none() => {
                state.keep(&have.key, record(have, state.record(&have.key)));
                rebuilt.found.push(have.key.clone());
            }
            (Some(_), _) => drop(rebuilt.unclear.insert(key, "its mark could not be read".into())),
            (None, Action::Create) if !key.kind().is_listed => {
                let known = state.record(&key).is_some();
                if let Some(intent) = step.intent.clone().filter(|_| !known) {
                    state.keep(&key, *intent);
                }
                rebuilt.open.push((key, step.organizer.clone()));
            }
            (None, Action::Blocked) => drop(rebuilt.unclear.insert(key, why(step))),
            // Nothing is there, and nothing is remembered of it.
            (None, _) => {}
        }
    }
    Ok(rebuilt)
}

/// Whether the state speaks of this very object under that key.
fn is_known(state: &Locked, key: &Key, have: &Have) -> bool {
    state.record(key).is_some_and(|record| record.id == have.id)
}

fn why(step: &Step) -> String {
    step.reason.clone().unwrap_or_else(|| "it could not be read".into())
}

/// What an object says of itself; what else the state knows of the same one stays.
fn record(have: &Have, before: Option<Record>) -> Record {
    let before = before.filter(|before| before.id == have.id).unwrap_or_default();
    // The mark of an event does not ride on a change of attendees alone: the record may know more.
    let applied = last_applied(Some(&before), have).unwrap_or_default();
    let link = have.event().and_then(View::join_url).map(str::to_owned).or(before.join_web_url);
    Record {
        organizer: have.organizer.clone(),
        calendar: have.calendar.clone(),
        id: have.id.clone(),
        join_web_url: link,
        applied,
        ..before
    }
}
