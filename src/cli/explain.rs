//! `explain`: what is known of a kind or property.

use crate::cli::output::print;
use crate::cli::values::Format;
use crate::render::page::Page;
use crate::{explain, render};
use anyhow::Result;
use clap::Args;

/// Flags of `explain`.
#[derive(Args)]
pub struct Flags {
    /// A kind, or a property of one, such as Event.onlineMeetingProvider
    #[arg(value_name = "KIND[.PROPERTY]")]
    path: String,
    /// The format of the report
    #[arg(long, value_enum, default_value = "human", env = "CONVOKE_FORMAT")]
    format: Format,
}

/// Explains one kind or property, such as `Event.onlineMeetingProvider`.
pub fn run(flags: &Flags) -> Result<u8> {
    let Flags { path, format } = flags;
    let found = explain::explain(path)?;
    print(&match format {
        Format::Human => render::explain::render(&found),
        Format::Json => Page::json(&found),
    })?;
    Ok(0)
}
