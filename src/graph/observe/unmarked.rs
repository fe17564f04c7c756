//! Reads the events of mailboxes that nobody manages yet, for the manifests that are to take them over.

use crate::graph::observe::events::{have, selected_plain};
use crate::graph::observe::mailboxes;
use crate::graph::occurrences::occurrences;
use crate::graph::{Client, Get};
use crate::kind::KindId;
use crate::kind::event::View;
use crate::kind::mark;
use crate::kind::workspace::OwnerNames;
use crate::model::{Key, Live};
use crate::route::{self, EVENT_PREFER};
use crate::trouble::Trouble;
use serde_json::Value;
use std::collections::BTreeSet;

/// Where to look.
pub struct Place {
    /// The mailbox, in lower case.
    pub mailbox: String,
    /// The calendar's name; the default one has none.
    pub calendar: Option<String>,
}

/// What was found of events.
#[derive(Default)]
pub struct Unmarked {
    /// Under keys that count through them; names are for the caller to give.
    pub live: Live,
    /// Events that cannot be taken over: what is said of each.
    pub others: Vec<String>,
    /// How many are managed by the workspace already.
    pub ours: usize,
    /// What could not be read.
    pub failures: Vec<(String, Trouble)>,
}

/// Reads the events of these places that `wanted` picks; `names` are those of the workspace that is to have them.
pub async fn unmarked(
    client: &Client,
    places: &[Place],
    names: &OwnerNames,
    tells_skipped: bool,
    wanted: impl Fn(View) -> bool,
) -> Unmarked {
    let mut found = Unmarked::default();
    let mut gets = vec![];
    for place in places {
        match calendar(client, place).await {
            Ok(calendar) => gets.push((place, calendar)),
            Err(why) => found.failures.push((place.mailbox.clone(), why)),
        }
    }
    let asks = gets.iter().map(|(place, calendar)| Get {
        mailbox: place.mailbox.clone(),
        path: format!("{}{calendar}/events?$top=200&{}", route::mailbox(&place.mailbox), selected_plain()),
        prefer: Some(EVENT_PREFER.into()),
    });
    let answers = client.list(asks.collect()).await;
    for ((place, _), answer) in gets.iter().zip(answers) {
        match answer {
            Ok(items) => items.into_iter().for_each(|item| found.take(place, names, item, &wanted)),
            Err(failure) => found.failures.push((place.mailbox.clone(), client.trouble(&failure))),
        }
    }
    let series = found.live.objects.iter().filter(|have| have.event().is_some_and(View::is_series));
    let series: BTreeSet<Key> = series.map(|have| have.key.clone()).collect();
    occurrences(client, &mut found.live, &[], &series, tells_skipped).await;
    found
}

impl Unmarked {
    fn take(&mut self, place: &Place, names: &OwnerNames, item: Value, wanted: &impl Fn(View) -> bool) {
        let owner = mark::owner(&item).map(str::to_owned);
        let key = Key::new(KindId::Event, self.live.objects.len().to_string());
        let Some(have) = have(key, &place.mailbox, &place.calendar, item) else { return };
        let event = View::of(&have.own);
        if event.is_cancelled() || !wanted(event) {
            return;
        }
        let called = || {
            let subject = crate::problem::cut(event.subject().unwrap_or_default());
            format!("`{subject}`, {}", event.begins().unwrap_or_default())
        };
        match owner.as_deref().and_then(|owner| owner.split_once('/')) {
            Some((whose, _)) if names.has(whose) => self.ours += 1,
            Some((whose, name)) => {
                self.others.push(format!("{}: the workspace `{whose}` has it as `{name}`", called()))
            }
            None if event.is_organizer() == Some(false) => {
                self.others.push(format!("{}: somebody else organizes it", called()));
            }
            None => self.live.objects.push(have),
        }
    }
}

/// The part of a path that leads to the calendar.
async fn calendar(client: &Client, place: &Place) -> Result<String, Trouble> {
    let Some(name) = &place.calendar else { return Ok(String::new()) };
    match mailboxes::calendar_named(client, &place.mailbox, name).await {
        Ok(Some(id)) => Ok(format!("/calendars/{}", route::encoded(&id))),
        Ok(None) => Err(Trouble::new(format!("{} has no calendar called `{name}`", place.mailbox))),
        Err(failure) => Err(client.trouble(&failure)),
    }
}
