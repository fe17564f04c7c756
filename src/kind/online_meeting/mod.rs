//! The kind OnlineMeeting: a standalone Teams meeting, which never appears in a calendar and mails nobody.
//!
//! Here stand its table and its documented shape; short forms and checks across fields are in `expand`. It has no
//! recurrence: a meeting that repeats is an Event (onlinemeeting.md).

mod expand;
mod spec;
#[cfg(test)]
mod tests;
mod view;

pub use spec::OnlineMeetingSpec;
pub use view::{JOIN_URL, View, by_meeting_id};

use crate::kind::Writable::{Always, OnCreate};
use crate::kind::compare::Compare;
use crate::kind::table::{ours, own, read_only, refused};
use crate::kind::workspace::Cloud;
use crate::kind::{Field, Home, Kind, KindId, Lack, Patch, meeting_options};
use schemars::JsonSchema;

/// All that is known of the kind.
pub static KIND: Kind = Kind {
    id: KindId::OnlineMeeting,
    name: "OnlineMeeting",
    file: "online-meeting.schema.json",
    in_calendar: false,
    is_meeting: true,
    is_listed: false,
    tables: &[FIELDS, meeting_options::REFUSED_HERE, meeting_options::FIELDS, meeting_options::REFUSED_OPTIONS],
    spec: OnlineMeetingSpec::json_schema,
    expand: expand::expand,
    lacks: &[Lack {
        cloud: Cloud::China,
        home: Home::Own,
        message: "the cloud `china` has no standalone meetings",
        way_out: "declare an `Event` with `isOnlineMeeting: true` instead",
    }],
};

/// What convoke gives each meeting to find it by (onlinemeeting-createorget.md).
pub const EXTERNAL_ID: &str = "externalId";

const UPDATE: &str = "onlinemeeting-update.md";
const RESOURCE: &str = "onlinemeeting.md";

static FIELDS: &[Field] = &[
    ours("organizer", Home::Ours, OnCreate),
    ours("start", Home::Short, Always),
    ours("end", Home::Short, Always),
    ours("duration", Home::Short, Always),
    ours("timeZone", Home::Short, Always),
    ours("meetingOptions", Home::Short, Always),
    plain("subject", Compare::Exact),
    // Graph refuses one time without the other, even when the other stays as it was.
    plain("startDateTime", Compare::Instant).together(&["endDateTime"]),
    plain("endDateTime", Compare::Instant).together(&["startDateTime"]),
    plain("participants", Compare::Participants),
    own("joinMeetingIdSettings", OnCreate, Compare::Exact, Patch::Plain, "joinmeetingidsettings.md").unseen(),
    own("meetingTemplateId", OnCreate, Compare::Exact, Patch::Plain, RESOURCE)
        .unseen()
        .needs("Teams Premium for custom templates")
        .not_in_us_gov(),
    own("chatInfo", OnCreate, Compare::Thread, Patch::Plain, "application-post-onlinemeetings.md (beta)").unseen(),
    read_only("id", RESOURCE).unseen(),
    refused(EXTERNAL_ID, "convoke sets this from the workspace and the name", "onlinemeeting-createorget.md").unseen(),
    refused("participants", "it stands one level up; write it under `spec`", UPDATE).at(Home::Meeting).unseen(),
    refused("chatInfo", "it stands one level up; write it under `spec`", RESOURCE).at(Home::Meeting).unseen(),
    refused("recurrence", "a standalone meeting cannot repeat; declare an `Event`", RESOURCE).unseen(),
    refused("attendees", "a standalone meeting invites nobody; write `participants`, or declare an `Event`", RESOURCE)
        .unseen(),
];

const fn plain(name: &'static str, compare: Compare) -> Field {
    own(name, Always, compare, Patch::Plain, UPDATE).unseen()
}
