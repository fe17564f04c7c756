//! The kind Event: an Outlook event, which `isOnlineMeeting: true` turns into an online one.
//!
//! Here stand its table and its documented shape. Short forms and the checks across fields are in `expand`; what the
//! options of the Teams meeting behind it are, `meeting_options` knows.

mod attendees;
mod exceptions;
mod expand;
mod graph_form;
pub mod read;
mod recurrence;
mod room;
mod shape;
mod spec;
#[cfg(test)]
mod tests;
mod view;

pub use graph_form::times;
pub use spec::EventSpec;
pub use view::{Attendee, Response, View};

use crate::kind::Writable::{Always, OnCreate, Until};
use crate::kind::compare::Compare;
use crate::kind::table::{option, ours, own, read_only, refused};
use crate::kind::workspace::Cloud;
use crate::kind::{Field, Home, Kind, KindId, Lack, Patch, Read, Unset, mark, meeting_options};
use schemars::JsonSchema;

/// All that is known of the kind.
pub static KIND: Kind = Kind {
    id: KindId::Event,
    name: "Event",
    file: "event.schema.json",
    in_calendar: true,
    is_meeting: false,
    is_listed: true,
    tables: &[FIELDS, READ_ONLY, REFUSED, meeting_options::FIELDS, meeting_options::REFUSED_OPTIONS],
    spec: EventSpec::json_schema,
    expand: expand::expand,
    lacks: &[Lack {
        cloud: Cloud::China,
        home: Home::Meeting,
        message: "the cloud `china` has no meeting options",
        way_out: "leave `meetingOptions` out and set them in Teams",
    }],
};

/// What convoke sends with each create of an event.
pub const TRANSACTION_ID: &str = "transactionId";

const UPDATE: &str = "event-update.md";
const EVENT: &str = "event.md";
const ONLINE: &str = "outlook-calendar-online-meetings.md";

static FIELDS: &[Field] = &[
    ours("organizer", Home::Ours, OnCreate).read(Read::Always),
    ours("calendar", Home::Ours, OnCreate),
    ours("attendeePolicy", Home::Ours, Always),
    ours("exceptions", Home::Ours, Always),
    ours("duration", Home::Short, Always),
    ours("timeZone", Home::Short, Always),
    ours("meetingOptions", Home::Short, Always),
    plain("subject", Compare::Exact, UPDATE).per_occurrence(),
    plain("start", Compare::Zoned, UPDATE).together(&["end"]).new_time().per_occurrence(),
    plain("end", Compare::Zoned, UPDATE).together(&["start"]).new_time().per_occurrence(),
    // Midnights are only asked of the times that are sent with it.
    plain("isAllDay", Compare::Exact, UPDATE).together(&["start", "end"]).new_time(),
    plain("recurrence", Compare::Recurrence, UPDATE).new_time().clears(),
    own("attendees", Always, Compare::People, Patch::People, UPDATE).invites(),
    plain("hideAttendees", Compare::Exact, UPDATE).unless_set(Unset::Flag(false)),
    plain("responseRequested", Compare::Exact, UPDATE).unless_set(Unset::Flag(true)),
    plain("allowNewTimeProposals", Compare::Exact, "user-post-events.md").unless_set(Unset::Flag(true)),
    plain("location", Compare::Place, UPDATE).invites().per_occurrence().clears(),
    plain("locations", Compare::Place, UPDATE),
    own("body", Always, Compare::Text, Patch::Spliced, UPDATE).read(Read::WhereDeclared),
    own("isOnlineMeeting", Until("isOnlineMeeting"), Compare::Exact, Patch::Plain, ONLINE)
        .unless_set(Unset::Flag(false)),
    own("onlineMeetingProvider", Until("isOnlineMeeting"), Compare::Exact, Patch::Plain, ONLINE),
    option("participants", Compare::Participants, "onlinemeeting-update.md"),
    plain("importance", Compare::Exact, UPDATE).unless_set(Unset::Text("normal")),
    plain("sensitivity", Compare::Exact, UPDATE).unless_set(Unset::Text("normal")),
    plain("categories", Compare::Set, UPDATE).unseen(),
    plain("showAs", Compare::Exact, UPDATE).unless_set(Unset::Text("busy")).unseen(),
    plain("isReminderOn", Compare::Exact, UPDATE).unseen(),
    plain("reminderMinutesBeforeStart", Compare::Exact, UPDATE).unseen(),
];

static READ_ONLY: &[Field] = &[
    read_only("id", EVENT).read(Read::Always),
    read_only("changeKey", EVENT),
    read_only("iCalUId", EVENT),
    read_only("type", EVENT),
    read_only("seriesMasterId", EVENT),
    read_only("createdDateTime", EVENT).read(Read::Always),
    read_only("lastModifiedDateTime", EVENT),
    read_only("bodyPreview", EVENT),
    read_only("hasAttachments", EVENT),
    read_only("isCancelled", EVENT),
    read_only("isDraft", EVENT),
    read_only("isOrganizer", EVENT),
    read_only("responseStatus", EVENT),
    read_only("originalStart", EVENT),
    read_only("originalStartTimeZone", EVENT).read(Read::Always),
    read_only("originalEndTimeZone", EVENT),
    read_only("onlineMeeting", EVENT).read(Read::Always),
    read_only("onlineMeetingUrl", EVENT),
    read_only("webLink", EVENT),
    read_only("cancelledOccurrences", EVENT),
    read_only("exceptionOccurrences", EVENT),
    read_only("instances", EVENT),
];

static REFUSED: &[Field] = &[
    refused(TRANSACTION_ID, "convoke sets this, so that a create which is sent twice makes one event", EVENT),
    refused(mark::PROPERTY, "convoke sets this: its mark of ownership is kept there", EVENT),
    refused("multiValueExtendedProperties", "convoke does not manage them; leave it out", EVENT),
    refused("extensions", "convoke does not manage them; leave it out", EVENT),
    refused("attachments", "convoke does not manage them; put a link into `body`", EVENT),
    refused("joinUrl", JOIN_LINK, ONLINE),
    refused("joinWebUrl", JOIN_LINK, ONLINE),
    refused("isCanceled", CANCEL, EVENT),
    refused("joinMeetingIdSettings", PASSCODE, "onlinemeeting.md").at(Home::Meeting).unseen(),
    refused("meetingTemplateId", TEMPLATE, "onlinemeeting.md").at(Home::Meeting).unseen(),
    refused("chatInfo", CHANNEL, "onlinemeeting.md").at(Home::Meeting).unseen(),
];

const JOIN_LINK: &str = "Graph makes the join link; remove it, `convoke status` shows the link";
const CANCEL: &str =
    "Graph sets this; remove it, and to cancel the event remove its manifest and apply with `prune: cancel`";
const PASSCODE: &str = "it is fixed when a meeting is made, and Outlook makes an event's meeting; \
                        remove it, only an `OnlineMeeting` can have it";
const TEMPLATE: &str = "it is chosen when a meeting is made, and Outlook makes an event's meeting; \
                        remove it, only an `OnlineMeeting` can have it";
const CHANNEL: &str = "Outlook makes an event's meeting, in a chat of its own; \
                       remove it, only an `OnlineMeeting` can be held in a channel";

const fn plain(name: &'static str, compare: Compare, source: &'static str) -> Field {
    own(name, Always, compare, Patch::Plain, source)
}
