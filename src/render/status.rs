//! Join coordinates for people: one block for each resource.

use crate::status::{Joining, NOTHING};

/// Renders the coordinates that are known, a line each; links stand alone so that a terminal can open them.
pub fn render(rows: &[Joining]) -> String {
    match rows {
        [] => format!("{NOTHING}\n"),
        rows => rows.iter().map(block).collect::<Vec<_>>().join("\n"),
    }
}

fn block(row: &Joining) -> String {
    let lines = row.lines().into_iter().map(|(title, text)| match text.contains('\n') {
        true => format!("    {title}:\n{}\n", textwrap::indent(text.trim_end(), "      ")),
        false => format!("    {title}: {text}\n"),
    });
    format!("{}  {}\n{}", row.key, row.subject.as_str().unwrap_or_default(), lines.collect::<String>())
}
