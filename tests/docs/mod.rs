//! README and docs do what they say: every command is typed in the order of its page, every output is what is printed today, every
//! manifest is valid, every link leads somewhere.
//!
//! `UPDATE=1 cargo test --locked --test all docs::` writes outputs and the picture anew, where more than dates differs.

mod links;
mod page;
mod picture;
mod reference;
mod session;

use crate::support::program;
use page::{Block, Page};
use session::{NOT_TYPED, Typed};
use std::fs;
use std::path::Path;

/// What a block may be besides commands and manifests, and what for.
const TEXTS: &[(&str, &str, &str)] = &[
    ("docs/how-to/serve.md", "text", "a log, which `tests/serve` holds against what is told"),
    ("docs/how-to/serve.md", "ini", "a part of a unit, which `tests/serve` holds against the file"),
    ("docs/how-to/gitops.md", "lua", "for Argo CD, which nothing here runs, as the page says"),
    ("docs/how-to/ways-to-run.md", "text", "for a container engine; `tests/image/run` does the steps without one"),
    ("docs/how-to/ways-to-run.md", "dockerfile", "the same"),
    ("CONTRIBUTING.md", "text", "the shape of the house"),
    (
        "docs/reference/commands.md",
        "text",
        "the examples in the help of commands, which a test of the command line parses",
    ),
];

#[test]
fn every_command_runs_and_prints_what_its_page_shows() {
    let (mut count, mut wrong) = (0, vec![]);
    for page in page::all() {
        let typed = session::run(&page, &mut wrong);
        count += typed.len();
        for (place, (block, range)) in page.blocks.iter().enumerate() {
            match block {
                Block::Manifest(None) => valid(&page, &page.text[range.clone()]),
                Block::Manifest(Some(file)) => {
                    assert!(typed.iter().any(|it| it.block > place), "{}: nothing is done with {file}", page.name);
                }
                Block::Text(sort) => {
                    let known = TEXTS.iter().any(|(name, it, _)| *name == page.name && it == sort);
                    assert!(known, "{}: a block of `{sort}`, which nothing checks", page.name);
                }
                Block::Console | Block::Commands => {
                    let here = typed.iter().filter(|it| it.block == place);
                    assert!(here.count() > 0 || *block == Block::Commands, "{}: an empty session", page.name);
                }
            }
        }
        wrong.extend(renewed(&page, &typed));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(count >= 20, "only {count} commands were found");
}

/// Holds what a page shows against what was printed, or writes it anew; says what is stale.
fn renewed(page: &Page, typed: &[Typed]) -> Option<String> {
    let same = |it: &Typed| it.shown.as_ref().is_none_or(|shown| dateless(shown) == dateless(&it.printed));
    let stale: String =
        typed.iter().filter(|it| !same(it)).map(|it| format!("$ {}\n{}", it.command, it.printed)).collect();
    if stale.is_empty() {
        return None;
    }
    if std::env::var_os("UPDATE").is_none() {
        let way = "UPDATE=1 cargo test --locked --test all docs:: writes it anew";
        return Some(format!("{} shows what is no longer printed; {way}:\n{stale}", page.name));
    }
    let mut text = page.text.clone();
    for (place, (_, range)) in page.blocks.iter().enumerate().filter(|(_, (block, _))| *block == Block::Console).rev() {
        let here = typed.iter().filter(|it| it.block == place);
        let session: String = here.map(|it| format!("$ {}\n{}", it.command, kept(it))).collect();
        text.replace_range(range.clone(), &session);
    }
    fs::write(page::root().join(&page.name), text).unwrap();
    None
}

/// What stood there where nothing but dates differs, so that a renewal on another day changes nothing.
fn kept(it: &Typed) -> &str {
    it.shown.as_deref().filter(|shown| dateless(shown) == dateless(&it.printed)).unwrap_or(&it.printed)
}

/// A text with its dates, ids of plans and times of day it was made taken out: what `init` writes begins in the week after next.
fn dateless(text: &str) -> String {
    let is_date = |word: &str| {
        let shape: String = word.chars().map(|it| if it.is_ascii_digit() { '0' } else { it }).collect();
        shape == "0000-00-00" || (word.len() == 12 || word.len() == 64) && word.bytes().all(|it| it.is_ascii_hexdigit())
    };
    let parts = text.split_inclusive(|it: char| !it.is_ascii_alphanumeric() && it != '-');
    parts
        .map(|part| {
            let word = part.trim_end_matches(|it: char| !it.is_ascii_alphanumeric() && it != '-');
            let day = word.split_once('T').map_or(word, |(day, _)| day);
            if is_date(day) { part.replacen(day, "…", 1) } else { part.to_owned() }
        })
        .collect()
}

#[test]
fn dates_and_ids_alone_make_no_difference() {
    for (one, other, same) in [
        ("start: Tue 2026-12-08 10:00", "start: Tue 2027-01-05 10:00", true),
        ("start: Tue 2026-12-08 10:00", "start: Tue 2026-12-08 11:00", false),
        ("start: 2026-12-08T10:00\n", "start: 2026-12-15T10:00\n", true),
        ("plan: f17f22e96cbb\n", "plan: 90f2ca9169fb\n", true),
        ("3 mails to 2 people", "4 mails to 2 people", false),
        ("(12 dates to 2027-02-23)", "(11 dates to 2027-02-23)", false),
    ] {
        assert_eq!(dateless(one) == dateless(other), same, "{one} {other}");
    }
}

fn valid(page: &Page, manifest: &str) {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("page.yaml"), manifest).unwrap();
    let ended = crate::support::run(program(folder.path()).args(["validate", "page.yaml"]));
    assert_eq!(ended.code, 0, "{}: {}{}", page.name, ended.out, ended.err);
}

#[test]
fn what_contributors_type_is_there() {
    let ci = fs::read_to_string(page::root().join(".ci/run")).unwrap();
    for page in page::all() {
        let commands = page.blocks.iter().filter(|(block, _)| *block == Block::Commands);
        let lines = commands.flat_map(|(_, range)| page.text[range.clone()].lines());
        for line in lines.filter(|line| NOT_TYPED.iter().any(|(start, _)| line.starts_with(start))) {
            if let Some((_, name)) = line.split_once("--test all ") {
                let (tests, name) = (page::root().join("tests"), name.trim_end_matches("::"));
                let file = [tests.join(format!("{name}.rs")), tests.join(name).join("mod.rs")];
                let file = file.into_iter().find(|it| it.is_file()).unwrap_or_else(|| panic!("{line}: no such test"));
                let renews = || renews(&file);
                assert!(!line.starts_with("UPDATE=1") || renews(), "{line}: nothing is written anew there");
            } else if let Some(rest) = line.strip_prefix("cargo ").filter(|it| !it.starts_with(['t', 'i'])) {
                assert!(ci.contains(&format!("cargo {rest}")), "{line}: .ci/run does something else");
            }
        }
    }
}

fn renews(file: &Path) -> bool {
    let text = fs::read_to_string(file).unwrap();
    text.contains("\"UPDATE\"") || text.contains("support::story")
}

/// A newcomer is at the first plan after a page and a few commands.
#[test]
fn the_first_plan_is_near_the_top_of_the_readme() {
    let page = page::read("README.md");
    let mut commands = 0;
    for (block, range) in page.blocks.iter().filter(|(block, _)| [Block::Console, Block::Commands].contains(block)) {
        for line in page.text[range.clone()].lines() {
            let Some(command) = line.strip_prefix("$ ").or((*block == Block::Commands).then_some(line)) else {
                continue;
            };
            commands += 1;
            if command.starts_with("convoke plan") {
                let words = page.text[..range.start].split_whitespace().count();
                assert!(commands <= 8 && words <= 900, "{commands} commands and {words} words");
                return;
            }
        }
    }
    panic!("the README shows no plan");
}
