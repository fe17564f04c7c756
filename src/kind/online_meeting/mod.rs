//! The kind OnlineMeeting: a standalone Teams meeting, which never appears in a calendar and mails nobody.
//!
//! Its table and its documented shape stand in `spec`; short forms and checks across fields are in `expand`. It has no
//! recurrence: a meeting that repeats is an Event (onlinemeeting.md).

mod collapse;
mod expand;
pub mod expiry;
mod spec;
#[cfg(test)]
mod tests;
mod view;

pub use collapse::collapse;
pub use spec::OnlineMeetingSpec;
pub use view::{JOIN_URL, View, by_meeting_id, is_same_link};

use crate::kind::workspace::Cloud;
use crate::kind::{Home, Kind, KindId, Lack, meeting_options, participants};
use schemars::JsonSchema;

/// All that is known of the kind.
pub static KIND: Kind = Kind {
    id: KindId::OnlineMeeting,
    name: "OnlineMeeting",
    file: "online-meeting.schema.json",
    in_calendar: false,
    is_meeting: true,
    is_listed: false,
    tables: &[spec::FIELDS, meeting_options::REFUSED_HERE, meeting_options::FIELDS, meeting_options::REFUSED_OPTIONS],
    spec: OnlineMeetingSpec::json_schema,
    expand: expand::expand,
    addressed: participants::addressed,
    lacks: &[Lack {
        cloud: Cloud::China,
        home: Home::Own,
        message: "the cloud `china` has no standalone meetings",
        way_out: "declare an `Event` with `isOnlineMeeting: true` instead",
    }],
};

/// What convoke gives each meeting to find it by (onlinemeeting-createorget.md).
pub const EXTERNAL_ID: &str = "externalId";

/// Returns the `externalId` of the meeting that has a name in a workspace.
pub fn external_id(workspace: &str, name: &str) -> String {
    format!("{workspace}/{name}")
}
