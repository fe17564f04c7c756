//! Hostile input: refused in bounded time and memory, or read correctly; never a panic.
//!
//! The program runs as a process of its own under a limit of memory. The fuzz targets run here as well, over their seeds and
//! over changed seeds, on the stable toolchain; `fuzz/Cargo.toml` says how to run them under libFuzzer.

#[path = "../fuzz/src/lib.rs"]
mod targets;

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// A debug build on a busy machine takes this long at most; a bomb would take forever.
const PATIENCE: Duration = Duration::from_secs(60);
/// Address space, in kilobytes: the threads of the runtime reserve some, a bomb would take any.
const MEMORY: &str = "3000000";

/// What became of one text.
struct End {
    code: Option<i32>,
    out: String,
    err: String,
}

fn validate(text: &[u8]) -> End {
    validate_as("human", text)
}

fn validate_as(format: &str, text: &[u8]) -> End {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.yaml"), text).unwrap();
    let mut command = if cfg!(unix) {
        let mut command = Command::new("sh");
        command.args(["-c", &format!("ulimit -v {MEMORY} && exec \"$0\" validate a.yaml --format \"$1\"")]);
        command.args([env!("CARGO_BIN_EXE_convoke"), format]);
        command
    } else {
        let mut command = Command::new(env!("CARGO_BIN_EXE_convoke"));
        command.args(["validate", "a.yaml", "--format", format]);
        command
    };
    command.current_dir(folder.path()).env("NO_COLOR", "1").env_remove("RUST_BACKTRACE").stdin(Stdio::null());
    let began = Instant::now();
    let output = command.output().unwrap();
    assert!(began.elapsed() < PATIENCE, "{:?}", began.elapsed());
    let [out, err] = [output.stdout, output.stderr].map(|it| String::from_utf8(it).unwrap());
    End { code: output.status.code(), out, err }
}

fn refused(what: &str, text: impl AsRef<[u8]>, expect: &str) {
    let End { code, err, .. } = validate(text.as_ref());
    let shown: String = err.chars().take(2000).collect();
    assert_eq!(code, Some(1), "{what}: {shown}");
    assert!(err.contains(expect), "{what}: {shown}");
    assert!(!err.contains("panicked"), "{what}: {shown}");
    assert!(err.len() < 100_000, "{what}: {} bytes of messages", err.len());
}

/// A workspace whose label holds any text.
fn around(text: &str) -> String {
    format!(
        "apiVersion: convoke.dev/v1\nkind: Workspace\nmetadata: {{name: a, labels: {{x: {text}}}}}\nspec: {{prune: keep}}\n"
    )
}

#[test]
fn bombs_of_aliases_and_merges_are_refused() {
    let mut laughs = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..30 {
        let below = format!("*a{}, ", level - 1).repeat(10);
        laughs += &format!("a{level}: &a{level} [{}]\n", below.trim_end_matches(", "));
    }
    refused("a billion laughs", laughs, "aliases repeat more than");
    let wide = format!("a: &a [{}]\nb: [{}]\n", "x, ".repeat(20_000), "*a, ".repeat(20_000));
    refused("a large anchor used often", wide, "aliases repeat more than");
    let text = format!("a: &a {}\nb: [{}]\n", "x".repeat(1 << 20), "*a, ".repeat(20_000));
    refused("a large text used often", text, "aliases repeat more than");
    let mut merges = String::from("a0: &a0 {x: 1}\n");
    for level in 1..40 {
        merges += &format!("a{level}: &a{level} {{<<: [*a{0}, *a{0}]}}\n", level - 1);
    }
    refused("merges of merges", merges, "aliases repeat more than");
    refused("an alias inside its own anchor", "kind: &a [*a]\n", "inside its own anchor");
    let keys = format!("a: &a {}\nb: {{{}}}\n", "x".repeat(1 << 20), "*a : 1, ".repeat(5_000));
    refused("a large key used often", keys, "");
}

#[test]
fn deep_nesting_is_refused() {
    refused("lists in brackets", "[".repeat(10_000), "deep");
    refused("closed lists in brackets", format!("{}{}", "[".repeat(10_000), "]".repeat(10_000)), "deep");
    refused("mappings in braces", "{a: ".repeat(10_000), "deep");
    refused("lists in lists", "- ".repeat(10_000), "deep");
    refused("keys in keys", "? ".repeat(10_000), "deep");
    refused(
        "mappings below each other",
        (0..2_000).map(|it| format!("{}a:\n", " ".repeat(it))).collect::<String>(),
        "deep",
    );
    let by_alias: String =
        (1..100).fold("a0: &a0 [x]\n".into(), |it, at| it + &format!("a{at}: &a{at} [*a{}]\n", at - 1));
    refused("lists in lists by alias", by_alias, "");
}

#[test]
fn what_is_too_large_is_refused_and_what_is_large_is_read() {
    refused("a file of 100 MB", vec![b'a'; 100 << 20], "64 MB");
    refused("one text of 60 MB", around(&"a".repeat(60 << 20)).replace("prune", "prunee"), "did you mean `prune`?");
    assert_eq!(validate(around(&"a".repeat(20 << 20)).as_bytes()).code, Some(0), "a text of 20 MB is a text");
    refused("a key of 20 MB", format!("{}: 1\n", "k".repeat(20 << 20)), "a.yaml:1:");
    refused("a number of 1 MB", around(&"9".repeat(1 << 20)), "number too large");
    refused("an exponent", around("1e999999999"), "number too large");
    let many = "---\nkind: x\n".repeat(100_000);
    refused("a hundred thousand wrong documents", many, "--all");
    let keys: String = (0..100_000).map(|it| format!("k{it}: 1\n")).collect();
    refused(
        "a hundred thousand unknown properties",
        format!("apiVersion: convoke.dev/v1\nkind: Event\n{keys}"),
        "unknown property",
    );
    refused("a hundred thousand times one key", format!("kind: Event\n{}", "a: 1\n".repeat(100_000)), "duplicate key");
    let items = "5, ".repeat(200_000);
    let event = format!(
        "apiVersion: convoke.dev/v1\nkind: Event\nmetadata: {{name: a}}\nspec: {{start: 2027-01-12T10:00, attendees: [{items}]}}\n"
    );
    refused("two hundred thousand wrong items", event, "item 1 of `attendees`");
    refused("millions of values", format!("[{}]", "1,".repeat(3_000_000)), "more than 2000000 values");
    assert_eq!(validate("---\n".repeat(1_000_000).as_bytes()).code, Some(0), "a million empty documents are nothing");
    assert_eq!(validate("# nothing\n".repeat(1_000_000).as_bytes()).code, Some(0), "a million comments are nothing");
}

/// Each of these took minutes, or a gigabyte, where work or output grew with the square of the input.
#[test]
fn work_and_output_grow_no_faster_than_the_input() {
    let foreign = "---\nkind: Foo\n".repeat(20_000);
    for format in ["human", "json", "github", "sarif"] {
        let End { out, err, code } = validate_as(format, foreign.as_bytes());
        assert_eq!(code, Some(1), "{format}");
        assert!(out.len() + err.len() < 2_000_000, "{format}: {} bytes of output", out.len() + err.len());
        assert!(format == "human" || out.contains("and more: the first 1000 problems are told"), "{format}");
    }
    let keys: String = (0..200_000).map(|it| format!("k{it}: 1\n")).collect();
    refused("many keys, each twice", format!("{keys}{keys}"), "duplicate key `k0`");
    let line = format!("kind: Event\nx: [{}'{}']\n", "{a: 1, a: 2}, ".repeat(2_000), "x".repeat(10_000_000));
    let End { out, err, .. } = validate_as("json", line.as_bytes());
    assert!(out.contains("duplicate key `a`") && out.len() < 2_000_000, "{} bytes, {err}", out.len());
    let renamed = |it: usize| {
        let event =
            "organizer: alex@contoso.example, subject: x, start: 2027-01-12T10:00, duration: 45m, timeZone: UTC";
        let names = format!("metadata: {{name: n{it}}}\nlifecycle: {{previously: n{}}}\n", it + 1);
        format!("---\napiVersion: convoke.dev/v1\nkind: Event\n{names}spec: {{{event}}}\n")
    };
    let End { code, err, .. } = validate((0..3_000).map(renamed).collect::<String>().as_bytes());
    assert_eq!(code, Some(0), "each has the name that the next one had before: {err}");
    let ages_away = |it: usize| {
        let event =
            "organizer: alex@contoso.example, subject: x, start: 2027-01-12T10:00, duration: 45m, timeZone: UTC";
        let repeats = "recurrence: {pattern: {type: daily}, range: {type: noEnd}}, exceptions: [{date: '9999-12-29', cancel: true}]";
        format!(
            "---\napiVersion: convoke.dev/v1\nkind: Event\nmetadata: {{name: n{it}}}\nspec: {{{event}, {repeats}}}\n"
        )
    };
    let End { code, err, .. } = validate((0..3_000).map(ages_away).collect::<String>().as_bytes());
    assert_eq!(code, Some(0), "each has an exception some three million dates away: {err}");
}

/// Each of these kept a plan busy for minutes, since a tree was built of them.
#[test]
fn a_text_of_nothing_but_markup_costs_no_more_than_its_length() {
    let event = "apiVersion: convoke.dev/v1\nkind: Event\nmetadata: {name: a}\nspec: {start: 2027-01-12T10:00, body: ";
    refused("quotes in quotes", format!("{event}'{} x'}}\n", ">".repeat(50_000)), "`body` nests more than 100 deep");
    refused("a body of 2 MB", format!("{event}'{}'}}\n", "x".repeat(2 << 20)), "`body` is larger than 1 MB");
    let began = Instant::now();
    for content in ["<div>".repeat(100_000), "<!-- -->".repeat(100_000), "x".repeat(40 << 20)] {
        targets::answer(format!("{{\"body\": {{\"contentType\": \"html\", \"content\": \"{content}\"}}}}").as_bytes());
    }
    assert!(began.elapsed() < PATIENCE, "{:?}", began.elapsed());
}

#[test]
fn odd_bytes_are_refused_or_read() {
    refused("a NUL byte", around("\"a\0b\""), "");
    refused("a NUL byte in plain text", around("a\0b"), "");
    refused("a NUL byte between lines", "kind: Event\n\0\nspec: {}\n", "");
    refused("an escape of the terminal", "kind: \"\\e[31mred\"\n", "unknown kind");
    assert!(!validate(b"kind: \"\\e[31mred\"\n").err.contains('\u{1b}'), "no escape reaches the terminal");
    refused("invalid UTF-8", b"kind: Event\nspec: \xff\n", "a.yaml:2:7");
    refused("UTF-16", b"\xff\xfek\0i\0n\0d\0:\0", "not UTF-8");
    refused("a tag that would run code", around("!!python/object/apply:os.system [id]"), "unknown tag");
    refused("a tag of our own", around("!secret x"), "unknown tag");
    refused("a key twice", "kind: Event\nkind: Event\n", "duplicate key `kind`");
    refused("a tab for indentation", "kind: Event\nspec:\n\tsubject: x\n", "a.yaml:3:1");
    refused("nothing but a quote", "\"", "");
    refused("a number that is none", around(".nan"), "not a finite number");
    for (what, text) in [
        ("CRLF", around("x").replace('\n', "\r\n")),
        ("a byte order mark", format!("\u{feff}{}", around("x"))),
        ("a tab behind a value", around("x").replace("kind: Workspace", "kind: Workspace\t# a comment")),
        ("text beyond the first plane", around("\"𝔘𝔫𝔦𝔠𝔬𝔡𝔢 🎉\"")),
        (
            "an anchor used 150 times",
            around(&format!("&x y, {}", (0..150).map(|it| format!("l{it}: *x, ")).collect::<String>())),
        ),
        ("no line feed at the end", around("x").trim_end().into()),
    ] {
        let End { code, err, .. } = validate(text.as_bytes());
        assert_eq!(code, Some(0), "{what}: {err}");
    }
}

#[test]
fn the_fuzz_targets_find_nothing_in_their_seeds_and_near_them() {
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds");
    let mut random = fastrand::Rng::with_seed(7);
    for (name, target) in [
        ("manifest", targets::manifest as fn(&[u8]) -> bool),
        ("answer", targets::answer),
        ("saved_plan", targets::saved_plan),
        ("join_block", targets::join_block),
        ("reports", targets::reports),
        ("rrule", targets::rrule),
        ("state", targets::state),
    ] {
        let read = |it: std::io::Result<fs::DirEntry>| fs::read(it.unwrap().path()).unwrap();
        let mut seeds: Vec<Vec<u8>> = fs::read_dir(seeds.join(name)).unwrap().map(read).collect();
        seeds.sort();
        let read = seeds.iter().filter(|it| target(it)).count();
        assert!(read > 0, "{name}: no seed is what it is taken for");
        for _ in 0..400 {
            let mut text = random.choice(&seeds).unwrap().clone();
            for _ in 0..random.usize(1..6) {
                change(&mut text, &seeds, &mut random);
            }
            target(&text);
        }
    }
}

/// Changes a text as fuzzers do: one byte, a part gone, a part twice, a part of another.
fn change(text: &mut Vec<u8>, others: &[Vec<u8>], random: &mut fastrand::Rng) {
    const INTERESTING: &[&[u8]] = &[
        b"\0", b"\n", b"\t", b": ", b"- ", b"[", b"}", b"*a", b"&a ", b"<<: ", b"!!", b"\"", b"'", b"|\n", b"null",
        b"-1", b"\xff",
    ];
    let from = random.usize(0..=text.len());
    let to = random.usize(from..=text.len().min(from + 60));
    match random.u8(0..5) {
        0 if from < text.len() => text[from] = random.u8(..),
        1 => drop(text.drain(from..to)),
        2 => text.splice(from..from, INTERESTING[random.usize(..INTERESTING.len())].iter().copied()).for_each(drop),
        3 => {
            let part = text[from..to].to_vec();
            text.splice(to..to, part).for_each(drop);
        }
        _ => {
            let other = &others[random.usize(..others.len())];
            let at = random.usize(0..=other.len());
            let part = other[at..other.len().min(at + 60)].to_vec();
            text.splice(from..to, part).for_each(drop);
        }
    }
}
