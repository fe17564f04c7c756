//! Where output goes, and errors with it: the only file that writes to standard output and standard error.
//!
//! Both take pages alone, in which nothing that a stranger wrote is more than text (`render::page`).

use crate::findings::Findings;
use crate::inert;
use crate::pipeline;
use crate::reason::Reason;
use crate::render::error::{event, refusal};
use crate::render::lines::said;
use crate::render::page::Page;
use crate::render::problems;
use crate::trouble::Trouble;
use anyhow::{Context, Result};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::io::{ErrorKind, IsTerminal, Write};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// How everything is told.
#[derive(Clone, Copy, Default)]
pub struct Manner {
    /// Standard output takes JSON, errors too.
    pub json: bool,
    /// Standard error takes one JSON object a line.
    pub log_json: bool,
    /// Nothing is said but what went wrong, and what was asked for.
    pub quiet: bool,
    /// What is said begins with its time.
    pub timed: bool,
}

static MANNER: OnceLock<Manner> = OnceLock::new();

/// Whether standard output has its document: a second one would be no JSON any more.
static PRINTED: AtomicBool = AtomicBool::new(false);

/// Says, once and before anything is told, how that is done.
pub fn begin(manner: Manner) {
    let _ = MANNER.set(manner);
}

fn manner() -> Manner {
    MANNER.get().copied().unwrap_or_default()
}

/// Whether standard error takes JSON objects.
pub fn is_json_log() -> bool {
    manner().log_json
}

/// Writes to standard output; a reader that has gone away is a quiet end.
pub fn print(page: &Page) -> Result<()> {
    PRINTED.store(true, Ordering::Relaxed);
    let mut out = anstream::stdout().lock();
    match out.write_all(page.written(pipeline::listens()).as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        other => other.context("cannot write to standard output"),
    }
}

/// Writes to standard error. That nobody reads it is no reason to stop.
pub fn say(page: &Page) {
    match manner().log_json && !page.is_json() {
        true => log(json!({"event": "message", "text": anstream::adapter::strip_str(page.trim_end()).to_string()})),
        false if manner().timed && !page.is_json() => write(&(Page::stamp(Timestamp::now()) + page.clone())),
        false => write(page),
    }
}

/// Writes to standard error what may be left out: a hint, how far it is. With `--quiet` nothing of it.
pub fn aside(page: &Page) {
    if !manner().quiet {
        say(page);
    }
}

/// Writes one event of a log, with its time.
pub fn log(mut event: Value) {
    event["time"] = format!("{:.3}", Timestamp::now()).into();
    write(&Page::json_line(&event));
}

fn write(page: &Page) {
    let _ = anstream::stderr().lock().write_all(page.written(pipeline::listens()).as_bytes());
}

/// Tells an error: on standard error, and on standard output where that takes JSON and has none yet.
pub fn error(error: &anyhow::Error) {
    let plain = Trouble::of(error);
    // Of a file the system itself says what is wrong with it.
    let of_file = error.chain().any(|cause| cause.is::<std::io::Error>());
    let coded = if of_file { plain.clone().coded(Reason::File) } else { plain.clone() };
    tell("error: ", if manner().log_json { &coded } else { &plain });
    document(&refusal(&coded, None));
}

/// Tells programs that the command line could not be read; people were told already.
pub fn typed_wrong(words: &str) {
    let first = words.lines().next().unwrap_or_default();
    let what = inert::line(first.strip_prefix("error: ").unwrap_or(first)).into_owned();
    document(&refusal(&Reason::CommandLine.trouble(what), None));
}

/// Tells what is wrong with the manifests, and that nothing came of it.
pub fn refused(findings: &Findings<'_>) {
    let trouble = Reason::Refused.trouble(findings.refusal());
    match manner().log_json {
        true => findings.shown.iter().for_each(|it| log(json!({"event": "problem", "problem": it}))),
        false => write(&problems::human(findings, true)),
    }
    match manner().log_json {
        true => tell("error: ", &trouble),
        // Each problem has told its code.
        false => tell("error: ", &Trouble { code: None, ..trouble.clone() }),
    }
    document(&refusal(&trouble, Some(findings)));
}

/// Prints the document of a failure where one is expected and none was printed.
fn document(page: &Page) {
    if manner().json && !PRINTED.load(Ordering::Relaxed) {
        let _ = print(page); // There is nowhere to say that this failed.
    }
}

/// Tells a trouble on standard error, behind what it is about: `error: `, or a warning with its own beginning.
pub fn tell(lead: &str, trouble: &Trouble) {
    match manner().log_json {
        true => log(event(lead, trouble)),
        false => say(&said(lead, "", trouble)),
    }
}

/// Returns how many columns the terminal has that takes the report; nothing where none does.
pub fn columns() -> Option<usize> {
    let (_, columns) = dialoguer::console::Term::stdout().size_checked()?;
    std::io::stdout().is_terminal().then_some(columns.into())
}

/// Whether standard output is read by a person.
pub fn is_read() -> bool {
    std::io::stdout().is_terminal()
}

/// Whether there is somebody to ask.
pub fn is_asked() -> bool {
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}

/// A line on a terminal that says how far a command is. Cheap to clone.
#[derive(Clone)]
pub struct Progress(ProgressBar);

impl Progress {
    /// Makes one; `shown` where standard error is a terminal and nothing else is said on it.
    pub fn new(shown: bool) -> Progress {
        let target = if shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let style = ProgressStyle::with_template("{spinner} {msg}").expect("the template is a good one");
        let bar = ProgressBar::with_draw_target(None, target).with_style(style);
        if shown {
            bar.enable_steady_tick(Duration::from_millis(120));
        }
        Progress(bar)
    }

    /// Says what is going on.
    pub fn now(&self, text: &str) {
        self.0.set_message(inert::line(text).into_owned());
    }

    /// Leaves a line above it.
    pub fn leave(&self, text: &str) {
        self.0.println(inert::line(text));
    }

    /// Holds it back while something else is written.
    pub fn while_asking<T>(&self, ask: impl FnOnce() -> T) -> T {
        self.0.suspend(ask)
    }

    /// Takes it away.
    pub fn end(&self) {
        self.0.finish_and_clear();
    }
}
