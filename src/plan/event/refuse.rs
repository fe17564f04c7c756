//! What mailbox, calendar and live body forbid, before anything is sent.

use crate::kind::compare::Compare;
use crate::kind::event::View;
use crate::model::{Desired, Have};
use crate::plan::One;
use crate::plan::diff::Difference;
use crate::plan::event::text;
use crate::plan::requests;
use crate::reason::{Reason, Why};

/// Why an event cannot be made as declared, so far as its mailbox and calendar tell.
pub(super) fn refused(one: &One, want: &Desired) -> Option<Why> {
    let name = want.spec.calendar.clone().unwrap_or_default();
    let mailbox = one.input.live.mailboxes.get(&want.spec.organizer);
    let Some(calendar) = mailbox.and_then(|mailbox| mailbox.calendars.get(&name)) else {
        return (!name.is_empty()).then(|| Reason::NoCalendar.why(format!("the mailbox has no calendar `{name}`")));
    };
    if !calendar.can_edit {
        return Some(Reason::CalendarReadOnly.why("the calendar cannot be edited with this sign-in"));
    }
    let event = View::of(&want.spec.own);
    let provider = event.provider()?;
    if event.is_online() && !calendar.allowed_providers.contains(provider) {
        let allowed: Vec<_> = calendar.allowed_providers.iter().map(|name| format!("`{name}`")).collect();
        let allowed = if allowed.is_empty() { "none".to_owned() } else { allowed.join(", ") };
        let what = format!("the calendar does not allow the provider `{provider}`; it allows: {allowed}");
        return Some(Reason::Provider.why(what));
    }
    if !want.spec.meeting.is_empty() && requests::meetings(one, &want.spec.organizer).is_none() {
        let what = "the organizer's object id could not be found, and meeting options need it";
        return Some(Reason::NoObjectId.why(what));
    }
    None
}

/// Why a change cannot be sent: a provider that is not allowed.
pub(super) fn refused_change(one: &One, want: &Desired, have: &Have) -> Option<Why> {
    if View::of(&have.own).is_online() { None } else { refused(one, want) }
}

/// Why a new text cannot be put around the join block, if a text is to be sent.
pub(super) fn refused_text(have: &Have, own: &[Difference]) -> Option<Why> {
    let text = own.iter().any(|it| it.field.compare == Compare::Text);
    let why = text.then(|| text::uncertain(have)).flatten()?;
    Some(Reason::JoinBlock.why(format!("the join block of the live body cannot be found with certainty: {why}")))
}
