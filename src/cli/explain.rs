//! `explain`: what is known of a kind, a property, a code, the environment and the exit codes.

use crate::cli::complete::topics;
use crate::cli::output::print;
use crate::cli::values::Format;
use crate::cli::variables::variables;
use crate::explain::exits;
use crate::render::page::Page;
use crate::{explain, render};
use anyhow::Result;
use clap::Args;
use serde::Serialize;

/// Flags of `explain`.
#[derive(Args)]
pub struct Flags {
    /// A kind, a property, a code, or one of `codes`, `environment` and `exit-codes`; without it, what there is
    ///
    /// Such as Event, Event.onlineMeetingProvider or CVK0301.
    #[arg(value_name = "TOPIC", add = topics())]
    topic: Option<String>,
    /// The format of the report
    #[arg(long, value_enum, default_value = "human", env = "CONVOKE_FORMAT")]
    format: Format,
}

/// Explains one kind, property or code, or lists what belongs together.
pub fn run(flags: &Flags) -> Result<u8> {
    let Flags { topic, format } = flags;
    let page = match topic.as_deref() {
        None => told(explain::topics(), *format, render::explain::topics),
        Some("codes") => told(explain::reasons(), *format, |all| render::explain::codes(all)),
        Some("environment") => told(variables(), *format, |all| render::explain::variables(all)),
        Some("exit-codes") => told(exits::ALL, *format, |all| render::explain::exits(all)),
        Some(code) if explain::is_code(code) => told(*explain::reason(code)?, *format, render::explain::code),
        Some(path) => told(explain::explain(path)?, *format, render::explain::render),
    };
    print(&page)?;
    Ok(0)
}

fn told<T: Serialize>(found: T, format: Format, render: impl Fn(&T) -> Page) -> Page {
    match format {
        Format::Human => render(&found),
        Format::Json => Page::json(&found),
    }
}
