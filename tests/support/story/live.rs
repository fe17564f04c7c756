//! What is live in the tenant, as somebody else sees it.

use super::deeds::occurrence;
use crate::support::{House, ORGANIZER};
use convoke::face::route::{by_join_url, encoded};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The live object of a key; `behind/NAME` is the Teams meeting behind an event, `people/NAME/DATE` who is invited to one date of a
/// series, `text/NAME/DATE` the words of that date and whether its join link is the one of the series.
pub fn live(house: &House, key: &str) -> Value {
    match key.split_once('/') {
        Some(("Event", name)) => house.event(name),
        Some(("OnlineMeeting", _)) => {
            let id = house.record(key)["id"].as_str().unwrap().to_owned();
            let (_, user) = house.call("GET", &format!("/v1.0/users/{ORGANIZER}"), None);
            let path = format!("/v1.0/users/{}/onlineMeetings/{id}", user["id"].as_str().unwrap());
            house.call("GET", &path, None).1
        }
        // The Teams meeting behind an event, found as people without our marks would.
        Some(("behind", name)) => {
            let (_, user) = house.call("GET", &format!("/v1.0/users/{ORGANIZER}"), None);
            let url = house.event(name)["onlineMeeting"]["joinUrl"].as_str().unwrap().to_owned();
            let path = format!("/v1.0/users/{}/onlineMeetings", user["id"].as_str().unwrap());
            house.call("GET", &(path + &by_join_url(&url)), None).1["value"][0].clone()
        }
        Some(("people", date)) => people(&one_date(house, date)),
        Some(("text", date)) => text(house, date),
        _ => panic!("no such key: {key}"),
    }
}

/// One date of a series, `NAME/DATE`.
fn one_date(house: &House, of: &str) -> Value {
    let (name, date) = of.split_once('/').expect("a name and a date");
    house.call("GET", &occurrence(house, name, date, "/v1.0"), None).1
}

fn people(event: &Value) -> Value {
    let all = event["attendees"].as_array().unwrap().iter();
    all.map(|it| (it["emailAddress"]["address"].as_str().unwrap().to_owned(), it["type"].clone())).collect()
}

fn text(house: &House, of: &str) -> Value {
    let date = one_date(house, of);
    let series = house.event(of.split_once('/').unwrap().0);
    let url = series["onlineMeeting"]["joinUrl"].as_str().unwrap_or_default();
    let content = date["body"]["content"].as_str().unwrap();
    let kept = date["onlineMeeting"]["joinUrl"] == url && content.contains(&url.replace('&', "&amp;"));
    let words = date["bodyPreview"].as_str().unwrap().split("____").next().unwrap().trim();
    json!({"link": if kept { "kept" } else { "lost" }, "words": words})
}

/// The join links of the organizer's events, by name.
pub fn links(house: &House) -> BTreeMap<String, Value> {
    let events = house.events(ORGANIZER).into_iter();
    events.map(|(name, event)| (name, event["onlineMeeting"]["joinUrl"].clone())).collect()
}

/// When the occurrences of a series start, around those that are expected.
pub fn starts(house: &House, name: &str, expect: &[String]) -> Vec<String> {
    let id = house.event(name)["id"].as_str().unwrap().to_owned();
    let at = |text: &String| format!("{text}:00Z").parse::<jiff::Timestamp>().unwrap();
    let (first, last) = (at(&expect[0]), at(&expect[expect.len() - 1]));
    let hour = jiff::SignedDuration::from_hours(1);
    let path = format!("/v1.0/users/{ORGANIZER}/events/{}/instances", encoded(&id));
    let window = format!("startDateTime={}&endDateTime={}&$top=1000", first - hour, last + hour);
    let (status, all) = house.call("GET", &format!("{path}?{window}"), None);
    // As it was before it became a series.
    if status == 400 {
        return vec![];
    }
    assert_eq!(status, 200, "{all}");
    let utc = |it: &Value| {
        assert_eq!(it["start"]["timeZone"], "UTC");
        it["start"]["dateTime"].as_str().unwrap()[..16].to_owned()
    };
    let mut starts: Vec<String> = all["value"].as_array().unwrap().iter().map(utc).collect();
    starts.sort();
    starts
}
