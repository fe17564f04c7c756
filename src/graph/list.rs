//! Lists, page by page.
//!
//! Reads many lists at once through the batches of `batch`, follows their next links as far as they stay below the
//! root, and drops what a shifting list shows twice. What is in a list is not known here. Source: paging.md.

use crate::graph::envelope::taken;
use crate::graph::redact;
use crate::graph::refusal::Failure;
use crate::graph::root::Root;
use crate::graph::{Client, Get};
use crate::model::Method;
use anyhow::anyhow;
use serde_json::Value;
use std::collections::HashSet;

impl Client {
    /// Reads many lists, each to its last page; one result for each, in the same order.
    ///
    /// Items whose id was seen on an earlier page are dropped, since a list can shift while it is paged. A next link
    /// that leads to another host is refused. `prefer` goes with every page.
    pub async fn list(&self, gets: Vec<Get>) -> Vec<Result<Vec<Value>, Failure>> {
        let root = self.0.http.root();
        let mut lists: Vec<_> = gets.iter().map(|get| Listing::of(get.clone())).collect();
        self.drive(gets, |index, result| lists[index].add(result, root)).await;
        lists.into_iter().map(|list| list.failure.map_or(Ok(list.items), Err)).collect()
    }
}

/// A list as far as its pages are read.
struct Listing {
    get: Get,
    items: Vec<Value>,
    ids: HashSet<String>,
    pages: HashSet<String>,
    failure: Option<Failure>,
}

impl Listing {
    fn of(get: Get) -> Listing {
        let pages = HashSet::from([get.path.clone()]);
        Listing { get, items: vec![], ids: HashSet::new(), pages, failure: None }
    }

    /// Takes in one page and returns the read of the next one.
    fn add(&mut self, page: Result<Value, Failure>, root: &Root) -> Option<Get> {
        self.take(page, root).unwrap_or_else(|failure| {
            self.failure = Some(failure);
            None
        })
    }

    fn take(&mut self, page: Result<Value, Failure>, root: &Root) -> Result<Option<Get>, Failure> {
        let mut page = page?;
        let line = redact::line(Method::Get, &self.get.path);
        let Value::Array(items) = taken(&mut page, "value") else {
            return Err(Failure::Local(anyhow!("{line}: the answer holds no list")));
        };
        for item in items {
            let new = item["id"].as_str().is_none_or(|id| self.ids.insert(id.to_string()));
            if new {
                self.items.push(item);
            }
        }
        let Some(link) = page["@odata.nextLink"].as_str() else {
            return Ok(None);
        };
        let path = root.below(link).map_err(|error| {
            Failure::Local(error.context(format!("{line}: the link to the next page is not followed")))
        })?;
        if !self.pages.insert(path.clone()) {
            return Err(Failure::Local(anyhow!("{line}: the pages of the list go round in a circle")));
        }
        Ok(Some(Get { path, ..self.get.clone() }))
    }
}
