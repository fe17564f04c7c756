//! Who or what is taken already when an event is to take place.
//!
//! First among the manifests: two of them want one room at one time. Then by the free and busy times that were read of rooms, and
//! of people if that is wished. Events of ours count where the manifests put them, not where they stand today. A clash is told,
//! never mended, and stops nothing unless that is wished.

use crate::kind::event::{self, Attendee, View};
use crate::kind::{Exception, Home};
use crate::model::{Ask, Busy, Desired, EXCEPTIONS, Have, Key};
use crate::plan::times::{Slot, slots};
use crate::plan::{Action, Input, Plan, Step};
use crate::when;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use rayon::prelude::*;
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// How far ahead is looked: getSchedule answers for two months at a time.
const AHEAD: SignedDuration = SignedDuration::from_hours(366 * 24);

/// Pairs of events that are looked at for one room: more than this is one mistake, not many.
const PAIRS: usize = 1000;

/// Dates that are told one by one.
const TOLD: usize = 3;

/// Returns what must be read so that the clashes of a plan can be told: one entry for each organizer.
pub fn asks(plan: &Plan, input: &Input) -> Vec<Ask> {
    let mut asks: BTreeMap<&str, Ask> = BTreeMap::new();
    let wants: BTreeMap<&Key, &Desired> = input.desired.iter().map(|want| (&want.key, want)).collect();
    for step in plan.steps.iter().filter(|step| takes_time(step)) {
        let Some(want) = wants.get(&step.key).filter(|want| names_any(want, input)) else { continue };
        let opened = want.opened();
        let addresses = invited(&opened, input.policy.check_people);
        let slots = ahead(&opened, input.now);
        let (Some((first, _)), Some((_, last)), false) = (slots.first(), slots.last(), addresses.is_empty()) else {
            continue;
        };
        // A day more, to find the next time that is free.
        let (from, until) = (*first, last.checked_add(SignedDuration::from_hours(24)).unwrap_or(*last));
        let mailbox = want.spec.organizer.as_str();
        let ask =
            asks.entry(mailbox).or_insert(Ask { mailbox: mailbox.into(), addresses: BTreeSet::new(), from, until });
        ask.addresses.extend(addresses);
        (ask.from, ask.until) = (ask.from.min(from), ask.until.max(until));
    }
    asks.into_values().collect()
}

/// Writes the clashes into the steps.
pub(super) fn add_clashes(input: &Input, steps: &mut [Step]) {
    let wants: BTreeMap<&Key, &Desired> = input.desired.iter().map(|want| (&want.key, want)).collect();
    let mut rooms: BTreeMap<String, Vec<(Slot, &Desired)>> = BTreeMap::new();
    let naming: Vec<&Desired> =
        input.desired.par_iter().filter(|want| event::read::may_name_rooms(&want.spec)).collect();
    let open = match naming.is_empty() {
        true => HashSet::new(),
        false => {
            steps.iter().filter(|step| !step.unknown && step.action != Action::Blocked).map(|it| &it.key).collect()
        }
    };
    let wanted = naming.into_par_iter().filter(|want| open.contains(&want.key)).flat_map_iter(|want| {
        let opened = want.opened();
        let slots = ahead(&opened, input.now);
        invited(&opened, false).into_iter().map(move |room| (room, slots.clone(), want))
    });
    let wanted: Vec<_> = wanted.collect();
    for (room, slots, want) in wanted {
        rooms.entry(room).or_default().extend(slots.into_iter().map(|slot| (slot, want)));
    }
    let mut among: BTreeMap<Key, Vec<Clash>> = BTreeMap::new();
    for (key, clash) in rooms.into_iter().flat_map(|(room, taken)| twice(&room, taken)) {
        among.entry(key).or_default().push(clash);
    }
    let ours = ours(input, steps);
    for step in steps {
        among.remove(&step.key).into_iter().flatten().for_each(|clash| clash.add_to(step));
        if input.live.schedules.is_empty() || !takes_time(step) {
            continue;
        }
        let Some(want) = wants.get(&step.key).filter(|want| names_any(want, input)) else { continue };
        let want = &want.opened();
        let (rooms, all) = (invited(want, false), ahead(want, input.now));
        for address in invited(want, input.policy.check_people) {
            let Some(schedule) = input.live.schedules.get(&address) else { continue };
            if schedule.list {
                continue; // its members' times are not known, and `lists` tells what it is
            }
            if let Some(failure) = &schedule.failure {
                step.notes.push(format!("whether {address} is free is not known: {}", failure.sentence()));
                continue;
            }
            let busy = others(&schedule.busy, ours.get(&address).map_or(&[], Vec::as_slice));
            let clash = busy_at(&address, want, rooms.contains(&address), &all, &busy);
            clash.into_iter().for_each(|clash| clash.add_to(step));
        }
    }
}

/// What is taken already, in words, and when.
struct Clash {
    text: String,
    at: Vec<Timestamp>,
}

impl Clash {
    fn add_to(self, step: &mut Step) {
        step.clashes.push(self.text);
        step.clash_at.extend(self.at);
    }
}

/// Whether a step gives an event a time or a room that it did not have.
pub(super) fn takes_time(step: &Step) -> bool {
    let kind = step.key.kind();
    let takes = |name: &str| match kind.field(Home::Own, name) {
        Some(field) => field.new_time || field.invites,
        None => name.starts_with(EXCEPTIONS),
    };
    match step.action {
        Action::Create | Action::Replace => kind.in_calendar,
        Action::Update => step.changes.iter().any(|change| takes(&change.field)),
        Action::NoOp | Action::Cancel | Action::Adopt | Action::Blocked => false,
    }
}

/// Whether it may name somebody whose time is looked at, as far as that can be told without looking at its properties.
fn names_any(want: &Desired, input: &Input) -> bool {
    input.policy.check_people || event::read::may_name_rooms(&want.spec)
}

/// The rooms of an event in lower case, or everybody who is invited.
pub(super) fn invited(want: &Desired, people: bool) -> BTreeSet<String> {
    let Some(event) = want.event() else { return BTreeSet::new() };
    let listed = event.attendees().filter(|it| people || it.is_resource()).filter_map(Attendee::address);
    let mut all: BTreeSet<String> = listed.chain(event.room()).collect();
    all.remove(&want.spec.organizer);
    all
}

pub(super) fn ahead(want: &Desired, now: Timestamp) -> Vec<Slot> {
    want.event().map(|event| slots(event, &want.spec.exceptions, window(event, now))).unwrap_or_default()
}

/// A year from now, or from when an event begins, and the year before that: a date may be moved to before the first one. An event
/// that begins in thousands of years has no thousands of years of dates before it.
pub(super) fn window(event: View, now: Timestamp) -> Slot {
    let begins = event.start().map_or(now, |at| at.max(now));
    let from = begins.checked_sub(AHEAD).unwrap_or(now).max(now);
    (from, begins.checked_add(AHEAD).unwrap_or(Timestamp::MAX))
}

/// Tells of one room who else takes it at the same time, for each of the two.
fn twice(room: &str, mut taken: Vec<(Slot, &Desired)>) -> Vec<(Key, Clash)> {
    taken.sort_by(|(slot, want), (other, another)| (slot, &want.key).cmp(&(other, &another.key)));
    let mut pairs: BTreeMap<(Key, Key), Vec<Timestamp>> = BTreeMap::new();
    let overlap = taken.iter().enumerate().flat_map(|(place, (slot, want))| {
        let later = taken[place + 1..].iter().take_while(|((next, _), _)| *next < slot.1);
        later.map(move |((next, _), other)| (*want, *other, *next))
    });
    for (want, other, at) in overlap.take(PAIRS).filter(|(want, other, _)| want.key != other.key) {
        for pair in [(want, other), (other, want)] {
            pairs.entry((pair.0.key.clone(), pair.1.key.clone())).or_default().push(at);
        }
    }
    let wants: BTreeMap<&Key, &Desired> = taken.iter().map(|(_, want)| (&want.key, *want)).collect();
    let word = |((key, other), mut at): ((Key, Key), Vec<Timestamp>)| {
        at.dedup();
        let want = wants.get(&key).map(|want| want.opened());
        let want = want.as_ref();
        let whole = want.map_or("", |want| whole(want, true));
        let text = format!("{room} is wanted by {other} at the same time: {}{whole}", dates_in_words(want, &at));
        (key, Clash { text, at })
    };
    pairs.into_iter().map(word).collect()
}

/// The time that live events of ours take up which the manifests put elsewhere or the plan cancels, by attendee.
fn ours(input: &Input, steps: &[Step]) -> BTreeMap<String, Vec<Slot>> {
    let (live, now) = (input.live, input.now);
    let mut ours: BTreeMap<String, Vec<Slot>> = BTreeMap::new();
    if live.schedules.is_empty() {
        return ours;
    }
    let wants: BTreeMap<&Key, &Desired> = input.desired.iter().map(|want| (&want.key, want)).collect();
    let counted = steps.iter().filter(|step| wants.contains_key(&step.key) || step.action == Action::Cancel);
    let counted: BTreeSet<&str> = counted.filter_map(|step| Some(step.seen.as_ref()?.id.as_str())).collect();
    for have in live.objects.iter().filter(|have| wants.contains_key(&have.key) || counted.contains(have.id.as_str())) {
        let own = as_live(have, wants.get(&have.key).copied());
        let Some(event) = have.event().map(|_| View::of(&own)) else { continue };
        let mine = event.people();
        let asked: Vec<&String> = mine.iter().filter(|address| live.schedules.contains_key(*address)).collect();
        if asked.is_empty() {
            continue;
        }
        let slots = slots(event, &exceptions_of(have), window(event, now));
        for address in asked {
            ours.entry(address.clone()).or_default().extend(&slots);
        }
    }
    ours
}

/// What is live of an event: what stands as it is declared is kept in its manifest alone.
fn as_live<'a>(have: &'a Have, want: Option<&Desired>) -> Cow<'a, Map<String, Value>> {
    match want.filter(|_| have.settled) {
        Some(want) => Cow::Owned(want.spec.own.look().into_owned().into_iter().chain(have.own.clone()).collect()),
        None => Cow::Borrowed(&have.own),
    }
}

pub(super) fn exceptions_of(have: &Have) -> BTreeMap<Date, Exception> {
    let Some(exceptions) = &have.occurrences else { return BTreeMap::new() };
    let changed = exceptions.changed.iter().map(|(date, it)| (*date, Exception::Changed(it.own.clone())));
    changed.chain(exceptions.skipped.iter().map(|date| (*date, Exception::Skipped))).collect()
}

/// What is busy, without one entry for each event of ours at the very same time.
fn others(busy: &[Busy], ours: &[Slot]) -> Vec<Slot> {
    let mut mine: BTreeMap<Slot, usize> = BTreeMap::new();
    for slot in ours {
        *mine.entry(*slot).or_default() += 1;
    }
    let mut others: Vec<Slot> = busy
        .iter()
        .map(|it| (it.from, it.until))
        .filter(|slot| match mine.get_mut(slot).filter(|left| **left > 0) {
            Some(left) => {
                *left -= 1;
                false
            }
            None => true,
        })
        .collect();
    others.sort();
    others
}

/// Tells that somebody is busy when an event takes place, `all` its times; `busy` is in order.
fn busy_at(address: &str, want: &Desired, is_room: bool, all: &[Slot], busy: &[Slot]) -> Option<Clash> {
    // The latest end of all that begins before: one look tells whether a time is free.
    let ends: Vec<Timestamp> = busy
        .iter()
        .scan(Timestamp::MIN, |latest, slot| {
            *latest = (*latest).max(slot.1);
            Some(*latest)
        })
        .collect();
    let overlaps = |slot: &Slot| {
        let begun = busy.partition_point(|(from, _)| *from < slot.1);
        begun.checked_sub(1).is_some_and(|last| ends[last] > slot.0)
    };
    let clashes: Vec<Slot> = all.iter().filter(|slot| overlaps(slot)).copied().collect();
    let first = clashes.first()?;
    let starts: Vec<Timestamp> = clashes.iter().map(|slot| slot.0).collect();
    let dates = match all.len() {
        1 => "at ".to_owned(),
        number => format!("on {} of {number} dates: ", clashes.len()),
    };
    let free = dates_in_words(Some(want), &[free_from(*first, busy)]);
    let busy = dates_in_words(Some(want), &starts);
    let text = format!("{address} is busy {dates}{busy}; next free from {free}{}", whole(want, is_room));
    Some(Clash { text, at: starts })
}

/// What one clash of a series may lead to where a room is asked: by default rooms allow none in a series
/// (Set-CalendarProcessing, `ConflictPercentageAllowed` and `MaximumConflictInstances`).
fn whole(want: &Desired, is_room: bool) -> &'static str {
    if is_room && want.event().is_some_and(View::is_series) { "; it may decline the whole series" } else { "" }
}

/// The next time that is free for as long.
fn free_from((start, end): Slot, busy: &[Slot]) -> Timestamp {
    let length = end.duration_since(start);
    busy.iter().fold(start, |at, (from, until)| {
        let ends = at.checked_add(length).unwrap_or(Timestamp::MAX);
        if *from < ends && *until > at { *until } else { at }
    })
}

/// Some starts on the clock of an event.
fn dates_in_words(want: Option<&Desired>, starts: &[Timestamp]) -> String {
    let zone = want.and_then(|want| want.event()?.zone_name()).and_then(when::zone);
    let zone = zone.unwrap_or(TimeZone::UTC);
    let word = |at: &Timestamp| at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M").to_string();
    let mut words: Vec<String> = starts.iter().take(TOLD).map(word).collect();
    if starts.len() > TOLD {
        words.push("…".into());
    }
    words.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::KindId;

    /// Each pair is told to both. 45 events at one time are 990 pairs; 46 would be 1035.
    #[test]
    fn of_one_room_at_most_a_thousand_pairs_are_reported() {
        let (from, until) = (Timestamp::UNIX_EPOCH, Timestamp::UNIX_EPOCH + SignedDuration::from_hours(1));
        let want = |number: usize| Desired {
            key: Key::new(KindId::Event, format!("at-once-{number}")),
            labels: Default::default(),
            protect: false,
            replace: false,
            on_drift: None,
            invite_first: false,
            previously: vec![],
            cancel_comment: None,
            adopt: None,
            spec: Default::default(),
        };
        for (events, pairs) in [(2, 1), (45, 990), (46, 1000), (200, 1000)] {
            let wants: Vec<Desired> = (0..events).map(want).collect();
            let taken = wants.iter().map(|want| ((from, until), want)).collect();
            assert_eq!(twice("room-baker@contoso.example", taken).len(), 2 * pairs, "{events} events");
        }
    }
}
