//! What links, passcodes and ids of meetings look like in a text.

use crate::redact::Known;
use percent_encoding::percent_decode_str;
use std::ops::Range;

/// What stands in a join link and hardly elsewhere, in lower case.
pub const IN_LINKS: [&str; 5] = ["//teams.", "meetup-join", "teams.microsoft.", "teams.live.", ".teams.microsoft"];

pub fn links(text: &str, known: &Known) -> Vec<Range<usize>> {
    let ends = |it: char| it.is_whitespace() || matches!(it, '"' | '\'' | '<' | '>' | '`');
    let mut found = vec![];
    let mut from = 0;
    for part in text.split_inclusive(ends) {
        let word = part.trim_end_matches(ends);
        // What ends a sentence is not the link's.
        let word = word.trim_end_matches([')', ',', '.', ';']);
        found.extend(link(word, known).map(|start| from + start..from + word.len()));
        from += part.len();
    }
    found
}

/// Where a link begins in a word that is one, or holds one.
fn link(word: &str, known: &Known) -> Option<usize> {
    // Cut after its host, it leads nowhere.
    let cut = word.strip_suffix("/…").and_then(|it| it.split_once("://")).is_some_and(|(_, host)| !host.contains('/'));
    if cut || !word.contains(['/', '%', '.']) {
        return None;
    }
    let start = word.to_ascii_lowercase().find("http").unwrap_or(0);
    let plain = plain_link(&word[start..]);
    let lower = plain.to_lowercase();
    (IN_LINKS.iter().any(|it| lower.contains(it)) || known.links.contains(&plain)).then_some(start)
}

/// A link without the ways of writing it within HTML or another link.
pub fn plain_link(link: &str) -> String {
    let mut link = link.replace("&amp;", "&");
    // A link within a link within a link; what is encoded more often leads nowhere.
    for _ in 0..3 {
        link = percent_decode_str(&link).decode_utf8_lossy().into_owned();
    }
    link
}

/// What a passcode is called before its colon, in lower case; other languages are known by value.
const LABELS: [&str; 8] =
    ["passcode", "kenncode", "code secret", "código de acceso", "senha", "wachtwoord", "パスコード", "密码"];

/// The words behind a label and a colon.
pub fn labelled(text: &str) -> Vec<Range<usize>> {
    let mut found = vec![];
    for (at, sign) in text.match_indices([':', '：', '=']) {
        // Letters may have other lengths in lower case: only what stands before is compared.
        let before: String = text[..at].chars().rev().take(24).collect();
        let before: String = before.chars().rev().collect::<String>().to_lowercase();
        if LABELS.iter().any(|label| before.trim_end().ends_with(label)) {
            let rest = &text[at + sign.len()..];
            let start = at + sign.len() + (rest.len() - rest.trim_start().len());
            let length = text[start..].find(|it: char| it.is_whitespace() || "\"'<>,;)}]".contains(it));
            found.push(start..length.map_or(text.len(), |it| start + it));
        }
    }
    found.retain(|it| !it.is_empty());
    found
}

/// Meeting ids and ids to dial in with as Teams groups them, three to five groups of three digits, the last perhaps shorter; or
/// without blanks.
pub fn ids(text: &str) -> Vec<Range<usize>> {
    let mut found = vec![];
    for groups in runs(text) {
        let phone = groups.first().is_some_and(|it| text[..it.start].trim_end_matches(' ').ends_with('+'));
        let mut from = if phone { groups.len() } else { 0 };
        // Two ids may follow each other.
        while from < groups.len() {
            let longest = (from..groups.len().min(from + 5)).rev().find(|last| is_id(text, &groups[from..=*last]));
            found.extend(longest.map(|last| groups[from].start..groups[last].end));
            from = longest.unwrap_or(from) + 1;
        }
    }
    found
}

fn is_id(text: &str, groups: &[Range<usize>]) -> bool {
    let [first, .., last] = groups else {
        let within = |it: char| it.is_alphanumeric() || it == '_';
        let alone = |it: &Range<usize>| !text[..it.start].ends_with(within) && !text[it.end..].starts_with(within);
        return groups.iter().all(|it| (9..=13).contains(&it.len()) && alone(it) && !ends_guid(&text[..it.end]));
    };
    let threes = groups[..groups.len() - 1].iter().all(|it| it.len() == 3) && last.len() <= 3;
    threes && last.end - first.start >= "123 456 789".len()
}

/// Whether a text ends in a GUID, such as the id of a request, whose last digits may all be decimal.
fn ends_guid(text: &str) -> bool {
    const LENGTH: usize = "00000000-0000-0000-0000-000000000000".len();
    let last = text.len().checked_sub(LENGTH).and_then(|start| text.get(start..));
    last.is_some_and(|last| uuid::Uuid::try_parse(last).is_ok())
}

/// The numbers of a text that are known, however they are grouped.
pub fn numbers(text: &str, known: &Known) -> Vec<Range<usize>> {
    let mut found = vec![];
    for groups in runs(text) {
        for from in 0..groups.len() {
            let mut digits = String::new();
            for group in groups[from..].iter().take(8) {
                digits.push_str(&text[group.clone()]);
                if known.words.contains(&digits) {
                    found.push(groups[from].start..group.end);
                }
            }
        }
    }
    found
}

/// Groups of digits with a single blank or hyphen between them, each run whole.
fn runs(text: &str) -> Vec<Vec<Range<usize>>> {
    let mut runs: Vec<Vec<Range<usize>>> = vec![];
    let mut from = 0;
    while let Some(start) = text[from..].find(|it: char| it.is_ascii_digit()).map(|at| from + at) {
        let end = text[start..].find(|it: char| !it.is_ascii_digit()).map_or(text.len(), |at| start + at);
        let follows = |run: &&mut Vec<Range<usize>>| {
            let between = run.last().map(|last| &text[last.end..start]);
            matches!(between, Some(" " | "\u{a0}" | "-"))
        };
        match runs.last_mut().filter(follows) {
            Some(run) => run.push(start..end),
            None => runs.push(std::iter::once(start..end).collect()),
        }
        from = end;
    }
    runs
}

pub fn words(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut from = 0;
    text.split_inclusive(|it: char| !it.is_alphanumeric()).map(move |part| {
        let start = from;
        from += part.len();
        start..start + part.trim_end_matches(|it: char| !it.is_alphanumeric()).len()
    })
}

/// Whether a word is no word of a language: letters with digits, or capitals within it.
pub fn looks_made(word: &str) -> bool {
    let any = |of: fn(char) -> bool| word.chars().any(of);
    let inner = word.chars().skip(1).any(char::is_uppercase) && any(char::is_lowercase);
    (5..=16).contains(&word.len()) && any(char::is_alphabetic) && (any(|it| it.is_ascii_digit()) || inner)
}

/// The text of HTML, good enough to look for words in it.
pub fn without_tags(html: &str) -> String {
    let mut text = String::new();
    for part in html.split('<') {
        text.push(' ');
        text.push_str(part.split_once('>').map_or(part, |(_, text)| text));
    }
    text.replace("&nbsp;", " ").replace("&#43;", "+").split_whitespace().collect::<Vec<_>>().join(" ")
}
