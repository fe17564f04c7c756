//! What lies ahead of the series, for people.

use crate::report::Series;

/// Renders each series with its next occurrences, local time first.
pub fn render(all: &[Series]) -> String {
    all.iter().map(series).collect()
}

fn series(series: &Series) -> String {
    let lines = series.dates.iter().map(|it| format!("  {:<16}  {:<17}  {}", it.local, it.utc, it.remarks));
    let lines: String = lines.map(|line| line.trim_end().to_owned() + "\n").collect();
    format!("{}  {}\n{lines}", series.ahead.key, series.extent)
}
