//! The step of one event.
//!
//! Knows which live event is ours, what may no longer change, what an attendee list becomes, and what a body
//! needs. Requests are put together in `requests`.

mod cancelled;
mod candidates;
mod guests;
mod invite;
mod link;
mod merged;
mod occurrence;
pub(super) mod owner;
mod past;
mod people;
mod refuse;
mod replace;
pub(super) mod series;
mod settle;
mod text;
mod write_date;

pub(super) use crate::plan::event::invite::Order;

use crate::kind::compare::Compare;
use crate::kind::event::{self, View};
use crate::kind::workspace::Prune;
use crate::kind::{Home, body};
use crate::model::{Applied, Desired, Have, Record, Request};
use crate::plan::diff;
use crate::plan::event::candidates::{Candidates, candidates, doubt, named};
use crate::plan::event::occurrence::Series;
use crate::plan::event::owner::claimed;
use crate::plan::event::refuse::refused;
use crate::plan::event::series::Exceptions;
use crate::plan::event::settle::settle;
pub(super) use crate::plan::event::settle::{digest, is_plain};
use crate::plan::last::last;
use crate::plan::requests;
use crate::plan::seen::seen;
use crate::plan::{Action, Cause, Change, Gone, One, Step};
use crate::plan::{ahead, mail, rosters};
use crate::reason::{Reason, Why};
use crate::route;
use jiff::tz::TimeZone;
use serde_json::{Map, Value};
use std::sync::Arc;

/// Whether nothing is to be done with an event and nothing said of it, if it is the only one of its key: what can be told of that
/// without looking at everything. `own` are the properties of its manifest.
pub(super) fn stands(record: &Record, want: &Desired, own: &Map<String, Value>, have: &Have) -> bool {
    let live = View::of(&have.own);
    !live.is_cancelled() && live.is_organizer() != Some(false) && settle::stands(record, want, own, have)
}

/// Returns the steps of one key: one for the resource, and one for each duplicate of it.
pub(super) fn steps(one: &One, mut haves: Vec<&Have>) -> Vec<Step> {
    cancelled::leave_out(one, &mut haves);
    let Candidates { ours, duplicates, copies, doubtful } = candidates(one, haves);
    let step = match (one.want, ours) {
        _ if !doubtful.is_empty() => Some(doubt(one, &doubtful)),
        (Some(want), Some(have)) => {
            let open = one.unknown(&want.spec.organizer).or_else(|| claimed(one, have));
            let open = open.or_else(|| given_away(one, have));
            let open = open.or_else(|| cancelled::step(one, have));
            let settled = || match () {
                () if have.settled => one.step(&want.spec.organizer, Action::NoOp),
                () if one.is_adopting(have) => adopt(one, want, have),
                () => settle(one, want, have),
            };
            Some(open.unwrap_or_else(settled))
        }
        (Some(want), None) => {
            let open = one.unknown(&want.spec.organizer).or_else(|| one.not_adopted(&want.spec.organizer));
            let open = open.or_else(|| one.left_removed(want));
            Some(open.unwrap_or_else(|| create(one, want)))
        }
        (None, Some(have)) => {
            let open = one.unknown(&have.organizer).or_else(|| claimed(one, have));
            let open = open.or_else(|| given_away(one, have)).or_else(|| cancelled::step(one, have));
            Some(open.unwrap_or_else(|| prune(one, have, one.why_removed())))
        }
        // Known from the state only: it is gone, or its mailbox cannot be read.
        (None, None) => one.let_go().or_else(|| one.unknown(&one.record?.organizer)),
    };
    let step = step.map(|mut step| {
        step.notes.extend(candidates::notes(one, &copies));
        if !step.mail.is_empty() {
            mail::tell_rooms(&mut step.mail, &people::rooms(one.want, ours));
        }
        step.seen = ours.map(|have| seen(step.action, one.want, have));
        let mut record = step.record.take().map(|record| one.with_replaced(record, ours));
        if let (Some(record), Some(want)) = (&mut record, one.want) {
            record.rosters = rosters::digests(want);
        }
        step.record = record.filter(|record| step.action != Action::NoOp || !one.is_recorded(record));
        step
    });
    let duplicates = duplicates.into_iter().map(|have| {
        let mut step = claimed(one, have).unwrap_or_else(|| prune(one, have, LEFT));
        mail::tell_rooms(&mut step.mail, &people::rooms(None, Some(have)));
        Step { record: None, intent: None, duplicate: true, seen: Some(seen(step.action, None, have)), ..step }
    });
    step.into_iter().chain(duplicates).collect()
}

/// A blocked step, if the event that the state knows is not its mailbox's own any more: convoke makes only what the mailbox
/// organizes, and to make another one would be to make it twice.
fn given_away(one: &One, have: &Have) -> Option<Step> {
    let foreign = View::of(&have.own).is_organizer() == Some(false);
    let what =
        "the event that was applied is organized by somebody else now, so it cannot be changed from this mailbox";
    let hint = "look at it in Outlook; once it is deleted there, it is made again";
    let notes = || vec![format!("it is {}", named(one, have))];
    let gone = Some(Gone::GivenAway);
    foreign.then(|| Step {
        hint: Some(hint.into()),
        notes: notes(),
        gone,
        ..one.blocked(&have.organizer, Reason::GivenAway.why(what))
    })
}

/// The step that takes over what nobody has said is ours. Nothing is sent for that: the state alone says so, and the mark rides on the next
/// change.
fn adopt(one: &One, want: &Desired, have: &Have) -> Step {
    let mut step = settle(one, want, have);
    let it = named(one, have);
    match step.action {
        Action::NoOp => Step { reason: Some(format!("it takes over {it}")), action: Action::Adopt, ..step },
        // It would go as soon as it is ours.
        Action::Replace => {
            let why = Reason::AdoptedAndReplaced.why(format!("it takes over {it}, which would be replaced at once"));
            let hint = "adopt it with the values that it has, then change them";
            Step { hint: Some(hint.into()), ..one.blocked(&want.spec.organizer, why) }
        }
        Action::Create | Action::Update | Action::Cancel | Action::Adopt | Action::Blocked => {
            step.notes.insert(0, format!("it takes over {it}"));
            step
        }
    }
}

fn create(one: &One, want: &Desired) -> Step {
    let applied = diff::next(want, one.record.map(|record| &record.applied));
    one.with_deletion(want, make(one, want, Applied { incarnation: one.incarnation(), ..applied }))
}

/// The create; `applied` is what the marks and the state are to say of it.
fn make(one: &One, want: &Desired, applied: Applied) -> Step {
    if let Some(why) = refused(one, want) {
        return one.blocked(&want.spec.organizer, why);
    }
    let event = View::of(&want.spec.own);
    let people = people::people(one, event, None, want);
    let none = mail::People::new();
    let exceptions = |invited: &mail::People, later: Option<&mail::People>| {
        let id = "{id}".to_owned();
        let (before, after, fresh) = (&none, invited, true);
        let series = Series { want, have: None, left: &[], id, before, after, later, fresh, last: None };
        series::exceptions(one, &series)
    };
    let mut step = one.step(&want.spec.organizer, Action::Create);
    step.changes = declared(want).into_iter().map(Arc::new).collect();
    step.mail = mail::of_create(&people::address(one, want, None), &people);
    // A key that had an object keeps its id until it is certain that there is another one.
    let before = one.recorded().unwrap_or_else(|| record(want, "", Applied::default()));
    step.intent = Some(Record { intended: Some(applied.incarnation), ..before }.into());
    step.record = Some(record(want, "{id}", applied.clone()).into());
    let first = exceptions(&people, None);
    if invite::is_last(want, &people, &first) {
        let last = exceptions(&none, Some(&people));
        let invitations = [step.mail.clone(), series::repeated(&step.mail, last.changed.len())].concat();
        let all = [&invitations[..], &last.mail].concat();
        step.notes.push(invite::note(&[&step.mail, &first.mail], &all));
        step.mail = invitations;
        if !last.changed.is_empty() {
            step.notes.push(series::once_more(last.changed.len()));
        }
        step.requests = requests::create_event(one, &invite::without_attendees(want), &applied);
        let after = step.add(last);
        step.requests.extend(requests::invite(want, None, &step.requests, after));
    } else {
        step.requests = requests::create_event(one, want, &applied);
        step.add(first);
    }
    step.notes.extend(event.recurrence().and_then(ahead::extent));
    step.notes.extend(ahead::odd(event));
    step.notes.extend(one.orphaned());
    step.notes.extend(beyond_window(one, want));
    if past::ended(one, &want.spec.own) {
        step.notes.push("it lies in the past".into());
    }
    step
}

impl Step {
    /// Adds what becomes of the exceptions of its series; a blocked step sends nothing. Returns what is sent once everybody is invited.
    fn add(&mut self, exceptions: Exceptions) -> Vec<Request> {
        let Exceptions { changes, left, mail, requests, after, notes, landed: _, changed: _, skipped: _ } = exceptions;
        self.changes.extend(changes.into_iter().map(Arc::new));
        self.drift.extend(left.into_iter().map(Arc::new));
        self.notes.extend(notes);
        if self.action != Action::Blocked {
            self.mail.extend(mail);
            self.requests.extend(requests);
        }
        after
    }
}

const UNREAD: &str = "its mark could not be read whole, so what was applied to it is not known";

/// Why an event goes that another one took the place of.
const LEFT: &str = "it was left behind when another event took its place";

fn prune(one: &One, have: &Have, why: &str) -> Step {
    let policy = one.input.policy;
    let blocked =
        |why: Why| Step { notes: vec![format!("it is {}", named(one, have))], ..one.blocked(&have.organizer, why) };
    if have.unread.is_some() {
        return blocked(Reason::MarkUnread.why(format!("{why}, and {UNREAD}: it may be protected")));
    }
    if protected(one, have) {
        return blocked(match one.want {
            Some(_) => Reason::Protected
                .why(format!("{why} and is protected: with `lifecycle: {{protect: false}}` the next apply removes it")),
            None => one.why_protected(),
        });
    }
    let ended =
        || (!policy.destroy && past::has_ended(one, have)).then(|| format!("{why} and has ended: left as it is"));
    let left = match policy.keeps(one.key, why) {
        Some(note) if policy.prune == Prune::Keep => Some(note),
        note => ended().or(note),
    };
    match left {
        Some(note) => Step { notes: vec![note], ..one.step(&have.organizer, Action::NoOp) },
        None => Step { reason: Some(why.into()), intent: Some(removal(one, have).into()), ..cancel(one, have) },
    }
}

/// What the state holds while an event is being removed: what comes after it is of the next incarnation.
fn removal(one: &One, have: &Have) -> Record {
    let last = last(one, have).applied().cloned().unwrap_or_default();
    let intended = Some(last.incarnation.saturating_add(1));
    let Have { organizer, calendar, id, .. } = have.clone();
    let unknown = Record { organizer, calendar, id, applied: last, ..Record::default() };
    Record { intended, ..one.recorded().unwrap_or(unknown) }
}

fn cancel(one: &One, have: &Have) -> Step {
    let organizer = people::have_address(one, have);
    let mut people = View::of(&have.own).people();
    people.remove(&organizer);
    let kind = have.key.kind();
    let request = requests::cancel_event(one, &have.organizer, &route::encoded(&have.id), !people.is_empty());
    Step {
        notes: vec![format!("it is {}", named(one, have))],
        mail: mail::of_cancel(&organizer, &people, mail::Because::Cancelled),
        requests: vec![requests::guarded(request, &kind.guards(), have.etag.clone(), (kind, &have.own))],
        ..one.step(&have.organizer, Action::Cancel)
    }
}

fn declared(want: &Desired) -> Vec<Change> {
    let none = serde_json::Map::new();
    let kind = want.key.kind();
    let between = |home, want| diff::between(kind, home, want, diff::Live::of(&none), None).differences;
    let own = between(Home::Own, &want.spec.own);
    let text = kind.compared(Compare::Text).and_then(|field| {
        let text = want.spec.own.get(field.name)?;
        Some(Change {
            field: field.name.into(),
            current: Value::Null.into(),
            desired: body::text_with_links(text, None).into(),
            cause: Cause::Manifest,
        })
    });
    let meeting = between(Home::Meeting, &want.spec.meeting);
    own.into_iter().map(|it| it.change).chain(text).chain(meeting.into_iter().map(|it| it.change)).collect()
}

fn record(want: &Desired, id: &str, applied: Applied) -> Record {
    Record {
        organizer: want.spec.organizer.clone(),
        calendar: want.spec.calendar.clone(),
        id: id.into(),
        applied,
        cancel_comment: want.cancel_comment.clone(),
        ..Record::default()
    }
}

/// Whether it is protected: by its manifest, by what was last applied, or perhaps by a mark that was not read. That a manifest takes
/// protection off counts once an apply has written it.
fn protected(one: &One, have: &Have) -> bool {
    let marked = last(one, have).applied().is_some_and(|last| last.protect) || is_marked_protected(have);
    have.unread.is_some() || marked || one.want.is_some_and(|want| want.protect)
}

fn is_marked_protected(have: &Have) -> bool {
    have.applied.as_ref().is_some_and(|applied| applied.protect)
}

/// What rooms may decline for being too far ahead; what is so whenever it is booked, the manifest's own note says.
fn beyond_window(one: &One, want: &Desired) -> Option<String> {
    let event = View::of(&want.spec.own);
    let today = one.input.now.to_zoned(TimeZone::UTC).date();
    event::beyond_window(event, today).filter(|_| event::long_for_rooms(event).is_none())
}
