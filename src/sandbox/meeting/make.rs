//! Makes online meetings: identifiers, join coordinates and the options a tenant's policy gives them.

use jiff::{SignedDuration, Timestamp};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value, json};

use crate::sandbox::{ids, records::Meeting, user::User, when, world::World};

/// Join URLs are written with lower-case escapes, and some characters bare (onlinemeeting.md samples).
const BARE: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.');

/// How long a meeting stays after its start, end or last update (onlinemeeting.md).
pub const LIFE: SignedDuration = SignedDuration::from_hours(60 * 24);

/// Makes a meeting of this organizer; it is not saved yet.
///
/// `event` is the key of the event it belongs to. Options are the defaults of a tenant without policies of its own.
pub fn make(
    world: &mut World,
    user: &User,
    subject: Value,
    start: Timestamp,
    end: Timestamp,
    event: Option<u64>,
) -> Meeting {
    let key = world.next();
    let now = world.now();
    let seed = ids::guid(&format!("meeting {} {key}", user.id));
    let thread = ids::base64(seed.as_bytes()).trim_end_matches('=').replace(['+', '/'], "x");
    let thread_id = format!("19:meeting_{thread}@thread.v2");
    let tenant = &world.directory.tenant_id;
    let context = format!("{{\"Tid\":\"{tenant}\",\"Oid\":\"{}\"}}", user.id);
    let url = format!("https://teams.microsoft.com/l/meetup-join/{}/0?context={}", lower(&thread_id), lower(&context));
    let options_url = format!(
        "https://teams.microsoft.com/meetingOptions/?organizerId={}&tenantId={tenant}&threadId={}&messageId=0&language=en-US",
        user.id,
        thread_id.replace(':', "_"),
    );
    let own = json!({
        "creationDateTime": when::offset(now),
        "startDateTime": when::offset(start),
        "endDateTime": when::offset(end),
        "joinWebUrl": url,
        "subject": subject,
        "meetingType": if event.is_some() { "scheduled" } else { "adhoc" },
        "meetingOptionsWebUrl": options_url,
        "chatInfo": {"threadId": thread_id, "messageId": "0", "replyChainMessageId": null},
        "participants": {"organizer": organizer(user, tenant), "attendees": []},
    });
    let mut props = Map::new();
    for part in [own, coordinates(user, &seed), options()] {
        if let Value::Object(part) = part {
            props.extend(part);
        }
    }
    let id = ids::base64(format!("1*{}*0**{thread_id}", user.id).as_bytes());
    let expires = Some(end.max(now).saturating_add(LIFE).unwrap_or(Timestamp::MAX));
    Meeting { key, user: user.id.clone(), id, props, external: None, event, expires, looked: 0 }
}

fn organizer(user: &User, tenant: &str) -> Value {
    json!({"upn": user.upn, "role": "presenter", "identity": {"user": {
        "id": user.id, "displayName": user.name, "tenantId": tenant, "identityProvider": "AAD"}}})
}

/// What a meeting is joined with other than by its link: numbers and a passcode, which follow from the seed.
fn coordinates(user: &User, seed: &str) -> Value {
    let passcode: String =
        ids::base64(&ids::digest(&format!("passcode {seed}"))).replace(['+', '/', '='], "k").chars().take(6).collect();
    let conference = digits("conference", seed, 9);
    let audio = json!({
        "conferenceId": conference,
        "tollNumber": "+1 323-555-0166",
        "tollFreeNumber": null,
        "tollNumbers": ["+1 323-555-0166"],
        "tollFreeNumbers": [],
        "dialinUrl": format!("https://dialin.teams.microsoft.com/{}?id={conference}", ids::guid("dialin")),
    });
    let join = digits("join", seed, 13);
    json!({
        "videoTeleconferenceId": digits("vtc", seed, 11),
        "joinMeetingIdSettings": {"isPasscodeRequired": true, "joinMeetingId": join, "passcode": passcode},
        "audioConferencing": if user.audio { audio } else { Value::Null },
    })
}

/// So many digits, the first of them no zero.
fn digits(words: &str, seed: &str, count: usize) -> String {
    let hash = ids::digest(&format!("{words} {seed}"));
    let digit = |(place, byte): (usize, &u8)| char::from(b'0' + if place == 0 { byte % 9 + 1 } else { byte % 10 });
    hash.iter().enumerate().map(digit).take(count).collect()
}

/// What a meeting may do when nothing was said: the defaults of a tenant without policies of its own.
fn options() -> Value {
    json!({
        "meetingTemplateId": null,
        "sensitivityLabelAssignment": null,
        "cloudVideoInteropInfo": null,
        "watermarkProtection": {"isEnabledForContentSharing": false, "isEnabledForVideo": false},
        "chatRestrictions": null,
        "broadcastSettings": null,
        "lobbyBypassSettings": {"scope": "organization", "isDialInBypassEnabled": false},
        "isBroadcast": false,
        "autoAdmittedUsers": "EveryoneInCompany",
        "isEntryExitAnnounced": false,
        "allowedPresenters": "everyone",
        "allowAttendeeToEnableMic": true,
        "allowAttendeeToEnableCamera": true,
        "allowMeetingChat": "enabled",
        "shareMeetingChatHistoryDefault": "none",
        "allowTeamworkReactions": true,
        "allowedLobbyAdmitters": "organizerAndCoOrganizersAndPresenters",
        "allowRecording": true,
        "allowTranscription": true,
        "allowBreakoutRooms": true,
        "allowLiveShare": "enabled",
        "allowPowerPointSharing": true,
        "allowWhiteboard": true,
        "allowParticipantsToChangeName": false,
        "allowCopyingAndSharingMeetingContent": true,
        "isEndToEndEncryptionEnabled": false,
        "recordAutomatically": false,
        "meetingSpokenLanguageTag": "en-US",
    })
}

/// Returns what an event shows of its meeting (outlook-calendar-online-meetings.md).
pub fn link(meeting: &Meeting) -> Value {
    let mut link = json!({"joinUrl": meeting.props["joinWebUrl"]});
    if let Some(audio) = meeting.props.get("audioConferencing").and_then(Value::as_object) {
        link["conferenceId"] = audio["conferenceId"].clone();
        link["tollNumber"] = audio["tollNumber"].clone();
    }
    link
}

/// Percent-encodes with lower-case digits, as Teams does.
fn lower(text: &str) -> String {
    let encoded = utf8_percent_encode(text, BARE);
    encoded.map(|part| if part.starts_with('%') { part.to_ascii_lowercase() } else { part.to_string() }).collect()
}
