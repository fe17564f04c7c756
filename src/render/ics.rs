//! What stands in calendars once a plan is applied, as an iCalendar file to lay over one's own calendar. Layout and escapes only.
//!
//! The crate folds lines and escapes texts; it knows no zones, and theirs are data of the program's own.

use crate::inert;
use crate::render::page::Page;
use crate::report::ical::{Event, Ical, Onset, Stamp, Zone};
use icalendar::{Calendar, Component, EventStatus, Property};
use jiff::tz::Offset;

/// Renders a calendar.
pub fn render(ical: &Ical) -> Page {
    let mut calendar = Calendar::empty();
    let name = inert::line(&ical.name);
    for (key, value) in
        [("VERSION", "2.0"), ("PRODID", "-//convoke//plan//EN"), ("CALSCALE", "GREGORIAN"), ("METHOD", "PUBLISH")]
    {
        calendar.append_property(Property::new(key, value));
    }
    calendar.name(&name);
    let stamp = ical.stamp.strftime(UTC).to_string();
    ical.events.iter().for_each(|it| {
        calendar.push(event(it, &stamp));
    });
    let text = calendar.to_string();
    let zones: String = ical.zones.iter().map(zone).collect();
    // Zones stand before the events that name them.
    let place = text.find("BEGIN:VEVENT").unwrap_or(text.len());
    Page::ics([&text[..place], &zones, &text[place..]].concat())
}

const UTC: &str = "%Y%m%dT%H%M%SZ";
const LOCAL: &str = "%Y%m%dT%H%M%S";

fn event(it: &Event, stamp: &str) -> icalendar::Event {
    let Event { uid, summary, description, category, organizer, cancelled, start, end, rule, dates, skipped, of } = it;
    let mut event = icalendar::Event::new();
    event.uid(&inert::line(uid)).summary(&inert::line(summary)).description(&inert::line(description));
    event.add_property("DTSTAMP", stamp);
    event.add_property("CATEGORIES", *category);
    event.status(if *cancelled { EventStatus::Cancelled } else { EventStatus::Confirmed });
    event.append_property(moment("DTSTART", start)).append_property(moment("DTEND", end));
    if let Some(address) = organizer {
        event.add_property("ORGANIZER", format!("mailto:{}", inert::line(address)));
    }
    if let Some(rule) = rule {
        event.add_property("RRULE", rule);
    }
    if let Some(of) = of {
        event.append_property(moment("RECURRENCE-ID", of));
    }
    for one in dates {
        event.append_multi_property(moment("RDATE", one));
    }
    for one in skipped {
        event.append_multi_property(moment("EXDATE", one));
    }
    event.done()
}

fn moment(key: &str, stamp: &Stamp) -> Property {
    match stamp {
        Stamp::Day(date) => {
            Property::new(key, date.strftime("%Y%m%d").to_string()).add_parameter("VALUE", "DATE").done()
        }
        Stamp::Utc(at) => Property::new(key, at.strftime(UTC).to_string()),
        Stamp::Local(at, zone) => Property::new(key, at.strftime(LOCAL).to_string()).add_parameter("TZID", zone).done(),
    }
}

fn zone(Zone { name, changes }: &Zone) -> String {
    let changes: String = changes.iter().map(onset).collect();
    format!("BEGIN:VTIMEZONE\r\nTZID:{name}\r\n{changes}END:VTIMEZONE\r\n")
}

fn onset(Onset { at, from, to, summer, name }: &Onset) -> String {
    let part = if *summer { "DAYLIGHT" } else { "STANDARD" };
    let (from, to, at) = (offset(*from), offset(*to), at.strftime(LOCAL));
    format!("BEGIN:{part}\r\nDTSTART:{at}\r\nTZOFFSETFROM:{from}\r\nTZOFFSETTO:{to}\r\nTZNAME:{name}\r\nEND:{part}\r\n")
}

/// `+0130`, with seconds where there are any.
fn offset(it: Offset) -> String {
    let (sign, seconds) = (if it.is_negative() { '-' } else { '+' }, it.seconds().unsigned_abs());
    let (hours, minutes, rest) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let rest = if rest == 0 { String::new() } else { format!("{rest:02}") };
    format!("{sign}{hours:02}{minutes:02}{rest}")
}
