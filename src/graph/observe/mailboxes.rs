//! Whose mailboxes are looked at: their object ids, and the calendars that are needed of them.

use crate::graph::observe::{Found, Scope, any_of_each, fail};
use crate::graph::redact::is_guid;
use crate::graph::{Client, Failure, Get};
use crate::kind::event::View;
use crate::model::{Calendar, Desired, Live};
use crate::route;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// Lists whose mailboxes are looked at, as manifests, records and the workspace spell them.
pub(super) fn organizers(scope: &Scope) -> BTreeSet<String> {
    let desired = scope.desired.iter().map(|want| &want.spec.organizer);
    let recorded = scope.records.resources.values().flat_map(|record| {
        let replaced = record.replaced.iter().map(|old| &old.organizer);
        std::iter::once(&record.organizer).chain(replaced)
    });
    // Each once, before they are put in order: they are few beside what they organize.
    let all: HashSet<&String> = desired.chain(recorded).chain(scope.mailboxes).collect();
    all.into_iter().cloned().collect()
}

/// Looks up the object ids that are not known yet: online meetings are reached by them, the create of an event is guarded by
/// one, and they tell whether two names are one mailbox. The state keeps them. One that is known is looked up once more before
/// something is made with it: an address may have been given to somebody else.
pub(super) async fn users(client: &Client, scope: &Scope<'_>, live: &Live) -> Vec<(String, Result<Value, Failure>)> {
    let unknown = live.mailboxes.iter().filter(|(_, mailbox)| mailbox.id.is_none()).map(|(organizer, _)| organizer);
    by_name(client, unknown.chain(makers(scope)).collect()).await
}

/// Looks users up by the names that they are called by.
pub(super) async fn by_name(client: &Client, names: BTreeSet<&String>) -> Vec<(String, Result<Value, Failure>)> {
    let gets = names.iter().map(|organizer| Get {
        mailbox: organizer.to_string(),
        path: format!("{}?$select=id,userPrincipalName", route::mailbox(organizer)),
        prefer: None,
    });
    let answers = client.read(gets.collect()).await;
    names.into_iter().cloned().zip(answers).collect()
}

/// Takes in the users that were found.
pub(super) fn keep_users(client: &Client, live: &mut Live, users: Vec<(String, Result<Value, Failure>)>) {
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
            // The id that is known goes on: whoever was renamed is the same user.
            Err(_) if mailbox.id.is_some() => {}
            // Only what needs the object id is then unknown.
            Err(failure) => {
                mailbox.nobody |= failure.is_nobody();
                mailbox.no_id = Some(client.trouble(&failure));
            }
        }
    }
}

/// The organizers for whom something is to be made, as far as the state tells.
fn makers<'a>(scope: &Scope<'a>) -> impl Iterator<Item = &'a String> {
    let (records, desired) = (scope.records, scope.desired);
    let new = desired.iter().filter(|want| want.needs_meetings() && !records.resources.contains_key(&want.key));
    new.map(|want| &want.spec.organizer).filter(|organizer| !is_guid(organizer))
}

/// Reads the calendars that manifests and records use: the default one under no name, else all of the mailbox.
pub(super) async fn calendars(client: &Client, scope: &Scope<'_>, live: &Live) -> Vec<Found<Value>> {
    let (mut whose, mut gets) = (vec![], vec![]);
    let (online, named) = (need_default_calendar(scope), named_calendars(scope));
    for organizer in live.mailboxes.keys() {
        let path = route::mailbox(organizer);
        let get = |path: String| Get { mailbox: organizer.clone(), path, prefer: None };
        if online.contains(organizer.as_str()) {
            whose.push((organizer.clone(), Some(String::new())));
            gets.push(get(format!("{path}/calendar")));
        }
        if named.contains_key(organizer.as_str()) {
            whose.push((organizer.clone(), None));
            gets.push(get(format!("{path}/calendars")));
        }
    }
    let (single, lists): (Vec<_>, Vec<_>) = whose.into_iter().zip(gets).partition(|((_, name), _)| name.is_some());
    let (whose_single, single): (Vec<_>, Vec<_>) = single.into_iter().unzip();
    let (whose_lists, lists): (Vec<_>, Vec<_>) = lists.into_iter().unzip();
    let (single, lists) = tokio::join!(client.read(single), client.list(lists));
    let single = whose_single.into_iter().zip(single.into_iter().map(|answer| answer.map(|value| vec![value])));
    single
        .chain(whose_lists.into_iter().zip(lists))
        .map(|((organizer, name), answer)| (organizer, name, answer))
        .collect()
}

/// Takes in the calendars that were found; returns those that manifests and records name, with their ids.
pub(super) fn keep_calendars(
    client: &Client,
    scope: &Scope,
    live: &mut Live,
    calendars: Vec<Found<Value>>,
) -> Vec<(String, Option<(String, String)>)> {
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
            Err(failure) => fail(client, live, &organizer, &failure),
        }
    }
    named
}

/// The organizers of events that are to be online: they need their calendar's allowed providers.
fn need_default_calendar<'a>(scope: &Scope<'a>) -> HashSet<&'a str> {
    let online = |want: &Desired| {
        let in_default = scope.is_for_plan() && want.spec.calendar.is_none() && want.key.kind().in_calendar;
        in_default && View::of(&want.spec.own.look()).is_online()
    };
    any_of_each(scope, online)
}

/// The calendars that manifests and records name, by organizer.
fn named_calendars<'a>(scope: &Scope<'a>) -> BTreeMap<&'a str, BTreeSet<&'a str>> {
    let desired = scope.desired.iter().map(|want| (&want.spec.organizer, &want.spec.calendar));
    let recorded = scope.records.resources.values().map(|record| (&record.organizer, &record.calendar));
    let mut named: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (organizer, calendar) in desired.chain(recorded) {
        if let Some(calendar) = calendar {
            named.entry(organizer).or_default().insert(calendar);
        }
    }
    named
}

/// Returns the calendars of a mailbox, each with its name.
pub(super) async fn calendars_of(client: &Client, mailbox: &str) -> Result<Vec<(String, Calendar)>, Failure> {
    let path = format!("{}/calendars", route::mailbox(mailbox));
    let get = Get { mailbox: mailbox.into(), path, prefer: None };
    let all = client.list(vec![get]).await.pop().expect("one list was asked for")?;
    Ok(all.iter().map(|it| (it["name"].as_str().unwrap_or_default().to_owned(), calendar(it))).collect())
}

fn calendar(value: &Value) -> Calendar {
    let allowed = value["allowedOnlineMeetingProviders"].as_array().into_iter().flatten();
    Calendar {
        id: value["id"].as_str().unwrap_or_default().into(),
        allowed_providers: allowed.filter_map(|name| name.as_str().map(str::to_owned)).collect(),
        is_default: value["isDefaultCalendar"] == Value::Bool(true),
        can_edit: value["canEdit"] != Value::Bool(false),
    }
}
