//! Who is mailed by a step, and why.
//!
//! The model (event-update.md, event-delete.md): a create invites every attendee but the organizer; a change that
//! attendees can see sends one update to each who stays, an invitation to each who is added, a cancellation to each who
//! is removed; a change of attendees alone mails only those added or removed; a cancel sends one cancellation each. Online
//! meetings mail nobody. Nothing here decides whether that mail is wanted.

use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Mails of one sort that a step sends, one to each of `to`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Mail {
    pub kind: Sort,
    /// Addresses in lower case, sorted.
    pub to: Vec<String>,
    /// Those of them who are outside the organizer's domain.
    pub outside: Vec<String>,
}

/// What a mail is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Sort {
    Invitation,
    Update,
    Cancellation,
    /// Attendees cannot see what changes; whether Graph mails them all the same is not documented. Not in the total, but in every limit.
    Possible,
}

/// Addresses in lower case.
pub type People = BTreeSet<String>;

/// Returns the mails of a PATCH: `before` and `after` are the attendees without the organizer.
///
/// `visible` says that something besides the attendees changes that they can see; `hidden` that only something they
/// cannot see does.
pub fn of_update(organizer: &str, before: &People, after: &People, visible: bool, hidden: bool) -> Vec<Mail> {
    let stay: People = before & after;
    let sort = match (visible, hidden) {
        (true, _) => Some(Sort::Update),
        (false, true) => Some(Sort::Possible),
        (false, false) => None,
    };
    let mut mails = vec![mail(Sort::Invitation, organizer, &(after - before))];
    mails.extend(sort.map(|sort| mail(sort, organizer, &stay)));
    mails.push(mail(Sort::Cancellation, organizer, &(before - after)));
    mails.retain(|mail| !mail.to.is_empty());
    mails
}

/// Returns the mails of a create.
pub fn of_create(organizer: &str, people: &People) -> Vec<Mail> {
    of_update(organizer, &People::new(), people, true, false)
}

/// Returns the mails of a cancel or delete.
pub fn of_cancel(organizer: &str, people: &People) -> Vec<Mail> {
    of_update(organizer, people, &People::new(), true, false)
}

/// How many mails are sent for certain.
pub fn certain(mails: &[Mail]) -> usize {
    mails.iter().filter(|mail| mail.kind != Sort::Possible).map(|mail| mail.to.len()).sum()
}

/// What all steps send together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Total {
    pub total: usize,
    /// Different people.
    pub people: usize,
    pub outside: usize,
    /// Mails that Graph might send besides.
    pub possible: usize,
    /// A distribution list is among those who are mailed: its members are not counted.
    #[serde(rename = "atLeast", skip_serializing_if = "std::ops::Not::not")]
    pub at_least: bool,
}

/// Adds up the mails of a plan.
pub fn total<'a>(mails: impl Iterator<Item = &'a Mail>) -> Total {
    let (mut sum, mut people) = (Total::default(), BTreeSet::new());
    for mail in mails {
        match mail.kind {
            Sort::Possible => sum.possible += mail.to.len(),
            Sort::Invitation | Sort::Update | Sort::Cancellation => {
                sum.total += mail.to.len();
                sum.outside += mail.outside.len();
                people.extend(mail.to.iter());
            }
        }
    }
    Total { people: people.len(), ..sum }
}

fn mail(kind: Sort, organizer: &str, to: &People) -> Mail {
    // The domain of an organizer who is known by object id alone is not known: then everybody may be an outsider, and no limit
    // is passed by that.
    let domain = organizer.split_once('@').map(|(_, domain)| format!("@{domain}"));
    let inside = |address: &String| domain.as_ref().is_some_and(|domain| address.ends_with(domain));
    let outside = to.iter().filter(|address| !inside(address)).cloned().collect();
    Mail { kind, to: to.iter().cloned().collect(), outside }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_change_mails_those_whom_graph_mails() {
        let people =
            |names: &str| -> People { names.split_whitespace().map(|it| format!("{it}@contoso.example")).collect() };
        let cases = [
            ("", "a b", true, false, vec![(Sort::Invitation, 2)]),
            ("a b", "a b", true, false, vec![(Sort::Update, 2)]),
            ("a b", "b c", true, false, vec![(Sort::Invitation, 1), (Sort::Update, 1), (Sort::Cancellation, 1)]),
            ("a b", "b c", false, false, vec![(Sort::Invitation, 1), (Sort::Cancellation, 1)]),
            ("a b", "a b", false, true, vec![(Sort::Possible, 2)]),
            ("a b", "a b", false, false, vec![]),
            ("a b", "", true, false, vec![(Sort::Cancellation, 2)]),
        ];
        for (before, after, visible, hidden, expect) in cases {
            let mails = of_update("o@contoso.example", &people(before), &people(after), visible, hidden);
            let got: Vec<_> = mails.iter().map(|mail| (mail.kind, mail.to.len())).collect();
            assert_eq!(got, expect, "{before} -> {after}");
        }
    }

    #[test]
    fn who_is_outside_of_a_domain_that_is_not_known_is_everybody() {
        let guest: People = ["a@contoso.example".to_owned()].into();
        let mails = of_create("5d9a7d27-3a0c-4b2b-9a2e-0f0c9b6f1d11", &guest);
        assert_eq!(mails[0].outside, ["a@contoso.example"]);
    }

    #[test]
    fn the_total_counts_mails_people_and_outsiders() {
        let to = |names: &[&str]| -> People { names.iter().map(|it| it.to_string()).collect() };
        let mails = [
            mail(Sort::Update, "o@contoso.example", &to(&["a@contoso.example", "b@fabrikam.example"])),
            mail(Sort::Invitation, "o@contoso.example", &to(&["a@contoso.example"])),
            mail(Sort::Possible, "o@contoso.example", &to(&["c@contoso.example"])),
        ];
        assert_eq!(total(mails.iter()), Total { total: 3, people: 2, outside: 1, possible: 1, at_least: false });
    }
}
