//! The requests of a step, as values with holes for what only an earlier answer can tell.
//!
//! Every write is put together here, so this is the place to ask of each: what if its answer is lost?

use crate::kind::event::{Claim, TRANSACTION_ID, View, read};
use crate::kind::{Field, Home, Kind, Patch as How, mark};
use crate::model::{Again, Applied, Body, Desired, Fills, Have, Method, Purpose, Request};
use crate::plan::diff::Difference;
use crate::plan::event::Order;
use crate::plan::{One, comment};
use crate::route::{self, EVENT_PREFER, MEETING_PREFER};
use serde_json::{Map, Value, json};

/// What differs, on the event and on its Teams meeting.
pub(super) struct Patch<'a> {
    pub own: &'a [Difference],
    pub meeting: &'a [Difference],
    /// What the marks are to say.
    pub applied: &'a Applied,
    /// The marks are sent even where no other property takes them along.
    pub mark: bool,
    /// When the attendees are sent.
    pub order: Order,
}

/// Returns the path of an organizer's online meetings, if the object id that it needs is known.
pub(super) fn meetings(one: &One, organizer: &str) -> Option<String> {
    one.input.live.meetings(organizer)
}

/// The create of an event, and then the PATCH of its Teams meeting.
pub(super) fn create_event(one: &One, want: &Desired, applied: &Applied) -> Vec<Request> {
    let calendar = want.spec.calendar.as_ref().and_then(|name| {
        one.input.live.mailboxes.get(&want.spec.organizer)?.calendars.get(name).map(|calendar| &calendar.id)
    });
    let place = calendar.map_or("/events".into(), |id| format!("/calendars/{}/events", route::encoded(id)));
    let mut body = want.spec.own.look().into_owned();
    body.insert(mark::PROPERTY.into(), marks(one, applied));
    let claim = claim(one, &want.spec.organizer, applied.incarnation);
    // A retry, a run after a crash and a second runner make no second event.
    body.insert(TRANSACTION_ID.into(), json!(claim.transaction_id()));
    let create = Request {
        purpose: Purpose::CreateEvent,
        method: Method::Post,
        path: route::mailbox(&want.spec.organizer) + &place,
        prefer: Some(EVENT_PREFER.into()),
        body: Some(body.into()),
        fills: Fills::of([("id", "/id")]),
        claim: Some(claim.into()),
        ..Request::default()
    };
    let rows: Vec<&Field> = want.key.kind().fields().filter(|it| it.home == Home::Meeting).collect();
    let mut requests = vec![create];
    requests.extend(options(one, want, "{id}", None, rows.into_iter()));
    requests
}

/// The PATCH of what differs on the event, and then the one of its Teams meeting. Attendees who are invited last are not in it.
pub(super) fn update_event(one: &One, want: &Desired, have: &Have, patch: &Patch) -> Vec<Request> {
    let path = event_path(&have.organizer, &route::encoded(&have.id));
    let (people, others): (Vec<_>, Vec<_>) = patch.own.iter().partition(|it| it.field.patch == How::People);
    let mut requests = vec![];
    let mut etag = have.etag.clone();
    let rest = match patch.order {
        Order::Together => patch.own.iter().collect(),
        Order::First => {
            let purpose = Purpose::ChangeAttendees;
            requests.push(patch_attendees(want, Some(have), Request { purpose, if_match: etag, ..at(&path) }));
            etag = Some(ETAG_HOLE.into());
            others
        }
        Order::Last => others,
    };
    debug_assert!(!people.is_empty() || patch.order == Order::Together, "an order is of attendees");
    if !rest.is_empty() {
        requests.extend(patch_event(one, want, have, patch, &rest, Request { if_match: etag.clone(), ..at(&path) }));
    }
    if patch.mark && patch.own.iter().all(|it| it.field.patch == How::People) {
        requests.push(patch_marks(one, want, Request { if_match: etag, ..at(&path) }, patch.applied));
    }
    let id = route::encoded(&have.id);
    let meeting = have.meeting.as_ref().and_then(|meeting| meeting.get("id")?.as_str());
    requests.extend(options(one, want, &id, meeting, patch.meeting.iter().map(|it| it.field)));
    requests
}

/// Invites everybody to an event that is as declared, after `before`: waits for its join link where that was not seen yet,
/// then sends the attendees alone, and then `after`. `have` is what was live; nothing where the event is made by this step.
pub(super) fn invite(want: &Desired, have: Option<&Have>, before: &[Request], after: Vec<Request>) -> Vec<Request> {
    let id = have.map_or("{id}".into(), |have| route::encoded(&have.id));
    let path = event_path(&want.spec.organizer, &id);
    let known = have.is_some_and(|have| View::of(&have.own).join_url().is_some());
    let seen = known || before.iter().any(|it| it.purpose == Purpose::ReadJoinLink);
    let look = (View::of(&want.spec.own).is_teams() && !seen).then(|| join_link(&path));
    // Our own writes move the etag: where it is stale, what applying reads then shows whether somebody else was invited.
    let if_match = have.and_then(|have| have.etag.clone());
    let invite = Request { purpose: Purpose::InviteAttendees, if_match, ..at(&path) };
    look.into_iter().chain([patch_attendees(want, have, invite)]).chain(after).collect()
}

/// A PATCH that holds attendees and nothing else: it mails only those who come or go (event-update.md). So no mark rides on it.
fn patch_attendees(want: &Desired, have: Option<&Have>, request: Request) -> Request {
    let kind = want.key.kind();
    let rows = kind.fields().filter(|field| field.home == Home::Own && field.patch == How::People);
    let body = body(rows, &want.spec.own);
    let names: Vec<&str> = body.keys().map(String::as_str).collect();
    let before = have.map_or(kind.digest(&names, &Map::new()), |have| kind.digest(&names, &have.own));
    Request {
        method: Method::Patch,
        again: Again::AfterRead,
        before: Some(before),
        fills: Fills::of([("etag", "/@odata.etag")]),
        body: Some(body.into()),
        ..request
    }
}

const ETAG_HOLE: &str = "{etag}";

fn patch_event(
    one: &One,
    want: &Desired,
    have: &Have,
    patch: &Patch,
    own: &[&Difference],
    request: Request,
) -> Vec<Request> {
    let mut body = body(own.iter().map(|it| it.field), &want.spec.own);
    // A PATCH that holds attendees and nothing else mails only those who change (event-update.md), so no mark rides on it.
    if own.iter().any(|it| it.field.patch != How::People) {
        body.insert(mark::PROPERTY.into(), marks(one, patch.applied));
    }
    let spliced = View::of(&have.own).is_online() && own.iter().any(|it| it.field.patch == How::Spliced);
    let names: Vec<&str> = body.keys().map(String::as_str).collect();
    let path = request.path.clone();
    let patch = Request {
        purpose: Purpose::UpdateEvent,
        method: Method::Patch,
        again: Again::AfterRead,
        before: Some(want.key.kind().digest(&names, &have.own)),
        splice: spliced.then(|| "live".into()),
        body: Some(body.into()),
        ..request
    };
    if spliced { around_join_link(&path, patch) } else { vec![patch] }
}

/// A PATCH of a text with what has to be read before it, and looked at after it: the join block and link.
pub(super) fn around_join_link(path: &str, patch: Request) -> Vec<Request> {
    let link = [("join", read::JOIN_URL), ("online", read::IS_ONLINE)];
    let look = |purpose: Purpose, fills: Fills| Request {
        purpose,
        fills,
        // The link of an event that was just made can still be missing (observed).
        until: true,
        ..at(&format!("{path}?$select={}", read::TEXT_AND_LINK))
    };
    let keeps = link.iter().map(|(hole, _)| hole.to_string()).collect();
    vec![
        look(Purpose::ReadJoinLink, Fills::of([link[0], link[1], ("live", read::CONTENT)])),
        patch,
        Request { keeps, ..look(Purpose::CheckJoinLink, Fills::of(link)) },
    ]
}

/// The PATCH of the marks alone: to rename, and to take protection on or off.
fn patch_marks(one: &One, want: &Desired, request: Request, applied: &Applied) -> Request {
    Request {
        purpose: Purpose::UpdateEvent,
        method: Method::Patch,
        again: Again::AfterRead,
        before: Some(want.key.kind().digest(&[], &Map::new())),
        body: Some(Body::of(&json!({mark::PROPERTY: marks(one, applied)}))),
        ..request
    }
}

/// Waits for the join link of an event: it can be null for some seconds after a create (observed).
fn join_link(path: &str) -> Request {
    Request {
        purpose: Purpose::ReadJoinLink,
        fills: Fills::of([("join", read::JOIN_URL)]),
        until: true,
        own_link: true,
        ..at(&format!("{path}?$select={}", read::LINK))
    }
}

/// A request about an event, to be made what it is for.
fn at(path: &str) -> Request {
    Request { path: path.into(), prefer: Some(EVENT_PREFER.into()), ..Request::default() }
}

/// The path of an event; `id` is encoded, or a hole.
fn event_path(organizer: &str, id: &str) -> String {
    format!("{}/events/{id}", route::mailbox(organizer))
}

/// Requests that set options of the Teams meeting behind an event: find it by its join link, then one PATCH.
fn options<'a>(
    one: &One,
    want: &Desired,
    event: &str,
    meeting: Option<&str>,
    rows: impl Iterator<Item = &'a Field>,
) -> Vec<Request> {
    let body = body(rows, &want.spec.meeting);
    let Some(meetings) = meetings(one, &want.spec.organizer).filter(|_| !body.is_empty()) else { return vec![] };
    let find = [
        join_link(&event_path(&want.spec.organizer, event)),
        // The meeting may not yet be found by a new link (observed).
        Request {
            purpose: Purpose::FindMeeting,
            // The hole is encoded like the link itself would be.
            path: format!("{meetings}?$filter=JoinWebUrl%20eq%20'{{join}}'"),
            prefer: Some(MEETING_PREFER.into()),
            fills: Fills::of([("meeting", "/value/0/id")]),
            until: true,
            ..Request::default()
        },
    ];
    let patch = Request {
        purpose: Purpose::SetOptions,
        method: Method::Patch,
        path: format!("{meetings}/{}", meeting.map_or("{meeting}".into(), route::encoded)),
        prefer: Some(MEETING_PREFER.into()),
        body: Some(body.into()),
        ..Request::default()
    };
    let find = if meeting.is_some() { vec![] } else { find.to_vec() };
    find.into_iter().chain([patch]).collect()
}

/// Cancels with a comment where somebody is told, else deletes (event-cancel.md, event-delete.md).
/// `id` is encoded, or a hole.
pub(super) fn cancel_event(one: &One, organizer: &str, id: &str, attended: bool) -> Request {
    let path = event_path(organizer, id);
    let said = comment::of(&one.input.policy.comment, one.key, one.want, one.record);
    let (method, path, body) = match attended {
        true => (Method::Post, path + "/cancel", Some(Body::of(&comment::body(said)))),
        false => (Method::Delete, path, None),
    };
    let prefer = Some(EVENT_PREFER.into());
    Request { purpose: Purpose::CancelEvent, method, path, prefer, body, gone: true, ..Request::default() }
}

/// Lets a removal fail if what is removed is not what it was when it was planned.
pub(super) fn guarded(
    request: Request,
    rows: &[&Field],
    etag: Option<String>,
    have: (&Kind, &Map<String, Value>),
) -> Request {
    let (kind, live) = have;
    let names = rows.iter().map(|field| field.name);
    let names: Vec<&str> = names.filter(|name| live.contains_key(*name)).collect();
    let before = Some(kind.digest(&names, live));
    Request { if_match: etag, before, guards: names.iter().map(|name| name.to_string()).collect(), ..request }
}

/// Returns the members of a body for these rows, with what must be sent together with them.
pub(super) fn body<'a>(rows: impl Iterator<Item = &'a Field>, values: &Map<String, Value>) -> Map<String, Value> {
    let mut body = Map::new();
    for field in rows {
        for name in std::iter::once(&field.name).chain(field.patch.along()) {
            if let Some(value) = values.get(*name) {
                body.insert(name.to_string(), value.clone());
            }
        }
    }
    body
}

fn marks(one: &One, applied: &Applied) -> Value {
    mark::write(&one.input.policy.workspace, one.key.name(), applied, one.input.records.serial, &one.run[..8])
}

/// Returns whose event a create makes, or made, in a mailbox.
pub(super) fn claim(one: &One, organizer: &str, incarnation: u64) -> Claim {
    let id = one.input.live.mailboxes.get(organizer).and_then(|mailbox| mailbox.id.clone());
    let mailbox = id.unwrap_or_else(|| organizer.to_owned());
    Claim { workspace: one.input.policy.workspace.clone(), name: one.key.name().into(), mailbox, incarnation }
}
