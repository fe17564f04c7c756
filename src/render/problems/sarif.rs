//! Findings as SARIF 2.1.0, for code scanning and editors that read it.

use crate::findings::{Finding, Findings, Related, Span};
use crate::reason::{About, Reason};
use crate::render::page::Page;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};
use std::collections::BTreeSet;

const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
const IN_PATHS: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'.').remove(b'-').remove(b'_').remove(b'~');

/// Renders one SARIF log with one run.
pub fn render(findings: &Findings<'_>) -> Page {
    let all: BTreeSet<Reason> = findings.shown.iter().map(|it| it.code).collect();
    let all: Vec<Reason> = all.into_iter().collect();
    let results: Vec<_> = findings.shown.iter().map(|it| result(it, &all)).collect();
    let driver = json!({
        "name": "convoke",
        "version": env!("CARGO_PKG_VERSION"),
        "semanticVersion": env!("CARGO_PKG_VERSION"),
        "rules": all.iter().map(|reason| about(*reason)).collect::<Vec<_>>(),
    });
    let run = json!({"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results});
    Page::json(&json!({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}))
}

/// One code, with what is known of it.
fn about(reason: Reason) -> Value {
    let About { reason: code, title, cause, way_out } = reason.about();
    json!({"id": code, "name": title, "shortDescription": {"text": cause}, "help": {"text": way_out}})
}

fn result(finding: &Finding<'_>, all: &[Reason]) -> Value {
    let Finding { code, rule, message, hint, at, related, problem: _ } = finding;
    let text = hint.map_or_else(|| (*message).to_owned(), |hint| format!("{message}\nhint: {hint}"));
    let mut result = json!({
        "ruleId": code,
        "ruleIndex": all.iter().position(|it| it == code),
        "properties": {"rule": rule},
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
