//! One request to Graph as a value.

use crate::kind::event::Claim;
use jiff::Timestamp;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

/// How a request may be sent again when its answer was lost.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Again {
    /// Any number of times: reads, deletes, creates under a `transactionId` or `externalId`, writes that mail nobody.
    #[default]
    Freely,
    /// Only after a read has shown that it did not take: a second event PATCH mails everybody again. Never, where there is
    /// nothing to read: a plain create of an online meeting, of which Graph has no list.
    AfterRead,
}

/// What a request is for, in the words of the field. Its path says the same to Graph; nobody else reads it there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Purpose {
    /// Reads what is live, for a plan or for what later requests of the step need.
    #[default]
    Observe,
    /// Asks when people and rooms are taken: a read that Graph takes as a POST (calendar-getschedule.md).
    ReadSchedules,
    /// Makes an event (user-post-events.md).
    CreateEvent,
    /// Changes an event or a whole series (event-update.md).
    UpdateEvent,
    /// Changes who is invited and nothing else, so that only those are mailed who come or go (event-update.md).
    ChangeAttendees,
    /// Invites everybody to an event that is as declared, in the same way.
    InviteAttendees,
    /// Cancels an event, or deletes one that nobody is invited to (event-cancel.md, event-delete.md).
    CancelEvent,
    /// Waits for the join link of an event that was just made, or reads it with the text that a new one is put around.
    ReadJoinLink,
    /// Looks whether the join link and the online flag are what they were before a write.
    CheckJoinLink,
    /// Finds the Teams meeting behind an event by its join link.
    FindMeeting,
    /// Sets options of the Teams meeting behind an event (onlinemeeting-update.md).
    SetOptions,
    /// Finds one date of a series by when the series meant it to start (event-list-instances.md).
    FindOccurrence,
    /// Changes one date of a series.
    ChangeOccurrence,
    /// Cancels one date of a series.
    SkipOccurrence,
    /// Makes a meeting, or gets the one that the key already has (onlinemeeting-createorget.md).
    CreateOrGetMeeting,
    /// Makes a meeting in a channel, which no second try finds again.
    CreateMeeting,
    /// Waits for a meeting that was just made, or reads one that is adopted.
    ReadMeeting,
    /// Changes a standalone meeting (onlinemeeting-update.md).
    UpdateMeeting,
    /// Deletes a standalone meeting (onlinemeeting-delete.md).
    DeleteMeeting,
}

impl Purpose {
    /// Whether it changes something in Graph.
    pub fn writes(self) -> bool {
        match self {
            Purpose::Observe | Purpose::ReadSchedules | Purpose::ReadJoinLink | Purpose::CheckJoinLink => false,
            Purpose::FindMeeting | Purpose::FindOccurrence | Purpose::ReadMeeting => false,
            Purpose::CreateEvent | Purpose::UpdateEvent | Purpose::CancelEvent | Purpose::SetOptions => true,
            Purpose::ChangeAttendees | Purpose::InviteAttendees => true,
            Purpose::ChangeOccurrence | Purpose::SkipOccurrence => true,
            Purpose::CreateOrGetMeeting | Purpose::CreateMeeting => true,
            Purpose::UpdateMeeting | Purpose::DeleteMeeting => true,
        }
    }
}

/// One request to Graph as a value. A plan holds all of its requests before any is sent.
///
/// `{name}` in `path` or `if_match` is a hole: an earlier request of the same step says what fills it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Request {
    /// What it is for.
    pub purpose: Purpose,
    /// How it is sent.
    pub method: Method,
    /// Below the root with the version, percent-encoded: `/users/alex%40contoso.example/events`.
    pub path: String,
    /// The `Prefer` header.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefer: Option<Cow<'static, str>>,
    /// The etag that was seen when planning, or the hole that an earlier answer fills; not sent where none does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub if_match: Option<String>,
    /// Graph's JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Body>,
    /// How it may be repeated.
    pub again: Again,
    /// What its answer fills.
    #[serde(default, skip_serializing_if = "Fills::is_empty")]
    pub fills: Fills,
    /// Ask again, with growing waits, until every pointer of `fills` holds a value.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub until: bool,
    /// Holes that were filled before and must be found unchanged under the same pointers of `fills`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keeps: Vec<String>,
    /// Hash of the live values of the properties in `body` or `guards` when planning, to tell a change by
    /// somebody else from a change key that moved by itself (event-update.md; change keys: observed).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// For a removal, which has no properties in its body: those that `before` is of.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub guards: Vec<String>,
    /// The hole that holds the live body: the declared `body` is put around the join block found in it, whose link stands
    /// in the hole `join`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub splice: Option<String>,
    /// The answer is a list of occurrences: pointers lead into this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pick: Option<Pick>,
    /// The join link that it finds must not stand in the text that the step sends: the service would have taken it from there,
    /// and it would be that of another meeting.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub own_link: bool,
    /// The exception of a series that it brings about, by its name in plans.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exception: Option<String>,
    /// Goes to Graph's beta version: v1.0 does not document it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub beta: bool,
    /// Whose event a create makes: its `transactionId` derives from it, and the event is found again by it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claim: Option<Box<Claim>>,
    /// Being gone already is success: deletes and cancellations, and the reads before them.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub gone: bool,
}

/// What an answer fills: hole name -> JSON pointer into it. There are few of them, and a map takes ten times the room of a list.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(from = "BTreeMap<Word, Word>", into = "BTreeMap<Word, Word>")]
pub struct Fills(Vec<(Word, Word)>);

impl Fills {
    /// Makes them.
    pub fn of<const COUNT: usize>(all: [(impl Into<Word>, &'static str); COUNT]) -> Fills {
        Fills(all.map(|(hole, pointer)| (hole.into(), pointer.into())).into())
    }

    /// Returns them in the order in which they were made.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(hole, pointer)| (&**hole, &**pointer))
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<BTreeMap<Word, Word>> for Fills {
    fn from(all: BTreeMap<Word, Word>) -> Fills {
        Fills(all.into_iter().collect())
    }
}

impl From<Fills> for BTreeMap<Word, Word> {
    fn from(all: Fills) -> BTreeMap<Word, Word> {
        all.0.into_iter().collect()
    }
}

/// Most are the program's own.
type Word = Cow<'static, str>;

/// A JSON object as the text that is sent. A plan holds thousands of them, and a tree takes ten times as much.
///
/// One that is read is written anew: what is looked at is what is sent, and no member stands in it twice.
#[derive(Clone, Serialize)]
#[serde(transparent)]
pub struct Body(Box<RawValue>);

impl<'de> Deserialize<'de> for Body {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Body, D::Error> {
        Ok(Body::of(&Map::deserialize(from)?))
    }
}

impl Body {
    /// Makes one of what is an object of JSON.
    pub fn of(object: &impl Serialize) -> Body {
        Body(to_raw_value(object).expect("its names are texts"))
    }

    /// Returns its members; none of what is no object.
    pub fn members(&self) -> Map<String, Value> {
        serde_json::from_str(self.text()).unwrap_or_default()
    }

    /// Returns one of its members; the others are passed over.
    pub fn member(&self, name: &str) -> Option<Value> {
        let members: BTreeMap<Cow<str>, &RawValue> = serde_json::from_str(self.text()).ok()?;
        serde_json::from_str(members.get(name)?.get()).ok()
    }

    /// Returns what is sent.
    pub fn text(&self) -> &str {
        self.0.get()
    }
}

impl From<Map<String, Value>> for Body {
    fn from(members: Map<String, Value>) -> Body {
        Body::of(&members)
    }
}

impl PartialEq for Body {
    fn eq(&self, other: &Body) -> bool {
        self.text() == other.text()
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(self.text())
    }
}

/// Which occurrence of a series is meant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Pick {
    /// When the series meant it to start.
    pub at: Timestamp,
    /// The date, if it lasts whole days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub day: Option<Date>,
}

/// How a request is sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    /// Reads.
    #[default]
    Get,
    /// Creates, cancels, or asks.
    Post,
    /// Changes some properties.
    Patch,
    /// Removes.
    Delete,
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(match self {
            Method::Get => "GET",
            Method::Post => "POST",
            Method::Patch => "PATCH",
            Method::Delete => "DELETE",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Body;

    #[test]
    fn a_body_that_is_read_is_an_object_and_says_each_thing_once() {
        let read = |text| serde_json::from_str::<Body>(text);
        let body = read(r#"{"subject": "Lunch", "b": [1],  "subject": "Dinner"}"#).unwrap();
        assert_eq!(body.text(), r#"{"subject":"Dinner","b":[1]}"#);
        assert!(read("[]").is_err() && read("null").is_err());
    }
}
