//! The codes of refusals are a contract: each is one reason for ever, and each has its row.
//!
//! `tests/data/codes.txt` lists every code that there was; `UPDATE=1` adds new ones to it and changes nothing else.

use crate::support::{Run, program, run};
use convoke::face::explain::reasons;
use convoke::face::reason::{Reason, all};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::path::PathBuf;

fn file() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/codes.txt")
}

/// The list as it is kept: by code, the name of its reason.
fn kept() -> BTreeMap<String, String> {
    let text = fs::read_to_string(file()).unwrap_or_default();
    let lines = text.lines().map(|line| line.split_once(' ').expect("a code and a name"));
    lines.map(|(code, name)| (code.to_owned(), name.to_owned())).collect()
}

#[test]
fn a_code_stays_with_its_reason_and_is_never_given_to_another() {
    let now: BTreeMap<String, String> = Reason::ALL.iter().map(|it| (it.to_string(), format!("{it:?}"))).collect();
    assert_eq!(now.len(), Reason::ALL.len(), "two reasons of one code");
    let mut all = kept();
    for (code, name) in &now {
        let known = all.entry(code.clone()).or_insert_with(|| name.clone());
        assert_eq!(known, name, "{code} is taken: give the new reason a code that never was");
    }
    let text: String = all.iter().map(|(code, name)| format!("{code} {name}\n")).collect();
    if std::env::var_os("UPDATE").is_some() {
        fs::write(file(), &text).unwrap();
    }
    assert_eq!(fs::read_to_string(file()).unwrap_or_default(), text, "UPDATE=1 cargo test --test all codes:: adds it");
}

#[test]
fn each_reason_has_one_row_and_stands_below_one_subject() {
    let rows: Vec<Reason> = all().map(|about| about.reason).collect();
    assert_eq!(rows, Reason::ALL, "in the order of their codes");
    let told: Vec<Reason> = reasons().iter().flat_map(|it| &it.codes).map(|about| about.reason).collect();
    assert_eq!(told, rows);
    let mut titles = BTreeSet::new();
    for about in all() {
        assert!(titles.insert(about.title), "two are called `{}`", about.title);
        assert!(!about.title.ends_with('.') && about.cause.ends_with('.') && about.way_out.ends_with('.'), "{about:?}");
    }
}

#[test]
fn explain_says_cause_and_way_out_of_a_code_and_lists_them() {
    let folder = tempfile::tempdir().unwrap();
    let told = |args: &[&str]| run(program(folder.path()).args(args));
    let Run { code, out, .. } = told(&["explain", "cvk0503"]);
    assert_eq!(code, 0);
    assert_eq!(
        out,
        "CVK0503  Quiet hours\n\n  cause    It would mail people at night on the organizer's clock.\n  way out  Plan again in \
         daylight, or pass --quiet-hours none.\n"
    );
    let Run { out, .. } = told(&["explain", "CVK0503", "--format", "json"]);
    let said: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!((&said["code"], &said["title"]), (&"CVK0503".into(), &"Quiet hours".into()));
    let Run { code, out, .. } = told(&["explain", "codes"]);
    assert_eq!(code, 0);
    for about in all() {
        assert!(out.contains(&format!("{}  {}", about.reason, about.title)), "{about:?} is not in {out}");
    }
    assert!(out.lines().all(|line| line.chars().count() <= 80), "{out}");
    let Run { code, err: said, .. } = told(&["explain", "CVK0599"]);
    assert_eq!(code, 1);
    assert!(said.contains("unknown code `CVK0599`") && said.contains("hint: "), "{said}");
}

#[test]
fn each_reason_is_given_somewhere() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut texts = String::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true if path == root.join("reason") || path == root.join("sandbox") => {}
                true => folders.push(path),
                // Tests stand last in a file, and a reason that they alone give is given nowhere.
                false => {
                    texts += fs::read_to_string(&path)
                        .unwrap_or_default()
                        .split("#[cfg(test)]\nmod tests {")
                        .next()
                        .unwrap_or_default();
                }
            }
        }
    }
    let words: BTreeSet<&str> = texts.split(|sign: char| !sign.is_alphanumeric() && sign != ':').collect();
    let unused: Vec<&Reason> = Reason::ALL.iter().filter(|it| !words.contains(&*format!("Reason::{it:?}"))).collect();
    assert!(unused.is_empty(), "nothing gives these: {unused:?}");
}
