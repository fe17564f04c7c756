//! What a check of manifests found, as text: one function for each format.

mod github;
mod human;
mod redact;
mod sarif;

pub use github::render as github;
pub use human::render as human;
pub use sarif::render as sarif;

use crate::findings::Findings;
use serde_json::json;

/// Renders findings as JSON, for scripts. `formatVersion` changes when a reader could break.
pub fn json(findings: &Findings<'_>) -> String {
    let Findings { documents, files, total, shown, texts: _ } = findings;
    let summary = json!({"documents": documents, "files": files, "problems": total});
    let document = json!({"formatVersion": 1, "summary": summary, "problems": shown});
    serde_json::to_string_pretty(&document).expect("findings are plain data with text keys") + "\n"
}
