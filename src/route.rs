//! Paths and preferences of Graph requests: the few that planning and observing share.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// Sent with every event request: ids that stay, times in UTC, bodies as HTML (outlook-immutable-id.md, event-get.md).
pub const EVENT_PREFER: &str = "IdType=\"ImmutableId\", outlook.timezone=\"UTC\", outlook.body-content-type=\"html\"";

/// As `EVENT_PREFER`, with times on the clocks of another zone.
pub fn event_prefer(zone: &str) -> String {
    EVENT_PREFER.replacen("UTC", zone, 1)
}

/// Sent with every online meeting request: without it some enum members read back as `unknownFutureValue`
/// (lobbybypasssettings.md).
pub const MEETING_PREFER: &str = "include-unknown-enum-members";

/// Returns a path segment or query value with everything encoded that is not plain.
pub fn encoded(text: &str) -> String {
    const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');
    utf8_percent_encode(text, PLAIN).to_string()
}

/// Returns an id as Graph writes it in paths: others spell two of its signs in another way (translateExchangeIds).
pub fn rest_id(id: &str) -> String {
    id.replace('/', "-").replace('+', "_")
}

/// Returns the path of a mailbox: `/me`, or `/users/` and the address or object id.
pub fn mailbox(organizer: &str) -> String {
    if organizer == "me" { "/me".into() } else { format!("/users/{}", encoded(organizer)) }
}

/// What stands before the id of an online meeting.
pub const MEETINGS: &str = "/onlineMeetings";

/// What stands there instead for the create that is safe to repeat.
pub const CREATE_OR_GET: &str = "createOrGet";

/// Returns the path of an organizer's online meetings. It takes the object id, never an address
/// (application-post-onlinemeetings.md).
pub fn meetings(organizer: &str, object_id: &str) -> String {
    format!("{}{MEETINGS}", mailbox(if organizer == "me" { organizer } else { object_id }))
}

/// Returns the query that finds a meeting by its join link. The link, which is percent-encoded already, is encoded once
/// more as a whole, and its quotes are doubled (onlinemeeting-get.md).
pub fn by_join_url(join_url: &str) -> String {
    format!("?$filter=JoinWebUrl%20eq%20'{}'", encoded(&join_url.replace('\'', "''")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_join_link_is_encoded_once_more() {
        assert_eq!(by_join_url("https://t/19%3am@x"), "?$filter=JoinWebUrl%20eq%20'https%3A%2F%2Ft%2F19%253am%40x'");
        // A quote would end the link and let the rest of it be a filter.
        assert_eq!(by_join_url("a' or 'b"), "?$filter=JoinWebUrl%20eq%20'a%27%27%20or%20%27%27b'");
    }
}
