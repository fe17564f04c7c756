//! Whether a live event stands as it was applied, and its manifest says what it said then: the case of nearly all events of nearly all
//! plans, told without putting together what there would be to say and to send otherwise.
//!
//! What this says no to may still be in order: then the whole comparison finds that out.

use crate::kind::compare::{self, Compare};
use crate::kind::event::View;
use crate::kind::landed::{self, Text};
use crate::kind::{Field, Home, fingerprint};
use crate::model::{Desired, Have, Landed, Record};
use crate::plan::event::link::Fault;
use crate::plan::event::people;
use crate::plan::times::comparable;
use crate::plan::{Action, One, Step};
use serde_json::{Map, Value};

/// Returns the step that does nothing, if that is all there is to an event.
pub(super) fn as_applied(one: &One, want: &Desired, have: &Have) -> Option<Step> {
    let record = one.record?;
    let stands = one.was.is_none()
        && is_plain(want)
        && is_of(record, want, have)
        && properties(record, want, have)
        && people::declined(have).is_empty()
        && Fault::of(want, have).is_none();
    stands.then(|| one.step(&want.spec.organizer, Action::NoOp))
}

/// Whether all that is declared of an event are properties of its own.
fn is_plain(want: &Desired) -> bool {
    want.spec.meeting.is_empty() && want.spec.exceptions.is_empty() && want.spec.through.is_empty()
}

/// Whether state and mark speak of this very object, alike, and say nothing of it that is still to come about.
fn is_of(record: &Record, want: &Desired, have: &Have) -> bool {
    let Record {
        organizer,
        calendar,
        id,
        join_web_url: None,
        external_id: None,
        expiry_date_time: None,
        applied,
        landed: Landed { fields, people, open },
        unanswered: None,
        intended: None,
        replaced,
        previously,
        cancel_comment,
        rosters,
    } = record
    else {
        return false;
    };
    let settled = people.is_empty() && open.is_empty() && replaced.is_empty() && previously.is_empty();
    let known = have.marked && have.unread.is_none() && have.applied.as_ref() == Some(applied);
    let place = *organizer == want.spec.organizer && *calendar == want.spec.calendar;
    let object = *id == have.id && *organizer == have.organizer && *calendar == have.calendar;
    let said = applied.released.is_empty() && applied.protect == want.protect && *cancel_comment == want.cancel_comment;
    let counted = [applied.fields.len(), fields.len()].iter().all(|number| *number == want.spec.own.len());
    settled && known && place && object && said && counted && rosters.is_empty()
}

/// Whether each property is declared as it was, and stands so.
fn properties(record: &Record, want: &Desired, have: &Have) -> bool {
    let (kind, own) = (want.key.kind(), &want.spec.own);
    let live = comparable(own, &have.own, have.clock.as_ref());
    let declared = own.iter().all(|(name, value)| {
        let row = kind.field(Home::Own, name).filter(|field| field.is_declared());
        row.is_some_and(|field| property(record, field, value, &live))
    });
    let invited = View::of(own).people();
    declared
        && invited.len() == record.applied.attendees.len()
        && invited.iter().all(|address| record.applied.attendees.contains(&compare::hash(address)))
}

fn property(record: &Record, field: &Field, want: &Value, live: &Map<String, Value>) -> bool {
    let name = field.label();
    let (Some(print), Some(landed)) = (record.applied.fields.get(&name), record.landed.fields.get(&name)) else {
        return false;
    };
    let live = live.get(field.name).unwrap_or(&Value::Null);
    let stands = match field.compare {
        Compare::Text => Text::read(landed).is_some_and(|text| !text.is_other && text.whole == landed::whole(live)),
        // Each has an entry of their own, and nobody else is there.
        Compare::People => {
            let people = compare::canonical(field.compare, want);
            let all = people.as_object().map(Map::len) == want.as_array().map(Vec::len);
            all && people == compare::canonical(field.compare, live)
        }
        other => compare::same(other, want, live),
    };
    stands && print == fingerprint::of(field.compare, want)
}
