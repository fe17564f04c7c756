//! Drift that is reported and not put back: the workspace or the manifest says so, or it was put back as often as is allowed already.
//!
//! What the author changes is sent all the same, and what only drifted goes into no request that such a change needs.

use crate::kind::on_drift::OnDrift;
use crate::model::{Applied, Desired, Landed, Record};
use crate::plan::diff::{self, Difference};
use crate::plan::last::Last;
use crate::plan::mail::{Mail, Sort};
use crate::plan::window::moment;
use crate::plan::{Action, Cause, Change, Gone, One, Step};
use crate::plural::count;

impl One<'_> {
    /// What becomes of drift of the resource: its manifest goes before the workspace, and that before the command.
    pub(super) fn on_drift(&self) -> OnDrift {
        self.want.and_then(|want| want.on_drift).unwrap_or(self.input.policy.on_drift)
    }

    /// Says why drift of the resource is left as it is for now, and until when, if that is so.
    pub(super) fn leaves_drift(&self) -> Option<String> {
        let manifest = "its manifest changes";
        match self.on_drift() {
            OnDrift::Report => Some(format!("`onDrift: report`: it is left so until {manifest}")),
            OnDrift::Revert => self.has_reverted(manifest),
        }
    }

    /// Says that drift was put back as often as the workspace allows it.
    fn has_reverted(&self, manifest: &str) -> Option<String> {
        let policy = self.input.policy;
        let (most, per) = (policy.limits.reverts?, policy.limits.per?);
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        let keys: Vec<_> = self.was.into_iter().chain([self.key]).collect();
        let times = self.input.records.spent.reverts(per, self.input.now, &keys);
        if times.len() < most {
            return None;
        }
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

    /// Whether somebody removed what was applied. What Graph takes away by itself, what went with its organizer, and what an apply
    /// was about to remove or make anew, nobody did.
    pub(super) fn is_deleted(&self) -> bool {
        let expired = |record: &Record| record.expiry_date_time.is_some_and(|at| at <= self.input.now);
        let record = self.record.filter(|it| !it.id.is_empty() && it.intended.is_none() && !expired(it));
        record.is_some() && self.orphaned().is_none()
    }

    /// Whether it was applied as it is declared now, and somebody removed it.
    pub(super) fn was_removed(&self, want: &Desired) -> bool {
        self.is_deleted() && self.record.is_some_and(|record| diff::is_declared(want, &record.applied))
    }

    /// The step of a resource that somebody removed and that is not made again for now.
    pub(super) fn left_removed(&self, want: &Desired) -> Option<Step> {
        let why = self.leaves_drift().filter(|_| self.was_removed(want))?;
        if self.input.policy.recreate.contains(self.key) {
            return None;
        }
        let note = format!("{DELETED}; {why}; --recreate {} makes it again", self.key);
        Some(Step { notes: vec![note], gone: Some(Gone::Deleted), ..self.step(&want.spec.organizer, Action::NoOp) })
    }

    /// Says in the step that makes it again that somebody removed it, and who is invited again.
    pub(super) fn with_deletion(&self, want: &Desired, step: Step) -> Step {
        if !self.is_deleted() {
            return step;
        }
        let again = self.key.kind().in_calendar && step.action == Action::Create;
        let note = again.then(|| format!("{DELETED}: {}", invited_again(&step.mail)));
        Step {
            remade: self.was_removed(want),
            gone: Some(Gone::Deleted),
            notes: step.notes.into_iter().chain(note).collect(),
            ..step
        }
    }

    /// The step of an event that somebody cancelled and that is left so.
    pub(super) fn left_cancelled(&self, want: &Desired, last: Option<&Applied>) -> Option<Step> {
        let why = self.leaves_drift().filter(|_| self.on_drift() == OnDrift::Report)?;
        last.filter(|last| diff::is_declared(want, last))?;
        let note = format!("somebody cancelled it, and Exchange keeps it in the calendar as a cancelled one; {why}");
        Some(Step { notes: vec![note], gone: Some(Gone::Cancelled), ..self.step(&want.spec.organizer, Action::NoOp) })
    }
}

/// What is said of something that is gone.
const DELETED: &str = "it was applied before, and somebody deleted it";

/// Names those who are invited again, the first of many.
fn invited_again(mails: &[Mail]) -> String {
    const SHOWN: usize = 5;
    let all = mails.iter().filter(|mail| mail.kind == Sort::Invitation).flat_map(|mail| &mail.to);
    let all: std::collections::BTreeSet<&String> = all.collect();
    let names: Vec<&str> = all.iter().take(SHOWN).map(|name| name.as_str()).collect();
    match (names.as_slice(), all.len().saturating_sub(SHOWN)) {
        ([], _) => "it is made again, and nobody is invited".to_owned(),
        (names, 0) => format!("it is made again, and invited again: {}", names.join(", ")),
        (names, more) => format!("it is made again, and invited again: {} and {more} more", names.join(", ")),
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
        landed.fields.extend(last.landed(name).map(|stood| (name.clone(), stood)));
        landed.open.extend(last.is_open(name).then(|| name.to_string()));
    }
    left
}
