//! Online meetings, the standalone ones by the id in the state and those behind events by their join link: Graph lists neither.

use crate::graph::observe::events::known_ids;
use crate::graph::observe::{Behind, Scope};
use crate::graph::{Client, Failure, Get};
use crate::model::{Desired, Have, Key, Live, Record};
use crate::route::{self, MEETING_PREFER};
use crate::trouble::Trouble;
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// What an object id leads to that nobody has: the key, whose it was, and what Graph said.
pub(super) type Nobodys = Vec<(Key, String, Trouble)>;

/// Reads standalone meetings by id, and the meetings behind events whose options are declared; of all organizers, or of `some`.
///
/// Returns those whose organizer's object id nobody has, with the reason: whether they are unknown is for the directory to say.
pub(super) async fn meetings(
    client: &Client,
    scope: &Scope<'_>,
    live: &mut Live,
    some: Option<&BTreeSet<String>>,
) -> Nobodys {
    let covered = |organizer: &String| some.is_none_or(|some| some.contains(organizer));
    let unreached = |(key, record): (&Key, &Record)| {
        let mailbox = live.mailboxes.get(&record.organizer).filter(|mailbox| !mailbox.gone)?;
        let why = mailbox.no_id.clone()?;
        (!key.kind().is_listed && !record.id.is_empty()).then(|| (key.clone(), why))
    };
    let unreached: Vec<_> = scope.records.resources.iter().filter_map(unreached).collect();
    live.unknown.extend(unreached);
    let path = |organizer: &str| live.meetings(organizer);
    let get =
        |organizer: &str, path: String| Get { mailbox: organizer.into(), path, prefer: Some(MEETING_PREFER.into()) };
    let standalone = scope.records.resources.iter().filter(|(key, _)| !key.kind().is_listed);
    let standalone = standalone.flat_map(|(key, record)| known_ids(record).map(move |(whose, id)| (key, whose, id)));
    let (keys, gets): (Vec<_>, Vec<_>) = standalone
        .filter(|(_, organizer, _)| covered(organizer))
        .filter_map(|(key, organizer, id)| {
            let path = format!("{}/{}", path(organizer)?, route::encoded(id));
            Some(((key.clone(), organizer.clone()), get(organizer, path)))
        })
        .unzip();
    let options: BTreeSet<&Key> =
        scope.desired.iter().filter(|want| !want.spec.meeting.is_empty()).flat_map(Desired::keys).collect();
    let read = |key: &Key| match scope.behind {
        Behind::Declared => options.contains(key),
        Behind::Every => true,
        Behind::Of(keys) => keys.contains(key),
    };
    let backed = live.objects.iter().enumerate().filter(|(_, have)| read(&have.key));
    let backed = backed.filter(|(_, have)| covered(&have.organizer));
    let (places, backed): (Vec<_>, Vec<_>) = backed
        .filter_map(|(place, have)| {
            let join = have.event()?.join_url()?;
            Some((place, get(&have.organizer, path(&have.organizer)? + &route::by_join_url(join))))
        })
        .unzip();
    let (standalone, backed) = tokio::join!(client.read(gets), client.read(backed));
    let mut nobodys = Nobodys::new();
    for (place, answer) in places.into_iter().zip(backed) {
        keep_backed(client, live, place, answer, &mut nobodys);
    }
    for ((key, organizer), answer) in keys.into_iter().zip(standalone) {
        keep_standalone(client, live, key, organizer, answer, &mut nobodys);
    }
    nobodys
}

fn keep_backed(client: &Client, live: &mut Live, place: usize, answer: Result<Value, Failure>, nobodys: &mut Nobodys) {
    let failure = match answer {
        Ok(answer) => {
            live.objects[place].meeting = answer["value"][0].as_object().cloned().map(Box::new);
            return;
        }
        Err(failure) if failure.is_absent() => return,
        Err(failure) => failure,
    };
    let Have { key, organizer, .. } = &*live.objects[place];
    let (key, why) = (key.clone(), client.trouble(&failure));
    match failure.is_nobody() {
        true => nobodys.push((key, organizer.clone(), why)),
        false => _ = live.unknown.insert(key, why),
    }
}

fn keep_standalone(
    client: &Client,
    live: &mut Live,
    key: Key,
    organizer: String,
    answer: Result<Value, Failure>,
    nobodys: &mut Nobodys,
) {
    match answer {
        // Inside a batch anything may come with a 200.
        Ok(Value::Object(own)) if own.get("id").is_some_and(Value::is_string) => {
            live.objects.push(standalone_have(key, organizer, own).into());
        }
        Ok(_) => _ = live.unknown.insert(key, Trouble::new("the answer is not an online meeting")),
        Err(failure) if failure.is_absent() => {}
        Err(failure) if failure.is_nobody() => nobodys.push((key, organizer, client.trouble(&failure))),
        Err(failure) => _ = live.unknown.insert(key, client.trouble(&failure)),
    }
}

/// Makes a live object of a standalone meeting as Graph describes it.
pub(in crate::graph) fn standalone_have(key: Key, organizer: String, own: Map<String, Value>) -> Have {
    let id = own.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
    Have { organizer, own, ..Have::new(key, &id) }
}
