//! Findings as workflow commands of GitHub Actions, which become annotations on the lines of a pull request.

use crate::findings::{Finding, Findings, Span};
use crate::render::page::Page;

/// Renders one `::error` command for each finding.
pub fn render(findings: &Findings<'_>) -> Page {
    findings.shown.iter().map(command).sum()
}

fn command(finding: &Finding<'_>) -> Page {
    let Finding { code, rule: _, message, hint, at, related, problem: _ } = finding;
    let Span { file, line, column, end_line, end_column } = at;
    let mut text = (*message).to_owned();
    for other in related {
        text += &format!("\n{}: {}:{}:{}", other.label, other.at.file, other.at.line, other.at.column);
    }
    if let Some(hint) = hint {
        text += &format!("\nhint: {hint}");
    }
    // The runner drops columns of an annotation over several lines. Its end column is the last character itself.
    let columns = match end_line == line {
        true => format!(",col={column},endColumn={}", (end_column - 1).max(*column)),
        false => String::new(),
    };
    let place = format!("file={},line={line},endLine={end_line}{columns},title=convoke {code}", property(file));
    Page::command(&place, &data(&text))
}

/// Escapes the text of a command, as the runner's own toolkit does.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
