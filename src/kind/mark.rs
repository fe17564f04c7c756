//! The marks on a live event that say whose it is and what was last applied.
//!
//! Two single-value extended properties under one fixed GUID (singlevaluelegacyextendedproperty-get.md). Attendees' copies
//! do not carry them. Values are matched without regard to case, so keys are lower case.

use serde_json::{Value, json};

const KEY: &str = "String {6d1c8a52-5f0e-4b7b-9c43-1f6f2a7f0e11} Name convoke";
const APPLIED: &str = "String {6d1c8a52-5f0e-4b7b-9c43-1f6f2a7f0e11} Name convoke-applied";

/// Returns the marks of one event as the value of `singleValueExtendedProperties`; `applied` is compact JSON.
pub fn write(workspace: &str, name: &str, applied: &str) -> Value {
    json!([{"id": KEY, "value": format!("{workspace}/{name}")}, {"id": APPLIED, "value": applied}])
}

/// Returns the resource's name and what the mark says was applied, if the event is the workspace's.
pub fn read<'a>(workspace: &str, event: &'a Value) -> Option<(&'a str, Option<&'a str>)> {
    let marks = event["singleValueExtendedProperties"].as_array()?;
    let value = |id: &str| marks.iter().find(|mark| mark["id"] == id).and_then(|mark| mark["value"].as_str());
    let name = value(KEY)?.strip_prefix(workspace)?.strip_prefix('/')?;
    Some((name, value(APPLIED)))
}

/// The `$filter` that finds every event of a workspace.
pub fn filter(workspace: &str) -> String {
    format!("singleValueExtendedProperties/any(ep: ep/id eq '{KEY}' and startswith(ep/value,'{workspace}/'))")
}

/// The `$expand` that returns the marks.
pub fn expand() -> String {
    format!("singleValueExtendedProperties($filter=id eq '{KEY}' or id eq '{APPLIED}')")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_read_back_by_its_workspace_only() {
        let event = json!({"singleValueExtendedProperties": write("contoso", "weekly", "{}")});
        assert_eq!(read("contoso", &event), Some(("weekly", Some("{}"))));
        assert_eq!(read("con", &event), None);
        assert_eq!(read("contoso", &json!({})), None);
    }
}
