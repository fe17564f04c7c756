//! What somebody else does to the tenant between two runs.

use super::live::live;
use super::text::Deed;
use crate::support::{House, ORGANIZER};
use convoke::face::route::encoded;
use serde_json::{Map, Value, json};

/// Does it; fails where the twin refuses it.
pub fn act(house: &House, deed: &Deed) {
    let event = |name: &str| {
        let event = house.event(name);
        format!("/sandbox/users/{ORGANIZER}/events/{}", encoded(event["id"].as_str().unwrap()))
    };
    let meeting = |key: &str| {
        let id = house.record(key)["id"].as_str().unwrap().to_owned();
        format!("/sandbox/users/{ORGANIZER}/onlineMeetings/{}", encoded(&id))
    };
    let (status, answer) = match deed {
        Deed::EditEvent { name, with } => house.call("PATCH", &event(name), Some(&json!(with))),
        Deed::EditText { name, from, to } => {
            let whole = house.event(name);
            let live = whole["body"]["content"].as_str().unwrap().to_owned();
            assert!(live.contains(from), "`{from}` does not stand in {live}");
            let join = whole["onlineMeeting"]["joinUrl"].as_str().unwrap_or_default().replace('&', "&amp;");
            let to = to.replace("{join}", &join).replace("{rule}", &"_".repeat(80));
            let body = json!({"body": {"contentType": "html", "content": live.replacen(from, &to, 1)}});
            house.call("PATCH", &event(name), Some(&body))
        }
        Deed::EditOccurrence { name, date, with } => {
            house.call("PATCH", &occurrence(house, name, date, "/sandbox"), Some(&json!(with)))
        }
        Deed::SkipOccurrence { name, date } => house.call("DELETE", &occurrence(house, name, date, "/v1.0"), None),
        Deed::MoveEvent { name, to } => house.call("PATCH", &event(name), Some(&json!({"calendar": to}))),
        Deed::DeleteEvent { name } => house.call("DELETE", &event(name), None),
        Deed::DeleteMeeting { key } => house.call("DELETE", &meeting(key), None),
        Deed::EditMeeting { key, with } => house.call("PATCH", &meeting(key), Some(&json!(with))),
        Deed::EditBehind { name, with } => {
            let id = live(house, &format!("behind/{name}"))["id"].as_str().unwrap().to_owned();
            let path = format!("/sandbox/users/{ORGANIZER}/onlineMeetings/{}", encoded(&id));
            house.call("PATCH", &path, Some(&json!(with)))
        }
        Deed::CopyEvent { name } => {
            let event = house.event(name);
            let copied = ["subject", "start", "end", "attendees", "singleValueExtendedProperties"];
            let body: Map<_, _> = copied.iter().map(|it| (it.to_string(), event[*it].clone())).collect();
            house.call("PUT", &format!("/sandbox/users/{ORGANIZER}/events/copied"), Some(&json!(body)))
        }
        Deed::Answer { event, attendee, response } => {
            let id = house.event(event)["id"].clone();
            let body = json!({"event": id, "attendee": attendee, "response": response});
            house.call("POST", &format!("/sandbox/users/{ORGANIZER}/responses"), Some(&body))
        }
        Deed::EditUser { upn, with } => house.call("PATCH", &format!("/sandbox/users/{upn}"), Some(&json!(with))),
        Deed::Quirks { list } => house.call("POST", "/sandbox/quirks", Some(&json!({"list": list}))),
        Deed::Post { path, body } => house.call("POST", path, Some(body)),
        Deed::Workspace { text } => {
            house.write("convoke.yaml", text);
            (204, Value::Null)
        }
        Deed::LoseState {} => {
            std::fs::remove_file(house.path(".convoke/state.json")).unwrap();
            (204, Value::Null)
        }
    };
    assert!((200..300).contains(&status), "{status} {answer}");
}

/// The path below `root` of the occurrence that the series has on a date, wherever it was moved to.
pub fn occurrence(house: &House, name: &str, date: &str, root: &str) -> String {
    let id = house.event(name)["id"].as_str().unwrap().to_owned();
    let path = format!("/v1.0/users/{ORGANIZER}/events/{}/instances", encoded(&id));
    let day: jiff::civil::Date = date.parse().unwrap();
    let (from, to) = (day - jiff::Span::new().days(60), day + jiff::Span::new().days(60));
    let (status, all) = house.call("GET", &format!("{path}?startDateTime={from}&endDateTime={to}&$top=1000"), None);
    assert_eq!(status, 200, "{all}");
    let meant = |it: &&Value| it["originalStart"].as_str().unwrap().starts_with(date);
    let found = all["value"].as_array().unwrap().iter().find(meant).expect("the series has the date");
    format!("{root}/users/{ORGANIZER}/events/{}", encoded(found["id"].as_str().unwrap()))
}
