//! Carries out a plan: sends its requests, fills their holes, keeps the state.
//!
//! It decides nothing. A step stops at its first failure and the other steps go on.

mod exchange;
mod order;
mod record;
mod send;

pub use record::remember;

use crate::apply::order::Order;
use crate::apply::record::Sent;
use crate::apply::send::{Broken, send};
use crate::graph::{Answer, Client};
use crate::model::{Purpose, Request};
use crate::plan::{Action, Plan, Step, progress};
use crate::state::Locked;
use crate::trouble::Trouble;
use futures::{StreamExt, stream};
use std::collections::BTreeMap;
use tokio::sync::watch;

/// What became of one step.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// What became of it.
    pub fate: Fate,
    /// What went wrong, or what else there is to say of it.
    pub note: Option<Trouble>,
}

/// What may become of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// There was nothing to do.
    Nothing,
    /// Everything was sent and settled, as far as is known.
    Applied,
    /// A request failed; what came before it stands.
    Failed,
    /// It needs a person.
    Blocked,
    /// It was applied, and a second look found a difference all the same.
    Unsettled,
    /// It was not begun, or not finished: somebody asked to stop.
    Skipped,
}

impl Outcome {
    /// Makes an outcome of which there is no more to say.
    pub fn new(fate: Fate) -> Outcome {
        Outcome { fate, note: None }
    }

    /// Makes an outcome with what there is to say of it.
    pub fn noted(fate: Fate, note: Trouble) -> Outcome {
        Outcome { fate, note: Some(note) }
    }
}

/// Sends the requests of every step, `parallelism` steps side by side, each after those that it waits for; one outcome per step,
/// in the plan's order.
///
/// When `stop` turns true the requests in flight are finished and no other is sent. `done` is told of each step.
pub async fn apply(
    client: &Client,
    plan: &Plan,
    state: &Locked,
    parallelism: usize,
    stop: &watch::Receiver<bool>,
    mut done: impl FnMut(&Step, &Outcome),
) -> Vec<Outcome> {
    let mut outcomes = vec![Outcome::new(Fate::Nothing); plan.steps.len()];
    let mut order = Order::of(plan);
    while let Some(ready) = order.next(plan, &outcomes) {
        let steps = ready.into_iter().map(|(place, waited_for)| {
            let (client, stop, step) = (client.clone(), stop.clone(), &plan.steps[place]);
            async move {
                let outcome = match waited_for {
                    Some(why) => Outcome::noted(Fate::Skipped, why),
                    None => apply_step(&client, step, state, &stop).await,
                };
                (place, outcome)
            }
        });
        let mut running = stream::iter(steps).buffer_unordered(parallelism.max(1));
        while let Some((place, outcome)) = running.next().await {
            done(&plan.steps[place], &outcome);
            outcomes[place] = outcome;
        }
    }
    outcomes
}

async fn apply_step(client: &Client, step: &Step, state: &Locked, stop: &watch::Receiver<bool>) -> Outcome {
    match step.action {
        Action::Blocked => return Outcome::new(Fate::Blocked),
        Action::NoOp => {
            let nothing = Outcome::new(Fate::Nothing);
            return record::finished(step, state, &BTreeMap::new(), &Sent::default(), nothing).await;
        }
        Action::Create | Action::Update | Action::Replace | Action::Cancel | Action::Adopt => {}
    }
    if *stop.borrow() {
        return Outcome::noted(Fate::Skipped, Trouble::new("stopped before it was begun"));
    }
    let before = step.intent.as_ref().and_then(|_| state.record(&step.key));
    if let Some(intent) = &step.intent {
        state.keep(&step.key, intent.clone());
        if let Err(error) = state.save().await {
            return Outcome::noted(Fate::Failed, Trouble::of(&error).after("nothing was sent: "));
        }
    }
    let (mut holes, mut sent) = (BTreeMap::new(), Sent::default());
    let mut note = None;
    for (place, request) in step.requests.iter().enumerate() {
        if *stop.borrow() {
            record::unfinished(step, state, &holes, &sent);
            if place == 0 {
                record::withdraw(step, state, before);
            }
            let stopped = Trouble::new("stopped before it was finished");
            return Outcome::noted(Fate::Skipped, progress::described(step, place, stopped));
        }
        match send(client, step, request, &mut holes, stop).await {
            Ok(answer) => {
                sent.add(step, request, answer.as_ref());
                note = note.or(adopted(request, answer.as_ref()));
            }
            Err(Broken { why, perhaps }) => {
                sent.fail(step, request);
                record::unfinished(step, state, &holes, &sent);
                if place == 0 && !perhaps {
                    record::withdraw(step, state, before);
                }
                return Outcome::noted(Fate::Failed, progress::described(step, place, why));
            }
        }
        // The id of a meeting that is not found again without it is worth a write of its own.
        if place == 0 && record::is_unanswered(step) {
            record::unfinished(step, state, &holes, &sent);
            if let Err(error) = state.save().await {
                return Outcome::noted(Fate::Failed, Trouble::of(&error).after("it was made, but "));
            }
        }
    }
    record::finished(step, state, &holes, &sent, Outcome { fate: Fate::Applied, note }).await
}

/// createOrGet answers 200 where the key already had a meeting (onlinemeeting-createorget.md).
fn adopted(request: &Request, answer: Option<&Answer>) -> Option<Trouble> {
    let got = request.purpose == Purpose::CreateOrGetMeeting && answer.is_some_and(|answer| answer.status == 200);
    got.then(|| Trouble::new("the key already had a meeting, which was adopted"))
}
