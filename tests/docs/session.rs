//! Types what a page says into a shell, in a folder of its own where the examples lie too, and keeps what is printed.

use crate::docs::page::{Block, Page, root};
use crate::support::{House, ORGANIZER};
use convoke::face::sandbox::Options;
use serde_json::json;
use std::fs;
use std::path::Path;
use std::process::Command;

/// Commands that are not typed here: how they begin, and why. A command that needs a tenant is typed all the same, where a twin is
/// reached as Graph is.
pub const NOT_TYPED: &[(&str, &str)] = &[
    ("cargo install --locked --path .", "`scripts/package` does it, from what would be published"),
    ("cargo test --locked", "this very run, or a part of it: `what_contributors_type_is_there` holds which"),
    ("UPDATE=1 cargo test --locked --test ", "the same"),
    ("cargo clippy --locked --all-targets -- -D warnings", "`.ci/run` does it"),
    ("cargo fmt", "`.ci/run` looks whether it was done"),
    (
        "New-CsApplicationAccessPolicy ",
        "PowerShell for Teams, which is Microsoft's and needs a tenant; `doctor` prints it",
    ),
    ("Grant-CsApplicationAccessPolicy ", "the same"),
    ("curl ", "`tests/serve` sends the requests of its page"),
    ("kubectl ", "`tests/apiserver/run` does it, on a real API server"),
];

/// What stands behind a command that signs in.
const NEEDS_TENANT: &str = "# needs a tenant";

/// Stands alone on the line between the outputs of two commands.
const MARK: &str = "@@ next command @@";

/// One command of a page.
pub struct Typed {
    pub command: String,
    /// What the page says that it prints, where it says so.
    pub shown: Option<String>,
    pub printed: String,
    /// Of which block of the page.
    pub block: usize,
}

/// Runs every command of a page in its order, in one shell, and tells each that ends with another code than its comment says.
pub fn run(page: &Page, wrong: &mut Vec<String>) -> Vec<Typed> {
    let folder = tempfile::tempdir().unwrap();
    prepare(folder.path(), [" examples\n", " examples ", " examples/"].iter().any(|it| page.text.contains(it)));
    let house = House::new(Options::default());
    by_hand(&house);
    let (mut script, mut all) = (String::new(), vec![]);
    for (place, (block, range)) in page.blocks.iter().enumerate() {
        let text = &page.text[range.clone()];
        let typed = match block {
            Block::Console => console(text, place),
            Block::Commands => commands(text, place),
            Block::Manifest(Some(file)) => {
                let kept = folder.path().join(format!("manifest-{place}"));
                fs::write(&kept, text).unwrap();
                script += &format!("mkdir -p \"$(dirname {file})\"; cp {} {file}\n", kept.display());
                continue;
            }
            Block::Manifest(None) | Block::Text(_) => continue,
        };
        for it in typed.into_iter().filter(|it| !NOT_TYPED.iter().any(|(start, _)| it.command.starts_with(start))) {
            let (open, close) = if it.command.contains(NEEDS_TENANT) { ("( signed_in", ")") } else { ("{", "}") };
            script +=
                &format!("{open}\n{}\n{close} </dev/null 2>&1; code=$?; echo; echo \"{MARK} $code\"\n", it.command);
            all.push(it);
        }
    }
    let tenant = format!(
        "signed_in() {{ export CONVOKE_GRAPH_URL={} CONVOKE_ACCESS_TOKEN={}; }}\n",
        house.sandbox().url,
        house.sandbox().token
    );
    let printed = shell(folder.path(), &(tenant + &script));
    for (typed, (text, code)) in all.iter_mut().zip(outputs(&printed)) {
        let expect = typed.command.split("exits with ").nth(1).map_or("0", |it| &it[..1]);
        if code != expect {
            wrong.push(format!("{}: {}: ends with {code}, not {expect}\n{text}", page.name, typed.command));
        }
        typed.printed = text;
    }
    assert_eq!(printed.matches(MARK).count(), all.len(), "{}: the shell ended early:\n{printed}", page.name);
    all
}

/// An event that somebody made in Outlook, and a group, in the tenant that stands for a real one.
fn by_hand(house: &House) {
    let at = |hour| json!({"dateTime": format!("2031-03-04T{hour}:00:00"), "timeZone": "Europe/Berlin"});
    let event = json!({
        "subject": "Book club", "start": at(18), "end": at(19),
        "attendees": [{"type": "required", "emailAddress": {"address": "adele@contoso.example"}}],
        "recurrence": {
            "pattern": {"type": "weekly", "interval": 1, "daysOfWeek": ["tuesday"]},
            "range": {"type": "numbered", "numberOfOccurrences": 4, "startDate": "2031-03-04"},
        },
    });
    let (status, answer) = house.call("POST", &format!("/v1.0/users/{ORGANIZER}/events"), Some(&event));
    assert_eq!(status, 201, "{answer}");
    let members = json!({"members": ["ben@contoso.example", "cho@contoso.example", "dan@contoso.example"]});
    assert_eq!(house.call("PUT", "/sandbox/groups/support@contoso.example", Some(&members)).0, 204);
}

/// A home with the program on its path, and the examples where the page works on them.
fn prepare(folder: &Path, with_examples: bool) {
    for name in ["bin", "home"] {
        fs::create_dir(folder.join(name)).unwrap();
    }
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_convoke"), folder.join("bin/convoke")).unwrap();
    if !with_examples {
        return;
    }
    let copied = Command::new("cp").arg("-r").args([root().join("examples"), folder.join("home")]).status().unwrap();
    assert!(copied.success());
    // A copy starts anew, whatever was tried out in the clone.
    let _ = fs::remove_dir_all(folder.join("home/examples/.convoke"));
}

/// Runs a script as a new user would: with no variable but those that every login has.
fn shell(folder: &Path, script: &str) -> String {
    let path = format!("{}:/usr/local/bin:/usr/bin:/bin", folder.join("bin").display());
    let mut bash = Command::new("bash");
    bash.env_clear().env("PATH", path).env("HOME", folder.join("home")).env("LC_ALL", "C.UTF-8").env("USER", "alex");
    for role in ["AUTHOR", "COMMITTER"] {
        bash.env(format!("GIT_{role}_NAME"), "Alex").env(format!("GIT_{role}_EMAIL"), "alex@contoso.example");
    }
    let ended = bash.args(["-c", script]).current_dir(folder.join("home")).output().unwrap();
    let said = String::from_utf8(ended.stderr).unwrap();
    assert!(said.is_empty(), "the shell itself says: {said}\n{script}");
    String::from_utf8(ended.stdout).unwrap()
}

/// What was printed by each command, and its exit code.
fn outputs(printed: &str) -> Vec<(String, String)> {
    let mut rest = printed;
    let mut found = vec![];
    while let Some((text, after)) = rest.split_once(&format!("\n{MARK} ")) {
        let (code, after) = after.split_once('\n').unwrap();
        found.push((text.to_owned(), code.to_owned()));
        rest = after;
    }
    found
}

fn console(text: &str, block: usize) -> Vec<Typed> {
    let mut all: Vec<Typed> = vec![];
    for line in text.lines() {
        match (line.strip_prefix("$ "), all.last_mut()) {
            (Some(command), _) => {
                let (command, shown) = (command.to_owned(), Some(String::new()));
                all.push(Typed { command, shown, printed: String::new(), block });
            }
            (None, Some(Typed { shown: Some(shown), .. })) => *shown += &format!("{line}\n"),
            (None, _) => panic!("a session begins with `$ `, not with `{line}`"),
        }
    }
    all
}

fn commands(text: &str, block: usize) -> Vec<Typed> {
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    lines.map(|line| Typed { command: line.trim().to_owned(), shown: None, printed: String::new(), block }).collect()
}
