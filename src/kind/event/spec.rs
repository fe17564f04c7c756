//! The table of an Event's properties, and beneath it the documented shape of its `spec`: one property for each row.

#![expect(dead_code, reason = "documented shapes: only their schema is used")]

use crate::kind::Writable::{Always, OnCreate, Until};
use crate::kind::compare::Compare;
use crate::kind::event::TRANSACTION_ID;
use crate::kind::event::attendees::Attendee;
use crate::kind::event::exceptions::EventException;
use crate::kind::event::recurrence::Recurrence;
use crate::kind::event::shape::*;
use crate::kind::event::skip::Skip;
use crate::kind::mailbox::Mailbox;
use crate::kind::meeting_options::MeetingOptions;
use crate::kind::provider::Provider;
use crate::kind::table::{option, ours, own, read_only, refused};
use crate::kind::times::LocalTime;
use crate::kind::{Field, Home, Patch, Read, Unset, mark};
use schemars::JsonSchema;
use serde_json::json;

const UPDATE: &str = "event-update.md";
const EVENT: &str = "event.md";
const ONLINE: &str = "outlook-calendar-online-meetings.md";

pub static FIELDS: &[Field] = &[
    ours("organizer", Home::Ours, OnCreate).read(Read::Always),
    ours("calendar", Home::Ours, OnCreate),
    ours("attendeePolicy", Home::Ours, Always),
    ours("exceptions", Home::Ours, Always),
    ours("skip", Home::Ours, Always),
    ours("duration", Home::Short, Always),
    ours("timeZone", Home::Short, Always),
    ours("meetingOptions", Home::Short, Always),
    plain("subject", Compare::Exact, UPDATE).per_occurrence().free_text(),
    plain("start", Compare::Zoned, UPDATE).together(&["end"]).new_time().per_occurrence(),
    plain("end", Compare::Zoned, UPDATE).together(&["start"]).new_time().per_occurrence(),
    // Midnights are only asked of the times that are sent with it.
    plain("isAllDay", Compare::Exact, UPDATE).together(&["start", "end"]).new_time(),
    plain("recurrence", Compare::Recurrence, UPDATE).new_time().clears(),
    own("attendees", Always, Compare::People, Patch::People, UPDATE).invites().per_occurrence(),
    plain("hideAttendees", Compare::Exact, UPDATE).unless_set(Unset::Flag(false)),
    plain("responseRequested", Compare::Exact, UPDATE).unless_set(Unset::Flag(true)),
    plain("allowNewTimeProposals", Compare::Exact, "user-post-events.md").unless_set(Unset::Flag(true)),
    plain("location", Compare::Place, UPDATE).invites().per_occurrence().clears().completed().free_text(),
    plain("locations", Compare::Place, UPDATE).completed().free_text(),
    own("body", Always, Compare::Text, Patch::Spliced, UPDATE)
        .read(Read::WhereDeclared)
        .per_occurrence()
        .completed()
        .free_text(),
    own("isOnlineMeeting", Until("isOnlineMeeting"), Compare::Exact, Patch::Plain, ONLINE)
        .unless_set(Unset::Flag(false)),
    own("onlineMeetingProvider", Until("isOnlineMeeting"), Compare::Exact, Patch::Plain, ONLINE),
    option("participants", Compare::Participants, "onlinemeeting-update.md"),
    plain("importance", Compare::Exact, UPDATE).unless_set(Unset::Text("normal")),
    plain("sensitivity", Compare::Exact, UPDATE).unless_set(Unset::Text("normal")),
    plain("categories", Compare::Set, UPDATE).unseen().free_text(),
    plain("showAs", Compare::Exact, UPDATE).unless_set(Unset::Text("busy")).unseen(),
    plain("isReminderOn", Compare::Exact, UPDATE).unseen().usually(Unset::Flag(true)),
    plain("reminderMinutesBeforeStart", Compare::Exact, UPDATE).unseen().usually(Unset::Number(15)),
];

pub static READ_ONLY: &[Field] = &[
    read_only("id", EVENT).read(Read::Always),
    read_only("changeKey", EVENT),
    read_only("iCalUId", EVENT),
    read_only("type", EVENT),
    read_only("seriesMasterId", EVENT),
    read_only("createdDateTime", EVENT).read(Read::Always),
    read_only("lastModifiedDateTime", EVENT),
    read_only("bodyPreview", EVENT),
    read_only("hasAttachments", EVENT),
    read_only("isCancelled", EVENT).read(Read::Always),
    read_only("isDraft", EVENT),
    read_only("isOrganizer", EVENT).read(Read::Always),
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

pub static REFUSED: &[Field] = &[
    refused(TRANSACTION_ID, "convoke sets this, so that a create which is sent twice makes one event", EVENT)
        .read(Read::Always),
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

/// An Outlook event, as it should be. A property that is left out is never written and never compared.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, rename_all = "camelCase")]
pub struct EventSpec {
    /// Whose calendar: an address, an object id, or `me` with a delegated sign-in. The workspace's default if left
    /// out.
    #[schemars(with = "Option<Mailbox>", example = &"alex@contoso.example")]
    #[schemars(extend("x-synonyms" = ["owner", "host", "mailbox", "user"]))]
    pub organizer: Option<String>,
    /// The calendar's name; the default calendar if left out. Answers are tracked only in the default calendar.
    #[schemars(example = &"Training", length(min = 1))]
    pub calendar: Option<String>,
    /// The title of the event.
    #[schemars(example = &"Platform weekly", length(max = 255))]
    #[schemars(extend("x-synonyms" = ["title", "summary", "topic"]))]
    pub subject: Option<String>,
    /// When it starts: local time, or a date when it is all day long. A change mails every attendee.
    #[schemars(example = &"2026-12-01T10:00")]
    #[schemars(extend("x-hint" = "write local time, such as `2026-12-01T10:00`"))]
    #[schemars(extend("x-synonyms" = ["begin", "begins", "from", "startDate"]))]
    pub start: LocalTime,
    /// When it ends: local time; for an all-day event the date after its last day. Or write `duration`.
    #[schemars(example = &"2026-12-01T10:45")]
    #[schemars(extend("x-hint" = "write local time, such as `2026-12-01T10:45`"))]
    #[schemars(extend("x-synonyms" = ["until", "to", "endDate", "finish"]))]
    pub end: Option<LocalTime>,
    /// How long it lasts, instead of `end`.
    #[schemars(example = &"45m", extend("x-form" = "duration"))]
    #[schemars(extend("x-hint" = "write `45m`, `1h 30m` or `2d`"))]
    #[schemars(extend("x-synonyms" = ["length", "lasts"]))]
    pub duration: Option<String>,
    /// The zone of `start` and `end`: an IANA or a Windows name. The workspace's default if left out.
    #[schemars(example = &"Europe/Berlin", extend("x-form" = "zone"))]
    #[schemars(extend("x-synonyms" = ["tz", "zone"]))]
    pub time_zone: Option<String>,
    /// Whether it takes whole days. Then `start` and `end` are dates, and the end is the date after the last day.
    #[schemars(example = false)]
    #[schemars(extend("x-synonyms" = ["allDay", "wholeDay"]))]
    pub is_all_day: Option<bool>,
    /// How it repeats: Graph's own form, or an iCalendar rule. `null` makes it a single event again.
    #[schemars(example = json!({
        "pattern": {"type": "weekly", "interval": 1, "daysOfWeek": ["tuesday"]},
        "range": {"type": "endDate", "endDate": "2027-03-30"}
    }))]
    #[schemars(extend("x-synonyms" = ["repeat", "repeats", "repeating", "rrule", "rule", "series"]))]
    pub recurrence: Option<Recurrence>,
    /// Single dates of the series that are skipped, moved, named otherwise, held elsewhere, with other guests or another text.
    /// Each mails like an event of its own. What is no longer listed stays as it is.
    #[schemars(example = json!([
        {"date": "2026-12-22", "cancel": true}, {"date": "2027-01-05", "start": "2027-01-06T14:00"}
    ]))]
    #[schemars(extend("x-synonyms" = ["except", "exdate", "exdates", "overrides"]))]
    pub exceptions: Option<Vec<EventException>>,
    /// Days off, on which the series has no date. What `exceptions` says of a date goes before it. A day that is off no more does not
    /// come back: Graph cannot undo a skipped date.
    #[schemars(example = json!([{"daysOff": "berlin"}]))]
    #[schemars(extend("x-synonyms" = ["daysOff", "holidays", "skips", "except"]))]
    pub skip: Option<Vec<Skip>>,
    /// Who is invited, rooms included; at most 500. An address alone is a required attendee.
    #[schemars(example = json!(["adele@contoso.example", {"address": "room-baker@contoso.example", "type": "resource"}]))]
    #[schemars(extend("x-synonyms" = ["invitees", "invited", "guests", "participants", "people"]))]
    pub attendees: Option<Vec<Attendee>>,
    /// Whether `attendees` is all there may be. `additive` if left out.
    #[schemars(example = &"additive")]
    pub attendee_policy: Option<AttendeePolicy>,
    /// Whether attendees see only themselves in the list; `false` in Graph unless set.
    #[schemars(example = false)]
    pub hide_attendees: Option<bool>,
    /// Whether attendees are asked to answer; `true` in Graph unless set. They are invited in any case.
    #[schemars(example = true)]
    pub response_requested: Option<bool>,
    /// Whether attendees may propose another time; `true` in Graph unless set.
    #[schemars(example = true)]
    pub allow_new_time_proposals: Option<bool>,
    /// Where it takes place: a name, or Graph's location. A room's address, alone or as `Room Baker <room-baker@contoso.example>`,
    /// also books the room: it becomes an attendee of type `resource`. `null` clears it.
    #[schemars(example = &"Room Baker <room-baker@contoso.example>")]
    #[schemars(extend("x-synonyms" = ["room", "place", "where", "venue"]))]
    pub location: Option<Location>,
    /// Several places, instead of `location`.
    #[schemars(example = json!(["Room Baker", "Room Nebula"]))]
    pub locations: Option<Vec<Location>>,
    /// The text of the invitation. A string is Markdown; the Teams join block below it is always kept.
    #[schemars(example = &"Agenda: **roadmap**")]
    #[schemars(extend("x-synonyms" = ["description", "text", "content", "agenda", "notes"]))]
    pub body: Option<Body>,
    /// Whether it has an online meeting. Once it has one, Graph keeps it.
    #[schemars(example = true)]
    #[schemars(extend("x-synonyms" = ["online", "teams", "teamsMeeting", "onlineMeeting"]))]
    pub is_online_meeting: Option<bool>,
    /// Who provides the online meeting; it must be allowed in the calendar. Fixed once the event is online.
    #[schemars(example = &"teamsForBusiness")]
    #[schemars(extend("x-hint" = "write `teamsForBusiness`, or leave it out for the calendar's default"))]
    pub online_meeting_provider: Option<Provider>,
    /// Options of the Teams meeting behind the event; needs `isOnlineMeeting: true`. A change mails nobody.
    #[schemars(example = json!({"allowedPresenters": "organizer", "recordAutomatically": true}))]
    pub meeting_options: Option<MeetingOptions>,
    /// How important it is; `normal` in Graph unless set.
    #[schemars(example = &"normal")]
    pub importance: Option<Importance>,
    /// How private it is; `normal` in Graph unless set.
    #[schemars(example = &"private")]
    pub sensitivity: Option<Sensitivity>,
    /// Categories of the organizer's mailbox. Attendees do not see them.
    #[schemars(example = json!(["Training"]))]
    #[schemars(extend("x-synonyms" = ["category", "tags"]))]
    pub categories: Option<Vec<String>>,
    /// How the time shows in the organizer's calendar. Attendees do not see it.
    #[schemars(example = &"busy")]
    pub show_as: Option<ShowAs>,
    /// Whether the organizer is reminded. Attendees do not see it.
    #[schemars(example = true)]
    pub is_reminder_on: Option<bool>,
    /// How many minutes before the start the organizer is reminded. Attendees do not see it.
    #[schemars(example = 15)]
    pub reminder_minutes_before_start: Option<u32>,
}
