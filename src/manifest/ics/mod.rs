//! The days of a calendar file (iCalendar, RFC 5545): each of its events lasts whole days, and all of them count.
//!
//! What another reader could take for other days is refused in its place: an event with a time of day, a rule that is read in more
//! than one way. Which lines belong together is the library's business; where they stand is told here.

mod repeat;

use crate::kind::days_off;
use crate::problem::{Place, Problem, cut};
use crate::reason::Reason;
use icalendar::parser::{self, Component};
use jiff::civil::Date;
use jiff::{Span, ToSpan};
use std::collections::BTreeSet;

/// A calendar in an event in a calendar: nothing is nested deeper than an alarm in an event.
const DEEPEST: usize = 4;

/// How many events one file may hold.
const MOST_EVENTS: usize = 5000;

/// How many days the events of one file may name together, each as often as it is named.
const MOST_NAMED: i32 = 50_000;

/// How many problems of one file are told.
const MOST_PROBLEMS: usize = 20;

/// Reads the days of a calendar file; `file` is its name in messages. Fails with what is wrong, each in its place.
pub fn days(file: &str, text: &str) -> Result<BTreeSet<Date>, Vec<Problem>> {
    let lines = Lines { file, text };
    let places = lines.events().map_err(|problem| vec![*problem])?;
    let folded: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    // The library looks for the end of a line as far as the text goes, so that all of them are alike.
    let unfolded = parser::unfold(&(folded.join("\r\n") + "\r\n"));
    let whole = || lines.at(0..0, 1);
    let roots = parser::read_calendar_simple(&unfolded).map_err(|_| {
        vec![wrong(whole(), "this is no calendar that can be read", "export it again as iCalendar (`.ics`)")]
    })?;
    let calendars = roots.iter().filter(|it| it.name == "VCALENDAR");
    let events: Vec<&Component> = calendars.flat_map(|it| &it.components).filter(|it| it.name == "VEVENT").collect();
    if events.len() != places.len() {
        return Err(vec![wrong(
            whole(),
            "events stand outside of its calendar",
            "export it again as iCalendar (`.ics`)",
        )]);
    }
    let (mut days, mut named, mut problems) = (BTreeSet::new(), 0, vec![]);
    for (event, at) in events.into_iter().zip(places) {
        let added = of_event(event).and_then(|ranges| {
            ranges
                .into_iter()
                .try_for_each(|(first, last)| {
                    days_off::add(&mut days, first, last)?;
                    named += (last - first).get_days() + 1;
                    match named > MOST_NAMED {
                        true => Err(format!("events of this calendar name more than {MOST_NAMED} days")),
                        false => Ok(()),
                    }
                })
                .map_err(|what| (what, "keep the years that matter"))
        });
        problems.extend(added.err().map(|(what, hint)| wrong(at, what, hint)));
        if problems.len() >= MOST_PROBLEMS {
            break;
        }
    }
    match (problems.is_empty(), days.is_empty()) {
        (false, _) => Err(problems),
        // A file that was emptied by mistake must not mean that nothing is off.
        (true, true) => {
            Err(vec![wrong(whole(), "no day is off in this calendar", "name the right file, or remove it from `file`")])
        }
        (true, false) => Ok(days),
    }
}

/// What is wrong with an event, and the way out.
type Wrong = (String, &'static str);

/// The first and the last day of an event, each time that it takes place; nothing of one that was cancelled.
fn of_event(event: &Component) -> Result<Vec<(Date, Date)>, Wrong> {
    let value = |name: &str| event.find_prop(name).map(|it| it.val.as_str().trim());
    if value("STATUS").is_some_and(|it| it.eq_ignore_ascii_case("CANCELLED")) {
        return Ok(vec![]);
    }
    let first = day("DTSTART", value("DTSTART").ok_or(("this event has no `DTSTART`".to_owned(), WHOLE_DAYS))?)?;
    let after = match (value("DTEND"), value("DURATION")) {
        (Some(end), _) => day("DTEND", end)?,
        (None, Some(text)) => {
            let length = text
                .parse::<Span>()
                .ok()
                .filter(|it| it.fieldwise() == it.get_weeks().weeks().days(it.get_days()).fieldwise());
            let length = length.ok_or_else(|| (format!("`{}` is no length in days", cut(text)), WHOLE_DAYS))?;
            first.checked_add(length).map_err(|_| (format!("`{}` is too long", cut(text)), WHOLE_DAYS))?
        }
        (None, None) => first.tomorrow().unwrap_or(first),
    };
    // Its end is the day after its last one. Some programs write the day itself for an event of one day.
    let last = if after == first { first } else { after.yesterday().unwrap_or(first) };
    if last < first {
        return Err((
            format!("this event ends on {after}, before it begins on {first}"),
            "mend it, or write its days under `dates`",
        ));
    }
    let length = last - first;
    let starts = repeat::starts(event, first, days_off::MOST)?;
    let range = |start: Date| Some((start, start.checked_add(length).ok()?));
    Ok(starts.into_iter().filter_map(range).collect())
}

const WHOLE_DAYS: &str = "keep events of whole days in the file, or write their days under `dates`";

/// The date that a property says: it is one only where no time of day stands behind it.
fn day(name: &str, text: &str) -> Result<Date, Wrong> {
    let text = text.trim();
    let digits = text.len() == 8 && text.bytes().all(|it| it.is_ascii_digit());
    let read = || Date::strptime("%Y%m%d", text).ok();
    match (digits, digits.then(read).flatten()) {
        (_, Some(day)) => Ok(day),
        (false, None) if text.contains('T') => {
            Err((format!("this event does not last whole days: its `{name}` is `{}`", cut(text)), WHOLE_DAYS))
        }
        (_, None) => Err((format!("`{}` is no date (`{name}`)", cut(text)), WHOLE_DAYS)),
    }
}

fn wrong(at: Place, what: impl Into<String>, hint: &str) -> Problem {
    Problem::new(Reason::DaysOff, at, what).hint(hint)
}

/// The lines of a calendar file.
struct Lines<'a> {
    file: &'a str,
    text: &'a str,
}

impl Lines<'_> {
    /// Where each event begins. Fails where something is nested too deep: to read that takes room for each level.
    fn events(&self) -> Result<Vec<Place>, Box<Problem>> {
        let (mut events, mut depth, mut start) = (vec![], 0_usize, 0);
        for (number, line) in self.text.split_inclusive('\n').enumerate() {
            let said = line.trim_end();
            let at = || self.at(start..start + said.len(), number + 1);
            let begins = said.get(..6).is_some_and(|it| it.eq_ignore_ascii_case("BEGIN:"));
            if begins {
                depth += 1;
                if said[6..].trim() == "VEVENT" {
                    events.push(at());
                }
            } else if said.get(..4).is_some_and(|it| it.eq_ignore_ascii_case("END:")) {
                depth = depth.saturating_sub(1);
            }
            if depth > DEEPEST || events.len() > MOST_EVENTS {
                let what =
                    if depth > DEEPEST { "this is nested too deep" } else { "this calendar has too many events" };
                return Err(wrong(at(), what, "name a calendar that holds days off alone").into());
            }
            start += line.len();
        }
        Ok(events)
    }

    fn at(&self, range: std::ops::Range<usize>, line: usize) -> Place {
        Place { file: self.file.into(), range, line, column: 1 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calendar(events: &str) -> String {
        format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{events}END:VCALENDAR\r\n")
    }

    fn event(lines: &str) -> String {
        format!("BEGIN:VEVENT\r\nUID:1\r\n{lines}\r\nEND:VEVENT\r\n")
    }

    fn told(text: &str) -> String {
        match days("h.ics", text) {
            Ok(days) => days.iter().map(Date::to_string).collect::<Vec<_>>().join(" "),
            Err(problems) => {
                problems.iter().map(|it| format!("{}: {}", it.at.line, it.message)).collect::<Vec<_>>().join("\n")
            }
        }
    }

    const DAY: &str = "DTSTART;VALUE=DATE:20271003";

    #[test]
    fn an_event_that_repeats_counts_each_time_or_is_refused() {
        for (lines, expect) in [
            (format!("{DAY}\r\nRRULE:FREQ=YEARLY;COUNT=3\r\nEXDATE;VALUE=DATE:20281003"), "2027-10-03 2029-10-03"),
            (
                format!("{DAY}\r\nDTEND;VALUE=DATE:20271005\r\nRRULE:FREQ=YEARLY;UNTIL=20281003"),
                "2027-10-03 2027-10-04 2028-10-03 2028-10-04",
            ),
            (
                format!("{DAY}\r\nRDATE;VALUE=DATE:20271101,20271224\r\nRDATE;VALUE=DATE:20280101"),
                "2027-10-03 2027-11-01 2027-12-24 2028-01-01",
            ),
            (
                "DTSTART;VALUE=DATE:20361225\r\nRRULE:FREQ=YEARLY".into(),
                "2036-12-25 2037-12-25 2038-12-25 2039-12-25 2040-12-25",
            ),
            (format!("{DAY}\r\nRRULE:FREQ=DAILY"), "3: more than 2000 days off"),
            (
                format!("{DAY}\r\nRRULE:FREQ=SECONDLY"),
                "3: this event repeats in a way that no series can: Graph's series happen once a day at most: `FREQ=SECONDLY`",
            ),
            (
                format!("{DAY}\r\nRRULE:FREQ=YEARLY;UNTIL=20300101T000000Z"),
                "3: the rule of whole days ends at a time of day: `FREQ=YEARLY;UNTIL=20300101T000000Z`",
            ),
            (
                format!("{DAY}\r\nRRULE:FREQ=WEEKLY;BYDAY=MO"),
                "3: this event begins on a day that its rule does not have: `FREQ=WEEKLY;BYDAY=MO`",
            ),
            (format!("{DAY}\r\nRRULE:FREQ=YEARLY\r\nRRULE:FREQ=DAILY"), "3: this event has two rules (`RRULE`)"),
            (
                format!("{DAY}\r\nRECURRENCE-ID;VALUE=DATE:20271004"),
                "3: this event repeats in a way that is not read (`RECURRENCE-ID`)",
            ),
            (
                format!("{DAY}\r\nRRULE:FREQ=YEARLY\r\nEXDATE:20281003T000000Z"),
                "3: this event does not last whole days: its `EXDATE` is `20281003T000000Z`",
            ),
        ] {
            assert_eq!(told(&calendar(&event(&lines))), expect, "{lines}");
        }
    }

    #[test]
    fn whole_days_count_and_all_else_is_refused_in_its_place() {
        for (lines, expect) in [
            (DAY.to_owned(), "2027-10-03"),
            (format!("{DAY}\r\nDTEND;VALUE=DATE:20271004"), "2027-10-03"),
            (format!("{DAY}\r\nDTEND;VALUE=DATE:20271003"), "2027-10-03"),
            (format!("{DAY}\r\nDTEND;VALUE=DATE:20271006"), "2027-10-03 2027-10-04 2027-10-05"),
            (format!("{DAY}\r\nDURATION:P2D"), "2027-10-03 2027-10-04"),
            (
                format!("{DAY}\r\nDURATION:P1W"),
                "2027-10-03 2027-10-04 2027-10-05 2027-10-06 2027-10-07 2027-10-08 2027-10-09",
            ),
            (format!("{DAY}\r\nDURATION:PT2H"), "3: `PT2H` is no length in days"),
            (
                format!("{DAY}\r\nDTEND;VALUE=DATE:20271001"),
                "3: this event ends on 2027-10-01, before it begins on 2027-10-03",
            ),
            (format!("{DAY}\r\nSUMMARY:A folded\r\n  line\\, with signs"), "2027-10-03"),
            (format!("{DAY}\r\nBEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:-PT1H\r\nEND:VALARM"), "2027-10-03"),
            (format!("{DAY}\r\nSTATUS:CANCELLED"), "1: no day is off in this calendar"),
            (
                "DTSTART:20271003T080000Z".into(),
                "3: this event does not last whole days: its `DTSTART` is `20271003T080000Z`",
            ),
            ("DTSTART;VALUE=DATE:20270230".into(), "3: `20270230` is no date (`DTSTART`)"),
            ("SUMMARY:x".into(), "3: this event has no `DTSTART`"),
        ] {
            for end in ["\r\n", "\n"] {
                assert_eq!(told(&calendar(&event(&lines)).replace("\r\n", end)), expect, "{lines}");
            }
        }
    }

    #[test]
    fn what_is_no_calendar_is_never_no_day_off() {
        let deep = "BEGIN:VEVENT\r\n".repeat(100_000);
        let many = event("DTSTART;VALUE=DATE:20271003").repeat(MOST_EVENTS + 1);
        for (text, expect) in [
            (String::new(), "1: this is no calendar that can be read"),
            ("<html>Not found</html>".into(), "1: this is no calendar that can be read"),
            (calendar(""), "1: no day is off in this calendar"),
            (calendar("BEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20271003\r\n"), "1: this is no calendar that can be read"),
            (event("DTSTART;VALUE=DATE:20271003"), "1: events stand outside of its calendar"),
            (calendar(&deep), "6: this is nested too deep"),
            (calendar(&many), "20003: this calendar has too many events"),
            (
                calendar(&event("DTSTART;VALUE=DATE:20270101\r\nDTEND;VALUE=DATE:99991231")),
                "3: more than 2000 days off",
            ),
        ] {
            assert_eq!(told(&text), expect);
        }
    }
}
