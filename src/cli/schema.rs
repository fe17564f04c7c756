//! `schema`: the JSON Schema that editors use, and convoke itself.

use crate::cli::output::print;
use crate::kind::schema;
use crate::manifest::doorman::near;
use anyhow::{Context, Result};

/// Prints the schema of one kind, or of any document.
pub fn run(kind: Option<&str>) -> Result<u8> {
    let document = match kind {
        None => schema::any(),
        Some(name) => schema::document(name).with_context(|| unknown(name))?,
    };
    print(&(serde_json::to_string_pretty(&document)? + "\n"))?;
    Ok(0)
}

fn unknown(name: &str) -> String {
    let names = schema::names();
    let hint = match near(name, names.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("the kinds are {}", names.join(", ")),
    };
    format!("unknown kind `{name}`\n  hint: {hint}")
}
