//! Where a hostile pull request is planned: a repository with things of value around it, and everything that happens is seen.

use crate::support::{self, House};
use convoke::face::sandbox::Options;
use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::mpsc;
use std::time::Duration;

/// A debug build on a busy machine takes this long at most for what is bounded.
const PATIENCE: Duration = Duration::from_secs(60);
/// Address space, in kilobytes: the threads of the runtime reserve some.
const MEMORY: &str = "3000000";
/// What a run may print, in bytes: for people, and for machines, which are told of a thousand problems with their places.
const OUTPUT: usize = 200_000;
const OUTPUT_FOR_MACHINES: usize = 1_500_000;
/// Stands in every file that is not the pull request's, and in the token: none of it may be printed.
const SECRET: &str = "canary-5f3a9";
/// Who the job signs in as, where it does.
const TENANT: &str = "11111111-1111-4111-a111-111111111111";
const APP: &str = "22222222-2222-4222-a222-222222222222";
/// Programs that might be started by name.
#[cfg(unix)]
const PROGRAMS: [&str; 7] = ["az", "azd", "curl", "git", "open", "pwsh", "sh"];

/// What becomes of a pull request.
#[derive(Clone, Debug)]
pub enum Expect {
    /// Refused with these words at a place in a file, before anything is asked of Graph.
    Refused(String),
    /// Failed with these words.
    Failed(String),
    /// Planned, with these words in the report.
    Inert(String),
}

impl Expect {
    /// Reads the first line of a hostile file.
    pub fn read(line: &str) -> Option<Expect> {
        let (kind, words) = line.trim_start_matches('\u{feff}').strip_prefix("# ")?.split_once(": ")?;
        let make = match kind {
            "refused" => Expect::Refused,
            "failed" => Expect::Failed,
            "inert" => Expect::Inert,
            _ => return None,
        };
        (!words.trim().is_empty()).then(|| make(words.trim().to_owned()))
    }
}

/// A repository in a folder of its own, with the twin as the one server that the environment names.
pub struct Stage {
    house: House,
    root: tempfile::TempDir,
    /// Where every request would arrive that goes to another host.
    elsewhere: TcpListener,
    /// The secret of an app instead of a ready token, and Graph where the workspace says.
    pub signs_in: bool,
}

impl Stage {
    /// Lays out the repository and its neighbours.
    pub fn new() -> Stage {
        let house = House::new(Options::default());
        let stage = Stage {
            house,
            root: tempfile::tempdir().unwrap(),
            elsewhere: TcpListener::bind("127.0.0.1:0").unwrap(),
            signs_in: false,
        };
        for file in ["victims/Cargo.toml", "victims/Cargo.lock", "home/.netrc", "home/.ssh/authorized_keys"] {
            stage.write(file, format!("password {SECRET}\n"));
        }
        stage.write("victims/foreign.json", format!("{{\"{SECRET}\": 1}}\n"));
        stage.write("victims/foreign.lock", SECRET);
        stage.write("repo/package.json", format!("{{\"name\": \"{SECRET}\"}}\n"));
        stage.write("repo/package.lock", SECRET);
        stage.write("repo/.git/HEAD", "ref: refs/heads/main\n");
        #[cfg(unix)]
        for program in PROGRAMS {
            use std::os::unix::fs::PermissionsExt;
            stage.write(
                &format!("bin/{program}"),
                format!("#!/bin/sh\necho {program} > {}\n", stage.path("started").display()),
            );
            fs::set_permissions(stage.path(&format!("bin/{program}")), fs::Permissions::from_mode(0o755)).unwrap();
        }
        stage
    }

    /// The place of something below the root; the repository is `repo`.
    pub fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    /// Writes a file below the root.
    pub fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Writes the one text of a pull request: the workspace, or a manifest beside a workspace that nobody has touched.
    pub fn manifest(&self, text: &str) {
        let text = text.replace("@ROOT@", &self.root.path().display().to_string());
        match text.contains("kind: Workspace") {
            true => self.write("repo/convoke.yaml", text),
            false => {
                self.write("repo/convoke.yaml", support::WORKSPACE);
                self.write("repo/manifests.yaml", text);
            }
        }
    }

    /// Runs the program in the repository as a pipeline does; returns what is wrong with what came of it.
    pub fn run(&self, pipeline: &str, args: &[&str], expect: &Expect) -> Vec<String> {
        let before = self.snapshot();
        let output = finish(self.program(pipeline, args));
        let mut wrong = match &output {
            None => vec![format!("not done after {PATIENCE:?}")],
            Some(output) => judge(output, args, expect),
        };
        wrong.extend(changes(&before, &self.snapshot()));
        wrong.extend(self.asked(expect));
        wrong.into_iter().map(|it| format!("{pipeline} {}: {it}", args.join(" "))).collect()
    }

    fn program(&self, pipeline: &str, args: &[&str]) -> Command {
        let convoke = env!("CARGO_BIN_EXE_convoke");
        let mut command = match cfg!(unix) {
            true => {
                let mut command = Command::new("/bin/sh");
                command.args(["-c", &format!("ulimit -v {MEMORY} && exec \"$0\" \"$@\""), convoke]);
                command
            }
            false => Command::new(convoke),
        };
        let other = format!("http://{}", self.elsewhere.local_addr().unwrap());
        command.args(args).current_dir(self.path("repo")).env_clear().stdin(Stdio::null());
        command.env("PATH", self.path("bin")).env("HOME", self.path("home")).env("NO_COLOR", "1").env(pipeline, "true");
        match self.signs_in {
            true => {
                command.env("AZURE_TENANT_ID", TENANT).env("AZURE_CLIENT_ID", APP).env("AZURE_CLIENT_SECRET", SECRET)
            }
            false => command.env("CONVOKE_GRAPH_URL", &self.house.sandbox().url).env("CONVOKE_ACCESS_TOKEN", SECRET),
        };
        command.env("HTTPS_PROXY", &other).env("HTTP_PROXY", &other).env("NO_PROXY", "127.0.0.1");
        command
    }

    /// What was asked of which server and should not have been.
    fn asked(&self, expect: &Expect) -> Vec<String> {
        let mut wrong = vec![];
        let counts = self.house.sandbox().counts();
        if matches!(expect, Expect::Refused(_)) && counts.requests > 0 {
            wrong.push(format!("{} requests, although it was refused offline", counts.requests));
        }
        if counts.writes.values().sum::<u64>() > 0 {
            wrong.push(format!("it has written: {:?}", counts.writes));
        }
        self.elsewhere.set_nonblocking(true).unwrap();
        while let Ok((mut stream, _)) = self.elsewhere.accept() {
            let mut head = [0; 200];
            let read = stream.read(&mut head).unwrap_or_default();
            wrong.push(format!("it has asked another host: {}", String::from_utf8_lossy(&head[..read])));
        }
        wrong
    }

    /// Every file around the repository and in it, but for what is below the program's own folder.
    fn snapshot(&self) -> BTreeMap<PathBuf, String> {
        let mut found = BTreeMap::new();
        look(self.root.path(), &self.path("repo/.convoke"), &mut found);
        found
    }
}

/// Notes what stands in a folder, and follows no link.
fn look(folder: &Path, own: &Path, found: &mut BTreeMap<PathBuf, String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let about = fs::symlink_metadata(&path).unwrap();
        let kind = about.file_type();
        if kind.is_dir() {
            if path != own {
                found.insert(path.clone(), format!("{:?}", about.permissions()));
                look(&path, own, found);
            }
            continue;
        }
        let text = match () {
            () if kind.is_symlink() => fs::read_link(&path).unwrap().into_os_string().into_encoded_bytes(),
            () if kind.is_file() => fs::read(&path).unwrap(),
            () => vec![],
        };
        let when = about.modified().unwrap();
        found.insert(path, format!("{kind:?} {:?} {when:?} {}", about.permissions(), String::from_utf8_lossy(&text)));
    }
}

fn changes(before: &BTreeMap<PathBuf, String>, after: &BTreeMap<PathBuf, String>) -> Vec<String> {
    let paths = before.keys().chain(after.keys().filter(|path| !before.contains_key(*path)));
    let touched = paths.filter(|path| before.get(*path) != after.get(*path));
    touched.map(|path| format!("it has touched {}", path.display())).collect()
}

/// Waits for the end of a program; one that does not come to it in time is ended.
fn finish(mut command: Command) -> Option<Output> {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let (send, receive) = mpsc::channel();
    let pipes: [Box<dyn Read + Send>; 2] =
        [Box::new(child.stdout.take().unwrap()), Box::new(child.stderr.take().unwrap())];
    for (place, mut pipe) in pipes.into_iter().enumerate() {
        let send = send.clone();
        std::thread::spawn(move || {
            let mut bytes = vec![];
            let _ = pipe.read_to_end(&mut bytes);
            let _ = send.send((place, bytes));
        });
    }
    let mut texts = [vec![], vec![]];
    for _ in 0..2 {
        let Ok((place, bytes)) = receive.recv_timeout(PATIENCE) else {
            child.kill().unwrap();
            child.wait().unwrap();
            return None;
        };
        texts[place] = bytes;
    }
    let [stdout, stderr] = texts;
    Some(Output { status: child.wait().unwrap(), stdout, stderr })
}

/// What is wrong with what a run said.
fn judge(output: &Output, args: &[&str], expect: &Expect) -> Vec<String> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (out, err, code) = (text(&output.stdout), text(&output.stderr), output.status.code());
    let shown: String = format!("{out}{err}").chars().take(1500).collect();
    let mut wrong = vec![];
    let mut demand = |holds: bool, what: &str| {
        if !holds {
            wrong.push(format!("{what}: exit {code:?}, {} bytes: {shown:?}", out.len() + err.len()));
        }
    };
    let (validate, machine) = (args[0] == "validate", args.contains(&"sarif") || args.contains(&"json"));
    let says = |words: &str| plain(&format!("{out} {err}")).contains(&plain(words));
    match expect {
        Expect::Refused(words) => {
            demand(code == Some(1), "it is not refused");
            demand(machine || says(words), &format!("it does not say `{words}`"));
            demand(machine || err.contains("--> "), "no place is named");
        }
        Expect::Failed(words) => {
            demand(validate || (code == Some(1) && says(words)), &format!("it does not fail with `{words}`"))
        }
        Expect::Inert(words) => {
            demand(code == Some(0), "it is not planned");
            demand(validate || machine || says(words), &format!("it does not show `{words}`"));
        }
    }
    if machine && !out.is_empty() {
        demand(serde_json::from_str::<serde_json::Value>(&out).is_ok(), "no JSON");
    }
    for said in [&out, &err] {
        demand(!said.contains("panicked"), "a panic");
        demand(!said.contains(SECRET) && !said.contains("meetup-join"), "a secret");
        demand(said.len() <= if machine { OUTPUT_FOR_MACHINES } else { OUTPUT }, "too much is printed");
        demand(!said.chars().any(acts_on_a_terminal), "a sign that a terminal obeys");
        demand(!said.lines().any(orders_a_runner), "a line that a runner obeys");
    }
    wrong
}

/// A text in one line, as it was before its lines were broken and underlined.
fn plain(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Control signs but for line ends, and what turns or breaks lines of text.
fn acts_on_a_terminal(sign: char) -> bool {
    (sign.is_control() && sign != '\n')
        || matches!(sign, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Whether GitHub's or Azure's runner takes a line for a command: `##[` and `##vso[` anywhere, `::` behind blanks.
fn orders_a_runner(line: &str) -> bool {
    let line = line.to_ascii_lowercase();
    line.contains("##[") || line.contains("##vso[") || line.trim_start().starts_with("::")
}
