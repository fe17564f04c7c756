//! `init`: a new project in a folder.

use crate::cli::output::{print, say};
use crate::cli::values::Format;
use crate::git;
use crate::init::{self, Written};
use crate::render::page::Page;
use anyhow::{Context, Result};
use clap::Args;
use jiff::Zoned;
use serde_json::json;
use std::fs;
use std::path::{Path, PathBuf};

/// Flags of `init`.
#[derive(Args)]
pub struct Flags {
    /// The folder; it is made if it is not there. What stands in it stays as it is
    #[arg(value_name = "DIR", default_value = ".")]
    folder: PathBuf,
    /// The format of the report
    #[arg(long, value_enum, default_value = "human", env = "CONVOKE_FORMAT")]
    format: Format,
}

/// Writes a project into a folder, which is made if it is not there.
pub fn run(flags: &Flags) -> Result<u8> {
    let Flags { folder, format } = flags;
    fs::create_dir_all(folder).with_context(|| format!("cannot make the folder `{}`", folder.display()))?;
    let name = fs::canonicalize(folder).ok().and_then(|it| Some(it.file_name()?.to_string_lossy().into_owned()));
    let way = git::root(folder).map(|(_, way)| way).unwrap_or_default();
    let files = init::files(&name.unwrap_or_default(), Zoned::now().date(), &way)?;
    let written = init::write(folder, &files)?;
    print(&match format {
        Format::Human => written.iter().map(line).sum(),
        Format::Json => Page::json(&json!({"formatVersion": 1, "files": written})),
    })?;
    let place = if folder == Path::new(".") { String::new() } else { format!(", in `{}`", folder.display()) };
    let next = [
        "",
        &format!("next{place}:"),
        "  convoke validate                  # check what was written",
        "  convoke apply --sandbox --yes     # try it on the embedded Graph twin, without a tenant",
        "  convoke explain Event             # what an event may say",
    ];
    next.into_iter().for_each(|line| say(&Page::line(line)));
    Ok(0)
}

fn line(file: &Written) -> Page {
    let Written { path, about, new } = file;
    match new {
        true => Page::line(&format!("+ {path:<29}  {about}")),
        false => Page::line(&format!("  {path:<29}  was there and stays as it is")),
    }
}
