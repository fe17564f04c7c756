//! What is managed: when it takes place next, where, and how to join it; read from live objects.
//!
//! The one place whose output holds join links, and passcodes where they are asked for.

mod answers;
mod next;

pub use answers::Answers;
pub use next::Next;

use crate::graph::coming::Coming;
use crate::kind::event::{self, Response};
use crate::kind::online_meeting::{self as meeting, expiry};
use crate::model::{Desired, Have, Key, Live};
use answers::{of_rooms, said};
use jiff::Timestamp;
use percent_encoding::percent_decode_str;
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// What is managed and lives; what Graph does not say is null.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Joining {
    /// What it is called.
    pub key: String,
    /// Whose it is.
    pub organizer: String,
    /// Its title.
    pub subject: Value,
    /// When it takes place next.
    pub next: Next,
    /// What its place is called.
    pub location: Value,
    /// The join link.
    pub join_url: Value,
    /// The id to dial in with.
    pub conference_id: Value,
    /// The number to dial.
    pub toll_number: Value,
    /// What only its Teams meeting tells, if that was looked at.
    #[serde(flatten)]
    pub meeting: Option<OfMeeting>,
    /// What each room and other resource has answered, by address.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub rooms: BTreeMap<String, String>,
    /// What everybody has answered, if that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answers: Option<Answers>,
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
    /// It is online, so that there is a link, or there will be.
    #[serde(skip)]
    pub online: bool,
}

/// What a Teams meeting tells besides its link.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OfMeeting {
    /// The meeting id that people type.
    pub join_meeting_id: Value,
    /// The passcode, masked unless it was asked for.
    pub passcode: Value,
    /// A page with numbers to dial.
    pub dialin_url: Value,
    /// The thread of its chat.
    pub chat_thread: Value,
}

/// What to show of each resource.
#[derive(Debug, Clone, Copy)]
pub struct Asked {
    /// What Graph's create-call takes.
    pub call: bool,
    /// The join information for invitations.
    pub information: bool,
    /// What everybody has answered.
    pub answers: bool,
    /// The Teams meetings behind events, which were read.
    pub meetings: bool,
    /// Passcodes as they are.
    pub reveal: bool,
    /// The time of the look.
    pub now: Timestamp,
}

/// Returns what is known of every live resource, or of some, sorted by key.
pub fn joining(
    (live, coming): (&Live, &Coming),
    desired: &[Desired],
    only: Option<&BTreeSet<Key>>,
    asked: Asked,
) -> Vec<Joining> {
    let desired: BTreeMap<&Key, &Desired> = desired.iter().map(|want| (&want.key, want)).collect();
    let wanted = live.objects.iter().filter(|have| only.is_none_or(|keys| keys.contains(&have.key)));
    let mut rows: Vec<_> =
        wanted.map(|have| of(have, desired.get(&have.key).copied(), (live, coming), asked)).collect();
    rows.sort_by(|one, other| one.key.cmp(&other.key));
    rows
}

/// What is said where nothing is managed.
pub const NOTHING: &str = "nothing is managed yet: `convoke apply` makes it so";

/// What the join information is called.
pub const INFORMATION: &str = "join information";

/// What stands for a passcode.
const MASK: &str = "******";

impl Joining {
    /// Returns where it takes place, and what rooms say that have not accepted.
    pub fn place(&self) -> String {
        let rooms = self.rooms.values().filter(|it| *it != said(Response::Accepted)).cloned().collect::<BTreeSet<_>>();
        let rooms = rooms.into_iter().collect::<Vec<_>>().join(", ");
        let place = self.location.as_str().filter(|it| !it.is_empty()).or(self.online.then_some("Teams"));
        match (place.unwrap_or_default(), rooms.as_str()) {
            (place, "") => place.into(),
            (place, rooms) => format!("{place} ({rooms})"),
        }
    }

    /// Returns the join link, or that there is none yet; nothing for what is not online.
    pub fn link(&self) -> Option<&str> {
        self.join_url.as_str().or(self.online.then_some("(no join link yet)"))
    }

    /// Returns what is known in words, each with a title, but for the join information: that has lines of its own.
    pub fn lines(&self) -> Vec<(String, String)> {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let of_meeting = |of: fn(&OfMeeting) -> &Value| self.meeting.as_ref().and_then(|it| text(of(it)));
        let passcode = of_meeting(|it| &it.passcode);
        let known = [
            ("next", Some(self.next.words())),
            ("where", Some(self.place()).filter(|it| !it.is_empty())),
            ("organizer", Some(self.organizer.clone())),
            ("join", self.link().map(str::to_owned)),
            ("meeting id", of_meeting(|it| &it.join_meeting_id)),
            ("passcode", passcode.map(|it| if it == MASK { format!("{it} (--reveal shows it)") } else { it })),
            ("conference id", text(&self.conference_id)),
            ("dial-in", text(&self.toll_number)),
            ("dial-in page", of_meeting(|it| &it.dialin_url)),
            ("chat", of_meeting(|it| &it.chat_thread)),
            ("expires", self.expires.clone()),
        ];
        let rooms = self.rooms.iter().map(|(room, answer)| ("room".to_owned(), format!("{room}, {answer}")));
        let call = self.call.iter().map(|call| ("call".to_owned(), call.to_string()));
        let answers = self.answers.iter().flat_map(|it| it.lines(&self.next));
        let known = known.into_iter().filter_map(|(title, text)| Some((title.to_owned(), text?)));
        known.chain(rooms).chain(answers).chain(call).collect()
    }
}

fn of(have: &Have, want: Option<&Desired>, (live, coming): (&Live, &Coming), asked: Asked) -> Joining {
    let none = Map::new();
    let (event, meeting) = (have.event(), meeting::View::of(have.teams_meeting().unwrap_or(&none)));
    let first = |of_event: Option<&str>, of_meeting: Option<&str>| of_event.or(of_meeting).into();
    // Only standalone meetings are known to expire (onlinemeeting.md): the one behind an event is kept by the event.
    let expires = meeting.expires().filter(|_| event.is_none());
    let user = live.mailboxes.get(&have.organizer).and_then(|mailbox| mailbox.id.clone());
    let online = event.is_none_or(event::View::is_online);
    let information = meeting.join_information().filter(|_| asked.information).map(html);
    Joining {
        key: have.key.to_string(),
        organizer: have.organizer.clone(),
        subject: event.map_or(meeting.subject(), event::View::subject).into(),
        next: next::next(have, want, live, coming, asked.now),
        location: event.and_then(event::View::place_name).into(),
        join_url: first(event.and_then(event::View::join_url), meeting.join_url()),
        conference_id: first(event.and_then(event::View::conference_id), meeting.conference_id()),
        toll_number: first(event.and_then(event::View::toll_number), meeting.toll_number()),
        meeting: (asked.meetings || event.is_none()).then(|| of_meeting(meeting, asked.reveal)),
        rooms: event.map(of_rooms).into_iter().flatten().map(|(room, it)| (room, said(it).to_owned())).collect(),
        answers: if asked.answers { answers::answers(have, coming) } else { None },
        expiry_date_time: expires,
        expires: expires.and_then(|at| expiry::soon(at, asked.now)),
        join_information: information.map(|text| match meeting.passcode() {
            Some(passcode) if !asked.reveal && !passcode.is_empty() => text.replace(passcode, MASK),
            Some(_) | None => text,
        }),
        call: asked.call.then(|| {
            json!({
                "chatInfo": meeting.chat(),
                "meetingInfo": {
                    "@odata.type": "#microsoft.graph.organizerMeetingInfo",
                    "organizer": {"user": {"id": user}},
                },
            })
        }),
        online,
    }
}

fn of_meeting(meeting: meeting::View, reveal: bool) -> OfMeeting {
    OfMeeting {
        join_meeting_id: meeting.meeting_id().into(),
        passcode: meeting.passcode().map(|it| if reveal { it } else { MASK }).into(),
        dialin_url: meeting.dial_in_url().into(),
        chat_thread: meeting.thread().into(),
    }
}

/// Join information is URL-encoded behind a prefix (onlinemeeting.md).
fn html(content: &str) -> String {
    let encoded = content.strip_prefix("data:text/html,");
    // A blank may be written as `+`, as in a form.
    let text = encoded.map(|text| percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned());
    text.unwrap_or_else(|| content.to_owned())
}
