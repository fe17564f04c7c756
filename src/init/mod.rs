//! A new project: the files that `convoke init` writes, with comments that teach.
//!
//! What the files hold is decided from the folder's name and a date; nothing is asked. Files that are there stay as they are.

use crate::kind::schema;
use anyhow::{Context, Result};
use jiff::civil::{Date, Weekday};
use serde::Serialize;
use std::fs;
use std::io::{ErrorKind, Write};
use std::path::Path;

/// One file of a new project.
pub struct File {
    /// Its path from the folder, with slashes; what the repository's host reads leads up to its root.
    pub path: String,
    /// What it is for, in a few words.
    pub about: &'static str,
    pub text: String,
}

/// What became of a file.
#[derive(Debug, Serialize)]
pub struct Written {
    pub path: String,
    pub about: &'static str,
    /// Whether it is new; otherwise one was there and was left alone.
    pub new: bool,
}

/// Returns the files of a new project whose workspace bears the folder's name as far as it can; the meetings in them begin
/// in the week after `today`. `way` leads to the folder from the root of its repository, where the host looks for workflows; it is
/// empty where the folder is the root, or in no repository.
pub fn files(folder: &str, today: Date, way: &str) -> Result<Vec<File>> {
    let next = |day| today.nth_weekday(1, day).and_then(|date| date.nth_weekday(1, day)).map(|date| date.to_string());
    let (monday, tuesday) = (next(Weekday::Monday)?, next(Weekday::Tuesday)?);
    let name = workspace_name(folder);
    let fill =
        |text: &str| text.replace("{{name}}", &name).replace("{{monday}}", &monday).replace("{{tuesday}}", &tuesday);
    let file = |path: &str, about, text: &str| File { path: path.into(), about, text: fill(text) };
    let up: String = way.split('/').filter(|part| !part.is_empty()).map(|_| "../").collect();
    let schema = serde_json::to_string_pretty(&schema::any())? + "\n";
    Ok(vec![
        file("convoke.yaml", "the workspace: limits and defaults", include_str!("template/convoke.yaml")),
        file("events/team-weekly.yaml", "a weekly online event", include_str!("template/team-weekly.yaml")),
        file("meetings/support-room.yaml", "a standalone meeting", include_str!("template/support-room.yaml")),
        File {
            path: "schemas/convoke.schema.json".into(),
            about: "what editors complete and check with",
            text: schema,
        },
        file(&format!("{up}.github/workflows/convoke.yml"), "plan in pull requests, apply on main", &workflow(way)),
        file(".gitignore", "keeps state and join links out of git", include_str!("template/gitignore")),
    ])
}

/// Writes files below a folder; each appears whole or not at all, and none takes the place of another.
pub fn write(folder: &Path, files: &[File]) -> Result<Vec<Written>> {
    let write = |File { path, about, text }: &File| {
        let target = folder.join(path);
        let new = write_new(&target, text).with_context(|| format!("cannot write `{}`", target.display()))?;
        Ok(Written { path: path.clone(), about, new })
    };
    files.iter().map(write).collect()
}

/// Writes a file unless something bears its name; tells whether it did.
fn write_new(target: &Path, text: &str) -> Result<bool> {
    if target.symlink_metadata().is_ok() {
        return Ok(false);
    }
    let parent = target.parent().context("a file stands in a folder")?;
    fs::create_dir_all(parent)?;
    let mut options = tempfile::Builder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // Made for one person alone unless said otherwise; these are to be read like any other file of a project.
        options.permissions(fs::Permissions::from_mode(0o666));
    }
    let mut file = options.prefix(".convoke-").tempfile_in(parent)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    match file.persist_noclobber(target) {
        Ok(_) => Ok(true),
        // Somebody was faster.
        Err(error) if error.error.kind() == ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(error.error.into()),
    }
}

/// The workflow of a project whose folder has such a way from the root of its repository: every command names it, so that
/// annotations name files as the host knows them.
fn workflow(way: &str) -> String {
    let plain = way.chars().all(|it| it.is_ascii_alphanumeric() || "/._-".contains(it)) && !way.starts_with('-');
    // Two quotes in a row are nothing to the shell, and keep the host from taking it for an expression of its own.
    let quoted = || format!("'./{}'", way.replace('\'', "'\\''").replace("${{", "$''{{"));
    let line = |line: &str| {
        let Some((lead, command)) = line.strip_suffix("{{way}}").and_then(|line| line.split_once("run: ")) else {
            return format!("{line}\n");
        };
        let command = match () {
            () if way.is_empty() => command.to_owned(),
            () if plain => format!("{command} {way}"),
            () => serde_json::Value::from(format!("{command} {}", quoted())).to_string(),
        };
        format!("{lead}run: {command}\n")
    };
    include_str!("template/workflow.yml").lines().map(line).collect()
}

/// Turns a folder's name into a workspace's: lower-case letters, digits and hyphens.
fn workspace_name(folder: &str) -> String {
    let allowed = |it: char| if it.is_ascii_alphanumeric() { it.to_ascii_lowercase() } else { '-' };
    let name: String = folder.chars().map(allowed).collect();
    let name: String = name.trim_start_matches('-').chars().take(63).collect();
    match name.trim_end_matches('-') {
        "" => "meetings".to_owned(),
        name => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_workspace_bears_the_name_of_its_folder_as_far_as_it_can() {
        for (folder, expect) in [
            ("contoso-meetings", "contoso-meetings"),
            ("Contoso Meetings", "contoso-meetings"),
            (".hidden_", "hidden"),
            ("会議", "meetings"),
            ("", "meetings"),
            (&"a".repeat(80), &"a".repeat(63)),
        ] {
            assert_eq!(workspace_name(folder), expect);
        }
    }
}
