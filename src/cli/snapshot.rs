//! What was observed as a file: `plan --snapshot-out FILE` writes it, `plan --against FILE` plans by it and asks nobody.

use crate::cli::output;
use crate::cli::rules::Rules;
use crate::disk;
use crate::plan::snapshot::Snapshot;
use crate::reason::Reason;
use crate::reconcile::{Planned, Project, plan_against};
use crate::render::page::Page;
use anyhow::{Context, Result, bail};
use jiff::Timestamp;
use std::io::Write;
use std::path::Path;

/// A snapshot that is larger is none of ours.
const MOST: u64 = 512 << 20;

/// Plans by a snapshot: neither signs in nor opens a state.
///
/// Fails where the file is no snapshot of this workspace, and on flags that answer what only a state asks.
pub fn planned(file: &Path, project: &Project, rules: &Rules, now: Timestamp) -> Result<Planned> {
    if !rules.adopt.is_empty() || !rules.absent.is_empty() {
        bail!(
            Reason::Flags
                .trouble("a plan against a snapshot answers no questions")
                .hint("leave --adopt and --absent out")
        );
    }
    let policy = rules.policy(project, false)?;
    let name = file.display();
    let bytes = disk::read(file, MOST).with_context(|| format!("cannot read `{name}`"))?;
    let snapshot = Snapshot::parse(&bytes, &policy.workspace)
        .with_context(|| Reason::Snapshot.trouble(format!("cannot plan against `{name}`")))?;
    let records = snapshot.records().clone();
    let planned = plan_against(snapshot, project, &policy, now);
    rules.name_something(project, &planned.live, &records)?;
    Ok(planned)
}

/// Writes a snapshot, readable for its owner alone. Fails where it cannot be written.
pub fn write(file: &Path, snapshot: &Snapshot) -> Result<()> {
    write_private(file, &snapshot.text())?;
    output::aside(&Page::line(&format!("snapshot: `convoke plan --against {}` plans by it", file.display())));
    Ok(())
}

/// Writes a file that its owner alone may read; it appears whole or not at all, and takes the place of no link.
pub fn write_private(file: &Path, text: &str) -> Result<()> {
    let cannot = || Reason::File.trouble(format!("cannot write `{}`", file.display()));
    disk::is_there(file).with_context(cannot)?;
    let folder = file.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let written = || -> std::io::Result<()> {
        // A temporary file is made with mode 0600.
        let mut whole = tempfile::NamedTempFile::new_in(folder)?;
        whole.write_all(text.as_bytes())?;
        whole.persist(file)?;
        Ok(())
    };
    written().with_context(cannot)
}
