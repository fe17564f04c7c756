//! What was last applied to an object, by the state's record and by the object's own mark, and how it stood in the answers.

use crate::kind::fingerprint;
use crate::model::{Applied, Have, Record};
use crate::plan::One;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// What is known of the last apply.
#[derive(Clone)]
pub struct Last<'a> {
    applied: Option<Cow<'a, Applied>>,
    /// The record, where it speaks of the same object.
    record: Option<&'a Record>,
}

/// Returns what is known of the last apply to an event.
///
/// Record and mark are compared only where they speak of the same object, id and incarnation; else the mark alone counts. The
/// newer one wins. What the first draft wrote has no counter: its record knows more than its mark, which did not ride on a change
/// of attendees alone.
pub(super) fn last<'a>(one: &One<'a>, have: &'a Have) -> Last<'a> {
    last_of(one.record, have)
}

/// The same, with the record that the state has of the object's key.
pub(super) fn last_of<'a>(record: Option<&'a Record>, have: &'a Have) -> Last<'a> {
    let mark = have.applied.as_ref();
    let same = |record: &Record| {
        let incarnation = mark.map_or(record.applied.incarnation, |mark| mark.incarnation);
        record.id == have.id && record.applied.incarnation == incarnation
    };
    let record = record.filter(|record| same(record));
    let applied = match (record.map(|record| &record.applied), mark) {
        (Some(record), Some(mark)) if record.counter == 0 && mark.counter == 0 => Some(Cow::Borrowed(record)),
        (Some(record), Some(mark)) => Some(newer(record, mark)),
        (record, mark) => record.or(mark).map(Cow::Borrowed),
    };
    Last { applied, record }
}

/// Returns what was last applied to an object, as far as the record of its key and its own mark know.
pub fn last_applied(record: Option<&Record>, have: &Have) -> Option<Applied> {
    last_of(record, have).applied.map(Cow::into_owned)
}

/// The newer of record and mark, with everybody whom either of them added.
fn newer<'a>(record: &'a Applied, mark: &'a Applied) -> Cow<'a, Applied> {
    // Equal counters with different content: two runs wrote at once, and the mark is what stands on the object.
    let (new, old) = if record.counter > mark.counter { (record, mark) } else { (mark, record) };
    if record.attendees == mark.attendees && record.released.is_empty() && mark.released.is_empty() {
        return Cow::Borrowed(new);
    }
    let tie = new.counter == old.counter;
    let mut attendees = &new.attendees | &(&old.attendees - &new.released);
    if tie {
        attendees = &attendees - &old.released;
    }
    let released = &(&new.released | &old.released) - &attendees;
    match attendees == new.attendees && released == new.released {
        true => Cow::Borrowed(new),
        false => Cow::Owned(Applied { attendees, released, ..new.clone() }),
    }
}

impl<'a> Last<'a> {
    /// What the state alone knows, of an object without a mark.
    pub(super) fn of_record(record: Option<&'a Record>) -> Last<'a> {
        Last { applied: record.map(|record| Cow::Borrowed(&record.applied)), record }
    }

    /// What was declared, if anything is known of it.
    pub fn applied(&self) -> Option<&Applied> {
        self.applied.as_deref()
    }

    /// Whether it is known what was declared.
    pub fn is_known(&self) -> bool {
        self.applied.is_some()
    }

    /// Whether the state knows the object.
    pub fn is_recorded(&self) -> bool {
        self.record.is_some()
    }

    /// How often the object was written.
    pub fn counter(&self) -> u64 {
        self.applied().map_or(0, |applied| applied.counter)
    }

    /// The fingerprint of what was declared of a property.
    pub fn declared(&self, name: &str) -> Option<&str> {
        self.applied()?.fields.get(name)
    }

    /// Whether a property was declared as it is now.
    pub fn is_unchanged(&self, name: &str, now: &str) -> bool {
        self.declared(name).is_some_and(|declared| fingerprint::same(declared, now))
    }

    /// The fingerprint of how a property stood in the answer to the request that sent it, if that is known of the value that
    /// was declared last.
    pub fn landed(&self, name: &str) -> Option<&'a str> {
        let record = self.record?;
        let landed = record.landed.fields.get(name)?;
        self.is_unchanged(name, record.applied.fields.get(name)?).then_some(landed)
    }

    /// Whether the service had yet to complete a property.
    pub fn is_open(&self, name: &str) -> bool {
        self.record.is_some_and(|record| record.landed.open.contains(name))
    }

    /// The hash of each address that an attendee reads back as, if as another one than was sent.
    pub fn reads_back(&self, attendee: &str) -> Option<&'a BTreeSet<String>> {
        self.record?.landed.people.get(attendee)
    }

    /// Which attendees read back as another address than was sent.
    pub fn people(&self) -> Option<&'a BTreeMap<String, BTreeSet<String>>> {
        Some(&self.record?.landed.people)
    }

    /// Whether an attendee was added by us.
    pub fn is_ours(&self, attendee: &str) -> bool {
        let added = |it: &str| self.applied().is_some_and(|applied| applied.attendees.contains(it));
        let others = self.record.into_iter().flat_map(|record| &record.landed.people);
        added(attendee) || others.into_iter().any(|(sent, live)| live.contains(attendee) && added(sent))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::KindId;
    use crate::kind::hashes::Hashes;
    use crate::kind::workspace::{Limits, Prune};
    use crate::model::{Key, Landed, Live, Records};
    use crate::plan::{Input, Policy};
    use std::collections::HashSet;

    /// Looks at what is known with this record, of the object of that id, and this mark.
    fn known<T>(record: Option<(Applied, &str)>, mark: Option<Applied>, look: impl Fn(Last) -> T) -> T {
        let key = Key::new(KindId::Event, "weekly");
        let policy = Policy::of("w", Prune::Cancel, Limits::default());
        let input = Input {
            desired: &[],
            live: &Live::default(),
            records: &Records::default(),
            policy: &policy,
            now: jiff::Timestamp::UNIX_EPOCH,
        };
        let landed = Landed { fields: [("subject".to_owned(), "as it stood".to_owned())].into(), ..Landed::default() };
        let record =
            record.map(|(applied, id)| Record { id: id.into(), applied, landed: landed.clone(), ..Record::default() });
        let have = Have { applied: mark, ..Have::new(key.clone(), "A") };
        let (run, left, record) = ("", &HashSet::new(), record.as_ref());
        look(last(&One { input: &input, run, all_read: true, left, key: &key, want: None, record, was: None }, &have))
    }

    fn applied(counter: u64, subject: &str) -> Applied {
        Applied { fields: [("subject".to_owned(), subject.to_owned())].into(), counter, ..Applied::default() }
    }

    #[test]
    fn the_newer_of_record_and_mark_counts() {
        for (record, mark, expect) in [
            (Some((2, "A")), Some(1), Some("record")),
            (Some((1, "A")), Some(2), Some("mark")),
            (Some((1, "A")), Some(1), Some("mark")),
            (Some((0, "A")), Some(0), Some("record")),
            (Some((9, "B")), Some(1), Some("mark")),
            (Some((1, "A")), None, Some("record")),
            (Some((1, "B")), None, None),
            (None, Some(1), Some("mark")),
            (None, None, None),
        ] {
            let before = record.map(|(counter, id)| (applied(counter, "record"), id));
            let got = known(before, mark.map(|counter| applied(counter, "mark")), |last| {
                // How it landed is known only of the value that counts.
                assert_eq!(last.landed("subject").is_some(), last.declared("subject") == Some("record"));
                last.declared("subject").map(str::to_owned)
            });
            assert_eq!(got.as_deref(), expect, "{record:?} {mark:?}");
        }
    }

    #[test]
    fn a_record_of_another_incarnation_says_nothing() {
        let mark = Applied { incarnation: 1, ..applied(1, "mark") };
        let got =
            known(Some((applied(9, "record"), "A")), Some(mark), |last| last.declared("subject").map(str::to_owned));
        assert_eq!(got.as_deref(), Some("mark"));
    }

    #[test]
    fn whoever_either_added_is_ours_unless_released_later() {
        let set = |names: &str| names.split_whitespace().collect::<Hashes>();
        let of = |(counter, attendees, released): (u64, &str, &str)| Applied {
            attendees: set(attendees),
            released: set(released),
            ..applied(counter, "x")
        };
        for (record, mark, expect, released) in [
            ((3, "a b", ""), (2, "a", ""), "a b", ""),
            ((2, "a b", ""), (3, "a", ""), "a b", ""),
            ((2, "a b", ""), (3, "a", "b"), "a", "b"),
            ((3, "a b", ""), (2, "a", "b"), "a b", ""),
            ((3, "a b", ""), (3, "a c", "b"), "a c", "b"),
            ((3, "a", "c"), (3, "a c", ""), "a", "c"),
        ] {
            let got = known(Some((of(record), "A")), Some(of(mark)), |last| last.applied().unwrap().clone());
            assert_eq!((got.attendees, got.released), (set(expect), set(released)), "{record:?} {mark:?}");
        }
    }
}
