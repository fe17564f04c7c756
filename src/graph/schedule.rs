//! Reads the free and busy times of rooms and people: getSchedule, which changes nothing though it is sent as a POST.
//!
//! At most 20 addresses in one call, and less than 62 days (calendar-getschedule.md). What cannot be read stands in the result
//! with the reason: it stops no plan.

use crate::graph::Client;
use crate::model::{Ask, Body, Busy, Live, Method, Purpose, Request, Schedule};
use crate::route;
use crate::trouble::Trouble;
use crate::when;
use futures::future::join_all;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

/// Addresses in one call.
const MOST: usize = 20;

/// The days of one call.
const DAYS: i64 = 61;

/// Reads what is asked for into `live.schedules`.
pub async fn schedules(client: &Client, live: &mut Live, asks: &[Ask]) {
    let calls: Vec<_> = asks.iter().flat_map(calls).collect();
    let answers = join_all(calls.iter().map(|(mailbox, _, request)| client.send(mailbox, request))).await;
    for ((_, addresses, _), answer) in calls.iter().zip(answers) {
        let (found, failure) = match answer {
            Ok(answer) => (answer.body["value"].as_array().cloned().unwrap_or_default(), None),
            Err(failure) => (vec![], Some(client.trouble(&failure))),
        };
        for address in addresses {
            let schedule = live.schedules.entry(address.clone()).or_default();
            let mine =
                found.iter().find(|it| it["scheduleId"].as_str().is_some_and(|it| it.eq_ignore_ascii_case(address)));
            match (mine, &failure) {
                (Some(mine), _) => add(schedule, mine),
                (None, Some(failure)) => schedule.failure = Some(failure.clone()),
                (None, None) => schedule.failure = Some(Trouble::new("Graph gave no answer for it")),
            }
        }
    }
    for schedule in live.schedules.values_mut() {
        // What lies across the border of two calls is in both.
        schedule.busy.sort_by_key(|it| (it.from, it.until));
        schedule.busy.dedup();
    }
}

/// The calls of one ask: the mailbox, the addresses and the request of each.
fn calls(ask: &Ask) -> Vec<(String, Vec<String>, Request)> {
    let addresses: Vec<String> = ask.addresses.iter().cloned().collect();
    let mut calls = vec![];
    let mut from = ask.from;
    while from < ask.until {
        let until = from.checked_add(SignedDuration::from_hours(24 * DAYS)).unwrap_or(ask.until).min(ask.until);
        for some in addresses.chunks(MOST) {
            calls.push((ask.mailbox.clone(), some.to_vec(), request(&ask.mailbox, some, from, until)));
        }
        from = until;
    }
    calls
}

fn request(mailbox: &str, addresses: &[String], from: Timestamp, until: Timestamp) -> Request {
    Request {
        purpose: Purpose::ReadSchedules,
        method: Method::Post,
        path: format!("{}/calendar/getSchedule", route::mailbox(mailbox)),
        prefer: Some(route::EVENT_PREFER.into()),
        body: Some(Body::of(&json!({
            "schedules": addresses, "startTime": when::pair_in_utc(from), "endTime": when::pair_in_utc(until),
            "availabilityViewInterval": 60,
        }))),
        ..Request::default()
    }
}

fn add(schedule: &mut Schedule, answer: &Value) {
    if let Some(message) = answer["error"]["message"].as_str() {
        // The code that Exchange has for a list of many members (its web services' ResponseCode).
        schedule.list = answer["error"]["responseCode"].as_str().is_some_and(|code| code.contains("DLLimitReached"));
        schedule.failure = Some(Trouble::new(message));
        return;
    }
    let taken = |it: &&Value| matches!(it["status"].as_str(), Some("busy" | "oof" | "tentative"));
    let items = answer["scheduleItems"].as_array().into_iter().flatten().filter(taken);
    schedule.busy.extend(items.filter_map(|it| {
        Some(Busy { from: when::instant_in_zone(&it["start"])?, until: when::instant_in_zone(&it["end"])? })
    }));
}
