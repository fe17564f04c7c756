//! What lies ahead of the series, for people.

use crate::plan::occurrences::{Ahead, Occurrence};

/// Renders each series with its next occurrences, local time first.
pub fn render(all: &[Ahead]) -> String {
    all.iter().map(series).collect()
}

fn series(ahead: &Ahead) -> String {
    let Ahead { key, time_zone, dates, next } = ahead;
    let dates = match dates {
        None => "without end".to_owned(),
        Some(1) => "1 date".to_owned(),
        Some(number) => format!("{number} dates"),
    };
    let lines: String = next.iter().map(line).collect();
    let none = if next.is_empty() { "  nothing is to come\n" } else { "" };
    format!("{key}  {dates}, in {time_zone}\n{lines}{none}")
}

fn line(one: &Occurrence) -> String {
    let Occurrence { date, start, utc, remarks } = one;
    let times = match (start, utc) {
        (Some(start), Some(utc)) => format!("{start}  {utc}"),
        (_, _) => format!("{date:<16}  {:<17}", ""),
    };
    format!("  {times}  {}", remarks.join("; ")).trim_end().to_owned() + "\n"
}
