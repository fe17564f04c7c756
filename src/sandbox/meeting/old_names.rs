//! Names that online meetings had in beta in 2019, for requests and answers that still use them.
//!
//! Only `/beta` shows them (changelog of December 2019; application-post-onlinemeetings.md@2019-11): `joinUrl` became `joinWebUrl`, cancellation
//! state and announcements went away.

use serde_json::{Map, Value};

/// Adds the old names to an answer.
pub fn add(out: &mut Map<String, Value>) {
    let get = |name: &str| out.get(name).cloned().unwrap_or(Value::Null);
    let announced = get("isEntryExitAnnounced");
    let old = [
        ("@odata.type", "#microsoft.graph.onlineMeeting".into()),
        ("accessLevel", "everyone".into()),
        ("autoAdmittedUsers", "everyone".into()),
        ("canceledDateTime", Value::Null),
        ("entryExitAnnouncement", announced),
        ("expirationDateTime", get("expiryDateTime")),
        ("isCanceled", false.into()),
        ("joinUrl", get("joinWebUrl")),
    ];
    for (name, value) in old {
        out.insert(name.into(), value);
    }
    // The samples spell it with a capital C, and clients must read it so.
    if let Some(audio) = out.get_mut("audioConferencing").and_then(Value::as_object_mut) {
        let id = audio.get("conferenceId").cloned().unwrap_or(Value::Null);
        audio.insert("ConferenceId".into(), id);
    }
}

/// Turns what the 2019 samples send into today's types: booleans written as strings.
pub fn modern(body: &Map<String, Value>) -> Map<String, Value> {
    let turn = |value: &Value| match value.as_str() {
        Some("true") => true.into(),
        Some("false") => false.into(),
        _ => value.clone(),
    };
    body.iter().map(|(name, value)| (name.clone(), turn(value))).collect()
}
