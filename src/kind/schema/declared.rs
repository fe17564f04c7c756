//! What a document may declare: one of the kinds, or the workspace that governs them.

use crate::kind::{KindId, workspace};

/// What one document of a manifest declares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Declared {
    /// Something that becomes a live object.
    Resource(KindId),
    /// What governs all others.
    Workspace,
}

impl Declared {
    /// Lists what a manifest may hold, in the order of publication.
    pub fn all() -> impl Iterator<Item = Declared> {
        KindId::ALL.into_iter().map(Declared::Resource).chain([Declared::Workspace])
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
        }
    }

    /// The file of its published schema.
    pub fn file(self) -> &'static str {
        match self {
            Declared::Resource(id) => id.kind().file,
            Declared::Workspace => workspace::FILE,
        }
    }
}
