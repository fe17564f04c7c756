//! What was last applied to an object: by the state's record or by the object's own mark, whichever is newer.

use crate::model::{Applied, Have};
use crate::plan::One;

/// Returns the newer of record and mark.
///
/// They are compared only where they speak of the same object; else the mark alone counts. What the first draft wrote has no
/// counter: its record knows more than its mark, which did not ride on a change of attendees alone.
pub(super) fn last<'a>(one: &One<'a>, have: &'a Have) -> Option<&'a Applied> {
    let record = one.record.map(|record| (&record.applied, record.id == have.id));
    match (record, &have.applied) {
        (Some((record, true)), Some(mark)) if mark.counter > record.counter => Some(mark),
        (Some((record, true)), Some(mark)) if mark.counter == record.counter && mark.counter > 0 => {
            // Equal counters with different content: two runs wrote at once, and the mark is what stands on the object.
            Some(if same(record, mark) { record } else { mark })
        }
        (Some((_, false)), Some(mark)) => Some(mark),
        (Some((record, _)), _) => Some(record),
        (None, mark) => mark.as_ref(),
    }
}

fn same(record: &Applied, mark: &Applied) -> bool {
    record.fields == mark.fields && record.attendees == mark.attendees
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::KindId;
    use crate::kind::workspace::{Limits, Prune};
    use crate::model::{Key, Live, Record, Records};
    use crate::plan::{Input, Policy};

    #[test]
    fn the_newer_of_record_and_mark_counts() {
        let key = Key::new(KindId::Event, "weekly");
        let applied = |counter: u64, subject: &str| Applied {
            fields: [("subject".to_owned(), subject.to_owned())].into(),
            counter,
            ..Applied::default()
        };
        let policy = Policy::of("w", Prune::Cancel, Limits::default());
        let input = Input {
            desired: &[],
            live: &Live::default(),
            records: &Records::default(),
            policy: &policy,
            now: jiff::Timestamp::UNIX_EPOCH,
        };
        for (record, mark, expect) in [
            (Some((2, "A")), Some(1), Some("record")),
            (Some((1, "A")), Some(2), Some("mark")),
            (Some((1, "A")), Some(1), Some("mark")),
            (Some((0, "A")), Some(0), Some("record")),
            (Some((9, "B")), Some(1), Some("mark")),
            (Some((1, "A")), None, Some("record")),
            (None, Some(1), Some("mark")),
            (None, None, None),
        ] {
            let record = record.map(|(counter, id)| Record {
                id: id.into(),
                applied: applied(counter, "record"),
                ..Record::default()
            });
            let have = Have { applied: mark.map(|counter| applied(counter, "mark")), ..Have::new(key.clone(), "A") };
            let one = One { input: &input, id: "", key: &key, want: None, record: record.as_ref(), was: None };
            let got = last(&one, &have).map(|it| it.fields["subject"].as_str());
            assert_eq!(got, expect, "{record:?} {mark:?}");
        }
    }
}
