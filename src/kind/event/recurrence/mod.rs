//! How an Event repeats: the documented shape. Graph's form of it, with what an author may leave out, is made in `expand`.

mod expand;

pub use expand::{expand, in_turn};

use schemars::JsonSchema;
use serde_json::json;

#[expect(dead_code, reason = "documented shapes: only their schema is used")]
#[derive(JsonSchema)]
#[schemars(untagged)]
pub enum Recurrence {
    /// An iCalendar rule (RFC 5545), such as `RRULE:FREQ=WEEKLY;BYDAY=TU;COUNT=10`, as far as Graph can say the same.
    Rule(#[schemars(extend("x-form" = "rule"))] String),
    Graph(PatternedRecurrence),
}

/// Graph's own form of a recurrence.
#[expect(dead_code, reason = "documented shapes: only their schema is used")]
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct PatternedRecurrence {
    /// On which days.
    #[schemars(example = json!({"type": "weekly", "interval": 1, "daysOfWeek": ["tuesday"]}))]
    pub pattern: RecurrencePattern,
    /// From when until when.
    #[schemars(example = json!({"type": "endDate", "endDate": "2027-03-30"}))]
    pub range: RecurrenceRange,
}

#[expect(dead_code, reason = "documented shapes: only their schema is used")]
#[derive(JsonSchema)]
#[schemars(tag = "type", deny_unknown_fields, rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum RecurrencePattern {
    /// Every day, or every few days.
    Daily {
        /// Every how many days; 1 if left out.
        #[schemars(range(min = 1), example = 1)]
        interval: Option<u32>,
    },
    /// On the same days of the week.
    Weekly {
        /// Every how many weeks; 1 if left out.
        #[schemars(range(min = 1), example = 2)]
        interval: Option<u32>,
        /// The days of the week.
        #[schemars(length(min = 1), example = json!(["tuesday"]))]
        days_of_week: Vec<Day>,
        /// The day a week begins with, which matters when `interval` is above 1; `sunday` if left out.
        #[schemars(example = &"monday")]
        first_day_of_week: Option<Day>,
    },
    /// On the same day of the month.
    AbsoluteMonthly {
        /// Every how many months; 1 if left out.
        #[schemars(range(min = 1), example = 1)]
        interval: Option<u32>,
        /// The day of the month; in a shorter month, its last day.
        #[schemars(range(min = 1, max = 31), example = 15)]
        day_of_month: u32,
    },
    /// On the same weekday of the month, such as the first monday.
    RelativeMonthly {
        /// Every how many months; 1 if left out.
        #[schemars(range(min = 1), example = 1)]
        interval: Option<u32>,
        /// The days of the week; the first of them that matches counts.
        #[schemars(length(min = 1), example = json!(["monday"]))]
        days_of_week: Vec<Day>,
        /// Which of them in the month; `first` if left out.
        #[schemars(example = &"last")]
        index: Option<WeekIndex>,
    },
    /// On the same date of the year.
    AbsoluteYearly {
        /// Every how many years; 1 if left out.
        #[schemars(range(min = 1), example = 1)]
        interval: Option<u32>,
        /// The day of the month; in a shorter month, its last day.
        #[schemars(range(min = 1, max = 31), example = 15)]
        day_of_month: u32,
        /// The month, 1 to 12.
        #[schemars(range(min = 1, max = 12), example = 3)]
        month: u32,
    },
    /// On the same weekday of the same month of the year, such as the last friday of november.
    RelativeYearly {
        /// Every how many years; 1 if left out.
        #[schemars(range(min = 1), example = 1)]
        interval: Option<u32>,
        /// The days of the week; the first of them that matches counts.
        #[schemars(length(min = 1), example = json!(["friday"]))]
        days_of_week: Vec<Day>,
        /// Which of them in the month; `first` if left out.
        #[schemars(example = &"last")]
        index: Option<WeekIndex>,
        /// The month, 1 to 12.
        #[schemars(range(min = 1, max = 12), example = 11)]
        month: u32,
    },
}

#[expect(dead_code, reason = "documented shapes: only their schema is used")]
#[derive(JsonSchema)]
#[schemars(tag = "type", deny_unknown_fields, rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum RecurrenceRange {
    /// Until a date.
    EndDate {
        /// The first date; the date of `start` if left out.
        #[schemars(example = &"2026-12-01", extend("format" = "date"))]
        start_date: Option<String>,
        /// The last date that may still be one of the series.
        #[schemars(example = &"2027-03-30", extend("format" = "date"))]
        end_date: String,
        /// The zone of the dates; that of `start` if left out.
        #[schemars(example = &"Europe/Berlin", extend("x-form" = "zone"))]
        recurrence_time_zone: Option<String>,
    },
    /// Without an end.
    NoEnd {
        /// The first date; the date of `start` if left out.
        #[schemars(example = &"2026-12-01", extend("format" = "date"))]
        start_date: Option<String>,
        /// The zone of the dates; that of `start` if left out.
        #[schemars(example = &"Europe/Berlin", extend("x-form" = "zone"))]
        recurrence_time_zone: Option<String>,
    },
    /// A number of times.
    Numbered {
        /// The first date; the date of `start` if left out.
        #[schemars(example = &"2026-12-01", extend("format" = "date"))]
        start_date: Option<String>,
        /// How many times; calendars take 999 at most.
        #[schemars(range(min = 1, max = 999), example = 10)]
        number_of_occurrences: u32,
        /// The zone of the dates; that of `start` if left out.
        #[schemars(example = &"Europe/Berlin", extend("x-form" = "zone"))]
        recurrence_time_zone: Option<String>,
    },
}

#[expect(dead_code, reason = "documented shapes: only their schema is used")]
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase")]
pub enum Day {
    /// On Sundays.
    Sunday,
    /// On Mondays.
    Monday,
    /// On Tuesdays.
    Tuesday,
    /// On Wednesdays.
    Wednesday,
    /// On Thursdays.
    Thursday,
    /// On Fridays.
    Friday,
    /// On Saturdays.
    Saturday,
}

#[expect(dead_code, reason = "documented shapes: only their schema is used")]
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase")]
pub enum WeekIndex {
    /// The first such day of the month.
    First,
    /// The second such day of the month.
    Second,
    /// The third such day of the month.
    Third,
    /// The fourth such day of the month.
    Fourth,
    /// The last such day of the month.
    Last,
}
