//! What `status` looks at: what is managed and lives, and when it takes place next.

use crate::graph::coming::{Coming, coming};
use crate::graph::observe::Behind;
use crate::graph::occurrences::occurrences;
use crate::kind::event::View;
use crate::model::{Have, Key, Live};
use crate::reconcile::Session;
use crate::state::State;
use anyhow::Result;
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeSet, HashSet};

/// How far ahead calendars are looked at: each month has a date in it.
const AHEAD: SignedDuration = SignedDuration::from_hours(35 * 24);

/// What is asked for.
#[derive(Clone, Copy)]
pub struct Look<'a> {
    /// Only these resources.
    pub only: Option<&'a BTreeSet<Key>>,
    /// With the Teams meetings behind events.
    pub meetings: bool,
    /// With the answers to each date.
    pub answers: bool,
    /// The time of the look.
    pub now: Timestamp,
}

/// What was seen.
pub struct Looked {
    /// What lives, and what could not be read.
    pub live: Live,
    /// The dates of the weeks ahead.
    pub coming: Coming,
}

/// Looks at what is managed: two requests a mailbox, one for its events and one for the weeks ahead, and one more for a series that
/// has no date in these.
///
/// What could not be read stands in the result. Fails where the project has no workspace.
pub async fn look(session: &Session<'_>, state: &State, look: Look<'_>) -> Result<Looked> {
    let none = BTreeSet::new();
    let behind = match (look.meetings, look.only) {
        (true, None) => Behind::Every,
        (true, Some(only)) => Behind::Of(only),
        (false, _) => Behind::Of(&none),
    };
    let mut live = session.observe(state, behind).await?;
    let wanted = |have: &&Have| look.only.is_none_or(|only| only.contains(&have.key));
    let goes_on = |have: &&Have| {
        let ended = |event: View| event.ends_last().is_some_and(|end| end <= look.now);
        have.event().is_some_and(|event| event.is_series() && !ended(event))
    };
    let series: Vec<&Have> = live.objects.iter().map(|have| &**have).filter(wanted).filter(goes_on).collect();
    let until = look.now.saturating_add(AHEAD).unwrap_or(look.now);
    let coming = coming(session.client, &live, &series, (look.now, until), look.answers).await;
    // What failed says so once: its series are not asked for one by one.
    let failed: HashSet<&str> = coming.failures.keys().map(String::as_str).collect();
    let later = series.iter().filter(|have| coming.of(have).is_empty() && !failed.contains(have.organizer.as_str()));
    let later: BTreeSet<Key> = later.map(|have| have.key.clone()).collect();
    occurrences(session.client, &mut live, Some(session.project.desired()), &later, session.tells_skipped()).await;
    Ok(Looked { live, coming })
}
