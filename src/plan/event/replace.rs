//! What may no longer change on a live event, and the replacement that is the only way around it.

use crate::kind::event::View;
use crate::kind::{Field, Home, Writable};
use crate::model::{Applied, Desired, Have, Purpose, Record, Replaced};
use crate::plan::diff;
use crate::plan::event::refuse::refused;
use crate::plan::event::{cancel, invite, make, people, protected};
use crate::plan::last::{Last, last};
use crate::plan::{Action, Cause, Change, One, STILL_PROTECTED, Step};
use crate::plural::count;
use crate::reason::{Reason, Why};
use serde_json::Value;
use std::sync::Arc;

/// Returns the properties that differ and may not change any more, the mailbox and the calendar among them, but for those whose drift
/// is left; and the calendar, if that is one of these.
pub(super) fn immutable(one: &One, want: &Desired, have: &Have, last: &Last) -> (Vec<Change>, Option<Change>) {
    let live = one.input.live;
    let place = |field: &'static str, want: &str, have: &str, cause: Cause| Change {
        field: field.into(),
        current: have.into(),
        desired: want.into(),
        cause,
    };
    // The state has the calendar that was applied.
    let before = one.record.filter(|record| record.id == have.id && !record.applied.fields.is_empty());
    let organizer = &want.spec.organizer;
    let mut frozen = vec![];
    let (calendar, now) = (want.spec.calendar.as_deref(), have.calendar.as_deref());
    let mut moved = None;
    if !live.same_mailbox(organizer, &have.organizer) {
        frozen.push(place("organizer", organizer, &have.organizer, Cause::Manifest));
    } else if !live.same_calendar(organizer, calendar, now) {
        let drift = before.is_some_and(|it| live.same_calendar(organizer, calendar, it.calendar.as_deref()));
        let cause = if drift { Cause::Drift } else { Cause::Manifest };
        let name = |it: Option<&str>| it.unwrap_or("(default)").to_owned();
        moved = Some(place("calendar", &name(calendar), &name(now), cause));
    }
    let fixed = |field: &&Field| match field.writable {
        Writable::Until(name) => have.own.get(name) == Some(&Value::Bool(true)),
        Writable::OnCreate => true,
        Writable::Always | Writable::Never | Writable::Refused(_) => false,
    };
    let rows = want.key.kind().fields().filter(|field| field.home == Home::Own).filter(fixed);
    let own =
        rows.filter_map(|field| diff::of(want.key.kind(), field, &want.spec.own, diff::Live::of(&have.own), last));
    frozen.extend(own.map(|it| it.change));
    let stays = |it: &Change| it.cause == Cause::Drift && one.leaves_drift().is_some();
    frozen.retain(|it| !stays(it));
    let left = moved.take_if(|it| stays(it));
    frozen.splice(0..0, moved);
    (frozen, left)
}

/// What a replacement costs.
pub(super) fn price(one: &One, want: &Desired, have: &Have) -> String {
    let (out, back) = (
        people::people(one, View::of(&have.own), Some(have), want),
        people::people(one, View::of(&want.spec.own), None, want),
    );
    format!(
        "a replacement has a new join link, sends {} and {}, and leaves chat and recordings behind",
        count(out.len(), "cancellation"),
        count(back.len(), "invitation")
    )
}

/// Why these may not change on a live event.
pub(super) fn fixed(frozen: &[Change]) -> Why {
    let names = frozen.iter().map(|it| format!("`{}`", it.field)).collect::<Vec<_>>().join(", ");
    Reason::Fixed.why(format!("Graph never lets {names} change once it is set"))
}

/// A replacement for the sake of `frozen` where it is allowed, else a blocked step that names its price.
pub(super) fn replace(one: &One, want: &Desired, have: &Have, why: Why, frozen: Vec<Change>) -> Step {
    let price = price(one, want, have);
    let frozen: Vec<Arc<Change>> = frozen.into_iter().map(Arc::new).collect();
    let blocked = |why: Why, notes: Vec<String>| Step {
        changes: frozen.clone(),
        notes,
        ..one.blocked(&want.spec.organizer, why)
    };
    let Why { what: reason, .. } = &why;
    if let Some(other) = refused(one, want) {
        return blocked(other.after(&format!("{reason}; ")), vec![price]);
    }
    if protected(one, have) {
        let until = if want.protect { "" } else { STILL_PROTECTED };
        let what = format!("{reason}, and a protected event is never replaced{until}");
        return blocked(Reason::ProtectedFromReplacement.why(what), vec![]);
    }
    if !one.may_replace() {
        return blocked(why, vec![price, one.way_to_replace()]);
    }
    let applied = diff::next(want, last(one, have).applied());
    let intended = one.record.and_then(|record| record.intended).unwrap_or_default();
    let incarnation = intended.max(applied.incarnation.saturating_add(1));
    let created = make(one, want, Applied { counter: 1, incarnation, ..applied });
    // The new one is made first: should it be refused, the old one is still there. Its attendees are invited once the old one is
    // gone, which frees its room.
    let cancelled = cancel(one, have);
    let mut requests = created.requests;
    let invite = requests.pop_if(|it| it.purpose == Purpose::InviteAttendees);
    let notes = std::iter::once(price).chain(invite.as_ref().map(|_| invite::LAST.to_owned())).collect();
    Step {
        action: Action::Replace,
        reason: Some(why.what),
        changes: frozen,
        mail: created.mail.into_iter().chain(cancelled.mail).collect(),
        notes,
        requests: requests.into_iter().chain(cancelled.requests).chain(invite).collect(),
        ..one.step(&want.spec.organizer, Action::Replace)
    }
    .with_records(one, have, (created.intent, created.record))
}

impl Step {
    /// Before the first request the state holds the old one's id and what is to come; from the create to the end both ids.
    fn with_records(
        self,
        one: &One,
        have: &Have,
        (intent, record): (Option<Box<Record>>, Option<Box<Record>>),
    ) -> Step {
        let old = Record { organizer: have.organizer.clone(), id: have.id.clone(), ..Record::default() };
        let before = one.recorded().filter(|record| record.id == have.id).unwrap_or(old);
        let intended = intent.and_then(|intent| intent.intended);
        let replaced = vec![Replaced { organizer: have.organizer.clone(), id: have.id.clone() }];
        Step {
            intent: Some(Record { intended, ..before }.into()),
            record: record.map(|record| Record { replaced, ..*record }.into()),
            ..self
        }
    }
}
