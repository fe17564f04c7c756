//! Applies a plan: sends it, keeps the state, looks again whether it settled.

use crate::apply::{self, Fate, Outcome, Reach, Sender, remember};
use crate::graph::Client;
use crate::model::{Key, Live, Sent};
use crate::plan::diff;
use crate::plan::mail::{self, Total};
use crate::plan::online_meeting::channel;
use crate::plan::{Action, Plan, Step, unread, window};
use crate::reconcile::plan::plan_by_the_clock;
use crate::reconcile::{Planned, Session};
use crate::report::verb;
use crate::state::{Apply, Locked, Mails};
use crate::trouble::Trouble;
use anyhow::{Error, Result};
use futures::FutureExt;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// How an apply goes on.
pub struct Going<'a> {
    /// Steps side by side.
    pub parallelism: usize,
    /// How long an event is looked for of which Graph says that it was made before: `LOOK_FOR`, but for tests.
    pub look_for: Duration,
    /// When it turns true the requests in flight are finished and no other is sent.
    pub stop: watch::Receiver<bool>,
    /// How long to wait before each further look at a join link that does not appear, beyond what every difference is given.
    pub patience: &'a [Duration],
    /// Tells the time of the second look.
    pub clock: &'a (dyn Fn() -> Timestamp + Sync),
    /// Told of each step that has ended.
    pub done: &'a mut (dyn FnMut(&Step, &Outcome) + Send),
}

/// How long a read may show what was before a write.
pub const LOOK_FOR: Duration = Duration::from_secs(60);

/// How long a join link is waited for that does not appear (observed: some seconds after a create).
pub const JOIN_LINK_WAITS: [Duration; 3] = [Duration::from_secs(2), Duration::from_secs(4), Duration::from_secs(8)];

/// How long a lock is waited for where nobody looks on: longer than one is held by somebody who is gone.
pub const UNATTENDED_WAITS: Duration = Duration::from_secs(180);

/// What became of a plan.
pub struct Done {
    /// One for each step, in the plan's order.
    pub outcomes: Vec<Outcome>,
    /// What a second plan said, where anything was sent.
    pub second: Option<Plan>,
    /// Why what was applied could not be written into the state at the end.
    pub unsaved: Option<Error>,
}

/// What became of it as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Everything is as declared.
    Settled,
    /// Something failed, was refused or could not be read.
    Failed,
    /// Something is blocked, or did not stick.
    Blocked,
}

impl Done {
    /// Judges what became of a plan.
    pub fn verdict(&self, planned: &Planned) -> Verdict {
        let has = |fate: Fate| self.outcomes.iter().any(|outcome| outcome.fate == fate);
        match () {
            () if has(Fate::Failed) || has(Fate::Skipped) || self.unsaved.is_some() => Verdict::Failed,
            () if planned.verdict() == Verdict::Failed => Verdict::Failed,
            () if has(Fate::Blocked) || has(Fate::Unsettled) => Verdict::Blocked,
            () => Verdict::Settled,
        }
    }
}

/// Applies a plan and looks again. What was only there to be sent is let go of.
///
/// Fails where the state cannot be written before anything is sent. What fails later stands in the result.
pub async fn apply(session: &Session<'_>, planned: &mut Planned, state: &Locked, going: Going<'_>) -> Result<Done> {
    let Going { parallelism, look_for, stop, patience, clock, done } = going;
    learn(session, &planned.live, state);
    let client = fenced(session.client, state);
    let plan = &planned.plan;
    if plan.steps.iter().any(|step| !step.requests.is_empty() && !step.elsewhere) {
        state.begin(plan.id.as_deref(), &planned.parts());
    }
    let sender = Sender { client: &client, state, parallelism, look_for, stop: &stop };
    let begun = !planned.is_idle();
    if begun {
        // In the state before anything is sent: an apply that is killed counts.
        state.count(|spent| spent.begin(clock(), window::planned(plan)));
    }
    let mut outcomes = apply::apply(sender, plan, done).await?;
    remember_apply(plan, &outcomes, state, clock());
    if begun {
        state.count(|spent| spent.end(clock(), sent(plan, &outcomes)));
    }
    planned.plan.steps.iter_mut().for_each(Step::let_go);
    let mut second = None;
    if begun && !*stop.borrow() {
        // To look takes a while; whatever cannot be written now is written after it, or said.
        let _ = state.soon().await;
        match look_again(session, state, &planned.plan, &mut outcomes, patience, clock).await {
            Ok((plan, live)) => {
                forget(session, state, &live);
                second = Some(plan);
            }
            Err(error) => {
                state.fold().await?;
                return Err(error);
            }
        }
    } else if !begun {
        forget(session, state, &planned.live);
    }
    let unsaved = state.fold().await.err();
    Ok(Done { outcomes, second, unsaved })
}

/// The client, whose writes ask the lock of the state first whether they may still be sent.
fn fenced(client: &Client, state: &Locked) -> Client {
    let fence = state.fence();
    client.fenced(Arc::new(move || {
        let fence = fence.clone();
        async move { fence.left().await }.boxed()
    }))
}

/// Adds to the state's history what was sent, if anything was.
fn remember_apply(plan: &Plan, outcomes: &[Outcome], state: &Locked, at: Timestamp) {
    let (mut counts, mut mails) = (BTreeMap::<String, usize>::new(), Mails::default());
    for (step, outcome) in plan.steps.iter().zip(outcomes) {
        let mut sent = mail::total(step.mail.iter());
        if outcome.reach != Reach::Mailed {
            sent = Total::default();
        }
        let what = match outcome.fate {
            Fate::Applied | Fate::Unsettled => {
                mails.total += sent.total;
                mails.possible += sent.possible;
                verb(step.action)
            }
            Fate::Nothing | Fate::Blocked => continue,
            Fate::Skipped if outcome.reach == Reach::Nothing => continue,
            Fate::Failed | Fate::Skipped => {
                mails.possible += sent.total + sent.possible;
                "failed"
            }
        };
        *counts.entry(what.to_owned()).or_default() += 1;
    }
    if !counts.is_empty() {
        state.add_apply(Apply { plan: plan.id.clone(), at, actor: None, run: None, counts, mails });
    }
}

/// What was sent of a plan, as far as it counts.
fn sent(plan: &Plan, outcomes: &[Outcome]) -> Sent {
    let written = plan.steps.iter().zip(outcomes).filter(|(_, outcome)| outcome.reach > Reach::Nothing);
    window::counted(written.map(|(step, outcome)| (step, outcome.reach == Reach::Mailed)))
}

/// Forgets what is not there any more and in no manifest, and the mailboxes that hold nothing else. Where not all manifests were
/// read, what is not there may be in another one.
fn forget(session: &Session, state: &Locked, live: &Live) {
    if session.project.whole {
        let declared: BTreeSet<&Key> = session.project.desired().iter().map(|want| &want.key).collect();
        let records = state.state().records();
        unread::absent(live, &records).into_iter().filter(|key| !declared.contains(key)).for_each(|key| match &records
            .resources[key]
        {
            record if key.kind().is_listed => state.removed(key, record.next_incarnation()),
            _ => state.forget(key),
        });
    }
    // One mailbox may have several names.
    let holders: HashSet<&str> = live.objects.iter().map(|have| have.organizer.as_str()).collect();
    let ids: HashSet<&String> = holders.iter().filter_map(|name| live.mailboxes.get(*name)?.id.as_ref()).collect();
    // It was searched and nothing was found, or its owner is gone.
    state.forget_mailboxes(|name| {
        let Some(mailbox) = live.mailboxes.get(name) else { return false };
        let read = mailbox.failure.is_none() && mailbox.unsearched.is_none();
        let holds = holders.contains(name) || mailbox.id.as_ref().is_some_and(|id| ids.contains(id));
        mailbox.gone || (read && !holds)
    });
}

/// Keeps the object ids that were looked up, and what is in doubt from here on: once the state is written, nobody sees that it
/// was lost.
pub(super) fn learn(session: &Session, live: &Live, state: &Locked) {
    for (key, record) in channel::doubts(session.project.desired(), &state.state().records(), live) {
        state.keep(&key, record);
    }
    for (organizer, mailbox) in &live.mailboxes {
        if let Some(id) = mailbox.id.as_ref().filter(|_| !mailbox.gone) {
            state.learn_user(organizer, id);
        }
    }
}

/// Observes and plans once more: what a second plan still finds did not settle, and what it finds done is written down. A read
/// soon after a write may still show what was before it, so that a difference is looked at again before it is told.
async fn look_again(
    session: &Session<'_>,
    state: &Locked,
    plan: &Plan,
    outcomes: &mut [Outcome],
    patience: &[Duration],
    clock: &(dyn Fn() -> Timestamp + Sync),
) -> Result<(Plan, Live)> {
    let mut soon = [500, 1500].into_iter().map(Duration::from_millis);
    let mut later = patience.iter().copied();
    let (second, live) = loop {
        let now = state.state();
        let at = clock();
        let mut live = session.observe_to_plan(&now, at).await?;
        let second = plan_by_the_clock(session, &now, &mut live, at).await;
        let left = left(&second);
        let unsettled: Vec<_> = applied(plan, outcomes).filter_map(|(step, _)| left.get(&step.key)).collect();
        let awaited = unsettled.iter().any(|step| step.awaited);
        let wait = soon.next().filter(|_| !unsettled.is_empty()).or_else(|| later.next().filter(|_| awaited));
        match wait {
            Some(wait) => tokio::time::sleep(wait).await,
            None => break (second, live),
        }
    };
    let left = left(&second);
    // Of a key's steps the first counts, as there.
    let told: HashMap<&Key, &Step> = second.steps.iter().rev().map(|it| (&it.key, it)).collect();
    for (step, outcome) in applied(plan, outcomes) {
        if let Some(left) = left.get(&step.key) {
            *outcome = unsettled(left);
        } else {
            outcome.note = outcome.note.take().or_else(|| rewritten(step, told.get(&step.key)?));
        }
    }
    second.steps.iter().filter(|step| step.action == Action::NoOp).for_each(|step| remember(step, state));
    let sent: HashSet<&Key> = applied(plan, outcomes).map(|(step, _)| &step.key).collect();
    for have in &live.objects {
        if let Some(stood) = have.stood.as_deref().filter(|_| !left.contains_key(&have.key)) {
            state.stand(&have.key, &have.id, *stood, sent.contains(&have.key));
        }
    }
    Ok((second, live))
}

/// What a second plan says of something that a step sent and Graph wrote otherwise.
fn rewritten(step: &Step, now: &Step) -> Option<Trouble> {
    let said = step.changes.iter().map(|change| diff::other(&change.field));
    said.into_iter().find(|note| now.notes.contains(note)).map(Trouble::new)
}

/// The steps that went through, with their outcomes; a duplicate that is gone says nothing of its key.
fn applied<'a>(plan: &'a Plan, outcomes: &'a mut [Outcome]) -> impl Iterator<Item = (&'a Step, &'a mut Outcome)> {
    let all = plan.steps.iter().zip(outcomes);
    all.filter(|(step, outcome)| outcome.fate == Fate::Applied && !step.duplicate)
}

fn unsettled(left: &Step) -> Outcome {
    if let Some(lacks) = &left.lacks {
        return Outcome::noted(Fate::Unsettled, lacks.as_ref().clone().after("Graph took it, yet "));
    }
    let fields: Vec<_> = left.changes.iter().map(|it| format!("`{}`", it.field)).collect();
    let what = if fields.is_empty() { verb(left.action).to_owned() } else { fields.join(", ") };
    let why = left.reason.as_ref().map(|why| format!(" ({why})")).unwrap_or_default();
    let note = Trouble::new(format!("Graph took it, yet a second look still finds something to do: {what}{why}"));
    Outcome::noted(Fate::Unsettled, Trouble { hint: left.hint.clone(), ..note })
}

/// What a second plan still finds to do or to miss, by key.
fn left(second: &Plan) -> BTreeMap<&Key, &Step> {
    // Of a key's steps the first counts: the others are duplicates.
    let left = second.steps.iter().rev().filter(|it| it.action != Action::NoOp || it.lacks.is_some());
    left.map(|it| (&it.key, it)).collect()
}
