//! Limits: how much one apply, or all within a window, may remove, change or mail before it is refused.
//!
//! Refuses with the numbers, with the moment at which it would fit and with the flag that allows it; what Exchange does not deliver,
//! no flag allows. It never changes a plan.

use crate::kind::workspace::Share;
use crate::model::{Counted, Spent};
use crate::plan::mail::{self, Total};
use crate::plan::window::{Taken, moment, sum};
use crate::plan::{Action, Plan, Policy, Step, delivery, few};
use crate::plural::{count, either};
use crate::reason::{Reason, Why};
use jiff::tz::TimeZone;
use std::collections::BTreeSet;

/// Returns why the plan may not be applied; empty if it may.
///
/// `declared` is how many resources the manifests declare, `spent` what was sent of late. A plan that is to destroy everything has no limits but those of mail,
/// and every ceiling.
pub fn refusals(plan: &Plan, policy: &Policy, declared: usize, spent: &Spent) -> Vec<Why> {
    let removed = count_of(plan, &[Action::Cancel, Action::Replace]);
    let mut refusals = vec![];
    if declared == 0 && removed > 0 && !policy.destroy && !policy.allow_empty {
        refusals.push(Reason::NothingDeclared.why(format!(
            "no manifest declares anything, yet {} managed: this would cancel {removed} (--allow-empty allows it, and convoke destroy \
             does it on purpose)",
            count(plan.managed, "resource") + either(plan.managed, " is", " are")
        )));
    }
    let taken = Taken::of(policy, spent, plan.made);
    let measures = measures(plan, policy, removed, taken);
    refusals.extend(measures.iter().filter_map(|it| it.refusal(plan.managed, taken, &policy.zone)));
    refusals.extend(elsewhere(plan, policy));
    refusals.extend(delivery::refusals(&plan.steps));
    let clashes = plan.steps.iter().map(|step| step.clashes.len()).sum::<usize>();
    if policy.strict_clashes && clashes > 0 {
        let many = either(clashes, "clash", "clashes");
        refusals.push(Reason::Clashes.why(format!("{clashes} {many}, and --strict-clashes allows none")));
    }
    refusals
}

/// What stands in no manifest any more may be in a mailbox that the environment does not name.
fn elsewhere(plan: &Plan, policy: &Policy) -> BTreeSet<Why> {
    let sending = plan.steps.iter().filter(|step| !step.requests.is_empty());
    let refused = |step: &Step| {
        let (what, _) = policy.pins.refused_mailbox(&step.organizer)?;
        Some(Reason::MailboxCeiling.why(format!("{}: {what}", step.key)))
    };
    sending.filter_map(refused).collect()
}

fn count_of(plan: &Plan, actions: &[Action]) -> usize {
    plan.steps.iter().filter(|step| actions.contains(&step.action)).count()
}

/// Something that a plan does a number of times, and how often it may.
struct Measure {
    number: usize,
    /// What the plan would do, with the number.
    what: String,
    /// What was done of it before, as far as the window reaches.
    taken: Counted,
    limit: Option<Share>,
    /// What raises the limit.
    flag: &'static str,
    ceiling: Option<Share>,
    /// What pins the ceiling.
    variable: &'static str,
    /// Why it is refused: by its limit, and by its ceiling.
    reasons: (Reason, Reason),
}

impl Measure {
    /// Says why it is too often. A ceiling goes first: a flag that it does not let pass is no way out.
    fn refusal(&self, managed: usize, window: Option<Taken>, zone: &TimeZone) -> Option<Why> {
        let Measure { number, what, taken, limit, flag, ceiling, variable, reasons } = self;
        let before = sum(taken);
        let all = number.saturating_add(before);
        let fits = |most: Share, before: usize| most.allows(number.saturating_add(before) as u64, managed as u64);
        let above = |most: &Share| *number > 0 && few::holds(*most, managed) && !fits(*most, before);
        let (most, pinned) = match (ceiling.filter(above), limit.filter(above)) {
            (Some(most), _) => (most, true),
            (None, Some(most)) => (most, false),
            (None, None) => return None,
        };
        let (mut done, mut per, mut now) = (String::new(), String::new(), "");
        if let Some(window) = window {
            if before > 0 {
                done = format!(", after {before} in the last {}", window.per);
            }
            per = format!(" in {}", window.per);
            per += &match window.opens(taken, |before| fits(most, before)) {
                Some(at) => format!(": it fits from {} on", moment(at, zone)),
                None => ", and it never fits as a whole".to_owned(),
            };
            now = " now";
        }
        Some(match pinned {
            true => reasons
                .1
                .why(format!("this would {what}{done}; {variable} allows {most}{per}, and no flag allows more")),
            false => {
                let flag = format!("{flag} {all}");
                let what = format!("this would {what}{done}; the limit is {most}{per} ({flag} allows it{now})");
                reasons.0.why(what).allowed_by(flag)
            }
        })
    }
}

fn measures(plan: &Plan, policy: &Policy, removed: usize, window: Option<Taken>) -> [Measure; 4] {
    let (limits, ceilings) = (&policy.limits, &policy.pins.ceilings);
    let changed = count_of(plan, &[Action::Update, Action::Replace, Action::Cancel]);
    let of = |verb: &str, number: usize| format!("{verb} {number} of {} managed resources", plan.managed);
    let all = || plan.steps.iter().flat_map(|step| &step.mail);
    let Total { total, possible, .. } = mail::total(all());
    let mails = total + possible;
    let perhaps = if possible > 0 { format!(", {possible} of them perhaps") } else { String::new() };
    let outside = all().flat_map(|mail| &mail.outside).collect::<BTreeSet<_>>().len();
    let outsiders = format!("mail {outside} {} beyond the organizer's domain", either(outside, "person", "people"));
    let (share, count_of) =
        (|most: Share| (!policy.destroy).then_some(most), |most: Option<u64>| most.map(Share::Count));
    let measure =
        |number, what, taken: &dyn Fn(Taken) -> Counted, (limit, flag, over), (ceiling, variable, above)| Measure {
            number,
            what,
            taken: window.map(taken).unwrap_or_default(),
            limit,
            flag,
            ceiling,
            variable,
            reasons: (over, above),
        };
    [
        measure(
            removed,
            of("remove", removed) + &few::alone(policy, plan.managed),
            &|it| it.removals(),
            (share(few::removals(policy, plan.managed)), "--max-removals", Reason::RemovalsLimit),
            (ceilings.removals, "CONVOKE_CEILING_REMOVALS", Reason::RemovalsCeiling),
        ),
        measure(
            changed,
            of("change", changed),
            &|it| it.changes(),
            (share(limits.changes), "--max-changes", Reason::ChangesLimit),
            (ceilings.changes, "CONVOKE_CEILING_CHANGES", Reason::ChangesCeiling),
        ),
        measure(
            mails,
            format!("send {}{perhaps}", count(mails, "mail")),
            &|it| it.mails(),
            (count_of(limits.mails), "--max-mails", Reason::MailsLimit),
            (count_of(ceilings.mails), "CONVOKE_CEILING_MAILS", Reason::MailsCeiling),
        ),
        measure(
            outside,
            outsiders,
            &|it| it.outside(plan.steps.iter()),
            (count_of(limits.outside), "--max-outside", Reason::OutsideLimit),
            (count_of(ceilings.outside), "CONVOKE_CEILING_OUTSIDE", Reason::OutsideCeiling),
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::KindId;
    use crate::kind::workspace::{Ceilings, Limits, Pins, Prune};
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
        Plan {
            run: "p".into(),
            id: None,
            workspace: "w".into(),
            made: jiff::Timestamp::UNIX_EPOCH,
            steps,
            notes: vec![],
            managed,
            secrets: Default::default(),
        }
    }

    /// The words of the refusals.
    fn refusals(plan: &Plan, policy: &Policy, declared: usize, spent: &Spent) -> Vec<String> {
        super::refusals(plan, policy, declared, spent).into_iter().map(|why| why.what).collect()
    }

    #[test]
    fn a_count_always_holds() {
        for (limit, removed, expect) in [(0, 1, 1), (3, 3, 0), (3, 4, 1)] {
            let limits = Limits { removals: Share::Count(limit), changes: Share::Percent(100), ..Limits::default() };
            let policy = Policy::of("w", Prune::Cancel, limits);
            let refusals = refusals(&plan(&[(Action::Cancel, removed)], 5), &policy, 3, &Spent::default());
            assert_eq!(refusals.len(), expect, "{limit} {removed}: {refusals:?}");
        }
    }

    #[test]
    fn no_limit_goes_above_a_ceiling_and_destroying_obeys_it() {
        for (limit, destroy, mails, expect) in [
            (Some(500), false, 11, Some("CONVOKE_CEILING_MAILS allows 10")),
            (None, false, 11, Some("no flag allows more")),
            (Some(5), false, 8, Some("the limit is 5 (--max-mails 8 allows it)")),
            (Some(5), false, 11, Some("CONVOKE_CEILING_MAILS")),
            (Some(500), false, 10, None),
            (None, true, 11, Some("CONVOKE_CEILING_MAILS")),
        ] {
            let ceilings = Ceilings { mails: Some(10), ..Ceilings::default() };
            let limits = Limits { mails: limit, ..Limits::default() };
            let policy = Policy {
                pins: Pins { ceilings, ..Pins::default() },
                destroy,
                ..Policy::of("w", Prune::Cancel, limits)
            };
            let refusals = refusals(&plan(&[(Action::Create, mails)], 0), &policy, mails, &Spent::default());
            assert_eq!(refusals.len(), usize::from(expect.is_some()), "{refusals:?}");
            assert!(refusals.concat().contains(expect.unwrap_or_default()), "{refusals:?}");
        }
        let ceilings =
            Ceilings { removals: Some(Share::Count(1)), changes: Some(Share::Percent(10)), ..Ceilings::default() };
        let pins = Pins { ceilings, ..Pins::default() };
        let policy = Policy { pins, destroy: true, ..Policy::of("w", Prune::Cancel, Limits::default()) };
        assert_eq!(
            refusals(&plan(&[(Action::Cancel, 2)], 20), &policy, 0, &Spent::default()).len(),
            1,
            "two of twenty are a tenth"
        );
        assert_eq!(refusals(&plan(&[(Action::Cancel, 3)], 20), &policy, 0, &Spent::default()).len(), 2);
    }

    #[test]
    fn people_beyond_the_organizers_domain_are_counted_once() {
        let limits = Limits { outside: Some(1), changes: Share::Percent(100), ..Limits::default() };
        let policy = Policy::of("w", Prune::Cancel, limits);
        let mut plan = plan(&[(Action::Update, 3)], 3);
        for (step, guest) in plan.steps.iter_mut().zip(["x@else.example", "x@else.example", "a@contoso.example"]) {
            step.mail = mail::of_create("o@contoso.example", &[guest.to_owned()].into());
        }
        assert_eq!(refusals(&plan, &policy, 3, &Spent::default()), Vec::<String>::new());
        plan.steps[2].mail = mail::of_update(
            "o@contoso.example",
            &["y@else.example".into()].into(),
            &["y@else.example".into()].into(),
            &[],
            &[mail::Because::Marked],
        );
        let expect =
            "this would mail 2 people beyond the organizer's domain; the limit is 1 (--max-outside 2 allows it)";
        assert_eq!(refusals(&plan, &policy, 3, &Spent::default()), [expect], "who is possibly mailed counts");
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
            let refusals = refusals(&plan(&actions, managed), &policy, declared, &Spent::default());
            assert_eq!(refusals.len(), expect, "{actions:?}: {refusals:?}");
        }
    }
}
