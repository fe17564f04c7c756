//! `convoke.lock` beside the workspace file: who is in the groups that rosters name, as `groups update` last wrote it.
//!
//! It is reviewed like a manifest and may have been written by a stranger: its size, its depth and each address in it are held
//! against rules, and what cannot be read never empties a group.

use crate::disk;
use crate::kind::mailbox;
use crate::kind::roster::Groups;
use crate::manifest::yaml::{self, Document};
use crate::problem::{Place, Problem, cut};
use crate::reason::Reason;
use crate::trouble::Trouble;
use serde_json::Value;
use std::path::Path;

/// The name of the file.
pub const NAME: &str = "convoke.lock";

/// A hundred groups of as many people as a roster may have.
const MOST: u64 = 32 << 20;

const VERSION: u64 = 1;

const AGAIN: &str = "`convoke groups update` writes it anew";

/// What was read of the file.
#[derive(Debug, Default)]
pub struct Lock {
    /// The groups, or nothing where the file cannot be used; none where there is no such file.
    pub groups: Option<Groups>,
    /// What is wrong with it.
    pub problems: Vec<Problem>,
    /// Its name and text, where there are any.
    pub text: Option<(String, String)>,
}

/// Reads the lock file of a folder.
pub fn read(folder: &Path) -> Lock {
    let path = folder.join(NAME);
    let file = super::files::shown(&path);
    let bytes = match disk::is_there(&path) {
        Ok(false) => return Lock { groups: Some(Groups::new()), ..Lock::default() },
        Ok(true) => disk::keep_inside(Some(folder), Path::new(NAME)).and_then(|()| disk::read(&path, MOST)),
        Err(error) => Err(error),
    };
    let text = bytes.and_then(|bytes| Ok(String::from_utf8(bytes)?));
    match text {
        Ok(text) => {
            let (groups, problems) = parse(&file, &text);
            Lock { groups, problems, text: Some((file, text)) }
        }
        Err(error) => {
            let at = Place { file: file.as_str().into(), range: 0..0, line: 1, column: 1 };
            let message = format!("`{NAME}` cannot be read: {}", Trouble::of(&error).what);
            let problem = Problem::new(Reason::Group, at, message).hint(format!("remove it: {AGAIN}"));
            Lock { problems: vec![problem], ..Lock::default() }
        }
    }
}

/// Reads the text of a lock file: the groups, unless something is wrong with it.
pub fn parse(file: &str, text: &str) -> (Option<Groups>, Vec<Problem>) {
    let (documents, mut problems) = yaml::documents(file, text);
    for problem in &mut problems {
        problem.hint = problem.hint.take().or(Some(AGAIN.into()));
    }
    let [document] = &documents[..] else {
        let at = Place { file: file.into(), range: 0..0, line: 1, column: 1 };
        problems.push(Problem::new(Reason::Group, at, "not one document that lists groups").hint(AGAIN));
        return (None, problems);
    };
    let groups = if problems.is_empty() && !document.flawed { groups(document, &mut problems) } else { Groups::new() };
    (problems.is_empty().then_some(groups), problems)
}

fn groups(document: &Document, problems: &mut Vec<Problem>) -> Groups {
    let mut wrong = |pointer: &str, message: String| {
        problems.push(Problem::new(Reason::Group, document.place(pointer), message).hint(AGAIN));
    };
    if document.value.get("formatVersion").and_then(Value::as_u64) != Some(VERSION) {
        wrong("/formatVersion", format!("not a lock file of `formatVersion: {VERSION}`"));
        return Groups::new();
    }
    let Some(all) = document.value.get("groups").and_then(Value::as_object) else {
        wrong("/groups", "no mapping `groups`".into());
        return Groups::new();
    };
    if let Some(other) = document
        .value
        .as_object()
        .and_then(|it| it.keys().find(|it| !["formatVersion", "groups"].contains(&it.as_str())))
    {
        wrong("", format!("unknown property `{}`", cut(other)));
    }
    let mut groups = Groups::new();
    for (group, members) in all {
        let at = format!("/groups/{}", group.replace('~', "~0").replace('/', "~1"));
        if !mailbox::is_address(group) {
            wrong(&at, format!("not the address of a group: `{}`", cut(group)));
            continue;
        }
        let Some(members) = members.as_array() else {
            wrong(&at, format!("not a list of addresses, of the group `{}`", cut(group)));
            continue;
        };
        let mut people = Vec::with_capacity(members.len());
        for (index, member) in members.iter().enumerate() {
            match member.as_str().filter(|it| mailbox::is_address(it)) {
                Some(address) => people.push(address.to_lowercase()),
                None => wrong(&format!("{at}/{index}"), format!("not an e-mail address: `{}`", cut(&said(member)))),
            }
        }
        groups.insert(group.to_lowercase(), people);
    }
    groups
}

fn said(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Returns the text of a lock file: the same for the same groups.
pub fn text(groups: &Groups) -> String {
    let quoted = |text: &str| Value::from(text).to_string();
    let mut text = format!(
        "# Who is in the groups that rosters name. `convoke groups update` writes it, plans read it: review it like a manifest.\n\
         formatVersion: {VERSION}\ngroups:{}\n",
        if groups.is_empty() { " {}" } else { "" }
    );
    for (group, members) in groups {
        text += &format!("  {}:{}\n", quoted(group), if members.is_empty() { " []" } else { "" });
        for member in members {
            text += &format!("    - {}\n", quoted(member));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Vec<String> {
        let (groups, problems) = parse("convoke.lock", text);
        assert_eq!(groups.is_none(), !problems.is_empty(), "{text}");
        problems.iter().map(|it| format!("{}:{}: {}", it.at.line, it.at.column, it.message)).collect()
    }

    #[test]
    fn what_is_written_is_read_back() {
        let members = |names: &[&str]| names.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>();
        for groups in [
            Groups::new(),
            Groups::from([
                (
                    "a@x.example".into(),
                    members(&["'b'@x.example", "adele_f.example#EXT#@x.example".to_lowercase().as_str()]),
                ),
                ("z@x.example".into(), vec![]),
            ]),
        ] {
            let text = text(&groups);
            assert_eq!(parse("convoke.lock", &text), (Some(groups), vec![]), "{text}");
        }
    }

    #[test]
    fn what_a_stranger_writes_is_refused_in_its_place() {
        for (text, expect) in [
            ("", "1:1: not one document that lists groups"),
            ("formatVersion: 2\ngroups: {}\n", "1:16: not a lock file of `formatVersion: 1`"),
            ("formatVersion: 1\n", "1:1: no mapping `groups`"),
            ("formatVersion: 1\ngroups: {}\nplan: x\n", "1:1: unknown property `plan`"),
            (
                "formatVersion: 1\ngroups: {a@x.example: {b: c}}\n",
                "2:23: not a list of addresses, of the group `a@x.example`",
            ),
            ("formatVersion: 1\ngroups: {a: []}\n", "2:13: not the address of a group: `a`"),
            (
                "formatVersion: 1\ngroups:\n  a@x.example:\n    - b@x.example/../c\n",
                "4:7: not an e-mail address: `b@x.example/../c`",
            ),
            ("formatVersion: 1\ngroups: {a@x.example: [5]}\n", "2:24: not an e-mail address: `5`"),
            (
                "formatVersion: 1\ngroups: {}\n---\nformatVersion: 1\ngroups: {}\n",
                "1:1: not one document that lists groups",
            ),
        ] {
            assert_eq!(told(text), [expect], "{text}");
        }
        assert!(!told(&format!("formatVersion: 1\ngroups: {}\n", "[".repeat(100_000))).is_empty());
    }
}
