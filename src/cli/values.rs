//! The values that flags take.

use crate::inert::is_sign;
use crate::kind::KindId;
use crate::model::Key;
use crate::reconcile::Adopted;
use clap::ValueEnum;
use std::convert::Infallible;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

/// A label that is asked for.
#[derive(Clone)]
pub struct Label {
    pub name: String,
    pub value: String,
}

impl FromStr for Label {
    type Err = String;

    fn from_str(text: &str) -> Result<Label, String> {
        let (name, value) = text.split_once('=').ok_or("not a label like `team=platform`")?;
        Ok(Label { name: name.into(), value: value.into() })
    }
}

/// A language tag; it goes into a header.
pub fn language(text: &str) -> Result<String, String> {
    let fits = |(place, part): (usize, &str)| {
        let long = if place == 0 { 2..=3 } else { 2..=8 };
        long.contains(&part.len()) && part.bytes().all(|sign| sign.is_ascii_alphanumeric())
    };
    match text.split('-').enumerate().all(fits) {
        true => Ok(text.to_owned()),
        false => Err(format!("not a language tag such as `en-US`: `{text}`")),
    }
}

/// Reads how long to wait for something.
pub fn wait(text: &str) -> Result<Duration, String> {
    let wrong = || format!("not a time such as `90s`, `3m` or `1h`: `{text}`");
    let end = text.find(|sign: char| !sign.is_ascii_digit()).unwrap_or(text.len());
    let number: u64 = text[..end].parse().ok().filter(|it| *it < 1_000_000).ok_or_else(wrong)?;
    match &text[end..] {
        "" if number == 0 => Ok(Duration::ZERO),
        "s" => Ok(Duration::from_secs(number)),
        "m" => Ok(Duration::from_secs(60 * number)),
        "h" => Ok(Duration::from_secs(3600 * number)),
        _ => Err(wrong()),
    }
}

/// Reads how often something is done.
pub fn interval(text: &str) -> Result<Duration, String> {
    let fits = |it: &Duration| (60..=86_400).contains(&it.as_secs());
    let time = wait(text)?;
    if fits(&time) { Ok(time) } else { Err(format!("not a time from `1m` to `24h`: `{text}`")) }
}

/// Reads which online meeting is to be taken over.
pub fn adopted(text: &str) -> Result<Adopted, String> {
    let (key, id) = text.split_once('=').ok_or("not like `OnlineMeeting/standup=123 456 789 012`")?;
    let key: Key = key.parse()?;
    match key.kind().id {
        KindId::OnlineMeeting => {}
        KindId::Event => return Err(format!("only online meetings have a meeting id to be found by, `{key}` is none")),
    }
    let meeting_id: String = id.chars().filter(|sign| !sign.is_whitespace()).collect();
    if meeting_id.is_empty() || !meeting_id.bytes().all(|sign| sign.is_ascii_digit()) {
        return Err(format!("not a meeting id such as `123 456 789 012`: `{id}`"));
    }
    Ok(Adopted { key, meeting_id })
}

/// Reads what is said to those whose event is cancelled: one line, as it would have to be in a manifest.
pub fn comment(text: &str) -> Result<String, String> {
    match text.chars().find(|it| is_sign(*it)) {
        Some(sign) => Err(format!("one line of text without control signs, and it holds U+{:04X}", u32::from(sign))),
        None => Ok(text.to_owned()),
    }
}

/// The formats of most reports.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    Human,
    Json,
}

/// The formats of the reports of `plan`, `apply` and `destroy`.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ReportFormat {
    Human,
    Json,
    /// For comments and summaries of a pipeline
    Markdown,
    /// One page that works offline
    Html,
    /// What calendars will hold, of a plan alone
    Ics,
}

/// How standard error tells what happens.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Log {
    Human,
    Json,
}

/// When there is colour.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Color {
    Auto,
    Always,
    Never,
}

/// The whole id of a plan.
#[derive(Debug, Clone)]
pub struct PlanId(pub String);

impl FromStr for PlanId {
    type Err = String;

    fn from_str(text: &str) -> Result<PlanId, String> {
        match text.len() == 64 && text.bytes().all(|sign| matches!(sign, b'0'..=b'9' | b'a'..=b'f')) {
            true => Ok(PlanId(text.into())),
            false => {
                Err("the id of a plan has 64 digits 0-9 and a-f: `convoke plan --format json` has it as `planId`"
                    .into())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_a_number_with_its_unit_or_nothing() {
        for (text, seconds) in [("0", 0), ("0s", 0), ("90s", 90), ("3m", 180), ("2h", 7200)] {
            assert_eq!(wait(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
        for text in ["", "3", "m", "-3m", "3 m", "1.5h", "3d", "99999999999999999999s", "9999999h", "3\u{666}m"] {
            assert!(wait(text).unwrap_err().contains("not a time such as"), "{text}");
        }
    }
}

/// What a command is about: a resource, or what stands in files.
#[derive(Debug, Clone, PartialEq)]
pub enum Subject {
    /// One resource.
    Key(Key),
    /// A file or folder.
    Path(PathBuf),
}

/// Reads a key such as `Event/weekly`, and takes everything else for a path.
pub fn subject(text: &str) -> Result<Subject, Infallible> {
    let named = |name: &str| name.bytes().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'-');
    let key = text.parse::<Key>().ok().filter(|key| named(key.name()));
    Ok(key.map_or_else(|| Subject::Path(text.into()), Subject::Key))
}
