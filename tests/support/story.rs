//! How a story is told: what is there, what the manifest says, what the plan must be; then the plan is applied to the twin, its
//! mail is held against the forecast, and a second plan must find nothing.

use super::{House, ORGANIZER, Run, inside};
use convoke::face::route::encoded;
use convoke::face::sandbox::{Faults, Options, Quirks};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Story {
    /// What the tenant is like (twin's description), if it matters.
    tenant: Option<String>,
    /// Manifests that were applied earlier.
    before: Option<String>,
    /// What somebody else did since.
    #[serde(default)]
    meanwhile: Vec<Deed>,
    /// The manifests now; as before if left out.
    now: Option<String>,
    /// Another workspace document than the usual one.
    workspace: Option<String>,
    #[serde(default)]
    flags: Vec<String>,
    /// Exit code of apply.
    #[serde(default)]
    exit: i32,
    /// What apply says, with white space folded; lines of it, perhaps.
    #[serde(default)]
    said: Vec<String>,
    /// The mail that was sent where a step failed, since the forecast is of all of it.
    mailed: Option<BTreeMap<String, usize>>,
    /// What somebody does then, so that the second plan can be applied and settles.
    #[serde(default)]
    later: Vec<Deed>,
    /// Requests that apply sends to write, by method.
    writes: BTreeMap<String, u64>,
    /// Properties of live events and meetings afterwards, by key.
    #[serde(default)]
    then: BTreeMap<String, Map<String, Value>>,
    /// What the join link of an event does: `kept` or `new`.
    #[serde(default)]
    link: BTreeMap<String, String>,
    /// Starts of a series in UTC, as the twin lists them: these, and none between the first and the last but these.
    #[serde(default)]
    occurrences: BTreeMap<String, Vec<String>>,
    /// The second plan's first word instead of `nothing`.
    #[serde(default = "nothing")]
    second: String,
    /// The plan as a person reads it.
    #[serde(default)]
    plan: String,
}

fn nothing() -> String {
    "nothing to do".into()
}

/// Something that somebody else does to the tenant, or that happens to the state.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
enum Deed {
    EditEvent {
        name: String,
        with: Map<String, Value>,
    },
    /// Replaces a piece of the live body, so that the rest of it stays as it is.
    EditText {
        name: String,
        from: String,
        to: String,
    },
    /// One occurrence of a series, by the date that the series gives it.
    EditOccurrence {
        name: String,
        date: String,
        with: Map<String, Value>,
    },
    SkipOccurrence {
        name: String,
        date: String,
    },
    MoveEvent {
        name: String,
        to: String,
    },
    DeleteEvent {
        name: String,
    },
    DeleteMeeting {
        key: String,
    },
    EditMeeting {
        key: String,
        with: Map<String, Value>,
    },
    /// The Teams meeting behind an event.
    EditBehind {
        name: String,
        with: Map<String, Value>,
    },
    /// A second event with the same mark, made later.
    CopyEvent {
        name: String,
    },
    Answer {
        event: String,
        attendee: String,
        response: String,
    },
    Post {
        path: String,
        body: Value,
    },
    /// Gives or takes an access policy or a licence.
    EditUser {
        upn: String,
        with: Map<String, Value>,
    },
    LoseState {},
    /// Another workspace document from now on.
    Workspace {
        text: String,
    },
}

/// Where the stories stand, in folders by what they are about.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios")
}

/// All stories, in the order of their names.
pub fn all() -> Vec<PathBuf> {
    let list = |folder: &Path| -> Vec<PathBuf> {
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
    };
    let folders = list(&folder()).into_iter().filter(|path| path.is_dir());
    let mut stories: Vec<PathBuf> = folders.flat_map(|folder| list(&folder)).collect();
    stories.sort_by_key(|path| path.file_stem().map(ToOwned::to_owned));
    stories
}

/// Tells stories, each with the twin's faults, some side by side. Returns those that end otherwise than they say.
///
/// Those that start processes come first: between fork and exec a process holds the files of its parent, the locks of other
/// stories' states among them.
pub fn tell_all(stories: &[(PathBuf, Option<Faults>)], at_once: usize) -> Vec<String> {
    let (first, then): (Vec<_>, Vec<_>) = stories.iter().cloned().partition(|(path, _)| {
        let (title, story) = read(path);
        story.is_ok_and(|story| through_the_program(&title, &story))
    });
    [tell_some(&first, at_once), tell_some(&then, at_once)].concat()
}

fn read(path: &Path) -> (String, Result<Story, String>) {
    let title = path.file_stem().unwrap().to_string_lossy().into_owned();
    let story = serde_yaml::from_str(&std::fs::read_to_string(path).unwrap());
    (title.clone(), story.map_err(|error| format!("{title}: {error}")))
}

fn tell_some(stories: &[(PathBuf, Option<Faults>)], at_once: usize) -> Vec<String> {
    let next = std::sync::atomic::AtomicUsize::new(0);
    std::thread::scope(|scope| {
        let teller = || {
            let mut failed = vec![];
            while let Some((path, faults)) = stories.get(next.fetch_add(1, std::sync::atomic::Ordering::Relaxed)) {
                let told = std::panic::catch_unwind(|| tell(path, faults.clone()));
                let panicked = |_| Err(format!("--- {}\npanicked, see above", path.display()));
                let faults = faults.as_ref().map(|faults| format!("{faults:?}: ")).unwrap_or_default();
                failed.extend(told.unwrap_or_else(panicked).err().map(|it| faults + &it));
            }
            failed
        };
        let tellers: Vec<_> = (0..at_once).map(|_| scope.spawn(teller)).collect();
        tellers.into_iter().flat_map(|teller| teller.join().unwrap()).collect()
    })
}

fn tell(path: &Path, faults: Option<Faults>) -> Result<(), String> {
    let (title, story) = read(path);
    let story = story?;
    let faulty = faults.is_some();
    let house = house(&story, faults);
    let teller = Teller { house: &house, through_the_program: through_the_program(&title, &story), flags: &[] };
    let flags: Vec<&str> = story.flags.iter().map(String::as_str).collect();
    let plainly = Teller { flags: &flags, ..teller };
    let mut told = Told { story: &story, house: &house, faulty, wrong: vec![] };

    let links = told.begin(teller);
    let (plan, forecast) = told.plan(plainly, path);
    let run = told.apply(plainly, &forecast);
    told.lives();
    told.link(&links);
    told.secrets(&[&plan, &run]);
    told.again(teller);
    if told.wrong.is_empty() { Ok(()) } else { Err(format!("--- {title}\n{}", told.wrong.join("\n"))) }
}

/// A story while it is told, with what came otherwise than it says.
struct Told<'a> {
    story: &'a Story,
    house: &'a House,
    /// Whether the twin has faults.
    faulty: bool,
    wrong: Vec<String>,
}

impl Told<'_> {
    fn check(&mut self, holds: bool, what: String) {
        if !holds {
            self.wrong.push(what)
        }
    }

    /// Makes what is there before the plan. Returns the join links of what was applied earlier.
    fn begin(&mut self, teller: Teller) -> BTreeMap<String, Value> {
        let (story, house) = (self.story, self.house);
        if let Some(before) = &story.before {
            house.write("manifests.yaml", before);
            let run = answered(house, teller.apply());
            self.check(run.code == 0, format!("the earlier apply: {run:?}"));
        }
        let links = links(house);
        for deed in &story.meanwhile {
            act(house, deed);
        }
        if self.faulty && !story.meanwhile.is_empty() {
            // The first read after a change may be stale: it is somebody else's, or the plan would be of what was before.
            for (_, event) in house.events(ORGANIZER) {
                let id = encoded(event["id"].as_str().unwrap());
                house.call("GET", &format!("/v1.0/users/{ORGANIZER}/events/{id}"), None);
            }
        }
        if let Some(now) = &story.now {
            house.write("manifests.yaml", now);
        }
        links
    }

    /// Plans, which writes nothing. Returns the mail that is forecast too.
    fn plan(&mut self, teller: Teller, path: &Path) -> (Run, BTreeMap<String, usize>) {
        let writes = self.house.writes();
        let (plan, json) = teller.plan();
        if std::env::var_os("UPDATE").is_some() {
            update(path, &std::fs::read_to_string(path).unwrap(), &masked(&plan.out));
        } else {
            self.check(
                masked(&plan.out) == self.story.plan,
                format!("the plan:\n{}\nexpected:\n{}\n{}", plan.out, self.story.plan, plan.err),
            );
        }
        let forecast = forecast(&json);
        self.check(self.house.writes() == writes, "a plan wrote something".into());
        (plan, forecast)
    }

    /// Applies, and holds what was sent, said and mailed against the story and the forecast.
    fn apply(&mut self, teller: Teller, forecast: &BTreeMap<String, usize>) -> Run {
        let (story, house) = (self.story, self.house);
        let (methods, mailed) = (house.sandbox().counts().writes, house.sandbox().mails().len());
        let run = answered(house, teller.apply());
        self.check(run.code == story.exit, format!("apply ended with {}:\n{}{}", run.code, run.out, run.err));
        let sent: BTreeMap<String, u64> = house
            .sandbox()
            .counts()
            .writes
            .iter()
            .map(|(method, number)| (method.to_string(), number - methods.get(method).copied().unwrap_or(0)))
            .filter(|(_, number)| *number > 0)
            .collect();
        // A request that met a fault is sent again.
        let as_told = self.faulty || sent == story.writes;
        self.check(as_told, format!("apply wrote {sent:?}, not {:?}\n{}", story.writes, run.out));
        let mut mails = BTreeMap::new();
        for mail in &house.sandbox().mails()[mailed..] {
            *mails.entry(mail.kind.to_owned()).or_insert(0) += 1;
        }
        let forecast = match &story.mailed {
            Some(mailed) => mailed.clone(),
            None if story.exit == 1 => BTreeMap::new(),
            None => forecast.clone(),
        };
        let heard = folded(&(run.out.clone() + &run.err));
        for text in &story.said {
            self.check(heard.contains(&folded(text)), format!("apply does not say `{text}`:\n{}{}", run.out, run.err));
        }
        self.check(mails == forecast, format!("the mail was {mails:?}, the forecast {forecast:?}"));
        run
    }

    /// Holds live properties and the occurrences of series against the story. A read may be stale once or twice.
    fn lives(&mut self) {
        let (story, house) = (self.story, self.house);
        for (key, properties) in &story.then {
            for (name, expect) in properties {
                let found = (0..4).map(|_| live(house, key)[name].clone()).find(|it| it == expect);
                self.check(found.is_some(), format!("{key}: {name} is {}, not {expect}", live(house, key)[name]));
            }
        }
        for (name, expect) in &story.occurrences {
            let found = (0..4).map(|_| starts(house, name, expect)).find(|it| it == expect);
            let found = found.unwrap_or_else(|| starts(house, name, expect));
            self.check(found == *expect, format!("the occurrences of {name} are {found:?}, not {expect:?}"));
        }
    }

    /// Holds the join links against those that were there earlier.
    fn link(&mut self, links: &BTreeMap<String, Value>) {
        for (name, expect) in &self.story.link {
            let now = self.house.event(name)["onlineMeeting"]["joinUrl"].clone();
            let kept = links.get(name).is_some_and(|before| *before == now);
            self.check(
                !now.is_null() && kept == (expect == "kept"),
                format!("the join link of {name} is not {expect}"),
            );
        }
    }

    /// Join links, passcodes and the token stand in no output of plan and apply, and in no field of a plan.
    fn secrets(&mut self, runs: &[&Run]) {
        for run in runs {
            self.check(run.leaks.is_empty(), format!("the plan holds {:?}", run.leaks));
            for secret in ["meetup-join", "https://teams.", &self.house.sandbox().token] {
                let silent = !run.out.contains(secret) && !run.err.contains(secret);
                self.check(silent, format!("`{secret}` stands in the output"));
            }
        }
    }

    /// Plans and applies a second time, after what somebody does then: in the end there is nothing to do.
    fn again(&mut self, teller: Teller) {
        let (story, house) = (self.story, self.house);
        for deed in &story.later {
            act(house, deed);
        }
        // An apply plans: where the second plan is to find nothing, one that sends nothing has found nothing.
        let settled = story.second == nothing();
        let second = if settled { String::new() } else { teller.plan().0.out };
        self.check(settled || second.contains(&story.second), format!("the second plan:\n{second}"));
        if !story.later.is_empty() {
            let run = teller.apply();
            self.check(run.code == 0, format!("the later apply: {run:?}"));
        }
        if settled || !story.later.is_empty() {
            let writes = house.writes();
            let run = teller.apply();
            let idle = run.code == 0 && run.out.contains(&nothing()) && house.writes() == writes;
            self.check(idle, format!("a second apply did something: {run:?}"));
        }
    }
}

/// Told through the real program too: what only a process of its own shows is seen with these, beside all that have flags.
const THROUGH_THE_PROGRAM: [&str; 5] = [
    "a_lost_state_makes_nothing_twice",
    "an_event_is_made",
    "meeting_options_are_set_behind_an_event",
    "too_many_mails_are_refused",
    "the_provider_is_fixed_once_online",
];

/// Flags are the program's, and so are the questions about meetings in channels.
fn through_the_program(title: &str, story: &Story) -> bool {
    let texts = [&story.before, &story.now];
    let channel = texts.into_iter().flatten().any(|text| text.contains("chatInfo"));
    !story.flags.is_empty() || channel || THROUGH_THE_PROGRAM.contains(&title)
}

/// How the steps of a story are taken: in this process, or by the program.
#[derive(Clone, Copy)]
struct Teller<'a> {
    house: &'a House,
    through_the_program: bool,
    flags: &'a [&'a str],
}

impl Teller<'_> {
    /// Plans; the report for people, and the same for scripts.
    fn plan(&self) -> (Run, Value) {
        if !self.through_the_program {
            return inside::plan(self.house);
        }
        let command = [&["plan"], self.flags].concat();
        (self.house.run(&command), self.house.json(&command))
    }

    fn apply(&self) -> Run {
        if !self.through_the_program {
            return inside::apply(self.house);
        }
        self.house.run(&[&["apply", "--yes"], self.flags].concat())
    }
}

/// Applies again as long as a lost answer is asked about, with what a person answers who has looked.
fn answered(house: &House, mut run: Run) -> Run {
    for _ in 0..3 {
        let answers = house.answers();
        if run.code != 1 || answers.is_empty() {
            break;
        }
        let asked = house.run(&["plan"]);
        assert!(asked.out.contains("whether it was made is not known"), "{asked:?}");
        let flags: Vec<&str> = answers.iter().map(String::as_str).collect();
        run = house.run(&[&["apply", "--yes"], &flags[..]].concat());
    }
    run
}

fn folded(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn house(story: &Story, faults: Option<Faults>) -> House {
    let tenant = story.tenant.as_ref().map(|text| {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        file
    });
    // What comes late makes a program wait: the stories under faults, which wait anyway, have it all.
    let quirks = match faults {
        Some(_) => Quirks::all(),
        None => Quirks { late_join_url: 0, late_look_up: 0, ..Quirks::all() },
    };
    let options =
        Options { tenant: tenant.as_ref().map(|file| file.path().to_owned()), faults, quirks, ..Options::default() };
    let house = House::new(options);
    if let Some(workspace) = &story.workspace {
        house.write("convoke.yaml", workspace);
    }
    house
}

fn act(house: &House, deed: &Deed) {
    let event = |name: &str| {
        let event = house.event(name);
        format!("/sandbox/users/{ORGANIZER}/events/{}", encoded(event["id"].as_str().unwrap()))
    };
    let meeting = |key: &str| {
        let id = house.record(key)["id"].as_str().unwrap().to_owned();
        format!("/sandbox/users/{ORGANIZER}/onlineMeetings/{}", encoded(&id))
    };
    let (status, answer) = match deed {
        Deed::EditEvent { name, with } => house.call("PATCH", &event(name), Some(&json!(with))),
        Deed::EditText { name, from, to } => {
            let live = house.event(name)["body"]["content"].as_str().unwrap().to_owned();
            assert!(live.contains(from), "`{from}` does not stand in {live}");
            let body = json!({"body": {"contentType": "html", "content": live.replacen(from, to, 1)}});
            house.call("PATCH", &event(name), Some(&body))
        }
        Deed::EditOccurrence { name, date, with } => {
            house.call("PATCH", &occurrence(house, name, date, "/sandbox"), Some(&json!(with)))
        }
        Deed::SkipOccurrence { name, date } => house.call("DELETE", &occurrence(house, name, date, "/v1.0"), None),
        Deed::MoveEvent { name, to } => house.call("PATCH", &event(name), Some(&json!({"calendar": to}))),
        Deed::DeleteEvent { name } => house.call("DELETE", &event(name), None),
        Deed::DeleteMeeting { key } => house.call("DELETE", &meeting(key), None),
        Deed::EditMeeting { key, with } => house.call("PATCH", &meeting(key), Some(&json!(with))),
        Deed::EditBehind { name, with } => {
            let id = live(house, &format!("behind/{name}"))["id"].as_str().unwrap().to_owned();
            let path = format!("/sandbox/users/{ORGANIZER}/onlineMeetings/{}", encoded(&id));
            house.call("PATCH", &path, Some(&json!(with)))
        }
        Deed::CopyEvent { name } => {
            let event = house.event(name);
            let copied = ["subject", "start", "end", "attendees", "singleValueExtendedProperties"];
            let body: Map<_, _> = copied.iter().map(|it| (it.to_string(), event[*it].clone())).collect();
            house.call("PUT", &format!("/sandbox/users/{ORGANIZER}/events/copied"), Some(&json!(body)))
        }
        Deed::Answer { event, attendee, response } => {
            let id = house.event(event)["id"].clone();
            let body = json!({"event": id, "attendee": attendee, "response": response});
            house.call("POST", &format!("/sandbox/users/{ORGANIZER}/responses"), Some(&body))
        }
        Deed::EditUser { upn, with } => house.call("PATCH", &format!("/sandbox/users/{upn}"), Some(&json!(with))),
        Deed::Post { path, body } => house.call("POST", path, Some(body)),
        Deed::Workspace { text } => {
            house.write("convoke.yaml", text);
            (204, Value::Null)
        }
        Deed::LoseState {} => {
            std::fs::remove_file(house.path(".convoke/state.json")).unwrap();
            (204, Value::Null)
        }
    };
    assert!((200..300).contains(&status), "{status} {answer}");
}

/// The path below `root` of the occurrence that the series has on a date, wherever it was moved to.
fn occurrence(house: &House, name: &str, date: &str, root: &str) -> String {
    let id = house.event(name)["id"].as_str().unwrap().to_owned();
    let path = format!("/v1.0/users/{ORGANIZER}/events/{}/instances", encoded(&id));
    let day: jiff::civil::Date = date.parse().unwrap();
    let (from, to) = (day - jiff::Span::new().days(60), day + jiff::Span::new().days(60));
    let (status, all) = house.call("GET", &format!("{path}?startDateTime={from}&endDateTime={to}&$top=1000"), None);
    assert_eq!(status, 200, "{all}");
    let meant = |it: &&Value| it["originalStart"].as_str().unwrap().starts_with(date);
    let found = all["value"].as_array().unwrap().iter().find(meant).expect("the series has the date");
    format!("{root}/users/{ORGANIZER}/events/{}", encoded(found["id"].as_str().unwrap()))
}

/// When the occurrences of a series start, around those that are expected.
fn starts(house: &House, name: &str, expect: &[String]) -> Vec<String> {
    let id = house.event(name)["id"].as_str().unwrap().to_owned();
    let at = |text: &String| format!("{text}:00Z").parse::<jiff::Timestamp>().unwrap();
    let (first, last) = (at(&expect[0]), at(&expect[expect.len() - 1]));
    let hour = jiff::SignedDuration::from_hours(1);
    let path = format!("/v1.0/users/{ORGANIZER}/events/{}/instances", encoded(&id));
    let window = format!("startDateTime={}&endDateTime={}&$top=1000", first - hour, last + hour);
    let (status, all) = house.call("GET", &format!("{path}?{window}"), None);
    // As it was before it became a series.
    if status == 400 {
        return vec![];
    }
    assert_eq!(status, 200, "{all}");
    let utc = |it: &Value| {
        assert_eq!(it["start"]["timeZone"], "UTC");
        it["start"]["dateTime"].as_str().unwrap()[..16].to_owned()
    };
    let mut starts: Vec<String> = all["value"].as_array().unwrap().iter().map(utc).collect();
    starts.sort();
    starts
}

fn live(house: &House, key: &str) -> Value {
    match key.split_once('/') {
        Some(("Event", name)) => house.event(name),
        Some(("OnlineMeeting", _)) => {
            let id = house.record(key)["id"].as_str().unwrap().to_owned();
            let (_, user) = house.call("GET", &format!("/v1.0/users/{ORGANIZER}"), None);
            let path = format!("/v1.0/users/{}/onlineMeetings/{id}", user["id"].as_str().unwrap());
            house.call("GET", &path, None).1
        }
        // The Teams meeting behind an event, found as people without our marks would.
        Some(("behind", name)) => {
            let (_, user) = house.call("GET", &format!("/v1.0/users/{ORGANIZER}"), None);
            let url = house.event(name)["onlineMeeting"]["joinUrl"].as_str().unwrap().to_owned();
            let path = format!("/v1.0/users/{}/onlineMeetings", user["id"].as_str().unwrap());
            house.call("GET", &(path + &convoke::face::route::by_join_url(&url)), None).1["value"][0].clone()
        }
        _ => panic!("no such key: {key}"),
    }
}

fn links(house: &House) -> BTreeMap<String, Value> {
    let events = house.events(ORGANIZER).into_iter();
    events.map(|(name, event)| (name, event["onlineMeeting"]["joinUrl"].clone())).collect()
}

/// A text with the ids of requests, which differ in each run, made equal.
fn masked(text: &str) -> String {
    let mut parts = text.split("(request-id");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| {
        let (id, rest) = part.split_once(')').expect("the parenthesis ends");
        format!("{text}(request-id{}){rest}", id.replace(|it: char| it.is_ascii_hexdigit(), "0"))
    })
}

/// The mails of a plan by sort, as the JSON report tells them.
fn forecast(plan: &Value) -> BTreeMap<String, usize> {
    let mut all = BTreeMap::new();
    for mail in
        plan["steps"].as_array().into_iter().flatten().flat_map(|step| step["mail"].as_array().into_iter().flatten())
    {
        *all.entry(mail["kind"].as_str().unwrap().to_owned()).or_insert(0) += mail["count"].as_u64().unwrap() as usize;
    }
    all
}

fn update(path: &Path, text: &str, plan: &str) {
    let head = text.split("\nplan: |").next().unwrap().trim_end();
    let lines = plan.lines().map(|line| if line.is_empty() { String::new() } else { format!("  {line}") });
    // The first line may begin with a blank, so the indentation is said outright.
    std::fs::write(path, format!("{head}\nplan: |2\n{}\n", lines.collect::<Vec<_>>().join("\n"))).unwrap();
}
