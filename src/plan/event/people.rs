//! The attendees of an event: whom a list names, who changed it, whom the organizer's own address excludes.

use crate::kind::event::{Attendee, Response, View};
use crate::kind::{compare, fingerprint};
use crate::model::{Desired, Have};
use crate::plan::diff::{self, Difference, Fate};
use crate::plan::last::Last;
use crate::plan::mail::People;
use crate::plan::{Cause, Change, One};
use crate::plural::count;
use crate::reason::{Reason, Why};
use serde_json::Value;
use std::collections::BTreeSet;

/// Who changed the attendees: what is sent is a merged list, so its fingerprint is not the one that was applied. Attendees who are
/// invited last have a request of their own.
pub(super) fn people_cause(it: &Difference, declared: Option<&Value>, have: &Have, last: &Last) -> Cause {
    let live: BTreeSet<String> = View::of(&have.own).people().iter().map(|address| compare::hash(address)).collect();
    let now = fingerprint::of(it.field.compare, declared.unwrap_or(&Value::Null));
    let there = |sent: &str| {
        let others = last.reads_back(sent);
        live.contains(sent) || others.is_some_and(|others| others.is_empty() || !others.is_disjoint(&live))
    };
    let unchanged = last.is_unchanged(it.field.name, &now);
    let still = last.applied().is_some_and(|applied| applied.attendees.iter().all(there));
    let landed = last.landed(it.field.name).is_some();
    diff::cause(last, it.field.name, Fate { unchanged, still, landed, apart: true })
}

/// Tells whether somebody who stays gets another role.
pub(super) fn roles_differ(change: &Change) -> bool {
    let (Value::Object(live), Value::Object(want)) = (change.current.value(), change.desired.value()) else {
        return true;
    };
    want.iter().any(|(name, role)| live.get(name).is_some_and(|live| live != role))
}

/// How many answers a change of time resets (attendees are asked again: event-update.md).
pub(super) fn resets(have: &Have) -> Option<String> {
    let said_yes = |it: &Attendee| matches!(it.response(), Response::Accepted | Response::Tentative);
    let yes = View::of(&have.own).attendees().filter(said_yes).count();
    (yes > 0).then(|| format!("the new time resets {}", count(yes, "acceptance")))
}

/// Why a list that others made longer cannot be sent: Graph takes 500 attendees (event.md).
pub(super) fn too_many(after: &People, stay: usize) -> Option<Why> {
    const MOST: usize = 500;
    (after.len() > MOST).then(|| {
        Reason::TooManyAttendees.why(format!(
            "with {} whom others added there would be {}, and Graph takes {MOST}: invite a distribution list, or write \
             `attendeePolicy: exclusive`",
            count(stay, "attendee"),
            after.len()
        ))
    })
}

/// The rooms and other resources that declined: they answer by rules of their own, some time after they were invited.
pub(super) fn declined(live: View) -> Vec<String> {
    let no = live.attendees().filter(|it| it.is_resource() && it.response() == Response::Declined);
    no.filter_map(Attendee::address).map(|room| format!("{room} has declined: choose another room or time")).collect()
}

/// The attendees without the organizer, who is never mailed.
pub(super) fn people(one: &One, event: View, have: Option<&Have>, want: &Desired) -> People {
    let mut people = event.people();
    people.remove(&address(one, want, have));
    people
}

/// The rooms and other resources that are invited: what the manifest says somebody is goes before how they are live.
pub(super) fn rooms(want: Option<&Desired>, have: Option<&Have>) -> People {
    let declared = want.map(|want| View::of(&want.spec.own));
    let occurrences = have.and_then(|have| have.occurrences.as_ref());
    let changed = occurrences.into_iter().flat_map(|it| it.changed.values()).map(|it| View::of(&it.own));
    let live = have.map(|have| View::of(&have.own)).into_iter().chain(changed);
    let resources = |view: View| -> People {
        view.attendees().filter(|it| it.is_resource()).filter_map(Attendee::address).collect()
    };
    let rooms: People = live.flat_map(resources).collect();
    match declared {
        Some(declared) => &(&rooms - &declared.people()) | &resources(declared),
        None => rooms,
    }
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
