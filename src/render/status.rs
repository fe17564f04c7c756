//! Join coordinates for people: one block for each resource.

use crate::render::page::Page;
use crate::status::{INFORMATION, Joining, NOTHING};

/// Renders the coordinates that are known, a line each; links stand alone so that a terminal can open them.
pub fn render(rows: &[Joining]) -> Page {
    match rows {
        [] => Page::line(NOTHING),
        [first, others @ ..] => block(first) + others.iter().map(|row| Page::empty_line() + block(row)).sum(),
    }
}

fn block(row: &Joining) -> Page {
    let title = Page::line(&format!("{}  {}", row.key, row.subject.as_str().unwrap_or_default()));
    let lines = row.lines().into_iter().map(|(title, text)| Page::line(&format!("    {title}: {text}")));
    let information = row.join_information.iter().map(|text| match text.trim_end().contains('\n') {
        true => Page::line(&format!("    {INFORMATION}:")) + Page::block("      ", text),
        false => Page::line(&format!("    {INFORMATION}: {text}")),
    });
    title + lines.chain(information).sum()
}
