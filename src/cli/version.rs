//! `version`: which convoke this is, and out of which commit.

use crate::cli::output::print;
use crate::cli::values::Format;
use crate::render::page::Page;
use anyhow::Result;
use clap::Args;
use serde_json::json;

/// The version with commit and date, as far as the build knew them.
pub const LINE: &str = env!("CONVOKE_VERSION");

/// Flags of `version`.
#[derive(Args)]
pub struct Flags {
    /// The format
    #[arg(long, value_enum, default_value = "human", env = "CONVOKE_FORMAT")]
    format: Format,
}

/// Prints the version.
pub fn run(flags: &Flags) -> Result<u8> {
    let known = |text: &'static str| (!text.is_empty()).then_some(text);
    print(&match flags.format {
        Format::Human => Page::line(&format!("convoke {LINE}")),
        Format::Json => Page::json(&json!({
            "formatVersion": 1,
            "version": env!("CARGO_PKG_VERSION"),
            "commit": known(env!("CONVOKE_COMMIT")),
            "date": known(env!("CONVOKE_COMMIT_DATE")),
        })),
    })?;
    Ok(0)
}
