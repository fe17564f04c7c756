//! Text of strangers made fit to be shown: it says what it says, and does nothing.
//!
//! Manifests, names of files, live objects and answers of servers may hold signs that move the cursor, end a line, turn the
//! direction of what follows, or mean a command to the runner of a pipeline. Such a sign is shown as what it is: `\n`,
//! `\u{1b}`. The marks that Hebrew and Arabic need (U+200E, U+200F, U+061C) stay. What is a secret is not known here.

use std::borrow::Cow;
use std::fmt::Write;

/// Tells whether a character is no text but a sign to whoever shows it: it moves the cursor, ends the line, or turns the
/// direction of what follows (Unicode's bidirectional overrides, embeddings and isolates).
pub fn is_sign(it: char) -> bool {
    it.is_control() || matches!(it, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Adds a character to a text that is shown, a sign as what it is.
pub fn push(shown: &mut String, it: char) {
    match it {
        '\n' => shown.push_str("\\n"),
        '\r' => shown.push_str("\\r"),
        '\t' => shown.push_str("\\t"),
        it if is_sign(it) => shown.extend(it.escape_unicode()),
        it => shown.push(it),
    }
}

/// Makes every sign of a text visible, ends of lines among them: what is shown stands on one line.
pub fn line(text: &str) -> Cow<'_, str> {
    if !text.contains(is_sign) {
        return text.into();
    }
    let mut shown = String::with_capacity(text.len() + 16);
    text.chars().for_each(|it| push(&mut shown, it));
    shown.into()
}

/// Lets through what layout is made of, and makes every other sign visible: line feeds, and sequences that only choose a colour
/// or weight (`ESC [ … m`).
pub fn page(text: &str) -> Cow<'_, str> {
    if !text.contains(|it| is_sign(it) && it != '\n') {
        return text.into();
    }
    let mut shown = String::with_capacity(text.len() + 16);
    let mut rest = text;
    while let Some(it) = rest.chars().next() {
        let length = style(rest).unwrap_or(it.len_utf8());
        match it == '\n' || length > it.len_utf8() {
            true => shown.push_str(&rest[..length]),
            false => push(&mut shown, it),
        }
        rest = &rest[length..];
    }
    shown.into()
}

/// How long the sequence is that a text begins with, if it only chooses a style.
fn style(text: &str) -> Option<usize> {
    let inner = text.strip_prefix("\u{1b}[")?;
    let end = inner.find(|it: char| !it.is_ascii_digit() && it != ';')?;
    inner[end..].starts_with('m').then_some(end + 3)
}

/// Escapes in JSON what serde leaves as it is: DEL, C1, and what turns or separates lines. The data stay as they are.
pub fn json(text: &str) -> Cow<'_, str> {
    if !text.contains(|it| is_sign(it) && it != '\n') {
        return text.into();
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for it in text.chars() {
        match is_sign(it) && it != '\n' {
            true => write!(shown, "\\u{:04x}", u32::from(it)).expect("a string takes all"),
            false => shown.push(it),
        }
    }
    shown.into()
}

/// How a sign is written that must not stand as itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Escape {
    /// For people: `\u{23}`.
    Shown,
    /// Within a string of JSON: `\u0023`.
    Json,
    /// Within a text of HTML: `&#35;`.
    Markup,
    /// Where no sign can be escaped: as its full-width twin, `＃`.
    Wide,
}

impl Escape {
    fn of(self, it: char) -> String {
        match self {
            Escape::Shown => it.escape_unicode().to_string(),
            Escape::Json => format!("\\u{:04x}", u32::from(it)),
            Escape::Wide => char::from_u32(u32::from(it) + 0xfee0).unwrap_or(it).to_string(),
            Escape::Markup => format!("&#{};", u32::from(it)),
        }
    }
}

/// Breaks in a line what the runner of a pipeline takes for a command wherever it stands: `##[…]` and `##vso[…]` (Actions and
/// Azure Pipelines), `section_start:` and `section_end:` (GitLab).
pub fn unheard(line: &str, escape: Escape) -> Cow<'_, str> {
    if !line.contains("##") && !line.contains("section_") {
        return line.into();
    }
    let mut broken: Vec<usize> = vec![];
    for (bracket, _) in line.match_indices('[') {
        let before = line[..bracket].trim_end_matches(|it: char| it.is_ascii_alphabetic());
        broken.extend(before.ends_with("##").then(|| before.len() - 1));
    }
    for word in ["section_start:", "section_end:"] {
        broken.extend(line.match_indices(word).map(|(at, _)| at + "section".len()));
    }
    broken.sort_unstable();
    broken.dedup();
    let (mut shown, mut from) = (String::with_capacity(line.len() + 16), 0);
    for at in broken {
        shown.push_str(&line[from..at]);
        shown.extend(line[at..].chars().next().map(|it| escape.of(it)));
        from = at + 1;
    }
    shown.push_str(&line[from..]);
    shown.into()
}

/// Breaks what the runner of GitHub Actions takes for a command at the beginning of a line, behind any blanks: `::set-output …::`.
pub fn unheard_first(line: &str, escape: Escape) -> Cow<'_, str> {
    let mut start = line.len() - line.trim_start().len();
    while let Some(length) = style(&line[start..]) {
        start += length;
        start += line[start..].len() - line[start..].trim_start().len();
    }
    match line[start..].strip_prefix("::") {
        Some(rest) => format!("{}{}:{rest}", &line[..start], escape.of(':')).into(),
        None => line.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sign_is_shown_as_what_it_is() {
        for (text, expect) in [
            ("Grüße, שלום\u{200f} ×", "Grüße, שלום\u{200f} ×"),
            ("\u{200e}\u{61c}", "\u{200e}\u{61c}"),
            ("a\nb\tc\rd", "a\\nb\\tc\\rd"),
            ("\u{1b}[2J\u{7f}\u{9b}\0", "\\u{1b}[2J\\u{7f}\\u{9b}\\u{0}"),
            ("x\u{202e}y\u{2066}z\u{2028}\u{2029}", "x\\u{202e}y\\u{2066}z\\u{2028}\\u{2029}"),
        ] {
            assert_eq!(line(text), expect);
        }
    }

    #[test]
    fn layout_passes_and_nothing_else() {
        for (text, expect) in [
            ("\u{1b}[1;31mred\u{1b}[0m\nplain\u{1b}[m\n", "\u{1b}[1;31mred\u{1b}[0m\nplain\u{1b}[m\n"),
            ("\u{1b}[2J\u{1b}]8;;x\u{7}\r\t", "\\u{1b}[2J\\u{1b}]8;;x\\u{7}\\r\\t"),
            ("\u{1b}[1;", "\\u{1b}[1;"),
            ("\u{1b}[1\u{1b}[1m", "\\u{1b}[1\u{1b}[1m"),
        ] {
            assert_eq!(page(text), expect);
        }
    }

    #[test]
    fn json_keeps_its_data() {
        let data = serde_json::json!({"a\u{9b}": ["x\u{202e}\u{7f}\u{2028}\n\u{1b}\u{200f}", "##[x]##vso[y]"]});
        let text = serde_json::to_string_pretty(&data).unwrap();
        let shown = json(&text);
        let shown = unheard(&shown, Escape::Json);
        assert!(!shown.contains(|it| is_sign(it) && it != '\n') && !shown.contains("##"), "{shown}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&shown).unwrap(), data);
    }

    #[test]
    fn a_command_of_a_runner_is_broken() {
        for (text, expect) in [
            ("Baker ##[set-output name=a]true", "Baker #\\u{23}[set-output name=a]true"),
            ("###[x] ##VSO[y]", "##\\u{23}[x] #\\u{23}VSO[y]"),
            ("## Agenda [1], a##b [2], #[3]", "## Agenda [1], a##b [2], #[3]"),
            ("section_start:1:x section_end:2:x", "section\\u{5f}start:1:x section\\u{5f}end:2:x"),
        ] {
            assert_eq!(unheard(text, Escape::Shown), expect);
        }
        assert_eq!(unheard("Baker ##[x]", Escape::Markup), "Baker #&#35;[x]");
        assert_eq!(unheard_first("  ::stop", Escape::Markup), "  &#58;:stop");
        assert_eq!(unheard("##[x] section_end:", Escape::Wide), "#＃[x] section＿end:");
        for (text, expect) in [
            ("::add-mask::x", "\\u{3a}:add-mask::x"),
            ("  \u{1b}[1m \u{a0}::stop", "  \u{1b}[1m \u{a0}\\u{3a}:stop"),
            (" a ::b::", " a ::b::"),
            ("", ""),
        ] {
            assert_eq!(unheard_first(text, Escape::Shown), expect);
        }
    }
}
