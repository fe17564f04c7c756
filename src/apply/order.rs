//! Which steps begin when: those that free a name, a room or a time come before those that take it.
//!
//! The plan says what waits for what. What waits for a step that did not go through is not begun: its place is not free.

use crate::apply::{Fate, Outcome};
use crate::model::Key;
use crate::plan::Plan;
use crate::trouble::Trouble;
use std::collections::BTreeSet;

/// The steps that have not begun.
pub(super) struct Order {
    waiting: Vec<usize>,
}

/// A step that may begin, or why it may not.
pub(super) type Ready = (usize, Option<Trouble>);

impl Order {
    /// Begins with all steps of a plan.
    pub(super) fn of(plan: &Plan) -> Order {
        Order { waiting: (0..plan.steps.len()).collect() }
    }

    /// Returns the steps that wait for none of those that have not begun; nothing where all have.
    pub(super) fn next(&mut self, plan: &Plan, outcomes: &[Outcome]) -> Option<Vec<Ready>> {
        if self.waiting.is_empty() {
            return None;
        }
        let open: BTreeSet<&Key> = self.waiting.iter().map(|place| &plan.steps[*place].key).collect();
        let ready = |place: &usize| !plan.steps[*place].after.iter().any(|key| open.contains(key));
        let (ready, waiting): (Vec<_>, Vec<_>) = self.waiting.iter().copied().partition(ready);
        // A plan has no circles; should one that was kept as a file have some, nothing in them is sent.
        if ready.is_empty() {
            self.waiting.clear();
            let circle = || Trouble::new("it waits for a step that waits for it").hint("plan again");
            return Some(waiting.into_iter().map(|place| (place, Some(circle()))).collect());
        }
        self.waiting = waiting;
        Some(ready.into_iter().map(|place| (place, held_up(plan, outcomes, place))).collect())
    }
}

/// Why a step is not begun: one that it waits for did not go through.
fn held_up(plan: &Plan, outcomes: &[Outcome], place: usize) -> Option<Trouble> {
    let after = &plan.steps[place].after;
    let all = plan.steps.iter().zip(outcomes);
    let mut failed = all.filter(|(step, outcome)| after.contains(&step.key) && !is_through(outcome.fate));
    let (step, _) = failed.next()?;
    Some(
        Trouble::new(format!("it takes what {} was to free, and that did not go through", step.key))
            .hint("apply again"),
    )
}

fn is_through(fate: Fate) -> bool {
    match fate {
        Fate::Nothing | Fate::Applied | Fate::Unsettled => true,
        Fate::Failed | Fate::Blocked | Fate::Skipped => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::KindId;
    use crate::plan::{Action, Step};

    fn key(name: &str) -> Key {
        Key::new(KindId::Event, name)
    }

    fn plan(steps: &[(&str, &[&str])]) -> Plan {
        let step = |(name, after): &(&str, &[&str])| Step {
            after: after.iter().map(|name| key(name)).collect(),
            ..Step::new(key(name), "o@contoso.example", Action::Create)
        };
        let (run, workspace, made) = ("p".into(), "w".into(), jiff::Timestamp::UNIX_EPOCH);
        Plan {
            run,
            id: None,
            workspace,
            made,
            steps: steps.iter().map(step).collect(),
            notes: vec![],
            managed: 0,
            secrets: Default::default(),
        }
    }

    /// The steps as they begin, wave by wave; those that are not sent in brackets.
    fn waves(plan: &Plan, failing: &str) -> Vec<String> {
        let mut outcomes = vec![Outcome::new(Fate::Nothing); plan.steps.len()];
        let (mut order, mut waves) = (Order::of(plan), vec![]);
        while let Some(ready) = order.next(plan, &outcomes) {
            let told = ready.into_iter().map(|(place, why)| {
                let name = plan.steps[place].key.name();
                let fate = if why.is_some() {
                    Fate::Skipped
                } else if name == failing {
                    Fate::Failed
                } else {
                    Fate::Applied
                };
                outcomes[place] = Outcome::new(fate);
                if why.is_some() { format!("({name})") } else { name.to_owned() }
            });
            waves.push(told.collect::<Vec<_>>().join(" "));
        }
        waves
    }

    #[test]
    fn what_takes_a_place_begins_once_it_is_free_and_not_at_all_where_it_is_not() {
        let chain: &[(&str, &[&str])] = &[("a", &["b"]), ("b", &["c"]), ("c", &[]), ("d", &[])];
        assert_eq!(waves(&plan(chain), ""), ["c d", "b", "a"]);
        assert_eq!(waves(&plan(chain), "c"), ["c d", "(b)", "(a)"]);
        assert_eq!(waves(&plan(&[("a", &["b"]), ("b", &["a"]), ("c", &[])]), ""), ["c", "(a) (b)"]);
        assert_eq!(waves(&plan(&[("a", &["gone"])]), ""), ["a"]);
    }
}
