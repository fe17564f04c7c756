//! Reads the times of events as the clocks of their own zones show them.
//!
//! A server computes with zone tables of its own, older or newer than ours (datetimetimezone.md, TimeZoneConverter #204): in
//! UTC the same wall time of the same zone may then be another instant. What cannot be read stays as it was read in UTC.

use crate::graph::{Client, Get};
use crate::kind::event::read;
use crate::model::{Key, Live};
use crate::route;
use std::collections::BTreeMap;

/// Reads the times of these events once more, each in the zone beside its key.
pub async fn clocks(client: &Client, live: &mut Live, zones: &BTreeMap<Key, String>) {
    let objects = live.objects.iter_mut().filter(|have| have.clock.is_none());
    let objects: Vec<_> = objects.filter_map(|have| zones.get(&have.key).map(|zone| (have, zone))).collect();
    let gets = objects.iter().map(|(have, zone)| Get {
        mailbox: have.organizer.clone(),
        path: format!(
            "{}/events/{}?$select={}",
            route::mailbox(&have.organizer),
            route::encoded(&have.id),
            read::TIMES
        ),
        prefer: Some(route::event_prefer(zone)),
    });
    let answers = client.read(gets.collect()).await;
    for ((have, zone), answer) in objects.into_iter().zip(answers) {
        if let Some(mut own) = answer.ok().and_then(|answer| answer.as_object().cloned()) {
            read::in_zone(&mut own, zone);
            have.clock = Some(own.into());
        }
    }
}
