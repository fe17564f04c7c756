//! Decides what to do: desired and live resources in, a plan out.
//!
//! Pure. It never asks Graph, never looks at the clock and never prints; everything it needs is an argument. Two calls
//! with the same arguments give the same plan, byte for byte, in the order of the keys. The plan already holds the
//! requests that apply will send.

pub mod agenda;
pub mod ahead;
pub mod approval;
pub mod clash;
mod comment;
mod delivery;
pub mod diff;
mod drift;
mod event;
mod few;
pub mod future;
mod last;
pub mod limits;
mod lists;
mod live_texts;
mod lookalikes;
pub mod mail;
mod one;
pub mod online_meeting;
pub mod outline;
pub mod progress;
mod quiet_hours;
mod renames;
mod requests;
mod rooms;
mod rosters;
mod rows;
pub mod saved;
pub mod secrets;
mod seen;
pub mod settled;
mod shape;
pub mod shard;
pub mod snapshot;
mod step;
mod times;
mod told;
pub mod unread;
pub mod window;

pub use comment::Comment;
pub use last::last_applied;
use one::{One, STILL_PROTECTED};
pub use seen::Seen;
pub use shape::fits;
pub use shard::Shard;
#[cfg(test)]
pub use step::Extent;
pub use step::{Action, Cause, Change, Clock, Gone, Step};
pub use times::unsure_times;

use crate::kind::KindId;
use crate::kind::compare::hash;
use crate::kind::event::View;
use crate::kind::on_drift::OnDrift;
use crate::kind::workspace::{Limits, OwnerNames, Pins, Prune};
use crate::model::{Desired, Have, Key, Live, Records};
use crate::plan::rows::{Row, by_key, rows};
use crate::redact::Known;
use crate::trouble::Trouble;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// Everything a plan is made from.
pub struct Input<'a> {
    /// What the manifests declare, sorted by key.
    pub desired: &'a [Desired],
    /// What was observed.
    pub live: &'a Live,
    /// What was applied before.
    pub records: &'a Records,
    /// What is allowed.
    pub policy: &'a Policy,
    /// The time of the plan.
    pub now: Timestamp,
}

/// What the workspace and the command line allow.
#[derive(Debug, Clone)]
pub struct Policy {
    /// The owner mark on every live object.
    pub workspace: String,
    /// The owner marks that it had before, the newest first.
    pub previously: Vec<String>,
    /// What becomes of an object whose manifest is gone.
    pub prune: Prune,
    /// How much one apply may do, or all within a window.
    pub limits: Limits,
    /// What becomes of drift where a manifest says nothing.
    pub on_drift: OnDrift,
    /// Show what other people wrote live.
    pub show_live: bool,
    /// The clock that moments are told on.
    pub zone: TimeZone,
    /// What the environment of the job allows at most, whatever the limits say.
    pub pins: Pins,
    /// Replace these although their manifest does not say so.
    pub allow_replace: BTreeSet<Key>,
    /// Make these again although somebody deleted them and that would be left so.
    pub recreate: BTreeSet<Key>,
    /// A person says that these meetings, whose create was not answered, were not made.
    pub absent: BTreeSet<Key>,
    /// Only these resources, if it is given.
    pub only: Option<BTreeSet<Key>>,
    /// All but these resources.
    pub except: BTreeSet<Key>,
    /// Why nothing is pruned, if the manifests that were read are not all there are.
    pub no_prune: Option<String>,
    /// Whoever declared these has taken them back and said that they are to be cancelled with that: nothing that keeps what stands in no
    /// manifest keeps them.
    pub taken_back: BTreeSet<Key>,
    /// Names in documents that were passed over as another program's, and their files: one of them may be a manifest after all.
    pub passed_over: BTreeMap<String, String>,
    /// Events that carry no mark yet get it now, though that may mail their guests.
    pub mark_now: bool,
    /// Manifests that declare nothing are meant.
    pub allow_empty: bool,
    /// Everything the workspace owns is to go, what has ended included.
    pub destroy: bool,
    /// Look for clashes of people too, not of rooms only.
    pub check_people: bool,
    /// A clash refuses the plan.
    pub strict_clashes: bool,
    /// Nobody looks at the plans: of few resources, too, more than two removals need a person.
    pub unattended: bool,
    /// What those read whose event is cancelled.
    pub comment: Comment,
}

impl Policy {
    /// Makes the policy of a workspace without what a command line may add.
    pub fn of(names: impl Into<OwnerNames>, prune: Prune, limits: Limits) -> Policy {
        let OwnerNames { now: workspace, before: previously } = names.into();
        Policy {
            workspace,
            previously,
            prune,
            limits,
            on_drift: OnDrift::default(),
            show_live: true,
            zone: TimeZone::UTC,
            pins: Pins::default(),
            allow_replace: BTreeSet::new(),
            recreate: BTreeSet::new(),
            absent: BTreeSet::new(),
            only: None,
            except: BTreeSet::new(),
            no_prune: None,
            taken_back: BTreeSet::new(),
            passed_over: BTreeMap::new(),
            mark_now: false,
            allow_empty: false,
            destroy: false,
            check_people: false,
            strict_clashes: false,
            unattended: false,
            comment: Comment::Declared,
        }
    }

    /// Why something that is live and not wanted stays, if it does; `why` it is not wanted.
    fn keeps(&self, key: &Key, why: &str) -> Option<String> {
        match self.prune {
            _ if self.taken_back.contains(key) => None,
            Prune::Keep => Some(format!("{why}; `prune: keep` leaves it")),
            Prune::Cancel => self.no_prune.clone(),
        }
    }

    fn covers(&self, key: &Key) -> bool {
        self.only.as_ref().is_none_or(|only| only.contains(key)) && !self.except.contains(key)
    }
}

/// The document that `apply` carries out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Plan {
    /// Derived from workspace and time; part of every mark, so that two creates of one key are told apart.
    pub run: String,
    /// Stands for what would be done, whoever plans it and whenever: 64 hexadecimal digits. None while it was not made, and where
    /// the plan is incomplete.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The workspace's name.
    pub workspace: String,
    /// The time of the plan.
    pub made: Timestamp,
    /// One for each resource, sorted by key; a duplicate has one of its own.
    pub steps: Vec<Step>,
    /// What concerns no single resource.
    pub notes: Vec<String>,
    /// How many resources of the workspace are live: what the limits are shares of.
    pub managed: usize,
    /// What no word about it may hold; it is not kept with it.
    #[serde(skip)]
    pub secrets: Known,
}

impl Plan {
    /// Whether it is not known of every resource what would be done: nobody can approve that.
    pub fn is_incomplete(&self) -> bool {
        self.steps.iter().any(|step| step.unknown)
    }

    /// The plan without what other runs send.
    pub fn own(&self) -> Cow<'_, Plan> {
        if self.steps.iter().all(|step| !step.elsewhere) {
            return Cow::Borrowed(self);
        }
        let mut own = self.clone();
        own.steps.retain(|step| !step.elsewhere);
        Cow::Owned(own)
    }

    /// Adds the id that stands for it, made from what the plan was made from.
    pub fn identified(self, input: &Input) -> Plan {
        Plan { id: approval::id_of_plan(&self, input), ..self }
    }
}

/// Makes the plan, without its id.
///
/// ```text
/// manifest | live | ours | action
/// ---------+------+------+-----------------------------------------------------------------
/// yes      | no   | –    | Create
/// yes      | yes  | yes  | NoOp, Update, Replace or Blocked
/// no       | yes  | yes  | Cancel when pruning, else NoOp with a note; Blocked when protected
/// no       | yes  | no   | not listed: only what carries our mark is observed
/// ```
pub fn plan(input: &Input) -> Plan {
    let Input { policy, now, .. } = input;
    let run = hash(&format!("{} {now}", policy.workspace));
    let mut live = by_key(input.live);
    let (all_read, managed) = (unread::is_all_read(input.live), unread::managed(input, &live));
    let desired: BTreeMap<&Key, &Desired> = input.desired.iter().map(|want| (&want.key, want)).collect();
    // What is renamed stands under its new name from here on, and so does what the state knows of it.
    let renames = renames::renames(input, &live);
    let moved: Vec<_> = renames.iter().map(|(now, before)| (*now, live.remove(before).unwrap_or_default())).collect();
    live.extend(moved);
    let freed: BTreeSet<&Key> = renames.values().copied().collect();
    let known = input.records.resources.iter().filter(|(key, _)| !freed.contains(key));
    let doubts = online_meeting::channel::doubts(input.desired, input.records, input.live);
    let rows = rows(&desired, &live, known).into_iter().filter(|row| input.policy.covers(row.key));
    let rows: Vec<Row> = rows.collect();
    let left = left(input);

    let steps = |Row { key, want, haves, record }: &Row| {
        let (key, want, was) = (*key, *want, renames.get(key).copied());
        // Of what is settled nobody looks at the properties.
        let settled = !haves.is_empty() && haves.iter().all(|have| have.settled);
        let opened = want.filter(|_| !settled).map(Desired::opened);
        let want = opened.as_ref().or(want);
        let record = match was {
            Some(before) => renames::record(input, key, before, live.get(key)),
            None => *record,
        };
        let record = record.or_else(|| doubts.get(key));
        let one = One { input, run: &run, all_read, left: &left, key, want, record, was };
        let mut steps = match key.kind().id {
            KindId::Event => event::steps(&one, haves.to_vec()),
            KindId::OnlineMeeting => online_meeting::steps(&one, haves.to_vec()),
        };
        tell_clocks(&mut steps, want, haves);
        if let Some(step) = steps.first_mut() {
            match (was, want) {
                (Some(before), _) => renames::tell(step, before),
                (None, Some(want)) => step.notes.extend(renames::ignored(input, want, &live)),
                (None, None) => {}
            }
        }
        steps
    };
    let mut steps = side_by_side(&rows, steps);
    look_across(input, &desired, &live, &mut steps);
    renames::order(&renames, &mut steps);
    clash::add_clashes(input, &mut steps);
    rooms::order(input, &mut steps);
    comment::tell(&mut steps);
    live_texts::hide(input, &live, &mut steps);
    let mut notes = notes(input, &steps, managed);
    let secrets = secrets::hidden(input, &live, &mut steps, &mut notes);
    let workspace = input.policy.workspace.clone();
    Plan { run, id: None, workspace, made: input.now, steps, notes, managed, secrets }
}

/// The ids of what another object took the place of and is still live.
fn left<'a>(input: &Input<'a>) -> HashSet<&'a str> {
    let replaced = input.records.resources.values().flat_map(|record| &record.replaced);
    let replaced: HashSet<&str> = replaced.map(|old| old.id.as_str()).collect();
    let live = input.live.objects.iter().filter(|_| !replaced.is_empty()).map(|have| have.id.as_str());
    live.filter(|id| replaced.contains(id)).collect()
}

/// Tells on which clock the times are of what differs.
fn tell_clocks(steps: &mut [Step], want: Option<&Desired>, haves: &[&Have]) {
    for step in steps.iter_mut().filter(|step| !step.changes.is_empty() || !step.drift.is_empty()) {
        let seen = |have: &&Have| step.seen.as_ref().is_some_and(|seen| seen.id == have.id);
        let have = haves.iter().copied().find(seen);
        step.clock = want.map(|want| Clock::of(want, have));
    }
}

/// How many resources are gone through at once by one core.
const TOGETHER: usize = 64;

/// Plans each key on all cores, so many at once that what is gathered on the way takes no more room than it needs.
fn side_by_side(rows: &[Row], steps: impl Fn(&Row) -> Vec<Step> + Sync) -> Vec<Step> {
    let part = |rows: &[Row]| {
        let mut part = Vec::with_capacity(rows.len());
        rows.iter().for_each(|row| part.extend(steps(row).into_iter().map(Step::tight)));
        part.into_boxed_slice()
    };
    let parts: Vec<Box<[Step]>> = rows.par_chunks(TOGETHER).map(part).collect();
    let mut all = Vec::with_capacity(parts.iter().map(|part| part.len()).sum());
    parts.into_iter().for_each(|part| all.extend(part));
    all
}

/// Adds what only all steps together tell, and holds back those that must wait.
fn look_across(
    input: &Input,
    desired: &BTreeMap<&Key, &Desired>,
    live: &BTreeMap<&Key, Vec<&Have>>,
    steps: &mut [Step],
) {
    for step in steps.iter_mut().filter(|step| step.changes_something()) {
        step.notes.extend(desired.get(&step.key).into_iter().flat_map(|want| want.spec.notes.clone()));
    }
    lists::add_lists(input.live, steps, |step| {
        let own = desired.get(&step.key).filter(|want| want.key.kind().in_calendar).map(|want| want.spec.own.look());
        own.map(|own| View::of(&own).people()).unwrap_or_default()
    });
    rosters::tell(input.records, desired, steps);
    quiet_hours::hold(input, desired, live, steps);
    unread::hold_removals(input.policy, steps);
    unread::hold_passed_over(input.policy, steps);
    lookalikes::point_out(input, desired, steps);
}

/// Returns the series that the plan changes and whose occurrences were not read: what mail their change causes is known only
/// once they are (event-update.md: one more mail for each exception).
pub fn unread_series(plan: &Plan, live: &Live) -> BTreeSet<Key> {
    let changed = plan.steps.iter().filter(|step| step.action == Action::Update).filter_map(|step| step.seen.as_ref());
    let changed: BTreeSet<&str> = changed.map(|seen| seen.id.as_str()).collect();
    let unread =
        live.objects.iter().filter(|have| have.occurrences.is_none() && have.event().is_some_and(View::is_series));
    unread.filter(|have| changed.contains(have.id.as_str())).map(|have| have.key.clone()).collect()
}

fn notes(input: &Input, steps: &[Step], managed: usize) -> Vec<String> {
    let mut notes = vec![];
    notes.extend(few::not_held(input.policy, steps, managed));
    let meetings = input.desired.iter().any(|want| !want.key.kind().is_listed);
    let lost = match (input.records.found, input.live.objects.iter().any(|have| have.marked)) {
        (false, true) => Some(
            "there is no state, yet live events carry this workspace's mark: they are found again by it; online meetings \
             and mailboxes that no manifest mentions any more are not known",
        ),
        (false, false) if meetings => Some(
            "there is no state: had this workspace been applied before, online meetings that no manifest mentions any more would \
             stay, and nobody knows of them",
        ),
        (false | true, _) => None,
    };
    notes.extend(lost.map(str::to_owned));
    notes.extend(event::owner::notes(input));
    // What a step tells already needs no note.
    let unknown: BTreeSet<&String> = steps.iter().filter(|step| step.unknown).map(|step| &step.organizer).collect();
    let others = input.live.mailboxes.iter().filter(|(name, _)| !unknown.contains(name));
    let unsearched = others.filter_map(|(name, it)| Some((name.as_str(), it.unsearched.as_ref()?)));
    let (names, whys): (Vec<&str>, Vec<&Trouble>) = unsearched.unzip();
    if let Some(why) = whys.first() {
        let (shown, more) = names.split_at(names.len().min(3));
        let more = if more.is_empty() { String::new() } else { format!(" and {} more", more.len()) };
        let names = shown.join(", ");
        notes.push(format!("not searched for events of this workspace: {names}{more}: {}", why.sentence()));
    }
    notes.extend(delivery::notes(steps));
    notes
}
