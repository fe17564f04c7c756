//! Reads which occurrences of a series stand apart from it: those that were changed, and those that were skipped.
//!
//! Graph tells them only for a series that is read by its id (event.md), so they are read where a plan needs them: where
//! exceptions are declared or were applied, and where a series is about to change, since each changed occurrence is then
//! mailed once more. What cannot be read makes the resource unknown.

use crate::graph::{Client, Get};
use crate::model::{Have, Key, Live, Occurrence, Occurrences};
use crate::route::{self, EVENT_PREFER};
use crate::when;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// Reads the occurrences of the live series with these keys that were not read yet.
///
/// `skipped` says whether the cloud tells the skipped ones: the national clouds do not (their metadata).
pub async fn occurrences(client: &Client, live: &mut Live, keys: &BTreeSet<Key>, skipped: bool) {
    let places = live.objects.iter().enumerate().filter(|(_, have)| keys.contains(&have.key) && unread(have));
    let places: Vec<usize> = places.map(|(place, _)| place).collect();
    let select = if skipped { "id,cancelledOccurrences" } else { "id" };
    let expand = "exceptionOccurrences($select=id,originalStart,isAllDay,start,end,subject,location,attendees)";
    let gets = places.iter().map(|place| {
        let have = &live.objects[*place];
        let path = format!(
            "{}/events/{}?$select={select}&$expand={}",
            route::mailbox(&have.organizer),
            route::encoded(&have.id),
            route::encoded(expand)
        );
        Get { mailbox: have.organizer.clone(), path, prefer: Some(EVENT_PREFER.into()) }
    });
    let answers = client.read(gets.collect()).await;
    for (place, answer) in places.into_iter().zip(answers) {
        match answer {
            Ok(answer) => live.objects[place].occurrences = Some(read(&live.objects[place].own, answer)),
            // It went away in between: apply will find that out, or the next plan.
            Err(failure) if failure.is_absent() => {}
            Err(failure) => {
                live.unknown.insert(live.objects[place].key.clone(), client.worded(&failure));
            }
        }
    }
}

/// Whether this is a series whose occurrences were not read.
fn unread(have: &Have) -> bool {
    have.occurrences.is_none() && have.own.get("recurrence").is_some_and(Value::is_object)
}

fn read(series: &Map<String, Value>, answer: Value) -> Occurrences {
    let zone = series.get("recurrence").and_then(|it| it.pointer("/range/recurrenceTimeZone")).and_then(Value::as_str);
    let zone = zone.and_then(when::zone).unwrap_or(TimeZone::UTC);
    let skipped = answer["cancelledOccurrences"].as_array().into_iter().flatten();
    let changed = answer["exceptionOccurrences"].as_array().into_iter().flatten().cloned();
    Occurrences {
        skipped: skipped.filter_map(|it| skipped_date(it.as_str()?)).collect(),
        changed: changed.filter_map(|item| changed_one(item, &zone)).collect(),
    }
}

/// Reads `OID.{id of the series}.2026-12-22` (event.md).
fn skipped_date(text: &str) -> Option<Date> {
    text.rsplit('.').next()?.parse().ok()
}

fn changed_one(item: Value, zone: &TimeZone) -> Option<(Date, Occurrence)> {
    let Value::Object(mut own) = item else { return None };
    let meant = when::instant(own.get("originalStart")?.as_str()?)?;
    // A whole day may be told as the midnight of its date in UTC.
    let utc = meant.to_zoned(TimeZone::UTC);
    let local = meant.to_zoned(zone.clone());
    let date = if utc.time() == Time::midnight() && local.time() != Time::midnight() && whole_days(&own) {
        utc.date()
    } else {
        local.date()
    };
    let id = own.get("id")?.as_str()?.to_owned();
    let etag = own.remove("@odata.etag").and_then(|etag| etag.as_str().map(str::to_owned));
    Some((date, Occurrence { id, etag, own }))
}

fn whole_days(own: &Map<String, Value>) -> bool {
    own.get("isAllDay") == Some(&Value::Bool(true))
}
