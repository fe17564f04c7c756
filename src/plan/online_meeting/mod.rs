//! The step of one standalone online meeting.
//!
//! Graph has no list of online meetings: what is live is known by the id in the state, and a meeting that the state does
//! not know is made by createOrGet, which returns the one that already has the key (onlinemeeting-createorget.md).
//! Online meetings mail nobody.

pub mod channel;
mod parts;
mod unresolved;

use crate::kind::online_meeting::{EXTERNAL_ID, JOIN_URL, View, expiry};
use crate::kind::{Field, Home, Writable};
use crate::model::{Applied, Desired, Fills, Have, Method, Purpose, Record, Replaced, Request};
use crate::plan::diff::{self, Compared, Difference};
use crate::plan::drift;
use crate::plan::last::Last;
use crate::plan::online_meeting::parts::{all, differences, external_id, no_object_id, record};
use crate::plan::requests;
use crate::plan::seen::seen;
use crate::plan::{Action, Cause, Change, One, STILL_PROTECTED, Step};
use crate::reason::Reason;
use crate::route::{self, MEETING_PREFER};
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// Returns the steps of one key: one for the resource, if anything is known of it, and one for each meeting that it took the
/// place of and that is still there.
pub(super) fn steps(one: &One, haves: Vec<&Have>) -> Vec<Step> {
    let is_left =
        |have: &&Have| one.record.is_some_and(|it| it.id != have.id && it.replaced.iter().any(|old| old.id == have.id));
    let (left, haves): (Vec<_>, Vec<_>) = haves.into_iter().partition(is_left);
    // What was replaced and is wanted again where it was: createOrGet would give it back, so it is not removed.
    let wanted =
        |have: &&Have| one.want.is_some_and(|want| one.input.live.same_mailbox(&want.spec.organizer, &have.organizer));
    let (back, left): (Vec<_>, Vec<_>) = left.into_iter().partition(wanted);
    // What was about to be made for another organizer is in no list, and nobody else would ever look for it.
    let moved = |to: &str| one.want.is_some_and(|want| !one.input.live.same_mailbox(&want.spec.organizer, to));
    let open = one.record.filter(|it| unresolved::is_open(it) && it.id.is_empty() && moved(&it.organizer));
    let have = haves.first().or(back.first().filter(|_| open.is_some())).copied();
    let step = step(one, have).map(|step| {
        let record = step.record.map(|record| one.with_replaced(record, have));
        Step { seen: have.map(|have| seen(step.action, one.want, have)), record, ..step }
    });
    let unknown = step.as_ref().is_some_and(|step| step.unknown);
    let left = left.into_iter().filter(|_| !unknown).map(|have| {
        let step = prune(one, have, LEFT);
        Step { record: None, duplicate: true, seen: Some(seen(step.action, None, have)), ..step }
    });
    let left = left.chain(open.map(|record| Step { duplicate: true, ..unresolved::step(one, record) }));
    let left: Vec<Step> = left.collect();
    step.into_iter().chain(left).collect()
}

/// Why a meeting goes that another one took the place of.
const LEFT: &str = "it was left behind when another meeting took its place";

fn step(one: &One, have: Option<&Have>) -> Option<Step> {
    let open = |organizer: &str| {
        let refused = || one.not_adopted(organizer).filter(|_| have.is_none());
        one.unknown(organizer).or_else(refused).or_else(|| channel::question(one, have))
    };
    Some(match (one.want, have) {
        (Some(want), have) => open(&want.spec.organizer).unwrap_or_else(|| match have {
            Some(have) if !one.input.live.same_mailbox(&have.organizer, &want.spec.organizer) => {
                move_to(one, want, have)
            }
            Some(have) => settle(one, want, have),
            None => one.left_removed(want).unwrap_or_else(|| {
                let step = if channel::is_channel(want) { channel::create(one, want) } else { create(one, want) };
                one.with_deletion(want, step)
            }),
        }),
        (None, Some(have)) => one.unknown(&have.organizer).unwrap_or_else(|| prune(one, have, one.why_removed())),
        (None, None) if one.let_go().is_some() => return one.let_go(),
        (None, None) => match one.record.map(|record| (open(&record.organizer), record)) {
            Some((Some(step), _)) => step,
            Some((None, record)) if record.unanswered.is_some() => channel::forgotten(one, record),
            Some((None, record)) if unresolved::is_open(record) => unresolved::step(one, record),
            Some((None, _)) | None => return None,
        },
    })
}

/// Parameters that createOrGet takes; everything else it ignores (onlinemeeting-createorget.md).
fn in_create(field: &Field) -> bool {
    field.home == Home::Own && field.writable == Writable::Always
}

fn create(one: &One, want: &Desired) -> Step {
    let Some(path) = requests::meetings(one, &want.spec.organizer) else {
        return one.blocked(&want.spec.organizer, no_object_id());
    };
    let external = external_id(one, want);
    if let Some(other) =
        one.input.records.made_as(&external).filter(|other| *other != one.key && Some(*other) != one.was)
    {
        let what = format!("{other} was made under this name, and Graph would give that one back: choose another name");
        return one.blocked(&want.spec.organizer, Reason::NameWasTaken.why(what));
    }
    let mut step = one.step(&want.spec.organizer, Action::Create);
    step.changes = differences(want, &Map::new(), None).differences.into_iter().map(|it| it.change.into()).collect();
    let orphaned = one.orphaned();
    let gone = parts::gone(one).filter(|_| orphaned.is_none());
    step.reason = gone.or(Some("or adopt what this key already has".into()));
    step.notes.extend(orphaned);
    let kind = want.key.kind();
    let unset = |field: &&Field| field.writable == Writable::OnCreate && want.spec.own.contains_key(field.name);
    for field in kind.fields().filter(unset) {
        step.notes.push(format!(
            "`{}` cannot be sent with createOrGet, the only create that is safe to repeat; it is compared after the create",
            field.name
        ));
    }
    step.requests = requests_of_create(want, &path, &external);
    step.record = Some(record(one, want, "{id}", diff::next(want, None)).into());
    step.intent = Some(unresolved::intent(one, want).into());
    step
}

fn requests_of_create(want: &Desired, path: &str, external: &str) -> Vec<Request> {
    let kind = want.key.kind();
    let body = requests::body(kind.fields().filter(|field| in_create(field)), &want.spec.own);
    // The stored meeting comes back as it is, whatever was asked: so everything is sent once more.
    let always = kind.fields().filter(|field| field.writable == Writable::Always);
    vec![create_or_get(path, external, body), patch(path, "{id}", requests::body(always, &all(want)))]
}

/// The create that is safe to repeat, and the only way to find a meeting by its `externalId`.
fn create_or_get(path: &str, external: &str, mut body: Map<String, Value>) -> Request {
    body.insert(EXTERNAL_ID.into(), json!(external));
    Request {
        purpose: Purpose::CreateOrGetMeeting,
        method: Method::Post,
        path: format!("{path}/{}", route::CREATE_OR_GET),
        prefer: Some(MEETING_PREFER.into()),
        body: Some(body.into()),
        fills: Fills::of([("id", "/id"), ("join", JOIN_URL)]),
        ..Request::default()
    }
}

/// Reads a meeting for its join link.
pub(super) fn read(path: &str, id: &str) -> Request {
    Request {
        purpose: Purpose::ReadMeeting,
        path: format!("{path}/{id}"),
        prefer: Some(MEETING_PREFER.into()),
        fills: Fills::of([("join", JOIN_URL)]),
        ..Request::default()
    }
}

fn patch(path: &str, id: &str, body: Map<String, Value>) -> Request {
    Request {
        purpose: Purpose::UpdateMeeting,
        method: Method::Patch,
        path: format!("{path}/{id}"),
        prefer: Some(MEETING_PREFER.into()),
        body: Some(body.into()),
        ..Request::default()
    }
}

fn settle(one: &One, want: &Desired, have: &Have) -> Step {
    let last = one.record.map(|record| &record.applied);
    let before = Last::of_record(one.record);
    let Compared { mut differences, mut landed, mut notes } = differences(want, &have.own, Some(&before));
    let left = drift::left(one, &before, [&mut differences], &mut landed);
    notes.extend(one.leaves_drift().filter(|_| !left.is_empty()));
    let (frozen, changed): (Vec<_>, Vec<_>) =
        differences.into_iter().partition(|it| it.field.writable == Writable::OnCreate);
    let Some(path) = requests::meetings(one, &want.spec.organizer) else {
        return one.blocked(&want.spec.organizer, no_object_id());
    };
    if !frozen.is_empty() {
        let names = frozen.iter().map(|it| format!("`{}`", it.change.field)).collect::<Vec<_>>().join(", ");
        let (reason, way_out) = match channel::is_channel(want) {
            true => (
                format!("Graph fixes {names} when the meeting is made"),
                "leave it as it is, or declare a meeting under another name: it gets a join link of its own",
            ),
            false => (
                format!("Graph fixes {names} when the meeting is made, and createOrGet takes no value for it"),
                "a replacement would not help: leave the property out, or give the meeting another name once the tenant's \
                 default is what you want",
            ),
        };
        return Step {
            changes: frozen.into_iter().map(|it| it.change.into()).collect(),
            notes: vec![way_out.into()],
            ..one.blocked(&want.spec.organizer, Reason::FixedWithMeeting.why(reason))
        };
    }
    let body = requests::body(changed.iter().map(|it| it.field), &all(want));
    let adopted = one.record.is_none_or(|record| record.id.is_empty());
    let action = match changed.is_empty() {
        _ if adopted => Action::Adopt,
        true if one.was.is_none() => Action::NoOp,
        true | false => Action::Update,
    };
    let id = route::encoded(&have.id);
    let counter = last.map_or(0, |last| last.counter).saturating_add(u64::from(!body.is_empty()));
    let applied = Applied { counter, ..diff::next(want, last) };
    // The state does not know the link of what it takes over.
    let look = adopted.then(|| read(&path, &id));
    let patch = (!body.is_empty()).then(|| patch(&path, &id, body));
    let expires = View::of(&have.own).expires();
    // Whatever is sent puts it off (onlinemeeting.md).
    let warning = expires.filter(|_| patch.is_none()).and_then(|at| expiry::warning(at, one.input.now));
    notes.extend(diff::let_go(want.key.kind(), &diff::applied(want), last, (false, one.today())));
    Step {
        drift: left.into_iter().map(Arc::new).collect(),
        notes: notes.into_iter().chain(warning).collect(),
        requests: look.into_iter().chain(patch).collect(),
        record: Some(Record { landed, expiry_date_time: expires, ..record(one, want, &have.id, applied) }.into()),
        ..one.step(&want.spec.organizer, action)
    }
    .with_changes(changed)
}

impl Step {
    fn with_changes(self, changed: Vec<Difference>) -> Step {
        Step { changes: changed.into_iter().map(|it| it.change.into()).collect(), ..self }
    }
}

/// Another organizer is another meeting: the new one is made, then the old one deleted.
fn move_to(one: &One, want: &Desired, have: &Have) -> Step {
    let reason = "Graph never lets `organizer` change: an online meeting belongs to one user".to_owned();
    let price = "a replacement has a new join link and leaves chat and recordings behind".to_owned();
    let change = Change {
        field: "organizer".into(),
        current: have.organizer.as_str().into(),
        desired: want.spec.organizer.as_str().into(),
        cause: Cause::Manifest,
    };
    let changes = vec![change.into()];
    let blocked = |why: Reason, what: String, notes: Vec<String>| Step {
        changes: changes.clone(),
        notes,
        ..one.blocked(&want.spec.organizer, why.why(what))
    };
    if channel::is_channel(want) {
        let way_out = "take it out of the manifests and apply, then declare it again: a meeting in a channel is not replaced in \
                       one go";
        return blocked(Reason::Fixed, reason, vec![way_out.into()]);
    }
    if want.protect || one.record.is_some_and(|record| record.applied.protect) {
        let until = if want.protect { "" } else { STILL_PROTECTED };
        let what = format!("{reason}, and a protected meeting is never replaced{until}");
        return blocked(Reason::ProtectedFromReplacement, what, vec![]);
    }
    if !one.may_replace() {
        return blocked(Reason::Fixed, reason, vec![price, one.way_to_replace()]);
    }
    let created = create(one, want);
    let requests = created.requests.into_iter().chain(delete(one, have)).collect();
    // Until the old one is gone, the state knows both.
    let old = vec![Replaced { organizer: have.organizer.clone(), id: have.id.clone() }];
    let intent = Some(one.with_replaced(Record { replaced: old.clone(), ..unresolved::new(one, want) }.into(), None));
    let record = created.record.map(|record| Record { replaced: old, ..*record }.into());
    let (action, notes) = (Action::Replace, vec![price]);
    Step { action, reason: Some(reason), changes, notes, requests, record, intent, ..created }
}

fn prune(one: &One, have: &Have, why: &str) -> Step {
    let protected = one.want.map(|want| want.protect).or(one.record.map(|record| record.applied.protect));
    if protected.unwrap_or_default() {
        return one.blocked(&have.organizer, one.why_protected());
    }
    match one.input.policy.keeps(one.key, why) {
        Some(note) => Step { notes: vec![note], ..one.step(&have.organizer, Action::NoOp) },
        None => Step {
            reason: Some(why.into()),
            notes: parts::named(one, have).into_iter().collect(),
            requests: delete(one, have).into_iter().collect(),
            ..one.step(&have.organizer, Action::Cancel)
        },
    }
}

fn delete(one: &One, have: &Have) -> Option<Request> {
    let path = format!("{}/{}", requests::meetings(one, &have.organizer)?, route::encoded(&have.id));
    Some(delete_at(path))
}

fn delete_at(path: String) -> Request {
    Request { purpose: Purpose::DeleteMeeting, method: Method::Delete, path, gone: true, ..Request::default() }
}
