//! What the properties of a Teams meeting mean, so that nobody else has to know their names.
//!
//! The same for a standalone meeting and for the one behind an event. It only reads; what Graph does not say is `None`.

use crate::when;
use jiff::Timestamp;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

/// Where an answer holds the join link.
pub const JOIN_URL: &str = "/joinWebUrl";

/// A Teams meeting to be read.
#[derive(Clone, Copy)]
pub struct View<'a>(&'a Map<String, Value>);

impl<'a> View<'a> {
    /// Looks at Graph's JSON of an online meeting, live or desired.
    pub fn of(own: &'a Map<String, Value>) -> View<'a> {
        View(own)
    }

    /// Its subject.
    pub fn subject(self) -> Option<&'a str> {
        self.0.get("subject")?.as_str()
    }

    /// When it starts, as it is written.
    pub fn start(self) -> Option<&'a str> {
        self.0.get("startDateTime")?.as_str()
    }

    /// When it ends, as it is written.
    pub fn end(self) -> Option<&'a str> {
        self.0.get("endDateTime")?.as_str()
    }

    /// Whether joining it by its id asks for no passcode, which is not usual.
    pub fn needs_no_passcode(self) -> bool {
        self.0.get("joinMeetingIdSettings").is_some_and(|it| it["isPasscodeRequired"] == false)
    }

    /// When it starts and ends, where both are told.
    pub fn slot(self) -> Option<(Timestamp, Timestamp)> {
        when::instant(self.start()?).zip(when::instant(self.end()?))
    }

    /// The join link: a secret.
    pub fn join_url(self) -> Option<&'a str> {
        self.0.get("joinWebUrl")?.as_str()
    }

    /// When Graph takes it away; not every cloud tells.
    pub fn expires(self) -> Option<Timestamp> {
        when::instant(self.0.get("expiryDateTime")?.as_str()?)
    }

    /// The meeting id that people type to join.
    pub fn meeting_id(self) -> Option<&'a str> {
        self.0.get("joinMeetingIdSettings")?["joinMeetingId"].as_str()
    }

    /// A secret.
    pub fn passcode(self) -> Option<&'a str> {
        self.0.get("joinMeetingIdSettings")?["passcode"].as_str()
    }

    /// The id to dial in with.
    pub fn conference_id(self) -> Option<&'a str> {
        // Some services spell it with a capital letter (onlinemeeting.md samples).
        self.audio("conferenceId").or_else(|| self.audio("ConferenceId"))
    }

    /// The number to dial.
    pub fn toll_number(self) -> Option<&'a str> {
        self.audio("tollNumber")
    }

    /// The page with all numbers.
    pub fn dial_in_url(self) -> Option<&'a str> {
        self.audio("dialinUrl")
    }

    /// Its chat, as Graph has it.
    pub fn chat(self) -> Option<&'a Value> {
        self.0.get("chatInfo")
    }

    /// The thread of its chat; a declared one is the channel that the meeting is held in.
    pub fn thread(self) -> Option<&'a str> {
        self.chat()?["threadId"].as_str()
    }

    /// The text for invitations: HTML, URL-encoded behind a prefix (onlinemeeting.md).
    pub fn join_information(self) -> Option<&'a str> {
        self.0.get("joinInformation")?["content"].as_str()
    }

    fn audio(self, name: &str) -> Option<&'a str> {
        self.0.get("audioConferencing")?[name].as_str()
    }
}

/// Tells whether two join links lead to one meeting, however their signs are written.
pub fn is_same_link(one: &str, other: &str) -> bool {
    let plain = |link: &str| percent_decode_str(link.trim()).decode_utf8_lossy().into_owned();
    one == other || plain(one) == plain(other)
}

/// The `$filter` that finds a meeting by the id that people type to join, digits only (onlinemeeting-get.md).
pub fn by_meeting_id(meeting_id: &str) -> String {
    format!("joinMeetingIdSettings/joinMeetingId%20eq%20'{meeting_id}'")
}
