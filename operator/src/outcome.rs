//! What a round found beyond what the round itself tells.

use convoke::face::reason::Reason;
use convoke::face::serve::Line;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Default)]
pub struct Outcome {
    /// What the objects declare.
    pub declared: BTreeSet<String>,
    /// The live ids, by key.
    pub ids: BTreeMap<String, String>,
    /// What the state knew before the round, live or removed; nothing where it was not read.
    pub known: BTreeSet<String>,
    /// When each starts next, in UTC, by key.
    pub next: BTreeMap<String, String>,
    /// Objects that are no manifests, and the first thing that is wrong with each.
    pub invalid: BTreeMap<String, Reason>,
    /// The plan whose approval this round has used.
    pub used: Option<String>,
    /// Why there was no plan.
    pub code: Option<Reason>,
    /// What the objects declare that go and are held.
    pub leaving: BTreeSet<String>,
    /// Objects that go and are let go.
    pub opened: BTreeSet<String>,
    /// Objects that go and whose events may be live although they were not found.
    pub unfound: BTreeSet<String>,
    /// What there is to tell of that.
    pub lines: Vec<Line>,
}

impl Outcome {
    /// Says that an object is no manifest.
    pub fn refuse(&mut self, key: String, what: &str, reason: Reason) {
        let said = format!("{key}: {what}; nothing is sent until it is mended");
        self.lines.push(Line::standing("error: ", reason.trouble(said)));
        self.code.get_or_insert(reason);
        self.invalid.entry(key).or_insert(reason);
    }
}
