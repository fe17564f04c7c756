//! What the git repository around a file says of it, read without starting a program.
//!
//! It helps against slips alone: what cannot be read counts as said by nobody.

use crate::disk;
use std::fs;
use std::path::{Path, PathBuf};

/// An index larger than this is none that we look into.
const MOST: u64 = 256 << 20;

/// A configuration larger than this is none that we look into.
const MOST_CONFIG: u64 = 1 << 20;

/// Says whether git tracks a file, be it there or not.
pub fn tracks(file: &Path) -> bool {
    let Some((repository, way)) = Repository::around(file) else { return false };
    let Ok(index) = disk::read(&repository.own.join("index"), MOST) else { return false };
    let sha256 = repository.config().is_some_and(|text| text.to_lowercase().contains("objectformat = sha256"));
    holds(&index, way.as_bytes(), if sha256 { 32 } else { 20 })
}

/// Returns the address of the remote that the repository around a folder came from: `origin`, else the first one that is named.
pub fn remote(folder: &Path) -> Option<String> {
    let (repository, _) = Repository::around(&folder.join("any"))?;
    let text = repository.config()?;
    let (mut section, mut first) = (None, None);
    for line in text.lines().map(str::trim) {
        if let Some(head) = line.strip_prefix('[') {
            section = head.split_once(']').and_then(|(head, _)| head.strip_prefix("remote ")).map(str::trim);
        }
        let (Some(name), Some((key, value))) = (section, line.split_once('=')) else { continue };
        let url = value.trim().trim_matches('"').to_owned();
        match key.trim() {
            "url" if name == "\"origin\"" => return Some(url),
            "url" => first = first.or(Some(url)),
            _ => {}
        }
    }
    first
}

/// Returns the root of the repository around a folder, and the folder's way in it, with slashes; none of the root itself.
pub fn root(folder: &Path) -> Option<(PathBuf, String)> {
    let (repository, way) = Repository::around(&folder.join("any"))?;
    let (way, _) = way.rsplit_once('/').unwrap_or_default();
    Some((repository.top, way.to_owned()))
}

/// Returns the commit that the working tree around a folder is at.
pub fn revision(folder: &Path) -> Option<String> {
    let (repository, _) = Repository::around(&folder.join("any"))?;
    let is_commit = |text: &String| text.len() >= 40 && text.bytes().all(|sign| sign.is_ascii_hexdigit());
    let line = |file: PathBuf| Some(String::from_utf8(disk::read(&file, MOST_CONFIG).ok()?).ok()?.trim().to_owned());
    let head = line(repository.own.join("HEAD"))?;
    let Some(branch) = head.strip_prefix("ref:").map(str::trim) else { return Some(head).filter(is_commit) };
    let packed = || {
        let text = String::from_utf8(disk::read(&repository.shared().join("packed-refs"), MOST).ok()?).ok()?;
        let of_branch =
            |line: &str| line.split_once(' ').filter(|(_, name)| *name == branch).map(|(it, _)| it.to_owned());
        text.lines().find_map(of_branch)
    };
    // A branch leads to a file below the folder of the repository, and nowhere else.
    let loose = || branch.starts_with("refs/").then(|| line(repository.shared().join(branch)))?;
    Some(branch).filter(|branch| !branch.contains("..")).and_then(|_| loose().or_else(packed)).filter(is_commit)
}

/// Where git keeps what it knows of a working tree.
struct Repository {
    /// The root of the working tree.
    top: PathBuf,
    /// Its own folder: a linked working tree and a submodule have one each.
    own: PathBuf,
}

impl Repository {
    /// Finds the repository around a file, and the file's way in it.
    fn around(file: &Path) -> Option<(Repository, String)> {
        let file = std::path::absolute(file).ok()?;
        // What is not there yet cannot be resolved; the folder above it can.
        let there = file.ancestors().skip(1).find(|folder| folder.is_dir())?;
        let file = fs::canonicalize(there).ok()?.join(file.strip_prefix(there).ok()?);
        let top = file.ancestors().skip(1).find(|folder| fs::symlink_metadata(folder.join(".git")).is_ok())?;
        let parts: Option<Vec<&str>> = file.strip_prefix(top).ok()?.iter().map(|part| part.to_str()).collect();
        let git = top.join(".git");
        let own = if git.is_dir() { git } else { top.join(named(&git, "gitdir:")?) };
        Some((Repository { top: top.to_owned(), own }, parts?.join("/")))
    }

    /// The folder of what all working trees of a repository share.
    fn shared(&self) -> PathBuf {
        named(&self.own.join("commondir"), "").map_or(self.own.clone(), |folder| self.own.join(folder))
    }

    /// The configuration.
    fn config(&self) -> Option<String> {
        String::from_utf8(disk::read(&self.shared().join("config"), MOST_CONFIG).ok()?).ok()
    }
}

/// The folder that a file of one line names.
fn named(file: &Path, before: &str) -> Option<PathBuf> {
    let text = String::from_utf8(disk::read(file, MOST_CONFIG).ok()?).ok()?;
    Some(text.strip_prefix(before)?.trim().into())
}

/// Says whether an index has an entry of that name. Source: gitformat-index.
fn holds(index: &[u8], name: &[u8], hash: usize) -> bool {
    entries(index, name, hash).unwrap_or(false)
}

fn entries(index: &[u8], name: &[u8], hash: usize) -> Option<bool> {
    let number = |at: usize| Some(u32::from_be_bytes(index.get(at..at + 4)?.try_into().ok()?));
    let version = number(4).filter(|version| index.starts_with(b"DIRC") && (2..=4).contains(version))?;
    let (mut at, mut path) = (12, Vec::new());
    for _ in 0..number(8)? {
        // Ten numbers of the file's state, the hash, then the flags; one of them says that more follow.
        let flags = at + 40 + hash;
        let extended = version > 2 && index.get(flags)? & 0x40 != 0;
        let mut start = flags + if extended { 4 } else { 2 };
        if version == 4 {
            // As the one before, but for so many signs at its end.
            let less;
            (less, start) = offset(index, start)?;
            path.truncate(path.len().checked_sub(less)?);
        } else {
            path.clear();
        }
        let length = index.get(start..)?.iter().position(|byte| *byte == 0)?;
        path.extend_from_slice(&index[start..start + length]);
        if path == name {
            return Some(true);
        }
        let end = start + length;
        at = if version == 4 { end + 1 } else { at + (end - at + 8) / 8 * 8 };
    }
    Some(false)
}

/// A number as packs write offsets, and where it ends.
fn offset(bytes: &[u8], mut at: usize) -> Option<(usize, usize)> {
    let mut value = usize::from(bytes.get(at)? & 0x7f);
    while bytes.get(at)? & 0x80 != 0 {
        at += 1;
        value = (value.checked_add(1)?).checked_mul(128)? + usize::from(bytes.get(at)? & 0x7f);
    }
    Some((value, at + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_index_holds_nothing() {
        let whole = [b"DIRC\0\0\0\x04\0\0\0\x02".as_slice(), &[0; 62], b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"];
        let whole = whole.concat();
        for length in 0..=whole.len() {
            assert!(!holds(&whole[..length], b"a", 20), "{length}");
        }
    }
}
