//! An operator that is killed, or stopped while another one takes over, at each of its requests to Graph, the API server and the state:
//! a file, an object in a store, or a Secret.

use crate::EVENTS;
use crate::support::api::Api;
use crate::support::bucket::{Bucket, opened};
use crate::support::gate::Gate;
use crate::support::inside::{Operator, Swift};
use crate::support::{House, cancelled, event, is_ready, often, set, workspace};
use convoke_operator::Terms;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// No round asks more.
const MOST: u64 = 200;

/// So many houses stand side by side, each with its own share of the requests.
const HOUSES: u64 = 6;

struct Stage {
    house: House,
    api: Api,
    bucket: Bucket,
    /// What is changed once more each time.
    turn: usize,
}

impl Stage {
    /// Everything is as declared, with the state in a file or in a store.
    fn new(state: Value) -> Stage {
        let house = House::new();
        let stage = Stage { api: house.cluster(), house, bucket: Bucket::default(), turn: 0 };
        stage.api.secret("state", &[]);
        stage.api.write("workspaces", workspace(state));
        stage.declare();
        stage.settle();
        stage
    }

    /// One event changes, one is new, and one goes.
    fn next(&mut self) {
        self.turn += 1;
        self.declare();
        self.api.delete(EVENTS, &self.name(self.turn - 1));
    }

    fn declare(&self) {
        self.api.write(EVENTS, event("kept", &format!("Title {}", self.turn)));
        let mut new = cancelled(&self.name(self.turn), json!({}));
        new["spec"]["subject"] = json!(self.name(self.turn));
        self.api.write(EVENTS, new);
    }

    fn name(&self, turn: usize) -> String {
        format!("new-{turn}")
    }

    fn is_settled(&self) -> bool {
        let is_current =
            |it: &Value| it["status"]["observedGeneration"] == it["metadata"]["generation"] && is_ready(it);
        let all = self.api.objects();
        all.len() == 3 && all.iter().all(is_current)
    }

    /// An operator behind a gate.
    fn gated(&self, gate: &Gate, with: impl FnOnce(&mut Terms)) -> Operator {
        let [server, graph, store] = self.house.runtime.block_on(async {
            let graph = self.house.twin.url.replace("/v1.0", "");
            [
                gate.before(self.api.routes()).await,
                gate.before_server(&graph).await,
                gate.before(self.bucket.routes()).await,
            ]
        });
        let mut terms = self.house.terms();
        often(&mut terms);
        let graph = format!("{graph}/v1.0");
        set(&mut terms, &[("CONVOKE_GRAPH_URL", &graph)]);
        set(&mut terms, &opened(&store));
        with(&mut terms);
        Operator::start(&server, terms)
    }

    /// Lets another operator bring everything about.
    fn settle(&self) {
        let operator = self.gated(&Gate::at(u64::MAX, false), |_| {});
        operator.until("settled", || self.is_settled());
        operator.stop();
    }

    /// Everything is there once, and everybody was told once.
    fn holds(&self, when: &str) {
        let turn = self.turn;
        assert_eq!(self.house.subjects(), [format!("Title {turn}"), self.name(turn)], "{when}");
        let mails = self.house.twin.mails();
        let once: BTreeSet<(&str, &str)> = mails.iter().map(|it| (it.kind, it.subject.as_str())).collect();
        assert_eq!(once.len(), mails.len(), "{when}: {mails:?}");
        let counts = ["invitation", "update", "cancellation"].map(|kind| self.house.mails(kind));
        assert_eq!(counts, [turn + 2, turn, turn], "{when}: {mails:?}");
    }
}

/// What a round did is told once nothing of it is left to be sent.
fn has_ended(operator: &Operator) -> bool {
    operator.log().contains("Event/kept: update, applied")
}

/// Has each house go through its share of the requests; returns how many of them were stopped.
fn everywhere(each: impl Fn(u64) -> u64 + Sync) -> u64 {
    std::thread::scope(|scope| {
        let each = &each;
        let houses: Vec<_> = (0..HOUSES).map(|first| scope.spawn(move || each(first))).collect();
        houses.into_iter().map(|house| house.join().unwrap()).sum()
    })
}

#[test]
fn killed_at_any_request_the_next_one_settles_with_nothing_twice() {
    killed_everywhere(&json!({}));
}

#[test]
fn killed_at_any_request_with_its_state_in_a_secret_the_next_one_settles_with_nothing_twice() {
    killed_everywhere(&json!({"state": "secret://state"}));
}

fn killed_everywhere(state: &Value) {
    let killed = everywhere(|first| {
        let mut stage = Stage::new(state.clone());
        let mut killed = 0;
        for number in (first..MOST).step_by(HOUSES as usize) {
            let (request, done) = (number / 2 + 1, number % 2 == 1);
            stage.next();
            let gate = Gate::at(request, done);
            let operator = stage.gated(&gate, |_| {});
            operator.until("stopped", || gate.is_closed() || has_ended(&operator));
            let stopped = gate.is_closed();
            drop(operator);
            stage.settle();
            stage.holds(&format!("killed at request {request}, done: {done}"));
            if !stopped {
                break;
            }
            killed += 1;
        }
        killed
    });
    assert!(killed >= 35, "only {killed} were killed");
}

#[test]
fn stopped_at_any_request_while_another_one_takes_over_it_goes_on_and_does_nothing_twice() {
    stopped_everywhere(&json!({"state": "s3://convoke/state.json"}));
}

#[test]
fn stopped_at_any_request_with_its_state_in_a_secret_while_another_one_takes_over_it_does_nothing_twice() {
    stopped_everywhere(&json!({"state": "secret://state"}));
}

fn stopped_everywhere(state: &Value) {
    let stopped = everywhere(|first| {
        let mut stage = Stage::new(state.clone());
        let mut stopped = 0;
        for request in (first + 1..MOST).step_by(HOUSES as usize) {
            stage.next();
            let (gate, clock) = (Gate::at(request, false), Swift::new());
            let first = stage.gated(&gate, |it| it.clock = clock.clone());
            first.until("stopped", || gate.is_closed() || has_ended(&first));
            clock.held.send_replace(true);
            let is_last = !gate.is_closed();
            let second = stage.gated(&Gate::at(u64::MAX, false), |_| {});
            second.until("settled", || stage.is_settled());
            clock.held.send_replace(false);
            gate.open();
            // It goes on with what it was about to do, and then as if it were alone.
            let from = gate.passed();
            first.until("another round", || gate.passed() > from + 30);
            first.stop();
            second.until("settled", || stage.is_settled());
            second.stop();
            stage.holds(&format!("stopped at request {request}"));
            if is_last {
                break;
            }
            stopped += 1;
        }
        stopped
    });
    assert!(stopped >= 25, "only {stopped} were stopped");
}
