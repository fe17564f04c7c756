//! The kind Event: an Outlook event, which `isOnlineMeeting: true` turns into an online one.
//!
//! Its table and its documented shape stand in `spec`. Short forms and the checks across fields are in `expand`; what the
//! options of the Teams meeting behind it are, `meeting_options` knows.

mod attendee;
mod attendees;
mod caution;
mod claim;
mod collapse;
mod exceptions;
mod expand;
mod glance;
mod graph_form;
mod guests;
pub mod read;
mod recurrence;
mod room;
mod shape;
mod skip;
mod spec;
#[cfg(test)]
mod tests;
mod view;

pub use attendee::{Attendee, Response};
pub use attendees::AttendeeType;
pub use caution::{beyond_window, rooms as long_for_rooms};
pub use claim::Claim;
pub use collapse::{Behind, EXCEPTIONS, TIME_ZONE, Whose, collapse, same_zone};
pub use glance::Glance;
pub use graph_form::times;
pub use guests::seen;
pub use room::named_place;
pub use skip::written_out;
pub use spec::EventSpec;
pub use view::View;

use crate::kind::workspace::Cloud;
use crate::kind::{Home, Kind, KindId, Lack, meeting_options};
use schemars::JsonSchema;

/// All that is known of the kind.
pub static KIND: Kind = Kind {
    id: KindId::Event,
    name: "Event",
    file: "event.schema.json",
    in_calendar: true,
    is_meeting: false,
    is_listed: true,
    tables: &[spec::FIELDS, spec::READ_ONLY, spec::REFUSED, meeting_options::FIELDS, meeting_options::REFUSED_OPTIONS],
    spec: EventSpec::json_schema,
    expand: expand::expand,
    addressed: view::addressed,
    lacks: &[Lack {
        cloud: Cloud::China,
        home: Home::Meeting,
        message: "the cloud `china` has no meeting options",
        way_out: "leave `meetingOptions` out and set them in Teams",
    }],
};

/// What convoke sends with each create of an event.
pub const TRANSACTION_ID: &str = "transactionId";
