//! What was sent of late, over all writers of one state: what windows are counted from.
//!
//! It is kept in sums by the hour for as long as the longest window, so that any number of applies takes no more room than the hours
//! do. What is about to be sent is in the state before it is sent: an apply that is killed counts as what it had planned.

use crate::kind::workspace::Window;
use crate::model::Key;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// How many times of one key are remembered: as many as a limit can allow.
pub const REVERTS: usize = 20;

/// What counts of one apply.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Sent {
    /// Mails, those among them that were only possible.
    pub mails: usize,
    /// What was cancelled or replaced.
    pub removals: usize,
    /// What was changed, removals among it.
    pub changes: usize,
    /// Hashes of the people beyond their organizers' domains who were mailed.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub outside: BTreeSet<String>,
    /// Whose drift was put back.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub reverts: BTreeSet<Key>,
}

/// Numbers of one hour.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Sums {
    /// As `Sent` has them.
    pub mails: usize,
    pub removals: usize,
    pub changes: usize,
}

/// What an apply may have sent that has not said what it did: it runs, or was killed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Sending {
    /// When it began.
    at: Timestamp,
    #[serde(flatten)]
    planned: Sent,
}

/// What was sent within the last thirty days.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Spent {
    /// The sums of each hour, by when the last of it was sent: the whole hour counts until that leaves a window.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    hours: BTreeMap<Timestamp, Sums>,
    /// When each of the people beyond their organizers' domains was last mailed.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    outside: BTreeMap<String, Timestamp>,
    /// When drift of each key was put back.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    reverts: BTreeMap<Key, Vec<Timestamp>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sending: Option<Sending>,
}

/// Something that counts in a window, by when it was sent.
pub type Counted = Vec<(Timestamp, usize)>;

impl Spent {
    /// Takes in what an apply is about to send. What one before it has not said to be otherwise was sent as planned.
    pub fn begin(&mut self, at: Timestamp, planned: Sent) {
        if let Some(Sending { at, planned }) = self.sending.take() {
            self.add(at, planned);
        }
        self.sending = (planned != Sent::default()).then_some(Sending { at, planned });
    }

    /// Takes in what it did send, in the place of what it had planned.
    pub fn end(&mut self, at: Timestamp, sent: Sent) {
        self.sending = None;
        self.add(at, sent);
    }

    fn add(&mut self, at: Timestamp, sent: Sent) {
        let Sent { mails, removals, changes, outside, reverts } = sent;
        let hour = |at: Timestamp| at.as_second().div_euclid(3600);
        if (mails, removals, changes) != (0, 0, 0) {
            let same = self.hours.keys().copied().find(|it| hour(*it) == hour(at));
            let before = same.and_then(|it| self.hours.remove(&it)).unwrap_or_default();
            let sums = Sums {
                mails: before.mails.saturating_add(mails),
                removals: before.removals.saturating_add(removals),
                changes: before.changes.saturating_add(changes),
            };
            self.hours.insert(same.map_or(at, |it| it.max(at)), sums);
        }
        for person in outside {
            let last = self.outside.entry(person).or_insert(at);
            *last = at.max(*last);
        }
        for key in reverts {
            let times = self.reverts.entry(key).or_default();
            times.push(at);
            times.sort();
            times.drain(..times.len().saturating_sub(REVERTS));
        }
        self.forget(at);
    }

    /// Counts what was put back under one key for another, which the resource has from here on.
    pub fn rename(&mut self, old: &Key, new: &Key) {
        if let Some(before) = self.reverts.remove(old) {
            let times = self.reverts.entry(new.clone()).or_default();
            times.extend(before);
            times.sort();
            times.drain(..times.len().saturating_sub(REVERTS));
        }
        if let Some(sending) = &mut self.sending
            && sending.planned.reverts.remove(old)
        {
            sending.planned.reverts.insert(new.clone());
        }
    }

    /// Forgets what no window reaches any more.
    fn forget(&mut self, now: Timestamp) {
        let kept = |at: Timestamp| Window::LONGEST.left(at) > now;
        self.hours.retain(|at, _| kept(*at));
        self.outside.retain(|_, at| kept(*at));
        self.reverts.values_mut().for_each(|times| times.retain(|at| kept(*at)));
        self.reverts.retain(|_, times| !times.is_empty());
    }

    /// Returns how much was sent of something within a window that ends now, the oldest first.
    pub fn sums(&self, window: Window, now: Timestamp, of: impl Fn(&Sums) -> usize) -> Counted {
        let open = self.sending.as_ref().map(|Sending { at, planned: Sent { mails, removals, changes, .. } }| {
            (*at, Sums { mails: *mails, removals: *removals, changes: *changes })
        });
        let all = self.hours.iter().map(|(at, sums)| (*at, *sums)).chain(open);
        within(window, now, all.map(|(at, sums)| (at, of(&sums))).filter(|(_, number)| *number > 0))
    }

    /// Returns the people beyond their organizers' domains who were mailed within a window that ends now, but for some.
    pub fn outside(&self, window: Window, now: Timestamp, but: &BTreeSet<String>) -> Counted {
        let mut last = self.outside.clone();
        if let Some(Sending { at, planned }) = &self.sending {
            for person in &planned.outside {
                let known = last.entry(person.clone()).or_insert(*at);
                *known = (*at).max(*known);
            }
        }
        last.retain(|person, _| !but.contains(person));
        within(window, now, last.into_values().map(|at| (at, 1)))
    }

    /// Returns when drift of a resource was put back within a window that ends now, under any of its keys, the oldest first.
    pub fn reverts(&self, window: Window, now: Timestamp, keys: &[&Key]) -> Counted {
        let is_open = |it: &&Sending| keys.iter().any(|key| it.planned.reverts.contains(key));
        let open = self.sending.iter().filter(is_open).map(|it| it.at);
        let times = keys.iter().filter_map(|key| self.reverts.get(key)).flatten().copied();
        within(window, now, times.chain(open).map(|at| (at, 1)))
    }
}

/// What a clock that ran ahead has written counts as sent now.
fn within(window: Window, now: Timestamp, all: impl Iterator<Item = (Timestamp, usize)>) -> Counted {
    let mut counted: Counted = all.map(|(at, number)| (at.min(now), number)).collect();
    counted.retain(|(at, _)| window.left(*at) > now);
    counted.sort();
    counted
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::KindId;

    fn at(text: &str) -> Timestamp {
        format!("2031-01-{text}Z").parse().unwrap()
    }

    fn mails(mails: usize) -> Sent {
        Sent { mails, ..Sent::default() }
    }

    fn counted(spent: &Spent, window: &str, now: &str) -> usize {
        let all = spent.sums(window.parse().unwrap(), at(now), |sums| sums.mails);
        all.iter().map(|(_, number)| number).sum()
    }

    #[test]
    fn any_number_of_applies_takes_the_room_of_the_hours_and_none_is_lost() {
        let mut spent = Spent::default();
        let then = |number: i64| Timestamp::from_second(number * 600).unwrap();
        let all = 40 * 24 * 6;
        for number in 0..all {
            spent.begin(then(number), mails(9));
            spent.end(then(number), Sent { reverts: [Key::new(KindId::Event, "weekly")].into(), ..mails(1) });
        }
        assert_eq!((spent.hours.len(), spent.reverts.len()), (30 * 24, 1));
        let sums = |window: &str| -> usize {
            spent.sums(window.parse().unwrap(), then(all), |sums| sums.mails).iter().map(|it| it.1).sum()
        };
        assert_eq!((sums("24h"), sums("30d")), (24 * 6, 30 * 24 * 6));
        let kept = spent.reverts("30d".parse().unwrap(), then(all), &[&Key::new(KindId::Event, "weekly")]);
        assert_eq!(kept.len(), REVERTS);
    }

    #[test]
    fn an_apply_that_was_killed_counts_as_what_it_had_planned() {
        let mut spent = Spent::default();
        spent.begin(at("01T10:10:00"), mails(7));
        assert_eq!(counted(&spent, "24h", "01T10:20:00"), 7, "it runs");
        spent.begin(at("01T10:30:00"), mails(3));
        assert_eq!(counted(&spent, "24h", "01T10:40:00"), 10, "it was killed, and another one runs");
        spent.end(at("01T10:50:00"), mails(1));
        assert_eq!(counted(&spent, "24h", "01T10:50:00"), 8, "which sent less than it had planned");
        let read: Spent = serde_json::from_str(&serde_json::to_string(&spent).unwrap()).unwrap();
        assert_eq!(read, spent);
        assert_eq!(counted(&spent, "24h", "02T10:49:59"), 8, "one hour leaves a window at once");
        assert_eq!(counted(&spent, "24h", "02T10:50:00"), 0);
    }

    #[test]
    fn a_clock_that_ran_ahead_counts_as_now() {
        let mut spent = Spent::default();
        spent.end(at("09T10:00:00"), mails(7));
        assert_eq!(spent.sums("1h".parse().unwrap(), at("01T10:00:00"), |it| it.mails), [(at("01T10:00:00"), 7)]);
    }

    #[test]
    fn somebody_who_is_mailed_again_counts_once_and_from_the_last_time() {
        let mut spent = Spent::default();
        let to = |names: &[&str]| Sent { outside: names.iter().map(|it| it.to_string()).collect(), ..Sent::default() };
        spent.end(at("01T10:00:00"), to(&["a", "b"]));
        spent.begin(at("01T12:00:00"), to(&["b", "c"]));
        let others = |but: &[&str], now: &str| {
            let but = but.iter().map(|it| it.to_string()).collect();
            spent.outside("24h".parse().unwrap(), at(now), &but).len()
        };
        assert_eq!((others(&[], "01T13:00:00"), others(&["a", "c"], "01T13:00:00")), (3, 1));
        assert_eq!((others(&[], "02T10:00:00"), others(&["b"], "02T10:00:00")), (2, 1));
    }
}
