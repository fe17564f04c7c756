//! What lies ahead of the series, for people.

use crate::render::page::Page;
use crate::report::Series;

/// Renders each series with its next occurrences, local time first.
pub fn render(all: &[Series]) -> Page {
    all.iter().map(series).sum()
}

fn series(series: &Series) -> Page {
    let lines = series.dates.iter().map(|it| format!("  {:<16}  {:<17}  {}", it.local, it.utc, it.remarks));
    let title = Page::line(&format!("{}  {}", series.ahead.key, series.extent));
    title + lines.map(|line| Page::line(line.trim_end())).sum()
}
