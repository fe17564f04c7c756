//! What no text that is printed may hold, whoever wrote it.

use serde_json::Value;

/// What begins a style that is the program's own: an action's colour, or none.
const STYLES: [&str; 5] =
    ["\u{1b}[1m\u{1b}[32m", "\u{1b}[1m\u{1b}[33m", "\u{1b}[1m\u{1b}[35m", "\u{1b}[1m\u{1b}[31m", ""];
const PLAIN: &str = "\u{1b}[0m";

/// What stands around the code of a reason, such as `[CVK0301]`.
const CODE: [&str; 2] = ["\u{1b}[2m[CVK", "]\u{1b}[0m"];

/// What begins a line that the runner of GitHub Actions is meant to obey.
const COMMAND: &str = "::error file=";

/// Asserts that a text for people holds nothing but words, line ends, codes of reasons and the styles of titles, each ended once.
pub fn text(text: &str) {
    let text = without_codes(text);
    let mut open = false;
    for line in text.split('\n') {
        let styled = STYLES.iter().filter(|it| !it.is_empty()).find_map(|style| line.strip_prefix(style));
        open |= styled.is_some();
        let mut words = styled.unwrap_or(line).to_owned();
        if open && words.contains(PLAIN) {
            words = words.replacen(PLAIN, "", 1);
            open = false;
        }
        assert!(!words.contains(is_sign), "{line:?}");
    }
}

/// A text without the codes in it, each of four digits and in its own style.
fn without_codes(text: &str) -> String {
    let [start, end] = CODE;
    let mut parts = text.split(start);
    let mut rest = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part.split_at_checked(4).and_then(|(code, after)| Some((code, after.strip_prefix(end)?))) {
            Some((code, after)) if code.chars().all(|it| it.is_ascii_digit()) => rest += after,
            _ => rest += &format!("{start}{part}"),
        }
    }
    rest
}

/// Asserts that a text in colour has no sequence but those that choose a style.
pub fn styled(text: &str) {
    let mut rest = text;
    while let Some(at) = rest.find(|it| is_sign(it) && it != '\n') {
        let style = rest[at..].strip_prefix("\u{1b}[").and_then(|it| it.split_once('m'));
        let Some((_, after)) = style.filter(|(inner, _)| inner.chars().all(|it| it.is_ascii_digit() || it == ';'))
        else {
            panic!("{:?}", &rest[at..]);
        };
        rest = after;
    }
}

/// Asserts that a text holds nothing that the runner of a pipeline obeys, but for commands that are ours.
pub fn unheard(text: &str, commands: bool) {
    for line in text.split('\n') {
        let start = STYLES.iter().find_map(|style| line.strip_prefix(style)).unwrap_or(line).trim_start();
        let lower = line.to_lowercase();
        let heard = ["##[", "##vso[", "section_start:", "section_end:"].iter().any(|it| lower.contains(it));
        assert!(!heard && (!start.starts_with("::") || commands && line.starts_with(COMMAND)), "{line:?}");
    }
}

/// Asserts that a text is JSON without signs, and returns the data.
pub fn json(text: &str) -> Value {
    assert!(!text.contains(|it| is_sign(it) && it != '\n'), "{text:?}");
    serde_json::from_str(text).expect("what is printed as JSON is JSON")
}

fn is_sign(it: char) -> bool {
    it.is_control() || matches!(it, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
