//! The kind Roster: people under one name, for the lists of many events and meetings.
//!
//! It never becomes a live object, so it has no table. A roster is put into the lists that name it when manifests are read, so
//! that planning sees plain lists. Nothing here asks a clock: whether a person's dates hold is a matter of the dates of the event.

mod days;
mod fill;
mod read;
mod resolve;
mod spec;
#[cfg(test)]
mod tests;

pub use days::Days;
pub use fill::{Filled, fill, names_any};
pub use read::{Member, Roster, Who, read};
pub use resolve::{Groups, People, Rosters, resolve};
pub use spec::{RosterLeftOut, RosterOfAttendees, RosterOfParticipants, RosterSpec};

/// As manifests spell it.
pub const NAME: &str = "Roster";

/// The file of its published schema.
pub const FILE: &str = "roster.schema.json";
