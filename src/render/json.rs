//! The report as JSON: the contract for scripts. `formatVersion` changes when a reader could break.

use crate::doctor::Check;
use crate::findings::Finding;
use crate::membership::Group;
use crate::render::page::Page;
use crate::report::Report;
use crate::state::Apply;
use crate::status::Joining;
use serde_json::json;

/// Renders the report as one indented JSON document with a final line feed.
pub fn render(report: &Report) -> Page {
    Page::json(report)
}

/// Renders what is managed; `complete` says that nothing may be missing, and `problems` are those of manifests.
pub fn status(rows: &[Joining], complete: bool, problems: &[Finding]) -> Page {
    Page::json(&json!({"formatVersion": 1, "complete": complete, "resources": rows, "problems": problems}))
}

/// Renders the doctor's findings.
pub fn doctor(findings: &[Check]) -> Page {
    Page::json(&json!({"formatVersion": 1, "checks": findings}))
}

/// Renders who joined and who left each group.
pub fn groups(groups: &[Group]) -> Page {
    Page::json(&json!({"formatVersion": 1, "groups": groups}))
}

/// Renders the applies that the state remembers.
pub fn history(applies: &[Apply]) -> Page {
    Page::json(&json!({"formatVersion": 1, "applies": applies}))
}

/// Renders which files are in another form than they should be, or were, and how many are not.
pub fn formatted(changed: &[&str], same: usize) -> Page {
    Page::json(&json!({"formatVersion": 1, "changed": changed, "unchanged": same}))
}
