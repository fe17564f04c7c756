//! What can be told of an event as soon as it is read: that nothing is to be done with it, whatever else is read.
//!
//! Of thousands of events most are so, and little of them has to be kept until the plan is made. Where it cannot be told yet,
//! the answer is no.

use crate::kind::KindId;
use crate::kind::event::{Glance, read};
use crate::model::{Applied, Desired, EXCEPTIONS, Have, Key, Live, Record, Records, Stood};
use crate::plan::{Action, Input, One, Policy, Step, event};
use jiff::Timestamp;
use rayon::prelude::*;
use serde_json::{Map, Value};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::LazyLock;

/// Nothing is known yet of what is live besides.
static NOTHING: LazyLock<Live> = LazyLock::new(Live::default);

/// Stands for the plan in requests that nobody sends.
const UNPLANNED: &str = "unplanned";

/// What is declared and known of an event.
type Known<'a> = (&'a Desired, &'a Record);

/// What events are held against.
pub struct Expected<'a> {
    input: Input<'a>,
    /// Names that were others' before: who has one of them now is told by all that is live.
    before: BTreeSet<&'a Key>,
    /// What stood as it was applied when the state was written, by its id.
    stood: HashMap<&'a str, Known<'a>>,
}

impl<'a> Expected<'a> {
    /// What is declared, sorted by key, and what is known of it, at a time.
    pub fn of(desired: &'a [Desired], records: &'a Records, policy: &'a Policy, now: Timestamp) -> Expected<'a> {
        let before: BTreeSet<&Key> = desired.iter().flat_map(|want| &want.previously).collect();
        let input = Input { desired, live: &NOTHING, records, policy, now };
        let stood = |want: &'a Desired| {
            let record = records.resources.get(&want.key).filter(|it| it.stood.is_some())?;
            let alone = is_event(&want.key) && !before.contains(&want.key) && !depends(want);
            (alone && event::is_plain(record, want)).then_some((record.id.as_str(), (want, record)))
        };
        let stood = desired.par_iter().filter_map(stood).collect::<Vec<_>>().into_iter().collect();
        Expected { input, before, stood }
    }

    /// Returns what is to be kept of an event in a list; `whole` reads it.
    ///
    /// Fails where it cannot be read.
    pub fn kept(
        &self,
        listed: &Glance,
        whole: &dyn Fn() -> serde_json::Result<Option<Have>>,
    ) -> serde_json::Result<Option<Box<Have>>> {
        if let Some(have) = self.at_a_glance(listed) {
            debug_assert!(self.is_so(&have, whole()?.as_ref()), "a glance tells what a whole look tells");
            return Ok(Some(have));
        }
        let settled = |have: Have| match self.told(&have) {
            None => have,
            Some((own, plain)) => {
                let of = plain.and_then(|(want, record)| self.digest(record, want, listed));
                Have { own, applied: None, settled: true, stood: of.map(Box::new), ..have }
            }
        };
        Ok(whole()?.map(|have| settled(have).into()))
    }

    /// Returns what is to be kept of an event that stands as it stood when the state was written, told without reading it.
    pub fn at_a_glance(&self, listed: &Glance) -> Option<Box<Have>> {
        let id = listed.id()?;
        let (want, record) = *self.stood.get(&*id)?;
        let there = listed.organizer == record.organizer && listed.calendar == record.calendar.as_ref();
        if !there || self.digest(record, want, listed) != record.stood {
            return None;
        }
        // What was applied are fingerprints of all that is declared.
        let declared: Vec<&str> = record.applied.fields.keys().collect();
        Some(Box::new(Have {
            organizer: record.organizer.clone(),
            calendar: record.calendar.clone(),
            etag: listed.etag(),
            own: listed.beside(|name| declared.contains(&name)),
            marked: true,
            settled: true,
            ..Have::new(want.key.clone(), &id)
        }))
    }

    fn digest(&self, record: &Record, want: &Desired, listed: &Glance) -> Option<Stood> {
        event::digest(&self.input.policy.workspace, record, want, listed)
    }

    /// Whether what was told at a glance is what is told of the whole event.
    fn is_so(&self, have: &Have, whole: Option<&Have>) -> bool {
        fn place(of: &Have) -> (&Key, &String, &String, [&Option<String>; 2]) {
            (&of.key, &of.organizer, &of.id, [&of.calendar, &of.etag])
        }
        let same = |whole: &&Have| place(have) == place(whole);
        whole.filter(same).and_then(|whole| self.settled(whole)).as_ref() == Some(&have.own)
    }

    /// Returns what is to be kept of the properties of an event, if a plan does nothing with it and says nothing of it.
    pub fn settled(&self, have: &Have) -> Option<Map<String, Value>> {
        self.told(have).map(|(own, _)| own)
    }

    /// The same, and of what was told by the short way what it was held against.
    fn told(&self, have: &Have) -> Option<(Map<String, Value>, Option<Known<'a>>)> {
        let key = &have.key;
        let want = &self.input.desired[self.input.desired.binary_search_by(|want| want.key.cmp(key)).ok()?];
        let record = self.input.records.resources.get(key)?;
        if !is_event(key) || have.owner.is_some() || self.before.contains(key) || depends(want) {
            return None;
        }
        // Its dates are read later.
        if had(&record.applied) || have.applied.as_ref().is_none_or(had) {
            return None;
        }
        let own = want.spec.own.look();
        let stands = event::stands(record, want, &own, have);
        debug_assert!(!stands || self.by_steps(have, want, record), "the short way says what the long one says");
        let live = |name: &str, member: Option<&str>| {
            let value = have.own.get(name)?;
            member.map_or(Some(value), |member| value.get(member)).cloned()
        };
        let told = || read::beside(live, |name| own.contains_key(name));
        (stands || self.by_steps(have, want, record)).then(|| (told(), stands.then_some((want, record))))
    }

    /// The same, by all that a plan says of it.
    fn by_steps(&self, have: &Have, want: &Desired, record: &Record) -> bool {
        let (want, key) = (&want.opened(), &have.key);
        let (input, organizer, record) = (&self.input, &want.spec.organizer, Some(record));
        let left = &HashSet::new();
        let one = One { input, run: UNPLANNED, all_read: true, left, key, want: Some(want), record, was: None };
        let [step] = &event::steps(&one, vec![have])[..] else { return false };
        *step == Step { seen: step.seen.clone(), ..one.step(organizer, Action::NoOp) }
    }
}

/// Whether it takes more than the event to tell how it stands.
fn depends(want: &Desired) -> bool {
    !want.spec.exceptions.is_empty() || want.needs_meetings() || !want.previously.is_empty()
}

fn is_event(key: &Key) -> bool {
    key.kind().id == KindId::Event
}

fn had(applied: &Applied) -> bool {
    applied.fields.any_begins(EXCEPTIONS)
}
