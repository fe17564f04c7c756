//! What a round found beyond what the round itself tells.

use convoke::face::model::Key;
use convoke::face::reason::Reason;
use convoke::face::serve::Line;
use convoke::face::trouble::Trouble;
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
    /// Objects that are no manifests, or need a person who signs in, and the first thing that is wrong with each.
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
    /// Says that an object cannot be carried out. Without its Workspace nothing is planned; of another object, what is live is left as it is.
    pub fn refuse(&mut self, key: String, what: &str, reason: Reason) {
        let until = if is_resource(&key) { "it is left as it is" } else { "nothing is sent" };
        let said = format!("{key}: {what}; {until} until it is mended");
        self.lines.push(Line::standing("error: ", reason.trouble(said)));
        // Why nothing is planned goes before why one object is not.
        let known = self.code.filter(|_| is_resource(&key));
        self.code = known.or(Some(reason));
        self.invalid.entry(key).or_insert(reason);
    }

    /// Whether the others cannot go on.
    pub fn is_refused(&self) -> bool {
        self.invalid.keys().any(|key| !is_resource(key))
    }
}

/// Whether a key is that of an Event or OnlineMeeting.
fn is_resource(key: &str) -> bool {
    key.parse::<Key>().is_ok()
}

/// What went wrong. An API server's word for it is enough: each cause of such an error says all of it again.
pub fn said(error: &anyhow::Error) -> String {
    match error.downcast_ref() {
        Some(kube::Error::Api(status)) => status.message.clone(),
        _ => Trouble::of(error).what,
    }
}
