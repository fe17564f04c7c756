//! The rows of the tables: what is known of one property, and the short ways to write it down.
//!
//! What a column means stands with it. Nothing here knows any one property; those stand in the tables of the kinds.

use crate::kind::compare::Compare;
use serde_json::{Map, Value};
use std::borrow::Cow;

/// What stands before the names of options in plans and fingerprints.
pub const OPTIONS: &str = "meetingOptions.";

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
    /// Whether a change of it gives the event another time.
    pub new_time: bool,
    /// Whether it names people or rooms, whose time the event takes up.
    pub invites: bool,
    /// Whether a single occurrence of a series may have its own (event-update.md).
    pub per_occurrence: bool,
    /// When a list of live objects is asked for it. What is read one by one comes whole.
    pub read: Read,
    /// What Graph sets where a create says nothing.
    pub default: Option<Unset>,
    /// What it is live unless somebody chose otherwise, where that is seen and not documented.
    pub usual: Option<Unset>,
    /// The licence it needs, if the organizer's ordinary one is not enough.
    pub licence: Option<&'static str>,
    /// Whether an explicit `null` clears it in Graph.
    pub clears: bool,
    /// Whether the service completes it once an event has its join link.
    pub completed: bool,
    /// Whether people write it in their own words.
    pub free_text: bool,
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

/// When a list of live objects is asked for a property.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Read {
    Always,
    /// It is large: only where a manifest declares it.
    WhereDeclared,
    Never,
}

/// What a property is in Graph unless it is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unset {
    Flag(bool),
    Text(&'static str),
    Number(u32),
    Members(&'static [(&'static str, Unset)]),
}

impl Unset {
    /// The value as JSON.
    pub fn value(self) -> Value {
        match self {
            Unset::Flag(flag) => flag.into(),
            Unset::Text(text) => text.into(),
            Unset::Number(number) => number.into(),
            Unset::Members(members) => {
                members.iter().map(|(name, it)| ((*name).to_owned(), it.value())).collect::<Map<_, _>>().into()
            }
        }
    }
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

impl Patch {
    /// The names of what is sent with it.
    pub fn along(self) -> &'static [&'static str] {
        match self {
            Patch::Together(names) => names,
            Patch::Plain | Patch::Spliced | Patch::People => &[],
        }
    }
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
        new_time: false,
        invites: false,
        per_occurrence: false,
        read: Read::Always,
        default: None,
        usual: None,
        licence: None,
        clears: false,
        completed: false,
        free_text: false,
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
    Field { read: Read::Never, ..own(name, Writable::Never, Compare::Exact, Patch::Plain, source) }
}

/// A row for a property that is refused; `way_out` says why and what to write instead.
pub const fn refused(name: &'static str, way_out: &'static str, source: &'static str) -> Field {
    Field { read: Read::Never, ..own(name, Writable::Refused(way_out), Compare::Exact, Patch::Plain, source) }
}

/// A row for a property of ours, or for a short form.
pub const fn ours(name: &'static str, home: Home, writable: Writable) -> Field {
    Field { home, read: Read::Never, ..own(name, writable, Compare::Exact, Patch::Plain, "ours") }
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

    /// Says that a change of it gives the event another time.
    pub const fn new_time(self) -> Field {
        Field { new_time: true, ..self }
    }

    /// Says that it names people or rooms, whose time the event takes up.
    pub const fn invites(self) -> Field {
        Field { invites: true, ..self }
    }

    /// Says that a single occurrence of a series may have its own.
    pub const fn per_occurrence(self) -> Field {
        Field { per_occurrence: true, ..self }
    }

    /// Says when a list of live objects is asked for it.
    pub const fn read(self, read: Read) -> Field {
        Field { read, ..self }
    }

    /// Names what it is in Graph unless it is set.
    pub const fn unless_set(self, default: Unset) -> Field {
        Field { default: Some(default), ..self }
    }

    /// Names what it is live unless somebody chose otherwise.
    pub const fn usually(self, usual: Unset) -> Field {
        Field { usual: Some(usual), ..self }
    }

    /// Tells whether a live value is what it is for everybody who chose nothing.
    pub fn is_usual(&self, value: &Value) -> bool {
        self.default.or(self.usual).is_some_and(|it| it.value() == *value)
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

    /// Says that the service completes it once an event has its join link.
    pub const fn completed(self) -> Field {
        Field { completed: true, ..self }
    }

    /// Says that people write it in their own words.
    pub const fn free_text(self) -> Field {
        Field { free_text: true, ..self }
    }

    /// The name in plans and fingerprints: options of the Teams meeting have `meetingOptions.` in front.
    pub fn label(&self) -> Cow<'static, str> {
        match self.home {
            Home::Meeting => format!("{OPTIONS}{}", self.name).into(),
            Home::Own | Home::Ours | Home::Short => self.name.into(),
        }
    }

    /// Moves the row to another home.
    pub const fn at(self, home: Home) -> Field {
        Field { home, ..self }
    }
}
