//! Which cancellations a step waits for: those that free the room which it takes.

use crate::kind::event::read;
use crate::model::{Desired, Key};
use crate::plan::clash::{ahead, exceptions_of, invited, takes_time, window};
use crate::plan::times::{Slot, slots};
use crate::plan::{Action, Input, Step};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// Dates of one room at which a step waits for a cancellation: a room that is freed and taken more often was in nobody's hand.
const ORDERED: usize = 100_000;

/// Lets what takes a room wait for the cancellation that frees it: a room declines what it is taken for.
pub(super) fn order(input: &Input, steps: &mut [Step]) {
    let wants: BTreeMap<&Key, &Desired> = input.desired.iter().map(|want| (&want.key, want)).collect();
    let cancelled: BTreeMap<&str, Key> = steps
        .iter()
        .filter(|step| step.action == Action::Cancel)
        .filter_map(|step| Some((step.seen.as_ref()?.id.as_str(), step.key.clone())))
        .collect();
    if cancelled.is_empty() {
        return;
    }
    let mut rooms: BTreeMap<String, Vec<(Slot, Use)>> = BTreeMap::new();
    for have in &input.live.objects {
        let (Some(key), Some(event)) = (cancelled.get(have.id.as_str()), have.event()) else { continue };
        let slots = slots(event, &exceptions_of(have), window(event, input.now));
        for address in event.people() {
            rooms.entry(address).or_default().extend(slots.iter().map(|slot| (*slot, Use::Freed(key))));
        }
    }
    for (place, step) in steps.iter().enumerate().filter(|(_, step)| takes_time(step)) {
        let Some(want) = wants.get(&step.key).filter(|want| read::may_name_rooms(&want.spec)) else { continue };
        let want = &want.opened();
        let wished = invited(want, false);
        let taken = if wished.iter().any(|room| rooms.contains_key(room)) { ahead(want, input.now) } else { continue };
        for room in &wished {
            let Some(uses) = rooms.get_mut(room) else { continue };
            uses.extend(taken.iter().map(|slot| (*slot, Use::Taken(place))));
        }
    }
    let after: BTreeSet<(usize, Key)> =
        rooms.into_values().flat_map(taken_after).map(|(place, key)| (place, key.clone())).collect();
    for (place, key) in after {
        if key != steps[place].key {
            steps[place].after.insert(key);
        }
    }
}

/// What happens to a room at one time: a cancellation frees it, or the step at this place takes it.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Use<'a> {
    Freed(&'a Key),
    Taken(usize),
}

/// Which steps take a room at a time that which cancellations free; goes through the times once.
fn taken_after(mut uses: Vec<(Slot, Use<'_>)>) -> Vec<(usize, &Key)> {
    uses.sort();
    // What has begun and not ended, by its end.
    let mut freed: BTreeSet<(Timestamp, &Key)> = BTreeSet::new();
    let mut taken: BTreeSet<(Timestamp, usize)> = BTreeSet::new();
    let mut after = vec![];
    for ((start, end), it) in uses {
        while freed.first().is_some_and(|first| first.0 <= start) {
            freed.pop_first();
        }
        while taken.first().is_some_and(|first| first.0 <= start) {
            taken.pop_first();
        }
        match it {
            Use::Freed(key) => {
                after.extend(taken.iter().map(|(_, place)| (*place, key)));
                freed.insert((end, key));
            }
            Use::Taken(place) => {
                after.extend(freed.iter().map(|(_, key)| (place, *key)));
                taken.insert((end, place));
            }
        }
        if after.len() > ORDERED {
            break;
        }
    }
    after
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::KindId;

    /// What many cancellations free and many steps take is found in one walk through the times, and is bounded.
    #[test]
    fn a_step_waits_for_what_frees_its_room_at_its_time() {
        let at = |hour: i64| Timestamp::from_second(hour * 3600).expect("a small number");
        let keys: Vec<Key> = (0..1000).map(|it| Key::new(KindId::Event, format!("event-{it}"))).collect();
        let found = |uses: &[(i64, i64, Result<usize, usize>)]| -> Vec<(usize, String)> {
            let role = |it: Result<usize, usize>| it.map_or_else(|freed| Use::Freed(&keys[freed]), Use::Taken);
            let uses = uses.iter().map(|(from, until, it)| ((at(*from), at(*until)), role(*it))).collect();
            taken_after(uses).into_iter().map(|(place, key)| (place, key.to_string())).collect()
        };
        let pair = |place, freed| (place, keys[freed as usize].to_string());
        for (uses, expect) in [
            (&[(1, 2, Err(0)), (2, 3, Ok(7)), (0, 1, Ok(8))][..], vec![]),
            (&[(1, 3, Err(0)), (2, 4, Ok(7)), (0, 2, Ok(8))], vec![pair(8, 0), pair(7, 0)]),
            (&[(1, 9, Err(0)), (2, 3, Err(1)), (4, 5, Ok(7))], vec![pair(7, 0)]),
            (
                &[(1, 2, Err(0)), (1, 2, Err(1)), (1, 2, Ok(7)), (1, 2, Ok(8))],
                [0, 1].map(|freed| pair(7, freed)).into_iter().chain([0, 1].map(|freed| pair(8, freed))).collect(),
            ),
        ] {
            assert_eq!(found(uses), expect, "{uses:?}");
        }
        let at_once: Vec<_> = (0..1000).flat_map(|it| [(1, 2, Err(it)), (1, 2, Ok(it))]).collect();
        assert!(found(&at_once).len() <= ORDERED + 1000);
        let apart: Vec<_> = (0..1000)
            .flat_map(|it| [(it as i64, it as i64 + 1, Err(it)), (it as i64, it as i64 + 1, Ok(it))])
            .collect();
        assert_eq!(found(&apart).len(), 1000);
    }
}
