//! `validate`, and how every command tells what is wrong with the manifests it was given.

use crate::cli::FAILED;
use crate::cli::common::{Common, Manifests};
use crate::cli::output::{self, aside, print};
use crate::findings::findings;
use crate::reconcile::{Given, Project};
use crate::redact::{self, Known};
use crate::render::page::Page;
use crate::render::problems;
use anyhow::Result;
use clap::{Args, ValueEnum};

/// Flags of `validate`.
#[derive(Args)]
pub struct Flags {
    #[command(flatten)]
    manifests: Manifests,
    /// The format of the report: for people, for scripts, as workflow annotations of GitHub Actions, or SARIF 2.1.0
    #[arg(long, value_enum, default_value = "human", env = "CONVOKE_FORMAT")]
    format: Format,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Human,
    Json,
    Github,
    Sarif,
}

/// Checks everything that can be checked offline.
pub fn run(flags: &Flags, common: &Common) -> Result<u8> {
    let Flags { manifests, format } = flags;
    let project = common.project_as(&manifests.paths, Given { check: true, ..common.given()? })?;
    // What is read by machines is whole.
    let all = manifests.all || *format != Format::Human;
    let findings = findings(&project.manifests, all);
    match format {
        Format::Human if findings.total > 0 => output::refused(&findings),
        Format::Human => {
            print(&Page::line(&findings.sound()))?;
            for want in project.desired() {
                for note in &want.spec.notes {
                    let note = format!("{}: {note}", want.key);
                    aside(&Page::filled("note: ", "      ", &redact::hide(&note, &Known::default())));
                }
            }
        }
        Format::Json => print(&problems::json(&findings))?,
        Format::Github if findings.total > 0 => print(&problems::github(&findings))?,
        Format::Github => print(&Page::line(&findings.sound()))?,
        Format::Sarif => print(&problems::sarif(&findings))?,
    }
    let code = if findings.total > 0 { FAILED } else { 0 };
    // The process ends here: giving back a hundred thousand manifests value by value would take a while.
    drop(findings);
    std::mem::forget(project);
    Ok(code)
}

/// Prints the problems of the manifests and returns true, if there are any.
pub fn refused(project: &Project, all: bool) -> bool {
    let findings = findings(&project.manifests, all);
    if findings.total > 0 {
        output::refused(&findings);
    }
    findings.total > 0
}
