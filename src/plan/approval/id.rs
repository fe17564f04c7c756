//! The id that stands for what is approved, and digests of its parts.

use super::{Approved, Scope};
use crate::model::Key;
use serde::Serialize;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// Returns the id that stands for what is approved: 64 hexadecimal digits, of which people are shown the first 12.
pub fn id(scope: &Scope, steps: &[Approved]) -> String {
    id_of_texts(scope, steps.iter().map(text))
}

/// The digest of `{"formatVersion", "scope", "steps"}`, of which the steps come one by one.
pub(super) fn id_of_texts(scope: &Scope, steps: impl Iterator<Item = String>) -> String {
    let around = text(&json!({"formatVersion": FORMAT, "scope": scope, "steps": []}));
    let (before, after) = around.split_at(around.len() - "]}".len());
    let mut digest = Sha256::new_with_prefix(before);
    for (place, step) in steps.enumerate() {
        digest.update(if place == 0 { "" } else { "," });
        digest.update(step);
    }
    hexadecimal(&digest.chain_update(after).finalize())
}

/// Returns a digest of what is approved of each resource, by which a part of a plan is known again.
pub fn digests(steps: &[Approved]) -> BTreeMap<Key, String> {
    let mut groups: BTreeMap<Key, Vec<&Approved>> = BTreeMap::new();
    steps.iter().for_each(|step| groups.entry(step.key.clone()).or_default().push(step));
    groups.into_iter().map(|(key, steps)| (key, digest(&json!(steps))[..PART].to_owned())).collect()
}

/// How many digits of a digest tell one part from all others.
const PART: usize = 32;

fn digest(whole: &Value) -> String {
    hexadecimal(&Sha256::digest(text(whole)))
}

fn hexadecimal(digest: &[u8]) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Returns the id of what a document says, which may be anything: who can write the file can do the same.
pub fn id_of(document: &Value) -> String {
    let part = |name: &str| document.get(name).cloned();
    let scope = ["workspace", "only", "except"].map(|name| Some((name.to_owned(), part(name)?)));
    let whole = json!({
        "formatVersion": FORMAT, "scope": scope.into_iter().flatten().collect::<Map<_, _>>(), "steps": part("steps"),
    });
    digest(&whole)
}

/// How many digits of an id people are shown.
pub const SHOWN: usize = 12;

/// Returns what people are shown of an id.
pub fn short(id: &str) -> &str {
    id.get(..SHOWN).unwrap_or(id)
}

/// Counts up when ids of the same plan become others.
const FORMAT: u32 = 1;

/// JSON with the members of every object in one order.
pub(super) fn text(value: &impl Serialize) -> String {
    let mut value = serde_json::to_value(value).expect("it is plain data with text keys");
    value.sort_all_objects();
    value.to_string()
}
