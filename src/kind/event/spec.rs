//! The documented shape of an Event's `spec`: one property for each row of the table.

#![expect(dead_code, reason = "documented shapes: only their schema is used")]

use crate::kind::event::attendees::Attendee;
use crate::kind::event::exceptions::EventException;
use crate::kind::event::recurrence::Recurrence;
use crate::kind::event::shape::*;
use crate::kind::mailbox::Mailbox;
use crate::kind::meeting_options::MeetingOptions;
use crate::kind::provider::Provider;
use crate::kind::times::LocalTime;
use schemars::JsonSchema;
use serde_json::json;

/// An Outlook event, as it should be. A property that is left out is never written and never compared.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, rename_all = "camelCase")]
pub struct EventSpec {
    /// Whose calendar: an address, an object id, or `me` with a delegated sign-in. The workspace's default if left
    /// out.
    #[schemars(with = "Option<Mailbox>", example = &"alex@contoso.example")]
    pub organizer: Option<String>,
    /// The calendar's name; the default calendar if left out. Answers are tracked only in the default calendar.
    #[schemars(example = &"Training", length(min = 1))]
    pub calendar: Option<String>,
    /// The title of the event.
    #[schemars(example = &"Platform weekly", length(max = 255))]
    pub subject: Option<String>,
    /// When it starts: local time, or a date when it is all day long. A change mails every attendee.
    #[schemars(example = &"2026-12-01T10:00")]
    #[schemars(extend("x-hint" = "write local time, such as `2026-12-01T10:00`"))]
    pub start: LocalTime,
    /// When it ends: local time; for an all-day event the date after its last day. Or write `duration`.
    #[schemars(example = &"2026-12-01T10:45")]
    #[schemars(extend("x-hint" = "write local time, such as `2026-12-01T10:45`"))]
    pub end: Option<LocalTime>,
    /// How long it lasts, instead of `end`.
    #[schemars(example = &"45m")]
    #[schemars(extend("x-hint" = "write `45m`, `1h 30m` or `2d`"))]
    pub duration: Option<String>,
    /// The zone of `start` and `end`: an IANA or a Windows name. The workspace's default if left out.
    #[schemars(example = &"Europe/Berlin")]
    pub time_zone: Option<String>,
    /// Whether it takes whole days. Then `start` and `end` are dates, and the end is the date after the last day.
    #[schemars(example = false)]
    pub is_all_day: Option<bool>,
    /// How it repeats: Graph's own form, or an iCalendar rule. `null` makes it a single event again.
    #[schemars(example = json!({
        "pattern": {"type": "weekly", "interval": 1, "daysOfWeek": ["tuesday"]},
        "range": {"type": "endDate", "endDate": "2027-03-30"}
    }))]
    pub recurrence: Option<Recurrence>,
    /// Single dates of the series that are skipped, moved, named otherwise or held elsewhere. Each mails like an event of its
    /// own. What is no longer listed stays as it is.
    #[schemars(example = json!([
        {"date": "2026-12-22", "cancel": true}, {"date": "2027-01-05", "start": "2027-01-06T14:00"}
    ]))]
    pub exceptions: Option<Vec<EventException>>,
    /// Who is invited, rooms included; at most 500. An address alone is a required attendee.
    #[schemars(example = json!(["adele@contoso.example", {"address": "room-baker@contoso.example", "type": "resource"}]))]
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
    pub location: Option<Location>,
    /// Several places, instead of `location`.
    #[schemars(example = json!(["Room Baker", "Room Nebula"]))]
    pub locations: Option<Vec<Location>>,
    /// The text of the invitation. A string is Markdown; the Teams join block below it is always kept.
    #[schemars(example = &"Agenda: **roadmap**")]
    pub body: Option<Body>,
    /// Whether it has an online meeting. Once it has one, Graph keeps it.
    #[schemars(example = true)]
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
