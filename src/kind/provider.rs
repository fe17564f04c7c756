//! Who can provide an online meeting: what an event names and what a workspace gives as its default (calendar.md).

#![expect(dead_code, reason = "documented shapes: only their schema is used")]

use schemars::JsonSchema;

#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase")]
pub enum Provider {
    /// Microsoft Teams.
    TeamsForBusiness,
    /// Skype for Business.
    SkypeForBusiness,
    /// Skype.
    SkypeForConsumer,
}
