//! Which of Graph's patterns has the dates of a rule that goes by days of months.
//!
//! A rule can be spelled in many ways, so it is not read by its spelling: its days are laid out over years of every shape,
//! and a pattern is taken if it has just these. Twenty-eight years hold each shape: every first weekday, leap or not.

use crate::recurrence::expand::{absolute, relative};
use crate::recurrence::rrule::parts::{Every, Parts};
use crate::recurrence::rule::{INDEXES, Index, names_of};
use jiff::civil::{Date, Weekday};
use serde_json::{Value, json};

const YEARS: std::ops::RangeInclusive<i16> = 2010..=2037;

/// The days of each month of a year as bits; bit 1 is the first.
type Year = [u32; 12];

/// What Graph can have in a month.
enum Inside {
    /// All of these weekdays.
    Weekdays(Vec<Weekday>),
    /// The one in this place.
    Place(Vec<Weekday>, Index),
    /// This day, or the month's last.
    Day(i8),
}

/// Gives the pattern of a yearly or monthly rule, or of a daily one without an interval; the error says why there is none.
pub fn pattern(parts: &Parts, first: Date) -> Result<Value, String> {
    let years: Vec<(i16, Year)> = YEARS.map(|year| (year, days_of(parts, first, year))).collect();
    let used: Vec<i8> = (1..=12).filter(|month| years.iter().any(|(_, year)| at(year, *month) != 0)).collect();
    if used.is_empty() {
        return Err(format!("the rule has no dates: `{}`", parts.narrowing()));
    }
    let fits = |inside: &Inside| {
        years.iter().all(|(number, year)| used.iter().all(|month| at(year, *month) == inside.days(*number, *month)))
    };
    let Some(inside) = candidates(parts).into_iter().find(fits) else {
        return Err(reason(parts, &years));
    };
    let (cycle, months) = months(parts, first, &used);
    match inside {
        Inside::Weekdays(days) if months.len() == 12 && cycle == 12 => Ok(match days.len() {
            7 => json!({"type": "daily", "interval": 1}),
            _ => json!({"type": "weekly", "interval": 1, "daysOfWeek": names_of(&days)}),
        }),
        Inside::Weekdays(_) => {
            Err(format!("Graph has weekdays in every week or one date a month: `{}`", parts.narrowing()))
        }
        one => dated(parts, &one, cycle, &months),
    }
}

/// The pattern of one date in each of these months, which are given by their distance from the start's, in order.
fn dated(parts: &Parts, inside: &Inside, cycle: i64, months: &[(i64, i8)]) -> Result<Value, String> {
    let (form, mut pattern) = match inside {
        Inside::Place(days, index) => {
            let index = INDEXES.iter().find(|(_, it)| it == index).map(|(name, _)| name);
            ("relative", json!({"daysOfWeek": names_of(days), "index": index}))
        }
        Inside::Day(day) => ("absolute", json!({"dayOfMonth": day})),
        Inside::Weekdays(_) => unreachable!("weekdays are a weekly pattern"),
    };
    let interval = match months {
        // A rule that names no months keeps to its own words.
        [(_, month)] if parts.every != Every::Month || !parts.months.is_empty() => {
            pattern["month"] = json!(month);
            pattern["type"] = json!(format!("{form}Yearly"));
            cycle / 12
        }
        [(0, _), ..] => {
            let step = months.get(1).map_or(cycle, |(second, _)| *second);
            let next = months.iter().skip(1).map(|(distance, _)| *distance).chain([cycle]);
            if months.iter().zip(next).any(|((one, _), next)| next - one != step) {
                let message = match parts.month_days.iter().any(|day| *day > 28) || parts.narrowing().is_empty() {
                    true => LACKING,
                    false => "Graph has one month a year, or every few months",
                };
                return Err(said(message, parts));
            }
            pattern["type"] = json!(format!("{form}Monthly"));
            step
        }
        _ => return Err(format!("`start` is in none of the rule's months: `{}`", parts.narrowing())),
    };
    pattern["interval"] = json!(interval);
    Ok(pattern)
}

/// After how many months the rule comes round again, and the months that it has until then, by distance from the start's.
fn months(parts: &Parts, first: Date, used: &[i8]) -> (i64, Vec<(i64, i8)>) {
    let interval = parts.interval;
    let (cycle, step) = match parts.every {
        Every::Year => (12 * interval, 1),
        Every::PartOfDay(_) | Every::Day | Every::Week | Every::Month => (12 * interval / common(interval), interval),
    };
    let ahead = |month: i8| {
        let months = i64::from(month - first.month());
        match parts.every {
            // The months before the start's come when its year comes round again.
            Every::Year => months.rem_euclid(cycle),
            _ => (0..12).map(|n| n * step).find(|it| (it - months) % 12 == 0).unwrap_or(0),
        }
    };
    let mut months: Vec<_> = used.iter().map(|month| (ahead(*month), *month)).collect();
    months.sort_unstable();
    (cycle, months)
}

/// The greatest number that divides both an interval of months and a year.
fn common(interval: i64) -> i64 {
    [12, 6, 4, 3, 2].into_iter().find(|it| interval % it == 0).unwrap_or(1)
}

fn at(year: &Year, month: i8) -> u32 {
    year[month as usize - 1]
}

/// What could be in a month, the simplest first.
fn candidates(parts: &Parts) -> Vec<Inside> {
    let days = parts.weekdays();
    let mut all = vec![Inside::Weekdays((0..7).map(|day| Weekday::Sunday.wrapping_add(day)).collect())];
    if !days.is_empty() {
        all.push(Inside::Weekdays(days.clone()));
        all.extend(INDEXES.iter().map(|(_, index)| Inside::Place(days.clone(), *index)));
    }
    all.extend((1..=31).map(Inside::Day));
    all
}

impl Inside {
    /// Its days of a month.
    fn days(&self, year: i16, month: i8) -> u32 {
        let Ok(month) = Date::new(year, month, 1) else { return 0 };
        match self {
            Inside::Weekdays(days) => {
                let of_month = (1..=month.days_in_month()).filter_map(|day| absolute(month, day));
                bits(of_month.filter(|it| days.contains(&it.weekday())))
            }
            Inside::Place(days, index) => bits(relative(month, days, *index)),
            Inside::Day(day) => bits(absolute(month, *day)),
        }
    }
}

fn bits(days: impl IntoIterator<Item = Date>) -> u32 {
    days.into_iter().fold(0, |bits, date| bits | 1 << date.day())
}

/// The days that a rule has in a year; those of years that an interval passes over are there too.
fn days_of(parts: &Parts, first: Date, year: i16) -> Year {
    let hit = |month: &i8| {
        let by_interval = parts.every != Every::Month || i64::from(month - first.month()) % common(parts.interval) == 0;
        by_interval && (parts.months.is_empty() || parts.months.contains(&i64::from(*month)))
    };
    let firsts = (1..=12).filter(hit).filter_map(|month| Date::new(year, month, 1).ok());
    let dates = firsts.flat_map(|month| (1..=month.days_in_month()).filter_map(move |day| absolute(month, day)));
    let dates: Vec<Date> = dates.filter(|date| has(parts, first, *date)).collect();
    let same_set = |one: &Date, other: &Date| match parts.every {
        Every::Year => true,
        Every::Month => one.month() == other.month(),
        Every::PartOfDay(_) | Every::Day | Every::Week => one == other,
    };
    let mut found = [0; 12];
    for set in dates.chunk_by(same_set) {
        for date in placed(&parts.places, set) {
            found[date.month() as usize - 1] |= 1 << date.day();
        }
    }
    found
}

/// What `BYSETPOS` leaves of a period's dates.
fn placed(places: &[i64], set: &[Date]) -> Vec<Date> {
    if places.is_empty() {
        return set.to_vec();
    }
    let index = |place: &i64| match *place {
        place if place > 0 => usize::try_from(place - 1).ok(),
        place => (set.len() as i64 + place).try_into().ok(),
    };
    places.iter().filter_map(|place| set.get(index(place)?).copied()).collect()
}

/// Whether a date is one of the days that the rule speaks of, `BYSETPOS` aside.
fn has(parts: &Parts, first: Date, date: Date) -> bool {
    let among = |list: &[i64], day: i64, length: i64| {
        list.is_empty() || list.iter().any(|it| *it == day || *it == day - length - 1)
    };
    let (day, of_year) = (i64::from(date.day()), i64::from(date.day_of_year()));
    let (days_in_month, days_in_year) = (i64::from(date.days_in_month()), i64::from(date.days_in_year()));
    if parts.month_days.is_empty() && parts.year_days.is_empty() && parts.days.is_empty() {
        return match parts.every {
            Every::Month => date.day() == first.day(),
            // With `BYMONTH`, the start's day of that month (RFC 5545, 3.3.10).
            Every::Year => date.day() == first.day() && (!parts.months.is_empty() || date.month() == first.month()),
            Every::PartOfDay(_) | Every::Day | Every::Week => true,
        };
    }
    let whole_year = parts.every == Every::Year && parts.months.is_empty();
    let (place, length) = if whole_year { (of_year, days_in_year) } else { (day, days_in_month) };
    let is_nth = |nth: i64| nth == (place - 1) / 7 + 1 || nth == -((length - place) / 7 + 1);
    let weekday = |(nth, weekday): &(Option<i64>, Weekday)| date.weekday() == *weekday && nth.is_none_or(is_nth);
    among(&parts.month_days, day, days_in_month)
        && among(&parts.year_days, of_year, days_in_year)
        && (parts.days.is_empty() || parts.days.iter().any(weekday))
}

/// Why no pattern of Graph has what the rule has in a month.
fn reason(parts: &Parts, years: &[(i16, Year)]) -> String {
    let several = years.iter().any(|(_, year)| year.iter().any(|month| month.count_ones() > 1));
    let in_year = parts.every == Every::Year && parts.months.is_empty() && parts.month_days.is_empty();
    let message = if !parts.year_days.is_empty() {
        "Graph does not count the days of a year"
    } else if in_year && parts.days.iter().any(|(place, _)| place.is_some()) {
        "Graph counts weekdays in a month, not in a year"
    } else if several {
        "Graph has one date a month"
    } else if !parts.days.is_empty() && !parts.month_days.is_empty() {
        "Graph takes a weekday or a day of the month, not both"
    } else if parts.days.iter().any(|(place, _)| place.is_some()) && !parts.places.is_empty() {
        "Graph knows no such day in a month"
    } else if !parts.days.is_empty() {
        "Graph knows the first to fourth weekday of a month and the last"
    } else if parts.month_days.iter().any(|day| *day < 0) {
        "Graph counts the days of a month from its beginning"
    } else {
        LACKING
    };
    said(message, parts)
}

const LACKING: &str = "iCalendar passes over a month without this day, where Graph takes its last day";

fn said(message: &str, parts: &Parts) -> String {
    match parts.narrowing() {
        none if none.is_empty() => message.into(),
        narrowing => format!("{message}: `{narrowing}`"),
    }
}
