//! Distribution lists among those who are mailed: the forecast counts each as one, so it is the least there will be.
//!
//! What a list is follows from what is read anyway: getSchedule says of one that it has too many members. Nothing more is
//! asked of Graph, since that would need a permission that a plan must not depend on.

use crate::model::Live;
use crate::plan::mail::{People, Sort};
use crate::plan::{Action, Step};
use std::collections::BTreeSet;

/// Writes into the steps which lists are mailed or may be, and what that means. `invited` are the people of a step's manifest.
pub(super) fn add_lists(live: &Live, steps: &mut [Step], invited: impl Fn(&Step) -> People) {
    let known: BTreeSet<&String> =
        live.schedules.iter().filter(|(_, it)| it.list).map(|(address, _)| address).collect();
    if known.is_empty() {
        return;
    }
    for step in steps.iter_mut().filter(|step| step.action != Action::Blocked) {
        let to = step.mail.iter().flat_map(|mail| &mail.to);
        let mut lists: BTreeSet<String> = to.filter(|address| known.contains(address)).cloned().collect();
        for list in &lists {
            step.notes.push(format!(
                "{list} is a distribution list: Graph mails its members too, so the mail counted here is the least there \
                 will be"
            ));
        }
        let removes = step.mail.iter().any(|mail| mail.kind == Sort::Cancellation);
        for list in if removes { invited(step) } else { People::new() } {
            if !known.contains(&list) || lists.contains(&list) {
                continue;
            }
            // event-update.md: removing a member of a list sends an update to all attendees.
            step.notes.push(format!("should somebody who is removed be a member of {list}, Graph mails everybody"));
            lists.insert(list);
        }
        step.lists = lists;
    }
}
