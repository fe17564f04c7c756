//! What somebody changes live again and again, by the real program.

use crate::serve::{edit, house, mails, settled};
use serde_json::json;

/// A colleague edits one event before each of fifty rounds.
#[test]
fn a_colleague_who_edits_again_and_again_sets_off_as_many_mails_as_the_workspace_allows() {
    for (spec, updates) in [("", 0), ("  onDrift: revert\n  limits: {per: 24h, reverts: 3}\n", 3)] {
        let house = house(3, spec);
        let serving = settled(&house, &[]);
        let mut applied = 0;
        for number in 0..50 {
            edit(&house, "e1", &json!({"subject": format!("Theirs {number}")}));
            let ended = serving.reconcile();
            applied += usize::from(ended == "applied");
            assert!(ended == "applied" || ended == "settled", "{ended}: {}", serving.log());
        }
        assert_eq!((applied, mails(&house, "update")), (updates, updates), "{spec}{}", serving.log());
        assert_eq!(house.event("e1")["subject"], "Theirs 49");
        let metrics = serving.get("/metrics").1;
        assert!(metrics.contains("convoke_drifted_resources{workspace=\"contoso\"} 1"), "{metrics}");
        let told = serving.stop();
        assert_eq!(told.matches("Event/e1: drift: changed outside, left so").count(), 1, "{told}");
        assert_eq!(told.matches("Event/e1: update, applied").count(), updates, "{told}");
    }
}
