//! How long `validate` takes for 10,000 documents, in as few files as it takes and in a file each, beside the bare YAML parse of the same
//! text.
//! `VALIDATE_DOCUMENTS` is another number of both.
//!
//! Prints one line for each: `cargo bench --bench validate`. It asserts nothing: machines differ. The bare parse is measured twice:
//! the parser's own event loop, the least that any reader of YAML does, and the building of plain values, the least that is of use.

use convoke::face::manifest::{self, files};
use serde_yaml::granit_parser::Parser;
use std::fmt::Write;
use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// The program's own, for every row.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Documents in one file: a larger one is refused.
const MOST: usize = 20_000;
const RUNS: usize = 5;

fn main() -> anyhow::Result<()> {
    let documents = std::env::var("VALIDATE_DOCUMENTS").map_or(Ok(10_000), |text| text.parse())?;
    let folder = tempfile::tempdir()?;
    let (few, many) = (folder.path().join("few"), folder.path().join("many"));
    fs::create_dir(&few)?;
    fs::create_dir(&many)?;
    let mut text = String::new();
    for index in 0..documents {
        let document = document(index);
        fs::write(many.join(format!("{index:05}.yaml")), &document)?;
        write!(text, "---\n{document}")?;
    }
    let all: Vec<usize> = (0..documents).collect();
    for (place, part) in all.chunks(MOST).enumerate() {
        let part: Vec<String> = part.iter().map(|index| document(*index)).collect();
        fs::write(few.join(format!("{place}.yaml")), part.join("---\n"))?;
    }
    let (megabytes, lines) = (text.len() as f64 / 1e6, text.lines().count());
    println!("{documents} documents, {lines} lines, {megabytes:.1} MB; the best of {RUNS} runs");

    let bare = best(|| Parser::new_from_str(&text).filter_map(Result::ok).count());
    let values = best(|| {
        // No document here is hostile, so nothing is counted.
        let options = serde_yaml::options! { budget: None };
        serde_yaml::from_multiple_with_options::<serde_json::Value>(&text, options).map_or(0, |all| all.len())
    });
    println!("| what | time | of the events | of the plain values |\n|---|---|---|---|");
    let line = |what: &str, took: Duration| {
        let of = |other: Duration| took.as_secs_f64() / other.as_secs_f64();
        println!("| {what} | {} ms | {:.1} × | {:.1} × |", took.as_millis(), of(bare), of(values));
    };
    line("bare YAML parse: events only", bare);
    line("bare YAML parse: plain values", values);
    for (files, folder) in [(documents.div_ceil(MOST), &few), (documents, &many)] {
        let name = if files == 1 { "one file".to_owned() } else { format!("{files} files") };
        line(&format!("validate, {name}"), best(|| validate(folder, documents)));
    }
    Ok(())
}

/// What `convoke validate PATH` does, but for starting and printing.
fn validate(path: &PathBuf, documents: usize) -> usize {
    let sources = files::gather(std::slice::from_ref(path)).expect("the files were just written").sources;
    let manifests = manifest::read(sources, None);
    assert!(manifests.problems.is_empty() && manifests.documents == documents, "{:?}", manifests.problems.first());
    manifests.desired.len()
}

fn best(mut work: impl FnMut() -> usize) -> Duration {
    let run = |_| {
        let began = Instant::now();
        assert!(work() > 0);
        began.elapsed()
    };
    (0..RUNS).map(run).min().unwrap_or_default()
}

/// A usual event: a series with attendees, a body and meeting options.
fn document(index: usize) -> String {
    format!(
        "apiVersion: convoke.dev/v1
kind: Event
metadata:
  name: weekly-{index}
  labels: {{team: platform}}
spec:
  organizer: alex@contoso.example
  subject: Weekly {index}
  start: 2027-01-12T10:00
  duration: 45m
  timeZone: Europe/Berlin
  recurrence:
    pattern: {{type: weekly, interval: 1, daysOfWeek: [tuesday]}}
    range: {{type: endDate, endDate: 2027-06-29}}
  attendees:
    - adele@contoso.example
    - {{address: lidia@fabrikam.example, type: optional}}
    - {{address: room-baker@contoso.example, type: resource}}
  location: Room Baker
  body: |
    Agenda: **roadmap**, incidents, hiring.

    Notes are in the [team wiki](https://wiki.contoso.example/platform).
  isOnlineMeeting: true
  onlineMeetingProvider: teamsForBusiness
  meetingOptions:
    lobbyBypassSettings: {{scope: organization}}
    allowedPresenters: organizer
    recordAutomatically: true
"
    )
}
