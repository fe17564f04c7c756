//! How an Event repeats: the documented shape, and Graph's form of it with what an author may leave out.
//!
//! Which dates a pattern has, the module `recurrence` of the ground floor knows.

use crate::kind::Fault;
use crate::kind::times::{self, Moment};
use crate::recurrence;
use crate::when;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use schemars::JsonSchema;
use serde_json::{Value, json};

#[expect(dead_code, reason = "documented shapes: only their schema is used")]
#[derive(JsonSchema)]
#[schemars(untagged)]
pub enum Recurrence {
    /// An iCalendar rule (RFC 5545), such as `RRULE:FREQ=WEEKLY;BYDAY=TU;COUNT=10`, as far as Graph can say the same.
    Rule(String),
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
        #[schemars(example = &"Europe/Berlin")]
        recurrence_time_zone: Option<String>,
    },
    /// Without an end.
    NoEnd {
        /// The first date; the date of `start` if left out.
        #[schemars(example = &"2026-12-01", extend("format" = "date"))]
        start_date: Option<String>,
        /// The zone of the dates; that of `start` if left out.
        #[schemars(example = &"Europe/Berlin")]
        recurrence_time_zone: Option<String>,
    },
    /// A number of times.
    Numbered {
        /// The first date; the date of `start` if left out.
        #[schemars(example = &"2026-12-01", extend("format" = "date"))]
        start_date: Option<String>,
        /// How many times.
        #[schemars(range(min = 1), example = 10)]
        number_of_occurrences: u32,
        /// The zone of the dates; that of `start` if left out.
        #[schemars(example = &"Europe/Berlin")]
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

const ANY: DateTime = jiff::civil::datetime(2027, 1, 1, 0, 0, 0, 0);

/// Turns the recurrence of a spec into Graph's: interval, start date and zone are filled in.
///
/// A rule of iCalendar becomes Graph's own form. `start` is the start of the event, if it could be read; the series must begin on its
/// date (recurrencerange.md).
pub fn expand(value: &Value, start: Option<&Moment>, faults: &mut Vec<Fault>) -> Value {
    let mut whole = match value {
        Value::String(rule) => {
            // Without a start that can be read, a rule is still held against what Graph can say.
            let utc = TimeZone::UTC;
            let (local, clock) = start.map_or((ANY, &utc), |start| (start.local, start.clock()));
            match recurrence::from_rrule(rule, local, clock) {
                Ok(read) => read,
                Err(message) => {
                    let hint = "write Graph's own form: `{pattern: {type: weekly, …}, range: {type: noEnd}}`";
                    faults.push(Fault::new("/recurrence", message, hint));
                    return Value::Null;
                }
            }
        }
        value => value.clone(),
    };
    fill(&mut whole, "/pattern", "interval", || 1.into());
    if let Some(name) = value.pointer("/range/recurrenceTimeZone").and_then(Value::as_str) {
        let zone = times::zone(name, "/recurrence/range/recurrenceTimeZone", faults);
        if let (Some(zone), Some(range)) = (zone, whole.get_mut("range")) {
            range["recurrenceTimeZone"] = zone.graph.into();
        }
    }
    let Some(start) = start else { return whole };
    let first = start.local.date();
    fill(&mut whole, "/range", "startDate", || first.to_string().into());
    fill(&mut whole, "/range", "recurrenceTimeZone", || start.zone.graph.clone().into());
    check(&whole, first, faults);
    whole
}

fn fill(recurrence: &mut Value, part: &str, name: &str, value: impl FnOnce() -> Value) {
    if let Some(part) = recurrence.pointer_mut(part).and_then(Value::as_object_mut) {
        part.entry(name).or_insert_with(value);
    }
}

/// Says what is wrong with a filled recurrence whose event starts on the date `first`.
fn check(recurrence: &Value, first: Date, faults: &mut Vec<Fault>) {
    let range = |name: &str| recurrence.pointer("/range").and_then(|range| range.get(name)).and_then(Value::as_str);
    if let Some(text) = range("startDate").filter(|text| when::date(text) != Ok(first)) {
        let message = format!("the series starts on another date than `start`: `{text}`");
        let hint = format!("write `{first}`, or leave `startDate` out");
        faults.push(Fault::new("/recurrence/range/startDate", message, hint).and("/start"));
        return;
    }
    if let Some(Ok(last)) = range("endDate").map(when::date)
        && last < first
    {
        let message = format!("the series ends before it starts: `{last}`");
        let hint = format!("write a date from `{first}` on");
        faults.push(Fault::new("/recurrence/range/endDate", message, hint).and("/start"));
        return;
    }
    let mut dates = match recurrence::dates(recurrence) {
        Ok(dates) => dates,
        Err(message) => {
            let hint = "see `convoke explain Event.recurrence`";
            faults.push(Fault::new("/recurrence", message, hint));
            return;
        }
    };
    let fits = dates.next();
    if fits == Some(first) {
        return;
    }
    let day = first.strftime("%A").to_string().to_lowercase();
    let message = match recurrence.pointer("/pattern/daysOfWeek") {
        Some(days) if !days.as_array().is_some_and(|days| days.contains(&json!(day))) => {
            format!("`start` is a {day}, which is not in `daysOfWeek`")
        }
        Some(_) | None => format!("`start` is not on a date of the pattern: `{first}`"),
    };
    let hint = match fits {
        Some(date) => format!("the first date that fits is `{date}`"),
        None => "no date of the range fits the pattern".into(),
    };
    let place = match recurrence.pointer("/pattern/daysOfWeek") {
        Some(_) => "/recurrence/pattern/daysOfWeek",
        None => "/recurrence/pattern",
    };
    faults.push(Fault::new("/start", message, hint).and(place));
}
