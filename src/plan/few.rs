//! Shares of few resources: they mean nothing by hand, and where nobody looks at the plans little is removed of them.

use crate::kind::workspace::Share;
use crate::plan::{Action, Policy, Step};
use crate::plural::{count, either};

/// Shares count once this many are managed.
const MANAGED: usize = 10;

/// Of fewer, so many removals go through where nobody looks at the plans.
const FEW: Share = Share::Count(2);

/// Returns the limit of removals: where nobody looks at the plans, few resources have one as well.
pub(super) fn removals(policy: &Policy, managed: usize) -> Share {
    let limit = policy.limits.removals;
    if policy.unattended && !holds(limit, managed) { FEW } else { limit }
}

/// Says why few have a limit that no file names, where that is so.
pub(super) fn alone(policy: &Policy, managed: usize) -> String {
    match removals(policy, managed) == policy.limits.removals {
        true => String::new(),
        false => format!(", and of fewer than {MANAGED} only {FEW} go by themselves"),
    }
}

/// Whether a limit says something of so many: a count does, a share of few does not.
pub(super) fn holds(limit: Share, managed: usize) -> bool {
    match limit {
        Share::Count(_) => true,
        Share::Percent(_) => managed >= MANAGED,
    }
}

/// Returns a note where more is removed than a share allows that does not hold yet.
pub(super) fn not_held(policy: &Policy, steps: &[Step], managed: usize) -> Option<String> {
    let limit = removals(policy, managed);
    let removed = steps.iter().filter(|step| matches!(step.action, Action::Cancel | Action::Replace)).count();
    let more = removed > 0 && !limit.allows(removed as u64, managed as u64);
    (more && !holds(limit, managed) && !policy.destroy).then(|| {
        format!(
            "{removed} of {} removed: `limits.removals: {limit}` holds once {MANAGED} are managed, a count would hold already",
            count(managed, "managed resource") + either(removed, " is", " are")
        )
    })
}
