//! How to join what is managed, read from live objects.
//!
//! The one place whose output holds join links and passcodes.

use crate::kind::event::{self, Attendee, Response};
use crate::kind::online_meeting::{self as meeting, expiry};
use crate::model::{Have, Key, Live};
use jiff::Timestamp;
use percent_encoding::percent_decode_str;
use serde::Serialize;
use serde_json::{Map, Value, json};
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
    /// When Graph takes a standalone meeting away, where it tells.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expiry_date_time: Option<Timestamp>,
    /// The same in words, where that is soon.
    #[serde(skip)]
    pub expires: Option<String>,
}

/// What to show of each resource.
#[derive(Debug, Clone, Copy)]
pub struct Asked {
    /// What Graph's create-call takes.
    pub call: bool,
    /// The join information for invitations.
    pub information: bool,
    /// The time of the look.
    pub now: Timestamp,
}

/// Returns the join coordinates of every live resource, or of one, sorted by key.
pub fn joining(live: &Live, only: Option<&Key>, asked: Asked) -> Vec<Joining> {
    let wanted = live.objects.iter().filter(|have| only.is_none_or(|key| have.key == *key));
    let mut rows: Vec<_> = wanted.map(|have| of(have, live, asked)).collect();
    rows.sort_by(|one, other| one.key.cmp(&other.key));
    rows
}

/// What is said where nothing is managed.
pub const NOTHING: &str = "nothing is managed yet: `convoke apply` makes it so";

/// What the join information is called.
pub const INFORMATION: &str = "join information";

impl Joining {
    /// Returns what is known in words, each with a title, but for the join information: that has lines of its own.
    pub fn lines(&self) -> Vec<(&'static str, String)> {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let known = [
            ("organizer", Some(self.organizer.clone())),
            ("join", text(&self.join_url).or(Some("(none)".into()))),
            ("meeting id", text(&self.join_meeting_id)),
            ("passcode", text(&self.passcode)),
            ("conference id", text(&self.conference_id)),
            ("dial-in", text(&self.toll_number)),
            ("dial-in page", text(&self.dialin_url)),
            ("chat", text(&self.chat_thread)),
            ("expires", self.expires.clone()),
        ];
        let rooms = self.rooms.iter().map(|(room, answer)| ("room", format!("{room}, {answer}")));
        let call = self.call.iter().map(|call| ("call", call.to_string()));
        let known = known.into_iter().filter_map(|(title, text)| Some((title, text?)));
        known.chain(rooms).chain(call).collect()
    }
}

fn of(have: &Have, live: &Live, asked: Asked) -> Joining {
    let Asked { call, information, now } = asked;
    let none = Map::new();
    let (event, meeting) = (have.event(), meeting::View::of(have.teams_meeting().unwrap_or(&none)));
    let first = |of_event: Option<&str>, of_meeting: Option<&str>| of_event.or(of_meeting).into();
    // Only standalone meetings are known to expire (onlinemeeting.md): the one behind an event is kept by the event.
    let expires = meeting.expires().filter(|_| event.is_none());
    let user = live.mailboxes.get(&have.organizer).and_then(|mailbox| mailbox.id.clone());
    Joining {
        key: have.key.to_string(),
        organizer: have.organizer.clone(),
        subject: event.map_or(meeting.subject(), event::View::subject).into(),
        join_url: first(event.and_then(event::View::join_url), meeting.join_url()),
        join_meeting_id: meeting.meeting_id().into(),
        passcode: meeting.passcode().into(),
        conference_id: first(event.and_then(event::View::conference_id), meeting.conference_id()),
        toll_number: first(event.and_then(event::View::toll_number), meeting.toll_number()),
        dialin_url: meeting.dial_in_url().into(),
        chat_thread: meeting.thread().into(),
        rooms: event.map(rooms).unwrap_or_default(),
        expiry_date_time: expires,
        expires: expires.and_then(|at| expiry::soon(at, now)),
        join_information: meeting.join_information().filter(|_| information).map(html),
        call: call.then(|| {
            json!({
                "chatInfo": meeting.chat(),
                "meetingInfo": {
                    "@odata.type": "#microsoft.graph.organizerMeetingInfo",
                    "organizer": {"user": {"id": user}},
                },
            })
        }),
    }
}

fn rooms(event: event::View) -> BTreeMap<String, String> {
    let answer = |it: Attendee| match it.response() {
        Response::Accepted => "accepted",
        Response::Declined => "declined",
        Response::Tentative => "tentative",
        Response::None => "no answer yet",
    };
    let rooms = event.attendees().filter(|it| it.is_resource());
    rooms.filter_map(|it| Some((it.address()?, answer(it).to_owned()))).collect()
}

/// Join information is URL-encoded behind a prefix (onlinemeeting.md).
fn html(content: &str) -> String {
    let encoded = content.strip_prefix("data:text/html,");
    // A blank may be written as `+`, as in a form.
    let text = encoded.map(|text| percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned());
    text.unwrap_or_else(|| content.to_owned())
}
