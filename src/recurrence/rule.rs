//! A recurrence as read from Graph's JSON: checked, with nothing in it that its type does not use.
//!
//! Reading takes what an author writes and what Graph reads back, which is padded with zeros and defaults. It does not
//! ask whether the start date matches the pattern, nor whether Graph would take so long a series.

use jiff::civil::{Date, Weekday};
use serde_json::Value;

use crate::when;

/// The days as Graph spells them and in its order (`dayOfWeek`).
pub const DAYS: [(&str, Weekday); 7] = [
    ("sunday", Weekday::Sunday),
    ("monday", Weekday::Monday),
    ("tuesday", Weekday::Tuesday),
    ("wednesday", Weekday::Wednesday),
    ("thursday", Weekday::Thursday),
    ("friday", Weekday::Friday),
    ("saturday", Weekday::Saturday),
];

/// The places of a day in its month as Graph spells them (`weekIndex`).
pub const INDEXES: [(&str, Index); 5] = [
    ("first", Index::Nth(0)),
    ("second", Index::Nth(1)),
    ("third", Index::Nth(2)),
    ("fourth", Index::Nth(3)),
    ("last", Index::Last),
];

/// Gives Graph's name of a weekday.
pub fn name_of(day: Weekday) -> &'static str {
    DAYS[day.to_sunday_zero_offset() as usize].0
}

/// Gives Graph's names of weekdays.
pub fn names_of(days: &[Weekday]) -> Vec<&'static str> {
    days.iter().map(|day| name_of(*day)).collect()
}

/// One recurrence: every `interval` periods of the pattern, from `start` on, until `end`.
pub struct Rule {
    pub pattern: Pattern,
    pub interval: i64,
    pub start: Date,
    pub end: End,
}

/// What happens in a period: a day, week, month or year.
pub enum Pattern {
    Daily,
    Weekly { days: Vec<Weekday>, first: Weekday },
    AbsoluteMonthly { day: i8 },
    RelativeMonthly { days: Vec<Weekday>, index: Index },
    AbsoluteYearly { month: i8, day: i8 },
    RelativeYearly { month: i8, days: Vec<Weekday>, index: Index },
}

/// Which of the matching days of a month; `Nth` counts from 0.
#[derive(Clone, Copy, PartialEq)]
pub enum Index {
    Nth(usize),
    Last,
}

/// Where the series ends.
pub enum End {
    Never,
    /// The last day that may still be one of the dates.
    On(Date),
    /// The number of dates.
    After(usize),
}

impl Rule {
    /// Reads a `patternedRecurrence`; the error names the first property that is wrong.
    pub fn read(recurrence: &Value) -> Result<Rule, String> {
        let pattern = Pattern::read(recurrence)?;
        let interval = whole(recurrence, "pattern.interval", i32::MAX)?;
        let start = date(recurrence, "range.startDate")?;
        let end = End::read(recurrence, start)?;
        Ok(Rule { pattern, interval: i64::from(interval), start, end })
    }

    /// Says whether the series has no end of its own.
    pub fn is_endless(&self) -> bool {
        matches!(self.end, End::Never)
    }
}

impl Pattern {
    fn read(it: &Value) -> Result<Pattern, String> {
        let day = || whole(it, "pattern.dayOfMonth", 31).map(|day| day as i8);
        let month = || whole(it, "pattern.month", 12).map(|month| month as i8);
        let index = || one_of(it, "pattern.index", &INDEXES, Index::Nth(0));
        let days = || days(it, "pattern.daysOfWeek");
        Ok(match text(it, "pattern.type")? {
            "daily" => Pattern::Daily,
            "weekly" => {
                Pattern::Weekly { days: days()?, first: one_of(it, "pattern.firstDayOfWeek", &DAYS, Weekday::Sunday)? }
            }
            "absoluteMonthly" => Pattern::AbsoluteMonthly { day: day()? },
            "relativeMonthly" => Pattern::RelativeMonthly { days: days()?, index: index()? },
            "absoluteYearly" => Pattern::AbsoluteYearly { month: month()?, day: day()? },
            "relativeYearly" => Pattern::RelativeYearly { month: month()?, days: days()?, index: index()? },
            other => {
                return Err(format!(
                    "`pattern.type` is daily, weekly, absoluteMonthly, relativeMonthly, absoluteYearly or \
                     relativeYearly: `{other}`"
                ));
            }
        })
    }
}

impl End {
    fn read(it: &Value, start: Date) -> Result<End, String> {
        match text(it, "range.type")? {
            "noEnd" => Ok(End::Never),
            "numbered" => {
                let number = whole(it, "range.numberOfOccurrences", i32::MAX)?;
                Ok(End::After(number as usize))
            }
            "endDate" => match date(it, "range.endDate")? {
                end if end < start => Err(format!("`range.endDate` is before `range.startDate`: `{end}`")),
                end => Ok(End::On(end)),
            },
            other => Err(format!("`range.type` is endDate, noEnd or numbered: `{other}`")),
        }
    }
}

/// Finds a property by its path; null counts as absent, since Graph reads back either.
fn get<'a>(it: &'a Value, path: &str) -> Option<&'a Value> {
    let found = path.split('.').try_fold(it, |it, name| it.get(name));
    found.filter(|value| !value.is_null())
}

fn needed<'a>(it: &'a Value, path: &str) -> Result<&'a Value, String> {
    get(it, path).ok_or_else(|| format!("`{path}` is missing"))
}

fn text<'a>(it: &'a Value, path: &str) -> Result<&'a str, String> {
    let value = needed(it, path)?;
    (value.as_str()).ok_or_else(|| format!("`{path}` is a string: `{value}`"))
}

fn date(it: &Value, path: &str) -> Result<Date, String> {
    when::date(text(it, path)?).map_err(|message| format!("`{path}`: {message}"))
}

/// Reads a whole number from 1 to `most`.
fn whole(it: &Value, path: &str, most: i32) -> Result<i32, String> {
    let value = needed(it, path)?;
    let number = value.as_i64().and_then(|number| i32::try_from(number).ok());
    number.filter(|number| (1..=most).contains(number)).ok_or_else(|| match most {
        i32::MAX => format!("`{path}` is a whole number above zero: `{value}`"),
        _ => format!("`{path}` is a whole number from 1 to {most}: `{value}`"),
    })
}

/// Reads a member of an enumeration, or gives the default that Graph fills in.
fn one_of<T: Copy>(it: &Value, path: &str, names: &[(&str, T)], default: T) -> Result<T, String> {
    get(it, path).map_or(Ok(default), |value| known(value, path, names))
}

/// Reads a list of days: at least one, in Graph's order, each once.
fn days(it: &Value, path: &str) -> Result<Vec<Weekday>, String> {
    let listed = needed(it, path)?.as_array().filter(|list| !list.is_empty());
    let listed = listed.ok_or_else(|| format!("`{path}` is a list of one day or more"))?;
    let read: Result<Vec<_>, _> = listed.iter().map(|day| known(day, path, &DAYS)).collect();
    let read = read?;
    let in_order = DAYS.iter().map(|(_, day)| *day);
    Ok(in_order.filter(|day| read.contains(day)).collect())
}

fn known<T: Copy>(value: &Value, path: &str, names: &[(&str, T)]) -> Result<T, String> {
    let found = names.iter().find(|(name, _)| value == name);
    found.map(|(_, member)| *member).ok_or_else(|| {
        let names: Vec<_> = names.iter().map(|(name, _)| *name).collect();
        format!("`{path}` is one of {}: `{value}`", names.join(", "))
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::Rule;

    fn wrong(path: &str, value: Value) -> String {
        let mut recurrence = json!({
            "pattern": {"type": "relativeYearly", "interval": 1, "daysOfWeek": ["monday"], "month": 5},
            "range": {"type": "noEnd", "startDate": "2026-12-01"},
        });
        *recurrence.pointer_mut(path).expect("the path stands above") = value;
        Rule::read(&recurrence).err().unwrap_or_default()
    }

    #[test]
    fn what_is_wrong_is_named_with_its_reason() {
        for (path, value, expect) in [
            ("/pattern", json!([]), "`pattern.type` is missing"),
            ("/pattern/type", json!("hourly"), "`pattern.type` is daily, weekly"),
            ("/pattern/type", json!(1), "`pattern.type` is a string: `1`"),
            ("/pattern/type", json!("absoluteMonthly"), "`pattern.dayOfMonth` is missing"),
            ("/pattern/interval", json!(0), "`pattern.interval` is a whole number above zero: `0`"),
            ("/pattern/interval", json!(-1), "above zero"),
            ("/pattern/interval", json!(1.5), "above zero"),
            ("/pattern/interval", json!("1"), "above zero"),
            ("/pattern/interval", json!(u64::MAX), "above zero"),
            ("/pattern/month", json!(13), "`pattern.month` is a whole number from 1 to 12: `13`"),
            ("/pattern/daysOfWeek", json!([]), "`pattern.daysOfWeek` is a list of one day or more"),
            ("/pattern/daysOfWeek", json!("monday"), "one day or more"),
            ("/pattern/daysOfWeek", json!(["mon"]), "one of sunday, monday, tuesday"),
            ("/range", json!(null), "`range.startDate` is missing"),
            ("/range/startDate", json!("2026-02-29"), "`range.startDate`: no such day"),
            ("/range/type", json!("numbered"), "`range.numberOfOccurrences` is missing"),
            ("/range/type", json!("endDate"), "`range.endDate` is missing"),
            ("/range/type", json!("forever"), "`range.type` is endDate, noEnd or numbered"),
            (
                "/range",
                json!({"type": "endDate", "startDate": "2026-12-01", "endDate": "0001-01-01"}),
                "`range.endDate` is before",
            ),
            ("/range", json!({"type": "numbered", "startDate": "2026-12-01", "numberOfOccurrences": 0}), "above zero"),
            ("", json!("weekly"), "`pattern.type` is missing"),
        ] {
            let message = wrong(path, value.clone());
            assert!(message.contains(expect), "{path} {value}: {message}");
        }
    }
}
