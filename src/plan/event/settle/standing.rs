//! Whether a live event stands as it was applied, and its manifest says what it said then: the case of nearly all events of nearly all
//! plans, told without putting together what there would be to say and to send otherwise.
//!
//! What this says no to may still be in order: then the whole comparison finds that out.

use crate::kind::compare::{self, Compare};
use crate::kind::event::View;
use crate::kind::landed::{self, Text};
use crate::kind::{Field, Home, fingerprint};
use crate::model::{Applied, Desired, Have, Landed, Record};
use crate::plan::event::link::Fault;
use crate::plan::event::people;
use crate::plan::times::comparable;
use serde_json::{Map, Value};

/// Whether nothing is to be done with an event, and nothing said of it; `own` are the properties of its manifest.
pub(in crate::plan::event) fn stands(record: &Record, want: &Desired, own: &Map<String, Value>, have: &Have) -> bool {
    is_plain(want)
        && is_of(record, want, have)
        && properties(record, own, have)
        && people::declined(have).is_empty()
        && Fault::of(View::of(own), View::of(&have.own)).is_none()
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
        landed: Landed { fields: _, people, open },
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
    settled && known && place && object && said && rosters.is_empty()
}

/// Whether each property is declared as it was, and stands so.
fn properties(record: &Record, own: &Map<String, Value>, have: &Have) -> bool {
    let (kind, Applied { fields, attendees, .. }) = (have.key.kind(), &record.applied);
    let live = comparable(own, &have.own, have.clock.as_deref());
    let (mut landed, mut counted) = (record.landed.fields.iter(), 0);
    let declared = fields.iter().all(|(name, print)| {
        counted += 1;
        let (Some((of, landed)), Some(want)) = (landed.next(), own.get(name)) else { return false };
        let row = kind.field(Home::Own, name).filter(|field| field.is_declared() && of == name);
        row.is_some_and(|field| {
            let live = live.get(name).unwrap_or(&Value::Null);
            property(field, want, live, landed) && print == fingerprint::of(field.compare, want)
        })
    });
    let (invited, attendees_declared) = (View::of(own).people(), View::of(own).attendees().count());
    declared
        && (counted, None) == (own.len(), landed.next())
        // Each has an entry of their own, and nobody else is there.
        && [attendees.len(), invited.len()] == [invited.len(), attendees_declared]
        && invited.iter().all(|address| attendees.contains(&compare::hash(address)))
}

/// Whether one stands as it is declared, or as it landed where it reads otherwise than it was sent.
fn property(field: &Field, want: &Value, live: &Value, landed: &str) -> bool {
    match field.compare {
        Compare::Text => Text::read(landed).is_some_and(|text| !text.is_other && text.whole == landed::whole(live)),
        Compare::People => compare::same_people(want, live),
        other => compare::same(other, want, live),
    }
}
