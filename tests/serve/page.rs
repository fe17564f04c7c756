//! What the page on `serve` shows is what happens: its log, its requests, its unit.

use crate::support::House;
use crate::support::serving::Serving;
use convoke::face::cli::command;
use convoke::face::sandbox::Options;
use std::fs;
use std::path::Path;

const PAGE: &str = "docs/how-to/serve.md";

fn text(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

/// The blocks of one sort on the page, in their order.
fn blocks(sort: &str) -> Vec<String> {
    let (page, begins) = (text(PAGE), format!("```{sort}\n"));
    let found = page.split(&begins).skip(1);
    found.map(|it| it.split("```").next().unwrap().to_owned()).collect()
}

/// A log without its times, ids and port.
fn timeless(log: &str) -> Vec<String> {
    let shape = |word: &str| match word.trim_matches(|it: char| !it.is_ascii_alphanumeric()) {
        it if [12, 64].contains(&it.len()) && it.bytes().all(|it| it.is_ascii_hexdigit()) => word.replace(it, "ID"),
        _ if word.starts_with("http://127.0.0.1:") => "http://127.0.0.1:PORT".to_owned(),
        _ => word.to_owned(),
    };
    let line = |line: &str| line.split(' ').skip(1).map(shape).collect::<Vec<_>>().join(" ");
    log.lines().map(line).collect()
}

/// Sends what a line of curl does, with an id in its place.
fn curl(serving: &Serving, line: &str, id: &str) -> u16 {
    let path = line.rsplit("127.0.0.1:8484").next().unwrap();
    let Some((_, body)) = line.split_once("-d '") else { return serving.get(path).0 };
    assert!(line.contains("-H 'content-type: application/json'"), "{line}");
    serving.post(path, &body.split('\'').next().unwrap().replace("ID", id)).0
}

#[test]
fn the_page_shows_the_log_of_its_story_and_requests_that_are_taken() {
    let house = House::new(Options::default());
    for name in ["convoke.yaml", "interviews.yaml"] {
        house.write(name, &blocks(&format!("yaml {name}")).concat());
    }
    let serving = Serving::start(&house, &[]);
    assert_eq!(serving.reconcile(), "applied", "{}", serving.log());
    let all = fs::read_to_string(house.path("interviews.yaml")).unwrap();
    let (rows, _) = all.split_once("{name: ben").unwrap();
    let (_, rest) = all.split_once("]\n").unwrap();
    house.write("interviews.yaml", &format!("{}]\n{rest}", rows.trim_end_matches(", ")));
    assert_eq!(serving.reconcile(), "pending", "{}", serving.log());
    let id = serving.pending()["planId"].as_str().unwrap().to_owned();
    let lines: Vec<String> = blocks("sh").concat().lines().map(str::to_owned).collect();
    let lines: Vec<&String> = lines.iter().filter(|line| line.starts_with("curl ")).collect();
    assert_eq!(lines.len(), 3);
    for line in lines {
        assert_eq!(curl(&serving, line, &id), 200, "{line}");
    }
    let log = serving.stop();
    let shown = blocks("text").concat();
    if std::env::var_os("UPDATE").is_some() && timeless(&shown) != timeless(&log) {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(PAGE);
        let port = format!("{}\n", log.replace(&serving_port(&log), "8484"));
        return fs::write(file, text(PAGE).replace(&shown, &port)).unwrap();
    }
    assert_eq!(timeless(&shown), timeless(&log), "UPDATE=1 cargo test --locked --test all serve:: writes it anew");
}

/// The port that a log tells.
fn serving_port(log: &str) -> String {
    log.lines().next().unwrap().rsplit(':').next().unwrap().to_owned()
}

#[test]
fn units_start_commands_that_there_are_and_the_page_shows_one_of_them() {
    let names = ["convoke.service", "convoke-apply.service"];
    for name in names {
        let unit = text(&format!("deploy/systemd/{name}"));
        let start = unit.lines().find_map(|line| line.strip_prefix("ExecStart=")).unwrap();
        command().try_get_matches_from(start.split(' ')).unwrap_or_else(|error| panic!("{name}: {error}"));
    }
    assert!(text("deploy/systemd/convoke.service").contains(&blocks("ini").concat()));
    let job = text("deploy/cron-job/cron-job.yaml");
    let args = job.lines().find_map(|line| line.trim().strip_prefix("args: [apply, ")?.strip_suffix(']')).unwrap();
    let typed = ["convoke", "apply"].into_iter().chain(args.split(", "));
    command().try_get_matches_from(typed).unwrap_or_else(|error| panic!("{error}"));
}
