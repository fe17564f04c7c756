//! The options of a Teams meeting: one table and one struct for both kinds.
//!
//! For an Event they belong to the meeting behind its join link, for an OnlineMeeting to the meeting itself. Every
//! option is set by a PATCH of the meeting after it is made. Which licence or tenant policy an organizer really has is
//! not known here; the table only names the licence that an option needs.

mod shape;

pub use shape::*;

use crate::kind::compare::Compare::{CaseFolded, Exact};
use crate::kind::participants::Participants;
use crate::kind::table::{option, read_only, refused};
use crate::kind::{Field, Home, Unset};
use schemars::JsonSchema;
use serde_json::{Map, Value, json};

const UPDATE: &str = "onlinemeeting-update.md";
/// The resource has them, the table of what a PATCH takes does not: read back after a write.
const RESOURCE: &str = "onlinemeeting.md";
const PREMIUM: &str = "Teams Premium";
const ON: Unset = Unset::Flag(true);
const OFF: Unset = Unset::Flag(false);

/// The options, without `participants`: those stand in the tables of the kinds.
pub static FIELDS: &[Field] = &[
    option("lobbyBypassSettings", Exact, UPDATE)
        .usually(Unset::Members(&[("scope", Unset::Text("organization")), ("isDialInBypassEnabled", OFF)])),
    option("allowedLobbyAdmitters", Exact, UPDATE)
        .usually(Unset::Text("organizerAndCoOrganizersAndPresenters"))
        .not_in_us_gov(),
    // Graph refuses `roleIsPresenter` without the whole list of participants in the same body.
    option("allowedPresenters", Exact, UPDATE).together(&["participants"]).unless_set(Unset::Text("everyone")),
    option("isEntryExitAnnounced", Exact, UPDATE).usually(OFF),
    option("allowAttendeeToEnableCamera", Exact, UPDATE).usually(ON),
    option("allowAttendeeToEnableMic", Exact, UPDATE).usually(ON),
    option("allowMeetingChat", Exact, UPDATE).usually(Unset::Text("enabled")),
    option("chatRestrictions", Exact, RESOURCE).not_in_us_gov(),
    option("shareMeetingChatHistoryDefault", Exact, RESOURCE).usually(Unset::Text("none")),
    option("allowTeamworkReactions", Exact, UPDATE).usually(ON),
    option("allowCopyingAndSharingMeetingContent", Exact, UPDATE).usually(ON).needs(PREMIUM).not_in_us_gov(),
    option("allowRecording", Exact, UPDATE).usually(ON).not_in_us_gov(),
    option("allowTranscription", Exact, UPDATE).usually(ON).not_in_us_gov(),
    option("recordAutomatically", Exact, UPDATE).usually(OFF),
    option("allowBreakoutRooms", Exact, UPDATE).usually(ON).not_in_us_gov(),
    option("allowWhiteboard", Exact, UPDATE).usually(ON).not_in_us_gov(),
    option("allowPowerPointSharing", Exact, UPDATE).usually(ON).not_in_us_gov(),
    option("allowLiveShare", Exact, UPDATE).usually(Unset::Text("enabled")).not_in_us_gov(),
    option("allowParticipantsToChangeName", Exact, RESOURCE).usually(OFF),
    option("isEndToEndEncryptionEnabled", Exact, UPDATE).usually(OFF).needs(PREMIUM).not_in_us_gov(),
    option("watermarkProtection", Exact, UPDATE)
        .usually(Unset::Members(&[("isEnabledForContentSharing", OFF), ("isEnabledForVideo", OFF)]))
        .needs(PREMIUM),
    option("sensitivityLabelAssignment", Exact, UPDATE)
        .needs("sensitivity labels for meetings (Teams Premium or Microsoft 365 E5)")
        .not_in_us_gov(),
    option("meetingSpokenLanguageTag", CaseFolded, UPDATE).usually(Unset::Text("en-US")).not_in_us_gov(),
];

/// What Graph sets on every Teams meeting, and what convoke refuses there.
const NOT_TAKEN: [Field; 28] = [
    read_only("joinWebUrl", RESOURCE),
    read_only("joinInformation", RESOURCE),
    read_only("audioConferencing", RESOURCE).needs("Audio Conferencing"),
    read_only("cloudVideoInteropInfo", RESOURCE).needs("Cloud Video Interop").not_in_us_gov(),
    read_only("videoTeleconferenceId", RESOURCE),
    read_only("meetingOptionsWebUrl", RESOURCE).not_in_us_gov(),
    read_only("meetingType", UPDATE),
    read_only("creationDateTime", RESOURCE),
    read_only("expiryDateTime", RESOURCE).not_in_us_gov(),
    read_only("attendanceReports", "meetingattendancereport.md"),
    read_only("recordings", RESOURCE),
    read_only("transcripts", RESOURCE),
    refused("isBroadcast", LIVE_EVENT, RESOURCE),
    refused("broadcastSettings", LIVE_EVENT, RESOURCE),
    refused("attendeeReport", LIVE_EVENT, RESOURCE),
    refused(
        "anonymizeIdentityForRoles",
        "Graph v1.0 does not have it, and once set it cannot be taken back; leave it out",
        UPDATE,
    ),
    refused(
        "joinUrl",
        "it is called `joinWebUrl` now and Graph sets it; remove it, `convoke status` shows the link",
        "changelog.md",
    ),
    refused("autoAdmittedUsers", LOBBY, "changelog.md"),
    refused("accessLevel", LOBBY, "changelog.md"),
    refused("capabilities", "Graph dropped it; write the options one by one under `meetingOptions`", "changelog.md"),
    refused("entryExitAnnouncement", "Graph dropped it; write `isEntryExitAnnounced`", "changelog.md"),
    refused("isCanceled", CANCELLED, "changelog.md"),
    refused("canceledDateTime", CANCELLED, "changelog.md"),
    refused("alternativeRecording", BETA, "onlinemeeting.md (beta)"),
    refused("broadcastRecording", BETA, "onlinemeeting.md (beta)"),
    refused("recording", "only Graph beta has it; write `recordAutomatically`", "onlinemeeting.md (beta)"),
    refused("registration", REGISTRATION, "onlinemeeting.md (beta)"),
    refused("aiInsights", BETA, "onlinemeeting.md (beta)"),
];

const LIVE_EVENT: &str = "it belongs to Teams live events, which Microsoft has retired; leave it out";
const LOBBY: &str = "Graph dropped it; write `lobbyBypassSettings: {scope: organization}`";
const CANCELLED: &str =
    "Graph dropped it; remove it, and to cancel the meeting remove its manifest and apply with `prune: cancel`";
const REGISTRATION: &str =
    "its beta API stopped in December 2024; leave it out, and where people must register make a webinar in Teams";
const BETA: &str = "only Graph beta has it; leave it out";

/// `NOT_TAKEN` as rows of `meetingOptions`.
pub static REFUSED_OPTIONS: &[Field] = &at(NOT_TAKEN, Home::Meeting);

/// `NOT_TAKEN` as rows of an online meeting itself.
pub static REFUSED_HERE: &[Field] = &at(NOT_TAKEN, Home::Own);

const fn at<const N: usize>(mut rows: [Field; N], home: Home) -> [Field; N] {
    let mut next = 0;
    while next < N {
        rows[next] = rows[next].unseen().at(home);
        next += 1;
    }
    rows
}

/// Options of the Teams meeting. What is left out keeps the default of the tenant's meeting policy or template.
#[expect(dead_code, reason = "documented shapes: only their schema is used")]
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, rename_all = "camelCase")]
pub struct MeetingOptions {
    /// Who gets past the lobby. Takes effect even while the meeting runs.
    #[schemars(example = json!({"scope": "organization", "isDialInBypassEnabled": true}))]
    pub lobby_bypass_settings: Option<LobbyBypassSettings>,
    /// Who may let people in from the lobby. Takes effect even while the meeting runs.
    #[schemars(example = &"organizerAndCoOrganizers")]
    pub allowed_lobby_admitters: Option<AllowedLobbyAdmitters>,
    /// Who may present; `everyone` unless the tenant's policy says otherwise. Takes effect even while the meeting
    /// runs.
    #[schemars(example = &"organizer")]
    pub allowed_presenters: Option<AllowedPresenters>,
    /// Roles of single people, such as presenters and co-organizers. This is no invitation: it mails nobody.
    #[schemars(example = json!([{"upn": "adele@contoso.example", "role": "coorganizer"}]))]
    pub participants: Option<Participants>,
    /// Whether a tone announces callers who join or leave. Takes effect even while the meeting runs.
    #[schemars(example = false)]
    pub is_entry_exit_announced: Option<bool>,
    /// Whether attendees may turn on their camera. Takes effect even while the meeting runs.
    #[schemars(example = true)]
    pub allow_attendee_to_enable_camera: Option<bool>,
    /// Whether attendees may unmute themselves. Takes effect even while the meeting runs.
    #[schemars(example = true)]
    pub allow_attendee_to_enable_mic: Option<bool>,
    /// Whether there is a meeting chat. Takes effect even while the meeting runs.
    #[schemars(example = &"limited")]
    pub allow_meeting_chat: Option<AllowMeetingChat>,
    /// Limits on what may be posted in the chat.
    #[schemars(example = json!({"allowTextOnly": true}))]
    pub chat_restrictions: Option<ChatRestrictions>,
    /// How much of the chat so far people see who are added to it.
    #[schemars(example = &"all")]
    pub share_meeting_chat_history_default: Option<ShareMeetingChatHistory>,
    /// Whether reactions such as a raised heart may be used. Takes effect even while the meeting runs.
    #[schemars(example = true)]
    pub allow_teamwork_reactions: Option<bool>,
    /// Whether shared content may be copied and passed on. Takes effect even while the meeting runs. Needs Teams
    /// Premium.
    #[schemars(example = false)]
    pub allow_copying_and_sharing_meeting_content: Option<bool>,
    /// Whether the meeting may be recorded, within the tenant's meeting policy.
    #[schemars(example = false)]
    pub allow_recording: Option<bool>,
    /// Whether the meeting may be transcribed, within the tenant's meeting policy.
    #[schemars(example = true)]
    pub allow_transcription: Option<bool>,
    /// Whether recording starts by itself; the tenant's policy must allow recording. Takes effect with the next
    /// start.
    #[schemars(example = true)]
    pub record_automatically: Option<bool>,
    /// Whether breakout rooms may be used. Takes effect with the next start of the meeting.
    #[schemars(example = true)]
    pub allow_breakout_rooms: Option<bool>,
    /// Whether the whiteboard may be used. Takes effect with the next start of the meeting.
    #[schemars(example = true)]
    pub allow_whiteboard: Option<bool>,
    /// Whether PowerPoint Live may be used. Takes effect with the next start of the meeting.
    #[schemars(example = true)]
    pub allow_power_point_sharing: Option<bool>,
    /// Whether Live Share apps may be used. Takes effect with the next start of the meeting.
    #[schemars(example = &"disabled")]
    pub allow_live_share: Option<AllowLiveShare>,
    /// Whether people may change the name they are shown with. Graph does not promise that a later change sticks.
    #[schemars(example = false)]
    pub allow_participants_to_change_name: Option<bool>,
    /// Whether calls are encrypted end to end, which rules out much else. Takes effect with the next start. Needs
    /// Teams Premium.
    #[schemars(example = false)]
    pub is_end_to_end_encryption_enabled: Option<bool>,
    /// Watermarks over what is shown. Takes effect with the next start. Needs Teams Premium.
    #[schemars(example = json!({"isEnabledForContentSharing": true, "isEnabledForVideo": false}))]
    pub watermark_protection: Option<WatermarkProtection>,
    /// The sensitivity label of the meeting. Takes effect with the next start. Needs Teams Premium or Microsoft 365
    /// E5.
    #[schemars(example = json!({"sensitivityLabelId": "8ea6f0f4-5a1c-4a0d-9c5f-0b1f3e9a7c11"}))]
    pub sensitivity_label_assignment: Option<SensitivityLabelAssignment>,
    /// The language spoken, as a tag such as `en-US`; captions and transcripts follow it. Takes effect with the next
    /// start.
    #[schemars(example = &"de-DE", regex(pattern = r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$"))]
    #[schemars(extend("x-hint" = "write a language tag such as `en-US` or `de-DE`"))]
    pub meeting_spoken_language_tag: Option<String>,
}

/// Turns `meetingOptions` into Graph's JSON, all but `participants`, which each kind reads for itself.
pub fn expand(options: &Map<String, Value>) -> Map<String, Value> {
    let mut meeting = options.clone();
    meeting.shift_remove("participants");
    if let Some(Value::String(id)) =
        meeting.get_mut("sensitivityLabelAssignment").and_then(|label| label.get_mut("sensitivityLabelId"))
    {
        // Graph answers ids in lower case.
        *id = id.to_lowercase();
    }
    meeting
}

/// Returns the options of a live meeting that are not as they are for everybody, as `meetingOptions` takes them, without
/// `participants`. What they are unless somebody chose otherwise is a tenant's without policies of its own.
pub fn collapse(meeting: &Map<String, Value>) -> Map<String, Value> {
    let said = |field: &&Field| meeting.get(field.name).filter(|it| !it.is_null() && !field.is_usual(it));
    FIELDS.iter().filter_map(|field| Some((field.name.to_owned(), said(&field)?.clone()))).collect()
}
