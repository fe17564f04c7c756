//! Stories, as `tests/support/story.rs` tells them.
//!
//! `UPDATE=1 cargo test --test scenarios` writes the plans anew; the difference is read like code.

mod support;

use support::story;

#[test]
fn every_story_ends_as_it_says() {
    let (failed, stories) = story::tell_all(|_| None, 4);
    assert!(stories >= 25, "only {stories} stories");
    assert!(failed.is_empty(), "{} of {stories} stories:\n\n{}", failed.len(), failed.join("\n"));
}
