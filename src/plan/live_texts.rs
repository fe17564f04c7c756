//! Words that other people wrote live are not shown where nobody asks for them: more people read the log of a pipeline than the
//! calendar.
//!
//! What stands as it was declared when it was last applied is the author's own.

use crate::kind::compare::Compare;
use crate::kind::{Home, Kind, fingerprint};
use crate::model::{EXCEPTIONS, Have, Key};
use crate::plan::last::last_of;
use crate::plan::{Cause, Change, Input, One, Step, diff};
use crate::problem::cut;
use serde_json::{Value, json};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What is shown instead.
const HIDDEN: &str = "(not shown)";

/// Hides what other people wrote in all that differs, unless the policy shows it.
pub(super) fn hide(input: &Input, live: &BTreeMap<&Key, Vec<&Have>>, steps: &mut [Step]) {
    if input.policy.show_live {
        return;
    }
    for step in steps.iter_mut().filter(|step| step.seen.is_some()) {
        let Step { key, changes, drift, seen, forgets, .. } = step;
        let id = seen.as_ref().map(|seen| seen.id.as_str());
        let have = live.get(key).and_then(|all| all.iter().find(|have| Some(have.id.as_str()) == id));
        let records = &input.records.resources;
        let record = records.get(key).or_else(|| records.get(forgets.as_ref()?));
        let last = have.map(|have| last_of(record, have));
        for change in changes.iter_mut().chain(drift) {
            let declared = last.as_ref().is_some_and(|last| last.declared(&change.field).is_some());
            if !(change.cause == Cause::Manifest && declared) {
                mask(key.kind(), Arc::make_mut(change));
            }
        }
    }
}

/// Hides the words in what is live of one property, or of one date of a series.
fn mask(kind: &Kind, change: &mut Change) {
    if change.current == change.desired {
        return;
    }
    let is_text = diff::row(kind, &change.field).is_some_and(|field| field.free_text);
    let is_date = change.field.starts_with(EXCEPTIONS);
    change.current.edit(|current| {
        if let (true, Value::Object(own)) = (is_date, &mut *current) {
            let words = |name: &str| kind.field(Home::Own, name).is_some_and(|field| field.free_text);
            own.iter_mut().filter(|(name, _)| words(name)).for_each(|(_, value)| without_words(value));
        } else if is_text {
            without_words(current);
        }
    });
}

fn without_words(value: &mut Value) {
    match value {
        Value::String(text) if text.is_empty() => {}
        Value::String(text) => *text = HIDDEN.into(),
        Value::Array(items) => items.iter_mut().for_each(without_words),
        Value::Object(members) => members.values_mut().for_each(without_words),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// What a live object is called, as far as that is shown.
pub(super) fn subject<'a>(one: &One, have: &Have, subject: &'a str) -> Cow<'a, str> {
    let title = have.key.kind().fields().find(|field| field.free_text && field.compare == Compare::Exact);
    let last = last_of(one.record, have);
    let declared = title.and_then(|field| last.declared(field.name).map(|it| it.to_owned()));
    let own = declared.is_some_and(|it| fingerprint::same(&it, &fingerprint::of(Compare::Exact, &json!(subject))));
    if one.input.policy.show_live || own { cut(subject).into() } else { HIDDEN.into() }
}
