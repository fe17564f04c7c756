//! What others do meanwhile, at random.

use super::ORGANIZER;
use super::lab::Lab;
use super::random::one;
use fastrand::Rng;
use serde_json::json;

/// Somebody else does something to a live event, or the state is lost.
pub fn meddle(rng: &mut Rng, lab: &mut Lab) -> String {
    let events = lab.house.events(ORGANIZER);
    let Some((name, event)) = (!events.is_empty()).then(|| &events[rng.usize(..events.len())]) else {
        return "nothing to meddle with".into();
    };
    let id = convoke::face::route::encoded(event["id"].as_str().unwrap());
    let path = format!("/sandbox/users/{ORGANIZER}/events/{id}");
    let attendees = event["attendees"].as_array().cloned().unwrap_or_default();
    let (what, answer) = match rng.u8(0..7) {
        0 => {
            lab.lose_state();
            return "lost the state".into();
        }
        1 => ("changed the subject of", lab.house.call("PATCH", &path, Some(&json!({"subject": "Changed outside"})))),
        2 => {
            let guest = json!({"emailAddress": {"address": "guest@wingtip.example"}, "type": "optional"});
            let all: Vec<_> = attendees.into_iter().chain([guest]).collect();
            ("forwarded", lab.house.call("PATCH", &path, Some(&json!({"attendees": all}))))
        }
        3 | 4 => {
            let answers = format!("/sandbox/users/{ORGANIZER}/responses");
            for attendee in &attendees {
                let response = one(rng, ["accepted", "declined", "tentativelyAccepted"]);
                let body = json!({"event": event["id"], "attendee": attendee["emailAddress"]["address"], "response": response});
                lab.house.call("POST", &answers, Some(&body));
            }
            return format!("answered {name}");
        }
        5 => {
            ("moved the reminder of", lab.house.call("PATCH", &path, Some(&json!({"reminderMinutesBeforeStart": 99}))))
        }
        _ => {
            let from = event["start"]["dateTime"].as_str().unwrap()[..10].to_owned();
            let instances =
                format!("/v1.0/users/{ORGANIZER}/events/{id}/instances?startDateTime={from}&endDateTime=2032-12-31");
            let (status, all) = lab.house.call("GET", &instances, None);
            let list = all["value"].as_array().cloned().unwrap_or_default();
            if status != 200 || list.is_empty() {
                return "no series to meddle with".into();
            }
            let one = convoke::face::route::encoded(list[rng.usize(..list.len())]["id"].as_str().unwrap());
            let path = format!("/sandbox/users/{ORGANIZER}/events/{one}");
            ("changed an occurrence of", lab.house.call("PATCH", &path, Some(&json!({"subject": "Own"}))))
        }
    };
    assert!((200..300).contains(&answer.0), "{what} {name}: {answer:?}");
    format!("{what} {name}")
}
