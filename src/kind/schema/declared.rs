//! What a document may declare: one of the kinds, the workspace that governs them, or what they are made from or refer to.

use crate::kind::{KindId, days_off, event_set, roster, workspace};

/// What one document of a manifest declares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Declared {
    /// Something that becomes a live object.
    Resource(KindId),
    /// What governs all others.
    Workspace,
    /// What many resources are made from.
    EventSet,
    /// People whom resources name together.
    Roster,
    /// On which days series have no date.
    DaysOff,
}

impl Declared {
    /// Lists what a manifest may hold, in the order of publication.
    pub fn all() -> impl Iterator<Item = Declared> {
        KindId::ALL.into_iter().map(Declared::Resource).chain([
            Declared::Workspace,
            Declared::EventSet,
            Declared::Roster,
            Declared::DaysOff,
        ])
    }

    /// Returns what a document's `kind` says, if it says something known.
    pub fn named(name: &str) -> Option<Declared> {
        Declared::all().find(|it| it.name() == name)
    }

    /// The document's `kind`.
    pub fn name(self) -> &'static str {
        match self {
            Declared::Resource(id) => id.kind().name,
            Declared::Workspace => workspace::NAME,
            Declared::EventSet => event_set::NAME,
            Declared::Roster => roster::NAME,
            Declared::DaysOff => days_off::NAME,
        }
    }

    /// The file of its published schema.
    pub fn file(self) -> &'static str {
        match self {
            Declared::Resource(id) => id.kind().file,
            Declared::Workspace => workspace::FILE,
            Declared::EventSet => event_set::FILE,
            Declared::Roster => roster::FILE,
            Declared::DaysOff => days_off::FILE,
        }
    }
}
