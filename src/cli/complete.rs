//! What a shell completes while somebody types: keys of the manifests around, topics of `explain`, paths, and all that the command
//! line itself knows. Nothing is asked of Graph, and what cannot be read completes to nothing.

use crate::cli::flags::Cli;
use crate::explain;
use crate::reconcile::{Given, Project};
use clap::CommandFactory;
use clap_complete::engine::{ArgValueCompleter, CompletionCandidate, PathCompleter, ValueCompleter};
use clap_complete::env::{CompleteEnv, Shells};
use std::ffi::OsStr;

/// The variable by which the script of a shell asks.
const ASKS: &str = "CONVOKE_COMPLETE";

/// Answers a shell that asks. Returns whether one did; how it failed is for clap to say.
pub fn answered() -> clap::error::Result<bool> {
    let here = std::env::current_dir().ok();
    CompleteEnv::with_factory(Cli::command).var(ASKS).try_complete(std::env::args_os(), here.as_deref())
}

/// Returns the script that makes a shell ask.
///
/// Fails for a shell that is not known.
pub fn script(shell: &str) -> std::io::Result<Vec<u8>> {
    let mut script = vec![];
    let known = Shells::builtins();
    let shell = known.completer(shell).ok_or_else(|| std::io::Error::other("no such shell"))?;
    shell.write_registration(ASKS, "convoke", "convoke", "convoke", &mut script)?;
    Ok(script)
}

/// Completes a key, such as Event/weekly.
pub fn keys() -> ArgValueCompleter {
    ArgValueCompleter::new(known_keys)
}

/// Completes a key, or the path of a file or folder.
pub fn keys_and_paths() -> ArgValueCompleter {
    ArgValueCompleter::new(|typed: &OsStr| {
        let paths = PathCompleter::any().complete(typed);
        known_keys(typed).into_iter().chain(paths).collect()
    })
}

/// Completes the name of a kind.
pub fn kinds() -> ArgValueCompleter {
    ArgValueCompleter::new(|typed: &OsStr| {
        let kinds = explain::topics().kinds;
        beginning(&typed.to_string_lossy(), kinds.into_iter().map(|it| (it.to_owned(), String::new())))
    })
}

/// Completes what can be explained: kinds, their properties, codes and lists.
pub fn topics() -> ArgValueCompleter {
    ArgValueCompleter::new(|typed: &OsStr| {
        let typed = typed.to_string_lossy();
        match typed.rsplit_once('.') {
            Some((above, _)) => beginning(&typed, properties(above)),
            None => beginning(&typed, names()),
        }
    })
}

fn known_keys(typed: &OsStr) -> Vec<CompletionCandidate> {
    let given = Given { check: true, ..Given::default() };
    let desired = Project::read(&[], given).map(|it| it.manifests.desired).unwrap_or_default();
    beginning(&typed.to_string_lossy(), desired.into_iter().map(|it| (it.key.to_string(), String::new())))
}

/// What can be explained, each with a word on it.
fn names() -> Vec<(String, String)> {
    let topics = explain::topics();
    let kinds = topics.kinds.iter().map(|it| ((*it).to_owned(), String::new()));
    let lists = topics.lists.iter().map(|(name, about)| ((*name).to_owned(), (*about).to_owned()));
    let codes = explain::reasons().into_iter().flat_map(|it| it.codes);
    kinds.chain(lists).chain(codes.map(|it| (it.reason.to_string(), it.title.to_owned()))).collect()
}

fn properties(above: &str) -> Vec<(String, String)> {
    let Ok(explained) = explain::explain(above) else { return vec![] };
    let entries = explained.lists().into_iter().flat_map(|(_, entries)| entries);
    entries.map(|it| (format!("{above}.{}", it.name), it.r#type.clone())).collect()
}

fn beginning(typed: &str, all: impl IntoIterator<Item = (String, String)>) -> Vec<CompletionCandidate> {
    let begins = all.into_iter().filter(|(name, _)| name.starts_with(typed));
    begins.map(|(name, about)| CompletionCandidate::new(name).help((!about.is_empty()).then(|| about.into()))).collect()
}
