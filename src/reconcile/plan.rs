//! Observes, plans, and looks closer where a first plan shows that it is needed.

use crate::graph::clocks::clocks;
use crate::graph::occurrences::occurrences;
use crate::graph::schedule::schedules;
use crate::model::Live;
use crate::plan::{Action, Input, Plan, Step, clash, limits, unread_series, unsure_times};
use crate::reason::Why;
use crate::reconcile::{Session, Sharded, Verdict};
use crate::state::State;
use anyhow::Result;
use jiff::Timestamp;

/// A plan, what it was made from, and why it may not be applied.
#[derive(Clone)]
pub struct Planned {
    /// What would be done.
    pub plan: Plan,
    /// What is live.
    pub live: Live,
    /// Empty if it may.
    pub refusals: Vec<Why>,
    /// Which part of it this run sends, where that is not all of it.
    pub part: Option<Sharded>,
}

impl Planned {
    /// Judges the plan itself: it fails where it is refused, or something of it could not be read.
    pub fn verdict(&self) -> Verdict {
        let unknown = self.plan.steps.iter().any(|step| step.unknown);
        if unknown || !self.refusals.is_empty() { Verdict::Failed } else { Verdict::Settled }
    }

    /// Whether applying it would change nothing: a meeting gets another name, and an event is taken over, without a request.
    pub fn is_idle(&self) -> bool {
        let writes = |step: &Step| !step.requests.is_empty() || matches!(step.action, Action::Update | Action::Adopt);
        !self.plan.steps.iter().any(|step| !step.elsewhere && writes(step))
    }
}

/// Makes the plan of a session at a time. Sends nothing that writes.
///
/// Fails where the project has no workspace.
pub async fn plan(session: &Session<'_>, state: &State, now: Timestamp) -> Result<Planned> {
    plan_with(session, state, now, session.observe_to_plan(state, now).await?).await
}

/// The same against what was observed.
pub(super) async fn plan_with(session: &Session<'_>, state: &State, now: Timestamp, mut live: Live) -> Result<Planned> {
    let mut plan = plan_by_the_clock(session, state, &mut live, now).await;
    if look_closer(session, state, &plan, &mut live).await {
        plan = session.plan(&live, state, now);
    }
    let (records, policy) = (state.records(), &session.policy);
    let desired = session.desired(&records);
    let plan = plan.identified(&Input { desired: &desired, live: &live, records: &records, policy, now });
    let refusals = limits::refusals(&plan, policy, session.project.desired().len(), &records.spent);
    Ok(Planned { plan, live, refusals, part: None })
}

/// Plans, and once more where times seem to differ that may only be seen through other zone tables.
pub(super) async fn plan_by_the_clock(session: &Session<'_>, state: &State, live: &mut Live, now: Timestamp) -> Plan {
    let plan = session.plan(live, state, now);
    let unsure = unsure_times(&plan, &session.desired(&state.records()), live);
    if unsure.is_empty() {
        return plan;
    }
    clocks(session.client, live, &unsure).await;
    session.plan(live, state, now)
}

/// Reads the occurrences of series that the plan changes, and when those are free who are invited; false where there is nothing
/// to read.
async fn look_closer(session: &Session<'_>, state: &State, plan: &Plan, live: &mut Live) -> bool {
    let series = unread_series(plan, live);
    let (records, policy) = (state.records(), &session.policy);
    let desired = session.desired(&records);
    let input = Input { desired: &desired, live, records: &records, policy, now: plan.made };
    let asks = clash::asks(plan, &input);
    occurrences(session.client, live, Some(&desired), &series, session.tells_skipped()).await;
    schedules(session.client, live, &asks).await;
    !series.is_empty() || !asks.is_empty()
}
