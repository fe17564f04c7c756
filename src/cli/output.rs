//! Where output goes, and errors with it.

use crate::render::lines::said;
use crate::trouble::Trouble;
use anyhow::{Context, Result};
use std::io::{ErrorKind, Write};

/// Writes to standard output; a reader that has gone away is a quiet end.
pub fn print(text: &str) -> Result<()> {
    let mut out = anstream::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        other => other.context("cannot write to standard output"),
    }
}

/// Tells an error on standard error.
pub fn error(error: &anyhow::Error) {
    tell("error: ", &Trouble::of(error));
}

/// Tells a trouble on standard error.
pub fn tell(lead: &str, trouble: &Trouble) {
    anstream::eprint!("{}", said(lead, "", trouble));
}
