//! The library without the program around it: many plans and applies in one process, at a time of the test's own.
//!
//! Every apply is held to its word: the mail that went out is the mail that was forecast, to the same people; the join link of
//! an event that was not replaced is what it was; a second plan finds nothing.

use super::{House, WORKSPACE};
use convoke::apply::{Fate, Outcome, apply, remember};
use convoke::graph::observe::{Scope, observe};
use convoke::graph::occurrences::occurrences;
use convoke::graph::schedule::schedules;
use convoke::graph::{Client, Settings, Token};
use convoke::kind::workspace::{Limits, Prune, Share};
use convoke::manifest::files::Source;
use convoke::manifest::{self, Manifests};
use convoke::model::Live;
use convoke::plan::{Action, Input, Plan, Policy, clash, plan, unread_series};
use convoke::sandbox::{Options, Quirks};
use convoke::state::State;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use std::collections::BTreeMap;

/// A second organizer, to whom an event may be moved.
pub const DEPUTY: &str = "megan@contoso.example";

pub struct Lab {
    pub house: House,
    client: Client,
    state: State,
    pub now: Timestamp,
    pub limits: Limits,
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
        let _ = rustls::crypto::ring::default_provider().install_default();
        let now: Timestamp = now.parse().unwrap();
        let quirks = Quirks { late_join_url: 0, late_look_up: 0, ..Quirks::all() };
        let limits = convoke::sandbox::Limits { requests: usize::MAX, ..Default::default() };
        let house = House::new(Options { now: Some(now), quirks, limits, ..Options::default() });
        let client =
            Client::new(Settings::new(&house.sandbox().url, Token::ready(house.sandbox().token.clone()))).unwrap();
        let state = State::open(&house.path(".convoke/state.json"), "contoso").unwrap();
        let limits = Limits { removals: Share::Percent(100), changes: Share::Percent(100), ..Limits::default() };
        Lab { house, client, state, now, limits }
    }

    /// Forgets what was applied, as if the state file had been deleted.
    pub fn lose_state(&mut self) {
        let _ = std::fs::remove_file(self.house.path(".convoke/state.json"));
        self.state = State::open(&self.house.path(".convoke/state.json"), "contoso").unwrap();
    }

    /// Reads manifests as a file beside the usual workspace.
    pub fn read(text: &str) -> Manifests {
        let source = |file: &str, text: &str| Source { file: file.into(), text: text.into() };
        manifest::read(vec![source("convoke.yaml", WORKSPACE), source("manifests.yaml", text)], None)
    }

    pub fn observe(&self, manifests: &Manifests) -> Live {
        let (records, ids, mailboxes) = (self.state.records(), self.state.users(), self.state.mailboxes());
        let scope = Scope {
            workspace: "contoso",
            desired: &manifests.desired,
            records: &records,
            mailboxes: &mailboxes,
            ids: &ids,
            every_meeting: false,
            tells_skipped: true,
        };
        self.house.wait(observe(&self.client, &scope))
    }

    /// Plans as `convoke plan` does.
    pub fn plan(&self, manifests: &Manifests) -> Plan {
        let mut live = self.observe(manifests);
        let records = self.state.records();
        let policy = Policy::of("contoso", Prune::Cancel, self.limits.clone());
        let of = |live: &Live| {
            plan(&Input { desired: &manifests.desired, live, records: &records, policy: &policy, now: self.now })
        };
        let first = of(&live);
        let series = unread_series(&first, &live);
        let input =
            Input { desired: &manifests.desired, live: &live, records: &records, policy: &policy, now: self.now };
        let asks = clash::asks(&first, &input);
        if series.is_empty() && asks.is_empty() {
            return first;
        }
        self.house.wait(occurrences(&self.client, &mut live, &series, true));
        self.house.wait(schedules(&self.client, &mut live, &asks));
        of(&live)
    }

    /// Plans and applies, and holds the apply to its word.
    pub fn apply(&mut self, manifests: &Manifests) -> Round {
        // A later plan has another time, so that no create is taken for an earlier one's.
        self.now = self.now.checked_add(SignedDuration::from_secs(60)).unwrap();
        let mut wrong: Vec<String> = manifests.problems.iter().map(|it| it.message.clone()).collect();
        let (links, mailed) = (self.links(), self.house.sandbox().mails().len());
        let plan = self.plan(manifests);
        let (_send, stop) = tokio::sync::watch::channel(false);
        let outcomes = self.house.wait(apply(&self.client, &plan, &self.state, 8, &stop, |_, _| {}));
        self.state.save().unwrap();
        for (step, outcome) in plan.steps.iter().zip(&outcomes) {
            if outcome.fate == Fate::Failed {
                wrong.push(format!("{} failed: {}", step.key, outcome.note.clone().unwrap_or_default()));
            }
        }
        let forecast = tally(plan.steps.iter().flat_map(|step| &step.mail).flat_map(|mail| {
            let kind = serde_json::to_value(mail.kind).unwrap();
            mail.to.iter().map(move |to| (kind.as_str().unwrap().to_owned(), to.clone()))
        }));
        let sent = self.house.sandbox().mails().split_off(mailed);
        let sent = tally(sent.into_iter().map(|mail| (mail.kind.to_owned(), mail.to.to_lowercase())));
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
        let second = self.plan(manifests);
        for step in second.steps.iter().filter(|step| !matches!(step.action, Action::NoOp | Action::Blocked)) {
            let changes: Vec<_> =
                step.changes.iter().map(|it| format!("{}: {} -> {}", it.field, it.current, it.desired)).collect();
            wrong.push(format!("a second plan still finds {:?} {}: {}", step.action, step.key, changes.join("; ")));
        }
        // What a second look finds done is written down, as the program does.
        for step in second.steps.iter().filter(|step| step.action == Action::NoOp) {
            remember(step, &self.state).unwrap();
        }
        self.state.save().unwrap();
        Round { plan, outcomes, wrong }
    }

    fn links(&self) -> BTreeMap<String, Value> {
        let events = [super::ORGANIZER, DEPUTY].into_iter().flat_map(|organizer| self.house.events(organizer));
        events.map(|(name, event)| (name, event["onlineMeeting"]["joinUrl"].clone())).collect()
    }
}

fn tally(all: impl Iterator<Item = (String, String)>) -> BTreeMap<(String, String), usize> {
    let mut sum = BTreeMap::new();
    for one in all {
        *sum.entry(one).or_insert(0) += 1;
    }
    sum
}
