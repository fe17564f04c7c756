//! What a shell completes while somebody types: keys of the manifests around, topics of `explain`, paths, and all that the command
//! line itself knows. Nothing is asked of Graph, and what cannot be read completes to nothing.

use crate::explain;
use crate::reconcile::{Given, Project};
use clap_complete::engine::{ArgValueCompleter, CompletionCandidate, PathCompleter, ValueCompleter};
use std::ffi::OsStr;

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
