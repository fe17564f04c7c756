//! The hostile pull requests that are no plain text: large ones, other bytes, odd names, links and devices.
//!
//! Written like those that are: a name, what is expected, and how it is laid out.

use crate::pull_request::Case;
use crate::pull_request::stage::{Expect, Stage};

/// An event that is wrong in nothing.
const EVENT: &str = "apiVersion: convoke.dev/v1\nkind: Event\nmetadata: {name: weekly}\n\
    spec: {subject: Weekly, start: 2031-01-07T10:00, duration: 45m}\n";

/// What says that a file is ours, whatever else it holds: nothing in it is passed over as another program's.
const OURS: &str = "apiVersion: convoke.dev/v1\n";

/// All of them.
pub fn cases() -> Vec<Case> {
    let mut cases = large();
    cases.extend(bytes());
    #[cfg(unix)]
    cases.extend(linked::cases());
    #[cfg(unix)]
    cases.extend(linked::names());
    cases
}

fn case(name: &str, expect: Expect, lay: impl Fn(&Stage) + Sync + Send + 'static) -> Case {
    Case { name: name.into(), expect, lay: Box::new(lay) }
}

fn refused(name: &str, words: &str, text: String) -> Case {
    case(name, Expect::Refused(words.into()), move |stage| stage.manifest(&text))
}

/// The event with other words in its spec.
fn event(spec: &str) -> String {
    EVENT.replace("subject: Weekly", spec)
}

/// What costs more than it is worth.
fn large() -> Vec<Case> {
    let people: String = (0..20_000).map(|it| format!("p{it}@contoso.example, ")).collect();
    vec![
        refused("one key again and again", "duplicate key", format!("kind: Event\n{}", "aaaaaaa: 1\n".repeat(50_000))),
        refused(
            "a document again and again",
            "unknown kind `Foo`",
            "---\napiVersion: convoke.dev/v1\nkind: Foo\n".repeat(50_000),
        ),
        refused("lists in lists", "deep", format!("{OURS}a: {}", "[".repeat(10_000))),
        refused("mappings in mappings", "deep", format!("{OURS}a: {}", "{b: ".repeat(10_000))),
        refused(
            "a list in a mapping in a list",
            "deep",
            format!("{OURS}a: {}{}", "[{b: ".repeat(5_000), "}]".repeat(5_000)),
        ),
        refused("quotes in quotes", "`body`", event(&format!("body: \"{}\"", ">".repeat(50_000)))),
        refused(
            "boxes in boxes",
            "`body`",
            event(&format!("body: {{contentType: html, content: \"{}\"}}", "<div>".repeat(100_000))),
        ),
        refused("millions of values", "more than 2000000 values", format!("{OURS}a: [{}]", "1,".repeat(3_000_000))),
        refused("a key of two megabytes", "no `key: value`", format!("{EVENT}{}: 1\n", "k".repeat(2 << 20))),
        refused("a kind of two megabytes", "unknown kind", format!("{OURS}kind: {}\n", "k".repeat(2 << 20))),
        refused("a subject of two megabytes", "`subject`", event(&format!("subject: {}", "s".repeat(2 << 20)))),
        refused("twenty thousand people", "500", event(&format!("attendees: [{people}]"))),
    ]
}

/// What is not the text that it seems.
fn bytes() -> Vec<Case> {
    let file = |name: &str, words: &str, bytes: Vec<u8>| {
        case(name, Expect::Refused(words.into()), move |stage| {
            stage.manifest(EVENT);
            stage.write("repo/a.yaml", &bytes);
        })
    };
    let ours = |name: &str, words: &str, bytes: &[u8]| file(name, words, [OURS.as_bytes(), bytes].concat());
    let passed_over = |name: &str, bytes: &'static [u8]| {
        case(name, Expect::Inert("passed over 1 document of other programs: a.yaml".into()), move |stage| {
            stage.manifest(EVENT);
            stage.write("repo/a.yaml", bytes);
        })
    };
    let utf16 = "kind: Event\n".encode_utf16().flat_map(u16::to_le_bytes);
    vec![
        file("other bytes than UTF-8", "not UTF-8", b"kind: \xff\xfe\n".to_vec()),
        file("a sign of UTF-8 that is cut", "not UTF-8", b"kind: Event\nspec: \xe2\x80".to_vec()),
        file("UTF-16", "not UTF-8", [0xff, 0xfe].into_iter().chain(utf16).collect()),
        ours("a NUL byte", "control character U+0000", b"kind: Ev\0ent\n"),
        ours("raw signs of the terminal", "control character U+001B", b"kind: Foo # \x1b[2J\x1b]0;x\x07\n"),
        ours("a raw carriage return", "unknown kind", b"kind: Foo # a\rerror: 0 problems\n"),
        ours("raw signs of direction", "unknown kind", "kind: Foo # \u{202e}\u{2066}x\u{2028}y\n".as_bytes()),
        ours("a raw C1 sign", "control character U+009B", "kind: Foo # \u{9b}2J\n".as_bytes()),
        ours("a program behind a line of ours", "control character U+007F", b"\x7fELF\x02\x01\x01\0\0\0"),
        passed_over("a program", b"\x7fELF\x02\x01\x01\0\0\0"),
        passed_over("signs of the terminal in another program's", b"kind: Foo # \x1b[2J\x1b]0;x\x07\n"),
    ]
}

/// Links, devices and names that only a Unix has.
#[cfg(unix)]
mod linked {
    use super::{EVENT, OURS, case};
    use crate::pull_request::Case;
    use crate::pull_request::stage::{Expect, Stage};
    use std::os::unix::fs::symlink;
    use std::process::Command;

    fn link(stage: &Stage, from: &str, to: impl AsRef<std::path::Path>) {
        let from = stage.path(from);
        std::fs::create_dir_all(from.parent().unwrap()).unwrap();
        symlink(to, from).unwrap();
    }

    /// A manifest that is a link to somewhere.
    fn manifest(name: &str, to: &'static str) -> Case {
        case(name, Expect::Failed("repo.yaml".into()), move |stage| {
            stage.manifest(EVENT);
            link(stage, "repo/repo.yaml", to);
        })
    }

    pub fn cases() -> Vec<Case> {
        vec![
            manifest("a link to the environment", "/proc/self/environ"),
            manifest("a link to a password", "../home/.netrc"),
            manifest("a link to a device without end", "/dev/zero"),
            manifest("a link to standard input", "/dev/stdin"),
            manifest("a link to itself", "repo.yaml"),
            manifest("a link to nothing", "../nothing.yaml"),
            case("a pipe that nobody writes to", Expect::Failed("pipe.yaml".into()), |stage| {
                stage.manifest(EVENT);
                assert!(Command::new("mkfifo").arg(stage.path("repo/pipe.yaml")).status().unwrap().success());
            }),
            case("a folder that is a link", Expect::Inert("Event/weekly  create".into()), |stage| {
                stage.manifest(EVENT);
                stage.write("victims/more.yaml", "kind: Secret\n");
                link(stage, "repo/more", "../victims");
            }),
            case("a folder that links to itself", Expect::Inert("Event/weekly  create".into()), |stage| {
                stage.manifest(EVENT);
                link(stage, "repo/again", ".");
            }),
            case("a workspace that is a link", Expect::Failed("convoke.yaml".into()), |stage| {
                stage.write("repo/manifests.yaml", EVENT);
                stage.write("victims/convoke.yaml", crate::support::WORKSPACE);
                link(stage, "repo/convoke.yaml", "../victims/convoke.yaml");
            }),
            case("a state that is a link", Expect::Failed("state".into()), |stage| {
                stage.manifest(EVENT);
                link(stage, "repo/.convoke/state.json", "../../victims/foreign.json");
            }),
            case("a state that is a device", Expect::Failed("state".into()), |stage| {
                stage.manifest(EVENT);
                link(stage, "repo/.convoke/state.json", "/dev/zero");
            }),
            case("a state that is a folder", Expect::Failed("state".into()), |stage| {
                stage.manifest(EVENT);
                stage.write("repo/.convoke/state.json/x", "");
            }),
            case("a folder of ours that is a link", Expect::Failed("state".into()), |stage| {
                stage.manifest(EVENT);
                stage.write("victims/state.json", "{\"formatVersion\": 1");
                link(stage, "repo/.convoke", "../victims");
            }),
        ]
    }

    /// Files whose names are orders, each with a mistake in it that names the file.
    pub fn names() -> Vec<Case> {
        let named = |name: &'static str| {
            case(&format!("a file called {name:?}"), Expect::Refused("unknown kind `Foo`".into()), move |stage| {
                stage.manifest(EVENT);
                stage.write(&format!("repo/{name}"), format!("{OURS}kind: Foo\n"));
            })
        };
        let passed_over = |name: &'static str| {
            let expect = Expect::Inert("passed over 1 document of other programs".into());
            case(&format!("another program's {name:?}"), expect, move |stage| {
                stage.manifest(EVENT);
                stage.write(&format!("repo/{name}"), "kind: Foo\n");
            })
        };
        let mut all: Vec<Case> = NAMES.into_iter().map(named).collect();
        all.extend(NAMES.into_iter().map(passed_over));
        all
    }

    const NAMES: [&str; 7] = [
        "\u{1b}[2J.yaml",
        "a\r\nerror: 0 problems.yaml",
        "\n::error::x.yaml",
        "##[error]x.yaml",
        "##vso[task.complete result=Succeeded]x.yaml",
        "\u{202e}lmay.yaml",
        "-rf.yaml",
    ];
}
