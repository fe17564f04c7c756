//! The doctor's findings for people, each with the way out beneath it if it fails.

use crate::doctor::{Check, summary};
use crate::render::lines::way_out;
use crate::render::page::Page;

/// Renders the findings. What is wrong stands out by its first word, not by colour.
pub fn render(findings: &[Check]) -> Page {
    findings.iter().map(line).sum::<Page>() + Page::empty_line() + Page::line(&summary(findings))
}

fn line(finding: &Check) -> Page {
    let Check { check, of, ok: _, found, mend } = finding;
    let mend = mend.as_ref().map(|mend| way_out("       mend: ", "           ", mend)).unwrap_or_default();
    Page::filled(&format!("{:<7}", finding.word()), "       ", &format!("{check} of {of}: {found}")) + mend
}
