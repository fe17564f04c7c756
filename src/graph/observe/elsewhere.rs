//! Events that somebody moved to another calendar, where no state remembers their ids: before one is made that nothing is known of,
//! the other calendars of its mailbox are searched for its mark. Only then, since it costs a request for each of them.

use crate::graph::observe::{Scope, events};
use crate::graph::{Client, Get};
use crate::model::{Desired, Key, Live};
use crate::route;
use crate::trouble::Trouble;
use rayon::prelude::*;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// A calendar that is searched: whose, its name and id, and whether it is somebody else's.
struct Place {
    organizer: String,
    name: String,
    id: String,
    foreign: bool,
}

/// Searches for what is about to be made; `searched` holds the ids of the calendars that were read already.
pub(super) async fn search(client: &Client, scope: &Scope<'_>, live: &mut Live, searched: &HashSet<String>) {
    let missing = missing(scope, live);
    let gets = missing.keys().map(|organizer| Get {
        mailbox: organizer.clone(),
        path: format!("{}/calendars", route::mailbox(organizer)),
        prefer: None,
    });
    let lists = client.list(gets.collect()).await;
    let mut places = vec![];
    for ((organizer, keys), list) in missing.iter().zip(lists) {
        match list {
            Ok(all) => places.extend(all.iter().filter_map(|value| place(live, organizer, value))),
            Err(failure) => unknown(live, keys, &client.trouble(&failure)),
        }
    }
    places.retain(|place| !searched.contains(&place.id));
    let of = places.iter().map(|place| (place.organizer.clone(), Some((place.name.clone(), place.id.clone()))));
    let found = events::list(client, scope, of.collect()).await;
    for (place, (organizer, _, answer)) in places.iter().zip(found) {
        let keys = &missing[&organizer];
        match answer {
            Ok(haves) => live.objects.extend(haves.into_iter().filter(|have| keys.contains(&have.key))),
            // Nobody can move an event to a calendar of somebody else.
            Err(_) if place.foreign => {}
            Err(failure) if failure.is_absent() => {}
            Err(failure) => unknown(live, keys, &client.trouble(&failure)),
        }
    }
}

/// The events that would be made, by mailbox: nothing live has their names, and the state knows no id of them.
fn missing(scope: &Scope, live: &Live) -> BTreeMap<String, BTreeSet<Key>> {
    let there: HashSet<&Key> = live.objects.iter().map(|have| &have.key).collect();
    let known = |key: &Key| scope.records.resources.get(key).is_some_and(|record| !record.id.is_empty());
    let read = |want: &Desired| {
        let mailbox = live.mailboxes.get(&want.spec.organizer);
        mailbox.is_some_and(|it| it.failure.is_none() && it.unsearched.is_none() && !it.gone)
    };
    let new = |want: &&Desired| {
        let unseen = |key: &Key| !there.contains(key) && !known(key) && !live.unknown.contains_key(key);
        want.key.kind().in_calendar && read(want) && want.keys().all(unseen)
    };
    let mut missing: BTreeMap<String, BTreeSet<Key>> = BTreeMap::new();
    for want in scope.desired.par_iter().filter(new).collect::<Vec<_>>() {
        missing.entry(want.spec.organizer.clone()).or_default().extend(want.keys().cloned());
    }
    missing
}

/// A calendar to which an event may have been moved: not the default one, which is read already, and one that can be written.
fn place(live: &Live, organizer: &str, value: &Value) -> Option<Place> {
    let (id, name) = (value["id"].as_str()?.to_owned(), value["name"].as_str().unwrap_or_default().to_owned());
    if value["isDefaultCalendar"] == Value::Bool(true) || value["canEdit"] == Value::Bool(false) {
        return None;
    }
    let address = live.mailboxes.get(organizer).and_then(|mailbox| mailbox.address.clone());
    let owner = value["owner"]["address"].as_str().map(str::to_lowercase);
    let foreign = owner.is_some_and(|owner| owner != organizer && Some(owner) != address);
    Some(Place { organizer: organizer.into(), name, id, foreign })
}

fn unknown(live: &mut Live, keys: &BTreeSet<Key>, why: &Trouble) {
    live.unknown.extend(keys.iter().map(|key| (key.clone(), why.clone())));
}
