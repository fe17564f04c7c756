//! Limits: how much one apply may remove, change or mail before it is refused.
//!
//! Refuses with the numbers and with the flag that allows it; what Exchange does not deliver, no flag allows. It never changes a
//! plan.

use crate::kind::workspace::Share;
use crate::plan::mail::{self, Total};
use crate::plan::{Action, Plan, Policy, Step, delivery};
use crate::plural::{count, either};

/// Shares of few resources mean nothing: they count once this many are managed.
const MANAGED: usize = 10;

/// Returns why the plan may not be applied; empty if it may.
///
/// `declared` is how many resources the manifests declare. A plan that is to destroy everything has no limits but the mails.
pub fn refusals(plan: &Plan, policy: &Policy, declared: usize) -> Vec<String> {
    let limits = &policy.limits;
    let of = |actions: &[Action]| plan.steps.iter().filter(|step| actions.contains(&step.action)).count();
    let removed = of(&[Action::Cancel, Action::Replace]);
    let changed = of(&[Action::Update, Action::Replace, Action::Cancel]);
    let mut refusals = vec![];
    if declared == 0 && removed > 0 && !policy.destroy && !policy.allow_empty {
        refusals.push(format!(
            "no manifest declares anything, yet {} managed: this would cancel {removed} (--allow-empty allows it, and convoke destroy \
             does it on purpose)",
            count(plan.managed, "resource") + either(plan.managed, " is", " are")
        ));
    }
    for (number, what, limit, flag) in
        [(removed, "remove", limits.removals, "--max-removals"), (changed, "change", limits.changes, "--max-changes")]
    {
        if holds(limit, plan.managed) && !policy.destroy && !limit.allows(number as u64, plan.managed as u64) {
            refusals.push(format!(
                "this would {what} {number} of {} managed resources; the limit is {limit} ({flag} {number} allows it)",
                plan.managed
            ));
        }
    }
    let Total { total, possible, .. } = mail::total(plan.steps.iter().flat_map(|step| &step.mail));
    let mails = total + possible;
    if let Some(most) = limits.mails.filter(|most| mails as u64 > *most) {
        let perhaps = if possible > 0 { format!(", {possible} of them perhaps") } else { String::new() };
        refusals.push(format!(
            "this would send {}{perhaps}; the limit is {most} (--max-mails {mails} allows it)",
            count(mails, "mail")
        ));
    }
    refusals.extend(delivery::refusals(&plan.steps));
    let clashes = plan.steps.iter().map(|step| step.clashes.len()).sum::<usize>();
    if policy.strict_clashes && clashes > 0 {
        let many = either(clashes, "clash", "clashes");
        refusals.push(format!("{clashes} {many}, and --strict-clashes allows none"));
    }
    refusals
}

/// A count always holds; a share of few says nothing.
fn holds(limit: Share, managed: usize) -> bool {
    match limit {
        Share::Count(_) => true,
        Share::Percent(_) => managed >= MANAGED,
    }
}

/// Returns a note where more is removed than a share allows that does not hold yet.
pub(super) fn not_held(policy: &Policy, steps: &[Step], managed: usize) -> Option<String> {
    let limit = policy.limits.removals;
    let removed = steps.iter().filter(|step| matches!(step.action, Action::Cancel | Action::Replace)).count();
    let more = removed > 0 && !limit.allows(removed as u64, managed as u64);
    (more && !holds(limit, managed) && !policy.destroy).then(|| {
        format!(
            "{removed} of {} removed: `limits.removals: {limit}` holds once {MANAGED} are managed, a count would hold already",
            count(managed, "managed resource") + either(removed, " is", " are")
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::KindId;
    use crate::kind::workspace::{Limits, Prune};
    use crate::model::Key;

    fn plan(actions: &[(Action, usize)], managed: usize) -> Plan {
        let step = |action, number| {
            let key = Key::new(KindId::Event, format!("e{number}"));
            let guest = ["a@contoso.example".to_owned()].into();
            let mail = mail::of_create("o@contoso.example", &guest);
            Step { mail, ..Step::new(key, "o@contoso.example", action) }
        };
        let steps =
            actions.iter().flat_map(|(action, times)| (0..*times).map(|number| step(*action, number))).collect();
        Plan { id: "p".into(), workspace: "w".into(), made: jiff::Timestamp::UNIX_EPOCH, steps, notes: vec![], managed }
    }

    #[test]
    fn a_count_always_holds() {
        for (limit, removed, expect) in [(0, 1, 1), (3, 3, 0), (3, 4, 1)] {
            let limits = Limits { removals: Share::Count(limit), changes: Share::Percent(100), ..Limits::default() };
            let policy = Policy::of("w", Prune::Cancel, limits);
            let refusals = refusals(&plan(&[(Action::Cancel, removed)], 5), &policy, 3);
            assert_eq!(refusals.len(), expect, "{limit} {removed}: {refusals:?}");
        }
    }

    #[test]
    fn limits_count_once_ten_are_managed() {
        let limits = Limits { mails: Some(100), ..Limits::default() };
        let policy = Policy::of("w", Prune::Cancel, limits);
        let cases = [
            (vec![(Action::Cancel, 5)], 5, 3, 0),
            (vec![(Action::Cancel, 2)], 10, 8, 0),
            (vec![(Action::Cancel, 3)], 10, 7, 1),
            (vec![(Action::Update, 6)], 10, 10, 1),
            (vec![(Action::Create, 90)], 10, 100, 0),
            (vec![(Action::Create, 101)], 10, 111, 1),
            (vec![(Action::Cancel, 1)], 1, 0, 1),
        ];
        for (actions, managed, declared, expect) in cases {
            let refusals = refusals(&plan(&actions, managed), &policy, declared);
            assert_eq!(refusals.len(), expect, "{actions:?}: {refusals:?}");
        }
    }
}
