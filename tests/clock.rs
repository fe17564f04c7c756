//! Series across clock changes: what is declared reads back as no difference and takes place when the manifest says, on the
//! clock of its own zone.

use crate::support::lab::Lab;
use crate::support::{House, ORGANIZER};
use convoke::face::plan::ahead::ahead;
use convoke::face::sandbox::Options;
use serde_json::Value;

/// Name, spec, and the local starts that it must have.
const SERIES: &[(&str, &str, &str)] = &[
    (
        "berlin-in-spring",
        "{start: 2031-03-18T10:00, duration: 45m, timeZone: Europe/Berlin, \
          recurrence: {pattern: {type: weekly, daysOfWeek: [tuesday]}, range: {type: numbered, numberOfOccurrences: 4}}}",
        "2031-03-18T10:00 2031-03-25T10:00 2031-04-01T10:00 2031-04-08T10:00",
    ),
    (
        "berlin-in-autumn",
        "{start: 2031-10-14T10:00, duration: 45m, timeZone: Europe/Berlin, \
          recurrence: 'RRULE:FREQ=WEEKLY;BYDAY=TU;COUNT=4'}",
        "2031-10-14T10:00 2031-10-21T10:00 2031-10-28T10:00 2031-11-04T10:00",
    ),
    (
        "sao-paulo",
        "{start: 2031-10-14T10:00, duration: 45m, timeZone: America/Sao_Paulo, \
          recurrence: {pattern: {type: weekly, interval: 2, daysOfWeek: [tuesday]}, range: {type: endDate, endDate: 2031-11-30}}}",
        "2031-10-14T10:00 2031-10-28T10:00 2031-11-11T10:00 2031-11-25T10:00",
    ),
    (
        "new-york",
        "{start: 2031-03-04T09:30, duration: 1h, timeZone: America/New_York, \
          recurrence: {pattern: {type: daily, interval: 5}, range: {type: numbered, numberOfOccurrences: 4}}}",
        "2031-03-04T09:30 2031-03-09T09:30 2031-03-14T09:30 2031-03-19T09:30",
    ),
    (
        "whole-days",
        "{start: 2031-03-28, duration: 3d, isAllDay: true, timeZone: Europe/Berlin, \
          recurrence: {pattern: {type: absoluteMonthly, dayOfMonth: 28}, range: {type: numbered, numberOfOccurrences: 3}}}",
        "2031-03-28T00:00 2031-04-28T00:00 2031-05-28T00:00",
    ),
    (
        "last-weekday",
        "{start: 2031-03-31T17:00, duration: 30m, timeZone: Europe/Berlin, \
          recurrence: {pattern: {type: relativeMonthly, daysOfWeek: [monday, tuesday, wednesday, thursday, friday], index: last}, \
          range: {type: numbered, numberOfOccurrences: 4}}}",
        "2031-03-31T17:00 2031-04-30T17:00 2031-05-30T17:00 2031-06-30T17:00",
    ),
    (
        "leap-day",
        "{start: 2032-02-29T10:00, duration: 1h, timeZone: Europe/Berlin, \
          recurrence: {pattern: {type: absoluteYearly, dayOfMonth: 29, month: 2}, range: {type: numbered, numberOfOccurrences: 3}}}",
        "2032-02-29T10:00 2033-02-28T10:00 2034-02-28T10:00",
    ),
    (
        "sydney-from-utc-organizers",
        "{start: {dateTime: 2031-03-25T23:00, timeZone: UTC}, end: {dateTime: 2031-03-26T00:00, timeZone: UTC}, \
          recurrence: {pattern: {type: weekly, daysOfWeek: [tuesday]}, range: {type: numbered, numberOfOccurrences: 3}}}",
        "2031-03-25T23:00 2031-04-01T23:00 2031-04-08T23:00",
    ),
];

#[test]
fn a_series_takes_place_at_its_declared_wall_clock_times_across_clock_changes() {
    let documents = SERIES.iter().map(|(name, spec, _)| {
        format!("apiVersion: convoke.dev/v1\nkind: Event\nmetadata: {{name: {name}}}\nspec: {spec}\n")
    });
    let text = documents.collect::<Vec<_>>().join("---\n");
    let mut lab = Lab::new("2031-01-01T00:00:00Z");
    let manifests = Lab::read(&text);
    let round = lab.apply(&manifests);
    assert_eq!(round.wrong, Vec::<String>::new());
    for (name, _, expect) in SERIES {
        let event = lab.house.event(name);
        let zone = event["recurrence"]["range"]["recurrenceTimeZone"].as_str().unwrap();
        // A whole day floats: read in UTC it begins at midnight there (docs #2804, #6003).
        let floats = event["isAllDay"] == true;
        let zone = if floats { jiff::tz::TimeZone::UTC } else { convoke::face::when::zone(zone).unwrap() };
        let id = convoke::face::route::encoded(event["id"].as_str().unwrap());
        let path = format!("/v1.0/users/{ORGANIZER}/events/{id}/instances");
        let (_, all) =
            lab.house.call("GET", &format!("{path}?startDateTime=2031-01-01&endDateTime=2034-12-31&$top=50"), None);
        let local = |it: &Value| {
            let at = convoke::face::when::instant_in_zone(&it["start"]).unwrap().to_zoned(zone.clone());
            at.strftime("%Y-%m-%dT%H:%M").to_string()
        };
        let live: Vec<String> = all["value"].as_array().unwrap().iter().map(local).collect();
        assert_eq!(live.join(" "), *expect, "{name}: as the twin has it");
        let told = ahead(manifests.desired(), lab.now, 50);
        let told = told.iter().find(|it| it.key.ends_with(&format!("/{name}"))).unwrap();
        let told: Vec<String> =
            told.next.iter().map(|it| it.start.clone().unwrap_or_default().replace(' ', "T")).collect();
        assert_eq!(told.join(" "), *expect, "{name}: as the plan tells");
    }
}

#[test]
fn plan_shows_what_lies_ahead_with_every_change_of_the_clock() {
    let house = House::new(Options::default());
    house.write(
        "manifests.yaml",
        "apiVersion: convoke.dev/v1
kind: Event
metadata: {name: weekly}
spec:
  start: 2031-03-16T02:30
  duration: 45m
  recurrence: RRULE:FREQ=WEEKLY;COUNT=34
  exceptions:
    - {date: 2031-03-23, cancel: true}
    - {date: 2031-04-13, start: 2031-04-14T18:00, subject: Later}
---
apiVersion: convoke.dev/v1
kind: Event
metadata: {name: once}
spec: {start: 2031-03-18T10:00, duration: 45m}
",
    );
    let run = house.run(&["plan", "--occurrences=5", "--only", "Event/weekly"]);
    assert_eq!(run.code, 0, "{run:?}");
    let shown = run.out.split("\n\n").nth(1).unwrap();
    assert_eq!(
        shown,
        "Event/weekly  34 dates, in Europe/Berlin
  2031-03-16 02:30  2031-03-16 01:30Z
  2031-03-23                           skipped
  2031-03-30 03:30  2031-03-30 01:30Z  02:30 does not exist on this day; the clock has changed: UTC+01 to UTC+02
  2031-04-06 02:30  2031-04-06 00:30Z
  2031-04-14 18:00  2031-04-14 16:00Z  moved; its own subject"
    );
    let report = house.json(&["plan", "--occurrences=33"]);
    let autumn = &report["occurrences"][0]["next"][32];
    assert_eq!(autumn["remarks"][0], "02:30 comes twice on this day: the first is meant", "{autumn}");
    assert_eq!(house.json(&["plan", "--occurrences"])["occurrences"][0]["next"].as_array().map(Vec::len), Some(10));
    assert!(house.json(&["plan"]).get("occurrences").is_none());
}
