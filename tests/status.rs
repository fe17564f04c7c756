//! `status`: what is managed, when it takes place next, where, and how to join it, as a person reads it in a terminal.

use crate::support::{House, ORGANIZER, Run};
use convoke::face::sandbox::Options;
use serde_json::{Value, json};

const TEAMS: &str = "isOnlineMeeting: true";

fn event(name: &str, spec: &str) -> String {
    format!(
        "apiVersion: convoke.dev/v1\nkind: Event\nmetadata: {{name: {name}}}\nspec: {{subject: {name}, {spec}}}\n---\n"
    )
}

fn meeting(name: &str, spec: &str) -> String {
    event(name, spec).replace("kind: Event", "kind: OnlineMeeting")
}

/// A weekly series since long ago, on Tuesdays, without end.
fn weekly(name: &str, more: &str) -> String {
    let rule = "recurrence: {pattern: {type: weekly, interval: 1, daysOfWeek: [tuesday]}, range: {type: noEnd}}";
    event(name, &format!("start: 2026-01-06T10:00, duration: 45m, {rule}{more}"))
}

fn house(manifests: &str) -> House {
    let house = House::new(Options::default());
    house.write("manifests.yaml", manifests.trim_end_matches("---\n"));
    let apply = house.run(&["apply", "--yes"]);
    assert_eq!(apply.code, 0, "{apply:?}");
    house
}

fn said(run: &Run) -> String {
    run.err.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The lines that are no links.
fn wide(out: &str, columns: usize) -> Vec<&str> {
    out.lines().filter(|line| !line.trim_start().starts_with("https://") && line.chars().count() > columns).collect()
}

/// The dates of a series in the next weeks, with the ids of them.
fn dates(house: &House, name: &str) -> Vec<Value> {
    let now = jiff::Timestamp::now();
    let until = now + jiff::SignedDuration::from_hours(28 * 24);
    let id = house.event(name)["id"].as_str().unwrap().to_owned();
    let path =
        format!("/v1.0/users/{ORGANIZER}/events/{id}/instances?startDateTime={now}&endDateTime={until}&$top=100");
    let (status, answer) = house.call("GET", &path, None);
    assert_eq!(status, 200, "{answer}");
    answer["value"].as_array().unwrap().clone()
}

fn start(date: &Value) -> String {
    let text = date["start"]["dateTime"].as_str().unwrap();
    format!("{}Z", &text[..19])
}

#[test]
fn a_thousand_resources_take_two_requests_a_mailbox_and_eighty_columns() {
    let house = House::new(Options::default());
    let mailboxes = 10;
    for mailbox in 0..mailboxes {
        let of = |place: usize| {
            let organizer = format!(
                ", organizer: team-{mailbox}@contoso.example, location: A room with quite a long name on floor {place}"
            );
            let name = format!("a-rather-long-name-of-a-team-{mailbox}-{place}");
            match place % 2 {
                0 => event(&name, &format!("start: 2038-02-02T10:00, duration: 45m, {TEAMS}{organizer}")),
                _ => weekly(&name, &format!(", {TEAMS}{organizer}")),
            }
        };
        let all: String = (0..100).map(of).collect();
        house.write(&format!("{mailbox}.yaml"), all.trim_end_matches("---\n"));
    }
    let limits = "prune: cancel\n  limits: {mails: 100000}";
    house.write("convoke.yaml", &crate::support::WORKSPACE.replace("prune: cancel", limits));
    let apply = house.run(&["apply", "--yes"]);
    assert_eq!(apply.code, 0, "{}", apply.err);
    let before = house.sandbox().counts();
    let status = house.run(&["status"]);
    let after = house.sandbox().counts();
    assert_eq!(status.code, 0, "{}", status.err);
    // And the envelopes of the two batches that all of them fit into.
    assert_eq!(after.requests - before.requests, 2 * mailboxes + 2, "{:?}", status.err);
    assert_eq!(wide(&status.out, 80), [""; 0]);
    let links = status.out.lines().filter(|line| line.trim_start().starts_with("https://teams.microsoft.com/"));
    assert_eq!((links.count(), status.out.matches("Event/").count()), (1000, 1000));
    assert!(!status.out.contains("not known") && !status.out.contains("ended"), "{}", &status.out[..2000]);
}

#[test]
fn the_next_date_is_one_that_takes_place() {
    let house = house(
        &(weekly("weekly", ", location: Room Baker")
            + &event("past", "start: 2026-01-06T10:00, duration: 1h")
            + &event("day", "start: 2038-02-02, end: 2038-02-03, isAllDay: true")
            + &meeting("support", "start: 2038-02-02T10:00, end: 2038-02-02T11:00")
            + &meeting("open", "participants: []").replace(", participants: []", "")
            + &event(
                "quarterly",
                "start: 2026-01-06T10:00, duration: 1h, recurrence: {pattern: {type: absoluteYearly, interval: 1, month: 1, dayOfMonth: 6}, range: {type: noEnd}}",
            )),
    );
    let ahead = dates(&house, "weekly");
    let row = |name: &str| {
        let rows = house.json(&["status"]);
        let rows = rows["resources"].as_array().unwrap().clone();
        rows.into_iter().find(|row| row["key"].as_str().unwrap().ends_with(&format!("/{name}"))).unwrap()
    };
    assert_eq!(row("weekly")["next"]["start"], start(&ahead[0]));
    assert_eq!(row("weekly")["next"]["timeZone"], "Europe/Berlin");
    // Somebody cancels that date, and moves the next one by an hour.
    let path = |date: &Value| format!("/v1.0/users/{ORGANIZER}/events/{}", date["id"].as_str().unwrap());
    assert_eq!(house.call("DELETE", &path(&ahead[0]), None).0, 204);
    let text = ahead[1]["start"]["dateTime"].as_str().unwrap();
    let date = &text[..10];
    let moved = json!({"start": {"dateTime": format!("{date}T17:00:00"), "timeZone": "UTC"}, "end": {"dateTime": format!("{date}T18:00:00"), "timeZone": "UTC"}});
    assert_eq!(house.call("PATCH", &path(&ahead[1]), Some(&moved)).0, 200);
    assert_eq!(row("weekly")["next"]["start"], format!("{date}T17:00:00Z"));
    // What lies beyond the weeks that are looked at is found too.
    let year = row("quarterly")["next"]["start"].as_str().unwrap().to_owned();
    assert!(year.ends_with("-01-06T09:00:00Z"), "{year}");
    let out = house.run(&["status"]).out;
    for expect in [
        "Event/past",
        "ended Tue 2026-01-06",
        "Tue 2038-02-02, all day",
        "Tue 2038-02-02 10:00 Europe/Berlin",
        "any time",
        "Room Baker",
    ] {
        assert!(out.contains(expect), "{expect}: {out}");
    }
}

#[test]
fn keys_and_paths_say_what_is_shown() {
    let house = house("");
    house.write("team/a.yaml", event("a", "start: 2038-02-02T10:00, duration: 1h").trim_end_matches("---\n"));
    house.write("team/b.yaml", event("b", "start: 2038-02-02T10:00, duration: 1h").trim_end_matches("---\n"));
    house.write("c.yaml", event("c", "start: 2038-02-02T10:00, duration: 1h").trim_end_matches("---\n"));
    assert_eq!(house.run(&["apply", "--yes"]).code, 0);
    let keys = |args: &[&str]| {
        let rows = house.json(&[&["status"], args].concat());
        let keys = rows["resources"].as_array().unwrap().iter().map(|row| row["key"].as_str().unwrap().to_owned());
        keys.collect::<Vec<_>>().join(" ")
    };
    for (args, expect) in [
        (&[][..], "Event/a Event/b Event/c"),
        (&["."], "Event/a Event/b Event/c"),
        (&["team"], "Event/a Event/b"),
        (&["team/a.yaml"], "Event/a"),
        (&["Event/c"], "Event/c"),
        (&["team/b.yaml", "Event/c"], "Event/b Event/c"),
    ] {
        assert_eq!(keys(args), expect, "{args:?}");
    }
    house.write("d.yaml", event("d", "start: 2038-02-02T10:00, duration: 1h").trim_end_matches("---\n"));
    let more = house.run(&["status", "Event/c", "Event/none"]);
    assert!(
        more.code == 1 && more.out.contains("Event/c") && more.err.contains("`Event/none` is not managed"),
        "{more:?}"
    );
    let open = house.run(&["status"]);
    assert!(open.code == 0 && said(&open) == "note: not applied yet: Event/d", "{open:?}");
    let gone = house.run(&["status", "elsewhere"]);
    assert!(gone.code == 1 && gone.err.contains("cannot read `elsewhere`"), "{gone:?}");
}

#[test]
fn it_shows_the_rest_while_a_manifest_is_broken_or_a_mailbox_cannot_be_read() {
    let house = house(&event("one", "start: 2038-02-02T10:00, duration: 1h"));
    house.write("broken.yaml", "apiVersion: convoke.dev/v1\nkind: Event\nmetadata: {name: two}\nspec: {subjct: B}\n");
    let broken = house.run(&["status"]);
    assert!(broken.code == 1 && broken.out.contains("Event/one"), "{broken:?}");
    assert!(said(&broken).contains("unknown property `subjct`"), "{broken:?}");
    assert!(said(&broken).contains("what they declare may be missing here"), "{broken:?}");
    let rows = house.json(&["status"]);
    assert_eq!((&rows["complete"], rows["resources"].as_array().unwrap().len()), (&json!(false), 1));
    let problems = rows["problems"].as_array().unwrap();
    assert!(problems.iter().any(|it| it["line"] == 4 && it["code"].is_string()), "{rows}");
    house.write(
        "broken.yaml",
        event("two", "organizer: bea@contoso.example, start: 2038-02-02T10:00, duration: 1h").trim_end_matches("---\n"),
    );
    assert_eq!(house.run(&["apply", "--yes"]).code, 0);
    let sound = house.json(&["status"]);
    assert_eq!((&sound["complete"], &sound["problems"]), (&json!(true), &json!([])));
    assert_eq!(house.call("PATCH", &format!("/sandbox/users/{ORGANIZER}"), Some(&json!({"denied": true}))).0, 204);
    let denied = house.run(&["status"]);
    assert!(denied.code == 1 && denied.out.contains("Event/two") && !denied.out.contains("Event/one"), "{denied:?}");
    assert!(said(&denied).contains("error: alex@contoso.example: "), "{denied:?}");
    assert_eq!(house.call("PATCH", "/sandbox/users/bea@contoso.example", Some(&json!({"denied": true}))).0, 204);
    let nothing = house.run(&["status"]);
    assert!(nothing.code == 1 && nothing.out.is_empty(), "{nothing:?}");
}

#[test]
fn passcodes_are_masked_until_they_are_asked_for() {
    let house = house(
        &(meeting("support", "start: 2038-02-02T10:00, end: 2038-02-02T11:00")
            + &event("one", &format!("start: 2038-02-02T10:00, duration: 1h, {TEAMS}"))),
    );
    let rows = house.json(&["status", "--reveal"]);
    let passcode = |rows: &Value, place: usize| rows["resources"][place]["passcode"].as_str().unwrap().to_owned();
    let passcodes = [passcode(&rows, 0), passcode(&rows, 1)];
    for args in [
        &[][..],
        &["--details"],
        &["OnlineMeeting/support", "Event/one"],
        &["--call"],
        &["--language", "en-US"],
        &["--answers"],
    ] {
        for format in ["human", "json"] {
            let run = house.run(&[&["status", "--format", format], args].concat());
            assert_eq!(run.code, 0, "{run:?}");
            passcodes
                .iter()
                .for_each(|it| assert!(!run.out.contains(it) && !run.err.contains(it), "{args:?}: {run:?}"));
        }
    }
    let masked = house.run(&["status", "Event/one"]);
    assert!(masked.out.contains("    passcode: ****** (--reveal shows it)\n"), "{masked:?}");
    let shown = house.run(&["status", "--reveal"]);
    passcodes.iter().for_each(|it| assert!(shown.out.contains(&format!("passcode: {it}\n")), "{shown:?}"));
    // What only the meeting behind an event tells is not read for the table.
    assert!(house.json(&["status"])["resources"][0].get("passcode").is_none());
}

#[test]
fn answers_say_who_comes_and_what_rooms_say_of_each_date() {
    let house = house(&weekly(
        "weekly",
        ", location: Room Baker <room-baker@contoso.example>, attendees: [adele@contoso.example, bea@contoso.example, cleo@contoso.example, dan@fabrikam.example]",
    ));
    let respond = |event: &Value, attendee: &str, response: &str| {
        let body = json!({"event": event["id"], "attendee": attendee, "response": response});
        assert_eq!(house.call("POST", &format!("/sandbox/users/{ORGANIZER}/responses"), Some(&body)).0, 204);
    };
    let series = house.event("weekly");
    for (who, what) in
        [("adele", "accepted"), ("bea", "declined"), ("cleo", "tentativelyAccepted"), ("room-baker", "accepted")]
    {
        respond(&series, &format!("{who}@contoso.example"), what);
    }
    let out = house.run(&["status", "--answers"]).out;
    for expect in [
        "accepted: adele@contoso.example\n",
        "declined: bea@contoso.example\n",
        "tentative: cleo@contoso.example\n",
        "no answer yet: dan@fabrikam.example\n",
        "room: room-baker@contoso.example, accepted\n",
    ] {
        assert!(out.contains(expect), "{expect}: {out}");
    }
    let second = dates(&house, "weekly")[1].clone();
    let series = house.event("weekly");
    let mut attendees = series["attendees"].clone();
    for it in attendees.as_array_mut().unwrap() {
        if it["type"] == "resource" {
            it["status"]["response"] = json!("declined");
        }
        if it["emailAddress"]["address"] == "adele@contoso.example" {
            it["status"]["response"] = json!("tentativelyAccepted");
        }
    }
    let path = |event: &Value| format!("/sandbox/users/{ORGANIZER}/events/{}", event["id"].as_str().unwrap());
    assert_eq!(house.call("PATCH", &path(&second), Some(&json!({"attendees": attendees}))).0, 204);
    let time = |hour: &str| json!({"dateTime": format!("2038-02-02T{hour}:00:00"), "timeZone": "UTC"});
    let proposing = json!({
        "event": series["id"], "attendee": "bea@contoso.example", "response": "declined",
        "proposedNewTime": {"start": time("14"), "end": time("15")},
    });
    assert_eq!(house.call("POST", &format!("/sandbox/users/{ORGANIZER}/responses"), Some(&proposing)).0, 204);
    let run = house.run(&["status", "--answers"]);
    assert_eq!(wide(&run.out, 80), [""; 0]);
    let out = run.out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(out.contains("proposed: Tue 2038-02-02 15:00 by bea@contoso.example"), "{out}");
    assert!(out.contains("10:00: adele@contoso.example tentative; room-baker@contoso.example declined"), "{out}");
    let rows = house.json(&["status", "--answers"]);
    let answers = &rows["resources"][0]["answers"];
    assert_eq!(answers["all"][1]["proposed"]["start"], "2038-02-02T14:00:00Z", "{answers}");
    let room = |date: &Value| {
        date["answers"].as_array().unwrap().iter().find(|it| it["resource"] == true).unwrap()["response"].clone()
    };
    let rooms: Vec<Value> = answers["dates"].as_array().unwrap().iter().map(room).collect();
    assert!(rooms.len() >= 4 && rooms[0] == "accepted" && rooms[1] == "declined", "{answers}");
}

/// What create-call takes is what Graph's own types have: each member stands in the model of the type it belongs to.
#[test]
fn what_create_call_takes_is_made_of_members_that_graph_has() {
    let house = house(&event("one", &format!("start: 2038-02-02T10:00, duration: 1h, {TEAMS}")));
    let rows = house.json(&["status", "--call"]);
    let call = &rows["resources"][0]["call"];
    assert_eq!(call["meetingInfo"]["@odata.type"], "#microsoft.graph.organizerMeetingInfo");
    let model: Value = serde_json::from_str(include_str!("../src/sandbox/types.json")).unwrap();
    let types = &model["types"];
    let members = |of: &Value, name: &str| {
        let known = types[name].as_object().unwrap_or_else(|| panic!("the model has {name}"));
        let own: Vec<&String> = of.as_object().unwrap().keys().filter(|it| !it.starts_with('@')).collect();
        assert!(!own.is_empty() && own.iter().all(|it| known.contains_key(*it)), "{name}: {own:?}");
    };
    members(&call["chatInfo"], "chatInfo");
    members(&call["meetingInfo"]["organizer"], "identitySet");
    members(&call["meetingInfo"]["organizer"]["user"], "identity");
    assert_eq!(call["meetingInfo"].as_object().unwrap().len(), 2);
    assert!(call["meetingInfo"]["organizer"]["user"]["id"].is_string(), "{call}");
}
