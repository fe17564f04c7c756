//! What a state of 100,000 records costs: to write it whole, to write what has changed of it, and to read it again.
//!
//! `cargo bench --bench state` prints, for each: wall time and bytes. `STATE_RECORDS` changes the size, `STATE_CHANGED` how many of
//! them an entry holds.

use convoke::face::kind::KindId;
use convoke::face::model::{Key, Record};
use convoke::face::state::store::Store;
use convoke::face::state::{Locked, State, Taking};
use serde_json::json;
use std::path::Path;
use std::time::Instant;

#[tokio::main]
async fn main() {
    let number =
        |name: &str, other: usize| std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(other);
    let (records, changed) = (number("STATE_RECORDS", 100_000), number("STATE_CHANGED", 100).max(1));
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let path = folder.path().join("state.json");
    let state = taken(&path).await;
    println!("{records} records, {changed} of them in an entry\n| what | wall | bytes |\n|---|---|---|");
    let row = |name: &str, began: Instant, bytes: usize| {
        println!("| {name} | {:.4} s | {bytes} |", began.elapsed().as_secs_f64());
    };
    keep(&state, 0..records, 0);
    let began = Instant::now();
    state.save().await.expect("it can be written");
    let document = state.traffic().await.bytes;
    row("the whole document", began, document);
    let began = Instant::now();
    let mut groups = 0;
    for from in (0..records).step_by(changed) {
        keep(&state, from..records.min(from + changed), 1);
        if groups == 1 {
            let (began, before) = (Instant::now(), state.traffic().await.bytes);
            state.save().await.expect("it can be written");
            row("one entry", began, state.traffic().await.bytes - before);
        } else {
            state.save().await.expect("it can be written");
        }
        groups += 1;
    }
    row(&format!("{groups} entries, and the documents between"), began, state.traffic().await.bytes - document);
    drop(state);
    let began = Instant::now();
    let read = State::read(&Store::file(path.clone()), "bench").await.expect("it can be read");
    assert_eq!(read.records().resources.len(), records);
    row("reading what a killed apply left", began, bytes(folder.path()));
    let began = Instant::now();
    let state = taken(&path).await;
    row("folding it", began, state.traffic().await.bytes);
    let began = Instant::now();
    State::read(&Store::file(path.clone()), "bench").await.expect("it can be read");
    row("reading the document", began, bytes(folder.path()));
    let began = Instant::now();
    let found = (0..records).filter(|number| state.holder(&id(*number)).is_some()).count();
    assert_eq!(found, records);
    row(&format!("{records} ids looked up"), began, 0);
}

async fn taken(path: &Path) -> Locked {
    Locked::take(Store::file(path.to_owned()), "bench", &Taking::default()).await.expect("nobody else has it")
}

/// As much as a meeting leaves behind: an id and a join link of the lengths that Teams has, and fingerprints.
fn keep(state: &Locked, numbers: std::ops::Range<usize>, counter: u64) {
    for number in numbers {
        let prints = json!({"subject": "1f1260ddd485", "startDateTime": "85136c1a6dc8", "endDateTime": "9a2649c7c63a"});
        let record: Record = serde_json::from_value(json!({
            "organizer": format!("user{}@contoso.example", number % 200),
            "id": id(number),
            "joinWebUrl": format!("https://teams.microsoft.com/l/meetup-join/{number:0>190}"),
            "applied": {"f": prints, "n": counter},
            "landed": {"fields": prints},
        }))
        .expect("it is a record");
        state.keep(&Key::new(KindId::OnlineMeeting, format!("room-{number}")), record);
    }
}

fn id(number: usize) -> String {
    format!("MSo{number:0>140}")
}

fn bytes(folder: &Path) -> usize {
    let files = std::fs::read_dir(folder).expect("the folder can be read");
    files.map(|file| file.and_then(|file| file.metadata()).expect("it can be looked at").len() as usize).sum()
}
