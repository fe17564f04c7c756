//! One account: names, ids, licences, and what its calendars allow.

use serde::{Deserialize, Serialize};

use crate::sandbox::ids;

/// One account of the directory (user.md).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct User {
    pub id: String,
    pub upn: String,
    pub name: String,
    #[serde(default)]
    pub aliases: Vec<String>,
    /// Has a Teams licence.
    pub licensed: bool,
    /// Is covered by an application access policy.
    pub policy: bool,
    /// Has an Exchange Online mailbox.
    pub mailbox: bool,
    /// The mailbox refuses whoever asks (an application access policy of Exchange).
    #[serde(default)]
    pub denied: bool,
    /// Was deleted from the directory.
    #[serde(default)]
    pub gone: bool,
    /// Has an audio-conferencing licence.
    pub audio: bool,
    #[serde(default)]
    pub room: Option<Answers>,
    #[serde(default)]
    pub booking: Booking,
    /// Is a distribution list.
    #[serde(default)]
    pub list: bool,
    #[serde(default)]
    pub calendars: Vec<Calendar>,
    /// Came into being by being asked for.
    #[serde(default)]
    pub provided: bool,
}

/// How a room answers an invitation, some time after it was sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Answers {
    #[default]
    Accepts,
    Declines,
    Never,
}

/// What a room takes by itself (Set-CalendarProcessing); the default is Exchange's.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct Booking {
    /// How far ahead it can be booked.
    pub booking_window_in_days: u32,
    /// A series that ends beyond the window is declined whole.
    pub enforce_scheduling_horizon: bool,
    /// How many dates of a series may clash: a share of them, and a number.
    pub conflict_percentage_allowed: u32,
    pub maximum_conflict_instances: u32,
}

impl Default for Booking {
    fn default() -> Booking {
        Booking {
            booking_window_in_days: 180,
            enforce_scheduling_horizon: true,
            conflict_percentage_allowed: 0,
            maximum_conflict_instances: 0,
        }
    }
}

/// A calendar of a mailbox.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Calendar {
    pub name: String,
    #[serde(default)]
    pub default: bool,
    #[serde(default = "yes")]
    pub can_edit: bool,
    #[serde(default = "teams")]
    pub allowed_online_meeting_providers: Vec<String>,
    #[serde(default)]
    pub default_online_meeting_provider: Option<String>,
}

impl Calendar {
    /// Returns a calendar with this name that allows Teams.
    pub fn named(name: &str) -> Calendar {
        let (default, can_edit) = (false, true);
        let name = name.to_string();
        let (allowed, provider) = (teams(), None);
        Calendar {
            name,
            default,
            can_edit,
            allowed_online_meeting_providers: allowed,
            default_online_meeting_provider: provider,
        }
    }

    /// Returns the provider of a meeting that names none: the first that is allowed, unless the description says.
    pub fn provider(&self) -> String {
        let first = self.allowed_online_meeting_providers.first();
        let named = self.default_online_meeting_provider.as_ref();
        named.or(first).cloned().unwrap_or_else(|| "unknown".to_string())
    }
}

/// Returns an account with everything a meeting organizer needs.
pub fn person(id: String, upn: String) -> User {
    User {
        id,
        name: spelled(&upn),
        upn,
        aliases: Vec::new(),
        licensed: true,
        policy: true,
        mailbox: true,
        denied: false,
        gone: false,
        audio: true,
        room: None,
        booking: Booking::default(),
        list: false,
        calendars: Vec::new(),
        provided: false,
    }
}

/// Returns the object id of an address that has none of its own.
pub fn id_for(address: &str) -> String {
    ids::guid(&format!("user {}", address.to_lowercase()))
}

/// Tells whether this is an object id.
pub fn is_guid(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    parts.iter().map(|it| it.len()).eq([8, 4, 4, 4, 12]) && parts.concat().bytes().all(|it| it.is_ascii_hexdigit())
}

/// Makes a display name of an address: `adele.vance@…` is Adele Vance.
pub fn spelled(address: &str) -> String {
    let local = address.split('@').next().unwrap_or(address);
    let words = local.split(['.', '-', '_']).filter(|it| !it.is_empty()).map(|word| {
        let mut letters = word.chars();
        let first = letters.next().map(|it| it.to_uppercase().to_string()).unwrap_or_default();
        first + letters.as_str()
    });
    words.collect::<Vec<_>>().join(" ")
}

fn yes() -> bool {
    true
}

fn teams() -> Vec<String> {
    vec!["teamsForBusiness".to_string()]
}
