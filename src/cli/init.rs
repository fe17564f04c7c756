//! `init`: a new project in a folder.

use crate::cli::output::{print, say};
use crate::cli::values::Format;
use crate::git;
use crate::init::{self, Host, Written};
use crate::render::page::Page;
use anyhow::{Context, Result};
use clap::{Args, ValueEnum};
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
    /// Where the pipeline runs that plans and applies; if left out, as the address of the repository says, else github
    #[arg(long, value_enum, value_name = "HOST")]
    ci: Option<Ci>,
    /// The format of the report
    #[arg(long, value_enum, default_value = "human", env = "CONVOKE_FORMAT")]
    format: Format,
}

/// Who runs pipelines.
#[derive(Clone, Copy, ValueEnum)]
enum Ci {
    Github,
    Gitlab,
    Azure,
}

impl From<Ci> for Host {
    fn from(ci: Ci) -> Host {
        match ci {
            Ci::Github => Host::GitHub,
            Ci::Gitlab => Host::GitLab,
            Ci::Azure => Host::Azure,
        }
    }
}

/// Writes a project into a folder, which is made if it is not there.
pub fn run(flags: &Flags) -> Result<u8> {
    let Flags { folder, ci, format } = flags;
    fs::create_dir_all(folder).with_context(|| format!("cannot make the folder `{}`", folder.display()))?;
    let name = fs::canonicalize(folder).ok().and_then(|it| Some(it.file_name()?.to_string_lossy().into_owned()));
    let way = git::root(folder).map(|(_, way)| way).unwrap_or_default();
    let guessed = || git::remote(folder).map_or(Host::GitHub, |remote| Host::of(&remote));
    let host = ci.map_or_else(guessed, Host::from);
    let files = init::files(&name.unwrap_or_default(), Zoned::now().date(), &way, host)?;
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
        &format!("  {:<34}# what to set once, above the first line", files[4].path.trim_start_matches("../")),
    ];
    next.into_iter().for_each(|line| say(&Page::line(line)));
    Ok(0)
}

fn line(file: &Written) -> Page {
    let Written { path, about, new } = file;
    match new {
        true => Page::line(&format!("+ {path:<38}  {about}")),
        false => Page::line(&format!("  {path:<38}  was there and stays as it is")),
    }
}
