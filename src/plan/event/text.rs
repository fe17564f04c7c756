//! Whether the text of an event differs, and who changed it.

use crate::kind::compare::Compare;
use crate::kind::event::View;
use crate::kind::{body, fingerprint};
use crate::model::{Applied, Desired, Have};
use crate::plan::diff::{self, Difference};
use crate::plan::{Cause, Change, One};
use serde_json::{Value, json};

/// What the state is to remember of the text: its hash as it reads back, which the write itself will tell.
pub(super) fn read_back(want: &Desired) -> Option<String> {
    let field = want.key.kind().compared(Compare::Text)?;
    want.spec.own.contains_key(field.name).then(|| "{text}".into())
}

/// What is shown of a live text that may hold the join link anywhere.
const HIDDEN: &str = "(not shown)";

/// Why the join block of a live event's text cannot be found with certainty, if the event is online.
pub(super) fn uncertain(have: &Have) -> Option<String> {
    let event = View::of(&have.own);
    let found = event.join_url().ok_or("the event has no join link yet".to_owned());
    found.and_then(|url| body::join_block(event.content(), url)).err().filter(|_| event.is_online())
}

/// Compares the declared text with the live one: by what was read back after the last write where that is known, else as
/// plain text. What Outlook made of the markup alone is no change.
pub(super) fn change(one: &One, want: &Desired, have: &Have, last: Option<&Applied>) -> Option<Difference> {
    let field = want.key.kind().compared(Compare::Text)?;
    let (text, live) = (want.spec.own.get(field.name)?, have.own.get(field.name).unwrap_or(&Value::Null));
    let now = fingerprint::of(field.compare, text);
    let join_url = View::of(&have.own).join_url();
    let read_back = one.record.and_then(|record| record.body.as_ref());
    let as_read_back = read_back.is_some_and(|read| *read == fingerprint::of(field.compare, live));
    let declared = last.and_then(|last| last.fields.get(field.name));
    // Reading HTML is slow: it is spared where fingerprints say it all.
    if as_read_back && declared == Some(&now) {
        return None;
    }
    let same_text = body::same_text(text, live, join_url);
    let untouched = as_read_back || same_text;
    let cause = match (declared.is_some_and(|last| *last == now), untouched) {
        (true, true) => return None,
        (true, false) => Cause::Drift,
        // Never applied by us, as far as is known, and it says the same.
        (false, _) if declared.is_none() && same_text => return None,
        (false, true) => Cause::Manifest,
        (false, false) if declared.is_some() && read_back.is_some() => Cause::Both,
        (false, false) => Cause::Manifest,
    };
    // The live text without its join block, which holds the join link; nothing of it where that is not certain.
    let shown = if uncertain(have).is_none() { body::text(live, join_url) } else { HIDDEN.to_owned() };
    let change =
        Change { field: diff::name(field), current: json!(shown), desired: json!(body::text(text, None)), cause };
    Some(Difference { field, change })
}
