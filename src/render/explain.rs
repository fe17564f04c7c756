//! An explanation for people: at most 80 columns, what is asked first, lists below.

use crate::explain::exits::Exits;
use crate::explain::{Entry, Explanation, Subject, Topics, Variables};
use crate::manifest::yaml::flow;
use crate::reason::About;
use crate::render::page::Page;
use serde_json::Value;
use unicode_width::UnicodeWidthStr;

const WIDTH: usize = 80;

/// Renders an explanation.
pub fn render(explanation: &Explanation) -> Page {
    let mut text = format!("{}\n\n", filled(&explanation.title(), "", "  "));
    for sentence in [&explanation.meaning].into_iter().chain(&explanation.notes) {
        text += &format!("{}\n", filled(sentence, "  ", "  "));
    }
    let facts = explanation.facts();
    if !facts.is_empty() {
        text.push('\n');
    }
    for (name, fact) in facts {
        text += &format!("{}\n", filled(fact, &format!("  {name:<9}"), "           "));
    }
    if let Some(example) = &explanation.example {
        let name = explanation.path.rsplit('.').next().unwrap_or(&explanation.path);
        text += &format!("\nExample:\n{}", sample(name, example));
    }
    for (title, entries) in explanation.lists() {
        text += &table(title, &entries);
    }
    let names = explanation.closed();
    if !names.is_empty() {
        text += &format!("\nNot yours to write:\n{}\n", filled(&names.join(", "), "  ", "  "));
    }
    // All of it stands in the schema; nobody else wrote any of it.
    Page::laid_out(text)
}

/// Renders one code.
pub fn code(about: &About) -> Page {
    let About { reason, title, cause, way_out } = about;
    let (cause, way_out) = (filled(cause, "  cause    ", "           "), filled(way_out, "  way out  ", "           "));
    Page::laid_out(format!("{}\n\n{cause}\n{way_out}\n", filled(&format!("{reason}  {title}"), "", "         ")))
}

/// Renders the list of all codes.
pub fn codes(subjects: &[Subject]) -> Page {
    let line = |it: &&About| filled(&format!("{}  {}", it.reason, it.title), "  ", "           ") + "\n";
    let of =
        |Subject { subject, codes }: &Subject| format!("{subject}:\n{}", codes.iter().map(line).collect::<String>());
    let all: Vec<String> = subjects.iter().map(of).collect();
    Page::laid_out(all.join("\n"))
}

/// Renders what can be explained.
pub fn topics(topics: &Topics) -> Page {
    let lists = topics.lists.iter().map(|(name, what)| row(name, what, 16)).collect::<String>();
    let kinds =
        topics.kinds.iter().map(|kind| row(kind, "and each property of it, by a dotted path", 16)).collect::<String>();
    Page::laid_out(format!("Kinds:\n{kinds}\nLists:\n{lists}"))
}

/// Renders variables of the environment.
pub fn variables(all: &[Variables]) -> Page {
    let of = |it: &Variables| {
        let lines = it.variables.iter().map(|it| {
            let names = it.name.split(", ").map(|name| format!("  {name}\n")).collect::<String>();
            format!("{names}{}\n", filled(&it.meaning, "      ", "      "))
        });
        format!("{}:\n{}", it.subject, lines.collect::<String>())
    };
    let all: Vec<String> = all.iter().map(of).collect();
    Page::laid_out(all.join("\n"))
}

/// Renders exit codes.
pub fn exits(all: &[Exits]) -> Page {
    let of = |Exits { commands, codes }: &Exits| {
        let lines = codes.iter().map(|it| row(&it.code.to_string(), it.meaning, 5)).collect::<String>();
        format!("{}:\n{lines}", commands.join(", "))
    };
    let all: Vec<String> = all.iter().map(of).collect();
    Page::laid_out(all.join("\n"))
}

fn row(name: &str, text: &str, width: usize) -> String {
    filled(text, &format!("  {name:<width$}"), &" ".repeat(width + 2)) + "\n"
}

/// Shows an example as it would stand in a manifest.
fn sample(name: &str, example: &Value) -> String {
    let line = format!("  {name}: {}\n", flow(example));
    let nested = |value: &Value| value.is_object() || value.is_array();
    match example {
        Value::Object(members) if line.width() > WIDTH || members.values().any(nested) => {
            let rows = members.iter().map(|(name, value)| format!("    {name}: {}\n", flow(value)));
            format!("  {name}:\n{}", rows.collect::<String>())
        }
        Value::Array(items) if line.width() > WIDTH || items.iter().any(nested) => {
            let rows = items.iter().map(|item| format!("    - {}\n", flow(item)));
            format!("  {name}:\n{}", rows.collect::<String>())
        }
        _ => line,
    }
}

fn table(title: &str, entries: &[&Entry]) -> String {
    let widest = entries.iter().map(|it| it.name.width()).max().unwrap_or_default();
    let rows = entries.iter().map(|entry| {
        let gap = " ".repeat(widest - entry.name.width());
        let begin = format!("  {}{gap}  ", entry.name);
        format!("{}\n", filled(&entry.words(), &begin, &" ".repeat(begin.width())))
    });
    format!("\n{title}:\n{}", rows.collect::<String>())
}

fn filled(text: &str, first: &str, next: &str) -> String {
    let options = textwrap::Options::new(WIDTH).break_words(false).initial_indent(first).subsequent_indent(next);
    textwrap::fill(text, options.word_splitter(textwrap::WordSplitter::NoHyphenation))
}
