//! Nobody is invited to what is not as declared: random events, killed on the way, are finished by the next apply, and mail
//! each guest once, and once more for each date that was changed.

use crate::support::ORGANIZER;
use crate::support::lab::Lab;
use convoke::face::model::Purpose;
use convoke::face::reconcile::Project;
use convoke::face::route::encoded;
use fastrand::Rng;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const PEOPLE: [&str; 5] = [
    "adele@contoso.example",
    "lidia@fabrikam.example",
    "Nestor@contoso.example",
    "room-baker@contoso.example",
    "alex@contoso.example",
];

/// An event with whatever an event may need, and what that has to cost.
struct Case {
    spec: Value,
    /// Guests in lower case, without the organizer.
    guests: Vec<String>,
    /// Dates that are changed, not skipped.
    changed: usize,
}

impl Case {
    fn random(rng: &mut Rng) -> Case {
        let mut spec = json!({"subject": "Weekly", "start": "2031-02-04T10:00", "duration": "45m"});
        let mut guests: Vec<String> = PEOPLE.iter().filter(|_| rng.bool()).map(|it| it.to_string()).collect();
        rng.shuffle(&mut guests);
        spec["attendees"] = json!(guests);
        if rng.u8(0..4) > 0 {
            spec["isOnlineMeeting"] = json!(true);
            let options = [
                json!({"lobbyBypassSettings": {"scope": "organizer"}}),
                json!({"allowMeetingChat": "disabled", "recordAutomatically": true}),
            ];
            if let Some(options) = rng.choice(&options).filter(|_| rng.bool()) {
                spec["meetingOptions"] = options.clone();
            }
        }
        if rng.bool() {
            spec["body"] = json!("Agenda");
        }
        let mut changed = 0;
        if rng.u8(0..5) > 0 {
            let range = json!({"type": "numbered", "numberOfOccurrences": 6});
            spec["recurrence"] = json!({"pattern": {"type": "daily", "interval": 2}, "range": range});
            let mut exceptions = vec![];
            for day in (4..=14).step_by(2) {
                if rng.u8(0..3) > 0 {
                    continue;
                }
                let date = format!("2031-02-{day:02}");
                let kind = rng.u8(0..4);
                changed += usize::from(kind > 0);
                exceptions.push(match kind {
                    0 => json!({"date": date, "cancel": true}),
                    1 => json!({"date": date, "start": format!("{date}T14:00")}),
                    2 => json!({"date": date, "subject": "Review", "location": "Room 4"}),
                    _ => json!({"date": date, "start": format!("2031-02-{:02}T14:00", day + 1)}),
                });
            }
            spec["exceptions"] = json!(exceptions);
        }
        guests.retain(|it| it != ORGANIZER);
        Case { spec, guests: guests.iter().map(|it| it.to_lowercase()).collect(), changed }
    }

    fn project(&self) -> Project {
        let document = json!({
            "apiVersion": "convoke.dev/v1", "kind": "Event", "metadata": {"name": "weekly"}, "spec": self.spec,
        });
        let project = Lab::read(&document.to_string());
        let problems: Vec<&str> = project.manifests.problems.iter().map(|it| it.message.as_str()).collect();
        assert!(problems.is_empty(), "{problems:?}: {document}");
        project
    }
}

/// What guests see of the event, its dates and its meeting, but for who is invited.
fn seen(lab: &Lab) -> Value {
    let event = lab.house.event("weekly");
    let id = encoded(event["id"].as_str().unwrap());
    let window = "startDateTime=2031-01-01&endDateTime=2031-12-31&$top=100";
    let (_, dates) = lab.house.call("GET", &format!("/v1.0/users/{ORGANIZER}/events/{id}/instances?{window}"), None);
    let dates: Vec<Value> = dates["value"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|it| json!([it["start"], it["end"], it["subject"], it["location"]["displayName"]]))
        .collect();
    let options = ["lobbyBypassSettings", "allowMeetingChat", "recordAutomatically"];
    let meetings: Vec<Value> =
        lab.house.meetings().iter().map(|it| options.iter().map(|name| it[name].clone()).collect()).collect();
    json!([event["subject"], event["body"]["content"], event["onlineMeeting"], dates, meetings])
}

/// Kills an apply after each of these numbers of requests, then finishes it. Returns how many were stopped; the error is what
/// was wrong.
fn told(case: &Case, kills: &[u64]) -> Result<usize, String> {
    let project = case.project();
    let mut lab = Lab::new("2031-01-01T00:00:00Z");
    let (mut stopped, mut invited) = (0, vec![]);
    for requests in kills {
        stopped += usize::from(lab.kill(&project, *requests));
        // What the process had on its way may still arrive.
        if !lab.house.sandbox().mails().is_empty() {
            invited.push(seen(&lab));
        }
    }
    let round = lab.apply(&project);
    if !round.wrong.is_empty() {
        return Err(round.wrong.join("\n"));
    }
    let whole = seen(&lab);
    if let Some(early) = invited.into_iter().find(|early| *early != whole) {
        return Err(format!("mail was sent when it was {early}\nand not yet {whole}"));
    }
    let mut mails: BTreeMap<(String, &str), usize> = BTreeMap::new();
    for mail in lab.house.sandbox().mails() {
        *mails.entry((mail.to.to_lowercase(), mail.kind)).or_default() += 1;
    }
    let each = |guest: &String| [((guest.clone(), "invitation"), 1), ((guest.clone(), "update"), case.changed)];
    let expect: BTreeMap<_, _> = case.guests.iter().flat_map(each).filter(|(_, times)| *times > 0).collect();
    if mails == expect { Ok(stopped) } else { Err(format!("mail sent: {mails:?}\nexpected:  {expect:?}")) }
}

#[test]
fn random_events_killed_on_the_way_invite_everybody_once_and_only_to_what_is_as_declared() {
    let run = |seed: u64| -> Result<usize, String> {
        let mut rng = Rng::with_seed(seed);
        let case = Case::random(&mut rng);
        let kills: Vec<u64> = (0..rng.usize(0..3)).map(|_| rng.u64(1..14)).collect();
        told(&case, &kills).map_err(|error| format!("seed {seed}, kills {kills:?}: {}\n{error}", case.spec))
    };
    let told: Vec<Result<usize, String>> = std::thread::scope(|scope| {
        let runs: Vec<_> =
            (0..4).map(|first| scope.spawn(move || (first..200).step_by(4).map(run).collect::<Vec<_>>())).collect();
        runs.into_iter().flat_map(|run| run.join().unwrap()).collect()
    });
    let wrong: Vec<&String> = told.iter().filter_map(|run| run.as_ref().err()).collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), told.len(), wrong[0]);
    let stopped: usize = told.iter().filter_map(|run| run.as_ref().ok()).sum();
    assert!(stopped > 80, "only {stopped} applies were killed");
}

/// The invitations of a shaped series are the last of a dozen requests.
fn series() -> Case {
    let range = json!({"type": "numbered", "numberOfOccurrences": 6});
    let spec = json!({
        "subject": "Weekly", "start": "2031-02-04T10:00", "duration": "45m", "body": "Agenda", "isOnlineMeeting": true,
        "attendees": [PEOPLE[0], PEOPLE[1], PEOPLE[3]], "meetingOptions": {"lobbyBypassSettings": {"scope": "organizer"}},
        "recurrence": {"pattern": {"type": "daily", "interval": 2}, "range": range},
        "exceptions": [
            {"date": "2031-02-06", "cancel": true}, {"date": "2031-02-08", "start": "2031-02-08T14:00"},
            {"date": "2031-02-12", "cancel": true},
        ],
    });
    Case { spec, guests: [PEOPLE[0], PEOPLE[1], PEOPLE[3]].map(str::to_owned).into(), changed: 1 }
}

/// How many applies of a case were stopped: one at each of its requests.
fn killed_everywhere(case: &Case) -> Result<usize, String> {
    for requests in 1.. {
        // An apply that ends between two looks at it was not stopped, though it has more requests.
        let stopped = told(case, &[requests]).map_err(|error| format!("killed at {requests}: {error}"))?;
        if stopped == 0 && requests > 5 {
            return Ok(requests as usize - 1);
        }
    }
    Ok(0)
}

/// `INVITE_SEEDS=200` kills as many random events, too.
#[test]
fn killed_at_any_request_the_next_apply_finishes_and_invites_once() {
    let stopped = killed_everywhere(&series()).unwrap();
    assert!(stopped >= 10, "only {stopped} applies were killed");
    let (mut applies, mut wrong) = (stopped, vec![]);
    for seed in 0..crate::support::number("INVITE_SEEDS", 2) {
        let case = Case::random(&mut Rng::with_seed(1000 + seed));
        match killed_everywhere(&case) {
            Ok(stopped) => applies += stopped,
            Err(error) => wrong.push(format!("seed {seed}, {error}\n{}", case.spec)),
        }
    }
    println!("{applies} applies were killed");
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
}

/// No option is set and no date is shaped here: the link alone is waited for.
#[test]
fn the_join_link_is_there_before_anybody_is_invited() {
    let lab = Lab::new("2031-01-01T00:00:00Z");
    let spec = json!({
        "subject": "Weekly", "start": "2031-02-04T10:00", "duration": "45m", "isOnlineMeeting": true, "attendees": [PEOPLE[0]],
    });
    let plan = lab.plan(&Case { spec, guests: vec![], changed: 0 }.project());
    let [create, look, invite] = &plan.steps[0].requests[..] else { panic!("{:?}", plan.steps[0].requests) };
    let purposes = [create, look, invite].map(|it| it.purpose);
    assert_eq!(purposes, [Purpose::CreateEvent, Purpose::ReadJoinLink, Purpose::InviteAttendees]);
    assert!(!create.body.as_ref().unwrap().members().contains_key("attendees"), "{create:?}");
    // A mark beside the attendees might mail all of them.
    let sent: Vec<String> = invite.body.as_ref().unwrap().members().into_iter().map(|(name, _)| name).collect();
    assert!(look.until && sent == ["attendees"], "{look:?} {invite:?}");
}

/// The old event frees its room before the new one asks for it.
#[test]
fn a_replacement_invites_once_the_old_event_is_gone() {
    let mut lab = Lab::new("2031-01-01T00:00:00Z");
    let mut case = series();
    assert_eq!(lab.apply(&case.project()).wrong, Vec::<String>::new());
    case.spec["organizer"] = json!(crate::support::lab::DEPUTY);
    let document = json!({
        "apiVersion": "convoke.dev/v1", "kind": "Event", "metadata": {"name": "weekly"},
        "lifecycle": {"onImmutable": "replace"}, "spec": case.spec,
    });
    let round = lab.apply(&Lab::read(&document.to_string()));
    assert_eq!(round.wrong, Vec::<String>::new());
    let writes: Vec<Purpose> =
        round.plan.steps[0].requests.iter().map(|it| it.purpose).filter(|it| it.writes()).collect();
    use Purpose::{CancelEvent, ChangeOccurrence, CreateEvent, InviteAttendees, SetOptions, SkipOccurrence};
    let expect =
        [CreateEvent, SetOptions, SkipOccurrence, SkipOccurrence, ChangeOccurrence, CancelEvent, InviteAttendees];
    assert_eq!(writes, expect);
}
