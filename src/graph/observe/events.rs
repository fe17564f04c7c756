//! Events, which Graph lists: by our mark, and by the id in the state where somebody moved one to another calendar.

use crate::graph::observe::{Found, Scope, any_of_each, fail};
use crate::graph::page;
use crate::graph::{Client, Get};
use crate::kind::event::Glance;
use crate::kind::{KindId, body, event, mark};
use crate::model::{Have, Key, Live, Record};
use crate::route::{self, EVENT_PREFER};
use crate::shallow::Object;
use crate::trouble::Trouble;
use rayon::prelude::*;
use serde_json::Value;
use std::cell::LazyCell;
use std::collections::{BTreeSet, HashSet};

/// Events asked for in one page (event lists: at most 1,000).
const PAGE: usize = 200;

/// Lists the marked events of calendars: of each organizer's default one, or of the one named with its id.
///
/// Each name that the workspace had is asked for by itself: that a filter may join two of them is not documented.
pub(super) async fn list(
    client: &Client,
    scope: &Scope<'_>,
    of: Vec<(String, Option<(String, String)>)>,
) -> Vec<Found<Box<Have>>> {
    let names = scope.names.all().count();
    let keep = |list: usize, item: &Object| {
        let (organizer, calendar) = &of[list / names];
        kept(scope, &Glance { organizer, calendar: calendar.as_ref().map(|(name, _)| name), event: item })
    };
    let mut answers = client.list_of(reads(scope, &of), keep).await.into_iter();
    let mut whole = || {
        let parts = answers.by_ref().take(names).collect::<Result<Vec<_>, _>>();
        parts.map(|parts| parts.into_iter().flatten().collect())
    };
    of.into_iter().map(|(organizer, it)| (organizer, it.map(|(name, _)| name), whole())).collect()
}

/// Returns what lists them: for each calendar as many reads as the workspace had names.
pub fn reads(scope: &Scope<'_>, of: &[(String, Option<(String, String)>)]) -> Vec<Get> {
    if of.is_empty() {
        return vec![];
    }
    let filters = scope.names.all().map(|name| route::encoded(&mark::filter(name)));
    let queries: Vec<String> = filters.map(|filter| format!("?$filter={filter}&$top={PAGE}")).collect();
    let large = with_large(scope);
    let gets = of.iter().flat_map(|(organizer, calendar)| {
        let place = calendar.as_ref().map_or(String::new(), |(_, id)| format!("/calendars/{}", route::encoded(id)));
        let (place, select) = (format!("{}{place}", route::mailbox(organizer)), selected(&large, organizer));
        queries.iter().map(move |query| Get {
            mailbox: organizer.clone(),
            path: format!("{place}/events{query}&{select}"),
            prefer: Some(EVENT_PREFER.into()),
        })
    });
    gets.collect()
}

/// Returns what is kept of an event in such a list: little where nothing is to be done with it, nothing of what is not the
/// workspace's.
///
/// Fails where it cannot be read.
pub fn kept(scope: &Scope, listed: &Glance) -> serde_json::Result<Option<Box<Have>>> {
    let whole = || Ok(marked(scope, listed.organizer, listed.calendar, page::whole(listed.event)?));
    match scope.settled {
        Some(settled) => settled(listed, &whole),
        None => Ok(whole()?.map(Box::new)),
    }
}

/// Takes in what was found. What cannot be read is unknown where somebody tells of events there, else only unsearched.
pub(super) fn keep(client: &Client, scope: &Scope, live: &mut Live, found: impl Iterator<Item = Found<Box<Have>>>) {
    let holders = LazyCell::new(|| holders(scope));
    let found: Vec<Found<Box<Have>>> = found.collect();
    live.objects.reserve(found.iter().map(|(_, _, answer)| answer.as_ref().map_or(0, Vec::len)).sum());
    for (organizer, _, answer) in found {
        match answer {
            Ok(haves) => live.objects.extend(haves),
            Err(failure) if holders.contains(&organizer) => fail(client, live, &organizer, &failure),
            Err(failure) => {
                let mailbox = live.mailboxes.entry(organizer).or_default();
                mailbox.nobody |= failure.is_nobody();
                mailbox.unsearched.get_or_insert_with(|| client.trouble(&failure));
            }
        }
    }
}

/// Reads by id what was applied and stands in no list: somebody moved it to a calendar that no manifest names, or took its mark
/// off. Were it taken for absent, it would be made a second time.
pub(super) async fn by_id(client: &Client, scope: &Scope<'_>, live: &mut Live) {
    let listed: HashSet<&str> = live.objects.iter().map(|have| have.id.as_str()).collect();
    let read = |organizer: &String| live.mailboxes.get(organizer).is_some_and(|mailbox| mailbox.failure.is_none());
    let known = scope.records.resources.par_iter().filter(|(key, _)| key.kind().is_listed);
    let known =
        known.flat_map_iter(|(key, record)| known_ids(record).map(move |(organizer, id)| (key, record, organizer, id)));
    let missing: Vec<_> =
        known.filter(|(_, _, organizer, id)| !listed.contains(id.as_str()) && read(organizer)).collect();
    if missing.is_empty() {
        return;
    }
    let large = with_large(scope);
    let gets = missing.iter().map(|(_, _, organizer, id)| by_its_id(&large, organizer, id));
    let answers = client.read(gets.collect()).await;
    for ((key, record, organizer, _), answer) in missing.into_iter().zip(answers) {
        match answer {
            Ok(event) if event["id"].is_string() => {
                let elsewhere = "a calendar that no manifest names".to_owned();
                let moved = marked(scope, organizer, Some(&elsewhere), event.clone());
                // Lists are searched for marks, so that one without is where it was made for all that is known.
                let unmarked = || have(key.clone(), organizer, record.calendar.as_ref(), event);
                live.objects.extend(moved.or_else(unmarked).map(Box::new));
            }
            Ok(_) => {
                live.unknown.insert(key.clone(), Trouble::new("the answer is not the event that was asked for"));
            }
            Err(failure) if failure.is_absent() => {}
            Err(failure) => {
                live.unknown.insert(key.clone(), client.trouble(&failure));
            }
        }
    }
}

/// Reads those once more of which only little was kept although another event has the same key: which of them is ours takes all
/// that is known of each.
pub(super) async fn whole(client: &Client, scope: &Scope<'_>, live: &mut Live) {
    let several: BTreeSet<&Key> =
        live.objects.windows(2).filter(|pair| pair[0].key == pair[1].key).map(|pair| &pair[0].key).collect();
    let places = live.objects.iter().enumerate().filter(|(_, have)| have.settled && several.contains(&have.key));
    let places: Vec<usize> = places.map(|(place, _)| place).collect();
    if places.is_empty() {
        return;
    }
    let large = with_large(scope);
    let gets = places.iter().map(|place| {
        let Have { organizer, id, .. } = &*live.objects[*place];
        by_its_id(&large, organizer, id)
    });
    let answers = client.read(gets.collect()).await;
    let mut gone = HashSet::new();
    for (place, answer) in places.into_iter().zip(answers) {
        let have = &mut live.objects[place];
        match answer {
            Ok(event) => match marked(scope, &have.organizer, have.calendar.as_ref(), event) {
                Some(now) if now.key == have.key => **have = now,
                Some(_) | None => _ = gone.insert(have.id.clone()),
            },
            Err(failure) if failure.is_absent() => _ = gone.insert(have.id.clone()),
            Err(failure) => drop(live.unknown.insert(have.key.clone(), client.trouble(&failure))),
        }
    }
    live.objects.retain(|have| !gone.contains(&have.id));
}

fn by_its_id(large: &HashSet<&str>, organizer: &str, id: &str) -> Get {
    Get {
        mailbox: organizer.to_owned(),
        path: format!("{}/events/{}?{}", route::mailbox(organizer), route::encoded(id), selected(large, organizer)),
        prefer: Some(EVENT_PREFER.into()),
    }
}

/// The organizers of events that declare something large.
pub(super) fn with_large<'a>(scope: &Scope<'a>) -> HashSet<&'a str> {
    any_of_each(scope, |want| want.key.kind().large().any(|field| want.spec.own.declares(field.name)))
}

/// `$select` and `$expand` of what the diff needs.
fn selected(large: &HashSet<&str>, organizer: &str) -> String {
    let select = event::read::select(large.contains(organizer));
    format!("$select={select}&$expand={}", route::encoded(&mark::expand()))
}

/// The same with what is large, whoever declares it.
pub(super) fn selected_whole() -> String {
    selected(&HashSet::from([""]), "")
}

/// The same for one event of a mailbox, and one property more.
pub(super) fn selected_with(large: &HashSet<&str>, organizer: &str, more: &str) -> String {
    selected(large, organizer).replacen('&', &format!(",{more}&"), 1)
}

/// The ids that a record knows, with their mailboxes.
pub(super) fn known_ids(record: &Record) -> impl Iterator<Item = (&String, &String)> {
    let own = Some((&record.organizer, &record.id)).filter(|(_, id)| !id.is_empty());
    own.into_iter().chain(record.replaced.iter().map(|old| (&old.organizer, &old.id)))
}

/// An event that carries a mark of the workspace.
fn marked(scope: &Scope, organizer: &str, calendar: Option<&String>, item: Value) -> Option<Have> {
    let key = |name: &str| Key::new(KindId::Event, name);
    let known = |name: &str| Some(&scope.records.resources.get(&key(name))?.applied);
    let (workspace, mark) = mark::read_of(scope.names, &item, known)?;
    let renamed = workspace != scope.names.now;
    let found = have(key(&mark.name), organizer, calendar, item)?;
    let owner = found.owner.clone().filter(|_| renamed);
    Some(Have { applied: mark.applied, unread: mark.unread.map(Box::new), marked: true, owner, ..found })
}

/// An event under a key.
pub(super) fn have(key: Key, organizer: &str, calendar: Option<&String>, item: Value) -> Option<Have> {
    let owner = mark::owner(&item).map(str::to_owned);
    let Value::Object(mut own) = item else { return None };
    own.remove(mark::PROPERTY);
    body::leave_out(&mut own);
    let etag = own.remove("@odata.etag").and_then(|etag| etag.as_str().map(str::to_owned));
    let found = Have::new(key, own.get("id")?.as_str()?);
    Some(Have { organizer: organizer.into(), calendar: calendar.cloned(), etag, own, owner, ..found })
}

/// The organizers of whose events manifests or records tell.
fn holders<'a>(scope: &Scope<'a>) -> HashSet<&'a String> {
    let desired = scope.desired.iter().map(|want| (&want.key, &want.spec.organizer));
    let recorded = scope.records.resources.iter().map(|(key, record)| (key, &record.organizer));
    let events = desired.chain(recorded).filter(|(key, _)| key.kind().in_calendar);
    events.map(|(_, organizer)| organizer).collect()
}
