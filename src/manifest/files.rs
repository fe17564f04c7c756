//! Finds manifest files and reads their text. What stands in them is not looked at here.

use crate::trouble::Trouble;
use anyhow::{Context, Result, bail};
use rayon::prelude::*;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

/// The text of one file, under the name that messages use for it.
pub struct Source {
    /// The name that messages use.
    pub file: String,
    /// What was read; UTF-8 if it is a manifest.
    pub text: Vec<u8>,
}

/// A manifest larger than this is a mistake.
const MOST: u64 = 64 << 20;

/// Reads every file that the paths name: files as they are, folders down to every `*.yaml` and `*.yml`, `-` for standard
/// input. Hidden folders and linked ones are passed over. Sorted by name, so that the order never depends on the disk.
pub fn gather(paths: &[PathBuf]) -> Result<Vec<Source>> {
    let mut files = vec![];
    for path in paths {
        if path == Path::new("-") {
            files.push(path.clone());
            continue;
        }
        let about = fs::metadata(path).with_context(|| format!("cannot read `{}`", path.display()))?;
        if about.is_dir() {
            let before = files.len();
            walk(path, &mut files)?;
            if files.len() == before {
                bail!("no `*.yaml` or `*.yml` file in `{}`", path.display());
            }
        } else {
            files.push(path.clone());
        }
    }
    files.sort();
    files.dedup();
    let read: Vec<_> = files.par_iter().map(|path| read(path)).collect();
    // Of several errors the first one in order is told.
    read.into_iter().collect()
}

/// Returns the workspace file that governs a folder: `convoke.yaml` in it, or in the nearest folder above.
pub fn workspace_above(path: &Path) -> Option<PathBuf> {
    let start = fs::canonicalize(path).ok()?;
    start.ancestors().map(|folder| folder.join("convoke.yaml")).find(|file| file.is_file())
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    let entries = fs::read_dir(folder).with_context(|| format!("cannot read the folder `{}`", folder.display()))?;
    for entry in entries {
        let entry = entry.with_context(|| format!("cannot read the folder `{}`", folder.display()))?;
        let (path, kind) = (entry.path(), entry.file_type()?);
        if entry.file_name().to_string_lossy().starts_with('.') {
            continue;
        }
        let yaml = path.extension().is_some_and(|end| end == "yaml" || end == "yml");
        if kind.is_dir() {
            walk(&path, files)?;
        } else if yaml {
            files.push(path);
        }
    }
    Ok(())
}

/// Reads one file, or standard input for `-`.
pub fn read(path: &Path) -> Result<Source> {
    let mut text = vec![];
    let file = if path == Path::new("-") { "<stdin>".to_owned() } else { shown(path) };
    let reader: Box<dyn Read> = match path == Path::new("-") {
        true => Box::new(std::io::stdin()),
        false => Box::new(fs::File::open(path).with_context(|| format!("cannot read `{file}`"))?),
    };
    reader.take(MOST + 1).read_to_end(&mut text).with_context(|| format!("cannot read `{file}`"))?;
    if text.len() as u64 > MOST {
        bail!(Trouble::new(format!("`{file}` is larger than {} MB", MOST >> 20)).hint("split it into several files"));
    }
    Ok(Source { file, text })
}

/// The path as a person would type it.
fn shown(path: &Path) -> String {
    let path = path.strip_prefix("./").unwrap_or(path);
    path.display().to_string().replace('\\', "/")
}
