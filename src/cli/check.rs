//! `validate`, and how every command tells what is wrong with the manifests it was given.

use super::{FAILED, count, print};
use crate::cli::desk::Desk;
use crate::cli::flags::{Common, Manifests};
use crate::cli::values::Format;
use crate::findings::{Findings, findings};
use crate::render::lines::wrapped;
use crate::render::problems;
use anyhow::Result;

/// Checks everything that can be checked offline.
pub fn validate(manifests: &Manifests, common: &Common) -> Result<u8> {
    let desk = Desk::read(&manifests.paths, common)?;
    // What is read by machines is whole.
    let all = manifests.all || common.format != Format::Human;
    let findings = findings(&desk.manifests, all);
    match common.format {
        Format::Human if findings.total > 0 => tell(&findings),
        Format::Human => {
            print(&sound(&findings))?;
            for want in &desk.manifests.desired {
                for note in &want.spec.notes {
                    anstream::eprint!("{}", wrapped("note: ", "      ", &format!("{}: {note}", want.key)));
                }
            }
        }
        Format::Json => print(&problems::json(&findings))?,
        Format::Github if findings.total > 0 => print(&problems::github(&findings))?,
        Format::Github => print(&sound(&findings))?,
        Format::Sarif => print(&problems::sarif(&findings))?,
    }
    Ok(if findings.total > 0 { FAILED } else { 0 })
}

/// Prints the problems of the manifests, if there are any.
pub fn told(desk: &Desk, all: bool) -> bool {
    let findings = findings(&desk.manifests, all);
    if findings.total > 0 {
        tell(&findings);
    }
    findings.total > 0
}

fn tell(findings: &Findings<'_>) {
    anstream::eprint!("{}", problems::human(findings, true));
    anstream::eprintln!("error: {} in the manifests; nothing was touched", count(findings.total, "problem"));
}

fn sound(findings: &Findings<'_>) -> String {
    let (documents, files) = (count(findings.documents, "document"), count(findings.files, "file"));
    format!("{documents} in {files}: no problems\n")
}
