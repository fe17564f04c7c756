//! The `transactionId` that guards the create of an event.
//!
//! It derives from whose event it is and from nothing else, so that everybody who makes it sends the same one: a retry, a run
//! after a crash, and a second runner that knows nothing of the first. It is a guard and not an identity: how long Graph
//! remembers it is not documented.

use crate::kind::compare::hash;
use serde::{Deserialize, Serialize};

/// Whose event is made, and the how manieth of its key.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Claim {
    /// The workspace's name.
    pub workspace: String,
    /// The resource's name.
    pub name: String,
    /// The mailbox: its object id, or its address where the id could not be looked up.
    pub mailbox: String,
    /// How often an object of this key was removed or replaced by us before.
    pub incarnation: u64,
}

impl Claim {
    /// Returns the `transactionId`, in the form of a GUID.
    pub fn transaction_id(&self) -> String {
        let Claim { workspace, name, mailbox, incarnation } = self;
        // None of the parts can hold a blank.
        let part = |salt: &str| hash(&format!("{salt} {workspace} {name} {mailbox} {incarnation}"));
        let hex: String = ["a", "b", "c"].iter().map(|salt| part(salt)).collect();
        format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..32])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_claim_is_the_same_for_everybody_and_another_one_for_each_part() {
        let claim = |workspace: &str, name: &str, mailbox: &str, incarnation: u64| {
            Claim { workspace: workspace.into(), name: name.into(), mailbox: mailbox.into(), incarnation }
                .transaction_id()
        };
        let all = [("w", "a", "m", 0), ("v", "a", "m", 0), ("w", "b", "m", 0), ("w", "a", "n", 0), ("w", "a", "m", 1)];
        let ids: std::collections::BTreeSet<String> =
            all.iter().map(|(workspace, name, mailbox, number)| claim(workspace, name, mailbox, *number)).collect();
        assert_eq!(ids.len(), all.len());
        assert_eq!(claim("w", "a", "m", 0), claim("w", "a", "m", 0));
        assert_eq!(claim("w", "a", "m", 0).len(), 36);
    }
}
