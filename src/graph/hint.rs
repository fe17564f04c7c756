//! The way out of a failure, where one is known.
//!
//! Looks at the status, Graph's code and message and the route, and names what a person can do: a permission, a
//! cmdlet, a setting. It changes nothing, and where it knows nothing it says nothing. Sources: errors.md, the
//! permission tables of event-*.md, onlinemeeting-*.md and calendar-*.md,
//! cloud-communication-online-meeting-application-access-policy.md.

use crate::graph::refusal::{Failure, Unreached};
use crate::graph::shown::is_guid;
use crate::kind::workspace::NOT_ME;

impl Failure {
    /// Returns what may help, or `None`. `app` is the client id that signs in, for the cmdlets that name it.
    pub fn hint(&self, app: Option<&str>) -> Option<String> {
        self.way_out().map(|hint| hint.replace(APP, app.unwrap_or(APP)))
    }

    fn way_out(&self) -> Option<String> {
        match self {
            Failure::Refused { request, status, code, message, .. } => {
                refused(request, *status, &code.to_lowercase(), &message.to_lowercase())
            }
            Failure::Lost { request, .. } if request.starts_with("GET ") => {
                Some("Graph or the network dropped the connection several times; try again".into())
            }
            Failure::Lost { .. } => {
                Some("whether it was done is not known; plan again to see before repeating it".into())
            }
            Failure::Throttled { .. } => {
                Some("the app sends too much to this mailbox or tenant; try again later, or with fewer at once".into())
            }
            Failure::Local(error) => error.downcast_ref::<Unreached>().map(|unreached| {
                format!(
                    "check the network, DNS and proxy (`HTTPS_PROXY`, `NO_PROXY`) on the way to `{}`",
                    unreached.host
                )
            }),
        }
    }
}

/// Stands for the client id until it is known.
const APP: &str = "<client id>";

/// `code` and `message` in lower case.
fn refused(request: &str, status: u16, code: &str, message: &str) -> Option<String> {
    let hint = match (status, code) {
        (300..=399, _) => "Graph does not redirect; check the root address, and whether a proxy wants a sign-in".into(),
        (401, _) if message.contains("audience") => {
            "the access token was made for another service or cloud; fetch one for this Graph root".into()
        }
        (401, _) => "the access token has expired or is not valid; sign in again or set a fresh one".into(),
        (403, _) if policy(request, message) => access_policy(request),
        (403, _) => permission(request)?,
        (404, "mailboxnotenabledforrestapi") => {
            "the user has no Exchange Online mailbox: no licence for one, or the mailbox is on-premises".into()
        }
        (404, "errorinvaliduser" | "request_resourcenotfound") => {
            "no such user in this tenant; check the spelling of the address or id, and the tenant; a Microsoft 365 group is no \
             user, and its calendar is closed to apps"
                .into()
        }
        (400 | 409, "errorduplicatetransactionid") => {
            "an earlier run has made this event already; plan again to find it".into()
        }
        // An app has no `/me`; Graph says so in these words (observed).
        (400, _) if message.contains("delegated authentication flow") => {
            format!("the sign-in is an app's, and `me` is a person: {NOT_ME}")
        }
        (400, _) if message.contains("onlinemeetingprovider") => {
            "use a provider from the calendar's `allowedOnlineMeetingProviders`".into()
        }
        (412, _) => "the event changed after it was planned; plan again".into(),
        (409, _) => "somebody changed it at the same time; plan again".into(),
        (423, _) => "it is locked for now; try again later".into(),
        (507, _) => "the mailbox is full".into(),
        (500..=599, _) => "Graph is in trouble; try again later".into(),
        _ => return None,
    };
    Some(hint)
}

/// The message and even the code vary; some older texts do not name the policy.
fn policy(request: &str, message: &str) -> bool {
    message.contains("application access policy")
        || (request.contains("/onlineMeetings") && message.contains("on behalf of user"))
}

fn access_policy(request: &str) -> String {
    let organizer = request.split('/').find(|it| is_guid(it));
    format!(
        "a Teams administrator must allow the app for this organizer with these two; it takes up to 30 minutes to work\n    \
         New-CsApplicationAccessPolicy -Identity convoke -AppIds {APP}\n    \
         Grant-CsApplicationAccessPolicy -PolicyName convoke -Identity {}",
        organizer.unwrap_or("<organizer's object id>")
    )
}

/// The least permission for a route, as the reference pages list it.
fn permission(request: &str) -> Option<String> {
    let (method, path) = request.split_once(' ')?;
    let reads = method == "GET" || path.ends_with("/getSchedule");
    let parts: Vec<&str> = path.split('/').skip(1).collect();
    let after_user = match parts.as_slice() {
        ["me", rest @ ..] => rest,
        ["users", _, rest @ ..] => rest,
        ["users"] => &[],
        ["groups", ..] => {
            let delegated = "group calendars need the delegated permission `Group.ReadWrite.All`";
            return Some(format!("{delegated}; an app cannot have it"));
        }
        _ => return None,
    };
    let (application, delegated) = match (after_user.first().copied(), reads) {
        (None, true) => ("User.ReadBasic.All", "User.ReadBasic.All"),
        (Some("onlineMeetings"), true) => ("OnlineMeetings.Read.All", "OnlineMeetings.Read"),
        (Some("onlineMeetings"), false) => ("OnlineMeetings.ReadWrite.All", "OnlineMeetings.ReadWrite"),
        (Some("events" | "calendar" | "calendars" | "calendarView" | "calendarGroups"), true) => {
            ("Calendars.Read", "Calendars.Read")
        }
        (Some("events" | "calendar" | "calendars" | "calendarView" | "calendarGroups"), false) => {
            ("Calendars.ReadWrite", "Calendars.ReadWrite")
        }
        _ => return None,
    };
    let name = if parts[0] == "me" { delegated } else { application };
    let mailbox = match name.starts_with("Calendars.") {
        true => ", or an Exchange policy keeps the app out of this mailbox",
        false => "",
    };
    Some(format!("the sign-in lacks the permission `{name}` (with the administrator's consent){mailbox}"))
}

#[cfg(test)]
mod tests {
    use crate::graph::refusal::{Failure, Unreached};

    #[test]
    fn each_refusal_names_its_way_out() {
        let guid = "11111111-2222-3333-4444-555555555555";
        let grant = format!("Grant-CsApplicationAccessPolicy -PolicyName convoke -Identity {guid}");
        let meeting = format!("POST /users/{guid}/onlineMeetings/createOrGet");
        for (request, status, code, message, expect) in [
            (meeting.as_str(), 403, "Forbidden", "No Application Access Policy found for this app", grant.as_str()),
            (
                &meeting,
                403,
                "General",
                "App x is not authorized to Create meeting on behalf of user y",
                "New-CsApplicationAccessPolicy",
            ),
            (&meeting, 403, "Forbidden", "no", "`OnlineMeetings.ReadWrite.All`"),
            ("GET /me/onlineMeetings", 403, "", "", "`OnlineMeetings.Read`"),
            ("GET /users/a@b.example/events", 403, "ErrorAccessDenied", "", "`Calendars.Read`"),
            ("POST /users/a@b.example/calendar/getSchedule", 403, "ErrorAccessDenied", "", "`Calendars.Read`"),
            ("PATCH /users/a@b.example/events/x", 403, "ErrorAccessDenied", "", "`Calendars.ReadWrite`"),
            ("GET /users/a@b.example", 403, "Authorization_RequestDenied", "", "`User.ReadBasic.All`"),
            ("POST /groups/x/events", 403, "ErrorAccessDenied", "", "delegated"),
            ("GET /users/a@b.example/events", 404, "MailboxNotEnabledForRESTAPI", "", "no Exchange Online mailbox"),
            ("GET /users/a@b.example", 404, "Request_ResourceNotFound", "", "no such user"),
            (
                "POST /me/events",
                400,
                "ErrorInvalidRequest",
                "bad onlineMeetingProvider",
                "allowedOnlineMeetingProviders",
            ),
            (
                "GET /me/events",
                401,
                "InvalidAuthenticationToken",
                "Lifetime validation failed, the token is expired.",
                "expired",
            ),
            ("GET /me/events", 401, "InvalidAuthenticationToken", "Invalid audience.", "another service"),
            (
                "GET /me",
                400,
                "BadRequest",
                "/me request is only valid with delegated authentication flow.",
                "`auth: deviceCode`",
            ),
            ("PATCH /me/events/x", 412, "ErrorIrresolvableConflict", "", "plan again"),
            ("GET /me/events", 302, "", "", "proxy"),
        ] {
            let (code, message, request) = (code.into(), message.into(), request.to_string());
            let failure = Failure::Refused { request, status, code, message, request_id: None };
            let hint = failure.hint(None).unwrap_or_default();
            assert!(hint.contains(expect), "{failure}\n{hint}");
        }
    }

    #[test]
    fn an_ordinary_bad_request_has_no_hint() {
        let (code, message) = ("ErrorInvalidRequest".into(), "bad".into());
        let request = "POST /me/events".into();
        let failure = Failure::Refused { request, status: 400, code, message, request_id: None };
        assert_eq!(failure.hint(None), None);
        assert_eq!(Failure::Local(anyhow::anyhow!("ours")).hint(None), None);
    }

    #[test]
    fn a_network_failure_names_the_host() {
        let unreached = Unreached { host: "graph.example".into(), why: "refused".into() };
        let failure = Failure::Local(unreached.into());
        assert!(failure.to_string().contains("`graph.example`"));
        assert!(failure.hint(None).unwrap().contains("`graph.example`"));
    }
}
