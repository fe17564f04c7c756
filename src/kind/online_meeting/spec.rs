//! The documented shape of an OnlineMeeting's `spec`: one property for each row of the table.

#![expect(dead_code, reason = "documented shapes: only their schema is used")]

use crate::kind::Writable::{Always, OnCreate};
use crate::kind::compare::Compare;
use crate::kind::mailbox::Mailbox;
use crate::kind::meeting_options::MeetingOptions;
use crate::kind::online_meeting::EXTERNAL_ID;
use crate::kind::participants::Participants;
use crate::kind::table::{ours, own, read_only, refused};
use crate::kind::times::LocalTime;
use crate::kind::{Field, Home, Patch};
use schemars::JsonSchema;
use serde_json::json;

const UPDATE: &str = "onlinemeeting-update.md";
const RESOURCE: &str = "onlinemeeting.md";

pub static FIELDS: &[Field] = &[
    ours("organizer", Home::Ours, OnCreate),
    ours("start", Home::Short, Always),
    ours("end", Home::Short, Always),
    ours("duration", Home::Short, Always),
    ours("timeZone", Home::Short, Always),
    ours("meetingOptions", Home::Short, Always),
    plain("subject", Compare::Exact).free_text(),
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

/// A standalone Teams meeting, as it should be. A property that is left out is never written and never compared.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, rename_all = "camelCase")]
pub struct OnlineMeetingSpec {
    /// Whose meeting: an address, an object id, or `me` with a delegated sign-in. The workspace's default if left
    /// out.
    #[schemars(with = "Option<Mailbox>", example = &"alex@contoso.example")]
    #[schemars(extend("x-synonyms" = ["owner", "host", "mailbox", "user"]))]
    pub organizer: Option<String>,
    /// The title of the meeting.
    #[schemars(example = &"Support room", length(max = 255))]
    #[schemars(extend("x-synonyms" = ["title", "summary", "topic"]))]
    pub subject: Option<String>,
    /// When it starts: local time. Without any times it is an instant meeting, made when it is first applied.
    #[schemars(example = &"2026-12-01T08:00")]
    #[schemars(extend("x-hint" = "write local time, such as `2026-12-01T08:00`"))]
    #[schemars(extend("x-synonyms" = ["begin", "begins", "from", "startDate"]))]
    pub start: Option<LocalTime>,
    /// When it ends: local time. Or write `duration`. Graph forgets a meeting 60 days after its end or its last use.
    #[schemars(example = &"2026-12-01T18:00")]
    #[schemars(extend("x-hint" = "write local time, such as `2026-12-01T18:00`"))]
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
    /// Graph's own form of `start`: a time with its offset.
    #[schemars(example = &"2026-12-01T07:00:00Z", extend("x-form" = "instant"))]
    pub start_date_time: Option<String>,
    /// Graph's own form of `end`: a time with its offset.
    #[schemars(example = &"2026-12-01T17:00:00Z", extend("x-form" = "instant"))]
    pub end_date_time: Option<String>,
    /// Roles of people in the meeting; the list is the truth. This is no invitation: it mails nobody.
    #[schemars(example = json!([{"upn": "adele@contoso.example", "role": "presenter"}]))]
    #[schemars(extend("x-synonyms" = ["invitees", "invited", "guests", "attendees", "people"]))]
    pub participants: Option<Participants>,
    /// How the meeting is joined by its id. Fixed once the meeting is made.
    #[schemars(example = json!({"isPasscodeRequired": true}))]
    pub join_meeting_id_settings: Option<JoinMeetingIdSettings>,
    /// The Teams template that the meeting is made from. Fixed once the meeting is made; custom templates need Teams
    /// Premium.
    #[schemars(example = &"05b9ed5f-2ac3-4470-aae9-f4a0c30b1a4b")]
    pub meeting_template_id: Option<String>,
    /// The Teams channel that the meeting is held in. Needs `organizer: me`, who is a member of the channel. Fixed once
    /// the meeting is made.
    #[schemars(example = json!({"threadId": "19:3b52398f3c524556894b776357c1dd79@thread.tacv2"}))]
    pub chat_info: Option<ChatInfo>,
    /// Options of the meeting.
    #[schemars(example = json!({"allowMeetingChat": "enabled"}))]
    pub meeting_options: Option<MeetingOptions>,
}

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, rename_all = "camelCase", transform = generated)]
pub struct JoinMeetingIdSettings {
    /// Whether joining by id asks for a passcode. Graph makes the passcode; it cannot be chosen.
    #[schemars(example = true)]
    pub is_passcode_required: bool,
}

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, rename_all = "camelCase", transform = generated_for_a_chat)]
pub struct ChatInfo {
    /// The id of the channel. A link to the channel, as Teams copies it, holds it between `/channel/` and the next `/`.
    #[schemars(example = &"19:3b52398f3c524556894b776357c1dd79@thread.tacv2")]
    #[schemars(regex(
        pattern = r"^19(:|%3[Aa])[^\s\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069@%]+(@|%40)thread\.[a-z0-9]+$"
    ))]
    #[schemars(extend("x-hint" = "write the channel's id, such as `19:3b52398f3c524556894b776357c1dd79@thread.tacv2`"))]
    pub thread_id: String,
}

fn generated(schema: &mut schemars::Schema) {
    never(schema, ["joinMeetingId", "passcode"]);
}

fn generated_for_a_chat(schema: &mut schemars::Schema) {
    never(schema, ["messageId", "replyChainMessageId"]);
}

/// Adds what Graph makes by itself, so that an author is told so.
fn never(schema: &mut schemars::Schema, names: [&str; 2]) {
    for name in names {
        if let Some(properties) = schema.get_mut("properties").and_then(serde_json::Value::as_object_mut) {
            let never = json!({"readOnly": true, "not": {}, "description": "Graph sets this."});
            properties.insert(name.into(), never);
        }
    }
}
