//! An explanation for people: at most 80 columns, what is asked first, lists below.

use crate::explain::{Entry, Explanation};
use crate::manifest::yaml::flow;
use serde_json::Value;
use unicode_width::UnicodeWidthStr;

const WIDTH: usize = 80;

/// Renders an explanation.
pub fn render(explanation: &Explanation) -> String {
    let Explanation { path, r#type, meaning, required, writable, licence, notes, example, values, properties, source } =
        explanation;
    let must = if *required && path.contains('.') { ", required" } else { "" };
    let of = if r#type.is_empty() { String::new() } else { format!("  {type}{must}") };
    let mut text = format!("{}\n\n{}\n", filled(&format!("{path}{of}"), "", "  "), filled(meaning, "  ", "  "));
    for note in notes {
        text += &format!("{}\n", filled(note, "  ", "  "));
    }
    let facts = [("written", writable), ("licence", licence), ("source", source)];
    let facts: Vec<_> = facts.into_iter().filter_map(|(name, fact)| Some((name, fact.as_ref()?))).collect();
    if !facts.is_empty() {
        text.push('\n');
    }
    for (name, fact) in facts {
        text += &format!("{}\n", filled(fact, &format!("  {name:<9}"), "           "));
    }
    if let Some(example) = example {
        text += &format!("\nExample:\n{}", sample(path.rsplit('.').next().unwrap_or(path), example));
    }
    let (open, closed): (Vec<_>, Vec<_>) = properties.iter().partition(|it| !it.closed);
    text += &table("Values", &values.iter().collect::<Vec<_>>());
    text += &table("Properties", &open);
    let names: Vec<_> = closed.iter().map(|it| it.name.as_str()).collect();
    if !names.is_empty() {
        text += &format!("\nNot yours to write:\n{}\n", filled(&names.join(", "), "  ", "  "));
    }
    text
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
    if entries.is_empty() {
        return String::new();
    }
    let widest = entries.iter().map(|it| it.name.width()).max().unwrap_or_default();
    let rows = entries.iter().map(|Entry { name, r#type, meaning, required, closed: _ }| {
        let must = if *required { "Required. " } else { "" };
        let of = if r#type.is_empty() { String::new() } else { format!(" ({})", r#type) };
        let gap = " ".repeat(widest - name.width());
        let begin = format!("  {name}{gap}  ");
        let text = format!("{must}{meaning}{of}");
        format!("{}\n", filled(&text, &begin, &" ".repeat(begin.width())))
    });
    format!("\n{title}:\n{}", rows.collect::<String>())
}

fn filled(text: &str, first: &str, next: &str) -> String {
    let options = textwrap::Options::new(WIDTH).break_words(false).initial_indent(first).subsequent_indent(next);
    textwrap::fill(text, options.word_splitter(textwrap::WordSplitter::NoHyphenation))
}
