//! Stories, as `tests/support/story.rs` tells them.
//!
//! `UPDATE=1 cargo test --test scenarios` writes the plans anew; the difference is read like code.

mod support;

use support::story;

#[test]
fn every_story_ends_as_it_says() {
    let stories: Vec<_> = story::all().into_iter().map(|path| (path, None)).collect();
    assert!(stories.len() >= 200, "only {} stories", stories.len());
    let failed = story::tell_all(&stories, 4);
    assert!(failed.is_empty(), "{} of {} stories:\n\n{}", failed.len(), stories.len(), failed.join("\n"));
}
