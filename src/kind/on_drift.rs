//! What a change by somebody else leads to: a word that the workspace knows and each manifest's `lifecycle`.

use schemars::JsonSchema;
use serde::Deserialize;
use std::str::FromStr;

/// What to do where somebody changed live what a manifest declares, or deleted it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum OnDrift {
    /// It is put back, and what was deleted is made again.
    #[default]
    Revert,
    /// It is named, and left so until the manifest changes.
    Report,
}

impl FromStr for OnDrift {
    type Err = String;

    fn from_str(text: &str) -> Result<OnDrift, String> {
        match text {
            "revert" => Ok(OnDrift::Revert),
            "report" => Ok(OnDrift::Report),
            _ => Err(format!("neither `revert` nor `report`: `{text}`")),
        }
    }
}
