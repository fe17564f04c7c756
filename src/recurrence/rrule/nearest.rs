//! The nearest rule that Graph can express, for one that it cannot.
//!
//! Nothing is promised here that does not hold: each proposal is read as an author's rule would be, and must have the start
//! among its dates.

use crate::recurrence::dates;
use crate::recurrence::rrule::convert;
use crate::recurrence::rrule::parts::{Every, Parts};
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

/// Gives the first of the rules near to `parts` that is taken and whose first date is that of `start`.
pub fn nearest(parts: &Parts, start: DateTime, zone: &TimeZone) -> Option<Parts> {
    near(parts, start.date()).into_iter().find(|it| holds(it, start, zone))
}

fn holds(parts: &Parts, start: DateTime, zone: &TimeZone) -> bool {
    let Ok(mut read) = convert(parts, start, zone) else { return false };
    read["range"]["startDate"] = start.date().to_string().into();
    dates(&read).is_ok_and(|mut dates| dates.next() == Some(start.date()))
}

/// Rules near to one, the nearest first: without what nothing in Graph has, then with the place of the start's date in its
/// month, then in that month alone, then by its weekday.
fn near(parts: &Parts, first: Date) -> Vec<Parts> {
    let mut bare = Parts { clock: None, weeks: None, year_days: vec![], ..parts.clone() };
    if let Every::PartOfDay(_) = bare.every {
        bare = Parts { every: Every::Day, interval: 1, ..bare };
    }
    if bare.count.is_some() {
        bare.until = None;
    }
    let monthly = match bare.every {
        Every::Month | Every::Year => bare.clone(),
        Every::PartOfDay(_) | Every::Day | Every::Week => Parts { every: Every::Month, interval: 1, ..bare.clone() },
    };
    let by_day = by_day_of_month(&monthly, first);
    let by_weekday = by_weekday(&monthly, first);
    let mut all = vec![bare.clone(), last_where_lacking(&monthly)];
    all.extend(if bare.days.is_empty() { [by_day, by_weekday] } else { [by_weekday, by_day] });
    for it in all.clone() {
        let interval = if it.every == Every::Year { it.interval } else { 1 };
        all.push(Parts { every: Every::Year, interval, months: vec![first.month().into()], ..it });
    }
    let plain = bare.weekdays().into_iter().map(|day| (None, day)).collect();
    let weekly = Parts {
        every: Every::Week,
        interval: if bare.every == Every::Week { bare.interval } else { 1 },
        months: vec![],
        month_days: vec![],
        days: plain,
        places: vec![],
        ..bare
    };
    let mut by_week = [weekly.clone(), Parts { days: vec![(None, first.weekday())], ..weekly }];
    if !parts.places.is_empty() {
        // It asks for one of its weekdays.
        by_week.reverse();
    }
    match parts.every {
        // What goes by weeks or days already stays so, unless it has places of a month.
        Every::Week | Every::Day if parts.days.iter().all(|(place, _)| place.is_none()) => {
            let at = if parts.month_days.is_empty() { 1 } else { all.len() };
            all.splice(at..at, by_week);
        }
        _ => all.extend(by_week),
    }
    all
}

/// The same day of the month, and the month's last where it is shorter: the last of the days that it has of 28 and up.
fn last_where_lacking(parts: &Parts) -> Parts {
    match parts.month_days[..] {
        [day] if day > 28 => Parts { month_days: (28..=day).collect(), places: vec![-1], ..parts.clone() },
        _ => parts.clone(),
    }
}

fn by_day_of_month(parts: &Parts, first: Date) -> Parts {
    let day = Parts { month_days: vec![first.day().into()], days: vec![], places: vec![], ..parts.clone() };
    last_where_lacking(&day)
}

/// The start's place among these weekdays of its month; without any, among those of its own weekday.
fn by_weekday(parts: &Parts, first: Date) -> Parts {
    let days = if parts.days.is_empty() { vec![first.weekday()] } else { parts.weekdays() };
    let before =
        (1..=first.day()).filter(|day| first.with().day(*day).build().is_ok_and(|it| days.contains(&it.weekday())));
    let place = match before.count() as i64 {
        place @ 1..=4 => place,
        _ => -1,
    };
    let (days, places) = match days[..] {
        [day] => (vec![(Some(place), day)], vec![]),
        _ => (days.into_iter().map(|day| (None, day)).collect(), vec![place]),
    };
    let months = match parts.every {
        Every::Year if parts.months.is_empty() => vec![first.month().into()],
        _ => parts.months.clone(),
    };
    Parts { months, month_days: vec![], days, places, ..parts.clone() }
}
