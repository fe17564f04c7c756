//! Reads which occurrences of a series stand apart from it: those that were changed, and those that were skipped.
//!
//! Graph tells them only for a series that is read by its id (event.md), so they are read where a plan needs them: where
//! exceptions are declared or were applied, and where a series is about to change, since each changed occurrence is then
//! mailed once more. What cannot be read makes the resource unknown.

use crate::graph::{Client, Get};
use crate::kind::event::{View, read};
use crate::kind::{Exception, body};
use crate::model::{Desired, Have, Key, Live, Occurrence, Occurrences};
use crate::route;
use crate::when;
use jiff::civil::Date;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// Reads the occurrences of the live series with these keys that were not read yet.
///
/// Their times come on the clock of the series, as it is declared or else as it is: there the server's zone tables and ours say
/// the same. What is large is read where one of `desired` declares it, and of all where nothing is declared yet. `skipped` says whether the cloud tells the skipped ones: the national clouds do not (their metadata).
pub async fn occurrences(
    client: &Client,
    live: &mut Live,
    desired: Option<&[Desired]>,
    keys: &BTreeSet<Key>,
    skipped: bool,
) {
    let whole = desired.is_none();
    let desired: Vec<&Desired> =
        desired.unwrap_or_default().iter().filter(|want| want.keys().any(|key| keys.contains(key))).collect();
    let zone_of = |want: &Desired| View::of(&want.spec.own.look()).series_zone_name().map(str::to_owned);
    let declared: BTreeMap<&Key, String> =
        desired.iter().filter_map(|want| Some((&want.key, zone_of(want)?))).collect();
    let places = live.objects.iter().enumerate().filter(|(_, have)| keys.contains(&have.key) && unread(have));
    let places: Vec<usize> = places.map(|(place, _)| place).collect();
    let select = read::series(skipped);
    let texts: BTreeSet<&Key> = desired.iter().filter(|want| has_large(want)).flat_map(|want| want.keys()).collect();
    let expand = |key| route::encoded(&read::changed_occurrences(whole || texts.contains(key)));
    let zone = |have: &Have| {
        let live = || have.event()?.series_zone_name().filter(|name| when::zone(name).is_some());
        declared.get(&have.key).map(String::as_str).or_else(live).unwrap_or("UTC").to_owned()
    };
    let zones: Vec<String> = places.iter().map(|place| zone(&live.objects[*place])).collect();
    let gets = places.iter().zip(&zones).map(|(place, zone)| {
        let have = &live.objects[*place];
        let path = format!(
            "{}/events/{}?$select={select}&$expand={expand}",
            route::mailbox(&have.organizer),
            route::encoded(&have.id),
            expand = expand(&have.key)
        );
        Get { mailbox: have.organizer.clone(), path, prefer: Some(route::event_prefer(zone)) }
    });
    let answers = client.read(gets.collect()).await;
    for ((place, zone), answer) in places.into_iter().zip(&zones).zip(answers) {
        match answer {
            Ok(answer) => {
                let found = occurrences_in(&live.objects[place].own, &answer, zone);
                live.objects[place].occurrences = Some(found.into());
            }
            // It went away in between: apply will find that out, or the next plan.
            Err(failure) if failure.is_absent() => {}
            Err(failure) => {
                live.unknown.insert(live.objects[place].key.clone(), client.trouble(&failure));
            }
        }
    }
}

/// Whether one of its dates declares something large.
fn has_large(want: &Desired) -> bool {
    want.spec.exceptions.values().any(|exception| match exception {
        Exception::Changed(own) => want.key.kind().large().any(|field| own.contains_key(field.name)),
        Exception::Skipped => false,
    })
}

/// Whether this is a series whose occurrences were not read.
fn unread(have: &Have) -> bool {
    have.occurrences.is_none() && have.event().is_some_and(View::is_series)
}

/// What an answer tells of the occurrences of a series.
fn occurrences_in(series: &Map<String, Value>, answer: &Value, zone: &str) -> Occurrences {
    let series = View::of(series);
    let nothing = Map::new();
    let answer = View::of(answer.as_object().unwrap_or(&nothing));
    let changed = answer.changed().filter_map(|item| changed_one(item, series, zone));
    // A date that was cancelled may be kept as one that was changed (observed).
    let (kept, changed): (Vec<_>, Vec<_>) = changed.partition(|(_, it)| View::of(&it.own).is_cancelled());
    Occurrences {
        skipped: answer.skipped().chain(kept.into_iter().map(|(date, _)| date)).collect(),
        changed: changed.into_iter().collect(),
    }
}

fn changed_one(item: &Value, series: View, zone: &str) -> Option<(Date, Occurrence)> {
    let mut own = item.as_object()?.clone();
    read::in_zone(&mut own, zone);
    body::keep_words(&mut own, series.is_online(), series.join_url());
    let date = View::of(&own).series_date(series)?;
    let id = own.get("id")?.as_str()?.to_owned();
    let etag = own.remove("@odata.etag").and_then(|etag| etag.as_str().map(str::to_owned));
    Some((date, Occurrence { id, etag, own }))
}
