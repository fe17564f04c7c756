//! Rosters as data in, lists as data out.

use super::{Days, Groups, Roster, Rosters, fill, read, resolve};
use crate::kind::testing::say;
use crate::kind::workspace::Defaults;
use crate::kind::{Fault, KindId};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

fn object(value: Value) -> Map<String, Value> {
    value.as_object().cloned().expect("a mapping")
}

/// What is wrong with these rosters, and the rosters put together.
fn rosters(all: &[(&str, Value)], groups: &[(&str, &[&str])]) -> (Rosters, String) {
    let (mut read_of, mut faults) = (BTreeMap::<String, Option<Roster>>::new(), vec![]);
    for (name, spec) in all {
        let (roster, found) = read(&object(spec.clone()));
        read_of.insert((*name).to_owned(), found.is_empty().then_some(roster));
        faults.extend(found.into_iter().map(|it| ((*name).to_owned(), it)));
    }
    let groups: Groups = groups
        .iter()
        .map(|(name, people)| ((*name).to_owned(), people.iter().map(|it| (*it).to_owned()).collect()))
        .collect();
    let (rosters, more) = resolve(&read_of, &groups);
    faults.extend(more);
    let told = |(name, fault): &(String, Fault)| format!("{name}{}", say(std::slice::from_ref(fault)));
    (rosters, faults.iter().map(told).collect::<Vec<_>>().join("\n"))
}

/// A spec with its rosters filled in, what is wrong with it, and what is said of it.
fn filled(spec: Value, rosters: &Rosters) -> (Value, String, Vec<String>) {
    let (spec, mut faults) = (object(spec), vec![]);
    let days = |spec: &Map<String, Value>| {
        let expand = KindId::Event.kind().expand;
        Days::of(KindId::Event, &expand(spec, &Defaults::default()).0)
    };
    let filled = fill(&spec, rosters, "bob@x.example", days, &mut faults);
    (Value::Object(filled.spec), say(&faults), filled.notes)
}

#[test]
fn each_fault_of_a_roster_is_told_where_it_stands() {
    for (spec, expect) in [
        (
            json!({"members": []}),
            "a/members: a roster of nobody; add the addresses of its members, or remove it together with what names it",
        ),
        (
            json!({"members": ["adele"]}),
            "a/members/0: not an e-mail address: `adele`; write it whole, such as `adele@contoso.example`",
        ),
        (
            json!({"members": [{"address": "a b@x.example"}]}),
            "a/members/0/address: not an e-mail address: `a b@x.example`; write it whole, such as `adele@contoso.example`",
        ),
        (
            json!({"members": ["a@x.example", {"address": "A@x.example"}]}),
            "a/members/1 /members/0: twice on the same day: `a@x.example`; leave one of them out",
        ),
        (
            json!({"members": [{"address": "a@x.example", "from": "2031-02-30"}]}),
            "a/members/0/from: no such day or time: `2031-02-30`; write a date, such as `2026-12-01`",
        ),
        (
            json!({"members": [{"address": "a@x.example", "from": "2031-02-02", "until": "2031-02-01"}]}),
            "a/members/0/until /members/0/from: the last day is before the first: `2031-02-01`; exchange them",
        ),
        (json!({"include": "b"}), "a/include: unknown roster: `b`; the rosters are `a`"),
        (json!({"include": ["a"]}), "a/include/0: the roster includes itself: a → a; take one of these includes out"),
        (
            json!({"members": [{"group": "g@x.example"}]}),
            "a/members/0/group: `convoke.lock` has no group `g@x.example`; `convoke groups update` reads its members from the \
             directory and writes them there; commit that file",
        ),
    ] {
        assert_eq!(rosters(&[("a", spec.clone())], &[]).1, expect, "{spec}");
    }
}

#[test]
fn two_turns_of_one_person_are_no_fault() {
    let turns = json!({"members": [
        {"address": "a@x.example", "until": "2031-02-07"}, {"address": "a@x.example", "from": "2031-02-15"},
        {"address": "b@x.example", "from": "2031-02-08", "until": "2031-02-14"},
    ]});
    let (rosters, told) = rosters(&[("on-call", turns)], &[]);
    assert_eq!(told, "");
    for (day, who) in [("2031-02-07", "a@x.example"), ("2031-02-08", "b@x.example"), ("2031-02-20", "a@x.example")] {
        let spec = json!({
            "organizer": "o@x.example", "start": format!("{day}T10:00"), "duration": "30m", "timeZone": "UTC",
            "attendees": [{"roster": "on-call"}],
        });
        let (spec, told, _) = filled(spec, &rosters);
        assert_eq!((spec["attendees"].clone(), told.as_str()), (json!([{"address": who}]), ""), "{day}");
    }
}

#[test]
fn a_circle_is_told_once_and_what_names_it_is_not_blamed() {
    let all = [
        ("a", json!({"members": ["a@x.example"], "include": "b"})),
        ("b", json!({"include": "c"})),
        ("c", json!({"include": ["b"]})),
        ("d", json!({"include": ["a"]})),
    ];
    let (rosters, told) = rosters(&all, &[]);
    assert_eq!(told, "b/include: the roster includes itself: b → c → b; take one of these includes out");
    let (spec, told, _) = filled(json!({"attendees": [{"roster": "d"}, "o@x.example"]}), &rosters);
    assert_eq!((spec, told.as_str()), (json!({"attendees": ["o@x.example"]}), ""));
}

#[test]
fn what_is_written_out_goes_before_rosters_and_the_first_roster_before_the_second() {
    let all = [
        ("one", json!({"members": ["Ann Lee <ANN@x.example>", {"address": "bob@x.example", "type": "optional"}]})),
        (
            "two",
            json!({"members": [{"address": "bob@x.example", "role": "presenter"}, "cy@x.example"], "include": "rooms"}),
        ),
        ("rooms", json!({"members": [{"address": "room@x.example", "type": "resource"}]})),
    ];
    let (rosters, told) = rosters(&all, &[]);
    assert_eq!(told, "");
    let spec =
        json!({"attendees": [{"roster": "one"}, {"roster": "two", "type": "optional"}, {"address": "CY@x.example"}]});
    let expect = json!([
        {"address": "ann@x.example", "name": "Ann Lee"}, {"address": "bob@x.example", "type": "optional"},
        {"address": "room@x.example", "type": "optional"}, {"address": "CY@x.example"},
    ]);
    assert_eq!(filled(spec, &rosters).0["attendees"], expect);
    let spec = json!({"participants": {"attendees": [{"roster": "two"}, {"roster": "one", "role": "coorganizer"}]}});
    let expect = json!([
        {"upn": "cy@x.example"}, {"upn": "ann@x.example", "role": "coorganizer"},
    ]);
    assert_eq!(filled(spec, &rosters).0["participants"]["attendees"], expect);
}

#[test]
fn faults_of_a_filled_list_stand_where_the_roster_is_named() {
    let (rosters, _) = rosters(&[("one", json!({"members": ["a@x.example", "b@x.example"]}))], &[]);
    let spec = object(json!({"attendees": ["o@x.example", {"roster": "one"}, "p@x.example"]}));
    let filled = fill(&spec, &rosters, "", |_| Days::Every, &mut vec![]);
    for (pointer, origin) in [
        ("/attendees/0/address", "/attendees/0/address"),
        ("/attendees/1/address", "/attendees/1"),
        ("/attendees/2", "/attendees/1"),
        ("/attendees/3", "/attendees/2"),
        ("/attendees", "/attendees"),
        ("/start", "/start"),
    ] {
        assert_eq!(filled.origin(pointer), origin, "{pointer}");
    }
    let through = filled.through["one"].iter().map(String::as_str).collect::<Vec<_>>();
    assert_eq!(through, ["a@x.example", "b@x.example"]);
}

#[test]
fn a_series_has_whoever_is_there_on_one_of_its_dates() {
    let person = |from: &str, until: &str| json!({"address": "a@x.example", "from": from, "until": until});
    let spec = json!({
        "organizer": "o@x.example", "start": "2031-02-04T23:00", "duration": "2h", "timeZone": "Europe/Berlin",
        "recurrence": {"pattern": {"type": "weekly", "interval": 1, "daysOfWeek": ["tuesday"]},
                       "range": {"type": "endDate", "endDate": "2031-03-25"}},
        "exceptions": [{"date": "2031-02-11", "attendees": {"add": [{"roster": "r"}]}}],
    });
    let whole = |mut spec: Value| {
        spec["attendees"] = json!([{"roster": "r"}]);
        spec
    };
    for (from, until, there, on_date) in [
        ("2031-02-01", "2031-02-28", true, true),
        ("2031-01-01", "2031-02-03", false, false),
        // Between two dates; the meeting itself goes on past midnight.
        ("2031-02-06", "2031-02-10", false, false),
        ("2031-02-05", "2031-02-05", true, false),
        ("2031-03-26", "2031-03-26", true, false),
        ("2031-03-27", "2031-12-31", false, false),
        ("2031-02-11", "2031-02-11", true, true),
    ] {
        let (rosters, told) = rosters(&[("r", json!({"members": [person(from, until)]}))], &[]);
        assert_eq!(told, "");
        let number = |list: &Value| list.as_array().map_or(0, Vec::len);
        let (alone, told, notes) = filled(spec.clone(), &rosters);
        let added = number(&alone["exceptions"][0]["attendees"]["add"]) == 1;
        assert_eq!((added, told.as_str(), notes.len()), (on_date, "", usize::from(!on_date)), "{from} {until}");
        let (all, told, notes) = filled(whole(spec.clone()), &rosters);
        // Whoever comes to every date is not added to one.
        let added = number(&all["exceptions"][0]["attendees"]["add"]);
        assert_eq!((number(&all["attendees"]) == 1, added, told.as_str()), (there, 0, ""), "{from} {until}");
        assert_eq!(notes.len(), usize::from(!there) + usize::from(!on_date), "{notes:?}");
    }
}

/// What is skipped is no date to come to, and what is moved is one where it is moved to.
#[test]
fn dates_that_are_skipped_or_moved_count_where_they_take_place() {
    let spec = json!({
        "organizer": "o@x.example", "start": "2031-02-04T10:00", "duration": "1h", "timeZone": "Europe/Berlin",
        "recurrence": {"pattern": {"type": "weekly", "interval": 1, "daysOfWeek": ["tuesday"]},
                       "range": {"type": "endDate", "endDate": "2031-03-25"}},
        "exceptions": [
            {"date": "2031-02-11", "cancel": true}, {"date": "2031-02-18", "start": "2031-02-20T10:00"},
            {"date": "2031-02-25", "subject": "Review"},
        ],
        "attendees": [{"roster": "r"}],
    });
    for (from, until, there) in [
        ("2031-02-11", "2031-02-11", false),
        ("2031-02-05", "2031-02-19", false),
        ("2031-02-20", "2031-02-20", true),
        ("2031-02-25", "2031-02-25", true),
        ("2031-02-11", "2031-02-25", true),
    ] {
        let person = json!({"address": "a@x.example", "from": from, "until": until});
        let (rosters, _) = rosters(&[("r", json!({"members": [person]}))], &[]);
        let all = filled(spec.clone(), &rosters).0;
        assert_eq!(all["attendees"].as_array().is_some_and(|it| it.len() == 1), there, "{from} {until}");
    }
}

/// Of a roster that is left out on a date, those are whom the series invites, whatever their days, but for whom the date adds.
#[test]
fn a_roster_is_left_out_on_a_date() {
    let people = json!({"members": ["a@x.example", "b@x.example", "c@x.example", {"address": "d@x.example", "until": "2031-02-04"}]});
    let (rosters, told) = rosters(&[("r", people), ("none", json!({"members": ["z@x.example"]}))], &[]);
    assert_eq!(told, "");
    let spec = |guests: Value| {
        json!({
            "organizer": "o@x.example", "start": "2031-02-04T10:00", "duration": "1h", "timeZone": "Europe/Berlin",
            "recurrence": {"pattern": {"type": "weekly", "interval": 1, "daysOfWeek": ["tuesday"]},
                           "range": {"type": "endDate", "endDate": "2031-03-25"}},
            "attendees": ["a@x.example", "B@x.example", "d@x.example", "o@x.example"],
            "exceptions": [{"date": "2031-02-11", "attendees": guests}],
        })
    };
    for (guests, expect, notes) in [
        (json!({"remove": [{"roster": "r"}]}), json!({"remove": ["a@x.example", "b@x.example", "d@x.example"]}), 0),
        (
            json!({"add": [{"address": "b@x.example", "type": "optional"}], "remove": [{"roster": "r"}, "o@x.example"]}),
            json!({"add": [{"address": "b@x.example", "type": "optional"}], "remove": ["a@x.example", "d@x.example", "o@x.example"]}),
            0,
        ),
        (json!({"remove": ["a@x.example", {"roster": "none"}]}), json!({"remove": ["a@x.example"]}), 1),
    ] {
        let (all, told, noted) = filled(spec(guests), &rosters);
        assert_eq!((&all["exceptions"][0]["attendees"], told.as_str(), noted.len()), (&expect, "", notes), "{noted:?}");
    }
    let (_, told, _) = filled(spec(json!({"remove": [{"roster": "nobody"}]})), &rosters);
    assert!(told.starts_with("/exceptions/0/attendees/remove/0/roster: "), "{told}");
}

#[test]
fn a_group_is_those_whom_the_lock_file_has() {
    let spec = json!({"members": [{"group": "G@x.example", "type": "optional"}, "o@x.example"]});
    let (rosters, told) = rosters(&[("r", spec)], &[("g@x.example", &["a@x.example", "b@x.example"])]);
    assert_eq!(told, "");
    let expect = json!([
        {"address": "a@x.example", "type": "optional"}, {"address": "b@x.example", "type": "optional"}, {"address": "o@x.example"},
    ]);
    assert_eq!(filled(json!({"attendees": [{"roster": "r"}]}), &rosters).0["attendees"], expect);
}

/// Whoever includes everybody twice grows no list beyond what one may have, and nothing overflows however deep it is.
#[test]
fn what_includes_what_includes_is_bounded() {
    let chain: Vec<(String, Value)> =
        (0..20_000).map(|it| (format!("r{it}"), json!({"include": format!("r{}", it + 1)}))).collect();
    let mut all: Vec<(&str, Value)> = chain.iter().map(|(name, spec)| (name.as_str(), spec.clone())).collect();
    all.push(("r20000", json!({"members": ["a@x.example"]})));
    let (rosters_of, told) = rosters(&all, &[]);
    assert_eq!(told, "");
    assert_eq!(
        filled(json!({"attendees": [{"roster": "r0"}]}), &rosters_of).0,
        json!({"attendees": [{"address": "a@x.example"}]})
    );
    let many: Vec<String> = (0..4_000).map(|it| format!("p{it}@x.example")).collect();
    let all: Vec<(String, Value)> = (0..400)
        .map(|it| (format!("r{it:03}"), if it == 0 { json!({"members": many}) } else { json!({"include": ["r000"]}) }))
        .collect();
    let all: Vec<(&str, Value)> = all.iter().map(|(name, spec)| (name.as_str(), spec.clone())).collect();
    let (_, told) = rosters(&all, &[]);
    assert!(told.contains("more than 1000000 people in all rosters together") && told.lines().count() == 1, "{told}");
}
