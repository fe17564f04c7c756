//! The calendar file of a plan. `tests/calendars/run` has two libraries of others read such files.

use crate::support::House;
use convoke::face::sandbox::Options;

/// The lines of a calendar file, unfolded.
fn lines(house: &House) -> Vec<String> {
    let run = house.run(&["plan", "--format", "ics"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert!(run.out.split_inclusive('\n').all(|line| line.ends_with("\r\n") && line.len() <= 77), "{}", run.out);
    run.out.replace("\r\n ", "").split("\r\n").map(str::to_owned).collect()
}

/// The lines of each event but its stamp, one text each.
fn events(lines: &[String]) -> Vec<String> {
    let whole = lines.join("\n");
    let events = whole.split("BEGIN:VEVENT\n").skip(1).map(|it| it.split("\nEND:VEVENT").next().unwrap());
    events.map(|it| it.lines().filter(|line| !line.starts_with("DTSTAMP")).collect::<Vec<_>>().join("\n")).collect()
}

const SERIES: &str = "apiVersion: convoke.dev/v1
kind: Event
metadata: {name: weekly}
spec:
  subject: 'Weekly; with, signs ##[add-mask]x'
  start: 2038-03-16T10:00
  duration: 45m
  timeZone: Europe/Berlin
  recurrence: {pattern: {type: weekly, interval: 1, daysOfWeek: [tuesday]}, range: {type: endDate, endDate: 2038-06-01}}
  exceptions:
    - {date: 2038-03-23, cancel: true}
    - {date: 2038-04-06, start: 2038-04-07T08:00, subject: Late}
";

#[test]
fn a_series_has_its_rule_its_zone_and_its_exceptions() {
    let house = House::new(Options::default());
    house.write("manifests.yaml", SERIES);
    let lines = lines(&house);
    let [whole, apart] = &events(&lines)[..] else { panic!("{lines:#?}") };
    for expect in [
        "DTSTART;TZID=Europe/Berlin:20380316T100000",
        "DTEND;TZID=Europe/Berlin:20380316T104500",
        "RRULE:FREQ=WEEKLY;INTERVAL=1;BYDAY=TU;WKST=SU;UNTIL=20380601T215959Z",
        "EXDATE;TZID=Europe/Berlin:20380323T100000",
        "SUMMARY:Weekly\\; with\\, signs ##[add-mask]x",
        "STATUS:CONFIRMED",
        "CATEGORIES:create",
        "ORGANIZER:mailto:alex@contoso.example",
    ] {
        assert!(whole.lines().any(|line| line == expect), "{expect}\n{whole}");
    }
    for expect in [
        "RECURRENCE-ID;TZID=Europe/Berlin:20380406T100000",
        "DTSTART;TZID=Europe/Berlin:20380407T080000",
        "SUMMARY:Late",
    ] {
        assert!(apart.lines().any(|line| line == expect), "{expect}\n{apart}");
    }
    let uid = |event: &str| event.lines().find(|line| line.starts_with("UID:")).unwrap().to_owned();
    assert_eq!(uid(whole), uid(apart));
    assert!(uid(whole).ends_with("/Event/weekly@convoke"), "{whole}");
    let all = lines.join("\n");
    assert!(
        all.contains("BEGIN:DAYLIGHT\nDTSTART:20380328T020000\nTZOFFSETFROM:+0100\nTZOFFSETTO:+0200\nTZNAME:CEST"),
        "{all}"
    );
}

#[test]
fn what_the_plan_cancels_is_cancelled_and_what_is_blocked_stays() {
    let house = House::new(Options::default());
    let once = |name: &str, more: &str| {
        format!(
            "apiVersion: convoke.dev/v1\nkind: Event\nmetadata: {{name: {name}}}\n{more}spec: {{subject: {name}, start: 2038-02-02T10:00, \
             duration: 45m, timeZone: Europe/Berlin}}\n---\n"
        )
    };
    let day = "apiVersion: convoke.dev/v1\nkind: Event\nmetadata: {name: day}\nspec: {subject: Day, isAllDay: true, start: 2038-02-02, end: \
               2038-02-04}\n---\n";
    let meeting =
        "apiVersion: convoke.dev/v1\nkind: OnlineMeeting\nmetadata: {name: room}\nspec: {subject: Room}\n---\n";
    house.write("manifests.yaml", &(once("goes", "") + &once("kept", "lifecycle: {protect: true}\n") + day + meeting));
    assert_eq!(house.run(&["apply", "--yes"]).code, 0);
    house.write("manifests.yaml", &[day, meeting].concat());
    let events = events(&lines(&house));
    let [day, goes, kept] = &events[..] else { panic!("{events:#?}") };
    assert!(day.contains("DTSTART;VALUE=DATE:20380202") && day.contains("DTEND;VALUE=DATE:20380204"), "{day}");
    assert!(day.contains("CATEGORIES:unchanged"), "{day}");
    assert!(goes.contains("STATUS:CANCELLED") && goes.contains("DTSTART:20380202T090000Z"), "{goes}");
    assert!(kept.contains("STATUS:CONFIRMED") && kept.contains("CATEGORIES:blocked"), "{kept}");
    let all = events.concat();
    assert!(!all.contains("https:") && !all.contains("ATTENDEE"), "{all}");
}

#[test]
fn nothing_is_applied_where_a_calendar_of_what_was_done_is_asked_for() {
    let house = House::new(Options::default());
    house.write("manifests.yaml", SERIES);
    let run = house.run(&["apply", "--yes", "--format", "ics"]);
    assert!(run.code == 1 && run.err.contains("`convoke plan --format ics` tells beforehand"), "{run:?}");
    assert_eq!(house.json(&["plan"])["summary"]["create"], 1);
}
