//! Where output goes, and errors with it: the only file that writes to standard output and standard error.
//!
//! Both take pages alone, in which nothing that a stranger wrote is more than text (`render::page`).

use crate::inert;
use crate::pipeline;
use crate::render::lines::said;
use crate::render::page::Page;
use crate::trouble::Trouble;
use anyhow::{Context, Result};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::{ErrorKind, IsTerminal, Write};
use std::time::Duration;

/// Writes to standard output; a reader that has gone away is a quiet end.
pub fn print(page: &Page) -> Result<()> {
    let mut out = anstream::stdout().lock();
    match out.write_all(page.written(pipeline::listens()).as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        other => other.context("cannot write to standard output"),
    }
}

/// Writes to standard error. That nobody reads it is no reason to stop.
pub fn say(page: &Page) {
    let _ = anstream::stderr().lock().write_all(page.written(pipeline::listens()).as_bytes());
}

/// Tells an error on standard error.
pub fn error(error: &anyhow::Error) {
    tell("error: ", &Trouble::of(error));
}

/// Tells a trouble on standard error.
pub fn tell(lead: &str, trouble: &Trouble) {
    say(&said(lead, "", trouble));
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
