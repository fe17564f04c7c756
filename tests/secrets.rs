//! No plan, and nothing else but `status`, shows what opens a meeting: whatever texts stand in a calendar, whole or half-broken,
//! and whatever authors copied into their manifests.

use crate::support::{House, ORGANIZER, Run, inside, run};
use convoke::face::route::encoded;
use convoke::face::sandbox::Options;
use fastrand::Rng;
use serde_json::{Value, json};

/// What opens one meeting.
struct Coordinates {
    link: String,
    id: String,
    passcode: String,
    conference: String,
    /// Whether the program reads the meeting itself, so that it knows a passcode that nothing calls one.
    read: bool,
}

impl Coordinates {
    fn of(event: &Value, meetings: &[Value], read: bool) -> Coordinates {
        let link = event["onlineMeeting"]["joinUrl"].as_str().unwrap().to_owned();
        let meeting = meetings.iter().find(|it| it["joinWebUrl"] == *link).expect("it has a meeting");
        let text = |pointer: &str| meeting.pointer(pointer).unwrap().as_str().unwrap().to_owned();
        Coordinates {
            id: text("/joinMeetingIdSettings/joinMeetingId"),
            passcode: text("/joinMeetingIdSettings/passcode"),
            conference: text("/audioConferencing/conferenceId"),
            link,
            read,
        }
    }

    /// Which of them stand in what was said, however it was laid out.
    fn found(&self, said: &str) -> Vec<&str> {
        let dense: String = said.chars().filter(|it| !it.is_whitespace() && *it != '-').collect();
        let link = &self.link[self.link.rfind("%3a").or(self.link.rfind('/')).unwrap_or(0)..];
        let link = &link[..link.find('?').unwrap_or(link.len())];
        let all = [&self.id, &self.passcode, &self.conference];
        let dense = all.into_iter().map(String::as_str).chain([link, "meetup-join"]).filter(|it| dense.contains(it));
        dense.collect()
    }

    /// Something that a person may have written or copied.
    fn piece(&self, rng: &mut Rng) -> String {
        let Coordinates { link, id, passcode, conference, read } = self;
        let [blanks, hard, hyphens] = [" ", "\u{a0}", "-"].map(|by| grouped(id, by));
        let all = [
            "Agenda".to_owned(),
            "we meet in room four, as we did last week; bring 3 copies".to_owned(),
            link.clone(),
            format!("({link})."),
            link.to_uppercase().replace("HTTPS", "https"),
            link.replace('&', "&amp;"),
            encoded(link),
            format!("https://eur01.safelinks.example/?url={}&data=5", encoded(link)),
            format!("https://eur01.safelinks.example/?url={}&data=5", encoded(&encoded(link))),
            id.clone(),
            blanks.clone(),
            hard,
            hyphens,
            format!("Besprechungs-ID: {blanks}"),
            format!("Passcode: {passcode}"),
            format!("(Kenncode:{passcode})"),
            format!("Conference ID: {}#", grouped(conference, " ")),
            format!("code {passcode}, now"),
        ];
        let most = if *read { all.len() } else { all.len() - 1 };
        all[rng.usize(..most)].clone()
    }

    fn pieces(&self, rng: &mut Rng, most: usize, by: &str) -> String {
        (0..rng.usize(1..=most)).map(|_| self.piece(rng)).collect::<Vec<_>>().join(by)
    }

    /// The same as a manifest may hold it.
    fn declared(&self, rng: &mut Rng) -> String {
        self.pieces(rng, 2, " ").replace('\u{a0}', " ").chars().take(250).collect()
    }

    /// A join block as Outlook writes it, with whatever happened to it since.
    fn block(&self, rng: &mut Rng) -> String {
        let (rule, link) = ("_".repeat(80), self.link.replace('&', "&amp;"));
        let [label, code] =
            [["Meeting ID", "Passcode"], ["ID de réunion", "Code secret"], ["会議 ID", "パスコード"]][rng.usize(..3)];
        let block = format!(
            "<div>{rule}</div><div><a href=\"{link}\">Join</a></div><div>{label}: <span>{}</span></div><div>{code}: \
             <span>{}</span></div><div>Phone: {}#</div><div>{rule}</div>",
            grouped(&self.id, " "),
            self.passcode,
            grouped(&self.conference, " ")
        );
        let places: Vec<usize> = block.char_indices().map(|(at, _)| at).collect();
        let [one, other] = [0, 1].map(|_| places[rng.usize(..places.len())]);
        match rng.u8(0..6) {
            0 => block.replacen(&rule, "", 1),
            1 => block.replace('_', "-"),
            2 => block[one.min(other)..].to_owned(),
            3 => format!("{}{}", &block[..one.min(other)], &block[one.max(other)..]),
            4 => block.clone() + &block,
            _ => block,
        }
    }
}

/// Digits in groups of three.
fn grouped(digits: &str, by: &str) -> String {
    let groups: Vec<&str> = digits.as_bytes().chunks(3).map(|it| std::str::from_utf8(it).unwrap()).collect();
    groups.join(by)
}

/// Two events: one whose meeting is read because it has options, and one whose meeting is not.
fn manifests(texts: &[String; 4]) -> String {
    let [subject, body, other, location] = texts.each_ref().map(|it| serde_json::to_string(it).unwrap());
    format!(
        "apiVersion: convoke.dev/v1
kind: Event
metadata: {{name: read}}
spec: {{subject: {subject}, start: 2038-02-02T10:00, duration: 45m, isOnlineMeeting: true, body: {body}, meetingOptions: {{allowMeetingChat: disabled}}}}
---
apiVersion: convoke.dev/v1
kind: Event
metadata: {{name: unread}}
spec: {{subject: {other}, start: 2038-02-03T10:00, duration: 45m, isOnlineMeeting: true, body: Agenda, location: {location}}}
"
    )
}

fn edit(house: &House, name: &str, of: &Coordinates, rng: &mut Rng) {
    let event = house.event(name);
    let live = event["body"]["content"].as_str().unwrap().to_owned();
    let text = of.pieces(rng, 4, " ");
    let html = match rng.u8(0..4) {
        0 => live.replacen("<body>", &format!("<body><p>{text}</p>"), 1),
        1 => format!("<html><body><p>{text}</p>{}</body></html>", of.block(rng)),
        2 => format!("<html><body>{}<p>{text}</p>{}</body></html>", of.block(rng), of.block(rng)),
        _ => format!("<p>{text}</p>"),
    };
    let with = json!({
        "subject": of.pieces(rng, 3, " "),
        "location": {"displayName": of.pieces(rng, 2, ", ")},
        "categories": [of.piece(rng)],
        "body": {"contentType": "html", "content": html},
    });
    let path = format!("/sandbox/users/{ORGANIZER}/events/{}", encoded(event["id"].as_str().unwrap()));
    let (status, answer) = house.call("PATCH", &path, Some(&with));
    assert!((200..300).contains(&status), "{status} {answer}");
}

fn held(house: &House) -> [Coordinates; 2] {
    let meetings = house.meetings();
    [("read", true), ("unread", false)].map(|(name, read)| Coordinates::of(&house.event(name), &meetings, read))
}

fn silent(what: &str, said: &str, held: &[Coordinates]) {
    for of in held {
        assert!(of.found(said).is_empty(), "{what}: {:?}\n{said}", of.found(said));
    }
}

fn said(Run { out, err, .. }: &Run) -> String {
    anstream::adapter::strip_str(&format!("{out}\n{err}")).to_string()
}

#[test]
fn no_plan_says_what_opens_a_meeting_whatever_stands_in_texts() {
    // A plan whose manifests hold a link is not saved.
    let mut house = House::new(Options::default());
    house.saves = false;
    let plain = ["Weekly", "Agenda", "Daily", "Baker"].map(str::to_owned);
    house.write("manifests.yaml", &manifests(&plain));
    assert_eq!(house.run(&["apply", "--yes"]).code, 0);
    let held = held(&house);
    for seed in 0..60 {
        let mut rng = Rng::with_seed(seed);
        edit(&house, "read", &held[0], &mut rng);
        edit(&house, "unread", &held[1], &mut rng);
        let texts = match rng.bool() {
            true => plain.clone(),
            false => [0, 0, 1, 1].map(|it: usize| held[it].declared(&mut rng)),
        };
        house.write("manifests.yaml", &manifests(&texts));
        let (run, json) = inside::plan(&house);
        assert!(run.out.contains("Event/read"), "seed {seed}: {run:?}");
        silent(&format!("seed {seed}"), &said(&run), &held);
        silent(&format!("seed {seed}, JSON"), &json.to_string(), &held);
        assert!(run.leaks.is_empty() || texts != plain, "seed {seed}: {:?}", run.leaks);
    }
}

#[test]
fn no_command_but_status_says_what_opens_a_meeting() {
    let commands: [&[&str]; 9] = [
        &["plan", "-vv"],
        &["plan", "--format", "json", "--log", "json"],
        &["validate"],
        &["validate", "--format", "json"],
        &["validate", "--format", "github"],
        &["validate", "--format", "sarif"],
        &["doctor"],
        &["doctor", "--format", "json"],
        &["apply", "--yes", "-vv"],
    ];
    for seed in 100..103 {
        let house = House::new(Options::default());
        let plain = ["Weekly", "Agenda", "Daily", "Baker"].map(str::to_owned);
        house.write("manifests.yaml", &manifests(&plain));
        assert_eq!(house.run(&["apply", "--yes"]).code, 0);
        let (held, mut rng) = (held(&house), Rng::with_seed(seed));
        edit(&house, "read", &held[0], &mut rng);
        edit(&house, "unread", &held[1], &mut rng);
        let texts = [0, 0, 1, 1].map(|it: usize| held[it].declared(&mut rng));
        for text in [manifests(&texts), manifests(&texts).replace("duration: 45m", "duraton: 45m"), manifests(&plain)] {
            house.write("manifests.yaml", &text);
            for command in commands {
                let run = run(house.program().args(command));
                silent(&format!("seed {seed} {command:?}"), &said(&run), &held);
            }
        }
    }
}
