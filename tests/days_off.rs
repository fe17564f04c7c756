//! Days off: a school year with its holidays in a calendar file, and everything that may be wrong with such a file.

use crate::support::{House, ORGANIZER};
use convoke::face::sandbox::Options;
use rrule::{RRuleSet, Tz};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;

/// Made by hand, in the shape of the calendars that ministries publish.
const YEAR: &str = include_str!("data/school-year.ics");

const LESSONS: &str = "apiVersion: convoke.dev/v1
kind: DaysOff
metadata: {name: school}
spec: {file: holidays.ics, dates: [2032-06-07]}
---
apiVersion: convoke.dev/v1
kind: Event
metadata: {name: lessons}
spec:
  subject: Lessons
  start: 2031-09-01T08:00
  duration: 45m
  timeZone: Europe/Berlin
  attendees: [adele@contoso.example]
  recurrence:
    pattern: {type: weekly, interval: 1, daysOfWeek: [monday, tuesday, wednesday, thursday, friday]}
    range: {type: endDate, endDate: 2032-07-14}
  skip: [{daysOff: school}]
";

fn school(calendar: &str) -> House {
    let house = House::new(Options::default());
    house.write("holidays.ics", calendar);
    house.write("manifests.yaml", LESSONS);
    house
}

/// The starts of the series in UTC, as the twin lists them.
fn occurrences(house: &House) -> Vec<String> {
    let id = house.event("lessons")["id"].as_str().unwrap().to_owned();
    let window = "startDateTime=2031-08-01T00:00:00Z&endDateTime=2032-08-01T00:00:00Z&$top=1000";
    let path = format!("/v1.0/users/{ORGANIZER}/events/{}/instances?{window}", convoke::face::route::encoded(&id));
    let (status, all) = house.call("GET", &path, None);
    assert_eq!(status, 200, "{all}");
    let mut starts: Vec<String> = all["value"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["start"]["dateTime"].as_str().unwrap()[..16].to_owned())
        .collect();
    starts.sort();
    starts
}

/// All starts of a rule, by a library that shares nothing with us.
fn all(rule: &str, form: &str) -> Vec<String> {
    let set: RRuleSet = rule.parse().unwrap();
    let all = set.all(1000);
    assert!(!all.limited || !rule.contains("COUNT") && !rule.contains("UNTIL"));
    all.dates.iter().map(|it| it.with_timezone(&Tz::UTC).format(form).to_string()).collect()
}

/// The starts of the lessons without the days of the calendar, all of it counted by that library.
fn expected() -> Vec<String> {
    let mut off = vec!["20320607".to_owned()];
    for event in YEAR.split("BEGIN:VEVENT").skip(1) {
        let value = |name: &str| Some(event.split_once(&format!("{name};VALUE=DATE:"))?.1.lines().next().unwrap());
        let (first, after) = (value("DTSTART").unwrap(), value("DTEND"));
        // The end is the day after the last one.
        let days = all(&format!("DTSTART:{first}T000000Z\nRRULE:FREQ=DAILY;COUNT=60"), "%Y%m%d");
        off.extend(days.into_iter().take_while(|it| after.map_or(it == first, |after| &**it < after)));
    }
    let off: Vec<String> = off.iter().map(|day| format!("{day}T080000")).collect();
    let rule = format!(
        "DTSTART;TZID=Europe/Berlin:20310901T080000\nRRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;UNTIL=20320714T215959Z\n\
         EXDATE;TZID=Europe/Berlin:{}",
        off.join(",")
    );
    all(&rule, "%Y-%m-%dT%H:%M")
}

#[test]
fn a_school_year_settles_after_one_apply_and_has_the_dates_of_another_library() {
    let house = school(YEAR);
    let applied = house.run(&["apply", "--yes"]);
    assert_eq!(applied.code, 0, "{applied:?}");
    let second = house.run(&["plan", "--detailed-exitcode"]);
    assert_eq!(second.code, 0, "{second:?}");
    let (found, expected) = (occurrences(&house), expected());
    assert_eq!(found, expected);
    assert!(found.len() > 180 && found.len() < 200, "{}", found.len());
    // Whoever is invited after the days off are skipped is told of the series once.
    assert_eq!(house.sandbox().mails().len(), 1);
}

/// Rules as public calendars have them, with what is added to them and left out.
const RULES: [(&str, &str); 6] = [
    ("19701225", "RRULE:FREQ=YEARLY"),
    ("20001226", "RRULE:FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=26\nEXDATE;VALUE=DATE:20301226"),
    ("20210503", "RRULE:FREQ=YEARLY;BYMONTH=5;BYDAY=1MO;UNTIL=20400101"),
    ("20311127", "RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=4TH;COUNT=2"),
    ("20310902", "RRULE:FREQ=MONTHLY;INTERVAL=2;BYDAY=1TU\nEXDATE;VALUE=DATE:20320302"),
    ("20311013", "RDATE;VALUE=DATE:20311014,20320116\nRRULE:FREQ=WEEKLY;COUNT=3"),
];

#[test]
fn the_days_of_events_that_repeat_are_those_of_another_library() {
    let events = RULES.map(|(first, rule)| {
        format!("BEGIN:VEVENT\nUID:{first}\nDTSTART;VALUE=DATE:{first}\n{rule}\nSUMMARY:Off\nEND:VEVENT\n")
    });
    let house = school(&format!("BEGIN:VCALENDAR\nVERSION:2.0\n{}END:VCALENDAR\n", events.concat()));
    let applied = house.run(&["apply", "--yes"]);
    assert_eq!(applied.code, 0, "{applied:?}");
    let timed = |rule: &str| {
        let of_line = |line: &str| match line.split_once(";VALUE=DATE:") {
            Some((name, dates)) => {
                format!("{name}:{}", dates.split(',').map(|it| format!("{it}T000000Z")).collect::<Vec<_>>().join(","))
            }
            None => line.replace("UNTIL=20400101", "UNTIL=20400101T000000Z"),
        };
        rule.lines().map(of_line).collect::<Vec<_>>().join("\n")
    };
    let off = |(first, rule): &(&str, &str)| all(&format!("DTSTART:{first}T000000Z\n{}", timed(rule)), "%Y-%m-%d");
    let mut off: Vec<String> = RULES.iter().flat_map(off).collect();
    off.push("2032-06-07".into());
    let lessons =
        "DTSTART;TZID=Europe/Berlin:20310901T080000\nRRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;UNTIL=20320714T215959Z";
    let mut expected = all(lessons, "%Y-%m-%dT%H:%M");
    let whole = expected.len();
    expected.retain(|start| !off.contains(&start[..10].to_owned()));
    assert_eq!(occurrences(&house), expected);
    assert!(whole - expected.len() > 10, "{}", whole - expected.len());
    assert_eq!(house.run(&["plan", "--detailed-exitcode"]).code, 0);
}

#[test]
fn a_saved_plan_knows_the_days_off_that_it_was_made_with() {
    let house = school(YEAR);
    assert_eq!(house.run(&["plan", "--out", "plan.json"]).code, 0);
    house.write("holidays.ics", &YEAR.replace("20311003", "20311002"));
    let applied = house.run(&["apply", "--yes", "plan.json"]);
    assert_eq!(applied.code, 0, "{applied:?}");
    assert_eq!(occurrences(&house), expected());
}

const TERM: &str = "apiVersion: convoke.dev/v1
kind: Roster
metadata: {name: tutors}
spec: {members: [adele@contoso.example, ben@contoso.example]}
---
apiVersion: convoke.dev/v1
kind: DaysOff
metadata: {name: school}
spec: {dates: [2031-10-06..2031-10-10]}
---
apiVersion: convoke.dev/v1
kind: EventSet
metadata: {name: timetable}
spec:
  rows: [{class: 5a, day: monday, first: 2031-09-01}, {class: 5b, day: tuesday, first: 2031-09-02}, {class: 5c, day: tuesday, first: 2031-09-02}]
  template:
    kind: Event
    metadata: {name: \"{{ row.class }}\"}
    spec:
      subject: Class {{ row.class }}
      start: \"{{ row.first }}T08:00\"
      duration: 45m
      recurrence:
        pattern: {type: weekly, interval: 1, daysOfWeek: [\"{{ row.day }}\"]}
        range: {type: numbered, numberOfOccurrences: 10}
      attendees: [{roster: tutors}]
      skip: [{daysOff: school}]
";

/// Applies it, and plans nothing after it. Returns the mails that the plan forecast, which are those that were sent since, as kind and
/// address in order; and what was written, by method.
fn settled(house: &House) -> (Vec<(String, String)>, BTreeMap<String, u64>) {
    let plan = house.json(&["plan"]);
    let (mails, writes) = (house.sandbox().mails().len(), house.sandbox().counts().writes);
    let applied = house.run(&["apply", "--yes"]);
    assert_eq!(applied.code, 0, "{applied:?}");
    let second = house.run(&["plan", "--detailed-exitcode"]);
    assert_eq!(second.code, 0, "{second:?}");
    let mut forecast: Vec<(String, String)> = vec![];
    for mail in plan["steps"].as_array().unwrap().iter().flat_map(|it| it["mail"].as_array().unwrap()) {
        let to = mail["to"].as_array().unwrap().iter().map(|it| it.as_str().unwrap().to_owned());
        forecast.extend(to.map(|to| (mail["kind"].as_str().unwrap().to_owned(), to)));
    }
    let sent = house.sandbox().mails().split_off(mails).into_iter();
    let mut sent: Vec<(String, String)> = sent.map(|it| (it.kind.to_owned(), it.to)).collect();
    forecast.sort();
    sent.sort();
    assert_eq!(sent, forecast);
    let mut written = house.sandbox().counts().writes;
    written.iter_mut().for_each(|(method, count)| *count -= writes.get(method).copied().unwrap_or(0));
    written.retain(|_, count| *count > 0);
    (sent, written)
}

fn times(count: usize, kind: &str, to: &str) -> Vec<(String, String)> {
    vec![(kind.to_owned(), format!("{to}@contoso.example")); count]
}

#[test]
fn a_set_a_roster_and_days_off_settle_and_each_change_of_one_is_that_and_no_more() {
    let house = House::new(Options::default());
    house.write("manifests.yaml", TERM);
    let (mails, _) = settled(&house);
    assert_eq!(mails, [times(3, "invitation", "adele"), times(3, "invitation", "ben")].concat());

    let joined = TERM.replace("ben@contoso.example]", "ben@contoso.example, cho@contoso.example]");
    house.write("manifests.yaml", &joined);
    let changed: Vec<Value> = steps(&house).iter().map(|it| it["changes"].clone()).collect();
    let only = |it: &Value| it.as_array().unwrap().iter().all(|it| it["field"] == "attendees");
    assert!(changed.len() == 3 && changed.iter().all(only), "{changed:#?}");
    let (mails, written) = settled(&house);
    assert_eq!((mails, written), (times(3, "invitation", "cho"), BTreeMap::from([("PATCH".into(), 3)])));

    // A Tuesday, on which two of them have a lesson.
    house.write("manifests.yaml", &joined.replace("2031-10-10]", "2031-10-10, 2031-09-16]"));
    assert_eq!(steps(&house).len(), 2);
    let (mails, written) = settled(&house);
    let expect = ["adele", "ben", "cho"].map(|it| times(2, "cancellation", it)).concat();
    assert_eq!((mails, written), (expect, BTreeMap::from([("POST".into(), 2)])));
}

/// The steps of a plan that change something.
fn steps(house: &House) -> Vec<Value> {
    let plan = house.json(&["plan"]);
    plan["steps"].as_array().unwrap().iter().filter(|it| it["action"] != "noop").cloned().collect()
}

/// What validate says of a calendar, on one line each.
fn said(house: &House) -> Vec<String> {
    let run = house.run(&["validate", "--format", "json"]);
    assert_eq!(run.code, 1, "{run:?}");
    let told: Value = serde_json::from_str(&run.out).unwrap();
    let one = |it: &Value| {
        format!(
            "{}:{} {} {}",
            it["file"].as_str().unwrap(),
            it["line"],
            it["code"].as_str().unwrap(),
            it["message"].as_str().unwrap()
        )
    };
    told["problems"].as_array().unwrap().iter().map(one).collect()
}

#[test]
fn a_calendar_that_cannot_be_read_is_never_no_day_off() {
    let empty = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n";
    for (calendar, expect) in [
        ("", "holidays.ics:1 CVK0127 this is no calendar that can be read"),
        (empty, "holidays.ics:1 CVK0127 no day is off in this calendar"),
        (
            &*YEAR.replace("DTEND;VALUE=DATE:20311026", "RRULE:FREQ=HOURLY"),
            "holidays.ics:16 CVK0127 this event repeats in a way that no series can: Graph's series happen once a day at most: \
             `FREQ=HOURLY`",
        ),
        (
            &*"x".repeat(3 << 20),
            "manifests.yaml:4 CVK0150 the calendar `holidays.ics` cannot be read: it is larger than 2 MB",
        ),
    ] {
        let house = school(calendar);
        assert_eq!(said(&house), [expect]);
        assert_eq!(house.run(&["apply", "--yes"]).code, 1);
        assert_eq!(house.sandbox().counts().writes.values().sum::<u64>(), 0);
    }
    let house = school(YEAR);
    fs::remove_file(house.path("holidays.ics")).unwrap();
    let [only] = &said(&house)[..] else { panic!() };
    assert!(only.starts_with("manifests.yaml:4 CVK0150 the calendar `holidays.ics` cannot be read: "), "{only}");
    house.write("manifests.yaml", &LESSONS.replace("daysOff: school", "daysOff: scool"));
    house.write("holidays.ics", YEAR);
    assert_eq!(said(&house), ["manifests.yaml:18 CVK0127 no `DaysOff` of this name in these files: `scool`"]);
    for name in ["../holidays.ics", "/etc/holidays.ics", ".git/holidays.ics", "holidays.txt"] {
        house.write("manifests.yaml", &LESSONS.replace("file: holidays.ics", &format!("file: {name}")));
        assert!(said(&house)[0].starts_with("manifests.yaml:4 CVK0111"), "{:?}", said(&house));
    }
}

#[cfg(unix)]
#[test]
fn no_link_leads_to_a_calendar_outside() {
    let house = school(YEAR);
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("holidays.ics"), YEAR).unwrap();
    fs::remove_file(house.path("holidays.ics")).unwrap();
    std::os::unix::fs::symlink(outside.path().join("holidays.ics"), house.path("holidays.ics")).unwrap();
    let [only] = &said(&house)[..] else { panic!() };
    assert!(only.contains("it is a link that leads out of"), "{only}");
}
