//! The doctor's findings for people, each with the way out beneath it if it fails.

use crate::doctor::Finding;
use crate::render::lines::wrapped;

/// Renders the findings. What is wrong stands out by its first word, not by colour.
pub fn render(findings: &[Finding]) -> String {
    let failed = findings.iter().filter(|finding| !finding.ok).count();
    let lines: String = findings.iter().map(line).collect();
    match failed {
        0 => format!("{lines}\n{} checks, all well\n", findings.len()),
        failed => format!("{lines}\n{} checks, {failed} failed\n", findings.len()),
    }
}

fn line(finding: &Finding) -> String {
    let Finding { check, of, ok, found, mend } = finding;
    let mend = mend.as_ref().map(|mend| wrapped("       mend: ", "       ", mend)).unwrap_or_default();
    let said = if *ok { "ok     " } else { "failed " };
    wrapped(said, "       ", &format!("{check} of {of}: {found}")) + &mend
}
