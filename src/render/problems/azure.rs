//! Findings as commands to the agent of Azure Pipelines, which lists them with the run.

use crate::findings::{Finding, Findings};
use crate::render::page::Page;

/// Renders one `task.logissue` for each finding.
pub fn render(findings: &Findings<'_>) -> Page {
    findings.shown.iter().map(command).sum()
}

fn command(finding: &Finding<'_>) -> Page {
    let Finding { code, message, hint, at, .. } = finding;
    let hint = hint.map(|hint| format!("; hint: {hint}")).unwrap_or_default();
    let code = code.to_string();
    let (line, column) = (at.line.to_string(), at.column.to_string());
    let place =
        [("type", "error"), ("sourcepath", at.file), ("linenumber", &line), ("columnnumber", &column), ("code", &code)];
    Page::azure("task.logissue", &place, &format!("{message}{hint}"))
}
