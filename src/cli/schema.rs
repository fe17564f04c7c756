//! `schema`: the JSON Schema that editors use, and convoke itself.

use crate::cli::output::print;
use crate::explain::unknown_kind;
use crate::kind::schema;
use crate::render::page::Page;
use anyhow::Result;

/// Prints the schema of one kind, or of any document.
pub fn run(kind: Option<&str>) -> Result<u8> {
    let document = match kind {
        None => schema::any(),
        Some(name) => schema::document(name).ok_or_else(|| unknown_kind(name))?,
    };
    print(&Page::json(&document))?;
    Ok(0)
}
