//! Apply and plan of many events over many mailboxes, against the twin with a latency, by the real program.
//!
//! `cargo bench --bench scale` prints, for each command: wall time, peak memory, requests and round trips, and the bound that
//! request count, latency and limits allow (four in flight for a mailbox and within a batch, `--parallelism` over all), with
//! the ratio of the two. The bound knows only of waiting: reading manifests and answers, planning, and the twin's own work on
//! the same cores come on top.
//! `SCALE_EVENTS`, `SCALE_MAILBOXES` and `SCALE_PARALLELISM` change the size.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const LATENCY: Duration = Duration::from_millis(50);

fn main() {
    let number =
        |name: &str, other: usize| std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(other);
    let (events, mailboxes) = (number("SCALE_EVENTS", 10_000), number("SCALE_MAILBOXES", 200));
    let parallelism = number("SCALE_PARALLELISM", 32);
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let workspace = "apiVersion: convoke/v1\nkind: Workspace\nmetadata: {name: scale}\nspec: {prune: cancel, defaults: {timeZone: \
                     Europe/Berlin, onlineMeetingProvider: teamsForBusiness}}\n";
    std::fs::write(folder.path().join("convoke.yaml"), workspace).expect("a manifest can be written");
    std::fs::write(folder.path().join("events.yaml"), manifests(events, mailboxes)).expect("a manifest can be written");

    let mut twin = Twin::start();
    println!(
        "{events} events over {mailboxes} mailboxes, {} ms latency, --parallelism {parallelism}",
        LATENCY.as_millis()
    );
    println!(
        "| command | wall | peak memory | requests | round trips | bound | ratio |\n|---|---|---|---|---|---|---|"
    );
    for (name, args) in
        [("apply", &["apply", "--yes"][..]), ("plan, nothing to do", &["plan"]), ("validate", &["validate"])]
    {
        let ran = run(&twin, folder.path(), args, parallelism);
        let at_once = parallelism.min(4 * mailboxes);
        // Of a batch at most four requests run at once (throttling-limits.md).
        let reads = ran.requests - ran.writes;
        let batch = reads.div_ceil((ran.round_trips - ran.writes).max(1)).div_ceil(4);
        let rounds = ran.writes.div_ceil(at_once) + batch * (ran.round_trips - ran.writes).div_ceil(at_once);
        let bound = LATENCY * rounds as u32;
        let ratio =
            if rounds == 0 { "–".into() } else { format!("{:.2}", ran.wall.as_secs_f64() / bound.as_secs_f64()) };
        println!(
            "| {name} | {:.2} s | {} MB | {} | {} | {:.2} s | {ratio} |",
            ran.wall.as_secs_f64(),
            ran.peak_kb / 1024,
            ran.requests,
            ran.round_trips,
            bound.as_secs_f64()
        );
    }
    twin.child.kill().expect("the twin runs");
}

fn manifests(events: usize, mailboxes: usize) -> String {
    let event = |number: usize| {
        format!(
            "apiVersion: convoke/v1\nkind: Event\nmetadata: {{name: e{number}}}\nspec:\n  organizer: user{}@contoso.example\n  \
             subject: Event {number}\n  start: 2027-03-{:02}T10:00\n  duration: 45m\n  attendees: [adele@contoso.example]\n  \
             body: \"Agenda of **event {number}**\"\n  isOnlineMeeting: true\n",
            number % mailboxes,
            1 + number % 28
        )
    };
    (0..events).map(event).collect::<Vec<_>>().join("---\n")
}

struct Twin {
    child: Child,
    url: String,
    token: String,
}

impl Twin {
    fn start() -> Twin {
        let mut command = Command::new(env!("CARGO_BIN_EXE_convoke"));
        command.args(["sandbox", "--latency", &format!("{}ms", LATENCY.as_millis())]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("the twin starts");
        let mut lines = BufReader::new(child.stdout.take().expect("it is piped")).lines();
        let mut export = || lines.next().and_then(Result::ok).expect("the twin prints two lines");
        let (url, token) = (export(), export());
        let value = |line: &str| line.split_once('=').expect("an export has a value").1.to_owned();
        Twin { child, url: value(&url), token: value(&token) }
    }
}

struct Ran {
    wall: Duration,
    peak_kb: usize,
    requests: usize,
    round_trips: usize,
    writes: usize,
}

fn run(twin: &Twin, folder: &std::path::Path, args: &[&str], parallelism: usize) -> Ran {
    let mut command = Command::new(env!("CARGO_BIN_EXE_convoke"));
    command.current_dir(folder).args(args).args(["-v", "--parallelism", &parallelism.to_string()]);
    command.env("CONVOKE_GRAPH_URL", &twin.url).env("CONVOKE_ACCESS_TOKEN", &twin.token);
    let began = Instant::now();
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("convoke starts");
    let mut stderr = child.stderr.take().expect("it is piped");
    let reader = std::thread::spawn(move || {
        let mut text = String::new();
        stderr.read_to_string(&mut text).map(|_| text)
    });
    let (mut peak_kb, status) = (0, format!("/proc/{}/status", child.id()));
    let ended = loop {
        let memory = std::fs::read_to_string(&status).unwrap_or_default();
        let line = memory.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        peak_kb = line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(peak_kb);
        match child.try_wait().expect("convoke can be waited for") {
            Some(ended) => break ended,
            None => std::thread::sleep(Duration::from_millis(5)),
        }
    };
    let wall = began.elapsed();
    let said = reader.join().expect("the reader ends").expect("standard error is text");
    assert!(ended.success(), "{said}");
    // `400 requests in 20 round trips, 0 writes; …`
    let line = said.lines().find(|line| line.contains(" in ") && line.contains(" write")).unwrap_or_default();
    let numbers: Vec<usize> = line.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    let at = |place: usize| numbers.get(place).copied().unwrap_or(0);
    Ran { wall, peak_kb, requests: at(0), round_trips: at(1), writes: at(2) }
}
