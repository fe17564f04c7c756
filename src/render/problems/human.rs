//! Findings for people, the way rustc shows them: the lines themselves, the exact spans underlined, and the way out.
//!
//! Shows single lines, never whole files, and hides the secrets in them. Lays out for 80 columns.

use super::redact::redact;
use crate::findings::{Finding, Findings};
use crate::inert;
use crate::problem::{Place, head};
use crate::render::page::Page;
use annotate_snippets::{Annotation, AnnotationKind, Element, Group, Level, Origin, Renderer, Snippet, renderer};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

const WIDTH: usize = 80;
/// How many bytes a line may have to be shown; the renderer cuts it to the width by itself.
const MOST_LINE: usize = 4096;
/// How many lines two places may be apart to be shown in one picture.
const MOST_APART: usize = 1000;
/// How many lines around a place may be shown: between two places that are nearly neighbours.
const AROUND: usize = 3;

/// Renders findings, each followed by an empty line, and says how many were left out.
pub fn render(findings: &Findings<'_>, color: bool) -> Page {
    let renderer = if color { Renderer::styled() } else { Renderer::plain() };
    let renderer = renderer.term_width(WIDTH).decor_style(renderer::DecorStyle::Ascii);
    let mut text = String::new();
    for finding in &findings.shown {
        text.push_str(&renderer.render(&[group(finding, findings.texts)]));
        text.push_str("\n\n");
    }
    let left_out = findings.left_out().map(|more| Page::line(&more));
    Page::laid_out(text) + left_out.unwrap_or_default()
}

fn group<'a>(finding: &Finding<'a>, texts: &'a BTreeMap<String, String>) -> Group<'static> {
    let Finding { code, message, hint, problem, .. } = finding;
    let mut group =
        Group::with_title(Level::ERROR.primary_title(wrapped(message, "error[CVK0000]: ".len())).id(code.to_string()));
    let places = [(&problem.at, None)].into_iter();
    let mut places: Vec<_> = places.chain(problem.also.iter().map(|(at, label)| (at, Some(label.as_str())))).collect();
    while let Some((first, _)) = places.first() {
        let near = |at: &Place| at.file == first.file && at.line.abs_diff(first.line) <= MOST_APART;
        let (here, others): (Vec<_>, Vec<_>) = places.iter().copied().partition(|(at, _)| near(at));
        group = group.element(picture(&here, texts.get(&*first.file).map(String::as_str)));
        places = others;
    }
    if let Some(hint) = hint {
        group = group.element(Level::HELP.with_name("hint").message(wrapped(hint, "    = hint: ".len())));
    }
    group
}

/// Shows places of one file that are near each other; the first is the one the problem is about.
fn picture(places: &[(&Place, Option<&str>)], text: Option<&str>) -> Element<'static> {
    let (first, _) = places[0];
    let lines = |(at, label)| Some((line_of(text?, at)?, at, label));
    let Some(lines) = places.iter().copied().map(lines).collect::<Option<Vec<(Range<usize>, &Place, Option<&str>)>>>()
    else {
        return Origin::path(name(first)).line(first.line).char_column(first.column).into();
    };
    let text = text.unwrap_or_default();
    let start = lines.iter().map(|(line, ..)| line.start).min().unwrap_or_default();
    let end = lines.iter().map(|(line, ..)| line.end).max().unwrap_or_default();
    let top = lines.iter().map(|(_, at, _)| at.line).min().unwrap_or(1);
    let touched =
        |piece: &Range<usize>| lines.iter().any(|(line, ..)| line.start <= piece.end && piece.start <= line.end);
    let (source, moved) = shown_near(&text[start..end], start, touched);
    let annotation = |(line, at, label): (Range<usize>, &Place, Option<&str>)| -> Annotation<'static> {
        let from = at.range.start.clamp(line.start, line.end);
        let to = at.range.end.clamp(from, line.end);
        let kind = if label.is_none() { AnnotationKind::Primary } else { AnnotationKind::Context };
        let before = moved.partition_point(|(old, _)| *old <= from) - 1;
        let (old, new) = moved[before];
        let [from, to] = [from, to].map(|at| inert(&source[..new + at - old]).len());
        kind.span(from..to).label(label.map(|it| inert::line(it).into_owned()))
    };
    let snippet = Snippet::source(inert(&source).into_owned()).line_start(top).path(name(first));
    snippet.annotations(lines.into_iter().map(annotation)).into()
}

/// The lines of a part of a text that are touched and those around them; of all others, which the renderer leaves out, no more
/// than their ends: a thousand problems may each have another place hundreds of lines above. `start` is where the part begins.
///
/// Returns it with where each line began, and where it begins now.
fn shown_near(part: &str, start: usize, touched: impl Fn(&Range<usize>) -> bool) -> (String, Vec<(usize, usize)>) {
    let mut from = start;
    let pieces = part.split_inclusive('\n').map(|piece| {
        from += piece.len();
        (from - piece.len(), piece)
    });
    let pieces: Vec<(usize, &str)> = pieces.collect();
    let touched: Vec<usize> =
        (0..pieces.len()).filter(|it| touched(&(pieces[*it].0..pieces[*it].0 + pieces[*it].1.len()))).collect();
    let (mut source, mut moved) = (String::new(), vec![(start, 0)]);
    for (place, (old, piece)) in pieces.iter().enumerate() {
        moved.push((*old, source.len()));
        let next = touched.partition_point(|it| *it < place);
        let near = touched[next.saturating_sub(1)..].iter().take(2).any(|it| it.abs_diff(place) <= AROUND);
        source.push_str(&if near { shown(piece) } else { piece[piece.trim_end_matches(['\r', '\n']).len()..].into() });
    }
    (source, moved)
}

/// The name of the file, which may hold any sign.
fn name(at: &Place) -> String {
    inert::line(&at.file).into_owned()
}

/// Quoted text with every sign in it visible, but for the ends of its lines and for tabs, which the renderer lays out. Line ends
/// of YAML are line feeds, carriage returns, or both.
fn inert(source: &str) -> Cow<'_, str> {
    let layout = |it: char| matches!(it, '\n' | '\r' | '\t');
    if !source.contains(|it| inert::is_sign(it) && !layout(it)) {
        return source.into();
    }
    let mut shown = String::with_capacity(source.len() + 16);
    for it in source.chars() {
        match layout(it) {
            true => shown.push(it),
            false => inert::push(&mut shown, it),
        }
    }
    shown.into()
}

/// A line as it is shown: without secrets, and too long ones not at all; as many bytes as before, so that places stay.
fn shown(line: &str) -> Cow<'_, str> {
    if line.len() > MOST_LINE {
        let end = line.len() - line.trim_end_matches(['\r', '\n']).len();
        return format!("{}{}", " ".repeat(line.len() - end), &line[line.len() - end..]).into();
    }
    redact(line).into()
}

/// Returns the range of the first line that a place touches, without its end.
///
/// `None` for a place that the text does not have, and for lines too long to be shown.
fn line_of(text: &str, at: &Place) -> Option<Range<usize>> {
    let (before, behind) = (text.get(..at.range.start)?, text.get(at.range.start..)?);
    // No farther than a line may be long: there may be many problems in one of megabytes.
    let (from, behind) = (head(before, before.len().saturating_sub(MOST_LINE + 1)).len(), head(behind, MOST_LINE + 1));
    let mut start = from + before[from..].rfind(['\n', '\r']).map_or(0, |it| it + 1);
    if text[start..].starts_with('\u{feff}') {
        start += '\u{feff}'.len_utf8();
    }
    let end = (at.range.start + behind.find(['\n', '\r']).unwrap_or(behind.len())).max(start);
    (end - start <= MOST_LINE).then_some(start..end)
}

/// Breaks a text that begins `indent` columns in; the renderer aligns what follows.
fn wrapped(text: &str, indent: usize) -> String {
    let text = text.split(['\n', '\r']).map(inert::line).collect::<Vec<_>>().join(" ");
    let options = textwrap::Options::new(WIDTH - indent).break_words(false);
    textwrap::fill(&text, options.word_splitter(textwrap::WordSplitter::NoHyphenation))
}
