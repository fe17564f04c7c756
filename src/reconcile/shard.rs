//! One run of several that share a plan: each plans and judges all of it, and sends the steps of its mailboxes.
//!
//! They share a state and its lock, so that they run one after the other; the plan of the second is what the first has left. That it is
//! a part of what was approved, the state says, which holds digests of the steps that the first one found.

use crate::model::Key;
use crate::plan::approval::{approved, digests};
use crate::plan::shard::Part;
use crate::plan::{Input, Shard};
use crate::reconcile::{Planned, Session};
use crate::state::State;
use std::collections::{BTreeMap, BTreeSet};

/// What one run sends of a plan.
#[derive(Clone)]
pub struct Sharded {
    /// Which part, and how much.
    pub part: Part,
    /// Digests of all that the plan would send, by resource; none of an incomplete one.
    digests: Option<BTreeMap<Key, String>>,
}

impl Planned {
    /// Leaves to other runs what is not of a shard.
    pub fn keep_to(&mut self, shard: Shard, session: &Session<'_>, state: &State) {
        shard.keep_to(&mut self.plan, &self.live);
        let (records, policy, now) = (state.records(), &session.policy, self.plan.made);
        let desired = session.desired(&records);
        let input = Input { desired: &desired, live: &self.live, records: &records, policy, now };
        let digests = approved(&self.plan, &input).map(|steps| digests(&steps));
        self.part = Some(Sharded { part: Part::of(shard, &self.plan), digests });
    }

    /// Returns which part of the plan this run sends, where that is not all of it.
    pub fn part(&self) -> Option<Part> {
        self.part.as_ref().map(|it| it.part)
    }

    /// Digests of the steps of all shards, where this is one of several runs.
    pub(super) fn parts(&self) -> BTreeSet<String> {
        let digests = self.part.iter().filter_map(|it| it.digests.as_ref());
        digests.flat_map(BTreeMap::values).cloned().collect()
    }

    /// Whether all that this run sends was a part of a plan that another run has begun.
    pub(super) fn is_rest_of(&self, plan: &str, state: &State) -> bool {
        let Some(digests) = self.part.as_ref().and_then(|it| it.digests.as_ref()) else { return false };
        let elsewhere: BTreeSet<&Key> =
            self.plan.steps.iter().filter(|step| step.elsewhere).map(|step| &step.key).collect();
        let own = digests.iter().filter(|(key, _)| !elsewhere.contains(key)).map(|(_, digest)| digest.clone());
        state.has_begun_parts(plan, &own.collect())
    }
}
