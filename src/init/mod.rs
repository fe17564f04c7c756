//! A new project: the files that `convoke init` writes, with comments that teach.
//!
//! What the files hold is decided from the folder's name and a date; nothing is asked. Files that are there stay as they are.

use crate::kind::schema;
use crate::trouble::Trouble;
use anyhow::{Context, Result, bail};
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

/// Where the pipeline of a project runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Host {
    /// GitHub Actions.
    GitHub,
    /// GitLab CI.
    GitLab,
    /// Azure Pipelines.
    Azure,
}

impl Host {
    /// Guesses from the address of a repository who runs its pipeline.
    pub fn of(remote: &str) -> Host {
        let address = remote.to_lowercase();
        let host = address.split_once("://").map_or(address.as_str(), |(_, rest)| rest);
        let host = host.rsplit_once('@').map_or(host, |(_, host)| host).split(['/', ':']).next().unwrap_or_default();
        match () {
            () if host.contains("gitlab") => Host::GitLab,
            () if host.ends_with("dev.azure.com") || host.ends_with("visualstudio.com") => Host::Azure,
            () => Host::GitHub,
        }
    }
}

/// Returns the files of a new project whose workspace bears the folder's name as far as it can; the meetings in them begin
/// in the week after `today`. `way` leads to the folder from the root of its repository, where the host looks for workflows; it is
/// empty where the folder is the root, or in no repository.
///
/// Fails where a pipeline could not name the folder.
pub fn files(folder: &str, today: Date, way: &str, host: Host) -> Result<Vec<File>> {
    let next = |day| today.nth_weekday(1, day).and_then(|date| date.nth_weekday(1, day)).map(|date| date.to_string());
    let (monday, tuesday) = (next(Weekday::Monday)?, next(Weekday::Tuesday)?);
    let name = workspace_name(folder);
    let way_in_yaml = in_yaml(way)?;
    let fill = |text: &str| {
        let text = text.replace("{{name}}", &name).replace("{{monday}}", &monday).replace("{{tuesday}}", &tuesday);
        text.replace("{{folder}}", &way_in_yaml)
    };
    let file = |path: &str, about, text: &str| File { path: path.into(), about, text: fill(text) };
    let up: String = way.split('/').filter(|part| !part.is_empty()).map(|_| "../").collect();
    let schema = serde_json::to_string_pretty(&schema::any())? + "\n";
    let mut files = vec![
        file("convoke.yaml", "the workspace: limits and defaults", include_str!("template/convoke.yaml")),
        file("events/team-weekly.yaml", "a weekly online event", include_str!("template/team-weekly.yaml")),
        file("meetings/support-room.yaml", "a standalone meeting", include_str!("template/support-room.yaml")),
        File {
            path: "schemas/convoke.schema.json".into(),
            about: "what editors complete and check with",
            text: schema,
        },
    ];
    let pipeline = pipeline(host).iter();
    files.extend(pipeline.map(|(path, about, text)| file(&format!("{up}{path}"), about, text)));
    files.push(file(".gitignore", "keeps state and join links out of git", include_str!("template/gitignore")));
    Ok(files)
}

/// The files of a pipeline, from the root of the repository: where, what for, and the text.
fn pipeline(host: Host) -> &'static [(&'static str, &'static str, &'static str)] {
    const ABOUT: &str = "plan in pull requests, apply on main";
    match host {
        Host::GitHub => &[
            (".github/workflows/convoke.yml", ABOUT, include_str!("template/github.yml")),
            (".github/workflows/convoke-forks.yml", "plan pull requests of forks", include_str!("template/forks.yml")),
            (".github/workflows/convoke-comment.yml", "show those plans", include_str!("template/comment.yml")),
        ],
        Host::GitLab => &[(".gitlab-ci.yml", ABOUT, include_str!("template/gitlab.yml"))],
        Host::Azure => &[("azure-pipelines.yml", ABOUT, include_str!("template/azure.yml"))],
    }
}

/// The way to a folder as a value of YAML: `.` for the root.
fn in_yaml(way: &str) -> Result<String> {
    // A dollar sign is expanded by one host or the other, and by each in its own way.
    if way.contains('$') {
        let dollar = Trouble::new(format!("a pipeline cannot name the folder `{way}`: it has a dollar sign"));
        bail!(dollar.hint("give the folder another name"));
    }
    let plain = way.chars().all(|it| it.is_ascii_alphanumeric() || "/_-".contains(it)) && !way.starts_with('-');
    Ok(match way {
        "" => ".".into(),
        way if plain && way.contains(|it: char| it.is_ascii_alphabetic()) => way.into(),
        way => serde_json::Value::from(format!("./{way}")).to_string(),
    })
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

/// Words that are no text in YAML.
const NO_TEXT: [&str; 9] = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"];

/// Turns a folder's name into a workspace's: lower-case letters, digits and hyphens.
fn workspace_name(folder: &str) -> String {
    let allowed = |it: char| if it.is_ascii_alphanumeric() { it.to_ascii_lowercase() } else { '-' };
    let name: String = folder.chars().map(allowed).collect();
    let parts: Vec<&str> = name.split('-').filter(|part| !part.is_empty()).collect();
    let name: String = parts.join("-").chars().take(63).collect();
    match name.trim_end_matches('-') {
        "" => "meetings".to_owned(),
        // YAML takes it for a number, or for yes or no.
        name if name.starts_with(|it: char| it.is_ascii_digit()) || NO_TEXT.contains(&name) => {
            format!("meetings-{}", &name[..name.len().min(54)]).trim_end_matches('-').to_owned()
        }
        name => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_of_a_repository_tells_who_runs_its_pipeline() {
        for (remote, expect) in [
            ("https://github.com/contoso/meetings.git", Host::GitHub),
            ("git@gitlab.contoso.example:it/meetings.git", Host::GitLab),
            ("https://gitlab.com/contoso/meetings", Host::GitLab),
            ("https://contoso@dev.azure.com/contoso/it/_git/meetings", Host::Azure),
            ("git@ssh.dev.azure.com:v3/contoso/it/meetings", Host::Azure),
            ("https://contoso.visualstudio.com/it/_git/meetings", Host::Azure),
            ("https://github.com/contoso/gitlab.git", Host::GitHub),
            ("/srv/git/meetings", Host::GitHub),
        ] {
            assert_eq!(Host::of(remote), expect, "{remote}");
        }
    }

    #[test]
    fn a_workspace_bears_the_name_of_its_folder_as_far_as_it_can() {
        for (folder, expect) in [
            ("contoso-meetings", "contoso-meetings"),
            ("Contoso Meetings", "contoso-meetings"),
            ("My Meetings & Co", "my-meetings-co"),
            (".hidden_", "hidden"),
            ("会議", "meetings"),
            ("", "meetings"),
            ("2027", "meetings-2027"),
            ("No", "meetings-no"),
            (&"a".repeat(80), &"a".repeat(63)),
        ] {
            assert_eq!(workspace_name(folder), expect);
        }
    }
}
