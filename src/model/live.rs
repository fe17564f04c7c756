//! What was observed: mailboxes, events and meetings as they are live, and when people are taken.

use crate::kind::KindId;
use crate::kind::event::View;
use crate::model::{Applied, Key, Stood, Unread};
use crate::route;
use crate::trouble::Trouble;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// Everything that was observed, and what could not be.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Live {
    /// What carries our mark, or stands in the state.
    pub objects: Vec<Box<Have>>,
    /// By organizer as the manifests spell it in lower case, or `me`.
    pub mailboxes: BTreeMap<String, Mailbox>,
    /// Resources that could not be read, and why.
    pub unknown: BTreeMap<Key, Trouble>,
    /// What a manifest is to take over and cannot, and why.
    pub refused: BTreeMap<Key, Trouble>,
    /// Free and busy times by address in lower case, of those that were asked for.
    pub schedules: BTreeMap<String, Schedule>,
}

/// Whose free and busy times are needed, and when.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Ask {
    /// The mailbox to ask as.
    pub mailbox: String,
    /// In lower case.
    pub addresses: BTreeSet<String>,
    pub from: Timestamp,
    pub until: Timestamp,
}

/// When somebody or a room is taken.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Schedule {
    pub busy: Vec<Busy>,
    /// Why it could not be read.
    pub failure: Option<Trouble>,
    /// It is a distribution list with more members than their times are told of.
    pub list: bool,
}

/// A stretch of time that is taken.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Busy {
    pub from: Timestamp,
    pub until: Timestamp,
}

impl Live {
    /// Says that an object cannot be taken over, where nothing of ours has the name.
    pub fn refuse(&mut self, key: &Key, why: Trouble) {
        self.refused.insert(key.clone(), why);
    }

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
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
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
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
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
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
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
    pub meeting: Option<Box<Map<String, Value>>>,
    /// What the mark on the object says was last applied.
    pub applied: Option<Applied>,
    /// The mark could not be read whole: what was applied is not known, and may be anything.
    pub unread: Option<Box<Unread>>,
    /// Whether it carries the mark of its key; the object that the state knows may have lost it.
    pub marked: bool,
    /// Whose its mark says that it is, `workspace/name`, where that is not the workspace by the name that it has now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// Its exceptions, if it is a series and that was read.
    pub occurrences: Option<Box<Occurrences>>,
    /// Its times as the clocks of its declared zone show them, where they were read so too.
    pub clock: Option<Box<Map<String, Value>>>,
    /// It is as it is declared and as the state says: nothing is to be done with it. Of its properties only those are here that
    /// are not declared and that somebody may ask for, and its mark was let go of.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub settled: bool,
    /// A digest of how it stands, where that is not what the state says.
    #[serde(skip)]
    pub stood: Option<Box<Stood>>,
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
            owner: None,
            occurrences: None,
            clock: None,
            settled: false,
            stood: None,
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
            KindId::Event => self.meeting.as_deref(),
            KindId::OnlineMeeting => Some(&self.own),
        }
    }
}

/// The exceptions of a series, by the date that the series gives them.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Occurrences {
    pub skipped: BTreeSet<Date>,
    pub changed: BTreeMap<Date, Occurrence>,
}

/// An occurrence that was changed.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Occurrence {
    pub id: String,
    pub etag: Option<String>,
    pub own: Map<String, Value>,
}
