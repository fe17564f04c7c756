//! A plan that was saved, made anew and held against what it was.

use crate::kind::workspace::Prune;
use crate::plan::approval::{approved, short};
use crate::plan::outline::Outline;
use crate::plan::saved::{Around, Saved, first_start, leave_out};
use crate::plan::{Action, Comment, Input, Policy};
use crate::reason::Reason;
use crate::reconcile::{Planned, Session, plan};
use crate::state::State;
use anyhow::{Result, bail};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeSet;

/// How a saved plan is applied.
#[derive(Debug, Clone, Copy)]
pub struct Terms {
    /// How long it may be applied after it was made.
    pub ttl: SignedDuration,
    /// What is not as it was planned is left out, with what depends on it, instead of refusing the whole.
    pub skip_stale: bool,
}

/// Returns the document of a plan that a session has made.
///
/// Fails as `Saved::of` does, and on a plan that is refused.
pub fn saved(session: &Session<'_>, state: &State, planned: &Planned, revision: Option<String>) -> Result<Saved> {
    if let Some(refusal) = planned.refusals.first() {
        bail!(refusal.reason.trouble(format!("a plan that is refused is not saved: {refusal}")));
    }
    if !session.adopt.is_empty() {
        let answer = Reason::NotSaved.trouble("the answer to a question is not saved: the plan holds one for --adopt");
        bail!(answer.hint("apply it at once, without saving it"));
    }
    if let Some(want) =
        session.project.desired().iter().find(|want| want.adopt.as_ref().is_some_and(|it| it.link().is_some()))
    {
        let link = Reason::NotSaved
            .trouble(format!("{} adopts by a join link, which no saved plan holds: it is a secret", want.key));
        bail!(link.hint("name the meeting by its id instead: `lifecycle: {adopt: {id: …}}`"));
    }
    let manifests = &session.project.manifests;
    let documents = manifests.kept.clone().unwrap_or_default();
    let mut defaults = session.project.owner()?.spec.defaults.clone();
    defaults.days_off.clone_from(&manifests.days_off);
    let (records, policy, now) = (state.records(), &session.policy, planned.plan.made);
    let desired = session.desired(&records);
    let input = Input { desired: &desired, live: &planned.live, records: &records, policy, now };
    Saved::of(&planned.plan, &input, Around { revision, defaults, documents })
}

/// Returns the outline of a plan that a session has made, by which it is told later what became another; none of an incomplete one.
pub fn outline(session: &Session<'_>, state: &State, planned: &Planned) -> Option<Outline> {
    let (records, policy, now) = (state.records(), &session.policy, planned.plan.made);
    let desired = session.desired(&records);
    let input = Input { desired: &desired, live: &planned.live, records: &records, policy, now };
    Some(Outline::of(&approved(&planned.plan, &input)?))
}

/// Returns the policy to plan by what a saved plan is about, and nothing else.
pub fn policy_of(saved: &Saved, policy: Policy) -> Policy {
    let keys =
        |action| saved.steps.iter().filter(move |step| step.action == action).map(|step| step.key.clone()).collect();
    Policy {
        // Whatever it removes was approved by its key, and nothing else is planned.
        prune: Prune::Cancel,
        no_prune: None,
        mark_now: saved.mark_now,
        allow_empty: true,
        allow_replace: keys(Action::Replace),
        recreate: keys(Action::Create),
        comment: Comment::of_saved(&saved.steps),
        only: Some(saved.keys()),
        except: BTreeSet::new(),
        ..policy
    }
}

/// Plans again what a saved plan is about, and holds it against what was approved: before anything is sent, every object that it
/// touches is read again. What is done already is nothing to do; what is otherwise than it was refuses the whole.
///
/// Fails as planning does.
pub async fn plan_saved(
    session: &Session<'_>,
    state: &State,
    saved: &Saved,
    terms: Terms,
    now: Timestamp,
) -> Result<Planned> {
    let mut planned = plan(session, state, now).await?;
    let (records, policy) = (state.records(), &session.policy);
    let desired = session.desired(&records);
    let input = Input { desired: &desired, live: &planned.live, records: &records, policy, now };
    let expired = expired(saved, first_start(&planned.plan, &input, saved.made), terms.ttl, now);
    let Some(steps) = approved(&planned.plan, &input) else {
        planned.refusals.push(Reason::SavedUnread.why("not everything that the saved plan is about could be read"));
        return Ok(planned);
    };
    let moved = saved.moved(&planned.plan, &steps, state.has_begun(&saved.plan_id));
    match terms.skip_stale {
        true => leave_out(&mut planned.plan, &moved),
        false => planned.refusals.extend(moved.iter().map(|(key, why)| {
            Reason::Moved.why(format!(
                "{key} is not as it was when the plan was saved: {why} (plan again, or --skip-stale leaves it out)"
            ))
        })),
    }
    planned.plan.id = Some(saved.plan_id.clone());
    planned.refusals.extend(expired.map(|what| Reason::Expired.why(what)));
    Ok(planned)
}

/// Why a plan is too old to be applied, if it is.
fn expired(saved: &Saved, first: Option<Timestamp>, ttl: SignedDuration, now: Timestamp) -> Option<String> {
    let Saved { made, .. } = saved;
    if *made > now.saturating_add(SignedDuration::from_mins(5)).ok()? {
        return Some(format!("the saved plan says that it was made at {made}, which is still to come: plan again"));
    }
    if now.duration_since(*made) > ttl {
        return Some(format!(
            "the saved plan was made at {made} and may be applied for {ttl:#}: plan again, or raise --plan-ttl"
        ));
    }
    first.filter(|first| *first <= now).map(|first| {
        format!("the saved plan was made at {made}, and what it changes has started since, at {first}: plan again")
    })
}

/// What somebody approved, as far as it is known.
pub struct Approval {
    /// The id of the plan.
    pub id: Option<String>,
    /// Where it was found, or why it was not.
    pub whence: String,
}

impl Planned {
    /// Refuses it where it would do something that nobody approved.
    pub fn hold_to_approval(&mut self, approval: &Approval, state: &State) {
        match &approval.id {
            _ if self.is_idle() => {}
            Some(id) => self.hold_to(id, state),
            None => {
                self.refusals.push(Reason::NotApproved.why(format!("nobody approved this plan: {}", approval.whence)));
            }
        }
    }

    /// Refuses it where it is not the plan that was approved, nor what other runs with it have left for this one.
    pub fn hold_to(&mut self, approved: &str, state: &State) {
        let now = self.plan.id.clone();
        if now.as_deref() == Some(approved) {
            return;
        }
        if self.is_rest_of(approved, state) {
            self.plan.id = Some(approved.into());
            return;
        }
        let is = match &now {
            Some(id) => format!("this plan is {id}"),
            None => "this plan is incomplete and has no id".to_owned(),
        };
        self.refusals.push(Reason::OtherPlan.why(format!(
            "{is}, and approved was {approved}: something changed in between, and what would be done now stands above; hold it \
             against the plan that was approved as {}, and approve this one by its own id, or plan with the same flags and \
             manifests",
            short(approved)
        )));
    }
}
