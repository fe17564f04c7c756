//! Live objects that get another name: a manifest says what it was called, and what is live is kept instead of being removed and
//! made anew.
//!
//! The first predecessor that is live is renamed, if nothing live has the new name. A name that is freed so may be taken by another
//! manifest in the same plan, by a rename of its own or by a create; it waits until the name is free.

use crate::model::{Desired, Have, Key, Record};
use crate::plan::{Action, Cause, Change, Input, Step, unread};
use crate::reason::Reason;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Which keys get what is live under another: by the new key, the one of before.
pub(super) type Renames<'a> = BTreeMap<&'a Key, &'a Key>;

/// Finds what is to be renamed.
pub(super) fn renames<'a>(input: &Input<'a>, live: &BTreeMap<&Key, Vec<&Have>>) -> Renames<'a> {
    let mut claimants = HashMap::new();
    for want in input.desired {
        claimants.extend(want.previously.iter().map(|before| (before, want)));
    }
    if claimants.is_empty() {
        return Renames::new();
    }
    let desired = input.desired.iter().map(|want| (&want.key, want)).collect();
    let mut search = Search { input, live, desired, claimants, found: HashMap::new() };
    let all: Vec<&Desired> = input.desired.iter().filter(|want| !want.previously.is_empty()).collect();
    all.into_iter().filter_map(|want| Some((&want.key, search.claim(want)?))).collect()
}

struct Search<'a, 'b> {
    input: &'b Input<'a>,
    live: &'b BTreeMap<&'b Key, Vec<&'b Have>>,
    desired: HashMap<&'a Key, &'a Desired>,
    /// Who names a key as its predecessor; manifests in which two do are refused.
    claimants: HashMap<&'a Key, &'a Desired>,
    /// What was found already; nothing while it is looked for, so that names in a circle end.
    found: HashMap<&'a Key, Option<&'a Key>>,
}

impl<'a> Search<'a, '_> {
    /// The predecessor whose live object a manifest takes.
    fn claim(&mut self, want: &'a Desired) -> Option<&'a Key> {
        if let Some(found) = self.found.get(&want.key) {
            return *found;
        }
        self.found.insert(&want.key, None);
        let before = if self.is_free(&want.key) {
            want.previously.iter().find(|before| self.is_there(before) && !self.is_another(want, before))
        } else {
            None
        };
        self.found.insert(&want.key, before);
        before
    }

    /// Whether nothing live has the name, or what has it gets another one.
    fn is_free(&mut self, key: &'a Key) -> bool {
        if !self.is_there(key) {
            return true;
        }
        let claimant = self.claimants.get(key).copied();
        claimant.is_some_and(|want| self.claim(want) == Some(key))
    }

    /// Whether something has the name: it is live, could not be read, or may have been made.
    fn is_there(&self, key: &Key) -> bool {
        let Input { live, records, .. } = *self.input;
        let record = records.resources.get(key);
        let open = record.is_some_and(|it| it.unanswered.is_some() || unread::recorded(live, key, it).is_some());
        open || self.live.get(key).is_some_and(|haves| !haves.is_empty())
    }

    /// Whether what has the old name belongs to its own manifest: another object was applied under the new name, so it was renamed
    /// long ago and is gone since.
    fn is_another(&self, want: &Desired, before: &Key) -> bool {
        let record = self.input.records.resources.get(&want.key).filter(|record| !record.id.is_empty());
        let other = record.is_some_and(|record| !is_of(record, self.live.get(before)));
        other && self.desired.contains_key(before)
    }
}

/// What the state knows of something that is renamed: a rename that was cut short may stand under its new name already.
pub(super) fn record<'a>(input: &Input<'a>, now: &Key, before: &Key, haves: Option<&Vec<&Have>>) -> Option<&'a Record> {
    let records = &input.records.resources;
    records.get(now).filter(|record| is_of(record, haves)).or_else(|| records.get(before))
}

fn is_of(record: &Record, haves: Option<&Vec<&Have>>) -> bool {
    haves.into_iter().flatten().any(|have| have.id == record.id)
}

/// Tells in a step that it renames, and what the state is to forget then.
pub(super) fn tell(step: &mut Step, before: &Key) {
    if matches!(step.action, Action::Update | Action::Adopt) {
        let guests = if step.key.kind().in_calendar { " and its guests" } else { "" };
        step.notes.push(format!("it was {before}: what is live is kept, with its link{guests}"));
    }
    let (current, desired) = (before.name().into(), step.key.name().into());
    step.changes.insert(0, Change { field: "metadata.name".into(), current, desired, cause: Cause::Manifest }.into());
    if step.action != Action::Blocked {
        step.forgets = Some(before.clone().into());
    }
}

/// What a manifest says of its name of before, where that is ignored and somebody may wonder.
pub(super) fn ignored(input: &Input, want: &Desired, live: &BTreeMap<&Key, Vec<&Have>>) -> Option<String> {
    let other = want.previously.iter().find(|it| live.contains_key(it) && !is_declared(input, it))?;
    Some(format!("`previously: {}` is ignored: {} is live under its new name already", other.name(), want.key))
}

fn is_declared(input: &Input, key: &Key) -> bool {
    input.desired.binary_search_by(|want| want.key.cmp(key)).is_ok()
}

/// Lets the step that takes a freed name wait until it is free.
pub(super) fn order(renames: &Renames, steps: &mut [Step]) {
    let freed: HashMap<&Key, &Key> = renames.iter().map(|(now, before)| (*before, *now)).collect();
    for step in steps.iter_mut() {
        step.after.extend(freed.get(&step.key).map(|now| (*now).clone()));
    }
    // A name that is not freed is not taken, nor is the one of whoever waits for it.
    for _ in 0..renames.len() {
        let blocked: BTreeSet<Key> =
            steps.iter().filter(|step| step.action == Action::Blocked).map(|step| step.key.clone()).collect();
        let takes = |step: &&mut Step| step.action != Action::Blocked && !step.after.is_disjoint(&blocked);
        for step in steps.iter_mut().filter(takes) {
            let waits = freed[&step.key].clone();
            let what = format!("the name is not free before {waits}, which had it, is renamed");
            step.hold(Reason::NameNotFree.why(what));
        }
    }
}
