//! The values that meeting options take. They only serve the schema; a manifest's values stay untyped JSON.

#![expect(dead_code, reason = "documented shapes: only their schema is used")]

use schemars::JsonSchema;

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, rename_all = "camelCase")]
pub struct LobbyBypassSettings {
    /// Who goes straight into the meeting; everybody else waits in the lobby.
    #[schemars(example = &"organization")]
    pub scope: Option<LobbyBypassScope>,
    /// Whether callers by phone also go straight in.
    #[schemars(example = false)]
    pub is_dial_in_bypass_enabled: Option<bool>,
}

#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase")]
pub enum LobbyBypassScope {
    /// Only the organizer.
    Organizer,
    /// The own organization, its guests included.
    Organization,
    /// The own organization and the organizations it trusts.
    OrganizationAndFederated,
    /// Everyone: there is no lobby.
    Everyone,
    /// Only people who were invited.
    Invited,
    /// The own organization without its guests.
    OrganizationExcludingGuests,
}

#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase")]
pub enum AllowedLobbyAdmitters {
    /// The organizer, co-organizers and presenters.
    OrganizerAndCoOrganizersAndPresenters,
    /// The organizer and co-organizers.
    OrganizerAndCoOrganizers,
}

#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase")]
pub enum AllowedPresenters {
    /// Everyone who joins.
    Everyone,
    /// The own organization.
    Organization,
    /// Only those who have `role: presenter` under `participants`.
    RoleIsPresenter,
    /// Only the organizer and co-organizers.
    Organizer,
}

#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase")]
pub enum AllowMeetingChat {
    /// Before, during and after the meeting.
    Enabled,
    /// Never.
    Disabled,
    /// Only while the meeting runs.
    Limited,
}

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, rename_all = "camelCase")]
pub struct ChatRestrictions {
    /// Whether only text may be posted in the chat.
    #[schemars(example = true)]
    pub allow_text_only: Option<bool>,
}

#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase")]
pub enum ShareMeetingChatHistory {
    /// They see the whole chat.
    All,
    /// They see only what is posted from then on.
    None,
}

#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase")]
pub enum AllowLiveShare {
    /// Live Share apps may be used.
    Enabled,
    /// Live Share apps may not be used.
    Disabled,
}

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, rename_all = "camelCase")]
pub struct WatermarkProtection {
    /// Whether shared content carries a watermark.
    #[schemars(example = true)]
    pub is_enabled_for_content_sharing: Option<bool>,
    /// Whether video carries a watermark.
    #[schemars(example = false)]
    pub is_enabled_for_video: Option<bool>,
}

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, rename_all = "camelCase")]
pub struct SensitivityLabelAssignment {
    /// The id of the label in Microsoft Purview.
    #[schemars(example = &"8ea6f0f4-5a1c-4a0d-9c5f-0b1f3e9a7c11")]
    #[schemars(regex(pattern = r"^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$"))]
    #[schemars(extend("x-hint" = "write the label's id, such as `8ea6f0f4-5a1c-4a0d-9c5f-0b1f3e9a7c11`"))]
    pub sensitivity_label_id: String,
}
