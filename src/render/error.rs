//! What went wrong, for programs: the same of every command.

use crate::findings::Findings;
use crate::reason::Reason;
use crate::render::page::Page;
use crate::trouble::{Hint, Trouble};
use serde_json::{Value, json};

/// Renders the document that a command prints instead of its report: `error`, and the problems of the manifests if it is about them.
pub fn refusal(trouble: &Trouble, findings: Option<&Findings<'_>>) -> Page {
    let mut document = json!({"formatVersion": 1, "error": object(trouble)});
    if let Some(findings) = findings {
        document["problems"] = json!(findings.shown);
    }
    Page::json(&document)
}

/// Makes the event of a log: `error` or `warning`, by how the line for people begins.
pub fn event(lead: &str, trouble: &Trouble) -> Value {
    let (level, about) = lead.split_once(": ").unwrap_or((lead, ""));
    let mut event = object(&trouble.clone().after(about));
    event["event"] = level.into();
    event
}

fn object(trouble: &Trouble) -> Value {
    let Trouble { what, details, hint, code } = trouble;
    let mut object = json!({"code": code.unwrap_or(Reason::Other), "message": what});
    if !details.is_empty() {
        object["details"] = json!(details);
    }
    if let Some(Hint { sentence, commands }) = hint {
        object["hint"] = json!(sentence);
        if !commands.is_empty() {
            object["commands"] = json!(commands);
        }
    }
    object
}
