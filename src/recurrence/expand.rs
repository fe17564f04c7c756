//! From a rule to its dates.
//!
//! Goes period by period (day, week, month, year) from the one that holds the start date, so that an interval above one
//! skips whole periods. Two of Exchange's rules differ from iCalendar's: a day that a month does not have is the
//! month's last day, and a relative pattern happens once in its period however many days it names.

use jiff::civil::{Date, Weekday};
use jiff::{Span, ToSpan};

use crate::recurrence::rule::{End, Index, Pattern, Rule};

/// Gives a rule's dates, in order, up to the end of the calendar at most.
pub fn dates(rule: Rule) -> impl Iterator<Item = Date> {
    dates_from(rule, 0)
}

/// Gives the dates around `at` and all that follow: the last one before it is among them, but few that are earlier. Those are
/// counted, not walked through.
pub fn dates_around(rule: Rule, at: Date) -> impl Iterator<Item = Date> {
    let number = number_of(&rule, at).min(last_number(&rule));
    dates_from(rule, (number - 1).max(0))
}

/// Counts a rule's dates, up to the end of the calendar at most, and gives the last one.
pub fn count_and_last(rule: Rule) -> (u64, Option<Date>) {
    let number = (last_number(&rule) - 1).max(0);
    let counted = in_periods(&rule, number) as u64;
    dates_from(rule, number).fold((counted, None), |(count, _), date| (count + 1, Some(date)))
}

/// The number of the last period; it, or the one before it, has the last date.
fn last_number(rule: &Rule) -> i64 {
    match rule.end {
        End::Never => number_of(rule, Date::MAX),
        End::On(last) => number_of(rule, last),
        End::After(most) => {
            let periods = (most + before_start(rule)) / in_period(rule);
            number_of(rule, Date::MAX).min(i64::try_from(periods).unwrap_or(i64::MAX))
        }
    }
}

/// Gives a rule's dates from the period of this number on.
fn dates_from(rule: Rule, number: i64) -> impl Iterator<Item = Date> {
    let start = rule.start;
    let (last, most) = match rule.end {
        End::Never => (Date::MAX, usize::MAX),
        End::On(last) => (last, usize::MAX),
        End::After(most) => (Date::MAX, most.saturating_sub(in_periods(&rule, number))),
    };
    (number..)
        .map_while(move |number| period(&rule, number))
        .flatten()
        .skip_while(move |date| *date < start)
        .take_while(move |date| *date <= last)
        .take(most)
}

/// The number of the period that holds a date, or of the last one before it; 0 for what lies before the start.
fn number_of(rule: &Rule, at: Date) -> i64 {
    let start = rule.start;
    let days = |from: Date| from.until(at).map_or(0, |span| i64::from(span.get_days()));
    let years = i64::from(at.year()) - i64::from(start.year());
    let periods = match &rule.pattern {
        Pattern::Daily => days(start),
        Pattern::Weekly { first, .. } => (days(start) + i64::from(start.weekday().since(*first))).div_euclid(7),
        Pattern::AbsoluteMonthly { .. } | Pattern::RelativeMonthly { .. } => {
            12 * years + i64::from(at.month()) - i64::from(start.month())
        }
        Pattern::AbsoluteYearly { .. } | Pattern::RelativeYearly { .. } => years,
    };
    (periods / rule.interval).max(0)
}

/// How many dates each period has.
fn in_period(rule: &Rule) -> usize {
    match &rule.pattern {
        Pattern::Weekly { days, .. } => days.len(),
        Pattern::Daily
        | Pattern::AbsoluteMonthly { .. }
        | Pattern::RelativeMonthly { .. }
        | Pattern::AbsoluteYearly { .. }
        | Pattern::RelativeYearly { .. } => 1,
    }
}

/// How many dates the first periods have together, this many of them.
fn in_periods(rule: &Rule, number: i64) -> usize {
    (usize::try_from(number).unwrap_or(0) * in_period(rule)).saturating_sub(before_start(rule))
}

/// How many dates of the first period lie before the start.
fn before_start(rule: &Rule) -> usize {
    period(rule, 0).into_iter().flatten().filter(|date| *date < rule.start).count()
}

/// Gives the dates of one period, in order; number 0 is the period of the start date, whose first dates may lie before
/// it. `None` past the end of the calendar.
fn period(rule: &Rule, number: i64) -> Option<Vec<Date>> {
    let (start, step) = (rule.start, number.checked_mul(rule.interval)?);
    match &rule.pattern {
        Pattern::Daily => Some(vec![later(start, Span::new().try_days(step).ok()?)?]),
        Pattern::Weekly { days, first } => {
            let into_the_week = start.weekday().since(*first);
            let week = start.checked_sub(into_the_week.days()).ok()?;
            let week = later(week, Span::new().try_weeks(step).ok()?)?;
            let whole_week = (0..7).filter_map(|day| later(week, day.days()));
            Some(whole_week.filter(|it| days.contains(&it.weekday())).collect())
        }
        Pattern::AbsoluteMonthly { day } => Some(vec![absolute(month(start, step)?, *day)?]),
        Pattern::RelativeMonthly { days, index } => Some(vec![relative(month(start, step)?, days, *index)?]),
        Pattern::AbsoluteYearly { month, day } => Some(vec![absolute(month_of_year(start, step, *month)?, *day)?]),
        Pattern::RelativeYearly { month, days, index } => {
            let month = month_of_year(start, step, *month)?;
            Some(vec![relative(month, days, *index)?])
        }
    }
}

fn later(date: Date, span: Span) -> Option<Date> {
    date.checked_add(span).ok()
}

/// The first day of the month that comes `step` months after the one of `start`.
fn month(start: Date, step: i64) -> Option<Date> {
    later(start.first_of_month(), Span::new().try_months(step).ok()?)
}

/// The first day of a month in the year that comes `step` years after the one of `start`.
fn month_of_year(start: Date, step: i64, month: i8) -> Option<Date> {
    let year = later(start.first_of_year(), Span::new().try_years(step).ok()?)?;
    Date::new(year.year(), month, 1).ok()
}

/// The day of a month, or its last day where it is shorter.
pub fn absolute(month: Date, day: i8) -> Option<Date> {
    Date::new(month.year(), month.month(), day.min(month.days_in_month())).ok()
}

/// The day of a month that comes at this place among the days that match, counted over all of them together.
pub fn relative(month: Date, days: &[Weekday], index: Index) -> Option<Date> {
    let all = (1..=month.days_in_month()).filter_map(|day| absolute(month, day));
    let mut matching = all.filter(|it| days.contains(&it.weekday()));
    match index {
        Index::Nth(place) => matching.nth(place),
        Index::Last => matching.next_back(),
    }
}
