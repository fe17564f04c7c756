//! How to join what is managed, read from live objects.
//!
//! The one place whose output holds join links and passcodes.

use crate::kind::compare;
use crate::model::{Have, Key, Live};
use percent_encoding::percent_decode_str;
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The join coordinates of one resource; what Graph does not say is null.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Joining {
    pub key: String,
    pub organizer: String,
    pub subject: Value,
    pub join_url: Value,
    pub join_meeting_id: Value,
    pub passcode: Value,
    pub conference_id: Value,
    pub toll_number: Value,
    pub dialin_url: Value,
    pub chat_thread: Value,
    /// What each room and other resource has answered, by address.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub rooms: BTreeMap<String, String>,
    /// The join information for invitations as HTML, in the language that was asked for; only then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub join_information: Option<String>,
    /// What Graph's create-call takes (application-post-calls.md), if it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub call: Option<Value>,
}

/// Returns the join coordinates of every live resource, or of one, sorted by key.
pub fn joining(live: &Live, only: Option<&Key>, call: bool, information: bool) -> Vec<Joining> {
    let wanted = live.objects.iter().filter(|have| only.is_none_or(|key| have.key == *key));
    let mut rows: Vec<_> = wanted.map(|have| of(have, live, call, information)).collect();
    rows.sort_by(|one, other| one.key.cmp(&other.key));
    rows
}

fn of(have: &Have, live: &Live, call: bool, information: bool) -> Joining {
    let meeting = Value::Object(have.teams_meeting().cloned().unwrap_or_default());
    let own = Value::Object(have.own.clone());
    let pick =
        |of_event: &Value, of_meeting: &Value| if of_event.is_null() { of_meeting.clone() } else { of_event.clone() };
    // Some services spell it with a capital letter (onlinemeeting.md samples).
    let audio = &meeting["audioConferencing"];
    let conference = pick(&audio["conferenceId"], &audio["ConferenceId"]);
    let chat = meeting["chatInfo"].clone();
    let user = live.mailboxes.get(&have.organizer).and_then(|mailbox| mailbox.id.clone());
    Joining {
        key: have.key.to_string(),
        organizer: have.organizer.clone(),
        subject: own["subject"].clone(),
        join_url: pick(&own["onlineMeeting"]["joinUrl"], &meeting["joinWebUrl"]),
        join_meeting_id: meeting["joinMeetingIdSettings"]["joinMeetingId"].clone(),
        passcode: meeting["joinMeetingIdSettings"]["passcode"].clone(),
        conference_id: pick(&own["onlineMeeting"]["conferenceId"], &conference),
        toll_number: pick(&own["onlineMeeting"]["tollNumber"], &audio["tollNumber"]),
        dialin_url: audio["dialinUrl"].clone(),
        chat_thread: chat["threadId"].clone(),
        rooms: rooms(&own),
        join_information: meeting["joinInformation"]["content"].as_str().filter(|_| information).map(html),
        call: call.then(|| {
            json!({
                "chatInfo": chat,
                "meetingInfo": {
                    "@odata.type": "#microsoft.graph.organizerMeetingInfo",
                    "organizer": {"user": {"id": user}},
                },
            })
        }),
    }
}

fn rooms(event: &Value) -> BTreeMap<String, String> {
    let attendees = event["attendees"].as_array().into_iter().flatten().filter(|it| it["type"] == "resource");
    let answer = |it: &Value| match it["status"]["response"].as_str() {
        Some("accepted") => "accepted",
        Some("declined") => "declined",
        Some("tentativelyAccepted") => "tentative",
        Some(_) | None => "no answer yet",
    };
    attendees.filter_map(|it| Some((compare::address(it)?, answer(it).to_owned()))).collect()
}

/// Join information is URL-encoded behind a prefix (onlinemeeting.md).
fn html(content: &str) -> String {
    let encoded = content.strip_prefix("data:text/html,");
    // A blank may be written as `+`, as in a form.
    let text = encoded.map(|text| percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned());
    text.unwrap_or_else(|| content.to_owned())
}
