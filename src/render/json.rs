//! The report as JSON: the contract for scripts. `formatVersion` changes when a reader could break.

use crate::doctor::Check;
use crate::report::Report;
use crate::status::Joining;
use serde_json::json;

/// Renders the report as one indented JSON document with a final line feed.
pub fn render(report: &Report) -> String {
    serde_json::to_string_pretty(report).expect("a report is plain data with text keys") + "\n"
}

/// Renders join coordinates.
pub fn status(rows: &[Joining]) -> String {
    let document = json!({"formatVersion": 1, "resources": rows});
    serde_json::to_string_pretty(&document).expect("coordinates are plain data with text keys") + "\n"
}

/// Renders the doctor's findings.
pub fn doctor(findings: &[Check]) -> String {
    let document = json!({"formatVersion": 1, "checks": findings});
    serde_json::to_string_pretty(&document).expect("findings are plain data with text keys") + "\n"
}
