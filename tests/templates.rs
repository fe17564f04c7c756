//! Hostile templates of sets: each ends in an error in its place, within bounded time and memory of the process.

use crate::support::{WORKSPACE, program};
use serde_json::Value;
use std::fs;
use std::io::Read;
use std::process::{Child, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// A release build is through in a second; a debug build on a busy machine takes several.
const PATIENCE: Duration = Duration::from_secs(if cfg!(debug_assertions) { 10 } else { 1 });
/// How much more memory than a folder of one plain event, in kilobytes.
const MEMORY: u64 = 50 * 1024;

const PLAIN: &str = "apiVersion: convoke.dev/v1
kind: Event
metadata: {name: plain}
spec: {subject: Plain, start: 2031-02-03T08:00, duration: 45m}
";

/// What became of a folder that was validated.
struct End {
    code: Option<i32>,
    /// `set.yaml:7` and the message, of each problem.
    told: Vec<String>,
    took: Duration,
    /// The most memory that the process held, in kilobytes; 0 where the system does not say.
    peak: u64,
}

/// The most memory that a process held up to now: it stays readable until the process ends.
fn peak(child: &Child) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches(" kB").parse().ok()
}

fn validate(files: &[(&str, &str)]) -> End {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in [("convoke.yaml", WORKSPACE)].iter().chain(files) {
        fs::write(folder.path().join(name), text).unwrap();
    }
    let begun = Instant::now();
    let mut command = program(folder.path());
    let mut child = command.args(["validate", "--format", "json"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut out = child.stdout.take().unwrap();
    let reader = thread::spawn(move || {
        let mut text = String::new();
        out.read_to_string(&mut text).map(|_| text).unwrap()
    });
    let mut most = 0;
    let status = loop {
        most = peak(&child).unwrap_or(most);
        match child.try_wait().unwrap() {
            Some(status) => break status,
            None => thread::yield_now(),
        }
        if begun.elapsed() > PATIENCE * 2 {
            child.kill().unwrap();
        }
    };
    let took = begun.elapsed();
    let said: Value = serde_json::from_str(&reader.join().unwrap()).unwrap_or_default();
    let one = |it: &Value| format!("{}:{} {}", it["file"].as_str().unwrap(), it["line"], it["message"]);
    let told = said["problems"].as_array().into_iter().flatten().map(one).collect();
    End { code: status.code(), told, took, peak: most }
}

/// A set whose body is a text, for a thousand rows of some length; the body stands in line 9.
fn set(body: &str) -> [(&'static str, String); 2] {
    let set = format!(
        "apiVersion: convoke.dev/v1\nkind: EventSet\nmetadata: {{name: many}}\nspec:\n  rows: rows.csv\n  template:\n    kind: Event\n    \
         metadata: {{name: \"{{{{ row.n }}}}\"}}\n    spec: {{subject: Many, body: \"{body}\", start: 2031-02-03T08:00, duration: 45m}}\n"
    );
    let rows: String = (0..1000).map(|it| format!("n{it},{}\n", "x".repeat(200))).collect();
    [("set.yaml", set), ("rows.csv", format!("n,a\n{rows}"))]
}

/// What asks for very much work, or for a very long text.
const ENDLESS: [&str; 16] = [
    "{{ 'x' * 1000000000 }}",
    "{{ [row.a] * 1000000000 }}",
    "{{ ([1] * 100000) * 100000 }}",
    "{{ ([1] * 1000000) * 100 }}",
    "{{ {'a': [[1] * 90000000, [2] * 90000000]} }}",
    "{{ row.a | replace('x', row.a) | replace('x', row.a) | replace('x', row.a) }}",
    "{{ (row.a * 1000) | split('') | join(row.a * 1000) }}",
    "{{ (row.a * 100000) | upper | lower | title | capitalize }}",
    "{{ ('x' * 10000000) ~ ('x' * 10000000) }}",
    "{{ 10 ** 1000000000 }}",
    "{{ 9 ** 9 ** 9 ** 9 }}",
    "{{ range(1000000000) }}",
    "{{ row.a.format('%1000000000d') }}",
    "{{ include('/etc/passwd') }}",
    "{% for x in row.a %}{{ loop.index }}{% endfor %}",
    "{{ 'x' in ['x'] * 1000000000 and [[[[row.a] * 1000] * 1000] * 1000] * 1000 }}",
];

#[test]
fn hostile_templates_end_in_an_error_in_their_place_within_a_bound_of_time_and_memory() {
    let plain = validate(&[("plain.yaml", PLAIN)]);
    assert!(plain.code == Some(0) && (plain.peak > 0 || !cfg!(target_os = "linux")), "{} kB", plain.peak);
    let around = |open: &str, inner: &str, close: &str, depth: usize| {
        format!("{{{{ {}{inner}{} }}}}", open.repeat(depth), close.repeat(depth))
    };
    let deep = [
        around("(", "1", ")", 5_000),
        around("[", "1", "]", 100_000),
        around("{'a': ", "1", "}", 5_000),
        around("not ", "1", "", 100_000),
        around("-", "1", "", 100_000),
        around("1 if row.a else ", "1", "", 100_000),
        around("row.a ~ ", "row.a", "", 100_000),
        around("", "row.a", " | replace('x', 'xx')", 10_000),
        around("", "row", ".a", 100_000),
    ];
    let texts = ENDLESS.iter().map(|it| it.to_string()).chain(deep);
    let mixed = texts.clone().map(|it| format!("a {it}"));
    for text in texts.chain(mixed) {
        let files = set(&text);
        let end = validate(&[(files[0].0, &files[0].1), (files[1].0, &files[1].1)]);
        let shown: String = text.chars().take(80).collect();
        assert_eq!(end.code, Some(1), "{shown}: {:?}", end.told.first());
        assert!(end.told.iter().all(|it| it.starts_with("set.yaml:9 ")), "{shown}: {:?}", end.told);
        assert!((1..1100).contains(&end.told.len()), "{shown}: {}", end.told.len());
        assert!(end.took < PATIENCE, "{shown}: {:?}", end.took);
        assert!(end.peak < plain.peak + MEMORY, "{shown}: {} kB, a plain event {} kB", end.peak, plain.peak);
    }
}

/// What is as long as an expression may be, and what looks as if it ended before it does.
#[test]
fn no_expression_that_is_read_takes_the_whole_stack() {
    let endless = format!("{}1", "-".repeat(100_000));
    for (text, long) in [
        (format!("{{{{ {}1 }}}}", "-".repeat(390)), false),
        (format!("{{{{ {}1 }}}}", "not ".repeat(97)), false),
        (format!("{{{{ 1{} }}}}", "-1".repeat(195)), false),
        (format!("{{{{ row{} }}}}", ".a".repeat(195)), false),
        (format!("{{{{ 1{} }}}}", "|int".repeat(97)), false),
        (format!("{{{{ row.n{} }}}}", "[0]".repeat(130)), false),
        (format!("{{{{ row.n ~ '{}' }}}}", "-".repeat(20_000)), false),
        ("{{ row.n }} - ".repeat(1_000), false),
        (format!("{{{{ '}}}}' ~ {endless} }}}}"), true),
        (format!("{{{{ 'a\\\\'}}}}' ~ {endless} }}}}"), true),
        (format!("{{{{ {{'a': {{'b': 1}}}} ~ {endless} }}}}"), true),
        (format!("{{{{ (1 }}}} {endless} }}}}"), true),
        (format!("{{{{ row.n }}}} {{{{ {endless} }}}}"), true),
    ] {
        let files = set(&text);
        let end = validate(&[(files[0].0, &files[0].1), (files[1].0, &files[1].1)]);
        let shown: String = text.chars().take(80).collect();
        assert!(matches!(end.code, Some(0 | 1)), "{shown}: {:?}", end.code);
        let told = end.told.iter().any(|it| it.contains("this expression is longer than"));
        assert_eq!(told, long, "{shown}: {:?}", end.told.first());
        assert!(end.took < PATIENCE, "{shown}: {:?}", end.took);
    }
}

/// Nesting of the template itself, outside of expressions.
#[test]
fn a_template_that_nests_without_end_is_refused() {
    let (open, close) = ("[".repeat(100_000), "]".repeat(100_000));
    let files = set("b").map(|(name, text)| (name, text.replace("\"b\"", &format!("{open}1{close}"))));
    let end = validate(&[(files[0].0, &files[0].1), (files[1].0, &files[1].1)]);
    assert!(end.code == Some(1) && end.told.len() == 1 && end.told[0].starts_with("set.yaml:9 "), "{:?}", end.told);
    assert!(end.took < PATIENCE, "{:?}", end.took);
}
