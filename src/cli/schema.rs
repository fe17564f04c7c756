//! `schema`: the JSON Schema that editors use, and convoke itself; and the same as an API server takes it.

use crate::cli::output::print;
use crate::explain::unknown_kind;
use crate::kind::{crd, schema};
use crate::manifest::yaml;
use crate::render::page::Page;
use anyhow::Result;

/// Prints the schema of one kind, or of any document, or the definitions of all that a cluster may hold.
pub fn run(kind: Option<&str>, crd: bool) -> Result<u8> {
    if crd {
        let definitions: Vec<String> = crd::definitions().iter().map(yaml::written).collect();
        print(&definitions.join("---\n").lines().map(Page::line).sum())?;
        return Ok(0);
    }
    let document = match kind {
        None => schema::any(),
        Some(name) => schema::document(name).ok_or_else(|| unknown_kind(name))?,
    };
    print(&Page::json(&document))?;
    Ok(0)
}
