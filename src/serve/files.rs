//! What files look like from outside: a number that changes with them. None of them is opened.

use crate::reason::Reason;
use anyhow::{Result, bail};
use std::fs::{self, Metadata};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

/// Returns what stands for all that may be read below the paths: names, sizes and times of change, and the file behind a link, so that
/// the swap of a link counts. Hidden files do not count, but for those that say what is left out, nor does `except` with what is kept
/// beside it under longer names: what a round itself writes must not begin the next one.
///
/// What cannot be looked at counts as such; the round says why.
pub fn stamp(paths: &[PathBuf], except: Option<&Path>) -> u64 {
    let mut hash = DefaultHasher::new();
    let except = except.map(|it| fs::canonicalize(it.parent().unwrap_or(it)).unwrap_or_default().join(name(it)));
    paths.iter().for_each(|path| look(path, except.as_deref(), &mut hash));
    hash.finish()
}

/// Reads files, if nothing changes in them meanwhile: half of what somebody writes at this moment would be less than they declare.
///
/// Fails as `read` does, and where something changed.
pub fn undisturbed<T>(stamp: &dyn Fn() -> u64, read: impl FnOnce() -> Result<T>) -> Result<T> {
    let before = stamp();
    let all = read()?;
    if stamp() != before {
        bail!(Reason::File.trouble("the files changed while they were read, and are read again once they rest"));
    }
    Ok(all)
}

fn look(path: &Path, except: Option<&Path>, hash: &mut DefaultHasher) {
    path.hash(hash);
    let Ok(about) = fs::metadata(path) else { return };
    if !about.is_dir() {
        return file(&about, hash);
    }
    let Ok(entries) = fs::read_dir(path) else { return };
    let mut entries: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    entries.sort();
    let ours = |path: &Path| except.is_some_and(|it| is_kept(path, it));
    for path in entries.iter().filter(|path| is_shown(path) && !ours(path)) {
        // A linked folder is passed over by the round, too.
        let linked = fs::symlink_metadata(path).is_ok_and(|about| about.is_symlink());
        match linked && path.is_dir() {
            true => path.hash(hash),
            false => look(path, except, hash),
        }
    }
}

fn file(about: &Metadata, hash: &mut DefaultHasher) {
    (about.len(), about.modified().ok()).hash(hash);
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        (about.dev(), about.ino(), about.ctime(), about.ctime_nsec()).hash(hash);
    }
}

fn is_shown(path: &Path) -> bool {
    let name = name(path);
    !name.starts_with('.') || name == ".convokeignore"
}

/// Whether a path is a file that we keep, or one beside it whose name is longer: its lock, its journal.
fn is_kept(path: &Path, kept: &Path) -> bool {
    let folder = path.parent().and_then(|it| fs::canonicalize(it).ok());
    name(path).starts_with(&name(kept)) && folder.as_deref() == kept.parent()
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_read_counts_and_what_a_round_writes_does_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let write = |name: &str, text: &str| {
            fs::create_dir_all(path(name).parent().unwrap()).unwrap();
            fs::write(path(name), text).unwrap();
        };
        let stamp = || stamp(&[folder.path().to_owned()], Some(&path("state/records.json")));
        write("a.yaml", "a");
        write("state/records.json", "1");
        let mut seen = stamp();
        for (name, counts) in [
            ("b.yaml", true),
            ("deep/below/rows.csv", true),
            (".convokeignore", true),
            (".convoke/state.json", false),
            (".git/index", false),
            ("state/records.json", false),
            ("state/records.json.holder", false),
            ("state/other.yaml", true),
            ("deep/below/rows.csv", true),
        ] {
            write(name, &format!("{name} {seen}"));
            let now = stamp();
            assert_eq!(now != seen, counts, "{name}");
            seen = now;
        }
        fs::remove_file(path("b.yaml")).unwrap();
        assert_ne!(stamp(), seen);
        assert_eq!(stamp(), stamp());
    }

    #[test]
    fn what_changes_while_it_is_read_is_not_taken_for_whole() {
        let folder = tempfile::tempdir().unwrap();
        let write = |text: &str| fs::write(folder.path().join("a.yaml"), text).unwrap();
        let stamp = || stamp(&[folder.path().to_owned()], None);
        write("one");
        assert_eq!(undisturbed(&stamp, || Ok("all")).unwrap(), "all");
        let disturbed = undisturbed(&stamp, || {
            write("another");
            Ok("half")
        });
        assert!(disturbed.unwrap_err().to_string().contains("changed while they were read"));
    }

    /// As Kubernetes changes a mounted ConfigMap: a new folder, and one link that is swapped.
    #[cfg(unix)]
    #[test]
    fn the_swap_of_a_link_counts_though_size_and_name_stay() {
        use std::os::unix::fs::symlink;
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        for name in ["..one", "..two"] {
            fs::create_dir(path(name)).unwrap();
            fs::write(path(name).join("a.yaml"), "same size").unwrap();
        }
        symlink("..one", path("..data")).unwrap();
        symlink("..data/a.yaml", path("a.yaml")).unwrap();
        let seen = stamp(&[folder.path().to_owned()], None);
        symlink("..two", path("..new")).unwrap();
        fs::rename(path("..new"), path("..data")).unwrap();
        assert_ne!(stamp(&[folder.path().to_owned()], None), seen);
    }
}
