//! What the floors hand to each other: keys, desired and live resources, requests.
//!
//! Only shapes and the few lines that belong to them. No rule about Graph stands here: those are in `kind`.

mod live;
mod request;
mod spent;

pub use live::{Ask, Busy, Calendar, Have, Live, Mailbox, Occurrence, Occurrences, Schedule};
pub use request::{Again, Body, Fills, Method, Pick, Purpose, Request};
pub use spent::{Counted, Sent, Spent};

pub use crate::kind::landed::Landed;
pub use crate::kind::mark::{Applied, Unread};
pub use crate::kind::schema::Adopt;
pub use crate::kind::stood::Stood;

use crate::kind::event::View;
use crate::kind::on_drift::OnDrift;
use crate::kind::{Expanded, Kind, KindId};
use jiff::Timestamp;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

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
    /// What becomes of its drift, where the manifest says so.
    pub on_drift: Option<OnDrift>,
    /// `invite: first`.
    pub invite_first: bool,
    /// What it was called before, the newest first.
    pub previously: Vec<Key>,
    /// What those read who are told of a cancellation.
    pub cancel_comment: Option<String>,
    /// What it takes over, as long as nothing of ours has its name.
    pub adopt: Option<Adopt>,
    /// What the manifest wants, in Graph's own JSON.
    pub spec: Expanded,
}

impl Desired {
    /// Its key, and those it had before: what is live may stand under any of them.
    pub fn keys(&self) -> impl Iterator<Item = &Key> {
        std::iter::once(&self.key).chain(&self.previously)
    }

    /// The same to be worked with: its properties are open.
    pub fn opened(&self) -> Desired {
        let (own, meeting) = (self.spec.own.opened(), self.spec.meeting.opened());
        Desired { spec: Expanded { own, meeting, ..self.spec.clone() }, ..self.clone() }
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
    pub unanswered: Option<Box<Unanswered>>,
    /// The incarnation that was about to be made, or to come after a removal, and of which no answer is known yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub intended: Option<u64>,
    /// What this one took the place of, until that is gone.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub replaced: Vec<Replaced>,
    /// The keys that it was moved from in the state, the newest first: what is live may still have one of them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub previously: Vec<Key>,
    /// What those read whose event is cancelled, as the manifest said when it was last applied.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cancel_comment: Option<String>,
    /// A hash of who was in it through each roster when it was last applied.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub rosters: BTreeMap<String, String>,
    /// A digest of all that told, when it was last looked at after a write, that nothing is to be done with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stood: Option<Stood>,
}

fn is_empty(landed: &Landed) -> bool {
    *landed == Landed::default()
}

impl Record {
    /// The incarnation of what is made once its object is gone, or is called otherwise.
    pub fn next_incarnation(&self) -> u64 {
        self.intended.unwrap_or(self.applied.incarnation.saturating_add(1))
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
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Records {
    /// False when there was no state to read: nothing is known of meetings and mailboxes that no manifest mentions.
    pub found: bool,
    /// How often the state had been written.
    pub serial: u64,
    /// Shared with the state, which may go on.
    pub resources: Arc<BTreeMap<Key, Record>>,
    /// The incarnation that a key goes on with whose object we removed.
    pub incarnations: Arc<BTreeMap<Key, u64>>,
    /// What was sent of late.
    pub spent: Arc<Spent>,
    /// The names that the workspace had while the state was kept.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub names: BTreeSet<String>,
    /// The one that the state is kept under as yet, where that is not the workspace's any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kept_as: Option<String>,
}

impl Records {
    /// Returns which online meeting was made under an `externalId` that is not its own name.
    pub fn made_as(&self, external_id: &str) -> Option<&Key> {
        let mut all = self.resources.iter();
        all.find(|(_, record)| record.external_id.as_deref() == Some(external_id)).map(|(key, _)| key)
    }
}
