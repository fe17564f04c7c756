//! `explain`: what is known of a kind, a property or a code.

use crate::cli::output::print;
use crate::cli::values::Format;
use crate::render::page::Page;
use crate::{explain, render};
use anyhow::Result;
use clap::Args;
use serde::Serialize;

/// Flags of `explain`.
#[derive(Args)]
pub struct Flags {
    /// A kind, a property of one such as Event.onlineMeetingProvider, a code such as CVK0301, or `codes` for all of them
    #[arg(value_name = "KIND[.PROPERTY]|CODE")]
    path: String,
    /// The format of the report
    #[arg(long, value_enum, default_value = "human", env = "CONVOKE_FORMAT")]
    format: Format,
}

/// Explains one kind, property or code, or lists all codes.
pub fn run(flags: &Flags) -> Result<u8> {
    let Flags { path, format } = flags;
    let page = match path.as_str() {
        CODES => told(explain::reasons(), *format, |all| render::explain::codes(all)),
        code if explain::is_code(code) => told(*explain::reason(code)?, *format, render::explain::code),
        path => told(explain::explain(path)?, *format, render::explain::render),
    };
    print(&page)?;
    Ok(0)
}

/// What stands for the list of all codes.
const CODES: &str = "codes";

fn told<T: Serialize>(found: T, format: Format, render: impl Fn(&T) -> Page) -> Page {
    match format {
        Format::Human => render(&found),
        Format::Json => Page::json(&found),
    }
}
