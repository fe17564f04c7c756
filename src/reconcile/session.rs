//! What one reconcile works with: a project, what its policy allows, and a client.

use crate::graph::adopt::By;
use crate::graph::observe::{Behind, Scope, Settled, observe};
use crate::graph::{Client, adopt};
use crate::kind::workspace::Cloud;
use crate::model::{Desired, Key, Live, Records};
use crate::plan::settled::Expected;
use crate::plan::{Input, Plan, Policy, plan};
use crate::reconcile::Project;
use crate::state::State;
use anyhow::Result;
use jiff::Timestamp;
use std::borrow::Cow;
use std::collections::BTreeSet;

/// A project, what may be done, and the way to Graph.
pub struct Session<'a> {
    /// Manifests and workspace.
    pub project: &'a Project,
    /// The way to Graph.
    pub client: &'a Client,
    /// What may be done.
    pub policy: Policy,
    /// Online meetings to take over.
    pub adopt: Vec<Adopted>,
}

/// An online meeting that is to be taken over.
#[derive(Debug, Clone)]
pub struct Adopted {
    pub key: Key,
    /// As Teams shows it; digits only.
    pub meeting_id: String,
}

impl Session<'_> {
    /// Observes what the workspace has, and the Teams meetings `behind` events.
    ///
    /// What could not be read stands in the result. Fails where the project has no workspace.
    pub async fn observe(&self, state: &State, behind: Behind<'_>) -> Result<Live> {
        self.look(state, behind, None).await
    }

    /// The same for a plan at that time, and for nothing else: of what is settled, little is kept.
    ///
    /// Fails as `observe` does.
    pub(super) async fn observe_to_plan(&self, state: &State, now: Timestamp) -> Result<Live> {
        let records = state.records();
        let desired = self.desired(&records);
        let expected = Expected::of(&desired, &records, &self.policy, now);
        self.look(state, Behind::Declared, Some(&|listed, whole| expected.kept(listed, whole))).await
    }

    async fn look(&self, state: &State, behind: Behind<'_>, settled: Option<Settled<'_>>) -> Result<Live> {
        let owner = self.project.owner()?;
        let records = state.records();
        let desired = named(self.project.desired(), &records);
        let mailboxes = owner.spec.mailboxes.iter().chain(state.mailboxes()).cloned().collect();
        let scope = Scope {
            names: &owner.names(),
            desired: &desired,
            records: &records,
            mailboxes: &mailboxes,
            ids: state.users(),
            behind,
            tells_skipped: self.tells_skipped(),
            settled,
        };
        let mut live = observe(self.client, &scope).await;
        // Taken over once: from then on the state knows its id.
        let unseen = |it: &&Adopted| live.objects.iter().all(|have| have.key != it.key);
        let answered = self.adopt.iter().filter(unseen).filter_map(|it| self.wanted(it, &records));
        let wanted: Vec<_> = answered.chain(declared(&desired, &records, &live)).collect();
        adopt::look_up(self.client, &mut live, &wanted).await;
        Ok(live)
    }

    /// Plans against what was observed.
    pub(super) fn plan(&self, live: &Live, state: &State, now: Timestamp) -> Plan {
        let records = state.records();
        plan(&Input { desired: &self.desired(&records), live, records: &records, policy: &self.policy, now })
    }

    /// Returns what is to be there: nothing, where everything is to go.
    pub(super) fn desired(&self, records: &Records) -> Cow<'_, [Desired]> {
        if self.policy.destroy { Cow::Borrowed(&[]) } else { named(self.project.desired(), records) }
    }

    /// Whether the cloud tells which occurrences of a series are skipped.
    pub(super) fn tells_skipped(&self) -> bool {
        self.project.owner().is_ok_and(|owner| owner.spec.graph.cloud == Cloud::Global)
    }

    /// Whose meeting it is, the manifest says, or the state where the manifest is gone.
    fn wanted(&self, it: &Adopted, records: &Records) -> Option<adopt::Wanted> {
        let desired = self.project.desired();
        let want = desired.iter().find(|want| want.key == it.key).map(|want| &want.spec.organizer);
        let organizer = want.or(records.resources.get(&it.key).map(|record| &record.organizer))?.clone();
        Some(adopt::Wanted { key: it.key.clone(), organizer, by: By::MeetingId(it.meeting_id.clone()) })
    }
}

/// The online meetings that manifests take over, as long as the state knows no id of them.
fn declared<'a>(desired: &'a [Desired], records: &'a Records, live: &'a Live) -> impl Iterator<Item = adopt::Wanted> {
    let known = |key: &Key| records.resources.get(key).is_some_and(|record| !record.id.is_empty());
    let open = move |want: &&Desired| {
        want.key.kind().is_meeting && want.keys().all(|key| !known(key) && !live.unknown.contains_key(key))
    };
    desired.iter().filter(open).filter_map(|want| {
        let by = By::Manifest(want.adopt.clone()?);
        Some(adopt::Wanted { key: want.key.clone(), organizer: want.spec.organizer.clone(), by })
    })
}

/// What is declared, with the names that it had before as far as the state knows them: what was moved there is live under the old
/// one until it is renamed. A name that a manifest claims is that one's.
pub(super) fn named<'a>(all: &'a [Desired], records: &Records) -> Cow<'a, [Desired]> {
    let moved = || records.resources.iter().filter(|(_, record)| !record.previously.is_empty());
    if moved().next().is_none() {
        return Cow::Borrowed(all);
    }
    let claimed: BTreeSet<&Key> = all.iter().flat_map(|want| &want.previously).collect();
    let mut named = all.to_vec();
    for (key, record) in moved() {
        let free = record.previously.iter().filter(|before| *before != key && !claimed.contains(before)).cloned();
        let free: Vec<Key> = free.collect();
        if let Ok(place) = named.binary_search_by(|want| want.key.cmp(key)) {
            named[place].previously.extend(free);
        }
    }
    Cow::Owned(named)
}
