//! Reads the events and meetings of mailboxes that nobody manages yet, for the manifests that are to take them over.

mod meetings;
mod places;

use crate::graph::observe::events::{have, selected_whole};
use crate::graph::observe::mailboxes;
use crate::graph::occurrences::occurrences;
use crate::graph::{Client, Get};
use crate::kind::KindId;
use crate::kind::event::View;
use crate::kind::mark;
use crate::kind::online_meeting::is_same_link;
use crate::kind::workspace::OwnerNames;
use crate::model::{Key, Live, Mailbox};
use crate::route::{self, EVENT_PREFER};
use crate::trouble::Trouble;
use places::Found;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// What is looked for.
pub struct Search<'a> {
    /// Whose mailboxes, in lower case.
    pub mailboxes: &'a [String],
    /// The calendar's name; the default one if left out.
    pub calendar: Option<&'a str>,
    /// The join links of what is looked for, in whatever calendar it stands; everything if there are none.
    pub links: &'a [String],
    /// The names of the workspace that is to have it.
    pub names: &'a OwnerNames,
    /// Whether the cloud tells which occurrences of a series are skipped (national cloud metadata).
    pub tells_skipped: bool,
}

/// What was found.
#[derive(Default)]
pub struct Unmarked {
    /// Under keys that count through them; names are for the caller to give.
    pub live: Live,
    /// What cannot be taken over: what is said of each.
    pub others: Vec<String>,
    /// How many events are managed by the workspace already.
    pub ours: usize,
    /// Why the Teams meetings behind these events could not be read.
    pub unread: BTreeMap<Key, Trouble>,
    /// What could not be read.
    pub failures: Vec<(String, Trouble)>,
}

/// Reads the events of these mailboxes that `wanted` picks, with their dates that stand apart and the meetings behind them, and the
/// standalone meetings that links lead to.
pub async fn unmarked(client: &Client, search: &Search<'_>, wanted: impl Fn(View) -> bool) -> Unmarked {
    let mut found = Unmarked::default();
    let users = mailboxes::by_name(client, search.mailboxes.iter().collect()).await;
    mailboxes::keep_users(client, &mut found.live, users);
    for name in search.mailboxes {
        found.live.mailboxes.entry(name.clone()).or_insert_with(Mailbox::default);
    }
    let mut open: BTreeSet<usize> = (0..search.links.len()).collect();
    for (place, items) in events(client, search, &mut found).await {
        for item in items {
            found.take(&place, search, item, &mut open, &wanted);
        }
    }
    let series = found.live.objects.iter().filter(|have| have.event().is_some_and(View::is_series));
    let series: BTreeSet<Key> = series.map(|have| have.key.clone()).collect();
    occurrences(client, &mut found.live, None, &series, search.tells_skipped).await;
    found.behind(client).await;
    found.standalone(client, search, &open).await;
    found
}

/// Lists the events of every calendar that is searched.
async fn events(client: &Client, search: &Search<'_>, found: &mut Unmarked) -> Vec<(Found, Vec<Value>)> {
    let places = places::places(client, search, &mut found.failures).await;
    let gets = places.iter().map(|place| Get {
        mailbox: place.mailbox.clone(),
        path: format!("{}{}/events?$top=200&{}", route::mailbox(&place.mailbox), place.path, selected_whole()),
        prefer: Some(EVENT_PREFER.into()),
    });
    let answers = client.list(gets.collect()).await;
    let mut read = vec![];
    for (place, answer) in places.into_iter().zip(answers) {
        match answer {
            Ok(items) => read.push((place, items)),
            Err(failure) => found.failures.push((place.mailbox, client.trouble(&failure))),
        }
    }
    read
}

impl Unmarked {
    /// Takes an event in, or says why not; whose link was looked for is found.
    fn take(
        &mut self,
        place: &Found,
        search: &Search,
        item: Value,
        open: &mut BTreeSet<usize>,
        wanted: &impl Fn(View) -> bool,
    ) {
        let owner = mark::owner(&item).map(str::to_owned);
        let Some(have) = have(self.next(KindId::Event), &place.mailbox, place.calendar.as_ref(), item) else { return };
        let event = View::of(&have.own);
        let link = event.join_url().and_then(|link| search.links.iter().position(|it| is_same_link(it, link)));
        let is_wanted = if search.links.is_empty() { wanted(event) } else { link.is_some() };
        if event.is_cancelled() || !is_wanted {
            return;
        }
        link.map(|number| open.remove(&number));
        let called = || {
            let subject = crate::problem::cut(event.subject().unwrap_or_default());
            format!("`{subject}`, {}", event.begins().unwrap_or_default())
        };
        match owner.as_deref().and_then(|owner| owner.split_once('/')) {
            Some((whose, _)) if search.names.has(whose) => self.ours += 1,
            Some((whose, name)) => {
                self.others.push(format!("{}: the workspace `{whose}` has it as `{name}`", called()))
            }
            None if event.is_organizer() == Some(false) => {
                self.others.push(format!("{}: somebody else organizes it", called()));
            }
            None => self.live.objects.push(have.into()),
        }
    }

    fn next(&self, kind: KindId) -> Key {
        Key::new(kind, self.live.objects.len().to_string())
    }
}
