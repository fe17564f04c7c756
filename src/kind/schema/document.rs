//! What a document says besides its spec: what it is called, and what may become of the live object.

use crate::kind::on_drift::OnDrift;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::Error;
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// The names that Kubernetes takes for an object that others may refer to: a label of RFC 1123.
pub const NAME: &str = "^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$";
const NAME_HINT: &str = "up to 63 lower-case letters, digits and hyphens, beginning and ending with a letter or digit";

/// What a manifest says of an Event or OnlineMeeting besides its spec.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Metadata {
    /// The name, unique among those of its kind in the workspace. A new name is a new object, unless `lifecycle.previously` says
    /// what it was called.
    #[schemars(example = &"platform-weekly", regex(pattern = NAME), extend("x-hint" = NAME_HINT))]
    pub name: String,
    /// Labels to select by.
    #[serde(default)]
    #[schemars(example = json!({"team": "platform"}))]
    pub labels: BTreeMap<String, String>,
    /// Taken, so that the file may be a Kubernetes object too; it means nothing here.
    #[serde(default)]
    #[schemars(example = &"meetings")]
    pub namespace: Option<String>,
    /// Taken, so that the file may be a Kubernetes object too; they mean nothing here.
    #[serde(default)]
    #[schemars(example = json!({"example.com/owner": "platform"}))]
    pub annotations: BTreeMap<String, String>,
}

/// What may become of the live object.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Lifecycle {
    /// Never cancelled or replaced while true; the mark is kept on the live event.
    #[serde(default)]
    #[schemars(example = true)]
    pub protect: bool,
    /// What to do when a property must change that Graph has fixed. `refuse` if left out.
    #[serde(default)]
    #[schemars(example = &"refuse")]
    pub on_immutable: OnImmutable,
    /// What to do where somebody changed live what its spec declares, or deleted it. As the workspace says, if left out.
    #[schemars(example = &"report")]
    pub on_drift: Option<OnDrift>,
    /// When the attendees of an event that is made are invited. `last` if left out.
    #[serde(default)]
    #[schemars(example = &"last")]
    pub invite: Invite,
    /// The name that it had, or names, the newest first: the live object is renamed, not cancelled and made anew. It may stay for
    /// ever.
    #[serde(default)]
    #[schemars(example = &"weekly-sync")]
    pub previously: Names,
    /// What those read whose event, or single date of it, is cancelled; meetings without a calendar tell nobody. It is kept in the
    /// state for when the manifest is gone; `--comment` goes before it.
    #[serde(default)]
    #[schemars(example = &"The room is closed that day; the minutes are in the wiki")]
    pub cancel_comment: Option<String>,
    /// The live object that this manifest takes over, as long as nothing of ours has its name: nobody is mailed by that. It may stay
    /// for ever, and leads to a meeting again where no state does.
    #[serde(default)]
    #[schemars(example = json!({"id": "AAMkAGI1AAAt8AHjAAA="}))]
    pub adopt: Option<Adopt>,
}

/// How a live object is found that is to be taken over.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Adopt {
    /// The object's id in Graph.
    Id(
        #[schemars(
        description = "The object's id in Graph, as `convoke import` prints it.",
        example = &"AAMkAGI1AAAt8AHjAAA=",
        length(max = 1024),
        pattern("^[A-Za-z0-9+/_=*-]+$"),
        extend("x-hint" = "write the id as Graph shows it: letters, digits and a few signs")
    )]
        String,
    ),
    /// The join link of a meeting.
    JoinWebUrl(
        #[schemars(
        description = "The join link of an `OnlineMeeting`. Whoever reads it can join: better the id.",
        example = &"https://teams.microsoft.com/l/meetup-join/a",
        length(max = 2048),
        pattern("^https://[!-~]+$"),
        extend("x-hint" = "write the whole link, which begins with https://")
    )]
        String,
    ),
}

impl Adopt {
    /// The join link, if it is that.
    pub fn link(&self) -> Option<&str> {
        match self {
            Adopt::JoinWebUrl(link) => Some(link),
            Adopt::Id(_) => None,
        }
    }
}

/// One name or several, as `previously` takes them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Names(pub Vec<String>);

impl<'de> Deserialize<'de> for Names {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Names, D::Error> {
        Ok(Names(match Value::deserialize(from)? {
            Value::String(name) => vec![name],
            other => serde_json::from_value(other).map_err(D::Error::custom)?,
        }))
    }
}

impl JsonSchema for Names {
    fn schema_name() -> Cow<'static, str> {
        "Names".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "anyOf": [
                {"type": "string", "pattern": NAME},
                {"type": "array", "items": {"type": "string", "pattern": NAME}, "minItems": 1, "uniqueItems": true},
            ],
            "x-hint": format!("write a name or a list of names: {NAME_HINT}"),
        })
    }
}

/// What to do where Graph fixes a property.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum OnImmutable {
    /// The change is blocked, with the reason and the price of a replacement.
    #[default]
    Refuse,
    /// The object is cancelled and made anew, with a new join link.
    Replace,
}

/// When people are invited to an event that is made, or made anew.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Invite {
    /// Once it is as declared: its join link is there, its options are set, its dates are moved and skipped.
    #[default]
    Last,
    /// With the request that makes it, as declared or not yet; each date that is moved or skipped mails them once more.
    First,
}

/// What the Workspace says besides its spec.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct WorkspaceMetadata {
    /// The owner mark on every live object of this workspace.
    #[schemars(example = &"contoso-meetings", regex(pattern = NAME), extend("x-hint" = NAME_HINT))]
    pub name: String,
    /// Labels, for people.
    #[serde(default)]
    #[schemars(example = json!({"team": "platform"}))]
    pub labels: BTreeMap<String, String>,
    /// Taken, so that the file may be a Kubernetes object too; it means nothing here.
    #[serde(default)]
    #[schemars(example = &"meetings")]
    pub namespace: Option<String>,
    /// Taken, so that the file may be a Kubernetes object too; they mean nothing here.
    #[serde(default)]
    #[schemars(example = json!({"example.com/owner": "platform"}))]
    pub annotations: BTreeMap<String, String>,
}

/// What a document that is no resource says besides its spec.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct SharedMetadata {
    /// The name, unique among those of its kind in the workspace.
    #[schemars(example = &"timetable", regex(pattern = NAME), extend("x-hint" = NAME_HINT))]
    pub name: String,
    /// Labels, for people.
    #[serde(default)]
    #[schemars(example = json!({"team": "platform"}))]
    pub labels: BTreeMap<String, String>,
    /// Taken, so that the file may be a Kubernetes object too; it means nothing here.
    #[serde(default)]
    #[schemars(example = &"meetings")]
    pub namespace: Option<String>,
    /// Taken, so that the file may be a Kubernetes object too; they mean nothing here.
    #[serde(default)]
    #[schemars(example = json!({"example.com/owner": "platform"}))]
    pub annotations: BTreeMap<String, String>,
}
