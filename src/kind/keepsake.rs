//! What of a live object is kept where its plan may be read by people who may not join it: what a plan looks at, and nothing that
//! opens a meeting.

use crate::kind::{Home, Kind};
use serde_json::{Map, Value, json};

/// What only Graph writes and a plan looks at.
const LOOKED_AT: [&str; 17] = [
    "id",
    "createdDateTime",
    "isCancelled",
    "isOrganizer",
    "isOnlineMeeting",
    "originalStartTimeZone",
    "originalStart",
    "cancelledOccurrences",
    "exceptionOccurrences",
    "organizer",
    "transactionId",
    "externalId",
    "onlineMeeting",
    "joinWebUrl",
    "expiryDateTime",
    "startDateTime",
    "endDateTime",
];

/// Properties that hold words of people, beside the text of an event.
pub const WORDS: [&str; 5] = ["subject", "location", "locations", "categories", "chatInfo"];

/// Leaves of Graph's JSON of an object what a plan looks at; what stands for its join link `stand_in` says.
pub fn keep(kind: &Kind, own: &mut Map<String, Value>, stand_in: impl Fn(&str) -> String) {
    let rows = || kind.fields().filter(|field| field.is_declared() && matches!(field.home, Home::Own | Home::Meeting));
    own.retain(|name, _| LOOKED_AT.contains(&name.as_str()) || rows().any(|field| field.name == name));
    for (name, value) in own.iter_mut() {
        match name.as_str() {
            "onlineMeeting" => {
                let link = value["joinUrl"].as_str().map(&stand_in);
                *value = link.map_or(Value::Null, |link| json!({"joinUrl": link}));
            }
            "joinWebUrl" => {
                let link = value.as_str().map(&stand_in);
                *value = json!(link);
            }
            "joinMeetingIdSettings" => only(value, &["isPasscodeRequired"]),
            "organizer" => person(value),
            "attendees" => value.as_array_mut().into_iter().flatten().for_each(person),
            "participants" => {
                only(value, &["attendees"]);
                let all = value.get_mut("attendees").and_then(Value::as_array_mut);
                all.into_iter().flatten().for_each(|it| only(it, &["upn", "role", "identity"]));
            }
            _ => {}
        }
    }
}

/// Puts a join link back where another one stands for it, in the text as well.
pub fn put_back(own: &mut Map<String, Value>, stand_in: &str, link: &str) {
    if let Some(url) = own.get_mut("onlineMeeting").and_then(|it| it.get_mut("joinUrl")) {
        *url = json!(link);
    }
    if let Some(Value::String(content)) = own.get_mut("body").and_then(|it| it.get_mut("content")) {
        *content = content.replace(stand_in, &link.replace('&', "&amp;"));
    }
}

/// Calls `hide` with each address or other name of a person on the lists of an object.
pub fn people(own: &mut Map<String, Value>, mut hide: impl FnMut(&mut String)) {
    let attendees: Vec<&mut Value> = match own.get_mut("attendees") {
        Some(Value::Array(list)) => list.iter_mut().collect(),
        // Those of one date of a series, as they are declared.
        Some(Value::Object(added)) => added.values_mut().collect(),
        _ => vec![],
    };
    for it in attendees {
        string(it.pointer_mut("/emailAddress/address"), &mut hide);
    }
    let participants = own.get_mut("participants").and_then(|it| it.get_mut("attendees")?.as_array_mut());
    for it in participants.into_iter().flatten() {
        string(it.get_mut("upn"), &mut hide);
        string(it.pointer_mut("/identity/user/id"), &mut hide);
    }
}

fn string(value: Option<&mut Value>, hide: &mut impl FnMut(&mut String)) {
    if let Some(Value::String(text)) = value {
        hide(text);
    }
}

/// Somebody's address, part and answer, without what they are called.
fn person(value: &mut Value) {
    only(value, &["emailAddress", "type", "status"]);
    if let Some(address) = value.get_mut("emailAddress") {
        only(address, &["address"]);
    }
}

fn only(value: &mut Value, names: &[&str]) {
    if let Value::Object(members) = value {
        members.retain(|name, _| names.contains(&name.as_str()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::KindId;
    use crate::kind::compare::Compare;
    use crate::kind::schema::document;

    /// A row that is added later and takes any words is known to hide them.
    #[test]
    fn every_property_of_free_words_is_known() {
        for kind in KindId::ALL.map(KindId::kind) {
            let schema = document(kind.name).expect("a kind has a schema");
            let rows = kind.fields().filter(|field| field.home == Home::Own && field.is_declared());
            for field in rows.filter(|field| matches!(field.compare, Compare::Exact | Compare::Set | Compare::Place)) {
                let property = &schema["properties"]["spec"]["properties"][field.name];
                let text = property.to_string();
                let words = text.contains("\"string\"") && !text.contains("\"enum\"") && !text.contains("\"const\"");
                let known = WORDS.contains(&field.name) || field.name == "meetingTemplateId";
                assert!(!words || known, "{} of {}: {property}", field.name, kind.name);
            }
        }
    }

    #[test]
    fn nothing_that_opens_a_meeting_is_kept() {
        let meeting = json!({
            "id": "A", "joinWebUrl": "https://t/1", "subject": "Weekly", "joinInformation": {"content": "x"},
            "joinMeetingIdSettings": {"isPasscodeRequired": true, "joinMeetingId": "312", "passcode": "Zx9"},
            "audioConferencing": {"conferenceId": "9"}, "videoTeleconferenceId": "8",
        });
        let Value::Object(mut own) = meeting else { unreachable!() };
        keep(KindId::OnlineMeeting.kind(), &mut own, |_| "there".into());
        let kept = json!({
            "id": "A", "joinWebUrl": "there", "subject": "Weekly", "joinMeetingIdSettings": {"isPasscodeRequired": true},
        });
        assert_eq!(Value::Object(own), kept);
    }
}
