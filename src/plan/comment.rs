//! What those read whose event, or one date of it, is cancelled.

use crate::model::{Desired, Key, Purpose, Record, Request};
use crate::plan::Step;
use crate::plan::approval::Approved;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The one parameter of `cancel` (event-cancel.md).
const COMMENT: &str = "comment";

/// Who says what those read whose event is cancelled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Comment {
    /// The manifest, or where it is gone what it said when it was last applied.
    Declared,
    /// Who plans, to everybody.
    Said(String),
    /// A plan that was saved; of what it does not name, the manifest.
    Saved(BTreeMap<Key, String>),
}

impl Comment {
    /// Returns what the steps of a saved plan say.
    pub fn of_saved(steps: &[Approved]) -> Comment {
        let said = |step: &Approved| {
            let said = step.requests.iter().find_map(|ask| text(ask.body.as_ref()?))?;
            Some((step.key.clone(), said.to_owned()))
        };
        Comment::Saved(steps.iter().filter_map(said).collect())
    }
}

/// Returns what those read whose event is cancelled; nothing where nobody says anything.
pub(super) fn of<'a>(
    comment: &'a Comment,
    key: &Key,
    want: Option<&'a Desired>,
    record: Option<&'a Record>,
) -> &'a str {
    let declared = || match want {
        Some(want) => want.cancel_comment.as_deref(),
        None => record?.cancel_comment.as_deref(),
    };
    let said = match comment {
        Comment::Declared => declared(),
        Comment::Said(text) => Some(text.as_str()),
        Comment::Saved(texts) => texts.get(key).map(String::as_str).or_else(declared),
    };
    said.unwrap_or_default()
}

/// Returns what a `cancel` holds.
pub(super) fn body(comment: &str) -> Value {
    json!({COMMENT: comment})
}

/// Returns what a body says to those whose event is cancelled, if it is one of a `cancel` and says something.
pub fn text(body: &Value) -> Option<&str> {
    let members = body.as_object().filter(|members| members.len() == 1)?;
    members.get(COMMENT)?.as_str().filter(|text| !text.is_empty())
}

/// Says in each step what those read whom it tells of a cancellation.
pub(super) fn tell(steps: &mut [Step]) {
    let tells = |it: &&Request| matches!(it.purpose, Purpose::CancelEvent | Purpose::SkipOccurrence);
    let said = |request: &Request| text(&request.body.as_ref()?.members().into()).map(str::to_owned);
    for step in steps {
        let text = step.requests.iter().filter(tells).find_map(said);
        step.notes.extend(text.map(|text| format!("the cancellation says: `{text}`")));
    }
}
