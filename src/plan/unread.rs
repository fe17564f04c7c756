//! What could not be read is unknown, never absent: nothing is made and nothing removed on the strength of not having seen it.
//!
//! A resource is unknown while the mailbox that it is to stand in, or the one that the state remembers, could not be read. An
//! owner who is not in the directory any more is another matter: what was theirs cannot come back, so it is let go.

use crate::model::{Desired, Have, Key, Live, Record, Records};
use crate::plan::{Action, Input, One, Policy, Step};
use crate::reason::Reason;
use crate::trouble::Trouble;
use std::collections::{BTreeMap, HashSet};

impl One<'_> {
    /// A blocked step, if the resource, or a mailbox that it stands in or stood in, could not be read.
    pub(super) fn unknown(&self, organizer: &str) -> Option<Step> {
        if self.all_read {
            return None;
        }
        let live = self.input.live;
        let meeting = self.want.map_or(self.key.kind().is_meeting, Desired::needs_meetings);
        let here = unread(live, self.key, organizer, meeting);
        let was = self.was.and_then(|was| live.unknown.get(was));
        let before = || self.record.and_then(|record| recorded(live, self.key, record));
        let Trouble { what, hint, .. } = here.or(was).or_else(before)?.clone();
        Some(Step { unknown: true, hint, ..self.blocked(organizer, Reason::Unread.why(format!("unknown: {what}"))) })
    }

    /// The step of what is in no manifest and whose owner is gone: the state forgets it.
    pub(super) fn let_go(&self) -> Option<Step> {
        let organizer = &self.record?.organizer;
        if self.want.is_some() || !is_gone(self.input.live, organizer) {
            return None;
        }
        let gone = format!("its organizer {organizer} is not in the directory any more");
        let step = self.step(organizer, Action::NoOp);
        let Policy { no_prune, taken_back, .. } = self.input.policy;
        Some(match no_prune.as_ref().filter(|_| !taken_back.contains(self.key)) {
            Some(why) => Step { notes: vec![format!("{gone}; {why}")], ..step },
            None => {
                let note = format!("{gone}, and it is in no manifest: it is let go, and nothing is sent");
                Step { notes: vec![note], forgets: Some(self.key.clone().into()), ..step }
            }
        })
    }

    /// What the author should know of a resource that is made again because its owner of before is gone.
    pub(super) fn orphaned(&self) -> Option<String> {
        let organizer = &self.record?.organizer;
        is_gone(self.input.live, organizer).then(|| {
            format!("its organizer of before, {organizer}, is not in the directory any more, so it is made anew")
        })
    }
}

/// Why a resource that stands in this mailbox is not known to be there or not.
fn unread<'a>(live: &'a Live, key: &Key, organizer: &str, meeting: bool) -> Option<&'a Trouble> {
    let mailbox = live.mailboxes.get(organizer);
    let failure = mailbox.and_then(|mailbox| {
        let events = mailbox.failure.as_ref().filter(|_| key.kind().in_calendar);
        events.or(mailbox.no_id.as_ref().filter(|_| meeting))
    });
    failure.or_else(|| live.unknown.get(key))
}

/// The same of the mailbox that the state remembers: it counts until its owner is gone.
pub(super) fn recorded<'a>(live: &'a Live, key: &Key, record: &Record) -> Option<&'a Trouble> {
    unread_now(live, key, record).filter(|_| !record.id.is_empty())
}

fn unread_now<'a>(live: &'a Live, key: &Key, record: &Record) -> Option<&'a Trouble> {
    let unread = unread(live, key, &record.organizer, key.kind().is_meeting);
    unread.filter(|_| !is_gone(live, &record.organizer))
}

fn is_gone(live: &Live, organizer: &str) -> bool {
    live.mailboxes.get(organizer).is_some_and(|mailbox| mailbox.gone)
}

/// Returns which records are of nothing any more: what they name was looked for and is not there.
pub fn absent<'a>(live: &Live, records: &'a Records) -> Vec<&'a Key> {
    let ids: HashSet<&str> = live.objects.iter().map(|have| have.id.as_str()).collect();
    let keys: HashSet<&Key> = live.objects.iter().map(|have| &have.key).collect();
    let gone = |(key, record): &(&Key, &Record)| {
        // What was about to be made has no id yet: an event would have been found by its mark, a meeting is in no list.
        let known = key.kind().is_listed || (!record.id.is_empty() && record.intended.is_none());
        let looked = known && record.unanswered.is_none() && live.mailboxes.contains_key(&record.organizer);
        let there = keys.contains(key) || ids.contains(record.id.as_str());
        looked && !there && unread_now(live, key, record).is_none()
    };
    records.resources.iter().filter(gone).map(|(key, _)| key).collect()
}

/// Whether nothing is unknown: all that was looked for was read.
pub(super) fn is_all_read(live: &Live) -> bool {
    live.unknown.is_empty() && live.mailboxes.values().all(|it| it.failure.is_none() && it.no_id.is_none())
}

/// Counts what the workspace manages: what is live, and what the state knows of mailboxes that could not be read.
pub(super) fn managed(input: &Input, live: &BTreeMap<&Key, Vec<&Have>>) -> usize {
    let unread =
        |(key, record): &(&Key, &Record)| recorded(input.live, key, record).is_some() && !live.contains_key(key);
    let all_read = is_all_read(input.live);
    live.len() + if all_read { 0 } else { input.records.resources.iter().filter(unread).count() }
}

/// Holds back every removal of a plan that could not read everything: what is missing may be the other half of a move, and
/// what is removed cannot be put back. Whoever wants it all the same names it alone, or destroys.
pub(super) fn hold_removals(policy: &Policy, steps: &mut [Step]) {
    let Some(unread) = steps.iter().find(|step| step.unknown).map(|step| step.organizer.clone()) else { return };
    if policy.destroy {
        return;
    }
    for step in steps.iter_mut().filter(|step| matches!(step.action, Action::Cancel | Action::Replace)) {
        let key = step.key.clone();
        let what = format!("not everything could be read ({unread} among others), and until then nothing is removed");
        step.hold(Reason::RemovalHeld.why(what));
        step.hint = Some(format!("mend what could not be read, or remove it all the same with `--only {key}`").into());
    }
}

/// Holds back the removal of what a document that was passed over is called: had it lost its `apiVersion` and `kind`, its event
/// would be cancelled. Whoever destroys wants it all the same.
pub(super) fn hold_passed_over(policy: &Policy, steps: &mut [Step]) {
    if policy.destroy {
        return;
    }
    for step in steps.iter_mut().filter(|step| step.action == Action::Cancel) {
        let Some(file) = policy.passed_over.get(step.key.name()) else { continue };
        let what = format!(
            "it stands in no manifest, but `{file}`, which was passed over as another program's, names `{}` too",
            step.key.name()
        );
        step.hold(Reason::PassedOver.why(what));
        let hint = format!(
            "mend `apiVersion` and `kind` there, or write `{file}` into .convokeignore if it has nothing to do with it"
        );
        step.hint = Some(hint.into());
    }
}
