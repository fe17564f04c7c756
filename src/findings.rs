//! What a check of manifests found, ready to be laid out: in order, counted, each span with its end.
//!
//! The words are the problems' own. How many are shown is decided here, so that all formats agree.

use crate::manifest::Manifests;
use crate::plural::{count, either};
use crate::problem::{Place, Problem, Rule, head};
use crate::reason::Reason;
use serde::Serialize;
use std::collections::BTreeMap;

/// How many problems people are shown at once.
const MOST_SHOWN: usize = 20;

/// How many files that were not read are named in one line.
const MOST_NAMED: usize = 3;

/// How many bytes of a place are underlined: a thousand problems may each stand at all of a large file.
const MOST_SPANNED: usize = 64 << 10;

/// What a check found.
pub struct Findings<'a> {
    pub documents: usize,
    pub files: usize,
    /// How many problems there are, shown or not.
    pub total: usize,
    /// Those that are shown, in the order of files, lines and columns.
    pub shown: Vec<Finding<'a>>,
    /// The text of each file.
    pub texts: &'a BTreeMap<String, String>,
}

/// One problem with the ends of its spans.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Finding<'a> {
    /// Its code.
    pub code: Reason,
    /// `syntax`, `schema` or `meaning`.
    pub rule: &'static str,
    pub message: &'a str,
    pub hint: Option<&'a str>,
    #[serde(flatten)]
    pub at: Span<'a>,
    /// Other places that have to do with it.
    pub related: Vec<Related<'a>>,
    #[serde(skip)]
    pub problem: &'a Problem,
}

/// Another place, and what it has to do with the first.
#[derive(Serialize)]
pub struct Related<'a> {
    pub label: &'a str,
    #[serde(flatten)]
    pub at: Span<'a>,
}

/// From where to where, in characters from 1; the end is the first character behind.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Span<'a> {
    pub file: &'a str,
    pub line: usize,
    pub column: usize,
    pub end_line: usize,
    pub end_column: usize,
}

/// Collects what was found; people are shown the first of many unless they ask for all.
pub fn findings(manifests: &Manifests, all: bool) -> Findings<'_> {
    let Manifests { problems, texts, documents, files, .. } = manifests;
    let most = if all { problems.len() } else { MOST_SHOWN };
    let shown = problems.iter().take(most).map(|problem| finding(problem, texts)).collect();
    Findings { documents: *documents, files: *files, total: problems.len(), shown, texts }
}

impl Findings<'_> {
    /// Says that there is nothing to mend: `2 documents in 1 file: no problems`.
    pub fn sound(&self) -> String {
        format!("{} in {}: no problems", count(self.documents, "document"), count(self.files, "file"))
    }

    /// Says how many problems there are, and that nothing came of it.
    pub fn refusal(&self) -> String {
        format!("{} in the manifests; nothing was touched", count(self.total, "problem"))
    }

    /// Says how many problems there are, where the rest is shown all the same.
    pub fn rest_is_shown(&self) -> String {
        format!("{} in the manifests; what they declare may be missing here", count(self.total, "problem"))
    }

    /// Says how many problems are not shown, if any are not.
    pub fn left_out(&self) -> Option<String> {
        let more = self.total - self.shown.len();
        let them = either(more, "it", "them");
        (more > 0).then(|| format!("… and {more} more {}; --all shows {them}", either(more, "problem", "problems")))
    }
}

/// Says what was found beside the manifests and not read, a sentence for each reason; of many files the first, unless `all` are
/// asked for. What is ignored is told only then: somebody wrote that down.
pub fn left_out(manifests: &Manifests, all: bool) -> Vec<String> {
    let Manifests { foreign, linked, ignored, .. } = manifests;
    let documents = foreign.iter().map(|it| it.documents).sum();
    let files: Vec<&str> = foreign.iter().map(|it| it.file.as_str()).collect();
    let linked: Vec<&str> = linked.iter().map(String::as_str).collect();
    let ignored: Vec<&str> = ignored.iter().map(String::as_str).collect();
    let sentences = [
        (&files, format!("passed over {} of other programs: ", count(documents, "document"))),
        (&linked, "linked folders are not looked into: ".to_owned()),
        (&ignored, ".convokeignore leaves out: ".to_owned()),
    ];
    let told = sentences.into_iter().take(if all { 3 } else { 2 }).filter(|(files, _)| !files.is_empty());
    told.map(|(files, lead)| lead + &named(files, all)).collect()
}

fn named(files: &[&str], all: bool) -> String {
    let (shown, more) = files.split_at(if all { files.len() } else { files.len().min(MOST_NAMED) });
    let more = if more.is_empty() { String::new() } else { format!(" and {} more (-v names all)", more.len()) };
    shown.join(", ") + &more
}

/// Names a rule as reports do.
pub fn rule(rule: Rule) -> &'static str {
    match rule {
        Rule::Syntax => "syntax",
        Rule::Schema => "schema",
        Rule::Meaning => "meaning",
    }
}

fn finding<'a>(problem: &'a Problem, texts: &BTreeMap<String, String>) -> Finding<'a> {
    let Problem { rule: of, reason, at, also, message, hint } = problem;
    let related = also.iter().map(|(at, label)| Related { label, at: span(at, texts) }).collect();
    Finding { code: *reason, rule: rule(*of), message, hint: hint.as_deref(), at: span(at, texts), related, problem }
}

fn span<'a>(at: &'a Place, texts: &BTreeMap<String, String>) -> Span<'a> {
    let Place { file, range, line, column } = at;
    let inside = texts.get(&**file).and_then(|text| text.get(range.clone())).unwrap_or_default();
    let inside = head(inside, MOST_SPANNED);
    // Lines end as YAML's do: with a line feed, a carriage return, or both.
    let ends = inside.replace("\r\n", "\n").replace('\r', "\n");
    let (end_line, end_column) = match ends.rsplit_once('\n') {
        Some((before, last)) => (line + 1 + before.matches('\n').count(), last.chars().count() + 1),
        None => (*line, column + ends.chars().count()),
    };
    Span { file, line: *line, column: *column, end_line, end_column }
}
