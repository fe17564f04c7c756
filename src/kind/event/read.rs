//! What is asked of Graph about events, and where its answers hold it.
//!
//! Queries are not encoded yet; pointers lead into the answer for one event.

use crate::kind::event::KIND;
use crate::kind::{Home, Read};
use crate::route;
use crate::when;
use jiff::Timestamp;

/// Where the join link stands.
pub const JOIN_URL: &str = "/onlineMeeting/joinUrl";

/// Where it stands whether the event is online.
pub const IS_ONLINE: &str = "/isOnlineMeeting";

/// Where the text stands.
pub const CONTENT: &str = "/body/content";

/// The `$select` that `JOIN_URL` needs.
pub const LINK: &str = "onlineMeeting";

/// The `$select` that all three need.
pub const TEXT_AND_LINK: &str = "body,isOnlineMeeting,onlineMeeting";

/// The `$select` of a list of events: all that is compared, and what tells whose it is. What is large only with `large`.
pub fn select(large: bool) -> String {
    let rows = KIND.fields().filter(|field| match field.read {
        Read::Always => field.home != Home::Meeting,
        Read::WhereDeclared => large,
        Read::Never => false,
    });
    rows.map(|field| field.name).collect::<Vec<_>>().join(",")
}

/// The `$select` of a series whose occurrences are read; not every cloud tells which are skipped (national cloud metadata).
pub fn series(skipped: bool) -> &'static str {
    if skipped { "id,cancelledOccurrences" } else { "id" }
}

/// The `$expand` for the occurrences of a series that were changed: which they are, what may differ of them, who is invited.
pub fn changed_occurrences() -> String {
    let own = KIND.fields().filter(|field| field.per_occurrence).map(|field| field.name);
    let names: Vec<_> = ["id", "originalStart", "isAllDay", "attendees"].into_iter().chain(own).collect();
    format!("exceptionOccurrences($select={})", names.join(","))
}

/// The query for the occurrences between two times (event-list-instances.md).
pub fn instances(from: Timestamp, until: Timestamp) -> String {
    let at = |at: Timestamp| route::encoded(&when::utc(at));
    format!("startDateTime={}&endDateTime={}&$select=id,originalStart,start&$top=100", at(from), at(until))
}
