//! What can be told of an event as soon as it is read: that nothing is to be done with it, whatever else is read.
//!
//! Of thousands of events most are so, and little of them has to be kept until the plan is made. Where it cannot be told yet,
//! the answer is no.

use crate::kind::KindId;
use crate::kind::event::read;
use crate::model::{Applied, Desired, EXCEPTIONS, Have, Key, Live, Record, Records};
use crate::plan::{Action, Input, One, Policy, Step, event};
use jiff::Timestamp;
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::sync::LazyLock;

/// Nothing is known yet of what is live besides.
static NOTHING: LazyLock<Live> = LazyLock::new(Live::default);

/// Stands for the plan in requests that nobody sends.
const UNPLANNED: &str = "unplanned";

/// What events are held against.
pub struct Expected<'a> {
    input: Input<'a>,
    /// Names that were others' before: who has one of them now is told by all that is live.
    before: BTreeSet<&'a Key>,
}

impl<'a> Expected<'a> {
    /// What is declared, sorted by key, and what is known of it, at a time.
    pub fn of(desired: &'a [Desired], records: &'a Records, policy: &'a Policy, now: Timestamp) -> Expected<'a> {
        let before = desired.iter().flat_map(|want| &want.previously).collect();
        Expected { input: Input { desired, live: &NOTHING, records, policy, now }, before }
    }

    /// Returns what is to be kept of the properties of an event, if a plan does nothing with it and says nothing of it.
    pub fn settled(&self, have: &Have) -> Option<Map<String, Value>> {
        let key = &have.key;
        let want = &self.input.desired[self.input.desired.binary_search_by(|want| want.key.cmp(key)).ok()?];
        let record = self.input.records.resources.get(key)?;
        if key.kind().id != KindId::Event || have.owner.is_some() || self.before.contains(key) || depends(want) {
            return None;
        }
        // Its dates are read later.
        if had(&record.applied) || have.applied.as_ref().is_none_or(had) {
            return None;
        }
        let own = want.spec.own.look();
        if event::stands(record, want, &own, have) {
            debug_assert!(self.by_steps(have, want, record), "the short way says what the long one says");
            return Some(read::beside(&have.own, &own));
        }
        self.by_steps(have, want, record).then(|| read::beside(&have.own, &own))
    }

    /// The same, by all that a plan says of it.
    fn by_steps(&self, have: &Have, want: &Desired, record: &Record) -> bool {
        let (want, key) = (&want.opened(), &have.key);
        let one = One { input: &self.input, run: UNPLANNED, key, want: Some(want), record: Some(record), was: None };
        let [step] = &event::steps(&one, vec![have])[..] else { return false };
        *step == Step { seen: step.seen.clone(), ..one.step(&want.spec.organizer, Action::NoOp) }
    }
}

/// Whether it takes more than the event to tell how it stands.
fn depends(want: &Desired) -> bool {
    !want.spec.exceptions.is_empty() || want.needs_meetings() || !want.previously.is_empty()
}

fn had(applied: &Applied) -> bool {
    applied.fields.any_begins(EXCEPTIONS)
}
