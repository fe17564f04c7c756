//! Whether a live event stands as it was applied, and its manifest says what it said then: the case of nearly all events of nearly all
//! plans, told without putting together what there would be to say and to send otherwise.
//!
//! What this says no to may still be in order: then the whole comparison finds that out.

use crate::kind::compare::{self, Compare};
use crate::kind::event::{Glance, View};
use crate::kind::landed::{self, Text};
use crate::kind::stood::{Parts, Stood};
use crate::kind::{Field, Home, fingerprint};
use crate::model::{Applied, Desired, Have, Landed, Record};
use crate::plan::event::link::Fault;
use crate::plan::event::people;
use crate::plan::times::comparable;
use serde_json::{Map, Value};

/// Whether nothing is to be done with an event, and nothing said of it; `own` are the properties of its manifest.
pub(in crate::plan::event) fn stands(record: &Record, want: &Desired, own: &Map<String, Value>, have: &Have) -> bool {
    let known = have.marked && have.unread.is_none() && have.applied.as_ref() == Some(&record.applied);
    let place = *have.organizer == record.organizer && have.calendar == record.calendar && have.id == record.id;
    known
        && place
        && is_plain(record, want)
        && properties(record, own, have)
        && people::declined(View::of(&have.own)).is_empty()
        && Fault::of(View::of(own), View::of(&have.own)).is_none()
}

/// Returns a digest of all that told so of an event that stands, but for what `is_plain` and the place of the event tell; none where
/// a room has declined, or it cannot be read who is invited.
pub(in crate::plan) fn digest(workspace: &str, record: &Record, want: &Desired, listed: &Glance) -> Option<Stood> {
    let Record { applied: Applied { fields, attendees, counter, incarnation, .. }, landed, .. } = record;
    let mut parts = Parts::of(workspace);
    parts.add(want.key.name(), &want.spec.own.text());
    parts.add(fields.text(), attendees.text());
    parts.add(landed.fields.text(), &format!("{counter} {incarnation}"));
    let answered = listed.add(&mut parts).ok()?;
    let declined = answered.is_some_and(|people| !people::declined(View::of(&people)).is_empty());
    (!declined).then(|| parts.end())
}

/// Whether all that is declared of an event are properties of its own, and the state says nothing of it that is still to come about.
pub(in crate::plan) fn is_plain(record: &Record, want: &Desired) -> bool {
    let Record {
        organizer,
        calendar,
        id: _,
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
        stood: _,
    } = record
    else {
        return false;
    };
    let own = want.spec.meeting.is_empty() && want.spec.exceptions.is_empty() && want.spec.through.is_empty();
    let settled = people.is_empty() && open.is_empty() && replaced.is_empty() && previously.is_empty();
    let place = *organizer == want.spec.organizer && *calendar == want.spec.calendar;
    let said = applied.released.is_empty() && applied.protect == want.protect && *cancel_comment == want.cancel_comment;
    own && settled && place && said && rosters.is_empty()
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
