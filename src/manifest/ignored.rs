//! Ignore files: `.convokeignore` in a folder names what in it and below is no manifest, as `.gitignore` does for git.
//!
//! The patterns are ripgrep's own. What is ignored is as if it were not there: what it declared and is live is removed as with a
//! manifest that was deleted, and the plan says so.

use crate::disk;
use crate::manifest::files::{folders_above, shown};
use crate::reason::Reason;
use anyhow::{Context, Result, bail};
use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};
use std::path::Path;

const NAME: &str = ".convokeignore";

/// An ignore file is no larger than this.
const MOST: u64 = 1 << 20;

/// The ignore files that hold for a folder, the nearest last.
#[derive(Clone, Default)]
pub struct Ignored(Vec<Gitignore>);

impl Ignored {
    /// Reads those above a folder, as far as a workspace is looked for.
    ///
    /// Fails on one that cannot be read, and on a pattern that is none.
    pub fn above(folder: &Path) -> Result<Ignored> {
        let mut above: Vec<&Path> = folders_above(folder).skip(1).collect();
        above.reverse();
        above.into_iter().try_fold(Ignored::default(), |ignored, folder| ignored.with(folder))
    }

    /// Adds that of a folder, if it has one. Fails as `above` does.
    pub fn with(&self, folder: &Path) -> Result<Ignored> {
        let mut ignored = self.clone();
        ignored.0.extend(in_folder(folder)?);
        Ok(ignored)
    }

    /// Whether a file or folder is ignored: the nearest ignore file that speaks of it decides.
    pub fn covers(&self, path: &Path, is_folder: bool) -> bool {
        let said = self.0.iter().rev().map(|it| it.matched(path, is_folder)).find(|it| !it.is_none());
        matches!(said, Some(Match::Ignore(_)))
    }
}

fn in_folder(folder: &Path) -> Result<Option<Gitignore>> {
    let file = folder.join(NAME);
    let cannot = || format!("cannot read `{}`", shown(&file));
    if !disk::is_there(&file).with_context(cannot)? {
        return Ok(None);
    }
    let text = String::from_utf8(disk::read(&file, MOST).with_context(cannot)?).with_context(cannot)?;
    let mut builder = GitignoreBuilder::new(folder);
    for (line, pattern) in text.lines().enumerate() {
        if let Err(error) = builder.add_line(None, pattern) {
            let wrong = format!("{}:{}: this is no pattern", shown(&file), line + 1);
            bail!(
                Reason::File.trouble(wrong).detail(error.to_string()).hint("the patterns are those of a `.gitignore`")
            );
        }
    }
    Ok(Some(builder.build().with_context(cannot)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn the_nearest_ignore_file_that_speaks_of_a_path_decides() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir_all(at("charts/ours")).unwrap();
        fs::write(at(NAME), "# not ours\n*.yml\n/compose.yaml\ncharts/*\n").unwrap();
        fs::write(at("charts/.convokeignore"), "!ours/\n!kept.yml\n").unwrap();
        let top = Ignored::default().with(folder.path()).unwrap();
        let below = top.with(&at("charts")).unwrap();
        for (ignored, path, is_folder, expect) in [
            (&top, "a.yml", false, true),
            (&top, "a.yaml", false, false),
            (&top, "compose.yaml", false, true),
            (&top, "charts", true, false),
            (&below, "charts/theirs", true, true),
            (&below, "charts/ours", true, false),
            (&below, "charts/kept.yml", false, false),
            (&below, "charts/other.yml", false, true),
        ] {
            assert_eq!(ignored.covers(&at(path), is_folder), expect, "{path}");
        }
    }

    #[test]
    fn what_is_no_pattern_is_named_with_its_line() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(NAME), "fine\n{a,b\n").unwrap();
        let error = Ignored::default().with(folder.path()).err().unwrap();
        assert!(error.to_string().contains(".convokeignore:2: this is no pattern"), "{error:#}");
    }
}
