//! Reads what is live: GETs only.
//!
//! Events are found by their mark, so no state is needed for them; standalone meetings by the id in the state, for Graph
//! has no list of them; the meeting behind an event by its join link, where a manifest declares options. What cannot be
//! read is reported as unknown with the reason, never left out.

mod identity;
mod mailboxes;
mod marks;
mod meetings;

pub(super) use meetings::standalone_have;

use crate::graph::observe::mailboxes::{calendar, calendars, is_object_id, named_calendars, organizers, users};
use crate::graph::observe::meetings::meetings;
use crate::graph::occurrences::occurrences;
use crate::graph::{Client, Failure, Get};
use crate::kind::{KindId, event, mark};
use crate::model::{Applied, Desired, EXCEPTIONS, Have, Key, Live, Mailbox, Records};
use crate::route::{self, EVENT_PREFER};
use rayon::prelude::*;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// What to look for.
pub struct Scope<'a> {
    pub workspace: &'a str,
    pub desired: &'a [Desired],
    pub records: &'a Records,
    /// Mailboxes to search besides those in manifests and records.
    pub mailboxes: &'a BTreeSet<String>,
    /// Object ids that are known already, by organizer.
    pub ids: &'a BTreeMap<String, String>,
    /// Read the Teams meeting behind every event, not only where a manifest declares options.
    pub every_meeting: bool,
    /// Whether the cloud tells which occurrences of a series are skipped (national cloud metadata).
    pub tells_skipped: bool,
}

/// Events asked for in one page (event lists: at most 1,000).
const PAGE: usize = 200;

/// Observes every mailbox of the scope. Failures stand in the result: by mailbox, or by resource.
pub async fn observe(client: &Client, scope: &Scope<'_>) -> Live {
    let mut live = Live::default();
    for organizer in organizers(scope) {
        let id = scope.ids.get(&organizer).cloned().or_else(|| is_object_id(&organizer).then(|| organizer.clone()));
        live.mailboxes.insert(organizer, Mailbox { id, ..Mailbox::default() });
    }
    // Users, calendars and the events of default calendars need nothing of each other.
    let default = live.mailboxes.keys().map(|organizer| (organizer.clone(), None)).collect();
    let (users, found, calendars) =
        tokio::join!(users(client, scope, &live), events(client, scope, default), calendars(client, scope));
    for (organizer, answer) in users {
        let me = organizer == "me";
        let mailbox = live.mailboxes.entry(organizer).or_default();
        match answer {
            Ok(user) => {
                mailbox.id = user["id"].as_str().map(str::to_lowercase);
                mailbox.address = user["userPrincipalName"].as_str().map(str::to_lowercase);
            }
            // The meetings of whoever signs in are reached without it.
            Err(_) if me => {}
            // Only what needs the object id is then unknown.
            Err(failure) => mailbox.no_id = Some(client.worded(&failure)),
        }
    }
    let wanted = named_calendars(scope);
    let mut named = vec![];
    for (organizer, name, answer) in calendars {
        match answer {
            Ok(all) => {
                for value in all {
                    let own = value["name"].as_str().unwrap_or_default().to_owned();
                    let name = name.clone().unwrap_or(own);
                    if wanted.get(organizer.as_str()).is_some_and(|names| names.contains(name.as_str())) {
                        named.push((
                            organizer.clone(),
                            Some((name.clone(), value["id"].as_str().unwrap_or_default().to_owned())),
                        ));
                    }
                    live.mailboxes.entry(organizer.clone()).or_default().calendars.insert(name, calendar(&value));
                }
            }
            Err(failure) => fail(&mut live, &organizer, client.worded(&failure)),
        }
    }
    let named = events(client, scope, named).await;
    let holders = holders(scope);
    for (organizer, calendar, answer) in found.into_iter().chain(named) {
        match answer {
            Ok(items) => live.objects.par_extend(
                items.into_par_iter().filter_map(|item| have(scope.workspace, &organizer, &calendar, item)),
            ),
            Err(failure) if holders.contains(&organizer) => fail(&mut live, &organizer, client.worded(&failure)),
            Err(failure) => {
                let mailbox = live.mailboxes.entry(organizer).or_default();
                mailbox.unsearched.get_or_insert_with(|| client.worded(&failure));
            }
        }
    }
    moved(client, scope, &mut live).await;
    one_path_each(&mut live.objects, scope.desired);
    identity::unify(scope, &mut live);
    marks::whole(client, scope, &mut live).await;
    meetings(client, scope, &mut live).await;
    identity::unify(scope, &mut live);
    let series = with_exceptions(scope, &live);
    occurrences(client, &mut live, &series, scope.tells_skipped).await;
    live
}

/// The events that have exceptions, or had some when they were last applied.
fn with_exceptions(scope: &Scope, live: &Live) -> BTreeSet<Key> {
    let had = |applied: &Applied| applied.fields.keys().any(|name| name.starts_with(EXCEPTIONS));
    let desired = scope.desired.iter().filter(|want| !want.spec.exceptions.is_empty()).map(|want| &want.key);
    let recorded = scope.records.resources.iter().filter(|(_, record)| had(&record.applied)).map(|(key, _)| key);
    let marked = live.objects.iter().filter(|have| have.applied.as_ref().is_some_and(had)).map(|have| &have.key);
    desired.chain(recorded).chain(marked).cloned().collect()
}

/// Per organizer and calendar: what was found there.
type Found = Vec<(String, Option<String>, Result<Vec<Value>, Failure>)>;

/// Lists the marked events of calendars: of each organizer's default one, or of the one named with its id.
async fn events(client: &Client, scope: &Scope<'_>, of: Vec<(String, Option<(String, String)>)>) -> Found {
    let query = format!("?$filter={}&$top={PAGE}", route::encoded(&mark::filter(scope.workspace)));
    let large = with_large(scope);
    let gets = of.iter().map(|(organizer, calendar)| {
        let place = calendar.as_ref().map_or(String::new(), |(_, id)| format!("/calendars/{}", route::encoded(id)));
        Get {
            mailbox: organizer.clone(),
            path: format!("{}{place}/events{query}&{}", route::mailbox(organizer), selected(&large, organizer)),
            prefer: Some(EVENT_PREFER.into()),
        }
    });
    let answers = client.list(gets.collect()).await;
    of.into_iter().zip(answers).map(|((organizer, it), answer)| (organizer, it.map(|(name, _)| name), answer)).collect()
}

/// Reads by id what was applied and stands in no list: somebody moved it to a calendar that no manifest names. Were it taken
/// for absent, it would be made a second time.
async fn moved(client: &Client, scope: &Scope<'_>, live: &mut Live) {
    let listed: HashSet<&Key> = live.objects.iter().map(|have| &have.key).collect();
    let read = |organizer: &String| live.mailboxes.get(organizer).is_some_and(|mailbox| mailbox.failure.is_none());
    let missing = scope.records.resources.iter().filter(|(key, record)| {
        key.kind().is_listed && !record.id.is_empty() && !listed.contains(key) && read(&record.organizer)
    });
    let missing: Vec<_> = missing.collect();
    let large = with_large(scope);
    let gets = missing.iter().map(|(_, record)| Get {
        mailbox: record.organizer.clone(),
        path: format!(
            "{}/events/{}?{}",
            route::mailbox(&record.organizer),
            route::encoded(&record.id),
            selected(&large, &record.organizer)
        ),
        prefer: Some(EVENT_PREFER.into()),
    });
    let answers = client.read(gets.collect()).await;
    for ((key, record), answer) in missing.into_iter().zip(answers) {
        match answer {
            Ok(event) => {
                let elsewhere = Some("a calendar that no manifest names".to_owned());
                live.objects.extend(have(scope.workspace, &record.organizer, &elsewhere, event));
            }
            Err(failure) if failure.is_absent() => {}
            Err(failure) => {
                live.unknown.insert(key.clone(), client.worded(&failure));
            }
        }
    }
}

/// The organizers of events that declare something large.
fn with_large<'a>(scope: &Scope<'a>) -> BTreeSet<&'a str> {
    let large = |want: &&Desired| want.key.kind().large().any(|field| want.spec.own.contains_key(field.name));
    let declared = scope.desired.iter().filter(large);
    declared.map(|want| want.spec.organizer.as_str()).collect()
}

/// `$select` and `$expand` of what the diff needs.
fn selected(large: &BTreeSet<&str>, organizer: &str) -> String {
    let select = event::read::select(large.contains(organizer));
    format!("$select={select}&$expand={}", route::encoded(&mark::expand()))
}

fn have(workspace: &str, organizer: &str, calendar: &Option<String>, item: Value) -> Option<Have> {
    let mark = mark::read(workspace, &item)?;
    let Value::Object(mut own) = item else { return None };
    own.remove(mark::PROPERTY);
    let etag = own.remove("@odata.etag").and_then(|etag| etag.as_str().map(str::to_owned));
    let found = Have::new(Key::new(KindId::Event, mark.name), own.get("id")?.as_str()?);
    let (organizer, calendar) = (organizer.into(), calendar.clone());
    Some(Have { organizer, calendar, etag, own, applied: mark.applied, unread: mark.unread, ..found })
}

/// Keeps one of the objects with one id: a mailbox that is known by two names (an alias, `me`) is read twice.
fn one_path_each(objects: &mut Vec<Have>, desired: &[Desired]) {
    let organizer: HashMap<&Key, &str> = desired.iter().map(|want| (&want.key, want.spec.organizer.as_str())).collect();
    let elsewhere = |have: &Have| organizer.get(&have.key) != Some(&have.organizer.as_str());
    objects.par_sort_by(|one, other| one.key.cmp(&other.key).then_with(|| elsewhere(one).cmp(&elsewhere(other))));
    let mut seen = HashSet::new();
    objects.retain(|have| seen.insert(have.id.clone()));
}

/// The organizers of whose events manifests or records tell.
fn holders(scope: &Scope) -> BTreeSet<String> {
    let desired = scope.desired.iter().map(|want| (&want.key, &want.spec.organizer));
    let recorded = scope.records.resources.iter().map(|(key, record)| (key, &record.organizer));
    let events = desired.chain(recorded).filter(|(key, _)| key.kind().in_calendar);
    events.map(|(_, organizer)| organizer.clone()).collect()
}

fn fail(live: &mut Live, organizer: &str, failure: String) {
    let mailbox = live.mailboxes.entry(organizer.into()).or_default();
    mailbox.failure.get_or_insert(failure);
}
