//! Drift that is reported and not put back: as often as the workspace allows it was put back already.
//!
//! What the author changes is sent all the same, and what only drifted goes into no request that such a change needs.

use crate::model::{Desired, Landed, Record};
use crate::plan::diff::{self, Difference};
use crate::plan::last::Last;
use crate::plan::window::moment;
use crate::plan::{Action, Cause, Change, One, Step};
use crate::plural::count;

impl One<'_> {
    /// Says why drift of the resource is left as it is for now, and until when, if that is so.
    pub(super) fn leaves_drift(&self) -> Option<String> {
        let policy = self.input.policy;
        let (most, per) = (policy.limits.reverts?, policy.limits.per?);
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        let times = self.input.records.spent.reverts(per, self.input.now, self.key);
        if times.len() < most {
            return None;
        }
        let manifest = "its manifest changes";
        // At the end of the oldest that has to leave the window.
        let Some((first, _)) = most.checked_sub(1).and_then(|most| times.get(times.len() - 1 - most)) else {
            return Some(format!("`limits.reverts` is 0, so nothing is put back: it is left so until {manifest}"));
        };
        Some(format!(
            "put back {} in the last {per}, and `limits.reverts` is {most}: it is left so until {}, or until {manifest}",
            count(times.len(), "time"),
            moment(per.left(*first), &policy.zone)
        ))
    }

    /// Whether the resource was applied as it is declared now, and somebody removed it.
    pub(super) fn was_removed(&self, want: &Desired) -> bool {
        let applied = |record: &&Record| !record.id.is_empty() && diff::is_declared(want, &record.applied);
        self.record.filter(applied).is_some() && self.orphaned().is_none()
    }

    /// The step of a resource that somebody removed and that is not made again for now.
    pub(super) fn left_removed(&self, want: &Desired) -> Option<Step> {
        let why = self.leaves_drift().filter(|_| self.was_removed(want))?;
        let note = format!("deleted outside: it was applied before and is gone; {why}");
        Some(Step { notes: vec![note], ..self.step(&want.spec.organizer, Action::NoOp) })
    }
}

/// Takes what only drifted out of what differs, if the drift of the resource is left. How it stood when it was sent stays known; what
/// is sent together with something else that differs is put back with that.
pub(super) fn left<const N: usize>(
    one: &One,
    last: &Last,
    homes: [&mut Vec<Difference>; N],
    landed: &mut Landed,
) -> Vec<Change> {
    if one.leaves_drift().is_none() {
        return vec![];
    }
    let mut left = vec![];
    for differences in homes {
        let sent = differences.iter().filter(|it| it.change.cause != Cause::Drift);
        let along: Vec<&str> = sent.flat_map(|it| it.field.patch.along()).copied().collect();
        let drifted = |it: &mut Difference| it.change.cause == Cause::Drift && !along.contains(&it.field.name);
        left.extend(differences.extract_if(.., drifted).map(|it| it.change));
    }
    for Change { field: name, .. } in &left {
        landed.fields.extend(last.landed(name).map(|stood| (name.clone(), stood.to_owned())));
        landed.open.extend(last.is_open(name).then(|| name.clone()));
    }
    left
}
