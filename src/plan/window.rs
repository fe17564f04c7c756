//! The window that limits count in: what of it is taken, and when it opens again.

use crate::kind::compare::hash;
use crate::kind::workspace::Window;
use crate::model::{Counted, Sent, Spent};
use crate::plan::{Action, Cause, Plan, Policy, Step, mail};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::collections::BTreeSet;

/// What was sent within the window of a workspace.
#[derive(Clone, Copy)]
pub(super) struct Taken<'a> {
    spent: &'a Spent,
    pub per: Window,
    now: Timestamp,
}

impl<'a> Taken<'a> {
    /// Returns it where the workspace has a window.
    pub fn of(policy: &Policy, spent: &'a Spent, now: Timestamp) -> Option<Taken<'a>> {
        policy.limits.per.map(|per| Taken { spent, per, now })
    }

    pub fn removals(&self) -> Counted {
        self.spent.sums(self.per, self.now, |sums| sums.removals)
    }

    pub fn changes(&self) -> Counted {
        self.spent.sums(self.per, self.now, |sums| sums.changes)
    }

    pub fn mails(&self) -> Counted {
        self.spent.sums(self.per, self.now, |sums| sums.mails)
    }

    /// People beyond the organizer's domain, but for those whom the plan mails too.
    pub fn outside<'s>(&self, steps: impl Iterator<Item = &'s Step>) -> Counted {
        self.spent.outside(self.per, self.now, &outside(steps))
    }

    /// Returns the first moment at which so little is taken that the rest `fits`; nothing where it never does.
    pub fn opens(&self, taken: &Counted, fits: impl Fn(usize) -> bool) -> Option<Timestamp> {
        let (mut left, mut first) = (0_usize, None);
        for (at, number) in taken.iter().rev() {
            if !fits(left) {
                break;
            }
            (left, first) = (left.saturating_add(*number), Some(*at));
        }
        first.map(|at| self.per.left(at))
    }
}

/// How much is taken; what a state says that nobody can have sent stops at the end of its numbers.
pub(super) fn sum(taken: &[(Timestamp, usize)]) -> usize {
    taken.iter().fold(0, |sum, (_, number)| sum.saturating_add(*number))
}

/// A moment on the workspace's clock; its minute is the first that lies after it.
pub(super) fn moment(at: Timestamp, zone: &TimeZone) -> String {
    let at = Timestamp::from_second(at.as_second().saturating_add(59).div_euclid(60).saturating_mul(60)).unwrap_or(at);
    let name = zone.iana_name().unwrap_or("UTC");
    format!("{} ({name})", at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M"))
}

/// Returns what a plan counts for, if all of it is sent but what others send.
pub fn planned(plan: &Plan) -> Sent {
    let sent = plan.steps.iter().filter(|step| !step.requests.is_empty() && !step.elsewhere);
    counted(sent.map(|step| (step, true)))
}

/// Returns what steps count for that were sent, each with whether its mail may have left.
pub fn counted<'a>(steps: impl Iterator<Item = (&'a Step, bool)>) -> Sent {
    let mut sent = Sent::default();
    for (step, mailed) in steps {
        let removed = matches!(step.action, Action::Cancel | Action::Replace);
        sent.removals += usize::from(removed);
        sent.changes += usize::from(removed || step.action == Action::Update);
        if mailed {
            let mail::Total { total, possible, .. } = mail::total(step.mail.iter());
            sent.mails += total + possible;
            sent.outside.extend(outside(std::iter::once(step)));
        }
        if step.remade || step.changes.iter().any(|change| change.cause == Cause::Drift) {
            sent.reverts.insert(step.key.clone());
        }
    }
    sent
}

fn outside<'a>(steps: impl Iterator<Item = &'a Step>) -> BTreeSet<String> {
    steps.flat_map(|step| &step.mail).flat_map(|mail| &mail.outside).map(|address| hash(address)).collect()
}
