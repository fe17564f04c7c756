//! Finds manifest files and reads their text. What stands in them is not looked at here.

use crate::disk;
use anyhow::{Context, Result, bail};
use rayon::prelude::*;
use std::fs;
use std::path::{Path, PathBuf};

/// The text of one file, under the name that messages use for it.
pub struct Source {
    /// The name that messages use.
    pub file: String,
    /// What was read; UTF-8 if it is a manifest.
    pub text: Vec<u8>,
}

/// A manifest larger than this is a mistake: it is split into several files.
const MOST: u64 = 64 << 20;

/// A file that was found, and the folder that a link must not lead out of.
type Found = (PathBuf, Option<PathBuf>);

/// Reads every file that the paths name: files as they are, folders down to every `*.yaml` and `*.yml` (in any case: a manifest
/// that is passed over in silence is one whose event is cancelled), `-` for standard input. Hidden folders and linked ones are passed over. Sorted by name, so that the order never depends on the disk.
///
/// Fails on what cannot be read, is no regular file, or is a link out of the folder that was named.
pub fn gather(paths: &[PathBuf]) -> Result<Vec<Source>> {
    let mut files = vec![];
    for path in paths {
        if path == Path::new("-") {
            files.push((path.clone(), None));
            continue;
        }
        let cannot = || format!("cannot read `{}`", path.display());
        disk::keep_inside(None, path).with_context(cannot)?;
        if fs::metadata(path).with_context(cannot)?.is_dir() {
            let before = files.len();
            walk(path, path, &mut files)?;
            if files.len() == before {
                bail!("no `*.yaml` or `*.yml` file in `{}`", path.display());
            }
        } else {
            files.push((path.clone(), None));
        }
    }
    files.sort();
    files.dedup();
    let read: Vec<_> = files.par_iter().map(|(path, folder)| read_below(path, folder.as_deref())).collect();
    // Of several errors the first one in order is told.
    read.into_iter().collect()
}

/// Returns the workspace file that governs a folder: `convoke.yaml` in it, or in the nearest folder above.
///
/// The search ends at the root of a repository, and at what belongs to somebody else: whoever may write a folder above, such as
/// `/tmp`, must not govern what stands below it.
pub fn workspace_above(path: &Path) -> Option<PathBuf> {
    let start = fs::canonicalize(path).ok()?;
    for folder in start.ancestors().take_while(|folder| disk::is_ours(folder)) {
        let file = folder.join("convoke.yaml");
        if fs::symlink_metadata(&file).is_ok_and(|about| !about.is_dir()) {
            return disk::is_ours(&file).then_some(file);
        }
        if fs::symlink_metadata(folder.join(".git")).is_ok() {
            break;
        }
    }
    None
}

fn walk(named: &Path, folder: &Path, files: &mut Vec<Found>) -> Result<()> {
    let entries = fs::read_dir(folder).with_context(|| format!("cannot read the folder `{}`", folder.display()))?;
    for entry in entries {
        let entry = entry.with_context(|| format!("cannot read the folder `{}`", folder.display()))?;
        let (path, kind) = (entry.path(), entry.file_type()?);
        if entry.file_name().to_string_lossy().starts_with('.') {
            continue;
        }
        let yaml = path.extension().is_some_and(|end| ["yaml", "yml"].iter().any(|it| end.eq_ignore_ascii_case(it)));
        if kind.is_dir() {
            walk(named, &path, files)?;
        } else if yaml {
            files.push((path, kind.is_symlink().then(|| named.to_owned())));
        }
    }
    Ok(())
}

/// Reads a file that is named by hand, or standard input for `-`.
///
/// Fails as `gather` does.
pub fn read(path: &Path) -> Result<Source> {
    if path != Path::new("-") {
        disk::keep_inside(None, path).with_context(|| format!("cannot read `{}`", shown(path)))?;
    }
    read_below(path, None)
}

/// Reads a file; a link must not lead out of `folder`.
fn read_below(path: &Path, folder: Option<&Path>) -> Result<Source> {
    let file = if path == Path::new("-") { "<stdin>".to_owned() } else { shown(path) };
    let text = match path == Path::new("-") {
        true => disk::bounded(std::io::stdin(), MOST),
        false => folder.map_or(Ok(()), |folder| disk::leads_below(path, folder)).and_then(|()| disk::read(path, MOST)),
    };
    Ok(Source { text: text.with_context(|| format!("cannot read `{file}`"))?, file })
}

/// The path as a person would type it.
fn shown(path: &Path) -> String {
    let path = path.strip_prefix("./").unwrap_or(path);
    path.display().to_string().replace('\\', "/")
}
