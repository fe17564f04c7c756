//! What a state is read from.

use super::{MANIFESTS, have, live, planned, read};
use convoke::face::state::State;
use serde_json::json;

/// Whose state is read.
const WORKSPACE: &str = "contoso";

/// The most characters that an error repeats of the name of another workspace, and an ellipsis.
const MOST_SHOWN: usize = 61;

/// Takes bytes for a state: what is read is kept whole and can be planned with, and an error quotes nothing of what is none.
pub fn state(data: &[u8]) -> bool {
    let state = match State::parse(data, "state.json", WORKSPACE) {
        Ok(state) => state,
        Err(error) => {
            told(&format!("{error:#}"));
            return false;
        }
    };
    let text = state.text();
    let again = State::parse(text.as_bytes(), "state.json", WORKSPACE).expect("what is kept can be read");
    assert_eq!(state, again);
    assert_eq!(text, again.text());
    let desired = read(MANIFESTS.as_bytes()).desired;
    let event = json!({"subject": "Weekly", "isOrganizer": true});
    let event = event.as_object().expect("it is one");
    let objects = desired.iter().map(|want| have(want, event.clone())).collect();
    for live in [live(vec![]), live(objects)] {
        for desired in [&desired[..], &[]] {
            planned(desired, &live, &state.records());
        }
    }
    true
}

/// An error has words of the program's own, numbers, and the name of another workspace.
fn told(error: &str) {
    let owner = "the state `state.json` belongs to the workspace `";
    let own = match error.strip_prefix(owner).and_then(|rest| rest.strip_suffix("`, not to `contoso`")) {
        Some(name) => {
            assert!(!name.contains(char::is_control) && name.chars().count() <= 10 * MOST_SHOWN, "{error:?}");
            return;
        }
        None => error.replace(|it: char| it.is_ascii_digit(), ""),
    };
    let known = [
        "cannot read the state `state.json`: line  column : it ends too early",
        "cannot read the state `state.json`: line  column : it is not a state of ours, or damaged",
        "cannot read the state `state.json`: its serial is , and none can follow: it was damaged",
        "cannot read the state `state.json`: its journal is none of ours",
        "the state `state.json` has format version , and this convoke knows ",
    ];
    assert!(known.contains(&own.as_str()), "{error:?}");
}
