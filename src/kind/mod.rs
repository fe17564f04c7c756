//! What we know of each kind of resource: its fields, their rules and its documented shape.
//!
//! A kind is one file: a table of `Field` rows and, beneath it, the spec struct whose doc comments make the schema.
//! Schema, offline checks, diff, request bodies and field docs are loops over these. Nothing here does I/O, and nothing
//! here knows of plans or manifests.

pub mod body;
pub mod compare;
pub mod event;
pub mod fingerprint;
pub mod mailbox;
pub mod mark;
pub mod meeting_options;
pub mod online_meeting;
pub mod participants;
pub mod provider;
pub mod schema;
pub mod times;
pub mod workspace;

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

use crate::kind::compare::Compare;
use jiff::civil::Date;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// One property of a kind and what is known of it. The struct beneath the table has its type and its meaning.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// The name in `spec`, or in `spec.meetingOptions` for `Home::Meeting`.
    pub name: &'static str,
    pub home: Home,
    pub writable: Writable,
    pub compare: Compare,
    pub patch: Patch,
    /// Whether attendees can see a change of it, so that Graph mails them (event-update.md).
    pub seen: bool,
    /// The licence it needs, if the organizer's ordinary one is not enough.
    pub licence: Option<&'static str>,
    /// Whether an explicit `null` clears it in Graph.
    pub clears: bool,
    /// Whether the US Government clouds lack it (v1.0 metadata).
    pub not_in_us_gov: bool,
    /// The page the rule comes from, or `observed`.
    pub source: &'static str,
}

/// Where a property lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Home {
    /// On the event or online meeting itself.
    Own,
    /// On the Teams meeting: the one behind an event's join link, or the online meeting itself.
    Meeting,
    /// Ours: says where the object lives or how it is treated; never sent.
    Ours,
    /// A short form, gone once it is expanded.
    Short,
}

/// When a property may be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Writable {
    Always,
    /// Until the named boolean of the same object is true in Graph.
    Until(&'static str),
    OnCreate,
    /// Graph sets it.
    Never,
    /// Graph would take it and we refuse it; the text says why and what to do instead.
    Refused(&'static str),
}

/// How a changed property is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Patch {
    Plain,
    /// Sent with these others of the same object, as far as they are declared.
    Together(&'static [&'static str]),
    /// Put around the join block of the live text (`body`).
    Spliced,
    /// The whole list is sent, with the entries that are kept for others (`attendees`).
    People,
}

/// A row for a property of the object itself.
pub const fn own(
    name: &'static str,
    writable: Writable,
    compare: Compare,
    patch: Patch,
    source: &'static str,
) -> Field {
    Field {
        name,
        home: Home::Own,
        writable,
        compare,
        patch,
        seen: true,
        licence: None,
        clears: false,
        not_in_us_gov: false,
        source,
    }
}

/// A row for an option of the Teams meeting. Graph mails nobody when one changes.
pub const fn option(name: &'static str, compare: Compare, source: &'static str) -> Field {
    Field { home: Home::Meeting, ..own(name, Writable::Always, compare, Patch::Plain, source).unseen() }
}

/// A row for a property that only Graph sets.
pub const fn read_only(name: &'static str, source: &'static str) -> Field {
    own(name, Writable::Never, Compare::Exact, Patch::Plain, source)
}

/// A row for a property that is refused; `way_out` says why and what to write instead.
pub const fn refused(name: &'static str, way_out: &'static str, source: &'static str) -> Field {
    own(name, Writable::Refused(way_out), Compare::Exact, Patch::Plain, source)
}

/// A row for a property of ours, or for a short form.
pub const fn ours(name: &'static str, home: Home, writable: Writable) -> Field {
    Field { home, ..own(name, writable, Compare::Exact, Patch::Plain, "ours") }
}

impl Field {
    /// Tells whether a manifest may declare it: neither what Graph sets nor what is convoke's own.
    pub fn is_declared(&self) -> bool {
        !matches!(self.writable, Writable::Never | Writable::Refused(_))
    }

    /// Says that attendees cannot see it.
    pub const fn unseen(self) -> Field {
        Field { seen: false, ..self }
    }

    /// Names the licence it needs.
    pub const fn needs(self, licence: &'static str) -> Field {
        Field { licence: Some(licence), ..self }
    }

    /// Says that the US Government clouds lack it.
    pub const fn not_in_us_gov(self) -> Field {
        Field { not_in_us_gov: true, ..self }
    }

    /// Names the properties that must be sent with it.
    pub const fn together(self, names: &'static [&'static str]) -> Field {
        Field { patch: Patch::Together(names), ..self }
    }

    /// Says that it is fixed once the object is made.
    pub const fn on_create(self) -> Field {
        Field { writable: Writable::OnCreate, ..self }
    }

    /// Says that an explicit `null` clears it.
    pub const fn clears(self) -> Field {
        Field { clears: true, ..self }
    }

    /// Moves the row to another home.
    pub const fn at(self, home: Home) -> Field {
        Field { home, ..self }
    }
}

/// Turns short forms into Graph's JSON; see `Kind::expand`.
pub type Expand = fn(&Map<String, Value>, &workspace::Defaults) -> (Expanded, Vec<Fault>);

/// One kind of resource.
pub struct Kind {
    pub name: &'static str,
    /// Its rows; rows that several kinds share stand in a table of their own.
    pub tables: &'static [&'static [Field]],
    /// The JSON Schema of its `spec`, from the struct beneath its table.
    pub spec: fn(&mut schemars::SchemaGenerator) -> schemars::Schema,
    /// Turns a `spec` that the schema let through into Graph's own JSON, with every fault that can be known offline.
    pub expand: Expand,
}

/// The kinds that become live objects, by name.
pub static KINDS: &[Kind] = &[event::KIND, online_meeting::KIND];

impl Kind {
    /// Returns the kind of that name, in the spelling of the manifests.
    pub fn named(name: &str) -> Option<&'static Kind> {
        KINDS.iter().find(|kind| kind.name == name)
    }

    /// Returns every row of the kind, in the order of the tables.
    pub fn fields(&self) -> impl Iterator<Item = &'static Field> {
        self.tables.iter().flat_map(|table| table.iter())
    }

    /// Returns a hash of what these properties of a live object mean.
    pub fn digest(&self, names: &[&str], live: &Map<String, Value>) -> String {
        let rows = self.fields().filter(|it| it.home == Home::Own && it.is_declared() && names.contains(&it.name));
        let values = rows.map(|field| {
            let value = live.get(field.name).unwrap_or(&Value::Null);
            (field.name.to_owned(), compare::canonical(field.compare, value))
        });
        compare::hash(&Value::Object(values.collect()).to_string())
    }

    /// Returns the row of a property that lives in `home`.
    pub fn field(&self, home: Home, name: &str) -> Option<&'static Field> {
        self.fields().find(|field| field.home == home && field.name == name)
    }
}

/// A spec past its short forms: only Graph's own JSON, and what is ours.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Expanded {
    /// The mailbox: an address or object id in lower case, or `me`.
    pub organizer: String,
    /// The calendar's name; `None` is the default calendar.
    pub calendar: Option<String>,
    /// `attendeePolicy: exclusive`: the declared attendees are all there may be.
    pub exclusive: bool,
    /// Properties of `Home::Own`.
    pub own: Map<String, Value>,
    /// Properties of `Home::Meeting`.
    pub meeting: Map<String, Value>,
    /// Occurrences of a series that stand apart, by the date that the series gives them.
    pub exceptions: BTreeMap<Date, Exception>,
    /// What the author should know of how it was read.
    pub notes: Vec<String>,
}

/// How one occurrence stands apart from its series.
#[derive(Debug, Clone, PartialEq)]
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
    pub message: String,
    pub hint: Option<String>,
}

impl Fault {
    /// Makes a fault at one place; `hint` is the way out.
    pub fn new(at: &str, message: impl Into<String>, hint: impl Into<String>) -> Fault {
        Fault { at: vec![at.into()], message: message.into(), hint: Some(hint.into()) }
    }

    /// Adds another place that has to do with it.
    pub fn and(mut self, at: &str) -> Fault {
        self.at.push(at.into());
        self
    }
}
