//! `apply` and `destroy`: a plan, a question, and what became of it.

use super::{DIFFERS, FAILED, print, rendered, unknown};
use crate::apply::{Fate, Outcome, apply, remember};
use crate::cli::check::told;
use crate::cli::desk::Desk;
use crate::cli::flags::{Common, Manifests, Rules};
use crate::graph::Client;
use crate::model::Key;
use crate::plan::{Action, Plan, Policy, Step, guard};
use crate::render;
use crate::report::report;
use crate::state::State;
use anyhow::{Context, Result, bail};
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::time::Duration;
use tokio::sync::watch;

/// Plans, asks, sends, and looks again whether it settled; `destroy` plans to cancel everything.
pub async fn carry_out(manifests: &Manifests, rules: &Rules, common: &Common, yes: bool, destroy: bool) -> Result<u8> {
    let mut desk = Desk::read(&manifests.paths, common)?;
    if told(&desk, manifests.all) {
        return Ok(FAILED);
    }
    let policy = desk.policy(rules, destroy)?;
    let state = desk.state(common)?;
    desk.hear(rules, &state)?;
    let lock = state.lock()?;
    let connection = desk.sign_in(common).await?;
    let client = &connection.client;
    let mut live = desk.observe(client, &state, false).await?;
    desk.know(rules, &live, &state)?;
    let plan = desk.plan_fully(client, &mut live, &state, &policy, Timestamp::now()).await?;
    let refusals = guard::refusals(&plan, &policy, desk.manifests.desired.len());
    let idle = plan.steps.iter().all(|step| step.requests.is_empty());
    if !refusals.is_empty() || !(idle || yes || connection.follow.while_asking(|| agreed(&plan, common))?) {
        let refused = !refusals.is_empty();
        connection.follow.done(client);
        print(&rendered(&report(&plan, None, refusals), common))?;
        connection.close().await?;
        if !refused {
            anstream::eprintln!("nothing was applied");
        }
        return Ok(FAILED);
    }
    desk.learn(&live, &state)?;
    let stop = stopped_by_ctrl_c();
    let (all, mut ended) = (plan.steps.len(), 0);
    let mut outcomes = apply(client, &plan, &state, common.parallelism.into(), &stop, |step, outcome| {
        ended += 1;
        connection.follow.step(ended, all, step, outcome);
    })
    .await;
    state.save()?;
    if !idle && !*stop.borrow() {
        look_again(&desk, client, &state, &policy, &plan, &mut outcomes).await?;
        state.save()?;
    }
    connection.follow.done(client);
    print(&rendered(&report(&plan, Some(&outcomes), vec![]), common))?;
    let has = |fate: Fate| outcomes.iter().any(|outcome| outcome.fate == fate);
    if !idle && !destroy && (has(Fate::Applied) || has(Fate::Unsettled)) {
        anstream::eprintln!("`convoke status{}` shows the join links", desk.flags_again(common)?);
    }
    connection.close().await?;
    drop(lock);
    Ok(match () {
        () if has(Fate::Failed) || has(Fate::Skipped) || unknown(&plan) => FAILED,
        () if has(Fate::Blocked) || has(Fate::Unsettled) => DIFFERS,
        () => 0,
    })
}

/// Observes and plans once more: what a second plan still finds did not settle, and what it finds done is written down. A read
/// soon after a write may still show what was before it, so that a difference is looked at again before it is told.
async fn look_again(
    desk: &Desk,
    client: &Client,
    state: &State,
    policy: &Policy,
    plan: &Plan,
    outcomes: &mut [Outcome],
) -> Result<()> {
    let mut waits = [500, 1500].into_iter().map(Duration::from_millis);
    let second = loop {
        let live = desk.observe(client, state, false).await?;
        let second = desk.plan(&live, state, policy, Timestamp::now());
        let applied = plan.steps.iter().zip(outcomes.iter()).filter(|(_, outcome)| outcome.fate == Fate::Applied);
        let left = left(&second);
        let settled = applied.into_iter().all(|(step, _)| step.duplicate || !left.contains_key(&step.key));
        match waits.next().filter(|_| !settled) {
            Some(wait) => tokio::time::sleep(wait).await,
            None => break second,
        }
    };
    let left = left(&second);
    for (step, outcome) in plan.steps.iter().zip(outcomes).filter(|(_, outcome)| outcome.fate == Fate::Applied) {
        if let Some(left) = left.get(&step.key).filter(|_| !step.duplicate) {
            outcome.fate = Fate::Unsettled;
            let fields: Vec<_> = left.changes.iter().map(|it| format!("`{}`", it.field)).collect();
            let what = if fields.is_empty() { format!("{:?}", left.action).to_lowercase() } else { fields.join(", ") };
            let why = left.reason.as_ref().map(|why| format!(" ({why})")).unwrap_or_default();
            outcome.note = Some(format!("Graph took it, yet a second look still finds something to do: {what}{why}"));
        }
    }
    second.steps.iter().filter(|step| step.action == Action::NoOp).try_for_each(|step| remember(step, state))
}

/// What a second plan still finds to do, by key.
fn left(second: &Plan) -> BTreeMap<&Key, &Step> {
    // Of a key's steps the first counts: the others are duplicates.
    second.steps.iter().rev().filter(|it| it.action != Action::NoOp).map(|it| (&it.key, it)).collect()
}

/// Asks whether the plan may be applied. Without a terminal there is nobody to ask.
fn agreed(plan: &Plan, common: &Common) -> Result<bool> {
    if !(std::io::stdin().is_terminal() && std::io::stderr().is_terminal()) {
        bail!(
            "there is nobody to ask whether this plan may be applied\n  hint: look at it with `convoke plan`, then pass --yes"
        );
    }
    let report = report(plan, None, vec![]);
    anstream::eprint!("{}", render::human::render(&report, common.verbose > 0));
    let question = dialoguer::Confirm::new().with_prompt("Apply this?").default(false);
    Ok(question.interact_opt().context("cannot ask")?.unwrap_or(false))
}

/// Turns true at the first Ctrl-C; the second one ends the program at once.
fn stopped_by_ctrl_c() -> watch::Receiver<bool> {
    let (send, receive) = watch::channel(false);
    tokio::spawn(async move {
        while tokio::signal::ctrl_c().await.is_ok() {
            if *send.borrow() {
                std::process::exit(130);
            }
            anstream::eprintln!("stopping after the requests in flight; once more to stop at once");
            if send.send(true).is_err() {
                return;
            }
        }
    });
    receive
}
