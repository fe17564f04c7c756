//! Reads what is live: GETs only.
//!
//! Events are found by their mark, so no state is needed for them; standalone meetings by the id in the state, for Graph
//! has no list of them; the meeting behind an event by its join link, where a manifest declares options. What cannot be
//! read is reported as unknown with the reason, never left out.

mod adopted;
mod departed;
mod elsewhere;
mod events;
mod identity;
mod mailboxes;
mod marks;
mod meetings;
pub mod unmarked;

pub use events::{kept, reads};
pub(super) use meetings::standalone_have;

use crate::graph::observe::mailboxes::{calendars, organizers, users};
use crate::graph::occurrences::occurrences;
use crate::graph::redact::is_guid;
use crate::graph::{Client, Failure};
use crate::kind::event::Glance;
use crate::kind::workspace::OwnerNames;
use crate::model::{Applied, Desired, EXCEPTIONS, Have, Key, Live, Mailbox, Records};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// The events whose Teams meetings are read.
#[derive(Clone, Copy)]
pub enum Behind<'a> {
    /// Those for which a manifest declares options, as a plan needs them.
    Declared,
    /// All of them, and what a plan needs.
    Every,
    /// These alone; what only a plan needs is left out: what calendars allow, which dates of series stand apart.
    Of(&'a BTreeSet<Key>),
}

/// What to look for.
pub struct Scope<'a> {
    /// The owner marks on its events.
    pub names: &'a OwnerNames,
    /// What the manifests declare.
    pub desired: &'a [Desired],
    /// What was applied before.
    pub records: &'a Records,
    /// Mailboxes to search besides those in manifests and records.
    pub mailboxes: &'a BTreeSet<String>,
    /// Object ids that are known already, by organizer.
    pub ids: &'a BTreeMap<String, String>,
    /// Which Teams meetings behind events are read.
    pub behind: Behind<'a>,
    /// Whether the cloud tells which occurrences of a series are skipped (national cloud metadata).
    pub tells_skipped: bool,
    /// What tells of an event that was just read whether nothing is to be done with it, whatever else is read. All of thousands
    /// of events is kept where there is nothing that tells.
    pub settled: Option<Settled<'a>>,
}

/// Returns what is kept of an event in a list; the second part reads it whole.
pub type Settled<'a> = &'a (dyn Fn(&Glance, Whole<'_>) -> serde_json::Result<Option<Box<Have>>> + Sync);

/// Reads an event, if it is the workspace's.
pub type Whole<'a> = &'a dyn Fn() -> serde_json::Result<Option<Have>>;

impl Scope<'_> {
    /// Whether all is looked at that a plan needs.
    fn is_for_plan(&self) -> bool {
        !matches!(self.behind, Behind::Of(_))
    }
}

/// Observes every mailbox of the scope. Failures stand in the result: by mailbox, or by resource.
pub async fn observe(client: &Client, scope: &Scope<'_>) -> Live {
    let mut live = Live::default();
    for organizer in organizers(scope) {
        let id = scope.ids.get(&organizer).cloned().or_else(|| is_guid(&organizer).then(|| organizer.clone()));
        live.mailboxes.insert(organizer, Mailbox { id, ..Mailbox::default() });
    }
    // Users, calendars and the events of default calendars need nothing of each other.
    let default = live.mailboxes.keys().map(|organizer| (organizer.clone(), None)).collect();
    let (users, found, calendars) = tokio::join!(
        users(client, scope, &live),
        events::list(client, scope, default),
        calendars(client, scope, &live)
    );
    mailboxes::keep_users(client, &mut live, users);
    let named = mailboxes::keep_calendars(client, scope, &mut live, calendars);
    let searched = named.iter().filter_map(|(_, calendar)| Some(calendar.as_ref()?.1.clone())).collect();
    let named = events::list(client, scope, named).await;
    events::keep(client, scope, &mut live, found.into_iter().chain(named));
    departed::look_up(client, &mut live).await;
    events::by_id(client, scope, &mut live).await;
    elsewhere::search(client, scope, &mut live, &searched).await;
    adopted::look_up(client, scope, &mut live).await;
    one_path_each(&mut live.objects, scope.desired);
    events::whole(client, scope, &mut live).await;
    identity::unify(scope, &mut live);
    marks::whole(client, scope, &mut live).await;
    let nobodys = meetings::meetings(client, scope, &mut live, None).await;
    let others = departed::look_up_again(client, &mut live, nobodys).await;
    if !others.is_empty() {
        let nobodys = meetings::meetings(client, scope, &mut live, Some(&others)).await;
        live.unknown.extend(nobodys.into_iter().map(|(key, _, why)| (key, why)));
    }
    identity::unify(scope, &mut live);
    let series = if scope.is_for_plan() { with_exceptions(scope, &live) } else { BTreeSet::new() };
    occurrences(client, &mut live, Some(scope.desired), &series, scope.tells_skipped).await;
    live
}

/// The events that have exceptions, or had some when they were last applied.
fn with_exceptions(scope: &Scope, live: &Live) -> BTreeSet<Key> {
    let had = |applied: &Applied| applied.fields.any_begins(EXCEPTIONS);
    let desired = scope.desired.iter().filter(|want| !want.spec.exceptions.is_empty()).flat_map(Desired::keys);
    let recorded = scope.records.resources.iter().filter(|(_, record)| had(&record.applied)).map(|(key, _)| key);
    let marked = live.objects.iter().filter(|have| have.applied.as_ref().is_some_and(had)).map(|have| &have.key);
    desired.chain(recorded).chain(marked).cloned().collect()
}

/// An organizer, a calendar, and what was found there.
type Found<T> = (String, Option<String>, Result<Vec<T>, Failure>);

/// Keeps one of the objects with one id: a mailbox that is known by two names (an alias, `me`) is read twice.
fn one_path_each(objects: &mut Vec<Box<Have>>, desired: &[Desired]) {
    let want = |key: &Key| desired.binary_search_by(|want| want.key.cmp(key)).ok().map(|place| &desired[place]);
    let elsewhere = |have: &Have| want(&have.key).is_none_or(|want| want.spec.organizer != have.organizer);
    objects.par_sort_by(|one, other| one.key.cmp(&other.key).then_with(|| elsewhere(one).cmp(&elsewhere(other))));
    let mut seen = HashSet::with_capacity(objects.len());
    let first: Vec<bool> = objects.iter().map(|have| seen.insert(have.id.as_str())).collect();
    if first.contains(&false) {
        let mut first = first.into_iter();
        objects.retain(|_| first.next().unwrap_or_default());
    }
}

/// The organizers of whom anything that is declared is so; of each no more is looked at than that takes.
fn any_of_each<'a>(scope: &Scope<'a>, is_so: impl Fn(&Desired) -> bool) -> HashSet<&'a str> {
    let mut organizers = HashSet::new();
    for want in scope.desired {
        let organizer = want.spec.organizer.as_str();
        if !organizers.contains(organizer) && is_so(want) {
            organizers.insert(organizer);
        }
    }
    organizers
}

fn fail(client: &Client, live: &mut Live, organizer: &str, failure: &Failure) {
    let mailbox = live.mailboxes.entry(organizer.into()).or_default();
    mailbox.nobody |= failure.is_nobody();
    mailbox.failure.get_or_insert_with(|| client.trouble(failure));
}
