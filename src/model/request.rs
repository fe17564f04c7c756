//! One request to Graph as a value.

use serde::{Deserialize, Serialize};
use serde_json::Value;
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

/// One request to Graph as a value. A plan holds all of its requests before any is sent.
///
/// `{name}` in `path` or in a string of `body` is a hole: an earlier request of the same step says what fills it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Request {
    pub method: Method,
    /// Below the root with the version, percent-encoded: `/users/alex%40contoso.example/events`.
    pub path: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefer: Option<String>,
    /// The etag that was seen when planning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub if_match: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Value>,
    pub again: Again,
    /// Hole name -> JSON pointer into the answer.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fills: BTreeMap<String, String>,
    /// Ask again, with growing waits, until every pointer of `fills` holds a value.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub until: bool,
    /// Holes that were filled before and must be found unchanged under the same pointers of `fills`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keeps: Vec<String>,
    /// For an event PATCH: hash of the live values of the properties in `body` when planning, to tell a change by
    /// somebody else from a change key that moved by itself (event-update.md; change keys: observed).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// The hole that holds the live body: the declared `body` is put around the join block found in it, whose link stands
    /// in the hole `join`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub splice: Option<String>,
    /// The answer is a list of occurrences: pointers lead into the one that the series meant to start at this instant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pick: Option<String>,
    /// The answer tells the text of the event as it reads back: its hash fills the hole `text`, which may stay open.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub tells_text: bool,
    /// Goes to Graph's beta version: v1.0 does not document it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub beta: bool,
    /// Being gone already is success: deletes and cancellations, and the reads before them.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub gone: bool,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    #[default]
    Get,
    Post,
    Patch,
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
