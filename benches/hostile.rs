//! What hostile input costs: twice as much of it must take about twice as long, of every kind.
//!
//! Prints one line for each kind, and fails where the double takes more than 2.2 times: `cargo bench --bench hostile`. What
//! is measured is what the fuzz targets do: a manifest is read and its problems are shown in every format; what Graph
//! answers is planned against and shown; a list is read from a server that never ends it.

#[path = "../fuzz/src/lib.rs"]
#[allow(dead_code, unused_imports, reason = "the targets that are not measured")]
mod targets;

use axum::Router;
use convoke::face::graph::{Client, Get, Settings, Token};
use convoke::face::kind::{body, workspace};
use convoke::face::manifest::files::Source;
use convoke::face::model::{Calendar, Have, Live, Mailbox, Records};
use convoke::face::plan::{self, Input, Policy};
use convoke::face::{manifest as manifests, render, report};
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use std::alloc::{GlobalAlloc, Layout};
use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};

/// The program's own, and how much of it is taken.
struct Counted {
    mimalloc: mimalloc::MiMalloc,
    taken: AtomicUsize,
    most: AtomicUsize,
}

#[global_allocator]
static ALLOCATOR: Counted =
    Counted { mimalloc: mimalloc::MiMalloc, taken: AtomicUsize::new(0), most: AtomicUsize::new(0) };

// SAFETY: all is passed on as it comes.
unsafe impl GlobalAlloc for Counted {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let taken = self.taken.fetch_add(layout.size(), Relaxed) + layout.size();
        self.most.fetch_max(taken, Relaxed);
        // SAFETY: the caller's.
        unsafe { self.mimalloc.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        self.taken.fetch_sub(layout.size(), Relaxed);
        // SAFETY: the caller's.
        unsafe { self.mimalloc.dealloc(at, layout) }
    }
}

const RUNS: usize = 5;
/// More than twice as long, by more than machines differ from one moment to the next.
const MOST: f64 = 2.2;
/// What is measured anew before it is believed to grow too fast: another program may have been busy.
const ROUNDS: usize = 3;

/// Hostile input of one kind: its name, what reads it, how much of it is measured, and how it is made.
struct Kind(&'static str, fn(&[u8]), usize, fn(usize) -> String);

const KINDS: &[Kind] = &[
    Kind("one key, again and again", manifest, 200_000, |n| "a: 1\n".repeat(n)),
    Kind("many keys, each twice", manifest, 50_000, |n| lines(n, |it| format!("k{it}: 1\n")).repeat(2)),
    Kind("keys twice in one long line", manifest, 100_000, |n| format!("x: [{}]\n", "{a: 1, a: 2}, ".repeat(n))),
    Kind("documents of no kind", manifest, 50_000, |n| "---\nkind: Foo\n".repeat(n)),
    Kind("unknown properties", manifest, 100_000, |n| format!("kind: Event\n{}", lines(n, |it| format!("k{it}: 1\n")))),
    Kind("mappings in mappings", manifest, 4_000, |n| {
        format!("x: {}{}\n---\n", "{a: ".repeat(60), "}".repeat(60)).repeat(n)
    }),
    Kind("aliases", manifest, 100_000, |n| format!("a: &a [x, y]\nb: [{}]\n", "*a, ".repeat(n))),
    Kind("a long text", manifest, 5_000_000, |n| event(&format!("subject: {}", "x".repeat(n)))),
    Kind("a long key", manifest, 10_000_000, |n| event(&format!("{}: 1", "k".repeat(n)))),
    Kind("names in a chain", manifest, 3_000, |n| lines(n, renamed)),
    Kind("attendees", manifest, 50_000, |n| {
        event(&format!("attendees: [{}]", lines(n, |it| format!("a{it}@b.example, "))))
    }),
    Kind("one attendee, again and again", manifest, 50_000, |n| {
        event(&format!("attendees: [{}]", "a@b.example, ".repeat(n)))
    }),
    Kind("exceptions on no date", manifest, 2_000, |n| {
        event(&format!("{EVERY_WEEK}\n  exceptions:\n{}", lines(n, wednesday)))
    }),
    Kind("rules of recurrence", manifest, 500_000, |n| {
        event(&format!("recurrence: 'RRULE:FREQ=MONTHLY;BYDAY={}MO'", lines(n, |it| format!("{}TU,", it % 5 + 1))))
    }),
    Kind("Markdown: quotes in quotes", manifest, 500_000, |n| event(&format!("body: '{} x'", ">".repeat(n)))),
    Kind("Markdown: lists in lists", manifest, 30_000, |n| event(&format!("body: |\n{}", "    - - - - x\n".repeat(n)))),
    Kind("Markdown: stars", manifest, 50_000, |n| event(&format!("body: '{}'", "*a_ ".repeat(n)))),
    Kind("Markdown: brackets", manifest, 60_000, |n| event(&format!("body: '{}'", "![[".repeat(n)))),
    Kind("Markdown: a wide table", manifest, 500, |n| {
        event(&format!("body: |\n    {}\n    {}\n{}", "|a".repeat(n), "|-".repeat(n), "    |a\n".repeat(n)))
    }),
    Kind("control signs, each in a line", manifest, 50_000, |n| {
        format!("kind: Event\n{}", lines(n, |it| format!("k{it}: \"\\u202e\"\n")))
    }),
    Kind("control signs in one text", manifest, 200_000, |n| event(&format!("subject: \"{}\"", "\\u202e".repeat(n)))),
    Kind("exceptions in the last year of the calendar", manifest, 1_000, |n| lines(n, at_the_end)),
    Kind("events in one room at one time", planned, 1_000, |n| lines(n, in_one_room)),
    Kind("series from the first year on", planned, 1_000, |n| lines(n, from_the_first_year)),
    Kind("endless pages", listed, 1_000, |n| "x".repeat(n)),
];

/// What a colleague may write into one live event. The double of each is as much as a text may have, or as is worth trying.
const LIVE: &[Kind] = &[
    Kind("a live text: elements in elements", planned, 100_000, |n| live(&[("content", &"<div>".repeat(n))])),
    Kind("a live text: elements that cross", planned, 35_000, |n| {
        live(&[("content", &lines(n, |it| format!("<b a={it}><p>x")))])
    }),
    Kind("a live text: tables in tables", planned, 30_000, |n| live(&[("content", &"<table><tr><td>x".repeat(n))])),
    Kind("a live text: comments", planned, 60_000, |n| live(&[("content", &"<!-- -->".repeat(n))])),
    Kind("a live text: references", planned, 55_000, |n| live(&[("content", &"&amp;&lt;".repeat(n))])),
    Kind("a live text: words", planned, 80_000, |n| live(&[("content", &lines(n, another_word))])),
    Kind("a live text: short words that all differ", planned, 3_500, |n| {
        let declared = lines(n, |it| format!("w{it} "));
        MANIFEST.replace("Agenda", &declared) + SEPARATOR + &live_alone(&[("content", &lines(n, another_word))])
    }),
    Kind("a live text: two words that come by turns", planned, 12_000, |n| {
        let declared = lines(n, |it| if it * it % 7 < 3 { "a ".into() } else { "b ".into() });
        let live = lines(n, |it| if it * it % 11 < 5 { "a ".into() } else { "b ".into() });
        MANIFEST.replace("Agenda", &declared) + SEPARATOR + &live_alone(&[("content", &live)])
    }),
    Kind("a live text: what looks like a join block", planned, 3_000, |n| {
        live(&[("content", &format!("<p>{}</p>{LINK}", "_".repeat(80)).repeat(n))])
    }),
    Kind("a live text: too large", planned, 5_000_000, |n| live(&[("content", &"a line of it\\r\\n".repeat(n / 16))])),
    Kind("a live text: too large, and ids in it", planned, 5_000_000, |n| {
        live(&[("content", &format!("{LINK}{}", "123 456 789 ".repeat(n / 12)))])
    }),
    Kind("a live subject", planned, 500_000, |n| live(&[("subject", &"x ".repeat(n))])),
    Kind("live attendees", planned, 5_000, |n| {
        live(&[("attendees", &lines(n, |it| format!(", {{\"emailAddress\": {{\"address\": \"a{it}@b.example\"}}}}")))])
    }),
    Kind("live categories", planned, 20_000, |n| live(&[("categories", &lines(n, |it| format!(", \"c{it}\"")))])),
    Kind("all of it in one live event", planned, 1_500, |n| {
        live(&[
            ("content", &lines(20 * n, |it| format!("<p>{it}&amp;<"))),
            ("subject", &"x ".repeat(10 * n)),
            ("attendees", &lines(n, |it| format!(", {{\"emailAddress\": {{\"address\": \"a{it}@b.example\"}}}}"))),
            ("categories", &lines(n, |it| format!(", \"c{it}\""))),
        ])
    }),
];

/// The most that one live event may cost a plan: time, and megabytes above the plan of an honest one.
const MOST_OF_LIVE: (Duration, f64) = (Duration::from_secs(1), 50.0);

const EVERY_WEEK: &str = "recurrence: {pattern: {type: weekly, daysOfWeek: [tuesday]}, range: {type: noEnd}}";

const LINK: &str = "<a href=\\\"https://teams.example/l/meetup-join/1\\\">x</a>";

fn main() -> ExitCode {
    println!("| what | size | time | the double takes | memory of the double |\n|---|---|---|---|---|");
    let plain = memory(planned, live(&[]).as_bytes());
    let fast = |kind: &Kind| cost(kind).ratio <= MOST;
    let cheap = |kind: &Kind| {
        let cost = cost(kind);
        let above = cost.memory - plain;
        cost.ratio <= MOST && cost.double <= MOST_OF_LIVE.0 && above <= MOST_OF_LIVE.1
    };
    let asked = std::env::args().skip(1).find(|it| !it.starts_with('-')).unwrap_or_default();
    let asked = |kind: &&Kind| kind.0.contains(&asked);
    let fast = KINDS.iter().filter(asked).filter(|kind| !fast(kind));
    let wrong = fast.count() + LIVE.iter().filter(asked).filter(|kind| !cheap(kind)).count();
    let (seconds, megabytes) = (MOST_OF_LIVE.0.as_secs(), MOST_OF_LIVE.1);
    println!("\nThe plan of an honest live event takes {plain:.1} MB.");
    if wrong > 0 {
        println!(
            "{wrong} of these grow more than {MOST} times as large as their input, or are a live event that costs more than \
             {seconds} s or {megabytes} MB"
        );
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// What input costs.
struct Cost {
    /// The time of the double in that of the single.
    ratio: f64,
    double: Duration,
    /// The peak of the double in megabytes.
    memory: f64,
}

/// Measures one kind and prints it.
fn cost(Kind(name, target, size, make): &Kind) -> Cost {
    let (one, two) = (make(*size), make(2 * size));
    let (mut least, mut time_of_one) = (f64::MAX, Duration::ZERO);
    let mut double = Duration::MAX;
    for _ in 0..ROUNDS {
        let (mut first, mut second) = (Duration::MAX, Duration::MAX);
        // One after the other, so that what else the machine does falls on both.
        for _ in 0..RUNS {
            first = first.min(time(*target, one.as_bytes()));
            second = second.min(time(*target, two.as_bytes()));
        }
        double = double.min(second);
        let ratio = second.as_secs_f64() / first.as_secs_f64();
        if ratio < least {
            (least, time_of_one) = (ratio, first);
        }
        if ratio <= MOST {
            break;
        }
    }
    let memory = memory(*target, two.as_bytes());
    let (size, took) = (one.len() / 1000, time_of_one.as_secs_f64() * 1e3);
    println!("| {name} | {size} kB | {took:.1} ms | {least:.2} × | {memory:.1} MB |");
    Cost { ratio: least, double, memory }
}

/// How many megabytes a target takes at most, above what is taken already.
fn memory(target: fn(&[u8]), input: &[u8]) -> f64 {
    let before = ALLOCATOR.taken.load(Relaxed);
    ALLOCATOR.most.store(before, Relaxed);
    target(input);
    (ALLOCATOR.most.load(Relaxed) - before) as f64 / 1e6
}

fn time(target: fn(&[u8]), input: &[u8]) -> Duration {
    let began = Instant::now();
    target(input);
    began.elapsed()
}

fn lines(n: usize, line: fn(usize) -> String) -> String {
    (0..n).map(line).collect()
}

/// An event with one more property.
fn event(property: &str) -> String {
    format!("{}  {property}\n", head("weekly", ""))
}

/// An event that has the name which the next one had before.
fn renamed(it: usize) -> String {
    head(&format!("n{it}"), &format!("lifecycle: {{previously: n{}}}\n", it + 1))
}

fn head(name: &str, lifecycle: &str) -> String {
    format!(
        "---\napiVersion: convoke.dev/v1\nkind: Event\nmetadata: {{name: {name}}}\n{lifecycle}spec:\n  organizer: alex@contoso.example\n  \
         subject: x\n  start: 2027-01-12T10:00\n  duration: 45m\n  timeZone: Europe/Berlin\n"
    )
}

/// A date that no series on Tuesdays has.
fn wednesday(it: usize) -> String {
    let first = jiff::civil::date(2027, 1, 13);
    let days = i64::try_from(it).expect("a small number") * 7;
    format!("    - {{date: '{}', cancel: true}}\n", first.saturating_add(jiff::Span::new().days(days)))
}

/// A daily series with an exception in the last year that there is.
fn at_the_end(it: usize) -> String {
    let repeats = "recurrence: {pattern: {type: daily}, range: {type: noEnd}}\n  exceptions:\n    - {date: '9999-12-29', cancel: true}";
    format!("{}  {repeats}\n", head(&format!("n{it}"), ""))
}

/// An event that wants the room which all others want.
fn in_one_room(it: usize) -> String {
    format!("{}  attendees: [{{address: room@contoso.example, type: resource}}]\n", head(&format!("n{it}"), ""))
}

/// A daily series that began with the calendar.
fn from_the_first_year(it: usize) -> String {
    let repeats = "recurrence: {pattern: {type: daily}, range: {type: noEnd}}";
    format!("{}  {repeats}\n", head(&format!("n{it}"), "").replace("2027-01-12", "0001-01-02"))
}

/// A word that no declared text has.
fn another_word(it: usize) -> String {
    format!("v{} ", it * 7919 % 10_007)
}

/// The declared event and what is live of it, with other values of these properties.
fn live(others: &[(&str, &str)]) -> String {
    MANIFEST.to_owned() + SEPARATOR + &live_alone(others)
}

fn live_alone(others: &[(&str, &str)]) -> String {
    let value = |name: &str| others.iter().find(|(other, _)| *other == name).map_or("", |(_, value)| *value);
    let rule = "_".repeat(80);
    let [subject, content, attendees, categories] = ["subject", "content", "attendees", "categories"].map(value);
    format!(
        "{{\"subject\": \"Weekly{subject}\", \"isOrganizer\": true, \"isOnlineMeeting\": true, \"onlineMeetingProvider\": \
         \"teamsForBusiness\", \"onlineMeeting\": {{\"joinUrl\": \"https://teams.example/l/meetup-join/1\"}}, \"start\": \
         {{\"dateTime\": \"2027-01-12T09:00:00\", \"timeZone\": \"UTC\"}}, \"end\": {{\"dateTime\": \"2027-01-12T09:45:00\", \
         \"timeZone\": \"UTC\"}}, \"attendees\": [{{\"emailAddress\": {{\"address\": \"adele@contoso.example\"}}, \"type\": \
         \"required\"}}{attendees}], \"categories\": [\"Training\"{categories}], \"body\": {{\"contentType\": \"html\", \
         \"content\": \"<html><body>{content}<div>{rule}</div>{LINK}</body></html>\"}}}}"
    )
}

const SEPARATOR: &str = "\n===\n";

const MANIFEST: &str = "apiVersion: convoke.dev/v1
kind: Event
metadata: {name: weekly}
spec:
  organizer: alex@contoso.example
  subject: Weekly
  start: 2027-01-12T10:00
  duration: 45m
  timeZone: Europe/Berlin
  attendees: [adele@contoso.example]
  attendeePolicy: exclusive
  body: Agenda
  categories: [Training]
  isOnlineMeeting: true
";

/// Reads a list that never ends, of a server that brings something new on as many pages as there are bytes: after these the
/// client has to give up by itself.
fn listed(data: &[u8]) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime starts");
    let error = runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let root = format!("http://{}/v1.0", listener.local_addr().expect("it is bound"));
        let (pages, next) = (data.len(), format!("{root}/me/events?$skip="));
        let answer = move |body: String| async move { axum::Json(page(&body, &next, pages)) };
        tokio::spawn(async move { axum::serve(listener, Router::new().fallback(answer)).await });
        let client = Client::new(Settings::new(root, Token::ready("t".into()))).expect("loopback is allowed");
        let get = Get { mailbox: "me".into(), path: "/me/events?$skip=0".into(), prefer: None };
        client.list(vec![get]).await.remove(0).expect_err("a list without an end is no list").to_string()
    });
    assert!(error.contains("the list does not end"), "{error}");
}

/// What the server answers to a batch that asks for one page: an event, and the link to the next page.
fn page(batch: &str, next: &str, pages: usize) -> Value {
    let batch: Value = serde_json::from_str(batch).expect("a batch is JSON");
    let asked = &batch["requests"][0];
    let at = asked["url"]
        .as_str()
        .and_then(|url| url.rsplit('=').next()?.parse::<usize>().ok())
        .expect("a page is asked for");
    let body = json!({"value": [{"id": at.min(pages).to_string()}], "@odata.nextLink": format!("{next}{}", at + 1)});
    json!({"responses": [{"id": asked["id"], "status": 200, "headers": {}, "body": body}]})
}

fn manifest(data: &[u8]) {
    targets::manifest(data);
}

/// Reads a manifest, and what is live of each event if that stands below it; plans, and shows the plan in words and as data.
fn planned(data: &[u8]) {
    let data = std::str::from_utf8(data).expect("it is text");
    let (text, live) = data.split_once(SEPARATOR).unwrap_or((data, ""));
    let read = manifests::read(vec![Source { file: "bench.yaml".into(), text: text.into(), found: false }], None);
    assert!(read.problems.is_empty(), "{:?}", read.problems.first());
    let own: Option<Map<String, Value>> = (!live.is_empty()).then(|| {
        // As it comes over the wire, and as it is then taken in.
        let answer = live.to_owned();
        let mut own = serde_json::from_str(&answer).expect("what Graph answers is JSON");
        body::leave_out(&mut own);
        own
    });
    let objects = read.desired.iter().filter_map(|want| {
        let organizer = want.spec.organizer.clone();
        Some(Have { organizer, etag: Some("W/1".into()), own: own.clone()?, ..Have::new(want.key.clone(), "AAMk") })
    });
    let calendars = BTreeMap::from([(String::new(), Calendar { can_edit: true, ..Calendar::default() })]);
    let mailboxes = BTreeMap::from([("alex@contoso.example".to_owned(), Mailbox { calendars, ..Mailbox::default() })]);
    let live = Live { objects: objects.map(Box::new).collect(), mailboxes, ..Live::default() };
    let policy = Policy::of("contoso", workspace::Prune::Cancel, workspace::Limits::default());
    let now = Timestamp::from_second(1_790_000_000).expect("a day in 2026");
    let plan =
        plan::plan(&Input { desired: &read.desired, live: &live, records: &Records::default(), policy: &policy, now });
    let report = report::report(&plan, None, vec![]);
    render::human::render(&report, true);
    render::json::render(&report);
}
