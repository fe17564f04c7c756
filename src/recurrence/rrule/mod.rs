//! From an iCalendar rule (RFC 5545) to Graph's recurrence, where Graph can say the same.
//!
//! A rule is taken only if it has the very same dates. Two differences matter most: iCalendar passes over a month that lacks
//! the day, Graph takes its last one; and Graph knows neither a fifth weekday nor several dates in one month. What cannot be
//! said is refused with the reason.

#[cfg(test)]
mod tests;

use crate::recurrence::rule::{DAYS, INDEXES};
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Reads `RRULE:FREQ=WEEKLY;BYDAY=TU;COUNT=10` (the name may be left out) for a series whose first occurrence is at `start`.
///
/// Returns Graph's pattern and range, the range without a start date. The error says what Graph cannot say, or what is
/// wrong with the rule.
pub fn from_rrule(text: &str, start: DateTime, zone: &TimeZone) -> Result<Value, String> {
    let parts = Parts::read(text)?;
    let first = start.date();
    let interval = parts.number("INTERVAL", 1, 999)?.unwrap_or(1);
    let mut pattern = match parts.needed("FREQ")? {
        "DAILY" => parts.daily(interval)?,
        "WEEKLY" => parts.weekly(first)?,
        "MONTHLY" => parts.monthly(first)?,
        "YEARLY" => parts.yearly(first)?,
        other if ["SECONDLY", "MINUTELY", "HOURLY"].contains(&other) => {
            return Err(format!("Graph's series happen once a day at most: `FREQ={other}`"));
        }
        other => return Err(format!("`FREQ` is DAILY, WEEKLY, MONTHLY or YEARLY: `{other}`")),
    };
    pattern["interval"] = json!(interval);
    Ok(json!({"pattern": pattern, "range": parts.range(start, zone)?}))
}

/// The parts of a rule by name, all upper case.
struct Parts(BTreeMap<String, String>);

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
    fn read(text: &str) -> Result<Parts, String> {
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
        let parts = Parts(parts);
        for (name, why) in [
            ("BYSECOND", "a series starts at the time of `start`"),
            ("BYMINUTE", "a series starts at the time of `start`"),
            ("BYHOUR", "a series starts at the time of `start`"),
            ("BYWEEKNO", "Graph does not count the weeks of a year"),
            ("BYYEARDAY", "Graph does not count the days of a year"),
        ] {
            if parts.0.contains_key(name) {
                return Err(format!("{why}: `{name}`"));
            }
        }
        Ok(parts)
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    fn needed(&self, name: &str) -> Result<&str, String> {
        self.get(name).ok_or_else(|| format!("`{name}` is missing"))
    }

    fn number(&self, name: &str, least: i64, most: i64) -> Result<Option<i64>, String> {
        let Some(text) = self.get(name) else { return Ok(None) };
        let number = text.parse().ok().filter(|number| (least..=most).contains(number));
        number.map(Some).ok_or_else(|| format!("`{name}` is a whole number from {least} to {most}: `{text}`"))
    }

    /// Refuses the parts that mean nothing Graph could say at this frequency.
    fn without(&self, names: &[&str]) -> Result<(), String> {
        match names.iter().find(|name| self.0.contains_key(**name)) {
            Some(name) => Err(format!("Graph has no such pattern: `{name}` with `FREQ={}`", self.needed("FREQ")?)),
            None => Ok(()),
        }
    }

    /// Weekdays with the place of each in its month, if it has one.
    fn days(&self) -> Result<Vec<(Option<i64>, &'static str)>, String> {
        let day = |text: &str| {
            let (place, name) = text.split_at(text.len().saturating_sub(2));
            let (name, _) = DAYS.iter().find(|(day, _)| day[..2].eq_ignore_ascii_case(name))?;
            let place = if place.is_empty() { None } else { Some(place.parse().ok().filter(|it| *it != 0)?) };
            Some((place, *name))
        };
        let list = self.get("BYDAY").into_iter().flat_map(|list| list.split(','));
        // `split_at` takes bytes: whatever is not ASCII is no weekday.
        list.map(|text| {
            text.is_ascii()
                .then(|| day(text))
                .flatten()
                .ok_or_else(|| format!("not a weekday such as `TU` or `-1FR`: `{text}`"))
        })
        .collect()
    }

    /// Weekdays that have no place.
    fn plain_days(&self) -> Result<Vec<&'static str>, String> {
        let plain = |(place, day): (Option<i64>, &'static str)| match place {
            None => Ok(day),
            Some(_) => {
                Err(format!("a weekday's place in the month needs `FREQ=MONTHLY` or YEARLY: `{}`", self.0["BYDAY"]))
            }
        };
        self.days()?.into_iter().map(plain).collect()
    }

    fn daily(&self, interval: i64) -> Result<Value, String> {
        self.without(&["BYMONTH", "BYMONTHDAY", "BYSETPOS"])?;
        match (self.plain_days()?, interval) {
            (days, _) if days.is_empty() => Ok(json!({"type": "daily"})),
            (days, 1) => Ok(json!({"type": "weekly", "daysOfWeek": days})),
            _ => Err("Graph cannot pass over days of an interval: `BYDAY` with `INTERVAL`".into()),
        }
    }

    fn weekly(&self, first: Date) -> Result<Value, String> {
        self.without(&["BYMONTH", "BYMONTHDAY", "BYSETPOS"])?;
        let mut days = self.plain_days()?;
        if days.is_empty() {
            days.extend(DAYS.iter().find(|(_, day)| *day == first.weekday()).map(|(name, _)| *name));
        }
        let start = self.get("WKST").unwrap_or("MO");
        let week = DAYS.iter().find(|(day, _)| day[..2].eq_ignore_ascii_case(start));
        let (week, _) = week.ok_or_else(|| format!("`WKST` is a weekday such as `MO`: `{start}`"))?;
        Ok(json!({"type": "weekly", "daysOfWeek": days, "firstDayOfWeek": week}))
    }

    fn monthly(&self, first: Date) -> Result<Value, String> {
        self.without(&["BYMONTH"])?;
        Ok(match self.relative()? {
            Some((days, index)) => json!({"type": "relativeMonthly", "daysOfWeek": days, "index": index}),
            None => json!({"type": "absoluteMonthly", "dayOfMonth": self.day_of_month(first, (28, 31))?}),
        })
    }

    fn yearly(&self, first: Date) -> Result<Value, String> {
        if self.get("BYMONTH").is_some_and(|months| months.contains(',')) {
            return Err(format!("Graph has one month a year: `BYMONTH={}`", self.0["BYMONTH"]));
        }
        let month = self.number("BYMONTH", 1, 12)?;
        if self.0.contains_key("BYDAY") && month.is_none() {
            return Err("Graph counts weekdays in a month, not in a year: add `BYMONTH`".into());
        }
        if let Some((days, index)) = self.relative()? {
            return Ok(json!({"type": "relativeYearly", "daysOfWeek": days, "index": index, "month": month}));
        }
        if month.is_none() && self.get("BYMONTHDAY").is_some() {
            return Err("on a day of every month: write `FREQ=MONTHLY`, or add `BYMONTH`".into());
        }
        let month = month.unwrap_or(first.month().into());
        let days_in = |year| Date::new(year, month as i8, 1).map_or(31, |it| it.days_in_month().into());
        // In a common year and in a leap year.
        let day = self.day_of_month(first, (days_in(2027), days_in(2028)))?;
        Ok(json!({"type": "absoluteYearly", "dayOfMonth": day, "month": month}))
    }

    /// The weekdays and their place in the month, if the rule goes by weekdays.
    fn relative(&self) -> Result<Option<(Vec<&'static str>, &'static str)>, String> {
        let days = self.days()?;
        let Some((place, _)) = days.first().copied() else { return Ok(None) };
        if self.0.contains_key("BYMONTHDAY") {
            return Err("Graph takes a weekday or a day of the month, not both: `BYDAY` with `BYMONTHDAY`".into());
        }
        let place = match (place, self.number("BYSETPOS", -366, 366)?) {
            (Some(_), _) if days.len() > 1 => {
                return Err(format!("Graph has one date a month: `BYDAY={}`", self.0["BYDAY"]));
            }
            (Some(_), Some(_)) => return Err("`BYSETPOS` with a weekday that has a place already".into()),
            (Some(place), None) | (None, Some(place)) => place,
            (None, None) => {
                let message =
                    "on these weekdays in every week: write `FREQ=WEEKLY`, or their place in the month, as in";
                return Err(format!("{message} `1{}`", self.0["BYDAY"]));
            }
        };
        let index = match place {
            1..=4 => INDEXES[place as usize - 1].0,
            -1 => INDEXES[4].0,
            _ => {
                return Err(format!("Graph knows the first to fourth weekday of a month and the last, not: `{place}`"));
            }
        };
        Ok(Some((days.into_iter().map(|(_, day)| day).collect(), index)))
    }

    /// The day of the month; how many days that month has at least, and at most.
    fn day_of_month(&self, first: Date, (least, most): (i64, i64)) -> Result<i64, String> {
        let list = self.get("BYMONTHDAY").map_or_else(|| first.day().to_string(), str::to_owned);
        let days: Option<Vec<i64>> = list.split(',').map(|day| day.parse().ok()).collect();
        let days = days.filter(|days| days.iter().all(|day| (-31..=31).contains(day) && *day != 0));
        let days = days.ok_or_else(|| format!("`BYMONTHDAY` is a day from 1 to 31, or -1: `{list}`"))?;
        match (&days[..], self.number("BYSETPOS", -366, 366)?) {
            ([-1], None) => Ok(most),
            ([day], None | Some(1 | -1)) if (1..=least).contains(day) => Ok(*day),
            ([day], None) if *day > 0 => {
                let all: Vec<_> = (28..=*day).map(|day| day.to_string()).collect();
                let message =
                    "iCalendar passes over a month without this day, Graph takes its last day; for that write";
                Err(format!("{message} `BYMONTHDAY={};BYSETPOS=-1`: `{list}`", all.join(",")))
            }
            // The last of 28 to n: the day n, or the month's last.
            (days, Some(-1)) if days.iter().copied().eq(28..=days.last().copied().unwrap_or(0)) => {
                Ok(days.last().copied().unwrap_or(most).min(most))
            }
            _ => Err(format!("Graph has one date a month, counted from its beginning: `BYMONTHDAY={list}`")),
        }
    }

    fn range(&self, start: DateTime, zone: &TimeZone) -> Result<Value, String> {
        match (self.number("COUNT", 1, 999)?, self.get("UNTIL")) {
            (Some(_), Some(_)) => Err("`COUNT` and `UNTIL` in one rule".into()),
            (Some(count), None) => Ok(json!({"type": "numbered", "numberOfOccurrences": count})),
            (None, None) => Ok(json!({"type": "noEnd"})),
            (None, Some(text)) => Ok(json!({"type": "endDate", "endDate": last_date(text, start, zone)?.to_string()})),
        }
    }
}

/// The last date whose occurrence starts no later than `UNTIL` says.
fn last_date(text: &str, start: DateTime, zone: &TimeZone) -> Result<Date, String> {
    let wrong = || format!("`UNTIL` is a date such as `20270330` or a time such as `20270330T090000Z`: `{text}`");
    let Some((day, time)) = text.split_once('T') else {
        return Date::strptime("%Y%m%d", text).map_err(|_| wrong());
    };
    let utc = time.strip_suffix('Z');
    let at = DateTime::strptime("%Y%m%dT%H%M%S", format!("{day}T{}", utc.unwrap_or(time))).map_err(|_| wrong())?;
    let local = match utc {
        Some(_) => TimeZone::UTC.to_timestamp(at).map_err(|_| wrong())?.to_zoned(zone.clone()).datetime(),
        None => at,
    };
    let whole = if start.time() <= local.time() { Ok(local.date()) } else { local.date().yesterday() };
    whole.map_err(|_| wrong())
}
