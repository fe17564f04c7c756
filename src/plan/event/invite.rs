//! When the attendees of an event are invited: with what is sent anyway, alone before it, or alone after everything else.
//!
//! Whoever is invited is to find the event as it is declared. An event that needs more than its create (a join link, options,
//! dates of its own) is made without attendees, and one PATCH of attendees alone invites everybody once. What it costs to
//! invite with the create is forecast too, so that a plan can say so.

use crate::kind::compare::Compare;
use crate::kind::event::View;
use crate::model::Desired;
use crate::plan::event::series::Exceptions;
use crate::plan::mail::{self, Mail, People};
use crate::plural::count;

/// What a plan says of attendees who are invited last.
pub(super) const LAST: &str = "attendees are invited last, once it is as declared";

/// When the attendees are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::plan) enum Order {
    /// With whatever else differs.
    Together,
    /// Alone, and then the rest: what attendees cannot see mails nobody for certain.
    First,
    /// Alone, after everything else: nobody is invited yet.
    Last,
}

/// Whether a create leaves something to do before people may be invited.
pub(super) fn is_last(want: &Desired, people: &People, exceptions: &Exceptions) -> bool {
    let shaped = !want.spec.meeting.is_empty() || !exceptions.requests.is_empty();
    (shaped || View::of(&want.spec.own).is_teams()) && !people.is_empty() && !want.invite_first
}

/// The event as it is made where its attendees are invited last.
pub(super) fn without_attendees(want: &Desired) -> Desired {
    let mut want = want.clone();
    if let Some(field) = want.key.kind().compared(Compare::People) {
        want.spec.own.remove(field.name);
    }
    want
}

/// What a plan says of a create whose attendees are invited last; `first` and `last` are the mails of either way.
pub(super) fn note(first: &[&[Mail]], last: &[Mail]) -> String {
    let (first, last) = (first.iter().map(|mails| mail::certain(mails)).sum::<usize>(), mail::certain(last));
    match first > last {
        true => format!("{LAST}; inviting first would send {}, not {last}", count(first, "mail")),
        false => LAST.into(),
    }
}
