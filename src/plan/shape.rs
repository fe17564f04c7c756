//! Which requests a plan may hold: the method and the shape of the path that each purpose has.
//!
//! A saved plan can be written by anybody; what does not look like a request of the planner's own is none.

use crate::model::{Method, Purpose};
use crate::route::{CREATE_OR_GET, MEETINGS};

/// Whether a request for this purpose may be sent so. `path` begins behind the version, and may hold holes.
pub fn fits(purpose: Purpose, method: Method, path: &str) -> bool {
    let (path, query) = path.split_once('?').map_or((path, None), |(path, query)| (path, Some(query)));
    let plain =
        |it: &str| !it.is_empty() && it.bytes().all(|sign| sign.is_ascii_alphanumeric() || b"-_.~%{}:".contains(&sign));
    let of_user = || {
        let (mailbox, rest) = path.strip_prefix("/users/")?.split_once('/')?;
        plain(mailbox).then_some(rest)
    };
    let Some(path) = path.strip_prefix("/me/").or_else(of_user) else { return false };
    let segments: Vec<&str> = path.split('/').collect();
    if !segments.iter().all(|it| plain(it) && !it.contains("..")) {
        return false;
    }
    let meetings = MEETINGS.trim_start_matches('/');
    match (purpose, method, query) {
        (Purpose::CreateEvent, Method::Post, None) => matches!(segments[..], ["events"] | ["calendars", _, "events"]),
        (Purpose::UpdateEvent | Purpose::ChangeAttendees | Purpose::InviteAttendees, Method::Patch, None)
        | (Purpose::ChangeOccurrence, Method::Patch, None)
        | (Purpose::CancelEvent | Purpose::SkipOccurrence, Method::Delete, None) => {
            matches!(segments[..], ["events", _])
        }
        (Purpose::CancelEvent | Purpose::SkipOccurrence, Method::Post, None) => {
            matches!(segments[..], ["events", _, "cancel"])
        }
        (Purpose::ReadJoinLink | Purpose::CheckJoinLink, Method::Get, Some(_)) => matches!(segments[..], ["events", _]),
        (Purpose::FindOccurrence, Method::Get, Some(_)) => matches!(segments[..], ["events", _, "instances"]),
        (Purpose::FindMeeting, Method::Get, Some(_)) => segments[..] == [meetings],
        (Purpose::SetOptions | Purpose::UpdateMeeting, Method::Patch, None)
        | (Purpose::DeleteMeeting, Method::Delete, None)
        | (Purpose::ReadMeeting, Method::Get, None) => {
            matches!(segments[..], [first, id] if first == meetings && id != CREATE_OR_GET)
        }
        (Purpose::CreateOrGetMeeting, Method::Post, None) => segments[..] == [meetings, CREATE_OR_GET],
        (Purpose::CreateMeeting, Method::Post, None) => segments[..] == [meetings],
        // Asked before a plan is made, and never by one.
        (Purpose::Observe | Purpose::ReadSchedules, _, _) => false,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_purpose_is_for_fits_it() {
        for (purpose, method, path, expect) in [
            (Purpose::CreateEvent, Method::Post, "/users/alex%40contoso.example/events", true),
            (Purpose::CreateEvent, Method::Post, "/me/calendars/A/events", true),
            (Purpose::CreateEvent, Method::Post, "/users/alex%40contoso.example/messages", false),
            (Purpose::CreateEvent, Method::Patch, "/me/events", false),
            (Purpose::CreateEvent, Method::Post, "/me/events?x=y", false),
            (Purpose::UpdateEvent, Method::Patch, "/me/events/A%3D", true),
            (Purpose::UpdateEvent, Method::Patch, "/me/events/../messages", false),
            (Purpose::UpdateEvent, Method::Patch, "/me/mailFolders/A", false),
            (Purpose::UpdateEvent, Method::Delete, "/me/events/A", false),
            (Purpose::CancelEvent, Method::Post, "/me/events/A/forward", false),
            (Purpose::SkipOccurrence, Method::Post, "/users/a/events/{2031-02-04}/cancel", true),
            (Purpose::DeleteMeeting, Method::Delete, "/users/a/onlineMeetings/{0123456789ab}", true),
            (Purpose::DeleteMeeting, Method::Delete, "/users/a", false),
            (Purpose::UpdateMeeting, Method::Patch, "/users/a/onlineMeetings/createOrGet", false),
            (Purpose::FindMeeting, Method::Get, "/users/a/onlineMeetings?$filter=x", true),
            (Purpose::Observe, Method::Get, "/me/events/A", false),
            (Purpose::CreateMeeting, Method::Post, "https://elsewhere.example/me/onlineMeetings", false),
            (Purpose::CreateMeeting, Method::Post, "/meetings/onlineMeetings", false),
        ] {
            assert_eq!(fits(purpose, method, path), expect, "{purpose:?} {method} {path}");
        }
    }
}
