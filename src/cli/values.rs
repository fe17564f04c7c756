//! The values that flags take.

use crate::kind::KindId;
use crate::model::Key;
use crate::reconcile::Adopted;
use clap::ValueEnum;
use std::str::FromStr;

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

/// The formats of most reports.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    Human,
    Json,
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
