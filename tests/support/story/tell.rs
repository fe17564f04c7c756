//! One story from its beginning to its end.

use super::deeds::act;
use super::import::comes_back;
use super::live::{links, live, starts};
use super::teller::{Teller, by_the_program};
use super::text::{Story, name, nothing, update};
use crate::support::{House, ORGANIZER, Run};
use convoke::face::route::encoded;
use convoke::face::sandbox::{Faults, Options, Quirks};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Tells a story, with the twin's faults if there are any. Fails with all that is otherwise than it says.
pub fn tell(path: &Path, faults: Option<Faults>) -> Result<(), String> {
    let story = Story::read(path)?;
    let (faulty, house) = (faults.is_some(), house(&story, faults));
    let teller = Teller { house: &house, by_the_program: by_the_program(path, &story) };
    let mut telling = Telling { story: &story, house: &house, teller, faulty, wrong: vec![] };
    let links = telling.begin();
    let (plan, forecast) = telling.plan(path);
    let apply = telling.apply(forecast);
    telling.look(&links);
    telling.secrets(&[&plan, &apply]);
    telling.settle();
    telling.come_back();
    let wrong = telling.wrong;
    if wrong.is_empty() { Ok(()) } else { Err(format!("--- {}\n{}", name(path), wrong.join("\n"))) }
}

struct Telling<'a> {
    story: &'a Story,
    house: &'a House,
    teller: Teller<'a>,
    faulty: bool,
    wrong: Vec<String>,
}

impl Telling<'_> {
    fn check(&mut self, holds: bool, otherwise: impl FnOnce() -> String) {
        if !holds {
            self.wrong.push(otherwise());
        }
    }

    /// Applies what was applied earlier, lets others do what they did, and writes what the manifests say now. Returns the join
    /// links of before.
    fn begin(&mut self) -> BTreeMap<String, Value> {
        let (story, house) = (self.story, self.house);
        if let Some(before) = &story.before {
            house.write("manifests.yaml", before);
            let run = self.teller.apply_and_answer(&[]);
            self.check(run.code == 0, || format!("the earlier apply: {run:?}"));
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

    /// Plans, and holds it against the plan of the story; returns the mail that it forecasts.
    fn plan(&mut self, path: &Path) -> (Run, BTreeMap<String, usize>) {
        let (story, writes) = (self.story, self.house.writes());
        let (plan, json) = self.teller.plan(&flags(story));
        let told = masked(&plan.out);
        if std::env::var_os("UPDATE").is_some() {
            update(path, &told);
        } else {
            let otherwise = || format!("the plan:\n{}\nexpected:\n{}\n{}", plan.out, story.plan, plan.err);
            self.check(told == story.plan, otherwise);
        }
        self.check(self.house.writes() == writes, || "a plan wrote something".into());
        (plan, forecast(&json))
    }

    /// Applies, and holds exit code, words, requests and mail against the story.
    fn apply(&mut self, forecast: BTreeMap<String, usize>) -> Run {
        let (story, sandbox) = (self.story, self.house.sandbox());
        let (methods, mailed) = (sandbox.counts().writes, sandbox.mails().len());
        let run = self.teller.apply_and_answer(&flags(story));
        self.check(run.code == story.exit, || format!("apply ended with {}:\n{}{}", run.code, run.out, run.err));
        let number = |method: &str| methods.get(method).copied().unwrap_or(0);
        let counts = sandbox.counts().writes.into_iter();
        let counts = counts.map(|(method, count)| (method.to_string(), count - number(&method.to_string())));
        let sent: BTreeMap<String, u64> = counts.filter(|(_, number)| *number > 0).collect();
        // A request that met a fault is sent again.
        let as_told = self.faulty || sent == story.writes;
        self.check(as_told, || format!("apply wrote {sent:?}, not {:?}\n{}", story.writes, run.out));
        let heard = folded(&(run.out.clone() + &run.err));
        for text in &story.said {
            self.check(heard.contains(&folded(text)), || {
                format!("apply does not say `{text}`:\n{}{}", run.out, run.err)
            });
        }
        let mut mails = BTreeMap::new();
        for mail in &sandbox.mails()[mailed..] {
            *mails.entry(mail.kind.to_owned()).or_insert(0) += 1;
        }
        let comments: BTreeSet<String> =
            sandbox.mails()[mailed..].iter().filter_map(|mail| mail.comment.clone()).collect();
        self.check(comments == story.comments, || format!("the comments were {comments:?}, not {:?}", story.comments));
        let forecast = match &story.mailed {
            Some(mailed) => mailed.clone(),
            None if story.exit == 1 => BTreeMap::new(),
            None => forecast,
        };
        self.check(mails == forecast, || format!("the mail was {mails:?}, the forecast {forecast:?}"));
        run
    }

    /// Looks at what is live afterwards. A read may be stale once or twice.
    fn look(&mut self, links: &BTreeMap<String, Value>) {
        let (story, house) = (self.story, self.house);
        for (key, properties) in &story.then {
            for (name, expect) in properties {
                let found = (0..4).any(|_| live(house, key)[name] == *expect);
                self.check(found, || format!("{key}: {name} is {}, not {expect}", live(house, key)[name]));
            }
        }
        for (name, expect) in &story.link {
            let now = house.event(name)["onlineMeeting"]["joinUrl"].clone();
            let kept = links.get(name).is_some_and(|before| *before == now);
            let holds = !now.is_null() && kept == (expect == "kept");
            self.check(holds, || format!("the join link of {name} is not {expect}"));
        }
        for (name, expect) in &story.occurrences {
            let found = (0..4).any(|_| starts(house, name, expect) == *expect);
            self.check(found, || {
                format!("the occurrences of {name} are {:?}, not {expect:?}", starts(house, name, expect))
            });
        }
    }

    /// Join links, passcodes and the token stand in no output of plan and apply, and in no field of a plan.
    fn secrets(&mut self, runs: &[&Run]) {
        for run in runs {
            self.check(run.leaks.is_empty(), || format!("the plan holds {:?}", run.leaks));
            for secret in ["meetup-join", "https://teams.", &self.house.sandbox().token] {
                let kept = !run.out.contains(secret) && !run.err.contains(secret);
                self.check(kept, || format!("`{secret}` stands in the output"));
            }
        }
    }

    /// What the story leaves behind is imported by somebody who has never seen it, and plans to nothing.
    fn come_back(&mut self) {
        if !self.faulty {
            self.wrong.extend(comes_back(self.house));
        }
    }

    /// Plans again: it finds nothing, or what the story says until somebody has done what comes later.
    fn settle(&mut self) {
        let (story, house) = (self.story, self.house);
        for deed in &story.later {
            act(house, deed);
        }
        if !story.is_settled() {
            let (second, _) = self.teller.plan(&[]);
            self.check(second.out.contains(&story.second), || {
                format!("the second plan:\n{}{}", second.out, second.err)
            });
        }
        if !story.later.is_empty() {
            let run = self.teller.apply(&[]);
            self.check(run.code == 0, || format!("the later apply: {run:?}"));
        }
        // An apply plans: where the second plan is to find nothing, one that says so and sends nothing has found nothing.
        if story.is_settled() || !story.later.is_empty() {
            let writes = house.writes();
            let run = self.teller.apply(&[]);
            let idle = run.code == 0 && run.out.contains(&nothing()) && house.writes() == writes;
            self.check(idle, || format!("a second apply did something: {run:?}"));
        }
    }
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
    let quirks = quirks.with(&story.quirks).unwrap();
    let options =
        Options { tenant: tenant.as_ref().map(|file| file.path().to_owned()), faults, quirks, ..Options::default() };
    let house = House::new(options);
    if let Some(workspace) = &story.workspace {
        house.write("convoke.yaml", workspace);
    }
    house
}

fn flags(story: &Story) -> Vec<&str> {
    story.flags.iter().map(String::as_str).collect()
}

fn folded(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A text with the ids of requests, which differ in each run, made equal, those of events cut short, and without the plan's own.
fn masked(text: &str) -> String {
    let is_id = |line: &str| line.strip_prefix("plan: ").is_some_and(|id| id.chars().all(|it| it.is_ascii_hexdigit()));
    let text: String = text.lines().filter(|line| !is_id(line)).map(|line| format!("{line}\n")).collect();
    let mut ids = text.split("AAkALgAAAAAA");
    let first = ids.next().unwrap_or_default().to_owned();
    let rest =
        |id: &str| id.trim_start_matches(|it: char| it.is_ascii_alphanumeric() || "+/-_=".contains(it)).to_owned();
    let text = ids.fold(first, |text, id| format!("{text}AAk…{}", rest(id)));
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
