//! What a check of manifests found, as text: one function for each format.

mod azure;
mod github;
mod human;
mod redact;
mod sarif;

pub use azure::render as azure;
pub use github::render as github;
pub use human::render as human;
pub use sarif::render as sarif;

use crate::findings::Findings;
use crate::render::page::Page;
use serde_json::json;

/// Renders findings as JSON, for scripts. `formatVersion` changes when a reader could break.
pub fn json(findings: &Findings<'_>) -> Page {
    let Findings { documents, files, total, shown, texts: _ } = findings;
    let summary = json!({"documents": documents, "files": files, "problems": total});
    Page::json(&json!({"formatVersion": 1, "summary": summary, "problems": shown}))
}
