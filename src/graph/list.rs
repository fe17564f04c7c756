//! Lists, page by page.
//!
//! Reads many lists at once through the batches of `batch`, follows their next links as far as they stay below the
//! root, and drops what a shifting list shows twice. A list that never ends is left: how many pages may bring nothing new,
//! and what all lists of a run may cost, is bounded. What is in a list is not known here. Source: paging.md.

use crate::graph::page::{self, Item, Page};
use crate::graph::redact;
use crate::graph::refusal::Failure;
use crate::graph::root::Root;
use crate::graph::stats;
use crate::graph::{Client, Get};
use crate::model::Method;
use crate::shallow::Object;
use crate::trouble::Trouble;
use anyhow::anyhow;
use serde_json::Value;
use std::collections::HashSet;
use std::sync::atomic::Ordering::Relaxed;

impl Client {
    /// Reads many lists, each to its last page; one result for each, in the same order.
    ///
    /// Items whose id was seen on an earlier page are dropped, since a list can shift while it is paged. A next link
    /// that leads to another host is refused. `prefer` goes with every page.
    pub async fn list(&self, gets: Vec<Get>) -> Vec<Result<Vec<Value>, Failure>> {
        self.list_of(gets, |_, item| page::whole(item).map(Some)).await
    }

    /// The same, and keeps of each item what `keep` makes of it as soon as it is read: a page as it comes takes many times
    /// the room. `keep` is told of which list it is.
    pub async fn list_of<T: Send>(
        &self,
        gets: Vec<Get>,
        keep: impl Fn(usize, &Object) -> serde_json::Result<Option<T>> + Sync,
    ) -> Vec<Result<Vec<T>, Failure>> {
        let root = self.inner.http.root();
        let counters = &self.inner.counters;
        let mut lists: Vec<_> = gets.iter().map(|get| Listing::of(get.clone())).collect();
        let add = |index: usize, page| {
            stats::add(&counters.pages, 1);
            let spent = Spent { pages: counters.pages.load(Relaxed), bytes: counters.bytes_in.load(Relaxed) };
            lists[index].add(page, root, spent)
        };
        let keep = &keep;
        self.drive(gets, |index| Page::of(move |item: &Object| keep(index, item)), add).await;
        lists.into_iter().map(|list| list.failure.map_or(Ok(list.items), Err)).collect()
    }
}

/// Pages that may bring nothing new, one after the other: a filter can leave some empty.
const MOST_POOR: usize = 10;

/// Pages of one run: at the ten events of the smallest page more than a million.
const MOST_PAGES: u64 = 200_000;

/// Bytes of answers in one run. A hundred thousand events with all their properties have less than half of it.
const MOST_BYTES: u64 = 2 << 30;

/// What a run has read so far.
#[derive(Clone, Copy, Default)]
struct Spent {
    pages: u64,
    bytes: u64,
}

impl Spent {
    /// Fails where more was read than any tenant has.
    fn check(self) -> Result<(), Trouble> {
        let what = match self {
            Spent { pages, .. } if pages >= MOST_PAGES => format!("{MOST_PAGES} pages"),
            Spent { bytes, .. } if bytes >= MOST_BYTES => format!("{} GB", MOST_BYTES >> 30),
            Spent { .. } => return Ok(()),
        };
        let trouble = Trouble::new(format!("the lists of this run hold more than {what}: no more is read"));
        Err(trouble.hint("see that the address is Graph's; a workspace this large is split into several"))
    }
}

/// A list as far as its pages are read.
struct Listing<T> {
    get: Get,
    items: Vec<T>,
    ids: HashSet<String>,
    pages: HashSet<String>,
    /// Pages without anything new, up to this one.
    poor: usize,
    failure: Option<Failure>,
}

impl<T: Send> Listing<T> {
    fn of(get: Get) -> Listing<T> {
        let pages = HashSet::from([get.path.clone()]);
        Listing { get, items: vec![], ids: HashSet::new(), pages, poor: 0, failure: None }
    }

    /// Takes in one page and returns the read of the next one.
    fn add(&mut self, page: Result<Page<T>, Failure>, root: &Root, spent: Spent) -> Option<Get> {
        self.take(page, root, spent).unwrap_or_else(|failure| {
            self.failure = Some(failure);
            None
        })
    }

    fn take(&mut self, page: Result<Page<T>, Failure>, root: &Root, spent: Spent) -> Result<Option<Get>, Failure> {
        let Page { items, next } = page?;
        let line = redact::line(Method::Get, &self.get.path);
        let Some(mut items) = items else {
            return Err(Failure::Local(anyhow!("{line}: the answer holds no list")));
        };
        let mut here = HashSet::new();
        let is_new = |item: &Item<T>| item.id.as_deref().is_none_or(|id| !self.ids.contains(id));
        let new = items.iter().map(|item| is_new(item) && item.id.as_deref().is_none_or(|id| here.insert(id)));
        let new: Vec<bool> = new.collect();
        let brings = new.contains(&true);
        let ids: Vec<String> = match &next {
            Some(_) => items.iter_mut().filter_map(|item| item.id.take()).collect(),
            None => vec![],
        };
        self.items.extend(items.into_iter().zip(new).filter_map(|(item, new)| item.kept.filter(|_| new)));
        let Some(link) = next else { return Ok(None) };
        self.ids.extend(ids);
        let path = root.below(&link).map_err(|error| {
            Failure::Local(error.context(format!("{line}: the link to the next page is not followed")))
        })?;
        if !self.pages.insert(path.clone()) {
            return Err(Failure::Local(anyhow!("{line}: the pages of the list go round in a circle")));
        }
        self.poor = if brings { 0 } else { self.poor + 1 };
        if self.poor > MOST_POOR {
            let what = format!("{line}: the list does not end: its last {MOST_POOR} pages brought nothing new");
            let trouble = Trouble::new(what).hint("see that the address is Graph's, and run it again");
            return Err(Failure::Local(trouble.into()));
        }
        spent.check().map_err(|trouble| Failure::Local(trouble.after(&format!("{line}: ")).into()))?;
        Ok(Some(Get { path, ..self.get.clone() }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::de::DeserializeSeed;
    use serde_json::json;

    /// Takes pages until the list ends, or fails; returns how many were taken and why no more were.
    fn taken_of(mut of: impl FnMut(usize) -> (Value, Spent)) -> (usize, Option<String>) {
        let root = Root::parse("https://graph.example/v1.0").unwrap();
        let mut list = Listing::of(Get { mailbox: "m".into(), path: "/me/events".into(), prefer: None });
        let mut number = 0;
        loop {
            let (items, spent) = of(number);
            let next = format!("https://graph.example/v1.0/me/events?$skip={number}");
            number += 1;
            let page = json!({"value": items, "@odata.nextLink": next}).to_string();
            let mut page = serde_json::Deserializer::from_str(&page);
            let page = Page::of(|item: &Object| page::whole(item).map(Some)).deserialize(&mut page).unwrap();
            if list.add(Ok(page), &root, spent).is_none() {
                return (number, list.failure.map(|it| it.to_string()));
            }
        }
    }

    #[test]
    fn a_list_whose_pages_bring_nothing_new_ends() {
        for items in [json!([]), json!([{"id": "a"}])] {
            let (pages, why) = taken_of(|_| (items.clone(), Spent::default()));
            assert!(pages <= MOST_POOR + 2, "{pages}");
            assert!(why.as_deref().unwrap_or_default().contains("its last 10 pages brought nothing new"), "{why:?}");
        }
    }

    #[test]
    fn a_run_reads_no_more_than_any_tenant_has() {
        let new = |number: usize| json!([{"id": number.to_string()}]);
        let (pages, why) = taken_of(|it| (new(it), Spent { pages: it as u64, bytes: 0 }));
        assert_eq!(pages as u64, MOST_PAGES + 1, "a hundred thousand events pass, one on a page");
        assert!(why.unwrap().contains("more than 200000 pages"));
        let (pages, why) = taken_of(|it| (new(it), Spent { pages: 1, bytes: (it as u64) << 28 }));
        assert_eq!(pages, 9);
        assert!(why.unwrap().contains("more than 2 GB"));
    }
}
