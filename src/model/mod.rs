//! What the floors hand to each other: keys, desired and live resources, requests.
//!
//! Only shapes and the few lines that belong to them. No rule about Graph stands here: those are in `kind`.

mod request;

pub use request::{Again, Method, Pick, Purpose, Request};

pub use crate::kind::landed::Landed;
pub use crate::kind::mark::{Applied, Unread};

use crate::kind::event::View;
use crate::kind::{Expanded, Kind, KindId};
use crate::route;
use crate::trouble::Trouble;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// The stable name of a resource in its workspace, written `Event/platform-weekly`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    kind: KindId,
    name: String,
}

impl Key {
    /// Makes a key; `name` is one that a manifest may have.
    pub fn new(kind: KindId, name: impl Into<String>) -> Key {
        Key { kind, name: name.into() }
    }

    /// What is known of its kind.
    pub fn kind(&self) -> &'static Kind {
        self.kind.kind()
    }

    /// Returns the name, without the kind.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{}/{}", self.kind().name, self.name)
    }
}

impl FromStr for Key {
    type Err = String;

    fn from_str(text: &str) -> Result<Key, String> {
        let (kind, name) = text.split_once('/').ok_or_else(|| format!("not a key like `Event/name`: `{text}`"))?;
        let kind = KindId::named(kind).ok_or_else(|| format!("unknown kind `{kind}` in `{text}`"))?;
        Ok(Key::new(kind, name))
    }
}

impl Serialize for Key {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Key, D::Error> {
        String::deserialize(from)?.parse().map_err(D::Error::custom)
    }
}

/// One resource as its manifest wants it.
#[derive(Debug, Clone, PartialEq)]
pub struct Desired {
    /// Kind and name.
    pub key: Key,
    /// To select by.
    pub labels: BTreeMap<String, String>,
    /// Never cancelled or replaced while true.
    pub protect: bool,
    /// `onImmutable: replace`.
    pub replace: bool,
    /// `invite: first`.
    pub invite_first: bool,
    /// What it was called before, the newest first.
    pub previously: Vec<Key>,
    /// What the manifest wants, in Graph's own JSON.
    pub spec: Expanded,
}

impl Desired {
    /// Its key, and those it had before: what is live may stand under any of them.
    pub fn keys(&self) -> impl Iterator<Item = &Key> {
        std::iter::once(&self.key).chain(&self.previously)
    }

    /// Its properties, if it is an event.
    pub fn event(&self) -> Option<View<'_>> {
        match self.key.kind {
            KindId::Event => Some(View::of(&self.spec.own)),
            KindId::OnlineMeeting => None,
        }
    }

    /// Whether its organizer's online meetings have to be reached, and so the organizer's object id known.
    pub fn needs_meetings(&self) -> bool {
        self.key.kind().is_meeting || !self.spec.meeting.is_empty()
    }
}

/// Everything that was observed, and what could not be.
#[derive(Debug, Clone, Default)]
pub struct Live {
    /// What carries our mark, or stands in the state.
    pub objects: Vec<Have>,
    /// By organizer as the manifests spell it in lower case, or `me`.
    pub mailboxes: BTreeMap<String, Mailbox>,
    /// Resources that could not be read, and why.
    pub unknown: BTreeMap<Key, Trouble>,
    /// Free and busy times by address in lower case, of those that were asked for.
    pub schedules: BTreeMap<String, Schedule>,
}

/// Whose free and busy times are needed, and when.
#[derive(Debug, Clone, PartialEq)]
pub struct Ask {
    /// The mailbox to ask as.
    pub mailbox: String,
    /// In lower case.
    pub addresses: BTreeSet<String>,
    pub from: Timestamp,
    pub until: Timestamp,
}

/// When somebody or a room is taken.
#[derive(Debug, Clone, Default)]
pub struct Schedule {
    pub busy: Vec<Busy>,
    /// Why it could not be read.
    pub failure: Option<Trouble>,
    /// It is a distribution list with more members than their times are told of.
    pub list: bool,
}

/// A stretch of time that is taken.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Busy {
    pub from: Timestamp,
    pub until: Timestamp,
}

impl Live {
    /// Returns the path of an organizer's online meetings, if the object id that it needs was observed.
    pub fn meetings(&self, organizer: &str) -> Option<String> {
        let id = self.mailboxes.get(organizer).and_then(|mailbox| mailbox.id.as_deref());
        id.or((organizer == "me").then_some("")).map(|id| route::meetings(organizer, id))
    }

    /// Tells whether two names lead to one mailbox: they are spelled alike, or have the same object id.
    pub fn same_mailbox(&self, one: &str, other: &str) -> bool {
        let id = |name: &str| self.mailboxes.get(name).and_then(|mailbox| mailbox.id.as_ref());
        one == other || id(one).is_some_and(|it| id(other) == Some(it))
    }

    /// Tells whether two names lead to one calendar of a mailbox; `None` is the default one, which has a name of its own too.
    pub fn same_calendar(&self, organizer: &str, one: Option<&str>, other: Option<&str>) -> bool {
        let known = |name: &str| self.mailboxes.get(organizer).and_then(|mailbox| mailbox.calendars.get(name));
        let place = |name: Option<&'_ str>| match name.map(|name| (name.to_owned(), known(name))) {
            None => (None, None),
            Some((_, Some(calendar))) => (None, (!calendar.is_default).then(|| calendar.id.clone())),
            Some((name, None)) => (Some(name), None),
        };
        place(one) == place(other)
    }
}

/// What is known of one mailbox.
#[derive(Debug, Clone, Default)]
pub struct Mailbox {
    /// The Entra object id, where it was needed.
    pub id: Option<String>,
    /// Its address, where `me` or an object id stands for it.
    pub address: Option<String>,
    /// The calendars that manifests use, by name; the default calendar under `""`.
    pub calendars: BTreeMap<String, Calendar>,
    /// Why its events could not be read. They are then unknown, never absent; online meetings stand in no mailbox.
    pub failure: Option<Trouble>,
    /// Why it could not be searched, where neither manifests nor records name an event of it.
    pub unsearched: Option<Trouble>,
    /// Why the object id could not be looked up. Online meetings cannot be reached without it.
    pub no_id: Option<Trouble>,
    /// What failed says that nobody has this name: whose mailbox it was may have been renamed, or be gone.
    pub nobody: bool,
    /// Whose mailbox it was is not in the directory any more.
    pub gone: bool,
}

/// One calendar as Graph describes it (calendar.md).
#[derive(Debug, Clone, Default)]
pub struct Calendar {
    /// Its id in Graph.
    pub id: String,
    /// The one that events are kept in where no other is named.
    pub is_default: bool,
    /// The providers that an online event may have in it.
    pub allowed_providers: BTreeSet<String>,
    /// Whether the sign-in may write to it.
    pub can_edit: bool,
}

/// One live object that carries our mark or stands in our state.
#[derive(Debug, Clone)]
pub struct Have {
    /// What its mark or the state calls it.
    pub key: Key,
    /// The mailbox, spelled as the manifest spells it, or as it was asked for.
    pub organizer: String,
    /// The calendar's name; the default one has none.
    pub calendar: Option<String>,
    /// Its id in Graph.
    pub id: String,
    /// Its etag, where Graph gives one.
    pub etag: Option<String>,
    /// Graph's JSON of the object itself.
    pub own: Map<String, Value>,
    /// Graph's JSON of the Teams meeting behind an event, if it was asked for and found.
    pub meeting: Option<Map<String, Value>>,
    /// What the mark on the object says was last applied.
    pub applied: Option<Applied>,
    /// The mark could not be read whole: what was applied is not known, and may be anything.
    pub unread: Option<Unread>,
    /// Whether it carries the mark of its key; the object that the state knows may have lost it.
    pub marked: bool,
    /// Its exceptions, if it is a series and that was read.
    pub occurrences: Option<Occurrences>,
    /// Its times as the clocks of its declared zone show them, where they were read so too.
    pub clock: Option<Map<String, Value>>,
}

impl Have {
    /// Makes an object of which only the id is known.
    pub fn new(key: Key, id: &str) -> Have {
        Have {
            key,
            organizer: String::new(),
            calendar: None,
            id: id.into(),
            etag: None,
            own: Map::new(),
            meeting: None,
            applied: None,
            unread: None,
            marked: false,
            occurrences: None,
            clock: None,
        }
    }

    /// Its properties, if it is an event.
    pub fn event(&self) -> Option<View<'_>> {
        match self.key.kind {
            KindId::Event => Some(View::of(&self.own)),
            KindId::OnlineMeeting => None,
        }
    }

    /// Graph's JSON of the Teams meeting: the one behind an event, or the object itself.
    pub fn teams_meeting(&self) -> Option<&Map<String, Value>> {
        match self.key.kind {
            KindId::Event => self.meeting.as_ref(),
            KindId::OnlineMeeting => Some(&self.own),
        }
    }
}

/// The exceptions of a series, by the date that the series gives them.
#[derive(Debug, Clone, Default)]
pub struct Occurrences {
    pub skipped: BTreeSet<Date>,
    pub changed: BTreeMap<Date, Occurrence>,
}

/// An occurrence that was changed.
#[derive(Debug, Clone)]
pub struct Occurrence {
    pub id: String,
    pub etag: Option<String>,
    pub own: Map<String, Value>,
}

/// What stands before the date in the name of an exception, in plans and fingerprints.
pub const EXCEPTIONS: &str = "exceptions.";

/// What the state keeps of one resource.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Record {
    /// The mailbox, as the manifest spelled it.
    pub organizer: String,
    /// The calendar's name, if it is not the default one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub calendar: Option<String>,
    /// The live object's id, once it is known.
    pub id: String,
    /// The join link: a secret, like the whole state. Online meetings only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub join_web_url: Option<String>,
    /// The name that an online meeting was made under (its `externalId`), where that is not its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// When Graph was to take it away, as it was last read. Online meetings only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expiry_date_time: Option<Timestamp>,
    /// Fingerprints of what was declared when it was applied.
    pub applied: Applied,
    /// Fingerprints of how that stood in the answers.
    #[serde(skip_serializing_if = "is_empty")]
    pub landed: Landed,
    /// A create that must not be repeated was about to be sent, and the meeting has not been seen since.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unanswered: Option<Unanswered>,
    /// The incarnation that was about to be made, or to come after a removal, and of which no answer is known yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub intended: Option<u64>,
    /// What this one took the place of, until that is gone.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub replaced: Vec<Replaced>,
}

fn is_empty(landed: &Landed) -> bool {
    *landed == Landed::default()
}

impl Record {
    /// The incarnation of what is made once its object is gone, or is called otherwise.
    pub fn next_incarnation(&self) -> u64 {
        self.intended.unwrap_or(self.applied.incarnation + 1)
    }
}

/// An object that another one took the place of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Replaced {
    /// Its mailbox.
    pub organizer: String,
    /// Its id in Graph.
    pub id: String,
}

/// What is known of such a create: enough for a person to look whether it took.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Unanswered {
    /// When it was planned; nobody knows where the state was lost.
    pub since: Option<Timestamp>,
    pub subject: Option<String>,
    pub start: Option<String>,
}

/// What was applied before, as the state tells it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Records {
    /// False when there was no state to read: nothing is known of meetings and mailboxes that no manifest mentions.
    pub found: bool,
    /// How often the state had been written.
    pub serial: u64,
    /// Shared with the state, which may go on.
    pub resources: Arc<BTreeMap<Key, Record>>,
    /// The incarnation that a key goes on with whose object we removed.
    pub incarnations: Arc<BTreeMap<Key, u64>>,
}

impl Records {
    /// Returns which online meeting was made under an `externalId` that is not its own name.
    pub fn made_as(&self, external_id: &str) -> Option<&Key> {
        let mut all = self.resources.iter();
        all.find(|(_, record)| record.external_id.as_deref() == Some(external_id)).map(|(key, _)| key)
    }
}
