//! The library without the program around it: many plans and applies in one process, at a time of the test's own.
//!
//! Every apply is held to its word: the mail that went out is the mail that was forecast, to the same people; the join link of
//! an event that was not replaced is what it was; a second plan finds nothing.

use super::{House, WORKSPACE, settings};
use convoke::face::apply::{Fate, Outcome};
use convoke::face::graph::Client;
use convoke::face::kind::workspace::{Limits, Prune, Share};
use convoke::face::manifest::files::Source;
use convoke::face::manifest::{self, Manifests};
use convoke::face::plan::saved::Saved;
use convoke::face::plan::{Action, Plan, Policy};
use convoke::face::reconcile::{self, Done, Given, Going, Planned, Project, Session};
use convoke::face::sandbox::{Faults, Options, Quirks};
use convoke::face::state::store::{Part, Store};
use convoke::face::state::{Clock, Locked, Machine, Taking, Traffic};
use futures::FutureExt;
use futures::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::{Duration, Instant};

pub use super::DEPUTY;

/// Where the state stands unless a test says otherwise.
pub const STATE: &str = ".convoke/state.json";

/// What is not documented of `transactionId`, each way that it could be.
pub const READINGS: [&str; 7] = [
    "",
    "transaction-status=409",
    "transaction-existing-id=no",
    "transaction-status=409,transaction-existing-id=no,transaction-per-calendar",
    "transaction-after-delete=forgotten",
    "transaction-after-delete=repeated",
    "transaction-minutes=60",
];

/// Opens the place of a state by its name.
pub type Places = Box<dyn Fn(&str) -> Store + Send + Sync>;

pub struct Lab {
    pub house: House,
    client: Client,
    /// Where states are kept.
    places: Places,
    state: Option<Locked>,
    /// By which the lock of the state is held.
    clock: Arc<Still>,
    pub now: Timestamp,
    pub limits: Limits,
    /// How long an event is looked for that was made before.
    pub look_for: Duration,
}

/// How often each sort of mail goes to each address.
pub type Mails = BTreeMap<(String, String), usize>;

/// What became of an apply that was stopped while another machine took its lock over.
pub struct Overtaken {
    /// What it did all in all, if it was stopped before its end.
    pub first: Option<anyhow::Result<Done>>,
    /// What the other machine did.
    pub second: Done,
    /// How many writes the twin has seen of the first one after that.
    pub late: u64,
}

/// What one apply did, and what was wrong with it.
pub struct Round {
    pub plan: Plan,
    pub outcomes: Vec<Outcome>,
    pub wrong: Vec<String>,
}

impl Lab {
    /// A twin that stands still at `now`, with its quirks on but for those that only make one wait.
    pub fn new(now: &str) -> Lab {
        Lab::with(now, None, Quirks { late_join_url: 0, late_look_up: 0, ..Quirks::all() })
    }

    /// The same, with some quirks switched, and faults.
    pub fn quirky(now: &str, quirks: &str, faults: Option<Faults>) -> Lab {
        Lab::with(now, faults, Quirks { late_join_url: 0, late_look_up: 0, ..Quirks::all() }.with(quirks).unwrap())
    }

    /// A twin that stands still at `now`, with faults and quirks of the test's own.
    pub fn with(now: &str, faults: Option<Faults>, quirks: Quirks) -> Lab {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let now: Timestamp = now.parse().unwrap();
        let limits = convoke::face::sandbox::Limits { requests: usize::MAX, ..Default::default() };
        let house = House::new(Options { now: Some(now), faults, quirks, limits, ..Options::default() });
        let client = client(&house);
        let clock = Arc::new(Still::default());
        let folder = house.folder.path().to_owned();
        let places: Places = Box::new(move |file| Store::file(folder.join(file)));
        let limits = Limits { removals: Share::Percent(100), changes: Share::Percent(100), ..Limits::default() };
        let mut lab = Lab { house, client, places, state: None, clock, now, limits, look_for: Duration::ZERO };
        lab.with_state(STATE);
        lab
    }

    /// Keeps its states elsewhere.
    pub fn kept_in(mut self, places: Places) -> Lab {
        self.places = places;
        self.with_state(STATE);
        self
    }

    /// Forgets what was applied, as if the state had been deleted.
    pub fn lose_state(&mut self) {
        self.state = None;
        self.house.wait(self.place(STATE).remove(&Part::Document)).unwrap();
        self.with_state(STATE);
    }

    /// Returns a copy of the state as it stands, if there is one.
    pub fn copy_of_state(&self) -> Option<Vec<u8>> {
        self.house.wait(self.place(STATE).load(&Part::Document)).unwrap().map(|(bytes, _)| bytes)
    }

    /// Goes on with a copy that was made earlier.
    pub fn restore_state(&mut self, copy: &[u8]) {
        self.state = None;
        let place = self.place(STATE);
        self.house.wait(place.remove(&Part::Document)).unwrap();
        assert!(self.house.wait(place.save_if(&Part::Document, copy, None)).is_ok());
        self.with_state(STATE);
    }

    /// Goes on with the state in another file, as somebody else does who has a copy of the manifests and not of the state.
    pub fn with_state(&mut self, file: &str) {
        self.state = None;
        self.state = Some(self.taken(file));
    }

    fn taken(&self, file: &str) -> Locked {
        // In a store the lock of who was killed is waited for.
        let taking = Taking { clock: self.clock.clone(), timeout: Duration::from_secs(180), ..Taking::default() };
        self.house.wait(Locked::take(self.place(file), "contoso", &taking)).unwrap()
    }

    fn place(&self, file: &str) -> Store {
        (self.places)(file)
    }

    /// Goes on as if so much time went by whenever the state asks for it, which it does at the end of each step.
    pub fn with_steps_of(&mut self, time: Duration) {
        let (began, asked) = (Instant::now(), AtomicU32::new(0));
        let clock = move || began + time * asked.fetch_add(1, Ordering::Relaxed);
        self.state = self.state.take().map(|state| state.with_clock(clock));
    }

    /// What was written into the state since it was taken.
    pub fn traffic(&self) -> Traffic {
        self.house.wait(self.state().traffic())
    }

    /// What is remembered.
    pub fn state(&self) -> &Locked {
        self.state.as_ref().expect("it is gone only while it is lost")
    }

    /// Reads manifests as a file beside the usual workspace.
    pub fn read(text: &str) -> Project {
        let source = |file: &str, text: &str| Source { file: file.into(), text: text.into(), found: false };
        let manifests: Manifests =
            manifest::read(vec![source("convoke.yaml", WORKSPACE), source("manifests.yaml", text)], None);
        Project { workspace: manifests.workspace.clone(), manifests, whole: true, given: Given::default() }
    }

    fn session<'a>(&'a self, project: &'a Project) -> Session<'a> {
        let policy = Policy::of("contoso", Prune::Cancel, self.limits.clone());
        Session { project, client: &self.client, policy, adopt: vec![] }
    }

    /// Plans as `convoke plan` does.
    pub fn plan(&self, project: &Project) -> Plan {
        self.planned(project).plan
    }

    /// Plans, and keeps what is needed to send the plan later.
    pub fn planned(&self, project: &Project) -> Planned {
        let (session, state) = (self.session(project), self.state().state());
        self.house.wait(reconcile::plan(&session, &state, self.now)).unwrap()
    }

    /// Plans as one of several runs does that send a part each, such as `2/8`.
    pub fn planned_part(&self, project: &Project, shard: &str) -> Planned {
        let mut planned = self.planned(project);
        planned.keep_to(shard.parse().unwrap(), &self.session(project), &self.state().state());
        planned
    }

    /// The document of a plan that was just made.
    pub fn saved(&self, project: &Project, planned: &Planned) -> Saved {
        reconcile::saved(&self.session(project), &self.state().state(), planned, None).unwrap()
    }

    /// Sends a plan that was made earlier, whatever has become of the tenant since.
    pub fn send(&self, project: &Project, planned: &Planned) -> Done {
        let (_send, stop) = tokio::sync::watch::channel(false);
        let (session, clock) = (self.session(project), || self.now);
        let (look_for, done) = (self.look_for, &mut |_: &_, _: &_| {});
        let going = Going { parallelism: 8, look_for, stop, patience: &[], clock: &clock, done };
        self.house.wait(reconcile::apply(&session, &mut planned.clone(), self.state(), going)).unwrap()
    }

    /// Sends two plans at the same moment, the second one by somebody with a state in another file.
    pub fn send_both(&self, project: &Project, plans: [&Planned; 2], other: &str) -> (Done, Done) {
        let (session, clock, other) = (self.session(project), || self.now, self.taken(other));
        let send = |planned: &Planned, state| {
            let (_send, stop) = tokio::sync::watch::channel(false);
            let (session, clock, look_for, mut planned) = (&session, &clock, self.look_for, planned.clone());
            async move {
                let done = &mut |_: &_, _: &_| {};
                let going = Going { parallelism: 8, look_for, stop, patience: &[], clock, done };
                reconcile::apply(session, &mut planned, state, going).await.unwrap()
            }
        };
        self.house.wait(futures::future::join(send(plans[0], self.state()), send(plans[1], &other)))
    }

    /// Plans and applies, and drops everything once the twin has seen so many requests of the apply, as a process is killed:
    /// what the state file does not hold by then is lost. Returns whether it was stopped before its end.
    pub fn kill(&mut self, project: &Project, requests: u64) -> bool {
        self.now = self.now.checked_add(SignedDuration::from_secs(60)).unwrap();
        let mut planned = self.planned(project);
        let (_send, stop) = tokio::sync::watch::channel(false);
        let (session, clock) = (self.session(project), || self.now);
        let going =
            Going { parallelism: 1, look_for: self.look_for, stop, clock: &clock, patience: &[], done: &mut |_, _| {} };
        let enough = self.house.sandbox().counts().requests + requests;
        let mut apply = Box::pin(reconcile::apply(&session, &mut planned, self.state(), going));
        let killed = self.house.wait(std::future::poll_fn(|context| match apply.as_mut().poll(context) {
            Poll::Ready(done) => Poll::Ready(done.is_err()),
            Poll::Pending if self.house.sandbox().counts().requests >= enough => Poll::Ready(true),
            Poll::Pending => Poll::Pending,
        }));
        drop(apply);
        drop(session);
        // What was sent last is done or not before anybody looks: the connections of the dead are closed, those that the twin
        // has not taken yet too, for it takes them in turn.
        self.client = client(&self.house);
        self.house.call("GET", "/sandbox/counts", None);
        self.house.wait(self.house.sandbox().alone());
        self.with_state(STATE);
        killed
    }

    /// Plans and applies, and stops once the twin has seen so many requests of the apply, as a machine falls asleep. Another machine
    /// takes the lock over and applies; then the first one goes on.
    pub fn overtaken(&mut self, project: &Project, requests: u64) -> Overtaken {
        self.now = self.now.checked_add(SignedDuration::from_secs(60)).unwrap();
        let mut planned = self.planned(project);
        let (session, clock, look_for) = (self.session(project), || self.now, self.look_for);
        let (_send, stop) = tokio::sync::watch::channel(false);
        let going = |parallelism| Going {
            parallelism,
            look_for,
            stop: stop.clone(),
            clock: &clock,
            patience: &[],
            // Never freed: it is told nothing that takes room.
            done: Box::leak(Box::new(|_: &_, _: &_| {})),
        };
        let enough = self.house.sandbox().counts().requests + requests;
        let mut apply = Box::pin(reconcile::apply(&session, &mut planned, self.state(), going(1)));
        let ended = self.house.wait(std::future::poll_fn(|context| match apply.as_mut().poll(context) {
            Poll::Ready(done) => Poll::Ready(Some(done)),
            Poll::Pending if self.house.sandbox().counts().requests >= enough => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }));
        let second = self.house.wait(async {
            let locked = self.taken_over().await;
            let client = client(&self.house);
            let session = Session { client: &client, ..self.session(project) };
            let mut planned = reconcile::plan(&session, &locked.state(), self.now).await.unwrap();
            let done = reconcile::apply(&session, &mut planned, &locked, going(8)).await.unwrap();
            locked.release().await.unwrap();
            done
        });
        self.clock.advance(Duration::from_secs(600));
        let writes = self.house.writes();
        let first = if ended.is_some() { None } else { Some(self.house.wait(&mut apply)) };
        let late = self.house.writes() - writes;
        drop(apply);
        drop(session);
        self.with_state(STATE);
        Overtaken { first, second, late }
    }

    /// Takes the lock over from another machine, whose locks this one does not see in the folder that they share.
    async fn taken_over(&self) -> Locked {
        let _ = std::fs::remove_file(self.house.path(&format!("{STATE}.lock")));
        let machine = Machine { host: Some("elsewhere".into()), boot: None };
        let (clock, timeout) = (Arc::new(Still::default()), Duration::from_secs(180));
        let taking = Taking { machine, clock, timeout, ..Taking::default() };
        Locked::take(self.place(STATE), "contoso", &taking).await.unwrap()
    }

    /// Plans and applies, and holds the apply to its word.
    pub fn apply(&mut self, project: &Project) -> Round {
        // A later plan has another time, so that no create is taken for an earlier one's.
        self.now = self.now.checked_add(SignedDuration::from_secs(60)).unwrap();
        let mut wrong: Vec<String> = project.manifests.problems.iter().map(|it| it.message.clone()).collect();
        let (links, mailed) = (self.links(), self.house.sandbox().mails().len());
        let planned = self.planned(project);
        let done = self.send(project, &planned);
        let (plan, outcomes) = (planned.plan, done.outcomes);
        wrong.extend(done.unsaved.map(|error| format!("{error:#}")));
        for (step, outcome) in plan.steps.iter().zip(&outcomes) {
            if matches!(outcome.fate, Fate::Failed | Fate::Unsettled) {
                wrong.push(format!(
                    "{} failed or did not settle: {}",
                    step.key,
                    outcome.note.clone().unwrap_or_default()
                ));
            }
        }
        let (forecast, sent) = (forecast(&plan), self.mails(mailed));
        if forecast != sent {
            wrong.push(format!("mail sent: {sent:?}\nforecast:  {forecast:?}"));
        }
        let now = self.links();
        for step in
            plan.steps.iter().filter(|step| matches!(step.action, Action::Update | Action::NoOp | Action::Blocked))
        {
            let (before, now) = (links.get(step.key.name()), now.get(step.key.name()));
            if before.is_some_and(|link| link.is_string()) && before != now {
                wrong.push(format!("the join link of {} is not what it was", step.key));
            }
        }
        let second = done.second.iter().flat_map(|second| &second.steps);
        for step in second.filter(|step| !matches!(step.action, Action::NoOp | Action::Blocked)) {
            let changes: Vec<_> =
                step.changes.iter().map(|it| format!("{}: {} -> {}", it.field, it.current, it.desired)).collect();
            wrong.push(format!("a second plan still finds {:?} {}: {}", step.action, step.key, changes.join("; ")));
        }
        Round { plan, outcomes, wrong }
    }

    /// The mail since the ledger held `from`, by sort and whom it went to.
    pub fn mails(&self, from: usize) -> Mails {
        let sent = self.house.sandbox().mails().split_off(from);
        tally(sent.into_iter().map(|mail| (mail.kind.to_owned(), mail.to.to_lowercase())))
    }

    /// The join links of all events, by name.
    pub fn links(&self) -> BTreeMap<String, Value> {
        let events = [super::ORGANIZER, DEPUTY].into_iter().flat_map(|organizer| self.house.events(organizer));
        events.map(|(name, event)| (name, event["onlineMeeting"]["joinUrl"].clone())).collect()
    }
}

/// The mail that a plan announces, by sort and whom it goes to.
pub fn forecast(plan: &Plan) -> Mails {
    tally(plan.steps.iter().flat_map(|step| &step.mail).flat_map(|mail| {
        let kind = serde_json::to_value(mail.kind).unwrap();
        mail.to.iter().map(move |to| (kind.as_str().unwrap().to_owned(), to.clone()))
    }))
}

fn client(house: &House) -> Client {
    Client::new(settings(house)).unwrap()
}

/// A clock that stands still unless a test moves it: who waits a moment has waited, and what is due later never comes.
#[derive(Default)]
struct Still(Mutex<Duration>);

impl Still {
    fn advance(&self, by: Duration) {
        *self.0.lock().unwrap() += by;
    }
}

impl Clock for Still {
    fn now(&self) -> Duration {
        *self.0.lock().unwrap()
    }

    fn sleep(&self, time: Duration) -> BoxFuture<'static, ()> {
        if time > Duration::from_secs(1) {
            return std::future::pending().boxed();
        }
        self.advance(time);
        std::future::ready(()).boxed()
    }
}

fn tally(all: impl Iterator<Item = (String, String)>) -> Mails {
    let mut sum = BTreeMap::new();
    for one in all {
        *sum.entry(one).or_insert(0) += 1;
    }
    sum
}
