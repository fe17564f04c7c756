//! Random workspaces on a service that fails, with everything that may come between: an apply that is killed, a state that is
//! lost or older, a second writer with a state of its own, people who change what is ours, a mailbox that cannot be read.
//!
//! Whatever happened, the next applies settle, no event is there twice, no join link changes, and nobody got a mail that the
//! plan had not announced, nor one twice. Every run is made from its seed: `SOAK_RUNS=1000` makes more of them, `SOAK_FROM=417`
//! begins at another seed, and `SOAK_PLANS=10` kills ten plans at each of their requests instead of one.

use crate::support::lab::{DEPUTY, Lab, Mails, STATE, forecast};
use crate::support::meddle::meddle;
use crate::support::random::{Manifests, edit, text};
use crate::support::{ORGANIZER, number};
use convoke::face::plan::Action;
use convoke::face::reconcile::Project;
use convoke::face::sandbox::Quirks;
use fastrand::Rng;
use jiff::SignedDuration;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};

const FAULTS: &str = "429=8%,500=2%,503=2%,504=2%,drop-before=4%,drop-after=4%,retry-after=1ms..2ms";

/// The state of the second of two writers.
const OTHER: &str = ".convoke/other.json";

/// Applies that may follow before all must be settled.
const PATIENCE: usize = 4;

/// What comes between a plan and the applies that settle it.
#[derive(Debug, Clone, Copy)]
enum Between {
    Nothing,
    /// The apply is killed after so many requests; what is left of the state is kept.
    Killed(u64),
    /// The same, and the state is lost with it.
    KilledAndLost(u64),
    /// The same, and the state is that of before the apply.
    KilledAndOlder(u64),
    /// Two plan, each with a state of its own, then both apply, one after the other or so that their requests cross.
    TwoWriters {
        at_once: bool,
    },
    /// A mailbox answers 403 during one apply.
    Unread,
}

impl Between {
    fn random(rng: &mut Rng) -> Between {
        let requests = rng.u64(1..30);
        match rng.u8(0..9) {
            0..2 => Between::Nothing,
            2..4 => Between::Killed(requests),
            4 => Between::KilledAndLost(requests),
            5 => Between::KilledAndOlder(requests),
            it @ 6..8 => Between::TwoWriters { at_once: it == 7 },
            _ => Between::Unread,
        }
    }
}

/// One tenant and the manifests for it, on their way through many changes.
struct Soak {
    rng: Rng,
    lab: Lab,
    manifests: Manifests,
    /// What was done in this change, for who looks into a run that went wrong.
    said: Vec<String>,
}

impl Soak {
    fn new(seed: u64, faults: bool) -> Soak {
        let mut rng = Rng::with_seed(seed);
        let quirks = Quirks { late_join_url: rng.u32(0..2), late_look_up: 0, ..Quirks::all() };
        let faults = faults.then(|| format!("{FAULTS},seed={seed}").parse().unwrap());
        let lab = Lab::with("2031-01-01T00:00:00Z", faults, quirks);
        Soak { rng, lab, manifests: Manifests::new(), said: vec![] }
    }

    /// Edits the manifests in a way that is allowed; returns them as they are read.
    fn edited(&mut self) -> Project {
        loop {
            let mut next = self.manifests.clone();
            let said: Vec<String> = (0..self.rng.usize(1..4)).map(|_| edit(&mut self.rng, &mut next)).collect();
            let project = Lab::read(&text(&next));
            if project.manifests.problems.is_empty() {
                self.manifests = next;
                self.said = said;
                return project;
            }
        }
    }

    /// One change of manifests or tenant, whatever comes between, and the applies that settle it.
    fn change(&mut self) -> Result<(), String> {
        let project = self.edited();
        if !self.manifests.is_empty() && self.rng.u8(0..4) == 0 {
            let said = meddle(&mut self.rng, &mut self.lab);
            self.said.push(said);
        }
        let between = Between::random(&mut self.rng);
        self.said.push(format!("{between:?}"));
        self.settle(&project, between)
    }

    /// Applies, with what comes between, until all is settled, and looks at what became of it.
    fn settle(&mut self, project: &Project, between: Between) -> Result<(), String> {
        let mut before = Before::of(&self.lab, project);
        if let Between::KilledAndLost(_) = between {
            before.forecast = larger(&before.forecast, &self.removals_without_a_state(project));
        }
        let other = self.interrupt(project, between, &before)?;
        let most = other.map_or(before.forecast.clone(), |other| larger(&before.forecast, &other));
        self.finish(project)?;
        before.holds(&self.lab, &self.manifests, &most)
    }

    /// Whom a plan cancels for who has no state: that a guest was let go stands nowhere else, so that they are of those whom the
    /// mark names and the manifest does not.
    fn removals_without_a_state(&mut self, project: &Project) -> Mails {
        self.lab.with_state(".convoke/none.json");
        let mut forecast = forecast(&self.lab.plan(project));
        self.lab.with_state(STATE);
        forecast.retain(|(sort, _), _| sort == "cancellation");
        forecast
    }

    /// Lets come between what may; returns what a second writer's plan announces.
    fn interrupt(&mut self, project: &Project, between: Between, before: &Before) -> Result<Option<Mails>, String> {
        match between {
            Between::Nothing => {}
            Between::Killed(requests) => _ = self.lab.kill(project, requests),
            Between::KilledAndLost(requests) => {
                self.lab.kill(project, requests);
                self.lab.lose_state();
            }
            Between::KilledAndOlder(requests) => {
                let older = self.lab.copy_of_state();
                self.lab.kill(project, requests);
                match older {
                    Some(older) => self.lab.restore_state(&older),
                    None => self.lab.lose_state(),
                }
            }
            Between::TwoWriters { at_once } => return Ok(Some(self.two_writers(project, at_once))),
            Between::Unread => self.unread(project, before)?,
        }
        Ok(None)
    }

    /// Returns what the second one's plan announces.
    fn two_writers(&mut self, project: &Project, at_once: bool) -> Mails {
        let first = self.lab.planned(project);
        self.lab.with_state(OTHER);
        // Two never begin in the same instant, which their plans are told apart by.
        self.lab.now += SignedDuration::from_secs(1);
        let second = self.lab.planned(project);
        if at_once {
            self.lab.with_state(STATE);
            self.lab.send_both(project, [&first, &second], OTHER);
        } else {
            self.lab.send(project, &second);
            self.lab.with_state(STATE);
            self.lab.send(project, &first);
        }
        forecast(&second.plan)
    }

    fn unread(&mut self, project: &Project, before: &Before) -> Result<(), String> {
        let organizer = *self.rng.choice(&[ORGANIZER, DEPUTY]).unwrap();
        // A mailbox that no manifest names and that holds nothing is not read at all.
        let named = organizer == ORGANIZER || self.manifests.values().any(|spec| spec["organizer"] == organizer);
        let read = named || !self.lab.house.events(organizer).is_empty();
        deny(&self.lab, organizer, true);
        let planned = self.lab.planned(project);
        let removes = |action| matches!(action, Action::Cancel | Action::Replace);
        let removed: Vec<String> =
            planned.plan.steps.iter().filter(|it| removes(it.action)).map(|it| it.key.to_string()).collect();
        self.lab.send(project, &planned);
        deny(&self.lab, organizer, false);
        if read && !removed.is_empty() {
            return Err(format!("removed while {organizer} could not be read: {removed:?}"));
        }
        let now = live(&self.lab);
        let gone: Vec<&String> = before.live.keys().filter(|name| !now.contains_key(*name)).collect();
        if read && !gone.is_empty() {
            return Err(format!("gone while {organizer} could not be read: {gone:?}"));
        }
        Ok(())
    }

    /// Applies until a plan finds nothing.
    fn finish(&mut self, project: &Project) -> Result<(), String> {
        let mut left = vec![];
        for _ in 0..PATIENCE {
            let planned = self.lab.planned(project);
            let done = self.lab.send(project, &planned);
            let open = planned.plan.steps.iter().filter(|it| !matches!(it.action, Action::NoOp | Action::Blocked));
            left = open.map(|it| format!("{:?} {}: {:?}", it.action, it.key, it.changes)).collect();
            if left.is_empty() {
                return Ok(());
            }
            for (step, outcome) in planned.plan.steps.iter().zip(&done.outcomes) {
                if let Some(note) = &outcome.note {
                    left.push(format!("{}: {:?}: {note}", step.key, outcome.fate));
                }
            }
        }
        Err(format!("it does not settle:\n{}", left.join("\n")))
    }
}

/// What was there before a change, and what was announced.
struct Before {
    live: BTreeMap<String, Vec<Value>>,
    forecast: Mails,
    replaced: BTreeSet<String>,
    mailed: usize,
}

impl Before {
    fn of(lab: &Lab, project: &Project) -> Before {
        let plan = lab.plan(project);
        let kept = |action| matches!(action, Action::Update | Action::NoOp | Action::Blocked);
        let replaced = plan.steps.iter().filter(|it| !kept(it.action)).map(|it| it.key.name().to_owned()).collect();
        let mailed = lab.house.sandbox().mails().len();
        Before { live: live(lab), forecast: forecast(&plan), replaced, mailed }
    }

    fn holds(&self, lab: &Lab, manifests: &Manifests, most: &Mails) -> Result<(), String> {
        let now = live(lab);
        let twice: Vec<&String> = now.iter().filter(|(_, all)| all.len() > 1).map(|(name, _)| name).collect();
        if !twice.is_empty() {
            return Err(format!("there more than once: {twice:?}"));
        }
        let (names, declared): (BTreeSet<_>, BTreeSet<_>) = (now.keys().collect(), manifests.keys().collect());
        if names != declared {
            return Err(format!("there are {names:?}, declared are {declared:?}"));
        }
        for (name, all) in self.live.iter().filter(|(name, _)| !self.replaced.contains(*name)) {
            let link = |event: &Value| event["onlineMeeting"]["joinUrl"].clone();
            if link(&all[0]).is_string() && link(&all[0]) != link(&now[name][0]) {
                return Err(format!("the join link of {name} is not what it was"));
            }
        }
        let sent = lab.mails(self.mailed);
        let over: Vec<_> =
            sent.iter().filter(|(mail, times)| most.get(*mail).copied().unwrap_or(0) < **times).collect();
        if over.is_empty() {
            Ok(())
        } else {
            Err(format!("mail that was not announced: {over:?}\nannounced: {most:?}"))
        }
    }
}

/// The live events of both organizers by name, as often as they are there.
fn live(lab: &Lab) -> BTreeMap<String, Vec<Value>> {
    let mut all: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for organizer in [ORGANIZER, DEPUTY] {
        for (name, event) in lab.house.events(organizer) {
            all.entry(name).or_default().push(event);
        }
    }
    all
}

fn deny(lab: &Lab, organizer: &str, denied: bool) {
    let (status, answer) =
        lab.house.call("PATCH", &format!("/sandbox/users/{organizer}"), Some(&json!({"denied": denied})));
    assert_eq!(status, 204, "{answer}");
}

fn larger(one: &Mails, other: &Mails) -> Mails {
    let mut most = one.clone();
    for (mail, times) in other {
        let most = most.entry(mail.clone()).or_default();
        *most = (*most).max(*times);
    }
    most
}

/// Runs the numbers side by side; the errors that came of it.
fn side_by_side(numbers: std::ops::Range<u64>, run: impl Fn(u64) -> Result<(), String> + Sync) -> Vec<String> {
    let next = AtomicU64::new(numbers.start);
    let work = || {
        let mut wrong = vec![];
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= numbers.end {
                return wrong;
            }
            wrong.extend(run(number).err());
        }
    };
    std::thread::scope(|scope| {
        let all: Vec<_> = (0..8).map(|_| scope.spawn(work)).collect();
        all.into_iter().flat_map(|one| one.join().unwrap()).collect()
    })
}

#[test]
fn whatever_comes_between_it_settles_with_nothing_twice_and_no_mail_unannounced() {
    let from = number("SOAK_FROM", 0);
    let runs = number("SOAK_RUNS", 12);
    let wrong = side_by_side(from..from + runs, |seed| {
        let mut soak = Soak::new(seed, true);
        for change in 0..8 {
            soak.change()
                .map_err(|error| format!("seed {seed}, change {change}: {}\n{error}", soak.said.join("; ")))?;
        }
        Ok(())
    });
    assert!(wrong.is_empty(), "{} of {runs} runs:\n{}", wrong.len(), wrong.join("\n\n"));
}

/// A tenant in which something is applied, and a change to be applied next; the same for the same seed.
fn to_be_killed(seed: u64) -> Result<(Soak, Project), String> {
    let mut soak = Soak::new(seed, false);
    for _ in 0..3 {
        let project = soak.edited();
        soak.settle(&project, Between::Nothing)?;
    }
    let project = soak.edited();
    Ok((soak, project))
}

#[test]
fn killed_at_each_request_whatever_is_left_of_the_state_it_settles() {
    let (plans, kills) = (number("SOAK_PLANS", 1), AtomicU64::new(0));
    let wrong = side_by_side(0..plans, |seed| {
        for requests in 1.. {
            let kinds = [Between::Killed, Between::KilledAndLost, Between::KilledAndOlder];
            for between in kinds.map(|kind| kind(requests)) {
                let (mut soak, project) = to_be_killed(seed)?;
                kills.fetch_add(1, Ordering::Relaxed);
                soak.settle(&project, between)
                    .map_err(|error| format!("plan {seed}, {between:?}: {}\n{error}", soak.said.join("; ")))?;
            }
            let (mut soak, project) = to_be_killed(seed)?;
            // An apply that ends between two looks at it was not stopped, though it has more requests.
            if !soak.lab.kill(&project, requests) && requests > 5 {
                return Ok(());
            }
        }
        Ok(())
    });
    println!("{plans} plans were killed {} times", kills.into_inner());
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}
