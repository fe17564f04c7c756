//! The parts of a rule, read one by one and written again; what they mean together is not looked at here.

use crate::recurrence::rule::DAYS;
use jiff::civil::{DateTime, Weekday};
use std::collections::BTreeMap;
use std::fmt;

/// How often: `FREQ`.
#[derive(Clone, PartialEq)]
pub enum Every {
    /// An hour, minute or second.
    PartOfDay(&'static str),
    Day,
    Week,
    Month,
    Year,
}

/// A rule; lists are empty where the rule does not have the part.
#[derive(Clone, PartialEq)]
pub struct Parts {
    pub every: Every,
    pub interval: i64,
    pub months: Vec<i64>,
    pub month_days: Vec<i64>,
    pub year_days: Vec<i64>,
    /// Weekdays with the place of each in its month or year, if it has one.
    pub days: Vec<(Option<i64>, Weekday)>,
    pub places: Vec<i64>,
    pub week: Option<Weekday>,
    pub count: Option<i64>,
    pub until: Option<String>,
    /// The first part that names another time of day than the start's, whole.
    pub clock: Option<String>,
    /// `BYWEEKNO`, which is not read.
    pub weeks: Option<String>,
}

const KNOWN: [&str; 14] = [
    "FREQ",
    "UNTIL",
    "COUNT",
    "INTERVAL",
    "BYSECOND",
    "BYMINUTE",
    "BYHOUR",
    "BYDAY",
    "BYMONTHDAY",
    "BYYEARDAY",
    "BYWEEKNO",
    "BYMONTH",
    "BYSETPOS",
    "WKST",
];

impl Parts {
    /// Reads a rule for a series that starts at `start`; the error says which part is wrong.
    pub fn read(text: &str, start: DateTime) -> Result<Parts, String> {
        let parts = split(text)?;
        let parts = Text(&parts);
        let every = match parts.get("FREQ").ok_or("`FREQ` is missing")? {
            "SECONDLY" => Every::PartOfDay("SECONDLY"),
            "MINUTELY" => Every::PartOfDay("MINUTELY"),
            "HOURLY" => Every::PartOfDay("HOURLY"),
            "DAILY" => Every::Day,
            "WEEKLY" => Every::Week,
            "MONTHLY" => Every::Month,
            "YEARLY" => Every::Year,
            other => return Err(format!("`FREQ` is DAILY, WEEKLY, MONTHLY or YEARLY: `{other}`")),
        };
        let at = start.time();
        let clock = [("BYHOUR", at.hour()), ("BYMINUTE", at.minute()), ("BYSECOND", at.second())];
        let another = |(name, own): &(&str, i8)| {
            let text = parts.get(name).filter(|text| text.parse() != Ok(*own))?;
            Some(format!("{name}={text}"))
        };
        let week = parts
            .get("WKST")
            .map(|text| weekday(text).ok_or_else(|| format!("`WKST` is a weekday such as `MO`: `{text}`")));
        let mut months = parts.list("BYMONTH", 1, 12, "a month from 1 to 12")?;
        // All twelve narrow nothing, but a year that names its months has a day in each.
        if months.len() == 12 && every != Every::Year {
            months.clear();
        }
        let interval = parts.number("INTERVAL", 999)?.unwrap_or(1);
        Ok(Parts {
            every,
            interval,
            months,
            month_days: parts.list("BYMONTHDAY", -31, 31, "a day from 1 to 31, or -1")?,
            year_days: parts.list("BYYEARDAY", -366, 366, "a day from 1 to 366, or -1")?,
            days: parts.days()?,
            places: parts.list("BYSETPOS", -366, 366, "a place from 1 to 366, or -1")?,
            week: week.transpose()?,
            count: parts.number("COUNT", 999)?,
            until: parts.get("UNTIL").map(str::to_owned),
            clock: clock.iter().find_map(another),
            weeks: parts.get("BYWEEKNO").map(str::to_owned),
        })
    }

    /// The weekdays, each once, whatever their places.
    pub fn weekdays(&self) -> Vec<Weekday> {
        let all = DAYS.iter().map(|(_, day)| *day);
        all.filter(|day| self.days.iter().any(|(_, it)| it == day)).collect()
    }

    /// The parts that choose among the days of a period, as text.
    pub fn narrowing(&self) -> String {
        self.written().filter(|(name, _)| name.starts_with("BY")).map(joined).collect::<Vec<_>>().join(";")
    }

    fn written(&self) -> impl Iterator<Item = (&'static str, String)> {
        let day = |(place, day): &(Option<i64>, Weekday)| {
            format!("{}{}", place.map(|it| it.to_string()).unwrap_or_default(), letters(*day))
        };
        let every = Some(self.every.to_string());
        [
            ("FREQ", every),
            ("INTERVAL", (self.interval > 1).then(|| self.interval.to_string())),
            ("BYMONTH", listed(&self.months)),
            ("BYYEARDAY", listed(&self.year_days)),
            ("BYMONTHDAY", listed(&self.month_days)),
            ("BYDAY", listed(&self.days.iter().map(day).collect::<Vec<_>>())),
            ("BYSETPOS", listed(&self.places)),
            ("WKST", self.week.map(|day| letters(day).to_owned())),
            ("COUNT", self.count.map(|count| count.to_string())),
            ("UNTIL", self.until.clone()),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
    }
}

impl fmt::Display for Parts {
    fn fmt(&self, out: &mut fmt::Formatter) -> fmt::Result {
        out.write_str(&self.written().map(joined).collect::<Vec<_>>().join(";"))
    }
}

impl fmt::Display for Every {
    fn fmt(&self, out: &mut fmt::Formatter) -> fmt::Result {
        out.write_str(match self {
            Every::PartOfDay(name) => name,
            Every::Day => "DAILY",
            Every::Week => "WEEKLY",
            Every::Month => "MONTHLY",
            Every::Year => "YEARLY",
        })
    }
}

fn joined((name, value): (&str, String)) -> String {
    format!("{name}={value}")
}

fn listed<T: ToString>(list: &[T]) -> Option<String> {
    (!list.is_empty()).then(|| list.iter().map(T::to_string).collect::<Vec<_>>().join(","))
}

fn letters(day: Weekday) -> &'static str {
    ["MO", "TU", "WE", "TH", "FR", "SA", "SU"][day.to_monday_zero_offset() as usize]
}

fn weekday(text: &str) -> Option<Weekday> {
    DAYS.iter().map(|(_, day)| *day).find(|day| letters(*day) == text)
}

/// The parts by name, all upper case.
fn split(text: &str) -> Result<BTreeMap<String, String>, String> {
    let rule = text.trim().to_uppercase();
    if rule.contains(['\n', '\r']) {
        return Err("a rule is one line; write dates that are left out under `exceptions`".into());
    }
    let rule = rule.strip_prefix("RRULE:").unwrap_or(&rule);
    let mut parts = BTreeMap::new();
    for part in rule.split(';').filter(|part| !part.is_empty()) {
        let (name, value) =
            part.split_once('=').ok_or_else(|| format!("not a part such as `FREQ=WEEKLY`: `{part}`"))?;
        if !KNOWN.contains(&name) {
            return Err(format!("no such part of a rule: `{name}`"));
        }
        if parts.insert(name.to_owned(), value.to_owned()).is_some() {
            return Err(format!("`{name}` stands twice in the rule"));
        }
    }
    Ok(parts)
}

/// Reads single parts.
struct Text<'a>(&'a BTreeMap<String, String>);

impl<'a> Text<'a> {
    fn get(&self, name: &str) -> Option<&'a str> {
        self.0.get(name).map(String::as_str)
    }

    fn number(&self, name: &str, most: i64) -> Result<Option<i64>, String> {
        let Some(text) = self.get(name) else { return Ok(None) };
        let number = text.parse().ok().filter(|number| (1..=most).contains(number));
        number.map(Some).ok_or_else(|| format!("`{name}` is a whole number from 1 to {most}: `{text}`"))
    }

    /// Whole numbers between commas, none of them 0.
    fn list(&self, name: &str, least: i64, most: i64, what: &str) -> Result<Vec<i64>, String> {
        let Some(text) = self.get(name) else { return Ok(vec![]) };
        let one = |text: &str| text.parse().ok().filter(|it| (least..=most).contains(it) && *it != 0);
        let mut list = vec![];
        for text in text.split(',') {
            let number = one(text).ok_or_else(|| format!("`{name}` is {what}: `{text}`"))?;
            if !list.contains(&number) {
                list.push(number);
            }
        }
        Ok(list)
    }

    fn days(&self) -> Result<Vec<(Option<i64>, Weekday)>, String> {
        let day = |text: &str| {
            // `split_at` takes bytes: whatever is not ASCII is no weekday.
            let (place, name) = text.is_ascii().then(|| text.split_at(text.len().saturating_sub(2)))?;
            let place = match place {
                "" => None,
                place => Some(place.parse().ok().filter(|it| (-53..=53).contains(it) && *it != 0)?),
            };
            Some((place, weekday(name)?))
        };
        let list = self.get("BYDAY").into_iter().flat_map(|list| list.split(','));
        let read = list.map(|text| day(text).ok_or_else(|| format!("not a weekday such as `TU` or `-1FR`: `{text}`")));
        let mut days = vec![];
        for day in read {
            let day = day?;
            if !days.contains(&day) {
                days.push(day);
            }
        }
        Ok(days)
    }
}
