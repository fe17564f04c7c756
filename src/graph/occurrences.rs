//! Reads which occurrences of a series stand apart from it: those that were changed, and those that were skipped.
//!
//! Graph tells them only for a series that is read by its id (event.md), so they are read where a plan needs them: where
//! exceptions are declared or were applied, and where a series is about to change, since each changed occurrence is then
//! mailed once more. What cannot be read makes the resource unknown.

use crate::graph::{Client, Get};
use crate::kind::event::{View, read};
use crate::model::{Have, Key, Live, Occurrence, Occurrences};
use crate::route::{self, EVENT_PREFER};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// Reads the occurrences of the live series with these keys that were not read yet.
///
/// `skipped` says whether the cloud tells the skipped ones: the national clouds do not (their metadata).
pub async fn occurrences(client: &Client, live: &mut Live, keys: &BTreeSet<Key>, skipped: bool) {
    let places = live.objects.iter().enumerate().filter(|(_, have)| keys.contains(&have.key) && unread(have));
    let places: Vec<usize> = places.map(|(place, _)| place).collect();
    let (select, expand) = (read::series(skipped), route::encoded(&read::changed_occurrences()));
    let gets = places.iter().map(|place| {
        let have = &live.objects[*place];
        let path = format!(
            "{}/events/{}?$select={select}&$expand={expand}",
            route::mailbox(&have.organizer),
            route::encoded(&have.id)
        );
        Get { mailbox: have.organizer.clone(), path, prefer: Some(EVENT_PREFER.into()) }
    });
    let answers = client.read(gets.collect()).await;
    for (place, answer) in places.into_iter().zip(answers) {
        match answer {
            Ok(answer) => live.objects[place].occurrences = Some(occurrences_in(&live.objects[place].own, &answer)),
            // It went away in between: apply will find that out, or the next plan.
            Err(failure) if failure.is_absent() => {}
            Err(failure) => {
                live.unknown.insert(live.objects[place].key.clone(), client.trouble(&failure));
            }
        }
    }
}

/// Whether this is a series whose occurrences were not read.
fn unread(have: &Have) -> bool {
    have.occurrences.is_none() && have.event().is_some_and(View::is_series)
}

/// What an answer tells of the occurrences of a series.
fn occurrences_in(series: &Map<String, Value>, answer: &Value) -> Occurrences {
    let zone = View::of(series).series_zone().unwrap_or(TimeZone::UTC);
    let nothing = Map::new();
    let answer = View::of(answer.as_object().unwrap_or(&nothing));
    Occurrences {
        skipped: answer.skipped().collect(),
        changed: answer.changed().filter_map(|item| changed_one(item, &zone)).collect(),
    }
}

fn changed_one(item: &Value, zone: &TimeZone) -> Option<(Date, Occurrence)> {
    let mut own = item.as_object()?.clone();
    let date = View::of(&own).series_date(zone)?;
    let id = own.get("id")?.as_str()?.to_owned();
    let etag = own.remove("@odata.etag").and_then(|etag| etag.as_str().map(str::to_owned));
    Some((date, Occurrence { id, etag, own }))
}
