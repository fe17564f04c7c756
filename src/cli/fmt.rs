//! `fmt`: manifests in one form. It asks nothing of Graph, and needs no workspace.

use crate::cli::common::{Common, Manifests};
use crate::cli::output::{self, print};
use crate::cli::values::Format;
use crate::cli::{DIFFERS, FAILED};
use crate::disk;
use crate::findings::{findings, left_out};
use crate::inert;
use crate::manifest;
use crate::manifest::files::{self, Gathered, Source};
use crate::manifest::format::{Refused, format};
use crate::plural::count;
use crate::reason::Reason;
use crate::reconcile::no_manifest;
use crate::render;
use crate::render::page::Page;
use crate::trouble::Trouble;
use anyhow::{Context, Result, bail};
use clap::Args;
use rayon::prelude::*;
use std::path::{Path, PathBuf};

/// Flags of `fmt`.
#[derive(Args)]
pub struct Flags {
    #[command(flatten)]
    manifests: Manifests,
    /// Write nothing, and end with 2 where a file would change
    #[arg(long)]
    check: bool,
    /// The format of the report
    #[arg(long, value_enum, default_value = "human", env = "CONVOKE_FORMAT")]
    format: Format,
}

/// The name of standard input among paths.
const STDIN: &str = "-";

/// Formats the files, or none of them where one cannot be read.
pub fn run(flags: &Flags, common: &Common) -> Result<u8> {
    let Manifests { paths, all } = &flags.manifests;
    let is_filter = paths.iter().any(|it| it == Path::new(STDIN)) && !flags.check;
    if is_filter && (paths.len() > 1 || flags.format == Format::Json) {
        bail!(Reason::Flags.trouble("what `fmt -` prints is the manifest").hint("pass - alone, or with --check"));
    }
    let Gathered { sources, linked, ignored, empty: _ } = gathered(paths, common)?;
    let mut refused = manifest::Manifests { linked, ignored, ..manifest::Manifests::default() };
    for sentence in left_out(&refused, common.verbose > 0) {
        output::say(&Page::filled("note: ", "      ", &sentence));
    }
    let read: Vec<_> = sources.par_iter().map(|it| (it, format(it))).collect();
    let (mut changed, mut same) = (vec![], 0);
    for (source, outcome) in read {
        match outcome {
            Ok(it) => match it.text {
                Some(text) => changed.push((source, text)),
                None => same += usize::from(it.is_ours),
            },
            Err(Refused::Problems(problems, text)) => {
                refused.problems.extend(problems);
                refused.texts.insert(source.file.clone(), text);
            }
            Err(Refused::Fault) => bail!(fault(source)),
        }
    }
    if !refused.problems.is_empty() {
        output::refused(&findings(&refused, *all || flags.format == Format::Json));
        return Ok(FAILED);
    }
    if is_filter {
        return filtered(&sources[0], changed.first().map(|(_, text)| text.as_str()));
    }
    if !flags.check {
        changed.iter().try_for_each(|(source, text)| write(source, text))?;
    }
    let files: Vec<&str> = changed.iter().map(|(source, _)| source.file.as_str()).collect();
    print(&match flags.format {
        Format::Human => files.iter().map(|it| Page::line(it)).sum(),
        Format::Json => render::json::formatted(&files, same),
    })?;
    let done = if flags.check { "would change" } else { "formatted" };
    output::aside(&Page::line(&format!("{} {done}, {same} as wanted", count(files.len(), "file"))));
    Ok(if flags.check && !files.is_empty() { DIFFERS } else { 0 })
}

/// The files that are named, or those of the workspace's folder.
fn gathered(paths: &[PathBuf], common: &Common) -> Result<Gathered> {
    let beside = common.workspace.first().and_then(|it| it.parent()).filter(|it| !it.as_os_str().is_empty());
    let beside = [beside.unwrap_or(Path::new(".")).to_owned()];
    let gathered = files::gather(if paths.is_empty() { &beside } else { paths })?;
    match gathered.empty.first() {
        Some(folder) => bail!(no_manifest(folder)),
        None => Ok(gathered),
    }
}

/// Prints what came through standard input, as it is to be.
fn filtered(source: &Source, text: Option<&str>) -> Result<u8> {
    let text = text.map_or_else(|| String::from_utf8_lossy(&source.text), Into::into);
    let page = Page::laid_out(text.to_string());
    // What is printed has no signs in it; a manifest may not lose them on its way.
    if text.contains(|it| inert::is_sign(it) && it != '\n') || page.written(true) != text {
        let signs = Reason::Flags.trouble("standard input holds signs that would not be printed as they are");
        bail!(signs.hint("name the file, so that it is formatted in its place"));
    }
    print(&page)?;
    Ok(0)
}

/// What somebody wrote since it was read is not lost.
fn write(source: &Source, text: &str) -> Result<()> {
    if std::fs::read(&source.file).ok().as_ref() != Some(&source.text) {
        let changed = format!("`{}` was changed while it was formatted, and is left as it is", source.file);
        bail!(Reason::File.trouble(changed).hint("run it again"));
    }
    disk::replace(Path::new(&source.file), text)
        .with_context(|| Reason::File.trouble(format!("cannot write `{}`", source.file)))
}

/// What came out would declare something else.
fn fault(source: &Source) -> anyhow::Error {
    let what = format!("`{}` would not say the same once it is formatted; no file was touched", source.file);
    Trouble::new(what).hint("this is a fault of convoke, not of the file: please report it, with the file").into()
}
