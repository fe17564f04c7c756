//! Finds manifest files and reads their text. What stands in them is not looked at here.

use crate::disk;
use crate::manifest::ignored::Ignored;
use anyhow::{Context, Result};
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The text of one file, under the name that messages use for it.
pub struct Source {
    /// The name that messages use.
    pub file: String,
    /// What was read; UTF-8 if it is a manifest.
    pub text: Vec<u8>,
    /// Nobody named it: it was found in a folder, and may have nothing to do with us.
    pub found: bool,
}

/// What was found at the paths that were named.
#[derive(Default)]
pub struct Gathered {
    /// The text of each file, sorted by name.
    pub sources: Vec<Source>,
    /// Linked folders, which are not looked into.
    pub linked: Vec<String>,
    /// Manifests and folders that an ignore file names.
    pub ignored: Vec<String>,
    /// Folders that were named and hold no manifest.
    pub empty: Vec<String>,
}

/// A manifest larger than this is a mistake: it is split into several files.
const MOST: u64 = 64 << 20;

/// A file to read.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Found {
    path: PathBuf,
    /// Whether it was found in a folder, not named.
    walked: bool,
    /// The folder that a link must not lead out of, if it is one.
    folder: Option<PathBuf>,
}

/// Reads every file that the paths name: files as they are, folders down to every `*.yaml` and `*.yml` (in any case: a manifest
/// that is passed over in silence is one whose event is cancelled), `-` for standard input. Hidden folders are passed over; linked
/// ones and what a `.convokeignore` names stand in the result. A file that is reached twice is read once. Sorted by name, so that
/// the order never depends on the disk.
///
/// Fails on what cannot be read, is no regular file, or is a link out of the folder that was named.
pub fn gather(paths: &[PathBuf]) -> Result<Gathered> {
    let (mut files, mut gathered) = (vec![], Gathered::default());
    for path in paths {
        let named = || Found { path: path.clone(), walked: false, folder: None };
        if path == Path::new("-") {
            files.push(named());
            continue;
        }
        let cannot = || format!("cannot read `{}`", path.display());
        disk::keep_inside(None, path).with_context(cannot)?;
        if fs::metadata(path).with_context(cannot)?.is_dir() {
            let whole = fs::canonicalize(path).with_context(cannot)?;
            let above = Ignored::above(&whole)?;
            let before = files.len();
            Walk { named: path, files: &mut files, gathered: &mut gathered }.look(path, &whole, &above)?;
            if files.len() == before {
                gathered.empty.push(shown(path));
            }
        } else {
            files.push(named());
        }
    }
    gathered.linked.sort();
    gathered.ignored.sort();
    let files = each_once(files);
    let read = files.par_iter().map(|it| {
        let source = read_below(&it.path, it.folder.as_deref())?;
        Ok(Source { found: it.walked, ..source })
    });
    let read: Vec<_> = read.collect();
    // Of several errors the first one in order is told.
    gathered.sources = read.into_iter().collect::<Result<_>>()?;
    Ok(gathered)
}

/// Keeps of several ways to one file the first, and remembers that somebody named it.
fn each_once(mut files: Vec<Found>) -> Vec<Found> {
    files.sort();
    let same = |it: &Found| fs::canonicalize(&it.path).unwrap_or_else(|_| it.path.clone());
    let ids: Vec<PathBuf> = files.par_iter().map(same).collect();
    let (mut kept, mut places) = (Vec::<Found>::new(), BTreeMap::new());
    for (it, id) in files.into_iter().zip(ids) {
        let place = *places.entry(id).or_insert(kept.len());
        match kept.get_mut(place) {
            Some(first) => first.walked &= it.walked,
            None => kept.push(it),
        }
    }
    kept
}

/// Returns the workspace file that governs a folder: `convoke.yaml` in it, or in the nearest folder above.
///
/// The search ends at the root of a repository, and at what belongs to somebody else: whoever may write a folder above, such as
/// `/tmp`, must not govern what stands below it.
pub fn workspace_above(path: &Path) -> Option<PathBuf> {
    for folder in folders_above(&fs::canonicalize(path).ok()?) {
        let file = folder.join("convoke.yaml");
        if fs::symlink_metadata(&file).is_ok_and(|about| !about.is_dir()) {
            return disk::is_ours(&file).then_some(file);
        }
    }
    None
}

/// A folder and those above it that may say something of it: up to the root of the repository, and to what is somebody else's.
pub(super) fn folders_above(start: &Path) -> impl Iterator<Item = &Path> {
    let mut ended = false;
    start.ancestors().take_while(|folder| disk::is_ours(folder)).take_while(move |folder| {
        let goes_on = !ended;
        ended |= fs::symlink_metadata(folder.join(".git")).is_ok();
        goes_on
    })
}

/// A walk through a folder that was named.
struct Walk<'a> {
    named: &'a Path,
    files: &'a mut Vec<Found>,
    gathered: &'a mut Gathered,
}

impl Walk<'_> {
    /// Looks into a folder; `whole` is its path without links, which ignore files speak of.
    fn look(&mut self, folder: &Path, whole: &Path, above: &Ignored) -> Result<()> {
        let cannot = || format!("cannot read the folder `{}`", folder.display());
        let ignored = above.with(whole)?;
        for entry in fs::read_dir(folder).with_context(cannot)? {
            let entry = entry.with_context(cannot)?;
            let (path, kind, name) = (entry.path(), entry.file_type()?, entry.file_name());
            if name.to_string_lossy().starts_with('.') {
                continue;
            }
            let yaml =
                path.extension().is_some_and(|end| ["yaml", "yml"].iter().any(|it| end.eq_ignore_ascii_case(it)));
            let is_folder = || fs::metadata(&path).is_ok_and(|about| about.is_dir());
            if (kind.is_dir() || yaml) && ignored.covers(&whole.join(&name), kind.is_dir()) {
                self.gathered.ignored.push(shown(&path));
            } else if kind.is_dir() {
                self.look(&path, &whole.join(&name), &ignored)?;
            } else if kind.is_symlink() && is_folder() {
                self.gathered.linked.push(shown(&path));
            } else if yaml {
                let folder = kind.is_symlink().then(|| self.named.to_owned());
                self.files.push(Found { path, walked: true, folder });
            }
        }
        Ok(())
    }
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
    Ok(Source { text: text.with_context(|| format!("cannot read `{file}`"))?, file, found: false })
}

/// The path as a person would type it.
pub(super) fn shown(path: &Path) -> String {
    let path = path.strip_prefix("./").unwrap_or(path);
    path.display().to_string().replace('\\', "/")
}
