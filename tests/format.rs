//! The form of manifests: whatever an author writes means the same afterwards, keeps its comments, and is not changed again.

use crate::support::random::{self, edit};
use crate::support::{Run, program, run};
use convoke::face::manifest::files::Source;
use convoke::face::manifest::format::{Refused, format};
use convoke::face::manifest::{Manifests, read, yaml};
use convoke::face::model::Desired;
use fastrand::Rng;
use serde_json::{Map, Value, json};
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::Stdio;
use tempfile::TempDir;

/// The text in its form; panics where it is not fit to be formatted.
fn formatted(text: &str) -> String {
    let once = |text: &str| {
        let source = Source { file: "a.yaml".into(), text: text.into(), found: false };
        match format(&source) {
            Ok(it) => it.text.unwrap_or_else(|| text.to_owned()),
            Err(Refused::Problems(problems, _)) => panic!("{problems:?}:\n{text}"),
            Err(Refused::Fault) => panic!("it would say something else:\n{text}"),
        }
    };
    let after = once(text);
    assert_eq!(once(&after), after, "what is formatted stays as it is:\n{text}");
    after
}

/// What a text declares, by the way of everything that reads manifests, and what is wrong with it.
fn meaning(text: &str) -> (Vec<(String, Value)>, Vec<String>) {
    let workspace = Source { file: "w.yaml".into(), text: crate::support::WORKSPACE.into(), found: false };
    let source = Source { file: "a.yaml".into(), text: text.into(), found: false };
    let Manifests { desired, problems, .. } = read(vec![source, workspace], None);
    let mut problems: Vec<String> = problems.into_iter().map(|it| it.message).collect();
    problems.sort();
    let all = desired.into_iter().map(|it| {
        let spec = serde_json::to_value(&it.spec).unwrap();
        let bare = Desired { spec: Default::default(), ..it };
        (format!("{bare:?}"), spec)
    });
    (all.collect(), problems)
}

/// Each comment with what stands before it on its line: the last word, unless that is in brackets.
fn comments(text: &str) -> Vec<(String, String)> {
    let beside = |line: &str| {
        let (before, comment) = line.split_once(" #").or_else(|| Some(("", line.trim_start().strip_prefix('#')?)))?;
        let word = before.split_whitespace().next_back().filter(|_| !before.contains(['{', '[']));
        Some((comment.trim().to_owned(), word.unwrap_or_default().replace(['"', '\''], "")))
    };
    let mut all: Vec<_> = text.lines().filter_map(beside).collect();
    all.sort_unstable();
    all
}

/// Every manifest in the docs and the examples, and those of the stories.
fn manifests(folder: &str, found: &mut Vec<String>) {
    for entry in std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)).unwrap().map(Result::unwrap) {
        let name = format!("{folder}/{}", entry.file_name().to_str().unwrap());
        if entry.path().is_dir() {
            manifests(&name, found);
            continue;
        }
        let Ok(text) = std::fs::read_to_string(entry.path()) else { continue };
        match name.rsplit('.').next() {
            Some("md") => found.extend(
                text.split("```yaml\n").skip(1).filter_map(|it| Some(it.split_once("\n```")?.0.to_owned() + "\n")),
            ),
            Some("yaml") => {
                let stories = yaml::documents(&name, &text).0.into_iter().map(|it| it.value);
                stories.for_each(|it| texts(&it, found));
                found.push(text);
            }
            _ => {}
        }
    }
}

/// The texts in a story that are manifests.
fn texts(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) if text.contains("apiVersion: convoke.dev/v1") => found.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|it| texts(it, found)),
        Value::Object(members) => members.values().for_each(|it| texts(it, found)),
        _ => {}
    }
}

#[test]
fn every_manifest_of_the_project_means_the_same_in_its_form() {
    let mut all = vec![];
    ["docs", "examples", "tests/scenarios", "tests/fixtures"].iter().for_each(|it| manifests(it, &mut all));
    let mut changed = 0;
    for text in all.iter().filter(|it| yaml::documents("a", it).1.is_empty()) {
        let after = formatted(text);
        assert_eq!(meaning(text), meaning(&after), "{text}\n{after}");
        assert_eq!(comments(text), comments(&after), "{text}\n{after}");
        changed += usize::from(after != *text);
    }
    assert!(all.len() > 300 && changed > 50, "{changed} of {}", all.len());
}

/// The members of each mapping in any order.
fn shuffled(rng: &mut Rng, value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(|it| shuffled(rng, it)).collect(),
        Value::Object(members) => {
            let mut all: Vec<_> = members.iter().map(|(name, it)| (name.clone(), shuffled(rng, it))).collect();
            rng.shuffle(&mut all);
            Value::Object(all.into_iter().collect::<Map<_, _>>())
        }
        other => other.clone(),
    }
}

/// The same text with comments and empty lines in it, and with some of its lists and mappings in brackets.
fn sprinkled(rng: &mut Rng, text: &str) -> String {
    let mut out = String::new();
    for (number, line) in text.lines().enumerate() {
        let indent = line.len() - line.trim_start().len();
        for _ in 0..rng.usize(0..9).saturating_sub(6) {
            let indent = if rng.bool() { indent } else { rng.usize(0..9) };
            out += &if rng.bool() { "\n".to_owned() } else { format!("{}# above {number}\n", " ".repeat(indent)) };
        }
        out += line;
        if rng.u8(0..8) == 0 {
            out += &format!("  # beside {number}");
        }
        out += if rng.u8(0..40) == 0 { "\r\n" } else { "\n" };
    }
    if rng.u8(0..8) == 0 {
        out.pop();
    }
    out
}

#[test]
fn whatever_is_written_means_the_same_in_its_form() {
    let (mut rng, mut seen, mut changed) = (Rng::with_seed(7), 0, 0);
    let mut manifests = random::Manifests::new();
    for _ in 0..crate::support::number("CONVOKE_FORMATS", 150) {
        edit(&mut rng, &mut manifests);
        let documents = manifests.iter().map(|(name, spec)| {
            let document = json!({
                "apiVersion": "convoke.dev/v1", "kind": "Event", "spec": spec,
                "metadata": {"name": name, "labels": {"team": "no", "a": "1"}}, "lifecycle": {"protect": true},
            });
            let document = shuffled(&mut rng, &document);
            match rng.u8(0..4) {
                0 => {
                    let spec = yaml::flow(&document["spec"]);
                    let mut rest = document;
                    rest.as_object_mut().unwrap().shift_remove("spec");
                    format!("spec: {spec}\n{}", yaml::written(&rest))
                }
                _ => yaml::written(&document),
            }
        });
        let text = documents.collect::<Vec<_>>().join("---\n");
        let text = sprinkled(&mut rng, &text);
        if !yaml::documents("a", &text).1.is_empty() {
            continue;
        }
        let after = formatted(&text);
        assert_eq!(meaning(&text), meaning(&after), "{text}\n{after}");
        assert_eq!(comments(&text), comments(&after), "{text}\n{after}");
        seen += 1;
        changed += usize::from(after != text);
    }
    assert!(seen > 75 && changed > 70, "{changed} of {seen}");
}

/// A document of a kind with this in its spec, or below it.
fn event(spec: &str) -> String {
    format!("apiVersion: convoke.dev/v1\nkind: Event\nmetadata:\n  name: a\nspec:\n{spec}")
}

#[test]
fn what_cannot_be_moved_without_rewriting_it_stays() {
    for (before, after) in [
        // An anchor before its alias, and one name for two of them.
        ("  start: &a 2031-02-11T10:00\n  subject: *a\n", None),
        ("  start: &a 2031-02-11T10:00\n  subject: &a x\n  calendar: *a\n", None),
        ("  subject: *a\n  calendar: x\n", None),
        ("  start: 2031-02-11T10:00\n  subject: &a x\n", Some("  subject: &a x\n  start: 2031-02-11T10:00\n")),
        // Empty lines that a text keeps.
        ("  body: |+\n    x\n\n  subject: y\n", None),
        ("  body: |\n    x\n\n  subject: y\n", Some("  subject: y\n\n  body: |\n    x\n")),
        // Comments in brackets, and above what would stand behind a dash.
        ("  recurrence: {range: {}, # x\n    pattern: {}}\n", None),
        ("  exceptions:\n  - start: 2031-02-11T10:00\n    # x\n    date: 2031-02-11\n", None),
        ("  recurrence: {range: {}, pattern: {}} # x\n", Some("  recurrence: {pattern: {}, range: {}} # x\n")),
        // Comments of an entry that a short form has no place for.
        ("  attendees:\n  - address: a@x.example # x\n    type: required\n", None),
        ("  attendees: [&a {address: a@x.example}]\n", None),
        ("  attendees: [{type: required, address: a@x.example}]\n", Some("  attendees: [a@x.example]\n")),
        ("  attendees: [{address: a@x.example, type: optional}]\n", None),
        // A place that would book a room.
        ("  location: {displayName: a@x.example}\n", None),
        ("  location: {displayName: 'A'}\n", Some("  location: A\n")),
        // What other readers take for something else.
        (
            "  subject: 'no'\n  categories: ['1', 'a,b', a: b, \"c\"]\n",
            Some("  subject: 'no'\n  categories: ['1', 'a,b', a: b, c]\n"),
        ),
        ("  subject: !!str 'x'\n", None),
        ("  ? subject\n  : x\n  ? calendar\n  : y\n", None),
    ] {
        if !yaml::documents("a", &event(before)).1.is_empty() {
            assert_eq!(before, "  subject: *a\n  calendar: x\n", "no YAML");
            continue;
        }
        assert_eq!(formatted(&event(before)), event(after.unwrap_or(before)), "{before}");
    }
    for text in [
        "{\"spec\": {\"start\": \"x\"}, \"kind\": \"Event\", \"apiVersion\": \"convoke.dev/v1\"}",
        "kind: 'ConfigMap'\napiVersion: v1",
        "spec: {b: 1}\nkind: Evnt\napiVersion: convoke.dev/v1\n",
    ] {
        assert_eq!(formatted(text), text);
    }
}

const MESSY: &str = "# vim: set sw=2
# One event.

spec:
  # who
  attendees:
  - {type: optional, address: lidia@fabrikam.example}   # guest
  - address: \"adele@contoso.example\"
  subject: 'Weekly'   # the title

  start: 2031-02-11T10:00
  duration: 30m
metadata: {name: weekly}
kind: Event
apiVersion: convoke.dev/v1
---
kind:   'ConfigMap'
apiVersion: v1
";

const TIDY: &str = "# vim: set sw=2
# One event.

apiVersion: convoke.dev/v1
kind: Event
metadata: {name: weekly}
spec:
  subject: Weekly   # the title

  start: 2031-02-11T10:00
  duration: 30m
  # who
  attendees:
  - {address: lidia@fabrikam.example, type: optional}   # guest
  - adele@contoso.example
---
kind:   'ConfigMap'
apiVersion: v1
";

fn convoke(folder: &TempDir, args: &[&str]) -> Run {
    run(program(folder.path()).args(args))
}

fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        fs::create_dir_all(folder.path().join(name).parent().unwrap()).unwrap();
        fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

fn there(folder: &TempDir, name: &str) -> String {
    fs::read_to_string(folder.path().join(name)).unwrap()
}

#[test]
fn files_are_listed_and_written_and_a_check_writes_none() {
    const CHART: &str = "metadata:\n  name: {{ .Release.Name }}\n";
    let folder = folder(&[("a/messy.yaml", MESSY), ("a/tidy.yml", TIDY), ("chart/x.yaml", CHART)]);
    let check = convoke(&folder, &["fmt", "--check"]);
    assert_eq!((check.code, check.out.as_str()), (2, "a/messy.yaml\n"), "{check:?}");
    assert_eq!(check.err, "1 file would change, 1 as wanted\n");
    assert_eq!(there(&folder, "a/messy.yaml"), MESSY);
    let json = convoke(&folder, &["fmt", "--check", "--format", "json", "a"]);
    let told: Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!(told, json!({"formatVersion": 1, "changed": ["a/messy.yaml"], "unchanged": 1}), "{json:?}");
    let done = convoke(&folder, &["fmt"]);
    assert_eq!(
        (done.code, done.out.as_str(), done.err.as_str()),
        (0, "a/messy.yaml\n", "1 file formatted, 1 as wanted\n")
    );
    assert_eq!((there(&folder, "a/messy.yaml").as_str(), there(&folder, "chart/x.yaml").as_str()), (TIDY, CHART));
    assert_eq!(convoke(&folder, &["fmt", "--check", "-q"]).code, 0);
}

#[test]
fn no_file_is_touched_where_one_cannot_be_read() {
    let folder =
        folder(&[("a.yaml", MESSY), ("b.yaml", "apiVersion: convoke.dev/v1\nkind: Event\nspec: {subject: [}\n")]);
    for args in [&["fmt"][..], &["fmt", "--check"], &["fmt", "b.yaml"]] {
        let run = convoke(&folder, args);
        assert!(run.code == 1 && run.out.is_empty() && run.err.contains("b.yaml:3:17"), "{run:?}");
        assert!(run.err.contains("1 problem in the manifests; nothing was touched"), "{run:?}");
    }
    assert_eq!(there(&folder, "a.yaml"), MESSY);
    let empty = convoke(&folder, &["fmt", "none"]);
    assert!(empty.code == 1 && empty.err.contains("cannot read `none`"), "{empty:?}");
}

/// What is said beside the text stays: line ends, the byte order mark, and who may read the file.
#[test]
#[cfg(unix)]
fn a_file_stays_what_it_is() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let windows = |text: &str| format!("\u{feff}{}", text.replace('\n', "\r\n"));
    let folder = folder(&[("a.yaml", &windows(MESSY)), ("real/b.yaml", MESSY), ("fixed/c.yaml", MESSY)]);
    let path = |name: &str| folder.path().join(name);
    fs::set_permissions(path("a.yaml"), fs::Permissions::from_mode(0o600)).unwrap();
    symlink("real/b.yaml", path("link.yaml")).unwrap();
    let done = convoke(&folder, &["fmt", "a.yaml", "link.yaml"]);
    assert_eq!(done.out, "a.yaml\nlink.yaml\n", "{done:?}");
    assert_eq!((there(&folder, "a.yaml"), there(&folder, "real/b.yaml")), (windows(TIDY), TIDY.to_owned()));
    assert!(fs::symlink_metadata(path("link.yaml")).unwrap().is_symlink());
    assert_eq!(fs::metadata(path("a.yaml")).unwrap().permissions().mode() & 0o777, 0o600);
    fs::set_permissions(path("fixed/c.yaml"), fs::Permissions::from_mode(0o444)).unwrap();
    let fixed = convoke(&folder, &["fmt", "fixed"]);
    assert!(fixed.code == 1 && fixed.err.contains("cannot write `fixed/c.yaml`: it may only be read"), "{fixed:?}");
    assert_eq!(there(&folder, "fixed/c.yaml"), MESSY);
}

#[test]
fn standard_input_goes_to_standard_output() {
    let folder = folder(&[]);
    let filter = |text: &str, args: &[&str]| {
        let mut command = program(folder.path());
        let piped = command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = piped.spawn().unwrap();
        // One that needs none has gone by then.
        let _ = child.stdin.take().unwrap().write_all(text.as_bytes());
        let output = child.wait_with_output().unwrap();
        let [out, err] = [output.stdout, output.stderr].map(|it| String::from_utf8(it).unwrap());
        Run { code: output.status.code().unwrap(), out, err, leaks: vec![] }
    };
    for text in [MESSY, TIDY] {
        let done = filter(text, &["fmt", "-"]);
        assert_eq!((done.code, done.out.as_str(), done.err.as_str()), (0, TIDY, ""));
    }
    assert_eq!(filter(MESSY, &["fmt", "--check", "-"]).out, "<stdin>\n");
    for (text, args, why) in [
        (MESSY, &["fmt", "-", "a.yaml"][..], "pass - alone"),
        (MESSY, &["fmt", "-", "--format", "json"], "pass - alone"),
        (&MESSY.replace('\n', "\r\n"), &["fmt", "-"], "name the file"),
        ("a: [", &["fmt", "-"], "<stdin>:1:4"),
    ] {
        let run = filter(text, args);
        assert!(run.code == 1 && run.err.contains(why) && !run.out.contains("kind"), "{run:?}");
    }
}

#[test]
fn the_examples_are_as_they_should_be() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for folder in ["examples", "examples/on-call", "examples/school", "examples/interviews"] {
        let check = run(program(root).args(["fmt", "--check", folder]));
        assert_eq!((check.code, check.out.as_str()), (0, ""), "{check:?}");
    }
}
