//! `explain`: what is known of a kind or property.

use super::print;
use crate::cli::flags::Common;
use crate::cli::values::Format;
use crate::{explain, render};
use anyhow::{Result, anyhow};

/// Explains one kind or property, such as `Event.onlineMeetingProvider`.
pub fn run(path: &str, common: &Common) -> Result<u8> {
    let found = explain::explain(path).map_err(|(message, hint)| anyhow!("{message}\n  hint: {hint}"))?;
    print(&match common.format {
        Format::Human | Format::Github | Format::Sarif => render::explain::render(&found),
        Format::Json => serde_json::to_string_pretty(&found)? + "\n",
    })?;
    Ok(0)
}
