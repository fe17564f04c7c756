//! What holds of the source as text: a name of Graph's stands in a table of the kinds, and whoever needs to know more of a
//! property asks its row or the view of its object; and every function fits a screen.

use convoke::face::kind::KindId;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// How many literals may name a property outside of the kinds and the twin.
const MOST: usize = 20;

/// How many lines a function may have, from its name to its brace.
const SCREEN: usize = 60;

/// Names that everything has: users, calendars, answers in a batch, patterns of a series, JSON Schemas.
const COMMON: [&str; 2] = ["id", "type"];

/// The literals that name a property all the same: in which file, how often, and why.
const LEFT: &[(&str, &str, usize, &str)] = &[
    ("doctor/mod.rs", "calendar", 1, "what a check is called"),
    ("forge/github.rs", "body", 1, "of a comment or an issue"),
    ("forge/gitlab.rs", "body", 1, "of a note"),
    ("graph/hint.rs", "calendar", 2, "a segment of a path"),
    ("graph/schedule.rs", "start", 1, "of an item of getSchedule's answer"),
    ("graph/schedule.rs", "end", 1, "of an item of getSchedule's answer"),
    ("manifest/mod.rs", "/spec/meetingOptions", 1, "ours: where manifests write options"),
    ("plan/event/replace.rs", "organizer", 1, "ours: what an event is filed under, not what is sent"),
    ("plan/event/replace.rs", "calendar", 1, "ours: what an event is filed in, not what is sent"),
    ("plan/online_meeting/mod.rs", "organizer", 1, "ours: what a meeting is filed under, not what is sent"),
    ("plan/shape.rs", "instances", 1, "a segment of a path"),
    ("render/problems/sarif.rs", "locations", 1, "of SARIF"),
    ("render/state.rs", "organizer", 1, "the title of a column"),
    ("status/mod.rs", "chatInfo", 1, "what create-call takes"),
    ("status/mod.rs", "organizer", 2, "what create-call takes, and the title of a line"),
    ("when/text.rs", "timeZone", 2, "of dateTimeTimeZone, which is read and written there"),
];

#[test]
fn names_of_properties_stand_in_the_tables_alone() {
    let names = names();
    let mut found: BTreeMap<(String, String), usize> = BTreeMap::new();
    for (file, text) in sources() {
        for literal in literals(&text).into_iter().filter(|literal| names_a_property(literal, &names)) {
            *found.entry((file.clone(), literal)).or_default() += 1;
        }
    }
    let left: BTreeMap<(String, String), usize> =
        LEFT.iter().map(|(file, name, times, _)| ((file.to_string(), name.to_string()), *times)).collect();
    let new: Vec<_> = found.iter().filter(|(place, times)| left.get(place) != Some(times)).collect();
    assert!(new.is_empty(), "look for the column, or the way to ask a view, in `src/kind`: {new:#?}");
    let gone: Vec<_> = left.keys().filter(|place| !found.contains_key(place)).collect();
    assert!(gone.is_empty(), "these are gone: take them off the list: {gone:#?}");
    assert!(found.values().sum::<usize>() <= MOST, "more than {MOST}: {found:#?}");
}

/// The names of all properties that a table knows.
fn names() -> BTreeSet<&'static str> {
    let rows = KindId::ALL.into_iter().flat_map(|id| id.kind().fields());
    rows.map(|field| field.name).filter(|name| !COMMON.contains(name)).collect()
}

/// Whether a literal is a name, a pointer to or below one, or a query that asks for one.
fn names_a_property(literal: &str, names: &BTreeSet<&str>) -> bool {
    let queries = ["$select=", "$expand=", "$filter=", "$orderby="];
    let parts = |at: fn(char) -> bool| literal.split(at).any(|part| names.contains(part));
    names.contains(literal)
        || (literal.starts_with('/') && parts(|sign| sign == '/'))
        || (queries.iter().any(|query| literal.contains(query)) && parts(|sign| !sign.is_alphanumeric()))
}

/// The program's text without its tests, by file below `src`, but for the kinds and the twin.
fn sources() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = vec![];
    gather(&root, &mut files);
    let texts: Vec<(PathBuf, String)> =
        files.into_iter().map(|file| (file.clone(), fs::read_to_string(file).expect("a source is text"))).collect();
    let tests: BTreeSet<PathBuf> = texts.iter().flat_map(|(file, text)| modules_of_tests(file, text)).collect();
    let sources = texts.into_iter().filter(|(file, _)| !tests.iter().any(|test| file.starts_with(test)));
    let named = sources.map(|(file, text)| {
        let name = file.strip_prefix(&root).expect("it was found there").to_string_lossy().replace('\\', "/");
        // Tests stand last.
        (name, text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default().to_owned())
    });
    named.filter(|(name, _)| !name.starts_with("kind/") && !name.starts_with("sandbox/")).collect()
}

fn gather(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("the folder can be read") {
        let path = entry.expect("the folder can be read").path();
        match path.is_dir() {
            true => gather(&path, files),
            false if path.extension().is_some_and(|it| it == "rs") => files.push(path),
            false => {}
        }
    }
}

/// The files and folders that a file has as modules for tests alone.
fn modules_of_tests(file: &Path, text: &str) -> Vec<PathBuf> {
    let folder = match file.file_stem().and_then(|stem| stem.to_str()) {
        Some("mod" | "lib" | "main") | None => file.with_file_name(""),
        Some(_) => file.with_extension(""),
    };
    let modules = text.split("#[cfg(test)]\nmod ").skip(1).filter_map(|rest| rest.split_once(';'));
    let names = modules.map(|(name, _)| name).filter(|name| name.chars().all(|sign| sign.is_alphanumeric()));
    names.flat_map(|name| [folder.join(name), folder.join(format!("{name}.rs"))]).collect()
}

/// The string literals of a Rust source, as they are written; those in comments are none.
fn literals(text: &str) -> Vec<String> {
    let mut found = vec![];
    let mut rest = text;
    while let Some(sign) = rest.chars().next() {
        let after = &rest[sign.len_utf8()..];
        let length = match sign {
            '/' if after.starts_with('/') => rest.find('\n').unwrap_or(rest.len()),
            '"' => {
                let end = closing(after).expect("a literal ends");
                found.push(after[..end].to_owned());
                end + 2
            }
            'r' if after.starts_with(['"', '#']) && raw(after).is_some() => {
                let (start, end, length) = raw(after).expect("it was just found");
                found.push(after[start..end].to_owned());
                length + 1
            }
            // A character, not a lifetime: quotes among them.
            '\'' if after.starts_with('\\') => 2 + after[1..].find('\'').map_or(0, |end| end.max(1) + 1),
            '\'' if after.chars().nth(1) == Some('\'') => 2 + after.chars().next().map_or(0, char::len_utf8),
            other if other.is_alphanumeric() || other == '_' => {
                let word = |sign: char| sign.is_alphanumeric() || sign == '_';
                rest.find(|sign| !word(sign)).unwrap_or(rest.len())
            }
            other => other.len_utf8(),
        };
        rest = &rest[length..];
    }
    found
}

/// Where the quote is that closes a literal.
fn closing(text: &str) -> Option<usize> {
    let mut escaped = false;
    text.char_indices().find_map(|(place, sign)| {
        let ends = sign == '"' && !escaped;
        escaped = sign == '\\' && !escaped;
        ends.then_some(place)
    })
}

/// Where a raw literal begins and ends behind its `r`, and how long all of it is.
fn raw(text: &str) -> Option<(usize, usize, usize)> {
    let signs = text.find(|sign| sign != '#')?;
    let inner = text[signs..].strip_prefix('"')?;
    let fence = format!("\"{}", "#".repeat(signs));
    let end = inner.find(&fence)?;
    Some((signs + 1, signs + 1 + end, signs + 1 + end + fence.len()))
}

#[test]
fn the_literals_of_a_source_are_told_from_its_comments_and_characters() {
    for (text, expect) in [
        (r#"own.get("start") // not "end""#, vec!["start"]),
        (
            r#"/// A "quote".
            let it = ('"', '\'', "a \" b", b"c");"#,
            vec![r#"a \" b"#, "c"],
        ),
        ("r\"x\\\" + r#\"say \"y\"\"# + for_r(\"z\")", vec!["x\\", "say \"y\"", "z"]),
        (r#"fn it<'a>(x: &'a str) -> &'a str { "é" }"#, vec!["é"]),
    ] {
        assert_eq!(literals(text), expect, "{text}");
    }
}

#[test]
fn a_property_is_named_outright_by_a_pointer_or_in_a_query() {
    let names = names();
    for (literal, expect) in [
        ("subject", true),
        ("/body/content", true),
        ("/users/{}?$select=id,subject", true),
        ("the subject of it", false),
        ("/users", false),
        ("id", false),
        ("?$select=id", false),
    ] {
        assert_eq!(names_a_property(literal, &names), expect, "{literal}");
    }
}

#[test]
fn no_function_is_longer_than_a_screen() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = vec![];
    ["src", "tests", "benches"].iter().for_each(|folder| gather(&root.join(folder), &mut files));
    let mut longer: BTreeMap<(String, String), usize> = BTreeMap::new();
    for file in files {
        let name = file.strip_prefix(root).expect("it was found there").to_string_lossy().replace('\\', "/");
        let text = fs::read_to_string(&file).expect("a source is text");
        let long = functions(&text).into_iter().filter(|(_, lines)| *lines > SCREEN);
        longer.extend(long.map(|(function, lines)| ((name.clone(), function), lines)));
    }
    assert!(longer.is_empty(), "longer than {SCREEN} lines, one idea would fit: {longer:#?}");
}

/// The functions of a Rust source with their lines. Sources are formatted, so that a function ends at the brace that stands as
/// far in as its name's line does.
fn functions(text: &str) -> Vec<(String, usize)> {
    let lines: Vec<&str> = text.lines().collect();
    let mut found = vec![];
    for (place, line) in lines.iter().enumerate() {
        let indent = &line[..line.len() - line.trim_start().len()];
        let (Some(name), false) = (function(line), line.ends_with(['}', ';'])) else { continue };
        let end = lines[place..].iter().position(|line| line.strip_prefix(indent) == Some("}"));
        found.extend(end.map(|end| (name.to_owned(), end + 1)));
    }
    found
}

/// The name of the function that a line begins.
fn function(line: &str) -> Option<&str> {
    let (before, rest) =
        line.trim_start().split_once("fn ").filter(|(before, _)| before.is_empty() || before.ends_with(' '))?;
    let part = |word: &str| word.starts_with("pub") || ["const", "async", "unsafe", "extern", "in"].contains(&word);
    let name = rest.split(['(', '<']).next()?;
    let plain = before.split_whitespace().all(|word| part(word) || word.ends_with([')', '"']));
    (plain && !name.is_empty()).then_some(name)
}

#[test]
fn the_lines_of_a_function_are_counted_from_its_name_to_its_brace() {
    let text = "impl It {\n    /// Says fn x() {\n    pub(in crate::it) const fn one<T>(\n        it: T,\n    ) -> T {\n        if a {\n        \
                }\n    }\n\n    fn none();\n    fn empty() {}\n}\n\nfn two() {\n    let three = \"a fn b\";\n}\n";
    assert_eq!(functions(text), [("one".to_owned(), 6), ("two".to_owned(), 3)]);
}

#[test]
fn no_process_is_started_but_by_the_sign_in_that_names_one() {
    let starts = ["process::Command", "Command::new(", "tokio::process", "libc::exec", "AzureCliCredential::new("];
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = vec![];
    gather(&root, &mut files);
    let place =
        |file: &PathBuf| file.strip_prefix(&root).expect("it was found there").to_string_lossy().replace('\\', "/");
    // What a test starts is no part of the program.
    let text = |file: &PathBuf| {
        let text = fs::read_to_string(file).expect("a source is text");
        text.split("mod tests {").next().unwrap_or_default().to_owned()
    };
    let found: BTreeSet<String> =
        files.iter().filter(|file| starts.iter().any(|it| text(file).contains(it))).map(place).collect();
    // `auth: azureCli` is a person's own sign-in: the identity crate asks the `az` that stands in PATH for a token.
    assert_eq!(found, BTreeSet::from(["graph/auth/mod.rs".to_owned()]));
}

/// What strangers wrote is made inert where pages are made, and one file writes: whoever prints otherwise goes past that.
#[test]
fn one_file_writes_to_standard_output_and_standard_error() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = vec![];
    gather(&root, &mut files);
    let ways = ["print!(", "println!(", "dbg!(", "stdout()", "stderr()", "set_message(", "with_message("];
    let mut past = vec![];
    for file in files.into_iter().filter(|file| !file.ends_with("cli/output.rs")) {
        // To ask whether somebody sits there, or whether it were the place, writes nothing.
        let text = fs::read_to_string(&file).expect("a source is text");
        let text = text.replace("stderr().is_terminal()", "").replace("use_stderr()", "");
        past.extend(ways.iter().filter(|way| text.contains(**way)).map(|way| (file.clone(), *way)));
    }
    assert!(past.is_empty(), "`cli::output` prints pages: {past:#?}");
}

/// A file of tests that nothing names is compiled by nobody and fails nobody.
#[test]
fn every_file_of_tests_is_one_of_the_program_that_runs_them() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let of_all = fs::read_to_string(tests.join("all.rs")).expect("a source is text");
    let named: BTreeSet<String> =
        of_all.lines().filter_map(|line| Some(line.strip_prefix("mod ")?.strip_suffix(';')?.to_owned())).collect();
    let there = fs::read_dir(&tests)
        .expect("the folder can be read")
        .map(|entry| entry.expect("the folder can be read").path());
    let sources = there.filter(|path| path.extension().is_some_and(|it| it == "rs") || path.join("mod.rs").is_file());
    let stems = sources.filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()));
    assert_eq!(named, stems.filter(|stem| stem != "all").collect());
}
