//! What lies ahead of a series, in words.

use crate::plan::ahead::{Ahead, Coming};
use crate::plural::count;
use serde::Serialize;

/// One series with its next occurrences.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Series {
    #[serde(flatten)]
    pub ahead: Ahead,
    /// How long it is, and on which clock: `3 dates, in Europe/Berlin`.
    #[serde(skip)]
    pub extent: String,
    /// One for each occurrence.
    #[serde(skip)]
    pub dates: Vec<Date>,
}

/// One occurrence: its time where it has one, and what is out of the ordinary.
#[derive(Debug, Clone, PartialEq)]
pub struct Date {
    /// Local time, or the date alone of what is skipped.
    pub local: String,
    pub utc: String,
    pub remarks: String,
}

impl Series {
    /// Words what lies ahead of a series.
    pub(super) fn of(ahead: Ahead) -> Series {
        let Ahead { key: _, time_zone, dates, next } = &ahead;
        let dates = dates.map_or("without end".to_owned(), |number| count(number as usize, "date"));
        let none = if next.is_empty() { "; nothing is to come" } else { "" };
        Series { extent: format!("{dates}, in {time_zone}{none}"), dates: next.iter().map(Date::of).collect(), ahead }
    }
}

impl Date {
    fn of(one: &Coming) -> Date {
        let Coming { date, start, utc, remarks } = one;
        Date {
            local: start.as_ref().unwrap_or(date).clone(),
            utc: utc.clone().unwrap_or_default(),
            remarks: remarks.join("; "),
        }
    }
}
