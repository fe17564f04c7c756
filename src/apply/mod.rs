//! Carries out a plan: sends its requests, fills their holes, keeps the state.
//!
//! It decides nothing. A step stops at its first failure and the other steps go on.

mod create;
mod exchange;
mod order;
mod reach;
mod record;
mod send;

pub use reach::Reach;
pub use record::remember;

use crate::apply::create::{Made, create};
use crate::apply::order::Order;
use crate::apply::record::Sent;
use crate::apply::send::{Broken, send};
use crate::graph::{Answer, Client};
use crate::model::{Purpose, Record, Request};
use crate::plan::{Action, Plan, Step, progress};
use crate::state::Locked;
use crate::trouble::Trouble;
use anyhow::Result;
use futures::{StreamExt, stream};
use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;
use std::time::Duration;
use tokio::sync::watch;

/// What became of one step.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// What became of it.
    pub fate: Fate,
    /// What went wrong, or what else there is to say of it.
    pub note: Option<Trouble>,
    /// How far its requests came.
    pub reach: Reach,
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
        Outcome { fate, note: None, reach: Reach::Nothing }
    }

    /// Makes an outcome with what there is to say of it.
    pub fn noted(fate: Fate, note: Trouble) -> Outcome {
        Outcome { note: Some(note), ..Outcome::new(fate) }
    }
}

/// What sends a plan's requests, and how.
#[derive(Clone, Copy)]
pub struct Sender<'a> {
    /// The way to Graph.
    pub client: &'a Client,
    /// Where it is remembered.
    pub state: &'a Locked,
    /// Steps side by side.
    pub parallelism: usize,
    /// How long an event is looked for of which Graph says that it was made before.
    pub look_for: Duration,
    /// When it turns true the requests in flight are finished and no other is sent.
    pub stop: &'a watch::Receiver<bool>,
}

/// One step on its way.
struct Sending<'a> {
    client: &'a Client,
    step: &'a Step,
    state: &'a Locked,
    look_for: Duration,
    stop: &'a watch::Receiver<bool>,
    /// Somebody else has sent the same.
    shared: AtomicBool,
}

/// Sends the requests of every step, each after those that it waits for; one outcome per step, in the plan's order. `done` is
/// told of each step.
///
/// Before the first request one write of the state holds what all of them are about to make, replace or remove. Fails where
/// that cannot be written; then nothing was sent.
pub async fn apply(sender: Sender<'_>, plan: &Plan, mut done: impl FnMut(&Step, &Outcome)) -> Result<Vec<Outcome>> {
    let Sender { client, state, parallelism, look_for, stop } = sender;
    let before = record::intend(plan, state);
    state.save().await.map_err(|error| Trouble::of(&error).after("nothing was sent: "))?;
    let mut outcomes = vec![Outcome::new(Fate::Nothing); plan.steps.len()];
    let mut order = Order::of(plan);
    while let Some(ready) = order.next(plan, &outcomes) {
        let steps = ready.into_iter().map(|(place, waited_for)| {
            let sending =
                Sending { client, step: &plan.steps[place], state, look_for, stop, shared: AtomicBool::new(false) };
            let before = before.get(&place);
            async move {
                let outcome = match waited_for {
                    Some(why) => {
                        record::withdraw(sending.step, state, before);
                        Outcome::noted(Fate::Skipped, why)
                    }
                    None => apply_step(&sending, before).await,
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
    Ok(outcomes)
}

/// `before` is what the state held of the resource before its intent.
async fn apply_step(sending: &Sending<'_>, before: Option<&Option<Record>>) -> Outcome {
    if sending.step.elsewhere {
        return Outcome::new(Fate::Nothing);
    }
    let mut reach = Reach::Nothing;
    let outcome = carry_out(sending, before, &mut reach).await;
    Outcome { reach, ..outcome }
}

async fn carry_out(sending: &Sending<'_>, before: Option<&Option<Record>>, reach: &mut Reach) -> Outcome {
    let Sending { step, state, .. } = *sending;
    match step.action {
        Action::Blocked => return Outcome::new(Fate::Blocked),
        Action::NoOp => {
            let nothing = Outcome::new(Fate::Nothing);
            return record::finished(step, state, &BTreeMap::new(), &Sent::default(), nothing).await;
        }
        Action::Create | Action::Update | Action::Replace | Action::Cancel | Action::Adopt => {}
    }
    let (mut holes, mut sent) = (BTreeMap::new(), Sent::default());
    let mut note = None;
    for (place, request) in step.requests.iter().enumerate() {
        if let Some(why) = halted(sending) {
            record::unfinished(step, state, &holes, &sent);
            if place == 0 {
                record::withdraw(step, state, before);
                return Outcome::noted(Fate::Skipped, why.after("stopped before it was begun"));
            }
            let stopped = why.after("stopped before it was finished");
            return Outcome::noted(Fate::Skipped, progress::described(step, place, stopped));
        }
        let done = match &request.claim {
            Some(claim) => create(sending, request, claim, &mut holes).await,
            None => send(sending, request, &mut holes).await.map(Made::New),
        };
        match done {
            Ok(Made::New(answer)) => {
                reach.add(step, request);
                sent.add(step, request, answer.as_ref());
                note = note.or(adopted(step, request, answer.as_ref()));
            }
            Ok(Made::Adopted) => {
                reach.add(step, request);
                return record::found(step, state, &holes).await;
            }
            Err(Broken { why, perhaps, used: _ }) => {
                sent.fail(step, request);
                if perhaps {
                    reach.add(step, request);
                }
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
    record::finished(step, state, &holes, &sent, Outcome { note, ..Outcome::new(Fate::Applied) }).await
}

/// Why no further request is sent, if that is so: somebody asked to stop, or wrote the state, so that what is done next would be
/// done against what they know.
fn halted(sending: &Sending) -> Option<Trouble> {
    if *sending.stop.borrow() {
        return Some(Trouble::default());
    }
    sending.state.lost().map(|why| why.after(": "))
}

/// createOrGet answers 200 where the key already had a meeting (onlinemeeting-createorget.md).
fn adopted(step: &Step, request: &Request, answer: Option<&Answer>) -> Option<Trouble> {
    let got = request.purpose == Purpose::CreateOrGetMeeting && answer.is_some_and(|answer| answer.status == 200);
    (got && step.action != Action::Cancel).then(|| Trouble::new("the key already had a meeting, which was adopted"))
}
