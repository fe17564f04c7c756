//! The last thing that is done to a plan: whatever opens a meeting is hidden in its words.
//!
//! Live texts, and those of authors, may hold a join link, a passcode or an id, copied there by whomever. What apply sends stays as
//! it is.

use crate::kind::{body, online_meeting};
use crate::model::{Have, Key};
use crate::plan::{Input, Step};
use crate::redact::Known;
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Hides the secrets of every live object, and what looks like one, in all that a plan says. Returns those that are known by
/// value.
pub(super) fn hidden(
    input: &Input,
    live: &BTreeMap<&Key, Vec<&Have>>,
    steps: &mut [Step],
    notes: &mut [String],
) -> Known {
    let of_some = |mut known: Known, have: &Have| {
        coordinates(have, &mut known);
        known
    };
    let mut known = input
        .live
        .objects
        .par_iter()
        .map(|have| &**have)
        .fold(Known::default, of_some)
        .reduce(Known::default, Known::and);
    input.records.resources.values().filter_map(|it| it.join_web_url.as_deref()).for_each(|it| known.link(it));
    input.desired.iter().filter_map(|want| want.adopt.as_ref()?.link()).for_each(|it| known.link(it));
    // Reading texts takes time: only of those of which something is told.
    let told = steps.iter().filter(|step| !step.changes.is_empty() || !step.drift.is_empty());
    told.flat_map(|step| live.get(&step.key).into_iter().flatten()).for_each(|have| block(have, &mut known));
    notes.iter_mut().for_each(|note| known.hide_in(note));
    for step in steps {
        let Step { reason, hint, notes, clashes, changes, drift, lacks, .. } = step;
        reason.iter_mut().chain(notes).chain(clashes).for_each(|text| known.hide_in(text));
        hint.iter_mut().for_each(|hint| known.hide_in_hint(hint));
        lacks.iter_mut().for_each(|it| known.hide_in_trouble(it));
        for change in changes.iter_mut().chain(drift).map(Arc::make_mut) {
            change.current.edit(|value| known.hide_in_value(value));
            change.desired.edit(|value| known.hide_in_value(value));
        }
    }
    known
}

/// Returns what opens a live object, as far as that is known.
pub fn of(have: &Have) -> Known {
    let mut known = Known::default();
    coordinates(have, &mut known);
    block(have, &mut known);
    known
}

/// What the object itself says of how to join it.
fn coordinates(have: &Have, known: &mut Known) {
    let event = have.event();
    let meeting = have.teams_meeting().map(online_meeting::View::of);
    let links = [event.and_then(|it| it.join_url()), meeting.and_then(|it| it.join_url())];
    let words = [
        event.and_then(|it| it.conference_id()),
        meeting.and_then(|it| it.conference_id()),
        meeting.and_then(|it| it.meeting_id()),
        meeting.and_then(|it| it.passcode()),
    ];
    links.into_iter().flatten().for_each(|link| known.link(link));
    words.into_iter().flatten().for_each(|word| known.word(word));
}

/// What stands in its join block; where that is not certain it may stand anywhere in the text.
fn block(have: &Have, known: &mut Known) {
    let Some(event) = have.event() else { return };
    let block = event.join_url().and_then(|url| body::join_block(event.content(), url).ok()).unwrap_or(0);
    known.block(&event.content()[block..]);
}
