//! One resource on its way to a step: its manifest, what the state knows of it, and the words that all kinds share.

use crate::model::{Desired, Have, Key, Record, Records};
use crate::plan::{Action, Input, Step};
use crate::reason::{Reason, Why};
use crate::trouble::Trouble;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use std::collections::HashSet;

/// What is added where a manifest takes protection off together with what protection forbids.
pub(super) const STILL_PROTECTED: &str =
    "; `protect: false` counts once an apply has written it: apply that alone first";

/// One resource on its way to a step.
pub(super) struct One<'a> {
    pub(super) input: &'a Input<'a>,
    pub(super) run: &'a str,
    /// Nothing that is live is unknown.
    pub(super) all_read: bool,
    /// The ids of what another took the place of and is still live.
    pub(super) left: &'a HashSet<&'a str>,
    pub(super) key: &'a Key,
    pub(super) want: Option<&'a Desired>,
    pub(super) record: Option<&'a Record>,
    /// The name that the live object has and its manifest no longer gives it.
    pub(super) was: Option<&'a Key>,
}

impl One<'_> {
    /// A step that does nothing yet.
    pub(super) fn step(&self, organizer: &str, action: Action) -> Step {
        Step::new(self.key.clone(), organizer, action)
    }

    /// The day on which it is planned, in UTC.
    pub(super) fn today(&self) -> Date {
        self.input.now.to_zoned(TimeZone::UTC).date()
    }

    pub(super) fn blocked(&self, organizer: &str, Why { reason, what, .. }: Why) -> Step {
        Step { reason: Some(what), code: Some(reason), ..self.step(organizer, Action::Blocked) }
    }

    /// The how manieth object of this key a create makes; it is the same as long as we removed none of them.
    pub(super) fn incarnation(&self) -> u64 {
        let Records { resources, incarnations, .. } = self.input.records;
        let known = self.record.map(|record| record.intended.unwrap_or(record.applied.incarnation));
        // Whose name is given away keeps the `transactionId` that it was made under.
        let given_away = || resources.get(self.key).map(Record::next_incarnation);
        known.or_else(given_away).or_else(|| incarnations.get(self.key).copied()).unwrap_or_default()
    }

    /// Whether the state has this already, under this very name.
    pub(super) fn is_recorded(&self, record: &Record) -> bool {
        let known = self.input.records.resources.get(self.key);
        known.is_some_and(|known| Record { stood: known.stood, ..record.clone() } == *known)
    }

    /// What the state has of it; how it stood is the state's own, and in no plan.
    pub(super) fn recorded(&self) -> Option<Record> {
        self.record.map(|record| Record { stood: None, ..record.clone() })
    }

    /// Adds what an object took the place of, as long as that is there.
    pub(super) fn with_replaced(&self, mut record: Box<Record>, ours: Option<&Have>) -> Box<Record> {
        let old = self.record.into_iter().flat_map(|record| &record.replaced);
        let there = |id: &str| self.left.contains(id) && ours.is_none_or(|have| have.id != id);
        record.replaced.extend(old.filter(|old| there(&old.id)).cloned());
        record
    }

    pub(super) fn way_to_replace(&self) -> String {
        format!(
            "to replace it all the same: `onImmutable: replace` in its `lifecycle`, or --allow-replace {}",
            self.key
        )
    }

    /// Why something that is live and not wanted is removed.
    pub(super) fn why_removed(&self) -> &'static str {
        if self.input.policy.destroy { "`convoke destroy` removes it" } else { "it stands in no manifest" }
    }

    /// Why it is not removed, though it is not wanted.
    pub(super) fn why_protected(&self) -> Why {
        Reason::Protected.why(match self.input.policy.destroy {
            true => "it is protected: write `lifecycle: {protect: false}` and apply, then destroy",
            false => {
                "it stands in no manifest and is protected: put it back with `lifecycle: {protect: false}` and apply, then \
                 remove it"
            }
        })
    }

    /// A blocked step, if what it is to take over cannot be.
    pub(super) fn not_adopted(&self, organizer: &str) -> Option<Step> {
        let Trouble { what, hint, .. } = self.input.live.refused.get(self.key)?.clone();
        Some(Step { hint, ..self.blocked(organizer, Reason::NotAdopted.why(what)) })
    }

    /// Whether it takes over what no apply of ours made.
    pub(super) fn is_adopting(&self, have: &Have) -> bool {
        let known = self.record.is_some_and(|record| record.id == have.id);
        !have.marked && !known && self.want.is_some_and(|want| want.adopt.is_some())
    }

    pub(super) fn may_replace(&self) -> bool {
        self.want.is_some_and(|want| want.replace) || self.input.policy.allow_replace.contains(self.key)
    }
}
