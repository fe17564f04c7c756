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
    /// Those of them who are outside the organizer's domain: rooms too, since whoever writes the manifest says what is a room.
    pub outside: Vec<String>,
    /// Those of them that are rooms or other resources.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rooms: Vec<String>,
    /// Why it is sent.
    pub because: Vec<Because>,
}

/// Why a mail is sent.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "cause", rename_all = "camelCase")]
pub enum Because {
    /// The event is made.
    Created,
    /// The event is cancelled.
    Cancelled,
    /// They are invited from now on.
    Added,
    /// They are no longer invited.
    Removed,
    /// A property changes.
    Changed {
        /// Its name.
        property: String,
    },
    /// One date of a series changes.
    Date {
        /// The date that the series gives it.
        date: String,
    },
    /// One date of a series is skipped.
    Skipped {
        /// The date that the series gives it.
        date: String,
    },
    /// One date of a series is skipped, since it is a day off.
    DayOff {
        /// The date that the series gives it.
        date: String,
        /// The name of the `DaysOff` that has it.
        of: String,
    },
    /// What the mark says of it changes, and nothing else.
    Marked,
    /// Graph mails once more for each date of the series that is a changed one.
    Again,
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
/// `visible` is what changes besides the attendees that they can see, `hidden` what changes that they cannot see.
pub fn of_update(
    organizer: &str,
    before: &People,
    after: &People,
    visible: &[Because],
    hidden: &[Because],
) -> Vec<Mail> {
    let sort = if visible.is_empty() { (Sort::Possible, hidden) } else { (Sort::Update, visible) };
    let stay = if sort.1.is_empty() { People::new() } else { before & after };
    let all = [
        mail(Sort::Invitation, organizer, &(after - before), &[Because::Added]),
        mail(sort.0, organizer, &stay, sort.1),
        mail(Sort::Cancellation, organizer, &(before - after), &[Because::Removed]),
    ];
    all.into_iter().filter(|mail| !mail.to.is_empty()).collect()
}

/// Returns the mails of a create.
pub fn of_create(organizer: &str, people: &People) -> Vec<Mail> {
    let mails = [mail(Sort::Invitation, organizer, people, &[Because::Created])];
    mails.into_iter().filter(|mail| !mail.to.is_empty()).collect()
}

/// Returns the mails of a cancel or delete, of an event or of one of its dates.
pub fn of_cancel(organizer: &str, people: &People, because: Because) -> Vec<Mail> {
    let mails = [mail(Sort::Cancellation, organizer, people, &[because])];
    mails.into_iter().filter(|mail| !mail.to.is_empty()).collect()
}

/// Says which of those who are mailed are rooms.
pub fn tell_rooms(mails: &mut [Mail], rooms: &People) {
    for mail in mails {
        mail.rooms = mail.to.iter().filter(|address| rooms.contains(*address)).cloned().collect();
    }
}

/// How many mails are sent for certain.
pub fn certain(mails: &[Mail]) -> usize {
    mails.iter().filter(|mail| mail.kind != Sort::Possible).map(|mail| mail.to.len()).sum()
}

/// What all steps send together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Total {
    pub total: usize,
    /// Different people; rooms are none.
    pub people: usize,
    /// Different rooms.
    pub rooms: usize,
    /// Different addresses outside the domain of their organizer.
    pub outside: usize,
    /// Mails that Graph might send besides.
    pub possible: usize,
    /// A distribution list is among those who are mailed: its members are not counted.
    #[serde(rename = "atLeast", skip_serializing_if = "std::ops::Not::not")]
    pub at_least: bool,
}

/// Adds up the mails of a plan.
pub fn total<'a>(mails: impl Iterator<Item = &'a Mail>) -> Total {
    let (mut sum, mut people, mut rooms, mut outside) =
        (Total::default(), BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for mail in mails {
        match mail.kind {
            Sort::Possible => sum.possible += mail.to.len(),
            Sort::Invitation | Sort::Update | Sort::Cancellation => {
                sum.total += mail.to.len();
                outside.extend(&mail.outside);
                rooms.extend(&mail.rooms);
                people.extend(&mail.to);
            }
        }
    }
    Total { people: people.difference(&rooms).count(), rooms: rooms.len(), outside: outside.len(), ..sum }
}

fn mail(kind: Sort, organizer: &str, to: &People, because: &[Because]) -> Mail {
    // The domain of an organizer who is known by object id alone is not known: then everybody may be an outsider, and no limit
    // is passed by that.
    let domain = organizer.split_once('@').map(|(_, domain)| format!("@{domain}"));
    let inside = |address: &String| domain.as_ref().is_some_and(|domain| address.ends_with(domain));
    let outside = to.iter().filter(|address| !inside(address)).cloned().collect();
    Mail { kind, to: to.iter().cloned().collect(), outside, rooms: vec![], because: because.to_vec() }
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
            let changes = |does: bool, property: &str| -> Vec<Because> {
                does.then(|| Because::Changed { property: property.into() }).into_iter().collect()
            };
            let (visible, hidden) = (changes(visible, "start"), changes(hidden, "categories"));
            let mails = of_update("o@contoso.example", &people(before), &people(after), &visible, &hidden);
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
        let to = |names: &str| -> People { names.split_whitespace().map(str::to_owned).collect() };
        let mail = |sort, names: &str| mail(sort, "o@contoso.example", &to(names), &[Because::Again]);
        let mut mails = [
            mail(Sort::Update, "a@contoso.example b@fabrikam.example"),
            mail(Sort::Update, "a@contoso.example b@fabrikam.example room@contoso.example"),
            mail(Sort::Possible, "c@contoso.example"),
        ];
        tell_rooms(&mut mails, &to("room@contoso.example other@contoso.example"));
        let expect = Total { total: 5, people: 2, rooms: 1, outside: 1, possible: 1, at_least: false };
        assert_eq!(total(mails.iter()), expect);
    }
}
