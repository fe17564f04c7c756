//! The attendees of an event: whom a list names, what it becomes, whom the organizer's own address excludes.

use crate::kind::event::{Attendee, Response, View};
use crate::kind::{compare, fingerprint};
use crate::model::{Applied, Desired, Have};
use crate::plan::diff::{self, Difference};
use crate::plan::mail::People;
use crate::plan::{Cause, Change, One};
use crate::plural::count;
use serde_json::Value;
use std::collections::BTreeSet;

/// Returns the attendee list to send, the declared people and those whom the policy keeps, and how many are kept.
///
/// Additive: those we added and no longer declare go, those that others added stay.
pub(super) fn merged(declared: &Value, have: &Have, want: &Desired, last: Option<&Applied>) -> (Value, usize) {
    let named = View::of(&want.spec.own).people();
    let ours = |address: &str| last.is_some_and(|last| last.attendees.contains(&compare::hash(address)));
    let kept: Vec<Value> = View::of(&have.own)
        .attendees()
        // Nobody is removed on the strength of a mark that was not read.
        .filter(|_| have.unread.is_some() || !want.spec.exclusive)
        .filter(|other| other.address().is_some_and(|address| !named.contains(&address) && !ours(&address)))
        .map(Attendee::entry)
        .collect();
    let number = kept.len();
    (declared.as_array().into_iter().flatten().cloned().chain(kept).collect(), number)
}

/// Who changed the attendees: what is sent is a merged list, so its fingerprint is not the one that was applied.
pub(super) fn people_cause(it: &Difference, declared: Option<&Value>, have: &Have, last: Option<&Applied>) -> Cause {
    let Some(last) = last else { return Cause::Manifest };
    let live: BTreeSet<String> = View::of(&have.own).people().iter().map(|address| compare::hash(address)).collect();
    let now = fingerprint::of(it.field.compare, declared.unwrap_or(&Value::Null));
    diff::cause(last.fields.get(it.field.name), &now, last.attendees.is_subset(&live))
}

/// Tells whether somebody who stays gets another role.
pub(super) fn roles_differ(change: &Change) -> bool {
    let (Value::Object(live), Value::Object(want)) = (&change.current, &change.desired) else { return true };
    want.iter().any(|(name, role)| live.get(name).is_some_and(|live| live != role))
}

/// How many answers a change of time resets (attendees are asked again: event-update.md).
pub(super) fn resets(have: &Have) -> Option<String> {
    let said_yes = |it: &Attendee| matches!(it.response(), Response::Accepted | Response::Tentative);
    let yes = View::of(&have.own).attendees().filter(said_yes).count();
    (yes > 0).then(|| format!("the new time resets {}", count(yes, "acceptance")))
}

/// Why a list that others made longer cannot be sent: Graph takes 500 attendees (event.md).
pub(super) fn too_many(after: &People, stay: usize) -> Option<String> {
    const MOST: usize = 500;
    (after.len() > MOST).then(|| {
        format!(
            "with {} whom others added there would be {}, and Graph takes {MOST}: invite a distribution list, or write \
             `attendeePolicy: exclusive`",
            count(stay, "attendee"),
            after.len()
        )
    })
}

/// The rooms and other resources that declined: they answer by rules of their own, some time after they were invited.
pub(super) fn declined(have: &Have) -> Vec<String> {
    let attendees = View::of(&have.own).attendees();
    let no = attendees.filter(|it| it.is_resource() && it.response() == Response::Declined);
    no.filter_map(Attendee::address).map(|room| format!("{room} has declined: choose another room or time")).collect()
}

/// The attendees without the organizer, who is never mailed.
pub(super) fn people(one: &One, event: View, have: Option<&Have>, want: &Desired) -> People {
    let mut people = event.people();
    people.remove(&address(one, want, have));
    people
}

/// The organizer's address as far as it is known, else what the manifest calls them.
pub(super) fn address(one: &One, want: &Desired, have: Option<&Have>) -> String {
    match have {
        Some(have) => have_address(one, have),
        None => mailbox_address(one, &want.spec.organizer),
    }
}

/// The organizer's address, as the live event or the mailbox has it.
pub(super) fn have_address(one: &One, have: &Have) -> String {
    View::of(&have.own).organizer().unwrap_or_else(|| mailbox_address(one, &have.organizer))
}

/// The address behind a mailbox's name, as far as it is known.
pub(super) fn mailbox_address(one: &One, organizer: &str) -> String {
    let known = one.input.live.mailboxes.get(organizer).and_then(|mailbox| mailbox.address.clone());
    known.unwrap_or_else(|| organizer.into())
}
