//! Many reads at once, twenty to a batch.
//!
//! A batch is filled with whatever may go this moment, so a mailbox that must wait holds nobody else up, and what
//! failed simply joins the queue again. Only reads: writes go one by one, for the sake of clear reports. Which
//! answers are asked for again is decided in `judge`. Sources: json-batching.md, throttling-limits.md.

use crate::graph::attempt::{Try, Verdict};
use crate::graph::envelope::{self, Answers};
use crate::graph::http::{Call, Heard};
use crate::graph::refusal::Failure;
use crate::graph::throttle::{Admit, Lease};
use crate::graph::{Client, Get, Inner};
use crate::model::{Again, Method};
use crate::trouble::Trouble;
use futures::StreamExt;
use futures::stream::FuturesUnordered;
use serde_json::Value;
use std::collections::HashMap;
use std::pin::pin;
use tokio::time::{Instant, sleep_until};

/// Graph takes no more in one batch (json-batching.md).
const MOST: usize = 20;

/// One read on its way.
struct Item {
    index: usize,
    get: Get,
    this: Try,
    /// Not before this time.
    at: Option<Instant>,
    /// The answers of its batch were too big together.
    alone: bool,
}

impl Client {
    /// Reads many things; one result for each, in the same order.
    ///
    /// Goes out in batches of up to 20, as many at once as the limits allow. Only the reads that failed are sent
    /// again, each after the time that Graph named for it.
    pub async fn read(&self, gets: Vec<Get>) -> Vec<Result<Value, Failure>> {
        let mut results: Vec<_> = gets.iter().map(|_| None).collect();
        self.drive(gets, |index, result| {
            results[index] = Some(result);
            None
        })
        .await;
        let ended = "every read ends once";
        results.into_iter().map(|it| it.expect(ended)).collect()
    }

    /// Reads until nothing is left. `done` is told of each read that has ended, with its index, and may follow it up
    /// by another one under the same index.
    pub(super) async fn drive<F>(&self, gets: Vec<Get>, mut done: F)
    where
        F: FnMut(usize, Result<Value, Failure>) -> Option<Get>,
    {
        let inner = &*self.inner;
        let mut waiting: Vec<Item> = gets.into_iter().enumerate().map(Item::of).collect();
        let mut flying = FuturesUnordered::new();
        loop {
            // Listens before it looks, so that nothing is given back unnoticed in between.
            let mut freed = pin!(inner.throttle.freed.notified());
            freed.as_mut().enable();
            let mut ended = vec![];
            let mut wake = None;
            while let Some((items, lease)) = inner.pick(&mut waiting, &mut ended, &mut wake) {
                flying.push(inner.round(items, lease));
            }
            if ended.is_empty() {
                if waiting.is_empty() && flying.is_empty() {
                    return;
                }
                let at = wake.unwrap_or_else(Instant::now);
                tokio::select! {
                    Some(round) = flying.next() => ended = round,
                    () = freed, if !waiting.is_empty() => {}
                    () = sleep_until(at), if wake.is_some() => {}
                }
            }
            for (mut item, verdict) in ended {
                let result = match verdict {
                    Verdict::Again(at) => {
                        item.at = Some(at);
                        waiting.push(item);
                        continue;
                    }
                    Verdict::Done(raw) => Ok(raw.body.unwrap_or_default()),
                    Verdict::Fail(failure) => Err(failure),
                };
                waiting.extend(done(item.index, result).map(|get| Item::of((item.index, get))));
            }
        }
    }
}

impl Inner {
    /// Takes the reads that may go this moment, for one batch.
    ///
    /// Those whose mailbox rests for longer than they have time are `ended`; `wake` becomes the earliest time at
    /// which one that has to wait for its time may go.
    fn pick(
        &self,
        waiting: &mut Vec<Item>,
        ended: &mut Vec<(Item, Verdict)>,
        wake: &mut Option<Instant>,
    ) -> Option<(Vec<Item>, Lease)> {
        let (_guard, lease) = self.throttle.begin();
        let mut lease = lease?;
        let now = Instant::now();
        let (mut taken, mut full) = (0, false);
        let mut late = HashMap::new();
        let picked: Vec<Item> = waiting
            .extract_if(.., |item| {
                if full || (item.alone && taken > 0) {
                    return false;
                }
                let admit = match item.at {
                    Some(at) if at > now => Admit::Rests(at),
                    _ => lease.admit(&item.get.mailbox),
                };
                match admit {
                    Admit::Yes => {
                        taken += 1;
                        full = taken == MOST || item.alone;
                        true
                    }
                    Admit::Busy => false,
                    Admit::Rests(end) if end > item.this.until.unwrap_or(now + self.deadline) => {
                        late.insert(item.index, end - now);
                        true
                    }
                    Admit::Rests(end) => {
                        *wake = Some(wake.map_or(end, |it| it.min(end)));
                        false
                    }
                }
            })
            .collect();
        let mut items = vec![];
        for item in picked {
            match late.get(&item.index) {
                Some(wait) => {
                    let failure = item.this.throttled(*wait);
                    ended.push((item, Verdict::Fail(failure)));
                }
                None => items.push(item),
            }
        }
        (!items.is_empty()).then(|| (items, lease.fly()))
    }

    /// Sends one batch and says what becomes of each read in it.
    async fn round(&self, mut items: Vec<Item>, lease: Lease) -> Vec<(Item, Verdict)> {
        let bearer = match self.token.bearer().await {
            Ok(bearer) => bearer,
            Err(error) => {
                let failed = |item| (item, Verdict::Fail(Failure::Local(Trouble::of(&error).into())));
                return items.into_iter().map(failed).collect();
            }
        };
        let end = Instant::now() + self.deadline;
        for item in &mut items {
            item.this.until.get_or_insert(end);
            self.sent(&item.this);
        }
        let body = envelope::question(items.iter().map(|item| &item.get), self.language.as_deref());
        let call = Call {
            method: Method::Post,
            path: "/$batch",
            beta: false,
            prefer: None,
            if_match: None,
            body: Some(&body),
            bearer: &bearer,
            time: self.time(items.iter().filter_map(|item| item.this.until).max()),
        };
        let heard = self.http.exchange(call, &self.counters).await;
        if let (Heard::Garbled { too_big: true, .. }, true) = (&heard, items.len() > 1) {
            let again = |item| (Item { alone: true, ..item }, Verdict::Again(Instant::now()));
            return items.into_iter().map(again).collect();
        }
        let mut ended = vec![];
        for (mut item, heard) in items.into_iter().zip(Answers::of(heard)) {
            let verdict = self.decide(&mut item.this, heard, &bearer).await;
            ended.push((item, verdict));
        }
        // Not before the verdicts, which may let mailboxes rest.
        drop(lease);
        ended
    }
}

impl Item {
    fn of((index, get): (usize, Get)) -> Item {
        let this = Try::new(&get.mailbox, Method::Get, &get.path, Again::Freely);
        Item { index, get, this, at: None, alone: false }
    }
}
