//! How much one apply may do: shares and counts.

use crate::kind::workspace::quiet_hours::{Notice, QuietHours};
use crate::kind::workspace::window::Window;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::Error;
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

/// How much one apply may do before it is refused, or all applies within a window, and when nobody is mailed.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct Limits {
    /// The most that one apply may cancel or replace: a share of what is managed, or a count. `25%` if left out.
    #[schemars(example = &"25%")]
    pub removals: Share,
    /// The most that one apply may change: a share of what is managed, or a count. `50%` if left out.
    #[schemars(example = &"50%")]
    pub changes: Share,
    /// The most mails that one apply may cause, those counted that are only possible; no limit if left out.
    #[schemars(example = 500)]
    pub mails: Option<u64>,
    /// The most people beyond the organizer's domain that one apply may mail, those counted who are only possibly mailed; no limit
    /// if left out.
    #[schemars(example = 50)]
    pub outside: Option<u64>,
    /// How far back `removals`, `changes`, `mails` and `outside` count: then they hold for what all who write the state have sent
    /// within that time together with the plan, and ceilings of the environment do so too. What was sent counts, of an apply that
    /// was killed what it had planned; a share is of what is managed now, somebody who is mailed twice is one person, and what was
    /// sent within one hour leaves the window at once. From `1h` to `30d`; if left out, they hold for each apply by itself.
    #[schemars(example = &"24h")]
    pub per: Option<Window>,
    /// How often within `per` drift of one resource is put back: what somebody changed live and the manifest did not, in one apply
    /// once, or that it was deleted and is made again. Above that such drift is reported and left as it is, which counts as settled,
    /// until the window opens or the manifest changes; a property whose manifest changed is sent all the same. 0 puts nothing back;
    /// no limit if left out. It needs `per`.
    #[schemars(range(max = 20), example = 2)]
    pub reverts: Option<u64>,
    /// Hours in which no step may mail anybody, not even possibly, on the organizer's clock; none if left out.
    #[schemars(example = &"20:00-07:00")]
    pub quiet_hours: Option<QuietHours>,
    /// How long before it starts an event may no longer be moved or cancelled; no limit if left out.
    #[schemars(example = &"24h")]
    pub minimum_notice: Option<Notice>,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            removals: Share::Percent(25),
            changes: Share::Percent(50),
            mails: None,
            outside: None,
            per: None,
            reverts: None,
            quiet_hours: None,
            minimum_notice: None,
        }
    }
}

/// What the job's environment allows at most, whatever the workspace and the flags say.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Ceilings {
    /// Of mails, those counted that are only possible.
    pub mails: Option<u64>,
    /// Of resources that are cancelled or replaced.
    pub removals: Option<Share>,
    /// Of resources that are changed.
    pub changes: Option<Share>,
    /// Of people beyond the organizer's domain.
    pub outside: Option<u64>,
}

/// A share of what is managed, or a count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Share {
    /// 0 to 100.
    Percent(u64),
    /// So many.
    Count(u64),
}

impl Share {
    /// Tells whether `some` out of `all` stays within it; exactly the share still does.
    pub fn allows(self, some: u64, all: u64) -> bool {
        match self {
            Share::Percent(percent) => u128::from(some) * 100 <= u128::from(all) * u128::from(percent),
            Share::Count(count) => some <= count,
        }
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Share::Percent(percent) => write!(f, "{percent}%"),
            Share::Count(count) => write!(f, "{count}"),
        }
    }
}

impl FromStr for Share {
    type Err = String;

    fn from_str(text: &str) -> Result<Share, String> {
        let wrong = || format!("not a share such as `25%`, nor a count: `{text}`");
        match text.strip_suffix('%') {
            Some(percent) => match percent.parse() {
                Ok(percent @ 0..=100) => Ok(Share::Percent(percent)),
                _ => Err(wrong()),
            },
            None => text.parse().map(Share::Count).map_err(|_| wrong()),
        }
    }
}

impl<'de> Deserialize<'de> for Share {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Share, D::Error> {
        match Value::deserialize(from)? {
            Value::String(text) => text.parse().map_err(D::Error::custom),
            other => other.to_string().parse().map_err(D::Error::custom),
        }
    }
}

impl JsonSchema for Share {
    fn schema_name() -> Cow<'static, str> {
        "Share".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "anyOf": [
                {"type": "string", "pattern": "^(100|[1-9]?[0-9])%$"},
                {"type": "integer", "minimum": 0},
            ],
            "x-hint": "write a share such as `25%`, or a count such as `10`",
        })
    }
}
