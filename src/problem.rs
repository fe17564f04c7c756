//! What an author must mend, where it stands, and how it is shown to people.
//!
//! A problem is data: the same ones go to the terminal, to annotations of a pull request and to JSON. Only `render` lays
//! out. It shows single lines, never whole files, and hides what a line must not give away: join links and passcodes.

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet, normalize_untrusted_str};
use std::ops::Range;
use std::sync::Arc;

/// Where something stands in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file's name as people know it.
    pub file: Arc<str>,
    /// Bytes of the file's text; empty for what is missing.
    pub range: Range<usize>,
    /// From 1.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
}

/// One thing an author must mend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where it stands.
    pub at: Place,
    /// Other places that have to do with it, each with a label.
    pub also: Vec<(Place, String)>,
    /// Lower case, no full stop, what the author typed in backticks.
    pub message: String,
    /// The way out.
    pub hint: Option<String>,
}

impl Problem {
    /// Makes a problem without other places or a hint.
    pub fn new(at: Place, message: impl Into<String>) -> Problem {
        Problem { at, also: vec![], message: message.into(), hint: None }
    }

    /// Adds the way out.
    pub fn hint(self, hint: impl Into<String>) -> Problem {
        Problem { hint: Some(hint.into()), ..self }
    }

    /// Adds another place that has to do with it.
    pub fn also(mut self, at: Place, label: impl Into<String>) -> Problem {
        self.also.push((at, label.into()));
        self
    }
}

/// How many characters of an author's text a message repeats.
const MOST_SHOWN: usize = 60;
/// How many bytes a line may have to be shown; the renderer cuts it to the terminal's width by itself.
const MOST_LINE: usize = 4096;

/// Cuts an author's text to what fits into a message, on one line and without control characters.
pub fn cut(text: &str) -> String {
    let mut shown = String::new();
    for (count, character) in text.chars().enumerate() {
        if count == MOST_SHOWN {
            shown.push('…');
            break;
        }
        match character {
            '\n' => shown.push_str("\\n"),
            '\r' => shown.push_str("\\r"),
            '\t' => shown.push_str("\\t"),
            it if it.is_control() => shown.extend(it.escape_unicode()),
            it => shown.push(it),
        }
    }
    shown
}

/// Renders problems for people, in the order of files, lines and columns, the way rustc does.
///
/// `sources` gives the text of a file by the name in its places; a problem whose text it does not have is shown without its
/// line. Each problem ends with an empty line.
pub fn render<'t>(problems: &[Problem], sources: &dyn Fn(&str) -> Option<&'t str>, color: bool) -> String {
    let mut sorted: Vec<&Problem> = problems.iter().collect();
    sorted.sort_by_key(|it| (&it.at.file, it.at.line, it.at.column));
    let renderer = if color { Renderer::styled() } else { Renderer::plain() };
    let mut text = String::new();
    for problem in sorted {
        text.push_str(&renderer.render(&[group(problem, sources)]));
        text.push_str("\n\n");
    }
    text
}

fn group<'t>(problem: &Problem, sources: &dyn Fn(&str) -> Option<&'t str>) -> Group<'static> {
    let Problem { at, also, message, hint } = problem;
    let mut group = Group::with_title(Level::ERROR.primary_title(message.clone()));
    let places = [(at, None)].into_iter().chain(also.iter().map(|(at, label)| (at, Some(label))));
    for (at, label) in places {
        let Some((line, range)) = sources(&at.file).and_then(|it| line(it, &at.range)) else {
            let origin = Origin::path(at.file.to_string());
            group = group.element(origin.line(at.line).char_column(at.column));
            continue;
        };
        let kind = if label.is_none() { AnnotationKind::Primary } else { AnnotationKind::Context };
        let annotation = kind.span(range).label(label.cloned());
        let snippet = Snippet::source(line).line_start(at.line);
        group = group.element(snippet.path(at.file.to_string()).annotation(annotation));
    }
    if let Some(hint) = hint {
        let hint = normalize_untrusted_str(&hint.replace(['\n', '\r'], " "));
        group = group.element(Level::HELP.with_name("hint").message(hint));
    }
    group
}

/// Returns the first line that a range touches, without its end, and the range within it.
///
/// `None` for a range that the text does not have, and for lines too long to be shown.
fn line(text: &str, range: &Range<usize>) -> Option<(String, Range<usize>)> {
    let (before, behind) = (text.get(..range.start)?, text.get(range.start..)?);
    let mut start = before.rfind(['\n', '\r']).map_or(0, |it| it + 1);
    if text[start..].starts_with('\u{feff}') {
        start += '\u{feff}'.len_utf8();
    }
    let end = range.start + behind.find(['\n', '\r']).unwrap_or(behind.len());
    let end = end.max(start);
    let under = range.start.max(start)..range.end.min(end).max(range.start).max(start);
    (end - start <= MOST_LINE).then(|| (veiled(&text[start..end]), under.start - start..under.end - start))
}

/// Tells whether a property holds what must not be shown: a passcode, a password, a token or a join link.
pub fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let ends = ["passcode", "password", "secret", "token", "joinurl", "joinweburl"];
    ends.iter().any(|it| name.ends_with(it))
}

/// Replaces secrets in a line by as many bytes of stars, so that places within it stay.
fn veiled(line: &str) -> String {
    let mut shown = line.to_owned();
    let mut hide = |range: Range<usize>| shown.replace_range(range.clone(), &"*".repeat(range.len()));
    for (colon, _) in line.match_indices(':') {
        let name = line[..colon].trim_end_matches(['"', '\'', ' ']);
        let name = &name[name
            .rfind(|it: char| !it.is_alphanumeric() && it != '_')
            .map_or(0, |it| it + name[it..].chars().next().map_or(1, char::len_utf8))..];
        if is_secret(name) {
            let value = &line[colon + 1..];
            let start = colon + 1 + (value.len() - value.trim_start().len());
            let inside = line[..colon].contains('{');
            let length = line[start..].find(|it| inside && matches!(it, ',' | '}'));
            hide(start..length.map_or(line.len(), |it| start + it));
        }
    }
    for (link, _) in line.match_indices("https://teams.") {
        let length = line[link..].find(|it: char| it.is_whitespace() || "\"'<>),".contains(it));
        hide(link..length.map_or(line.len(), |it| link + it));
    }
    shown
}
