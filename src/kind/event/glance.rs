//! What a listed event says at a glance: of one that stands as it did nearly nothing has to be read.

use crate::kind::event::attendee::Response;
use crate::kind::event::read::{LINK, beside};
use crate::kind::stood::Parts;
use crate::shallow::Object;
use serde_json::{Map, Value};
use std::borrow::Cow;

/// An event in a list, and where that was.
#[derive(Clone, Copy)]
pub struct Glance<'a> {
    /// The mailbox, spelled as it was asked for.
    pub organizer: &'a str,
    /// The calendar's name; the default one has none.
    pub calendar: Option<&'a String>,
    /// The event as it was answered.
    pub event: &'a Object<'a>,
}

/// Who has it is looked up by it.
const ID: &str = "id";

/// Who is invited, and what each of them has answered.
const PEOPLE: &str = "attendees";

/// Of one who is invited: what they have answered, which changes of itself.
const ANSWER: &str = "status";

/// Changes with everything that does, of which not all is looked at.
const ETAG: &str = "@odata.etag";

impl Glance<'_> {
    /// Its id in Graph.
    pub fn id(&self) -> Option<Cow<'_, str>> {
        self.event.text(ID)
    }

    /// Its etag.
    pub fn etag(&self) -> Option<String> {
        self.event.text(ETAG).map(Cow::into_owned)
    }

    /// Adds to a digest all that it says, but for its id and what guests have answered. Returns what all of them have, if one may have
    /// declined.
    ///
    /// Fails where it cannot be read who is invited.
    pub fn add(&self, parts: &mut Parts) -> serde_json::Result<Option<Map<String, Value>>> {
        for (name, text) in self.event.iter().filter(|(name, _)| ![ID, ETAG, PEOPLE].contains(name)) {
            parts.add(name, text);
        }
        let Some(people) = self.event.get(PEOPLE) else { return Ok(None) };
        let all: Vec<Object> = serde_json::from_str(people)?;
        parts.add(PEOPLE, "");
        for one in &all {
            one.iter().filter(|(name, _)| *name != ANSWER).for_each(|(name, text)| parts.add(name, text));
            parts.add(ANSWER, "");
        }
        // A word may be written in signs that stand for others.
        let declined = people.contains(Response::DECLINED) || people.contains('\\');
        declined.then(|| Ok(Map::from_iter([(PEOPLE.to_owned(), serde_json::from_str(people)?)]))).transpose()
    }

    /// The same as `beside`, of what it says.
    pub fn beside(&self, is_declared: impl Fn(&str) -> bool) -> Map<String, Value> {
        let link = self.event.get(LINK).and_then(|text| Object::of(text).ok());
        let live = |name: &str, member: Option<&str>| {
            let (of, name) = member.map_or((Some(self.event), name), |member| (link.as_ref(), member));
            // What is not there is mostly written so.
            let is_there = |of: &&Object| of.get(name).is_some_and(|text| !["null", "false"].contains(&text));
            of.filter(is_there)?.value(name)
        };
        beside(live, is_declared)
    }
}
