//! `explain`: every kind and property has its page, and a wrong name leads to the right one.
//!
//! `tests/explain/` holds some pages as they are printed; `UPDATE=1` writes them anew.

use crate::support::{program, run};
use convoke::face::explain::{Explanation, explain};
use convoke::face::kind::schema;
use convoke::face::manifest::yaml;
use convoke::face::render;
use std::fs;
use std::path::Path;

/// Looks at a page and at all below it; returns how many there are.
fn walk(path: &str, seen: &mut usize) {
    let page = explain(path).unwrap_or_else(|error| panic!("{path}: {error:?}"));
    *seen += 1;
    assert!(page.meaning.ends_with('.'), "{path}: `{}`", page.meaning);
    let text = render::explain::render(&page);
    // What was typed is repeated as one word, however long it is.
    let wide = text.lines().find(|line| line.chars().count() > 80 && *line != path);
    assert!(wide.is_none(), "{path}: more than 80 columns: {wide:?}");
    assert!(text.ends_with('\n') && !text.contains(" \n"), "{path}: {text:?}");
    sample_is_yaml(path, &page, &text);
    for below in &page.properties {
        walk(&format!("{path}.{}", below.name), seen);
    }
}

fn sample_is_yaml(path: &str, page: &Explanation, text: &str) {
    let Some(example) = &page.example else { return };
    let sample = text.split("Example:\n").nth(1).unwrap_or_else(|| panic!("{path} shows no example"));
    let sample = sample.split("\n\n").next().unwrap();
    let (documents, problems) = yaml::documents(path, sample);
    assert!(problems.is_empty(), "{path}: {problems:?}");
    assert_eq!(documents[0].value.as_object().unwrap().values().next(), Some(example), "{path}");
}

#[test]
fn every_kind_and_property_has_a_page() {
    let mut seen = 0;
    for kind in schema::names() {
        for path in [kind.to_owned(), format!("{kind}.metadata"), format!("{kind}.spec"), format!("{kind}.apiVersion")]
        {
            walk(&path, &mut seen);
        }
    }
    for kind in ["Event", "OnlineMeeting"] {
        walk(&format!("{kind}.lifecycle"), &mut seen);
    }
    assert!(seen > 250, "{seen}");
}

#[test]
fn a_wrong_name_leads_to_the_nearest() {
    let folder = tempfile::tempdir().unwrap();
    for (path, hint) in [
        ("Evnt", "did you mean `Event`?"),
        ("event", "did you mean `Event`?"),
        ("", "the kinds are `Event`, `OnlineMeeting`, `Workspace`, `EventSet`"),
        ("Event.subjct", "did you mean `Event.subject`?"),
        ("Event.Subject", "did you mean `Event.subject`? names are case-sensitive"),
        ("Event.recordAutomatically", "did you mean `Event.meetingOptions.recordAutomatically`?"),
        ("Event.onImmutable", "did you mean `Event.lifecycle.onImmutable`?"),
        ("Workspace.lifecycle", "known here: `graph`"),
        ("Event.attendees.adress", "did you mean `Event.attendees.address`?"),
        ("Event.subject.x", "nothing stands below `Event.subject`"),
        ("Workspace.colour", "known here: `graph`"),
    ] {
        let run = run(program(folder.path()).args(["explain", path]));
        assert!(run.code == 1 && run.out.is_empty(), "{run:?}");
        assert!(run.err.contains(&format!("\n  hint: {hint}")), "{path}: {}", run.err);
    }
}

#[test]
fn pages_look_as_they_should() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/explain");
    for path in [
        "Event",
        "Event.onlineMeetingProvider",
        "Event.attendees[].type",
        "Event.lifecycle",
        "Event.recurrence.pattern",
        "Event.spec.location",
        "Event.joinWebUrl",
        "OnlineMeeting.joinMeetingIdSettings",
        "Workspace.prune",
    ] {
        let run = run(program(&folder).args(["explain", path]));
        assert_eq!(run.code, 0, "{run:?}");
        let file = folder.join(format!("{path}.txt"));
        if std::env::var_os("UPDATE").is_some() {
            fs::write(&file, &run.out).unwrap();
        }
        assert_eq!(run.out, fs::read_to_string(&file).unwrap_or_default(), "{path}; UPDATE=1 writes it anew");
    }
    let run = run(program(&folder).args(["explain", "Event.subject", "--format", "json"]));
    let page: serde_json::Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!((&page["path"], &page["type"]), (&"Event.subject".into(), &"text, at most 255 characters".into()));
}
