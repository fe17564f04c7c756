//! The applies that a state remembers.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How many applies are remembered.
pub const MOST: usize = 50;

/// An apply that sent something.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Apply {
    /// The plan's id; none where the plan was incomplete.
    #[serde(default)]
    pub plan: Option<String>,
    /// When it ended.
    pub at: Timestamp,
    /// Who asked for it, as the pipeline says, or the machine.
    #[serde(default)]
    pub actor: Option<String>,
    /// Where the pipeline shows its run.
    #[serde(default)]
    pub run: Option<String>,
    /// How many resources were created, updated and so on, and of how many that failed; none is left out.
    pub counts: BTreeMap<String, usize>,
    /// The mails that it sent.
    pub mails: Mails,
}

/// Mails of an apply.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Mails {
    /// Those of the steps that went through.
    pub total: usize,
    /// Those that Graph may have sent besides, and those of steps that failed: they may have left before.
    pub possible: usize,
}

/// Adds an apply, and forgets the oldest beyond those that are kept.
pub fn add(applies: &mut Vec<Apply>, apply: Apply) {
    applies.push(apply);
    let more = applies.len().saturating_sub(MOST);
    applies.drain(..more);
}
