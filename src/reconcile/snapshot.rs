//! What was observed kept as a snapshot, and planned against where nobody may ask Graph.

use crate::graph::observe::Behind;
use crate::plan::snapshot::Snapshot;
use crate::plan::{Input, Policy, limits};
use crate::reconcile::plan::plan_with;
use crate::reconcile::session::named;
use crate::reconcile::{Planned, Project, Session};
use crate::state::State;
use anyhow::Result;
use jiff::Timestamp;

/// Makes the plan of a session, looking also at what only other manifests than these would need.
///
/// Fails as `plan` does.
pub async fn plan_widely(session: &Session<'_>, state: &State, now: Timestamp) -> Result<Planned> {
    plan_with(session, state, now, session.observe(state, Behind::Every).await?).await
}

/// Keeps what a plan was made from, fit for people who may not see it.
pub fn snapshot(session: &Session<'_>, state: &State, planned: &Planned) -> Snapshot {
    let (records, policy, now) = (state.records(), &session.policy, planned.plan.made);
    let desired = session.desired(&records);
    Snapshot::of(&planned.plan, &Input { desired: &desired, live: &planned.live, records: &records, policy, now })
}

/// Plans what a project declares against a snapshot. Asks nobody, and opens no state.
pub fn plan_against(snapshot: Snapshot, project: &Project, policy: &Policy, now: Timestamp) -> Planned {
    let records = snapshot.records().clone();
    let desired = named(project.desired(), &records);
    let (plan, live) = snapshot.plan(&desired, policy, now);
    let refusals = limits::refusals(&plan, policy, project.desired().len(), &records.spent);
    Planned { plan, live, refusals, part: None }
}
