//! What an entry of a list of attendees means. It only reads.

use crate::kind::compare;
use crate::when;
use jiff::Timestamp;
use serde_json::Value;

/// Somebody or something that is invited.
#[derive(Clone, Copy)]
pub struct Attendee<'a>(&'a Value);

/// What an attendee has answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Response {
    Accepted,
    Tentative,
    Declined,
    None,
}

impl Response {
    /// As Graph writes that somebody does not come.
    pub const DECLINED: &str = "declined";
}

impl<'a> Attendee<'a> {
    /// Looks at Graph's JSON of an attendee.
    pub fn of(entry: &'a Value) -> Attendee<'a> {
        Attendee(entry)
    }

    /// The address in lower case.
    pub fn address(self) -> Option<String> {
        compare::address(self.0)
    }

    /// Whether it is a room or another resource, which answers by rules of its own.
    pub fn is_resource(self) -> bool {
        self.0["type"] == "resource"
    }

    /// Whether they must come, may come, or are booked; what is left out is `required`.
    pub fn role(self) -> Option<&'a str> {
        self.0["type"].as_str()
    }

    /// What they have answered.
    pub fn response(self) -> Response {
        match self.0["status"]["response"].as_str() {
            Some("accepted") => Response::Accepted,
            Some("tentativelyAccepted") => Response::Tentative,
            Some(Response::DECLINED) => Response::Declined,
            Some(_) | None => Response::None,
        }
    }

    /// The time that they would rather have, start and end (attendee.md).
    pub fn proposed(self) -> Option<(Timestamp, Timestamp)> {
        let time = |name: &str| when::instant_in_zone(&self.0["proposedNewTime"][name]);
        Some((time("start")?, time("end")?))
    }

    /// The entry as it may be sent again, as what another entry says.
    pub fn with_role(self, of: Option<&Value>) -> Value {
        let mut entry = self.entry();
        if let Some(of) = of {
            entry["type"] = of["type"].clone();
        }
        entry
    }

    /// The entry as it may be sent again: without what only Graph sets.
    pub fn entry(self) -> Value {
        let members = ["emailAddress", "type"].map(|name| (name.to_owned(), self.0[name].clone()));
        Value::Object(members.into_iter().collect())
    }
}
