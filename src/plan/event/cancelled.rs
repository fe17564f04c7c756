//! Cancelled events that Exchange keeps in the calendar, with `Canceled:` before their subjects (observed).
//!
//! Such an event is not live any more: nothing is put back on it, since that would mail everybody. One that convoke cancelled
//! itself is nobody's; one that somebody else cancelled blocks its resource, since to make it anew would be to overrule them.

use crate::kind::event::View;
use crate::model::Have;
use crate::plan::event::candidates::incarnation;
use crate::plan::last::last;
use crate::plan::{Action, Gone, One, Step};
use crate::reason::Reason;

/// Leaves out the cancelled ones, unless nothing else is there and one is the event that was applied: the one that the state knows,
/// or the first that is of the incarnation which would be made now, since convoke goes on to the next with all that it removes.
pub(super) fn leave_out(one: &One, haves: &mut Vec<&Have>) {
    let is_cancelled = |have: &&Have| View::of(&have.own).is_cancelled();
    let alone = haves.iter().all(is_cancelled);
    let record = one.record.filter(|record| !record.id.is_empty());
    let known = |have: &&Have| match record {
        Some(record) => record.id == have.id,
        None => incarnation(have).unwrap_or_default() >= one.incarnation(),
    };
    let applied = haves.iter().copied().find(|have| alone && known(have));
    haves.retain(|have| !is_cancelled(have) || applied.is_some_and(|it| it.id == have.id));
}

/// The step of an event that somebody cancelled.
pub(super) fn step(one: &One, have: &Have) -> Option<Step> {
    if !View::of(&have.own).is_cancelled() {
        return None;
    }
    let Some(want) = one.want else {
        let note = "it stands in no manifest and is cancelled already: Exchange keeps it as that";
        return Some(Step { notes: vec![note.into()], ..one.step(&have.organizer, Action::NoOp) });
    };
    if let Some(step) = one.left_cancelled(want, last(one, have).applied()) {
        return Some(step);
    }
    let what = "somebody cancelled it, and Exchange keeps it in the calendar as a cancelled one";
    let why = Reason::CancelledLive.why(what);
    let hint = "delete it in Outlook, and the next apply makes it anew; or take its manifest away";
    Some(Step { hint: Some(hint.into()), gone: Some(Gone::Cancelled), ..one.blocked(&want.spec.organizer, why) })
}
