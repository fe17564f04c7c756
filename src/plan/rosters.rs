//! Who comes and goes because a roster changed, so that one line of it can be told as one cause.
//!
//! A roster changed for an event if it named other people when the event was last applied. Where that is not known nothing is said:
//! the event may name the roster only since now.

use crate::kind::compare;
use crate::model::{Desired, Key, Records};
use crate::plan::mail::{People, Sort};
use crate::plan::{Action, Step};
use std::collections::BTreeMap;

/// A hash of the people of each roster that a resource names, which the state remembers.
pub(super) fn digests(want: &Desired) -> BTreeMap<String, String> {
    let digest = |people: &People| compare::hash(&people.iter().map(String::as_str).collect::<Vec<_>>().join("\n"));
    want.spec.through.iter().map(|(name, people)| (name.clone(), digest(people))).collect()
}

/// Writes into the steps which rosters changed for them, each with those who come or go by that.
pub(super) fn tell(records: &Records, desired: &BTreeMap<&Key, &Desired>, steps: &mut [Step]) {
    for step in steps.iter_mut().filter(|step| step.action == Action::Update) {
        let Some(want) = desired.get(&step.key).filter(|want| !want.spec.through.is_empty()) else { continue };
        let Some(record) = records.resources.get(&step.key) else { continue };
        let now = digests(want);
        let is_other = |name: &&String| record.rosters.get(*name).is_some_and(|before| *before != now[*name]);
        let changed: Vec<&String> = now.keys().filter(is_other).collect();
        let to = |step: &Step, kind: Sort| -> People {
            step.mail.iter().filter(|mail| mail.kind == kind).flat_map(|mail| mail.to.clone()).collect()
        };
        let (joined, left) = (to(step, Sort::Invitation), to(step, Sort::Cancellation));
        for name in &changed {
            let mut people: People = &joined & &want.spec.through[*name];
            // Of several rosters nobody can tell which one they were in.
            if changed.len() == 1 {
                people.extend(left.iter().cloned());
            }
            step.rosters.insert((*name).clone(), people);
        }
    }
}
