//! What we know of each kind of resource: its fields, their rules and its documented shape.
//!
//! A kind is one file: a table of `Field` rows and, beneath it, the spec struct whose doc comments make the schema.
//! Schema, offline checks, diff, request bodies and field docs are loops over these. Nothing here does I/O, and nothing
//! here knows of plans or manifests.

pub mod body;
pub mod compare;
pub mod crd;
pub mod days_off;
pub mod event;
pub mod event_set;
pub mod fingerprint;
pub mod hashes;
pub mod keepsake;
pub mod landed;
pub mod mailbox;
pub mod mark;
pub mod meeting_options;
pub mod on_drift;
pub mod online_meeting;
pub mod participants;
pub mod prints;
pub mod properties;
pub mod provider;
pub mod roster;
pub mod schema;
pub mod stood;
mod table;
pub mod times;
pub mod workspace;

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

pub use table::{Field, Home, OPTIONS, Patch, Read, Unset, Writable};

use crate::kind::compare::Compare;
use crate::kind::properties::Properties;
use crate::kind::workspace::Cloud;
use crate::reason::Reason;
use jiff::civil::Date;
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::LazyLock;

/// Turns short forms into Graph's JSON; see `Kind::expand`.
pub type Expand = fn(&Map<String, Value>, &workspace::Defaults) -> (Expanded, Vec<Fault>);

/// Which kind of resource, in the order of keys. Whatever differs by kind is a column of `Kind`, or one `match` over these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KindId {
    /// An Outlook event.
    Event,
    /// A standalone Teams meeting.
    OnlineMeeting,
}

impl KindId {
    /// The kinds that become live objects, by name.
    pub const ALL: [KindId; 2] = [KindId::Event, KindId::OnlineMeeting];

    /// Returns the kind of that name, in the spelling of the manifests.
    pub fn named(name: &str) -> Option<KindId> {
        KindId::ALL.into_iter().find(|id| id.kind().name == name)
    }

    /// Returns what is known of the kind.
    pub fn kind(self) -> &'static Kind {
        match self {
            KindId::Event => &event::KIND,
            KindId::OnlineMeeting => &online_meeting::KIND,
        }
    }
}

/// What is known of one kind of resource.
pub struct Kind {
    pub id: KindId,
    /// As manifests spell it.
    pub name: &'static str,
    /// The file of its published schema.
    pub file: &'static str,
    /// Whether it stands in a calendar of the organizer's mailbox: it takes up time there, and cannot be read without it.
    pub in_calendar: bool,
    /// Whether it is an online meeting itself, which is reached by the organizer's object id only (onlinemeeting-get.md).
    pub is_meeting: bool,
    /// Whether Graph has a list to find it in by our mark; else only the id in the state leads to it.
    pub is_listed: bool,
    /// Its rows; rows that several kinds share stand in a table of their own.
    pub tables: &'static [&'static [Field]],
    /// The JSON Schema of its `spec`, from the struct beneath its table.
    pub spec: fn(&mut schemars::SchemaGenerator) -> schemars::Schema,
    /// Turns a `spec` that the schema let through into Graph's own JSON, with every fault that can be known offline.
    pub expand: Expand,
    /// Everybody whom an expanded spec invites, books or gives a role, by address in lower case; by object id where that is all.
    pub addressed: fn(&Expanded) -> Vec<String>,
    /// What the national clouds lack of it, besides the rows that say so.
    pub lacks: &'static [Lack],
}

/// Something of a kind that a national cloud does not have.
pub struct Lack {
    pub cloud: Cloud,
    /// `Home::Own` is the object as a whole, `Home::Meeting` the options of its Teams meeting.
    pub home: Home,
    /// What is lacking, for people.
    pub message: &'static str,
    pub way_out: &'static str,
}

impl Kind {
    /// Returns every row of the kind, in the order of the tables.
    pub fn fields(&self) -> impl Iterator<Item = &'static Field> {
        self.tables.iter().flat_map(|table| table.iter())
    }

    /// Returns what a manifest declares of one home, in the order of the tables.
    pub fn declared<'a>(
        &self,
        home: Home,
        values: &'a Map<String, Value>,
    ) -> impl Iterator<Item = (&'static Field, &'a Value)> {
        let rows = self.fields().filter(move |field| field.home == home && field.is_declared() && !values.is_empty());
        rows.filter_map(|field| Some((field, values.get(field.name)?)))
    }

    /// Returns a hash of what these properties of a live object mean.
    pub fn digest(&self, names: &[&str], live: &Map<String, Value>) -> String {
        let rows = self.fields().filter(|it| it.home == Home::Own && it.is_declared() && names.contains(&it.name));
        let values = rows.map(|field| {
            let value = live.get(field.name).unwrap_or(&Value::Null);
            (field.name.to_owned(), compare::canonical(field.compare, value).into_owned())
        });
        compare::hash(&Value::Object(values.collect()).to_string())
    }

    /// Returns what of an object people would miss if it were removed: all that may be declared and is always read.
    pub fn guards(&self) -> Vec<&'static Field> {
        self.fields().filter(|it| it.home == Home::Own && it.is_declared() && it.read == Read::Always).collect()
    }

    /// Returns the rows whose values are large, so that they are read only where one is declared.
    pub fn large(&self) -> impl Iterator<Item = &'static Field> {
        self.fields().filter(|field| field.read == Read::WhereDeclared)
    }

    /// Returns the row that is compared in a way of its own, such as the one of the text.
    pub fn compared(&self, compare: Compare) -> Option<&'static Field> {
        self.fields().find(|field| field.compare == compare)
    }

    /// Returns the row of a property that lives in `home`.
    pub fn field(&self, home: Home, name: &str) -> Option<&'static Field> {
        let by_name: &HashMap<(KindId, &str), Vec<&'static Field>> = &BY_NAME;
        by_name.get(&(self.id, name))?.iter().copied().find(|field| field.home == home)
    }
}

/// The rows by name, in the order of the tables: of thousands of events each property asks for its own.
static BY_NAME: LazyLock<HashMap<(KindId, &'static str), Vec<&'static Field>>> = LazyLock::new(|| {
    let mut by_name = HashMap::<_, Vec<_>>::new();
    for kind in KindId::ALL.map(KindId::kind) {
        kind.fields().for_each(|field| by_name.entry((kind.id, field.name)).or_default().push(field));
    }
    by_name
});

/// A spec past its short forms: only Graph's own JSON, and what is ours.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Expanded {
    /// The mailbox: an address or object id in lower case, or `me`.
    pub organizer: String,
    /// The calendar's name; `None` is the default calendar.
    pub calendar: Option<String>,
    /// `attendeePolicy: exclusive`: the declared attendees are all there may be.
    pub exclusive: bool,
    /// The zone of its times as the author wrote it.
    #[serde(skip)]
    pub clock: Option<String>,
    /// Properties of `Home::Own`.
    pub own: Properties,
    /// Properties of `Home::Meeting`.
    pub meeting: Properties,
    /// Exceptions of a series, by the date that the series gives them.
    pub exceptions: BTreeMap<Date, Exception>,
    /// Those of the exceptions that are skipped because they are days off: of which `DaysOff`.
    pub days_off: BTreeMap<Date, String>,
    /// What the author should know of how it was read.
    pub notes: Vec<String>,
    /// Who of which roster is in its lists, by address in lower case. It says where somebody comes from, not what is declared.
    #[serde(skip)]
    pub through: BTreeMap<String, BTreeSet<String>>,
}

impl Expanded {
    /// The same in no more room than it needs, to be kept.
    pub fn closed(self) -> Expanded {
        Expanded { own: self.own.closed(), meeting: self.meeting.closed(), ..self }
    }
}

/// How an exception differs from its series.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub enum Exception {
    Skipped,
    /// Properties of `Home::Own` that are its own.
    Changed(Map<String, Value>),
}

/// Something wrong with a spec, told without places: the reader of manifests knows where a pointer stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Fault {
    /// JSON pointers into `spec`: the first is where it is wrong, the others disagree with it.
    pub at: Vec<String>,
    /// Other properties of the spec that it speaks of: where one of them is in doubt, so is the fault.
    pub about: Vec<&'static str>,
    pub message: String,
    pub hint: Option<String>,
    /// Which of the known reasons it is, where that does not follow from its place.
    pub reason: Option<Reason>,
    /// The part of the text at its place that is wrong, if not all of it.
    pub part: Option<String>,
}

impl Fault {
    /// Makes a fault at one place; `hint` is the way out.
    pub fn new(at: &str, message: impl Into<String>, hint: impl Into<String>) -> Fault {
        Fault {
            at: vec![at.into()],
            about: vec![],
            message: message.into(),
            hint: Some(hint.into()),
            reason: None,
            part: None,
        }
    }

    /// Says which of the known reasons it is, where that does not follow from its place.
    pub fn coded(self, reason: Reason) -> Fault {
        Fault { reason: Some(reason), ..self }
    }

    /// Says which part of the text at its place is wrong.
    pub fn within(self, part: Option<String>) -> Fault {
        Fault { part, ..self }
    }

    /// Which of the known reasons it is.
    pub fn reason(&self) -> Reason {
        let name = self.at.first().and_then(|at| at.split('/').nth(1)).unwrap_or_default();
        self.reason.unwrap_or(match name {
            "start" | "end" | "duration" | "timeZone" | "isAllDay" => Reason::Times,
            "recurrence" => Reason::Recurrence,
            "exceptions" => Reason::Exceptions,
            "skip" => Reason::DaysOff,
            "" | "organizer" | "attendees" | "participants" | "location" | "locations" => Reason::People,
            "body" => Reason::Text,
            "isOnlineMeeting" | "onlineMeetingProvider" | "meetingOptions" | "chatInfo" => Reason::Online,
            _ => Reason::Meaning,
        })
    }

    /// Names properties that it speaks of besides the one where it stands.
    pub fn about(mut self, names: &[&'static str]) -> Fault {
        self.about.extend(names);
        self
    }

    /// Adds another place that has to do with it.
    pub fn and(mut self, at: &str) -> Fault {
        self.at.push(at.into());
        self
    }
}
