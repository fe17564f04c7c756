//! Manifests for what is there already: each is held against the live object that it was made from, so that it plans to nothing.

mod draft;
mod names;
mod settle;

use crate::graph::Client;
use crate::graph::observe::unmarked::{Search, Unmarked, unmarked};
use crate::kind::event::View;
use crate::kind::workspace::Cloud;
use crate::manifest::Owner;
use crate::model::{Adopt, Desired, Records};
use crate::redact;
use crate::route;
use crate::trouble::Trouble;
use draft::Draft;
use jiff::Timestamp;
use names::Names;
use std::collections::HashSet;

/// What to look for.
pub struct Wanted {
    /// Addresses in lower case, object ids, or `me`.
    pub mailboxes: Vec<String>,
    /// The calendar's name; the default one if left out.
    pub calendar: Option<String>,
    /// What has ended before is left out.
    pub from: Timestamp,
    /// What begins later is left out.
    pub until: Option<Timestamp>,
    /// What the subject must hold, in any case.
    pub subject: Option<String>,
    /// The join links of what is looked for, be it an event or a standalone meeting; then nothing else counts.
    pub links: Vec<String>,
}

/// What was found.
#[derive(Default)]
pub struct Imported {
    /// A manifest for each: its name, and its text.
    pub manifests: Vec<(String, String)>,
    /// What there is none for: what is said of each.
    pub others: Vec<String>,
    /// How many the workspace manages already.
    pub ours: usize,
    /// Mailboxes that could not be read, and why.
    pub failures: Vec<(String, Trouble)>,
}

/// Writes manifests for the live events and meetings that nobody manages. It reads only.
pub async fn import(
    client: &Client,
    owner: &Owner,
    declared: &[Desired],
    records: &Records,
    wanted: &Wanted,
    now: Timestamp,
) -> Imported {
    let search = Search {
        mailboxes: &wanted.mailboxes,
        calendar: wanted.calendar.as_deref(),
        links: &wanted.links,
        names: &owner.names(),
        tells_skipped: owner.spec.graph.cloud == Cloud::Global,
    };
    let Unmarked { mut live, others, ours, unread, failures } =
        unmarked(client, &search, |event| wanted.picks(event)).await;
    let adopted = declared.iter().filter_map(|want| match &want.adopt {
        Some(Adopt::Id(id)) => Some(route::rest_id(id)),
        Some(Adopt::JoinWebUrl(_)) | None => None,
    });
    let known: HashSet<String> = records.resources.values().map(|record| record.id.clone()).chain(adopted).collect();
    let before = live.objects.len();
    live.objects.retain(|have| !known.contains(&have.id));
    let ours = ours + before - live.objects.len();
    let series: Vec<_> = live.unknown.values().cloned().map(|why| ("some series".to_owned(), why)).collect();
    let mut names = Names::taken(declared.iter().map(|want| want.key.name()));
    let readable = std::mem::take(&mut live.objects).into_iter().filter(|have| !live.unknown.contains_key(&have.key));
    let drafts = readable.map(|have| {
        let why = unread.get(&have.key).map(Trouble::sentence);
        Draft::of(*have, why.as_deref(), owner, &mut names)
    });
    let drafts: Vec<Draft> = drafts.collect();
    let failures = failures.into_iter().chain(series).collect();
    let mut imported = Imported { others, ours, failures, ..Imported::default() };
    settle::settle(drafts, &live, owner, now, &mut imported);
    for line in &mut imported.others {
        *line = redact::hide(line, &redact::Known::default()).into_owned();
    }
    imported
}

impl Wanted {
    fn picks(&self, event: View) -> bool {
        let subject = || event.subject().unwrap_or_default().to_lowercase();
        let named = self.subject.as_ref().is_none_or(|part| subject().contains(&part.to_lowercase()));
        let begins = event.start().zip(self.until).is_none_or(|(start, until)| start < until);
        named && begins && event.ends_last().is_none_or(|end| end >= self.from)
    }
}
