//! Apply and plan of many events over many mailboxes, against the twin with a latency, by the real program.
//!
//! `cargo bench --bench scale` prints, for each command: wall time, peak memory, requests and round trips, and the bound that
//! request count, latency and limits allow (four in flight for a mailbox and within a batch, `--parallelism` over all), with
//! the ratio of the two. The bound knows only of waiting: reading manifests and answers, planning, and the twin's own work on
//! the same cores come on top. What the twin and the wire need of that, the row `bare` tells: the very requests of the plan,
//! sent once more side by side by a client that throws the answers away.
//! What grows how fast stands beneath. `SCALE_EVENTS` is the largest size that is measured; 10,000 if it is left out.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

const LATENCY: Duration = Duration::from_millis(50);

/// Events, mailboxes, and requests in flight at once.
const SIZES: [(usize, usize, usize); 3] = [(1_000, 20, 32), (10_000, 200, 32), (100_000, 5_000, 128)];

const COMMANDS: [(&str, &[&str]); 3] =
    [("apply", &["apply", "--yes"]), ("plan, nothing to do", &["plan"]), ("validate", &["validate"])];

fn main() {
    let largest = std::env::var("SCALE_EVENTS").map_or(10_000, |text| text.parse().expect("SCALE_EVENTS is a number"));
    println!("{} ms latency; events / mailboxes / --parallelism", LATENCY.as_millis());
    println!("| size | command | wall | peak memory | requests | round trips | bound | ratio |");
    println!("|---|---|---|---|---|---|---|---|");
    let sizes = SIZES.into_iter().filter(|(events, ..)| *events <= largest);
    let all: Vec<(usize, Vec<Ran>)> = sizes.map(|size| (size.0, measured(size))).collect();
    let [(fewest, first), .., (most, last)] = &all[..] else { return };
    println!("\nFrom {fewest} to {most} events, as a power of their number:");
    println!("| command | wall | peak memory |\n|---|---|---|");
    let power = |from: f64, to: f64| (to / from).ln() / (*most as f64 / *fewest as f64).ln();
    for ((name, _), (from, to)) in COMMANDS.iter().zip(first.iter().zip(last)) {
        let wall = power(from.wall.as_secs_f64(), to.wall.as_secs_f64());
        println!("| {name} | {wall:.2} | {:.2} |", power(from.peak_kb as f64, to.peak_kb as f64));
    }
}

/// Prints what each command took at a size, and returns it.
fn measured((events, mailboxes, parallelism): (usize, usize, usize)) -> Vec<Ran> {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let workspace = "apiVersion: convoke.dev/v1\nkind: Workspace\nmetadata: {name: scale}\nspec: {prune: cancel, defaults: {timeZone: \
                     Europe/Berlin, onlineMeetingProvider: teamsForBusiness}}\n";
    std::fs::write(folder.path().join("convoke.yaml"), workspace).expect("a manifest can be written");
    for mailbox in 0..mailboxes {
        let file = folder.path().join(format!("user{mailbox}.yaml"));
        std::fs::write(file, manifests(events, mailboxes, mailbox)).expect("a manifest can be written");
    }
    let mut twin = Twin::start();
    let size = format!("{events} / {mailboxes} / {parallelism}");
    let all = COMMANDS.map(|(name, args)| {
        let ran = run(&twin.url, &twin.token, folder.path(), args, parallelism);
        let rounds = ran.rounds(parallelism, mailboxes);
        let bound = LATENCY.as_secs_f64() * rounds as f64;
        let row = |name: &str, wall: Duration, memory: &str| {
            let wall = wall.as_secs_f64();
            let ratio = if rounds == 0 { "–".into() } else { format!("{:.2}", wall / bound) };
            let (requests, trips) = (ran.requests, ran.round_trips);
            println!("| {size} | {name} | {wall:.2} s | {memory} | {requests} | {trips} | {bound:.2} s | {ratio} |");
        };
        row(name, ran.wall, &format!("{} MB", ran.peak_kb / 1024));
        if args == ["plan"] {
            row("from its first request to its last answer", ran.span, "–");
            let recorder = Recorder::start(&twin.url);
            run(&recorder.url, &twin.token, folder.path(), args, parallelism);
            row("the same, bare", recorder.again().expect("the twin answers"), "–");
        }
        ran
    });
    twin.child.kill().expect("the twin runs");
    twin.child.wait().expect("it was killed");
    all.into()
}

/// The events of one mailbox.
fn manifests(events: usize, mailboxes: usize, mailbox: usize) -> String {
    let event = |number: usize| {
        format!(
            "apiVersion: convoke.dev/v1\nkind: Event\nmetadata: {{name: e{number}}}\nspec:\n  organizer: user{}@contoso.example\n  \
             subject: Event {number}\n  start: 2027-03-{:02}T10:00\n  duration: 45m\n  attendees: [adele@contoso.example]\n  \
             body: \"Agenda of **event {number}**\"\n  isOnlineMeeting: true\n",
            number % mailboxes,
            1 + number % 28
        )
    };
    (mailbox..events).step_by(mailboxes).map(event).collect::<Vec<_>>().join("---\n")
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

/// Stands between the program and the twin, and keeps the requests byte for byte.
struct Recorder {
    url: String,
    twin: String,
    requests: Arc<Mutex<Vec<Vec<u8>>>>,
}

impl Recorder {
    fn start(twin: &str) -> Recorder {
        let twin = twin.trim_start_matches("http://").trim_end_matches("/v1.0").to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let url = format!("http://{}/v1.0", listener.local_addr().expect("it is bound"));
        let requests = Arc::new(Mutex::new(vec![]));
        let (kept, to) = (requests.clone(), twin.clone());
        std::thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let (kept, to) = (kept.clone(), to.clone());
                // A connection that ends is the end of its thread.
                std::thread::spawn(move || pass_on(client, &to, &kept));
            }
        });
        Recorder { url, twin, requests }
    }

    /// Sends all requests once more, each on a connection of its own, and returns how long it took to have the answers.
    fn again(&self) -> io::Result<Duration> {
        let requests = self.requests.lock().expect("no thread panics with it");
        let began = Instant::now();
        std::thread::scope(|scope| {
            let send = |request| move || message(&mut sent(&self.twin, request)?).map(|_| ());
            let all: Vec<_> = requests.iter().map(|request| scope.spawn(send(request))).collect();
            all.into_iter().try_for_each(|one| one.join().expect("no thread panics"))
        })?;
        Ok(began.elapsed())
    }
}

fn pass_on(mut client: TcpStream, to: &str, kept: &Mutex<Vec<Vec<u8>>>) -> io::Result<()> {
    loop {
        let request = addressed(&message(&mut client)?, to);
        let answer = message(&mut sent(to, &request)?)?;
        kept.lock().expect("no thread panics with it").push(request);
        client.write_all(&answer)?;
    }
}

/// The same request to the twin, which answers to its own name alone.
fn addressed(request: &[u8], to: &str) -> Vec<u8> {
    let end = request.windows(4).position(|it| it == b"\r\n\r\n").unwrap_or(request.len());
    let (head, body) = request.split_at(end);
    let head = String::from_utf8_lossy(head);
    let is_host = |line: &str| line.to_ascii_lowercase().starts_with("host:");
    let lines = head.split("\r\n").map(|line| if is_host(line) { format!("host: {to}") } else { line.to_owned() });
    [lines.collect::<Vec<_>>().join("\r\n").as_bytes(), body].concat()
}

fn sent(to: &str, request: &[u8]) -> io::Result<TcpStream> {
    let mut stream = TcpStream::connect(to)?;
    stream.write_all(request)?;
    Ok(stream)
}

/// Reads one request or answer whose length stands in its head.
fn message(from: &mut TcpStream) -> io::Result<Vec<u8>> {
    let (mut head, mut byte) = (vec![], [0]);
    while !head.ends_with(b"\r\n\r\n") {
        from.read_exact(&mut byte)?;
        head.push(byte[0]);
    }
    let text = String::from_utf8_lossy(&head).to_ascii_lowercase();
    let length = text.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    from.read_exact(&mut body)?;
    head.extend(body);
    Ok(head)
}

struct Ran {
    wall: Duration,
    peak_kb: usize,
    requests: usize,
    round_trips: usize,
    writes: usize,
    span: Duration,
}

impl Ran {
    /// How often it had to wait for an answer, as limits and parallelism allow.
    fn rounds(&self, parallelism: usize, mailboxes: usize) -> usize {
        let at_once = parallelism.min(4 * mailboxes);
        // Of a batch at most four requests run at once (throttling-limits.md).
        let reads = self.requests - self.writes;
        let batch = reads.div_ceil((self.round_trips - self.writes).max(1)).div_ceil(4);
        self.writes.div_ceil(at_once) + batch * (self.round_trips - self.writes).div_ceil(at_once)
    }
}

fn run(url: &str, token: &str, folder: &std::path::Path, args: &[&str], parallelism: usize) -> Ran {
    let mut command = Command::new(env!("CARGO_BIN_EXE_convoke"));
    command.current_dir(folder).args(args).args(["-v", "--parallelism", &parallelism.to_string()]);
    command.env("CONVOKE_GRAPH_URL", url).env("CONVOKE_ACCESS_TOKEN", token);
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
    // `400 requests in 20 round trips and 0.47 s, 0 writes; …`
    let line = said.lines().find(|line| line.contains(" in ") && line.contains(" write")).unwrap_or_default();
    let numbers: Vec<usize> = line.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    let seconds = line.split_whitespace().filter(|word| word.contains('.')).find_map(|word| word.parse().ok());
    assert!(line.is_empty() || seconds.is_some(), "{line}");
    let span = Duration::from_secs_f64(seconds.unwrap_or(0.0));
    let at = |place: usize| numbers.get(place).copied().unwrap_or(0);
    Ran { wall, peak_kb, requests: at(0), round_trips: at(1), writes: at(2), span }
}
