//! Findings as SARIF 2.1.0, for code scanning and editors that read it.

use crate::findings::{Finding, Findings, Related, Span, rule};
use crate::problem::Rule;
use crate::render::page::Page;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
const IN_PATHS: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'.').remove(b'-').remove(b'_').remove(b'~');

/// Renders one SARIF log with one run.
pub fn render(findings: &Findings<'_>) -> Page {
    let results: Vec<_> = findings.shown.iter().map(result).collect();
    let driver = json!({
        "name": "convoke",
        "version": env!("CARGO_PKG_VERSION"),
        "semanticVersion": env!("CARGO_PKG_VERSION"),
        "rules": RULES.map(|(of, text)| json!({"id": rule(of), "shortDescription": {"text": text}})),
    });
    let run = json!({"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results});
    Page::json(&json!({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}))
}

const RULES: [(Rule, &str); 3] = [
    (Rule::Syntax, "Manifests are YAML that every reader reads alike."),
    (Rule::Schema, "Documents hold what the schema of their kind allows."),
    (Rule::Meaning, "Values agree with each other and with what they name."),
];

fn result(finding: &Finding<'_>) -> Value {
    let Finding { rule: of, message, hint, at, related, problem: _ } = finding;
    let text = hint.map_or_else(|| (*message).to_owned(), |hint| format!("{message}\nhint: {hint}"));
    let mut result = json!({
        "ruleId": of,
        "ruleIndex": RULES.iter().position(|(it, _)| rule(*it) == *of),
        "level": "error",
        "message": {"text": text},
        "locations": [{"physicalLocation": location(at)}],
    });
    if !related.is_empty() {
        let other = |(index, Related { label, at }): (usize, &Related<'_>)| json!({"id": index, "physicalLocation": location(at), "message": {"text": label}});
        result["relatedLocations"] = related.iter().enumerate().map(other).collect();
    }
    result
}

fn location(span: &Span<'_>) -> Value {
    let Span { file, line, column, end_line, end_column } = span;
    let uri = utf8_percent_encode(file, IN_PATHS).to_string();
    let region = json!({"startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column});
    json!({"artifactLocation": {"uri": uri}, "region": region})
}
