//! The report for people: readable at 80 columns and without colour.

use crate::plan::mail::Sort;
use crate::plan::{Action, Cause, Change};
use crate::render::lines::{options, wrapped};
use crate::render::occurrences;
use crate::report::{Mails, Report, Row, Summary};
use anstyle::{AnsiColor, Style};
use serde_json::Value;
use similar::{ChangeTag, TextDiff};

/// Renders the report. Steps that do nothing are shown only if they have something to say, or with `all`.
pub fn render(report: &Report, all: bool) -> String {
    let shown = |row: &&Row| {
        all || row.action != Action::NoOp || !row.notes.is_empty() || !row.clashes.is_empty() || row.message.is_some()
    };
    let mut text: String = report.steps.iter().filter(shown).map(step).collect();
    if !report.occurrences.is_empty() {
        text += if text.is_empty() { "" } else { "\n" };
        text += &occurrences::render(&report.occurrences);
    }
    for note in &report.notes {
        text += &wrapped("note: ", "      ", note);
    }
    if !text.is_empty() {
        text.push('\n');
    }
    text += &summary(report);
    for refusal in &report.refusals {
        text += &wrapped("refused: ", "         ", refusal);
    }
    text
}

fn step(row: &Row) -> String {
    let (sign, word, style) = action(row.action);
    // A create that may turn out to be something else says so in its first line.
    let aside = row.reason.as_ref().filter(|_| row.action == Action::Create);
    let mut title = format!("{style}{sign} {}{style:#}  {word}", row.key);
    if row.action != Action::NoOp {
        title += &format!(" for {}", row.organizer);
    }
    title += &aside.map(|reason| format!(" ({reason})")).unwrap_or_default();
    title += &row.outcome.map(|outcome| format!(" · {outcome}")).unwrap_or_default();
    let mut text = textwrap::fill(&title, options("", "      ")) + "\n";
    if let Some(reason) = row.reason.as_ref().filter(|_| aside.is_none()) {
        text += &wrapped("    because ", "            ", reason);
    }
    for it in &row.changes {
        text += &change(row.action, it);
    }
    if let Some(mails) = mails(&row.mail) {
        text += &wrapped("    mail: ", "          ", &mails);
    }
    for clash in &row.clashes {
        text += &wrapped("    clash: ", "           ", clash);
    }
    for note in &row.notes {
        text += &wrapped("    note: ", "          ", note);
    }
    if let Some(message) = &row.message {
        let lead = if row.outcome == Some("failed") { "    error: " } else { "    note: " };
        text += &wrapped(lead, "      ", message);
    }
    text
}

/// Sign, word and colour of an action. The sign and the word say it all: colour only helps.
fn action(action: Action) -> (char, &'static str, Style) {
    let colour = |colour: AnsiColor| Style::new().fg_color(Some(colour.into())).bold();
    match action {
        Action::NoOp => (' ', "unchanged", Style::new()),
        Action::Create => ('+', "create", colour(AnsiColor::Green)),
        Action::Adopt => ('+', "adopt", colour(AnsiColor::Green)),
        Action::Update => ('~', "update", colour(AnsiColor::Yellow)),
        Action::Replace => ('±', "replace", colour(AnsiColor::Magenta)),
        Action::Cancel => ('-', "cancel", colour(AnsiColor::Red)),
        Action::Blocked => ('!', "blocked", colour(AnsiColor::Red)),
    }
}

fn change(action: Action, change: &Change) -> String {
    let Change { field, current, desired, cause } = change;
    let lead = format!("    {field}: ");
    if action == Action::Create {
        return wrapped(&lead, "      ", &short(desired));
    }
    let why = match cause {
        Cause::Manifest => "",
        Cause::Drift => "  (drift: changed outside)",
        Cause::Both => "  (changed here and outside)",
    };
    let values = match (current, desired) {
        (Value::String(old), Value::String(new)) if old.len().max(new.len()) > 40 => words(old, new),
        (Value::Object(old), Value::Object(new)) if field == "attendees" => people(old, new),
        _ => format!("{} -> {}", short(current), short(desired)),
    };
    wrapped(&lead, "      ", &(values + why))
}

/// The words of a long text that go and come: `[-old-]{+new+}`.
fn words(old: &str, new: &str) -> String {
    let diff = TextDiff::from_words(old, new);
    let parts = diff.iter_all_changes().map(|change| match change.tag() {
        ChangeTag::Equal => change.value().to_owned(),
        ChangeTag::Delete => format!("[-{}-]", change.value()),
        ChangeTag::Insert => format!("{{+{}+}}", change.value()),
    });
    let text: String = parts.collect();
    text.replace("-][-", "").replace("+}{+", "")
}

/// Who is added, who is removed and whose role changes.
fn people(old: &serde_json::Map<String, Value>, new: &serde_json::Map<String, Value>) -> String {
    let added = new.keys().filter(|name| !old.contains_key(*name)).map(|name| format!("+{name}"));
    let removed = old.keys().filter(|name| !new.contains_key(*name)).map(|name| format!("-{name}"));
    let changed = new.iter().filter(|(name, role)| old.get(*name).is_some_and(|old| old != *role));
    let changed = changed.map(|(name, role)| format!("~{name} {}", short(role)));
    added.chain(removed).chain(changed).collect::<Vec<_>>().join(" ")
}

/// A value in one line: times as a person writes them, short objects as `name value`, long ones cut.
fn short(value: &Value) -> String {
    match value {
        Value::Null => "(none)".into(),
        Value::Array(items) if items.is_empty() => "(none)".into(),
        Value::Object(members) if members.is_empty() => "(none)".into(),
        Value::String(text) => format!("\"{}\"", cut(text, 160)),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
        Value::Array(items) => items.iter().map(short).collect::<Vec<_>>().join(", "),
        Value::Object(members) => match (value["dateTime"].as_str(), value["timeZone"].as_str()) {
            (Some(at), Some(zone)) => format!("{} {zone}", at.get(..16).unwrap_or(at).replace('T', " ")),
            _ if members.contains_key("pattern") => recurrence(value),
            _ => members.iter().map(|(name, value)| member(name, value)).collect::<Vec<_>>().join(", "),
        },
    }
}

/// A series in one line: `weekly, interval 1, daysOfWeek tuesday; endDate, startDate 2027-01-12, endDate 2027-06-29`.
fn recurrence(value: &Value) -> String {
    let part = |part: &Value| {
        let members = part.as_object().into_iter().flatten();
        let bare = |value: &Value| short(value).replace('"', "");
        members
            .map(|(name, value)| if name == "type" { bare(value) } else { format!("{name} {}", bare(value)) })
            .collect::<Vec<_>>()
            .join(", ")
    };
    format!("{}; {}", part(&value["pattern"]), part(&value["range"]))
}

fn member(name: &str, value: &Value) -> String {
    match value {
        Value::String(text) => format!("{name} {text}"),
        Value::Object(_) => format!("{name} ({})", short(value)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => format!("{name} {}", short(value)),
    }
}

fn mails(mails: &[Mails]) -> Option<String> {
    let parts: Vec<String> = mails
        .iter()
        .map(|it| {
            let (one, many) = match it.kind {
                Sort::Invitation => ("invitation", "invitations"),
                Sort::Update => ("update", "updates"),
                Sort::Cancellation => ("cancellation", "cancellations"),
                Sort::Possible => ("possible update", "possible updates"),
            };
            let outside = if it.outside > 0 { format!(" ({} outside)", it.outside) } else { String::new() };
            format!("{} {}{outside}", it.count, if it.count == 1 { one } else { many })
        })
        .collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

fn summary(report: &Report) -> String {
    let Summary { create, update, replace, cancel, adopt, noop, blocked, mails } = report.summary;
    let counts = [
        (create, "to create"),
        (adopt, "to adopt"),
        (update, "to update"),
        (replace, "to replace"),
        (cancel, "to cancel"),
        (blocked, "blocked"),
        (noop, "unchanged"),
    ];
    let counts: Vec<String> =
        counts.iter().filter(|(number, _)| *number > 0).map(|(number, word)| format!("{number} {word}")).collect();
    if create + update + replace + cancel + adopt + blocked == 0 {
        return format!("{}: nothing to do, {noop} unchanged\n", report.workspace);
    }
    let mut text = format!("{}: {}\n", report.workspace, counts.join(", "));
    text += &match (mails.total, mails.possible) {
        (0, 0) => "mail: nobody is mailed\n".to_owned(),
        (0, 1) => "mail: nobody for certain; 1 mail is possible\n".to_owned(),
        (0, possible) => format!("mail: nobody for certain; {possible} mails are possible\n"),
        (total, possible) => {
            let maybe = match possible {
                0 => String::new(),
                1 => "; 1 more is possible".into(),
                _ => format!("; {possible} more are possible"),
            };
            let people = if mails.people == 1 { "1 person".into() } else { format!("{} people", mails.people) };
            let least = if mails.at_least { "at least " } else { "" };
            format!("mail: {least}{total} to {people}, {} outside the organizer's domain{maybe}\n", mails.outside)
        }
    };
    if report.applied {
        text += &fates(report);
    }
    text
}

fn fates(report: &Report) -> String {
    let fates = ["applied", "failed", "blocked", "unsettled", "skipped"];
    let count = |fate: &str| report.steps.iter().filter(|row| row.outcome == Some(fate)).count();
    let counts: Vec<String> = fates
        .iter()
        .map(|fate| (count(fate), fate))
        .filter(|it| it.0 > 0)
        .map(|it| format!("{} {}", it.0, it.1))
        .collect();
    format!("result: {}\n", counts.join(", "))
}

fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.into(),
    }
}
