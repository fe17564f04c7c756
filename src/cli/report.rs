//! How the report of `plan`, `apply` and `destroy` is laid out.

use crate::cli::values::ReportFormat;
use crate::reason::Reason;
use crate::render::page::Page;
use crate::render::{html, human, ics, json, markdown};
use crate::report::Report;
use anyhow::{Result, bail};
use clap::Args;

/// The flags of a report.
#[derive(Args)]
pub struct Layout {
    /// human, json, markdown, html or ics
    #[arg(long, value_enum, default_value = "human", hide_possible_values = true, env = "CONVOKE_FORMAT")]
    format: ReportFormat,
    /// Show addresses as they are where the format masks them: in markdown
    #[arg(long, env = "CONVOKE_SHOW_ADDRESSES")]
    show_addresses: bool,
}

impl Layout {
    /// Whether it shows the weeks that a plan changes.
    pub fn shows_weeks(&self) -> bool {
        self.format == ReportFormat::Html
    }

    /// Whether it shows what calendars will hold.
    pub fn shows_calendar(&self) -> bool {
        self.format == ReportFormat::Ics
    }

    /// Fails for a format that tells what will be, where something is done.
    pub fn tells_what_was_done(&self) -> Result<()> {
        if self.shows_calendar() {
            let none = Reason::Flags.trouble("there is no calendar file of what was done");
            bail!(none.hint("`convoke plan --format ics` tells beforehand what calendars will hold"));
        }
        Ok(())
    }

    /// Whether it is read on a terminal.
    pub fn is_for_people(&self) -> bool {
        matches!(self.format, ReportFormat::Human)
    }

    /// Lays a report out; `all` shows unchanged resources to people as well.
    pub fn page(&self, report: &Report, all: bool) -> Page {
        let Layout { format, show_addresses } = *self;
        match format {
            ReportFormat::Human => human::render(report, all),
            ReportFormat::Json => json::render(report),
            ReportFormat::Html => html::render(report, all),
            ReportFormat::Ics => report.ical.as_ref().map(ics::render).unwrap_or_default(),
            ReportFormat::Markdown => {
                markdown::render(report, &markdown::Options { show_addresses, ..markdown::Options::default() })
            }
        }
    }
}
