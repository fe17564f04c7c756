//! Stories, as `tests/support/story.rs` tells them.
//!
//! `UPDATE=1 cargo test --test all scenarios::` writes the plans anew; the difference is read like code.

use crate::support::story;
use std::collections::BTreeSet;

#[test]
fn every_story_ends_as_it_says() {
    let stories: Vec<_> = story::all().into_iter().map(|path| (path, None)).collect();
    assert!(stories.len() >= 200, "only {} stories", stories.len());
    let names: BTreeSet<String> = stories.iter().map(|(path, _)| story::text::name(path)).collect();
    assert_eq!(names.len(), stories.len(), "two stories of one name");
    let lost: Vec<_> = story::teller::BY_THE_PROGRAM.iter().filter(|name| !names.contains(**name)).collect();
    assert!(lost.is_empty(), "no stories: {lost:?}");
    let by_the_program = stories.iter().filter(|(path, _)| story::by_the_program(path)).count();
    assert!(by_the_program >= 20, "only {by_the_program} stories are told by the program");
    let failed = story::tell_all(&stories, 4);
    assert!(failed.is_empty(), "{} of {} stories:\n\n{}", failed.len(), stories.len(), failed.join("\n"));
}

/// `tests/scenarios/README.md` lists the stories by what they are about, each with its first sentence.
#[test]
fn the_list_of_stories_is_current() {
    let mut list = String::from(
        "# Stories\n\nWhat convoke promises, told by what is there, what the manifest says, and what becomes of it. Written by\n\
         `UPDATE=1 cargo test --test all scenarios::`.\n",
    );
    let mut last = String::new();
    let mut all = story::all();
    all.sort();
    for path in all {
        let folder = path.parent().unwrap().file_name().unwrap().to_string_lossy().into_owned();
        if folder != last {
            list += &format!("\n## {folder}\n\n");
            last = folder.clone();
        }
        let (name, text) = (path.file_stem().unwrap().to_string_lossy(), std::fs::read_to_string(&path).unwrap());
        let first = text.lines().next().unwrap().strip_prefix("# ").expect("a story begins with what it tells");
        list += &format!("* [{}]({folder}/{name}.yaml): {first}\n", name.replace('_', " "));
    }
    let file = story::folder().join("README.md");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&file, &list).unwrap();
    }
    assert_eq!(std::fs::read_to_string(file).unwrap_or_default(), list, "UPDATE=1 writes it anew");
}
