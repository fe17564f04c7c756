//! The way out of a failure, where one is known.
//!
//! Looks at the status, Graph's code and message and the route, and names what a person can do: a permission, a
//! cmdlet, a setting. It changes nothing, and where it knows nothing it says nothing. Sources: errors.md, the
//! permission tables of event-*.md, onlinemeeting-*.md and calendar-*.md,
//! cloud-communication-online-meeting-application-access-policy.md.

use crate::graph::groups::PERMISSIONS;
use crate::graph::redact::is_guid;
use crate::graph::refusal::{Asked, Failure, Unreached};
use crate::kind::workspace::NOT_ME;
use crate::model::Method;
use crate::reason::Reason;
use crate::trouble::{Hint, Trouble};

impl Failure {
    /// Returns what went wrong with what may help; `app` is the client id that signs in, for the cmdlets that name it.
    pub fn trouble(&self, app: Option<&str>) -> Trouble {
        let known = match self {
            Failure::Local(error) => Trouble::of(error),
            Failure::Refused { .. } | Failure::Lost { .. } | Failure::Throttled { .. } => {
                Trouble::new(self.to_string())
            }
        };
        Trouble { hint: self.hint(app), ..known }.coded(self.reason())
    }

    /// Which of the known reasons it is.
    fn reason(&self) -> Reason {
        match self {
            Failure::Refused { status: 401, .. } => Reason::GraphSignIn,
            Failure::Refused { status: 403, .. } => Reason::GraphForbidden,
            Failure::Refused { status: 429, .. } | Failure::Throttled { .. } => Reason::GraphThrottled,
            Failure::Refused { .. } => Reason::GraphRefused,
            Failure::Lost { .. } => Reason::GraphUnreached,
            Failure::Local(error) if error.downcast_ref::<Unreached>().is_some() => Reason::GraphUnreached,
            Failure::Local(_) => Reason::Other,
        }
    }

    /// Returns what may help, or `None`.
    pub fn hint(&self, app: Option<&str>) -> Option<Hint> {
        match self {
            Failure::Refused { request, status, code, message, .. } => {
                refused(request, *status, &code.to_lowercase(), &message.to_lowercase(), app)
            }
            Failure::Lost { request, .. } if request.method == Method::Get => {
                Some("Graph or the network dropped the connection several times; try again".into())
            }
            Failure::Lost { .. } => {
                Some("whether it was done is not known; plan again to see before repeating it".into())
            }
            Failure::Throttled { .. } => {
                Some("the app sends too much to this mailbox or tenant; try again later, or with fewer at once".into())
            }
            Failure::Local(error) => match error.downcast_ref::<Unreached>() {
                Some(unreached) => Some(
                    format!(
                        "check the network, DNS and proxy (`HTTPS_PROXY`, `NO_PROXY`) on the way to `{}`",
                        unreached.host
                    )
                    .into(),
                ),
                None => Trouble::of(error).hint,
            },
        }
    }
}

/// `code` and `message` in lower case.
fn refused(request: &Asked, status: u16, code: &str, message: &str, app: Option<&str>) -> Option<Hint> {
    let hint: Hint = match (status, code) {
        (300..=399, _) => "Graph does not redirect; check the root address, and whether a proxy wants a sign-in".into(),
        (401, _) if message.contains("audience") => {
            "the access token was made for another service or cloud; fetch one for this Graph root".into()
        }
        (401, _) => "the access token has expired or is not valid; sign in again or set a fresh one".into(),
        (403, _) if policy(request, message) => access_policy(request, app),
        (403, _) => permission(request)?.into(),
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
            format!("the sign-in is an app's, and `me` is a person: {NOT_ME}").into()
        }
        (400, "timezonenotsupportedexception") => {
            "the mailbox's server does not know this time zone: write another with the same clock times; `convoke doctor` says \
             which zones it lacks"
                .into()
        }
        (400, "errorinvalidrecipients") => {
            "somebody on the list of attendees has no e-mail address that Graph takes: look at it in Outlook, where an old entry \
             may stand as a bare name"
                .into()
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
fn policy(request: &Asked, message: &str) -> bool {
    message.contains("application access policy")
        || (request.path.contains("/onlineMeetings") && message.contains("on behalf of user"))
}

fn access_policy(request: &Asked, app: Option<&str>) -> Hint {
    let organizer = request.path.split('/').find(|it| is_guid(it)).unwrap_or("<organizer's object id>");
    let app = app.unwrap_or("<client id>");
    Hint::from(
        "a Teams administrator must allow the app for this organizer with these two; it takes up to 30 minutes to work",
    )
    .command(format!("New-CsApplicationAccessPolicy -Identity convoke -AppIds {app}"))
    .command(format!("Grant-CsApplicationAccessPolicy -PolicyName convoke -Identity {organizer}"))
}

/// The least permission for a route, as the reference pages list it.
fn permission(request: &Asked) -> Option<String> {
    let Asked { method, path } = request;
    let reads = *method == Method::Get || path.ends_with("/getSchedule");
    let parts: Vec<&str> = path.split('/').skip(1).collect();
    let after_user = match parts.as_slice() {
        ["me", rest @ ..] => rest,
        ["users", _, rest @ ..] => rest,
        ["users"] => &[],
        ["groups"] | ["groups", _, "transitiveMembers"] if reads => {
            return Some(format!("the sign-in lacks the permissions {PERMISSIONS} (with the administrator's consent)"));
        }
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
    use crate::graph::refusal::{Asked, Failure, Unreached};
    use crate::model::Method;

    fn asked(method: Method, path: &str) -> Asked {
        Asked { method, path: path.into() }
    }

    #[test]
    fn each_refusal_of_a_permission_names_it() {
        let guid = "11111111-2222-3333-4444-555555555555";
        let grant = format!("Grant-CsApplicationAccessPolicy -PolicyName convoke -Identity {guid}");
        let meeting = format!("/users/{guid}/onlineMeetings/createOrGet");
        let no_policy = "No Application Access Policy found for this app";
        each_has_its_way_out(&[
            (Method::Post, &meeting, 403, "Forbidden", no_policy, &grant),
            (
                Method::Post,
                &meeting,
                403,
                "General",
                "App x is not authorized to Create meeting on behalf of user y",
                "New-CsApplicationAccessPolicy",
            ),
            (Method::Post, &meeting, 403, "Forbidden", "no", "`OnlineMeetings.ReadWrite.All`"),
            (Method::Get, "/me/onlineMeetings", 403, "", "", "`OnlineMeetings.Read`"),
            (Method::Get, "/users/a@b.example/events", 403, "ErrorAccessDenied", "", "`Calendars.Read`"),
            (Method::Post, "/users/a@b.example/calendar/getSchedule", 403, "ErrorAccessDenied", "", "`Calendars.Read`"),
            (Method::Patch, "/users/a@b.example/events/x", 403, "ErrorAccessDenied", "", "`Calendars.ReadWrite`"),
            (Method::Get, "/users/a@b.example", 403, "Authorization_RequestDenied", "", "`User.ReadBasic.All`"),
            (Method::Post, "/groups/x/events", 403, "ErrorAccessDenied", "", "delegated"),
            (
                Method::Get,
                "/groups/x/transitiveMembers",
                403,
                "Authorization_RequestDenied",
                "",
                "GroupMember.Read.All",
            ),
        ]);
    }

    #[test]
    fn each_other_refusal_names_its_way_out() {
        each_has_its_way_out(&[
            (
                Method::Get,
                "/users/a@b.example/events",
                404,
                "MailboxNotEnabledForRESTAPI",
                "",
                "no Exchange Online mailbox",
            ),
            (Method::Get, "/users/a@b.example", 404, "Request_ResourceNotFound", "", "no such user"),
            (
                Method::Post,
                "/me/events",
                400,
                "ErrorInvalidRequest",
                "bad onlineMeetingProvider",
                "allowedOnlineMeetingProviders",
            ),
            (
                Method::Patch,
                "/me/events/A",
                400,
                "ErrorInvalidRecipients",
                "not valid",
                "no e-mail address that Graph takes",
            ),
            (Method::Post, "/me/events", 400, "TimeZoneNotSupportedException", "not supported", "convoke doctor"),
            (
                Method::Get,
                "/me/events",
                401,
                "InvalidAuthenticationToken",
                "Lifetime validation failed, the token is expired.",
                "expired",
            ),
            (Method::Get, "/me/events", 401, "InvalidAuthenticationToken", "Invalid audience.", "another service"),
            (
                Method::Get,
                "/me",
                400,
                "BadRequest",
                "/me request is only valid with delegated authentication flow.",
                "`auth: deviceCode`",
            ),
            (Method::Patch, "/me/events/x", 412, "ErrorIrresolvableConflict", "", "plan again"),
            (Method::Get, "/me/events", 302, "", "", "proxy"),
        ]);
    }

    #[test]
    fn the_commands_that_grant_a_policy_stand_on_lines_of_their_own() {
        let request = asked(Method::Get, "/users/11111111-2222-3333-4444-555555555555/onlineMeetings");
        let (code, message) = (String::new(), "No application access policy found for this app".into());
        let failure =
            Failure::Refused { request, status: 403, code, message, request_id: None, existing: None, open: false };
        let hint = failure.trouble(Some("the-app")).hint.expect("a missing policy has a way out");
        assert_eq!(
            hint.commands,
            [
                "New-CsApplicationAccessPolicy -Identity convoke -AppIds the-app",
                "Grant-CsApplicationAccessPolicy -PolicyName convoke -Identity 11111111-2222-3333-4444-555555555555",
            ]
        );
    }

    /// Of a request with its answer's status, code and message, what the way out has to say.
    fn each_has_its_way_out(cases: &[(Method, &str, u16, &str, &str, &str)]) {
        for (method, path, status, code, message, expect) in cases {
            let (code, message, request) = (code.to_string(), message.to_string(), asked(*method, path));
            let failure = Failure::Refused {
                request,
                status: *status,
                code,
                message,
                request_id: None,
                existing: None,
                open: false,
            };
            let hint = failure.hint(None).map(String::from).unwrap_or_default();
            assert!(hint.contains(expect), "{failure}\n{hint}");
        }
    }

    #[test]
    fn an_ordinary_bad_request_has_no_hint() {
        let (code, message) = ("ErrorInvalidRequest".into(), "bad".into());
        let request = asked(Method::Post, "/me/events");
        let failure =
            Failure::Refused { request, status: 400, code, message, request_id: None, existing: None, open: false };
        assert_eq!(failure.hint(None), None);
        assert_eq!(Failure::Local(anyhow::anyhow!("ours")).hint(None), None);
    }

    #[test]
    fn a_network_failure_names_the_host() {
        let unreached = Unreached { host: "graph.example".into(), why: "refused".into() };
        let failure = Failure::Local(unreached.into());
        assert!(failure.to_string().contains("`graph.example`"));
        assert!(failure.hint(None).unwrap().sentence.contains("`graph.example`"));
    }
}
