//! Online meetings, the standalone ones by the id in the state and those behind events by their join link: Graph lists neither.

use crate::graph::observe::Scope;
use crate::graph::{Client, Get};
use crate::model::{Have, Key, Live, Record};
use crate::route::{self, MEETING_PREFER};
use crate::trouble::Trouble;
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// Reads standalone meetings by id, and the meetings behind events whose options are declared; of all organizers, or of `some`.
///
/// Returns those whose organizer's object id nobody has, with the reason: whether they are unknown is for the directory to say.
pub(super) async fn meetings(
    client: &Client,
    scope: &Scope<'_>,
    live: &mut Live,
    some: Option<&BTreeSet<String>>,
) -> Vec<(Key, String, Trouble)> {
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
    let standalone =
        scope.records.resources.iter().filter(|(key, record)| !key.kind().is_listed && !record.id.is_empty());
    let standalone = standalone.filter(|(_, record)| covered(&record.organizer));
    let (keys, gets): (Vec<_>, Vec<_>) = standalone
        .filter_map(|(key, record)| {
            let path = format!("{}/{}", path(&record.organizer)?, route::encoded(&record.id));
            Some(((key.clone(), record.organizer.clone()), get(&record.organizer, path)))
        })
        .unzip();
    let options: BTreeSet<&Key> =
        scope.desired.iter().filter(|want| !want.spec.meeting.is_empty()).map(|want| &want.key).collect();
    let backed = live.objects.iter().enumerate().filter(|(_, have)| scope.every_meeting || options.contains(&have.key));
    let backed = backed.filter(|(_, have)| covered(&have.organizer));
    let (places, backed): (Vec<_>, Vec<_>) = backed
        .filter_map(|(place, have)| {
            let join = have.event()?.join_url()?;
            Some((place, get(&have.organizer, path(&have.organizer)? + &route::by_join_url(join))))
        })
        .unzip();
    let (standalone, backed) = tokio::join!(client.read(gets), client.read(backed));
    let mut nobodys = vec![];
    for (place, answer) in places.into_iter().zip(backed) {
        match answer {
            Ok(answer) => live.objects[place].meeting = answer["value"][0].as_object().cloned(),
            Err(failure) if failure.is_absent() => {}
            Err(failure) => {
                let have = &live.objects[place];
                let (key, why) = (have.key.clone(), client.trouble(&failure));
                if failure.is_nobody() {
                    nobodys.push((key, have.organizer.clone(), why));
                } else {
                    live.unknown.insert(key, why);
                }
            }
        }
    }
    for ((key, organizer), answer) in keys.into_iter().zip(standalone) {
        match answer {
            Ok(Value::Object(own)) => live.objects.push(standalone_have(key, organizer, own)),
            Ok(_) => {
                live.unknown.insert(key, Trouble::new("the answer is not an online meeting"));
            }
            Err(failure) if failure.is_absent() => {}
            Err(failure) if failure.is_nobody() => nobodys.push((key, organizer, client.trouble(&failure))),
            Err(failure) => {
                live.unknown.insert(key, client.trouble(&failure));
            }
        }
    }
    nobodys
}

/// Makes a live object of a standalone meeting as Graph describes it.
pub(in crate::graph) fn standalone_have(key: Key, organizer: String, own: Map<String, Value>) -> Have {
    let id = own.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
    Have { organizer, own, ..Have::new(key, &id) }
}
