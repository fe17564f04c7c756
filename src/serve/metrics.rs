//! What is counted, as Prometheus reads it. No label names a resource or a person.

use crate::report::verb;
use crate::serve::round::{Pending, Round, Seen};
use jiff::Timestamp;
use prometheus_client::encoding::prometheus_text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use std::collections::BTreeMap;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

type Labels = Vec<(&'static str, String)>;
type Seconds = Gauge<f64, AtomicU64>;

/// All numbers of one process.
pub struct Metrics {
    registry: Registry,
    rounds: Family<Labels, Counter>,
    steps: Family<Labels, Counter>,
    mails: Counter,
    managed: Gauge,
    drifted: Gauge,
    blocked: Gauge,
    pending: Family<Labels, Gauge>,
    pending_mails: Gauge,
    pending_removals: Gauge,
    ended: Seconds,
    well: Seconds,
    took: Seconds,
}

impl Metrics {
    /// Begins to count for a workspace, with nothing.
    pub fn new(workspace: &str) -> Metrics {
        let labels = [("workspace".into(), workspace.to_owned().into())];
        let mut metrics = Metrics {
            registry: Registry::with_prefix_and_labels("convoke", labels.into_iter()),
            rounds: Family::default(),
            steps: Family::default(),
            mails: Counter::default(),
            managed: Gauge::default(),
            drifted: Gauge::default(),
            blocked: Gauge::default(),
            pending: Family::default(),
            pending_mails: Gauge::default(),
            pending_removals: Gauge::default(),
            ended: Gauge::default(),
            well: Gauge::default(),
            took: Gauge::default(),
        };
        metrics.register();
        metrics
    }

    fn register(&mut self) {
        let it = &mut self.registry;
        it.register("rounds", "Rounds, by how they ended", self.rounds.clone());
        it.register("steps", "Resources that were written to Graph, by what was done", self.steps.clone());
        it.register("mails", "Mails that were sent, those counted that were only possible", self.mails.clone());
        it.register("managed_resources", "Resources of the workspace that are live", self.managed.clone());
        it.register("drifted_resources", "Resources that somebody else changed or took away", self.drifted.clone());
        it.register("blocked_resources", "Resources that need a person", self.blocked.clone());
        it.register("pending_plan", "1 for the plan that waits to be approved", self.pending.clone());
        it.register("pending_mails", "Mails of the plan that waits", self.pending_mails.clone());
        it.register("pending_removals", "Removals of the plan that waits", self.pending_removals.clone());
        it.register("last_round_timestamp_seconds", "When the last round ended", self.ended.clone());
        let well = "When the last round ended without a failure";
        it.register("last_good_round_timestamp_seconds", well, self.well.clone());
        it.register("last_round_duration_seconds", "How long the last round took", self.took.clone());
    }

    /// Counts a round that has just ended and took so long, and shows the plan that waits after it.
    pub fn count(&self, round: &Round, pending: Option<&Pending>, at: Timestamp, took: Duration) {
        let Round { ended, seen, sent, pending: _, lines: _, report: _ } = round;
        self.rounds.get_or_create(&vec![("ended", ended.word().into())]).inc();
        for (action, number) in &sent.steps {
            self.steps.get_or_create(&vec![("action", verb(*action).into())]).inc_by(*number as u64);
        }
        self.mails.inc_by(sent.mails as u64);
        if let Some(Seen { managed, drifted, blocked }) = seen {
            self.managed.set(*managed as i64);
            self.drifted.set(*drifted as i64);
            self.blocked.set(*blocked as i64);
        }
        let at = at.as_millisecond() as f64 / 1000.0;
        self.ended.set(at);
        self.took.set(took.as_secs_f64());
        if ended.is_well() {
            self.well.set(at);
        }
        self.wait_for(pending);
    }

    /// Shows the plan that waits.
    fn wait_for(&self, pending: Option<&Pending>) {
        self.pending.clear();
        if let Some(Pending { plan_id, .. }) = pending {
            self.pending.get_or_create(&vec![("plan_id", plan_id.clone())]).set(1);
        }
        let mails = pending.map_or(0, |it| it.summary.mails.total + it.summary.mails.possible);
        self.pending_mails.set(mails as i64);
        self.pending_removals.set(pending.map_or(0, |it| it.removals.len()) as i64);
    }

    /// Returns all of them as text.
    pub fn text(&self) -> String {
        let mut text = String::new();
        encode(&mut text, &self.registry).expect("a text takes whatever is written");
        text
    }
}

/// Puts the texts of several workspaces together: what a number is stands once, before those of all, as Prometheus wants it.
pub fn together(texts: &[String]) -> String {
    let mut all: BTreeMap<&str, (&str, String)> = BTreeMap::new();
    for number in texts.iter().flat_map(|text| text.split("# HELP ").skip(1)) {
        let name = number.split(' ').next().unwrap_or_default();
        // Two lines say what it is.
        let said = number.match_indices('\n').nth(1).map_or(number.len(), |(at, _)| at + 1);
        let (said, values) = number.split_at(said);
        all.entry(name).or_insert((said, String::new())).1.push_str(values);
    }
    all.into_values().map(|(said, values)| format!("# HELP {said}{values}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::serve::Ended;

    #[test]
    fn what_a_number_is_stands_once_before_those_of_all_workspaces() {
        let [one, other] = ["one", "other"].map(Metrics::new);
        one.count(&Round::without_plan(Ended::Failed, vec![]), None, Timestamp::UNIX_EPOCH, Duration::ZERO);
        let (alone, text) = (one.text(), together(&[one.text(), other.text()]));
        let said =
            |text: &str| text.lines().filter(|line| line.starts_with('#')).map(str::to_owned).collect::<Vec<_>>();
        let (mut first, mut all) = (said(&alone), said(&text));
        first.sort();
        all.sort();
        assert_eq!(all, first);
        let values = |text: &str| text.lines().filter(|line| !line.starts_with('#')).count();
        assert_eq!(values(&text), values(&alone) + values(&other.text()));
        let failed =
            "# TYPE convoke_rounds_total counter\nconvoke_rounds_total{workspace=\"one\",ended=\"failed\"} 1\n";
        assert!(text.contains(failed), "{text}");
        let mails = "convoke_mails_total{workspace=\"one\"} 0\nconvoke_mails_total{workspace=\"other\"} 0\n";
        assert!(text.contains(mails), "{text}");
    }
}
