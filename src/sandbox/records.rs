//! The records of the tenant, as they are kept in memory and in the durable file.
//!
//! Plain data. What they mean in an answer, the modules that show them know.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A calendar of one mailbox (calendar.md).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Calendar {
    pub key: u64,
    pub user: String,
    pub name: String,
    pub color: String,
    pub default: bool,
    pub version: u64,
    pub can_edit: bool,
    pub providers: Vec<String>,
    pub provider: String,
}

/// An event of the organizer, single or series master, with its exceptions.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Event {
    pub key: u64,
    pub user: String,
    pub calendar: u64,
    /// Counts up with every change; the change key comes from it.
    pub version: u64,
    pub created: Timestamp,
    pub modified: Timestamp,
    /// Properties as Graph names them; times as authored, the body as HTML.
    pub props: Map<String, Value>,
    /// Single-value extended properties by id.
    #[serde(default)]
    pub extended: BTreeMap<String, String>,
    /// Open extensions by name.
    #[serde(default)]
    pub open: BTreeMap<String, Map<String, Value>>,
    /// Hash of the body that came with the transactionId.
    #[serde(default)]
    pub print: Option<String>,
    /// The online meeting behind the event.
    #[serde(default)]
    pub meeting: Option<u64>,
    /// Occurrences that differ from the series, by original date.
    #[serde(default)]
    pub exceptions: BTreeMap<String, Exception>,
    /// Dates that were deleted or cancelled.
    #[serde(default)]
    pub cancelled: BTreeSet<String>,
    /// An id that somebody else gave it, instead of the one made from the key.
    #[serde(default)]
    pub alias: Option<String>,
    /// Who was invited and took the event out of their own calendar: a lower-case address, for one occurrence with its date.
    #[serde(default)]
    pub left: BTreeSet<String>,
    /// This is what somebody invited sees of the event; never kept.
    #[serde(skip)]
    pub guest: bool,
    /// The link is gone and comes back with the next body (`BodyQuirk::Flip`).
    #[serde(default)]
    pub flip: bool,
}

/// What one occurrence has of its own.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Exception {
    pub version: u64,
    pub props: Map<String, Value>,
    #[serde(default)]
    pub extended: BTreeMap<String, String>,
}

/// An online meeting, standalone or behind an event (onlinemeeting.md).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Meeting {
    pub key: u64,
    pub user: String,
    pub id: String,
    pub props: Map<String, Value>,
    pub external: Option<String>,
    /// The event it belongs to.
    pub event: Option<u64>,
    /// `None` for the meeting of a series without end.
    pub expires: Option<Timestamp>,
    /// How often it was looked up by join URL.
    #[serde(skip)]
    pub looked: u32,
}
