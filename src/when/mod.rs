//! Graph's dates and zones: parse, compare, format, IANA and Windows names.
//!
//! Graph writes an event's time as a wall clock time beside a zone name, and a meeting's as an instant. This module
//! reads and writes both, and says what a wall clock time means where a zone changes its clock. It has no clock and
//! does no I/O: the zone data is compiled in, so the same text means the same instant on every machine.
//! It does not repeat dates; that is `recurrence`.

mod advice;
mod duration;
mod fit;
mod spoken;
mod text;
mod zones;

pub use advice::{clocks_change, instead, is_offset, with_summer_time};
pub use duration::minutes;
pub use fit::{Fit, fit};
pub use spoken::{Spoken, place, told};
pub use text::{date, graph, instant, instant_in_zone, local, pair, pair_in_utc, utc, zone_name};
pub use zones::{name_in_graph, windows, zone};
