//! Rosters that changed: one sentence for each, however many events name it.

use crate::kind::KindId;
use crate::plan::Step;
use crate::plan::mail::Sort;
use crate::plural::count;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// What the change of one roster comes to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Roster {
    /// Its name.
    pub roster: String,
    /// How many events change by it.
    pub events: usize,
    /// How many online meetings change by it.
    pub meetings: usize,
    /// How many mails of each sort those get who come or go.
    pub invitations: usize,
    pub updates: usize,
    pub cancellations: usize,
    /// How many people those are.
    pub people: usize,
}

/// Returns the rosters that changed, by name.
pub(super) fn of(steps: &[&Step]) -> Vec<Roster> {
    let mut all: BTreeMap<&String, (Roster, BTreeSet<&String>)> = BTreeMap::new();
    for step in steps {
        for (name, people) in &step.rosters {
            let (roster, mailed) = all.entry(name).or_default();
            roster.roster.clone_from(name);
            match step.key.kind().id {
                KindId::Event => roster.events += 1,
                KindId::OnlineMeeting => roster.meetings += 1,
            }
            roster.invitations += mails(step, Sort::Invitation, people);
            roster.updates += mails(step, Sort::Update, people);
            roster.cancellations += mails(step, Sort::Cancellation, people);
            mailed.extend(people);
        }
    }
    all.into_values().map(|(roster, mailed)| Roster { people: mailed.len(), ..roster }).collect()
}

fn mails(step: &Step, kind: Sort, people: &BTreeSet<String>) -> usize {
    let mails = step.mail.iter().filter(|mail| mail.kind == kind);
    mails.flat_map(|mail| &mail.to).filter(|it| people.contains(*it)).count()
}

impl Roster {
    /// `Roster/platform changed: 14 events, 14 invitations to one person`.
    pub(super) fn sentence(&self) -> String {
        let counted = |number: usize, what: &str| (number > 0).then(|| count(number, what));
        let of = [counted(self.events, "event"), counted(self.meetings, "meeting")];
        let mails = [
            counted(self.invitations, "invitation"),
            counted(self.updates, "update"),
            counted(self.cancellations, "cancellation"),
        ];
        let mails: Vec<String> = mails.into_iter().flatten().collect();
        let whom = if self.people == 1 { "one person".to_owned() } else { format!("{} people", self.people) };
        let mailed = match &mails[..] {
            [] => "nobody is mailed".to_owned(),
            [one] => format!("{one} to {whom}"),
            [before @ .., last] => format!("{} and {last} to {whom}", before.join(", ")),
        };
        let of: Vec<String> = of.into_iter().flatten().collect();
        format!("`Roster/{}` changed: {}, {mailed}", self.roster, of.join(" and "))
    }
}
